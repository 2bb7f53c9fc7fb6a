//! The calls for the versions of a request.

use shared::version::{Comparison, VersionId, VersionSummary};

use super::{ApiError, get};
use crate::query::query_string;

/// What can be compared, newest first.
pub async fn list(id: i64) -> Result<Vec<VersionSummary>, ApiError> {
    get(format!("/api/enrollments/{id}/versions")).await
}

/// What differs, from one version to another.
pub async fn compare(id: i64, from: VersionId, to: VersionId) -> Result<Comparison, ApiError> {
    let versions = query_string(&[("from", &from.to_string()), ("to", &to.to_string())]);
    get(format!("/api/enrollments/{id}/diff{versions}")).await
}
