//! Enrollments: one row, its indexes, and the lists.

pub mod details;
pub mod list;
pub mod organization;
pub mod queue;
pub mod searched;
pub mod shown;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use shared::draft::Draft;
use shared::organization::Siret;
use shared::user::User;
use shared::workflow::Status;

use self::searched::Searched;
use crate::connection::AnyConnection;
use crate::connection::search::normalise;
use crate::connection::types::{Json, Name};
use crate::ids::{EnrollmentId, UserId};
use crate::models::search_word;
use crate::on_each;
use crate::schema::{documents, enrollment_readers, enrollment_scopes, enrollments};

/// What lists and counts leave out, unless it is asked for by those who see it.
pub const PUT_AWAY: [Name<Status>; 2] = [Name(Status::Archived), Name(Status::Deleted)];

/// The most requests that are read for the people in them.
const READABLE: i64 = 100;

/// How many deleted drafts are removed at a time.
const PURGED_AT_ONCE: i64 = 200;

/// How many characters of a title are sorted by.
const SORTED: usize = 60;

/// A row as the single door needs it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = enrollments)]
pub struct EnrollmentRecord {
    pub id: EnrollmentId,
    pub target_api: String,
    /// The revision of the policy that it was written against.
    pub policy_revision: String,
    pub status: Name<Status>,
    /// Grows with every change.
    pub version: i64,
    /// Name of the organisation.
    pub nom_raison_sociale: String,
    /// The applicant.
    pub demandeur_id: UserId,
    /// The request that this one follows.
    pub previous_enrollment_id: Option<EnrollmentId>,
    /// What the applicant wrote.
    pub content: Json<Draft>,
    /// The request that it renews.
    pub copied_from_id: Option<EnrollmentId>,
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
    pub assigned_to: Option<UserId>,
    /// The démarche that it counted as when it was last submitted; `""` before, and for none.
    pub demarche: String,
    /// Points about which nothing was done when it was handed over, while it waits for the instructors.
    pub unanswered_points: i64,
    /// Where its organisation is; empty where that is not known.
    pub zip_code: String,
    pub city: String,
}

/// What a change of an enrollment writes: everything that may differ, but who takes care of it.
#[derive(Clone, Debug, Insertable, AsChangeset)]
#[diesel(table_name = enrollments)]
#[diesel(treat_none_as_null = true)]
pub struct EnrollmentChanges {
    /// The revision of the policy that it is written against.
    pub policy_revision: String,
    pub status: Name<Status>,
    /// One more than before.
    pub version: i64,
    pub siret: Option<String>,
    /// Name of the organisation.
    pub nom_raison_sociale: String,
    /// Its title.
    pub intitule: String,
    /// First and last name of the data controller, for the public list.
    pub responsable_traitement: String,
    /// The request that this one follows.
    pub previous_enrollment_id: Option<EnrollmentId>,
    /// What the applicant wrote.
    pub content: Json<Draft>,
    /// It updates an authorisation that is in force.
    pub reopening: bool,
    /// It is back after changes were asked for.
    pub resubmitted: bool,
    /// The applicant has a partial grant to accept or to decline.
    pub offered: bool,
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
    /// The démarche that it counted as when it was last submitted; `""` before, and for none.
    pub demarche: String,
    /// Points about which nothing was done when it was handed over, while it waits for the instructors.
    pub unanswered_points: i64,
}

/// What no change of the content changes afterwards.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = enrollments)]
pub struct NewEnrollment {
    pub target_api: String,
    /// The applicant.
    pub demandeur_id: UserId,
    /// Their e-mail address.
    pub demandeur_email: String,
    /// The request that it renews.
    pub copied_from_id: Option<EnrollmentId>,
    pub created_at: NaiveDateTime,
}

/// The enrollment of that number.
///
/// # Errors
/// There is none, or the database's.
pub fn find(connection: &mut AnyConnection, id: EnrollmentId) -> QueryResult<EnrollmentRecord> {
    enrollments::table.find(id).select(EnrollmentRecord::as_select()).first(connection)
}

/// The enrollments of an API that changed last, with the démarche that each counts as.
///
/// # Errors
/// The database's.
pub fn latest_of_api(
    connection: &mut AnyConnection,
    target_api: &str,
    limit: i64,
) -> QueryResult<Vec<(EnrollmentId, String)>> {
    enrollments::table
        .filter(enrollments::target_api.eq(target_api))
        .order((enrollments::updated_at.desc(), enrollments::id.desc()))
        .limit(limit)
        .select((enrollments::id, enrollments::demarche))
        .load(connection)
}

/// What the applicant of a request wrote, if there is such a request.
///
/// # Errors
/// The database's.
pub fn content(connection: &mut AnyConnection, id: EnrollmentId) -> QueryResult<Option<Draft>> {
    let content: Option<Json<Draft>> =
        enrollments::table.find(id).select(enrollments::content).first(connection).optional()?;
    Ok(content.map(|content| content.0))
}

