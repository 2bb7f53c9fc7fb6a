//! The body of a PATCH: only the members of a draft that have changed.

use serde_json::{Map, Value};
use shared::draft::Draft;

/// The patch that leads from `base` to `draft`; empty when nothing differs. `null` empties a member; answers are
/// compared one by one.
pub fn patch(base: &Draft, draft: &Draft) -> Map<String, Value> {
    let (base, draft) = (members(base), members(&to_send(draft)));
    let mut patch = Map::new();
    for (member, value) in draft {
        match (base.get(&member), &value) {
            (Some(before), after) if before == after => {}
            (Some(Value::Object(before)), Value::Object(after)) => {
                patch.insert(member, Value::Object(answers(before, after)));
            }
            _ => {
                patch.insert(member, value);
            }
        }
    }
    patch
}

/// The draft as the server keeps it: line ends and addresses in one form. Without it, a capital letter in an address
/// would be sent again and again.
pub fn normalised(draft: &Draft) -> Draft {
    draft.merged(&Map::new()).unwrap_or_else(|_| draft.clone())
}

/// What goes to the server: a person of whom nothing is known yet is only on the screen.
pub fn to_send(draft: &Draft) -> Draft {
    let mut draft = normalised(draft);
    draft.team_members.retain(|member| !member.is_empty());
    draft
}

fn answers(before: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let changed = after.iter().filter(|(id, answer)| before.get(*id) != Some(answer));
    let removed = before.keys().filter(|id| !after.contains_key(*id));
    changed
        .map(|(id, answer)| (id.clone(), answer.clone()))
        .chain(removed.map(|id| (id.clone(), Value::Null)))
        .collect()
}

fn members(draft: &Draft) -> Map<String, Value> {
    match serde_json::to_value(draft) {
        Ok(Value::Object(members)) => members,
        Ok(_) | Err(_) => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::draft::{Answer, TechnicalTeamType};
    use shared::team_member::TeamMemberType;

    use super::*;

    fn sample() -> Draft {
        let mut draft = Draft {
            intitule: "Cantine".to_owned(),
            technical_team_type: Some(TechnicalTeamType::Other),
            scopes: ["a".to_owned(), "b".to_owned()].into(),
            data_retention_period: Some(12),
            ..Draft::default()
        };
        draft.team_member_mut(TeamMemberType::ResponsableTechnique).email = "tech@exemple.fr".to_owned();
        draft.additional_content.insert("niveau".to_owned(), Answer::Text("1".to_owned()));
        draft.additional_content.insert("spi".to_owned(), Answer::Bool(true));
        draft
    }

    #[test]
    fn only_what_changed_is_sent() {
        let base = sample();
        assert!(patch(&base, &base).is_empty());
        let mut draft = base.clone();
        draft.intitule = "Crèche".to_owned();
        draft.technical_team_type = None;
        draft.scopes.remove("a");
        draft.data_retention_period = None;
        draft.additional_content.remove("niveau");
        draft.additional_content.insert("acces".to_owned(), Answer::Bool(false));
        assert_eq!(
            Value::Object(patch(&base, &draft)),
            json!({
                "intitule": "Crèche",
                "technical_team_type": null,
                "scopes": ["b"],
                "data_retention_period": null,
                "additional_content": {"niveau": null, "acces": false},
            })
        );
        assert_eq!(base.merged(&patch(&base, &draft)), Ok(draft), "the server gets the same draft");
    }

    #[test]
    fn a_person_of_whom_nothing_is_known_is_no_change() {
        let base = sample();
        let mut draft = base.clone();
        draft.team_member_at(TeamMemberType::Aidant, 0);
        assert!(patch(&base, &draft).is_empty());
        draft.team_member_at(TeamMemberType::Aidant, 0).job = "Agent".to_owned();
        assert_eq!(base.merged(&patch(&base, &draft)).map(|draft| draft.team_members.len()), Ok(2));
    }

    #[test]
    fn what_the_server_would_normalise_is_no_change() {
        let base = sample();
        let mut draft = base.clone();
        draft.team_member_mut(TeamMemberType::ResponsableTechnique).email = " Tech@Exemple.fr".to_owned();
        assert!(patch(&base, &draft).is_empty());
    }
}
