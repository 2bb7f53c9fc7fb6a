//! Mailjet: a service that takes what the reference of its Send API v3.1 describes and nothing else, and how it is spoken to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::NaiveDateTime;
use datapass::config::{Mailjet, Mails};
use datapass::connection::types::now;
use datapass::models::outbox::{self, NewMessage, Payload};
use diesel::prelude::*;
use serde_json::{Map, Value, json};
use shared::api::Mail;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{TestApp, http};

/// What the service answers instead of looking at what it gets.
#[derive(Clone, Debug)]
pub enum Reply {
    /// That status, with these headers and that body.
    Status(u16, &'static str, &'static str),
}

/// Mailjet on a real socket. It keeps the messages that it takes, and the replies it was told to give.
#[derive(Clone)]
pub struct Service {
    pub url: String,
    /// Every message that was posted, also those that it did not take.
    pub messages: Arc<Mutex<Vec<Value>>>,
    /// What is wrong with those that are not of the schema.
    pub flaws: Arc<Mutex<Vec<String>>>,
    /// What it says of senders.
    pub senders: Arc<Mutex<Value>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
    always: Arc<Mutex<Option<Reply>>>,
}

impl Service {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            messages: Arc::default(),
            flaws: Arc::default(),
            senders: Arc::default(),
            replies: Arc::default(),
            always: Arc::default(),
        };
        let answering = service.clone();
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let answering = answering.clone();
                tokio::spawn(async move { answering.answer(socket).await });
            }
        });
        service
    }

    /// What `MAILJET_*` says of it.
    pub fn config(&self) -> Mails {
        let (api_key, secret_key) = ("key".to_owned(), "secret".to_owned());
        Mails::Mailjet(Mailjet { url: self.url.clone(), api_key, secret_key })
    }

    /// Answers the next call so.
    pub fn next(&self, reply: Reply) {
        self.replies.lock().unwrap().push_back(reply);
    }

    /// Answers every call so, or, with `None`, as Mailjet does.
    pub fn always(&self, reply: Option<Reply>) {
        *self.always.lock().unwrap() = reply;
    }

    pub fn messages(&self) -> Vec<Value> {
        self.messages.lock().unwrap().clone()
    }

    /// Waits until so many messages were posted.
    pub async fn until_posted(&self, count: usize) -> Vec<Value> {
        let end = Instant::now() + Duration::from_secs(20);
        while self.messages().len() < count {
            assert!(Instant::now() < end, "{:#?} {:?}", self.messages(), self.flaws);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.messages()
    }

    async fn answer(&self, mut socket: TcpStream) {
        let Some((head, body)) = read_request(&mut socket).await else { return };
        let is_ours = head.to_lowercase().contains("authorization: basic a2v5onnly3jlda==");
        let reply = self.replies.lock().unwrap().pop_front().or_else(|| self.always.lock().unwrap().clone());
        let (status, headers, answer) = match (head.split(' ').take(2).collect::<Vec<_>>().as_slice(), is_ours) {
            (_, false) => {
                (401, "", json!({"ErrorIdentifier": "x", "StatusCode": 401, "ErrorMessage": "key"}).to_string())
            }
            (["POST", "/v3.1/send"], true) => {
                let (status, answer) = self.take(&body);
                match reply {
                    Some(Reply::Status(status, headers, body)) => (status, headers, body.to_owned()),
                    None => (status, "", answer.to_string()),
                }
            }
            (["GET", "/v3/REST/sender?Limit=1000"], true) => match reply {
                Some(Reply::Status(status, headers, body)) => (status, headers, body.to_owned()),
                None => (200, "", self.senders.lock().unwrap().to_string()),
            },
            _ => (404, "", "{}".to_owned()),
        };
        let length = answer.len();
        let head = format!("HTTP/1.1 {status} \r\ncontent-type: application/json\r\n{headers}connection: close");
        let text = format!("{head}\r\ncontent-length: {length}\r\n\r\n{answer}");
        drop(socket.write_all(text.as_bytes()).await);
    }

    /// What Mailjet answers to that body.
    fn take(&self, body: &[u8]) -> (u16, Value) {
        let sending: Value = serde_json::from_slice(body).unwrap_or_default();
        let messages = sending["Messages"].as_array().cloned().unwrap_or_default();
        let mut errors = Vec::new();
        if messages.is_empty() || sending.as_object().is_none_or(|members| members.len() != 1) {
            errors.push("Messages".to_owned());
        }
        for message in &messages {
            errors.extend(flaws(message));
        }
        self.messages.lock().unwrap().extend(messages);
        self.flaws.lock().unwrap().extend(errors.iter().cloned());
        let refused = errors.iter().map(|member| {
            json!({"ErrorIdentifier": "88b5ca9f", "ErrorCode": "mj-0003", "StatusCode": 400,
                "ErrorMessage": "\"demandeur@exemple.fr\" is not accepted.", "ErrorRelatedTo": [member]})
        });
        match errors.is_empty() {
            true => (200, json!({"Messages": [{"Status": "success", "CustomID": "", "To": [{"MessageID": 1}]}]})),
            false => (400, json!({"Messages": [{"Status": "error", "Errors": refused.collect::<Vec<_>>()}]})),
        }
    }
}

