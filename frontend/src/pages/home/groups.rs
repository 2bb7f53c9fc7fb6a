//! What waits for the user, and the other requests by organisation and by where they stand. No view here.

use shared::api::EnrollmentRow;
use shared::workflow::Status;

/// Where a request stands, what is nearest to being done first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Being written.
    Draft,
    /// The instructors have it.
    UnderReview,
    /// In force.
    Validated,
    /// Nothing more will happen.
    Closed,
    /// Filed by somebody else, who has named the user.
    NamedIn,
}

impl Stage {
    const ALL: [Self; 5] = [Self::Draft, Self::UnderReview, Self::Validated, Self::Closed, Self::NamedIn];

    /// The title of the group.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => "Brouillons",
            Self::UnderReview => "En cours d’instruction",
            Self::Validated => "Habilitations validées",
            Self::Closed => "Demandes closes",
            Self::NamedIn => "Demandes dans lesquelles vous êtes désigné",
        }
    }

    fn of(row: &EnrollmentRow, me: i64) -> Self {
        if row.demandeur_id != me {
            return Self::NamedIn;
        }
        match row.status {
            Status::Draft | Status::ChangesRequested => Self::Draft,
            Status::Submitted => Self::UnderReview,
            Status::Validated => Self::Validated,
            Status::Refused | Status::Revoked | Status::Archived | Status::Deleted => Self::Closed,
        }
    }
}

/// What waits for the user in a request, most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Pending {
    /// A partial grant to accept or to decline.
    Offer,
    /// Changes that the instructors have asked for.
    Changes,
    /// A renewal that was begun and not handed over.
    Renewal,
    /// Messages that nobody has read.
    Messages,
}

impl Pending {
    fn of(row: &EnrollmentRow, me: i64) -> Option<Self> {
        match row.status {
            Status::ChangesRequested if row.demandeur_id == me && row.offered => Some(Self::Offer),
            Status::ChangesRequested if row.demandeur_id == me => Some(Self::Changes),
            Status::Draft if row.demandeur_id == me && row.renews.is_some() => Some(Self::Renewal),
            _ => (row.unread > 0).then_some(Self::Messages),
        }
    }
}

/// The requests that wait for the user, whatever the organisation, the most urgent first; and the others.
pub fn pending(rows: &[EnrollmentRow], me: i64) -> (Vec<EnrollmentRow>, Vec<EnrollmentRow>) {
    let (mut waiting, others): (Vec<_>, Vec<_>) = rows.iter().cloned().partition(|row| Pending::of(row, me).is_some());
    waiting.sort_by_key(|row| Pending::of(row, me));
    (waiting, others)
}

/// The requests of one organisation that stand alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Where they stand.
    pub stage: Stage,
    /// The requests, last changed first.
    pub rows: Vec<EnrollmentRow>,
}

/// The requests by organisation, the one with a draft first, and by where they stand.
pub fn grouped(rows: &[EnrollmentRow], me: i64) -> Vec<(String, Vec<Group>)> {
    let mut organizations: Vec<(Option<&str>, Stage)> = Vec::new();
    for row in rows {
        let (siret, stage) = (row.siret.as_deref(), Stage::of(row, me));
        match organizations.iter_mut().find(|(other, _)| *other == siret) {
            Some((_, most_urgent)) => *most_urgent = stage.min(*most_urgent),
            None => organizations.push((siret, stage)),
        }
    }
    let mut sorted = Vec::new();
    for stage in Stage::ALL {
        for (siret, _) in organizations.iter().filter(|(_, most_urgent)| *most_urgent == stage) {
            sorted.push(organization(rows, *siret, me));
        }
    }
    sorted
}

/// One organisation: its name and its groups.
fn organization(rows: &[EnrollmentRow], siret: Option<&str>, me: i64) -> (String, Vec<Group>) {
    let own: Vec<&EnrollmentRow> = rows.iter().filter(|row| row.siret.as_deref() == siret).collect();
    let groups = Stage::ALL
        .iter()
        .map(|stage| Group {
            stage: *stage,
            rows: own.iter().filter(|row| Stage::of(row, me) == *stage).map(|row| (*row).clone()).collect(),
        })
        .filter(|group| !group.rows.is_empty())
        .collect();
    (own.first().map(|row| name(row)).unwrap_or_default(), groups)
}

/// The name of the organisation of a request.
pub fn name(row: &EnrollmentRow) -> String {
    match (&row.siret, row.nom_raison_sociale.trim()) {
        (None, _) => "Organisation à choisir".to_owned(),
        (Some(siret), "") => format!("SIRET {siret}"),
        (Some(_), name) => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(id: i64, status: &str, siret: &str, applicant: i64) -> EnrollmentRow {
        serde_json::from_value(json!({
            "id": id, "target_api": "a", "status": status, "reopening": false, "siret": siret, "nom_raison_sociale": format!("Org {siret}"),
            "intitule": "", "demandeur_id": applicant, "demandeur_email": "filed@exemple.fr", "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z", "submitted_at": null, "resubmitted": false, "unread": 0, "waiting_from": null, "assigned_to": null,
        }))
        .unwrap()
    }

    #[test]
    fn what_waits_for_one_comes_first_whatever_the_organisation() {
        let me = 7;
        let mut rows = [
            row(1, "validated", "1", me),
            row(2, "changes_requested", "1", me),
            row(3, "changes_requested", "2", me),
            row(4, "changes_requested", "1", 8),
            row(5, "submitted", "1", 8),
            row(6, "draft", "3", me),
            row(7, "draft", "3", me),
        ];
        rows[0].unread = 2;
        rows[2].offered = true;
        rows[6].renews = Some(1);
        let (waiting, others) = pending(&rows, me);
        assert_eq!(waiting.iter().map(|row| row.id).collect::<Vec<_>>(), [3, 2, 7, 1]);
        assert_eq!(others.iter().map(|row| row.id).collect::<Vec<_>>(), [4, 5, 6]);
    }

    #[test]
    fn the_others_are_by_organisation_and_by_where_they_stand() {
        let me = 7;
        let rows = [
            row(1, "validated", "1", me),
            row(2, "refused", "1", me),
            row(4, "submitted", "1", 8),
            row(5, "validated", "3", me),
            row(3, "draft", "2", me),
            row(6, "draft", "2", me),
        ];
        let seen: Vec<_> = grouped(&rows, me)
            .into_iter()
            .map(|(name, groups)| {
                let groups: Vec<_> = groups
                    .into_iter()
                    .map(|group| (group.stage, group.rows.iter().map(|row| row.id).collect::<Vec<_>>()))
                    .collect();
                (name, groups)
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("Org 2".to_owned(), vec![(Stage::Draft, vec![3, 6])]),
                (
                    "Org 1".to_owned(),
                    vec![(Stage::Validated, vec![1]), (Stage::Closed, vec![2]), (Stage::NamedIn, vec![4])]
                ),
                ("Org 3".to_owned(), vec![(Stage::Validated, vec![5])]),
            ]
        );
    }
}
