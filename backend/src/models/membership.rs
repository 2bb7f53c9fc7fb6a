//! Which organisations accounts of the embedded identity provider may speak for.

use diesel::prelude::*;
use shared::organization::{MembershipSource, Organization};

use crate::db::AnyConnection;
use crate::db::types::Name;
use crate::schema::{account_organizations, organization_domains};

/// An organisation that an account may speak for.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = account_organizations)]
pub struct Membership {
    /// The organisation.
    pub siret: String,
    /// Its name.
    pub label: String,
    /// They work for it without being of it: a contractor.
    pub is_external: bool,
    /// How they came to speak for it.
    pub source: Name<MembershipSource>,
    /// Somebody or something vouches for it.
    pub is_verified: bool,
}

impl Membership {
    /// One that is verified.
    pub fn new(siret: &str, label: &str, is_external: bool, source: MembershipSource) -> Self {
        Self { siret: siret.to_owned(), label: label.to_owned(), is_external, source: Name(source), is_verified: true }
    }
}

impl From<Membership> for Option<Organization> {
    /// As DataPass is told of it; what was stored was valid.
    fn from(membership: Membership) -> Self {
        let Membership { siret, label, source, is_verified, .. } = membership;
        Some(Organization { siret: siret.parse().ok()?, label, source: source.0, is_verified })
    }
}

/// Lets an account speak for an organisation; nothing happens where it already may.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, account_id: i64, membership: &Membership) -> QueryResult<()> {
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
pub fn of(connection: &mut AnyConnection, account_id: i64) -> QueryResult<Vec<Membership>> {
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

/// An account speaks for that organisation no more.
///
/// # Errors
/// The database's.
pub fn delete(connection: &mut AnyConnection, account_id: i64, siret: &str) -> QueryResult<()> {
    diesel::delete(account_organizations::table.find((account_id, siret))).execute(connection)?;
    Ok(())
}

/// Whether addresses of that domain speak for an organisation without anybody being asked.
///
/// # Errors
/// The database's.
pub fn is_approved(connection: &mut AnyConnection, siret: &str, domain: &str, is_external: bool) -> QueryResult<bool> {
    let row = organization_domains::table.find((siret, domain, is_external));
    diesel::select(diesel::dsl::exists(row)).get_result(connection)
}

/// From now on they do.
///
/// # Errors
/// The database's.
pub fn approve(connection: &mut AnyConnection, siret: &str, domain: &str, is_external: bool) -> QueryResult<()> {
    let row = (
        organization_domains::siret.eq(siret),
        organization_domains::domain.eq(domain),
        organization_domains::is_external.eq(is_external),
    );
    crate::on_each!(connection, c => {
        diesel::insert_into(organization_domains::table).values(row).on_conflict_do_nothing().execute(c)
    })?;
    Ok(())
}
