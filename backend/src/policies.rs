//! The policies in force: read from the files that the binary carries, and old revisions from the database.
//!
//! What a policy may say is [`shared::policy`].

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, RwLock};

use anyhow::Context as _;
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};
use shared::policy::Policy;

use crate::db::types::now;
use crate::db::{AnyConnection, Db};
use crate::error::{Error, Result};
use crate::models::policy_revision;

#[derive(RustEmbed)]
#[folder = "../shared/policies"]
struct Files;

/// How many files may extend one another in a row.
const MAX_EXTENDS: usize = 8;

/// The policies in force, by slug, and those of the past that were asked for.
#[derive(Debug)]
pub struct Policies {
    current: BTreeMap<String, Arc<Policy>>,
    past: RwLock<HashMap<String, Arc<Policy>>>,
}

impl Policies {
    /// Those that the binary carries.
    ///
    /// # Errors
    /// The file that cannot be read, and why.
    pub fn embedded() -> anyhow::Result<Self> {
        let mut sources = BTreeMap::new();
        for name in Files::iter() {
            let file = Files::get(&name).with_context(|| format!("{name} a disparu"))?;
            sources.insert(name.into_owned(), String::from_utf8(file.data.into_owned())?);
        }
        let mut current = BTreeMap::new();
        for name in sources.keys().filter(|name| !name.contains('/')) {
            let Some(slug) = name.strip_suffix(".toml") else { continue };
            let policy = read(slug, &sources).with_context(|| format!("politique {name}"))?;
            current.insert(slug.to_owned(), Arc::new(policy));
        }
        Ok(Self { current, past: RwLock::default() })
    }

    /// Stores the revisions in force, so that what is written under them can be read for ever.
    ///
    /// # Errors
    /// The database's.
    pub async fn remember(&self, db: &Db) -> Result<()> {
        let policies: Vec<Arc<Policy>> = self.current.values().cloned().collect();
        db.write(move |connection| {
            for policy in &policies {
                policy_revision::insert(connection, policy, now().naive_utc())?;
            }
            Ok(())
        })
        .await
    }

    /// The policies in force, by slug.
    pub fn current(&self) -> impl Iterator<Item = &Policy> + Clone {
        self.current.values().map(Arc::as_ref)
    }

    /// The policy in force for an API.
    pub fn get(&self, target_api: &str) -> Option<&Arc<Policy>> {
        self.current.get(target_api)
    }

    /// The policy as it was at that revision.
    ///
    /// # Errors
    /// There is no such revision, or the database's.
    pub fn at(&self, connection: &mut AnyConnection, target_api: &str, revision: &str) -> Result<Arc<Policy>> {
        if let Some(policy) = self.current.get(target_api)
            && policy.revision == revision
        {
            return Ok(policy.clone());
        }
        // A poisoned lock only means that a reader panicked; the map itself is whole.
        let known = self.past.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(revision).cloned();
        if let Some(policy) = known.filter(|policy| policy.target_api == target_api) {
            return Ok(policy);
        }
        let policy = Arc::new(policy_revision::find(connection, target_api, revision)?);
        let mut past = self.past.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        past.insert(revision.to_owned(), policy.clone());
        Ok(policy)
    }

    /// The policy in force, or a 404 that says so.
    ///
    /// # Errors
    /// There is no such API.
    pub fn require(&self, target_api: &str) -> Result<&Arc<Policy>> {
        self.get(target_api).ok_or(Error::NotFound)
    }
}

/// Reads one policy, with what it extends.
fn read(slug: &str, sources: &BTreeMap<String, String>) -> anyhow::Result<Policy> {
    let mut table = toml::Table::new();
    let mut next = Some(format!("{slug}.toml"));
    for _ in 0..=MAX_EXTENDS {
        let Some(name) = next.take() else { break };
        let source = sources.get(&name).with_context(|| format!("{name} n’existe pas"))?;
        let mut layer: toml::Table = source.parse().with_context(|| name.clone())?;
        if let Some(base) = layer.remove("extends") {
            let base = base.as_str().context("extends doit être le nom d’un fichier de bases/")?;
            next = Some(format!("bases/{base}.toml"));
        }
        table = overlay(layer, table);
    }
    if next.is_some() {
        anyhow::bail!("plus de {MAX_EXTENDS} fichiers se prolongent : la chaîne tourne-t-elle en rond ?");
    }
    let mut policy: Policy = table.try_into()?;
    policy.target_api = slug.to_owned();
    let content = serde_json::to_string(&policy)?;
    let hash = Sha256::digest(content.as_bytes());
    policy.revision = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Ok(policy)
}

/// `top` laid over `base`: tables are merged key by key, anything else is replaced.
fn overlay(mut base: toml::Table, top: toml::Table) -> toml::Table {
    for (key, value) in top {
        let value = match (base.remove(&key), value) {
            (Some(toml::Value::Table(under)), toml::Value::Table(over)) => toml::Value::Table(overlay(under, over)),
            (_, value) => value,
        };
        base.insert(key, value);
    }
    base
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    const BASE: &str = "label = \"Base\"\ndescription = \"Une API\"\nsections = [\"organisation\"]\nrules = []\n\
                        support_email = \"a@b.fr\"\nprovider = { id = \"p\", label = \"P\" }\n";

    #[test]
    fn the_embedded_policies_are_read() {
        let policies = Policies::embedded().unwrap();
        assert!(policies.get("api_particulier").is_some());
        assert!(policies.get("bases/x").is_none());
    }

    #[test]
    fn a_file_extends_another_and_its_revision_is_its_content() {
        let files = sources(&[("a.toml", "extends = \"x\"\nprovider = { label = \"Q\" }"), ("bases/x.toml", BASE)]);
        let policy = read("a", &files).unwrap();
        assert_eq!(
            (policy.label.as_str(), policy.provider.id.as_str(), policy.provider.label.as_str()),
            ("Base", "p", "Q")
        );
        assert_eq!(read("a", &files).unwrap().revision, policy.revision);
        let other = sources(&[("a.toml", "extends = \"x\"\nlabel = \"A\""), ("bases/x.toml", BASE)]);
        assert_ne!(read("a", &other).unwrap().revision, policy.revision);
    }

    #[test]
    fn a_circle_a_missing_base_and_an_unknown_key_are_errors() {
        for (file, base) in [
            ("extends = \"x\"", "extends = \"x\""),
            ("extends = \"y\"", BASE),
            ("labell = \"A\"\nextends = \"x\"", BASE),
        ] {
            assert!(read("a", &sources(&[("a.toml", file), ("bases/x.toml", base)])).is_err(), "{file}");
        }
    }
}
