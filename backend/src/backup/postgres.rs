//! PostgreSQL's own programs write and read its dumps.

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
    let mut command = program("pg_dump", url)?;
    command.args(["--format=custom", "--no-owner", "--no-privileges"]).arg(format!("--snapshot={snapshot}"));
    run(command.arg("--file").arg(path))
}

/// Puts a dump back, whole or not at all.
pub fn restore(url: &str, path: &Path) -> Result<()> {
    let name = Url::parse(url)?.path().trim_start_matches('/').to_owned();
    let mut command = program("pg_restore", url)?;
    command.args(["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]);
    run(command.arg(format!("--dbname={name}")).arg(path))
}

/// A program that finds the database by its environment: what is on a command line, others may read.
fn program(name: &str, url: &str) -> Result<Command> {
    let url = Url::parse(url).context("DATABASE_URL")?;
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut command = Command::new(name);
    if let Some(host) = url.host_str() {
        command.env("PGHOST", decoded(host));
    }
    if let Some(port) = url.port() {
        command.env("PGPORT", port.to_string());
    }
    if !url.username().is_empty() {
        command.env("PGUSER", decoded(url.username()));
    }
    if let Some(password) = url.password() {
        command.env("PGPASSWORD", decoded(password));
    }
    command.env("PGDATABASE", decoded(url.path().trim_start_matches('/')));
    for (parameter, value) in url.query_pairs() {
        let variable = match &*parameter {
            "host" => "PGHOST",
            "port" => "PGPORT",
            "user" => "PGUSER",
            "password" => "PGPASSWORD",
            "dbname" => "PGDATABASE",
            "sslmode" => "PGSSLMODE",
            "sslrootcert" => "PGSSLROOTCERT",
            other => bail!("le paramètre «\u{a0}{other}\u{a0}» de DATABASE_URL n’est pas connu des sauvegardes"),
        };
        command.env(variable, &*value);
    }
    Ok(command)
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
