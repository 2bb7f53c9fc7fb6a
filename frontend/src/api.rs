//! Every call to the server, and the only place that makes any.

pub mod account;
pub mod administration;
mod answer;
pub mod decision_messages;
mod decode;
pub mod documents;
pub mod download;
pub mod grants;
mod list_query;
pub mod messages;
pub mod opinions;
pub mod points;
pub mod policy_files;
pub mod provisionings;
pub mod queue;
pub mod role_requests;
pub mod transfers;
mod upload;
pub mod versions;
pub mod webhooks;
mod xhr;

use std::cell::{Cell, OnceCell};

use gloo_net::http::{Method, RequestBuilder};
use leptos::web_sys::AbortSignal;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use shared::api::{
    ContentCorrection, EnrollmentRow, Mail, MailboxMessage, OrganizationEnrollment, Page, PolicySummary, Session, Total,
};
use shared::change_state::ChangeState;
use shared::draft::Draft;
use shared::enrollment::Enrollment;
use shared::event::Event;
use shared::organization::{Establishment, Siret};
use shared::policy::{Demarche, Policy};
use shared::problem::{ErrorCode, ErrorItem, ProblemDetails};
use shared::team_member::TeamMember;
use shared::user::{NewRoleChange, Person};
use shared::validation::{FieldError, PreviousEnrollment};

pub use self::answer::{Answer, Raw, Waiting};
use self::decode::{decode, read_enrollment};
pub use self::list_query::ListQuery;
use crate::query::query_string;
use crate::{browser, json};

/// How long to wait for an answer.
const REQUEST_TIMEOUT_MS: u32 = 30_000;

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// No answer: the network is down, or the server is.
    Network,
    /// The server said no.
    Api(Box<ProblemDetails>),
}

impl ApiError {
    /// An error of that code.
    pub fn new(code: ErrorCode, detail: &str) -> Self {
        Self::Api(Box::new(ProblemDetails::new(code, detail.to_owned(), Vec::new(), String::new())))
    }

    /// What happened and what to do, in French: everything that is wrong, where the server says so.
    pub fn message(&self) -> String {
        match self {
            Self::Network => {
                "Le serveur ne répond pas. Vérifiez votre connexion à internet, puis réessayez.".to_owned()
            }
            Self::Api(problem) if problem.errors.is_empty() => problem.detail.clone(),
            Self::Api(problem) => problem.errors.iter().map(|item| item.detail.as_str()).collect::<Vec<_>>().join(" "),
        }
    }

    /// Everything that is wrong with what was sent, with its place.
    pub fn items(&self) -> &[ErrorItem] {
        match self {
            Self::Network => &[],
            Self::Api(problem) => &problem.errors,
        }
    }

    /// What is wrong with a request of that content, by field.
    pub fn fields(&self, draft: &Draft) -> Vec<FieldError> {
        self.items().iter().filter_map(|item| FieldError::from_item(item, draft)).collect()
    }

    /// The error code; `None` without an answer.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Network => None,
            Self::Api(problem) => Some(problem.code),
        }
    }

    /// How many seconds ago one may have signed in for the same call, where that was too long ago.
    pub fn max_age(&self) -> Option<u32> {
        match self {
            Self::Network => None,
            Self::Api(problem) => problem.max_age,
        }
    }

    /// Whether somebody else acted first: what is shown must be read again.
    pub fn is_conflict(&self) -> bool {
        matches!(self.code(), Some(ErrorCode::StaleVersion | ErrorCode::WrongStatus))
    }

    /// Whether trying again may help: no answer, or a server error.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Network => true,
            Self::Api(problem) => problem.status >= 500 || problem.status == 429,
        }
    }
}

/// The answer to a sign-out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedOut {
    /// The identity provider's own sign-out, which comes back.
    pub location: String,
}

/// Address of a page of the identity provider, with the present page to return to.
pub fn with_return_to(url: &str) -> String {
    format!("{url}{}", query_string(&[("return_to", &browser::current_path())]))
}

/// Address that signs in and comes back to `return_to`. A plain link: `rel="external"`.
pub fn sign_in_url(return_to: &str) -> String {
    format!("/api/sign_in{}", query_string(&[("return_to", return_to)]))
}

/// Who is signed in.
pub fn session() -> Answer<Session> {
    get("/api/session".to_owned())
}

/// Ends the session; the browser must then go to the address in the answer.
pub fn sign_out() -> Answer<SignedOut> {
    Call::new(Method::POST, "/api/sign_out".to_owned()).read(|value| {
        let location = value.get("location").and_then(Value::as_str).ok_or_else(|| without_body(500))?;
        Ok(SignedOut { location: location.to_owned() })
    })
}

