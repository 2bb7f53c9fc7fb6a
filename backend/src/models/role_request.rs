//! Roles that people ask for: what waits for an answer, and what became of the others.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::rights::roles::ManagedRoles;
use shared::role_request::{RoleRequest, RoleRequestState};
use shared::user::Role;

use super::role::escaped;
use super::user::{self, shown_name};
use crate::connection::AnyConnection;
use crate::connection::types::{Name, utc};
use crate::ids::{RoleRequestId, UserId};
use crate::schema::{role_requests, user_organizations, users};

/// A role that somebody begins to ask for.
#[derive(Clone, Debug)]
pub struct NewRequest<'a> {
    /// Who.
    pub user_id: UserId,
    /// Which.
    pub role: &'a Role,
    /// Why.
    pub reason: &'a str,
    /// E-mail address of their manager at work.
    pub manager_email: &'a str,
    /// Now.
    pub created_at: NaiveDateTime,
}

/// How it ends.
#[derive(Clone, Debug)]
pub struct Ending<'a> {
    /// How.
    pub state: RoleRequestState,
    /// By whom; the operator of the server is nobody.
    pub by: Option<UserId>,
    /// What they write.
    pub answer: &'a str,
    /// Now.
    pub at: NaiveDateTime,
}

/// A row with who asks: first name, last name, address.
type Row = (
    (RoleRequestId, UserId, Name<Role>, String, String, NaiveDateTime),
    (Name<RoleRequestState>, Option<UserId>, Option<NaiveDateTime>, String),
    (String, String, String),
);

/// The columns of a [`Row`].
macro_rules! columns {
    () => {
        (
            (
                role_requests::id,
                role_requests::user_id,
                role_requests::role,
                role_requests::reason,
                role_requests::manager_email,
                role_requests::created_at,
            ),
            (role_requests::state, role_requests::answered_by, role_requests::answered_at, role_requests::answer),
            (users::given_name, users::family_name, users::email),
        )
    };
}

/// Stores a request; its number. A second one that waits for the same person and role, whatever the démarches, is a
/// violation of the unique index.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, new: &NewRequest<'_>) -> QueryResult<RoleRequestId> {
    diesel::insert_into(role_requests::table)
        .values((
            role_requests::user_id.eq(new.user_id),
            role_requests::role.eq(new.role.to_string()),
            role_requests::role_name.eq(new.role.name()),
            role_requests::reason.eq(new.reason),
            role_requests::manager_email.eq(new.manager_email),
            role_requests::created_at.eq(new.created_at),
            role_requests::state.eq(Name(RoleRequestState::Waiting)),
            role_requests::answer.eq(""),
        ))
        .returning(role_requests::id)
        .get_result(connection)
}

/// How often somebody has asked for a role since then.
///
/// # Errors
/// The database's.
pub fn count_since(connection: &mut AnyConnection, user_id: UserId, since: NaiveDateTime) -> QueryResult<i64> {
    role_requests::table
        .filter(role_requests::user_id.eq(user_id))
        .filter(role_requests::created_at.gt(since))
        .count()
        .get_result(connection)
}

/// The request of that number, with who asks.
///
/// # Errors
/// There is none, or the database's.
pub fn find(connection: &mut AnyConnection, id: RoleRequestId) -> QueryResult<(UserId, RoleRequest)> {
    let row: Row = role_requests::table
        .inner_join(users::table)
        .filter(role_requests::id.eq(id))
        .select(columns!())
        .first(connection)?;
    let user_id = row.0.1;
    let request = with_names(connection, vec![row])?.pop().ok_or(diesel::result::Error::NotFound)?;
    Ok((user_id, request))
}

/// What somebody has asked for, newest first.
///
/// # Errors
/// The database's.
pub fn of(connection: &mut AnyConnection, user_id: UserId, limit: i64) -> QueryResult<Vec<RoleRequest>> {
    let rows = role_requests::table
        .inner_join(users::table)
        .filter(role_requests::user_id.eq(user_id))
        .order(role_requests::id.desc())
        .limit(limit)
        .select(columns!())
        .load(connection)?;
    with_names(connection, rows)
}