/// Stores a new enrollment and returns its number.
///
/// # Errors
/// The database's.
pub fn insert(
    connection: &mut AnyConnection,
    new: &NewEnrollment,
    content: &EnrollmentChanges,
) -> QueryResult<EnrollmentId> {
    let searched = Searched::of(connection, &content.content.0, &content.nom_raison_sociale)?;
    let id = diesel::insert_into(enrollments::table)
        .values((new, content, searched))
        .returning(enrollments::id)
        .get_result(connection)?;
    search_word::remember(connection, &[&content.nom_raison_sociale, &content.intitule])?;
    index(connection, id, &content.content.0, content.updated_at)?;
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
    let is_same_name = before.nom_raison_sociale == changes.nom_raison_sociale;
    let searched = Searched::changed(connection, before, changes)?;
    let same = enrollments::table.filter(enrollments::id.eq(before.id)).filter(enrollments::version.eq(before.version));
    let updated = diesel::update(same).set((changes, searched)).execute(connection)?;
    if updated == 1 && before.content != changes.content {
        index(connection, before.id, &changes.content.0, changes.updated_at)?;
    } else if updated == 1 {
        diesel::update(enrollment_readers::table.filter(enrollment_readers::enrollment_id.eq(before.id)))
            .set(enrollment_readers::updated_at.eq(changes.updated_at))
            .execute(connection)?;
    }
    if updated == 1 && !(is_same_name && before.content.0.intitule == changes.intitule) {
        search_word::remember(connection, &[&changes.nom_raison_sociale, &changes.intitule])?;
    }
    Ok(updated == 1)
}

/// Removes the drafts that were deleted before that time, with everything that was theirs; how many, and the files that
/// nothing else has.
///
/// # Errors
/// The database's.
pub fn purge(connection: &mut AnyConnection, before: NaiveDateTime) -> QueryResult<(usize, Vec<String>)> {
    let deleted: Vec<EnrollmentId> = enrollments::table
        .filter(enrollments::status.eq(Name(Status::Deleted)))
        .filter(enrollments::updated_at.lt(before))
        .order(enrollments::id)
        .limit(PURGED_AT_ONCE)
        .select(enrollments::id)
        .load(connection)?;
    let files = documents::table.filter(documents::enrollment_id.eq_any(&deleted)).select(documents::sha256).distinct();
    let files: Vec<String> = files.load(connection)?;
    diesel::delete(enrollments::table.filter(enrollments::id.eq_any(&deleted))).execute(connection)?;
    let kept = documents::table.filter(documents::sha256.eq_any(&files)).select(documents::sha256).distinct();
    let kept: Vec<String> = kept.load(connection)?;
    Ok((deleted.len(), files.into_iter().filter(|file| !kept.contains(file)).collect()))
}

/// Gives an enrollment another applicant. What else changes with it is written by [`update`], which guards the version.
///
/// # Errors
/// The database's.
pub fn set_applicant(
    connection: &mut AnyConnection,
    id: EnrollmentId,
    (user_id, email): (UserId, &str),
) -> QueryResult<()> {
    diesel::update(enrollments::table.find(id))
        .set((enrollments::demandeur_id.eq(user_id), enrollments::demandeur_email.eq(email)))
        .execute(connection)?;
    Ok(())
}

/// Requests of which it is not known yet what they count as.
///
/// # Errors
/// The database's.
pub fn without_demarche(connection: &mut AnyConnection, limit: i64) -> QueryResult<Vec<EnrollmentRecord>> {
    // As it is written in the partial index.
    let unknown = enrollments::table.filter(diesel::dsl::sql::<Bool>("demarche = '?'"));
    unknown.order(enrollments::id).limit(limit).select(EnrollmentRecord::as_select()).load(connection)
}

/// Writes down what a request counts as.
///
/// # Errors
/// The database's.
pub fn set_demarche(connection: &mut AnyConnection, id: EnrollmentId, demarche: &str) -> QueryResult<()> {
    diesel::update(enrollments::table.find(id)).set(enrollments::demarche.eq(demarche)).execute(connection)?;
    Ok(())
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

/// The request that renews this one, put away ones left out.
///
/// # Errors
/// The database's.
pub fn live_copy(connection: &mut AnyConnection, id: EnrollmentId) -> QueryResult<Option<EnrollmentId>> {
    enrollments::table
        .filter(enrollments::copied_from_id.eq(id))
        .filter(enrollments::status.ne_all(PUT_AWAY))
        .select(enrollments::id)
        .first(connection)
        .optional()
}

/// The two tables that repeat what SQL filters on.
fn index(
    connection: &mut AnyConnection,
    id: EnrollmentId,
    content: &Draft,
    updated_at: NaiveDateTime,
) -> QueryResult<()> {
    diesel::delete(enrollment_scopes::table.filter(enrollment_scopes::enrollment_id.eq(id))).execute(connection)?;
    let scopes: Vec<_> = content
        .scopes
        .iter()
        .map(|scope| (enrollment_scopes::enrollment_id.eq(id), enrollment_scopes::scope.eq(scope)))
        .collect();
    on_each!(connection, c => diesel::insert_into(enrollment_scopes::table).values(&scopes).execute(c))?;
    index_readers(connection, id, content, updated_at)
}

fn index_readers(
    connection: &mut AnyConnection,
    id: EnrollmentId,
    content: &Draft,
    updated_at: NaiveDateTime,
) -> QueryResult<()> {
    diesel::delete(enrollment_readers::table.filter(enrollment_readers::enrollment_id.eq(id))).execute(connection)?;
    let readers: Vec<_> = readers(content)
        .into_iter()
        .map(|email| {
            let (number, time) =
                (enrollment_readers::enrollment_id.eq(id), enrollment_readers::updated_at.eq(updated_at));
            (number, enrollment_readers::email.eq(email), time)
        })
        .collect();
    on_each!(connection, c => diesel::insert_into(enrollment_readers::table).values(&readers).execute(c))?;
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
