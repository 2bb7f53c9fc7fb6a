//! Who runs the platform, for its legal notice and for who needs help.

use anyhow::{Result, bail};
use shared::validation::formats::is_email;

use super::variable;

/// Who runs the platform. The pages say so where something is not told.
#[derive(Clone, Debug, Default)]
pub struct Legal {
    /// `LEGAL_PUBLISHER`: who publishes the site: name, address, director of publication.
    pub publisher: Option<String>,
    /// `LEGAL_HOST`: who hosts it: name, address, telephone.
    pub host: Option<String>,
    /// `CONTACT_EMAIL`: where anybody may write.
    pub contact: Option<String>,
}

impl Legal {
    pub(super) fn from_env() -> Result<Self> {
        let contact = variable("CONTACT_EMAIL");
        if let Some(address) = contact.as_ref().filter(|address| !is_email(address)) {
            bail!("CONTACT_EMAIL doit être une adresse électronique, pas «\u{a0}{address}\u{a0}»");
        }
        Ok(Self { publisher: variable("LEGAL_PUBLISHER"), host: variable("LEGAL_HOST"), contact })
    }
}
