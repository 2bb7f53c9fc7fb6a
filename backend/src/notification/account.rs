//! The mails about accounts of the embedded identity provider.

use minijinja::{Value, context};

use super::filled;
use crate::error::Result;
use crate::models::outbox::Payload;

/// A mail about an account. Not `Debug`: it may hold a secret.
#[derive(Clone, Copy)]
pub enum AccountMail<'a> {
    /// The code that verifies the address.
    VerificationCode(&'a str),
    /// Instead of that code, where the address has an account.
    AddressTaken,
    /// The link to choose a new password.
    PasswordReset(&'a str),
    /// Instead of that link, where the address has no account.
    UnknownAddress,
    /// The password was changed.
    PasswordChanged,
    /// The address was changed; goes to the old one.
    EmailChanged,
    /// The second factor was turned on.
    SecondFactorOn,
    /// The second factor was turned off.
    SecondFactorOff,
    /// A recovery code was used; that many are left.
    RecoveryCodeUsed(i64),
    /// The recovery codes were replaced.
    RecoveryCodesChanged,
    /// The account was deleted.
    AccountDeleted,
    /// A third-party tool of that name was connected.
    ToolConnected(&'a str),
    /// To administrators: somebody asks to join that organisation.
    JoinRequested(&'a str),
    /// The request to join that organisation was accepted.
    JoinAccepted(&'a str),
    /// The request to join that organisation was refused, for that reason.
    JoinRefused(&'a str, &'a str),
}

impl AccountMail<'_> {
    const fn template(self) -> &'static str {
        match self {
            Self::VerificationCode(_) => "mails/account/verification_code.txt",
            Self::AddressTaken => "mails/account/address_taken.txt",
            Self::PasswordReset(_) => "mails/account/password_reset.txt",
            Self::UnknownAddress => "mails/account/unknown_address.txt",
            Self::PasswordChanged => "mails/account/password_changed.txt",
            Self::EmailChanged => "mails/account/email_changed.txt",
            Self::SecondFactorOn => "mails/account/second_factor_on.txt",
            Self::SecondFactorOff => "mails/account/second_factor_off.txt",
            Self::RecoveryCodeUsed(_) => "mails/account/recovery_code_used.txt",
            Self::RecoveryCodesChanged => "mails/account/recovery_codes_changed.txt",
            Self::AccountDeleted => "mails/account/account_deleted.txt",
            Self::ToolConnected(_) => "mails/account/tool_connected.txt",
            Self::JoinRequested(_) => "mails/account/join_requested.txt",
            Self::JoinAccepted(_) => "mails/account/join_accepted.txt",
            Self::JoinRefused(..) => "mails/account/join_refused.txt",
        }
    }

    fn values(self) -> Value {
        match self {
            Self::VerificationCode(code) => context! { code },
            Self::PasswordReset(token) => context! { token },
            Self::JoinRequested(label) | Self::JoinAccepted(label) => context! { label },
            Self::JoinRefused(label, reason) => context! { label, reason },
            Self::ToolConnected(name) => context! { name },
            Self::RecoveryCodeUsed(left) => context! { left },
            Self::AddressTaken
            | Self::UnknownAddress
            | Self::PasswordChanged
            | Self::EmailChanged
            | Self::SecondFactorOn
            | Self::SecondFactorOff
            | Self::RecoveryCodesChanged
            | Self::AccountDeleted => context! {},
        }
    }

    /// The mail to that address, as the outbox takes it.
    ///
    /// # Errors
    /// A text that cannot be rendered.
    pub fn render(self, to: &str, public_url: &str, from: &str) -> Result<Payload> {
        let mail = filled(self.template(), context! { public_url, email => to, ..self.values() }, to)?;
        Ok(Payload::Mail { from: from.to_owned(), reply_to: String::new(), unsubscribe: String::new(), mail })
    }
}
