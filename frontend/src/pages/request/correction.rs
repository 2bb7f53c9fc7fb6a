//! The window in which an administrator puts the contact details of a person right.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{ContactCorrection, ErrorCode};
use shared::enrollment::Enrollment;
use shared::field::Field;
use shared::policy::Policy;
use shared::team_member::{Attribute, TeamMember, TeamMemberType};
use shared::workflow::Action;

use crate::api::{ApiError, administration};
use crate::components::alert::{Alert, Tone};
use crate::components::choice::{Choice, Select};
use crate::components::field::{TextArea, TextInput};
use crate::components::modal::Modal;

/// Said once it is done.
pub const DONE: &str = "Les coordonnées sont corrigées. Le demandeur en est prévenu par courriel.";

/// Somebody whose details may be put right.
#[derive(Clone, Debug, PartialEq)]
struct Named {
    place: usize,
    label: String,
    member: TeamMember,
}

/// The people of a request, but for who files it: their account describes them.
fn people(enrollment: &Enrollment, policy: &Policy) -> Vec<Named> {
    let others = |(_, member): &(usize, &TeamMember)| member.kind != TeamMemberType::Demandeur;
    let named = |(place, member): (usize, &TeamMember)| {
        let role = policy.contact(member.kind).map_or(member.kind.label(), |contact| &contact.label);
        let name = format!("{} {}", member.given_name, member.family_name);
        Named { place, label: format!("{role}\u{a0}: {}", name.trim()), member: member.clone() }
    };
    enrollment.content.placed_team_members().filter(others).map(named).collect()
}

/// The button and its window; nothing where it is not allowed, or there is nobody.
#[component]
pub fn Correction(
    /// The request.
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
            <Window open people id=enrollment.id version=enrollment.version on_done on_conflict />
        </section>
    }
    .into_any()
}

#[component]
fn Window(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// The people.
    people: Vec<Named>,
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
    let member = RwSignal::new(None::<Named>);
    let reason = RwSignal::new(String::new());
    let error = RwSignal::new(None::<ApiError>);
    let is_sending = RwSignal::new(false);
    let choices: Vec<Choice> =
        people.iter().enumerate().map(|(index, named)| Choice::new(index.to_string(), named.label.clone())).collect();
    let choices = Signal::stored(choices);
    let people = StoredValue::new(people);
    let on_choice = Callback::new(move |index: String| {
        member.set(index.parse().ok().and_then(|index: usize| people.with_value(|people| people.get(index).cloned())));
        error.set(None);
        chosen.set(index);
    });
    let send = move || {
        let Some(Named { place, member, .. }) = member.get_untracked() else { return };
        is_sending.set(true);
        error.set(None);
        let correction = ContactCorrection { place, member, reason: reason.get_untracked() };
        spawn_local(async move {
            let answer = administration::correct(id, version, correction).await;
            // The reader may have left the page meanwhile.
            if is_sending.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(enrollment) => {
                    open.set(false);
                    on_done.run((Action::CorrectContacts, enrollment));
                }
                Err(trouble) => {
                    let is_stale = matches!(trouble.code(), Some(ErrorCode::StaleVersion | ErrorCode::WrongStatus));
                    error.set(Some(trouble));
                    if is_stale {
                        open.set(false);
                        on_conflict.run(());
                    }
                }
            }
        });
    };
    let actions = ViewFn::from(move || {
        view! {
            <button
                type="button"
                class="fr-btn"
                aria-disabled=move || (is_sending.get() || member.with(Option::is_none)).then_some("true")
                on:click=move |_| if !is_sending.get_untracked() { send() }
            >
                "Enregistrer la correction"
            </button>
            <button type="button" class="fr-btn fr-btn--secondary" on:click=move |_| open.set(false)>
                "Annuler"
            </button>
        }
    });
    let detail = move |attribute: Attribute| {
        let value = Signal::derive(move || {
            member.with(|named| named.as_ref().map(|named| named.member.get(attribute).to_owned()).unwrap_or_default())
        });
        let wrong = Signal::derive(move || error.with(|error| error_of(error.as_ref(), attribute)));
        let on_input = Callback::new(move |text: String| {
            member.update(|named| {
                if let Some(named) = named {
                    *named.member.get_mut(attribute) = text;
                }
            });
        });
        view! {
            <TextInput
                id=format!("correction-{attribute}")
                label=attribute.label()
                autocomplete="off"
                value
                error=wrong
                on_input
            />
        }
    };
    view! {
        <Modal id="correction" title=Action::CorrectContacts.label().to_owned() open actions>
            <p>
                "La demande change, et son historique le dit. Les habilitations déjà délivrées restent telles qu’elles ont été accordées."
            </p>
            {move || {
                error
                    .get()
                    .map(|error| {
                        view! {
                            <Alert tone=Tone::Error title="La correction n’est pas enregistrée" live=true>
                                <p>{error.message()}</p>
                            </Alert>
                        }
                    })
            }}
            <Select id="correction-personne" label="Personne" required=true choices value=chosen on_change=on_choice />
            {move || {
                (!chosen.with(String::is_empty))
                    .then(|| {
                        view! {
                            {Attribute::ALL.iter().map(|attribute| detail(*attribute)).collect_view()}
                            <TextArea
                                id="correction-raison"
                                label="Raison"
                                hint="Le demandeur la lit dans l’historique et dans un courriel."
                                required=true
                                rows=3
                                value=reason
                                on_input=Callback::new(move |text| reason.set(text))
                            />
                        }
                    })
            }}
        </Modal>
    }
}

/// What the server says of that detail.
fn error_of(error: Option<&ApiError>, attribute: Attribute) -> Option<String> {
    let Some(ApiError::Api(body, _)) = error else { return None };
    let of_it = |field: &Field| matches!(field, Field::TeamMember(_, _, of) if *of == attribute);
    body.fields.iter().find(|error| of_it(&error.field)).map(|error| error.message.clone())
}
