//! A mail server, by SMTP: `SMTP_URL` names it.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use anyhow::anyhow;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::Error;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use super::Undelivered;
use super::letter::{Letter, Party};

/// How long the server may take for one mail, from the connection to its word that it has taken it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The way to a mail server. Each mail has a connection of its own.
#[derive(Clone, Debug)]
pub struct Client(AsyncSmtpTransport<Tokio1Executor>);

impl Client {
    /// A client for the server at that address. Nothing is sent yet.
    ///
    /// # Errors
    /// It is no such address; which it is, with its password, is not said.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        let wrong = "SMTP_URL doit être de la forme smtps://UTILISATEUR:MOT_DE_PASSE@SERVEUR ou \
                     smtp://SERVEUR:PORT?tls=required";
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| anyhow!(wrong))?;
        Ok(Self(builder.timeout(Some(TIMEOUT)).build()))
    }

    /// Hands a mail over. Its `Message-ID` is made of its id: the same at each try.
    ///
    /// # Errors
    /// Why it was not taken, without anything personal.
    pub async fn send(&self, letter: &Letter<'_>) -> Result<(), Undelivered> {
        let message =
            message(letter).ok_or_else(|| Undelivered::new("Une adresse du courriel ne peut être utilisée"))?;
        match tokio::time::timeout(TIMEOUT, self.0.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(Undelivered::new(told(&error))),
            Err(_) => Err(Undelivered::new(LATE)),
        }
    }
}

/// `None` where an address cannot be used.
fn message(letter: &Letter<'_>) -> Option<Message> {
    let (_, domain) = letter.from.address.rsplit_once('@')?;
    let mut builder = Message::builder()
        .from(mailbox(letter.from)?)
        .to(mailbox(Party { name: "", address: &letter.mail.to })?)
        .subject(letter.mail.subject.as_str())
        .message_id(Some(format!("<{}@{domain}>", letter.id)));
    if let Some(reply_to) = letter.reply_to {
        builder = builder.reply_to(mailbox(reply_to)?);
    }
    let parts = MultiPart::alternative_plain_html(letter.mail.body.clone(), letter.html.to_owned());
    let mut message = builder.multipart(parts).ok()?;
    for (name, value) in letter.headers() {
        message.headers_mut().insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
    }
    Some(message)
}

fn mailbox(party: Party<'_>) -> Option<Mailbox> {
    let name = Some(party.name).filter(|name| !name.is_empty()).map(str::to_owned);
    Some(Mailbox::new(name, party.address.parse().ok()?))
}

const LATE: &str = "Le serveur SMTP ne répond pas à temps";

/// By code and sort: a server's own sentences repeat addresses.
fn told(error: &Error) -> String {
    if let Some(code) = error.status() {
        return format!("Le serveur SMTP a répondu {code}");
    }
    if error.is_timeout() {
        return LATE.to_owned();
    }
    let cause = error.source().and_then(|source| source.downcast_ref::<io::Error>()).map(io::Error::kind);
    match cause {
        Some(kind) => format!("Le serveur SMTP n’a pas pris le courriel\u{a0}: {kind}"),
        None if error.is_tls() => "Le serveur SMTP n’a pas pris le courriel\u{a0}: échec de TLS".to_owned(),
        None => "Le serveur SMTP n’a pas pris le courriel".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use shared::api::Mail;

    use super::*;

    fn letter<'a>(mail: &'a Mail, unsubscribe: &'a str) -> Letter<'a> {
        let (from, reply_to) = (Party::of("Équipe, API <b@exemple.fr>"), Some(Party::of("c@exemple.fr")));
        Letter { id: "0198", from, reply_to, unsubscribe, mail, html: "<p>Été</p>" }
    }

    #[test]
    fn a_mail_has_both_parts_and_its_headers() {
        let (subject, body) = ("Été\u{a0}: oui\r\nBcc: d@exemple.fr".to_owned(), "Été".to_owned());
        let mail = Mail { to: "a@exemple.fr".to_owned(), subject, body };
        let message = message(&letter(&mail, "https://exemple.fr/stop")).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        for line in [
            "To: a@exemple.fr\r\n",
            "Reply-To: c@exemple.fr\r\n",
            "Message-ID: <0198@exemple.fr>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "List-Unsubscribe: <https://exemple.fr/stop>\r\n",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "Content-Type: text/html; charset=utf-8\r\n",
            "multipart/alternative",
        ] {
            assert!(text.contains(line), "{line} {text}");
        }
        assert!(!text.contains("\nBcc:") && text.is_ascii(), "{text}");
        assert_eq!(message.envelope().to().len(), 1);
    }

    #[test]
    fn an_address_that_cannot_be_used_is_no_panic() {
        let mail = Mail { to: "pas une adresse".to_owned(), subject: String::new(), body: String::new() };
        assert!(message(&letter(&mail, "")).is_none());
    }

    #[test]
    fn a_wrong_address_of_the_server_does_not_tell_its_password() {
        let error = Client::new("ftp://datapass:topsecret@exemple.fr").unwrap_err();
        assert!(!format!("{error:?}").contains("topsecret"), "{error:?}");
        assert!(Client::new("smtps://datapass:topsecret@exemple.fr").is_ok());
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_told() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let client = Client::new(&format!("smtp://{closed}")).unwrap();
        let mail = Mail { to: "a@exemple.fr".to_owned(), subject: "x".to_owned(), body: "x".to_owned() };
        let error = client.send(&letter(&mail, "")).await.unwrap_err();
        assert!(error.reason.ends_with("connection refused"), "{}", error.reason);
    }
}
