//! `/users/personal-information`: the page to change it.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::context;
use serde::Deserialize;
use shared::validation::formats::is_phone_number;

use crate::error::Result;
use crate::identity::context::Context;
use crate::identity::destination::Destination;
use crate::identity::form::{self, Failure, FormError, Rejection};
use crate::identity::signed_in::{HasDestination, SignedIn, SignedInForm};
use crate::identity::validation::text_error;
use crate::ids::AccountId;
use crate::models::account::{Account, PersonalInformation};
use crate::state::AppState;

/// The fields of the page. One that is missing is empty.
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

impl HasDestination for PersonalForm {
    fn next(&self) -> &str {
        &self.next
    }
}

#[get("/users/personal-information")]
pub async fn show_form(request: HttpRequest, signed_in: SignedIn, state: web::Data<AppState>) -> Result<HttpResponse> {
    let Account { given_name, family_name, phone_number, job, email, .. } = signed_in.account;
    let next = Destination::from_query(request.query_string()).as_str().to_owned();
    let form = PersonalForm { given_name, family_name, phone_number, job, next, token: String::new() };
    show(&request, &state, &form, &email, None).await
}

#[post("/users/personal-information")]
pub async fn submit(
    request: HttpRequest,
    SignedInForm { signed_in, form }: SignedInForm<PersonalForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    let SignedIn { account, session, .. } = signed_in;
    match change(&request, &state, account.id, &form).await {
        Ok(()) => Destination::new(form.next).or_done("informations").redirect(&state, session).await,
        Err(failure) => show(&request, &state, &form, &account.email, Some(&failure.rejection()?)).await,
    }
}

async fn change(
    request: &HttpRequest,
    state: &AppState,
    account_id: AccountId,
    form: &PersonalForm,
) -> std::result::Result<(), Failure> {
    form::check_token(request, state, &form.token, "given_name")?;
    let phone_text = "Indiquez un numéro de téléphone, par exemple 01 23 45 67 89.";
    form::require_valid([
        text_error("given_name", &form.given_name, "Indiquez votre prénom."),
        text_error("family_name", &form.family_name, "Indiquez votre nom."),
        (!is_phone_number(form.phone_number.trim())).then(|| FormError::new("phone_number", phone_text)),
        text_error("job", &form.job, "Indiquez votre fonction."),
    ])?;
    let personal = PersonalInformation {
        given_name: form.given_name.trim().to_owned(),
        family_name: form.family_name.trim().to_owned(),
        phone_number: form.phone_number.trim().to_owned(),
        job: form.job.trim().to_owned(),
    };
    let context = Context::new(state);
    Ok(state.db.write(move |connection| super::change(connection, &context, account_id, &personal)).await?)
}

async fn show(
    request: &HttpRequest,
    state: &AppState,
    form: &PersonalForm,
    email: &str,
    rejection: Option<&Rejection>,
) -> Result<HttpResponse> {
    let PersonalForm { given_name, family_name, phone_number, job, next, .. } = form;
    let destination = Destination::new(next.clone());
    let to_email = destination.via("/users/change-email");
    let values = context! { given_name, family_name, phone_number, job, next, email, to_email };
    let page = form::show(request, state, "personal_information.html", values, rejection)?;
    destination.allow_in(state, page).await
}
