//! Browser sessions.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;
use shared::user::{Impersonation, User};

use super::user::{self, OrganizationRow, Part, UserRow, folded};
use crate::connection::AnyConnection;
use crate::connection::types::utc;
use crate::ids::UserId;
use crate::schema::{sessions, user_organizations, user_roles, users};

/// How long a session lasts that nobody uses.
const IDLE: Duration = Duration::hours(2);

/// How often it is written down that a session is used, at most.
const NOTED_EVERY: Duration = Duration::minutes(5);

/// How long the old id of a session opens after it has been given another: for the requests that are under way.
const GRACE: Duration = Duration::minutes(1);

/// How long a session is remembered once it has ended: a page that is still open is told why, where its owner was suspended.
const REMEMBERED: Duration = Duration::days(1);

/// A session to open.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = sessions)]
pub struct NewSession {
    /// Hash of the cookie's value.
    pub id_hash: String,
    /// What its owner calls it by.
    pub public_id: String,
    pub user_id: UserId,
    /// The ID token of the sign-in, packed, for the provider's logout.
    pub id_token: Vec<u8>,
    /// What the browser said of itself, in a few words.
    pub device: String,
    pub created_at: NaiveDateTime,
    /// When it was last used.
    pub last_seen_at: NaiveDateTime,
    pub expires_at: NaiveDateTime,
    /// Whether its owner showed a second factor.
    pub second_factor: bool,
    /// When they showed who they are.
    pub authenticated_at: NaiveDateTime,
}

/// Stores a session, and forgets those whose time was up a day ago; those that nobody uses open nothing, and follow.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, session: &NewSession) -> QueryResult<()> {
    let over = session.created_at - REMEMBERED;
    diesel::delete(sessions::table.filter(sessions::expires_at.lt(over))).execute(connection)?;
    diesel::insert_into(sessions::table).values(session).execute(connection)?;
    Ok(())
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct Signed {
    pub user: User,
    /// The administrator who acts for them, if one does.
    pub impersonation: Option<Impersonation>,
    /// By which session; none where it is a tool that acts for them.
    pub session: Option<Current>,
    /// They have roles, which open nothing here: one is required, and they showed no second factor.
    pub lacks_second_factor: bool,
}

impl Signed {
    /// Takes away what roles open, where a second factor is required and was not shown.
    pub fn without_roles(mut self) -> Self {
        self.lacks_second_factor = !self.user.roles.is_empty();
        self.user.roles.clear();
        self
    }

    /// The administrator who acts for them, if one does.
    pub fn administrator_id(&self) -> Option<UserId> {
        self.impersonation.as_ref().map(|acting| UserId(acting.administrator_id))
    }

    /// Who calls: the administrator, where one acts for somebody.
    pub fn caller_id(&self) -> UserId {
        self.administrator_id().unwrap_or_else(|| UserId::of(&self.user))
    }
}

/// The session of a request.
#[derive(Clone, Debug)]
pub struct Current {
    /// What its owner calls it by.
    pub public_id: String,
    /// Whether it is time to write down that it is used.
    pub is_to_be_noted: bool,
    /// Whether its id must change.
    pub must_renew: bool,
    /// Whether its owner showed a second factor.
    pub second_factor: bool,
}

/// Who is signed in, if the session is valid at `now`.
///
/// It is an administrator's own again as soon as their time for somebody is up, or one of the two is no longer what they
/// were: an administrator, and somebody who is none and may sign in.
///
/// # Errors
/// The database's.
pub fn find(connection: &mut AnyConnection, id_hash: &str, now: NaiveDateTime) -> QueryResult<Option<Signed>> {
    type Row = (Option<UserId>, Option<NaiveDateTime>, String, NaiveDateTime, bool, bool);

    // One query: each request of a browser begins with it.
    let rows: Vec<(Row, Part)> = sessions::table
        .inner_join(users::table.left_join(user_organizations::table).left_join(user_roles::table))
        .filter(sessions::id_hash.eq(id_hash))
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::last_seen_at.gt(now - IDLE))
        .order((user_organizations::label, user_roles::role))
        .select((
            (
                sessions::acting_for,
                sessions::acting_until,
                sessions::public_id,
                sessions::last_seen_at,
                sessions::must_renew,
                sessions::second_factor,
            ),
            (UserRow::as_select(), Option::<OrganizationRow>::as_select(), user_roles::role.nullable()),
        ))
        .load(connection)?;
    let Some((row, _)) = rows.first().cloned() else { return Ok(None) };
    let (acting_for, acting_until, public_id, last_seen_at, must_renew, second_factor) = row;
    let Some((owner, true)) = folded(rows.into_iter().map(|(_, part)| part).collect()) else { return Ok(None) };
    let is_to_be_noted = last_seen_at <= now - NOTED_EVERY;
    let session = Some(Current { public_id, is_to_be_noted, must_renew, second_factor });
    if let (Some(other), Some(until)) = (acting_for, acting_until.filter(|until| *until > now))
        && owner.is_administrator()
        && let Some(user) = user::find_welcome(connection, other)?.filter(|user| !user.is_administrator())
    {
        let administrator = owner.full_name();
        let impersonation = Impersonation { administrator_id: owner.id, administrator, until: utc(until) };
        return Ok(Some(Signed { user, impersonation: Some(impersonation), session, lacks_second_factor: false }));
    }
    Ok(Some(Signed { user: owner, impersonation: None, session, lacks_second_factor: false }))
}

