//! Mails leave once the decision stands, however the other side feels.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use datapass::config::{Mailjet, Mails};
use datapass::ids::EnrollmentId;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::mailjet::{Reply, Service};
use crate::support::TestApp;

#[tokio::test]
async fn a_failed_mail_is_retried_with_the_same_id() {
    let service = Service::start().await;
    service.next(Reply::Status(500, "", "{}"));
    let app = TestApp::start_with(|config| config.mails = service.config());
    let applicant = app.actor("demandeur", &[]).await;
    applicant.submitted("api_particulier").await;

    let messages = service.until_posted(2).await;
    assert_eq!(messages[0], messages[1], "the same mail, the same id");
    assert!(!messages[0]["CustomID"].as_str().unwrap().is_empty());
    assert_eq!(messages[0]["To"][0]["Email"], "demandeur@exemple.fr");
    assert_eq!(messages[0]["ReplyTo"]["Email"], "api-particulier@api.gouv.fr");
    assert!(service.flaws.lock().unwrap().is_empty(), "{:?}", service.flaws);
}

#[tokio::test]
async fn a_mail_server_that_is_down_does_not_delay_decisions() {
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let down = {
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        closed.local_addr().unwrap()
    };
    for url in [format!("http://{}", mute.local_addr().unwrap()), format!("http://{down}")] {
        let (api_key, secret_key) = ("key".to_owned(), "secret".to_owned());
        let mails = Mails::Mailjet(Mailjet { url, api_key, secret_key });
        let app = TestApp::start_with(|config| config.mails = mails);
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
    app.mails().await; // what its creation said is gone
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

/// A mail server of few words, which takes every mail, or knows no address at all.
async fn mail_server(knows: Arc<AtomicBool>) -> String {
    async fn serve(mut socket: TcpStream, knows: Arc<AtomicBool>) -> std::io::Result<()> {
        let (reader, mut writer) = socket.split();
        let mut lines = BufReader::new(reader).lines();
        writer.write_all(b"220 exemple.fr\r\n").await?;
        let mut reads_mail = false;
        while let Some(line) = lines.next_line().await? {
            reads_mail &= line != ".";
            let answer = match line.split(' ').next() {
                _ if reads_mail => continue,
                Some("RCPT") if !knows.load(Ordering::Relaxed) => "550 5.1.1 no such user",
                Some("DATA") => {
                    reads_mail = true;
                    "354 go on"
                }
                _ => "250 2.0.0 ok",
            };
            writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(socket, knows.clone()));
        }
    });
    url
}

#[tokio::test]
async fn an_address_is_unreachable_until_the_mail_server_takes_a_mail_for_it() {
    let knows = Arc::new(AtomicBool::new(false));
    let url = mail_server(knows.clone()).await;
    let app = TestApp::start_with(|config| config.mails = Mails::Smtp(url));
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("franceconnect").await;
    let until = async |expected: Value| {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let read = applicant.get(&format!("/api/enrollments/{id}")).await.ok();
            if read["unreachable"] == expected {
                return;
            }
            assert!(Instant::now() < end, "{}", read["unreachable"]);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    until(json!([{"email": "demandeur@exemple.fr", "rejection": "bounce", "permanent": true}])).await;
    knows.store(true, Ordering::Relaxed);
    applicant.complete("franceconnect").await;
    until(json!([])).await;
}
