//! What every page may ask for, and the whole route table.

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::hooks::use_location;
use leptos_router::path;
use shared::api::{PolicySummary, Session};
use shared::user::User;

use crate::components::layout::Layout;
use crate::components::sign_in::SignInPrompt;
use crate::loader::Loader;
use crate::pages::authorisation::AuthorisationPage;
use crate::pages::catalogue::Catalogue;
use crate::pages::catalogue::start::StartRequest;
use crate::pages::compare::ComparePage;
use crate::pages::form::FormPage;
use crate::pages::home::{Home, MyRequests};
use crate::pages::instruction::InstructionList;
use crate::pages::journal::Journal;
use crate::pages::legal::{Accessibility, LegalNotice};
use crate::pages::mailbox::Mailbox;
use crate::pages::not_found::NotFound;
use crate::pages::people::People;
use crate::pages::public::PublicList;
use crate::pages::request::RequestPage;
use crate::pages::suspended::Suspended;
use crate::{api, browser};

/// What every page may ask for. Get it with [`AppContext::get`].
#[derive(Clone, Copy, Debug)]
pub struct AppContext {
    /// Who is signed in, and what is known of the place.
    pub session: Loader<Session>,
    /// The catalogue of APIs: their labels, above all.
    pub catalogue: Loader<Vec<PolicySummary>>,
    /// A message for the top of the next page: « Votre demande est soumise. »
    flash: RwSignal<Flash>,
    /// The path whose title last took the focus; at first, the one that the browser itself has loaded.
    pub focused_path: StoredValue<String>,
}

/// A message that survives exactly one navigation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Flash {
    message: Option<String>,
    is_shown: bool,
}

impl AppContext {
    fn provide() -> Self {
        let path = window().location().pathname().unwrap_or_default();
        let context = Self {
            session: Loader::new(api::session),
            catalogue: Loader::new(api::policies),
            flash: RwSignal::new(Flash::default()),
            focused_path: StoredValue::new(path),
        };
        provide_context(context);
        context
    }

    /// The one context. Only inside [`App`].
    pub fn get() -> Self {
        use_context().unwrap_or_else(Self::provide)
    }

    /// The signed-in user, once known.
    pub fn user(self) -> Option<User> {
        self.session.read(|session| session.user.clone()).flatten()
    }

    /// Draws `show` for the signed-in user; a visitor is asked to sign in.
    pub fn signed_in(self, show: impl Fn(User) -> AnyView + Send + 'static) -> AnyView {
        self.session.view(move |session| match session.user {
            Some(user) => show(user),
            None => SignInPrompt().into_any(),
        })
    }

    /// The official name of an API; its slug until the catalogue is there, or where it no longer names it.
    pub fn label_of(self, target_api: &str) -> String {
        let label = self.catalogue.read(|policies| {
            policies.iter().find(|policy| policy.target_api == target_api).map(|policy| policy.label.clone())
        });
        label.flatten().unwrap_or_else(|| target_api.to_owned())
    }

    /// Shows a message at the top of the page that comes next.
    pub fn tell_next_page(self, message: impl Into<String>) {
        self.flash.set(Flash { message: Some(message.into()), is_shown: false });
    }

    /// The message to show now.
    pub fn message(self) -> Option<String> {
        self.flash.with(|flash| flash.message.clone())
    }

    /// Puts the message away.
    pub fn dismiss(self) {
        self.flash.set(Flash::default());
    }

    fn turn_page(self) {
        self.flash.update(|flash| {
            if flash.is_shown {
                *flash = Flash::default();
            } else {
                flash.is_shown = true;
            }
        });
    }
}

/// The application.
#[component]
pub fn App() -> impl IntoView {
    AppContext::provide();
    view! {
        <Router>
            <Layout>
                <PageTurner />
                <FlatRoutes fallback=|| NotFound().into_any()>
                    <Route path=path!("/") view=|| Home().into_any() />
                    <Route path=path!("/mes-demandes") view=|| MyRequests().into_any() />
                    <Route path=path!("/nouvelle-demande") view=|| Catalogue().into_any() />
                    <Route path=path!("/nouvelle-demande/:target_api") view=|| StartRequest().into_any() />
                    <Route path=path!("/demandes/:id") view=|| RequestPage().into_any() />
                    <Route path=path!("/demandes/:id/modifier") view=|| FormPage().into_any() />
                    <Route path=path!("/demandes/:id/comparer") view=|| ComparePage().into_any() />
                    <Route path=path!("/instruction") view=|| InstructionList().into_any() />
                    <Route path=path!("/habilitations") view=|| PublicList().into_any() />
                    <Route path=path!("/habilitations/:id") view=|| AuthorisationPage().into_any() />
                    <Route path=path!("/personnes") view=|| People().into_any() />
                    <Route path=path!("/journal") view=|| Journal().into_any() />
                    <Route path=path!("/compte-suspendu") view=|| Suspended().into_any() />
                    <Route path=path!("/mailbox") view=|| Mailbox().into_any() />
                    <Route path=path!("/accessibilite") view=|| Accessibility().into_any() />
                    <Route path=path!("/mentions-legales") view=|| LegalNotice().into_any() />
                </FlatRoutes>
            </Layout>
        </Router>
    }
}

/// Does what each new page needs: the message of the page before goes.
#[component]
fn PageTurner() -> impl IntoView {
    let context = AppContext::get();
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|before| before != path) {
            context.turn_page();
        }
        path
    });
}

/// Leaves for the identity provider's sign-out, and forgets what this browser kept for the user.
pub fn sign_out() {
    leptos::task::spawn_local(async {
        browser::forget_all(crate::form::backup::PREFIX);
        match api::sign_out().await {
            Ok(signed_out) => browser::leave_to(&signed_out.location),
            Err(_) => browser::leave_to("/"),
        }
    });
}
