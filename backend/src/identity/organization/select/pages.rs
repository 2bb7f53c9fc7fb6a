//! `/users/select-organization`: the page to choose one.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::{Value, context};
use serde::Deserialize;

use super::current;
use crate::error::Result;
use crate::identity::destination::Destination;
use crate::identity::form::{self, Failure, Rejection};
use crate::identity::organization::{JOIN_PATH, SELECT_PATH};
use crate::identity::signed_in::{HasDestination, SignedIn, SignedInForm};
use crate::models::membership::{self, Membership};
use crate::models::provider_session::{self, ProviderSession};
use crate::state::AppState;

/// The fields of the page. One that is missing is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SelectForm {
    siret: String,
    next: String,
    token: String,
}

impl HasDestination for SelectForm {
    fn next(&self) -> &str {
        &self.next
    }
}

#[get("/users/select-organization")]
pub async fn show_form(request: HttpRequest, signed_in: SignedIn, state: web::Data<AppState>) -> Result<HttpResponse> {
    let destination = Destination::from_query(request.query_string());
    show(&request, &state, &signed_in.session, &destination, None).await
}

#[post("/users/select-organization")]
pub async fn submit(
    request: HttpRequest,
    SignedInForm { signed_in, form }: SignedInForm<SelectForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    let destination = Destination::new(form.next.clone());
    if let Err(failure) = select(&request, &state, &signed_in, &form).await {
        let rejection = failure.rejection()?;
        return show(&request, &state, &signed_in.session, &destination, Some(&rejection)).await;
    }
    destination.redirect(&state, ProviderSession { siret: Some(form.siret), ..signed_in.session }).await
}

async fn select(
    request: &HttpRequest,
    state: &AppState,
    signed_in: &SignedIn,
    form: &SelectForm,
) -> std::result::Result<(), Failure> {
    form::check_token(request, state, &form.token, "siret")?;
    if !members(state, &signed_in.session).await?.iter().any(|member| member.siret == form.siret) {
        return Err(Rejection::invalid("siret", "Choisissez l’une de vos organisations.").into());
    }
    let (session_hash, siret) = (signed_in.session_hash.clone(), form.siret.clone());
    let store = move |connection: &mut _| Ok(provider_session::select_organization(connection, &session_hash, &siret)?);
    Ok(state.db.write(store).await?)
}

async fn members(state: &AppState, session: &ProviderSession) -> Result<Vec<Membership>> {
    let account_id = session.account_id;
    state.db.read(move |connection| Ok(membership::of(connection, account_id)?)).await
}

async fn show(
    request: &HttpRequest,
    state: &AppState,
    session: &ProviderSession,
    destination: &Destination,
    rejection: Option<&Rejection>,
) -> Result<HttpResponse> {
    let members = members(state, session).await?;
    let present = current(&members, session.siret.as_deref());
    let listed: Value = members
        .iter()
        .map(|member| {
            context! {
                siret => &member.siret, label => &member.label, is_external => member.is_external,
                is_current => Some(member) == present,
            }
        })
        .collect();
    // Whoever joins another one comes back here to choose it.
    let join = Destination::new(destination.via(SELECT_PATH)).via(JOIN_PATH);
    let values = context! { members => listed, next => destination.as_str(), join, onward => destination.url() };
    let page = form::show(request, state, "select_organization.html", values, rejection)?;
    destination.allow_in(state, page).await
}
