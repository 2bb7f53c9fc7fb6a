//! Mails leave once the decision stands, however the other side feels.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use datapass::config::Mailjet;
use datapass::ids::EnrollmentId;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Mutex;

use crate::support::TestApp;

/// A server that speaks Mailjet's protocol on a real socket and keeps what it got. The first `failures` calls get a 500.
struct Receiver {
    url: String,
    calls: Arc<AtomicUsize>,
    bodies: Arc<Mutex<Vec<serde_json::Value>>>,
}

impl Receiver {
    async fn start(failures: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (calls, bodies) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (seen, kept) = (calls.clone(), bodies.clone());
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let (seen, kept) = (seen.clone(), kept.clone());
                tokio::spawn(async move {
                    let Some((head, body)) = read_request(&mut socket).await else { return };
                    assert!(head.starts_with("POST /v3/send "), "{head}");
                    assert!(head.to_lowercase().contains("authorization: basic a2v5onnly3jlda=="), "{head}");
                    let failed = seen.fetch_add(1, Ordering::SeqCst) < failures;
                    kept.lock().await.push(serde_json::from_slice(&body).unwrap());
                    let (status, answer) = if failed {
                        ("500 Internal Server Error", "{}")
                    } else {
                        ("200 OK", r#"{"Sent":[{"Email":"x","MessageID":1}]}"#)
                    };
                    let text = format!(
                        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
                        answer.len()
                    );
                    socket.write_all(text.as_bytes()).await.unwrap();
                });
            }
        });
        Self { url, calls, bodies }
    }
}

pub async fn read_request(socket: &mut tokio::net::TcpStream) -> Option<(String, Vec<u8>)> {
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
            let length =
                head.to_lowercase().split("content-length: ").nth(1)?.lines().next()?.trim().parse::<usize>().ok()?;
            let start = head.len() + 4;
            if bytes.len() >= start + length {
                return Some((head.to_owned(), bytes[start..start + length].to_vec()));
            }
        }
    }
}

fn mailjet(url: &str) -> Mailjet {
    Mailjet { url: url.to_owned(), api_key: "key".to_owned(), secret_key: "secret".to_owned() }
}

#[tokio::test]
async fn a_failed_mail_is_retried_with_the_same_id() {
    let receiver = Receiver::start(1).await;
    let url = receiver.url.clone();
    let app = TestApp::start_with(|config| config.mailjet = Some(mailjet(&url)));
    let applicant = app.actor("demandeur", &[]).await;
    applicant.submitted("api_particulier").await;

    let deadline = Instant::now() + Duration::from_secs(20);
    while receiver.calls.load(Ordering::SeqCst) < 2 {
        assert!(Instant::now() < deadline, "the mail was not tried again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let bodies = receiver.bodies.lock().await;
    assert_eq!(bodies[0], bodies[1], "the same mail, the same id");
    assert!(!bodies[0]["Mj-CustomID"].as_str().unwrap().is_empty());
    assert_eq!(bodies[0]["Recipients"][0]["Email"], "demandeur@exemple.fr");
    assert_eq!(bodies[0]["Headers"]["Reply-To"], "api-particulier@api.gouv.fr");
}

#[tokio::test]
async fn a_mail_server_that_is_down_does_not_delay_decisions() {
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let down = {
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        closed.local_addr().unwrap()
    };
    for url in [format!("http://{}", mute.local_addr().unwrap()), format!("http://{down}")] {
        let app = TestApp::start_with(|config| config.mailjet = Some(mailjet(&url)));
        let applicant = app.actor("demandeur", &[]).await;
        let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
        let id = applicant.submitted("api_particulier").await;
        // Mailjet's own time-out is 10 s: a decision that waited for it would take longer than all of this.
        let decision = instructor.step(id, "validate", "Conforme.");
        tokio::time::timeout(Duration::from_secs(9), decision).await.expect("the decision waits for no mail").ok();
    }
}

#[tokio::test]
async fn a_claim_of_a_dead_worker_expires_and_is_delivered() {
    use datapass::connection::types::now;
    use datapass::models::outbox::{self, NewMessage, Payload, queue};
    use shared::api::Mail;

    let app = TestApp::start();
    let id = app.actor("demandeur", &[]).await.complete("api_particulier").await;
    // Due long after this test, so that the server's own worker leaves it alone.
    let due = now().naive_utc() + chrono::Duration::hours(2);
    let mail = Mail { to: "a@exemple.fr".to_owned(), subject: "Objet".to_owned(), body: "Texte".to_owned() };
    let payload =
        Payload::Mail { from: "b@exemple.fr".to_owned(), reply_to: String::new(), unsubscribe: String::new(), mail };
    let message = NewMessage { enrollment_id: Some(EnrollmentId(id)), sequence: 1, payload, held: false };
    app.state.db.write(move |c| Ok(outbox::insert(c, message, due)?)).await.unwrap();

    let until = due + chrono::Duration::seconds(60);
    let claim = |at| app.state.db.write(move |c| Ok(queue::claim(c, at, at + chrono::Duration::seconds(60), 9)?.pop()));
    let first = claim(due).await.unwrap().expect("due");
    assert!(claim(due).await.unwrap().is_none(), "claimed once");
    let again = claim(until).await.unwrap().expect("due again once the claim is over");
    assert_eq!((&first.id, &first.payload), (&again.id, &again.payload), "the same message, the same id");
    assert_eq!(again.attempts, 2);
}
