//! The services that sign people in with the embedded provider, for administrators.

use actix_web::{HttpResponse, delete, get, post, web};
use shared::client::{Client, ClientWithSecret, NewClient, NewSecret};

use super::input::Body;
use crate::administration::clients;
use crate::auth::Administrator;
use crate::error::Result;
use crate::models::client;
use crate::state::AppState;

/// The services, without their secrets.
#[utoipa::path(
    summary = "Lister les services raccordés à la connexion (administrateur)",
    operation_id = "list_clients",
    tag = "Connexion",
    responses((status = 200, body = Vec<Client>))
)]
#[get("/clients")]
pub async fn list(state: web::Data<AppState>, _: Administrator) -> Result<HttpResponse> {
    let clients = state.db.read(|connection| Ok(client::all(connection)?)).await?;
    Ok(HttpResponse::Ok().json(clients))
}

/// Lets a service in. Its secret is shown this once.
#[utoipa::path(
    summary = "Raccorder un service à la connexion (administrateur)",
    operation_id = "create_client",
    tag = "Connexion",
    request_body = NewClient,
    responses((status = 201, body = ClientWithSecret))
)]
#[post("/clients")]
pub async fn create(state: web::Data<AppState>, _: Administrator, Body(new): Body<NewClient>) -> Result<HttpResponse> {
    Ok(HttpResponse::Created().json(&clients::add(&state.db, new).await?))
}

/// Makes another secret. The present one still opens until the next is made, unless it must end at once.
#[utoipa::path(
    summary = "Renouveler le secret d’un service (administrateur)",
    operation_id = "rotate_client_secret",
    tag = "Connexion",
    params(("id" = String, Path, description = "What the service calls itself")),
    request_body = NewSecret,
    responses((status = 200, body = ClientWithSecret))
)]
#[post("/clients/{id}/secret")]
pub async fn rotate(
    state: web::Data<AppState>,
    _: Administrator,
    id: web::Path<String>,
    Body(new): Body<NewSecret>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(&clients::rotate(&state.db, id.into_inner(), new.keep_previous).await?))
}

/// Shuts a service out: its tokens end at once.
#[utoipa::path(
    summary = "Retirer un service (administrateur)",
    operation_id = "remove_client",
    tag = "Connexion",
    params(("id" = String, Path, description = "What the service calls itself")),
    responses((status = 204, description = "It is gone"))
)]
#[delete("/clients/{id}")]
pub async fn remove(state: web::Data<AppState>, _: Administrator, id: web::Path<String>) -> Result<HttpResponse> {
    clients::remove(&state.db, id.into_inner()).await?;
    Ok(HttpResponse::NoContent().finish())
}
