//! The audit log: what is in it, what is not, and that nobody changes it unseen.

use std::collections::BTreeSet;

use datapass::audit::verify::{Head, Report, verify};
use datapass::connection::AnyConnection;
use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};

use crate::support::{Client, TestApp, pdf};

async fn flushed(app: &TestApp) -> Report {
    app.state.audit.flush(&app.state.db).await.unwrap();
    verify(&app.state.db, None).await.unwrap()
}

/// The lines of the log, oldest first, but for those about the log.
pub async fn lines(app: &TestApp, administrator: &Client, query: &str) -> Vec<Value> {
    flushed(app).await;
    let (mut lines, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = administrator.get(&format!("/api/audit?limit=7{query}{cursor}")).await.ok();
        lines.extend(page["items"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    lines.reverse();
    lines.retain(|line| line["object"] != "audit");
    lines
}

fn said(line: &Value) -> String {
    let text = |member: &str| line[member].as_str().unwrap();
    format!("{} {} {} {}", text("actor"), text("action"), text("object_id"), text("outcome"))
}

#[tokio::test]
async fn writes_reads_and_refusals_are_logged() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let stranger = app.actor("autre", &[]).await;
    let id = applicant.submitted("api_particulier").await;
    stranger.get(&format!("/api/enrollments/{id}")).await.error(404, "not_found");
    stranger.step(id, "validate", "Oui.").await.error(404, "not_found");
    stranger.get("/api/users").await.error(403, "forbidden");
    stranger.get("/api/audit").await.error(403, "forbidden");
    applicant.step(id, "validate", "Oui.").await.error(403, "forbidden");
    applicant.get("/api/enrollments/999999").await.error(404, "not_found");
    applicant.get(&format!("/api/enrollments/{id}/messages")).await.ok();
    applicant.post(&format!("/api/enrollments/{id}/messages"), &json!({"body": "Bonjour."})).await.ok();
    app.visitor().get(&format!("/api/enrollments/{id}")).await.error(401, "unauthorized");
    app.visitor().get("/api/enrollments/public").await.ok();
    let change =
        json!({"email": "autre@exemple.fr", "role": "franceconnect:reporter", "granted": true, "reason": "R."});
    administrator.post("/api/users/roles", &change).await.ok();
    let told = lines(&app, &administrator, "").await;
    let told: Vec<String> = told.iter().map(said).collect();
    let change = told.iter().find(|line| line.contains("role.grant")).unwrap().clone();
    let mut expected = vec![
        format!("demandeur Exemple enrollment.create {id} done"),
        format!("demandeur Exemple enrollment.submit {id} done"),
        format!("autre Exemple enrollment.show {id} denied"),
        format!("autre Exemple enrollment.validate {id} denied"),
        "autre Exemple user.list  denied".to_owned(),
        format!("demandeur Exemple enrollment.validate {id} denied"),
        // What does not exist and what is hidden look alike.
        "demandeur Exemple enrollment.show 999999 denied".to_owned(),
        format!("demandeur Exemple message.list {id} done"),
        format!("demandeur Exemple message.write {id} done"),
        change,
    ];
    // Reads are stored a little later than writes.
    let mut sorted = told.clone();
    sorted.sort();
    expected.sort();
    assert_eq!(sorted, expected);

    let requests: BTreeSet<String> =
        lines(&app, &administrator, "").await.iter().map(|line| line["request_id"].to_string()).collect();
    assert_eq!(requests.len(), expected.len(), "each entry leads to the log of its request");
    let about_log = administrator.get("/api/audit?action=audit.list").await.ok();
    let denied = about_log["items"].as_array().unwrap().iter().filter(|line| line["outcome"] == "denied").count();
    assert_eq!(denied, 1);
    assert!(about_log["items"].as_array().unwrap().len() > 1, "reading the log is told in the log");
}

#[tokio::test]
async fn downloads_are_logged_and_the_log_is_searchable() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("franceconnect").await;
    let other = applicant.complete("api_particulier").await;
    let path = format!("/api/enrollments/{other}/documents/AdditionalLegalBasis");
    let upload = applicant.request(reqwest::Method::PUT, &format!("{path}?filename=a.pdf")).body(pdf("a"));
    let uploaded = applicant.send(upload).await;
    if uploaded.status.is_success() {
        applicant.get(&path).await;
    }
    applicant.get(&format!("/api/enrollments/{id}")).await.ok();
    let about = lines(&app, &administrator, &format!("&object=enrollment&object_id={id}")).await;
    assert_eq!(
        about.iter().map(|line| line["action"].as_str().unwrap()).collect::<Vec<_>>(),
        ["enrollment.create", "enrollment.show"]
    );
    let theirs = lines(&app, &administrator, "&person=Demandeur@Exemple.fr").await;
    assert!(theirs.len() >= 3 && theirs.iter().all(|line| line["actor"] == "demandeur Exemple"));
    assert_eq!(lines(&app, &administrator, "&person=personne@exemple.fr").await, Vec::<Value>::new());
    assert_eq!(lines(&app, &administrator, "&action=enrollment.create").await.len(), 2);
    let today = shared::calendar::paris(datapass::connection::types::now()).format("%Y-%m-%d");
    assert!(!lines(&app, &administrator, &format!("&from={today}")).await.is_empty());
    assert!(!lines(&app, &administrator, &format!("&from=2001-01-01&until={today}")).await.is_empty());
    assert_eq!(lines(&app, &administrator, "&from=2001-01-01&until=2001-01-02").await, Vec::<Value>::new());
    for wrong in [
        "from=hier",
        "cursor=x",
        "limit=0",
        "person=%00",
        "unknown=1",
        "until=2026-02-30",
        "reads=peut-être",
        "from=2026-02-02&until=2026-02-01",
        "until=%2B262142-12-31",
        "from=-4000-01-01",
    ] {
        administrator.get(&format!("/api/audit?{wrong}")).await.error(400, "bad_request");
    }
}

#[tokio::test]
async fn a_failed_write_leaves_no_audit_entry() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}");
    applicant.patch(&path, &json!({"unknown": 1})).await.error(400, "bad_request");
    applicant.patch(&path, &json!({"intitule": "x".repeat(301)})).await.error(422, "invalid");
    applicant.step(id, "withdraw", "").await.error(409, "wrong_status");
    // Everything was done, and then the transaction fails.
    let trail = datapass::trail::Trail::of_operator("role.change", "role_change");
    let failed = trail.follow(app.state.db.write(|c| {
        datapass::trail::store(c)?;
        Err::<(), _>(datapass::error::Error::NotFound)
    }));
    failed.await.unwrap_err();
    let told: Vec<String> = lines(&app, &administrator, "").await.iter().map(said).collect();
    assert_eq!(told, [format!("demandeur Exemple enrollment.create {id} done")]);
}

