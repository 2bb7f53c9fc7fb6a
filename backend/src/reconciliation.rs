//! Asks API managers what they hold and compares it with what is granted: every night, and by `datapass reconcile`. What
//! differs is kept for administrators; nothing is changed at a manager.

use std::collections::BTreeSet;
use std::sync::Arc;

use shared::provisioning::ProvisioningState;

use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::db::Db;
use crate::error::Result;
use crate::ids::EnrollmentId;
use crate::models::provisioning::{self, ProvisioningRow};
use crate::models::{authorisation, enrollment};
use crate::outbound::managers::{Managers, RemoteAccess};
use crate::policies::Policies;

/// How many accesses are read at a time.
const AT_A_TIME: i64 = 100;

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Accesses that a manager was asked about.
    pub asked: usize,
    /// Those of which it holds something else than was granted.
    pub drifting: usize,
    /// Those about which it did not answer.
    pub unanswered: usize,
}

/// Asks about every access that is settled: open, or withdrawn.
///
/// # Errors
/// The database's.
pub async fn run(db: &Db, managers: &Managers, policies: &Arc<Policies>) -> Result<Report> {
    let mut report = Report::default();
    let mut after = None;
    loop {
        let rows = db.read(move |connection| Ok(provisioning::settled_after(connection, after, AT_A_TIME)?)).await?;
        let Some(last) = rows.last() else { return Ok(report) };
        after = Some((last.enrollment_id, last.manager.0));
        for row in rows {
            check(db, managers, policies, row, &mut report).await?;
        }
    }
}

async fn check(
    db: &Db,
    managers: &Managers,
    policies: &Arc<Policies>,
    row: ProvisioningRow,
    report: &mut Report,
) -> Result<()> {
    let (id, manager) = (row.enrollment_id, row.manager.0);
    let held = match managers.remote_access(manager, id.0).await {
        Ok(Some(held)) => held,
        Ok(None) => return Ok(()),
        Err(failure) => {
            tracing::warn!(
                enrollment = id.0,
                manager = manager.as_str(),
                failure.text,
                "a manager does not say what it holds"
            );
            report.unanswered += 1;
            return Ok(());
        }
    };
    let policies = Arc::clone(policies);
    let drift = db
        .write(move |connection| {
            let granted = granted(connection, &policies, id)?;
            let drift = drift(row.state.0 == ProvisioningState::Open, &granted, &held);
            provisioning::checked(connection, (id, manager), &drift, now().naive_utc())?;
            Ok(drift)
        })
        .await?;
    report.asked += 1;
    report.drifting += usize::from(!drift.is_empty());
    Ok(())
}

/// The data of what is in force, by their names in tokens.
fn granted(connection: &mut AnyConnection, policies: &Policies, id: EnrollmentId) -> Result<BTreeSet<String>> {
    let Some(in_force) = authorisation::in_force(connection, id)? else { return Ok(BTreeSet::new()) };
    let target_api = enrollment::find(connection, id)?.target_api;
    let policy = policies.at(connection, &target_api, &in_force.policy_revision)?;
    let scopes = &in_force.version.0.content.scopes;
    Ok(scopes.iter().map(|id| policy.token_name(id).to_owned()).collect())
}

/// How what is held differs from what is granted; empty where it does not.
fn drift(is_granted: bool, granted: &BTreeSet<String>, held: &RemoteAccess) -> String {
    match (is_granted, held.is_open) {
        (true, false) => return "l’accès n’est pas ouvert chez le gestionnaire".to_owned(),
        (false, true) => return "l’accès est encore ouvert chez le gestionnaire".to_owned(),
        (false, false) => return String::new(),
        (true, true) => {}
    }
    let Some(scopes) = &held.scopes else { return String::new() };
    let scopes: BTreeSet<String> = scopes.iter().cloned().collect();
    let listed = |what: &str, names: Vec<&String>| {
        let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
        (!names.is_empty()).then(|| format!("données {what}\u{a0}: {}", names.join(", ")))
    };
    // HubEE has a kind of files for who asks for none by name.
    let missing = listed("manquantes", granted.difference(&scopes).collect());
    let extra = listed("en trop", scopes.difference(granted).filter(|_| !granted.is_empty()).collect());
    [missing, extra].into_iter().flatten().collect::<Vec<_>>().join("\u{a0}; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_compared_with_what_is_granted() {
        let granted: BTreeSet<String> = ["a", "b"].map(str::to_owned).into();
        let held = |is_open: bool, scopes: &[&str]| RemoteAccess {
            is_open,
            scopes: Some(scopes.iter().map(ToString::to_string).collect()),
        };
        assert_eq!(drift(true, &granted, &held(true, &["b", "a"])), "");
        assert_eq!(drift(true, &granted, &RemoteAccess { is_open: true, scopes: None }), "");
        assert_eq!(drift(false, &granted, &held(false, &[])), "");
        assert!(drift(true, &granted, &held(false, &[])).contains("pas ouvert"));
        assert!(drift(false, &granted, &held(true, &["a"])).contains("encore ouvert"));
        let told = drift(true, &granted, &held(true, &["a", "c"])).replace('\u{a0}', " ");
        assert_eq!(told, "données manquantes : b ; données en trop : c");
    }
}
