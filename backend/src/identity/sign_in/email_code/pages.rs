//! `/users/verify-email`: the page where the code is typed.

use actix_web::cookie::{Cookie, time};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::context;
use serde::Deserialize;
use shared::api::Mail;

use super::{NewCode, Verification};
use crate::auth::cookie;
use crate::error::{Error, Result};
use crate::identity::context::Context;
use crate::identity::destination::{self, Destination};
use crate::identity::form::{self, Failure, Form, Rejection};
use crate::identity::sign_in::attempt;
use crate::identity::{account, organization, session};
use crate::models::challenge::{self, Challenge};
use crate::models::outbox;
use crate::page;
use crate::secret;
use crate::state::AppState;

/// How long the browser remembers what it asked for: other codes may be asked for meanwhile.
const COOKIE_LIFETIME: time::Duration = time::Duration::hours(1);

const COOKIE: &str = "datapass_challenge";

/// Sends a code; returns the cookie without which it is worth nothing.
pub async fn send(state: &AppState, new: NewCode) -> Result<Cookie<'static>> {
    let id = secret::new()?;
    let cookie = cookie::new(state, COOKIE, id.clone(), Some(COOKIE_LIFETIME));
    let context = Context::new(state);
    state.db.write(move |connection| super::send(connection, &context, &id, new)).await?;
    Ok(cookie)
}

/// The fields of the page. One that is missing is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct CodeForm {
    code: String,
    token: String,
}

#[get("/users/verify-email")]
pub async fn show_form(request: HttpRequest, state: web::Data<AppState>) -> Result<HttpResponse> {
    match current(&request, &state).await? {
        Some((_, challenge)) => show(&request, &state, &challenge, false, None).await,
        None => Ok(page::see_other("/users/sign-up")),
    }
}

/// In a demonstration, where no mail leaves: the last message to the address that this browser verifies.
#[get("/users/verify-email/message")]
pub async fn show_message(request: HttpRequest, state: web::Data<AppState>) -> Result<HttpResponse> {
    if !state.keeps_mails() {
        return Err(Error::NotFound);
    }
    let Some((_, challenge)) = current(&request, &state).await? else {
        return Ok(page::see_other("/users/sign-up"));
    };
    let find = move |connection: &mut _| Ok(outbox::last_kept(connection, challenge.email.as_str())?);
    let mail = state.db.read(find).await?;
    let mail = mail.map(|Mail { to, subject, body }| context! { to, subject, body });
    page::html(&state, HttpResponse::Ok(), "identity/demo_message.html", context! { mail })
}

#[post("/users/verify-email")]
pub async fn submit(request: HttpRequest, form: Form<CodeForm>, state: web::Data<AppState>) -> Result<HttpResponse> {
    let Some((id, challenge)) = current(&request, &state).await? else {
        return Ok(page::see_other("/users/sign-up"));
    };
    if let Err(rejection) = form::check_token(&request, &state, &form.token, "code") {
        return show(&request, &state, &challenge, false, Some(&rejection)).await;
    }
    let code: String = form.code.chars().filter(|c| !c.is_whitespace()).collect();
    let context = Context::new(&state);
    let verified = state.db.write(move |connection| super::verify(connection, &context, &id, &code));
    let text = match verified.await? {
        Verification::Verified { account_id, is_new: true, next } => {
            let (_, cookies) = session::open(&request, &state, account_id, false).await?;
            let join = Destination::new(next).via(organization::JOIN_PATH);
            return form::with_cookies(page::see_other(&join), &cookies);
        }
        Verification::Verified { next, .. } => {
            return match session::current(&request, &state).await? {
                Some(session) => Destination::new(next).or_done("adresse").redirect(&state, session).await,
                None => Ok(page::see_other(&destination::sign_in_url(account::PATH))),
            };
        }
        Verification::WrongCode => "Ce code n’est pas celui du dernier message reçu. Vérifiez les chiffres saisis.",
        Verification::Expired => "Ce code n’est plus valable. Demandez-en un autre ci-dessous.",
    };
    show(&request, &state, &challenge, false, Some(&Rejection::invalid("code", text))).await
}

#[post("/users/send-email-verification")]
pub async fn resend(request: HttpRequest, form: Form<CodeForm>, state: web::Data<AppState>) -> Result<HttpResponse> {
    let Some((id, challenge)) = current(&request, &state).await? else {
        return Ok(page::see_other("/users/sign-up"));
    };
    match send_another(&request, &state, id, &challenge, &form).await {
        Ok(()) => show(&request, &state, &challenge, true, None).await,
        Err(failure) => show(&request, &state, &challenge, false, Some(&failure.rejection()?)).await,
    }
}

async fn send_another(
    request: &HttpRequest,
    state: &AppState,
    id: String,
    challenge: &Challenge,
    form: &CodeForm,
) -> std::result::Result<(), Failure> {
    form::check_token(request, state, &form.token, "code")?;
    attempt::check_mail(request, state, &challenge.email, "code").await?;
    let (context, email) = (Context::new(state), challenge.email.clone());
    Ok(state.db.write(move |connection| super::resend(connection, &context, &id, &email)).await?)
}

/// The browser's cookie, and what it asked for.
async fn current(request: &HttpRequest, state: &AppState) -> Result<Option<(String, Challenge)>> {
    let Some(id) = cookie::read(request, state, COOKIE) else { return Ok(None) };
    let find =
        move |connection: &mut _| Ok(challenge::find(connection, &secret::hash(&id))?.map(|challenge| (id, challenge)));
    state.db.read(find).await
}

async fn show(
    request: &HttpRequest,
    state: &AppState,
    challenge: &Challenge,
    sent: bool,
    rejection: Option<&Rejection>,
) -> Result<HttpResponse> {
    let values = context! { email => challenge.email.as_str(), sent, keeps_mails => state.keeps_mails() };
    let page = form::show(request, state, "verify_email.html", values, rejection)?;
    Destination::new(challenge.next.clone()).allow_in(state, page).await
}
