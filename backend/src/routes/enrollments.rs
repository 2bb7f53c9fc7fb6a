//! The enrollments: lists, one, its content, its steps, its history.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, get, patch, post, web};
use serde::Deserialize;
use serde_json::{Map, Value};
use shared::api::{ChangeState, ContactCorrection, EnrollmentRow, Mail, Page, SortKey};
use shared::enrollment::{Draft, Enrollment};
use shared::event::{Event, EventName};
use shared::organization::Siret;
use shared::queue::AssignedTo;
use shared::rights::ListScope;
use shared::user::User;
use shared::validation::PreviousEnrollment;
use shared::workflow::{Action, Status};
use utoipa::{IntoParams, ToSchema};

use super::input::{Body, if_match};
use crate::app::State;
use crate::audit;
use crate::auth::Actor;
use crate::db::page::{self, Cursor};
use crate::db::types::now;
use crate::error::{Error, Result};
use crate::export::{self, FileType};
use crate::models::enrollment;
use crate::models::enrollment::list::{self as lists, ListQuery};
use crate::transition::{self, Command, contacts, conversation, facts, queue, standing};

/// The longest text that is searched for, in characters.
const MAX_SEARCH: usize = 200;

/// Which enrollments, in which order.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EnrollmentsQuery {
    /// Words that must all be found in the organisation, the SIRET, the title or an e-mail address; or a number.
    #[serde(default)]
    search: String,
    /// Only these statuses, separated by commas.
    #[serde(default)]
    status: String,
    /// Only these APIs, separated by commas.
    #[serde(default)]
    target_api: String,
    /// Only those of that organisation.
    #[serde(default)]
    siret: String,
    /// `updated_at`, `id`, `nom_raison_sociale`, `intitule`, `status`, `submitted_at` or `waiting_from` (longest wait
    /// first); with `-` in front, largest first. `-updated_at` by default.
    sort: Option<String>,
    /// Only what the caller filed.
    #[serde(default)]
    mine: bool,
    /// `me` or `nobody`: only what that instructor takes care of.
    #[serde(default)]
    assigned_to: String,
    /// Only what is back after changes were asked for.
    #[serde(default)]
    resubmitted: bool,
    /// Only what has messages that no instructor has read.
    #[serde(default)]
    unread: bool,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 100.
    limit: Option<i64>,
}

/// The enrollments that the caller may see.
#[utoipa::path(
    summary = "Lister les demandes que l’on peut lire",
    tag = "Demandes",
    params(EnrollmentsQuery),
    responses((status = 200, body = Page<EnrollmentRow>))
)]
#[get("/enrollments")]
pub async fn list(
    state: web::Data<State>,
    Actor(user): Actor,
    query: web::Query<EnrollmentsQuery>,
) -> Result<HttpResponse> {
    let query = list_query(&state, &user, query.into_inner())?;
    let listed = state.db.read(move |connection| {
        let (mut items, next) = lists::list(connection, &query)?;
        conversation::count_unread(connection, &user, &mut items)?;
        queue::name_assignees(connection, &user, &mut items)?;
        Ok((items, next))
    });
    let (items, next) = listed.await?;
    Ok(HttpResponse::Ok().json(Page { items, next: next.map(|cursor| cursor.encode()) }))
}

/// The whole list as a file, sorted and filtered like the list itself; `x-total-count` says how many rows it has.
#[utoipa::path(
    summary = "Exporter la liste des demandes que l’on peut lire, en CSV ou en XLSX",
    tag = "Demandes",
    params(("format" = FileType, Path, description = "csv ou xlsx"), EnrollmentsQuery),
    responses((status = 200, content_type = "text/csv"))
)]
#[get("/enrollments/export.{format}")]
pub async fn export_list(
    state: web::Data<State>,
    Actor(user): Actor,
    format: web::Path<FileType>,
    query: web::Query<EnrollmentsQuery>,
) -> Result<HttpResponse> {
    let query = list_query(&state, &user, query.into_inner())?;
    let exported = export::begin(state.into_inner(), *format, query).await?;
    Ok(HttpResponse::Ok()
        .content_type(format.media_type())
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header(("x-total-count", exported.rows.to_string()))
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"demandes-{}.{}\"", now().format("%Y-%m-%d"), format.extension()),
        ))
        .streaming(exported.bytes))
}

