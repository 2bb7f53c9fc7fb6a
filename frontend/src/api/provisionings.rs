//! The calls about the accesses that API managers open.

use gloo_net::http::Method;
use shared::api::Page;
use shared::outbox::Retried;
use shared::provisioning::ProvisioningIssue;

use super::decode::decode;
use super::{Answer, Call, get};
use crate::query::query_string;

/// A page of those that somebody must look at, newest request first.
pub fn issues(cursor: String) -> Answer<Page<ProvisioningIssue>> {
    get(format!("/api/provisionings{}", query_string(&[("cursor", &cursor)])))
}

/// Has what fails about a request's access tried again.
pub fn retry(enrollment_id: i64) -> Answer<Retried> {
    Call::new(Method::POST, format!("/api/enrollments/{enrollment_id}/provisioning/retry")).read(decode)
}
