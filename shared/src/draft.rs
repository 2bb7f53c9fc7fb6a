//! What the applicant writes ([`Draft`]), and how a change of it is read. As it is read by others it is an
//! [`Enrollment`](crate::enrollment::Enrollment).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::field::Field;
use crate::organization::Siret;
use crate::problem;
use crate::team_member::{TeamMember, TeamMemberType};
use crate::wire_enum;

/// What the applicant writes. Every member has an empty value, so a draft can be as incomplete as one likes; the names
/// are v1's columns.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Draft {
    /// The organisation that asks.
    pub siret: Option<Siret>,
    /// The validated request that this one follows, for policies with a previous stage.
    pub previous_enrollment_id: Option<i64>,
    /// Who builds the service.
    pub technical_team_type: Option<TechnicalTeamType>,
    /// The editor's SIRET, its name, or who the other team is.
    pub technical_team_value: String,
    /// The pre-filled use case that was chosen; empty for none.
    pub demarche: String,
    /// Title.
    pub intitule: String,
    /// What the service is for.
    pub description: String,
    /// When it should open, in the applicant's words.
    pub date_mise_en_production: String,
    /// How much it will be used, in the applicant's words.
    pub volumetrie_approximative: String,
    /// The data that is asked for.
    pub scopes: BTreeSet<String>,
    /// Who will see the data.
    pub data_recipients: String,
    /// For how many months the data is kept.
    pub data_retention_period: Option<u32>,
    /// Why longer than 36 months.
    pub data_retention_comment: String,
    /// The text that gives the right to the data.
    pub fondement_juridique_title: String,
    /// Where that text can be read.
    pub fondement_juridique_url: String,
    /// The people.
    pub team_members: Vec<TeamMember>,
    /// Answers to the questions that only some policies ask, by id.
    #[schema(value_type = std::collections::HashMap<String, Answer>)]
    pub additional_content: BTreeMap<String, Answer>,
    /// The applicant accepts the terms of use.
    pub cgu_approved: bool,
    /// The applicant has told their data protection officer.
    pub dpo_is_informed: bool,
}

/// The answer to a question that only some policies ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Answer {
    /// A box.
    Bool(bool),
    /// A text, a date (`2026-03-31`) or the id of a choice.
    Text(String),
}

wire_enum! {
    /// Who builds the service.
    pub enum TechnicalTeamType {
        /// The organisation itself.
        InternalTeam = "internal_team",
        /// A software editor.
        SoftwareCompany = "software_company",
        /// Somebody else.
        Other = "other",
    }
}

impl TechnicalTeamType {
    /// The label a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::InternalTeam => "Notre propre équipe technique",
            Self::SoftwareCompany => "Un éditeur de logiciels",
            Self::Other => "Un autre prestataire",
        }
    }
}

/// Why a change of a draft cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MergeError {
    /// No member of a draft has that name.
    UnknownMember(String),
    /// The value is not of the member's type; `reason` is the parser's.
    WrongType {
        /// The member.
        member: String,
        /// What the parser expected.
        reason: String,
    },
}

