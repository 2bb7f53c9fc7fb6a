//! Corrections: by an administrator, of the contact details of a person; by an instructor, of the request, on a page of
//! its own.

use leptos::prelude::*;
use shared::api::ContactCorrection;
use shared::enrollment::Enrollment;
use shared::policy::Policy;
use shared::team_member::{Attribute, TeamMember, TeamMemberType};
use shared::workflow::Action;

use crate::api::administration;
use crate::components::choice::{Choice, Select};
use crate::components::field::{TextArea, TextInput};
use crate::shell::submitting::FormDialog;
use crate::submission::Submission;

/// Said once it is done.
pub const DONE: &str = "Les coordonnées sont corrigées. Le demandeur en est prévenu par courriel.";

/// Somebody whose details may be put right.
#[derive(Clone, Debug, PartialEq)]
struct Contact {
    place: usize,
    label: String,
    member: TeamMember,
}

/// The people of a request, but for who files it: their account describes them.
fn people(enrollment: &Enrollment, policy: &Policy) -> Vec<Contact> {
    let others = |(_, member): &(usize, &TeamMember)| member.kind != TeamMemberType::Demandeur;
    let named = |(place, member): (usize, &TeamMember)| {
        let role = policy.contact(member.kind).map_or(member.kind.label(), |contact| &contact.label);
        let name = format!("{} {}", member.given_name, member.family_name);
        Contact { place, label: format!("{role}\u{a0}: {}", name.trim()), member: member.clone() }
    };
    enrollment.content.placed_team_members().filter(others).map(named).collect()
}

/// The button and its window; nothing where it is not allowed, or there is nobody.
#[component]
pub fn CorrectContacts(
    enrollment: Enrollment,
    /// What the API asks for, for the labels.
    policy: Policy,
    /// Called once it is done.
    on_done: Callback<(Action, Enrollment)>,
    /// Called when somebody else acted first: the request must be read again.
    on_conflict: Callback<()>,
) -> impl IntoView {
    let people = people(&enrollment, &policy);
    if people.is_empty() || !enrollment.allows(Action::CorrectContacts) {
        return ().into_any();
    }
    let open = RwSignal::new(false);
    view! {
        <section class="dp-panel dp-no-print" aria-labelledby="coordonnees">
            <h2 class="fr-h5" id="coordonnees">
                "Administration"
            </h2>
            <button type="button" class="fr-btn fr-btn--secondary" aria-haspopup="dialog" on:click=move |_| open.set(true)>
                {Action::CorrectContacts.label()}
            </button>
            <ContactCorrectionDialog open people id=enrollment.id version=enrollment.version on_done on_conflict />
        </section>
    }
    .into_any()
}

/// The way to the page where an instructor corrects the request; nothing where they may not.
#[component]
pub fn CorrectionLink(enrollment: Enrollment) -> impl IntoView {
    enrollment.allows(Action::Correct).then(|| {
        view! {
            <p class="dp-no-print">
                <a
                    class="fr-btn fr-btn--secondary fr-btn--icon-left fr-icon-edit-line"
                    href=format!("/demandes/{}/corriger", enrollment.id)
                >
                    {Action::Correct.label()}
                </a>
            </p>
        }
    })
}

/// The inputs: the details of the person, and the reason.
const INPUTS: [(&str, &str); 6] = [
    ("/member/given_name", "correction-given_name"),
    ("/member/family_name", "correction-family_name"),
    ("/member/email", "correction-email"),
    ("/member/phone_number", "correction-phone_number"),
    ("/member/job", "correction-job"),
    ("/reason", "correction-raison"),
];

#[component]
fn ContactCorrectionDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// The people.
    people: Vec<Contact>,
    /// Number of the request.
    id: i64,
    /// Its version.
    version: i64,
    /// Called once it is done.
    on_done: Callback<(Action, Enrollment)>,
    /// Called when somebody else acted first.
    on_conflict: Callback<()>,
) -> impl IntoView {
    let chosen = RwSignal::new(String::new());
    let member = RwSignal::new(None::<Contact>);
    let reason = RwSignal::new(String::new());
    let submission = Submission::new("correction", &INPUTS, Vec::new);
    let choices: Vec<Choice> =
        people.iter().enumerate().map(|(index, named)| Choice::new(index.to_string(), named.label.clone())).collect();
    let choices = Signal::stored(choices);
    let people = StoredValue::new(people);
    let on_choice = Callback::new(move |index: String| {
        member.set(index.parse().ok().and_then(|index: usize| people.with_value(|people| people.get(index).cloned())));
        submission.clear();
        chosen.set(index);
    });
    let on_confirm = Callback::new(move |()| {
        let Some(Contact { place, member, .. }) = member.get_untracked() else { return };
        let correction = ContactCorrection { place, member, reason: reason.get_untracked() };
        submission.send_then(administration::correct_contact(id, version, correction), move |answer| match answer {
            Ok(enrollment) => {
                open.set(false);
                on_done.run((Action::CorrectContacts, enrollment));
            }
            Err(error) if error.is_conflict() => {
                open.set(false);
                on_conflict.run(());
            }
            Err(_) => {}
        });
    });
    view! {
        <FormDialog
            id="correction"
            title=Action::CorrectContacts.label().to_owned()
            open
            submission
            confirm="Enregistrer la correction"
            refused="La correction n’est pas enregistrée"
            disabled=Signal::derive(move || member.with(Option::is_none))
            on_confirm
        >
            <p>
                "La demande change, et son historique le dit. Les habilitations déjà délivrées restent telles qu’elles ont été accordées."
            </p>
            <Select id="correction-personne" label="Personne" required=true choices value=chosen on_change=on_choice />
            {move || (!chosen.with(String::is_empty)).then(|| view! { <Details member reason submission /> })}
        </FormDialog>
    }
}

/// The contact details, and why they are corrected.
#[component]
fn Details(member: RwSignal<Option<Contact>>, reason: RwSignal<String>, submission: Submission) -> impl IntoView {
    let detail = |attribute: Attribute, (pointer, id): (&'static str, &'static str)| {
        let value = Signal::derive(move || {
            member.with(|named| named.as_ref().map(|named| named.member.get(attribute).to_owned()).unwrap_or_default())
        });
        let on_input = Callback::new(move |text: String| {
            member.update(|named| {
                if let Some(named) = named {
                    *named.member.get_mut(attribute) = text;
                }
            });
        });
        view! {
            <TextInput id label=attribute.label() autocomplete="off" value error=submission.error_at(pointer) on_input />
        }
    };
    view! {
        {Attribute::ALL.iter().zip(INPUTS).map(|(attribute, input)| detail(*attribute, input)).collect_view()}
        <TextArea
            id="correction-raison"
            label="Raison"
            hint="Le demandeur la lit dans l’historique et dans un courriel."
            required=true
            rows=3
            value=reason
            error=submission.error_at("/reason")
            on_input=Callback::new(move |text| reason.set(text))
        />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_detail_has_its_input() {
        let inputs = INPUTS.iter().map(|(pointer, id)| (pointer.to_string(), id.to_string()));
        let details =
            Attribute::ALL.iter().map(|attribute| (format!("/member/{attribute}"), format!("correction-{attribute}")));
        assert!(inputs.take(Attribute::ALL.len()).eq(details));
    }
}
