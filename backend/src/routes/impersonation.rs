//! An administrator acts for somebody, and stops.

use actix_web::{HttpRequest, HttpResponse, delete, post, web};
use shared::api::Session;
use shared::user::NewImpersonation;

use super::input::Body;
use super::sign_in::set_cookie;
use crate::administration::impersonation;
use crate::auth::{Administrator, OptionalActor, session};
use crate::error::{Error, Result};
use crate::identity;
use crate::state::AppState;

/// Acts for somebody from now on, for an hour at most.
#[utoipa::path(
    summary = "Agir au nom d’une personne, une heure au plus (administrateur)",
    tag = "Personnes",
    request_body = NewImpersonation,
    responses((status = 200, body = Session))
)]
#[post("/impersonation")]
pub async fn begin(
    state: web::Data<AppState>,
    Administrator(user): Administrator,
    request: HttpRequest,
    Body(new): Body<NewImpersonation>,
) -> Result<HttpResponse> {
    let new = impersonation::checked(&new)?;
    let change = move |c: &mut _, old: &str, id: &str| impersonation::begin(c, &new, &user, old, id);
    let (signed, cookie) = session::switch(&state, &request, change).await?;
    let mut response = HttpResponse::Ok().json(identity::describe_session(&state, signed).await?);
    set_cookie(&mut response, &cookie)?;
    Ok(response)
}

/// Is oneself again.
#[utoipa::path(
    summary = "Cesser d’agir au nom d’une personne",
    tag = "Personnes",
    responses((status = 200, body = Session))
)]
#[delete("/impersonation")]
pub async fn end(
    state: web::Data<AppState>,
    OptionalActor(signed): OptionalActor,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let signed = signed.ok_or(Error::Unauthorized)?;
    if signed.impersonation.is_none() {
        return Err(Error::WrongStatus("Vous n’agissez au nom de personne.".to_owned()));
    }
    let change = move |c: &mut _, old: &str, id: &str| impersonation::end(c, &signed.user, old, id);
    let (signed, cookie) = session::switch(&state, &request, change).await?;
    let mut response = HttpResponse::Ok().json(identity::describe_session(&state, signed).await?);
    set_cookie(&mut response, &cookie)?;
    Ok(response)
}
