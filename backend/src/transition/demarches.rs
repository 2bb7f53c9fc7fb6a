//! Works out which démarche the requests from before that column existed counted as.

use crate::connection::AnyConnection;
use crate::error::Result;
use crate::models::{enrollment, event};
use crate::policies::Policies;

/// How many at a time: what a writer may wait for.
const AT_ONCE: i64 = 200;

/// Works out the next ones; how many there were.
///
/// # Errors
/// The database's.
pub fn fill_in(connection: &mut AnyConnection, policies: &Policies) -> Result<usize> {
    let unknown = enrollment::without_demarche(connection, AT_ONCE)?;
    for record in &unknown {
        let policy = policies.at(connection, &record.target_api, &record.policy_revision)?;
        let submitted = event::last_submission(connection, record.id)?;
        let demarche = submitted.as_ref().map_or("", |version| policy.counts_as(&version.content));
        enrollment::set_demarche(connection, record.id, demarche)?;
    }
    Ok(unknown.len())
}
