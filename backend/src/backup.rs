//! `datapass backup` and `datapass restore`: the database as it is at one instant, the documents that it names, and a manifest
//! with the hash of each file.
//!
//! A backup may be taken while servers write. It is restored into an empty place and nowhere else, by the same version or a
//! later one, once every file of it is known to be what was written.

mod manifest;
mod postgres;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use diesel::connection::SimpleConnection as _;

use self::manifest::{MANIFEST, Manifest};
use crate::audit::verify::{self, Head};
use crate::config::Config;
use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::db::engine::Engine;
use crate::models::{audit, document, snapshot};
use crate::signing;
use crate::state::AppState;
use crate::storage::{self, Storage};

/// The folder of documents in a backup.
const DOCUMENTS: &str = "documents";

/// Takes a backup into a directory that is empty, or not there yet; how many documents it has.
///
/// # Errors
/// What cannot be read or written, and what to do.
pub async fn take(config: &Config, directory: &Path) -> Result<usize> {
    make_empty(directory)?;
    let full = || {
        format!(
            "la sauvegarde est incomplète\u{a0}: vérifiez la place libre et les droits sur «\u{a0}{0}\u{a0}», videz ce répertoire, \
             puis recommencez",
            directory.display()
        )
    };
    let storage = Storage::open(config).await?;
    let (url, aside) = (config.database_url(), directory.to_owned());
    let (mut manifest, documents) =
        tokio::task::spawn_blocking(move || database(&url, &aside)).await?.with_context(full)?;
    fs::create_dir(directory.join(DOCUMENTS)).with_context(full)?;
    for sha256 in &documents {
        let bytes = storage.get(sha256).await.map_err(|error| {
            anyhow::anyhow!("le document {sha256}, que la base nomme, ne peut être lu dans le dépôt\u{a0}: {error}")
        })?;
        let name = format!("{DOCUMENTS}/{sha256}");
        write(&directory.join(&name), &bytes).with_context(full)?;
        manifest.add(directory, &name)?;
        let written = manifest.files.get(&name).map(|file| file.sha256.as_str());
        ensure!(
            written == Some(sha256),
            "le document {sha256} est abîmé dans le dépôt\u{a0}: remettez-le d’une sauvegarde antérieure"
        );
    }
    // Last: a directory without it is no backup.
    write(&directory.join(MANIFEST), &manifest.to_bytes()?).with_context(full)?;
    Ok(documents.len())
}

/// Copies the database at one instant; what the manifest says of it, and the hashes of the documents that it names.
fn database(url: &str, directory: &Path) -> Result<(Manifest, Vec<String>)> {
    let engine = Engine::of(url)?;
    let mut connection = engine.connect_as_it_is()?;
    let file = manifest::database_file(engine.name());
    let path = directory.join(file);
    if let AnyConnection::Sqlite(sqlite) = &mut connection {
        sqlite.batch_execute(&format!("VACUUM INTO '{}'", path.display().to_string().replace('\'', "''")))?;
        File::open(&path)?.sync_all()?;
        // What was copied, and not what was written since.
        connection = Engine::Sqlite(path).connect_as_it_is()?;
    } else {
        postgres::dump(&mut connection, url, &path)?;
    }
    let (sequence, hash) = audit::head(&mut connection)?;
    let schema = snapshot::schema(&mut connection)?.context("cette base n’a pas de tables de DataPass")?;
    let documents = document::hashes(&mut connection)?;
    let head = Head { sequence, hash };
    let mut manifest = Manifest::new(engine.name(), schema, now(), head);
    manifest.add(directory, file)?;
    Ok((manifest, documents))
}

/// What was restored.
#[derive(Clone, Debug)]
pub struct Restored {
    /// How many documents.
    pub documents: usize,
    /// The last entry of the audit log, whose whole chain was verified.
    pub head: Head,
}

