//! The calls that only administrators make: accounts, the audit log, contact details put right, services.

use gloo_net::http::Method;
use shared::api::{ContactCorrection, Page, Session};
use shared::audit::AuditEntry;
use shared::client::{Client, ClientWithSecret, NewClient, NewSecret};
use shared::enrollment::Enrollment;
use shared::user::{NewBan, NewImpersonation, Person};

use super::{ApiError, Call, decode, get, query, read_enrollment, send};

/// Keeps somebody out, or lets them back in.
pub async fn ban(ban: NewBan) -> Result<Person, ApiError> {
    decode(send(Call::new(Method::POST, "/api/users/ban".to_owned()).json(&ban)).await?)
}

/// Acts for somebody from now on.
pub async fn act_for(other: NewImpersonation) -> Result<Session, ApiError> {
    decode(send(Call::new(Method::POST, "/api/impersonation".to_owned()).json(&other)).await?)
}

/// Is oneself again.
pub async fn be_oneself() -> Result<Session, ApiError> {
    decode(send(Call::new(Method::DELETE, "/api/impersonation".to_owned())).await?)
}

/// Puts the contact details of a person right, if `version` is still the last.
pub async fn correct(id: i64, version: i64, correction: ContactCorrection) -> Result<Enrollment, ApiError> {
    let call = Call::new(Method::POST, format!("/api/enrollments/{id}/contacts")).version(version).json(&correction);
    read_enrollment(send(call).await?)
}

/// What part of the audit log. Empty members filter nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// E-mail address of who did it.
    pub email: String,
    /// The sort of thing.
    pub object: String,
    /// Its number.
    pub object_id: String,
    /// What was done.
    pub action: String,
    /// The day.
    pub day: String,
    /// Where the last page ended.
    pub cursor: String,
}

/// A page of the audit log, newest first.
pub async fn audit(list: AuditQuery) -> Result<Page<AuditEntry>, ApiError> {
    let AuditQuery { email, object, object_id, action, day, cursor } = &list;
    let parts = [
        ("email", email),
        ("object", object),
        ("object_id", object_id),
        ("action", action),
        ("day", day),
        ("cursor", cursor),
    ];
    get(format!("/api/audit{}", query(&parts.map(|(name, value)| (name, value.as_str()))))).await
}

/// The services that sign people in with the embedded provider.
pub async fn clients() -> Result<Vec<Client>, ApiError> {
    get("/api/clients".to_owned()).await
}

/// Lets a service in. Brings its secret, this once.
pub async fn add_client(new: NewClient) -> Result<ClientWithSecret, ApiError> {
    decode(send(Call::new(Method::POST, "/api/clients".to_owned()).json(&new)).await?)
}

/// Gives a service another secret, and brings it, this once.
pub async fn rotate_client(id: &str, keep_previous: bool) -> Result<ClientWithSecret, ApiError> {
    let call = Call::new(Method::POST, format!("/api/clients/{id}/secret")).json(&NewSecret { keep_previous });
    decode(send(call).await?)
}

/// Shuts a service out.
pub async fn remove_client(id: &str) -> Result<(), ApiError> {
    send(Call::new(Method::DELETE, format!("/api/clients/{id}"))).await.map(drop)
}
