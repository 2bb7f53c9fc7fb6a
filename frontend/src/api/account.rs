//! The calls about one's own mails, sessions and tools.

use gloo_net::http::Method;
use shared::access::{ApiClient, ApiClientWithSecret, BrowserSession, NewApiClient};
use shared::mail::MailPreference;

use super::decode::decode;
use super::{ApiError, Call, get, segment, send};

const SESSIONS: &str = "/api/me/sessions";
const TOOLS: &str = "/api/me/api_clients";
const MAILS: &str = "/api/me/mails";

/// The mails that the caller may do without.
pub async fn mails() -> Result<Vec<MailPreference>, ApiError> {
    get(MAILS.to_owned()).await
}

/// Chooses whether some of them are sent; all of the choices.
pub async fn choose_mails(chosen: &MailPreference) -> Result<Vec<MailPreference>, ApiError> {
    decode(send(Call::new(Method::PUT, MAILS.to_owned()).json(chosen)).await?)
}

/// The browsers where the caller is signed in.
pub async fn sessions() -> Result<Vec<BrowserSession>, ApiError> {
    get(SESSIONS.to_owned()).await
}

/// Ends a session; those that remain.
pub async fn end_session(id: &str) -> Result<Vec<BrowserSession>, ApiError> {
    decode(send(Call::new(Method::DELETE, format!("{SESSIONS}/{}", segment(id)))).await?)
}

/// Ends every session but this one; what remains.
pub async fn end_other_sessions() -> Result<Vec<BrowserSession>, ApiError> {
    decode(send(Call::new(Method::DELETE, SESSIONS.to_owned())).await?)
}

/// The tools that act for the caller.
pub async fn tools() -> Result<Vec<ApiClient>, ApiError> {
    get(TOOLS.to_owned()).await
}

/// Connects a tool.
pub async fn connect(new: NewApiClient) -> Result<ApiClientWithSecret, ApiError> {
    decode(send(Call::new(Method::POST, TOOLS.to_owned()).json(&new)).await?)
}

/// Rotates the secret of a tool.
pub async fn new_secret(id: &str) -> Result<ApiClientWithSecret, ApiError> {
    decode(send(Call::new(Method::POST, format!("{}/secrets", tool_url(id)))).await?)
}

/// Removes the previous secret of a tool; the tools.
pub async fn forget_secret(id: &str) -> Result<Vec<ApiClient>, ApiError> {
    decode(send(Call::new(Method::DELETE, format!("{}/previous_secret", tool_url(id)))).await?)
}

/// Disconnects a tool; those that remain.
pub async fn disconnect(id: &str) -> Result<Vec<ApiClient>, ApiError> {
    decode(send(Call::new(Method::DELETE, tool_url(id))).await?)
}

fn tool_url(id: &str) -> String {
    format!("{TOOLS}/{}", segment(id))
}
