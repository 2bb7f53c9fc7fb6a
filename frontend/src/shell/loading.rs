//! What a page shows while data loads, and when loading fails.

use leptos::prelude::*;
use shared::problem::ErrorCode;

use super::sign_in::SignInAgainButton;
use crate::api::ApiError;
use crate::components::alert::{Alert, Tone};
use crate::components::placeholder::Spinner;
use crate::context::AppContext;
use crate::loader::{Erased, Loader, Remote};

impl<T: Clone + Send + Sync + 'static> Loader<T> {
    /// The value as `show` draws it; meanwhile a spinner, or the error with a button to try again.
    pub fn view(self, show: impl Fn(T) -> AnyView + Send + 'static) -> AnyView {
        let show = move |value: &Erased| value.downcast_ref().cloned().map_or_else(|| ().into_any(), &show);
        drawn(self.state(), Callback::new(move |()| self.reload()), Box::new(show))
    }
}

fn drawn(
    state: RwSignal<Remote<Erased>>,
    retry: Callback<()>,
    show: Box<dyn Fn(&Erased) -> AnyView + Send>,
) -> AnyView {
    (move || match state.get() {
        Remote::Loading => Spinner().into_any(),
        Remote::Failed(error) => view! { <ErrorState error retry /> }.into_any(),
        Remote::Ready(value) => show(&value),
    })
    .into_any()
}

/// An error, with a way out: try again, sign in, or go back home.
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
        Some(ErrorCode::Unauthorized) => ("Votre session a pris fin", {
            context.on_signed_in_again(move || retry.run(()));
            view! { <SignInAgainButton /> }.into_any()
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
