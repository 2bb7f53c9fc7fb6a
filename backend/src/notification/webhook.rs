//! What webhooks are told, in v1's form, and that form with what is personal masked.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::draft::Draft;
use shared::policy::Policy;
use shared::team_member::{TeamMember, TeamMemberType};
use shared::user::User;
use shared::webhook::GrantingEvent;
use shared::workflow::EventName;

use crate::models::enrollment::EnrollmentRecord;

/// What stands for what is personal.
pub const MASKED: &str = "…";

/// The most characters of an answer that are kept.
const MAX_ANSWER: usize = 1_000;

/// The shortest text that is masked in an answer: a shorter one is found in other words.
const MIN_MASKED: usize = 3;

/// Members whose value is about a person, or was written by one.
const PERSONAL: &[&str] =
    &["comment", "description", "email", "family_name", "given_name", "intitule", "job", "phone_number", "uid"];

/// Something that happened to an enrollment.
#[derive(Clone, Copy)]
pub struct WebhookNotice<'a> {
    pub event: EventName,
    pub at: DateTime<Utc>,
    /// What was written about it.
    pub comment: &'a str,
    /// It granted what was asked for, whatever it is called.
    pub grants: bool,
    /// Who did it; nobody where the clock did.
    pub actor: Option<&'a User>,
    /// The enrollment as it is now.
    pub record: &'a EnrollmentRecord,
    /// What the identity provider calls the applicant.
    pub applicant_sub: &'a str,
    /// The policy that it was written against.
    pub policy: &'a Policy,
}

impl WebhookNotice<'_> {
    /// The name under which a webhook asks for it.
    pub fn subscribed_event(&self) -> EventName {
        if self.grants { EventName::Validate } else { self.event }
    }

    /// What a webhook is told where a grant is called so.
    pub fn event_name(&self, granting_event: GrantingEvent) -> &'static str {
        if self.grants { granting_event.as_str() } else { self.event.as_str() }
    }

    /// The body of the call, for a webhook where a grant is called so. Without the number of the delivery, which is added
    /// when it is sent.
    pub fn body(&self, granting_event: GrantingEvent) -> Value {
        json!({
            "event": self.event_name(granting_event),
            "fired_at": self.at.timestamp(),
            "model_type": format!("enrollment/{}", self.record.target_api),
            "sequence": self.record.version,
            "data": { "pass": self.pass() },
        })
    }

    fn pass(&self) -> Value {
        let (record, content) = (self.record, &self.record.content.0);
        let people: Vec<Value> = content.team_members.iter().map(|member| self.person(member)).collect();
        json!({
            "id": record.id,
            "public_id": record.id.to_string(),
            "target_api": record.target_api,
            "intitule": content.intitule,
            "description": content.description,
            "demarche": content.demarche,
            "status": record.status.0,
            "siret": content.siret,
            "nom_raison_sociale": record.nom_raison_sociale,
            "previous_enrollment_id": record.previous_enrollment_id,
            "copied_from_enrollment_id": record.copied_from_id,
            "scopes": self.scopes(content),
            "service_provider": null,
            "team_members": people,
            "events": [self.occurrence()],
        })
    }

    /// By the names that they have in tokens.
    fn scopes(&self, content: &Draft) -> Value {
        content.scopes.iter().map(|id| (self.policy.token_name(id).to_owned(), Value::Bool(true))).collect()
    }

    fn person(&self, member: &TeamMember) -> Value {
        let mut person = json!(member);
        if let (TeamMemberType::Demandeur, Some(members)) = (member.kind, person.as_object_mut()) {
            members.insert("uid".to_owned(), Value::from(self.applicant_sub));
        }
        person
    }

    /// The event at hand, as one of v1's list.
    fn occurrence(&self) -> Value {
        let user = self.actor.map(|user| {
            json!({
                "id": user.id, "email": user.email, "given_name": user.given_name, "family_name": user.family_name,
                "phone_number": user.phone_number, "job": user.job,
            })
        });
        json!({
            "name": self.event,
            "comment": self.comment,
            "created_at": self.at,
            "user": user,
        })
    }
}

/// A body with what is personal masked.
pub fn masked(mut body: Value) -> Value {
    mask(&mut body);
    body
}

fn mask(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if !text.is_empty() && PERSONAL.contains(&name.as_str()) => {
                        MASKED.clone_into(text);
                    }
                    member => mask(member),
                }
            }
        }
        _ => {}
    }
}

/// The beginning of an answer, in which what the body says of people is masked.
pub fn masked_answer(answer: &str, body: &Value) -> String {
    let mut personal = BTreeSet::new();
    collect(body, &mut personal);
    // The longer ones first: one may contain another.
    let mut personal: Vec<&str> = personal.into_iter().filter(|text| text.chars().count() >= MIN_MASKED).collect();
    personal.sort_by_key(|text| std::cmp::Reverse(text.len()));
    let text = personal.iter().fold(answer.to_owned(), |text, personal| text.replace(personal, MASKED));
    let words = text.split_inclusive(char::is_whitespace);
    let without_addresses: String = words.map(|word| if word.contains('@') { MASKED } else { word }).collect();
    // PostgreSQL keeps no null character.
    without_addresses.replace('\0', "").chars().take(MAX_ANSWER).collect()
}

fn collect<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if PERSONAL.contains(&name.as_str()) => drop(found.insert(text)),
                    member => collect(member, found),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_personal_is_masked_and_the_rest_is_not() {
        let body = json!({
            "event": "approve",
            "data": { "pass": {
                "id": 3, "intitule": "Cantine", "siret": "21920023500014", "scopes": { "email": true },
                "team_members": [{ "type": "demandeur", "email": "a@exemple.fr", "given_name": "Claude", "job": "" }],
            } },
        });
        let shown = masked(body.clone());
        let person = &shown["data"]["pass"]["team_members"][0];
        assert_eq!([&person["email"], &person["given_name"], &person["job"]], [MASKED, MASKED, ""]);
        assert_eq!((&person["type"], &shown["event"]), (&json!("demandeur"), &json!("approve")));
        assert_eq!(shown["data"]["pass"]["scopes"], json!({ "email": true }));

        let answer = "{\"error\": \"Claude is not known\", \"to\": \"b@exemple.fr\", \"siret\": \"21920023500014\"}";
        let told = masked_answer(answer, &body);
        assert_eq!(
            told,
            "{\"error\": \"… is not known\", \"to\": … \"siret\": \"21920023500014\"}".replace("… \"s", "…\"s")
        );
    }
}
