//! What every page may ask for, and the whole route table.

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::hooks::use_location;
use leptos_router::path;
use shared::api::{PolicySummary, Session};
use shared::organization::Organization;
use shared::user::User;

use crate::components::layout::Layout;
use crate::components::sign_in::SignInPrompt;
use crate::loader::Loader;
use crate::pages::account::AccountPage;
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
use crate::pages::services::Services;
use crate::pages::signed_in::SignedIn;
use crate::pages::suspended::Suspended;
use crate::{api, browser};

/// Where the browser keeps the organisation that was chosen.
const ORGANIZATION: &str = "datapass.organisation";

/// What every page may ask for. Get it with [`AppContext::get`].
#[derive(Clone, Copy, Debug)]
pub struct AppContext {
    /// Who is signed in, and what is known of the place.
    pub session: Loader<Session>,
    /// The catalogue of APIs: their labels, above all.
    pub catalogue: Loader<Vec<PolicySummary>>,
    /// The SIRET of the organisation that the user has chosen to act for.
    chosen: RwSignal<Option<String>>,
    /// The session has ended under the page that is open.
    signed_out: RwSignal<bool>,
    /// The user is asked to sign in again.
    asks_to_sign_in: RwSignal<bool>,
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
            chosen: RwSignal::new(browser::stored(ORGANIZATION)),
            signed_out: RwSignal::new(false),
            asks_to_sign_in: RwSignal::new(false),
            flash: RwSignal::new(Flash::default()),
            focused_path: StoredValue::new(path),
        };
        provide_context(context);
        api::on_signed_out(move || {
            if untrack(|| context.user()).is_some() {
                context.signed_out.set(true);
                context.ask_to_sign_in();
            }
        });
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

    /// The organisation that the user has chosen to act for; `None`: all of theirs.
    pub fn organization(self) -> Option<Organization> {
        let siret = self.chosen.get()?;
        self.user()?.organizations.into_iter().find(|own| own.siret.as_str() == siret)
    }

    /// Chooses one of the user's organisations, for this browser, or all.
    pub fn choose_organization(self, siret: Option<String>) {
        match &siret {
            Some(siret) => drop(browser::store(ORGANIZATION, siret)),
            None => browser::forget(ORGANIZATION),
        }
        self.chosen.set(siret);
    }

    /// Whether the session has ended under the page that is open.
    pub fn is_signed_out(self) -> bool {
        self.signed_out.get_untracked()
    }

    /// Whether the user is asked to sign in again; they may put that off.
    pub const fn asks_to_sign_in(self) -> RwSignal<bool> {
        self.asks_to_sign_in
    }

    /// Asks the user to sign in again.
    pub fn ask_to_sign_in(self) {
        self.asks_to_sign_in.set(true);
    }

    /// Somebody has signed in again in another window. Unless it is who was signed in here, returns their name.
    pub fn come_back(self, session: Session) -> Option<String> {
        let user = session.user.as_ref()?;
        let before = untrack(|| self.session.get())?;
        if before.user.as_ref().map(|before| before.id) != Some(user.id) {
            return Some(user.full_name());
        }
        // What has not changed is not drawn again: it may be written in.
        if before != session {
            self.session.set(session);
        }
        self.signed_out.set(false);
        self.asks_to_sign_in.set(false);
        None
    }

    /// Calls when the user has signed in again.
    pub fn when_back(self, call: impl Fn() + 'static) {
        Effect::new(move |before: Option<bool>| {
            let is_signed_out = self.signed_out.get();
            if before == Some(true) && !is_signed_out {
                call();
            }
            is_signed_out
        });
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
                    <Route path=path!("/mon-compte") view=|| AccountPage().into_any() />
                    <Route path=path!("/personnes") view=|| People().into_any() />
                    <Route path=path!("/services") view=|| Services().into_any() />
                    <Route path=path!("/journal") view=|| Journal().into_any() />
                    <Route path=path!("/compte-suspendu") view=|| Suspended().into_any() />
                    <Route path=path!("/reconnexion") view=|| SignedIn().into_any() />
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
        browser::forget(ORGANIZATION);
        match api::sign_out().await {
            Ok(signed_out) => browser::leave_to(&signed_out.location),
            Err(_) => browser::leave_to("/"),
        }
    });
}
