//! `/users/reset-password`, where the link is asked for, and `/users/change-password`, where it leads.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::context;
use serde::Deserialize;

use crate::connection::types::now;
use crate::email_address::EmailAddress;
use crate::error::Result;
use crate::identity::account::password_hash::hash_password;
use crate::identity::account::password_policy::{Choice, length_error};
use crate::identity::context::Context;
use crate::identity::form::{self, Failure, Form, Rejection};
use crate::identity::known_browser;
use crate::identity::oauth::parameters::Parameters;
use crate::identity::sign_in::attempt;
use crate::identity::validation::typed_email;
use crate::models::account::Account;
use crate::page;
use crate::secret;
use crate::state::AppState;

/// The fields of the page that asks for the link.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct EmailForm {
    email: String,
    token: String,
}

#[get("/users/reset-password")]
pub async fn show_form(request: HttpRequest, state: web::Data<AppState>) -> Result<HttpResponse> {
    show(&request, &state, "", None)
}

#[post("/users/reset-password")]
pub async fn submit(request: HttpRequest, form: Form<EmailForm>, state: web::Data<AppState>) -> Result<HttpResponse> {
    let email = match send_link(&request, &state, &form).await {
        Ok(email) => email,
        Err(failure) => return show(&request, &state, &form.email, Some(&failure.rejection()?)),
    };
    let text = format!(
        "Un message vient d’être envoyé à {email}. S’il n’arrive pas d’ici quelques minutes, regardez dans les courriers \
         indésirables et vérifiez l’adresse."
    );
    page::message(&state, StatusCode::OK, "Regardez vos messages", &text)
}

/// Sends the link, and returns the address where it went.
async fn send_link(
    request: &HttpRequest,
    state: &AppState,
    form: &EmailForm,
) -> std::result::Result<EmailAddress, Failure> {
    form::check_token(request, state, &form.token, "email")?;
    let email = typed_email(&form.email)?;
    attempt::check_mail(request, state, &email, "email").await?;
    let (context, link, to) = (Context::new(state), secret::new()?, email.clone());
    state.db.write(move |connection| super::send_link(connection, &context, &link, &to)).await?;
    Ok(email)
}

fn show(request: &HttpRequest, state: &AppState, email: &str, rejection: Option<&Rejection>) -> Result<HttpResponse> {
    form::show(request, state, "reset_password.html", context! { email }, rejection)
}

/// The fields of the page of the new password.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PasswordForm {
    password: String,
    /// The secret of the link.
    reset: String,
    token: String,
}

/// Opening the link changes nothing: programs that scan mails open links.
#[get("/users/change-password")]
pub async fn show_password_form(request: HttpRequest, state: web::Data<AppState>) -> Result<HttpResponse> {
    let parameters = Parameters::parse(request.query_string().as_bytes());
    let link = parameters.get("token").unwrap_or_default();
    match account_of(&state, link).await? {
        Some(_) => show_password(&request, &state, link, None),
        None => invalid_link(&state),
    }
}

#[post("/users/change-password")]
pub async fn submit_password(
    request: HttpRequest,
    form: Form<PasswordForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    let Some(account) = account_of(&state, &form.reset).await? else { return invalid_link(&state) };
    let account_id = account.id;
    match reset(&request, &state, account, &form).await {
        Ok(true) => {}
        Ok(false) => return invalid_link(&state),
        Err(failure) => return show_password(&request, &state, &form.reset, Some(&failure.rejection()?)),
    }
    let text =
        "Toutes les connexions ouvertes avec votre compte sont fermées. Connectez-vous avec le nouveau mot de passe.";
    let page = page::message(&state, StatusCode::OK, "Votre mot de passe a été changé", text)?;
    // Who reads the mails of the account does not wait for strangers who guess its password.
    form::with_cookie(page, &known_browser::cookie(&state, account_id).await?)
}

async fn reset(
    request: &HttpRequest,
    state: &AppState,
    account: Account,
    form: &PasswordForm,
) -> std::result::Result<bool, Failure> {
    form::check_token(request, state, &form.token, "password")?;
    form::require_valid([length_error(&form.password)])?;
    Choice::of(&account, &form.password).require_strong(request, state).await?;
    let hash = hash_password(form.password.clone()).await?;
    let (context, link) = (Context::new(state), form.reset.clone());
    let reset = state.db.write(move |connection| super::reset(connection, &context, &account, &link, &hash));
    Ok(reset.await?)
}

async fn account_of(state: &AppState, link: &str) -> Result<Option<Account>> {
    let link = link.to_owned();
    state.db.read(move |connection| super::account(connection, &link, now().naive_utc())).await
}

fn show_password(
    request: &HttpRequest,
    state: &AppState,
    link: &str,
    rejection: Option<&Rejection>,
) -> Result<HttpResponse> {
    form::show(request, state, "change_password.html", context! { reset => link }, rejection)
}

fn invalid_link(state: &AppState) -> Result<HttpResponse> {
    let text = "Il a déjà servi, ou il a plus d’une heure. Demandez-en un autre depuis la page de connexion, «\u{a0}Mot de \
                passe oublié\u{a0}».";
    page::message(state, StatusCode::GONE, "Ce lien n’est plus valable", text)
}
