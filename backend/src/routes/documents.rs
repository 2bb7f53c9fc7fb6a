//! The files of an enrollment.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, delete, get, put, web};
use serde::Deserialize;
use shared::document::{Document, DocumentType, FileFormat, MAX_SIZE, ScanState};
use shared::enrollment::Enrollment;
use shared::problem::ItemCode;
use utoipa::IntoParams;

use super::input::{Query, if_match};
use super::uploads::{Uploads, received, whole};
use super::validators::written_enrollment;
use crate::auth::{Actor, Caller};
use crate::error::{Error, Result};
use crate::ids::{AuthorisationId, EnrollmentId, UserId};
use crate::models::document::{self, NewDocument};
use crate::state::AppState;
use crate::transition::{self, Command};

/// What the file is called.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UploadQuery {
    /// Name of the file, with its ending.
    filename: String,
}

/// Which file, and how it is to be read.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DownloadQuery {
    /// Number of the file, where there are several of that type; the first one without.
    document: Option<i64>,
    /// Show it in the browser, if it is a PDF.
    #[serde(default)]
    #[param(default = false)]
    inline: bool,
}

/// Which file is to be taken away.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RemoveQuery {
    /// Number of the file; all of that type without.
    document: Option<i64>,
}

/// What a PDF that is shown may do: nothing. The browser shows it with a program of its own.
const SHOWN: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// Downloads a live file of a type. As an attachment, except a PDF on demand: nothing a user sent runs in a page of
/// ours. One that the antivirus has not looked at yet, or refuses, is 409.
#[utoipa::path(
    summary = "Télécharger un document",
    tag = "Documents",
    responses(
        (status = 200, content((Vec<u8> = "application/octet-stream"), (Vec<u8> = "application/pdf")))
    ),
    params(
        ("id" = i64, Path, description = "Numéro"), ("type" = DocumentType, Path, description = "Type du document"),
        DownloadQuery
    )
)]
#[get("/enrollments/{id}/documents/{type}")]
pub async fn download(
    state: web::Data<AppState>,
    caller: Caller,
    path: web::Path<(EnrollmentId, DocumentType)>,
    Query(query): Query<DownloadQuery>,
) -> Result<HttpResponse> {
    let (id, kind) = path.into_inner();
    let enrollment = caller.read(move |tx| transition::show(tx, id)).await?;
    file(&state, &asked(enrollment.documents, kind, query)?, query).await
}

/// Downloads a file of a type that an authorisation was granted with, even where another took its place since.
#[utoipa::path(
    summary = "Télécharger un document d’une habilitation",
    tag = "Habilitations",
    responses(
        (status = 200, content((Vec<u8> = "application/octet-stream"), (Vec<u8> = "application/pdf")))
    ),
    params(
        ("id" = i64, Path, description = "Numéro, sans le H"),
        ("type" = DocumentType, Path, description = "Type du document"),
        DownloadQuery
    )
)]
#[get("/authorisations/{id}/documents/{type}")]
pub async fn download_granted(
    state: web::Data<AppState>,
    caller: Caller,
    path: web::Path<(AuthorisationId, DocumentType)>,
    Query(query): Query<DownloadQuery>,
) -> Result<HttpResponse> {
    let (id, kind) = path.into_inner();
    let granted = caller.read(move |tx| {
        let mut document = asked(transition::authorisation(tx, id)?.documents, kind, query)?;
        // What was granted does not say it, and is granted for ever.
        if document::is_infected(tx.connection, &document.sha256)? {
            document.scan = Some(ScanState::Infected);
        }
        Ok(document)
    });
    file(&state, &granted.await?, query).await
}

fn asked(documents: Vec<Document>, kind: DocumentType, query: DownloadQuery) -> Result<Document> {
    let is_asked =
        |document: &Document| document.kind == kind && query.document.is_none_or(|number| number == document.id);
    documents.into_iter().find(is_asked).ok_or(Error::NotFound)
}

/// Whether a file may be opened.
///
/// # Errors
/// 409: the antivirus has not looked at it yet, or refuses it.
fn require_scanned(scan: Option<ScanState>) -> Result<()> {
    let detail = match scan {
        Some(ScanState::Pending) => {
            "L’antivirus n’a pas encore vérifié ce fichier\u{a0}: réessayez dans quelques minutes."
        }
        Some(ScanState::Infected) => "Ce fichier contenait un virus\u{a0}: il n’est pas gardé.",
        Some(ScanState::Clean) | None => return Ok(()),
    };
    Err(Error::WrongStatus(detail.to_owned()))
}