/// A log of six sealed entries.
async fn six(app: &TestApp) -> Report {
    let applicant = app.actor("demandeur", &[]).await;
    for _ in 0..6 {
        applicant.get("/api/enrollments").await.ok();
    }
    let report = flushed(app).await;
    assert_eq!(report.head.sequence, 6);
    report
}

async fn execute(app: &TestApp, sql: &str) -> datapass::error::Result<()> {
    let sql = sql.to_owned();
    app.state.db.write(move |c| Ok(c.batch_execute(&sql)?)).await
}

/// As somebody would who may do anything with the database.
async fn tamper(app: &TestApp, sql: &str) {
    let unlock = |c: &mut AnyConnection| match c {
        AnyConnection::Sqlite(c) => {
            c.batch_execute("DROP TRIGGER IF EXISTS audit_entries_stay; DROP TRIGGER IF EXISTS audit_entries_remain;")
        }
        AnyConnection::Postgres(c) => c.batch_execute("ALTER TABLE audit_entries DISABLE TRIGGER ALL"),
    };
    app.state.db.write(move |c| Ok(unlock(c)?)).await.unwrap();
    execute(app, sql).await.unwrap();
}

#[tokio::test]
async fn every_kind_of_tampering_is_noticed_and_named() {
    for (kind, sql, named) in [
        ("changed", "UPDATE audit_entries SET object_id = '7' WHERE sequence = 3", "entrée 3\u{a0}: elle n’est plus"),
        ("given to somebody else", "UPDATE audit_entries SET actor_id = 99 WHERE sequence = 1", "entrée 1\u{a0}: elle"),
        ("counted anew", "UPDATE audit_entries SET times = 3 WHERE sequence = 2", "entrée 2\u{a0}: elle n’est plus"),
        ("backdated", "UPDATE audit_entries SET at = '2020-01-01 00:00:00' WHERE sequence = 6", "entrée 6\u{a0}: elle"),
        ("removed", "DELETE FROM audit_entries WHERE sequence = 4", "entrée 4\u{a0}: elle a été retirée"),
        (
            "removed, the gap closed",
            "DELETE FROM audit_entries WHERE sequence = 4; \
             UPDATE audit_entries SET sequence = 4 WHERE sequence = 5; \
             UPDATE audit_entries SET sequence = 5 WHERE sequence = 6;",
            "entrée 4\u{a0}: elle n’est plus",
        ),
        (
            "inserted",
            "UPDATE audit_entries SET sequence = 7 WHERE sequence = 6; \
             INSERT INTO audit_entries (at, action, object, object_id, request_id, outcome, sequence, hash) \
             SELECT at, action, object, object_id, request_id, outcome, 6, hash FROM audit_entries WHERE sequence = 7;",
            "entrée 6\u{a0}: elle n’est plus",
        ),
        (
            "reordered",
            "UPDATE audit_entries SET sequence = 9 WHERE sequence = 2; \
             UPDATE audit_entries SET sequence = 2 WHERE sequence = 3; \
             UPDATE audit_entries SET sequence = 3 WHERE sequence = 9;",
            "entrée 2\u{a0}: elle n’est plus",
        ),
    ] {
        let app = TestApp::start();
        six(&app).await;
        tamper(&app, sql).await;
        let error = verify(&app.state.db, None).await.unwrap_err().to_string();
        assert!(error.starts_with(named), "{kind}: {error}");
    }
}

