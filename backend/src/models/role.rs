//! Roles as administrators and managers give and take them: by e-mail address, and written down.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::rights::roles::ManagedRoles;
use shared::user::{Ban, NewRoleChange, Person, Role, RoleChange};

use super::session;
use super::user::{self, shown_name};
use crate::connection::types::utc;
use crate::connection::{AnyConnection, lower};
use crate::ids::UserId;
use crate::on_each;
use crate::schema::{invited_roles, role_changes, user_roles, users};

/// Gives or takes a role, and writes it down; returns the number of the change, `None` where a role was given that they have.
///
/// It is that of every account whose address this is, verified, and their sessions change their ids; where there is no
/// account, it waits for the first sign-in.
///
/// # Errors
/// The database's.
pub fn change(
    connection: &mut AnyConnection,
    change: &NewRoleChange,
    actor_id: Option<UserId>,
    now: NaiveDateTime,
) -> QueryResult<Option<i64>> {
    let accounts: Vec<UserId> = users::table
        .filter(users::email.eq(&change.email))
        .filter(users::email_verified.eq(true))
        .select(users::id)
        .load(connection)?;
    let name = change.role.to_string();
    if change.granted {
        let mut is_new = false;
        for id in &accounts {
            is_new |= user::grant(connection, *id, &change.role)?;
        }
        if accounts.is_empty() {
            let row = (invited_roles::email.eq(&change.email), invited_roles::role.eq(&name));
            is_new = on_each!(connection, c => {
                diesel::insert_into(invited_roles::table).values(row).on_conflict_do_nothing().execute(c)
            })? > 0;
        }
        if !is_new {
            return Ok(None);
        }
    } else {
        diesel::delete(
            user_roles::table.filter(user_roles::user_id.eq_any(&accounts)).filter(user_roles::role.eq(&name)),
        )
        .execute(connection)?;
        diesel::delete(invited_roles::table.find((&change.email, &name))).execute(connection)?;
    }
    session::must_renew(connection, &accounts)?;
    let written = diesel::insert_into(role_changes::table)
        .values((
            role_changes::email.eq(&change.email),
            role_changes::role.eq(&name),
            role_changes::granted.eq(change.granted),
            role_changes::reason.eq(&change.reason),
            role_changes::actor_id.eq(actor_id),
            role_changes::created_at.eq(now),
        ))
        .returning(role_changes::id)
        .get_result(connection)?;
    Ok(Some(written))
}

/// Hands over what waited for that address.
///
/// # Errors
/// The database's.
pub fn claim(connection: &mut AnyConnection, user_id: UserId, email: &str) -> QueryResult<()> {
    let waiting: Vec<String> =
        invited_roles::table.filter(invited_roles::email.eq(email)).select(invited_roles::role).load(connection)?;
    for role in waiting.iter().filter_map(|role| role.parse().ok()) {
        user::grant(connection, user_id, &role)?;
    }
    if !waiting.is_empty() {
        diesel::delete(invited_roles::table.filter(invited_roles::email.eq(email))).execute(connection)?;
    }
    Ok(())
}

/// Whether who is called that by that provider instructs, manages or administers, or will as soon as they come with that address.
///
/// # Errors
/// The database's.
pub fn decides(connection: &mut AnyConnection, issuer: &str, sub: &str, email: &str) -> QueryResult<bool> {
    let known = users::table.filter(users::issuer.eq(issuer)).filter(users::sub.eq(sub)).select(users::id);
    let mut roles: Vec<String> =
        user_roles::table.filter(user_roles::user_id.eq_any(known)).select(user_roles::role).load(connection)?;
    let waiting = invited_roles::table.filter(invited_roles::email.eq(email)).select(invited_roles::role);
    roles.extend(waiting.load::<String>(connection)?);
    let decides = |role: Role| matches!(role, Role::Administrator | Role::Manager(_) | Role::Instructor { .. });
    Ok(roles.iter().filter_map(|role| role.parse().ok()).any(decides))
}

/// Somebody with the roles that tell what they may read of an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// E-mail address.
    pub email: String,
    /// They have signed in; else the roles wait for them.
    pub has_account: bool,
    /// Those for the API, and that of administrator.
    pub roles: Vec<Role>,
}

