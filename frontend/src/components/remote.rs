//! What is shown while data is on its way, and when it does not come.

use leptos::prelude::*;
use shared::api::ErrorCode;

use super::alert::{Alert, Tone};
use super::sign_in::SignInAgain;
use crate::api::ApiError;
use crate::app::AppContext;

/// A sign of waiting, which screen readers hear.
#[component]
pub fn Spinner() -> impl IntoView {
    view! {
        <div class="dp-loading" role="status">
            <span class="dp-loading__wheel" aria-hidden="true"></span>
            "Chargement…"
        </div>
    }
}

/// What went wrong, with the way out: try again, sign in, or go back home.
#[component]
pub fn ErrorState(
    /// What went wrong.
    error: ApiError,
    /// Called to try again.
    #[prop(into)]
    retry: Callback<()>,
) -> impl IntoView {
    let context = AppContext::get();
    let (title, way_out) = match error.code() {
        Some(ErrorCode::Unauthorized) => ("Votre session a expiré", {
            context.when_back(move || retry.run(()));
            view! { <SignInAgain /> }.into_any()
        }),
        Some(ErrorCode::Forbidden | ErrorCode::NotFound) => (
            "Cette page ne peut pas être affichée",
            view! { <a class="fr-link" href="/">"Retour à l’accueil"</a> }.into_any(),
        ),
        _ => (
            "Les informations n’ont pas pu être chargées",
            view! {
                <button type="button" class="fr-btn" on:click=move |_| retry.run(())>
                    "Réessayer"
                </button>
            }
            .into_any(),
        ),
    };
    view! {
        <div class="fr-my-4w">
            <Alert tone=Tone::Error title live=true>
                <p>{error.message()}</p>
            </Alert>
            {way_out}
        </div>
    }
}

/// A list without rows: why, and what to do.
#[component]
pub fn EmptyState(
    /// Why it is empty.
    #[prop(into)]
    title: String,
    /// What to do.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="dp-empty fr-my-4w">
            <p class="fr-text--lead fr-mb-2w">{title}</p>
            {children()}
        </div>
    }
}
