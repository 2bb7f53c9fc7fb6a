//! The application context: session, catalogue, chosen organisation, flash message.

use futures_channel::oneshot;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{PolicySummary, Session};
use shared::organization::Organization;
use shared::user::User;

use crate::loader::Loader;
use crate::{api, browser};

/// How long nothing may be asked of the server before somebody who comes back to a page, or uses it, has it asked whether they are
/// still signed in: in milliseconds.
const SILENCE: f64 = 30_000.0;

/// The key of the chosen organisation in local storage.
const ORGANIZATION_KEY: &str = "datapass.organisation";

/// What every page may ask for. Get it with [`AppContext::get`].
#[derive(Clone, Copy, Debug)]
pub struct AppContext {
    /// Who is signed in, and what is known of the place.
    pub session: Loader<Session>,
    /// The catalogue of APIs, once something has asked for it, and what owns it: no page, since all share it.
    catalogue: StoredValue<Option<Loader<Vec<PolicySummary>>>>,
    owner: StoredValue<Option<Owner>>,
    /// The SIRET of the organisation that the user has chosen to act for.
    chosen: RwSignal<Option<String>>,
    /// Told when the user's organisations were read anew.
    renewed: RwSignal<()>,
    /// The session has ended under the page that is open.
    signed_out: RwSignal<bool>,
    /// The user is asked to sign in again.
    asks_to_sign_in: RwSignal<bool>,
    /// Somebody uses the page after nothing was asked of the server for a while: the session may have ended. Nobody’s lasts longer for a page
    /// that is left open.
    pub doubts_session: RwSignal<bool>,
    /// A message for the top of the next page: « Votre demande est soumise. »
    flash: RwSignal<Flash>,
    /// The path whose title last took the focus; at first, the one that the browser itself has loaded.
    pub focused_path: StoredValue<String>,
    /// The page that is on its way, if any.
    pub coming: RwSignal<Coming>,
    /// Whether a page was drawn since the browser has loaded the application.
    pub has_page: StoredValue<bool>,
}

/// What becomes of a page whose part must be fetched first.
#[derive(Debug, Default)]
pub enum Coming {
    /// All is there.
    #[default]
    Nothing,
    /// On its way.
    Awaited,
    /// It did not come. What is sent here tries again; dropping it gives up.
    Missing(oneshot::Sender<()>),
}

/// A message that survives exactly one navigation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Flash {
    message: Option<String>,
    is_shown: bool,
}

impl AppContext {
    /// Provides the context to everything below.
    pub fn provide() -> Self {
        let path = window().location().pathname().unwrap_or_default();
        let context = Self {
            session: Loader::new(api::session),
            catalogue: StoredValue::new(None),
            owner: StoredValue::new(Owner::current()),
            chosen: RwSignal::new(browser::stored(ORGANIZATION_KEY)),
            renewed: RwSignal::default(),
            signed_out: RwSignal::new(false),
            asks_to_sign_in: RwSignal::new(false),
            doubts_session: RwSignal::new(false),
            flash: RwSignal::new(Flash::default()),
            focused_path: StoredValue::new(path),
            coming: RwSignal::default(),
            has_page: StoredValue::new(false),
        };
        provide_context(context);
        api::on_signed_out(move || {
            if untrack(|| context.user()).is_some() {
                context.lose_session();
            }
        });
        for event in ["focus", "visibilitychange", "keydown", "pointerdown"] {
            // For as long as the page is open.
            let _ = window_event_listener_untyped(event, move |_| {
                if api::silence() > SILENCE && !browser::is_hidden() {
                    context.doubts_session.set(true);
                }
            });
        }
        context
    }

    /// Says that the session has ended.
    pub fn lose_session(self) {
        self.signed_out.set(true);
        self.ask_to_sign_in();
    }

    /// The one context. Only inside `app::App`.
    pub fn get() -> Self {
        use_context().unwrap_or_else(Self::provide)
    }

