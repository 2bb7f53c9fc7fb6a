//! The calls for the documents of a request, and the addresses where they are read.

use gloo_net::http::Method;
use leptos::web_sys::{AbortSignal, File};
use shared::document::{Document, DocumentType};
use shared::enrollment::Enrollment;

use super::decode::read_enrollment;
use super::{Answer, ApiError, Call, answer, upload};
use crate::query::query_string;

/// Address of a file of an enrollment.
pub fn document_url(id: i64, document: &Document) -> String {
    format!("/api/enrollments/{id}/documents/{}?document={}", document.kind, document.id)
}

/// Uploads a document, in the place of the one of that type where there may be one. `on_progress` gets what was sent, in percent; `stop` aborts it,
/// as if the network were lost.
pub async fn put(
    id: i64,
    kind: DocumentType,
    file: File,
    stop: AbortSignal,
    on_progress: impl Fn(u32) + 'static,
) -> Result<Enrollment, ApiError> {
    let url = format!("/api/enrollments/{id}/documents/{kind}{}", query_string(&[("filename", &file.name())]));
    let (status, text) = upload::put(&url, &file, &stop, on_progress).await?;
    read_enrollment(answer(status, &text)?)
}

/// Removes a document.
pub fn delete(id: i64, document: &Document) -> Answer<Enrollment> {
    Call::new(Method::DELETE, document_url(id, document)).read(read_enrollment)
}
