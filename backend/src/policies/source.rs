//! The policy files as text: where they are, how one extends another, and where in them a value was written.
//!
//! What they may say is [`super::check`].

mod node;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use rust_embed::RustEmbed;
use toml::de::DeTable;

use self::node::{Content, File, Place, members, merged};
pub use self::node::{Diagnostic, Diagnostics, Node};

#[derive(RustEmbed)]
#[folder = "../shared/policies"]
struct Files;

/// How many files may extend one another in a row.
const MAX_EXTENDS: usize = 8;

/// Lists whose elements have a name: a file completes what it extends, element by element.
pub const NAMED_LISTS: &[(&str, &str)] = &[
    ("scopes", "id"),
    ("scope_groups", "id"),
    ("demarches", "id"),
    ("editors", "siret"),
    ("contacts", "type"),
    ("documents", "type"),
    ("extra_fields", "id"),
];

/// The files that policies are made of, by name: `franceconnect.toml`, `bases/dgfip.toml`.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: BTreeMap<String, Arc<File>>,
    /// The names of those that were added to what the binary carries.
    added: BTreeSet<String>,
}

impl Sources {
    /// Those that the binary carries.
    ///
    /// # Errors
    /// A file that is no text.
    pub fn embedded() -> anyhow::Result<Self> {
        let mut sources = Self::default();
        for name in Files::iter() {
            let file = Files::get(&name).with_context(|| format!("{name} a disparu"))?;
            let text =
                String::from_utf8(file.data.into_owned()).with_context(|| format!("{name} n’est pas un texte"))?;
            sources.insert(name.clone().into_owned(), name.into_owned(), text);
        }
        Ok(sources)
    }

    /// Adds a text, or puts it in the place of the one of that name.
    pub fn insert(&mut self, name: String, shown: String, text: String) {
        self.files.insert(name, Arc::new(File { shown, text }));
    }

    /// Adds files, and directories with their `bases/`: what has the name of another takes its place. How many files.
    ///
    /// # Errors
    /// What cannot be read; two of `paths` with the same name.
    pub fn add(&mut self, paths: &[PathBuf]) -> anyhow::Result<usize> {
        let mut found: BTreeMap<String, PathBuf> = BTreeMap::new();
        for path in paths {
            let in_directory = path.is_dir();
            let mut files = Vec::new();
            if in_directory {
                files.extend(listed(path, "")?);
                let bases = path.join("bases");
                if bases.is_dir() {
                    files.extend(listed(&bases, "bases/")?);
                }
            } else {
                let is_base = path.parent().and_then(Path::file_name).is_some_and(|parent| parent == "bases");
                files.push((name_of(path, if is_base { "bases/" } else { "" })?, path.clone()));
            }
            for (name, path) in files {
                if let Some(other) = found.insert(name.clone(), path.clone()) {
                    anyhow::bail!("«\u{a0}{name}\u{a0}» est à la fois {} et {}", other.display(), path.display());
                }
            }
        }
        for (name, path) in found {
            let text = std::fs::read_to_string(&path).with_context(|| format!("{} est illisible", path.display()))?;
            self.added.insert(name.clone());
            self.insert(name, path.display().to_string(), text);
        }
        Ok(self.added.len())
    }

    /// Whether the policy of that slug was added to what the binary carries.
    pub fn is_added(&self, slug: &str) -> bool {
        self.added.contains(&file_name(slug))
    }

    /// The file of that slug, as it is written.
    pub fn text(&self, slug: &str) -> Option<&str> {
        self.files.get(&file_name(slug)).map(|file| file.text.as_str())
    }

    /// The slugs of the policies.
    pub fn slugs(&self) -> impl Iterator<Item = &str> {
        self.files.keys().filter(|name| !name.contains('/')).filter_map(|name| name.strip_suffix(".toml"))
    }

    /// One policy, laid over what it extends.
    ///
    /// # Errors
    /// What cannot be read as TOML; a base that does not exist or that extends itself.
    pub fn resolve(&self, slug: &str) -> Result<Node, Vec<Diagnostic>> {
        self.layered(&file_name(slug), 0)
    }

    fn layered(&self, name: &str, depth: usize) -> Result<Node, Vec<Diagnostic>> {
        let Some(file) = self.files.get(name) else { return Err(Vec::new()) };
        let place = Place { file: file.clone(), offset: 0 };
        let (table, errors) = DeTable::parse_recoverable(&file.text);
        if !errors.is_empty() {
            let problem = |error: &toml::de::Error| {
                let offset = error.span().map_or(0, |span| span.start);
                Place { offset, ..place.clone() }.problem(format!("TOML mal formé\u{a0}: {}", error.message()))
            };
            return Err(errors.iter().map(problem).collect());
        }
        let mut own = members(file, table.get_ref()).map_err(|problem| vec![problem])?;
        let Some(extends) = own.remove("extends") else {
            return Ok(Node { place, content: Content::Table(own) });
        };
        if depth == MAX_EXTENDS {
            let message = format!("plus de {MAX_EXTENDS} fichiers se prolongent\u{a0}: la chaîne tourne en rond");
            return Err(vec![extends.place.problem(message)]);
        }
        let bases = match &extends.content {
            Content::List(bases) => bases.iter().collect(),
            Content::Scalar(_) | Content::Table(_) => vec![&extends],
        };
        let mut under = BTreeMap::new();
        for base in bases {
            let Some(base_name) = base.text() else {
                return Err(vec![
                    base.place
                        .problem("«\u{a0}extends\u{a0}» attend le nom d’un fichier de bases/, ou une liste de noms"),
                ]);
            };
            let path = format!("bases/{base_name}.toml");
            if !self.files.contains_key(&path) {
                let known = self.files.keys().filter_map(|name| name.strip_prefix("bases/")?.strip_suffix(".toml"));
                let message = format!(
                    "«\u{a0}{base_name}\u{a0}» n’est pas un fichier de bases/{}",
                    did_you_mean(base_name, known)
                );
                return Err(vec![base.place.problem(message)]);
            }
            if let Content::Table(layer) = self.layered(&path, depth + 1)?.content {
                under = merged(under, layer, NAMED_LISTS);
            }
        }
        Ok(Node { place, content: Content::Table(merged(under, own, NAMED_LISTS)) })
    }
}

