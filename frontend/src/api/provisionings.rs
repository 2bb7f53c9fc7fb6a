//! The calls about the accesses that API managers open.

use gloo_net::http::Method;
use shared::api::Page;
use shared::outbox::Retried;
use shared::provisioning::ProvisioningIssue;

use super::decode::decode;
use super::{ApiError, Call, get, send};
use crate::query::query_string;

/// A page of those that somebody must look at, newest request first.
pub async fn issues(cursor: String) -> Result<Page<ProvisioningIssue>, ApiError> {
    get(format!("/api/provisionings{}", query_string(&[("cursor", &cursor)]))).await
}

/// Has what fails about a request's access tried again.
pub async fn retry(enrollment_id: i64) -> Result<Retried, ApiError> {
    decode(send(Call::new(Method::POST, format!("/api/enrollments/{enrollment_id}/provisioning/retry"))).await?)
}
