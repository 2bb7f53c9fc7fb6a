//! More than the server can do: it says so at once, keeps nothing for nobody, and goes on.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::Duration;

use datapass::connection::AnyConnection;
use datapass::error::Error;
use datapass::ids::UserId;
use diesel::connection::SimpleConnection as _;

use crate::support::{Client, TestApp};

/// Takes every turn at the database until what is returned is dropped.
fn busy(app: &TestApp) -> Vec<mpsc::Sender<()>> {
    let (begun, begins) = mpsc::channel();
    let held = (0..8).map(|_| {
        let (free, freed) = mpsc::channel::<()>();
        let (db, begun) = (app.state.db.clone(), begun.clone());
        tokio::spawn(async move {
            let held = db.read(move |_| {
                begun.send(()).unwrap();
                freed.recv().unwrap_or_default();
                Ok(())
            });
            held.await.unwrap();
        });
        free
    });
    let held = held.collect();
    for _ in 0..8 {
        begins.recv_timeout(Duration::from_secs(10)).unwrap();
    }
    held
}

async fn at_once(client: &Client, count: usize, path: &'static str) -> Vec<(u16, bool)> {
    let calls: Vec<_> = (0..count)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move {
                let answer = client.get(path).await;
                (answer.status.as_u16(), answer.headers.contains_key("retry-after"))
            })
        })
        .collect();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_cannot_be_answered_soon_is_told_to_come_back() {
    let app = TestApp::start();
    let reader = app.actor("lectrice", &[]).await;
    let held = busy(&app);
    // As many as may wait, and some that may not: none hangs, none is our fault.
    let answers = at_once(&reader, 80, "/api/enrollments").await;
    assert!(answers.iter().all(|answer| *answer == (503, true)), "{answers:?}");
    let visitor = app.visitor();
    visitor.get("/api/enrollments/public").await.error(503, "overloaded");
    let page = visitor.get("/public").await;
    assert_eq!(page.status, 503);
    // Who looks after the server is answered, from a lane and a connection of their own.
    assert_eq!(visitor.get("/api/health/live").await.ok()["status"], "up");
    let ready = visitor.get("/api/health/ready").await.ok();
    assert_eq!((&ready["status"], &ready["database"]), (&"up".into(), &"up".into()));
    drop(held);
    assert_eq!(at_once(&reader, 8, "/api/enrollments").await, vec![(200, false); 8]);
}

#[tokio::test]
async fn a_server_whose_documents_or_tables_are_gone_is_not_ready() {
    let app = TestApp::start();
    let visitor = app.visitor();
    let ready = visitor.get("/api/health/ready").await.ok();
    assert_eq!(ready["migrations"], "up");
    assert_eq!((&ready["documents"], &ready["outbox_seconds"]), (&"up".into(), &0.into()));
    app.state
        .db
        .write(|c| Ok(c.batch_execute("DELETE FROM __diesel_schema_migrations WHERE version LIKE '%67'")?))
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let answer = reqwest::get(format!("{}/api/health/ready", app.url)).await.unwrap();
    assert_eq!(answer.status(), 503);
    let told: serde_json::Value = answer.json().await.unwrap();
    assert_eq!((&told["database"], &told["migrations"]), (&"up".into(), &"down".into()));
}

#[tokio::test]
async fn one_exports_one_list_at_a_time_and_few_do_at_once() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    applicant.complete("api_particulier").await;
    let own = UserId(applicant.get("/api/session").await.ok()["user"]["id"].as_i64().unwrap());
    let begun = app.state.exports.begin(own, 1).unwrap();
    let again = applicant.get("/api/enrollments/export.csv").await;
    assert_eq!(again.headers["retry-after"], "11");
    again.error(429, "too_many_requests");
    drop(begun);
    let others: Vec<_> = (1..=3).map(|other| app.state.exports.begin(UserId(own.0 + other), 1).unwrap()).collect();
    applicant.get("/api/enrollments/export.xlsx").await.error(429, "too_many_requests");
    drop(others);
    assert_eq!(applicant.get("/api/enrollments/export.csv").await.status, 200);

    let files: Vec<_> = (0..8).map(|_| app.state.exports.begin_public(1).unwrap()).collect();
    app.visitor().get("/api/enrollments/public.csv").await.error(503, "overloaded");
    drop(files);
    assert_eq!(app.visitor().get("/api/enrollments/public.csv").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn exports_at_once_end_and_leave_their_places() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    applicant.complete("api_particulier").await;
    for _ in 0..3 {
        let answers = at_once(&applicant, 40, "/api/enrollments/export.csv").await;
        assert!(answers.iter().all(|answer| matches!(answer, (200, false) | (429, true))), "{answers:?}");
        assert!(answers.iter().any(|(status, _)| *status == 200));
    }
    assert_eq!(applicant.get("/api/enrollments").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn half_a_request_is_not_waited_for() {
    let app = TestApp::start();
    let address = app.url.strip_prefix("http://").unwrap().to_owned();
    let sent = [
        "POST /api/enrollments HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
        "POST /api/enrollments HTTP/1.1\r\nhost: local",
    ];
    let answers = sent.map(|half| {
        let address = address.clone();
        tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            stream.write_all(half.as_bytes()).unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).expect("the server ends the connection");
            String::from_utf8(answer).unwrap()
        })
    });
    for answer in answers {
        let answer = answer.await.unwrap();
        let status = answer.split_whitespace().nth(1).unwrap_or_default();
        assert!(matches!(status, "400" | "401" | "408"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn half_sent_bodies_keep_nobody_from_writing_or_signing_in() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let address = app.url.strip_prefix("http://").unwrap();
    let cookie = applicant.cookie.as_deref().unwrap();
    for (path, kind) in [("/api/enrollments", "application/json"), ("/connexion", "application/x-www-form-urlencoded")]
    {
        let half = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncookie: {cookie}\r\ncontent-type: {kind}\r\ncontent-length: 100\r\n\r\n{{"
        );
        let held: Vec<_> = (0..270)
            .map(|_| {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.write_all(half.as_bytes()).unwrap();
                stream
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(200)).await;
        for _ in 0..3 {
            let answer = applicant.post(path, &serde_json::json!({"target_api": "api_particulier"})).await;
            let expected = if path == "/connexion" { 400 } else { 201 };
            assert_eq!(answer.status, expected, "{path}: {}", answer.text);
        }
        drop(held);
    }
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_our_load_and_not_our_fault() {
    let app = TestApp::start();
    let read = app.state.db.read(|connection| {
        if let AnyConnection::Postgres(_) = connection {
            connection.batch_execute("SET LOCAL statement_timeout = '9s'")?;
            connection.batch_execute("BEGIN; SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(5); COMMIT")?;
        }
        Ok(matches!(connection, AnyConnection::Sqlite(_)))
    });
    match read.await {
        Ok(is_sqlite) => assert!(is_sqlite, "PostgreSQL ended no statement"),
        Err(Error::Overloaded(_)) => {}
        Err(other) => panic!("{other:?}"),
    }
}
