//! The services that may sign people in with the provider. So far there is one: DataPass itself.

use crate::clients::oidc::{CALLBACK_PATH, CLIENT_ID};

/// A service that may sign people in. Public: it has no secret, PKCE stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its name in requests.
    pub id: String,
    /// Where codes may be sent: compared as strings (RFC 9700 § 2.1).
    pub redirect_uris: Vec<String>,
    /// Where one may go after signing out: likewise.
    pub post_logout_redirect_uris: Vec<String>,
}

/// The client of that name. `issuer` is where the provider, and so DataPass, is.
pub fn find(issuer: &str, id: &str) -> Option<Client> {
    (id == CLIENT_ID).then(|| Client {
        id: CLIENT_ID.to_owned(),
        redirect_uris: vec![format!("{issuer}{CALLBACK_PATH}")],
        post_logout_redirect_uris: vec![format!("{issuer}/")],
    })
}
