//! The calls of administrators: what waits for them, roles of a whole provider, bans, impersonation, audit log, contact
//! corrections, OpenID clients, samples of mails, failed deliveries.

use gloo_net::http::Method;
use shared::administration::AwaitedWork;
use shared::api::{ContactCorrection, MailSample, Page, Session};
use shared::audit::AuditEntry;
use shared::client::{Client, ClientWithSecret, NewClient, NewSecret};
use shared::enrollment::Enrollment;
use shared::outbox::{MailSender, OutboxMessage, Retried};
use shared::user::{NewBan, NewImpersonation, NewProviderRoleChange, Person};

use super::decode::{decode, read_enrollment};
use super::{Answer, Call, get, segment};
use crate::query::query_string;

/// Bans an account, or lifts its ban.
pub fn ban(ban: NewBan) -> Answer<Person> {
    Call::new(Method::POST, "/api/users/ban".to_owned()).json(&ban).read(decode)
}

/// Starts impersonating somebody.
pub fn impersonate(other: NewImpersonation) -> Answer<Session> {
    Call::new(Method::POST, "/api/impersonation".to_owned()).json(&other).read(decode)
}

/// Stops impersonating.
pub fn stop_impersonating() -> Answer<Session> {
    Call::new(Method::DELETE, "/api/impersonation".to_owned()).read(decode)
}

/// Corrects the contact details of a person, if `version` is still the last.
pub fn correct_contact(id: i64, version: i64, correction: ContactCorrection) -> Answer<Enrollment> {
    let call = Call::new(Method::POST, format!("/api/enrollments/{id}/contacts")).version(version).json(&correction);
    call.read(read_enrollment)
}

/// A page of the messages that could not be delivered.
pub fn failing_messages(cursor: String) -> Answer<Page<OutboxMessage>> {
    get(format!("/api/outbox{}", query_string(&[("cursor", &cursor)])))
}

/// The senders of our mails as Mailjet knows them; none where mails leave by another way.
pub fn mail_senders() -> Answer<Vec<MailSender>> {
    get("/api/outbox/senders".to_owned())
}

/// Has one of them tried again, or all.
pub fn retry_message(id: Option<String>) -> Answer<Retried> {
    let path = id.map_or_else(|| "/api/outbox/retry".to_owned(), |id| format!("/api/outbox/{id}/retry"));
    Call::new(Method::POST, path).read(decode)
}

/// Every mail of an API, filled in with sample values.
pub fn mail_samples(target_api: &str) -> Answer<Vec<MailSample>> {
    get(format!("/api/mails/{}", segment(target_api)))
}

/// What part of the audit log. Empty members filter nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Part of the name or address of who did it, or of whom it is about.
    pub person: String,
    /// The sort of thing.
    pub object: String,
    /// Its number.
    pub object_id: String,
    /// What was done.
    pub action: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub until: String,
    /// Whether what only reads is shown.
    pub reads: bool,
    /// Where the last page ended.
    pub cursor: String,
}

impl AuditQuery {
    fn address(&self, path: &str) -> String {
        let Self { person, object, object_id, action, from, until, reads, cursor } = self;
        let parts = [
            ("person", person.as_str()),
            ("object", object),
            ("object_id", object_id),
            ("action", action),
            ("from", from),
            ("until", until),
            ("reads", if *reads { "" } else { "false" }),
            ("cursor", cursor),
        ];
        format!("{path}{}", query_string(&parts))
    }

    /// The address of all entries as a file.
    pub fn file(&self) -> String {
        self.address("/api/audit.csv")
    }
}

/// A page of the audit log, newest first.
pub fn audit(list: &AuditQuery) -> Answer<Page<AuditEntry>> {
    get(list.address("/api/audit"))
}

/// What waits for administrators.
pub fn awaited() -> Answer<AwaitedWork> {
    get("/api/administration".to_owned())
}

/// Gives or takes a role for every API of a provider.
pub fn change_provider_role(change: &NewProviderRoleChange) -> Answer<Person> {
    Call::new(Method::POST, "/api/users/provider_roles".to_owned()).json(change).read(decode)
}

/// The OpenID clients of the embedded provider.
pub fn clients() -> Answer<Vec<Client>> {
    get("/api/clients".to_owned())
}

/// Registers an OpenID client. Its secret comes only this once.
pub fn register_client(new: NewClient) -> Answer<ClientWithSecret> {
    Call::new(Method::POST, "/api/clients".to_owned()).json(&new).read(decode)
}

/// Gives a client another secret, which comes only this once.
pub fn rotate_client(id: &str, keep_previous: bool) -> Answer<ClientWithSecret> {
    let call = Call::new(Method::POST, format!("/api/clients/{id}/secret")).json(&NewSecret { keep_previous });
    call.read(decode)
}

/// Removes a client.
pub fn remove_client(id: &str) -> Answer<()> {
    Call::new(Method::DELETE, format!("/api/clients/{id}")).read(|_| Ok(()))
}