async fn file(state: &AppState, document: &Document, query: DownloadQuery) -> Result<HttpResponse> {
    require_scanned(document.scan)?;
    let bytes = state.storage.get(&document.sha256).await?;
    let is_shown = query.inline && FileFormat::Pdf.begins(&bytes);
    let mut response = HttpResponse::Ok();
    if is_shown {
        response.insert_header((header::CONTENT_TYPE, "application/pdf"));
        response.insert_header((header::CONTENT_SECURITY_POLICY, SHOWN));
        response.insert_header(disposition(header::DispositionType::Inline, &document.filename));
    } else {
        response.insert_header((header::CONTENT_TYPE, "application/octet-stream"));
        response.insert_header(disposition(header::DispositionType::Attachment, &document.filename));
    }
    Ok(response.body(bytes))
}

/// The name in UTF-8 (RFC 8187), and in ASCII for programs that read no other.
fn disposition(disposition: header::DispositionType, filename: &str) -> header::ContentDisposition {
    let ascii = filename.chars().map(|c| if c.is_ascii() && c != '"' && c != '\\' { c } else { '_' }).collect();
    header::ContentDisposition {
        disposition,
        parameters: vec![
            header::DispositionParam::Filename(ascii),
            header::DispositionParam::FilenameExt(header::ExtendedValue {
                charset: header::Charset::Ext("UTF-8".to_owned()),
                language_tag: None,
                value: filename.as_bytes().to_vec(),
            }),
        ],
    }
}

/// Joins a file: in the place of the one of its type, or beside the others where the policy allows several (`max_files`).
/// The body is the file itself, of at most 10 MB.
#[utoipa::path(
    summary = "Joindre un document, à la place de celui du même type s’il n’en faut qu’un",
    tag = "Documents",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, body = Enrollment)
    ),
    params(
        ("id" = i64, Path, description = "Numéro"), ("type" = DocumentType, Path, description = "Type du document"),
        UploadQuery
    )
)]
#[put("/enrollments/{id}/documents/{type}")]
pub async fn upload(
    state: web::Data<AppState>,
    uploads: web::Data<Uploads>,
    actor: Actor,
    path: web::Path<(EnrollmentId, DocumentType)>,
    Query(query): Query<UploadQuery>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse> {
    let (id, kind) = path.into_inner();
    let expected = if_match(&request)?;
    let filename = crate::upload::filename(&query.filename)
        .map_err(|detail| Error::parameter("filename", ItemCode::Format, detail))?;
    // Who may not join a file need not send it, and fills no disk.
    let formats = actor.clone().read(&state, move |tx| transition::files::formats(tx, id, expected, kind)).await?;
    let permit = uploads.begin(UserId(actor.user.id))?;
    let file = received(&request, payload.into_inner(), MAX_SIZE).await?;
    let turn = uploads.turn().await?;
    let name = filename.clone();
    let checked = web::block(move || {
        let bytes = whole(file)?;
        crate::upload::check(&name, &bytes, &formats)
            .map_err(|refusal| Error::UnsupportedMediaType(refusal.to_string()))?;
        Ok::<_, Error>(bytes)
    });
    let panicked = |error| Error::Internal(format!("the check of a file panicked: {error}"));
    let bytes = checked.await.map_err(panicked)??;
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let sha256 = state.storage.put(bytes).await?;
    drop((turn, permit));
    let scan = state.antivirus.is_some().then_some(ScanState::Pending);
    let command = Command::Attach(NewDocument { kind, filename, size, sha256, scan });
    let written = actor.write(&state, move |tx| transition::apply(tx, id, expected, command)).await?;
    written_enrollment(HttpResponse::Ok(), &written)
}

/// Takes a file away.
#[utoipa::path(
    summary = "Retirer un document",
    tag = "Documents",
    responses(
        (status = 200, body = Enrollment)
    ),
    params(
        ("id" = i64, Path, description = "Numéro"), ("type" = DocumentType, Path, description = "Type du document"),
        RemoveQuery
    )
)]
#[delete("/enrollments/{id}/documents/{type}")]
pub async fn remove(
    state: web::Data<AppState>,
    actor: Actor,
    path: web::Path<(EnrollmentId, DocumentType)>,
    Query(query): Query<RemoveQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let (id, kind) = path.into_inner();
    let expected = if_match(&request)?;
    let command = Command::Detach(kind, query.document);
    let written = actor.write(&state, move |tx| transition::apply(tx, id, expected, command)).await?;
    written_enrollment(HttpResponse::Ok(), &written)
}
