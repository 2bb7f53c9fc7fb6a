//! `/users/change-email`: the page of the new address.

use actix_web::cookie::Cookie;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::context;
use serde::Deserialize;

use crate::error::Result;
use crate::identity::account::reauthentication;
use crate::identity::destination::Destination;
use crate::identity::form::{self, Failure, Rejection};
use crate::identity::sign_in::attempt;
use crate::identity::sign_in::email_code::{self, NewCode, Purpose};
use crate::identity::signed_in::{HasDestination, SignedIn, SignedInForm};
use crate::identity::validation::typed_email;
use crate::models::account::Account;
use crate::page;
use crate::state::AppState;

/// The fields of the page. One that is missing is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct EmailForm {
    email: String,
    password: String,
    next: String,
    token: String,
}

impl HasDestination for EmailForm {
    fn next(&self) -> &str {
        &self.next
    }
}

#[get("/users/change-email")]
pub async fn show_form(request: HttpRequest, signed_in: SignedIn, state: web::Data<AppState>) -> Result<HttpResponse> {
    let next = Destination::from_query(request.query_string()).as_str().to_owned();
    show(&request, &state, &EmailForm { next, ..EmailForm::default() }, &signed_in.account, None)
}

#[post("/users/change-email")]
pub async fn submit(
    request: HttpRequest,
    SignedInForm { signed_in, form }: SignedInForm<EmailForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    match send_code(&request, &state, &signed_in.account, &form).await {
        Ok(cookie) => form::with_cookie(page::see_other(email_code::PATH), &cookie),
        Err(failure) => show(&request, &state, &form, &signed_in.account, Some(&failure.rejection()?)),
    }
}

async fn send_code(
    request: &HttpRequest,
    state: &AppState,
    account: &Account,
    form: &EmailForm,
) -> std::result::Result<Cookie<'static>, Failure> {
    form::check_token(request, state, &form.token, "password")?;
    let email = typed_email(&form.email)?;
    // Whoever finds an open browser must not take the account over.
    reauthentication::verify_password(request, state, account, "password", &form.password).await?;
    attempt::check_mail(request, state, &email, "email").await?;
    let purpose = Purpose::ChangeEmail { account_id: account.id };
    let new = NewCode { email, purpose, next: form.next.clone() };
    Ok(email_code::pages::send(state, new).await?)
}

fn show(
    request: &HttpRequest,
    state: &AppState,
    form: &EmailForm,
    account: &Account,
    rejection: Option<&Rejection>,
) -> Result<HttpResponse> {
    let EmailForm { email, next, .. } = form;
    let values = context! { email, next, current => account.email.as_str() };
    form::show(request, state, "change_email.html", values, rejection)
}
