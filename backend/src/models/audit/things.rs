//! What entries of the audit log are about, as it is called today: looked up when they are read, since they hold numbers only.
//! One statement for each sort of thing that there is among them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::user::AccountAction;
use shared::workflow::Status;

use super::StoredEntry;
use crate::connection::AnyConnection;
use crate::connection::types::Name;
use crate::ids::UserId;
use crate::models::outbox::queue;
use crate::models::user::{self, shown_name};
use crate::schema::{
    account_changes, accounts, api_clients, authorisations, clients, decision_templates, enrollments, join_requests,
    role_changes, role_requests, users, webhooks,
};

/// A thing, as it is called today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A request, by its title and its API.
    Request { title: String, target_api: String, is_deleted: bool },
    /// An authorisation, by its title and its API.
    Authorisation { title: String, target_api: String },
    /// Somebody.
    Person { name: String, email: String },
    /// Roles that were given or taken at once, why, and whose.
    RoleChange { roles: Vec<String>, email: String, name: String, reason: String },
    /// A role that somebody asked for, why, and what they were answered.
    RoleRequest { role: String, user_id: UserId, name: String, reason: String, answer: String },
    /// That somebody speaks for an organisation, and why not.
    Membership { name: String, organization: String, reason: String },
    /// A webhook.
    Webhook { target_api: String, url: String },
    /// A template of the message of a decision, by its name and its API.
    Template { name: String, target_api: String },
    /// A service that signs people in, or a program that calls the API, by its name.
    Named(String),
    /// What is delivered, and to whom.
    Delivery { subject: String, receiver: String },
}

/// Things by sort and number.
pub type Things = BTreeMap<(String, String), Thing>;

/// First name, last name, address.
type Person = (String, String, String);

/// What these entries are about, where it is still there.
///
/// # Errors
/// The database's.
pub fn of(connection: &mut AnyConnection, entries: &[StoredEntry]) -> QueryResult<Things> {
    let mut ids: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| !entry.object_id.is_empty()) {
        ids.entry(&entry.object).or_default().insert(&entry.object_id);
    }
    let mut things = Things::new();
    for (object, ids) in ids {
        let numbers: Vec<i64> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        let texts: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        let found = match object {
            "enrollment" => requests(connection, numbers)?,
            "authorisation" => granted(connection, numbers)?,
            "user" => people(connection, numbers)?,
            "role_change" => changes(connection, numbers)?,
            "role_request" => asked_roles(connection, numbers)?,
            "membership" => memberships(connection, numbers)?,
            "webhook" => called(connection, texts)?,
            "decision_template" => templates(connection, numbers)?,
            "client" => numbered(
                clients::table.filter(clients::id.eq_any(texts)).select((clients::id, clients::name)).load::<(
                    String,
                    String,
                )>(
                    connection
                )?,
                Thing::Named,
            ),
            "api_client" => numbered(
                api_clients::table
                    .filter(api_clients::id.eq_any(texts))
                    .select((api_clients::id, api_clients::name))
                    .load::<(String, String)>(connection)?,
                Thing::Named,
            ),
            "outbox" => numbered(queue::subjects(connection, &texts)?, |(subject, receiver)| Thing::Delivery {
                subject,
                receiver,
            }),
            _ => Vec::new(),
        };
        things.extend(found.into_iter().map(|(id, thing)| ((object.to_owned(), id), thing)));
    }
    Ok(things)
}

fn numbered<T>(rows: Vec<(impl std::fmt::Display, T)>, thing: impl Fn(T) -> Thing) -> Vec<(String, Thing)> {
    rows.into_iter().map(|(id, row)| (id.to_string(), thing(row))).collect()
}

fn requests(connection: &mut AnyConnection, ids: Vec<i64>) -> QueryResult<Vec<(String, Thing)>> {
    type Row = (i64, (String, String, Name<Status>));

    let rows: Vec<Row> = enrollments::table
        .filter(enrollments::id.eq_any(ids))
        .select((enrollments::id, (enrollments::intitule, enrollments::target_api, enrollments::status)))
        .load(connection)?;
    Ok(numbered(rows, |(title, target_api, status)| Thing::Request {
        title,
        target_api,
        is_deleted: status.0 == Status::Deleted,
    }))
}

fn granted(connection: &mut AnyConnection, ids: Vec<i64>) -> QueryResult<Vec<(String, Thing)>> {
    let rows: Vec<(i64, (String, String))> = authorisations::table
        .filter(authorisations::id.eq_any(ids))
        .select((authorisations::id, (authorisations::intitule, authorisations::target_api)))
        .load(connection)?;
    Ok(numbered(rows, |(title, target_api)| Thing::Authorisation { title, target_api }))
}

fn templates(connection: &mut AnyConnection, ids: Vec<i64>) -> QueryResult<Vec<(String, Thing)>> {
    let rows: Vec<(i64, (String, String))> = decision_templates::table
        .filter(decision_templates::id.eq_any(ids))
        .select((decision_templates::id, (decision_templates::name, decision_templates::target_api)))
        .load(connection)?;
    Ok(numbered(rows, |(name, target_api)| Thing::Template { name, target_api }))
}

fn people(connection: &mut AnyConnection, ids: Vec<i64>) -> QueryResult<Vec<(String, Thing)>> {
    let people = user::named(connection, ids.into_iter().map(UserId))?;
    Ok(numbered(people.into_iter().collect(), |(name, email)| Thing::Person { name, email }))
}

