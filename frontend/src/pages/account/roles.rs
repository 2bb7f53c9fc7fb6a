//! The roles that the user has, those that they have asked for, and the asking.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::rights::roles::may_ask;
use shared::role_request::{RoleRequest, RoleRequestState};
use shared::user::User;

use super::ask_role::AskForRoleForm;
use crate::api::role_requests as api;
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::badge::Badge;
use crate::components::date;
use crate::components::dialog::{ConfirmDialog, DialogButton};
use crate::loader::Loader;
use crate::pages::people::role_labels::RoleLabels;

/// Where the focus goes once a line has changed.
pub const TITLE: &str = "mes-roles";

#[component]
pub fn Roles(
    /// The reader.
    user: User,
) -> impl IntoView {
    let loader = Loader::new(api::own);
    let labels = RoleLabels::new();
    // What was just done, for those who do not see the list change.
    let done = RwSignal::new(String::new());
    let (open, asked) = (RwSignal::new(false), RwSignal::new(None::<RoleRequest>));
    let on_done = Callback::new(move |said: String| {
        done.set(said);
        loader.reload();
        browser::focus_soon(TITLE.to_owned());
    });
    let ask_to_withdraw = Callback::new(move |request| {
        asked.set(Some(request));
        open.set(true);
    });
    let withdraw = Callback::new(move |()| {
        let Some(id) = asked.with_untracked(|asked| asked.as_ref().map(|request| request.id)) else { return };
        spawn_local(async move {
            on_done.run(match api::withdraw(id).await {
                Ok(_) => "La demande de rôle est retirée.".to_owned(),
                Err(error) => error.message(),
            });
        });
    });
    let form = match may_ask(&user) {
        Ok(()) => view! { <AskForRoleForm labels on_done /> }.into_any(),
        Err(denial) => view! {
            <Alert tone=Tone::Info>
                <p>{denial.to_string()}</p>
            </Alert>
        }
        .into_any(),
    };
    view! {
        <section aria-labelledby=TITLE>
            <h2 class="fr-h4 fr-mt-6w" id=TITLE tabindex="-1">
                "Mes rôles"
            </h2>
            {held(&user, labels)}
            <p role="status">{move || done.get()}</p>
            {loader.view(move |requests| list(requests, labels, ask_to_withdraw))}
            {form}
            <ConfirmDialog
                id="retrait-demande-de-role"
                title="Retirer cette demande\u{a0}?"
                open
                confirm="Retirer la demande"
                on_confirm=withdraw
            >
                <p>{move || asked.get().map(|request| labels.label(&request.role))}</p>
            </ConfirmDialog>
        </section>
    }
}

/// What the user may do beyond filing requests.
fn held(user: &User, labels: RoleLabels) -> AnyView {
    if user.roles.is_empty() {
        return view! { <p>"Vous n’avez aucun rôle\u{a0}: vous déposez et suivez vos propres demandes."</p> }
            .into_any();
    }
    let lines = user.roles.iter().cloned().map(|role| view! { <li>{move || labels.label(&role)}</li> }).collect_view();
    view! { <ul>{lines}</ul> }.into_any()
}

fn list(requests: Vec<RoleRequest>, labels: RoleLabels, withdraw: Callback<RoleRequest>) -> AnyView {
    if requests.is_empty() {
        return ().into_any();
    }
    let lines = requests.into_iter().map(|request| line(request, labels, withdraw)).collect_view();
    view! {
        <h3 class="fr-h6">"Rôles demandés"</h3>
        <ul class="dp-roles">{lines}</ul>
    }
    .into_any()
}

fn line(request: RoleRequest, labels: RoleLabels, withdraw: Callback<RoleRequest>) -> AnyView {
    let RoleRequest { id, role, created_at, state, answer, .. } = request.clone();
    let told = match (state, request.answered_at) {
        (RoleRequestState::Given | RoleRequestState::Refused, Some(at)) if !request.answered_by.is_empty() => {
            format!("Demandé le {}. Réponse de {} le {}.", date::date(created_at), request.answered_by, date::date(at))
        }
        (RoleRequestState::Withdrawn, Some(at)) => {
            format!("Demandé le {}, retiré le {}.", date::date(created_at), date::date(at))
        }
        _ => format!("Demandé le {}.", date::date(created_at)),
    };
    let about = format!(" n°\u{a0}{id}");
    let button = (state == RoleRequestState::Waiting).then(|| {
        let request = request.clone();
        view! { <DialogButton label="Retirer la demande" about on_ask=move |()| withdraw.run(request.clone()) /> }
    });
    view! {
        <li class="dp-card dp-role fr-mb-2w">
            <div>
                <p class="fr-text--bold fr-mb-0">{move || labels.label(&role)}</p>
                <p class="dp-detail fr-mb-0">
                    <Badge label=state.label() />
                    " "
                    {told}
                </p>
                {(!answer.is_empty()).then(|| view! { <p class="dp-text fr-mb-0 fr-mt-1w">{answer}</p> })}
            </div>
            {button}
        </li>
    }
    .into_any()
}
