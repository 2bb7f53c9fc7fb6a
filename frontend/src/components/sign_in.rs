//! What a visitor sees where one must be signed in, and whoever’s session has ended under an open page: that stays as it
//! is, and one signs in again beside it.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::alert::{Alert, Tone};
use super::modal::Modal;
use super::title::PageTitle;
use crate::api::{self, sign_in_url};
use crate::app::AppContext;
use crate::browser;
use crate::pages::signed_in;

/// Asks a visitor to sign in, and comes back to this page.
#[component]
pub fn SignInPrompt() -> impl IntoView {
    view! {
        <PageTitle title="Connexion nécessaire" />
        <p>"Connectez-vous pour afficher cette page : vous y reviendrez aussitôt."</p>
        <SignInButton />
    }
}

/// The sign-in button. It comes back to the present page.
#[component]
pub fn SignInButton() -> impl IntoView {
    view! {
        <a class="fr-btn" rel="external" href=sign_in_url(&browser::current_path())>
            "Se connecter"
        </a>
    }
}

/// The button for whoever’s session has ended: it asks to sign in beside the page. Who never was signed in is led away and
/// comes back.
#[component]
pub fn SignInAgain(
    /// Whether it stands among small things.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    let context = AppContext::get();
    let class = if small { "fr-btn fr-btn--sm" } else { "fr-btn" };
    if context.is_signed_out() {
        view! {
            <button type="button" class=class on:click=move |_| context.ask_to_sign_in()>
                "Se reconnecter"
            </button>
        }
        .into_any()
    } else {
        SignInButton().into_any()
    }
}

/// The window that asks to sign in again, on every page.
#[component]
pub fn SignedOutModal() -> impl IntoView {
    let context = AppContext::get();
    let somebody_else = RwSignal::new(None::<String>);
    let look = move || {
        if !context.is_signed_out() {
            return;
        }
        spawn_local(async move {
            if let Ok(session) = api::session().await {
                somebody_else.set(context.come_back(session));
            }
        });
    };
    // Told by the other window, or found out when one comes back to this one.
    let handles =
        ["storage", "focus", "visibilitychange"].map(|event| window_event_listener_untyped(event, move |_| look()));
    on_cleanup(move || handles.into_iter().for_each(|handle| handle.remove()));
    let actions = ViewFn::from(move || {
        view! {
            <button
                type="button"
                class="fr-btn"
                title="Se reconnecter – nouvelle fenêtre"
                on:click=move |_| {
                    if !browser::open(&sign_in_url(signed_in::PATH)) {
                        browser::leave_to(&sign_in_url(&browser::current_path()));
                    }
                }
            >
                "Se reconnecter"
            </button>
        }
    });
    view! {
        <Modal id="session-expiree" title="Votre session a expiré" open=context.asks_to_sign_in() actions>
            <p>
                "Ce que vous avez écrit sur cette page est gardé. La connexion s’ouvre dans une autre fenêtre\u{a0}; une fois connecté, vous reprenez ici là où vous en étiez."
            </p>
            <div aria-live="polite">
                {move || {
                    somebody_else
                        .get()
                        .map(|name| {
                            view! {
                                <Alert tone=Tone::Warning title="Vous êtes connecté avec un autre compte">
                                    <p>
                                        {format!(
                                            "Cette page a été ouverte avec un autre compte que celui de {name}. Reconnectez-vous avec le même compte pour reprendre ici, ou passez à l’accueil de ce compte.",
                                        )}
                                    </p>
                                    <a class="fr-link" rel="external" href="/">
                                        "Aller à l’accueil"
                                    </a>
                                </Alert>
                            }
                        })
                }}
            </div>
        </Modal>
    }
}
