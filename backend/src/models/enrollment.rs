//! Enrollments: one row, its indexes, and the lists.

pub mod list;
pub mod queue;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::enrollment::Draft;
use shared::organization::Siret;
use shared::user::User;
use shared::workflow::Status;

use crate::db::AnyConnection;
use crate::db::search::normalise;
use crate::db::types::{Json, Name};
use crate::on_each;
use crate::schema::{enrollment_readers, enrollment_scopes, enrollments};

/// The most requests that are read for the people in them.
const READABLE: i64 = 100;

/// How many characters of a title are sorted by.
const SORTED: usize = 60;

/// A row as the single door needs it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = enrollments)]
pub struct EnrollmentRecord {
    /// Its number.
    pub id: i64,
    /// Its API.
    pub target_api: String,
    /// The revision of the policy that it was written against.
    pub policy_revision: String,
    /// Where it stands.
    pub status: Name<Status>,
    /// Grows with every change.
    pub version: i64,
    /// Name of the organisation.
    pub nom_raison_sociale: String,
    /// The applicant.
    pub demandeur_id: i64,
    /// The request that this one follows.
    pub previous_enrollment_id: Option<i64>,
    /// What the applicant wrote.
    pub content: Json<Draft>,
    /// The request that it renews.
    pub copied_from_id: Option<i64>,
    /// It updates an authorisation that is in force.
    pub reopening: bool,
    /// It is back after changes were asked for.
    pub resubmitted: bool,
    /// The applicant has a partial grant to accept or to decline.
    pub offered: bool,
    /// When it was started.
    pub created_at: NaiveDateTime,
    /// When it last changed.
    pub updated_at: NaiveDateTime,
    /// When it was last handed over.
    pub submitted_at: Option<NaiveDateTime>,
    /// When it was last granted.
    pub validated_at: Option<NaiveDateTime>,
    /// Seconds that the administration took in its turns before the present one.
    pub waited: i64,
    /// In its turn: when the wait would have begun, had it had no break.
    pub waiting_from: Option<NaiveDateTime>,
    /// Which instructor takes care of it.
    pub assigned_to: Option<i64>,
}

/// What a change of an enrollment writes: everything that may differ, but who takes care of it.
#[derive(Clone, Debug, Insertable, AsChangeset)]
#[diesel(table_name = enrollments)]
#[diesel(treat_none_as_null = true)]
pub struct EnrollmentChanges {
    /// The revision of the policy that it is written against.
    pub policy_revision: String,
    /// Where it stands.
    pub status: Name<Status>,
    /// One more than before.
    pub version: i64,
    /// Its organisation.
    pub siret: Option<String>,
    /// Name of the organisation.
    pub nom_raison_sociale: String,
    /// Its title.
    pub intitule: String,
    /// First and last name of the data controller, for the public list.
    pub responsable_traitement: String,
    /// The request that this one follows.
    pub previous_enrollment_id: Option<i64>,
    /// What the applicant wrote.
    pub content: Json<Draft>,
    /// What a text search looks into.
    pub search: String,
    /// It updates an authorisation that is in force.
    pub reopening: bool,
    /// It is back after changes were asked for.
    pub resubmitted: bool,
    /// The applicant has a partial grant to accept or to decline.
    pub offered: bool,
    /// Now.
    pub updated_at: NaiveDateTime,
    /// When it was last handed over.
    pub submitted_at: Option<NaiveDateTime>,
    /// When it was last granted.
    pub validated_at: Option<NaiveDateTime>,
    /// What its title is sorted by.
    pub intitule_sort: String,
    /// Seconds that the administration took in its turns before the present one.
    pub waited: i64,
    /// In its turn: when the wait would have begun, had it had no break.
    pub waiting_from: Option<NaiveDateTime>,
}

/// What never changes afterwards.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = enrollments)]
pub struct NewEnrollment {
    /// Its API.
    pub target_api: String,
    /// The applicant.
    pub demandeur_id: i64,
    /// Their e-mail address.
    pub demandeur_email: String,
    /// The request that it renews.
    pub copied_from_id: Option<i64>,
    /// Now.
    pub created_at: NaiveDateTime,
}

/// The enrollment of that number.
///
/// # Errors
/// There is none, or the database's.
pub fn find(connection: &mut AnyConnection, id: i64) -> QueryResult<EnrollmentRecord> {
    enrollments::table.find(id).select(EnrollmentRecord::as_select()).first(connection)
}

/// The organisation of a request, if there is such a request and it names one.
///
/// # Errors
/// The database's.
pub fn siret(connection: &mut AnyConnection, id: i64) -> QueryResult<Option<Siret>> {
    let text: Option<Option<String>> =
        enrollments::table.find(id).select(enrollments::siret).first(connection).optional()?;
    Ok(text.flatten().and_then(|text| text.parse().ok()))
}

