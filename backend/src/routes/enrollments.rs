//! The enrollments: lists, one, its content, its steps, its history.

mod query;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use serde::Deserialize;
use serde_json::{Map, Value};
use shared::api::{ContactCorrection, ContentCorrection, EnrollmentRow, MAX_COUNTED, Mail, Page, Total};
use shared::calendar::paris;
use shared::change_state::ChangeState;
use shared::draft::Draft;
use shared::enrollment::Enrollment;
use shared::event::Event;
use shared::validation::PreviousEnrollment;
use utoipa::ToSchema;

use self::query::{EnrollmentsQuery, list_query};
use super::input::{Body, Query, if_match};
use super::validators::{self, written_enrollment};
use crate::auth::{Actor, Caller};
use crate::connection::types::now;
use crate::error::{Error, Result};
use crate::export::{self, FileType};
use crate::ids::EnrollmentId;
use crate::models::enrollment::list as lists;
use crate::state::AppState;
use crate::trail;
use crate::transition::{self, Command, conversation, facts, queue, submission};

/// The enrollments that the caller may see.
#[utoipa::path(
    summary = "Lister les demandes que l’on peut lire",
    tag = "Demandes",
    params(EnrollmentsQuery, ("If-None-Match" = Option<String>, Header, description = "ETag de la page déjà lue")),
    responses((status = 200, body = Page<EnrollmentRow>), (status = 304, description = "Rien n’a changé"))
)]
#[get("/enrollments")]
pub async fn list(caller: Caller, request: HttpRequest, Query(query): Query<EnrollmentsQuery>) -> Result<HttpResponse> {
    let listed = caller.read(move |tx| {
        let query = list_query(&tx.context.policies, tx.user, query)?;
        let (mut items, next) = lists::list(tx.connection, &query)?;
        conversation::count_unread(tx.connection, tx.user, &mut items)?;
        queue::name_assignees(tx.connection, tx.user, &mut items)?;
        Ok((items, next))
    });
    let (items, next) = listed.await?;
    validators::json(&request, &Page { items, next: next.map(|cursor| cursor.encode()) })
}

/// How many rows that list has, counted up to a thousand.
#[utoipa::path(
    summary = "Compter les demandes d’une liste, jusqu’à mille",
    tag = "Demandes",
    params(EnrollmentsQuery),
    responses((status = 200, body = Total))
)]
#[get("/enrollments/total")]
pub async fn total(caller: Caller, Query(query): Query<EnrollmentsQuery>) -> Result<HttpResponse> {
    let counted = caller.read(move |tx| {
        let query = list_query(&tx.context.policies, tx.user, query)?;
        Ok(lists::count(tx.connection, &query, Some(MAX_COUNTED))?)
    });
    Ok(HttpResponse::Ok().json(Total::of(counted.await?)))
}

/// The whole list as a file, sorted and filtered like the list itself; `x-total-count` says how many rows it has.
#[utoipa::path(
    summary = "Exporter la liste des demandes que l’on peut lire, en CSV ou en XLSX",
    tag = "Demandes",
    params(("format" = FileType, Path, description = "csv ou xlsx"), EnrollmentsQuery),
    responses((
        status = 200,
        content(
            (String = "text/csv"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )
    ))
)]
#[get("/enrollments/export.{format}")]
pub async fn export_list(
    state: web::Data<AppState>,
    Actor { user, .. }: Actor,
    format: web::Path<FileType>,
    Query(query): Query<EnrollmentsQuery>,
) -> Result<HttpResponse> {
    let query = list_query(&state.policies, &user, query)?;
    let exported = export::begin(state.into_inner(), *format, user, query).await?;
    Ok(HttpResponse::Ok()
        .content_type(format.media_type())
        .insert_header(("x-total-count", exported.rows.to_string()))
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"demandes-{}.{}\"", paris(now()).format("%Y-%m-%d"), format.extension()),
        ))
        .streaming(exported.bytes))
}

/// A new draft: the API, and any members of its content.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewDraft {
    /// The API that is asked for.
    target_api: String,
    /// What is already known.
    #[serde(flatten)]
    #[schema(value_type = Draft)]
    members: Map<String, Value>,
}