#[tokio::test]
async fn a_truncated_log_is_detected_with_a_noted_head() {
    let app = TestApp::start();
    let noted = six(&app).await.head;
    assert_eq!(noted.to_string().parse::<Head>().unwrap(), noted);
    app.actor("autre", &[]).await.get("/api/enrollments").await.ok();
    flushed(&app).await;
    assert_eq!(verify(&app.state.db, Some(&noted)).await.unwrap().head.sequence, 7, "the chain goes on from it");
    let other = Head { hash: "0".repeat(64), ..noted.clone() };
    assert!(
        verify(&app.state.db, Some(&other)).await.unwrap_err().to_string().starts_with("entrée 6\u{a0}: son empreinte")
    );

    tamper(&app, "DELETE FROM audit_entries WHERE sequence > 4").await;
    assert_eq!(verify(&app.state.db, None).await.unwrap().head.sequence, 4, "nothing in the log itself says so");
    let error = verify(&app.state.db, Some(&noted)).await.unwrap_err().to_string();
    assert!(error.starts_with("entrée 5\u{a0}: elle a été retirée de la fin"), "{error}");
}

#[tokio::test]
async fn the_database_itself_refuses_to_change_what_is_sealed() {
    let app = TestApp::start();
    let report = six(&app).await;
    for sql in [
        "UPDATE audit_entries SET object_id = '7' WHERE sequence = 3",
        "UPDATE audit_entries SET sequence = NULL, hash = NULL WHERE sequence = 6",
        "DELETE FROM audit_entries WHERE sequence = 6",
        "DELETE FROM audit_entries",
    ] {
        assert!(execute(&app, sql).await.is_err(), "{sql}");
    }
    assert_eq!(flushed(&app).await, report);
}

#[tokio::test]
async fn many_writers_and_sealers_at_once_leave_one_chain() {
    const WRITERS: usize = 16;
    const EACH: usize = 12;

    let app = TestApp::start();
    let mut running = Vec::new();
    for number in 0..WRITERS {
        let applicant = app.actor(&format!("demandeur{number}"), &[]).await;
        running.push(tokio::spawn(async move {
            for _ in 0..EACH {
                let id = applicant.complete("franceconnect").await;
                applicant.get(&format!("/api/enrollments/{id}")).await.ok();
            }
        }));
    }
    // Other sealers than the server's own, as other processes would be.
    for _ in 0..3 {
        let state = app.state.clone();
        running.push(tokio::spawn(async move {
            for _ in 0..20 {
                state.db.write(|c| Ok(datapass::models::audit::seal(c, 10)?)).await.unwrap();
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }));
    }
    for task in running {
        task.await.unwrap();
    }
    let report = flushed(&app).await;
    let expected = i64::try_from(WRITERS * EACH * 2).unwrap();
    assert_eq!((report.head.sequence, report.unsealed), (expected, 0));
}

#[tokio::test]
async fn an_error_says_what_the_audit_log_calls_the_request() {
    let app = TestApp::start();
    let outsider = app.actor("autre", &[]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    let id = applicant.submitted("franceconnect").await;
    let told = outsider.get(&format!("/api/enrollments/{id}")).await.problem().request_id;
    app.state.audit.flush(&app.state.db).await.unwrap();
    let entries = administrator.get("/api/audit?person=autre@exemple.fr&action=enrollment.show").await.ok();
    assert_eq!(entries["items"][0]["request_id"], told, "{entries}");
    let others = outsider.get(&format!("/api/enrollments/{id}")).await.problem().request_id;
    assert_ne!(others, told);
}
