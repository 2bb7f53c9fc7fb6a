//! The versions of a request and what differs between two of them, for those who may read it. A renewal can also be
//! compared with the request that it renews, by those who may read that one too.

use shared::diff::{self, Version};
use shared::rights;
use shared::version::{Comparison, VersionId, VersionSummary};
use shared::workflow::Action;

use super::{Loaded, Tx};
use crate::connection::AnyConnection;
use crate::connection::types::utc;
use crate::error::{Error, Result};
use crate::ids::{AuthorisationId, EnrollmentId, EventId};
use crate::models::{authorisation, event};

/// Every version that can be compared, newest first; those of the original after the request's own.
///
/// # Errors
/// No such enrollment (404); not allowed (403).
pub fn list(tx: &mut Tx<'_>, id: EnrollmentId) -> Result<Vec<VersionSummary>> {
    let Family { request, original } = Family::find(tx, id)?;
    let mut versions = of_request(tx.connection, &request, VersionId::Current)?;
    if let Some(original) = original {
        versions.extend(of_request(tx.connection, &original, VersionId::Original)?);
    }
    Ok(versions)
}

/// What differs between two versions, from the first to the second.
///
/// # Errors
/// No such enrollment, no such version of it (404); not allowed (403).
pub fn compare(tx: &mut Tx<'_>, id: EnrollmentId, (from, to): (VersionId, VersionId)) -> Result<Comparison> {
    let family = Family::find(tx, id)?;
    let (from, before) = family.version(tx.connection, from)?;
    let (to, after) = family.version(tx.connection, to)?;
    Ok(Comparison { from, to, changes: diff::diff(&before, &after) })
}

/// A request, with the one that it renews where the caller may read that too.
struct Family {
    request: Loaded,
    original: Option<Loaded>,
}

impl Family {
    fn find(tx: &mut Tx<'_>, id: EnrollmentId) -> Result<Self> {
        let request = tx.load_readable(id)?;
        let original = match request.record.copied_from_id {
            Some(original) => Some(tx.load(original)?)
                .filter(|original| rights::allowed(tx.user, Action::Show, &original.subject()).is_ok()),
            None => None,
        };
        Ok(Self { request, original })
    }

    fn version(&self, connection: &mut AnyConnection, id: VersionId) -> Result<(VersionSummary, Version)> {
        match id {
            VersionId::Current => Ok((present(&self.request, id), self.request.version(connection)?)),
            VersionId::Original => {
                let original = self.original.as_ref().ok_or(Error::NotFound)?;
                Ok((present(original, id), original.version(connection)?))
            }
            VersionId::Submission(_) | VersionId::Authorisation(_) => {
                for loaded in std::iter::once(&self.request).chain(&self.original) {
                    let mut past = past(connection, loaded)?.into_iter();
                    if let Some(summary) = past.find(|summary| summary.id == id) {
                        let version = stored(connection, loaded, &summary)?;
                        return Ok((summary, version));
                    }
                }
                Err(Error::NotFound)
            }
        }
    }
}

/// The versions of one request. What stands in it now is told apart only where it differs from the newest of the others.
fn of_request(connection: &mut AnyConnection, loaded: &Loaded, now: VersionId) -> Result<Vec<VersionSummary>> {
    let past = past(connection, loaded)?;
    let newest = past.first().map(|summary| stored(connection, loaded, summary)).transpose()?;
    let version = loaded.version(connection)?;
    let differs = newest.is_none_or(|newest| !diff::diff(&newest, &version).is_empty());
    Ok(differs.then(|| present(loaded, now)).into_iter().chain(past).collect())
}

fn present(loaded: &Loaded, id: VersionId) -> VersionSummary {
    VersionSummary {
        id,
        enrollment_id: loaded.record.id.0,
        policy_revision: loaded.record.policy_revision.clone(),
        created_at: utc(loaded.record.updated_at),
        status: Some(loaded.record.status.0),
    }
}

/// Submissions and authorisations, newest first.
fn past(connection: &mut AnyConnection, loaded: &Loaded) -> Result<Vec<VersionSummary>> {
    let enrollment_id = loaded.record.id;
    let granted = authorisation::revisions(connection, enrollment_id)?;
    let summary = |id, created_at, revision: &str| VersionSummary {
        id,
        enrollment_id: enrollment_id.0,
        policy_revision: revision.to_owned(),
        created_at: utc(created_at),
        status: None,
    };
    let mut versions: Vec<VersionSummary> =
        granted.iter().map(|(id, at, revision)| summary(VersionId::Authorisation(id.0), *at, revision)).collect();
    for (event, at) in event::submission_days(connection, enrollment_id)? {
        // The policy does not change between a submission and what it is granted.
        let answer = granted.iter().rev().find(|(_, granted_at, _)| *granted_at >= at);
        let revision = answer.map_or(&loaded.record.policy_revision, |(.., revision)| revision);
        versions.push(summary(VersionId::Submission(event.0), at, revision));
    }
    versions.sort_by_key(|version| std::cmp::Reverse(version.created_at));
    Ok(versions)
}

fn stored(connection: &mut AnyConnection, loaded: &Loaded, summary: &VersionSummary) -> Result<Version> {
    Ok(match summary.id {
        VersionId::Submission(event) => event::submission(connection, loaded.record.id, EventId(event))?,
        VersionId::Authorisation(id) => {
            let granted = authorisation::find(connection, AuthorisationId(id))?;
            Version { content: granted.content, documents: granted.documents }
        }
        VersionId::Current | VersionId::Original => return Err(Error::NotFound),
    })
}
