//! The counters of the public figures, and what they are counted anew from. What is counted is said in `shared::stats`.

use std::collections::BTreeMap;
use std::fmt::Display;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::connection::SimpleConnection as _;
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};
use shared::calendar::Month;
use shared::field::Field;
use shared::stats::Measure;
use shared::workflow::{EventName, Status};

use crate::connection::AnyConnection;
use crate::connection::types::Name;
use crate::ids::{EnrollmentId, EventId};
use crate::on_each;
use crate::schema::{change_points, enrollments, events, statistics};

/// The most rows of one statement: five values each, and PostgreSQL takes 65 535.
const ROWS_AT_ONCE: usize = 1_000;

/// The month of what stands somewhere now.
const NOW: &str = "";

/// What a row counts. Rows are written in the order of this key, so that no two transactions wait for each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, QueryableByName)]
pub struct Key {
    /// In which month; empty for what stands somewhere now.
    #[diesel(sql_type = Text)]
    pub month: String,
    #[diesel(sql_type = Text)]
    pub measure: String,
    #[diesel(sql_type = Text)]
    pub label: String,
    #[diesel(sql_type = Text)]
    pub target_api: String,
}

/// Counters, or how much more they are to count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters(BTreeMap<Key, i64>);

impl Counters {
    /// Counts more, or less, of something that happened in a month; `None` for what stands somewhere now.
    pub fn add(&mut self, month: Option<Month>, measure: Measure, label: impl Display, target_api: &str, more: i64) {
        let key = Key {
            month: month.map_or_else(|| NOW.to_owned(), String::from),
            measure: measure.to_string(),
            label: label.to_string(),
            target_api: target_api.to_owned(),
        };
        self.add_row(key, more);
    }

    fn add_row(&mut self, key: Key, more: i64) {
        let value = self.0.remove(&key).unwrap_or_default() + more;
        if value != 0 {
            self.0.insert(key, value);
        }
    }

    /// What is to be added to those to come to these.
    #[must_use]
    pub fn minus(mut self, others: &Self) -> Self {
        for (key, value) in &others.0 {
            self.add_row(key.clone(), -value);
        }
        self
    }

    /// The rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = (&Key, i64)> {
        self.0.iter().map(|(key, value)| (key, *value))
    }

    /// Whether there is nothing to count.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(embed)]
    key: Key,
    #[diesel(sql_type = BigInt)]
    value: i64,
}

/// Adds to the rows, in one statement; what comes to 0 goes.
///
/// # Errors
/// The database's.
pub fn add(connection: &mut AnyConnection, counters: &Counters) -> QueryResult<()> {
    let rows: Vec<(&Key, i64)> = counters.rows().collect();
    for rows in rows.chunks(ROWS_AT_ONCE) {
        let places: Vec<String> = (0..rows.len()).map(|row| placeholders(row * 5)).collect();
        let text = format!(
            "INSERT INTO statistics (month, measure, label, target_api, value) VALUES {} \
             ON CONFLICT (month, measure, label, target_api) DO UPDATE SET value = statistics.value + excluded.value \
             RETURNING month, measure, label, target_api, value",
            places.join(", ")
        );
        let counted: Vec<Counted> = on_each!(connection, c => {
            let mut query = sql_query(text).into_boxed();
            for (key, value) in rows {
                query = query.bind::<Text, _>(&key.month).bind::<Text, _>(&key.measure);
                query = query.bind::<Text, _>(&key.label).bind::<Text, _>(&key.target_api).bind::<BigInt, _>(value);
            }
            query.load(c)?
        });
        for Counted { key, .. } in counted.iter().filter(|row| row.value == 0) {
            let row = statistics::table.find((&key.month, &key.measure, &key.label, &key.target_api));
            diesel::delete(row).execute(connection)?;
        }
    }
    Ok(())
}

/// The places of the values of a row, after so many others. Both engines read them by their order.
fn placeholders(before: usize) -> String {
    let places: Vec<String> = (1..=5).map(|place| format!("${}", before + place)).collect();
    format!("({})", places.join(", "))
}

