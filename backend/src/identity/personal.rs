//! `/users/personal-information` and `/users/change-email`: what an account says of its owner.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::context;
use serde::Deserialize;
use shared::validation::formats::is_phone_number;

use super::challenge::{self, Wanted};
use super::form::{self, Problem};
use super::next::{self, Next};
use super::sign_up::{email_problem, text_problem};
use super::throttle::Attempt;
use super::{proof, session};
use crate::app::State;
use crate::db::types::now;
use crate::error::Result;
use crate::models::account::{self, Account, Personal};
use crate::models::provider::Session;
use crate::page;

/// Who is signed in at the provider.
pub async fn signed_in(request: &HttpRequest, state: &State) -> Result<Option<(Session, Account)>> {
    let Some(session) = session::current(request, state).await? else { return Ok(None) };
    let account_id = session.account_id;
    let account = state.db.read(move |connection| Ok(account::find(connection, account_id)?)).await?;
    Ok(Some((session, account)))
}

/// Sends a visitor to sign in, and then back to the page that they wanted, or to what they came for.
pub fn sign_in_first(next: &Next, path: &str) -> HttpResponse {
    match next.as_str() {
        query if !query.is_empty() && !query.starts_with('/') => page::see_other(&format!("/connexion?{query}")),
        _ => page::see_other(&next::sign_in(&next.after(path))),
    }
}

/// What the page sends. A field that is missing is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PersonalForm {
    given_name: String,
    family_name: String,
    phone_number: String,
    job: String,
    next: String,
    token: String,
}

#[get("/users/personal-information")]
pub async fn show_form(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let next = Next::of(request.query_string());
    let Some((_, account)) = signed_in(&request, &state).await? else {
        return Ok(sign_in_first(&next, "/users/personal-information"));
    };
    let form = PersonalForm {
        given_name: account.given_name,
        family_name: account.family_name,
        phone_number: account.phone_number,
        job: account.job,
        next: next.as_str().to_owned(),
        token: String::new(),
    };
    show(&request, &state, StatusCode::OK, &form, &account.email, &[]).await
}

#[post("/users/personal-information")]
pub async fn submit(
    request: HttpRequest,
    form: web::Form<PersonalForm>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let form = form.into_inner();
    let next = Next::new(form.next.clone());
    let Some((session, account)) = signed_in(&request, &state).await? else {
        return Ok(sign_in_first(&next, "/users/personal-information"));
    };
    if !form::is_ours(&request, &state, &form.token) {
        let problem = form::foreign("given_name");
        return show(&request, &state, StatusCode::FORBIDDEN, &form, &account.email, &[problem]).await;
    }
    let problems = problems(&form);
    if !problems.is_empty() {
        return show(&request, &state, StatusCode::UNPROCESSABLE_ENTITY, &form, &account.email, &problems).await;
    }
    let personal = Personal {
        given_name: form.given_name.trim().to_owned(),
        family_name: form.family_name.trim().to_owned(),
        phone_number: form.phone_number.trim().to_owned(),
        job: form.job.trim().to_owned(),
    };
    let store =
        move |connection: &mut _| Ok(account::set_personal(connection, account.id, &personal, now().naive_utc())?);
    state.db.write(store).await?;
    next.follow(&state, session).await
}

fn problems(form: &PersonalForm) -> Vec<Problem> {
    let phone = (!is_phone_number(form.phone_number.trim()))
        .then(|| Problem::new("phone_number", "Indiquez un numéro de téléphone, par exemple 01 23 45 67 89."));
    [
        text_problem("given_name", &form.given_name, "Indiquez votre prénom."),
        text_problem("family_name", &form.family_name, "Indiquez votre nom."),
        phone,
        text_problem("job", &form.job, "Indiquez votre fonction."),
    ]
    .into_iter()
    .flatten()
    .collect()
}

async fn show(
    request: &HttpRequest,
    state: &State,
    status: StatusCode,
    form: &PersonalForm,
    email: &str,
    problems: &[Problem],
) -> Result<HttpResponse> {
    let PersonalForm { given_name, family_name, phone_number, job, next, .. } = form;
    let goes_on = Next::new(next.clone());
    let to_email = goes_on.after("/users/change-email");
    let values = context! { given_name, family_name, phone_number, job, next, email, to_email };
    goes_on.allow(state, form::show(request, state, "personal_information.html", status, values, problems)?).await
}

/// What the page of the new address sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct EmailForm {
    email: String,
    password: String,
    next: String,
    token: String,
}

#[get("/users/change-email")]
pub async fn show_email_form(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let next = Next::of(request.query_string());
    let Some((_, account)) = signed_in(&request, &state).await? else {
        return Ok(sign_in_first(&next, "/users/change-email"));
    };
    let form = EmailForm { next: next.as_str().to_owned(), ..EmailForm::default() };
    show_email(&request, &state, StatusCode::OK, &form, &account.email, &[])
}

#[post("/users/change-email")]
pub async fn change_email(
    request: HttpRequest,
    form: web::Form<EmailForm>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let form = form.into_inner();
    let Some((_, account)) = signed_in(&request, &state).await? else {
        return Ok(sign_in_first(&Next::new(form.next), "/users/change-email"));
    };
    let refuse =
        |status: StatusCode, problem: Problem| show_email(&request, &state, status, &form, &account.email, &[problem]);
    if !form::is_ours(&request, &state, &form.token) {
        return refuse(StatusCode::FORBIDDEN, form::foreign("password"));
    }
    if let Some(problem) = email_problem(&form.email) {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, problem);
    }
    // Whoever finds an open browser must not take the account over.
    if let Err(refused) = proof::try_password(&request, &state, &account, "password", &form.password).await? {
        return refused.shown(|status, problems| show_email(&request, &state, status, &form, &account.email, problems));
    }
    if let Err(wait) = Attempt::of_mail(&request, &state, &form.email).begin() {
        let text = format!("Trop de messages ont été demandés pour cette adresse. {}", form::try_again(wait));
        let page = refuse(StatusCode::TOO_MANY_REQUESTS, Problem { field: "email", text })?;
        return Ok(form::retry_after(page, wait));
    }
    let wanted = Wanted {
        email: form.email,
        account_id: Some(account.id),
        password_hash: String::new(),
        given_name: String::new(),
        family_name: String::new(),
        next: form.next,
    };
    let cookie = challenge::begin(&state, wanted).await?;
    form::with_cookie(page::see_other("/users/verify-email"), &cookie)
}

fn show_email(
    request: &HttpRequest,
    state: &State,
    status: StatusCode,
    form: &EmailForm,
    current: &str,
    problems: &[Problem],
) -> Result<HttpResponse> {
    let EmailForm { email, next, .. } = form;
    form::show(request, state, "change_email.html", status, context! { email, next, current }, problems)
}