/// The catalogue.
pub fn policies() -> Answer<Vec<PolicySummary>> {
    get("/api/policies".to_owned())
}

/// What an API asks for now.
pub fn policy(target_api: String) -> Answer<Policy> {
    get(format!("/api/policies/{}", segment(&target_api)))
}

/// The use cases of an API: without the rest of what it asks for, which is not read.
pub fn demarches(target_api: String) -> Answer<Vec<Demarche>> {
    Call::new(Method::GET, format!("/api/policies/{}", segment(&target_api)))
        .read(|mut policy| decode(policy.get_mut("demarches").map(Value::take).unwrap_or_default()))
}

/// What an API asked for when an enrollment was written.
pub fn policy_revision(target_api: String, revision: String) -> Answer<Policy> {
    get(format!("/api/policies/{}/revisions/{}", segment(&target_api), segment(&revision)))
}

/// A page of the enrollments that the caller may see.
pub fn enrollments(list: ListQuery) -> Answer<Page<EnrollmentRow>> {
    get(format!("/api/enrollments{}", list.to_query()))
}

/// How many rows that list has.
pub fn total(list: ListQuery) -> Answer<Total> {
    get(format!("/api/enrollments/total{}", list.to_query()))
}

/// Starts a draft: `target_api`, and members of a draft.
pub fn create_enrollment(body: Map<String, Value>) -> Answer<Enrollment> {
    Call::new(Method::POST, "/api/enrollments".to_owned()).json(&body).read(read_enrollment)
}

/// One enrollment.
pub fn enrollment(id: i64) -> Answer<Enrollment> {
    Call::new(Method::GET, format!("/api/enrollments/{id}")).read(read_enrollment)
}

/// Changes the members of a draft that `patch` names, if `version` is still the last.
pub fn update_enrollment(id: i64, version: i64, patch: Map<String, Value>) -> Answer<Enrollment> {
    let call = Call::new(Method::PATCH, format!("/api/enrollments/{id}")).version(version).json(&patch);
    call.read(read_enrollment)
}

/// Submits, decides, archives, if `version` is still the last.
pub fn change_state(id: i64, version: i64, change: ChangeState) -> Answer<Enrollment> {
    let call = Call::new(Method::PATCH, format!("/api/enrollments/{id}/change_state")).version(version).json(&change);
    call.read(read_enrollment)
}

/// Restores a draft that was deleted, whatever its version.
pub fn restore(id: i64) -> Answer<()> {
    let change = ChangeState::Restore { comment: String::new() };
    let call = Call::new(Method::PATCH, format!("/api/enrollments/{id}/change_state")).json(&change);
    call.read(|_| Ok(()))
}

/// Corrects members of the content of a request that was handed over, if `version` is still the last.
pub fn correct(id: i64, version: i64, correction: ContentCorrection) -> Answer<Enrollment> {
    let call = Call::new(Method::POST, format!("/api/enrollments/{id}/correction")).version(version).json(&correction);
    call.read(read_enrollment)
}

/// Starts a draft with the content of a request that was decided.
pub fn copy(id: i64) -> Answer<Enrollment> {
    Call::new(Method::POST, format!("/api/enrollments/{id}/copy")).read(read_enrollment)
}

/// The history, oldest first.
pub fn events(id: i64) -> Answer<Vec<Event>> {
    get(format!("/api/enrollments/{id}/events"))
}

/// The mails that a decision would send.
pub fn mail_preview(id: i64, change: ChangeState) -> Answer<Vec<Mail>> {
    Call::new(Method::POST, format!("/api/enrollments/{id}/mail_preview")).json(&change).read(decode)
}

