//! `/users/moderations`: the page of the pending requests, for administrators.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::{Value, context};
use serde::Deserialize;
use shared::role_request::MAX_REASON;
use shared::user::User;

use super::Decision;
use crate::administration::checked_reason;
use crate::auth::Administrator;
use crate::connection::types::utc;
use crate::error::{Error, Result};
use crate::identity::context::Context;
use crate::identity::destination::sign_in_url;
use crate::identity::form::{self, Failure, Form, Rejection};
use crate::identity::organization::webmail::{domain_of, is_webmail};
use crate::identity::signed_in;
use crate::ids::{JoinRequestId, UserId};
use crate::models::join_request::{self, PendingRequest};
use crate::page;
use crate::state::AppState;

const PATH: &str = "/users/moderations";

/// How many requests the page shows: the oldest first, the others come when these are done.
const SHOWN: i64 = 50;

/// What was just decided.
#[derive(Deserialize)]
pub struct DecidedQuery {
    /// The number of the request.
    decided: Option<JoinRequestId>,
}

#[get("/users/moderations")]
pub async fn show_list(
    request: HttpRequest,
    administrator: Result<Administrator>,
    query: Option<web::Query<DecidedQuery>>,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    match administrator {
        Ok(Administrator(user)) => show(&request, &state, user, query.and_then(|query| query.decided), None).await,
        Err(error) => refuse(&state, error),
    }
}

/// The fields of the form of each request.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct DecisionForm {
    /// « accept » or « refuse ».
    decision: String,
    /// The reason of a refusal.
    reason: String,
    /// « on »: the domain of the address is approved.
    domain: String,
    token: String,
}

#[post("/users/moderations/{id}")]
pub async fn submit(
    request: HttpRequest,
    administrator: Result<Administrator>,
    id: web::Path<JoinRequestId>,
    form: Form<DecisionForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    let Administrator(administrator) = match administrator {
        Ok(administrator) => administrator,
        Err(error) => return refuse(&state, error),
    };
    let administrator_id = UserId::of(&administrator);
    match decide(&request, &state, *id, &form, administrator_id).await {
        // Somebody else may have been faster: the page tells what was decided.
        Ok(()) | Err(Failure::Failed(Error::NotFound)) => Ok(page::see_other(&format!("{PATH}?decided={id}"))),
        Err(failure) => {
            let rejection = failure.rejection()?;
            show(&request, &state, administrator, None, Some((*id, &rejection, &form.reason))).await
        }
    }
}

async fn decide(
    request: &HttpRequest,
    state: &AppState,
    id: JoinRequestId,
    form: &DecisionForm,
    administrator_id: UserId,
) -> std::result::Result<(), Failure> {
    form::check_token(request, state, &form.token, "reason")?;
    let decision = if form.decision == "accept" {
        Decision::Accept { approve_domain: !form.domain.is_empty() }
    } else {
        let text = || format!("Dites pourquoi, en {MAX_REASON} caractères au plus\u{a0}: la personne le lira.");
        Decision::Refuse(checked_reason(&form.reason).map_err(|_| Rejection::invalid("reason", text()))?)
    };
    let context = Context::new(state);
    let decided = move |connection: &mut _| super::decide(connection, &context, id, &decision, administrator_id);
    Ok(state.db.write(decided).await?)
}

/// Visitors sign in first; for others there is no such page.
fn refuse(state: &AppState, error: Error) -> Result<HttpResponse> {
    match error {
        Error::Unauthorized => Ok(page::see_other(&sign_in_url(PATH))),
        Error::Denied(_) => page::message(
            state,
            StatusCode::NOT_FOUND,
            "Page introuvable",
            "Cette page n’existe pas, ou vous n’y avez pas accès.",
        ),
        error => Err(error),
    }
}

/// What is wrong with the decision on a request: which, what, and the reason as it was typed.
type Rejected<'a> = (JoinRequestId, &'a Rejection, &'a str);

/// The page; with what was just decided, or with what is wrong with the decision on one of the requests.
async fn show(
    request: &HttpRequest,
    state: &AppState,
    administrator: User,
    decided: Option<JoinRequestId>,
    rejected: Option<Rejected<'_>>,
) -> Result<HttpResponse> {
    signed_in::introduce(request, state, administrator).await?;
    let (pending, decided) = state
        .db
        .read(move |connection| {
            let decided = decided.map(|id| join_request::find_decided(connection, id)).transpose()?;
            Ok((join_request::pending(connection, SHOWN)?, decided.flatten()))
        })
        .await?;
    let rows: Value =
        pending.iter().map(|pending| row(pending, rejected.filter(|(id, ..)| *id == pending.id))).collect();
    let decided = decided.map(|(decided, is_accepted)| {
        context! { name => name(&decided), label => decided.label, is_accepted }
    });
    let rejection = rejected.map(|(_, rejection, _)| rejection);
    form::show(request, state, "moderations.html", context! { rows, decided }, rejection)
}

fn name(request: &PendingRequest) -> String {
    format!("{} {}", request.given_name, request.family_name)
}

fn row(pending: &PendingRequest, rejected: Option<Rejected<'_>>) -> Value {
    let domain = domain_of(&pending.email);
    context! {
        id => pending.id.0,
        name => name(pending),
        email => &pending.email,
        job => &pending.job,
        siret => &pending.siret,
        label => &pending.label,
        is_external => pending.is_external,
        since => page::day(utc(pending.created_at)),
        domain,
        is_webmail => is_webmail(domain),
        error => rejected.map(|(_, rejection, _)| rejection.text()),
        reason => rejected.map(|(.., reason)| reason),
    }
}
