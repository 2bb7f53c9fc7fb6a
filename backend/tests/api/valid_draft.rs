//! A draft that a policy accepts, made from nothing but the policy.

use shared::draft::{Answer, Draft, TechnicalTeamType};
use shared::field::Field;
use shared::policy::{ExtraFieldType, Policy, Rule};
use shared::team_member::{TeamMember, TeamMemberType};

/// The least that can be submitted. The organisation and the previous request are the caller's.
pub fn of(policy: &Policy) -> Draft {
    let mut draft = policy.new_draft();
    for (field, _) in Field::OWN {
        let text = match field {
            Field::TechnicalTeamValue | Field::Demarche | Field::DataRetentionComment => continue,
            Field::FondementJuridiqueUrl => "https://www.legifrance.gouv.fr/codes/article_lc/X",
            Field::Intitule => "Tarification de la cantine",
            _ => "Les agents du service des familles.",
        };
        if policy.section_of(field).is_some()
            && let Some(target) = draft.text_mut(field)
            && target.is_empty()
        {
            text.clone_into(target);
        }
    }
    if policy.rules.contains(&Rule::TechnicalTeam) {
        draft.technical_team_type = Some(TechnicalTeamType::InternalTeam);
    }
    if policy.rules.contains(&Rule::DataUse) {
        draft.data_retention_period = Some(policy.longest_retention);
    }
    if policy.rules.contains(&Rule::AtLeastOneScope) && draft.scopes.is_empty() {
        draft.scopes.extend(policy.scopes.iter().find(|scope| !scope.deprecated).map(|scope| scope.id.clone()));
    }
    draft.cgu_approved = true;
    draft.dpo_is_informed = true;
    for contact in policy.contacts.iter().filter(|contact| contact.required) {
        draft.team_members.push(person(contact.kind));
    }
    for question in policy.extra_fields.iter().filter(|question| question.required) {
        let answer = match question.kind {
            ExtraFieldType::Boolean => Answer::Bool(true),
            ExtraFieldType::Date => Answer::Text("2026-03-31".to_owned()),
            ExtraFieldType::Choice => Answer::Text(question.options.first().map(|o| o.id.clone()).unwrap_or_default()),
            ExtraFieldType::Number => Answer::Text("200".to_owned()),
            ExtraFieldType::PostalCode => Answer::Text("92140".to_owned()),
            ExtraFieldType::Url => Answer::Text("https://www.exemple.fr".to_owned()),
            ExtraFieldType::Text | ExtraFieldType::LongText => Answer::Text("Directrice générale".to_owned()),
        };
        draft.additional_content.insert(question.id.clone(), answer);
    }
    for constraint in &policy.constraints {
        let ticked = |ids: &[String], draft: &Draft| ids.iter().any(|id| draft.is_ticked(id));
        let holds = constraint.when_any.is_empty() || ticked(&constraint.when_any, &draft);
        if holds && !constraint.any_of.is_empty() && !ticked(&constraint.any_of, &draft) {
            let id = constraint.any_of.first().cloned().unwrap_or_default();
            if policy.scope(&id).is_some() {
                draft.scopes.insert(id);
            } else {
                draft.additional_content.insert(id, Answer::Bool(true));
            }
        }
    }
    draft
}

pub fn person(kind: TeamMemberType) -> TeamMember {
    TeamMember {
        kind,
        given_name: "Camille".to_owned(),
        family_name: "Exemple".to_owned(),
        email: format!("{kind}@exemple.fr"),
        phone_number: "06 12 34 56 78".to_owned(),
        job: "Chargée de mission".to_owned(),
    }
}
