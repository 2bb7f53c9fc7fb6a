//! The antivirus looks at files: the real `clamd`, which knows one virus.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use datapass::backup;
use datapass::config::Clamd;
use datapass::connection::types::now;
use datapass::ids::EnrollmentId;
use datapass::models::document;
use datapass::models::outbox::{self, NewMessage, Payload};
use reqwest::Method;
use serde_json::{Value, json};
use shared::document::ScanState;

use super::put;
use crate::audit::lines;
use crate::support::{Client, TestApp, pdf};

const KIND: &str = "LegalBasis";

/// The test file of EICAR, in two parts: as one, it would be found in this source.
fn eicar() -> String {
    ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].concat()
}

/// A place for `clamd`, which runs there from time to time.
struct Antivirus {
    directory: tempfile::TempDir,
    running: Option<Child>,
}

impl Antivirus {
    fn down() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("database");
        std::fs::create_dir(&database).unwrap();
        let signature: String = eicar().bytes().map(|byte| format!("{byte:02x}")).collect();
        std::fs::write(database.join("eicar.ndb"), format!("Eicar-Test:0:*:{signature}\n")).unwrap();
        let configuration = format!(
            "LocalSocket {}\nDatabaseDirectory {}\nForeground yes\n",
            socket(directory.path()).display(),
            database.display()
        );
        std::fs::write(directory.path().join("clamd.conf"), configuration).unwrap();
        Self { directory, running: None }
    }

    fn started() -> Self {
        let mut antivirus = Self::down();
        antivirus.start();
        antivirus
    }

    fn start(&mut self) {
        let configuration = self.directory.path().join("clamd.conf");
        let clamd =
            Command::new("/usr/sbin/clamd").arg("--config-file").arg(configuration).stdout(Stdio::null()).spawn();
        self.running = Some(clamd.expect("`just setup-test` installs clamav-daemon"));
        let end = Instant::now() + Duration::from_secs(30);
        while std::os::unix::net::UnixStream::connect(socket(self.directory.path())).is_err() {
            assert!(Instant::now() < end, "clamd does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn address(&self) -> Clamd {
        Clamd::Unix(socket(self.directory.path()))
    }

    fn app(&self) -> TestApp {
        TestApp::start_with(|config| config.antivirus = Some(self.address()))
    }
}

impl Drop for Antivirus {
    fn drop(&mut self) {
        if let Some(running) = &mut self.running {
            drop(running.kill());
            drop(running.wait());
        }
    }
}

fn socket(directory: &Path) -> PathBuf {
    directory.join("clamd.ctl")
}

fn path(id: i64) -> String {
    format!("/api/enrollments/{id}/documents/{KIND}")
}

async fn scan(client: &Client, id: i64) -> Value {
    client.get(&format!("/api/enrollments/{id}")).await.ok()["documents"][0]["scan"].clone()
}

/// Waits until the antivirus says that of the first file.
async fn until(client: &Client, id: i64, state: &str) {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let scan = scan(client, id).await;
        if scan == state {
            return;
        }
        assert!(Instant::now() < end, "{scan} instead of {state}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_clean_file_is_opened_and_one_with_a_virus_is_not_kept() {
    let antivirus = Antivirus::started();
    let app = antivirus.app();
    let applicant = app.actor("demandeur", &[]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    let id = applicant.complete("api_particulier").await;
    let joined = put(&applicant, id, KIND, "sain.pdf", &pdf("sain")).await.ok();
    assert_eq!(joined["documents"][0]["scan"], "pending");
    until(&applicant, id, "clean").await;
    assert_eq!(applicant.get(&path(id)).await.text.as_bytes(), pdf("sain"));

    let joined = put(&applicant, id, KIND, "virus.pdf", &pdf(&eicar())).await.ok();
    until(&applicant, id, "infected").await;
    let told = applicant.get(&path(id)).await.error(409, "wrong_status");
    assert!(told.contains("virus"), "{told}");
    app.mails().await; // the message goes last
    let stored = app.directory().join("documents").join(joined["documents"][0]["sha256"].as_str().unwrap());
    assert!(!stored.exists());
    assert_eq!(applicant.step(id, "submit", "").await.fields(), ["/documents/LegalBasis: not_eligible"]);
    let copy = tempfile::tempdir().unwrap();
    assert_eq!(backup::take(&app.state.config, copy.path()).await.unwrap(), 1, "what is not kept is not missed");
    assert!(app.mails().await.iter().all(|(_, subject, _)| !subject.contains("virus")), "the field says it");

    let entries = lines(&app, &administrator, "&action=document.refuse").await;
    let told: Vec<_> = entries.iter().map(|entry| (&entry["actor"], &entry["object"], &entry["object_id"])).collect();
    assert_eq!(told, [(&json!("L’antivirus"), &json!("enrollment"), &json!(id.to_string()))]);

    applicant.send(applicant.request(Method::DELETE, &path(id))).await.ok();
    applicant.step(id, "submit", "").await.ok();
}

/// Whoever writes and hands over a request waits for nobody; what was not looked at is read by nobody and granted to nobody.
#[tokio::test]
async fn an_antivirus_that_is_down_keeps_files_closed_and_nothing_else_waiting() {
    let mut antivirus = Antivirus::down();
    let app = antivirus.app();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["api_particulier:instructor"]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    let id = applicant.complete("api_particulier").await;
    put(&applicant, id, KIND, "texte.pdf", &pdf("texte")).await.ok();
    applicant.patch(&format!("/api/enrollments/{id}"), &json!({"intitule": "Cantine"})).await.ok();
    applicant.step(id, "submit", "").await.ok();
    for who in [&applicant, &instructor] {
        assert_eq!(scan(who, id).await, "pending");
        let told = who.get(&path(id)).await.error(409, "wrong_status");
        assert!(told.contains("pas encore vérifié"), "{told}");
    }
    let told = instructor.step(id, "validate", "Conforme.").await.error(409, "wrong_status");
    assert!(told.contains("«\u{a0}texte.pdf\u{a0}» est en cours de vérification"), "{told}");

    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let ready = app.visitor().get("/api/health/ready").await.ok();
        assert_eq!(ready["status"], "up");
        // It was put off since: what counts is how long the file has waited.
        if ready["outbox_seconds"].as_i64().unwrap() >= 1 {
            break;
        }
        assert!(Instant::now() < end, "{ready}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let failing = administrator.get("/api/outbox").await.ok()["items"].clone();
    assert_eq!([&failing[0]["receiver"], &failing[0]["state"]], ["Antivirus", "failing"], "{failing}");
    assert!(failing[0]["error"].as_str().unwrap().contains("ne répond pas"), "{failing}");

    antivirus.start();
    until(&applicant, id, "clean").await;
    assert_eq!(instructor.get(&path(id)).await.text.as_bytes(), pdf("texte"));
    let granted = instructor.step(id, "validate", "Conforme.").await.ok();
    let number = &granted["authorisations"][0]["id"];
    let read = instructor.get(&format!("/api/authorisations/{number}/documents/{KIND}")).await;
    assert_eq!(read.text.as_bytes(), pdf("texte"));
}

#[tokio::test]
async fn a_virus_in_a_request_that_was_submitted_is_told_by_mail_and_can_be_replaced() {
    let mut antivirus = Antivirus::down();
    let app = antivirus.app();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["api_particulier:instructor"]).await;
    let id = applicant.complete("api_particulier").await;
    put(&applicant, id, KIND, "virus.pdf", &pdf(&eicar())).await.ok();
    applicant.step(id, "submit", "").await.ok();
    // The same content in another request, which is a draft still.
    let draft = applicant.complete("api_particulier").await;
    put(&applicant, draft, KIND, "copie.pdf", &pdf(&eicar())).await.ok();

    antivirus.start();
    until(&instructor, id, "infected").await;
    until(&applicant, draft, "infected").await;
    let mails = app.mails().await;
    let told: Vec<_> = mails.iter().filter(|(_, subject, _)| subject.contains("virus")).collect();
    let [(to, subject, body)] = told.as_slice() else { panic!("{told:#?}") };
    assert_eq!((to.as_str(), subject.contains(&id.to_string())), ("demandeur@exemple.fr", true), "{subject}");
    for words in ["Eicar-Test", "«\u{a0}virus.pdf\u{a0}»", &format!("/demandes/{id}")] {
        assert!(body.contains(words), "{words}: {body}");
    }
    let told = instructor.step(id, "validate", "Conforme.").await.error(409, "wrong_status");
    assert!(told.contains("contient un virus"), "{told}");

    applicant.step(id, "withdraw", "").await.ok();
    put(&applicant, id, KIND, "sain.pdf", &pdf("sain")).await.ok();
    applicant.step(id, "submit", "").await.ok();
    until(&instructor, id, "clean").await;
    instructor.step(id, "validate", "Conforme.").await.ok();
}

#[tokio::test]
async fn an_antivirus_that_hangs_holds_up_no_mail() {
    // It takes connections and says nothing.
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Clamd::Tcp(mute.local_addr().unwrap().to_string());
    let app = TestApp::start_with(|config| config.antivirus = Some(address));
    let applicant = app.actor("demandeur", &[]).await;
    // More than are delivered at once.
    for number in 0..12 {
        let id = applicant.complete("api_particulier").await;
        put(&applicant, id, KIND, "texte.pdf", &pdf(&number.to_string())).await.ok();
    }
    let last = applicant.submitted("api_particulier").await;
    let mails = app.mails().await;
    assert!(mails.iter().any(|(_, subject, _)| subject.contains(&last.to_string())), "{mails:#?}");
}

#[tokio::test]
async fn without_an_antivirus_files_are_open_and_those_that_waited_for_one_are_too() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("api_particulier").await;
    let joined = put(&applicant, id, KIND, "texte.pdf", &pdf("texte")).await.ok();
    assert!(joined["documents"][0].get("scan").is_none(), "{joined}");
    assert_eq!(applicant.get(&path(id)).await.text.as_bytes(), pdf("texte"));

    let sha256 = joined["documents"][0]["sha256"].as_str().unwrap().to_owned();
    let waits = app.state.db.write(move |c| {
        document::set_scan(c, &sha256, ScanState::Pending)?;
        let (enrollment_id, payload) = (Some(EnrollmentId(id)), Payload::Scan { sha256 });
        let message = NewMessage { enrollment_id, sequence: 9, payload, held: false };
        Ok(outbox::insert(c, message, now().naive_utc())?)
    });
    waits.await.unwrap();
    app.mails().await; // nothing waits any more
    assert_eq!(scan(&applicant, id).await, Value::Null);
    assert_eq!(applicant.get(&path(id)).await.text.as_bytes(), pdf("texte"));
}
