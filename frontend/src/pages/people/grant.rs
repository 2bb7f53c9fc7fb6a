//! Grants a role.

use leptos::prelude::*;
use shared::rights::roles::ManagedRoles;
use shared::user::NewRoleChange;

use super::chosen_role::{ChosenRole, gives_kind, kinds, places};
use super::role_inputs::LimitInputs;
use super::role_labels::RoleLabels;
use crate::api;
use crate::components::choice::{RadioGroup, Select};
use crate::components::field::TextInput;
use crate::context::AppContext;
use crate::shell::submitting::{RefusalAlert, SubmitButton};
use crate::submission::Submission;

/// The inputs. A role is one member of the body, chosen in several inputs.
const INPUTS: [(&str, &str); 5] = [
    ("/email", "role-email"),
    ("/role", "role-type"),
    ("/role/target_api", "role-api"),
    ("/role/demarches", "role-demarches"),
    ("/reason", "role-raison"),
];

#[component]
pub fn GrantRoleForm(
    /// The roles that the reader gives.
    #[prop(into)]
    managed: Signal<ManagedRoles>,
    labels: RoleLabels,
    /// Called once it is done, with what to say.
    on_done: Callback<String>,
) -> impl IntoView {
    let email = RwSignal::new(String::new());
    let reason = RwSignal::new(String::new());
    let chosen = ChosenRole::new();
    let submission = Submission::new("donner-un-role", &INPUTS, move || chosen.errors());
    let send = move || {
        let Some(role) = submission.is_ready().then(|| untrack(|| chosen.role())).flatten() else { return };
        if let Some(policy) = untrack(|| chosen.policy.get()).flatten() {
            labels.learn(policy);
        }
        let said = format!("Rôle donné\u{a0}: {} à {}.", untrack(|| labels.label(&role)), email.get_untracked().trim());
        let change =
            NewRoleChange { email: email.get_untracked(), role, granted: true, reason: reason.get_untracked() };
        submission.send(api::change_role(change), move |_| {
            email.set(String::new());
            reason.set(String::new());
            on_done.run(said);
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
        </form>
    }
}

#[component]
fn RoleInputs(managed: Signal<ManagedRoles>, chosen: ChosenRole, submission: Submission) -> impl IntoView {
    let context = AppContext::get();
    let ChosenRole { kind, place, .. } = chosen;
    let offered = managed.with_untracked(|managed| kinds(|kind| gives_kind(managed, kind)));
    let choices = Signal::derive(move || {
        let catalogue = context.catalogue().get().unwrap_or_default();
        managed.with(|managed| kind.with(|kind| places(&catalogue, managed, kind)))
    });
    let needs_place = Memo::new(move |_| chosen.needs_place());
    let place_input = move || {
        view! {
            <Select
                id="role-api"
                label="API"
                required=true
                choices
                value=place
                error=submission.error_at("/role/target_api")
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
