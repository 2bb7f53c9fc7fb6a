//! The mail that says that a file of a request is refused by the antivirus.

use minijinja::context;

use super::developer::MailContext;
use super::filled;
use crate::error::Result;
use crate::models::outbox::Payload;

/// A file that is refused, and its request.
#[derive(Clone, Copy, Debug)]
pub struct InfectedFile<'a> {
    pub filename: &'a str,
    /// What the antivirus calls what it found; empty where it found it in the same file before.
    pub virus: &'a str,
    /// Number of the request.
    pub id: i64,
    pub intitule: &'a str,
    /// Name of the organisation.
    pub nom_raison_sociale: &'a str,
}

/// Tells the applicant of a request that was submitted.
///
/// # Errors
/// A text that cannot be rendered.
pub fn mail(mail_context: &MailContext, file: InfectedFile<'_>, to: &str) -> Result<Payload> {
    let values = context! {
        filename => file.filename,
        virus => file.virus,
        id => file.id,
        intitule => file.intitule,
        nom_raison_sociale => file.nom_raison_sociale,
        url => format!("{}/demandes/{}", mail_context.public_url, file.id),
    };
    let mail = filled("mails/infected_file.txt", values, to)?;
    Ok(Payload::Mail {
        from: mail_context.mail_from.clone(),
        reply_to: String::new(),
        unsubscribe: String::new(),
        mail,
    })
}
