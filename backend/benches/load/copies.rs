//! Copies of the first requests, for databases that would take too long to make one by one: they differ in their numbers, and
//! in the addresses of the people that they name.

use std::time::Instant;

use anyhow::Result;
use datapass::connection::AnyConnection;
use datapass::db::Db;
use datapass::ids::EnrollmentId;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};

use crate::draft::SHARED_OFFICER;
use crate::population::{Made, Population};
use crate::report::thousands;

/// Tables of what belongs to a request, and their numbers of their own, where they have any.
const TABLES: &[(&str, bool)] = &[
    ("enrollments", true),
    ("enrollment_scopes", false),
    ("enrollment_readers", false),
    ("documents", true),
    ("events", true),
    ("authorisations", true),
];

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Highest {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Copies what is there, whole and in part, until there are `count` requests.
pub async fn make(db: &Db, population: &mut Population, count: usize) -> Result<()> {
    let made = population.requests.clone();
    let (base, started) = (i64::try_from(made.len())?, Instant::now());
    let statements = db.read(|connection| Ok(statements(connection)?)).await?;
    let mut number = 0;
    while population.requests.len() < count {
        number += 1;
        let wanted = made.len().min(count - population.requests.len());
        let (last, statements) = (i64::try_from(wanted)?, statements.clone());
        let copy = move |connection: &mut AnyConnection| {
            for statement in statements {
                let text = statement
                    .replace("{copy}", &number.to_string())
                    .replace("{base}", &base.to_string())
                    .replace("{last}", &last.to_string());
                connection.batch_execute(&text)?;
            }
            Ok(())
        };
        db.write_without_timeout(copy).await.map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let copied = made.iter().take(wanted);
        let copied = copied.map(|request| Made { id: EnrollmentId(request.id.0 + number * base), ..request.clone() });
        population.requests.extend(copied);
        let (done, seconds) = (population.requests.len(), started.elapsed().as_secs());
        if number % 5 == 0 {
            eprintln!("  {} of {} requests after {seconds} s", thousands(done as f64), thousands(count as f64));
        }
    }
    db.write_without_timeout(|connection| Ok(count_on(connection)?)).await.map_err(|error| anyhow::anyhow!("{error:?}"))
}

/// One `INSERT … SELECT` for each table. The copies of a copy would be other ones: only the first requests are copied.
fn statements(connection: &mut AnyConnection) -> QueryResult<Vec<String>> {
    TABLES.iter().map(|(table, has_number)| statement(connection, table, *has_number)).collect()
}

fn statement(connection: &mut AnyConnection, table: &str, has_number: bool) -> QueryResult<String> {
    let columns: Vec<Column> = match connection {
        AnyConnection::Sqlite(c) => {
            sql_query(format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid")).load(c)?
        }
        AnyConnection::Postgres(c) => sql_query(format!(
            "SELECT column_name::text AS name FROM information_schema.columns WHERE table_schema = current_schema() \
             AND table_name = '{table}' AND is_generated = 'NEVER' ORDER BY ordinal_position"
        ))
        .load(c)?,
    };
    let highest = match (table, has_number) {
        ("enrollments", _) => "{base}".to_owned(),
        (_, true) => {
            let query = sql_query(format!("SELECT coalesce(max(id), 0) AS number FROM {table}"));
            let highest: Highest = match connection {
                AnyConnection::Sqlite(c) => query.get_result(c)?,
                AnyConnection::Postgres(c) => query.get_result(c)?,
            };
            highest.number.to_string()
        }
        (_, false) => String::new(),
    };
    let value = |column: &Column| match column.name.as_str() {
        "id" => format!("id + {{copy}} * {highest}"),
        "enrollment_id" | "previous_enrollment_id" => format!("{} + {{copy}} * {{base}}", column.name),
        "email" => format!("CASE WHEN email = '{SHARED_OFFICER}' THEN email ELSE '{{copy}}.' || email END"),
        name => name.to_owned(),
    };
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let values: Vec<String> = columns.iter().map(value).collect();
    let number = if table == "enrollments" { "id" } else { "enrollment_id" };
    let (names, values) = (names.join(", "), values.join(", "));
    Ok(format!("INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE {number} <= {{last}}"))
}

/// The next numbers come after the copies, on PostgreSQL; SQLite sees to it.
fn count_on(connection: &mut AnyConnection) -> QueryResult<()> {
    if let AnyConnection::Postgres(connection) = connection {
        for (table, _) in TABLES.iter().filter(|(_, has_number)| *has_number) {
            connection.batch_execute(&format!(
                "SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT coalesce(max(id), 1) FROM {table}))"
            ))?;
        }
    }
    Ok(())
}
