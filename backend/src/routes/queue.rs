//! The instructors' queue: who takes care of what, how long it takes, who is absent, what one keeps for oneself.

use actix_web::{HttpResponse, delete, get, post, put, web};
use shared::enrollment::Enrollment;
use shared::queue::{
    Absence, Assignment, AssignmentOutcome, Assignments, Colleague, NewSavedFilter, QueueCounts, SavedFilter,
    WaitingTimes,
};

use super::input::Body;
use super::validators::written_enrollment;
use crate::auth::{Actor, Caller};
use crate::error::Result;
use crate::ids::{EnrollmentId, SavedFilterId, UserId};
use crate::models::saved_filter;
use crate::saved_filters;
use crate::state::AppState;
use crate::transition::queue;

/// Says who takes care of a request from now on.
#[utoipa::path(
    summary = "Prendre, confier ou rendre une demande",
    tag = "File d’instruction",
    params(("id" = i64, Path, description = "Numéro")),
    request_body = Assignment,
    responses((status = 200, body = Enrollment))
)]
#[put("/enrollments/{id}/assignment")]
pub async fn assign(
    state: web::Data<AppState>,
    actor: Actor,
    id: web::Path<EnrollmentId>,
    Body(assignment): Body<Assignment>,
) -> Result<HttpResponse> {
    let enrollment = actor.write(&state, move |tx| queue::assign(tx, *id, assignment)).await?;
    written_enrollment(HttpResponse::Ok(), &enrollment)
}

/// Says who takes care of several requests; of each, whether it was done.
#[utoipa::path(
    summary = "Prendre, confier ou rendre plusieurs demandes",
    tag = "File d’instruction",
    request_body = Assignments,
    responses((status = 200, body = Vec<AssignmentOutcome>))
)]
#[post("/enrollments/assignments")]
pub async fn assign_all(
    state: web::Data<AppState>,
    actor: Actor,
    Body(assignments): Body<Assignments>,
) -> Result<HttpResponse> {
    let outcomes = actor.write(&state, move |tx| queue::assign_all(tx, &assignments)).await?;
    Ok(HttpResponse::Ok().json(outcomes))
}

/// How many requests each view holds.
#[utoipa::path(
    summary = "Compter les demandes de chaque vue",
    tag = "File d’instruction",
    responses((status = 200, body = QueueCounts))
)]
#[get("/enrollments/counts")]
pub async fn count(caller: Caller) -> Result<HttpResponse> {
    let counts = caller.read(queue::counts).await?;
    Ok(HttpResponse::Ok().json(counts))
}

/// Those to whom a request of that API may be handed over.
#[utoipa::path(
    summary = "Lister les instructeurs d’une API",
    tag = "File d’instruction",
    params(("target_api" = String, Path, description = "Identifiant de l’API", example = "api_particulier")),
    responses((status = 200, body = Vec<Colleague>))
)]
#[get("/policies/{target_api}/instructors")]
pub async fn instructors(caller: Caller, target_api: web::Path<String>) -> Result<HttpResponse> {
    let colleagues = caller.read(move |tx| queue::colleagues(tx, &target_api)).await?;
    Ok(HttpResponse::Ok().json(colleagues))
}

/// How long the administration takes to answer; only the time in which it must act counts.
#[utoipa::path(
    summary = "Lire les délais de réponse d’une API",
    tag = "Politiques",
    params(("target_api" = String, Path, description = "Identifiant de l’API", example = "api_particulier")),
    responses((status = 200, body = WaitingTimes))
)]
#[get("/policies/{target_api}/waiting")]
pub async fn waiting(state: web::Data<AppState>, target_api: web::Path<String>) -> Result<HttpResponse> {
    let context = state.context();
    let times = state.db.read(move |c| queue::waiting_times(c, &context, &target_api)).await?;
    Ok(HttpResponse::Ok().json(times))
}

/// Until when the caller is absent.
#[utoipa::path(
    summary = "Lire son absence",
    tag = "File d’instruction",
    responses((status = 200, body = Absence))
)]
#[get("/me/absence")]
pub async fn read_absence(caller: Caller) -> Result<HttpResponse> {
    let absence = caller.read(queue::absence).await?;
    Ok(HttpResponse::Ok().json(absence))
}

/// Begins or ends the caller's absence. What they took care of and that has no answer yet goes back to nobody.
#[utoipa::path(
    summary = "Commencer ou finir son absence",
    tag = "File d’instruction",
    request_body = Absence,
    responses((status = 200, body = Absence))
)]
#[put("/me/absence")]
pub async fn be_absent(state: web::Data<AppState>, actor: Actor, Body(absence): Body<Absence>) -> Result<HttpResponse> {
    let absence = actor.write(&state, move |tx| queue::set_absence(tx, absence)).await?;
    Ok(HttpResponse::Ok().json(absence))
}

/// The views of the list that the caller keeps.
#[utoipa::path(
    summary = "Lister ses filtres enregistrés",
    tag = "File d’instruction",
    responses((status = 200, body = Vec<SavedFilter>))
)]
#[get("/me/filters")]
pub async fn list_filters(state: web::Data<AppState>, Actor { user, .. }: Actor) -> Result<HttpResponse> {
    let filters = state.db.read(move |c| Ok(saved_filter::of_user(c, UserId::of(&user))?)).await?;
    Ok(HttpResponse::Ok().json(filters))
}

/// Keeps a view of the list.
#[utoipa::path(
    summary = "Enregistrer un filtre",
    tag = "File d’instruction",
    request_body = NewSavedFilter,
    responses((status = 201, body = Vec<SavedFilter>))
)]
#[post("/me/filters")]
pub async fn save_filter(
    state: web::Data<AppState>,
    Actor { user, .. }: Actor,
    Body(new): Body<NewSavedFilter>,
) -> Result<HttpResponse> {
    let new = saved_filters::checked(new)?;
    let filters = state.db.write(move |c| saved_filters::create(c, UserId::of(&user), &new)).await?;
    Ok(HttpResponse::Created().json(filters))
}

/// Names a view anew, changes what it shows, or makes it the one that the list opens with.
#[utoipa::path(
    summary = "Modifier un filtre enregistré",
    tag = "File d’instruction",
    params(("id" = i64, Path, description = "Numéro")),
    request_body = NewSavedFilter,
    responses((status = 200, body = Vec<SavedFilter>))
)]
#[put("/me/filters/{id}")]
pub async fn update_filter(
    state: web::Data<AppState>,
    Actor { user, .. }: Actor,
    id: web::Path<SavedFilterId>,
    Body(new): Body<NewSavedFilter>,
) -> Result<HttpResponse> {
    let new = saved_filters::checked(new)?;
    let filters = state.db.write(move |c| saved_filters::update(c, UserId::of(&user), *id, &new)).await?;
    Ok(HttpResponse::Ok().json(filters))
}

/// Forgets a view.
#[utoipa::path(
    summary = "Supprimer un filtre enregistré",
    tag = "File d’instruction",
    params(("id" = i64, Path, description = "Numéro")),
    responses((status = 200, body = Vec<SavedFilter>))
)]
#[delete("/me/filters/{id}")]
pub async fn forget_filter(
    state: web::Data<AppState>,
    Actor { user, .. }: Actor,
    id: web::Path<SavedFilterId>,
) -> Result<HttpResponse> {
    let filters = state.db.write(move |c| saved_filters::delete(c, UserId::of(&user), *id)).await?;
    Ok(HttpResponse::Ok().json(filters))
}
