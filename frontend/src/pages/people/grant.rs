//! Grants a role: for an API, for every API of a provider at once, or everywhere.

use leptos::prelude::*;
use shared::rights::roles::ManagedRoles;
use shared::user::{NewProviderRoleChange, NewRoleChange, Person};

use super::chosen_role::{Chosen, ChosenRole, PLACE, gives_kind, kinds, places_at_once};
use super::role_inputs::LimitInputs;
use super::role_labels::RoleLabels;
use crate::api::{self, Answer, administration};
use crate::components::choice::{RadioGroup, Select};
use crate::components::field::TextInput;
use crate::context::AppContext;
use crate::shell::submitting::{RefusalAlert, SubmitButton, missing_reason};
use crate::submission::{InputErrors, Submission};

/// The inputs. A role is one member of the body, chosen in several inputs.
const INPUTS: [(&str, &str); 6] = [
    ("/email", "role-email"),
    ("/role", "role-type"),
    (PLACE, "role-api"),
    (PROVIDER, "role-api"),
    ("/role/demarches", "role-demarches"),
    ("/reason", "role-raison"),
];

const PROVIDER: &str = "/provider";

#[component]
pub fn GrantRoleForm(
    /// The roles that the reader gives.
    #[prop(into)]
    managed: Signal<ManagedRoles>,
    labels: RoleLabels,
    /// Called once it is done.
    on_done: Callback<()>,
) -> impl IntoView {
    let email = RwSignal::new(String::new());
    let reason = RwSignal::new(String::new());
    let chosen = ChosenRole::at_once();
    let done = RwSignal::new(String::new());
    let check = move || [missing(email, reason), chosen.errors()].concat();
    let submission = Submission::new("donner-un-role", &INPUTS, check);
    let send = move || {
        done.set(String::new());
        let Some(role) = submission.is_ready().then(|| untrack(|| chosen.whole())).flatten() else { return };
        if let Some(policy) = untrack(|| chosen.policy.get()).flatten() {
            labels.learn(policy);
        }
        let to = email.get_untracked().trim().to_owned();
        let said = format!("Rôle donné\u{a0}: {} à {to}.", untrack(|| labels.label_of(&role)));
        submission.send(given(role, email.get_untracked(), reason.get_untracked()), move |_| {
            email.set(String::new());
            reason.set(String::new());
            done.set(said);
            on_done.run(());
        });
    };
    view! {
        <form
            class="dp-panel"
            novalidate=true
            aria-labelledby="donner-un-role"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <h2 class="fr-h5" id="donner-un-role">
                "Donner un rôle"
            </h2>
            <RefusalAlert submission title="Le rôle n’a pas été donné" />
            <TextInput
                id="role-email"
                label="Adresse électronique"
                hint="Celle avec laquelle la personne se connecte, ou se connectera."
                kind="email"
                required=true
                autocomplete="off"
                value=email
                error=submission.error_at("/email")
                on_input=Callback::new(move |text| email.set(text))
            />
            <RoleInputs managed chosen submission />
            <TextInput
                id="role-raison"
                label="Raison"
                hint="Par exemple\u{a0}: arrivée dans le service, demande du responsable."
                required=true
                autocomplete="off"
                value=reason
                error=submission.error_at("/reason")
                on_input=Callback::new(move |text| reason.set(text))
            />
            <SubmitButton submission label="Donner ce rôle" class="fr-btn fr-mt-2w" />
            <div role="status">
                {move || {
                    let said = done.get();
                    (!said.is_empty()).then(|| view! { <p class="fr-message fr-message--valid fr-mt-2w">{said}</p> })
                }}
            </div>
        </form>
    }
}

fn given(role: Chosen, email: String, reason: String) -> Answer<Person> {
    let granted = true;
    match role {
        Chosen::One(role) => api::change_role(NewRoleChange { email, role, granted, reason }),
        Chosen::All(role, provider) => {
            administration::change_provider_role(&NewProviderRoleChange { email, provider, role, granted, reason })
        }
    }
}

/// What is still to be typed. The server has more to say.
fn missing(email: RwSignal<String>, reason: RwSignal<String>) -> InputErrors {
    let is_blank = email.with(|email| email.trim().is_empty());
    let email = is_blank.then(|| ("/email", "Indiquez l’adresse électronique de la personne.".to_owned()));
    email.into_iter().chain(missing_reason(reason)).collect()
}

#[component]
fn RoleInputs(managed: Signal<ManagedRoles>, chosen: ChosenRole, submission: Submission) -> impl IntoView {
    let context = AppContext::get();
    let ChosenRole { kind, place, .. } = chosen;
    let offered = managed.with_untracked(|managed| kinds(|kind| gives_kind(managed, kind)));
    let choices = Memo::new(move |_| {
        let catalogue = context.catalogue().get().unwrap_or_default();
        managed.with(|managed| kind.with(|kind| places_at_once(&catalogue, managed, kind)))
    });
    // A provider that one kind of role has, another may not have.
    Effect::new(move |_| {
        let is_offered = |place: &String| choices.with(|choices| choices.iter().any(|choice| choice.value == *place));
        if !place.with_untracked(is_offered) {
            place.set(String::new());
        }
    });
    let needs_place = Memo::new(move |_| chosen.needs_place());
    let (at_place, at_provider) = (submission.error_at(PLACE), submission.error_at(PROVIDER));
    let place_input = move || {
        view! {
            <Select
                id="role-api"
                label="API"
                required=true
                choices
                value=place
                error=Signal::derive(move || at_place.get().or_else(|| at_provider.get()))
                on_change=Callback::new(move |chosen| place.set(chosen))
            />
        }
    };
    view! {
        <RadioGroup
            id="role-type"
            legend="Rôle"
            required=true
            choices=offered
            value=kind
            error=submission.error_at("/role")
            on_change=Callback::new(move |chosen| kind.set(chosen))
        />
        {move || needs_place.get().then(place_input)}
        <LimitInputs name="role" chosen submission />
    }
}
