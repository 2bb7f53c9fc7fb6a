//! `/users/select-organization`: which of one’s organisations one speaks for in this browser. Clients are told that one
//! (scope `organization`), or all with that one first.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::{Value, context};
use serde::Deserialize;

use super::authorize::current;
use super::form::{self, Problem};
use super::next::Next;
use super::personal::{sign_in_first, signed_in};
use super::session;
use crate::app::State;
use crate::error::Result;
use crate::models::membership::{self, Membership};
use crate::models::provider::{self, Session};

const PATH: &str = "/users/select-organization";

/// What the page sends. A field that is missing is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SelectForm {
    siret: String,
    next: String,
    token: String,
}

#[get("/users/select-organization")]
pub async fn show_form(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let next = Next::of(request.query_string());
    let Some((session, _)) = signed_in(&request, &state).await? else { return Ok(sign_in_first(&next, PATH)) };
    show(&request, &state, StatusCode::OK, &session, &next, &[]).await
}

#[post("/users/select-organization")]
pub async fn submit(
    request: HttpRequest,
    form: web::Form<SelectForm>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let SelectForm { siret, next, token } = form.into_inner();
    let next = Next::new(next);
    let Some((session, _)) = signed_in(&request, &state).await? else { return Ok(sign_in_first(&next, PATH)) };
    if !form::is_ours(&request, &state, &token) {
        let problem = form::foreign("siret");
        return show(&request, &state, StatusCode::FORBIDDEN, &session, &next, &[problem]).await;
    }
    let members = of(&state, &session).await?;
    let (Some(id_hash), Some(chosen)) =
        (session::id_hash(&request, &state), members.into_iter().find(|member| member.siret == siret))
    else {
        let problem = Problem::new("siret", "Choisissez l’une de vos organisations.");
        return show(&request, &state, StatusCode::UNPROCESSABLE_ENTITY, &session, &next, &[problem]).await;
    };
    let store = move |connection: &mut _| Ok(provider::choose_organization(connection, &id_hash, &siret)?);
    state.db.write(store).await?;
    next.follow(&state, Session { siret: Some(chosen.siret), ..session }).await
}

async fn of(state: &State, session: &Session) -> Result<Vec<Membership>> {
    let account_id = session.account_id;
    state.db.read(move |connection| Ok(membership::of(connection, account_id)?)).await
}

async fn show(
    request: &HttpRequest,
    state: &State,
    status: StatusCode,
    session: &Session,
    next: &Next,
    problems: &[Problem],
) -> Result<HttpResponse> {
    let members = of(state, session).await?;
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
    let join = Next::new(next.after(PATH)).after("/users/join-organization");
    let values = context! { members => listed, next => next.as_str(), join, goes_on => next.link() };
    next.allow(state, form::show(request, state, "select_organization.html", status, values, problems)?).await
}