fn list_query(state: &State, user: &User, query: EnrollmentsQuery) -> Result<ListQuery> {
    let (sort, descending) = sort_of(query.sort.as_deref())?;
    let assigned_to = assigned_to_of(&query.assigned_to)?;
    Ok(ListQuery {
        scope: ListScope::of(user, state.policies.current().values().map(AsRef::as_ref)),
        mine: query.mine,
        statuses: statuses_of(&query.status)?,
        target_apis: words(&query.target_api),
        siret: siret_of(&query.siret)?,
        assigned_to,
        resubmitted: query.resubmitted,
        unread: query.unread,
        within: (query.unread || assigned_to.is_some() && !user.is_administrator()).then(|| queue::instructed(user)),
        search: search_of(&query.search)?,
        sort,
        descending,
        after: query.cursor.as_deref().map(Cursor::decode).transpose()?,
        limit: page::limit(query.limit)?,
    })
}

fn words(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect()
}

fn statuses_of(text: &str) -> Result<Vec<Status>> {
    let parse = |word: String| word.parse().map_err(|error| Error::BadRequest(format!("status\u{a0}: {error}.")));
    words(text).into_iter().map(parse).collect()
}

fn siret_of(text: &str) -> Result<Option<Siret>> {
    let named = (!text.is_empty()).then(|| text.parse()).transpose();
    named.map_err(|error| Error::BadRequest(format!("siret\u{a0}: {error}.")))
}

fn assigned_to_of(text: &str) -> Result<Option<AssignedTo>> {
    let named = (!text.is_empty()).then(|| text.parse()).transpose();
    named.map_err(|error| Error::BadRequest(format!("assigned_to\u{a0}: {error}.")))
}

/// The words to look for.
///
/// # Errors
/// 400: too long, or with a character that no text has.
pub fn search_of(text: &str) -> Result<String> {
    // PostgreSQL refuses a null character in any text.
    if text.chars().count() > MAX_SEARCH || text.contains('\0') {
        return Err(Error::BadRequest(format!("search\u{a0}: cherchez un texte d’au plus {MAX_SEARCH} caractères.")));
    }
    Ok(text.to_owned())
}

fn sort_of(text: Option<&str>) -> Result<(SortKey, bool)> {
    let text = text.unwrap_or("-updated_at");
    let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
    let key = name.parse().map_err(|error| Error::BadRequest(format!("sort\u{a0}: {error}.")))?;
    Ok((key, descending))
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
pub async fn create(state: web::Data<State>, Actor(user): Actor, Body(new): Body<NewDraft>) -> Result<HttpResponse> {
    let siret = new.members.get("siret").and_then(|siret| siret.as_str()?.parse().ok());
    state.directory.prepare(&state.db, siret.as_ref()).await;
    let context = state.context();
    let written = state.db.write(move |c| {
        let created = transition::create(c, &context, &user, &new.target_api, &new.members)?;
        audit::about(created.id);
        Ok(created)
    });
    let created = written.await?;
    let location = (header::LOCATION, format!("/api/enrollments/{}", created.id));
    Ok(answer(HttpResponse::Created().insert_header(location), &created))
}

/// One enrollment, whole.
#[utoipa::path(
    summary = "Lire une demande",
    tag = "Demandes",
    params(("id" = i64, Path, description = "Numéro")),
    responses(
        (status = 200, body = Enrollment)
    )
)]
#[get("/enrollments/{id}")]
pub async fn show(state: web::Data<State>, Actor(user): Actor, id: web::Path<i64>) -> Result<HttpResponse> {
    let context = state.context();
    let id = id.into_inner();
    let enrollment = state.db.read(move |connection| transition::show(connection, &context, &user, id)).await?;
    Ok(answer(&mut HttpResponse::Ok(), &enrollment))
}

/// Replaces the members that the body names, and no other (JSON merge patch, RFC 7396, at the first level).
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
    state: web::Data<State>,
    Actor(user): Actor,
    id: web::Path<i64>,
    request: HttpRequest,
    Body(members): Body<Map<String, Value>>,
) -> Result<HttpResponse> {
    act(&state, user, *id, if_match(&request)?, Command::Update(members)).await
}