/// When the owner of a session showed who they are, if there is such a session.
///
/// # Errors
/// The database's.
pub fn authenticated_at(
    connection: &mut AnyConnection,
    user_id: UserId,
    public_id: &str,
) -> QueryResult<Option<NaiveDateTime>> {
    sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::public_id.eq(public_id))
        .select(sessions::authenticated_at)
        .first(connection)
        .optional()
}

/// Writes down that a session is used, unless another request just has.
///
/// # Errors
/// The database's.
pub fn note(connection: &mut AnyConnection, id_hash: &str, now: NaiveDateTime) -> QueryResult<()> {
    let session = sessions::table.filter(sessions::id_hash.eq(id_hash));
    diesel::update(session.filter(sessions::last_seen_at.le(now - NOTED_EVERY)))
        .set(sessions::last_seen_at.eq(now))
        .execute(connection)?;
    Ok(())
}

/// Has every session of these users change its id at its next request.
///
/// # Errors
/// The database's.
pub fn must_renew(connection: &mut AnyConnection, users: &[UserId]) -> QueryResult<()> {
    diesel::update(sessions::table.filter(sessions::user_id.eq_any(users)).filter(sessions::is_replaced.eq(false)))
        .set(sessions::must_renew.eq(true))
        .execute(connection)?;
    Ok(())
}

/// Gives a session that must change its id that other one; the old one opens for a short while yet. `false` where
/// another request just has.
///
/// # Errors
/// The database's.
pub fn renew(connection: &mut AnyConnection, id_hash: &str, new_hash: &str, now: NaiveDateTime) -> QueryResult<bool> {
    type Row = (
        (String, UserId, Vec<u8>, String, bool),
        (NaiveDateTime, NaiveDateTime, NaiveDateTime),
        (Option<UserId>, Option<NaiveDateTime>),
    );

    let old: Option<Row> = sessions::table
        .filter(sessions::id_hash.eq(id_hash))
        .filter(sessions::must_renew.eq(true))
        .select((
            (sessions::public_id, sessions::user_id, sessions::id_token, sessions::device, sessions::second_factor),
            (sessions::created_at, sessions::expires_at, sessions::authenticated_at),
            (sessions::acting_for, sessions::acting_until),
        ))
        .first(connection)
        .optional()?;
    let Some((kept, times, (acting_for, acting_until))) = old else { return Ok(false) };
    let (created_at, expires_at, authenticated_at) = times;
    let (public_id, user_id, id_token, device, second_factor) = kept;
    let replaced = diesel::update(sessions::table.find(id_hash).filter(sessions::must_renew.eq(true)))
        .set((
            sessions::must_renew.eq(false),
            sessions::is_replaced.eq(true),
            sessions::expires_at.eq(expires_at.min(now + GRACE)),
        ))
        .execute(connection)?;
    if replaced == 0 {
        return Ok(false);
    }
    let row = NewSession {
        id_hash: new_hash.to_owned(),
        public_id,
        user_id,
        id_token,
        device,
        created_at,
        last_seen_at: now,
        expires_at,
        second_factor,
        authenticated_at,
    };
    diesel::insert_into(sessions::table)
        .values((row, sessions::acting_for.eq(acting_for), sessions::acting_until.eq(acting_until)))
        .execute(connection)?;
    Ok(true)
}

/// One of the sessions of somebody, as they see it.
#[derive(Clone, Debug, Queryable)]
pub struct OpenSession {
    /// What they call it by.
    pub public_id: String,
    /// What the browser said of itself, in a few words.
    pub device: String,
    pub created_at: NaiveDateTime,
    /// When it was last used.
    pub last_seen_at: NaiveDateTime,
}

