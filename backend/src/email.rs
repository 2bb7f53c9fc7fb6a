//! How mails leave: by Mailjet when it is configured, else into the mailbox that is kept here.

use shared::api::MailboxMessage;

use crate::config::Config;
use crate::connection::types::now;
use crate::db::Db;
use crate::models::outbox::queue::Due;
use crate::models::outbox::{self, Payload};
use crate::outbound::mailjet;

/// Where mails go.
pub enum Mailer {
    /// To their readers.
    Mailjet(mailjet::Client),
    /// Into the table `mailbox`: nothing leaves the machine.
    Mailbox(Db),
}

impl Mailer {
    /// What `config` asks for.
    ///
    /// # Errors
    /// The HTTP client cannot be made.
    pub fn new(config: &Config, db: Db) -> anyhow::Result<Self> {
        Ok(match &config.mailjet {
            Some(mailjet) => Self::Mailjet(mailjet::Client::new(mailjet)?),
            None => Self::Mailbox(db),
        })
    }

    /// Delivers a message; the same message twice is one mail, as far as the transport can tell (it gets the id).
    ///
    /// # Errors
    /// Why it could not be delivered, without anything personal.
    pub async fn deliver(&self, due: &Due) -> Result<(), String> {
        let Payload::Mail { from, reply_to, mail, .. } = &due.payload.0 else {
            return Err("ce message n’est pas un courriel".to_owned());
        };
        match self {
            Self::Mailjet(client) => client.send(&due.id, from, reply_to, mail).await,
            Self::Mailbox(db) => {
                let message = MailboxMessage {
                    id: due.id.clone(),
                    enrollment_id: due.enrollment_id.map(i64::from),
                    from: from.clone(),
                    mail: mail.clone(),
                    sent_at: now(),
                };
                let kept = db.write(move |connection| Ok(outbox::keep(connection, &message)?)).await;
                kept.map_err(|error| error.to_string())
            }
        }
    }
}