/// Those who have roles for an API, by address, also who has not come yet.
///
/// # Errors
/// The database's.
pub fn of_api(connection: &mut AnyConnection, target_api: &str) -> QueryResult<Vec<Holder>> {
    let pattern = format!("{}:%", escaped(target_api));
    let administrator = Role::Administrator.to_string();
    let known: Vec<(String, String)> = user_roles::table
        .inner_join(users::table)
        .filter(user_roles::role.like(pattern.clone()).escape('\\').or(user_roles::role.eq(&administrator)))
        .select((users::email, user_roles::role))
        .load(connection)?;
    let invited: Vec<(String, String)> = invited_roles::table
        .filter(invited_roles::role.like(pattern).escape('\\').or(invited_roles::role.eq(&administrator)))
        .select((invited_roles::email, invited_roles::role))
        .load(connection)?;
    let mut holders: BTreeMap<String, Holder> = BTreeMap::new();
    for (rows, has_account) in [(known, true), (invited, false)] {
        for (email, role) in rows {
            let holder = Holder { email: email.clone(), has_account, roles: Vec::new() };
            holders.entry(email).or_insert(holder).roles.extend(role.parse::<Role>().ok());
        }
    }
    Ok(holders.into_values().collect())
}

/// How many administrators may sign in.
///
/// # Errors
/// The database's.
pub fn administrators(connection: &mut AnyConnection) -> QueryResult<i64> {
    user_roles::table
        .inner_join(users::table)
        .filter(user_roles::role.eq(Role::Administrator.to_string()))
        .filter(users::banned_at.is_null())
        .count()
        .get_result(connection)
}

/// The columns of an [`AccountRow`].
macro_rules! account_columns {
    () => {
        (
            users::given_name,
            users::family_name,
            users::email,
            users::banned_at,
            users::ban_reason,
            user_roles::role.nullable(),
        )
    };
}

