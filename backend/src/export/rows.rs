//! What a file says of a request, column by column: what v1’s export said, and how it was decided. What is asked of the
//! database is asked once for all rows of a page.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use shared::api::EnrollmentRow;
use shared::calendar::paris;
use shared::policy::Policy;
use shared::team_member::TeamMember;
use shared::user::User;
use shared::workflow::EventName;

use crate::connection::AnyConnection;
use crate::connection::types::utc;
use crate::error::Result;
use crate::ids::EnrollmentId;
use crate::models::enrollment::details::{self, Details};
use crate::models::{decision, event};
use crate::transition::{Context, queue};

/// The columns, in order; their widths in a sheet, in characters. Times are those of Paris.
pub const COLUMNS: [(&str, f64); 38] = [
    ("Numéro", 10.0),
    ("API", 32.0),
    ("Identifiant de l’API", 24.0),
    ("Statut", 14.0),
    ("Mise à jour", 11.0),
    ("Projet", 48.0),
    ("Description", 60.0),
    ("Organisation", 40.0),
    ("SIRET", 16.0),
    ("Code postal", 12.0),
    ("Commune", 24.0),
    ("Demandeur", 32.0),
    ("Contacts", 60.0),
    ("Équipe technique", 24.0),
    ("Éditeur ou prestataire", 24.0),
    ("Démarche", 32.0),
    ("Date de mise en production", 18.0),
    ("Volumétrie approximative", 18.0),
    ("Données demandées", 40.0),
    ("Destinataires des données", 40.0),
    ("Durée de conservation (mois)", 14.0),
    ("Justification de la durée", 32.0),
    ("Fondement juridique", 40.0),
    ("Lien vers le fondement juridique", 40.0),
    ("Conditions d’utilisation acceptées", 14.0),
    ("Délégué à la protection des données informé", 14.0),
    ("Réponses propres à l’API", 40.0),
    ("Demande précédente", 12.0),
    ("Renouvelle la demande", 12.0),
    ("Lien", 40.0),
    ("Créée le", 18.0),
    ("Soumise le", 18.0),
    ("Modifiée le", 18.0),
    ("Dernière décision", 24.0),
    ("Décision du", 18.0),
    ("Décidée par", 28.0),
    ("Suivie par", 28.0),
    ("Attente (jours)", 12.0),
];

/// The answers of the administration.
const DECISIONS: [EventName; 5] = [
    EventName::RequestChanges,
    EventName::OfferPartialGrant,
    EventName::Validate,
    EventName::Refuse,
    EventName::Revoke,
];

const fn decision_label(event: EventName) -> &'static str {
    match event {
        EventName::RequestChanges => "Modifications demandées",
        EventName::OfferPartialGrant => "Accord partiel proposé",
        EventName::Validate => "Validée",
        EventName::Refuse => "Refusée",
        EventName::Revoke => "Révoquée",
        _ => "",
    }
}

/// One cell.
pub enum Cell {
    Number(i64),
    Text(String),
    /// In Paris.
    Time(NaiveDateTime),
    Nothing,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn number(number: Option<i64>) -> Self {
        number.map_or(Self::Nothing, Self::Number)
    }

    fn time(time: Option<DateTime<Utc>>) -> Self {
        time.map_or(Self::Nothing, |time| Self::Time(paris(time)))
    }

    fn yes(is_so: bool) -> Self {
        Self::text(if is_so { "oui" } else { "" })
    }
}

/// A request, with all that its row says.
pub struct Row {
    row: EnrollmentRow,
    details: Details,
    /// Official name of its API.
    label: String,
    /// Name of its démarche.
    demarche: String,
    /// Its last decision: what, by whom, when.
    decision: Option<(EventName, String, NaiveDateTime)>,
    /// How many days the administration has taken, or took for its last answer.
    waited: Option<i64>,
    link: String,
}

/// The rows of a page, as that user may read them.
///
/// # Errors
/// The database's.
pub fn rows(
    connection: &mut AnyConnection,
    context: &Context,
    user: &User,
    mut items: Vec<EnrollmentRow>,
) -> Result<Vec<Row>> {
    queue::name_assignees(connection, user, &mut items)?;
    let ids: Vec<EnrollmentId> = items.iter().map(|row| EnrollmentId(row.id)).collect();
    let mut details = details::of(connection, &ids)?;
    let mut decisions = event::last_of_each(connection, &ids, &DECISIONS)?;
    let answered = decision::last_waited(connection, &ids)?;
    let policies = context.policies.current();
    let rows = items.into_iter().filter_map(|row| {
        let id = EnrollmentId(row.id);
        let details = details.remove(&id)?;
        let policy = policies.get(&row.target_api);
        Some(Row {
            label: policy.map_or_else(|| row.target_api.clone(), |policy| policy.label.clone()),
            demarche: demarche(policy.map(AsRef::as_ref), &details.content.0.demarche),
            decision: decisions.remove(&id),
            waited: waited(&row, &details, &answered, context.now),
            link: format!("{}/demandes/{}", context.public_url, row.id),
            row,
            details,
        })
    });
    Ok(rows.collect())
}

