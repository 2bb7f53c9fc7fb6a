//! Mailjet's Send API v3.1.
//!
//! The crate `mailjet-rs` knows the types of v3 alone, so these are ours.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use shared::outbox::SenderState;

use super::letter::{Letter, Party};
use super::{Refused, Undelivered, retry_after};
use crate::config::Mailjet;

/// How long Mailjet may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A connection to Mailjet.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    config: Mailjet,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Sending<'a> {
    messages: [Message<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Message<'a> {
    from: Address<'a>,
    to: [Address<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<Address<'a>>,
    subject: &'a str,
    text_part: &'a str,
    #[serde(rename = "HTMLPart")]
    html_part: &'a str,
    #[serde(rename = "CustomID")]
    custom_id: &'a str,
    headers: BTreeMap<&'static str, String>,
    // Nobody is watched as they read, whatever the account says.
    track_opens: &'static str,
    track_clicks: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Address<'a> {
    email: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
}

impl<'a> From<Party<'a>> for Address<'a> {
    fn from(party: Party<'a>) -> Self {
        Self { email: party.address, name: party.name }
    }
}

/// What comes back: of each message what became of it; where nothing could be read, one error.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Answer {
    messages: Vec<Outcome>,
    #[serde(flatten)]
    error: Refusal,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Outcome {
    status: String,
    #[serde(default)]
    errors: Vec<Refusal>,
}

/// Why, without the message, which repeats what was sent.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Refusal {
    error_code: String,
    status_code: u16,
    error_related_to: Vec<String>,
}

impl Client {
    /// A client for that account.
    ///
    /// # Errors
    /// The HTTP client cannot be made.
    pub fn new(config: &Mailjet) -> anyhow::Result<Self> {
        Ok(Self { http: super::http()?, config: config.clone() })
    }

    /// Hands a mail over. Its id goes along as `CustomID`, the same at each try.
    ///
    /// # Errors
    /// Why it was not taken, without anything personal.
    pub async fn send(&self, letter: &Letter<'_>) -> Result<(), Undelivered> {
        let message = Message {
            from: letter.from.into(),
            to: [Party { name: "", address: &letter.mail.to }.into()],
            reply_to: letter.reply_to.map(Address::from),
            subject: &letter.mail.subject,
            text_part: &letter.mail.body,
            html_part: letter.html,
            custom_id: letter.id,
            headers: letter.headers().into_iter().collect(),
            track_opens: "disabled",
            track_clicks: "disabled",
        };
        let answer = self
            .http
            .post(format!("{}/v3.1/send", self.config.url))
            .timeout(TIMEOUT)
            .basic_auth(&self.config.api_key, Some(&self.config.secret_key))
            .json(&Sending { messages: [message] })
            .send()
            .await
            .map_err(unanswered)?;
        let (status, wait) = (answer.status(), retry_after(answer.headers()));
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(Undelivered { wait, ..Undelivered::new(answered(status)) });
        }
        // What is refused is told like what is taken.
        let answer = match answer.json::<Answer>().await {
            Ok(answer) => answer,
            Err(error) if status.is_success() => return Err(unanswered(error)),
            Err(_) => Answer::default(),
        };
        match answer.messages.as_slice() {
            [only] if status.is_success() && only.status == "success" => Ok(()),
            messages => {
                let refusals: Vec<&Refusal> = messages.iter().flat_map(|message| &message.errors).collect();
                let refusal = refusals.first().copied().unwrap_or(&answer.error);
                let for_good = refusals.iter().find_map(|refusal| refusal.for_good());
                Err(Undelivered { for_good, ..Undelivered::new(format!("{}{}", answered(status), refusal.told())) })
            }
        }
    }

    /// Whether mails of that sender are delivered.
    ///
    /// # Errors
    /// Mailjet does not say.
    pub async fn sender(&self, address: &str) -> Result<SenderState, Undelivered> {
        let answer = self
            .http
            .get(format!("{}/v3/REST/sender?Limit=1000", self.config.url))
            .timeout(TIMEOUT)
            .basic_auth(&self.config.api_key, Some(&self.config.secret_key))
            .send()
            .await
            .map_err(unanswered)?;
        let status = answer.status();
        if !status.is_success() {
            return Err(Undelivered::new(answered(status)));
        }
        let senders: Senders = answer.json().await.map_err(unanswered)?;
        Ok(senders.state_of(address))
    }
}

/// The senders of the account; « *@exemple.fr » is a whole domain.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Senders {
    data: Vec<Sender>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sender {
    email: String,
    status: String,
}

impl Senders {
    /// The better of what is said of the address and of its domain.
    fn state_of(&self, address: &str) -> SenderState {
        let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
        let is_it = |sender: &&Sender| {
            sender.email.eq_ignore_ascii_case(address) || sender.email.eq_ignore_ascii_case(&format!("*@{domain}"))
        };
        let states = self.data.iter().filter(is_it).map(|sender| match sender.status.as_str() {
            "Active" => SenderState::Validated,
            "Inactive" => SenderState::Pending,
            _ => SenderState::Refused,
        });
        states.min().unwrap_or(SenderState::Refused)
    }
}

fn answered(status: StatusCode) -> String {
    format!("Mailjet a répondu {status}")
}

fn unanswered(error: reqwest::Error) -> Undelivered {
    Undelivered::new(error.without_url().to_string())
}

impl Refusal {
    /// A 400 about a message is the same at each try, unless it is about who sends, which the account may come to allow.
    fn for_good(&self) -> Option<Refused> {
        let is_about = |member: &str| self.error_related_to.iter().any(|named| named.starts_with(member));
        match self.status_code {
            400 if is_about("From") => None,
            400 if is_about("To") => Some(Refused::Address),
            400 | 413 => Some(Refused::Message),
            _ => None,
        }
    }

    /// « : mj-0013 (To[0].Email) ». Only what looks like a code or a member: what is sent is nobody's to read in a log.
    fn told(&self) -> String {
        let is_name = |text: &&str| {
            (1..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.[]".contains(&b))
        };
        let Some(code) = Some(self.error_code.as_str()).filter(is_name) else { return String::new() };
        let members: Vec<&str> = self.error_related_to.iter().map(String::as_str).filter(is_name).collect();
        let members = if members.is_empty() { String::new() } else { format!(" ({})", members.join(", ")) };
        format!("\u{a0}: {code}{members}")
    }
}
