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
