//! The API managers that the operator has connected, each by its variables.

use anyhow::{Context as _, Result};

use super::{variable, web_address};

/// The API managers that are connected.
#[derive(Clone, Debug, Default)]
pub struct Managers {
    pub token_manager: Option<KeyAccount>,
    pub hubee: Option<ClientAccount>,
    pub piste: Option<ClientAccount>,
    pub aidants_connect: Option<KeyAccount>,
}

/// An account at a manager that asks for a key.
#[derive(Clone, Debug)]
pub struct KeyAccount {
    /// `…_URL`: base of its API.
    pub url: String,
    /// `…_KEY`.
    pub key: String,
}

/// An account at a manager that gives out tokens (OAuth 2.0, client credentials).
#[derive(Clone, Debug)]
pub struct ClientAccount {
    /// `…_URL`: base of its API.
    pub url: String,
    /// `…_TOKEN_URL`: where tokens are asked for.
    pub token_url: String,
    /// `…_CLIENT_ID`.
    pub client_id: String,
    /// `…_CLIENT_SECRET`.
    pub client_secret: String,
    /// `…_SCOPE`: what to ask for; nothing where it is empty.
    pub scope: String,
}

impl Managers {
    pub(super) fn from_env() -> Result<Self> {
        Ok(Self {
            token_manager: KeyAccount::from_env("TOKEN_MANAGER")?,
            hubee: ClientAccount::from_env("HUBEE")?,
            piste: ClientAccount::from_env("PISTE")?,
            aidants_connect: KeyAccount::from_env("AIDANTS_CONNECT")?,
        })
    }
}

impl KeyAccount {
    fn from_env(name: &str) -> Result<Option<Self>> {
        let Some(url) = web_address(&format!("{name}_URL"))? else { return Ok(None) };
        Ok(Some(Self { url, key: required(name, "KEY")? }))
    }
}

impl ClientAccount {
    fn from_env(name: &str) -> Result<Option<Self>> {
        let Some(url) = web_address(&format!("{name}_URL"))? else { return Ok(None) };
        let token_url = format!("{name}_TOKEN_URL");
        Ok(Some(Self {
            url,
            token_url: web_address(&token_url)?.with_context(|| without(name, "TOKEN_URL"))?,
            client_id: required(name, "CLIENT_ID")?,
            client_secret: required(name, "CLIENT_SECRET")?,
            scope: variable(&format!("{name}_SCOPE")).unwrap_or_default(),
        }))
    }
}

fn required(name: &str, part: &str) -> Result<String> {
    variable(&format!("{name}_{part}")).with_context(|| without(name, part))
}

fn without(name: &str, part: &str) -> String {
    format!("{name}_URL est renseignée sans {name}_{part}")
}
