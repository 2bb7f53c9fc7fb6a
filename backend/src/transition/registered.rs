//! Works out what the register filters by, for the authorisations from before these columns existed.

use shared::organization::{Establishment, Siret};

use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::error::Result;
use crate::models::{authorisation, establishment};
use crate::policies::Policies;

/// How many at a time: what a writer may wait for.
const AT_ONCE: i64 = 200;

/// Works out the next ones; how many there were.
///
/// # Errors
/// The database's.
pub fn fill_in(connection: &mut AnyConnection, policies: &Policies) -> Result<usize> {
    let unknown = authorisation::without_provider(connection, AT_ONCE)?;
    let policies = policies.current();
    for (id, target_api, siret) in &unknown {
        let provider = policies.get(target_api).map_or(target_api, |policy| &policy.provider.id);
        authorisation::set_provider(connection, *id, provider)?;
        let Ok(siret) = siret.parse::<Siret>() else { continue };
        let known: Option<Establishment> = establishment::find(connection, &siret)?.and_then(|kept| kept.content);
        if let Some(known) = known {
            authorisation::describe_organization(connection, &known, now().naive_utc())?;
        }
    }
    Ok(unknown.len())
}
