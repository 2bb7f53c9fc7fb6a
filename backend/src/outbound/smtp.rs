//! A mail server, by SMTP: `SMTP_URL` names it.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use anyhow::anyhow;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::Error;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use super::letter::{Letter, Party};
use super::{Refused, Undelivered};

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
        let message = message(letter).ok_or_else(|| {
            // Who sends may be set right; who reads will not.
            let is_readers = mailbox(Party { name: "", address: &letter.mail.to }).is_none();
            let for_good = is_readers.then_some(Refused::Address);
            Undelivered { for_good, ..Undelivered::new("Une adresse du courriel ne peut être utilisée") }
        })?;
        match tokio::time::timeout(TIMEOUT, self.0.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(Undelivered { for_good: refused(&error), ..Undelivered::new(told(&error)) }),
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

/// Whether the server will never take this mail, by its code (RFC 5321) and the finer one that its sentence may begin with
/// (RFC 3463). What is about us, a sign-in (53x) or a rule against who sends (5.7.x), an operator sets right; so it is no end.
fn refused(error: &Error) -> Option<Refused> {
    let code = u16::from(error.status()?);
    let sentence = error.source().map(ToString::to_string).unwrap_or_default();
    let finer = sentence.split_whitespace().next().unwrap_or_default();
    let is_finer = |prefix: &str| finer.starts_with(prefix);
    match code {
        550..=556 if is_finer("5.7.") => None,
        550..=556 if ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"].contains(&finer) => Some(Refused::Address),
        550 | 551 | 553 | 556 if !is_finer("5.") => Some(Refused::Address),
        550..=556 => Some(Refused::Message),
        _ => None,
    }
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
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    let cause = causes.into_iter().find_map(|cause| cause.downcast_ref::<io::Error>());
    let why = match cause.map(|cause| (cause.get_ref().and_then(|inner| inner.downcast_ref()), cause.kind())) {
        Some((Some(rustls::Error::InvalidCertificate(_)), _)) => "son certificat n’est pas accepté".to_owned(),
        Some((_, kind)) => kind.to_string(),
        None if error.is_tls() => "échec de TLS".to_owned(),
        None => return "Le serveur SMTP n’a pas pris le courriel".to_owned(),
    };
    format!("Le serveur SMTP n’a pas pris le courriel\u{a0}: {why}")
}

#[cfg(test)]
mod tests {
    use shared::api::Mail;
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

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

    /// A server that answers so to the address of who reads; where it listens.
    async fn server_that_answers(to_reader: &'static str) -> std::net::SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let (reader, mut writer) = socket.split();
            let mut lines = BufReader::new(reader).lines();
            writer.write_all(b"220 exemple.fr\r\n").await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                let answer = if line.starts_with("RCPT") { to_reader } else { "250 2.0.0 Ok" };
                writer.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
            }
        });
        address
    }

    #[tokio::test]
    async fn what_is_refused_for_good_is_told_from_what_may_be_taken_later() {
        let mail = Mail { to: "a@exemple.fr".to_owned(), subject: "x".to_owned(), body: "x".to_owned() };
        for (answer, for_good) in [
            ("550 5.1.1 <a@exemple.fr>: no such user", Some(Refused::Address)),
            ("550 5.2.1 closed", Some(Refused::Address)),
            ("550 no such user", Some(Refused::Address)),
            ("556 5.1.10 no mail here", Some(Refused::Address)),
            ("552 5.2.2 full", Some(Refused::Message)),
            ("554 5.6.0 unreadable", Some(Refused::Message)),
            ("553 5.1.8 who sends has no domain", Some(Refused::Message)),
            ("554 5.7.1 your server is on a list", None),
            ("535 5.7.8 wrong password", None),
            ("530 5.7.0 sign in first", None),
            ("503 5.5.1 not now", None),
            ("451 4.3.0 later", None),
            ("452 4.2.2 full", None),
        ] {
            let client = Client::new(&format!("smtp://{}", server_that_answers(answer).await)).unwrap();
            let error = client.send(&letter(&mail, "")).await.unwrap_err();
            assert_eq!(error.for_good, for_good, "{answer}");
            assert_eq!(error.reason, format!("Le serveur SMTP a répondu {}", &answer[..3]));
        }
    }

    #[tokio::test]
    async fn only_an_address_of_a_reader_that_cannot_be_used_is_refused_for_good() {
        let client = Client::new("smtp://127.0.0.1:1").unwrap();
        let mail = Mail { to: "pas une adresse".to_owned(), subject: String::new(), body: String::new() };
        assert_eq!(client.send(&letter(&mail, "")).await.unwrap_err().for_good, Some(Refused::Address));
        let mail = Mail { to: "a@exemple.fr".to_owned(), ..mail };
        let letter = Letter { from: Party::of("pas une adresse"), ..letter(&mail, "") };
        assert_eq!(client.send(&letter).await.unwrap_err().for_good, None);
    }
}
