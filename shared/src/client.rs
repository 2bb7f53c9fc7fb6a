//! Other services that sign people in with the embedded OpenID provider: API managers, say.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::wire_enum;

/// What a service may be told of somebody. `offline_access`: it is told when they are not there, too.
pub const SCOPES: &[&str] = &["openid", "email", "profile", "phone", "organizations", "organization", "offline_access"];

wire_enum! {
    /// Where a service shows its secret (RFC 6749 § 2.3.1).
    pub enum AuthMethod {
        /// In the `Authorization` header.
        Basic = "client_secret_basic",
        /// In the body.
        Post = "client_secret_post",
    }
}

wire_enum! {
    /// How userinfo is given.
    pub enum Userinfo {
        /// JSON.
        Plain = "plain",
        /// A signed JWT.
        Signed = "signed",
    }
}

/// A service to let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClient {
    /// What it calls itself in requests; chosen for it where there is none.
    #[serde(default)]
    pub id: Option<String>,
    /// Its name, for people.
    pub name: String,
    /// Where people may be sent back: compared letter by letter.
    pub redirect_uris: Vec<String>,
    /// Where people may be sent after signing out: likewise.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// What it may be told, `openid` among it.
    pub scopes: Vec<String>,
    /// Where it shows its secret.
    pub auth_method: AuthMethod,
    /// How it wants userinfo.
    pub userinfo: Userinfo,
}

/// A service that was let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Client {
    /// What it calls itself in requests.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// Where people may be sent back.
    pub redirect_uris: Vec<String>,
    /// Where people may be sent after signing out.
    pub post_logout_redirect_uris: Vec<String>,
    /// What it may be told.
    pub scopes: Vec<String>,
    /// Where it shows its secret.
    pub auth_method: AuthMethod,
    /// How it wants userinfo.
    pub userinfo: Userinfo,
    /// Whether the secret before the present one still opens.
    pub has_previous_secret: bool,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// A new secret to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSecret {
    /// Whether the present one opens until the next is made.
    pub keep_previous: bool,
}

/// A service with its secret, which is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientWithSecret {
    /// The service.
    pub client: Client,
    /// What it proves with that it is it.
    pub secret: String,
}
