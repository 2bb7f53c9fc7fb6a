//! What each file says beyond those that it extends, as it was reviewed.
//!
//! A snapshot shows a file without its bases, which have snapshots of their own. Together with the values that no file
//! needs to say they make up every value of every policy, so none changes without a snapshot that does: the merging of
//! `policies/source.rs` is compared with the last base that says something, found here without merging anything.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use datapass::policies::source::Sources;
use serde_json::{Map, Value};

use super::policies;

/// The lists whose elements have a name, and where it is.
const NAMED_LISTS: [(&str, &str); 7] = [
    ("contacts", "type"),
    ("demarches", "id"),
    ("documents", "type"),
    ("editors", "siret"),
    ("extra_fields", "id"),
    ("scope_groups", "id"),
    ("scopes", "id"),
];

/// How long a table or a list may be to be shown on one line.
const LINE: usize = 120;

/// The files of a directory of policies, by name, with the bases that each extends.
fn extended(directory: &str) -> BTreeMap<String, Vec<String>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/policies").join(directory);
    let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
    let read = |path: std::path::PathBuf| {
        let content: toml::Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
        let bases = match content.get("extends") {
            Some(toml::Value::Array(bases)) => bases.iter().map(|base| base.as_str().unwrap().to_owned()).collect(),
            Some(base) => vec![base.as_str().unwrap().to_owned()],
            None => Vec::new(),
        };
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), bases)
    };
    files.map(read).collect()
}

/// What a file says, over those that it extends.
struct Said {
    table: Value,
    /// Of [`NAMED_LISTS`], by the name of the list; each element with its own.
    lists: BTreeMap<&'static str, Vec<(String, Value)>>,
}

impl Said {
    fn of(sources: &Sources, file: &str) -> Self {
        let mut table = sources.resolve(file).unwrap().to_json();
        let mut list = |(list, key)| {
            let elements: Vec<Value> = serde_json::from_value(table.as_object_mut()?.remove(list)?).unwrap();
            let named = |element: Value| (element[key].as_str().unwrap().to_owned(), element);
            Some((list, elements.into_iter().map(named).collect()))
        };
        Self { lists: NAMED_LISTS.into_iter().filter_map(&mut list).collect(), table }
    }

    fn list(&self, name: &str) -> &[(String, Value)] {
        self.lists.get(name).map_or(&[], Vec::as_slice)
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

/// One line, or one for each element of what is long, or for each line of a text.
fn show(path: &str, value: &Value, lines: &mut Vec<String>) {
    let line = format!("{path} = {}", json(value));
    match value {
        Value::Object(members) if line.len() > LINE => {
            for (key, member) in members {
                show(&format!("{path}.{key}"), member, lines);
            }
        }
        Value::Array(items) if line.len() > LINE => {
            lines.push(format!("{path} ="));
            lines.extend(items.iter().map(|item| format!("    {}", json(item))));
        }
        Value::String(text) if text.contains('\n') => {
            lines.push(format!("{path} ="));
            lines.extend(text.split_inclusive('\n').map(|line| format!("    {}", json(&line))));
        }
        _ => lines.push(line),
    }
}

/// Every key of these tables.
fn keys<'a>(tables: impl IntoIterator<Item = &'a Value>) -> BTreeSet<&'a String> {
    tables.into_iter().filter_map(Value::as_object).flat_map(Map::keys).collect()
}

/// What `whole` says at that path beyond `bases`, of which the last that says something counts.
fn compare(path: &str, bases: &[&Value], whole: Option<&Value>, lines: &mut Vec<String>) {
    let members = |key: &str| bases.iter().filter_map(|base| base.get(key)).collect::<Vec<_>>();
    match whole {
        None if bases.is_empty() => {}
        None => lines.push(format!("{path} is gone")),
        Some(table @ Value::Object(_)) if !bases.is_empty() => {
            for key in keys(bases.iter().copied().chain([table])) {
                compare(&format!("{path}.{key}"), &members(key), table.get(key), lines);
            }
        }
        Some(value) if bases.last() == Some(&value) => {}
        Some(value) => show(path, value, lines),
    }
}