fn demarche(policy: Option<&Policy>, id: &str) -> String {
    policy.and_then(|policy| policy.demarche(id)).map_or_else(|| id.to_owned(), |demarche| demarche.label.clone())
}

/// While it waits: until now. Where it was answered: until then. Else what its earlier turns took, if there were any.
fn waited(
    row: &EnrollmentRow,
    details: &Details,
    answered: &BTreeMap<EnrollmentId, i64>,
    now: DateTime<Utc>,
) -> Option<i64> {
    const DAY: i64 = 24 * 60 * 60;

    let seconds = match row.waiting_from {
        Some(since) => Some((now - since).num_seconds()),
        None if details.waited > 0 => Some(details.waited),
        None => answered.get(&EnrollmentId(row.id)).copied(),
    };
    seconds.map(|seconds| seconds.max(0) / DAY)
}

fn contact(member: &TeamMember) -> String {
    let name = format!("{} {}", member.given_name, member.family_name);
    let known = [name.trim(), &member.job, &member.email, &member.phone_number];
    let known: Vec<&str> = known.into_iter().filter(|text| !text.is_empty()).collect();
    format!("{}\u{a0}: {}", member.kind.label(), known.join(", "))
}

/// The cells of a request, in the order of [`COLUMNS`].
pub fn cells(of: &Row) -> [Cell; COLUMNS.len()] {
    let Row { row, details, label, demarche, decision, waited, link } = of;
    let content = &details.content.0;
    let list = |texts: Vec<String>, between: &str| Cell::Text(texts.join(between));
    let answers = if content.additional_content.is_empty() {
        String::new()
    } else {
        serde_json::to_string(&content.additional_content).unwrap_or_default()
    };
    let decided = decision.as_ref();
    [
        Cell::Number(row.id),
        Cell::text(label),
        Cell::text(&row.target_api),
        Cell::text(row.status.label()),
        Cell::yes(row.reopening),
        Cell::text(&row.intitule),
        Cell::text(&content.description),
        Cell::text(&row.nom_raison_sociale),
        Cell::text(row.siret.as_deref().unwrap_or_default()),
        Cell::text(&details.zip_code),
        Cell::text(&details.city),
        Cell::text(&row.demandeur_email),
        list(content.team_members.iter().map(contact).collect(), " ; "),
        Cell::text(content.technical_team_type.map_or("", |kind| kind.label())),
        Cell::text(&content.technical_team_value),
        Cell::text(demarche),
        Cell::text(&content.date_mise_en_production),
        Cell::text(&content.volumetrie_approximative),
        list(content.scopes.iter().cloned().collect(), ", "),
        Cell::text(&content.data_recipients),
        Cell::number(content.data_retention_period.map(i64::from)),
        Cell::text(&content.data_retention_comment),
        Cell::text(&content.fondement_juridique_title),
        Cell::text(&content.fondement_juridique_url),
        Cell::yes(content.cgu_approved),
        Cell::yes(content.dpo_is_informed),
        Cell::Text(answers),
        Cell::number(details.previous_enrollment_id),
        Cell::number(details.copied_from_id),
        Cell::text(link),
        Cell::time(Some(row.created_at)),
        Cell::time(row.submitted_at),
        Cell::time(Some(row.updated_at)),
        Cell::text(decided.map_or("", |(event, ..)| decision_label(*event))),
        Cell::time(decided.map(|(.., at)| utc(*at))),
        Cell::text(decided.map_or("", |(_, author, _)| author)),
        Cell::text(row.assigned_to.as_ref().map_or("", |assignee| &assignee.name)),
        Cell::number(*waited),
    ]
}

#[cfg(test)]
impl Row {
    /// A request with that title, without anything else.
    pub fn sample(id: i64, intitule: &str) -> Self {
        use shared::draft::Draft;

        use crate::connection::types::Json;

        let row = serde_json::json!({
            "id": id, "target_api": "api", "status": "submitted", "reopening": false, "siret": "21920023500014",
            "nom_raison_sociale": "Commune d’Exemple", "intitule": intitule, "demandeur_id": 1,
            "demandeur_email": "a@exemple.fr", "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-07-02T03:04:05Z",
            "submitted_at": null, "unread": 0, "resubmitted": false,
        });
        Self {
            row: serde_json::from_value(row).unwrap(),
            details: Details {
                id: EnrollmentId(id),
                content: Json(Draft::default()),
                zip_code: String::new(),
                city: String::new(),
                previous_enrollment_id: None,
                copied_from_id: None,
                waited: 0,
            },
            label: "API Exemple".to_owned(),
            demarche: String::new(),
            decision: None,
            waited: None,
            link: String::new(),
        }
    }
}
