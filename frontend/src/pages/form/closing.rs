//! The end of the form: what happens next, and the way to give the draft up.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::workflow::{Action, Status};

use crate::app::AppContext;
use crate::components::alert::{Alert, Tone};
use crate::components::modal::Confirm;
use crate::form::EnrollmentForm;

/// The end of the form.
#[component]
pub fn Closing(form: EnrollmentForm) -> impl IntoView {
    let (id, status, can_archive) =
        form.base().with_untracked(|base| (base.id, base.status, base.allows(Action::Archive)));
    let (button, title, done) = if status == Status::Draft {
        ("Supprimer ce brouillon", "Supprimer ce brouillon\u{a0}?", format!("Le brouillon n°\u{a0}{id} est supprimé."))
    } else {
        (
            "Abandonner cette demande",
            "Abandonner cette demande\u{a0}?",
            format!("La demande n°\u{a0}{id} est abandonnée."),
        )
    };
    view! {
        <section class="dp-part" aria-labelledby="et-ensuite">
            <h2 class="fr-h3" id="et-ensuite">
                "Et ensuite\u{a0}?"
            </h2>
            <p>
                "Quand vous soumettez la demande, le fournisseur des données l’instruit. Vous recevez sa réponse par courriel\u{a0}: l’habilitation, ou une demande de précisions. En attendant, la demande reste consultable et ne peut plus être modifiée."
            </p>
            {can_archive.then(|| view! { <Abandon form button title done /> })}
        </section>
    }
}

#[component]
fn Abandon(form: EnrollmentForm, button: &'static str, title: &'static str, done: String) -> impl IntoView {
    let context = AppContext::get();
    let navigate = use_navigate();
    let is_asking = RwSignal::new(false);
    let error = RwSignal::new(None::<String>);
    let on_confirm = Callback::new(move |()| {
        let navigate = navigate.clone();
        let done = done.clone();
        spawn_local(async move {
            match form.archive().await {
                Ok(()) => {
                    context.tell_next_page(done);
                    let home = if context.user().is_some_and(|user| user.has_role()) { "/mes-demandes" } else { "/" };
                    navigate(home, NavigateOptions::default());
                }
                Err(message) => {
                    error.try_set(Some(message));
                }
            }
        });
    });
    view! {
        <div aria-live="assertive">
            {move || error.get().map(|error| view! { <Alert tone=Tone::Error><p>{error}</p></Alert> })}
        </div>
        <button
            type="button"
            class="fr-btn fr-btn--tertiary fr-icon-delete-line fr-btn--icon-left"
            aria-haspopup="dialog"
            on:click=move |_| is_asking.set(true)
        >
            {button}
        </button>
        <Confirm id="abandon" title open=is_asking confirm=button on_confirm>
            <p>"Vous ne la verrez plus dans vos demandes, et vous ne pourrez pas la récupérer vous-même."</p>
        </Confirm>
    }
}
