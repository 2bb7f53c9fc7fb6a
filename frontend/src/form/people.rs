//! The people of a draft: adding, removing, and reusing those whom the organisation has named before.

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::field::Field;
use shared::organization::Siret;
use shared::team_member::{Attribute, TeamMember, TeamMemberType};

use super::EnrollmentForm;
use crate::api::{self, ApiError};

/// The people whom an organisation has named in other requests, asked for once.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum KnownPeople {
    /// The request has no organisation yet.
    #[default]
    NoOrganisation,
    /// They are on their way.
    Loading(Siret),
    /// They did not come.
    Failed(ApiError),
    /// They are there.
    Known(Siret, Vec<TeamMember>),
}

impl EnrollmentForm {
    /// Makes room for one more person at that place, and for those before.
    pub fn add_person(self, kind: TeamMemberType, place: usize) {
        self.change(|draft| {
            for place in 0..=place {
                draft.team_member_at(kind, place);
            }
        });
    }

    /// Takes a person out; those after them move up, with what is known of their errors.
    pub fn remove_person(self, kind: TeamMemberType, place: usize) {
        self.touched.update(|touched| *touched = moved_up(touched, kind, place));
        self.server_errors.update(|errors| errors.retain(|error| !is_detail_of(&error.field, kind)));
        self.change(|draft| draft.remove_team_member(kind, place));
    }

    /// Writes details of a person at once.
    pub fn fill_person(self, kind: TeamMemberType, place: usize, details: Vec<(Attribute, String)>) {
        self.server_errors.update(|errors| errors.retain(|error| !is_detail_of(&error.field, kind)));
        for (attribute, _) in &details {
            self.touch(&Field::TeamMember(kind, place, *attribute));
        }
        self.change(|draft| {
            let member = draft.team_member_at(kind, place);
            for (attribute, text) in details {
                *member.get_mut(attribute) = text;
            }
        });
    }

    /// The people whom the organisation has named before.
    pub fn known_people(self) -> Signal<KnownPeople> {
        self.known_people.into()
    }

    /// Asks for [`Self::known_people`], unless they are there or on their way.
    pub fn ask_for_known_people(self) {
        let Some(siret) = self.draft.with_untracked(|draft| draft.siret.clone()) else {
            self.known_people.set(KnownPeople::NoOrganisation);
            return;
        };
        let is_asked = self.known_people.with_untracked(|known| match known {
            KnownPeople::Loading(of) | KnownPeople::Known(of, _) => *of == siret,
            KnownPeople::NoOrganisation | KnownPeople::Failed(_) => false,
        });
        if is_asked {
            return;
        }
        self.known_people.set(KnownPeople::Loading(siret.clone()));
        spawn_local(async move {
            let answer = api::contacts(&siret).await;
            let is_awaited = self.known_people.try_get_untracked() == Some(KnownPeople::Loading(siret.clone()));
            if is_awaited {
                self.known_people.set(match answer {
                    Ok(people) => KnownPeople::Known(siret, people),
                    Err(error) => KnownPeople::Failed(error),
                });
            }
        });
    }
}

/// The people to offer for one role: those who had it first, nobody twice.
pub fn offered(people: &[TeamMember], kind: TeamMemberType) -> Vec<TeamMember> {
    let mut people: Vec<&TeamMember> = people.iter().filter(|member| !member.is_empty()).collect();
    people.sort_by_key(|member| member.kind != kind);
    let mut seen = BTreeSet::new();
    people.retain(|member| seen.insert((&member.given_name, &member.family_name, &member.email)));
    people.into_iter().cloned().collect()
}

fn is_detail_of(field: &Field, kind: TeamMemberType) -> bool {
    matches!(field, Field::TeamMember(of, ..) if *of == kind)
}

/// The same fields once the person at that place is gone.
fn moved_up(fields: &BTreeSet<Field>, kind: TeamMemberType, gone: usize) -> BTreeSet<Field> {
    fields
        .iter()
        .filter_map(|field| match field {
            Field::TeamMember(of, place, _) if *of == kind && *place == gone => None,
            Field::TeamMember(of, place, attribute) if *of == kind && *place > gone => {
                Some(Field::TeamMember(kind, place - 1, *attribute))
            }
            other => Some(other.clone()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_visited_moves_up_with_its_person() {
        let aidant = TeamMemberType::Aidant;
        let email = |place| Field::TeamMember(aidant, place, Attribute::Email);
        let other = Field::TeamMember(TeamMemberType::ResponsableMetier, 2, Attribute::Email);
        let visited = [email(0), email(1), email(2), other.clone(), Field::Intitule].into();
        assert_eq!(moved_up(&visited, aidant, 1), [email(0), email(1), other, Field::Intitule].into());
        assert_eq!(moved_up(&[email(0)].into(), aidant, 0), BTreeSet::new());
    }

    #[test]
    fn people_of_the_same_role_are_offered_first_and_nobody_twice() {
        let person = |kind, name: &str| TeamMember { family_name: name.to_owned(), ..TeamMember::new(kind) };
        let (technician, protection) = (TeamMemberType::ResponsableTechnique, TeamMemberType::DelegueProtectionDonnees);
        let people = [
            person(protection, "Durand"),
            person(protection, "Martin"),
            person(technician, "Petit"),
            person(technician, "Martin"),
            person(technician, ""),
        ];
        assert_eq!(
            offered(&people, technician),
            [person(technician, "Petit"), person(technician, "Martin"), person(protection, "Durand")]
        );
    }
}