/// How the roles that these managers see are written, for `LIKE`; those that are alike but none of them, too.
fn patterns(apis: &BTreeSet<String>, providers: &BTreeSet<String>) -> Vec<String> {
    let apis = apis.iter().map(|api| format!("{}:%", escaped(api)));
    apis.chain(providers.iter().map(|id| format!("provider:{}:manager", escaped(id)))).collect()
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// The numbers of those who hold a role that is written so.
fn holders_of(connection: &mut AnyConnection, patterns: &[String]) -> QueryResult<Vec<i64>> {
    let mut holders = user_roles::table.into_boxed();
    for role in patterns {
        holders = holders.or_filter(user_roles::role.like(role.clone()).escape('\\'));
    }
    holders.select(user_roles::user_id).distinct().load(connection)
}

/// Everybody whose address or name holds `search`, which is in lower case, by address, after `after`; as who manages these
/// roles is told of them.
///
/// Without a search, those who have a role or are kept out. Accounts whose address is not verified are nobody’s. Managers
/// find only who holds a role of their APIs, and somebody else by the whole address.
///
/// # Errors
/// The database's.
pub fn people(
    connection: &mut AnyConnection,
    managed: &ManagedRoles,
    search: &str,
    after: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<Person>> {
    let pattern = format!("%{}%", escaped(search));
    let matches = users::email
        .like(pattern.clone())
        .escape('\\')
        .or(lower(users::given_name).like(pattern.clone()).escape('\\'))
        .or(lower(users::family_name).like(pattern.clone()).escape('\\'));
    let mut accounts = users::table.left_join(user_roles::table).filter(users::email_verified.eq(true)).into_boxed();
    let mut invited = invited_roles::table.into_boxed();
    match managed {
        ManagedRoles::All if search.is_empty() => {
            accounts = accounts.filter(user_roles::role.is_not_null().or(users::banned_at.is_not_null()));
        }
        ManagedRoles::All => accounts = accounts.filter(matches),
        ManagedRoles::Of { apis, providers } => {
            let roles = patterns(apis, providers);
            for role in &roles {
                invited = invited.or_filter(invited_roles::role.like(role.clone()).escape('\\'));
            }
            let holders = holders_of(connection, &roles)?;
            let theirs = users::id.eq_any(holders).and(matches);
            accounts = accounts.filter(theirs.or(users::email.eq(search.to_owned())));
        }
    }
    invited = invited.filter(invited_roles::email.like(pattern).escape('\\'));
    if let Some(after) = after {
        accounts = accounts.filter(users::email.gt(after.to_owned()));
        invited = invited.filter(invited_roles::email.gt(after.to_owned()));
    }
    // A row is one role: more than enough of them for a page of people.
    let rows: Vec<AccountRow> = accounts
        .order((users::email, user_roles::role))
        .limit(limit * ROLES_OF_ONE)
        .select(account_columns!())
        .load(connection)?;
    let waiting: Vec<(String, String)> = invited
        .order((invited_roles::email, invited_roles::role))
        .limit(limit * ROLES_OF_ONE)
        .select((invited_roles::email, invited_roles::role))
        .load(connection)?;
    let people = gathered(rows, waiting).into_values().map(|person| managed.told_of(person));
    let is_found =
        |person: &Person| *managed == ManagedRoles::All || !person.roles.is_empty() || person.email == search;
    Ok(people.filter(is_found).take(usize::try_from(limit).unwrap_or_default()).collect())
}

/// Somebody by their address; a person without a role where nobody is known by it.
///
/// # Errors
/// The database's.
pub fn person(connection: &mut AnyConnection, email: &str) -> QueryResult<Person> {
    let rows: Vec<AccountRow> = users::table
        .left_join(user_roles::table)
        .filter(users::email_verified.eq(true))
        .filter(users::email.eq(email))
        .order(user_roles::role)
        .select(account_columns!())
        .load(connection)?;
    let waiting: Vec<(String, String)> = invited_roles::table
        .filter(invited_roles::email.eq(email))
        .order(invited_roles::role)
        .select((invited_roles::email, invited_roles::role))
        .load(connection)?;
    Ok(gathered(rows, waiting).remove(email).unwrap_or_else(|| nobody(email.to_owned())))
}

/// First name, last name, address, since when they are kept out and why, one role.
type AccountRow = (String, String, String, Option<NaiveDateTime>, Option<String>, Option<String>);

fn nobody(email: String) -> Person {
    Person { email, name: String::new(), has_account: false, ban: None, roles: Vec::new() }
}

/// One person per address, from one row per role.
fn gathered(rows: Vec<AccountRow>, waiting: Vec<(String, String)>) -> BTreeMap<String, Person> {
    let mut people: BTreeMap<String, Person> = BTreeMap::new();
    for (given_name, family_name, email, banned_at, reason, role) in rows {
        let person = people.entry(email.clone()).or_insert_with(|| Person {
            name: shown_name((given_name, family_name, String::new())),
            email,
            has_account: true,
            ban: None,
            roles: Vec::new(),
        });
        person.ban = person
            .ban
            .take()
            .or_else(|| banned_at.map(|since| Ban { since: utc(since), reason: reason.unwrap_or_default() }));
        person.roles.extend(role.and_then(|role| role.parse().ok()).filter(|role| !person.roles.contains(role)));
    }
    for (email, role) in waiting {
        let person = people.entry(email.clone()).or_insert_with(|| nobody(email));
        person.roles.extend(role.parse::<Role>().ok());
    }
    people
}

/// The most roles that somebody is thought to have when a page of people is read.
const ROLES_OF_ONE: i64 = 300;

/// The changes of the roles that somebody manages, newest first; of one address, where there is one.
///
/// # Errors
/// The database's.
pub fn changes(
    connection: &mut AnyConnection,
    managed: &ManagedRoles,
    email: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<RoleChange>> {
    type Row = (i64, String, String, bool, String, NaiveDateTime, Option<(String, String, String)>);

    let mut query = role_changes::table.left_join(users::table).into_boxed();
    if let ManagedRoles::Of { apis, providers } = managed {
        for role in patterns(apis, providers) {
            query = query.or_filter(role_changes::role.like(role).escape('\\'));
        }
    }
    if let Some(email) = email {
        query = query.filter(role_changes::email.eq(email.to_owned()));
    }
    let rows: Vec<Row> = query
        .order(role_changes::id.desc())
        .limit(limit)
        .select((
            role_changes::id,
            role_changes::email,
            role_changes::role,
            role_changes::granted,
            role_changes::reason,
            role_changes::created_at,
            (users::given_name, users::family_name, users::email).nullable(),
        ))
        .load(connection)?;
    let is_shown = |role: &str| *managed == ManagedRoles::All || role.parse().is_ok_and(|role| managed.shows(&role));
    Ok(rows
        .into_iter()
        .filter(|row| is_shown(&row.2))
        .map(|(id, email, role, granted, reason, created_at, actor)| RoleChange {
            id,
            email,
            role,
            granted,
            reason,
            actor: actor.map_or_else(|| "Ligne de commande".to_owned(), shown_name),
            created_at: utc(created_at),
        })
        .collect())
}
