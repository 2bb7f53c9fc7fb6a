//! The calls for the versions of a request.

use shared::version::{Comparison, VersionId, VersionSummary};

use super::{Answer, get};
use crate::query::query_string;

/// What can be compared, newest first.
pub fn list(id: i64) -> Answer<Vec<VersionSummary>> {
    get(format!("/api/enrollments/{id}/versions"))
}

/// What differs, from one version to another.
pub fn compare(id: i64, from: VersionId, to: VersionId) -> Answer<Comparison> {
    let versions = query_string(&[("from", &from.to_string()), ("to", &to.to_string())]);
    get(format!("/api/enrollments/{id}/diff{versions}"))
}
