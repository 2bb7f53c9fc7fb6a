//! The calls that only administrators make: bans, impersonation, audit log, contact corrections, OpenID clients, samples of
//! mails, failed deliveries.

use gloo_net::http::Method;
use shared::api::{ContactCorrection, MailSample, Page, Session};
use shared::audit::AuditEntry;
use shared::client::{Client, ClientWithSecret, NewClient, NewSecret};
use shared::enrollment::Enrollment;
use shared::outbox::{MailSender, OutboxMessage, Retried};
use shared::user::{NewBan, NewImpersonation, Person};

use super::decode::{decode, read_enrollment};
use super::{ApiError, Call, get, segment, send};
use crate::query::query_string;

/// Bans an account, or lifts its ban.
pub async fn ban(ban: NewBan) -> Result<Person, ApiError> {
    decode(send(Call::new(Method::POST, "/api/users/ban".to_owned()).json(&ban)).await?)
}

/// Starts impersonating somebody.
pub async fn impersonate(other: NewImpersonation) -> Result<Session, ApiError> {
    decode(send(Call::new(Method::POST, "/api/impersonation".to_owned()).json(&other)).await?)
}

/// Stops impersonating.
pub async fn stop_impersonating() -> Result<Session, ApiError> {
    decode(send(Call::new(Method::DELETE, "/api/impersonation".to_owned())).await?)
}

/// Corrects the contact details of a person, if `version` is still the last.
pub async fn correct_contact(id: i64, version: i64, correction: ContactCorrection) -> Result<Enrollment, ApiError> {
    let call = Call::new(Method::POST, format!("/api/enrollments/{id}/contacts")).version(version).json(&correction);
    read_enrollment(send(call).await?)
}

/// A page of the messages that could not be delivered.
pub async fn failing_messages(cursor: String) -> Result<Page<OutboxMessage>, ApiError> {
    get(format!("/api/outbox{}", query_string(&[("cursor", &cursor)]))).await
}

/// The senders of our mails as Mailjet knows them; none where mails leave by another way.
pub async fn mail_senders() -> Result<Vec<MailSender>, ApiError> {
    get("/api/outbox/senders".to_owned()).await
}

/// Has one of them tried again, or all.
pub async fn retry_message(id: Option<String>) -> Result<Retried, ApiError> {
    let path = id.map_or_else(|| "/api/outbox/retry".to_owned(), |id| format!("/api/outbox/{id}/retry"));
    decode(send(Call::new(Method::POST, path)).await?)
}

/// Every mail of an API, filled in with sample values.
pub async fn mail_samples(target_api: &str) -> Result<Vec<MailSample>, ApiError> {
    get(format!("/api/mails/{}", segment(target_api))).await
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
    get(format!("/api/audit{}", query_string(&parts.map(|(name, value)| (name, value.as_str()))))).await
}

/// The OpenID clients of the embedded provider.
pub async fn clients() -> Result<Vec<Client>, ApiError> {
    get("/api/clients".to_owned()).await
}

/// Registers an OpenID client. Its secret comes only this once.
pub async fn register_client(new: NewClient) -> Result<ClientWithSecret, ApiError> {
    decode(send(Call::new(Method::POST, "/api/clients".to_owned()).json(&new)).await?)
}

/// Gives a client another secret, which comes only this once.
pub async fn rotate_client(id: &str, keep_previous: bool) -> Result<ClientWithSecret, ApiError> {
    let call = Call::new(Method::POST, format!("/api/clients/{id}/secret")).json(&NewSecret { keep_previous });
    decode(send(call).await?)
}

/// Removes a client.
pub async fn remove_client(id: &str) -> Result<(), ApiError> {
    send(Call::new(Method::DELETE, format!("/api/clients/{id}"))).await.map(drop)
}
