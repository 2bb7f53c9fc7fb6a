//! The webhooks of an API, for its developers.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use serde::Deserialize;
use shared::api::Page;
use shared::outbox::Retried;
use shared::problem::ItemCode;
use shared::webhook::{
    NewWebhook, Replay, Webhook, WebhookAttempt, WebhookChanges, WebhookDelivery, WebhookWithSecret,
};
use utoipa::IntoParams;

use super::input::{self, Body, Query};
use crate::administration::webhooks;
use crate::auth::Actor;
use crate::connection::page;
use crate::error::{Error, Result};
use crate::models::{webhook, webhook_delivery};
use crate::notification::webhook::masked;
use crate::state::AppState;

/// The webhooks that the caller looks after, without their secrets.
#[utoipa::path(
    summary = "Lister les webhooks de ses API (développeur)",
    tag = "Webhooks",
    responses((status = 200, body = Vec<Webhook>))
)]
#[get("/webhooks")]
pub async fn list(state: web::Data<AppState>, actor: Actor) -> Result<HttpResponse> {
    let apis = webhooks::developed(&actor.user)?;
    let found = state.db.read(move |connection| Ok(webhook::of_apis(connection, apis)?)).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// Makes a webhook. Its secret is shown this once.
#[utoipa::path(
    summary = "Créer un webhook (développeur)",
    tag = "Webhooks",
    request_body = NewWebhook,
    responses((status = 201, body = WebhookWithSecret))
)]
#[post("/webhooks")]
pub async fn create(state: web::Data<AppState>, actor: Actor, Body(new): Body<NewWebhook>) -> Result<HttpResponse> {
    let made = webhooks::add(&state.delivery_context(), &state.policies, &actor.user, new).await?;
    Ok(HttpResponse::Created().json(&made))
}

/// One webhook, without its secrets.
#[utoipa::path(
    summary = "Lire un webhook (développeur)",
    tag = "Webhooks",
    params(("id" = String, Path, description = "Identifiant du webhook")),
    responses((status = 200, body = Webhook))
)]
#[get("/webhooks/{id}")]
pub async fn show(state: web::Data<AppState>, actor: Actor, id: web::Path<String>) -> Result<HttpResponse> {
    let found = state.db.read(move |connection| webhooks::find_own(connection, &actor.user, &id)).await?;
    Ok(HttpResponse::Ok().json(Webhook::from(found)))
}

/// Changes a webhook, switches it on or off. Switched on, it goes on where it stopped.
#[utoipa::path(
    summary = "Modifier, activer ou suspendre un webhook (développeur)",
    tag = "Webhooks",
    params(("id" = String, Path, description = "Identifiant du webhook")),
    request_body = WebhookChanges,
    responses((status = 200, body = Webhook))
)]
#[patch("/webhooks/{id}")]
pub async fn update(
    state: web::Data<AppState>,
    actor: Actor,
    id: web::Path<String>,
    Body(changes): Body<WebhookChanges>,
) -> Result<HttpResponse> {
    let changed = webhooks::change(&state.delivery_context(), actor.user, id.into_inner(), changes).await?;
    Ok(HttpResponse::Ok().json(changed))
}

/// Removes a webhook, with the log of its calls and what waits for it.
#[utoipa::path(
    summary = "Supprimer un webhook (développeur)",
    tag = "Webhooks",
    params(("id" = String, Path, description = "Identifiant du webhook")),
    responses((status = 204, description = "It is gone"))
)]
#[delete("/webhooks/{id}")]
pub async fn remove(state: web::Data<AppState>, actor: Actor, id: web::Path<String>) -> Result<HttpResponse> {
    webhooks::remove(&state.delivery_context(), actor.user, id.into_inner()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Makes another secret, shown this once. Calls are signed with both until the previous one is removed.
#[utoipa::path(
    summary = "Renouveler le secret d’un webhook (développeur)",
    tag = "Webhooks",
    params(("id" = String, Path, description = "Identifiant du webhook")),
    responses((status = 200, body = WebhookWithSecret))
)]
#[post("/webhooks/{id}/secret")]
pub async fn rotate(state: web::Data<AppState>, actor: Actor, id: web::Path<String>) -> Result<HttpResponse> {
    let rotated = webhooks::rotate(&state.delivery_context(), actor.user, id.into_inner()).await?;
    Ok(HttpResponse::Ok().json(&rotated))
}

