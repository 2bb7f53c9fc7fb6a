//! Merges concurrent edits of one request, and finds what conflicts.

use shared::diff::{Change, Version, diff};
use shared::draft::Draft;
use shared::field::Field;
use shared::team_member::{TeamMember, TeamMemberType};

use super::patch::normalised;

/// The fields that differ between two drafts, files aside.
pub fn changes(before: &Draft, after: &Draft) -> Vec<Change> {
    let version = |draft: &Draft| Version { content: normalised(draft), documents: Vec::new() };
    diff(&version(before), &version(after))
}

/// `theirs`, with what `mine` changed since `ancestor` on top. What both changed is `mine`.
pub fn rebase(ancestor: &Draft, mine: &Draft, theirs: &Draft) -> Draft {
    let mut merged = theirs.clone();
    for change in changes(ancestor, mine) {
        copy_field(mine, &mut merged, &change.field);
    }
    follow_numbers(ancestor, mine, &mut merged);
    // What only differs in form, such as a capital being typed in an address, stays as it is on the screen.
    for change in diff(
        &Version { content: merged.clone(), documents: Vec::new() },
        &Version { content: mine.clone(), documents: Vec::new() },
    ) {
        let mut as_typed = merged.clone();
        copy_field(mine, &mut as_typed, &change.field);
        if normalised(&as_typed) == normalised(&merged) {
            merged = as_typed;
        }
    }
    merged
}

/// A person who was added shows before anything is known of them; one who was taken out leaves no gap at the end.
fn follow_numbers(ancestor: &Draft, mine: &Draft, merged: &mut Draft) {
    for &kind in TeamMemberType::ALL {
        let number = |draft: &Draft| draft.team_members_of(kind).count();
        let (before, wanted) = (number(ancestor), number(mine));
        if wanted > before {
            (number(merged)..wanted).for_each(|place| {
                merged.team_member_at(kind, place);
            });
        }
        if wanted < before {
            for place in (0..number(merged)).rev() {
                let is_gap = merged.team_members_of(kind).nth(place).is_some_and(TeamMember::is_empty);
                if is_gap && number(merged) > wanted {
                    merged.remove_team_member(kind, place);
                }
            }
        }
    }
}

/// The fields that both changed since `ancestor`, and not to the same value: `before` is theirs, `after` is mine.
pub fn clashes(ancestor: &Draft, mine: &Draft, theirs: &Draft) -> Vec<Change> {
    let their_changes = changes(ancestor, theirs);
    changes(ancestor, mine)
        .into_iter()
        .filter_map(|my_change| {
            let their_change = their_changes.iter().find(|change| change.field == my_change.field)?;
            (their_change.after != my_change.after).then(|| Change {
                field: my_change.field,
                before: their_change.after.clone(),
                after: my_change.after,
            })
        })
        .collect()
}

