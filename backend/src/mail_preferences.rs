//! Who does without which mails: what goes out of what was planned, the link that ends it, what one chooses oneself.
//!
//! By address, since mails also go to people who have not signed in yet. Which mails can be done without is said in
//! [`shared::mail`].

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use shared::mail::{MailKind, MailPreference};
use shared::problem::ItemCode;
use shared::user::User;

use crate::connection::AnyConnection;
use crate::error::{Error, Result};
use crate::models::mail_preference::{self, Choice, NewToken};
use crate::models::outbox::Payload;
use crate::notification::Letter;
use crate::seal::Seal;
use crate::secret;

/// Mails of one kind, about one API.
type About<'a> = (&'a str, MailKind);

/// What goes out of these letters about an API: those whose readers do without stay.
///
/// In the others whoever can do without finds a link that says so: in the headers (RFC 8058), and below the text.
///
/// # Errors
/// The database's.
pub fn with_unsubscribe_links(
    connection: &mut AnyConnection,
    (seal, public_url): (&Seal, &str),
    target_api: &str,
    letters: Vec<Letter>,
) -> Result<Vec<Payload>> {
    let kinds: BTreeSet<MailKind> = letters.iter().filter_map(|letter| letter.kind).collect();
    let mut choices: BTreeMap<(MailKind, String), Choice> = BTreeMap::new();
    for kind in kinds {
        let readers = letters.iter().filter(|letter| letter.kind == Some(kind)).map(|letter| letter.mail.to.as_str());
        let known = known(connection, seal, (target_api, kind), &readers.collect::<Vec<_>>())?;
        choices.extend(known.into_iter().map(|choice| ((kind, choice.email.clone()), choice)));
    }
    let mut payloads = Vec::new();
    for letter in letters {
        let choice = letter.kind.and_then(|kind| Some((kind, choices.get(&(kind, letter.mail.to.clone()))?)));
        let unsubscribe = match choice {
            Some((_, choice)) if choice.refused_at.is_some() => continue,
            Some((kind, choice)) => {
                let token = token_of(connection, seal, (target_api, kind), choice)?;
                format!("{public_url}/api/unsubscribe/{token}")
            }
            None => String::new(),
        };
        payloads.push(payload(letter, unsubscribe));
    }
    Ok(payloads)
}

fn payload(letter: Letter, unsubscribe: String) -> Payload {
    let Letter { from, reply_to, mut mail, .. } = letter;
    if !unsubscribe.is_empty() {
        mail.body = format!("{}\n\nNe plus recevoir ces courriels\u{a0}: {unsubscribe}", mail.body);
    }
    Payload::Mail { from, reply_to, unsubscribe, mail }
}

/// The choices of these people; with a new one for whoever is sent such a mail for the first time.
fn known(connection: &mut AnyConnection, seal: &Seal, about: About<'_>, emails: &[&str]) -> Result<Vec<Choice>> {
    let choices = mail_preference::of(connection, about, emails)?;
    let is_new = |email: &&&str| !choices.iter().any(|choice| choice.email == ***email);
    let new: BTreeSet<&&str> = emails.iter().filter(is_new).collect();
    if new.is_empty() {
        return Ok(choices);
    }
    for email in new {
        mail_preference::insert(connection, email, about, &new_token(seal, email, about)?.1)?;
    }
    // Another transaction may have been faster: what it wrote holds.
    Ok(mail_preference::of(connection, about, emails)?)
}

fn new_token(seal: &Seal, email: &str, about: About<'_>) -> Result<(String, NewToken)> {
    let token = secret::new()?;
    let new = NewToken { sealed: seal.seal(&token, &place(email, about))?, hash: secret::hash(&token) };
    Ok((token, new))
}

fn token_of(connection: &mut AnyConnection, seal: &Seal, about: About<'_>, choice: &Choice) -> Result<String> {
    if let Ok(token) = seal.open(&choice.token, &place(&choice.email, about)) {
        return Ok(token);
    }
    // It was sealed with another SECRET_KEY, which must keep no mail from leaving.
    let (token, new) = new_token(seal, &choice.email, about)?;
    mail_preference::renew(connection, &choice.email, about, &new)?;
    Ok(token)
}

fn place(email: &str, (target_api, kind): About<'_>) -> String {
    format!("mail_preference {email} {target_api} {kind}")
}

/// The mails that the link of that token is about; `None` for no link.
///
/// # Errors
/// The database's.
pub fn of_link(connection: &mut AnyConnection, token: &str) -> Result<Option<MailPreference>> {
    Ok(mail_preference::of_link(connection, &secret::hash(token))?.map(|(_, preference)| preference))
}

/// Ends the mails that the link of that token is about, and says which; `None` for no link.
///
/// # Errors
/// The database's.
pub fn end(connection: &mut AnyConnection, token: &str, now: NaiveDateTime) -> Result<Option<MailPreference>> {
    let Some((email, preference)) = mail_preference::of_link(connection, &secret::hash(token))? else {
        return Ok(None);
    };
    if preference.wanted {
        mail_preference::set(connection, &email, (&preference.target_api, preference.kind), Some(now))?;
    }
    Ok(Some(preference))
}

/// The mails that the roles of a user bring, by API, and whether they get them.
///
/// # Errors
/// The database's.
pub fn of_user(connection: &mut AnyConnection, user: &User) -> Result<Vec<MailPreference>> {
    let refused = mail_preference::refused(connection, &user.email)?;
    let brought = user.roles.iter().flat_map(|role| {
        let target_api = role.target_api().unwrap_or_default().to_owned();
        MailKind::of_role(role).iter().map(move |kind| (target_api.clone(), *kind))
    });
    let brought: BTreeSet<(String, MailKind)> = brought.collect();
    let preference = |about: (String, MailKind)| {
        let wanted = !refused.contains(&about);
        MailPreference { target_api: about.0, kind: about.1, wanted }
    };
    Ok(brought.into_iter().map(preference).collect())
}

/// Writes what a user chooses, and gives all of their choices.
///
/// # Errors
/// None of their roles brings such mails (400); the database's.
pub fn set(
    connection: &mut AnyConnection,
    seal: &Seal,
    user: &User,
    chosen: &MailPreference,
    now: NaiveDateTime,
) -> Result<Vec<MailPreference>> {
    let is_same = |one: &MailPreference| (&one.target_api, one.kind) == (&chosen.target_api, chosen.kind);
    if !of_user(connection, user)?.iter().any(is_same) {
        let detail = "Aucun de vos rôles ne vous fait recevoir ces courriels.";
        return Err(Error::pointer("/target_api", ItemCode::NotEligible, detail));
    }
    let about = (chosen.target_api.as_str(), chosen.kind);
    known(connection, seal, about, &[user.email.as_str()])?;
    mail_preference::set(connection, &user.email, about, (!chosen.wanted).then_some(now))?;
    of_user(connection, user)
}
