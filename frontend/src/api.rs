//! Every call to the server, and the only place that makes any.

pub mod account;
pub mod administration;
pub mod download;
pub mod messages;
pub mod opinions;
pub mod points;
pub mod queue;
mod upload;
pub mod versions;
mod xhr;

use std::cell::OnceCell;

use gloo_net::http::{Method, RequestBuilder};
use leptos::web_sys::{AbortSignal, File};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use shared::api::{
    ChangeState, EnrollmentRow, ErrorBody, ErrorCode, Mail, MailboxMessage, Page, PolicySummary, PublicRow, Session,
};
use shared::document::DocumentType;
use shared::enrollment::{Authorisation, AuthorisationSummary, Draft, Enrollment};
use shared::event::Event;
use shared::organization::{Establishment, Siret};
use shared::policy::Policy;
use shared::team_member::TeamMember;
use shared::user::{NewRoleChange, Person};
use shared::validation::{FieldError, PreviousEnrollment};

use crate::{browser, json};

/// After that many milliseconds without an answer, the network is held to be down.
const PATIENCE: u32 = 30_000;

/// Why a call brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// No answer: the network is down, or the server is.
    Network,
    /// The server said no; with its status code.
    Api(ErrorBody, u16),
}

impl ApiError {
    /// What happened and what to do, in French.
    pub fn message(&self) -> String {
        match self {
            Self::Network => {
                "Le serveur ne répond pas. Vérifiez votre connexion à internet, puis réessayez.".to_owned()
            }
            Self::Api(body, _) => body.message.clone(),
        }
    }

    /// What is wrong with the content, by field.
    pub fn fields(&self) -> &[FieldError] {
        match self {
            Self::Network => &[],
            Self::Api(body, _) => &body.fields,
        }
    }

    /// Why, for programs; `None` without an answer.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Network => None,
            Self::Api(body, _) => Some(body.code),
        }
    }

    /// Whether trying again may help: no answer, or a server that is not well.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Network => true,
            Self::Api(_, status) => *status >= 500 || *status == 429,
        }
    }
}

/// What a list of enrollments is asked for. Empty members filter nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Words to look for.
    pub search: String,
    /// Statuses, by their names on the wire.
    pub status: Vec<String>,
    /// APIs.
    pub target_api: Vec<String>,
    /// Key of `SortKey`, with `-` in front for descending.
    pub sort: String,
    /// Where the last page ended.
    pub cursor: String,
    /// Rows per page.
    pub limit: Option<u32>,
    /// Only those that the caller filed.
    pub mine: bool,
    /// Only those of that organisation.
    pub siret: String,
    /// Only those that somebody takes care of: `me` or `nobody`.
    pub assigned_to: String,
    /// Only those that are back after changes were asked for.
    pub resubmitted: bool,
    /// Only those with messages that no instructor has read.
    pub unread: bool,
}

impl ListQuery {
    /// The part of the address after `?`.
    pub fn to_query(&self) -> String {
        query(&[
            ("search", &self.search),
            ("status", &self.status.join(",")),
            ("target_api", &self.target_api.join(",")),
            ("sort", &self.sort),
            ("cursor", &self.cursor),
            ("limit", &self.limit.map(|limit| limit.to_string()).unwrap_or_default()),
            ("mine", flag(self.mine)),
            ("siret", &self.siret),
            ("assigned_to", &self.assigned_to),
            ("resubmitted", flag(self.resubmitted)),
            ("unread", flag(self.unread)),
        ])
    }
}

const fn flag(is_set: bool) -> &'static str {
    if is_set { "true" } else { "" }
}

/// What the public list is asked for. Empty members filter nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicQuery {
    /// One API.
    pub target_api: String,
    /// Words to look for.
    pub search: String,
    /// Where the last page ended.
    pub cursor: String,
    /// Rows per page.
    pub limit: Option<u32>,
}

/// Where to go once signed out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SignedOut {
    /// The identity provider's own sign-out, which comes back.
    pub location: String,
}

