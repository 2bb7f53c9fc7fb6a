//! `/users/account/second-factor`: turning the second factor on and off.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::context;
use serde::Deserialize;
use shared::access::SecondFactor;

use super::{is_on, key, seal_context};
use crate::connection::types::now;
use crate::error::Result;
use crate::identity::account::SECOND_FACTOR_PATH as PATH;
use crate::identity::account::reauthentication::pages::Page;
use crate::identity::account::reauthentication::{self, ReauthenticationForm};
use crate::identity::account::sessions::Here;
use crate::identity::account::totp::Key;
use crate::identity::account::{recovery_codes, totp};
use crate::identity::context::Context;
use crate::identity::destination::Destination;
use crate::identity::form::{self, Failure, Form, Rejection};
use crate::identity::session;
use crate::identity::signed_in::{HasDestination, SignedIn, SignedInForm};
use crate::models::account::Account;
use crate::models::second_factor;
use crate::page;
use crate::state::AppState;

const KEY_PATH: &str = "/users/account/second-factor/key";

#[get("/users/account/second-factor")]
pub async fn show(request: HttpRequest, signed_in: SignedIn, state: web::Data<AppState>) -> Result<HttpResponse> {
    let destination = Destination::from_query(request.query_string());
    show_overview(&request, &state, &signed_in.account, &destination, None).await
}

/// The fields of the pages that turn it on. One that is missing is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SetUpForm {
    password: String,
    code: String,
    next: String,
    token: String,
}

impl HasDestination for SetUpForm {
    fn next(&self) -> &str {
        &self.next
    }
}

/// Makes a key, once the password was given.
#[post("/users/account/second-factor")]
pub async fn begin(
    request: HttpRequest,
    SignedInForm { signed_in, form }: SignedInForm<SetUpForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    let SignedIn { account, session_hash, .. } = signed_in;
    let destination = Destination::new(form.next);
    let checked = reauthentication::check_password(&request, &state, &account, &form.password, &form.token);
    if let Err(failure) = checked.await {
        return show_overview(&request, &state, &account, &destination, Some(&failure.rejection()?)).await;
    }
    let sealed = state.seal.seal(&Key::random()?, &seal_context(&account.sub))?;
    let context = Context::new(&state);
    let begin = move |connection: &mut _| super::begin(connection, &context, account.id, sealed, session_hash);
    let begun = state.db.write(begin).await?;
    Ok(page::see_other(&destination.via(if begun { KEY_PATH } else { PATH })))
}

#[get("/users/account/second-factor/key")]
pub async fn show_key(request: HttpRequest, signed_in: SignedIn, state: web::Data<AppState>) -> Result<HttpResponse> {
    let destination = Destination::from_query(request.query_string());
    match key_to_confirm(&state, &signed_in).await? {
        Some(sealed) => show_key_page(&request, &state, &signed_in.account, &sealed, &destination, None),
        None => Ok(page::see_other(&destination.via(PATH))),
    }
}

/// Turns it on, once a first code has shown that the application has the key. Every other session ends, and this one gets
/// a new id.
#[post("/users/account/second-factor/key")]
pub async fn confirm(
    request: HttpRequest,
    SignedInForm { signed_in, form }: SignedInForm<SetUpForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    let destination = Destination::new(form.next.clone());
    let Some(sealed) = key_to_confirm(&state, &signed_in).await? else {
        return Ok(page::see_other(&destination.via(PATH)));
    };
    let step = match check_first_code(&request, &state, &signed_in.account, &sealed, &form).await {
        Ok(step) => step,
        Err(failure) => {
            let rejection = failure.rejection()?;
            return show_key_page(&request, &state, &signed_in.account, &sealed, &destination, Some(&rejection));
        }
    };
    let SignedIn { account, session_hash, .. } = signed_in;
    let (account_id, codes, context) = (account.id, totp::recovery_codes()?, Context::new(&state));
    let (stored, here) = (codes.clone(), Here::of(&request, &state));
    let confirm =
        move |connection: &mut _| super::confirm(connection, &context, &account, (&session_hash, &here), step, &stored);
    if !state.db.write(confirm).await? {
        return Ok(page::see_other(&destination.via(PATH)));
    }
    let (_, cookies) = session::reopen(&request, &state, account_id, true).await?;
    form::with_cookies(recovery_codes::pages::show(&request, &state, &codes, &destination, true)?, &cookies)
}

