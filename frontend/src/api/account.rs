//! The calls about one's own mails, sessions and tools.

use gloo_net::http::Method;
use shared::access::{ApiClient, ApiClientWithSecret, BrowserSession, NewApiClient, SecondFactor};
use shared::mail::MailPreference;

use super::decode::decode;
use super::{Answer, Call, get, segment};
use crate::query::query_string;

const SESSIONS: &str = "/api/me/sessions";
const TOOLS: &str = "/api/me/api_clients";
const MAILS: &str = "/api/me/mails";

/// Address that signs in once more and comes back to `return_to`, unless one showed who one is less than `max_age` seconds ago.
pub fn sign_in_again_url(return_to: &str, max_age: u32) -> String {
    format!("/api/sign_in{}", query_string(&[("return_to", return_to), ("max_age", &max_age.to_string())]))
}

/// The mails that the caller may do without.
pub fn mails() -> Answer<Vec<MailPreference>> {
    get(MAILS.to_owned())
}

/// Chooses whether some of them are sent; all of the choices.
pub fn choose_mails(chosen: &MailPreference) -> Answer<Vec<MailPreference>> {
    Call::new(Method::PUT, MAILS.to_owned()).json(chosen).read(decode)
}

/// The browsers where the caller is signed in.
pub fn sessions() -> Answer<Vec<BrowserSession>> {
    get(SESSIONS.to_owned())
}

/// Ends a session; those that remain.
pub fn end_session(id: &str) -> Answer<Vec<BrowserSession>> {
    Call::new(Method::DELETE, format!("{SESSIONS}/{}", segment(id))).read(decode)
}

/// Ends every session but this one; what remains.
pub fn end_other_sessions() -> Answer<Vec<BrowserSession>> {
    Call::new(Method::DELETE, SESSIONS.to_owned()).read(decode)
}

/// Where the caller’s second factor stands, at the embedded identity provider.
pub fn second_factor() -> Answer<SecondFactor> {
    get("/api/me/second_factor".to_owned())
}

/// The tools that act for the caller.
pub fn tools() -> Answer<Vec<ApiClient>> {
    get(TOOLS.to_owned())
}

/// Connects a tool.
pub fn connect(new: NewApiClient) -> Answer<ApiClientWithSecret> {
    Call::new(Method::POST, TOOLS.to_owned()).json(&new).read(decode)
}

/// Rotates the secret of a tool.
pub fn new_secret(id: &str) -> Answer<ApiClientWithSecret> {
    Call::new(Method::POST, format!("{}/secrets", tool_url(id))).read(decode)
}

/// Removes the previous secret of a tool; the tools.
pub fn forget_secret(id: &str) -> Answer<Vec<ApiClient>> {
    Call::new(Method::DELETE, format!("{}/previous_secret", tool_url(id))).read(decode)
}

/// Disconnects a tool; those that remain.
pub fn disconnect(id: &str) -> Answer<Vec<ApiClient>> {
    Call::new(Method::DELETE, tool_url(id)).read(decode)
}

fn tool_url(id: &str) -> String {
    format!("{TOOLS}/{}", segment(id))
}