/// Address of a page of the identity provider's, which comes back to the present one.
pub fn and_back(url: &str) -> String {
    format!("{url}?return_to={}", encoded(&browser::current_path()))
}

/// Address that signs in and comes back to `return_to`. A plain link: `rel="external"`.
pub fn sign_in_url(return_to: &str) -> String {
    format!("/api/sign_in?return_to={}", encoded(return_to))
}

/// Address of a file of an enrollment.
pub fn document_url(id: i64, kind: DocumentType) -> String {
    format!("/api/enrollments/{id}/documents/{kind}")
}

/// Address of a file of an authorisation.
pub fn granted_url(id: i64, kind: DocumentType) -> String {
    format!("/api/authorisations/{id}/documents/{kind}")
}

/// Who is signed in.
pub async fn session() -> Result<Session, ApiError> {
    get("/api/session".to_owned()).await
}

/// Ends the session; the browser must then go to the address in the answer.
pub async fn sign_out() -> Result<SignedOut, ApiError> {
    decode(send(Call::new(Method::POST, "/api/sign_out".to_owned())).await?)
}

/// The catalogue.
pub async fn policies() -> Result<Vec<PolicySummary>, ApiError> {
    get("/api/policies".to_owned()).await
}

/// What an API asks for now.
pub async fn policy(target_api: String) -> Result<Policy, ApiError> {
    get(format!("/api/policies/{}", encoded(&target_api))).await
}

/// What an API asked for when an enrollment was written.
pub async fn policy_revision(target_api: String, revision: String) -> Result<Policy, ApiError> {
    get(format!("/api/policies/{}/revisions/{}", encoded(&target_api), encoded(&revision))).await
}

/// A page of the enrollments that the caller may see.
pub async fn enrollments(list: ListQuery) -> Result<Page<EnrollmentRow>, ApiError> {
    get(format!("/api/enrollments{}", list.to_query())).await
}

/// Starts a draft: `target_api`, and members of a draft.
pub async fn create_enrollment(body: Map<String, Value>) -> Result<Enrollment, ApiError> {
    read_enrollment(send(Call::new(Method::POST, "/api/enrollments".to_owned()).json(&body)).await?)
}

/// One enrollment.
pub async fn enrollment(id: i64) -> Result<Enrollment, ApiError> {
    read_enrollment(send(Call::new(Method::GET, format!("/api/enrollments/{id}"))).await?)
}

/// Changes the members of a draft that `patch` names, if `version` is still the last.
pub async fn update_enrollment(id: i64, version: i64, patch: Map<String, Value>) -> Result<Enrollment, ApiError> {
    let call = Call::new(Method::PATCH, format!("/api/enrollments/{id}")).version(version).json(&patch);
    read_enrollment(send(call).await?)
}

/// Submits, decides, archives, if `version` is still the last.
pub async fn change_state(id: i64, version: i64, change: ChangeState) -> Result<Enrollment, ApiError> {
    let call = Call::new(Method::PATCH, format!("/api/enrollments/{id}/change_state")).version(version).json(&change);
    read_enrollment(send(call).await?)
}

/// Starts a draft with the content of a request that was decided.
pub async fn copy(id: i64) -> Result<Enrollment, ApiError> {
    read_enrollment(send(Call::new(Method::POST, format!("/api/enrollments/{id}/copy"))).await?)
}

/// One authorisation.
pub async fn authorisation(id: i64) -> Result<Authorisation, ApiError> {
    read_authorisation(send(Call::new(Method::GET, format!("/api/authorisations/{id}"))).await?)
}

/// The history, oldest first.
pub async fn events(id: i64) -> Result<Vec<Event>, ApiError> {
    get(format!("/api/enrollments/{id}/events")).await
}

/// The mails that a decision would send.
pub async fn mail_preview(id: i64, change: ChangeState) -> Result<Vec<Mail>, ApiError> {
    decode(send(Call::new(Method::POST, format!("/api/enrollments/{id}/mail_preview")).json(&change)).await?)
}

