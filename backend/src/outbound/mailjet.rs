//! Mailjet's Send API v3.
//!
//! Of the crate `mailjet-rs` only the message types are used. Its client prints whole bodies to the standard output,
//! panics without network, cannot be pointed at another host and brings a TLS stack that is no longer supported; so the
//! message is posted with the same HTTP client as everything else.

use std::collections::HashMap;
use std::time::Duration;

use mailjet_rs::common::Recipient;
use mailjet_rs::v3::Message;
use serde::Deserialize;
use shared::api::Mail;

use crate::config::Mailjet;

/// A connection to Mailjet.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    api_key: String,
    secret_key: String,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Sent", default)]
    sent: Vec<serde_json::Value>,
}

impl Client {
    /// A client for that account.
    ///
    /// # Errors
    /// The HTTP client cannot be made.
    pub fn new(config: &Mailjet) -> anyhow::Result<Self> {
        Ok(Self {
            http: super::http()?,
            url: format!("{}/v3/send", config.url),
            api_key: config.api_key.clone(),
            secret_key: config.secret_key.clone(),
        })
    }

    /// Hands a mail over. `id` goes along as `Mj-CustomID`, the same at each try.
    ///
    /// # Errors
    /// Why it was not taken, without anything personal.
    pub async fn send(&self, id: &str, from: &str, reply_to: &str, mail: &Mail) -> Result<(), String> {
        let (name, address) = sender(from);
        let mut message = Message::new(address, name, Some(mail.subject.clone()), Some(mail.body.clone()));
        message.push_recipient(Recipient::new(&mail.to));
        message.set_custom_id(id.to_owned());
        if !reply_to.is_empty() {
            message.set_headers(HashMap::from([("Reply-To".to_owned(), reply_to.to_owned())]));
        }
        let answer = self
            .http
            .post(&self.url)
            .timeout(Duration::from_secs(10))
            .basic_auth(&self.api_key, Some(&self.secret_key))
            .json(&message)
            .send()
            .await
            .map_err(|error| error.without_url().to_string())?;
        let status = answer.status();
        if !status.is_success() {
            return Err(format!("Mailjet a répondu {status}"));
        }
        let answer: Answer = answer.json().await.map_err(|error| error.without_url().to_string())?;
        if answer.sent.is_empty() { Err("Mailjet n’a pris aucun destinataire".to_owned()) } else { Ok(()) }
    }
}

/// « Name <address> » → (name, address).
fn sender(from: &str) -> (&str, &str) {
    match from.split_once('<') {
        Some((name, address)) => (name.trim(), address.trim_end_matches('>').trim()),
        None => ("", from.trim()),
    }
}
