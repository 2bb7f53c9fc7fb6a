//! The files of an enrollment.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, delete, get, put, web};
use serde::Deserialize;
use shared::document::{DocumentType, MAX_SIZE};
use shared::enrollment::Enrollment;
use utoipa::IntoParams;

use super::enrollments::answer;
use super::input::{if_match, read};
use crate::app::State;
use crate::auth::Actor;
use crate::error::{Error, Result};
use crate::models::document::NewDocument;
use crate::transition::{self, Command};

/// What the file is called.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UploadQuery {
    /// Name of the file, with its ending.
    filename: String,
}

/// Downloads the live file of a type. Always as an attachment: nothing a user sent runs in a page of ours.
#[utoipa::path(
    summary = "Télécharger un document",
    tag = "Documents",
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream")
    ),
    params(("id" = i64, Path, description = "Numéro"), ("type" = DocumentType, Path, description = "Type du document"))
)]
#[get("/enrollments/{id}/documents/{type}")]
pub async fn download(
    state: web::Data<State>,
    Actor(user): Actor,
    path: web::Path<(i64, DocumentType)>,
) -> Result<HttpResponse> {
    let (id, kind) = path.into_inner();
    let context = state.context();
    let enrollment = state.db.read(move |connection| transition::show(connection, &context, &user, id)).await?;
    let document = enrollment.documents.into_iter().find(|document| document.kind == kind).ok_or(Error::NotFound)?;
    let bytes = state.storage.get(&document.sha256).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/octet-stream"))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header(attachment(&document.filename))
        .body(bytes))
}

/// The name in UTF-8 (RFC 8187), and in ASCII for programs that read no other.
fn attachment(filename: &str) -> header::ContentDisposition {
    let ascii = filename.chars().map(|c| if c.is_ascii() && c != '"' && c != '\\' { c } else { '_' }).collect();
    header::ContentDisposition {
        disposition: header::DispositionType::Attachment,
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

/// Joins a file, in the place of the one of its type. The body is the file itself, of at most 10 MB.
#[utoipa::path(
    summary = "Joindre un document, à la place de celui du même type",
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
    state: web::Data<State>,
    Actor(user): Actor,
    path: web::Path<(i64, DocumentType)>,
    query: web::Query<UploadQuery>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse> {
    let (id, kind) = path.into_inner();
    let expected = if_match(&request)?;
    let filename = checked_filename(&query.filename)?;
    let bytes = read(&request, payload.into_inner(), MAX_SIZE).await?;
    check_content(&filename, &bytes)?;
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let sha256 = state.storage.put(bytes.to_vec()).await?;
    let command = Command::Attach(NewDocument { kind, filename, size, sha256 });
    let context = state.context();
    let written = state.db.write(move |c| transition::apply(c, &context, &user, id, expected, command)).await?;
    Ok(answer(&mut HttpResponse::Ok(), &written))
}

/// Takes a file away.
#[utoipa::path(
    summary = "Retirer un document",
    tag = "Documents",
    responses(
        (status = 200, body = Enrollment)
    ),
    params(("id" = i64, Path, description = "Numéro"), ("type" = DocumentType, Path, description = "Type du document"))
)]
#[delete("/enrollments/{id}/documents/{type}")]
pub async fn remove(
    state: web::Data<State>,
    Actor(user): Actor,
    path: web::Path<(i64, DocumentType)>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let (id, kind) = path.into_inner();
    let expected = if_match(&request)?;
    let context = state.context();
    let command = Command::Detach(kind);
    let written = state.db.write(move |c| transition::apply(c, &context, &user, id, expected, command)).await?;
    Ok(answer(&mut HttpResponse::Ok(), &written))
}

/// A name is kept for people; it never becomes a path.
fn checked_filename(filename: &str) -> Result<String> {
    let name = filename.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let is_acceptable = !name.is_empty() && name.chars().count() <= 200 && !name.chars().any(char::is_control);
    if is_acceptable {
        Ok(name.to_owned())
    } else {
        Err(Error::BadRequest("filename\u{a0}: nom de fichier illisible.".to_owned()))
    }
}

/// The beginning of a file must be what its name says. Source of the numbers: PDF, ZIP (xlsx, ods) and OLE (xls) formats.
fn check_content(filename: &str, bytes: &[u8]) -> Result<()> {
    let extension = filename.rsplit_once('.').map(|(_, extension)| extension.to_lowercase()).unwrap_or_default();
    let beginnings: &[&[u8]] = match extension.as_str() {
        "pdf" => &[b"%PDF-"],
        "xlsx" | "ods" | "sxc" => &[b"PK\x03\x04"],
        "xls" => &[b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"],
        _ => &[],
    };
    if bytes.is_empty() {
        return Err(Error::UnsupportedMediaType("Ce fichier est vide.".to_owned()));
    }
    if beginnings.iter().any(|beginning| bytes.starts_with(beginning)) {
        Ok(())
    } else {
        Err(Error::UnsupportedMediaType("Le contenu de ce fichier ne correspond pas à son extension.".to_owned()))
    }
}
