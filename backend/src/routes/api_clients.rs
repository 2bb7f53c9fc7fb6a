//! The third-party tools that act for oneself.

use actix_web::{HttpResponse, delete, get, post, web};
use shared::access::{ApiClient, ApiClientWithSecret, NewApiClient};

use super::input::Body;
use crate::api_clients::{self, Owner};
use crate::auth::{Oneself, RecentlyAuthenticated};
use crate::error::Result;
use crate::models::api_client;
use crate::state::AppState;

/// One's own tools, without their secrets.
#[utoipa::path(
    summary = "Lister ses outils connectés à l’API",
    tag = "Mon compte",
    responses((status = 200, body = Vec<ApiClient>))
)]
#[get("/me/api_clients")]
pub async fn list(state: web::Data<AppState>, Oneself(user_id, _): Oneself) -> Result<HttpResponse> {
    let tools = state.db.read(move |connection| Ok(api_client::of_user(connection, user_id)?)).await?;
    Ok(HttpResponse::Ok().json(tools))
}

/// Connects a tool. Its secret is shown this once.
#[utoipa::path(
    summary = "Connecter un outil à l’API",
    description = "L’outil agit en votre nom, dans la limite des droits choisis, avec des jetons qu’il obtient à \
                   `/api/oauth/token`. Son secret n’est montré que cette fois, et vaut un an. Un courriel vous prévient. Il faut s’être \
                   authentifié depuis moins de dix minutes\u{a0}: sinon `insufficient_user_authentication`.",
    tag = "Mon compte",
    request_body = NewApiClient,
    responses((status = 201, body = ApiClientWithSecret))
)]
#[post("/me/api_clients")]
pub async fn create(
    state: web::Data<AppState>,
    RecentlyAuthenticated(user_id, session): RecentlyAuthenticated,
    Body(new): Body<NewApiClient>,
) -> Result<HttpResponse> {
    let owner = Owner { user_id, second_factor: session.second_factor };
    Ok(HttpResponse::Created().json(&api_clients::add(&state.db, state.context(), owner, new).await?))
}

/// Makes another secret for a tool. The present one opens until it is done away with, or yet another is made.
#[utoipa::path(
    summary = "Renouveler le secret d’un outil",
    description = "Le secret précédent ouvre encore, jusqu’à `DELETE …/previous_secret` ou au renouvellement suivant. Il \
                   faut s’être authentifié depuis moins de dix minutes\u{a0}: sinon `insufficient_user_authentication`.",
    tag = "Mon compte",
    params(("id" = String, Path, description = "`client_id` de l’outil")),
    responses((status = 200, body = ApiClientWithSecret))
)]
#[post("/me/api_clients/{id}/secrets")]
pub async fn rotate(
    state: web::Data<AppState>,
    RecentlyAuthenticated(user_id, _): RecentlyAuthenticated,
    id: web::Path<String>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(&api_clients::rotate(&state.db, user_id, id.into_inner()).await?))
}

/// Does away with the secret before the present one.
#[utoipa::path(
    summary = "Retirer l’ancien secret d’un outil",
    tag = "Mon compte",
    params(("id" = String, Path, description = "`client_id` de l’outil")),
    responses((status = 200, description = "Les outils", body = Vec<ApiClient>))
)]
#[delete("/me/api_clients/{id}/previous_secret")]
pub async fn forget_previous(
    state: web::Data<AppState>,
    Oneself(user_id, _): Oneself,
    id: web::Path<String>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(api_clients::forget_previous(&state.db, user_id, id.into_inner()).await?))
}

/// Disconnects a tool: its tokens are worth nothing from now on.
#[utoipa::path(
    summary = "Déconnecter un outil",
    tag = "Mon compte",
    params(("id" = String, Path, description = "`client_id` de l’outil")),
    responses((status = 200, description = "Les outils qui restent", body = Vec<ApiClient>))
)]
#[delete("/me/api_clients/{id}")]
pub async fn revoke(
    state: web::Data<AppState>,
    Oneself(user_id, _): Oneself,
    id: web::Path<String>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(api_clients::revoke(&state.db, user_id, id.into_inner()).await?))
}
