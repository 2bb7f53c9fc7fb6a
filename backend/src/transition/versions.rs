//! The versions of a request and what differs between two of them, for those who may read it. A renewal can also be
//! compared with the request that it renews, by those who may read that one too.

use shared::diff::{self, Version};
use shared::rights;
use shared::user::User;
use shared::version::{Comparison, VersionId, VersionSummary};
use shared::workflow::Action;

use super::{Context, Loaded};
use crate::db::AnyConnection;
use crate::db::types::utc;
use crate::error::{Error, Result};
use crate::models::{authorisation, document, event};

/// Every version that can be compared, newest first; those of the original after the request's own.
///
/// # Errors
/// No such enrollment (404); not allowed (403).
pub fn list(connection: &mut AnyConnection, context: &Context, user: &User, id: i64) -> Result<Vec<VersionSummary>> {
    let Family { request, original } = Family::find(connection, context, user, id)?;
    let mut versions = of_request(connection, &request, VersionId::Current)?;
    if let Some(original) = original {
        versions.extend(of_request(connection, &original, VersionId::Original)?);
    }
    Ok(versions)
}

/// What differs between two versions, from the first to the second.
///
/// # Errors
/// No such enrollment, no such version of it (404); not allowed (403).
pub fn compare(
    connection: &mut AnyConnection,
    context: &Context,
    user: &User,
    id: i64,
    (from, to): (VersionId, VersionId),
) -> Result<Comparison> {
    let family = Family::find(connection, context, user, id)?;
    let (from, before) = family.version(connection, from)?;
    let (to, after) = family.version(connection, to)?;
    Ok(Comparison { from, to, changes: diff::diff(&before, &after) })
}

/// A request, with the one that it renews where the caller may read that too.
struct Family {
    request: Loaded,
    original: Option<Loaded>,
}

impl Family {
    fn find(connection: &mut AnyConnection, context: &Context, user: &User, id: i64) -> Result<Self> {
        let request = Loaded::find(connection, context, id)?;
        rights::allowed(user, Action::Show, &request.subject())?;
        let original = match request.record.copied_from_id {
            Some(original) => Some(Loaded::find(connection, context, original)?)
                .filter(|original| rights::allowed(user, Action::Show, &original.subject()).is_ok()),
            None => None,
        };
        Ok(Self { request, original })
    }

    fn version(&self, connection: &mut AnyConnection, id: VersionId) -> Result<(VersionSummary, Version)> {
        match id {
            VersionId::Current => Ok((present(&self.request, id), content(connection, &self.request)?)),
            VersionId::Original => {
                let original = self.original.as_ref().ok_or(Error::NotFound)?;
                Ok((present(original, id), content(connection, original)?))
            }
            VersionId::Submission(_) | VersionId::Authorisation(_) => {
                for loaded in std::iter::once(&self.request).chain(&self.original) {
                    let mut past = past(connection, loaded)?.into_iter();
                    if let Some(summary) = past.find(|summary| summary.id == id) {
                        let version = stored(connection, &summary)?;
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
    let newest = past.first().map(|summary| stored(connection, summary)).transpose()?;
    let content = content(connection, loaded)?;
    let differs = newest.is_none_or(|newest| !diff::diff(&newest, &content).is_empty());
    Ok(differs.then(|| present(loaded, now)).into_iter().chain(past).collect())
}

fn present(loaded: &Loaded, id: VersionId) -> VersionSummary {
    VersionSummary {
        id,
        enrollment_id: loaded.record.id,
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
        enrollment_id,
        policy_revision: revision.to_owned(),
        created_at: utc(created_at),
        status: None,
    };
    let mut versions: Vec<VersionSummary> =
        granted.iter().map(|(id, at, revision)| summary(VersionId::Authorisation(*id), *at, revision)).collect();
    for (event, at) in event::submission_days(connection, enrollment_id)? {
        // The policy does not change between a submission and what it is granted.
        let answer = granted.iter().rev().find(|(_, granted_at, _)| *granted_at >= at);
        let revision = answer.map_or(&loaded.record.policy_revision, |(.., revision)| revision);
        versions.push(summary(VersionId::Submission(event), at, revision));
    }
    versions.sort_by_key(|version| std::cmp::Reverse(version.created_at));
    Ok(versions)
}

fn stored(connection: &mut AnyConnection, summary: &VersionSummary) -> Result<Version> {
    Ok(match summary.id {
        VersionId::Submission(event) => event::submission(connection, summary.enrollment_id, event)?,
        VersionId::Authorisation(id) => {
            let granted = authorisation::find(connection, id)?;
            Version { content: granted.content, documents: granted.documents }
        }
        VersionId::Current | VersionId::Original => return Err(Error::NotFound),
    })
}

fn content(connection: &mut AnyConnection, loaded: &Loaded) -> Result<Version> {
    let documents = document::live(connection, loaded.record.id)?;
    Ok(Version { content: loaded.record.content.0.clone(), documents })
}
