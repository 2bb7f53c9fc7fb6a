//! What anybody may know of authorisations: the register, one entry of it, and when it last changed.
//!
//! Nothing personal but the controller's name, and that while the authorisation is in force (CRPA, article L114-8).

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::Deserialize;
use shared::enrollment::{AuthorisationState, AuthorisationSummary};
use shared::organization::{NOT_DIFFUSED, OrganizationKind};
use shared::policy::Provider;
use shared::register::PublicRow;

use crate::connection::page::{self, Cursor};
use crate::connection::search::{self, Found, Spellings, words};
use crate::connection::types::{Json, Name, utc};
use crate::connection::{AnyConnection, MultiBackend};
use crate::ids::{AuthorisationId, EnrollmentId};
use crate::models::enrollment::list::search::{Number, number};
use crate::schema::{authorisations, enrollments};

/// What part of the register.
#[derive(Clone, Debug, Default)]
pub struct PublicQuery {
    /// Only this API.
    pub target_api: Option<String>,
    /// Only the APIs of this provider.
    pub provider: Option<String>,
    /// Only organisations of this sort.
    pub organization_kind: Option<OrganizationKind>,
    /// Only what was granted in this year, in Paris.
    pub year: Option<i32>,
    /// Only what is in that state; all where there is none.
    pub state: Option<AuthorisationState>,
    /// Only what contains these words.
    pub search: String,
    /// Only what comes after.
    pub after: Option<Cursor>,
    /// How many at most.
    pub limit: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = authorisations)]
struct Record {
    id: i64,
    target_api: String,
    provider: String,
    siret: String,
    nom_raison_sociale: String,
    organization_kind: Name<OrganizationKind>,
    masked: bool,
    intitule: String,
    responsable_traitement: String,
    state: Name<AuthorisationState>,
    created_at: NaiveDateTime,
    ended_at: Option<NaiveDateTime>,
}

impl Record {
    fn cursor(&self) -> Cursor {
        Cursor::at(self.created_at, self.id)
    }
}

impl From<Record> for PublicRow {
    /// Without the labels of the API and of its provider, which policies know.
    fn from(row: Record) -> Self {
        let in_force = row.state.0 == AuthorisationState::Active;
        Self {
            id: row.id,
            label: row.target_api.clone(),
            target_api: row.target_api,
            provider: Provider { label: row.provider.clone(), id: row.provider },
            siret: row.siret,
            nom_raison_sociale: if row.masked { NOT_DIFFUSED.to_owned() } else { row.nom_raison_sociale },
            organization_kind: row.organization_kind.0,
            intitule: row.intitule,
            responsable_traitement: if in_force { row.responsable_traitement } else { String::new() },
            state: row.state.0,
            validated_at: utc(row.created_at),
            ended_at: row.ended_at.map(utc),
        }
    }
}

/// What was granted, as far as it is public.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Granted {
    content: GrantedContent,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct GrantedContent {
    scopes: Vec<String>,
    fondement_juridique_title: String,
    fondement_juridique_url: String,
    demarche: String,
}

/// An entry of the register with what it grants.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Who, for what, since when.
    pub row: PublicRow,
    /// Its request.
    pub enrollment_id: EnrollmentId,
    /// The revision of the policy under which it was granted.
    pub policy_revision: String,
    /// Ids of the data.
    pub scopes: Vec<String>,
    /// The law, decree, decision.
    pub legal_basis: String,
    /// Where that can be read; empty where it is joined as a file.
    pub legal_basis_url: String,
    /// The use case; empty for none.
    pub demarche: String,
}

type EntryColumns = (Record, EnrollmentId, String, Json<Granted>);

fn entry((record, enrollment_id, policy_revision, granted): EntryColumns) -> Entry {
    let GrantedContent { scopes, fondement_juridique_title, fondement_juridique_url, demarche } = granted.0.content;
    Entry {
        row: record.into(),
        enrollment_id,
        policy_revision,
        scopes,
        legal_basis: fondement_juridique_title,
        legal_basis_url: fondement_juridique_url,
        demarche,
    }
}

/// When a year begins in Paris, in universal time: on 1 January its clocks are one hour ahead.
fn begin_of(year: i32) -> Option<NaiveDateTime> {
    NaiveDate::from_ymd_opt(year.checked_sub(1)?, 12, 31)?.and_hms_opt(23, 0, 0)
}

type Filtered<'a> = authorisations::BoxedQuery<'a, MultiBackend>;

/// The part of the register that is asked for, newest first, one row more than the page.
fn filtered(connection: &mut AnyConnection, list: &PublicQuery) -> QueryResult<Filtered<'static>> {
    let mut query = authorisations::table.into_boxed();
    if let Some(state) = list.state {
        query = query.filter(authorisations::state.eq(Name(state)));
    }
    if let Some(api) = &list.target_api {
        query = query.filter(authorisations::target_api.eq(api.clone()));
    }
    if let Some(provider) = &list.provider {
        query = query.filter(authorisations::provider.eq(provider.clone()));
    }
    if let Some(kind) = list.organization_kind {
        query = query.filter(authorisations::organization_kind.eq(Name(kind)));
    }
    if let Some((begin, end)) = list.year.and_then(|year| Some((begin_of(year)?, begin_of(year.checked_add(1)?)?))) {
        query = query.filter(authorisations::created_at.ge(begin)).filter(authorisations::created_at.lt(end));
    }
    query = match number(&list.search) {
        Some(Number::Authorisation(id)) => query.filter(authorisations::id.eq(id)),
        Some(Number::Request(id)) if !list.search.trim().starts_with(|c: char| c.is_ascii_digit()) => {
            query.filter(authorisations::enrollment_id.eq(id))
        }
        _ => {
            let words: Vec<Spellings> = words(&list.search).into_iter().map(|word| vec![word]).collect();
            match search::find(connection, search::Text::Authorisations, &words)? {
                Found::Numbers(numbers) => query.filter(authorisations::id.eq_any(numbers)),
                Found::Many(words) => words.iter().fold(query, |query, word| query.filter(word.condition())),
            }
        }
    };
    if let Some((at, id)) = list.after.as_ref().and_then(|cursor| Some((cursor.time()?, cursor.id))) {
        let earlier = authorisations::created_at.lt(at).or(authorisations::id.lt(id));
        query = query.filter(authorisations::created_at.le(at)).filter(earlier);
    }
    Ok(query.order((authorisations::created_at.desc(), authorisations::id.desc())).limit(list.limit + 1))
}