/// The request that `previous_enrollment_id` names, if there is one.
pub async fn previous(id: i64) -> Result<Option<PreviousEnrollment>, ApiError> {
    match get(format!("/api/enrollments/{id}/previous")).await {
        Ok(previous) => Ok(Some(previous)),
        Err(error) if error.code() == Some(ErrorCode::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the Sirene register says of an establishment; nothing where there is no number yet.
pub async fn establishment(siret: Option<Siret>) -> Result<Option<Establishment>, ApiError> {
    match siret {
        Some(siret) => get(format!("/api/organizations/{siret}")).await.map(Some),
        None => Ok(None),
    }
}

/// The people named in requests of an organisation that the caller may read, newest first.
pub async fn contacts(siret: &Siret) -> Result<Vec<TeamMember>, ApiError> {
    get(format!("/api/contacts{}", query(&[("siret", siret.as_str())]))).await
}

/// Joins a file, in the place of the one of that type. `on_progress` is told how much has gone, in percent; `stop` ends
/// it early, as if the network were lost.
pub async fn put_document(
    id: i64,
    kind: DocumentType,
    file: File,
    stop: AbortSignal,
    on_progress: impl Fn(u32) + 'static,
) -> Result<Enrollment, ApiError> {
    let url = format!("{}{}", document_url(id, kind), query(&[("filename", &file.name())]));
    let (status, text) = upload::put(&url, &file, &stop, on_progress).await?;
    read_enrollment(answer(status, &text)?)
}

/// Removes a file.
pub async fn delete_document(id: i64, kind: DocumentType) -> Result<Enrollment, ApiError> {
    read_enrollment(send(Call::new(Method::DELETE, document_url(id, kind))).await?)
}

/// A page of the authorisations in force.
pub async fn public_rows(list: PublicQuery) -> Result<Page<PublicRow>, ApiError> {
    let limit = list.limit.map(|limit| limit.to_string()).unwrap_or_default();
    let parts =
        [("target_api", &list.target_api), ("search", &list.search), ("cursor", &list.cursor), ("limit", &limit)]
            .map(|(name, value)| (name, value.as_str()));
    get(format!("/api/enrollments/public{}", query(&parts))).await
}

/// A page of people with their roles.
pub async fn people(search: String, cursor: String) -> Result<Page<Person>, ApiError> {
    get(format!("/api/users{}", query(&[("search", &search), ("cursor", &cursor)]))).await
}

/// Gives or takes a role.
pub async fn change_role(change: NewRoleChange) -> Result<Person, ApiError> {
    decode(send(Call::new(Method::POST, "/api/users/roles".to_owned()).json(&change)).await?)
}

/// A page of the mails that are kept here.
pub async fn mailbox(cursor: String) -> Result<Page<MailboxMessage>, ApiError> {
    get(format!("/api/mailbox{}", query(&[("cursor", &cursor)]))).await
}

async fn get<T: DeserializeOwned>(url: String) -> Result<T, ApiError> {
    decode(send(Call::new(Method::GET, url)).await?)
}

/// One call, before it is made.
struct Call {
    method: Method,
    url: String,
    version: Option<i64>,
    json: Option<Value>,
}

impl Call {
    fn new(method: Method, url: String) -> Self {
        Self { method, url, version: None, json: None }
    }

    fn version(self, version: i64) -> Self {
        Self { version: Some(version), ..self }
    }

    fn json(self, body: &impl Serialize) -> Self {
        Self { json: serde_json::to_value(body).ok(), ..self }
    }
}

/// Makes a call. It knows no type, so that it exists once in the bundle; `upload` alone makes calls beside it.
async fn send(call: Call) -> Result<Value, ApiError> {
    let mut builder = RequestBuilder::new(&call.url)
        .method(call.method)
        .header("Accept", "application/json")
        .abort_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE)));
    if let Some(version) = call.version {
        builder = builder.header("If-Match", &format!("\"{version}\""));
    }
    let request = match call.json {
        Some(body) => builder.header("Content-Type", "application/json").body(json::print(&body)),
        None => builder.build(),
    };
    let response = request.map_err(|_| ApiError::Network)?.send().await.map_err(|_| ApiError::Network)?;
    let text = response.text().await.map_err(|_| ApiError::Network)?;
    answer(response.status(), &text)
}

