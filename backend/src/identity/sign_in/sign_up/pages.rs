//! `/users/sign-up`: the page to sign up.

use actix_web::cookie::Cookie;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::context;
use serde::Deserialize;

use crate::error::Result;
use crate::identity::account::password_hash::hash_password;
use crate::identity::account::password_policy::{Choice, length_error};
use crate::identity::destination::Destination;
use crate::identity::form::{self, Failure, Form, Rejection};
use crate::identity::sign_in::attempt;
use crate::identity::sign_in::email_code::{self, NewCode, Purpose};
use crate::identity::validation::{email_error, text_error, typed_email};
use crate::page;
use crate::state::AppState;

/// The fields of the page. One that is missing is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SignUpForm {
    email: String,
    password: String,
    given_name: String,
    family_name: String,
    next: String,
    token: String,
}

#[get("/users/sign-up")]
pub async fn show_form(request: HttpRequest, state: web::Data<AppState>) -> Result<HttpResponse> {
    let next = Destination::from_query(request.query_string()).as_str().to_owned();
    show(&request, &state, &SignUpForm { next, ..SignUpForm::default() }, None)
}

#[post("/users/sign-up")]
pub async fn submit(request: HttpRequest, form: Form<SignUpForm>, state: web::Data<AppState>) -> Result<HttpResponse> {
    match send_code(&request, &state, &form).await {
        Ok(cookie) => form::with_cookie(page::see_other(email_code::PATH), &cookie),
        Err(failure) => show(&request, &state, &form, Some(&failure.rejection()?)),
    }
}

async fn send_code(
    request: &HttpRequest,
    state: &AppState,
    form: &SignUpForm,
) -> std::result::Result<Cookie<'static>, Failure> {
    form::check_token(request, state, &form.token, "password")?;
    form::require_valid([
        email_error(&form.email),
        length_error(&form.password),
        text_error("given_name", &form.given_name, "Indiquez votre prénom."),
        text_error("family_name", &form.family_name, "Indiquez votre nom."),
    ])?;
    let email = typed_email(&form.email)?;
    let names = [form.given_name.trim(), form.family_name.trim()];
    Choice { password: &form.password, email: &email, names }.require_strong(request, state).await?;
    attempt::check_sign_up(request, state, "email").await?;
    attempt::check_mail(request, state, &email, "email").await?;
    let password_hash = hash_password(form.password.clone()).await?;
    let new = NewCode {
        email,
        purpose: Purpose::SignUp {
            password_hash,
            given_name: form.given_name.trim().to_owned(),
            family_name: form.family_name.trim().to_owned(),
        },
        next: form.next.clone(),
    };
    Ok(email_code::pages::send(state, new).await?)
}

fn show(
    request: &HttpRequest,
    state: &AppState,
    form: &SignUpForm,
    rejection: Option<&Rejection>,
) -> Result<HttpResponse> {
    let SignUpForm { email, given_name, family_name, next, .. } = form;
    let sign_in = match next.as_str() {
        "" => "/api/sign_in".to_owned(),
        _ => Destination::new(next.clone()).sign_in(),
    };
    let values = context! { email, given_name, family_name, next, sign_in };
    form::show(request, state, "sign_up.html", values, rejection)
}
