//! What is still to be delivered, for the workers that deliver it and for the administrators who look after them.

use chrono::NaiveDateTime;
use diesel::dsl::{count, count_star};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamp};
use shared::outbox::{OutboxMessage, OutboxState};

use super::{Payload, SCAN};
use crate::connection::types::{Json, utc};
use crate::connection::{AnyConnection, fill_outbox};
use crate::ids::EnrollmentId;
use crate::on_each;
use crate::outbound::managers::Action;
use crate::schema::outbox;

/// The most characters of an error that are kept.
const MAX_ERROR: usize = 500;

/// A message that is due.
#[derive(Clone, Debug, QueryableByName)]
pub struct Due {
    /// Its number: the same however often it is delivered.
    #[diesel(sql_type = Text)]
    pub id: String,
    /// The enrollment it is about.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub enrollment_id: Option<EnrollmentId>,
    /// Grows with each change of that enrollment.
    #[diesel(sql_type = BigInt)]
    pub sequence: i64,
    /// What to deliver.
    #[diesel(sql_type = Text)]
    pub payload: Json<Payload>,
    /// How often it was tried, this time included.
    #[diesel(sql_type = Integer)]
    pub attempts: i32,
    /// When it was written.
    #[diesel(sql_type = Timestamp)]
    pub created_at: NaiveDateTime,
}

