//! `/users/organizations`: the organisations of the account, and leaving one.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::{Value, context};
use serde::Deserialize;

use super::{JOIN_PATH, PATH, SELECT_PATH};
use crate::error::Result;
use crate::identity::destination::Destination;
use crate::identity::form::{self, Form};
use crate::identity::signed_in::SignedIn;
use crate::models::{join_request, membership};
use crate::page;
use crate::state::AppState;

#[get("/users/organizations")]
pub async fn show(request: HttpRequest, signed_in: SignedIn, state: web::Data<AppState>) -> Result<HttpResponse> {
    let id = signed_in.account.id;
    let read = move |connection: &mut _| Ok((membership::of(connection, id)?, join_request::of(connection, id)?));
    let (members, requests) = state.db.read(read).await?;
    let members: Value = members
        .iter()
        .map(|member| {
            context! {
                siret => &member.siret, label => &member.label, is_external => member.is_external,
                source => member.source.0.label(),
            }
        })
        .collect();
    let requests: Value = requests
        .iter()
        .map(|request| {
            context! {
                siret => &request.siret, label => &request.label, is_refused => request.decided_at.is_some(),
                reason => &request.reason,
            }
        })
        .collect();
    let destination = Destination::from_query(request.query_string());
    let values = context! {
        members, requests, join => destination.via(JOIN_PATH), choose => destination.via(SELECT_PATH),
    };
    form::show(&request, &state, "organizations.html", values, None)
}

/// The fields of the form of each organisation: « leave » asks for a confirmation, « confirm » gives it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct LeaveForm {
    siret: String,
    confirmed: String,
    token: String,
}

#[post("/users/leave-organization")]
pub async fn leave(
    request: HttpRequest,
    signed_in: SignedIn,
    form: Form<LeaveForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    let LeaveForm { siret, confirmed, token } = form.0;
    if !form::is_ours(&request, &state, &token) {
        return page::message(&state, StatusCode::FORBIDDEN, "Action impossible", form::EXPIRED);
    }
    let account_id = signed_in.account.id;
    let members = state.db.read(move |connection| Ok(membership::of(connection, account_id)?)).await?;
    let Some(member) = members.into_iter().find(|member| member.siret == siret) else {
        return Ok(page::see_other(PATH));
    };
    if confirmed.is_empty() {
        let values = context! { siret, label => member.label };
        return form::show(&request, &state, "leave_organization.html", values, None);
    }
    state.db.write(move |connection| Ok(membership::delete(connection, account_id, &siret)?)).await?;
    Destination::new(PATH.to_owned()).redirect(&state, signed_in.session).await
}