impl Draft {
    /// This draft with the members that `patch` names replaced, and no other (RFC 7396 at the first level: `null`
    /// empties a member; `additional_content` is merged by key, lists are replaced whole).
    ///
    /// v1 emptied the scopes of a request when an update did not repeat them.
    ///
    /// # Errors
    /// The first member that does not exist or whose value has the wrong type.
    pub fn merged(&self, patch: &Map<String, Value>) -> Result<Self, MergeError> {
        let wrong_type = |member: &str, error: serde_json::Error| MergeError::WrongType {
            member: member.to_owned(),
            reason: error.to_string(),
        };
        let mut merged = match serde_json::to_value(self) {
            Ok(Value::Object(members)) => members,
            Ok(_) | Err(_) => Map::new(),
        };
        for (member, value) in patch {
            if !merged.contains_key(member) {
                return Err(MergeError::UnknownMember(member.clone()));
            }
            if value.is_null() {
                merged.remove(member);
                continue;
            }
            // Read alone first, so that the error names its member.
            let alone = Map::from_iter([(member.clone(), value.clone())]);
            serde_json::from_value::<Self>(Value::Object(alone))
                .map_err(|error| match (member.as_str(), value) {
                    // `null` removes one answer.
                    ("additional_content", Value::Object(answers)) if answers.values().any(Value::is_null) => None,
                    _ => Some(wrong_type(member, error)),
                })
                .err()
                .flatten()
                .map_or(Ok(()), Err)?;
            match (merged.get_mut(member), value) {
                (Some(Value::Object(answers)), Value::Object(changes)) => {
                    for (id, answer) in changes {
                        if answer.is_null() {
                            answers.remove(id);
                        } else {
                            answers.insert(id.clone(), answer.clone());
                        }
                    }
                }
                _ => {
                    merged.insert(member.clone(), value.clone());
                }
            }
        }
        let draft: Self =
            serde_json::from_value(Value::Object(merged)).map_err(|error| wrong_type("additional_content", error))?;
        Ok(draft.normalised())
    }

    /// Line ends as LF (browsers send CRLF, which would look like a change) and e-mail addresses trimmed and lower case.
    fn normalised(mut self) -> Self {
        for field in Field::OWN {
            if let Some(text) = self.text_mut(&field.0)
                && text.contains('\r')
            {
                *text = text.replace("\r\n", "\n").replace('\r', "\n");
            }
        }
        for member in &mut self.team_members {
            member.email = member.email.trim().to_lowercase();
        }
        self
    }

    /// The people of that kind, in order: `Field::TeamMember` counts in it.
    pub fn team_members_of(&self, kind: TeamMemberType) -> impl Iterator<Item = &TeamMember> {
        self.team_members.iter().filter(move |member| member.kind == kind)
    }

    /// Everybody, with their place among the people of their kind.
    pub fn placed_team_members(&self) -> impl Iterator<Item = (usize, &TeamMember)> {
        let mut counts = BTreeMap::new();
        self.team_members.iter().map(move |member| {
            let count: &mut usize = counts.entry(member.kind).or_default();
            *count += 1;
            (*count - 1, member)
        })
    }

    /// The first person of that kind, if there is one.
    pub fn team_member(&self, kind: TeamMemberType) -> Option<&TeamMember> {
        self.team_members_of(kind).next()
    }

    /// The first person of that kind, made when there is none.
    pub fn team_member_mut(&mut self, kind: TeamMemberType) -> &mut TeamMember {
        self.team_member_at(kind, 0)
    }

    /// The person at that place among those of their kind; made, after the last one, when there is none.
    pub fn team_member_at(&mut self, kind: TeamMemberType, place: usize) -> &mut TeamMember {
        let mut of_kind = self.team_members.iter().enumerate().filter(|(_, member)| member.kind == kind);
        let index = of_kind.nth(place).map(|(index, _)| index).unwrap_or_else(|| {
            self.team_members.push(TeamMember::new(kind));
            self.team_members.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "the index was found or pushed on the line before")]
        &mut self.team_members[index]
    }

    /// Takes out the person at that place among those of their kind; those after them move up.
    pub fn remove_team_member(&mut self, kind: TeamMemberType, place: usize) {
        let mut of_kind = self.team_members.iter().enumerate().filter(|(_, member)| member.kind == kind);
        if let Some((index, _)) = of_kind.nth(place) {
            self.team_members.remove(index);
        }
    }