/// A page of the register, newest first, and the cursor of the next one. Labels are slugs.
///
/// # Errors
/// The database's.
pub fn list(connection: &mut AnyConnection, list: &PublicQuery) -> QueryResult<(Vec<PublicRow>, Option<Cursor>)> {
    let rows: Vec<Record> = filtered(connection, list)?.select(Record::as_select()).load(connection)?;
    let (rows, next) = page::cut(rows, list.limit, Record::cursor);
    Ok((rows.into_iter().map(PublicRow::from).collect(), next))
}

/// The same with what each grants, for files.
///
/// # Errors
/// The database's.
pub fn entries(connection: &mut AnyConnection, list: &PublicQuery) -> QueryResult<(Vec<Entry>, Option<Cursor>)> {
    let rows: Vec<EntryColumns> = filtered(connection, list)?
        .select((
            Record::as_select(),
            authorisations::enrollment_id,
            authorisations::policy_revision,
            authorisations::version,
        ))
        .load(connection)?;
    let (rows, next) = page::cut(rows, list.limit, |row| row.0.cursor());
    Ok((rows.into_iter().map(entry).collect(), next))
}

/// One entry, in whatever state.
///
/// # Errors
/// There is none of that number, or the database's.
pub fn find(connection: &mut AnyConnection, id: AuthorisationId) -> QueryResult<Entry> {
    let row: EntryColumns = authorisations::table
        .find(id)
        .select((
            Record::as_select(),
            authorisations::enrollment_id,
            authorisations::policy_revision,
            authorisations::version,
        ))
        .first(connection)?;
    Ok(entry(row))
}

/// What the register links an entry to, each newest first.
#[derive(Clone, Debug, Default)]
pub struct Related {
    /// What the same request was granted: its versions, the entry itself among them.
    pub versions: Vec<AuthorisationSummary>,
    /// What the request was granted that this one renews.
    pub renewed: Vec<AuthorisationSummary>,
    /// What the requests were granted that renew this one.
    pub renewals: Vec<AuthorisationSummary>,
}

/// The versions of what a request was granted, what it renews, and what renews it.
///
/// # Errors
/// The database's.
pub fn related(connection: &mut AnyConnection, enrollment_id: EnrollmentId) -> QueryResult<Related> {
    let renewed: Option<EnrollmentId> = enrollments::table
        .find(enrollment_id)
        .select(enrollments::copied_from_id)
        .first::<Option<i64>>(connection)?
        .map(EnrollmentId);
    let copies = enrollments::table.filter(enrollments::copied_from_id.eq(enrollment_id.0)).select(enrollments::id);
    let copies: Vec<EnrollmentId> = copies.load(connection)?;
    let mut all = vec![enrollment_id];
    all.extend(renewed);
    all.extend(copies);
    let rows: Vec<(EnrollmentId, super::SummaryRow)> = authorisations::table
        .filter(authorisations::enrollment_id.eq_any(all))
        .order(authorisations::id.desc())
        .select((
            authorisations::enrollment_id,
            (authorisations::id, authorisations::state, authorisations::created_at, authorisations::ended_at),
        ))
        .load(connection)?;
    let mut related = Related::default();
    for (id, row) in rows {
        let place = if id == enrollment_id {
            &mut related.versions
        } else if Some(id) == renewed {
            &mut related.renewed
        } else {
            &mut related.renewals
        };
        place.push(super::summary(row));
    }
    Ok(related)
}

/// The latest grants and the latest revocations, at most `limit` of each.
///
/// # Errors
/// The database's.
pub fn latest(connection: &mut AnyConnection, limit: i64) -> QueryResult<(Vec<PublicRow>, Vec<PublicRow>)> {
    let granted: Vec<Record> = authorisations::table
        .order((authorisations::created_at.desc(), authorisations::id.desc()))
        .limit(limit)
        .select(Record::as_select())
        .load(connection)?;
    let revoked: Vec<Record> = authorisations::table
        .filter(authorisations::state.eq(Name(AuthorisationState::Revoked)))
        .order((authorisations::ended_at.desc(), authorisations::id.desc()))
        .limit(limit)
        .select(Record::as_select())
        .load(connection)?;
    let rows = |records: Vec<Record>| records.into_iter().map(PublicRow::from).collect();
    Ok((rows(granted), rows(revoked)))
}

/// When the register last changed; `None` while it is empty.
///
/// # Errors
/// The database's.
pub fn last_change(connection: &mut AnyConnection) -> QueryResult<Option<NaiveDateTime>> {
    authorisations::table.select(diesel::dsl::max(authorisations::changed_at)).first(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_begins_at_midnight_in_paris() {
        assert_eq!(begin_of(2026).unwrap().to_string(), "2025-12-31 23:00:00");
        assert!(begin_of(i32::MIN).is_none());
    }
}