/// Stores a new enrollment and returns its number.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, new: &NewEnrollment, content: &EnrollmentChanges) -> QueryResult<i64> {
    let id = diesel::insert_into(enrollments::table)
        .values((new, content))
        .returning(enrollments::id)
        .get_result(connection)?;
    index(connection, id, &content.content.0)?;
    Ok(id)
}

/// Writes a change, if the enrollment is still at the version before; `false` where somebody else was first.
///
/// # Errors
/// The database's.
pub fn update(
    connection: &mut AnyConnection,
    before: &EnrollmentRecord,
    changes: &EnrollmentChanges,
) -> QueryResult<bool> {
    let same = enrollments::table.filter(enrollments::id.eq(before.id)).filter(enrollments::version.eq(before.version));
    let updated = diesel::update(same).set(changes).execute(connection)?;
    if updated == 1 && before.content != changes.content {
        diesel::delete(enrollment_scopes::table.filter(enrollment_scopes::enrollment_id.eq(before.id)))
            .execute(connection)?;
        diesel::delete(enrollment_readers::table.filter(enrollment_readers::enrollment_id.eq(before.id)))
            .execute(connection)?;
        index(connection, before.id, &changes.content.0)?;
    }
    Ok(updated == 1)
}

/// Contents of the requests of an organisation that somebody filed or is named in, newest first.
///
/// # Errors
/// The database's.
pub fn readable_of(connection: &mut AnyConnection, siret: &Siret, user: &User) -> QueryResult<Vec<Draft>> {
    let mut query = enrollments::table
        .filter(enrollments::siret.eq(siret.as_str()))
        .filter(enrollments::demandeur_id.eq(user.id))
        .into_boxed();
    if user.email_verified {
        let names_them = enrollment_readers::table
            .filter(enrollment_readers::email.eq(&user.email))
            .select(enrollment_readers::enrollment_id);
        query = query.or_filter(enrollments::siret.eq(siret.as_str()).and(enrollments::id.eq_any(names_them)));
    }
    let contents: Vec<Json<Draft>> =
        query.order(enrollments::id.desc()).limit(READABLE).select(enrollments::content).load(connection)?;
    Ok(contents.into_iter().map(|content| content.0).collect())
}

/// The requests that another one led to.
#[derive(Debug, Default)]
pub struct Related {
    /// Those that renew it, put away ones left out.
    pub copies: Vec<i64>,
    /// Those that follow it in a chain.
    pub next: Vec<i64>,
}

/// The requests that this one led to, oldest first.
///
/// # Errors
/// The database's.
pub fn related(connection: &mut AnyConnection, id: i64) -> QueryResult<Related> {
    let rows: Vec<(i64, Option<i64>)> = enrollments::table
        .filter(enrollments::copied_from_id.eq(id).or(enrollments::previous_enrollment_id.eq(id)))
        .filter(enrollments::status.ne(Name(Status::Archived)))
        .order(enrollments::id)
        .select((enrollments::id, enrollments::copied_from_id))
        .load(connection)?;
    let (copies, next): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, original)| *original == Some(id));
    let numbers = |rows: Vec<(i64, Option<i64>)>| rows.into_iter().map(|(number, _)| number).collect();
    Ok(Related { copies: numbers(copies), next: numbers(next) })
}

/// The two tables that repeat what SQL filters on.
fn index(connection: &mut AnyConnection, id: i64, content: &Draft) -> QueryResult<()> {
    let scopes: Vec<_> = content
        .scopes
        .iter()
        .map(|scope| (enrollment_scopes::enrollment_id.eq(id), enrollment_scopes::scope.eq(scope)))
        .collect();
    let readers: Vec<_> = readers(content)
        .into_iter()
        .map(|email| (enrollment_readers::enrollment_id.eq(id), enrollment_readers::email.eq(email)))
        .collect();
    on_each!(connection, c => {
        diesel::insert_into(enrollment_scopes::table).values(&scopes).execute(c)?;
        diesel::insert_into(enrollment_readers::table).values(&readers).execute(c)?;
    });
    Ok(())
}

/// E-mail addresses of the people that a request names and who may read it, each once.
pub fn readers(content: &Draft) -> Vec<String> {
    let mut emails: Vec<String> = content
        .team_members
        .iter()
        .filter(|member| member.kind.may_read() && !member.email.is_empty())
        .map(|member| member.email.clone())
        .collect();
    emails.sort();
    emails.dedup();
    emails
}

/// What a title is sorted by: its beginning, without case and accents.
pub fn sort_text(title: &str) -> String {
    normalise(title).chars().take(SORTED).collect()
}

/// What a text search looks into: organisation, SIRET, title, e-mail addresses.
pub fn search_text(content: &Draft, nom_raison_sociale: &str) -> String {
    let siret = content.siret.as_ref().map_or("", |siret| siret.as_str());
    let mut text = normalise(&format!("{nom_raison_sociale} {siret} {}", content.intitule));
    for email in content.team_members.iter().map(|member| member.email.as_str()).filter(|email| !email.is_empty()) {
        if !text.contains(email) {
            text.push(' ');
            text.push_str(&normalise(email));
        }
    }
    text
}
