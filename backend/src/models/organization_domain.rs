//! E-mail domains whose addresses speak for an organisation without moderation.

use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::schema::organization_domains;

/// Whether addresses of that domain speak for an organisation without anybody being asked.
///
/// # Errors
/// The database's.
pub fn is_approved(connection: &mut AnyConnection, siret: &str, domain: &str, is_external: bool) -> QueryResult<bool> {
    let row = organization_domains::table.find((siret, domain, is_external));
    diesel::select(diesel::dsl::exists(row)).get_result(connection)
}

/// The organisations for which addresses of that domain speak, ten at most.
///
/// # Errors
/// The database's.
pub fn sirets_of(connection: &mut AnyConnection, domain: &str) -> QueryResult<Vec<String>> {
    let approved = organization_domains::table.filter(organization_domains::domain.eq(domain));
    let own = approved.filter(organization_domains::is_external.eq(false)).order(organization_domains::siret);
    own.limit(10).select(organization_domains::siret).load(connection)
}

/// Approves a domain; nothing happens where it is approved already.
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
