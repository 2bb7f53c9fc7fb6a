//! `/users/reset-password` and `/users/change-password`: who has forgotten their password gets a link to choose another.
//!
//! An address without an account gets a mail that says so: the page is the same, and takes as long.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::Duration;
use minijinja::context;
use serde::Deserialize;

use super::account::hash_password;
use super::form::{self, Problem};
use super::parameters::Parameters;
use super::password;
use super::sign_up::email_problem;
use super::throttle::Attempt;
use crate::app::State;
use crate::auth::secret;
use crate::clients::oidc::EMBEDDED;
use crate::db::AnyConnection;
use crate::db::types::now;
use crate::error::Result;
use crate::models::account::{self, Account};
use crate::models::{password_reset, provider, session, user};
use crate::notification::account::{Told, mail};
use crate::{outbox, page};

/// How long a link is good.
const LIFETIME: Duration = Duration::hours(1);

/// What the page of the address sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AddressForm {
    email: String,
    token: String,
}

#[get("/users/reset-password")]
pub async fn show_form(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    ask(&request, &state, StatusCode::OK, "", &[])
}

#[post("/users/reset-password")]
pub async fn submit(
    request: HttpRequest,
    form: web::Form<AddressForm>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let AddressForm { email, token } = form.into_inner();
    if !form::is_ours(&request, &state, &token) {
        return ask(&request, &state, StatusCode::FORBIDDEN, &email, &[form::foreign("email")]);
    }
    if let Some(problem) = email_problem(&email) {
        return ask(&request, &state, StatusCode::UNPROCESSABLE_ENTITY, &email, &[problem]);
    }
    if let Err(wait) = Attempt::of_mail(&request, &state, &email).begin() {
        let text = format!("Trop de messages ont été demandés pour cette adresse. {}", form::try_again(wait));
        let problem = Problem { field: "email", text };
        return Ok(form::retry_after(ask(&request, &state, StatusCode::TOO_MANY_REQUESTS, &email, &[problem])?, wait));
    }
    let email = account::normal_email(&email);
    let link = secret::new()?;
    let (public_url, mail_from) = (state.public_url.clone(), state.config.mail_from.clone());
    let to = email.clone();
    let send = move |connection: &mut AnyConnection| {
        let now = now().naive_utc();
        let account_id = account::credentials(connection, &to)?.map(|known| known.account_id);
        password_reset::insert(connection, &secret::hash(&link), account_id, now + LIFETIME, now)?;
        let told = if account_id.is_some() { Told::Reset(&link) } else { Told::Unknown };
        outbox::post(connection, mail(told, &to, &public_url, &mail_from)?)
    };
    state.db.write(send).await?;
    state.bell.notify_one();
    let text = format!(
        "Un message vient d’être envoyé à {email}. S’il n’arrive pas d’ici quelques minutes, regardez dans les courriers \
         indésirables et vérifiez l’adresse."
    );
    page::message(&state, StatusCode::OK, "Regardez vos messages", &text)
}

fn ask(
    request: &HttpRequest,
    state: &State,
    status: StatusCode,
    email: &str,
    problems: &[Problem],
) -> Result<HttpResponse> {
    form::show(request, state, "reset_password.html", status, context! { email }, problems)
}

/// What the page of the new password sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PasswordForm {
    password: String,
    /// The secret of the link.
    reset: String,
    token: String,
}

/// Opening the link changes nothing: programs that look into mails open links.
#[get("/users/change-password")]
pub async fn show_password_form(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let parameters = Parameters::parse(request.query_string().as_bytes());
    let reset = parameters.get("token").unwrap_or_default();
    match find(&state, reset).await? {
        Some(_) => choose(&request, &state, StatusCode::OK, reset, &[]),
        None => over(&state),
    }
}

#[post("/users/change-password")]
pub async fn change(
    request: HttpRequest,
    form: web::Form<PasswordForm>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let PasswordForm { password, reset, token } = form.into_inner();
    let Some(account) = find(&state, &reset).await? else { return over(&state) };
    if !form::is_ours(&request, &state, &token) {
        return choose(&request, &state, StatusCode::FORBIDDEN, &reset, &[form::foreign("password")]);
    }
    let about = [account.email.as_str(), &account.given_name, &account.family_name];
    if let Some(problem) = password::problem("password", &password, &about) {
        return choose(&request, &state, StatusCode::UNPROCESSABLE_ENTITY, &reset, &[problem]);
    }
    let hash = hash_password(password).await?;
    let (public_url, mail_from) = (state.public_url.clone(), state.config.mail_from.clone());
    let changed = state.db.write(move |connection| {
        if !password_reset::consume(connection, &secret::hash(&reset), account.id)? {
            return Ok(false);
        }
        account::set_password(connection, account.id, &hash, now().naive_utc())?;
        close_all(connection, &account.sub)?;
        outbox::post(connection, mail(Told::PasswordChanged, &account.email, &public_url, &mail_from)?)?;
        Ok(true)
    });
    if !changed.await? {
        return over(&state);
    }
    state.bell.notify_one();
    let text =
        "Toutes les connexions ouvertes avec votre compte sont fermées. Connectez-vous avec le nouveau mot de passe.";
    page::message(&state, StatusCode::OK, "Votre mot de passe a été changé", text)
}

/// Ends whatever an account has open: at the provider, and at DataPass.
pub fn close_all(connection: &mut AnyConnection, sub: &str) -> Result<()> {
    provider::close_all(connection, &[sub.to_owned()], now().naive_utc())?;
    if let Some(user_id) = user::find_by_sub(connection, EMBEDDED, sub)? {
        session::delete_of(connection, &[user_id])?;
    }
    Ok(())
}

async fn find(state: &State, reset: &str) -> Result<Option<Account>> {
    let token_hash = secret::hash(reset);
    let found = state.db.read(move |connection| {
        let account_id = password_reset::find(connection, &token_hash, now().naive_utc())?;
        Ok(account_id.map(|id| account::find(connection, id)).transpose()?)
    });
    found.await
}

fn choose(
    request: &HttpRequest,
    state: &State,
    status: StatusCode,
    reset: &str,
    problems: &[Problem],
) -> Result<HttpResponse> {
    form::show(request, state, "change_password.html", status, context! { reset }, problems)
}

fn over(state: &State) -> Result<HttpResponse> {
    let text = "Il a déjà servi, ou il a plus d’une heure. Demandez-en un autre depuis la page de connexion, «\u{a0}Mot de \
                passe oublié\u{a0}».";
    page::message(state, StatusCode::GONE, "Ce lien n’est plus valable", text)
}