/// Takes at most `limit` due messages until `until`.
///
/// Whoever claims them meanwhile finds nothing, and if this process dies they become due again. What one receiver is told
/// of one enrollment is claimed in order: no message as long as one before it is neither delivered nor given up. One that
/// waits for others of its topic holds up nobody.
///
/// # Errors
/// The database's.
pub fn claim(
    connection: &mut AnyConnection,
    now: NaiveDateTime,
    until: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<Due>> {
    // Several processes claim at once on PostgreSQL; SQLite has one writer.
    let lock = match connection {
        AnyConnection::Postgres(_) => "FOR UPDATE SKIP LOCKED",
        AnyConnection::Sqlite(_) => "",
    };
    let statement = format!(
        "WITH taken AS MATERIALIZED ( \
            SELECT id FROM outbox AS due \
            WHERE next_attempt_at <= $1 AND delivered_at IS NULL AND given_up_at IS NULL AND NOT held AND NOT EXISTS ( \
                SELECT 1 FROM outbox AS earlier \
                WHERE earlier.enrollment_id = due.enrollment_id AND earlier.receiver = due.receiver \
                AND earlier.delivered_at IS NULL AND earlier.given_up_at IS NULL \
                AND (earlier.topic IS NULL OR earlier.attempts > 0 OR earlier.next_attempt_at <= $1) \
                AND (earlier.sequence, earlier.id) < (due.sequence, due.id) \
            ) \
            ORDER BY next_attempt_at, id LIMIT $2 {lock} \
        ) \
        UPDATE outbox SET next_attempt_at = $3, attempts = attempts + 1 WHERE id IN (SELECT id FROM taken) \
        RETURNING id, enrollment_id, sequence, payload, attempts, created_at"
    );
    on_each!(connection, c => sql_query(statement)
        .bind::<Timestamp, _>(now)
        .bind::<BigInt, _>(limit)
        .bind::<Timestamp, _>(until)
        .load(c))
}

/// Since when the message that waits longest for its delivery is due, if one is.
///
/// # Errors
/// The database's.
pub fn due_since(connection: &mut AnyConnection, now: NaiveDateTime) -> QueryResult<Option<NaiveDateTime>> {
    outbox::table
        .filter(outbox::delivered_at.is_null().and(outbox::given_up_at.is_null()).and(outbox::held.eq(false)))
        .filter(outbox::next_attempt_at.le(now))
        .select(diesel::dsl::min(outbox::next_attempt_at))
        .get_result(connection)
}

/// Since when the file waits that waits longest for the antivirus, however often it was asked; those that it is asked
/// about before `until`.
///
/// # Errors
/// The database's.
pub fn unscanned_since(connection: &mut AnyConnection, until: NaiveDateTime) -> QueryResult<Option<NaiveDateTime>> {
    outbox::table
        .filter(outbox::delivered_at.is_null().and(outbox::given_up_at.is_null()).and(outbox::held.eq(false)))
        .filter(outbox::next_attempt_at.le(until).and(outbox::kind.eq(SCAN)))
        .select(diesel::dsl::min(outbox::created_at))
        .get_result(connection)
}

/// Marks a message as delivered. One that is about no enrollment is forgotten: codes and links that open an account must
/// not lie about.
///
/// # Errors
/// The database's.
pub fn delivered(connection: &mut AnyConnection, id: &str, now: NaiveDateTime) -> QueryResult<()> {
    diesel::delete(outbox::table.find(id).filter(outbox::enrollment_id.is_null())).execute(connection)?;
    diesel::update(outbox::table.find(id))
        .set((outbox::delivered_at.eq(now), outbox::last_error.eq(""), outbox::failing_since.eq(None::<NaiveDateTime>)))
        .execute(connection)?;
    Ok(())
}

/// Leaves a claimed message to its worker until then: some deliveries take many calls.
///
/// # Errors
/// The database's.
pub fn extend(connection: &mut AnyConnection, id: &str, until: NaiveDateTime) -> QueryResult<()> {
    diesel::update(outbox::table.find(id)).set(outbox::next_attempt_at.eq(until)).execute(connection)?;
    Ok(())
}

/// Forgets a message: what became of it is kept elsewhere.
///
/// # Errors
/// The database's.
pub fn forget(connection: &mut AnyConnection, id: &str) -> QueryResult<()> {
    diesel::delete(outbox::table.find(id)).execute(connection)?;
    Ok(())
}

/// Puts a message off until then, after a delivery that failed.
///
/// # Errors
/// The database's.
pub fn postpone(
    connection: &mut AnyConnection,
    id: &str,
    now: NaiveDateTime,
    until: NaiveDateTime,
    error: &str,
) -> QueryResult<()> {
    failed(connection, id, now, error)?;
    diesel::update(outbox::table.find(id)).set(outbox::next_attempt_at.eq(until)).execute(connection)?;
    Ok(())
}

/// Gives a message up: those that wait for it go on, and an administrator may have it tried again.
///
/// # Errors
/// The database's.
pub fn give_up(connection: &mut AnyConnection, id: &str, now: NaiveDateTime, error: &str) -> QueryResult<()> {
    failed(connection, id, now, error)?;
    diesel::update(outbox::table.find(id)).set(outbox::given_up_at.eq(now)).execute(connection)?;
    Ok(())
}

fn failed(connection: &mut AnyConnection, id: &str, now: NaiveDateTime, error: &str) -> QueryResult<()> {
    let error: String = error.chars().take(MAX_ERROR).collect();
    diesel::update(outbox::table.find(id)).set(outbox::last_error.eq(error)).execute(connection)?;
    diesel::update(outbox::table.find(id).filter(outbox::failing_since.is_null()))
        .set(outbox::failing_since.eq(now))
        .execute(connection)?;
    Ok(())
}

/// Which failing messages are tried again.
#[derive(Clone, Copy, Debug)]
pub enum Failures<'a> {
    All,
    /// The one of that number.
    One(&'a str),
    /// The calls to managers and webhooks about a request.
    Accesses(EnrollmentId),
}

/// Makes messages whose delivery fails, or was given up, due now. How many there were.
///
/// # Errors
/// The database's.
pub fn retry(connection: &mut AnyConnection, failures: Failures<'_>, now: NaiveDateTime) -> QueryResult<usize> {
    let mut update = diesel::update(outbox::table)
        .set((outbox::next_attempt_at.eq(now), outbox::attempts.eq(0), outbox::given_up_at.eq(None::<NaiveDateTime>)))
        .into_boxed()
        .filter(outbox::delivered_at.is_null())
        .filter(outbox::failing_since.is_not_null());
    update = match failures {
        Failures::All => update,
        Failures::One(id) => update.filter(outbox::id.eq(id.to_owned())),
        Failures::Accesses(id) => {
            update.filter(outbox::enrollment_id.eq(id)).filter(outbox::kind.ne_all(["mail", SCAN]))
        }
    };
    let count = update.execute(connection)?;
    if count > 0 {
        fill_outbox();
    }
    Ok(count)
}

/// Keeps back what is still to be delivered to that receiver.
///
/// # Errors
/// The database's.
pub fn hold(connection: &mut AnyConnection, receiver: &str) -> QueryResult<()> {
    let pending = outbox::table.filter(outbox::receiver.eq(receiver)).filter(outbox::delivered_at.is_null());
    diesel::update(pending).set(outbox::held.eq(true)).execute(connection)?;
    Ok(())
}

/// Releases what was kept back for that receiver: it is due now.
///
/// # Errors
/// The database's.
pub fn release(connection: &mut AnyConnection, receiver: &str, now: NaiveDateTime) -> QueryResult<()> {
    let held = outbox::table.filter(outbox::receiver.eq(receiver)).filter(outbox::held.eq(true));
    diesel::update(held)
        .set((outbox::held.eq(false), outbox::next_attempt_at.eq(now), outbox::attempts.eq(0)))
        .execute(connection)?;
    fill_outbox();
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
struct Failing {
    id: String,
    enrollment_id: Option<i64>,
    receiver: String,
    payload: Json<Payload>,
    attempts: i32,
    next_attempt_at: NaiveDateTime,
    last_error: String,
    failing_since: Option<NaiveDateTime>,
    given_up_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
}

/// The messages whose delivery fails or was given up, before that number (all, where it is `None`), newest first. Their ids
/// grow with time (UUID v7).
///
/// # Errors
/// The database's.
pub fn failing(connection: &mut AnyConnection, before: Option<&str>, limit: i64) -> QueryResult<Vec<OutboxMessage>> {
    let mut query =
        outbox::table.filter(outbox::delivered_at.is_null()).filter(outbox::failing_since.is_not_null()).into_boxed();
    if let Some(before) = before {
        query = query.filter(outbox::id.lt(before.to_owned()));
    }
    let rows = query.order(outbox::id.desc()).limit(limit).select(Failing::as_select()).load(connection)?;
    Ok(rows.into_iter().map(shown).collect())
}

/// What these messages are about, and to whom they go, by their ids.
///
/// # Errors
/// The database's.
pub fn subjects(connection: &mut AnyConnection, ids: &[String]) -> QueryResult<Vec<(String, (String, String))>> {
    let rows = outbox::table.filter(outbox::id.eq_any(ids)).select(Failing::as_select()).load(connection)?;
    Ok(rows.into_iter().map(shown).map(|message| (message.id, (message.subject, message.receiver))).collect())
}

/// How many messages fail, and how many were given up.
///
/// # Errors
/// The database's.
pub fn count_failing(connection: &mut AnyConnection) -> QueryResult<(i64, i64)> {
    let failing = outbox::table.filter(outbox::delivered_at.is_null()).filter(outbox::failing_since.is_not_null());
    let (all, given_up): (i64, i64) = failing.select((count_star(), count(outbox::given_up_at))).first(connection)?;
    Ok((all - given_up, given_up))
}

/// Without the text: that of a mail about an account may hold a code or a link.
fn shown(row: Failing) -> OutboxMessage {
    let (receiver, subject) = match row.payload.0 {
        Payload::Mail { mail, .. } => (row.receiver, mail.subject),
        Payload::Webhook { webhook_id, event, .. } => {
            (format!("webhook {webhook_id}"), format!("Appel «\u{a0}{event}\u{a0}»"))
        }
        Payload::Provisioning { manager, action, order } => {
            let what = match action {
                Action::Open => "Ouverture de l’accès",
                Action::Withdraw => "Retrait de l’accès",
            };
            (manager.label().to_owned(), format!("{what}, habilitation {}", order.authorisation))
        }
        Payload::Scan { .. } => ("Antivirus".to_owned(), "Vérification d’un fichier joint".to_owned()),
    };
    OutboxMessage {
        id: row.id,
        enrollment_id: row.enrollment_id,
        receiver,
        subject,
        state: if row.given_up_at.is_some() { OutboxState::GivenUp } else { OutboxState::Failing },
        attempts: row.attempts,
        created_at: utc(row.created_at),
        failing_since: utc(row.failing_since.unwrap_or(row.created_at)),
        next_attempt_at: row.given_up_at.is_none().then(|| utc(row.next_attempt_at)),
        error: row.last_error,
    }
}