thread_local! {
    static ON_SIGNED_OUT: OnceCell<Box<dyn Fn()>> = const { OnceCell::new() };
}

/// What to do whenever the server no longer knows who calls. It is said once, at the start.
pub fn on_signed_out(call: impl Fn() + 'static) {
    ON_SIGNED_OUT.with(|cell| drop(cell.set(Box::new(call))));
}

/// What the server has said.
fn answer(status: u16, text: &str) -> Result<Value, ApiError> {
    if status == 401 {
        ON_SIGNED_OUT.with(|cell| {
            if let Some(call) = cell.get() {
                call();
            }
        });
    }
    match json::parse(text) {
        Some(value) if (200..300).contains(&status) => Ok(value),
        Some(value) => Err(serde_json::from_value(value)
            .map_or_else(|_| without_body(status), |body: ErrorBody| ApiError::Api(body, status))),
        // It is done, and there is nothing more to say.
        None if status == 204 => Ok(Value::Null),
        None => Err(without_body(status)),
    }
}

/// An enrollment. By hand, as what serde makes of a flattened member is as large as a page of the application.
fn read_enrollment(value: Value) -> Result<Enrollment, ApiError> {
    let Value::Object(members) = value else { return Err(without_body(500)) };
    let Ok(Value::Object(names)) = serde_json::to_value(Draft::default()) else { return Err(without_body(500)) };
    let (content, mut own): (Map<_, _>, Map<_, _>) =
        members.into_iter().partition(|(name, _)| names.contains_key(name));
    Ok(Enrollment {
        id: take(&mut own, "id")?,
        target_api: take(&mut own, "target_api")?,
        policy_revision: take(&mut own, "policy_revision")?,
        status: take(&mut own, "status")?,
        reopening: take(&mut own, "reopening")?,
        copied_from: take(&mut own, "copied_from")?,
        copies: take(&mut own, "copies")?,
        next_enrollments: take(&mut own, "next_enrollments")?,
        unread: take(&mut own, "unread")?,
        authorisations: take(&mut own, "authorisations")?,
        version: take(&mut own, "version")?,
        nom_raison_sociale: take(&mut own, "nom_raison_sociale")?,
        demandeur_id: take(&mut own, "demandeur_id")?,
        membership: take(&mut own, "membership")?,
        content: decode(Value::Object(content))?,
        documents: take(&mut own, "documents")?,
        created_at: take(&mut own, "created_at")?,
        updated_at: take(&mut own, "updated_at")?,
        submitted_at: take(&mut own, "submitted_at")?,
        validated_at: take(&mut own, "validated_at")?,
        waiting_from: take(&mut own, "waiting_from")?,
        assigned_to: take(&mut own, "assigned_to")?,
        changes: take(&mut own, "changes")?,
        points: take(&mut own, "points")?,
        offer: take(&mut own, "offer")?,
        actions: take(&mut own, "actions")?,
    })
}

/// An authorisation, by hand for the same reason.
fn read_authorisation(value: Value) -> Result<Authorisation, ApiError> {
    let Value::Object(mut members) = value else { return Err(without_body(500)) };
    Ok(Authorisation {
        summary: AuthorisationSummary {
            id: take(&mut members, "id")?,
            state: take(&mut members, "state")?,
            created_at: take(&mut members, "created_at")?,
            ended_at: take(&mut members, "ended_at")?,
        },
        enrollment_id: take(&mut members, "enrollment_id")?,
        target_api: take(&mut members, "target_api")?,
        policy_revision: take(&mut members, "policy_revision")?,
        nom_raison_sociale: take(&mut members, "nom_raison_sociale")?,
        content: take(&mut members, "content")?,
        documents: take(&mut members, "documents")?,
    })
}

fn take<T: DeserializeOwned>(members: &mut Map<String, Value>, name: &str) -> Result<T, ApiError> {
    decode(members.remove(name).unwrap_or_default())
}