/// What waits for those who give these roles, oldest first.
///
/// # Errors
/// The database's.
pub fn waiting(connection: &mut AnyConnection, managed: &ManagedRoles, limit: i64) -> QueryResult<Vec<RoleRequest>> {
    let mut query = role_requests::table.inner_join(users::table).into_boxed();
    if let ManagedRoles::Of { apis, .. } = managed {
        for api in apis {
            query = query.or_filter(role_requests::role.like(format!("{}:%", escaped(api))).escape('\\'));
        }
        // Managers do not give the role of manager.
        query = query.filter(role_requests::role.not_like("%:manager"));
    }
    let rows: Vec<Row> = query
        .filter(role_requests::state.eq(Name(RoleRequestState::Waiting)))
        .order(role_requests::id)
        .limit(limit)
        .select(columns!())
        .load(connection)?;
    let given = rows.into_iter().filter(|row| managed.gives(&row.0.2.0)).collect();
    with_names(connection, given)
}

/// How many wait, whoever gives the role.
///
/// # Errors
/// The database's.
pub fn count_waiting(connection: &mut AnyConnection) -> QueryResult<i64> {
    role_requests::table.filter(role_requests::state.eq(Name(RoleRequestState::Waiting))).count().get_result(connection)
}

/// The rows with organisations and the names of those who answered.
fn with_names(connection: &mut AnyConnection, rows: Vec<Row>) -> QueryResult<Vec<RoleRequest>> {
    let names = user::names(connection, rows.iter().filter_map(|row| row.1.1))?;
    let askers: Vec<UserId> = rows.iter().map(|row| row.0.1).collect();
    let labels: Vec<(UserId, String)> = user_organizations::table
        .filter(user_organizations::user_id.eq_any(askers))
        .filter(user_organizations::is_verified.eq(true))
        .order(user_organizations::label)
        .select((user_organizations::user_id, user_organizations::label))
        .load(connection)?;
    let mut organizations: BTreeMap<UserId, Vec<String>> = BTreeMap::new();
    for (user_id, label) in labels {
        organizations.entry(user_id).or_default().push(label);
    }
    Ok(rows
        .into_iter()
        .map(|row| {
            let (id, user_id, role, reason, manager_email, created_at) = row.0;
            let (state, answered_by, answered_at, answer) = row.1;
            RoleRequest {
                id: id.0,
                email: row.2.2.clone(),
                name: shown_name(row.2),
                organizations: organizations.get(&user_id).cloned().unwrap_or_default(),
                role: role.0,
                reason,
                manager_email,
                created_at: utc(created_at),
                state: state.0,
                answered_by: answered_by.and_then(|by| names.get(&by).cloned()).unwrap_or_default(),
                answered_at: answered_at.map(utc),
                answer,
            }
        })
        .collect())
}

/// Ends what waits; `false` where it has ended already.
///
/// # Errors
/// The database's.
pub fn end(connection: &mut AnyConnection, id: RoleRequestId, ending: &Ending<'_>) -> QueryResult<bool> {
    let waiting = role_requests::table
        .filter(role_requests::id.eq(id))
        .filter(role_requests::state.eq(Name(RoleRequestState::Waiting)));
    let ended = diesel::update(waiting)
        .set((
            role_requests::state.eq(Name(ending.state)),
            role_requests::answered_by.eq(ending.by),
            role_requests::answered_at.eq(ending.at),
            role_requests::answer.eq(ending.answer),
        ))
        .execute(connection)?;
    Ok(ended == 1)
}

/// What waits, asked by the people of that address, verified, that they no longer need once they have that role.
///
/// # Errors
/// The database's.
pub fn covered_by(connection: &mut AnyConnection, email: &str, role: &Role) -> QueryResult<Vec<RoleRequestId>> {
    let waiting: Vec<(RoleRequestId, Name<Role>)> = role_requests::table
        .inner_join(users::table)
        .filter(users::email.eq(email))
        .filter(users::email_verified.eq(true))
        .filter(role_requests::state.eq(Name(RoleRequestState::Waiting)))
        .select((role_requests::id, role_requests::role))
        .load(connection)?;
    Ok(waiting.into_iter().filter(|(_, asked)| role.covers(&asked.0)).map(|(id, _)| id).collect())
}

/// What somebody waits for.
///
/// # Errors
/// The database's.
pub fn waiting_of(connection: &mut AnyConnection, user_id: UserId) -> QueryResult<Vec<RoleRequestId>> {
    role_requests::table
        .filter(role_requests::user_id.eq(user_id))
        .filter(role_requests::state.eq(Name(RoleRequestState::Waiting)))
        .select(role_requests::id)
        .load(connection)
}
