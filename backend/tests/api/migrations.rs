//! The tables: made, undone, and made again, on the engine under test, empty and with data of every kind.

mod content;

use std::collections::BTreeMap;

use datapass::connection::AnyConnection;
use datapass::db::engine::Engine;
use datapass::demo;
use datapass::state::AppState;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};

use self::content::Content;
use crate::database::Database;
use crate::support::TestApp;

fn there_and_back<DB: diesel::backend::Backend>(connection: &mut impl MigrationHarness<DB>, engine: &str) {
    let folder = format!("{}/../migrations/{engine}", env!("CARGO_MANIFEST_DIR"));
    let migrations = || FileBasedMigrations::from_path(&folder).unwrap();
    let made = connection.run_pending_migrations(migrations()).unwrap().len();
    let undone = connection.revert_all_migrations(migrations()).unwrap().len();
    assert_eq!(made, undone);
    assert_eq!(connection.run_pending_migrations(migrations()).unwrap().len(), made);
}

#[test]
fn every_migration_can_be_undone_and_done_again() {
    match std::env::var("TEST_DATABASE_URL") {
        Ok(server) => {
            let database = Database::create(&server);
            there_and_back(&mut PgConnection::establish(&database.url).unwrap(), "postgres");
        }
        Err(_) => there_and_back(&mut SqliteConnection::establish(":memory:").unwrap(), "sqlite"),
    }
}

fn files(engine: &str) -> FileBasedMigrations {
    FileBasedMigrations::from_path(format!("{}/../migrations/{engine}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Undoes the last migration.
fn down(connection: &mut AnyConnection) {
    match connection {
        AnyConnection::Sqlite(connection) => connection.revert_last_migration(files("sqlite")).map(drop),
        AnyConnection::Postgres(connection) => connection.revert_last_migration(files("postgres")).map(drop),
    }
    .unwrap();
}

/// Does it again.
fn up(connection: &mut AnyConnection) {
    match connection {
        AnyConnection::Sqlite(connection) => connection.run_next_migration(files("sqlite")).map(drop),
        AnyConnection::Postgres(connection) => connection.run_next_migration(files("postgres")).map(drop),
    }
    .unwrap();
}

/// Does all that are missing.
fn all_up(connection: &mut AnyConnection) {
    match connection {
        AnyConnection::Sqlite(connection) => connection.run_pending_migrations(files("sqlite")).map(drop),
        AnyConnection::Postgres(connection) => connection.run_pending_migrations(files("postgres")).map(drop),
    }
    .unwrap();
}

/// The migrations, from the first on.
fn names() -> Vec<String> {
    let folder = format!("{}/../migrations/sqlite", env!("CARGO_MANIFEST_DIR"));
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// What is lost by each migration that is undone, as `migrations/README.md` lists it: tables, and columns of tables.
fn losses() -> BTreeMap<String, Vec<String>> {
    let text = include_str!("../../../migrations/README.md");
    let lines = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    lines.map(|(name, cell)| (name.to_owned(), quoted(cell))).collect()
}

/// A server with data of every kind: the samples, and what they have none of. It is stopped.
async fn full() -> TestApp {
    let mut app = TestApp::start();
    demo::fill(&app.state).await.unwrap();
    let user = app.actor("demandeur", &["administrator"]).await;
    user.get("/api/enrollments").await.ok();
    app.mails().await;
    app.state.audit.flush(&app.state.db).await.unwrap();
    app.stop().await;
    let mut connection = Engine::of(&app.state.config.database_url()).unwrap().connect().unwrap();
    connection.batch_execute(include_str!("migrations/content.sql")).unwrap();
    let content = Content::of(&mut connection);
    let empty: Vec<&str> = content.tables().filter(|table| content.rows(table) == 0).collect();
    assert!(empty.is_empty(), "content.sql must put something into {empty:?}");
    app
}

#[tokio::test]
async fn what_a_migration_loses_that_is_undone_is_listed_and_all_else_stays() {
    let app = full().await;
    let mut connection = Engine::of(&app.state.config.database_url()).unwrap().connect().unwrap();
    let (names, losses, mut wrong) = (names(), losses(), Vec::new());
    for name in names.iter().rev() {
        let before = Content::of(&mut connection);
        down(&mut connection);
        up(&mut connection);
        let listed = losses.get(name).unwrap_or_else(|| panic!("migrations/README.md does not say what {name} loses"));
        // An engine may keep what the other loses.
        let found = before.lost(&Content::of(&mut connection));
        let told = found.iter().filter(|lost| !is_among(listed, lost));
        wrong.extend(told.map(|lost| format!("{name} loses {lost}: keep it, or list it in migrations/README.md")));
        let kept = listed.iter().filter(|lost| !found.iter().any(|found| is_among(std::slice::from_ref(*lost), found)));
        wrong.extend(kept.map(|lost| format!("{name} does not lose {lost}, which migrations/README.md lists")));
        down(&mut connection);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(losses.len(), names.len(), "migrations/README.md lists a migration that there is not");
}

/// Whether that column, or its whole table, is listed.
fn is_among(listed: &[String], column: &str) -> bool {
    let table = column.split('.').next().unwrap();
    listed.iter().any(|listed| listed == column || listed == table)
}

/// The version before needs its tables for a day, and the newer one starts on what it left.
#[tokio::test]
async fn a_server_starts_on_tables_that_went_back_and_forth() {
    let app = full().await;
    let mut connection = Engine::of(&app.state.config.database_url()).unwrap().connect().unwrap();
    let before = Content::of(&mut connection);
    for _ in 0..names().len() - 15 {
        down(&mut connection);
    }
    all_up(&mut connection);
    let state = AppState::open(app.state.config.clone(), 0).await.unwrap();
    let after = Content::of(&mut connection);
    for table in ["users", "authorisations", "messages", "audit_entries", "accounts", "search_words"] {
        assert_eq!(before.rows(table), after.rows(table), "{table}");
    }
    datapass::audit::verify::verify(&state.db, None).await.unwrap();
}

/// SQLite takes an index of which it knows nothing for a very good one: with statistics for some indexes of a table and none
/// for another, it took that one for lists that it only filters, and sorted 25 000 rows for a page of 25.
#[test]
fn each_index_of_a_table_with_statistics_has_its_own() {
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    let folder = format!("{}/../migrations/sqlite", env!("CARGO_MANIFEST_DIR"));
    connection.run_pending_migrations(FileBasedMigrations::from_path(&folder).unwrap()).unwrap();
    let without: Vec<Index> = diesel::sql_query(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL \
         AND tbl_name IN (SELECT tbl FROM sqlite_stat1) AND name NOT IN (SELECT idx FROM sqlite_stat1 WHERE idx IS NOT NULL)",
    )
    .load(&mut connection)
    .unwrap();
    let names: Vec<String> = without.into_iter().map(|index| index.name).collect();
    assert!(names.is_empty(), "{names:?} need a row in sqlite_stat1");
}

#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}
