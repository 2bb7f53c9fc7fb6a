//! The calls about roles that people ask for.

use gloo_net::http::Method;
use shared::role_request::{NewRoleRequest, RoleRequest, RoleRequestAnswer};

use super::decode::decode;
use super::{Answer, Call, get};

const OWN: &str = "/api/me/role_requests";
const TO_ANSWER: &str = "/api/users/role_requests";

/// What the caller has asked for, newest first.
pub fn own() -> Answer<Vec<RoleRequest>> {
    get(OWN.to_owned())
}

/// Asks for a role.
pub fn ask(new: NewRoleRequest) -> Answer<RoleRequest> {
    Call::new(Method::POST, OWN.to_owned()).json(&new).read(decode)
}

/// Takes back what the caller has asked for.
pub fn withdraw(id: i64) -> Answer<RoleRequest> {
    Call::new(Method::DELETE, format!("{OWN}/{id}")).read(decode)
}

/// What the caller may answer, oldest first.
pub fn waiting() -> Answer<Vec<RoleRequest>> {
    get(TO_ANSWER.to_owned())
}

/// Gives the role, or refuses it.
pub fn answer(id: i64, answer: RoleRequestAnswer) -> Answer<RoleRequest> {
    Call::new(Method::PUT, format!("{TO_ANSWER}/{id}")).json(&answer).read(decode)
}
