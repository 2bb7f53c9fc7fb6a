//! The messages that go with decisions: the templates of an API, and what is offered for a request.

use actix_web::{HttpResponse, delete, get, post, put, web};
use serde::Deserialize;
use shared::decision_message::{DecisionTemplate, NewDecisionTemplate, OfferedMessages};
use shared::workflow::Action;
use utoipa::IntoParams;

use super::input::{Body, Query};
use crate::administration::decision_templates;
use crate::auth::{Actor, Caller};
use crate::error::Result;
use crate::ids::{DecisionTemplateId, EnrollmentId};
use crate::state::AppState;
use crate::transition::offered_messages;

/// The templates of the messages that go with the decisions of an API. For its instructors and for administrators.
#[utoipa::path(
    summary = "Lister les modèles de décision d’une API",
    tag = "Modèles de décision",
    params(("target_api" = String, Path, description = "Identifiant de l’API", example = "api_particulier")),
    responses((status = 200, body = Vec<DecisionTemplate>))
)]
#[get("/policies/{target_api}/decision_templates")]
pub async fn list(caller: Caller, target_api: web::Path<String>) -> Result<HttpResponse> {
    let templates = caller.read(move |tx| decision_templates::list(tx, &target_api)).await?;
    Ok(HttpResponse::Ok().json(templates))
}

/// Adds a template. Where the message begins with it, it begins with no other.
#[utoipa::path(
    summary = "Créer un modèle de décision",
    tag = "Modèles de décision",
    params(("target_api" = String, Path, description = "Identifiant de l’API", example = "api_particulier")),
    request_body = NewDecisionTemplate,
    responses((status = 201, description = "Tous les modèles de l’API", body = Vec<DecisionTemplate>))
)]
#[post("/policies/{target_api}/decision_templates")]
pub async fn create(
    state: web::Data<AppState>,
    actor: Actor,
    target_api: web::Path<String>,
    Body(new): Body<NewDecisionTemplate>,
) -> Result<HttpResponse> {
    let templates = actor.write(&state, move |tx| decision_templates::create(tx, &target_api, new)).await?;
    Ok(HttpResponse::Created().json(templates))
}

/// Writes a template anew.
#[utoipa::path(
    summary = "Modifier un modèle de décision",
    tag = "Modèles de décision",
    params(
        ("target_api" = String, Path, description = "Identifiant de l’API", example = "api_particulier"),
        ("id" = i64, Path, description = "Numéro du modèle")
    ),
    request_body = NewDecisionTemplate,
    responses((status = 200, description = "Tous les modèles de l’API", body = Vec<DecisionTemplate>))
)]
#[put("/policies/{target_api}/decision_templates/{id}")]
pub async fn update(
    state: web::Data<AppState>,
    actor: Actor,
    path: web::Path<(String, DecisionTemplateId)>,
    Body(new): Body<NewDecisionTemplate>,
) -> Result<HttpResponse> {
    let (target_api, id) = path.into_inner();
    let templates = actor.write(&state, move |tx| decision_templates::update(tx, &target_api, id, new)).await?;
    Ok(HttpResponse::Ok().json(templates))
}

/// Removes a template.
#[utoipa::path(
    summary = "Supprimer un modèle de décision",
    tag = "Modèles de décision",
    params(
        ("target_api" = String, Path, description = "Identifiant de l’API", example = "api_particulier"),
        ("id" = i64, Path, description = "Numéro du modèle")
    ),
    responses((status = 200, description = "Les autres modèles de l’API", body = Vec<DecisionTemplate>))
)]
#[delete("/policies/{target_api}/decision_templates/{id}")]
pub async fn remove(
    state: web::Data<AppState>,
    actor: Actor,
    path: web::Path<(String, DecisionTemplateId)>,
) -> Result<HttpResponse> {
    let (target_api, id) = path.into_inner();
    let templates = actor.write(&state, move |tx| decision_templates::remove(tx, &target_api, id)).await?;
    Ok(HttpResponse::Ok().json(templates))
}

/// Which decision.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OfferedFor {
    /// `validate`, `request_changes`, `offer_partial_grant`, `refuse` or `revoke`.
    decision: Action,
}

/// The messages that are offered for a decision on a request: templates, filled in, and the words of earlier decisions.
#[utoipa::path(
    summary = "Lire les messages proposés pour une décision",
    tag = "Demandes",
    params(("id" = i64, Path, description = "Numéro"), OfferedFor),
    responses((status = 200, body = OfferedMessages))
)]
#[get("/enrollments/{id}/offered_messages")]
pub async fn offered(
    caller: Caller,
    id: web::Path<EnrollmentId>,
    Query(query): Query<OfferedFor>,
) -> Result<HttpResponse> {
    let offered = caller.read(move |tx| offered_messages::offered(tx, *id, query.decision)).await?;
    Ok(HttpResponse::Ok().json(offered))
}