/// Whose counters are read.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Those APIs; `None` for all.
    pub apis: Option<Vec<String>>,
    pub from: Month,
    pub to: Month,
}

/// What each measure counts for each label in each month of the period, over the APIs.
///
/// # Errors
/// The database's.
pub fn by_month(
    connection: &mut AnyConnection,
    Scope { apis, from, to }: &Scope,
) -> QueryResult<Vec<(Month, Measure, String, i64)>> {
    let mut query = statistics::table
        .filter(statistics::month.between(from.to_string(), to.to_string()))
        .group_by((statistics::month, statistics::measure, statistics::label))
        .select((statistics::month, statistics::measure, statistics::label, total()))
        .into_boxed();
    if let Some(apis) = apis {
        query = query.filter(statistics::target_api.eq_any(apis));
    }
    let rows: Vec<(Name<Month>, Name<Measure>, String, i64)> = query.load(connection)?;
    Ok(rows.into_iter().map(|(month, measure, label, value)| (month.0, measure.0, label, value)).collect())
}

fn total() -> SqlLiteral<BigInt> {
    sql("CAST(SUM(value) AS BIGINT)")
}

/// What these measures count for each label of each API in the period.
///
/// # Errors
/// The database's.
pub fn by_api(
    connection: &mut AnyConnection,
    Scope { apis, from, to }: &Scope,
    measures: &[Measure],
) -> QueryResult<Vec<(String, Measure, String, i64)>> {
    // Month by month the key leads to these measures and past the others.
    let months: Vec<String> = from.up_to(*to).map(String::from).collect();
    let mut query = statistics::table
        .filter(statistics::month.eq_any(months))
        .filter(statistics::measure.eq_any(measures.iter().copied().map(Name).collect::<Vec<_>>()))
        .group_by((statistics::target_api, statistics::measure, statistics::label))
        .select((statistics::target_api, statistics::measure, statistics::label, total()))
        .into_boxed();
    if let Some(apis) = apis {
        query = query.filter(statistics::target_api.eq_any(apis));
    }
    let rows: Vec<(String, Name<Measure>, String, i64)> = query.load(connection)?;
    Ok(rows.into_iter().map(|(api, measure, label, value)| (api, measure.0, label, value)).collect())
}

/// How many requests wait for the administration since each day.
///
/// # Errors
/// The database's.
pub fn backlog(connection: &mut AnyConnection, apis: Option<&[String]>) -> QueryResult<BTreeMap<NaiveDate, i64>> {
    let mut query = statistics::table
        .filter(statistics::month.eq(NOW))
        .filter(statistics::measure.eq(Name(Measure::Backlog)))
        .group_by(statistics::label)
        .select((statistics::label, total()))
        .into_boxed();
    if let Some(apis) = apis {
        query = query.filter(statistics::target_api.eq_any(apis));
    }
    let rows: Vec<(String, i64)> = query.load(connection)?;
    Ok(rows.into_iter().filter_map(|(day, count)| Some((day.parse().ok()?, count))).collect())
}

/// Whether nothing was counted yet, though there are requests.
///
/// # Errors
/// The database's.
pub fn are_missing(connection: &mut AnyConnection) -> QueryResult<bool> {
    let counted: Option<i64> = statistics::table.select(statistics::value).first(connection).optional()?;
    if counted.is_some() {
        return Ok(false);
    }
    let counts = enrollments::table.filter(enrollments::status.ne(Name(Status::Deleted))).select(enrollments::id);
    Ok(counts.first::<EnrollmentId>(connection).optional()?.is_some())
}

/// From here to the end of the transaction nobody else counts. Whoever has counted already has committed it. On SQLite
/// whoever writes is alone anyway.
///
/// # Errors
/// The database's.
pub fn lock(connection: &mut AnyConnection) -> QueryResult<()> {
    match connection {
        AnyConnection::Postgres(postgres) => postgres.batch_execute("LOCK TABLE statistics IN EXCLUSIVE MODE"),
        AnyConnection::Sqlite(_) => Ok(()),
    }
}