/// Starts a draft.
#[utoipa::path(
    summary = "Commencer une demande",
    tag = "Demandes",
    request_body = NewDraft,
    responses(
        (status = 201, body = Enrollment)
    )
)]
#[post("/enrollments")]
pub async fn create(state: web::Data<AppState>, actor: Actor, Body(new): Body<NewDraft>) -> Result<HttpResponse> {
    let siret = new.members.get("siret").and_then(|siret| siret.as_str()?.parse().ok());
    state.directory.prepare(&state.db, siret.as_ref()).await;
    let written = actor.write(&state, move |tx| {
        let created = transition::create(tx, &new.target_api, &new.members)?;
        trail::about(created.id);
        Ok(created)
    });
    let created = written.await?;
    let location = (header::LOCATION, format!("/api/enrollments/{}", created.id));
    let mut response = HttpResponse::Created();
    response.insert_header(location);
    written_enrollment(response, &created)
}

/// One enrollment, whole.
#[utoipa::path(
    summary = "Lire une demande",
    tag = "Demandes",
    params(
        ("id" = i64, Path, description = "Numéro"),
        ("If-None-Match" = Option<String>, Header, description = "ETag de la demande déjà lue")
    ),
    responses((status = 200, body = Enrollment), (status = 304, description = "Rien n’a changé"))
)]
#[get("/enrollments/{id}")]
pub async fn show(caller: Caller, request: HttpRequest, id: web::Path<EnrollmentId>) -> Result<HttpResponse> {
    let id = id.into_inner();
    let enrollment = caller.read(move |tx| transition::show(tx, id)).await?;
    validators::enrollment(&request, &enrollment)
}

/// Members of a draft.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DraftChanges {
    /// What is to change.
    #[serde(flatten)]
    #[schema(value_type = Draft)]
    members: Map<String, Value>,
}

/// Replaces the members that the body names, and no other (JSON merge patch, RFC 7396, at the first level).
///
/// `policy_revision`, which has to be the one in force, moves a draft to it: what the form no longer knows goes, what it
/// always asks for comes, and consents to a text that has changed are to be given again – in the same body, if that text
/// was read.
#[utoipa::path(
    summary = "Modifier une demande\u{a0}: seuls les membres envoyés changent",
    tag = "Demandes",
    params(
        ("id" = i64, Path, description = "Numéro"),
        ("If-Match" = Option<String>, Header, description = "ETag de la version modifiée")
    ),
    request_body = Draft,
    responses(
        (status = 200, body = Enrollment)
    )
)]
#[patch("/enrollments/{id}")]
pub async fn update(
    state: web::Data<AppState>,
    actor: Actor,
    id: web::Path<EnrollmentId>,
    request: HttpRequest,
    Body(changes): Body<DraftChanges>,
) -> Result<HttpResponse> {
    act(&state, actor, *id, if_match(&request)?, Command::Update(changes.members)).await
}

/// Takes a step of the workflow: submit, request changes, validate, refuse, revoke, archive.
///
/// A draft is submitted, and an update begun, under the revision of the policy that is in force.
#[utoipa::path(
    summary = "Faire avancer une demande\u{a0}: soumettre, demander des modifications, valider, refuser, révoquer, archiver",
    tag = "Demandes",
    params(
        ("id" = i64, Path, description = "Numéro"),
        ("If-Match" = Option<String>, Header, description = "ETag de la version lue")
    ),
    request_body = ChangeState,
    responses(
        (status = 200, body = Enrollment)
    )
)]
#[patch("/enrollments/{id}/change_state")]
pub async fn change_state(
    state: web::Data<AppState>,
    actor: Actor,
    id: web::Path<EnrollmentId>,
    request: HttpRequest,
    Body(change): Body<ChangeState>,
) -> Result<HttpResponse> {
    trail::name(&format!("enrollment.{}", change.action()));
    act(&state, actor, *id, if_match(&request)?, Command::Step(change)).await
}

async fn act(
    state: &AppState,
    mut actor: Actor,
    id: EnrollmentId,
    expected: Option<i64>,
    command: Command,
) -> Result<HttpResponse> {
    if matches!(command, Command::Step(ChangeState::Submit { .. })) {
        actor.user = submission::prepare(&state.db, &state.directory, &state.domains, actor.user, id).await?;
    }
    let written = actor.write(state, move |tx| transition::apply(tx, id, expected, command)).await?;
    written_enrollment(HttpResponse::Ok(), &written)
}

