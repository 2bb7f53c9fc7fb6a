//! How mails leave.

use anyhow::{Result, bail};

use super::{variable, web_address};

/// How mails leave.
#[derive(Clone, Debug, Default)]
pub enum Mails {
    /// They do not: they are kept here.
    #[default]
    Kept,
    /// By Mailjet, when both of its keys are set.
    Mailjet(Mailjet),
    /// `SMTP_URL`: by a mail server.
    Smtp(String),
}

impl Mails {
    pub(super) fn from_env() -> Result<Self> {
        let mailjet = match (variable("MAILJET_API_KEY"), variable("MAILJET_SECRET_KEY")) {
            (Some(api_key), Some(secret_key)) => {
                let url = web_address("MAILJET_URL")?.unwrap_or_else(|| "https://api.mailjet.com".to_owned());
                Some(Mailjet { url, api_key, secret_key })
            }
            (None, None) => None,
            (Some(_), None) => bail!("MAILJET_API_KEY est renseignée sans MAILJET_SECRET_KEY"),
            (None, Some(_)) => bail!("MAILJET_SECRET_KEY est renseignée sans MAILJET_API_KEY"),
        };
        match (mailjet, variable("SMTP_URL")) {
            (Some(_), Some(_)) => bail!(
                "SMTP_URL et MAILJET_API_KEY sont toutes deux renseignées\u{a0}: les courriels partent par l’un ou par l’autre"
            ),
            (Some(mailjet), None) => Ok(Self::Mailjet(mailjet)),
            (None, Some(url)) => Ok(Self::Smtp(url)),
            (None, None) => Ok(Self::Kept),
        }
    }
}

/// How to reach Mailjet.
#[derive(Clone, Debug)]
pub struct Mailjet {
    /// `MAILJET_URL`: base of the API.
    pub url: String,
    /// `MAILJET_API_KEY`.
    pub api_key: String,
    /// `MAILJET_SECRET_KEY`.
    pub secret_key: String,
}
