//! `/users/sign-up`: opening an account, and `/users/verify-email`, where the code goes without which there is none.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::context;
use serde::Deserialize;
use shared::validation::formats::is_email;

use super::account::hash_password;
use super::challenge::{self, Outcome, Wanted};
use super::form::{self, Problem};
use super::next::{self, Next};
use super::throttle::Attempt;
use super::{password, session, settings};
use crate::app::State;
use crate::error::Result;
use crate::models::challenge::Challenge;
use crate::page;

/// The longest name, and the longest of anything else that one types about oneself.
pub const MAX_TEXT: usize = 100;

/// What the page sends. A field that is missing is empty.
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
pub async fn show_form(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let form = SignUpForm { next: Next::of(request.query_string()).as_str().to_owned(), ..SignUpForm::default() };
    show(&request, &state, StatusCode::OK, &form, &[])
}

#[post("/users/sign-up")]
pub async fn submit(
    request: HttpRequest,
    form: web::Form<SignUpForm>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let form = form.into_inner();
    if !form::is_ours(&request, &state, &form.token) {
        return show(&request, &state, StatusCode::FORBIDDEN, &form, &[form::foreign("password")]);
    }
    let problems = problems(&form);
    if !problems.is_empty() {
        return show(&request, &state, StatusCode::UNPROCESSABLE_ENTITY, &form, &problems);
    }
    if let Err(wait) = Attempt::of_mail(&request, &state, &form.email).begin() {
        let text = format!("Trop de messages ont été demandés pour cette adresse. {}", form::try_again(wait));
        let problem = Problem { field: "email", text };
        let page = show(&request, &state, StatusCode::TOO_MANY_REQUESTS, &form, &[problem])?;
        return Ok(form::retry_after(page, wait));
    }
    let wanted = Wanted {
        email: form.email,
        account_id: None,
        password_hash: hash_password(form.password).await?,
        given_name: form.given_name.trim().to_owned(),
        family_name: form.family_name.trim().to_owned(),
        next: form.next,
    };
    let cookie = challenge::begin(&state, wanted).await?;
    form::with_cookie(page::see_other("/users/verify-email"), &cookie)
}

fn problems(form: &SignUpForm) -> Vec<Problem> {
    let about = [form.email.trim(), form.given_name.trim(), form.family_name.trim()];
    [
        email_problem(&form.email),
        password::problem("password", &form.password, &about),
        text_problem("given_name", &form.given_name, "Indiquez votre prénom."),
        text_problem("family_name", &form.family_name, "Indiquez votre nom."),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What is wrong with an address that somebody says is theirs.
pub fn email_problem(email: &str) -> Option<Problem> {
    let email = email.trim();
    (email.len() > 254 || !is_email(email))
        .then(|| Problem::new("email", "Indiquez une adresse électronique, par exemple nom@domaine.fr."))
}

/// What is wrong with something that everybody has to say of themselves.
pub fn text_problem(field: &'static str, text: &str, missing: &str) -> Option<Problem> {
    if text.trim().is_empty() || text.contains(char::is_control) {
        Some(Problem::new(field, missing))
    } else if text.trim().chars().count() > MAX_TEXT {
        Some(Problem { field, text: format!("Ce texte est trop long\u{a0}: {MAX_TEXT} caractères au plus.") })
    } else {
        None
    }
}

fn show(
    request: &HttpRequest,
    state: &State,
    status: StatusCode,
    form: &SignUpForm,
    problems: &[Problem],
) -> Result<HttpResponse> {
    let SignUpForm { email, given_name, family_name, next, .. } = form;
    let sign_in = match next.as_str() {
        "" => "/api/sign_in".to_owned(),
        path if path.starts_with('/') => next::sign_in(path),
        query => format!("/connexion?{query}"),
    };
    let values = context! { email, given_name, family_name, next, sign_in };
    form::show(request, state, "sign_up.html", status, values, problems)
}

/// What the page with the code sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct CodeForm {
    code: String,
    token: String,
}

#[get("/users/verify-email")]
pub async fn show_code_form(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    match challenge::current(&request, &state).await? {
        Some(challenge) => show_code(&request, &state, StatusCode::OK, &challenge, false, &[]).await,
        None => Ok(page::see_other("/users/sign-up")),
    }
}

#[post("/users/verify-email")]
pub async fn verify(request: HttpRequest, form: web::Form<CodeForm>, state: web::Data<State>) -> Result<HttpResponse> {
    let Some(challenge) = challenge::current(&request, &state).await? else {
        return Ok(page::see_other("/users/sign-up"));
    };
    if !form::is_ours(&request, &state, &form.token) {
        return show_code(&request, &state, StatusCode::FORBIDDEN, &challenge, false, &[form::foreign("code")]).await;
    }
    let text = match challenge::answer(&request, &state, &form.code).await? {
        Outcome::Right { account_id, is_new: true, next } => {
            let (_, cookie) = session::open(&request, &state, account_id, false).await?;
            let join = Next::new(next).after("/users/join-organization");
            return form::with_cookie(page::see_other(&join), &cookie);
        }
        Outcome::Right { next, .. } => {
            return match session::current(&request, &state).await? {
                Some(session) => Next::new(next).follow(&state, session).await,
                None => Ok(page::see_other(&next::sign_in(settings::PATH))),
            };
        }
        Outcome::Wrong => "Ce code n’est pas celui du dernier message reçu. Vérifiez les chiffres saisis.",
        Outcome::Over => "Ce code n’est plus valable. Demandez-en un autre ci-dessous.",
    };
    let problem = Problem::new("code", text);
    show_code(&request, &state, StatusCode::UNPROCESSABLE_ENTITY, &challenge, false, &[problem]).await
}

#[post("/users/send-email-verification")]
pub async fn send_again(
    request: HttpRequest,
    form: web::Form<CodeForm>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let Some(challenge) = challenge::current(&request, &state).await? else {
        return Ok(page::see_other("/users/sign-up"));
    };
    if !form::is_ours(&request, &state, &form.token) {
        return show_code(&request, &state, StatusCode::FORBIDDEN, &challenge, false, &[form::foreign("code")]).await;
    }
    if let Err(wait) = Attempt::of_mail(&request, &state, &challenge.email).begin() {
        let text = format!("Trop de messages ont été demandés pour cette adresse. {}", form::try_again(wait));
        let problem = Problem { field: "code", text };
        let page = show_code(&request, &state, StatusCode::TOO_MANY_REQUESTS, &challenge, false, &[problem]).await?;
        return Ok(form::retry_after(page, wait));
    }
    challenge::send_again(&request, &state, &challenge).await?;
    show_code(&request, &state, StatusCode::OK, &challenge, true, &[]).await
}

async fn show_code(
    request: &HttpRequest,
    state: &State,
    status: StatusCode,
    challenge: &Challenge,
    sent: bool,
    problems: &[Problem],
) -> Result<HttpResponse> {
    let values = context! { email => &challenge.email, sent };
    let page = form::show(request, state, "verify_email.html", status, values, problems)?;
    Next::new(challenge.next.clone()).allow(state, page).await
}
