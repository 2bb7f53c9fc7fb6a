//! Asks to sign in: a visitor on the page itself; whoever’s session has expired in another window, so that the open page
//! stays as it is.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::user::User;

use super::title::PageTitle;
use crate::api::{self, sign_in_url};
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::dialog::Dialog;
use crate::context::AppContext;

/// The page that ends a sign-in in another window.
const SIGNED_IN_PATH: &str = "/reconnexion";

/// Draws `show` for the signed-in user; a visitor is asked to sign in.
pub fn signed_in(show: impl Fn(User) -> AnyView + Send + 'static) -> AnyView {
    AppContext::get().session.view(move |session| match session.user {
        Some(user) => show(user),
        None => SignInPrompt().into_any(),
    })
}

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

/// Signs in again in another window where the session has expired; a visitor signs in here.
#[component]
pub fn SignInAgainButton(
    /// Whether what is around it is small.
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

/// Asks to sign in again, on every page.
#[component]
pub fn SignedOutDialog() -> impl IntoView {
    let context = AppContext::get();
    let somebody_else = RwSignal::new(None::<String>);
    let look = move || {
        if !context.is_signed_out() {
            return;
        }
        spawn_local(async move {
            if let Ok(session) = api::session().await {
                somebody_else.set(context.resume_session(session));
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
                    if !browser::open(&sign_in_url(SIGNED_IN_PATH)) {
                        browser::leave_to(&sign_in_url(&browser::current_path()));
                    }
                }
            >
                "Se reconnecter"
            </button>
        }
    });
    view! {
        <Dialog id="session-expiree" title="Votre session a expiré" open=context.asks_to_sign_in() actions>
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
        </Dialog>
    }
}