async fn check_first_code(
    request: &HttpRequest,
    state: &AppState,
    account: &Account,
    sealed: &str,
    form: &SetUpForm,
) -> std::result::Result<i64, Failure> {
    form::check_token(request, state, &form.token, "code")?;
    reauthentication::check_first_code(request, state, account, sealed, &form.code).await
}

/// The key that is being set up in this browser, sealed.
async fn key_to_confirm(state: &AppState, signed_in: &SignedIn) -> Result<Option<String>> {
    let (account_id, session_hash) = (signed_in.account.id, signed_in.session_hash.clone());
    let find = move |connection: &mut _| {
        Ok(second_factor::secret_to_confirm(connection, account_id, &session_hash, now().naive_utc())?)
    };
    state.db.read(find).await
}

const TURN_OFF: Page = Page {
    path: "/users/account/second-factor/off",
    title: "Désactiver le second facteur",
    text: "La connexion ne demandera plus que votre mot de passe, et vos codes de secours ne seront plus valables. \
           Pour changer d’application, désactivez le second facteur, puis activez-le à nouveau.",
    failed: "Le second facteur n’a pas été désactivé",
    button: "Désactiver le second facteur",
};

#[get("/users/account/second-factor/off")]
pub async fn show_turn_off(
    request: HttpRequest,
    signed_in: SignedIn,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    if !is_on(&state, signed_in.account.id).await? {
        return Ok(page::see_other(PATH));
    }
    TURN_OFF.show(&request, &state, None)
}

/// Turns it off, and ends every other session. Whoever must have one is led to set up another when they next go to a
/// service; that is how one changes applications.
#[post("/users/account/second-factor/off")]
pub async fn turn_off(
    request: HttpRequest,
    signed_in: SignedIn,
    form: Form<ReauthenticationForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    let account = signed_in.account;
    if !is_on(&state, account.id).await? {
        return Ok(page::see_other(PATH));
    }
    if let Err(failure) = reauthentication::check(&request, &state, &account, &form).await {
        return TURN_OFF.show(&request, &state, Some(&failure.rejection()?));
    }
    let (account_id, context, here) = (account.id, Context::new(&state), Here::of(&request, &state));
    state.db.write(move |connection| super::turn_off(connection, &context, &account, Some(&here))).await?;
    let (session, cookies) = session::reopen(&request, &state, account_id, false).await?;
    form::with_cookies(Destination::done("second-facteur-desactive").redirect(&state, session).await?, &cookies)
}

async fn show_overview(
    request: &HttpRequest,
    state: &AppState,
    account: &Account,
    destination: &Destination,
    rejection: Option<&Rejection>,
) -> Result<HttpResponse> {
    let SecondFactor { is_on, recovery_codes, is_required } = super::status(state, account).await?;
    let values = context! { next => destination.as_str(), is_on, left => recovery_codes, is_required };
    form::show(request, state, "second_factor.html", values, rejection)
}

fn show_key_page(
    request: &HttpRequest,
    state: &AppState,
    account: &Account,
    sealed: &str,
    destination: &Destination,
    rejection: Option<&Rejection>,
) -> Result<HttpResponse> {
    let key = key(state, account, sealed)?;
    let values = context! { qr_code => key.qr_code()?, key => key.in_groups(), next => destination.as_str() };
    form::show(request, state, "second_factor_key.html", values, rejection)
}
