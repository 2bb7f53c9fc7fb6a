//! Showing that an e-mail address is one's own: a code of eight digits is sent there, good for ten minutes, five tries and
//! the browser that asked for it (OWASP ASVS 5.0, 6.5 and 6.6).
//!
//! Nobody learns who has an account: an address that has one gets a mail that says so instead of the code, and all the
//! rest is the same.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::cookie::time;
use chrono::Duration;

use crate::app::State;
use crate::auth::{cookie, secret};
use crate::db::AnyConnection;
use crate::db::types::now;
use crate::error::Result;
use crate::models::account::{self, NewAccount};
use crate::models::challenge::{self, Challenge};
use crate::notification::account::{Told, mail};
use crate::outbox;

/// How long a code is good, in minutes.
const CODE_MINUTES: i64 = 10;

/// How long the browser remembers what it asked for: one may ask for other codes meanwhile.
const COOKIE_LIFETIME: time::Duration = time::Duration::hours(1);

const NAME: &str = "datapass_challenge";

/// What an address will be used for. Not `Debug`: it holds a hash of a password.
pub struct Wanted {
    /// The address.
    pub email: String,
    /// Whose it becomes; a new account's where there is nobody.
    pub account_id: Option<i64>,
    /// Of the new account.
    pub password_hash: String,
    /// Of the new account.
    pub given_name: String,
    /// Of the new account.
    pub family_name: String,
    /// Where to go afterwards.
    pub next: String,
}

/// What became of a code.
pub enum Outcome {
    /// It is the one: the account exists, or has its new address.
    Right {
        /// The account.
        account_id: i64,
        /// It has just been opened.
        is_new: bool,
        /// Where to go.
        next: String,
    },
    /// It is another.
    Wrong,
    /// There was none to compare with, or too many tries, or it is too late.
    Over,
}

/// Sends a code; returns the cookie without which it is good for nothing.
pub async fn begin(state: &State, wanted: Wanted) -> Result<Cookie<'static>> {
    let id = secret::new()?;
    let cookie = cookie::new(state, NAME, id.clone(), Some(COOKIE_LIFETIME));
    let sender = Sender::new(state);
    let send = move |connection: &mut AnyConnection| {
        let now = now().naive_utc();
        let email = account::normal_email(&wanted.email);
        let row = Challenge {
            id_hash: secret::hash(&id),
            code_hash: sender.send(connection, &id, &email)?,
            email,
            account_id: wanted.account_id,
            password_hash: wanted.password_hash,
            given_name: wanted.given_name,
            family_name: wanted.family_name,
            next: wanted.next,
            tries: 0,
            expires_at: now + Duration::minutes(CODE_MINUTES),
        };
        Ok(challenge::insert(connection, &row, now)?)
    };
    state.db.write(send).await?;
    state.bell.notify_one();
    Ok(cookie)
}

/// What the browser asked for, if it has.
pub async fn current(request: &HttpRequest, state: &State) -> Result<Option<Challenge>> {
    let Some(id) = cookie::read(request, state, NAME) else { return Ok(None) };
    state.db.read(move |connection| Ok(challenge::find(connection, &secret::hash(&id))?)).await
}

/// Sends another code for what the browser asked for; the one before is worth nothing any more.
pub async fn send_again(request: &HttpRequest, state: &State, challenge: &Challenge) -> Result<()> {
    let Some(id) = cookie::read(request, state, NAME) else { return Ok(()) };
    let sender = Sender::new(state);
    let email = challenge.email.clone();
    let send = move |connection: &mut AnyConnection| {
        let code_hash = sender.send(connection, &id, &email)?;
        let expires_at = now().naive_utc() + Duration::minutes(CODE_MINUTES);
        Ok(challenge::renew(connection, &secret::hash(&id), &code_hash, expires_at)?)
    };
    state.db.write(send).await?;
    state.bell.notify_one();
    Ok(())
}

/// Tries a code.
pub async fn answer(request: &HttpRequest, state: &State, code: &str) -> Result<Outcome> {
    let Some(id) = cookie::read(request, state, NAME) else { return Ok(Outcome::Over) };
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let sender = Sender::new(state);
    let outcome = state.db.write(move |connection| {
        let id_hash = secret::hash(&id);
        let Some(challenge) = challenge::try_once(connection, &id_hash, now().naive_utc())? else {
            return Ok(Outcome::Over);
        };
        // Nobody was told the code of an address that has an account.
        let is_taken = account::credentials(connection, &challenge.email)?.is_some();
        if !secret::same(&challenge.code_hash, &code_hash(&id, &code)) || is_taken {
            return Ok(Outcome::Wrong);
        }
        challenge::delete(connection, &id_hash)?;
        settle(connection, &sender, challenge)
    });
    let outcome = outcome.await?;
    state.bell.notify_one();
    Ok(outcome)
}

/// Opens the account, or gives it its new address.
fn settle(connection: &mut AnyConnection, sender: &Sender, challenge: Challenge) -> Result<Outcome> {
    let now = now().naive_utc();
    let is_new = challenge.account_id.is_none();
    let account_id = match challenge.account_id {
        Some(id) => {
            let old = account::find(connection, id)?.email;
            account::set_email(connection, id, &challenge.email, now)?;
            outbox::post(connection, mail(Told::EmailChanged, &old, &sender.public_url, &sender.mail_from)?)?;
            id
        }
        None => {
            let new = NewAccount {
                email: challenge.email,
                email_verified: true,
                password_hash: challenge.password_hash,
                given_name: challenge.given_name,
                family_name: challenge.family_name,
                phone_number: String::new(),
                job: String::new(),
                organizations: Vec::new(),
            };
            account::create(connection, &new, now)?
        }
    };
    Ok(Outcome::Right { account_id, is_new, next: challenge.next })
}

/// What a mail must know of the server.
struct Sender {
    public_url: String,
    mail_from: String,
}

impl Sender {
    fn new(state: &State) -> Self {
        Self { public_url: state.public_url.clone(), mail_from: state.config.mail_from.clone() }
    }

    /// Sends a new code to that address, and returns what to store of it.
    fn send(&self, connection: &mut AnyConnection, id: &str, email: &str) -> Result<String> {
        let code = secret::digits()?;
        let is_taken = account::credentials(connection, email)?.is_some();
        let told = if is_taken { Told::AlreadyKnown } else { Told::Code(&code) };
        outbox::post(connection, mail(told, email, &self.public_url, &self.mail_from)?)?;
        Ok(code_hash(id, &code))
    }
}

/// Eight digits alone would be found again from their hash; the cookie, which is not stored, has 256 random bits.
fn code_hash(id: &str, code: &str) -> String {
    secret::hash(&format!("{id} {code}"))
}