    /// The catalogue of APIs: their labels, above all. It is fetched when it is first asked for.
    pub fn catalogue(self) -> Loader<Vec<PolicySummary>> {
        if let Some(catalogue) = self.catalogue.get_value() {
            return catalogue;
        }
        let fetch = || untrack(|| Loader::new(api::policies));
        let catalogue = self.owner.get_value().map_or_else(fetch, |owner| owner.with(fetch));
        self.catalogue.set_value(Some(catalogue));
        catalogue
    }

    /// The signed-in user, once known.
    pub fn user(self) -> Option<User> {
        self.renewed.track();
        self.session.read(|session| session.user.clone()).flatten()
    }

    /// The organisation that the user has chosen to act for; `None`: all of theirs.
    pub fn organization(self) -> Option<Organization> {
        let siret = self.chosen.get()?;
        self.user()?.organizations.into_iter().find(|own| own.siret.as_str() == siret)
    }

    /// Chooses one of the user's organisations, for this browser, or all.
    pub fn choose_organization(self, siret: Option<String>) {
        match &siret {
            Some(siret) => drop(browser::store(ORGANIZATION_KEY, siret)),
            None => browser::forget(ORGANIZATION_KEY),
        }
        self.chosen.set(siret);
    }

    /// Whether the session has expired while the page was open.
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

    /// Takes over the session of whoever has signed in again in another window. Returns the name of who was signed in here
    /// where that is somebody else.
    pub fn resume_session(self, session: Session) -> Option<String> {
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

    /// Takes over what has become of the organisations of the same user. The page that is open is not drawn again: it may be
    /// written in.
    pub fn renew(self, session: Session) {
        self.session.set_quietly(session);
        self.renewed.notify();
    }

    /// Calls once the user has signed in again.
    pub fn on_signed_in_again(self, call: impl Fn() + 'static) {
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
        let label = self.catalogue().read(|policies| {
            policies.iter().find(|policy| policy.target_api == target_api).map(|policy| policy.label.clone())
        });
        label.flatten().unwrap_or_else(|| target_api.to_owned())
    }

    /// Shows a message at the top of the page that comes next.
    pub fn flash(self, message: impl Into<String>) {
        self.flash.set(Flash { message: Some(message.into()), is_shown: false });
    }

    /// The message to show now.
    pub fn message(self) -> Option<String> {
        self.flash.with(|flash| flash.message.clone())
    }

    /// Removes the message.
    pub fn dismiss(self) {
        self.flash.set(Flash::default());
    }

    /// Asks again for the page that did not come.
    pub fn ask_again(self) {
        if let Some(Coming::Missing(again)) = self.coming.try_update(std::mem::take) {
            // Nobody waits for it where another page was asked for meanwhile.
            let _ = again.send(());
        }
    }

    /// Says no more that a page is on its way.
    pub fn give_up_waiting(self) {
        if self.coming.with_untracked(|coming| matches!(coming, Coming::Awaited)) {
            self.coming.set(Coming::Nothing);
        }
    }

    /// Says no more that a page did not come.
    pub fn give_up_missing(self) {
        if self.coming.with_untracked(|coming| matches!(coming, Coming::Missing(_))) {
            self.coming.set(Coming::Nothing);
        }
    }

    /// Counts a navigation: a message that was shown goes.
    pub fn age_flash(self) {
        self.flash.update(|flash| {
            if flash.is_shown {
                *flash = Flash::default();
            } else {
                flash.is_shown = true;
            }
        });
    }
}

/// Signs out here and at the identity provider, and removes what this browser kept of the user.
pub fn sign_out() {
    spawn_local(async {
        browser::forget_drafts();
        browser::forget(ORGANIZATION_KEY);
        match api::sign_out().await {
            Ok(signed_out) => browser::leave_to(&signed_out.location),
            Err(_) => browser::leave_to("/"),
        }
    });
}
