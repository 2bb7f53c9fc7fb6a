//! An attempt to sign in or to give a code, as the throttle ([`crate::throttle`]) counts it: by account and by the caller's
//! address; apart from both, in a browser that the account was signed in with before. Mails and sign-ups, which are counted
//! whether they fail or not ([`crate::rate_limits`]).

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;

use crate::auth::address;
use crate::connection::types::now;
use crate::email_address::EmailAddress;
use crate::error::Result;
use crate::identity::form::{Failure, Rejection};
use crate::identity::known_browser;
use crate::models::account;
use crate::rate_limits::{self, Limit};
use crate::secret;
use crate::state::AppState;
use crate::throttle::{self, Throttle};

const HOUR: i64 = 60 * 60;

/// What an attempt is counted under: hashes, so that memory holds no addresses.
#[derive(Clone)]
pub struct Attempt {
    throttle: Arc<Throttle>,
    account: String,
    address: String,
}

impl Attempt {
    /// A password of that account.
    ///
    /// # Errors
    /// The database's.
    pub async fn sign_in(request: &HttpRequest, state: &AppState, email: &EmailAddress) -> Result<Self> {
        Self::of_account("", request, state, email).await
    }

    /// A code of that account's second factor: counted apart, since the right password must not clear it.
    ///
    /// # Errors
    /// The database's.
    pub async fn second_factor(request: &HttpRequest, state: &AppState, email: &EmailAddress) -> Result<Self> {
        Self::of_account("code ", request, state, email).await
    }

    /// A mail that a visitor has sent: by their address alone. What it is sent to is counted by [`check_mail`].
    fn mail(request: &HttpRequest, state: &AppState) -> Self {
        Self { account: String::new(), ..Self::of("mail ", state, "", address::caller(request, state)) }
    }

    /// A new password for that account: to judge it takes time.
    pub async fn choice(request: &HttpRequest, state: &AppState, email: &EmailAddress) -> Result<Self> {
        Self::of_account("choice ", request, state, email).await
    }

    /// A secret of that tool.
    pub fn tool(request: &HttpRequest, state: &AppState, client_id: &str) -> Self {
        Self::of("tool ", state, client_id, address::caller(request, state))
    }

    /// The secret of the mail service. Wrong ones from elsewhere do not hold it up: each address counts for itself.
    pub fn mail_events(request: &HttpRequest, state: &AppState) -> Self {
        let address = caller_or_proxy(request, state);
        Self::of("mail events ", state, &address.map(|address| address.to_string()).unwrap_or_default(), address)
    }

    /// A number that a visitor looks up in the register, which answers us only so often: by their address alone.
    pub fn lookup(request: &HttpRequest, state: &AppState) -> Self {
        Self { account: String::new(), ..Self::of("lookup ", state, "", caller_or_proxy(request, state)) }
    }

    /// In a browser that it knows, an account does not wait for what others have tried.
    async fn of_account(what: &str, request: &HttpRequest, state: &AppState, email: &EmailAddress) -> Result<Self> {
        Ok(match known_browser::name(request, state, email).await? {
            Some(browser) => Self::of(&format!("{what}browser "), state, &browser, None),
            None => Self::of(what, state, email, address::caller(request, state)),
        })
    }

    fn of(what: &str, state: &AppState, account: &str, address: Option<IpAddr>) -> Self {
        let key = |kind: &str, value: &str| secret::hash(&format!("{} {what}{kind} {value}", state.public_url));
        Self {
            throttle: state.throttle.clone(),
            account: key("account", account),
            address: address.map(|address| key("address", &address.to_string())).unwrap_or_default(),
        }
    }

    /// Counts the attempt as failed, until it is known not to be: many at once must not slip through.
    ///
    /// # Errors
    /// One must wait, that long.
    pub fn begin(&self) -> std::result::Result<(), Duration> {
        self.throttle.begin(self.keys())
    }

    /// The same for a page, which shows the wait at that field.
    pub fn check(&self, field: &'static str) -> std::result::Result<(), Rejection> {
        self.begin().map_err(|wait| Rejection::too_many(field, "Trop d’essais ont échoué.", wait))
    }

    /// It was not tried after all: the server had no time.
    pub fn withdraw(&self) {
        self.throttle.withdraw(self.keys());
    }

    /// The password or the code was right.
    pub fn succeeded(&self) {
        self.throttle.succeeded(self.keys());
    }

    fn keys(&self) -> throttle::Attempt<'_> {
        throttle::Attempt { account: &self.account, address: &self.address }
    }
}

/// Counts a sign-in that is refused for the audit log, where the address is of an account.
///
/// # Errors
/// The database's.
pub async fn refused(state: &AppState, email: &EmailAddress) -> Result<()> {
    let email = email.clone();
    if let Some(user) = state.db.read(move |connection| Ok(account::user(connection, &email)?)).await? {
        state.audit.refusals.count(user, now().naive_utc());
    }
    Ok(())
}

/// Counts a mail to that address, so that nobody's mailbox is filled up through us, and one that the caller's address asks for,
/// whoever it goes to; the wait is shown at that field. In a browser that the account knows, its owner waits for neither.
///
/// # Errors
/// One must wait; the database's.
pub async fn check_mail(
    request: &HttpRequest,
    state: &AppState,
    email: &EmailAddress,
    field: &'static str,
) -> std::result::Result<(), Failure> {
    let text = "Trop de messages ont été demandés pour cette adresse.";
    let subject = match known_browser::name(request, state, email).await? {
        Some(browser) => format!("browser {browser}"),
        None => {
            let asked = Attempt::mail(request, state).begin();
            asked.map_err(|wait| {
                Rejection::too_many(field, "Trop de messages ont été demandés depuis votre réseau.", wait)
            })?;
            format!("address {email}")
        }
    };
    let limit = Limit { name: "mails", most: state.config.quotas.mails, seconds: HOUR };
    check_stored(state, limit, subject, (field, text)).await
}

/// Counts an account that is asked for from the caller's address.
///
/// # Errors
/// One must wait; the database's.
pub async fn check_sign_up(
    request: &HttpRequest,
    state: &AppState,
    field: &'static str,
) -> std::result::Result<(), Failure> {
    let Some(address) = address::visitor(request, state) else { return Ok(()) };
    let limit = Limit { name: "sign-ups", most: state.config.quotas.sign_ups, seconds: HOUR };
    let text = "Trop de comptes ont été demandés depuis votre réseau.";
    check_stored(state, limit, address.to_string(), (field, text)).await
}

async fn check_stored(
    state: &AppState,
    limit: Limit,
    subject: String,
    (field, text): (&'static str, &str),
) -> std::result::Result<(), Failure> {
    let counted = state.db.remember(move |connection| rate_limits::count_stored(connection, limit, &subject));
    let standing = counted.await?;
    if standing.is_exceeded() { Err(Rejection::too_many(field, text, standing.wait()).into()) } else { Ok(()) }
}

/// Where a proxy names nobody, those behind it share what there is.
fn caller_or_proxy(request: &HttpRequest, state: &AppState) -> Option<IpAddr> {
    address::caller(request, state).or_else(|| address::peer(request))
}