/// The members of a message that are not of the schema: unknown, missing, or of another form.
fn flaws(message: &Value) -> Vec<String> {
    let Some(members) = message.as_object() else { return vec!["Messages".to_owned()] };
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let is_switch = |value: &Value| ["account_default", "disabled", "enabled"].iter().any(|known| value == known);
    let is_list = |value: &Value| value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(is_party));
    let mut flaws: Vec<String> = Vec::new();
    for (name, value) in members {
        let is_right = match name.as_str() {
            "From" | "ReplyTo" => is_party(value),
            "To" => is_list(value),
            "Subject" | "TextPart" | "HTMLPart" | "CustomID" => is_text(value),
            "Headers" => value.as_object().is_some_and(are_headers),
            "TrackOpens" | "TrackClicks" => is_switch(value),
            _ => false,
        };
        if !is_right {
            flaws.push(name.clone());
        }
    }
    for needed in ["From", "To", "TextPart"] {
        if !members.contains_key(needed) {
            flaws.push(needed.to_owned());
        }
    }
    flaws
}

fn is_party(value: &Value) -> bool {
    let Some(members) = value.as_object() else { return false };
    let is_known = |(name, value): (&String, &Value)| match name.as_str() {
        "Email" => value.as_str().is_some_and(|text| text.contains('@') && !text.contains(['<', '>', ' '])),
        "Name" => value.is_string(),
        _ => false,
    };
    members.contains_key("Email") && members.iter().all(is_known)
}

/// Those that have a member of their own, or are Mailjet's, are not taken here.
fn are_headers(headers: &Map<String, Value>) -> bool {
    let reserved = [
        "from",
        "sender",
        "subject",
        "to",
        "cc",
        "bcc",
        "reply-to",
        "return-path",
        "delivered-to",
        "dkim-signature",
        "received",
        "message-id",
        "date",
        "content-type",
        "user-agent",
        "x-mailer",
        "x-mj-customid",
    ];
    let is_taken = |(name, value): (&String, &Value)| {
        let text = value.as_str().unwrap_or_default();
        !reserved.contains(&name.to_lowercase().as_str()) && !text.is_empty() && text.is_ascii() && !text.contains('\n')
    };
    headers.iter().all(is_taken)
}

/// The head and the body of an HTTP request.
pub async fn read_request(socket: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let read = socket.read(&mut chunk).await.ok()?;
        if read == 0 {
            return None;
        }
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let lower = head.to_lowercase();
            let length: usize = lower
                .split("content-length: ")
                .nth(1)
                .map_or(Some(0), |rest| rest.lines().next()?.trim().parse().ok())?;
            let start = head.len() + 4;
            if bytes.len() >= start + length {
                return Some((head.to_owned(), bytes[start..start + length].to_vec()));
            }
        }
    }
}

