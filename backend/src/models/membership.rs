//! Memberships: the organisations that accounts of the embedded identity provider may speak for.

use diesel::prelude::*;
use shared::organization::MembershipSource::{self, Pending};
use shared::organization::Organization;

use crate::connection::AnyConnection;
use crate::connection::types::Name;
use crate::ids::AccountId;
use crate::models::join_request;
use crate::schema::account_organizations;

/// An organisation that an account may speak for.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = account_organizations)]
pub struct Membership {
    /// The organisation.
    pub siret: String,
    /// Its name.
    pub label: String,
    /// Whether the account is a contractor's.
    pub is_external: bool,
    /// How the membership came about.
    pub source: Name<MembershipSource>,
    /// Whether it is verified.
    pub is_verified: bool,
}

impl Membership {
    /// A verified membership.
    pub fn new(siret: &str, label: &str, is_external: bool, source: MembershipSource) -> Self {
        Self { siret: siret.to_owned(), label: label.to_owned(), is_external, source: Name(source), is_verified: true }
    }
}

impl From<Membership> for Option<Organization> {
    /// As DataPass learns of it; what is stored is valid.
    fn from(membership: Membership) -> Self {
        let Membership { siret, label, source, is_verified, .. } = membership;
        Some(Organization { siret: siret.parse().ok()?, label, source: source.0, is_verified })
    }
}

/// Stores a membership; nothing happens where there is one already.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, account_id: AccountId, membership: &Membership) -> QueryResult<()> {
    let row = (account_organizations::account_id.eq(account_id), membership.clone());
    crate::on_each!(connection, c => {
        diesel::insert_into(account_organizations::table).values(row).on_conflict_do_nothing().execute(c)
    })?;
    Ok(())
}

/// The organisations of an account.
///
/// # Errors
/// The database's.
pub fn of(connection: &mut AnyConnection, account_id: AccountId) -> QueryResult<Vec<Membership>> {
    account_organizations::table
        .filter(account_organizations::account_id.eq(account_id))
        .order(account_organizations::label)
        .select((
            account_organizations::siret,
            account_organizations::label,
            account_organizations::is_external,
            account_organizations::source,
            account_organizations::is_verified,
        ))
        .load(connection)
}

/// The organisations of an account as DataPass knows them: its memberships, and those that it has asked for.
///
/// # Errors
/// The database's.
pub fn organizations(connection: &mut AnyConnection, account_id: AccountId) -> QueryResult<Vec<Organization>> {
    let mut known: Vec<Organization> = of(connection, account_id)?.into_iter().filter_map(Option::from).collect();
    for request in join_request::of(connection, account_id)?.into_iter().filter(|own| own.decided_at.is_none()) {
        let pending =
            Membership { is_verified: false, ..Membership::new(&request.siret, &request.label, false, Pending) };
        known.extend(Option::from(pending).filter(|new: &Organization| known.iter().all(|one| one.siret != new.siret)));
    }
    Ok(known)
}

/// Ends a membership.
///
/// # Errors
/// The database's.
pub fn delete(connection: &mut AnyConnection, account_id: AccountId, siret: &str) -> QueryResult<()> {
    diesel::delete(account_organizations::table.find((account_id, siret))).execute(connection)?;
    Ok(())
}