/// Restores a backup to where the configuration says, which must be empty, and brings its tables up to date.
///
/// # Errors
/// What is wrong with the backup or the place, and what to do; nothing was written then, unless the sentence says so.
pub async fn restore(config: Config, directory: &Path) -> Result<Restored> {
    let manifest = Manifest::read(directory)?;
    let url = config.database_url();
    fs::create_dir_all(&config.data_dir)
        .with_context(|| storage::not_writable("le répertoire DATA_DIR", &config.data_dir))?;
    let engine = Engine::of(&url)?;
    ensure!(
        manifest.engine == engine.name(),
        "cette sauvegarde est celle d’une base {}\u{a0}; DATABASE_URL en nomme une {}",
        manifest.engine,
        engine.name()
    );
    let known = engine.known_schema()?;
    ensure!(
        manifest.schema <= known,
        "cette sauvegarde vient d’une version plus récente de DataPass ({}, tables {}\u{a0}; celle-ci connaît {known})\u{a0}: \
         restaurez-la avec cette version-là",
        manifest.version,
        manifest.schema
    );
    manifest.verify(directory)?;
    engine.check_writable()?;
    ensure!(engine.is_empty()?, "{engine} n’est pas vide\u{a0}: une sauvegarde se restaure dans un endroit vide");
    let storage = Storage::open(&config).await?;
    ensure!(
        storage.is_empty().await?,
        "le dépôt de documents n’est pas vide\u{a0}: une sauvegarde se restaure dans un endroit vide"
    );
    let stopped = "la restauration s’est arrêtée en chemin\u{a0}: vérifiez la place libre et les droits, videz l’endroit où elle \
                   écrivait (base et documents), puis recommencez";
    for name in manifest.files.keys().filter(|name| name.starts_with(DOCUMENTS)) {
        let bytes = fs::read(directory.join(name)).context(stopped)?;
        storage.put(bytes.into()).await.map_err(|error| anyhow::anyhow!("{error}")).context(stopped)?;
    }
    let from = directory.join(manifest::database_file(engine.name()));
    tokio::task::spawn_blocking(move || put_back(&from, &engine)).await?.context(stopped)?;
    finish(config, &manifest).await
}

fn put_back(from: &Path, engine: &Engine) -> Result<()> {
    match engine {
        Engine::Postgres(url) => postgres::restore(url, from),
        Engine::Sqlite(path) => {
            // Whole or not at all.
            let aside = PathBuf::from(format!("{}.restoring", path.display()));
            fs::copy(from, &aside)?;
            File::open(&aside)?.sync_all()?;
            Ok(fs::rename(&aside, path)?)
        }
    }
}

/// Opens what was restored, as a server would, and looks whether it is whole.
async fn finish(config: Config, manifest: &Manifest) -> Result<Restored> {
    let has_own_keys = config.oidc.is_none();
    let state = AppState::open(config, 0).await?;
    let report =
        verify::verify(&state.db, Some(&manifest.audit_head)).await.context("tout est restauré, mais le journal")?;
    if has_own_keys {
        let wrong = "tout est restauré, mais SECRET_KEY n’est pas celle du serveur sauvegardé\u{a0}: remettez l’ancienne avant de \
                     démarrer, ou personne ne pourra plus se connecter";
        signing::all(&state).await.context(wrong)?;
    }
    let documents = manifest.files.keys().filter(|name| name.starts_with(DOCUMENTS)).count();
    Ok(Restored { documents, head: report.head })
}

fn make_empty(directory: &Path) -> Result<()> {
    let unusable = || {
        format!(
            "le répertoire «\u{a0}{}\u{a0}» ne peut recevoir la sauvegarde\u{a0}: nommez-en un que l’utilisateur qui lance DataPass \
             peut écrire",
            directory.display()
        )
    };
    fs::create_dir_all(directory).with_context(unusable)?;
    if fs::read_dir(directory).with_context(unusable)?.next().is_some() {
        bail!(
            "le répertoire «\u{a0}{}\u{a0}» n’est pas vide\u{a0}: nommez-en un autre, pour qu’aucune sauvegarde n’en écrase une autre",
            directory.display()
        );
    }
    tempfile::tempfile_in(directory).map(drop).with_context(unusable)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes)?;
    Ok(File::open(path)?.sync_all()?)
}