/// A mail that is about no enrollment, put into the outbox.
async fn post(app: &TestApp, unsubscribe: &str) {
    let mail = Mail { to: "a@exemple.fr".to_owned(), subject: "Été".to_owned(), body: "Bonjour,".to_owned() };
    let (from, unsubscribe) = ("API Particulier <b@exemple.fr>".to_owned(), unsubscribe.to_owned());
    let payload = Payload::Mail { from, reply_to: "c@exemple.fr".to_owned(), unsubscribe, mail };
    let message = NewMessage { enrollment_id: None, sequence: 0, payload, held: false };
    app.state.db.write(move |c| Ok(outbox::insert(c, message, now().naive_utc())?)).await.unwrap();
}

#[tokio::test]
async fn the_service_of_the_tests_refuses_what_is_not_in_the_schema() {
    let right = json!({
        "From": {"Email": "a@exemple.fr", "Name": "A"}, "To": [{"Email": "b@exemple.fr"}], "Subject": "x", "TextPart": "x",
        "Headers": {"Auto-Submitted": "auto-generated"},
    });
    assert!(flaws(&right).is_empty());
    for (member, value) in [
        ("ReplyTo", json!("c@exemple.fr")),
        ("Recipients", json!([{"Email": "b@exemple.fr"}])),
        ("Mj-CustomID", json!("x")),
        ("To", json!([])),
        ("From", json!({"Email": "A <a@exemple.fr>"})),
        ("Headers", json!({"Reply-To": "c@exemple.fr"})),
        ("TextPart", json!("")),
        ("TrackOpens", json!(false)),
    ] {
        let mut wrong = right.clone();
        wrong[member] = value;
        assert_eq!(flaws(&wrong), [member]);
    }
    let service = Service::start().await;
    let url = format!("{}/v3.1/send", service.url);
    let answer = http().post(url).basic_auth("key", Some("wrong")).json(&right).send().await.unwrap();
    assert_eq!(answer.status(), 401);
}

#[tokio::test]
async fn a_mail_is_what_the_schema_of_the_send_api_describes() {
    let service = Service::start().await;
    let app = TestApp::start_with(|config| config.mails = service.config());
    post(&app, "https://exemple.fr/stop?a=1").await;
    post(&app, "").await;
    let messages = service.until_posted(2).await;
    assert!(service.flaws.lock().unwrap().is_empty(), "{:?} {messages:#?}", service.flaws);
    let (optional, mandatory): (Vec<_>, Vec<_>) =
        messages.iter().partition(|message| message["Headers"]["List-Unsubscribe"].is_string());
    let message = optional[0];
    assert_eq!(message["From"], json!({"Email": "b@exemple.fr", "Name": "API Particulier"}));
    assert_eq!(message["To"], json!([{"Email": "a@exemple.fr"}]));
    assert_eq!(message["ReplyTo"], json!({"Email": "c@exemple.fr"}));
    assert_eq!([&message["Subject"], &message["TextPart"]], [&json!("Été"), &json!("Bonjour,")]);
    assert!(message["HTMLPart"].as_str().unwrap().contains("<p>Bonjour,</p>"), "{message}");
    assert!(uuid::Uuid::parse_str(message["CustomID"].as_str().unwrap()).is_ok());
    assert_eq!([&message["TrackOpens"], &message["TrackClicks"]], [&json!("disabled"); 2]);
    let headers = json!({
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": "<https://exemple.fr/stop?a=1>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    });
    assert_eq!(message["Headers"], headers, "RFC 8058");
    assert_eq!(mandatory[0]["Headers"], json!({"Auto-Submitted": "auto-generated"}));
    assert!(app.mails().await.is_empty(), "nothing is kept here");
}

/// Why the only message of the outbox failed, and when it is tried next.
async fn failure(app: &TestApp) -> (String, NaiveDateTime) {
    use datapass::schema::outbox;

    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let failing = outbox::table.filter(outbox::failing_since.is_not_null());
        let query = failing.select((outbox::last_error, outbox::next_attempt_at));
        let found = app.state.db.read(move |c| Ok(query.first(c).optional()?)).await.unwrap();
        if let Some(found) = found {
            return found;
        }
        assert!(Instant::now() < end, "the message does not fail");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_mailjet_says_of_one_message_is_told_without_what_was_in_it() {
    for (body, told) in [
        (
            r#"{"Messages":[{"Status":"error","Errors":[{"ErrorCode":"mj-0013","StatusCode":400,
                "ErrorMessage":"\"a@exemple.fr\" is an invalid email address.","ErrorRelatedTo":["To[0].Email"]}]}]}"#,
            "\u{a0}: mj-0013 (To[0].Email)",
        ),
        (
            r#"{"ErrorIdentifier":"x","ErrorCode":"mj-0002","StatusCode":400,"ErrorMessage":"a@exemple.fr"}"#,
            "\u{a0}: mj-0002",
        ),
        (r#"{"Messages":[{"Status":"error","Errors":[{"ErrorCode":"pour a@exemple.fr"}]}]}"#, ""),
        ("<html>", ""),
    ] {
        let service = Service::start().await;
        service.always(Some(Reply::Status(400, "", body)));
        let app = TestApp::start_with(|config| config.mails = service.config());
        post(&app, "").await;
        assert_eq!(failure(&app).await.0, format!("Mailjet a répondu 400 Bad Request{told}"));
    }
    // 200 alone is not enough.
    let service = Service::start().await;
    service.always(Some(Reply::Status(
        200,
        "",
        r#"{"Messages":[{"Status":"error","Errors":[{"ErrorCode":"mj-1"}]}]}"#,
    )));
    let app = TestApp::start_with(|config| config.mails = service.config());
    post(&app, "").await;
    assert_eq!(failure(&app).await.0, "Mailjet a répondu 200 OK\u{a0}: mj-1");
}

