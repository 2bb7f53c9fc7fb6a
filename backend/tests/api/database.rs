//! The database that an application starts with: a copy of one in which a server has made its tables, stored the policies
//! in force and made a signing key. To do all of that for each test takes longer than most tests.

use std::sync::LazyLock;

use datapass::config::Config;
use datapass::server::Server;
use diesel::connection::SimpleConnection as _;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;

/// A database on the PostgreSQL server of `TEST_DATABASE_URL`, dropped with this.
pub struct Database {
    server: String,
    pub url: String,
}

impl Database {
    /// An empty database.
    pub fn create(server: &str) -> Self {
        Self::create_like(server, "template1")
    }

    fn create_like(server: &str, template: &str) -> Self {
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        execute(server, &format!("CREATE DATABASE {name} TEMPLATE {template}"));
        Self { server: server.to_owned(), url: url(server, &name) }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let name = self.url.rsplit('/').next().unwrap();
        if let Ok(mut connection) = PgConnection::establish(&self.server) {
            drop(connection.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")));
        }
    }
}

/// Gives an application with that configuration its database. A test about keys starts from nothing.
pub fn prepare(config: &mut Config) -> Option<Database> {
    let is_template_right = config.secret_key.is_none() && config.oidc.is_none();
    if let Ok(server) = std::env::var("TEST_DATABASE_URL") {
        let database = if is_template_right {
            Database::create_like(&server, &POSTGRES_TEMPLATE)
        } else {
            Database::create(&server)
        };
        config.database_url = Some(database.url.clone());
        return Some(database);
    }
    if is_template_right {
        std::fs::write(config.data_dir.join("datapass.sqlite"), &*SQLITE_TEMPLATE).unwrap();
    }
    None
}

static SQLITE_TEMPLATE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let directory = tempfile::tempdir().unwrap();
    let config = Config { port: 0, data_dir: directory.path().to_owned(), ..Config::default() };
    let url = directory.path().join("datapass.sqlite");
    start(config);
    let copy = directory.path().join("copy.sqlite");
    let mut connection = SqliteConnection::establish(url.to_str().unwrap()).unwrap();
    connection.batch_execute(&format!("VACUUM INTO '{}'", copy.display())).unwrap();
    std::fs::read(copy).unwrap()
});

/// Its name. Nothing runs when the last test has ended, so the next run drops it, if the server still exists; a connection
/// of that name tells it which are in use.
static POSTGRES_TEMPLATE: LazyLock<String> = LazyLock::new(|| {
    let server = std::env::var("TEST_DATABASE_URL").unwrap();
    let name = format!("test_template_{}", uuid::Uuid::new_v4().simple());
    let mut connection = PgConnection::establish(&server).expect("TEST_DATABASE_URL");
    let unused = "SELECT datname::text FROM pg_database WHERE datname LIKE 'test\\_template\\_%' \
                  AND datname NOT IN (SELECT application_name FROM pg_stat_activity)";
    for unused in sql::<Text>(unused).load::<String>(&mut connection).unwrap() {
        connection.batch_execute(&format!("DROP DATABASE IF EXISTS {unused}")).unwrap();
    }
    connection.batch_execute(&format!("SET application_name = '{name}'")).unwrap();
    connection.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    std::mem::forget(connection);
    let directory = tempfile::tempdir().unwrap();
    let config = Config { port: 0, data_dir: directory.path().to_owned(), ..Config::default() };
    start(Config { database_url: Some(url(&server, &name)), ..config });
    name
});

/// Starts a server, and ends it before anybody comes.
fn start(config: Config) {
    let server = || actix_web::rt::System::new().block_on(async { drop(Server::bind(config).await.unwrap()) });
    std::thread::scope(|scope| scope.spawn(server).join().unwrap());
}

fn execute(server: &str, statement: &str) {
    let mut connection = PgConnection::establish(server).expect("TEST_DATABASE_URL");
    connection.batch_execute(statement).unwrap();
}

fn url(server: &str, database: &str) -> String {
    format!("{}/{database}", server.rsplit_once('/').unwrap().0)
}