/// Removes the secret before the present one.
#[utoipa::path(
    summary = "Retirer l’ancien secret d’un webhook (développeur)",
    tag = "Webhooks",
    params(("id" = String, Path, description = "Identifiant du webhook")),
    responses((status = 200, body = Webhook))
)]
#[delete("/webhooks/{id}/previous_secret")]
pub async fn forget_previous_secret(
    state: web::Data<AppState>,
    actor: Actor,
    id: web::Path<String>,
) -> Result<HttpResponse> {
    let found = webhooks::forget_previous_secret(&state.delivery_context(), actor.user, id.into_inner()).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// Calls a webhook with an event `test`, about no request, and tells the outcome.
#[utoipa::path(
    summary = "Essayer un webhook (développeur)",
    tag = "Webhooks",
    params(("id" = String, Path, description = "Identifiant du webhook")),
    responses((status = 200, body = WebhookAttempt))
)]
#[post("/webhooks/{id}/test")]
pub async fn test(state: web::Data<AppState>, actor: Actor, id: web::Path<String>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(webhooks::test(&state.delivery_context(), actor.user, id.into_inner()).await?))
}

/// Which deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeliveriesQuery {
    /// Identifiant d’un envoi\u{a0}: ceux qui le suivent, du plus ancien au plus récent.
    after: Option<String>,
    /// `next` de la page précédente\u{a0}: du plus récent au plus ancien.
    cursor: Option<String>,
    /// Rows of a page, at most 100.
    #[param(minimum = 1)]
    limit: Option<i64>,
}

/// What a webhook was told, or is to be, with the calls made for it; what is personal is masked. With `after`, from the
/// oldest on, for a program that fetches what it has missed; else from the newest back.
#[utoipa::path(
    summary = "Lister les envois d’un webhook (développeur)",
    tag = "Webhooks",
    params(("id" = String, Path, description = "Identifiant du webhook"), DeliveriesQuery),
    responses((status = 200, body = Page<WebhookDelivery>))
)]
#[get("/webhooks/{id}/deliveries")]
pub async fn deliveries(
    state: web::Data<AppState>,
    actor: Actor,
    id: web::Path<String>,
    Query(query): Query<DeliveriesQuery>,
) -> Result<HttpResponse> {
    let limit = page::limit(query.limit)?;
    let before = input::uuid_cursor(query.cursor)?;
    let after = query.after;
    if after.as_ref().is_some_and(|after| !after.is_empty() && uuid::Uuid::parse_str(after).is_err()) {
        return Err(Error::parameter("after", ItemCode::Format, "Indiquez l’identifiant d’un envoi."));
    }
    let read = state.db.read(move |connection| {
        webhooks::find_own(connection, &actor.user, &id)?;
        Ok(match after {
            Some(after) => {
                let after = Some(after.as_str()).filter(|after| !after.is_empty());
                webhook_delivery::after(connection, &id, after, limit + 1)?
            }
            None => webhook_delivery::before(connection, &id, before.as_deref(), limit + 1)?,
        })
    });
    let (mut items, next) = page::cut(read.await?, limit, |delivery| delivery.id.clone());
    for delivery in &mut items {
        delivery.body = masked(std::mem::take(&mut delivery.body));
    }
    Ok(HttpResponse::Ok().json(Page { items, next }))
}

/// Has one delivery, or those of a span of time, made again with the same numbers.
#[utoipa::path(
    summary = "Rejouer des envois d’un webhook (développeur)",
    tag = "Webhooks",
    params(("id" = String, Path, description = "Identifiant du webhook")),
    request_body = Replay,
    responses((status = 200, body = Retried))
)]
#[post("/webhooks/{id}/replay")]
pub async fn replay(
    state: web::Data<AppState>,
    actor: Actor,
    id: web::Path<String>,
    Body(replay): Body<Replay>,
) -> Result<HttpResponse> {
    let count = webhooks::replay(&state.delivery_context(), actor.user, id.into_inner(), replay).await?;
    Ok(HttpResponse::Ok().json(Retried { count }))
}
