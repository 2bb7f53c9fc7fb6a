//! PostgreSQL's own programs write and read its dumps.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use openidconnect::url::Url;

use crate::connection::AnyConnection;
use crate::models::snapshot;

/// Dumps the database as `connection` sees it from now on.
pub fn dump(connection: &mut AnyConnection, url: &str, path: &Path) -> Result<()> {
    let snapshot = snapshot::export(connection)?;
    let mut command = program("pg_dump", &variables(url)?);
    command.args(["--format=custom", "--no-owner", "--no-privileges"]).arg(format!("--snapshot={snapshot}"));
    run(command.arg("--file").arg(path))
}

/// Puts a dump back, whole or not at all.
pub fn restore(url: &str, path: &Path) -> Result<()> {
    let variables = variables(url)?;
    let mut command = program("pg_restore", &variables);
    command.args(["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", "--dbname"]);
    // Unlike pg_dump, it must be told.
    run(command.arg(variables.get(DATABASE).map_or("", String::as_str)).arg(path))
}

/// The variable that names the database.
const DATABASE: &str = "PGDATABASE";

/// A program that finds the database by its environment: what is on a command line, others may read.
fn program(name: &str, variables: &BTreeMap<&str, String>) -> Command {
    let mut command = Command::new(name);
    command.envs(variables);
    command
}

/// What libpq’s environment calls the parts of the URL of a database.
fn variables(url: &str) -> Result<BTreeMap<&'static str, String>> {
    let url = Url::parse(url).context("DATABASE_URL")?;
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut variables = BTreeMap::from([(DATABASE, decoded(url.path().trim_start_matches('/')))]);
    variables.extend(url.host_str().map(|host| ("PGHOST", decoded(host))));
    variables.extend(url.port().map(|port| ("PGPORT", port.to_string())));
    variables.extend(Some(url.username()).filter(|name| !name.is_empty()).map(|name| ("PGUSER", decoded(name))));
    variables.extend(url.password().map(|password| ("PGPASSWORD", decoded(password))));
    for (parameter, value) in url.query_pairs() {
        let variable = match &*parameter {
            "host" => "PGHOST",
            "port" => "PGPORT",
            "user" => "PGUSER",
            "password" => "PGPASSWORD",
            "dbname" => DATABASE,
            "sslmode" => "PGSSLMODE",
            "sslrootcert" => "PGSSLROOTCERT",
            other => bail!("le paramètre «\u{a0}{other}\u{a0}» de DATABASE_URL n’est pas connu des sauvegardes"),
        };
        variables.insert(variable, value.into_owned());
    }
    Ok(variables)
}

fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            anyhow::anyhow!(
                "{name} est introuvable\u{a0}: installez les programmes clients de PostgreSQL (postgresql-client)"
            )
        }
        _ => anyhow::anyhow!("{name}\u{a0}: {error}"),
    })?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    bail!("{}", told.trim().lines().next().unwrap_or("échec sans message"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_url_are_those_of_the_environment() {
        let read = |url| {
            variables(url).unwrap().into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>()
        };
        assert_eq!(
            read("postgres://da%40ta:p%2Fss@db.example:6432/data%20pass?sslmode=require"),
            [
                "PGDATABASE=data pass",
                "PGHOST=db.example",
                "PGPASSWORD=p/ss",
                "PGPORT=6432",
                "PGSSLMODE=require",
                "PGUSER=da@ta"
            ]
        );
        assert_eq!(
            read("postgres:///datapass?host=/run/postgresql&dbname=other"),
            ["PGDATABASE=other", "PGHOST=/run/postgresql"]
        );
        assert!(variables("postgres://localhost/datapass?application_name=x").is_err());
    }
}
