//! Users, their organisations and their roles.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use shared::organization::{MembershipSource, Organization};
use shared::user::{Role, User};

use crate::connection::AnyConnection;
use crate::connection::one_of::one_of;
use crate::connection::types::Name;
use crate::ids::UserId;
use crate::on_each;
use crate::schema::{saved_filters, user_organizations, user_roles, users};

/// A row of `users`.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub(super) struct UserRow {
    id: UserId,
    email: String,
    email_verified: bool,
    given_name: String,
    family_name: String,
    phone_number: String,
    job: String,
    banned_at: Option<NaiveDateTime>,
}

/// What an identity provider says of somebody.
#[derive(Clone, Debug, Insertable, AsChangeset)]
#[diesel(table_name = users)]
pub struct Profile {
    /// The provider.
    pub issuer: String,
    /// Their number there.
    pub sub: String,
    /// E-mail address, lower case.
    pub email: String,
    /// Whether the provider says that it is theirs.
    pub email_verified: bool,
    pub given_name: String,
    pub family_name: String,
    pub phone_number: String,
    pub job: String,
}

/// A row of `user_organizations`.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = user_organizations)]
pub(super) struct OrganizationRow {
    siret: String,
    label: String,
    source: Name<MembershipSource>,
    is_verified: bool,
}

impl OrganizationRow {
    /// What was stored was valid; a row that no longer is must not lock its owner out.
    fn read(self) -> Option<Organization> {
        let Self { siret, label, source, is_verified } = self;
        Some(Organization { siret: siret.parse().ok()?, label, source: source.0, is_verified })
    }
}

/// A user with one of their organisations and one of their roles: what one query about all three brings, row by row.
pub(super) type Part = (UserRow, Option<OrganizationRow>, Option<String>);

/// The user of these rows, and whether they may sign in.
pub(super) fn folded(parts: Vec<Part>) -> Option<(User, bool)> {
    let (row, ..) = parts.first()?;
    let mut user = User {
        id: row.id.0,
        email: row.email.clone(),
        email_verified: row.email_verified,
        given_name: row.given_name.clone(),
        family_name: row.family_name.clone(),
        phone_number: row.phone_number.clone(),
        job: row.job.clone(),
        organizations: Vec::new(),
        roles: Vec::new(),
    };
    let is_welcome = row.banned_at.is_none();
    for (_, organization, role) in parts {
        if let Some(organization) = organization.and_then(OrganizationRow::read)
            && user.organizations.iter().all(|known| known.siret != organization.siret)
        {
            user.organizations.push(organization);
        }
        if let Some(role) = role.and_then(|role| role.parse().ok())
            && !user.roles.contains(&role)
        {
            user.roles.push(role);
        }
    }
    Some((user, is_welcome))
}

/// The user of that number, with organisations and roles.
///
/// # Errors
/// There is none, or the database's.
pub fn find(connection: &mut AnyConnection, id: UserId) -> QueryResult<User> {
    Ok(find_any(connection, id)?.0)
}

/// The same, if they may sign in.
///
/// # Errors
/// There is none, or the database's.
pub fn find_welcome(connection: &mut AnyConnection, id: UserId) -> QueryResult<Option<User>> {
    let (user, is_welcome) = find_any(connection, id)?;
    Ok(is_welcome.then_some(user))
}

fn find_any(connection: &mut AnyConnection, id: UserId) -> QueryResult<(User, bool)> {
    let parts = users::table
        .left_join(user_organizations::table)
        .left_join(user_roles::table)
        .filter(users::id.eq(id))
        .order((user_organizations::label, user_roles::role))
        .select((UserRow::as_select(), Option::<OrganizationRow>::as_select(), user_roles::role.nullable()))
        .load::<Part>(connection)?;
    folded(parts).ok_or(diesel::result::Error::NotFound)
}

/// The organisations that a user may speak for, as their provider last said.
///
/// # Errors
/// The database's.
pub fn organizations(connection: &mut AnyConnection, id: UserId) -> QueryResult<Vec<Organization>> {
    let rows: Vec<OrganizationRow> = user_organizations::table
        .filter(user_organizations::user_id.eq(id))
        .order(user_organizations::label)
        .select(OrganizationRow::as_select())
        .load(connection)?;
    Ok(rows.into_iter().filter_map(OrganizationRow::read).collect())
}