#[tokio::test]
async fn a_service_that_asks_for_a_pause_gets_it() {
    let service = Service::start().await;
    service.next(Reply::Status(429, "retry-after: 600\r\n", "{}"));
    let app = TestApp::start_with(|config| config.mails = service.config());
    let before = now().naive_utc();
    post(&app, "").await;
    let (error, next) = failure(&app).await;
    assert_eq!(error, "Mailjet a répondu 429 Too Many Requests");
    // Ours would have been two seconds.
    let wait = (next - before).num_seconds();
    assert!((600..660).contains(&wait), "{wait}");
}

#[tokio::test]
async fn administrators_read_whether_the_sender_is_validated() {
    let service = Service::start().await;
    let app = TestApp::start_with(|config| {
        config.mails = service.config();
        config.mail_from = "DataPass <ne-pas-repondre@exemple.fr>".to_owned();
    });
    let administrator = app.actor("admin", &["administrator"]).await;
    let one = |email: &str, status: &str| json!({"Email": email, "Status": status, "ID": 1, "EmailType": "unknown"});
    let (own, domain) = ("Ne-pas-repondre@exemple.fr", "*@exemple.fr");
    for (known, state) in [
        (vec![one("autre@exemple.fr", "Active"), one("*@ailleurs.fr", "Active")], "refused"),
        (vec![one(own, "Inactive")], "pending"),
        (vec![one(own, "Deleted")], "refused"),
        (vec![one(own, "Active")], "validated"),
        (vec![one(own, "Inactive"), one(domain, "Active")], "validated"),
    ] {
        *service.senders.lock().unwrap() = json!({"Count": known.len(), "Data": known, "Total": known.len()});
        let read = administrator.get("/api/outbox/senders").await.ok();
        assert_eq!(read, json!([{"address": "ne-pas-repondre@exemple.fr", "state": state}]), "{known:?}");
    }
    for broken in [Reply::Status(503, "", "{}"), Reply::Status(200, "", "<html>")] {
        service.next(broken);
        administrator.get("/api/outbox/senders").await.error(502, "bad_gateway");
    }
    app.actor("demandeur", &[]).await.get("/api/outbox/senders").await.error(403, "forbidden");
}

#[tokio::test]
async fn without_mailjet_no_sender_waits_for_it() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    assert_eq!(administrator.get("/api/outbox/senders").await.ok(), json!([]));
}
