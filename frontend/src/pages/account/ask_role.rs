//! Asks for a role.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use shared::rights::roles::ManagedRoles;
use shared::role_request::NewRoleRequest;

use crate::api::role_requests as api;
use crate::components::choice::{Choice, RadioGroup};
use crate::components::field::{TextArea, TextInput};
use crate::components::searchable_radio::SearchableRadioGroup;
use crate::context::AppContext;
use crate::pages::people::chosen_role::{ChosenRole, kinds, places};
use crate::pages::people::role_inputs::LimitInputs;
use crate::pages::people::role_labels::RoleLabels;
use crate::shell::submitting::{RefusalAlert, SubmitButton};
use crate::submission::Submission;

const TITLE: &str = "demander-un-role";

/// The inputs. A role is one member of the body, chosen in several inputs.
const INPUTS: [(&str, &str); 5] = [
    ("/role", "demande-role-type"),
    ("/role/target_api", "demande-role-api"),
    ("/role/demarches", "demande-role-demarches"),
    ("/reason", "demande-role-raison"),
    ("/manager_email", "demande-role-responsable"),
];

/// The form, under a button: few people need it.
#[component]
pub fn AskForRoleForm(
    labels: RoleLabels,
    /// Called once it is done, with what to say.
    on_done: Callback<String>,
) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let on_sent = Callback::new(move |said| {
        is_open.set(false);
        on_done.run(said);
    });
    view! {
        <button
            type="button"
            class="fr-btn fr-btn--secondary"
            aria-expanded=move || is_open.get().to_string()
            on:click=move |_| is_open.update(|is_open| *is_open = !*is_open)
        >
            "Demander un rôle"
        </button>
        {move || is_open.get().then(|| view! { <Form labels on_sent /> })}
    }
}

#[component]
fn Form(labels: RoleLabels, on_sent: Callback<String>) -> impl IntoView {
    let (reason, manager_email) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let chosen = ChosenRole::new();
    let submission = Submission::new(TITLE, &INPUTS, move || chosen.errors());
    let send = move || {
        let Some(role) = submission.is_ready().then(|| untrack(|| chosen.role())).flatten() else { return };
        if let Some(policy) = untrack(|| chosen.policy.get()).flatten() {
            labels.learn(policy);
        }
        let said = format!("Rôle demandé\u{a0}: {}.", untrack(|| labels.label(&role)));
        let (reason, manager_email) = (reason.get_untracked(), manager_email.get_untracked());
        submission.send(api::ask(NewRoleRequest { role, reason, manager_email }), move |_| on_sent.run(said));
    };
    view! {
        <form
            class="dp-panel fr-mt-2w"
            novalidate=true
            aria-labelledby=TITLE
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <h3 class="fr-h5" id=TITLE>
                "Demander un rôle"
            </h3>
            <p>
                "Un rôle se demande quand on travaille pour le fournisseur d’une API, ou pour la plateforme. Pour utiliser une API, "
                <a rel="external" href="/nouvelle-demande">"déposez une demande"</a> "."
            </p>
            <RefusalAlert submission title="Le rôle n’a pas été demandé" />
            <RoleInputs chosen submission />
            <TextArea
                id="demande-role-raison"
                label="Raison"
                hint="Votre mission, et ce que ce rôle vous permettra de faire."
                required=true
                rows=3
                value=reason
                error=submission.error_at("/reason")
                on_input=Callback::new(move |text| reason.set(text))
            />
            <TextInput
                id="demande-role-responsable"
                label="Adresse électronique de votre responsable"
                hint="La personne qui peut confirmer ce besoin. Par exemple\u{a0}: prenom.nom@exemple.fr."
                kind="email"
                required=true
                autocomplete="off"
                value=manager_email
                error=submission.error_at("/manager_email")
                on_input=Callback::new(move |text| manager_email.set(text))
            />
            <SubmitButton submission label="Envoyer la demande" class="fr-btn fr-mt-2w" />
        </form>
    }
}

#[component]
fn RoleInputs(chosen: ChosenRole, submission: Submission) -> impl IntoView {
    let context = AppContext::get();
    let ChosenRole { kind, place, .. } = chosen;
    let choices = Signal::derive(move || -> Vec<Choice> {
        let catalogue = context.catalogue().get().unwrap_or_default();
        kind.with(|kind| places(&catalogue, &ManagedRoles::All, kind))
    });
    let needs_place = Memo::new(move |_| chosen.needs_place());
    // Enter in the search field looks; it does not send the form.
    let keep = |event: KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
        }
    };
    let place_input = move || {
        view! {
            <div on:keydown=keep>
                <SearchableRadioGroup
                    id="demande-role-api"
                    legend="API"
                    search="Rechercher une API"
                    required=true
                    count
                    choices
                    value=place
                    error=submission.error_at("/role/target_api")
                    on_change=Callback::new(move |chosen| place.set(chosen))
                />
            </div>
        }
    };
    view! {
        <RadioGroup
            id="demande-role-type"
            legend="Rôle"
            required=true
            choices=kinds(|kind| kind != "administrator")
            value=kind
            error=submission.error_at("/role")
            on_change=Callback::new(move |chosen| kind.set(chosen))
        />
        {move || needs_place.get().then(place_input)}
        <LimitInputs name="demande-role" chosen submission />
    }
}

fn count(found: usize, all: usize) -> String {
    match (found, all) {
        (0, _) => "Aucune API trouvée".to_owned(),
        (found, all) if found == all => format!("{all} réponses possibles"),
        (found, all) => format!("{found} sur {all}"),
    }
}