fn decode<T: DeserializeOwned>(value: Value) -> Result<T, ApiError> {
    serde_json::from_value(value).map_err(|_| without_body(500))
}

/// An error that does not come from DataPass itself, such as a proxy's page, or an answer that cannot be read.
fn without_body(status: u16) -> ApiError {
    let code = match status {
        401 => ErrorCode::Unauthorized,
        403 => ErrorCode::Forbidden,
        404 => ErrorCode::NotFound,
        409 => ErrorCode::StaleVersion,
        413 => ErrorCode::PayloadTooLarge,
        429 => ErrorCode::TooManyRequests,
        502..=504 => ErrorCode::BadGateway,
        _ => ErrorCode::Internal,
    };
    let message = match code {
        ErrorCode::PayloadTooLarge => "Ce fichier est trop volumineux.",
        ErrorCode::BadGateway => "Le service est momentanément indisponible. Réessayez dans quelques minutes.",
        _ => "Le serveur a répondu de façon inattendue. Réessayez dans quelques minutes.",
    };
    ApiError::Api(ErrorBody { code, message: message.to_owned(), fields: Vec::new() }, status)
}

/// `?name=value&…` of the parts that have a value; nothing where none has.
fn query(parts: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in parts.iter().filter(|(_, value)| !value.is_empty()) {
        text.push(if text.is_empty() { '?' } else { '&' });
        text.push_str(name);
        text.push('=');
        text.push_str(&encoded(value));
    }
    text
}

/// A text as it is written in an address (RFC 3986: all but the unreserved characters as `%XX`).
pub fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_enrollment_is_read_as_serde_would_read_it() {
        let value = json!({
            "id": 1, "target_api": "franceconnect", "policy_revision": "r", "status": "draft", "version": 1,
            "reopening": true, "copied_from": null, "copies": [4], "next_enrollments": [], "unread": 0, "authorisations": [],
            "nom_raison_sociale": "Commune", "demandeur_id": 3, "documents": [],
            "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z",
            "submitted_at": "2026-01-02T03:04:05Z", "validated_at": null, "actions": ["update"],
            "changes": [{"field": "intitule", "before": null, "after": "Cantine"}],
            "points": [{"id": 1, "field": "scopes", "scope": "a", "comment": "c", "answer": "", "answered_at": null, "change": null}],
            "offer": {"struck": ["a"], "reason": "r", "author": "A", "created_at": "2026-01-02T03:04:05Z"},
            "siret": "21920023500014", "data_retention_period": 12, "additional_content": {"a": true, "b": "c"},
        });
        let expected: Enrollment = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(read_enrollment(value).unwrap(), expected);
        assert!(read_enrollment(json!({"id": 1})).is_err());
    }

    #[test]
    fn an_authorisation_is_read_as_serde_would_read_it() {
        let value = json!({
            "id": 12, "state": "superseded", "created_at": "2026-01-02T03:04:05Z", "ended_at": "2026-02-02T03:04:05Z",
            "enrollment_id": 3, "target_api": "franceconnect", "policy_revision": "r", "nom_raison_sociale": "Commune",
            "content": {"intitule": "Cantine"}, "documents": [],
        });
        let expected: Authorisation = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(read_authorisation(value).unwrap(), expected);
    }

    #[test]
    fn a_query_names_only_what_filters() {
        assert_eq!(ListQuery::default().to_query(), "");
        let list = ListQuery {
            search: "crèche & cie".to_owned(),
            status: vec!["draft".to_owned(), "submitted".to_owned()],
            mine: true,
            ..ListQuery::default()
        };
        assert_eq!(list.to_query(), "?search=cr%C3%A8che%20%26%20cie&status=draft%2Csubmitted&mine=true");
    }

    #[test]
    fn signing_in_comes_back_to_the_page_with_its_query() {
        assert_eq!(
            sign_in_url("/instruction?status=submitted"),
            "/api/sign_in?return_to=%2Finstruction%3Fstatus%3Dsubmitted"
        );
    }
}