/// The same of a list whose elements have a name: they go on where those of the bases end.
fn compare_list(list: &str, bases: &[(String, Value)], whole: &[(String, Value)], lines: &mut Vec<String>) {
    let names = |elements: &[(String, Value)]| elements.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let mut order = names(bases);
    order.extend(names(whole));
    let mut seen = BTreeSet::new();
    order.retain(|name| seen.insert(name.clone()));
    for name in &order {
        let bases: Vec<&Value> = bases.iter().filter(|(other, _)| other == name).map(|(_, element)| element).collect();
        let whole = whole.iter().find(|(other, _)| other == name).map(|(_, element)| element);
        compare(&format!("{list}.{name}"), &bases, whole, lines);
    }
    if names(whole) != order {
        lines.push(format!("{list} in another order: {}", json(&names(whole))));
    }
}

/// The snapshot of a file.
fn beyond(extends: &[String], sources: &Sources, file: &str) -> String {
    let bases: Vec<Said> = extends.iter().map(|name| Said::of(sources, &format!("bases/{name}"))).collect();
    let whole = Said::of(sources, file);
    let mut lines = Vec::new();
    if !extends.is_empty() {
        lines.push(format!("extends {}", extends.join(", ")));
    }
    let tables: Vec<&Value> = bases.iter().map(|base| &base.table).collect();
    for key in keys(tables.iter().copied().chain([&whole.table])) {
        let members: Vec<&Value> = tables.iter().filter_map(|table| table.get(key)).collect();
        compare(key, &members, whole.table.get(key), &mut lines);
    }
    for (list, _) in NAMED_LISTS {
        let elements: Vec<(String, Value)> = bases.iter().flat_map(|base| base.list(list)).cloned().collect();
        compare_list(list, &elements, whole.list(list), &mut lines);
    }
    lines.join("\n")
}

#[test]
fn every_policy_says_what_was_reviewed() {
    let sources = Sources::embedded().unwrap();
    let extended = extended("");
    assert!(extended.keys().map(String::as_str).eq(sources.slugs()));
    for (slug, extends) in extended {
        assert_snapshot("snapshots", &slug, &beyond(&extends, &sources, &slug));
    }
}

#[test]
fn every_base_says_what_was_reviewed() {
    let sources = Sources::embedded().unwrap();
    for (name, extends) in extended("bases") {
        assert_snapshot("snapshots/bases", &name, &beyond(&extends, &sources, &format!("bases/{name}")));
    }
}

fn assert_snapshot(directory: &str, name: &str, content: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(directory);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, content));
}

/// Collects what `read` has at each path where a file says nothing; what it says must have been read as it is.
fn collect_unsaid(path: &str, said: Option<&Value>, read: &Value, unsaid: &mut BTreeMap<String, BTreeSet<String>>) {
    match (said, read) {
        (_, Value::Object(_)) => {
            for key in keys(said.into_iter().chain([read])) {
                let said = said.and_then(|said| said.get(key));
                let read = read.get(key).unwrap_or_else(|| panic!("{path}.{key} was not read"));
                collect_unsaid(&format!("{path}.{key}"), said, read, unsaid);
            }
        }
        (Some(Value::Array(said)), Value::Array(read)) if read.iter().all(Value::is_object) => {
            assert_eq!(said.len(), read.len(), "{path}");
            for (said, read) in said.iter().zip(read) {
                collect_unsaid(&format!("{path}[]"), Some(said), read, unsaid);
            }
        }
        (Some(said), read) => assert_eq!(said, read, "{path}"),
        (None, read) => {
            unsaid.entry(path.to_owned()).or_default().insert(json(read));
        }
    }
}

#[test]
fn what_no_file_says_is_the_same_everywhere() {
    let sources = Sources::embedded().unwrap();
    let mut unsaid = BTreeMap::new();
    for (slug, policy) in policies().iter() {
        let mut read = serde_json::to_value(policy.as_ref()).unwrap();
        let given = read.as_object_mut().unwrap();
        assert_eq!(given.remove("target_api"), Some(Value::from(slug.as_str())));
        assert!(given.remove("revision").is_some());
        let mut said = sources.resolve(slug).unwrap().to_json();
        // Of the catalogue alone: they are not written.
        for key in ["topics", "keywords"] {
            said.as_object_mut().unwrap().remove(key);
        }
        collect_unsaid("policy", Some(&said), &read, &mut unsaid);
    }
    let line = |(path, values): (&String, &BTreeSet<String>)| {
        assert_eq!(values.len(), 1, "{path} is {values:?}");
        format!("{path} = {}", values.first().unwrap())
    };
    let lines: Vec<String> = unsaid.iter().map(line).collect();
    assert_snapshot("snapshots/bases", "what_no_file_says", &lines.join("\n"));
}