/// A user with that e-mail address, the first to have come.
///
/// # Errors
/// There is none, or the database's.
pub fn find_by_email(connection: &mut AnyConnection, email: &str) -> QueryResult<User> {
    let id = users::table.filter(users::email.eq(email)).order(users::id).select(users::id).first(connection)?;
    find(connection, id)
}

/// The number of who is called that by that provider, if they ever came.
///
/// # Errors
/// The database's.
pub fn find_by_sub(connection: &mut AnyConnection, issuer: &str, sub: &str) -> QueryResult<Option<UserId>> {
    let known = users::table.filter(users::issuer.eq(issuer)).filter(users::sub.eq(sub));
    known.select(users::id).first(connection).optional()
}

/// The user of that address, verified; the first to have come.
///
/// # Errors
/// There is none, or the database's.
pub fn find_verified(connection: &mut AnyConnection, email: &str) -> QueryResult<User> {
    let accounts = users::table.filter(users::email.eq(email)).filter(users::email_verified.eq(true));
    let id = accounts.order(users::id).select(users::id).first(connection)?;
    find(connection, id)
}

/// Stores what the provider says of somebody, by (issuer, sub), and returns our number for them. Roles that waited for
/// their address are theirs, if the address is verified.
///
/// # Errors
/// The database's.
pub fn upsert(
    connection: &mut AnyConnection,
    profile: &Profile,
    organizations: &[Organization],
    now: NaiveDateTime,
) -> QueryResult<UserId> {
    let id = match find_by_sub(connection, &profile.issuer, &profile.sub)? {
        Some(id) => {
            diesel::update(users::table.find(id)).set((profile, users::updated_at.eq(now))).execute(connection)?;
            id
        }
        None => diesel::insert_into(users::table)
            .values((profile, users::created_at.eq(now), users::updated_at.eq(now)))
            .returning(users::id)
            .get_result(connection)?,
    };
    if profile.email_verified {
        super::role::claim(connection, id, &profile.email)?;
    }
    set_organizations(connection, id, organizations)?;
    Ok(id)
}