/// Gives `to` the value that `from` has for one field. Files are not part of a draft.
pub fn copy_field(from: &Draft, to: &mut Draft, field: &Field) {
    match field {
        Field::Siret => to.siret.clone_from(&from.siret),
        Field::PreviousEnrollmentId => to.previous_enrollment_id = from.previous_enrollment_id,
        Field::TechnicalTeamType => to.technical_team_type = from.technical_team_type,
        Field::Scopes => to.scopes.clone_from(&from.scopes),
        Field::DataRetentionPeriod => to.data_retention_period = from.data_retention_period,
        Field::CguApproved => to.cgu_approved = from.cgu_approved,
        Field::DpoIsInformed => to.dpo_is_informed = from.dpo_is_informed,
        Field::Additional(id) => match from.additional_content.get(id) {
            Some(answer) => {
                to.additional_content.insert(id.clone(), answer.clone());
            }
            None => {
                to.additional_content.remove(id);
            }
        },
        Field::Document(_) => {}
        Field::TechnicalTeamValue
        | Field::Demarche
        | Field::Intitule
        | Field::Description
        | Field::DateMiseEnProduction
        | Field::VolumetrieApproximative
        | Field::DataRecipients
        | Field::DataRetentionComment
        | Field::FondementJuridiqueTitle
        | Field::FondementJuridiqueUrl
        | Field::TeamMember(..) => {
            let text = from.text(field).unwrap_or_default().to_owned();
            if let Some(target) = to.text_mut(field) {
                *target = text;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::draft::Answer;
    use shared::team_member::Attribute;

    use super::*;

    fn draft(intitule: &str, description: &str) -> Draft {
        Draft { intitule: intitule.to_owned(), description: description.to_owned(), ..Draft::default() }
    }

    #[test]
    fn changes_to_different_fields_are_both_kept() {
        let ancestor = draft("Cantine", "");
        let mine = draft("Cantine", "mon texte");
        let theirs = draft("Crèche", "");
        assert!(clashes(&ancestor, &mine, &theirs).is_empty());
        assert_eq!(rebase(&ancestor, &mine, &theirs), draft("Crèche", "mon texte"));
    }

    #[test]
    fn changes_to_the_same_field_clash_and_mine_wins_a_rebase() {
        let ancestor = draft("Cantine", "");
        let (mine, theirs) = (draft("Ma cantine", "x"), draft("Leur cantine", "x"));
        let clash = clashes(&ancestor, &mine, &theirs);
        assert_eq!(
            serde_json::to_value(clash).unwrap(),
            json!([{"field": "intitule", "before": "Leur cantine", "after": "Ma cantine"}])
        );
        assert_eq!(rebase(&ancestor, &mine, &theirs).intitule, "Ma cantine");
    }

    #[test]
    fn each_detail_of_a_person_and_each_answer_is_its_own_field() {
        let technician = TeamMemberType::ResponsableTechnique;
        let ancestor = Draft::default();
        let (mut mine, mut theirs) = (Draft::default(), Draft::default());
        mine.team_member_mut(technician).email = "tech@exemple.fr".to_owned();
        mine.additional_content.insert("a".to_owned(), Answer::Bool(true));
        theirs.team_member_mut(technician).job = "Ingénieure".to_owned();
        theirs.team_member_mut(TeamMemberType::Demandeur).email = "moi@exemple.fr".to_owned();
        theirs.additional_content.insert("b".to_owned(), Answer::Text("oui".to_owned()));
        let merged = rebase(&ancestor, &mine, &theirs);
        assert_eq!(merged.text(&Field::TeamMember(technician, 0, Attribute::Email)), Some("tech@exemple.fr"));
        assert_eq!(merged.text(&Field::TeamMember(technician, 0, Attribute::Job)), Some("Ingénieure"));
        assert_eq!(merged.team_members.len(), 2);
        assert_eq!(merged.additional_content.len(), 2);
    }

    #[test]
    fn people_are_added_and_taken_out_while_a_save_is_under_way() {
        let aidant = TeamMemberType::Aidant;
        let people = |names: &[&str]| {
            let mut draft = Draft::default();
            for (place, name) in names.iter().enumerate() {
                (*name).clone_into(&mut draft.team_member_at(aidant, place).family_name);
            }
            draft
        };
        let sent = people(&["A", "B", "C"]);
        let as_sent = people(&["A", "C"]);
        assert_eq!(rebase(&as_sent, &people(&["A", "", "C", ""]), &as_sent), people(&["A", "", "C", ""]));
        for mine in [&["A", "C"] as &[_], &["A", "B", "C", ""], &["C"], &[], &["A", "B", "", "C"]] {
            assert_eq!(rebase(&sent, &people(mine), &sent), people(mine), "{mine:?}");
        }
        let theirs = people(&["A", "B", "C", "D"]);
        assert_eq!(rebase(&sent, &people(&["A", "B"]), &theirs), people(&["A", "B", "D"]), "nobody of theirs is lost");
    }

    #[test]
    fn what_one_is_typing_is_not_rewritten_by_the_answer_to_a_save() {
        let technician = TeamMemberType::ResponsableTechnique;
        let mut mine = Draft::default();
        mine.team_member_mut(technician).email = "Tech@Exemple.fr".to_owned();
        let sent = normalised(&mine);
        let merged = rebase(&sent, &mine, &sent);
        assert_eq!(merged.text(&Field::TeamMember(technician, 0, Attribute::Email)), Some("Tech@Exemple.fr"));
    }

    #[test]
    fn what_one_emptied_stays_empty() {
        let ancestor = Draft { data_retention_period: Some(12), cgu_approved: true, ..draft("Cantine", "texte") };
        let mine = draft("", "texte");
        assert_eq!(rebase(&ancestor, &mine, &ancestor), mine);
    }
}
