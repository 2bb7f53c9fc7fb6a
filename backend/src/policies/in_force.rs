//! The policies that are in force at one moment: those of the files, under those that administrators have published.
//!
//! What is in force is replaced as a whole, so that nobody ever sees half of a change.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use shared::policy_file::{PolicyProblem, PolicySource, UnreadPolicy};

use super::check::{self, Catalogue, Reading, Tried};
use super::names::Names;
use super::source::{Diagnostic, Diagnostics, Sources, file_name};
use crate::models::policy_change::{Changes, Published};

/// The files of the server: those that the binary carries, with those of `POLICIES_DIR` laid over them.
#[derive(Clone, Debug)]
pub struct Files {
    sources: Sources,
    catalogue: Arc<Catalogue>,
}

impl Files {
    /// Reads them.
    ///
    /// # Errors
    /// What cannot be read, and everything that is wrong with what can.
    pub fn read(directory: Option<&PathBuf>) -> anyhow::Result<Self> {
        let mut sources = Sources::embedded()?;
        if let Some(directory) = directory {
            sources.add(std::slice::from_ref(directory))?;
        }
        let catalogue = Arc::new(check::read(&sources)?);
        Ok(Self { sources, catalogue })
    }

    fn source(&self, slug: &str) -> Option<PolicySource> {
        let source = if self.sources.is_added(slug) { PolicySource::Directory } else { PolicySource::Program };
        self.catalogue.contains_key(slug).then_some(source)
    }
}

/// The policies that are in force.
#[derive(Debug)]
pub struct InForce {
    /// By slug.
    pub catalogue: Arc<Catalogue>,
    /// What words name.
    pub names: Arc<Names>,
    files: Arc<Files>,
    /// All of the files, those that are published included.
    sources: Sources,
    published: BTreeSet<String>,
    /// Those that were published and cannot be read, with why.
    unread: BTreeMap<String, BTreeSet<Diagnostic>>,
    /// The number of the last change that is in force.
    pub latest: i64,
    /// The number of the last by which files were read again.
    pub reread: i64,
}

impl InForce {
    /// What follows from the files and the changes. A published policy that cannot be read is left out, and with it those
    /// that need it.
    pub fn of(files: Arc<Files>, changes: Changes) -> Self {
        let Changes { latest, reread, published } = changes;
        let mut published: BTreeMap<String, String> =
            published.into_iter().map(|Published { target_api, text }| (target_api, text)).collect();
        let mut unread = BTreeMap::new();
        let (catalogue, sources) = loop {
            if published.is_empty() {
                break (files.catalogue.clone(), files.sources.clone());
            }
            let mut sources = files.sources.clone();
            for (slug, text) in &published {
                sources.insert(file_name(slug), file_name(slug), text.clone());
            }
            let Reading { catalogue, mut problems, .. } = check::read_all(&sources);
            if problems.is_empty() {
                break (Arc::new(catalogue), sources);
            }
            let wrong: Vec<String> = problems.keys().filter(|slug| published.contains_key(*slug)).cloned().collect();
            if wrong.is_empty() {
                // Files that were right are wrong beside them: no published one can be told from another.
                let why: BTreeSet<Diagnostic> = problems.into_values().flatten().collect();
                unread.extend(std::mem::take(&mut published).into_keys().map(|slug| (slug, why.clone())));
                continue;
            }
            for slug in wrong {
                published.remove(&slug);
                let why = problems.remove(&slug).unwrap_or_default();
                unread.insert(slug, why);
            }
        };
        Self {
            names: Arc::new(Names::of(&catalogue)),
            catalogue,
            files,
            sources,
            published: published.into_keys().collect(),
            unread,
            latest,
            reread,
        }
    }

    /// The files that all of this is laid over.
    pub fn files(&self) -> Arc<Files> {
        self.files.clone()
    }

    /// Where the policy in force of an API comes from.
    pub fn source(&self, slug: &str) -> Option<PolicySource> {
        if self.published.contains(slug) { Some(PolicySource::Published) } else { self.files.source(slug) }
    }

    /// Where it would come from if nothing had been published.
    pub fn beneath(&self, slug: &str) -> Option<PolicySource> {
        self.files.source(slug)
    }

    /// The file in force of an API.
    pub fn text(&self, slug: &str) -> Option<&str> {
        self.sources.text(slug)
    }

    /// The policies that were published and cannot be read.
    pub fn unread(&self) -> Vec<UnreadPolicy> {
        let told = |(slug, why): (&String, &BTreeSet<Diagnostic>)| UnreadPolicy {
            target_api: slug.clone(),
            in_force: self.source(slug),
            problems: why.iter().cloned().map(PolicyProblem::from).collect(),
        };
        self.unread.iter().map(told).collect()
    }

    /// How many these are.
    pub fn unread_count(&self) -> usize {
        self.unread.len()
    }

    /// What keeps this from taking the place of what is in force: policies that can be read there and could not be here.
    pub fn lost_since(&self, before: &Self) -> Option<Diagnostics> {
        let lost = self.unread.iter().filter(|(slug, _)| before.published.contains(*slug));
        let why: BTreeSet<Diagnostic> = lost.flat_map(|(_, why)| why.iter().cloned()).collect();
        (!why.is_empty()).then(|| Diagnostics(why.into_iter().collect()))
    }

    /// What would be in force without what was published for an API.
    pub fn without(&self, slug: &str) -> Self {
        let others = self.published.iter().filter(|own| *own != slug);
        let published = others
            .filter_map(|own| Some(Published { target_api: own.clone(), text: self.text(own)?.to_owned() }))
            .collect();
        Self::of(self.files(), Changes { latest: self.latest, reread: self.reread, published })
    }

    /// What a text would say as the policy of an API.
    pub fn tried(&self, slug: &str, text: String) -> Tried {
        let mut sources = self.sources.clone();
        sources.insert(file_name(slug), file_name(slug), text);
        check::read_one(slug, &sources, &self.catalogue)
    }

    /// The policies that name that one: they could not do without any.
    pub fn naming(&self, slug: &str) -> Vec<String> {
        let names = |other: &str| other == slug;
        let others = self.catalogue.values().filter(|policy| policy.target_api != slug);
        let naming = others.filter(|policy| {
            policy.previous.as_deref().is_some_and(names) || policy.replaced_by.iter().any(|other| names(other))
        });
        naming.map(|policy| policy.target_api.clone()).collect()
    }
}
