//! The calls about policy files, for administrators.

use gloo_net::http::Method;
use shared::policy_file::{NewPolicyChange, PolicyDraft, PolicyFiles, PolicyText, PolicyTrial};

use super::decode::decode;
use super::{Answer, Call, get, segment};

fn url(target_api: &str) -> String {
    format!("/api/policy_files/{}", segment(target_api))
}

/// Where each policy comes from.
pub fn all() -> Answer<PolicyFiles> {
    get("/api/policy_files".to_owned())
}

/// Has the files of the server read again.
pub fn reread() -> Answer<()> {
    Call::new(Method::POST, "/api/policies/reload".to_owned()).read(|_| Ok(()))
}

/// The policy file of an API.
pub fn one(target_api: &str) -> Answer<PolicyText> {
    get(url(target_api))
}

/// A text that was published for an API.
pub fn former(target_api: &str, id: i64) -> Answer<PolicyDraft> {
    get(format!("{}/changes/{id}", url(target_api)))
}

/// What a text would say as the policy of an API. Nothing is kept.
pub fn check(target_api: &str, draft: &PolicyDraft) -> Answer<PolicyTrial> {
    Call::new(Method::POST, format!("{}/check", url(target_api))).json(draft).read(decode)
}

/// Publishes a text, or withdraws what was published.
pub fn change(target_api: &str, change: &NewPolicyChange) -> Answer<PolicyText> {
    Call::new(Method::PUT, url(target_api)).json(change).read(decode)
}