/// The sessions of a user that are valid at `now`, the one last used first.
///
/// # Errors
/// The database's.
pub fn of_user(connection: &mut AnyConnection, user_id: UserId, now: NaiveDateTime) -> QueryResult<Vec<OpenSession>> {
    sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::last_seen_at.gt(now - IDLE))
        .filter(sessions::is_replaced.eq(false))
        .order((sessions::last_seen_at.desc(), sessions::created_at.desc(), sessions::public_id))
        .select((sessions::public_id, sessions::device, sessions::created_at, sessions::last_seen_at))
        .load(connection)
}

/// Ends one session of a user. `false` where they have none that is called so.
///
/// # Errors
/// The database's.
pub fn end(connection: &mut AnyConnection, user_id: UserId, public_id: &str) -> QueryResult<bool> {
    let own = sessions::table.filter(sessions::user_id.eq(user_id)).filter(sessions::public_id.eq(public_id));
    Ok(diesel::delete(own).execute(connection)? > 0)
}

/// Ends every session of a user but that one.
///
/// # Errors
/// The database's.
pub fn end_others(connection: &mut AnyConnection, user_id: UserId, public_id: &str) -> QueryResult<()> {
    let others = sessions::table.filter(sessions::user_id.eq(user_id)).filter(sessions::public_id.ne(public_id));
    diesel::delete(others).execute(connection)?;
    Ok(())
}

/// Gives a session another id and lets its owner act for somebody until then, or for themselves again. `false` where
/// there is no such session.
///
/// # Errors
/// The database's.
pub fn act_for(
    connection: &mut AnyConnection,
    id_hash: &str,
    new_hash: &str,
    other: Option<(UserId, NaiveDateTime)>,
) -> QueryResult<bool> {
    let (acting_for, acting_until) = other.unzip();
    let changed = diesel::update(sessions::table.find(id_hash).filter(sessions::is_replaced.eq(false)))
        .set((
            sessions::id_hash.eq(new_hash),
            sessions::must_renew.eq(false),
            sessions::acting_for.eq(acting_for),
            sessions::acting_until.eq(acting_until),
        ))
        .execute(connection)?;
    Ok(changed == 1)
}

/// Has a session go on while every other one of its owner ends: they have just shown who they are.
///
/// The session knows from now on whether that was with a second factor. Its id changes at the next request. Where that session is somebody else's, or none, all of theirs end.
///
/// # Errors
/// The database's.
pub fn keep_only(
    connection: &mut AnyConnection,
    user_id: UserId,
    id_hash: Option<&str>,
    second_factor: bool,
) -> QueryResult<()> {
    let here: Option<String> = sessions::table
        .filter(sessions::id_hash.eq(id_hash.unwrap_or_default()))
        .filter(sessions::user_id.eq(user_id))
        .select(sessions::public_id)
        .first(connection)
        .optional()?;
    let Some(public_id) = here else { return delete_of(connection, &[user_id]) };
    end_others(connection, user_id, &public_id)?;
    diesel::update(sessions::table.filter(sessions::public_id.eq(public_id)).filter(sessions::is_replaced.eq(false)))
        .set((sessions::second_factor.eq(second_factor), sessions::must_renew.eq(true)))
        .execute(connection)?;
    Ok(())
}

/// Notes when the owner of a session showed who they are.
///
/// # Errors
/// The database's.
pub fn set_authenticated_at(
    connection: &mut AnyConnection,
    user_id: UserId,
    id_hash: &str,
    at: NaiveDateTime,
) -> QueryResult<()> {
    let own = sessions::table.filter(sessions::id_hash.eq(id_hash)).filter(sessions::user_id.eq(user_id));
    diesel::update(own).set(sessions::authenticated_at.eq(at)).execute(connection)?;
    Ok(())
}

/// Ends every session of these users; nobody acts for them any more.
///
/// # Errors
/// The database's.
pub fn delete_of(connection: &mut AnyConnection, users: &[UserId]) -> QueryResult<()> {
    diesel::delete(sessions::table.filter(sessions::user_id.eq_any(users))).execute(connection)?;
    diesel::update(sessions::table.filter(sessions::acting_for.eq_any(users)))
        .set(sessions::acting_for.eq(None::<UserId>))
        .execute(connection)?;
    Ok(())
}

/// Ends a session, under all of its ids; returns its ID token, packed, if there was one.
///
/// # Errors
/// The database's.
pub fn delete(connection: &mut AnyConnection, id_hash: &str) -> QueryResult<Option<Vec<u8>>> {
    type Row = (UserId, String, Vec<u8>);

    let columns = (sessions::user_id, sessions::public_id, sessions::id_token);
    let known: Option<Row> = sessions::table.find(id_hash).select(columns).first(connection).optional()?;
    let Some((user_id, public_id, id_token)) = known else { return Ok(None) };
    end(connection, user_id, &public_id)?;
    Ok(Some(id_token))
}
