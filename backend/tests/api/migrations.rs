//! The tables: made, undone, and made again, on the engine under test.

use diesel::prelude::*;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};

use crate::database::Database;

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