/// Every row.
///
/// # Errors
/// The database's.
pub fn all(connection: &mut AnyConnection) -> QueryResult<Counters> {
    let rows: Vec<(String, String, String, String, i64)> = statistics::table.load(connection)?;
    let row = |(month, measure, label, target_api, value)| (Key { month, measure, label, target_api }, value);
    Ok(Counters(rows.into_iter().map(row).collect()))
}

/// What has happened to a request, as far as it is counted.
#[derive(Clone, Debug)]
pub struct Life {
    pub id: EnrollmentId,
    pub target_api: String,
    pub status: Status,
    /// It updates an authorisation that is in force.
    pub reopening: bool,
    /// It renews another one.
    pub is_renewal: bool,
    pub created_at: NaiveDateTime,
    /// While it waits for the administration: since when it would have, had it waited without a break.
    pub waiting_from: Option<NaiveDateTime>,
    /// Oldest first.
    pub events: Vec<Happened>,
}

/// Something that has happened to a request.
#[derive(Clone, Debug)]
pub struct Happened {
    pub name: EventName,
    pub at: NaiveDateTime,
    /// The fields of the points that it made.
    pub fields: Vec<Field>,
}

/// What is not counted, and happens most.
const UNCOUNTED: [EventName; 2] = [EventName::Update, EventName::Reminder];

/// The next lives after that request, by number.
///
/// # Errors
/// The database's.
pub fn lives(connection: &mut AnyConnection, after: EnrollmentId, limit: i64) -> QueryResult<Vec<Life>> {
    type Row = (EnrollmentId, String, Name<Status>, bool, bool, NaiveDateTime, Option<NaiveDateTime>);

    let rows: Vec<Row> = enrollments::table
        .filter(enrollments::id.gt(after))
        .order(enrollments::id)
        .limit(limit)
        .select((
            enrollments::id,
            enrollments::target_api,
            enrollments::status,
            enrollments::reopening,
            enrollments::copied_from_id.is_not_null(),
            enrollments::created_at,
            enrollments::waiting_from,
        ))
        .load(connection)?;
    let ids: Vec<EnrollmentId> = rows.iter().map(|row| row.0).collect();
    let mut happened = happened(connection, &ids)?;
    Ok(rows
        .into_iter()
        .map(|(id, target_api, status, reopening, is_renewal, created_at, waiting_from)| {
            let events = happened.remove(&id).unwrap_or_default();
            Life { id, target_api, status: status.0, reopening, is_renewal, created_at, waiting_from, events }
        })
        .collect())
}

fn happened(
    connection: &mut AnyConnection,
    ids: &[EnrollmentId],
) -> QueryResult<BTreeMap<EnrollmentId, Vec<Happened>>> {
    let points: Vec<(EventId, Name<Field>)> = change_points::table
        .filter(change_points::enrollment_id.eq_any(ids.to_vec()))
        .order(change_points::id)
        .select((change_points::event_id, change_points::field))
        .load(connection)?;
    let mut fields: BTreeMap<EventId, Vec<Field>> = BTreeMap::new();
    for (event, field) in points {
        fields.entry(event).or_default().push(field.0);
    }
    let rows: Vec<(EnrollmentId, EventId, Name<EventName>, NaiveDateTime)> = events::table
        .filter(events::enrollment_id.eq_any(ids.to_vec()))
        .filter(events::name.ne_all(UNCOUNTED.map(Name)))
        .order((events::enrollment_id, events::id))
        .select((events::enrollment_id, events::id, events::name, events::created_at))
        .load(connection)?;
    let mut happened: BTreeMap<EnrollmentId, Vec<Happened>> = BTreeMap::new();
    for (enrollment, event, name, at) in rows {
        let fields = fields.remove(&event).unwrap_or_default();
        happened.entry(enrollment).or_default().push(Happened { name: name.0, at, fields });
    }
    Ok(happened)
}