    /// The value of a field that holds a text; `None` for the other fields. An unanswered text is empty.
    pub fn text(&self, field: &Field) -> Option<&str> {
        Some(match field {
            Field::TechnicalTeamValue => &self.technical_team_value,
            Field::Demarche => &self.demarche,
            Field::Intitule => &self.intitule,
            Field::Description => &self.description,
            Field::DateMiseEnProduction => &self.date_mise_en_production,
            Field::VolumetrieApproximative => &self.volumetrie_approximative,
            Field::DataRecipients => &self.data_recipients,
            Field::DataRetentionComment => &self.data_retention_comment,
            Field::FondementJuridiqueTitle => &self.fondement_juridique_title,
            Field::FondementJuridiqueUrl => &self.fondement_juridique_url,
            Field::TeamMember(kind, place, attribute) => {
                self.team_members_of(*kind).nth(*place).map_or("", |member| member.get(*attribute))
            }
            Field::Additional(id) => match self.additional_content.get(id) {
                Some(Answer::Text(text)) => text,
                Some(Answer::Bool(_)) => return None,
                None => "",
            },
            Field::Siret
            | Field::PreviousEnrollmentId
            | Field::TechnicalTeamType
            | Field::Scopes
            | Field::DataRetentionPeriod
            | Field::CguApproved
            | Field::DpoIsInformed
            | Field::Document(_) => return None,
        })
    }

    /// The text of a field, to write; `None` for the fields that hold none. A person or an answer that is not there
    /// yet is made.
    pub fn text_mut(&mut self, field: &Field) -> Option<&mut String> {
        Some(match field {
            Field::TechnicalTeamValue => &mut self.technical_team_value,
            Field::Demarche => &mut self.demarche,
            Field::Intitule => &mut self.intitule,
            Field::Description => &mut self.description,
            Field::DateMiseEnProduction => &mut self.date_mise_en_production,
            Field::VolumetrieApproximative => &mut self.volumetrie_approximative,
            Field::DataRecipients => &mut self.data_recipients,
            Field::DataRetentionComment => &mut self.data_retention_comment,
            Field::FondementJuridiqueTitle => &mut self.fondement_juridique_title,
            Field::FondementJuridiqueUrl => &mut self.fondement_juridique_url,
            Field::TeamMember(kind, place, attribute) => self.team_member_at(*kind, *place).get_mut(*attribute),
            Field::Additional(id) => {
                match self.additional_content.entry(id.clone()).or_insert_with(|| Answer::Text(String::new())) {
                    Answer::Text(text) => text,
                    Answer::Bool(_) => return None,
                }
            }
            Field::Siret
            | Field::PreviousEnrollmentId
            | Field::TechnicalTeamType
            | Field::Scopes
            | Field::DataRetentionPeriod
            | Field::CguApproved
            | Field::DpoIsInformed
            | Field::Document(_) => return None,
        })
    }

    /// Whether a box is ticked: a scope, or a question answered by yes. The two share one space of ids in a policy.
    pub fn is_ticked(&self, id: &str) -> bool {
        self.scopes.contains(id) || self.additional_content.get(id) == Some(&Answer::Bool(true))
    }
}

impl Field {
    /// Where its value stands in a request with that content, as a JSON pointer: `/team_members/0/email`. Somebody who
    /// is not there yet stands at `-`, the element after the last (RFC 6901 § 4).
    pub fn pointer(&self, draft: &Draft) -> String {
        match self {
            Self::TeamMember(kind, place, attribute) => {
                let mut of_kind = draft.team_members.iter().enumerate().filter(|(_, member)| member.kind == *kind);
                let index = of_kind.nth(*place).map_or_else(|| "-".to_owned(), |(index, _)| index.to_string());
                problem::pointer(["team_members", &index, attribute.as_str()])
            }
            Self::Document(kind) => problem::pointer(["documents", kind.as_str()]),
            Self::Additional(id) => problem::pointer(["additional_content", id]),
            own => problem::pointer([own.to_string()]),
        }
    }

