//! The mails about accounts of the embedded identity provider.

use minijinja::context;
use shared::api::Mail;

use super::ENVIRONMENT;
use crate::error::{Error, Result};
use crate::models::outbox::Payload;

/// What such a mail tells. Not `Debug`: it may hold a secret.
#[derive(Clone, Copy)]
pub enum Told<'a> {
    /// The code that shows that the address is theirs.
    Code(&'a str),
    /// Somebody wanted that code, but the address has an account.
    AlreadyKnown,
    /// The link to choose another password.
    Reset(&'a str),
    /// Somebody wanted that link, but the address has no account.
    Unknown,
    /// The password has changed.
    PasswordChanged,
    /// The account has another address now; it goes to the old one.
    EmailChanged,
    /// Signing in asks for a code from now on.
    SecondFactorOn,
    /// It does not any more.
    SecondFactorOff,
    /// A recovery code has served; that many are left.
    RecoveryCodeUsed(i64),
    /// There are other recovery codes now.
    RecoveryCodesChanged,
    /// The account is no more.
    Deleted,
    /// To administrators: somebody wants to speak for that organisation.
    JoinAsked(&'a str),
    /// They may speak for that organisation.
    JoinAccepted(&'a str),
    /// They may not, and why.
    JoinRefused(&'a str, &'a str),
}

impl Told<'_> {
    const fn template(self) -> &'static str {
        match self {
            Self::Code(_) => include_str!("../../templates/mails/account/code.txt"),
            Self::AlreadyKnown => include_str!("../../templates/mails/account/already_known.txt"),
            Self::Reset(_) => include_str!("../../templates/mails/account/reset.txt"),
            Self::Unknown => include_str!("../../templates/mails/account/unknown.txt"),
            Self::PasswordChanged => include_str!("../../templates/mails/account/password_changed.txt"),
            Self::EmailChanged => include_str!("../../templates/mails/account/email_changed.txt"),
            Self::SecondFactorOn => include_str!("../../templates/mails/account/second_factor_on.txt"),
            Self::SecondFactorOff => include_str!("../../templates/mails/account/second_factor_off.txt"),
            Self::RecoveryCodeUsed(_) => include_str!("../../templates/mails/account/recovery_code_used.txt"),
            Self::RecoveryCodesChanged => include_str!("../../templates/mails/account/recovery_codes_changed.txt"),
            Self::Deleted => include_str!("../../templates/mails/account/deleted.txt"),
            Self::JoinAsked(_) => include_str!("../../templates/mails/account/join_asked.txt"),
            Self::JoinAccepted(_) => include_str!("../../templates/mails/account/join_accepted.txt"),
            Self::JoinRefused(..) => include_str!("../../templates/mails/account/join_refused.txt"),
        }
    }
}

/// The mail to that address.
///
/// # Errors
/// A text that cannot be rendered.
pub fn mail(told: Told<'_>, to: &str, public_url: &str, from: &str) -> Result<Payload> {
    let values = match told {
        Told::Code(code) => context! { code },
        Told::Reset(token) => context! { token },
        Told::JoinAsked(label) | Told::JoinAccepted(label) => context! { label },
        Told::JoinRefused(label, reason) => context! { label, reason },
        Told::RecoveryCodeUsed(left) => context! { left },
        Told::AlreadyKnown
        | Told::Unknown
        | Told::PasswordChanged
        | Told::EmailChanged
        | Told::SecondFactorOn
        | Told::SecondFactorOff
        | Told::RecoveryCodesChanged
        | Told::Deleted => context! {},
    };
    let filled = ENVIRONMENT
        .render_str(told.template(), context! { public_url, email => to, ..values })
        .map_err(|error| Error::Internal(format!("a mail about an account: {error}")))?;
    let (subject, body) = filled.split_once("\n\n").unwrap_or((&filled, ""));
    let subject = subject.strip_prefix("Objet : ").unwrap_or(subject);
    let mail = Mail { to: to.to_owned(), subject: subject.to_owned(), body: body.trim().to_owned() };
    Ok(Payload::Mail { from: from.to_owned(), reply_to: String::new(), mail })
}
