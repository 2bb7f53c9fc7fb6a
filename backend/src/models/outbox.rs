//! What is put into the outbox, and the mails that are kept here.

pub mod gathered;
pub mod queue;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::api::{Mail, MailboxMessage};
use shared::policy::Delivery;

use self::gathered::Topic;
use crate::connection::types::{Json, utc};
use crate::connection::{AnyConnection, fill_outbox};
use crate::ids::EnrollmentId;
use crate::on_each;
use crate::outbound::managers::{Action, Order};
use crate::schema::{mailbox, outbox};

/// The kind of messages that have a file looked at.
const SCAN: &str = "scan";

/// Something to deliver. Its text is frozen when the decision is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Payload {
    /// A mail.
    Mail {
        /// From whom.
        from: String,
        /// Where answers go; empty where `from` will do.
        reply_to: String,
        /// Where one click ends such mails (RFC 8058); empty where nobody can do without them.
        #[serde(default)]
        unsubscribe: String,
        #[serde(flatten)]
        mail: Mail,
    },
    /// A call to a webhook.
    Webhook {
        /// Number of the webhook.
        webhook_id: String,
        /// What the receiver is told.
        event: String,
        /// The body, without the number of the delivery, which is the message's own.
        body: Value,
    },
    /// Something that an API manager is asked to do.
    Provisioning {
        /// The manager.
        manager: Delivery,
        /// What is asked.
        action: Action,
        /// What it is told.
        order: Box<Order>,
    },
    /// A file that the antivirus is to look at.
    Scan {
        /// SHA-256 of its content, in hexadecimal.
        sha256: String,
    },
}

impl Payload {
    /// To whom it goes: an address, the number of a webhook, or the name of a manager. A file is in the place of its
    /// receiver, as none waits for another.
    pub fn recipient(&self) -> &str {
        match self {
            Self::Mail { mail, .. } => &mail.to,
            Self::Webhook { webhook_id, .. } => webhook_id,
            Self::Provisioning { manager, .. } => manager.as_str(),
            Self::Scan { sha256 } => sha256,
        }
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Mail { .. } => "mail",
            Self::Webhook { .. } => "webhook",
            Self::Provisioning { .. } => "provisioning",
            Self::Scan { .. } => SCAN,
        }
    }
}

/// A message to store.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// The enrollment that it is about, if it is about one.
    pub enrollment_id: Option<EnrollmentId>,
    /// Grows with each change of that enrollment.
    pub sequence: i64,
    pub payload: Payload,
    /// It waits until its receiver is switched on ([`queue::release`]).
    pub held: bool,
}

/// Stores a message to deliver, from now on.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, message: NewMessage, now: NaiveDateTime) -> QueryResult<()> {
    insert_row(connection, message, (None, now), now)
}

/// Stores a message of that topic, to deliver from then on.
fn insert_row(
    connection: &mut AnyConnection,
    message: NewMessage,
    (topic, due): (Option<Topic>, NaiveDateTime),
    now: NaiveDateTime,
) -> QueryResult<()> {
    let NewMessage { enrollment_id, sequence, payload, held } = message;
    diesel::insert_into(outbox::table)
        .values((
            outbox::id.eq(uuid::Uuid::now_v7().to_string()),
            outbox::enrollment_id.eq(enrollment_id),
            outbox::sequence.eq(sequence),
            outbox::kind.eq(payload.kind()),
            outbox::receiver.eq(payload.recipient().to_owned()),
            outbox::payload.eq(Json(payload)),
            outbox::attempts.eq(0),
            outbox::next_attempt_at.eq(due),
            outbox::last_error.eq(""),
            outbox::created_at.eq(now),
            outbox::held.eq(held),
            outbox::topic.eq(topic.map(Topic::as_str)),
        ))
        .execute(connection)?;
    if !held {
        fill_outbox();
    }
    Ok(())
}

/// Keeps a mail here; nothing happens where it already is.
///
/// # Errors
/// The database's.
pub fn keep(connection: &mut AnyConnection, message: &MailboxMessage) -> QueryResult<()> {
    let row = (
        mailbox::id.eq(&message.id),
        mailbox::enrollment_id.eq(message.enrollment_id),
        mailbox::sender.eq(&message.from),
        mailbox::recipient.eq(&message.mail.to),
        mailbox::subject.eq(&message.mail.subject),
        mailbox::body.eq(&message.mail.body),
        mailbox::sent_at.eq(message.sent_at.naive_utc()),
    );
    on_each!(connection, c => diesel::insert_into(mailbox::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// The latest of the kept mails to that address.
///
/// # Errors
/// The database's.
pub fn last_kept(connection: &mut AnyConnection, recipient: &str) -> QueryResult<Option<Mail>> {
    let kept = mailbox::table.filter(mailbox::recipient.eq(recipient)).order(mailbox::id.desc());
    let row: Option<(String, String, String)> =
        kept.select((mailbox::recipient, mailbox::subject, mailbox::body)).first(connection).optional()?;
    Ok(row.map(|(to, subject, body)| Mail { to, subject, body }))
}

/// The kept mails before `before` (all, where it is `None`), newest first. Their ids grow with time (UUID v7).
///
/// # Errors
/// The database's.
pub fn kept(connection: &mut AnyConnection, before: Option<&str>, limit: i64) -> QueryResult<Vec<MailboxMessage>> {
    type Row = (String, Option<i64>, String, String, String, String, NaiveDateTime);

    let mut query = mailbox::table.into_boxed();
    if let Some(before) = before {
        query = query.filter(mailbox::id.lt(before.to_owned()));
    }
    let rows: Vec<Row> = query.order(mailbox::id.desc()).limit(limit).load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(id, enrollment_id, from, to, subject, body, sent_at)| MailboxMessage {
            id,
            enrollment_id,
            from,
            mail: Mail { to, subject, body },
            sent_at: utc(sent_at),
        })
        .collect())
}