/// The name of the file of that slug.
pub fn file_name(slug: &str) -> String {
    format!("{slug}.toml")
}

/// The policy files of one directory, with their names.
fn listed(directory: &Path, prefix: &str) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let entries = std::fs::read_dir(directory).with_context(|| format!("{} est illisible", directory.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push((name_of(&path, prefix)?, path));
        }
    }
    files.sort();
    Ok(files)
}

fn name_of(path: &Path, prefix: &str) -> anyhow::Result<String> {
    let name = path.file_name().and_then(|name| name.to_str()).filter(|name| name.ends_with(".toml"));
    Ok(format!("{prefix}{}", name.with_context(|| format!("{} ne finit pas par .toml", path.display()))?))
}

/// « : vouliez-vous dire … ? », where one of the names is near; else nothing.
pub fn did_you_mean<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let nearest = known.map(|other| (strsim::jaro_winkler(name, other), other)).max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((likeness, other)) if likeness > 0.8 => format!("\u{a0}: vouliez-vous dire «\u{a0}{other}\u{a0}»\u{a0}?"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sources(files: &[(&str, &str)]) -> Sources {
        let mut sources = Sources::default();
        for (name, text) in files {
            sources.insert((*name).to_owned(), (*name).to_owned(), (*text).to_owned());
        }
        sources
    }

    fn problem(files: &[(&str, &str)]) -> String {
        Diagnostics(sources(files).resolve("a").unwrap_err()).to_string()
    }

    #[test]
    fn a_file_completes_what_it_extends() {
        let base = "label = \"Base\"\nsections = [\"cgu\"]\n[provider]\nid = \"p\"\nlabel = \"P\"\n\
                    [[scopes]]\nid = \"x\"\nlabel = \"X\"\n[[scopes]]\nid = \"y\"\nlabel = \"Y\"\n";
        let more = "[[scopes]]\nid = \"w\"\nlabel = \"W\"\n";
        let own = "extends = [\"b\", \"c\"]\nsections = []\nprovider.label = \"Q\"\n\
                   [[scopes]]\nid = \"y\"\nlocked = true\n[[scopes]]\nid = \"z\"\nlabel = \"Z\"\n";
        let node = sources(&[("a.toml", own), ("bases/b.toml", base), ("bases/c.toml", more)]).resolve("a").unwrap();
        assert_eq!(
            node.to_json(),
            json!({
                "label": "Base",
                "sections": [],
                "provider": {"id": "p", "label": "Q"},
                "scopes": [
                    {"id": "x", "label": "X"},
                    {"id": "y", "label": "Y", "locked": true},
                    {"id": "w", "label": "W"},
                    {"id": "z", "label": "Z"},
                ],
            })
        );
        assert_eq!(node.locate("scopes/1/locked").problem("!").to_string(), "a.toml:6:1: !");
        assert_eq!(node.locate("scopes/1/label").problem("!").to_string(), "bases/b.toml:11:1: !");
        assert_eq!(node.locate("scopes/9/label").problem("!").to_string(), "a.toml:4:3: !", "the list itself");
    }

    #[test]
    fn what_cannot_be_read_is_named_by_line_and_column() {
        for (text, expected) in [
            ("label = \"é\"\nx =", "a.toml:2:4: TOML mal formé"),
            ("extends = \"bb\"", "a.toml:1:1: «\u{a0}bb\u{a0}» n’est pas un fichier de bases/"),
            ("extends = 3", "a.toml:1:1: «\u{a0}extends\u{a0}» attend"),
            ("extends = \"b\"", "bases/b.toml:1:1: plus de 8 fichiers"),
            ("x = 1.5", "a.toml:1:1: un nombre à virgule"),
            ("x = 2026-01-01", "a.toml:1:1: une date"),
            ("x = 99999999999999999999", "a.toml:1:1: ce nombre"),
        ] {
            let said = problem(&[("a.toml", text), ("bases/b.toml", "extends = \"b\"")]);
            assert!(said.starts_with(expected), "{text}: {said}");
        }
    }

    #[test]
    fn near_names_are_proposed() {
        assert_eq!(
            did_you_mean("labell", ["label", "scopes"].into_iter()),
            "\u{a0}: vouliez-vous dire «\u{a0}label\u{a0}»\u{a0}?"
        );
        assert_eq!(did_you_mean("zzz", ["label", "scopes"].into_iter()), "");
    }
}