/// Replaces the organisations that a user may speak for.
///
/// # Errors
/// The database's.
pub fn set_organizations(
    connection: &mut AnyConnection,
    id: UserId,
    organizations: &[Organization],
) -> QueryResult<()> {
    diesel::delete(user_organizations::table.filter(user_organizations::user_id.eq(id))).execute(connection)?;
    for organization in organizations {
        diesel::insert_into(user_organizations::table)
            .values((
                user_organizations::user_id.eq(id),
                user_organizations::siret.eq(organization.siret.as_str()),
                user_organizations::label.eq(&organization.label),
                user_organizations::source.eq(Name(organization.source)),
                user_organizations::is_verified.eq(organization.is_verified),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// What a user is called by that provider, if they came from it.
///
/// # Errors
/// The database's.
pub fn sub_at(connection: &mut AnyConnection, id: UserId, issuer: &str) -> QueryResult<Option<String>> {
    users::table.find(id).filter(users::issuer.eq(issuer)).select(users::sub).first(connection).optional()
}

/// Keeps whether an address is known to be a user's.
///
/// # Errors
/// The database's.
pub fn set_email_verified(connection: &mut AnyConnection, id: UserId, verified: bool) -> QueryResult<()> {
    diesel::update(users::table.find(id)).set(users::email_verified.eq(verified)).execute(connection)?;
    Ok(())
}

/// Gives a role; nothing happens, `false`, where the user already has it.
///
/// # Errors
/// The database's.
pub fn grant(connection: &mut AnyConnection, user_id: UserId, role: &Role) -> QueryResult<bool> {
    let row = (user_roles::user_id.eq(user_id), user_roles::role.eq(role.to_string()));
    let count = on_each!(connection, c => {
        diesel::insert_into(user_roles::table).values(row).on_conflict_do_nothing().execute(c)
    })?;
    Ok(count > 0)
}

/// Nobody signs in as that user any more, and nothing more becomes theirs; what they did keeps their name.
///
/// The address of somebody who is kept out stays verified, so that it is kept out when it comes back.
///
/// # Errors
/// The database's.
pub fn unlink(connection: &mut AnyConnection, id: UserId, now: NaiveDateTime) -> QueryResult<()> {
    diesel::update(users::table.find(id))
        .set((
            users::sub.eq(format!("deleted {id}")),
            users::phone_number.eq(""),
            users::job.eq(""),
            users::absent_until.eq(None::<NaiveDate>),
            users::updated_at.eq(now),
        ))
        .execute(connection)?;
    diesel::update(users::table.find(id).filter(users::banned_at.is_null()))
        .set(users::email_verified.eq(false))
        .execute(connection)?;
    diesel::delete(user_roles::table.filter(user_roles::user_id.eq(id))).execute(connection)?;
    diesel::delete(user_organizations::table.filter(user_organizations::user_id.eq(id))).execute(connection)?;
    diesel::delete(saved_filters::table.filter(saved_filters::user_id.eq(id))).execute(connection)?;
    Ok(())
}

/// Who holds a role, by number: number, first name, last name, address.
pub(super) type Holder = (UserId, (String, String, String));

/// Those who hold one of these roles for what counts as that démarche, limited to démarches or not.
///
/// # Errors
/// The database's.
pub(super) fn holders_of(
    connection: &mut AnyConnection,
    roles: &[Role],
    includes: impl Fn(&Role) -> bool,
) -> QueryResult<Vec<Holder>> {
    let names: Vec<String> = roles.iter().map(Role::name).collect();
    let mut query = users::table.inner_join(user_roles::table).into_boxed();
    for name in &names {
        let limited = format!("{}:%", name.replace('_', "\\_"));
        query = query.or_filter(user_roles::role.eq(name).or(user_roles::role.like(limited).escape('\\')));
    }
    let rows: Vec<(Holder, String)> = query
        .order(users::id)
        .select(((users::id, (users::given_name, users::family_name, users::email)), user_roles::role))
        .load(connection)?;
    let is_one = |text: &str| text.parse().is_ok_and(|role: Role| names.contains(&role.name()) && includes(&role));
    let mut holders: Vec<Holder> = rows.into_iter().filter(|(_, role)| is_one(role)).map(|(who, _)| who).collect();
    holders.dedup();
    Ok(holders)
}

/// E-mail addresses of the users who hold one of these roles for what counts as that démarche, each once.
///
/// # Errors
/// The database's.
pub fn emails_with_roles(connection: &mut AnyConnection, roles: &[Role], demarche: &str) -> QueryResult<Vec<String>> {
    let holders = holders_of(connection, roles, |role| role.demarches().include(demarche))?;
    let emails: BTreeSet<String> = holders.into_iter().map(|(_, (_, _, email))| email).collect();
    Ok(emails.into_iter().collect())
}

/// Those who hold a role for what counts as that démarche: number, and name with the e-mail address.
///
/// # Errors
/// The database's.
pub fn holders(connection: &mut AnyConnection, role: &Role, demarche: &str) -> QueryResult<Vec<(UserId, String)>> {
    let includes = |role: &Role| role.demarches().include(demarche);
    let rows = holders_of(connection, std::slice::from_ref(role), includes)?;
    let label = |name: (String, String, String)| {
        let email = name.2.clone();
        format!("{} ({email})", shown_name(name))
    };
    Ok(rows.into_iter().map(|(id, name)| (id, label(name))).collect())
}

/// What their identity provider calls somebody: what a service sees when they sign in there with that provider.
///
/// # Errors
/// The database's.
pub fn sub(connection: &mut AnyConnection, id: UserId) -> QueryResult<String> {
    users::table.find(id).select(users::sub).first(connection)
}

/// Names of these users, by number.
///
/// # Errors
/// The database's.
pub fn names(
    connection: &mut AnyConnection,
    ids: impl IntoIterator<Item = UserId>,
) -> QueryResult<BTreeMap<UserId, String>> {
    Ok(named(connection, ids)?.into_iter().map(|(id, (name, _))| (id, name)).collect())
}

/// Names and e-mail addresses of these users, by number.
///
/// # Errors
/// The database's.
pub fn named(
    connection: &mut AnyConnection,
    ids: impl IntoIterator<Item = UserId>,
) -> QueryResult<BTreeMap<UserId, (String, String)>> {
    let among = one_of(users::id, ids.into_iter().map(i64::from));
    let rows: Vec<Holder> = on_each!(connection, c => {
        users::table
            .filter(among)
            .select((users::id, (users::given_name, users::family_name, users::email)))
            .load(c)
    })?;
    let named = |(id, name): Holder| {
        let email = name.2.clone();
        (id, (shown_name(name), email))
    };
    Ok(rows.into_iter().map(named).collect())
}

/// First and last name, or the e-mail address where there is no name.
pub fn shown_name((given_name, family_name, email): (String, String, String)) -> String {
    let name = format!("{given_name} {family_name}");
    if name.trim().is_empty() { email } else { name.trim().to_owned() }
}