/// The mails that a step would send. Nothing is sent, nothing changes.
#[utoipa::path(
    summary = "Prévisualiser les courriels d’une étape, sans rien envoyer",
    tag = "Demandes",
    params(("id" = i64, Path, description = "Numéro")),
    request_body = ChangeState,
    responses(
        (status = 200, body = Vec<Mail>)
    )
)]
#[post("/enrollments/{id}/mail_preview")]
pub async fn mail_preview(
    caller: Caller,
    id: web::Path<EnrollmentId>,
    Body(change): Body<ChangeState>,
) -> Result<HttpResponse> {
    let mails = caller.read(move |tx| transition::preview(tx, *id, change)).await?;
    Ok(HttpResponse::Ok().json(mails))
}

/// Starts a new draft with the content of a decided request.
#[utoipa::path(
    summary = "Renouveler une demande validée ou refusée",
    tag = "Demandes",
    params(("id" = i64, Path, description = "Numéro")),
    responses((status = 201, body = Enrollment))
)]
#[post("/enrollments/{id}/copy")]
pub async fn copy(state: web::Data<AppState>, actor: Actor, id: web::Path<EnrollmentId>) -> Result<HttpResponse> {
    let created = actor.write(&state, move |tx| transition::copy(tx, *id)).await?;
    let location = (header::LOCATION, format!("/api/enrollments/{}", created.id));
    let mut response = HttpResponse::Created();
    response.insert_header(location);
    written_enrollment(response, &created)
}

/// Puts members of the content of a submitted or granted request right, where the policy lets its instructors do so. What
/// was granted is granted anew. The applicant is told.
#[utoipa::path(
    summary = "Corriger une demande soumise ou validée (instructeur, si l’API le permet)",
    tag = "Demandes",
    params(
        ("id" = i64, Path, description = "Numéro"),
        ("If-Match" = Option<String>, Header, description = "ETag de la version lue")
    ),
    request_body = ContentCorrection,
    responses((status = 200, body = Enrollment))
)]
#[post("/enrollments/{id}/correction")]
pub async fn correct(
    state: web::Data<AppState>,
    actor: Actor,
    id: web::Path<EnrollmentId>,
    request: HttpRequest,
    Body(correction): Body<ContentCorrection>,
) -> Result<HttpResponse> {
    act(&state, actor, *id, if_match(&request)?, Command::Correct(correction)).await
}

/// Puts the contact details of a person right. The applicant is told.
#[utoipa::path(
    summary = "Corriger les coordonnées d’une personne désignée (administrateur)",
    tag = "Demandes",
    params(
        ("id" = i64, Path, description = "Numéro"),
        ("If-Match" = Option<String>, Header, description = "ETag de la version lue")
    ),
    request_body = ContactCorrection,
    responses((status = 200, body = Enrollment))
)]
#[post("/enrollments/{id}/contacts")]
pub async fn correct_contacts(
    state: web::Data<AppState>,
    actor: Actor,
    id: web::Path<EnrollmentId>,
    request: HttpRequest,
    Body(correction): Body<ContactCorrection>,
) -> Result<HttpResponse> {
    act(&state, actor, *id, if_match(&request)?, Command::CorrectContacts(correction)).await
}

/// The history of an enrollment, oldest first.
#[utoipa::path(
    summary = "Lire l’historique d’une demande",
    tag = "Demandes",
    params(("id" = i64, Path, description = "Numéro")),
    responses(
        (status = 200, body = Vec<Event>)
    )
)]
#[get("/enrollments/{id}/events")]
pub async fn events(caller: Caller, id: web::Path<EnrollmentId>) -> Result<HttpResponse> {
    let events = caller.read(move |tx| transition::history(tx, *id)).await?;
    Ok(HttpResponse::Ok().json(events))
}

/// The request that this one follows.
#[utoipa::path(
    summary = "Lire l’habilitation que la demande prolonge",
    tag = "Demandes",
    params(("id" = i64, Path, description = "Numéro")),
    responses(
        (status = 200, body = PreviousEnrollment)
    )
)]
#[get("/enrollments/{id}/previous")]
pub async fn previous(caller: Caller, id: web::Path<EnrollmentId>) -> Result<HttpResponse> {
    let previous = caller.read(move |tx| {
        let enrollment = transition::show(tx, *id)?;
        let previous = enrollment.content.previous_enrollment_id.ok_or(Error::NotFound)?;
        facts::previous(tx, EnrollmentId(previous))?.ok_or(Error::NotFound)
    });
    let previous = previous.await?;
    Ok(HttpResponse::Ok().json(previous))
}