/// Number, address, role, whether it was given, why, by whom, when.
type Change = (i64, String, String, bool, String, Option<i64>, NaiveDateTime);

/// Changes that were decided at once have one time, and the log tells of them by one.
fn changes(connection: &mut AnyConnection, ids: Vec<i64>) -> QueryResult<Vec<(String, Thing)>> {
    let told = role_changes::table.filter(role_changes::id.eq_any(&ids)).select(role_changes::created_at);
    let times: Vec<NaiveDateTime> = told.load(connection)?;
    let rows: Vec<Change> = role_changes::table
        .filter(role_changes::created_at.eq_any(times))
        .order(role_changes::id)
        .select((
            role_changes::id,
            role_changes::email,
            role_changes::role,
            role_changes::granted,
            role_changes::reason,
            role_changes::actor_id,
            role_changes::created_at,
        ))
        .load(connection)?;
    let emails: BTreeSet<&String> = rows.iter().map(|row| &row.1).collect();
    let names: BTreeMap<String, String> = users::table
        .filter(users::email.eq_any(emails))
        .filter(users::email_verified.eq(true))
        .select((users::given_name, users::family_name, users::email))
        .load::<Person>(connection)?
        .into_iter()
        .map(|person| (person.2.clone(), shown_name(person)))
        .collect();
    let thing = |id: &i64| {
        let told = rows.iter().find(|row| row.0 == *id)?;
        let at_once = rows.iter().filter(|row| (&row.1, row.3, row.5, row.6) == (&told.1, told.3, told.5, told.6));
        let thing = Thing::RoleChange {
            roles: at_once.map(|row| row.2.clone()).collect(),
            email: told.1.clone(),
            name: names.get(&told.1).cloned().unwrap_or_default(),
            reason: told.4.clone(),
        };
        Some((id.to_string(), thing))
    };
    Ok(ids.iter().filter_map(thing).collect())
}

fn asked_roles(connection: &mut AnyConnection, ids: Vec<i64>) -> QueryResult<Vec<(String, Thing)>> {
    type Row = (i64, (String, UserId, String, String, Person));

    let rows: Vec<Row> = role_requests::table
        .inner_join(users::table)
        .filter(role_requests::id.eq_any(ids))
        .select((
            role_requests::id,
            (
                role_requests::role,
                role_requests::user_id,
                role_requests::reason,
                role_requests::answer,
                (users::given_name, users::family_name, users::email),
            ),
        ))
        .load(connection)?;
    Ok(numbered(rows, |(role, user_id, reason, answer, person)| Thing::RoleRequest {
        role,
        user_id,
        name: shown_name(person),
        reason,
        answer,
    }))
}

fn memberships(connection: &mut AnyConnection, ids: Vec<i64>) -> QueryResult<Vec<(String, Thing)>> {
    let rows: Vec<(i64, (String, String, Person))> = join_requests::table
        .inner_join(accounts::table)
        .filter(join_requests::id.eq_any(ids))
        .select((
            join_requests::id,
            (
                join_requests::label,
                join_requests::reason,
                (accounts::given_name, accounts::family_name, accounts::email),
            ),
        ))
        .load(connection)?;
    Ok(numbered(rows, |(organization, reason, person)| Thing::Membership {
        name: shown_name(person),
        organization,
        reason,
    }))
}

fn called(connection: &mut AnyConnection, ids: Vec<String>) -> QueryResult<Vec<(String, Thing)>> {
    let rows: Vec<(String, (String, String))> = webhooks::table
        .filter(webhooks::id.eq_any(ids))
        .select((webhooks::id, (webhooks::target_api, webhooks::url)))
        .load(connection)?;
    Ok(numbered(rows, |(target_api, url)| Thing::Webhook { target_api, url }))
}

/// Why an administrator did that with an account, at that time: what they wrote is the last before the entry, which their
/// own transaction stores.
///
/// # Errors
/// The database's.
pub fn account_reasons(connection: &mut AnyConnection, entries: &[StoredEntry]) -> QueryResult<BTreeMap<i64, String>> {
    type Row = (UserId, Name<AccountAction>, UserId, NaiveDateTime, String);

    let action = |entry: &StoredEntry| match entry.action.as_str() {
        "user.ban" => Some(AccountAction::Ban),
        "user.unban" => Some(AccountAction::Unban),
        "user.impersonate" => Some(AccountAction::Impersonate),
        _ => None,
    };
    let asked: Vec<(&StoredEntry, AccountAction, UserId)> = entries
        .iter()
        .filter_map(|entry| Some((entry, action(entry)?, UserId(entry.object_id.parse().ok()?))))
        .collect();
    if asked.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<Row> = account_changes::table
        .filter(account_changes::user_id.eq_any(asked.iter().map(|(.., user_id)| *user_id)))
        .order(account_changes::id.desc())
        .select((
            account_changes::user_id,
            account_changes::action,
            account_changes::administrator_id,
            account_changes::created_at,
            account_changes::reason,
        ))
        .load(connection)?;
    let reason = |(entry, action, user_id): (&StoredEntry, AccountAction, UserId)| {
        let by = entry.administrator_id.or(entry.actor_id)?;
        let is_it = |row: &&Row| row.0 == user_id && row.1.0 == action && row.2 == by && row.3 <= entry.at;
        rows.iter().find(is_it).map(|row| (entry.id, row.4.clone()))
    };
    Ok(asked.into_iter().filter_map(reason).collect())
}