    /// The field whose value stands there; `None` where no field's does.
    pub fn from_pointer(pointer: &str, draft: &Draft) -> Option<Self> {
        let tokens = problem::tokens(pointer);
        match tokens.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["team_members", index, attribute] => {
                let (place, member) = draft.placed_team_members().nth(index.parse().ok()?)?;
                Some(Self::TeamMember(member.kind, place, attribute.parse().ok()?))
            }
            ["documents", kind] => kind.parse().ok().map(Self::Document),
            ["additional_content", id] => Some(Self::Additional((*id).to_owned())),
            [name] => Self::OWN.iter().find(|(_, own)| own == name).map(|(field, _)| field.clone()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::DocumentType;
    use crate::team_member::Attribute;

    fn patch(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn a_patch_changes_only_the_members_it_names() {
        let draft = Draft {
            scopes: BTreeSet::from(["cnaf_adresse".to_owned()]),
            additional_content: BTreeMap::from([("eidas_level".to_owned(), Answer::Text("1".to_owned()))]),
            ..Draft::default()
        };
        let merged = draft.merged(&patch(json!({"intitule": "Cantine"}))).unwrap();
        assert_eq!(merged, Draft { intitule: "Cantine".to_owned(), ..draft.clone() });

        let merged = draft.merged(&patch(json!({"additional_content": {"acces_spi": true}}))).unwrap();
        assert_eq!(merged.additional_content.len(), 2, "answers are merged by key");

        let merged = draft.merged(&patch(json!({"additional_content": {"eidas_level": null}}))).unwrap();
        assert_eq!(merged.additional_content.len(), 0, "null removes one answer");

        let merged = draft.merged(&patch(json!({"scopes": null}))).unwrap();
        assert!(merged.scopes.is_empty(), "null empties a member");
    }

    #[test]
    fn a_patch_that_cannot_be_read_names_its_member() {
        let draft = Draft::default();
        assert_eq!(
            draft.merged(&patch(json!({"intitule": "x", "status": "validated"}))),
            Err(MergeError::UnknownMember("status".to_owned()))
        );
        for (member, value) in [
            ("scopes", json!({"cnaf_adresse": true})),
            ("data_retention_period", json!(-1)),
            ("data_retention_period", json!("abc")),
            ("cgu_approved", json!("yes")),
            ("siret", json!("12345678901234")),
            ("team_members", json!([{"type": "demandeur", "age": 12}])),
            ("additional_content", json!({"a": [1]})),
            ("additional_content", json!({"a": [1], "b": null})),
        ] {
            match draft.merged(&Map::from_iter([(member.to_owned(), value)])) {
                Err(MergeError::WrongType { member: named, .. }) => assert_eq!(named, member),
                other => panic!("{member}: {other:?}"),
            }
        }
    }

    #[test]
    fn line_ends_and_addresses_are_normalised() {
        let merged = Draft::default()
            .merged(&patch(json!({
                "description": "a\r\nb",
                "team_members": [{"type": "responsable_technique", "email": " Tech@Exemple.FR "}],
            })))
            .unwrap();
        assert_eq!(merged.description, "a\nb");
        assert_eq!(merged.team_members.first().unwrap().email, "tech@exemple.fr");
    }

    #[test]
    fn a_field_is_found_again_by_its_pointer() {
        let mut draft = Draft::default();
        for kind in [TeamMemberType::Demandeur, TeamMemberType::Aidant, TeamMemberType::Aidant] {
            draft.team_members.push(TeamMember::new(kind));
        }
        let second = Field::TeamMember(TeamMemberType::Aidant, 1, Attribute::Email);
        assert_eq!(second.pointer(&draft), "/team_members/2/email");
        let odd = Field::Additional("a/b~c".to_owned());
        assert_eq!(odd.pointer(&draft), "/additional_content/a~1b~0c");
        let document = Field::Document(DocumentType::LegalBasis);
        assert_eq!(document.pointer(&draft), "/documents/LegalBasis");
        for field in Field::OWN.iter().map(|(field, _)| field).chain([&second, &odd, &document]) {
            assert_eq!(Field::from_pointer(&field.pointer(&draft), &draft).as_ref(), Some(field));
        }
        let absent = Field::TeamMember(TeamMemberType::Comptable, 0, Attribute::Email);
        assert_eq!(absent.pointer(&draft), "/team_members/-/email");
        for wrong in ["", "/", "/status", "/team_members", "/team_members/-/email", "/team_members/3/email", "intitule"]
        {
            assert_eq!(Field::from_pointer(wrong, &draft), None, "{wrong}");
        }
    }
}
