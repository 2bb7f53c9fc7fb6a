//! How mails leave: by Mailjet, by a mail server, or not at all, into the mailbox that is kept here.

mod html;

use shared::api::MailboxMessage;
use shared::outbox::MailSender;

use crate::config::{Config, Mails};
use crate::connection::types::now;
use crate::db::Db;
use crate::models::outbox::queue::Due;
use crate::models::outbox::{self, Payload};
use crate::outbound::letter::{Letter, Party};
use crate::outbound::{Undelivered, mailjet, smtp};

/// Where mails go.
pub enum Mailer {
    /// To their readers, by Mailjet.
    Mailjet(mailjet::Client),
    /// To their readers, by a mail server.
    Smtp(smtp::Client),
    /// Into the table `mailbox`: nothing leaves the machine.
    Mailbox(Db),
}

impl Mailer {
    /// What `config` asks for.
    ///
    /// # Errors
    /// The HTTP client cannot be made; the mail server has no such address.
    pub fn new(config: &Config, db: Db) -> anyhow::Result<Self> {
        Ok(match &config.mails {
            Mails::Mailjet(mailjet) => Self::Mailjet(mailjet::Client::new(mailjet)?),
            Mails::Smtp(url) => Self::Smtp(smtp::Client::new(url)?),
            Mails::Kept => Self::Mailbox(db),
        })
    }

    /// Delivers a message; the same message twice is one mail, as far as the transport can tell (it gets the id).
    ///
    /// # Errors
    /// Why it could not be delivered, without anything personal.
    pub async fn deliver(&self, due: &Due) -> Result<(), Undelivered> {
        let Payload::Mail { from, reply_to, unsubscribe, mail } = &due.payload.0 else {
            return Err(Undelivered::new("ce message n’est pas un courriel"));
        };
        let html = html::render(mail).map_err(|error| Undelivered::new(error.to_string()))?;
        let reply_to = Some(Party::of(reply_to)).filter(|party| !party.address.is_empty());
        let letter = Letter { id: &due.id, from: Party::of(from), reply_to, unsubscribe, mail, html: &html };
        match self {
            Self::Mailjet(client) => client.send(&letter).await,
            Self::Smtp(client) => client.send(&letter).await,
            Self::Mailbox(db) => {
                let message = MailboxMessage {
                    id: due.id.clone(),
                    enrollment_id: due.enrollment_id.map(i64::from),
                    from: from.clone(),
                    mail: mail.clone(),
                    sent_at: now(),
                };
                let kept = db.write(move |connection| Ok(outbox::keep(connection, &message)?)).await;
                kept.map_err(|error| Undelivered::new(error.to_string()))
            }
        }
    }

    /// Whether a mail that is taken has reached its address, as far as we are ever told. Mailjet tells later
    /// (`routes/mailjet.rs`), and what is kept here reaches nobody.
    pub const fn has_last_word(&self) -> bool {
        matches!(self, Self::Smtp(_))
    }

    /// The senders of our mails as Mailjet knows them; none where mails leave by another way.
    ///
    /// # Errors
    /// Mailjet does not say.
    pub async fn senders(&self, from: &str) -> Result<Vec<MailSender>, Undelivered> {
        let Self::Mailjet(client) = self else { return Ok(Vec::new()) };
        let address = Party::of(from).address;
        Ok(vec![MailSender { address: address.to_owned(), state: client.sender(address).await? }])
    }
}
