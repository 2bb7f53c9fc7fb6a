//! A backup taken while people work, and what is restored from it.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use datapass::backup;
use datapass::config::{Config, Dns};
use datapass::db::engine::Engine;
use datapass::schema::{audit_entries, documents, enrollments, events};
use datapass::state::AppState;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::database::Database;
use crate::support::TestApp;

/// An empty place of the engine under test; the database goes with what is returned.
fn place() -> (tempfile::TempDir, Config, Option<Database>) {
    let directory = tempfile::tempdir().unwrap();
    let database = std::env::var("TEST_DATABASE_URL").ok().map(|server| Database::create(&server));
    let config = Config {
        port: 0,
        data_dir: directory.path().join("data"),
        dns: Dns::Off,
        database_url: database.as_ref().map(|database| database.url.clone()),
        ..Config::default()
    };
    (directory, config, database)
}

fn manifest(backup: &Path) -> Value {
    serde_json::from_slice(&fs::read(backup.join("manifest.json")).unwrap()).unwrap()
}

async fn error(config: &Config, backup: &Path) -> String {
    format!("{:#}", backup::restore(config.clone(), backup).await.unwrap_err())
}

type Rows = (Vec<(i64, String, i64)>, Vec<(i64, String)>, Vec<String>, Option<i64>);

/// What there is of requests, their history and files, and of the audit log up to that entry.
async fn rows(state: &AppState, ids: Vec<i64>, head: i64) -> Rows {
    let read = state.db.read(move |c| {
        let requests = enrollments::table
            .filter(enrollments::id.eq_any(&ids))
            .order(enrollments::id)
            .select((enrollments::id, enrollments::intitule, enrollments::version))
            .load(c)?;
        let history = events::table.filter(events::enrollment_id.eq_any(&ids)).order(events::id);
        let files = documents::table.order(documents::id).select(documents::sha256);
        let log = audit_entries::table.filter(audit_entries::sequence.le(head)).count();
        Ok((requests, history.select((events::id, events::comment)).load(c)?, files.load(c)?, Some(log.get_result(c)?)))
    });
    read.await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_done_before_a_backup_is_there_after_it_is_restored() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["api_particulier:instructor"]).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let id = applicant.submitted("api_particulier").await;
        instructor.step(id, "validate", "Conforme.").await.ok();
        ids.push(id);
    }
    app.state.audit.flush(&app.state.db).await.unwrap();
    // Somebody goes on writing meanwhile.
    let (is_over, writer) = (Arc::new(AtomicBool::new(false)), applicant.clone());
    let stop = is_over.clone();
    let draft = applicant.complete("api_particulier").await;
    let writing = tokio::spawn(async move {
        let mut count = 0;
        while !stop.load(Ordering::Relaxed) {
            let title = json!({"intitule": format!("Titre {count}")});
            writer.patch(&format!("/api/enrollments/{draft}"), &title).await.ok();
            count += 1;
        }
        count
    });
    let aside = tempfile::tempdir().unwrap();
    let taken = aside.path().join("backup");
    let count = backup::take(&app.state.config, &taken).await.unwrap();
    is_over.store(true, Ordering::Relaxed);
    assert!(writing.await.unwrap() > 0);
    assert_eq!(fs::read_dir(taken.join("documents")).unwrap().count(), count);

    let (_directory, config, _database) = place();
    let restored = backup::restore(config.clone(), &taken).await.unwrap();
    assert_eq!(restored.documents, count);
    let head = manifest(&taken)["audit_head"].as_str().unwrap().split(':').next().unwrap().parse().unwrap();
    let state = AppState::open(config.clone(), 0).await.unwrap();
    let (before, after) = (rows(&app.state, ids.clone(), head).await, rows(&state, ids, head).await);
    assert_eq!(before, after);
    assert_eq!(before.0.len(), 3);
    for sha256 in before.2 {
        assert_eq!(state.storage.get(&sha256).await.unwrap(), app.state.storage.get(&sha256).await.unwrap());
    }
    // Where something is, nothing is restored over it, nor is a backup written over another.
    assert!(error(&config, &taken).await.contains("n’est pas vide"));
    let again = format!("{:#}", backup::take(&app.state.config, &taken).await.unwrap_err());
    assert!(again.contains("n’est pas vide"), "{again}");
}

#[tokio::test]
async fn a_backup_that_is_not_what_was_written_is_refused_and_nothing_is_made() {
    let app = TestApp::start();
    app.actor("demandeur", &[]).await.submitted("api_particulier").await;
    let aside = tempfile::tempdir().unwrap();
    let taken = aside.path().join("backup");
    backup::take(&app.state.config, &taken).await.unwrap();
    let whole = manifest(&taken);
    let (_directory, config, _database) = place();
    let write = |manifest: &Value| fs::write(taken.join("manifest.json"), manifest.to_string()).unwrap();

    let mut later = whole.clone();
    later["schema"] = "20991231000000".into();
    write(&later);
    assert!(error(&config, &taken).await.contains("version plus récente"));
    let mut other = whole.clone();
    other["engine"] = if whole["engine"] == "sqlite" { "postgres" } else { "sqlite" }.into();
    write(&other);
    assert!(!error(&config, &taken).await.is_empty());
    let mut outside = whole.clone();
    outside["files"]["../secret"] = json!({"size": 1, "sha256": ""});
    write(&outside);
    assert!(error(&config, &taken).await.contains("n’est pas celui d’une sauvegarde"));
    let mut missing = whole.clone();
    missing["files"]["documents/abc"] = json!({"size": 1, "sha256": ""});
    write(&missing);
    assert!(error(&config, &taken).await.contains("documents/abc"));
    write(&whole);
    let database = fs::read_dir(&taken).unwrap().map(|file| file.unwrap().path());
    let database = database.filter(|path| path.to_string_lossy().contains("database.")).last().unwrap();
    let bytes = fs::read(&database).unwrap();
    let mut changed = bytes.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    fs::write(&database, changed).unwrap();
    assert!(error(&config, &taken).await.contains("n’est pas celui qui a été écrit"));
    fs::write(&database, bytes).unwrap();
    fs::rename(taken.join("manifest.json"), taken.join("aside.json")).unwrap();
    assert!(error(&config, &taken).await.contains("sauvegarde complète"));
    fs::rename(taken.join("aside.json"), taken.join("manifest.json")).unwrap();

    // None of these left anything behind.
    assert!(Engine::of(&config.database_url()).unwrap().is_empty().unwrap());
    backup::restore(config, &taken).await.unwrap();
}

#[tokio::test]
async fn another_secret_key_is_told_before_somebody_starts_with_it() {
    let app =
        TestApp::start_with(|config| config.secret_key = Some("une clef assez longue pour être une clef".to_owned()));
    let aside = tempfile::tempdir().unwrap();
    let taken = aside.path().join("backup");
    backup::take(&app.state.config, &taken).await.unwrap();
    let (_directory, config, _database) = place();
    let other = Config { secret_key: Some("une autre clef, assez longue elle aussi".to_owned()), ..config };
    let told = error(&other, &taken).await;
    assert!(told.contains("SECRET_KEY"), "{told}");
}
