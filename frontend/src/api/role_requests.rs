//! The calls about roles that people ask for.

use gloo_net::http::Method;
use shared::role_request::{NewRoleRequest, RoleRequest, RoleRequestAnswer};

use super::decode::decode;
use super::{ApiError, Call, get, send};

const OWN: &str = "/api/me/role_requests";
const TO_ANSWER: &str = "/api/users/role_requests";

/// What the caller has asked for, newest first.
pub async fn own() -> Result<Vec<RoleRequest>, ApiError> {
    get(OWN.to_owned()).await
}

/// Asks for a role.
pub async fn ask(new: NewRoleRequest) -> Result<RoleRequest, ApiError> {
    decode(send(Call::new(Method::POST, OWN.to_owned()).json(&new)).await?)
}

/// Takes back what the caller has asked for.
pub async fn withdraw(id: i64) -> Result<RoleRequest, ApiError> {
    decode(send(Call::new(Method::DELETE, format!("{OWN}/{id}"))).await?)
}

/// What the caller may answer, oldest first.
pub async fn waiting() -> Result<Vec<RoleRequest>, ApiError> {
    get(TO_ANSWER.to_owned()).await
}

/// Gives the role, or refuses it.
pub async fn answer(id: i64, answer: RoleRequestAnswer) -> Result<RoleRequest, ApiError> {
    decode(send(Call::new(Method::PUT, format!("{TO_ANSWER}/{id}")).json(&answer)).await?)
}