/// The request that `previous_enrollment_id` names, if there is one.
pub async fn previous(id: i64) -> Result<Option<PreviousEnrollment>, ApiError> {
    match get(format!("/api/enrollments/{id}/previous")).await {
        Ok(previous) => Ok(Some(previous)),
        Err(error) if error.code() == Some(ErrorCode::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The request that this one follows, if it names one.
pub async fn previous_of(enrollment: &Enrollment) -> Result<Option<PreviousEnrollment>, ApiError> {
    match enrollment.content.previous_enrollment_id {
        Some(_) => previous(enrollment.id).await,
        None => Ok(None),
    }
}

/// What the Sirene register says of an establishment; nothing where there is no number yet.
pub fn establishment(siret: Option<Siret>) -> Answer<Option<Establishment>> {
    match siret {
        Some(siret) => {
            Call::new(Method::GET, format!("/api/organizations/{siret}")).read(|value| decode(value).map(Some))
        }
        None => Answer::known(None),
    }
}

/// The people named in requests of an organisation that the caller may read, newest first.
pub fn contacts(siret: &Siret) -> Answer<Vec<TeamMember>> {
    get(format!("/api/contacts{}", query_string(&[("siret", siret.as_str())])))
}

/// The requests of an organisation that are under way or granted; of that API, unless it is empty. 100 at a time.
pub fn organization_enrollments(
    siret: Siret,
    target_api: String,
    cursor: String,
) -> Answer<Page<OrganizationEnrollment>> {
    let query = query_string(&[("target_api", target_api.as_str()), ("cursor", &cursor), ("limit", "100")]);
    get(format!("/api/organizations/{siret}/enrollments{query}"))
}

/// A page of people with their roles.
pub fn people(search: String, cursor: String) -> Answer<Page<Person>> {
    get(format!("/api/users{}", query_string(&[("search", &search), ("cursor", &cursor)])))
}

/// Grants or revokes a role.
pub fn change_role(change: NewRoleChange) -> Answer<Person> {
    Call::new(Method::POST, "/api/users/roles".to_owned()).json(&change).read(decode)
}

/// A page of the mails that are kept here.
pub fn mailbox(cursor: String) -> Answer<Page<MailboxMessage>> {
    get(format!("/api/mailbox{}", query_string(&[("cursor", &cursor)])))
}

fn get<T: DeserializeOwned + 'static>(url: String) -> Answer<T> {
    Call::new(Method::GET, url).read(decode)
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

/// Makes a call. It is not generic, so that it exists once in the bundle; `upload` and `download` alone make calls beside
/// it. No header is set that need not be: the API answers in JSON whatever is accepted.
async fn send(call: Call) -> Result<Value, ApiError> {
    LAST_CALL.set(browser::milliseconds());
    let mut builder = RequestBuilder::new(&call.url)
        .method(call.method)
        .abort_signal(Some(&AbortSignal::timeout_with_u32(REQUEST_TIMEOUT_MS)));
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
    static LAST_CALL: Cell<f64> = const { Cell::new(0.0) };
}

/// Registers what is called on every 401. Once, at the start.
pub fn on_signed_out(call: impl Fn() + 'static) {
    ON_SIGNED_OUT.with(|cell| drop(cell.set(Box::new(call))));
}

/// How long nothing was asked of the server, in milliseconds.
pub fn silence() -> f64 {
    browser::milliseconds() - LAST_CALL.get()
}

/// The result of a call, from its status and body.
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
            .map_or_else(|_| without_body(status), |problem| ApiError::Api(Box::new(problem)))),
        // It is done, and there is nothing more to say.
        None if status == 204 => Ok(Value::Null),
        None => Err(without_body(status)),
    }
}

/// The error for an answer without problem details, such as a proxy's page, or that cannot be read.
fn without_body(status: u16) -> ApiError {
    let code = match status {
        401 => ErrorCode::Unauthorized,
        403 => ErrorCode::Forbidden,
        404 => ErrorCode::NotFound,
        409 => ErrorCode::StaleVersion,
        413 => ErrorCode::PayloadTooLarge,
        429 => ErrorCode::TooManyRequests,
        503 => ErrorCode::Overloaded,
        502 | 504 => ErrorCode::BadGateway,
        _ => ErrorCode::Internal,
    };
    let message = match code {
        ErrorCode::PayloadTooLarge => "Ce fichier est trop volumineux.",
        ErrorCode::BadGateway | ErrorCode::Overloaded => {
            "Le service est momentanément indisponible. Réessayez dans quelques minutes."
        }
        _ => "Le serveur a répondu de façon inattendue. Réessayez dans quelques minutes.",
    };
    ApiError::new(code, message)
}

/// Encodes a segment of a path.
fn segment(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_race_is_told_from_a_lost_network() {
        let told = |error: &ApiError| (error.is_conflict(), error.is_passing());
        let refused = |code| ApiError::new(code, "m");
        assert_eq!(told(&refused(ErrorCode::StaleVersion)), (true, false));
        assert_eq!(told(&refused(ErrorCode::WrongStatus)), (true, false));
        assert_eq!(told(&refused(ErrorCode::Forbidden)), (false, false));
        assert_eq!(refused(ErrorCode::Forbidden).message(), "m");
        assert_eq!(told(&refused(ErrorCode::Internal)), (false, true));
        assert_eq!(told(&ApiError::Network), (false, true));
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
        assert_eq!(list.to_query(), "?search=cr%C3%A8che+%26+cie&status=draft%2Csubmitted&mine=true");
    }

    #[test]
    fn signing_in_comes_back_to_the_page_with_its_query() {
        assert_eq!(
            sign_in_url("/instruction?status=submitted"),
            "/api/sign_in?return_to=%2Finstruction%3Fstatus%3Dsubmitted"
        );
    }
}
