//! The house rules that a program can check. The README lists them; each failure says what to do.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every Rust file below these folders: its path from the root, with its text.
fn sources(folders: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty());
    found.sort();
    found
}

/// The part of a file that is not its unit tests.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap()
}

#[track_caller]
fn only_in(needles: &[&str], allowed: &[&str], files: &[(String, String)], why: &str) {
    for (name, text) in files {
        for needle in needles {
            let is_allowed = allowed.iter().any(|prefix| name.starts_with(prefix));
            assert!(is_allowed || !code(text).contains(needle), "{name} names `{needle}`: {why}");
        }
    }
}

#[test]
fn every_module_says_what_lives_there() {
    for (name, text) in sources(&["backend", "shared", "frontend"]) {
        assert!(text.trim_start().starts_with("//!"), "{name} must open with `//!`");
    }
}

#[test]
fn no_file_is_too_long() {
    for (name, text) in sources(&["backend", "shared", "frontend"]) {
        let lines = code(&text).lines().count();
        assert!(lines <= 500, "{name} has {lines} lines: split it");
    }
}

#[test]
fn modules_are_named_after_what_they_hold() {
    for (name, _) in sources(&["backend", "shared", "frontend"]) {
        let file = name.rsplit('/').next().unwrap();
        assert!(!["mod.rs", "utils.rs", "helpers.rs", "common.rs", "misc.rs"].contains(&file), "{name}");
    }
}

#[test]
fn actix_is_named_only_at_the_edge() {
    let allowed = ["app", "auth", "error", "middleware", "openapi", "page", "routes", "identity", "main"]
        .map(|module| format!("backend/src/{module}"));
    let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
    only_in(&["actix_web"], &allowed, &sources(&["backend/src"]), "HTTP belongs to the edge");
}

#[test]
fn queries_are_written_only_in_models() {
    let allowed = ["backend/src/db", "backend/src/schema.rs", "backend/src/models"];
    let why = "queries belong to models";
    only_in(
        &["diesel::prelude", "diesel::insert_into", "sql_query", "crate::schema"],
        &allowed,
        &sources(&["backend/src"]),
        why,
    );
}

#[test]
fn models_know_no_rights_no_workflow_and_no_http() {
    let files = sources(&["backend/src/models"]);
    only_in(
        &["rights::allowed", "workflow::next", "crate::transition", "crate::notification"],
        &[],
        &files,
        "models only store",
    );
    only_in(
        &["crate::models", "crate::db", "crate::schema"],
        &[],
        &sources(&["backend/src/clients"]),
        "clients know no database",
    );
}

#[test]
fn only_the_single_door_writes_an_enrollment_and_only_the_outbox_sends() {
    let files = sources(&["backend/src"]);
    let why = "only transition writes an enrollment";
    only_in(&["enrollment::insert(", "enrollment::update("], &["backend/src/transition"], &files, why);
    let writers = ["enrollment::queue::", "queue::give_back("];
    only_in(&writers, &["backend/src/transition", "backend/src/administration.rs"], &files, why);
    only_in(&[".deliver("], &["backend/src/outbox.rs"], &files, "only the outbox sends");
}

#[test]
fn the_environment_is_read_in_one_place() {
    let files = sources(&["backend/src", "shared/src"]);
    only_in(&["env::var", "std::env::"], &["backend/src/config.rs"], &files, "variables are read in config.rs");
}

#[test]
fn every_variable_is_explained() {
    let config = fs::read_to_string(root().join("backend/src/config.rs")).unwrap();
    let example = fs::read_to_string(root().join(".env.example")).unwrap();
    for part in config.split("variable(\"").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(example.contains(&format!("{name}=")), ".env.example must explain {name}");
    }
}

#[test]
fn no_api_is_compared_in_code() {
    let policies = fs::read_dir(root().join("shared/policies")).unwrap();
    let slugs: Vec<String> = policies
        .filter_map(|entry| Some(entry.unwrap().path().file_name()?.to_str()?.strip_suffix(".toml")?.to_owned()))
        .collect();
    assert!(slugs.len() >= 4);
    for (name, text) in sources(&["backend/src", "shared/src", "frontend/src"]) {
        // The demonstration names APIs: it is data.
        if name.starts_with("backend/src/demo") {
            continue;
        }
        for slug in &slugs {
            for line in code(&text).lines().filter(|line| !line.trim_start().starts_with("//")) {
                let quoted = line.contains(&format!("\"{slug}\""));
                let is_example = line.contains("example") || line.contains("string_schema!");
                assert!(!quoted || is_example, "{name} names {slug}: a special case is a policy field or a named rule");
            }
        }
    }
}

#[test]
fn the_front_end_fetches_in_one_place_and_its_components_know_no_policy() {
    let files = sources(&["frontend/src"]);
    only_in(
        &["gloo_net::http", "window().fetch", "XmlHttpRequest"],
        &["frontend/src/api.rs", "frontend/src/api/"],
        &files,
        "only api.rs fetches",
    );
    let components = sources(&["frontend/src/components"]);
    only_in(&["shared::policy", "shared::enrollment"], &[], &components, "components know nothing of enrollments");
}

#[test]
fn shared_is_pure() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "-p", "shared", "-e", "normal", "--prefix", "none"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    for banned in ["actix", "diesel", "tokio", "leptos", "web-sys", "reqwest", "getrandom", "rand "] {
        assert!(!tree.lines().any(|line| line.starts_with(banned)), "shared must not depend on {banned}");
    }
    let files = sources(&["shared/src"]);
    only_in(
        &["Utc::now", "Local::now", "SystemTime::now", "std::fs", "std::net", "async fn"],
        &[],
        &files,
        "shared is pure",
    );
}

#[test]
fn migrations_come_in_twins() {
    let names = |engine: &str| {
        let mut names: Vec<String> = fs::read_dir(root().join("migrations").join(engine))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
    for engine in ["sqlite", "postgres"] {
        for name in names(engine) {
            for file in ["up.sql", "down.sql"] {
                let path = root().join("migrations").join(engine).join(&name).join(file);
                assert!(path.is_file(), "{} is missing", path.display());
            }
        }
    }
}

#[test]
fn the_top_level_holds_what_the_readme_says() {
    let known = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "SECURITY.md",
        "backend",
        "e2e",
        "frontend",
        "justfile",
        "migrations",
        "openapi",
        "rustfmt.toml",
        "shared",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        // Made by building and running.
        "target",
        "data",
        "node_modules",
    ];
    for entry in fs::read_dir(root()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(name.starts_with('.') || known.contains(&name.as_str()), "{name} does not belong at the top level");
    }
}

/// SECURITY.md says by which test each promise is kept: a test that is renamed or removed must not leave the promise alone.
#[test]
fn the_tests_that_the_security_table_names_exist() {
    let rust: String = sources(&["backend"]).into_iter().map(|(_, text)| text).collect();
    let text = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let (_, table) = text.split_once("| Item | How | Test |").unwrap();
    let tests =
        table.lines().filter_map(|line| line.rsplit('|').nth(1)).flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let mut count = 0;
    for test in tests {
        assert!(rust.contains(&format!("fn {test}(")), "SECURITY.md names {test}, which is no test");
        count += 1;
    }
    assert!(count > 50, "{count}");
}