/// Takes a step of the workflow: submit, request changes, validate, refuse, revoke, archive.
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
    state: web::Data<State>,
    Actor(user): Actor,
    id: web::Path<i64>,
    request: HttpRequest,
    Body(body): Body<ChangeState>,
) -> Result<HttpResponse> {
    let event = body.event;
    let command = step(body)?;
    audit::name(&format!("enrollment.{event}"));
    act(&state, user, *id, if_match(&request)?, command).await
}

fn step(body: ChangeState) -> Result<Command> {
    let is_step = EventName::try_from(body.event).is_ok();
    if !is_step || matches!(body.event, Action::Update | Action::Copy | Action::CorrectContacts) {
        return Err(Error::BadRequest(format!("event\u{a0}: «\u{a0}{}\u{a0}» n’est pas une étape.", body.event)));
    }
    let ChangeState { event, comment, points, struck } = body;
    let of_another = |member: &str, event: Action| {
        Error::BadRequest(format!("{member}\u{a0}: ce membre ne va qu’avec l’étape «\u{a0}{event}\u{a0}»."))
    };
    if event != Action::RequestChanges && !points.is_empty() {
        return Err(of_another("points", Action::RequestChanges));
    }
    if event != Action::OfferPartialGrant && !struck.is_empty() {
        return Err(of_another("struck", Action::OfferPartialGrant));
    }
    Ok(match event {
        Action::RequestChanges => Command::RequestChanges { comment, points },
        Action::OfferPartialGrant => Command::Offer { struck, reason: comment },
        action => Command::Step { action, comment },
    })
}

async fn act(
    state: &State,
    mut user: shared::user::User,
    id: i64,
    expected: Option<i64>,
    command: Command,
) -> Result<HttpResponse> {
    if matches!(command, Command::Step { action: Action::Submit, .. }) {
        let siret = state.db.read(move |connection| Ok(enrollment::siret(connection, id)?)).await?;
        state.directory.prepare(&state.db, siret.as_ref()).await;
        user = state.db.remember(move |connection| standing::refreshed(connection, user)).await?;
    }
    let context = state.context();
    let written = state.db.write(move |c| transition::apply(c, &context, &user, id, expected, command)).await?;
    state.bell.notify_one();
    Ok(answer(&mut HttpResponse::Ok(), &written))
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
    state: web::Data<State>,
    Actor(user): Actor,
    id: web::Path<i64>,
    Body(body): Body<ChangeState>,
) -> Result<HttpResponse> {
    let context = state.context();
    let mails = state.db.read(move |c| transition::preview(c, &context, &user, *id, body)).await?;
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
pub async fn copy(state: web::Data<State>, Actor(user): Actor, id: web::Path<i64>) -> Result<HttpResponse> {
    let context = state.context();
    let created = state.db.write(move |c| transition::copy(c, &context, &user, *id)).await?;
    let location = (header::LOCATION, format!("/api/enrollments/{}", created.id));
    Ok(answer(HttpResponse::Created().insert_header(location), &created))
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
    state: web::Data<State>,
    Actor(user): Actor,
    id: web::Path<i64>,
    request: HttpRequest,
    Body(correction): Body<ContactCorrection>,
) -> Result<HttpResponse> {
    let expected = if_match(&request)?;
    let context = state.context();
    let written = state.db.write(move |c| contacts::correct(c, &context, &user, *id, expected, correction)).await?;
    state.bell.notify_one();
    Ok(answer(&mut HttpResponse::Ok(), &written))
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
pub async fn events(state: web::Data<State>, Actor(user): Actor, id: web::Path<i64>) -> Result<HttpResponse> {
    let context = state.context();
    let events = state.db.read(move |c| transition::history(c, &context, &user, *id)).await?;
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
pub async fn previous(state: web::Data<State>, Actor(user): Actor, id: web::Path<i64>) -> Result<HttpResponse> {
    let context = state.context();
    let previous = state
        .db
        .read(move |c| {
            let enrollment = transition::show(c, &context, &user, *id)?;
            let previous = enrollment.content.previous_enrollment_id.ok_or(Error::NotFound)?;
            facts::previous(c, &context, &user, previous)?.ok_or(Error::NotFound)
        })
        .await?;
    Ok(HttpResponse::Ok().json(previous))
}

/// An enrollment with its ETag.
pub fn answer(response: &mut HttpResponseBuilder, enrollment: &Enrollment) -> HttpResponse {
    response
        .insert_header((header::ETAG, format!("\"{}\"", enrollment.version)))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .json(enrollment)
}
