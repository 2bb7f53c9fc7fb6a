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

/// The page that says that an account is suspended.
const SUSPENDED_PATH: &str = "/compte-suspendu";

/// Draws `show` for the signed-in user; a visitor is asked to sign in, and whoever was suspended is told so.
pub fn signed_in(show: impl Fn(User) -> AnyView + Send + 'static) -> AnyView {
    AppContext::get().session.view(move |session| match session.user {
        Some(user) => show(user),
        None => {
            if session.suspension.is_some() {
                browser::leave_to(SUSPENDED_PATH);
            }
            SignInPrompt().into_any()
        }
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

/// Says on every page that the session has ended, and asks to sign in again; or that the account is suspended, and why.
#[component]
pub fn SignedOutDialog() -> impl IntoView {
    let context = AppContext::get();
    let somebody_else = RwSignal::new(None::<String>);
    let suspension = RwSignal::new(None::<String>);
    let look = move || {
        if !context.is_signed_out() {
            return;
        }
        spawn_local(async move {
            if let Ok(session) = api::session().await {
                suspension.set(session.suspension.clone());
                somebody_else.set(context.resume_session(session));
            }
        });
    };
    Effect::new(move |_| {
        if context.asks_to_sign_in().get() {
            look();
        }
    });
    Effect::new(move |_| {
        if context.doubts_session.get() {
            context.doubts_session.set(false);
            spawn_local(find_out(context));
        }
    });
    // Told by the other window, or found out when one comes back to this one.
    let handles =
        ["storage", "focus", "visibilitychange"].map(|event| window_event_listener_untyped(event, move |_| look()));
    on_cleanup(move || handles.into_iter().for_each(|handle| handle.remove()));
    let title = Signal::derive(move || {
        let title = if suspension.with(Option::is_some) { SUSPENDED } else { "Votre session a pris fin" };
        title.to_owned()
    });
    let actions = ViewFn::from(move || suspension.with(Option::is_none).then(sign_in_again));
    view! {
        <Dialog id="session-terminee" title open=context.asks_to_sign_in() actions>
            {move || match suspension.get() {
                Some(reason) => view! {
                    {suspended(Some(reason))}
                    <p>"Ce que vous avez écrit sur cette page est gardé dans ce navigateur."</p>
                }
                    .into_any(),
                None => view! {
                    <p>
                        "Ce que vous avez écrit sur cette page est gardé. La connexion s’ouvre dans une autre fenêtre\u{a0}; une fois connecté, vous reprenez ici là où vous en étiez."
                    </p>
                }
                    .into_any(),
            }}
            <div aria-live="polite">{move || somebody_else.get().map(other_account)}</div>
        </Dialog>
    }
}

/// Finds out whether the session has ended, or is somebody else’s by now. An administrator’s is their own again at some time.
/// Whoever waited to speak for an organisation may have been accepted since.
async fn find_out(context: AppContext) {
    let known = untrack(|| context.session.get()).filter(|session| session.impersonation.is_none());
    let Some(user) = known.and_then(|session| session.user).filter(|_| !context.is_signed_out()) else { return };
    let Ok(now) = api::session().await else { return };
    match &now.user {
        Some(found) if found.id == user.id => {
            if found.organizations != user.organizations {
                context.renew(now);
            }
        }
        Some(_) | None => context.lose_session(),
    }
}

fn sign_in_again() -> impl IntoView {
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
}

fn other_account(name: String) -> impl IntoView {
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
}

/// What somebody reads whose account is suspended.
pub const SUSPENDED: &str = "Votre compte est suspendu";

/// That an account is suspended, why where that is known, and what its owner can do.
pub fn suspended(reason: Option<String>) -> AnyView {
    let reason = reason.filter(|reason| !reason.is_empty()).map(|reason| {
        view! {
            <p class="dp-text">
                <strong>"Raison\u{a0}: "</strong>
                {reason}
            </p>
        }
    });
    view! {
        <p class="fr-text--lead">"Un administrateur de DataPass a suspendu ce compte\u{a0}: il ne permet plus de se connecter."</p>
        {reason}
        <p>
            "Vos demandes et vos habilitations sont conservées telles qu’elles étaient. Si vous pensez qu’il s’agit d’une erreur, écrivez au service qui instruit votre demande\u{a0}: son adresse est dans les courriels que vous avez reçus, et il transmettra à l’administrateur."
        </p>
    }
    .into_any()
}
