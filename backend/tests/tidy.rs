//! The house rules that a program can check. CONTRIBUTING.md lists them; each failure says what to do.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};
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

/// The functions of a file as rustfmt lays them out: name, lines, and whether it draws a view.
fn functions(text: &str) -> Vec<(String, usize, bool)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let indent = &line[..line.len() - code.len()];
        let words = code.strip_prefix("pub").map_or(code, |rest| rest.split_once(' ').map_or("", |(_, rest)| rest));
        let Some((before, after)) = words.split_once("fn ") else { continue };
        if !before.split_whitespace().all(|word| ["const", "async"].contains(&word)) {
            continue;
        }
        let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let end = format!("{indent}}}");
        let Some(length) = lines[start..].iter().position(|line| *line == end).map(|length| length + 1) else {
            continue;
        };
        let head = lines[start.saturating_sub(3)..start].iter().any(|line| line.trim() == "#[component]");
        let draws = lines[start..start + length.min(20)]
            .iter()
            .any(|line| line.contains("-> AnyView") || line.contains("-> impl IntoView"));
        found.push((name, length, head || draws));
    }
    found
}

#[test]
fn no_file_and_no_function_is_too_long() {
    let mut too_long = Vec::new();
    for (name, text) in sources(&["backend", "shared", "frontend"]) {
        let lines = code(&text).lines().count();
        if lines > 400 {
            too_long.push(format!("{name}: {lines} lines"));
        }
        for (function, lines, is_view) in functions(code(&text)) {
            if lines > if is_view { 80 } else { 60 } {
                too_long.push(format!("{name}: {function} has {lines} lines"));
            }
        }
    }
    assert!(too_long.is_empty(), "find the two things that each of these does:\n{}", too_long.join("\n"));
}

/// The rooms of a crate with their floors, as its root lists them: `// Floor 3` and the modules below it.
fn floors(root_file: &str) -> BTreeMap<String, u32> {
    let text = fs::read_to_string(root().join(root_file)).unwrap();
    let mut floors = BTreeMap::new();
    let mut floor = None;
    for line in text.lines() {
        if let Some(number) = line.strip_prefix("// Floor ") {
            floor = Some(number.parse().unwrap());
        }
        let module = line.strip_prefix("pub mod ").or_else(|| line.strip_prefix("mod "));
        if let Some((name, what)) = module.and_then(|module| module.split_once(';')) {
            assert!(what.starts_with(" // "), "{root_file}: say in one line what {name} is");
            let floor = floor.unwrap_or_else(|| panic!("{root_file}: {name} stands on no floor"));
            floors.insert(name.to_owned(), floor);
        }
    }
    assert!(floors.len() > 5, "{root_file} lists its rooms floor by floor");
    floors
}

/// The rooms that a file imports: what follows `crate::`, alone or in the braces of a `use`.
fn imports(text: &str) -> BTreeSet<String> {
    let lines = code(text).lines().filter(|line| !line.trim_start().starts_with("//"));
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = BTreeSet::new();
    for (_, after) in text.match_indices("crate::").map(|(at, found)| text.split_at(at + found.len())) {
        let Some(group) = after.strip_prefix('{') else {
            found.insert(name(after));
            continue;
        };
        let (mut depth, mut item) = (0, String::new());
        for c in group.chars() {
            match c {
                '}' if depth == 0 => break,
                ',' if depth == 0 => found.insert(name(std::mem::take(&mut item).trim())),
                '{' => {
                    depth += 1;
                    false
                }
                '}' => {
                    depth -= 1;
                    false
                }
                c => {
                    item.push(c);
                    false
                }
            };
        }
        found.insert(name(item.trim()));
    }
    found
}

#[test]
fn a_room_imports_only_rooms_of_lower_floors() {
    for root_file in ["backend/src/lib.rs", "shared/src/lib.rs", "frontend/src/main.rs"] {
        let floors = floors(root_file);
        let folder = root_file.rsplit_once('/').unwrap().0;
        for (name, text) in sources(&[folder]) {
            let room = name[folder.len() + 1..].split(['/', '.']).next().unwrap();
            if root_file.ends_with(&format!("/{room}.rs")) || room == "main" {
                continue;
            }
            let own = floors.get(room).unwrap_or_else(|| panic!("{root_file} does not list {room}"));
            for other in imports(&text).into_iter().filter(|other| other != room) {
                let Some(floor) = floors.get(&other) else { continue };
                assert!(
                    floor < own,
                    "{name}: {room} (floor {own}) imports {other} (floor {floor}). Pass what it needs as an argument, or \
                     move what both need to a lower floor; the floors are in {root_file}"
                );
            }
        }
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
    let allowed = ["auth", "openapi", "page", "problem", "public", "routes", "identity", "main", "server"]
        .map(|module| format!("backend/src/{module}"));
    let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
    only_in(&["actix_web"], &allowed, &sources(&["backend/src"]), "HTTP belongs to the edge");
}

#[test]
fn queries_are_written_only_in_models() {
    let allowed = ["backend/src/connection", "backend/src/db.rs", "backend/src/schema.rs", "backend/src/models"];
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
        &sources(&["backend/src/outbound"]),
        "outgoing calls know no database",
    );
}

#[test]
fn only_the_single_door_writes_an_enrollment_and_only_the_outbox_sends() {
    let files = sources(&["backend/src"]);
    let why = "only transition writes an enrollment";
    only_in(
        &["enrollment::insert(", "enrollment::update(", "enrollment::set_applicant("],
        &["backend/src/transition"],
        &files,
        why,
    );
    let writers = ["enrollment::queue::", "queue::give_back("];
    only_in(&writers, &["backend/src/transition", "backend/src/administration.rs"], &files, why);
    only_in(&[".deliver("], &["backend/src/delivery.rs"], &files, "only the delivery worker sends");
}

#[test]
fn the_environment_is_read_in_one_place() {
    let files = sources(&["backend/src", "shared/src"]);
    only_in(&["env::var", "std::env::"], &["backend/src/config.rs"], &files, "variables are read in config.rs");
}

#[test]
fn every_variable_is_explained() {
    let files = sources(&["backend/src"]).into_iter().filter(|(name, _)| name.starts_with("backend/src/config"));
    let config: String = files.map(|(_, text)| text).collect();
    let example = fs::read_to_string(root().join(".env.example")).unwrap();
    for part in config.split("variable(\"").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(example.contains(&format!("{name}=")), ".env.example must explain {name}");
    }
}

/// A page of the application that the server does not know would be « not found » there, and the other way round.
#[test]
fn the_server_knows_the_pages_of_the_application() {
    let app = fs::read_to_string(root().join("frontend/src/app.rs")).unwrap();
    let routes: BTreeSet<&str> = app.split("path!(\"").skip(1).map(|after| after.split('"').next().unwrap()).collect();
    let known: BTreeSet<&str> = shared::navigation::APPLICATION_PAGES.into_iter().collect();
    assert_eq!(routes, known, "frontend/src/app.rs and APPLICATION_PAGES of shared/src/navigation.rs differ");
}

/// The server lets the browser begin with the part of a page: it must be the one that the application asks for.
#[test]
fn the_server_knows_the_part_of_each_page() {
    let read = |name| fs::read_to_string(root().join(name)).unwrap();
    let (app, parts) = (read("frontend/src/app.rs"), read("frontend/src/parts.rs"));
    let part_of = |name: &str| {
        let mut declared = parts.lines().filter_map(|line| line.strip_prefix("page!(")?.split_once(", "));
        declared.find(|(_, rest)| rest.starts_with(&format!("{name}, "))).map(|(part, _)| part)
    };
    let mut count = 0;
    for route in app.split("path!(\"").skip(1) {
        let (path, rest) = route.split_once('"').unwrap();
        let name = rest.split_once("parts::").unwrap().1.split('(').next().unwrap();
        assert_eq!(part_of(name), shared::navigation::part_of(path), "{path}");
        count += 1;
    }
    assert_eq!(count, shared::navigation::APPLICATION_PAGES.len());
}

/// What the page says while the application is loading is what the application then says.
#[test]
fn the_page_of_the_application_has_the_header_of_all() {
    let index = fs::read_to_string(root().join("frontend/index.html")).unwrap();
    assert!(index.contains(&format!(">{}<", shared::navigation::TAGLINE)), "frontend/index.html has another tagline");
}

#[test]
fn the_legal_notice_names_every_cookie() {
    let notice = fs::read_to_string(root().join("backend/src/public/legal.rs")).unwrap();
    let mut count = 0;
    for (name, text) in sources(&["backend/src/auth", "backend/src/identity", "backend/src/routes"]) {
        for line in code(&text).lines().filter(|line| line.starts_with("const ")) {
            let Some((_, cookie)) = line.split_once(": &str = \"datapass_") else { continue };
            let cookie = format!("\"datapass_{}\"", cookie.split('"').next().unwrap());
            assert!(notice.contains(&cookie), "{name} sets {cookie}: say in public/legal.rs what it is for");
            count += 1;
        }
    }
    assert!(count >= 7, "{count}");
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
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "README.md",
        "SECURITY.md",
        "backend",
        "deny.toml",
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

/// The table of SECURITY.md: the cells of each line that is about items.
fn security_table(text: &str) -> Vec<Vec<&str>> {
    let (_, table) = text.split_once("| Item | How | Test |").unwrap();
    let lines = table.lines().map(|line| line.split('|').skip(1).map(str::trim).collect::<Vec<_>>());
    lines.filter(|cells| cells.first().is_some_and(|items| items.starts_with(|c: char| c.is_ascii_digit()))).collect()
}

/// SECURITY.md says by which test each promise is kept: a test that is renamed or removed must not leave the promise alone.
#[test]
fn the_tests_that_the_security_table_names_exist() {
    let rust: String = sources(&["backend", "shared", "frontend"]).into_iter().map(|(_, text)| text).collect();
    let files = fs::read_dir(root().join("e2e/tests")).unwrap();
    let browser: String = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    let text = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let mut count = 0;
    for cells in security_table(&text) {
        let (items, tests) = (cells[0], cells[2]);
        for test in tests.split('`').skip(1).step_by(2) {
            assert!(rust.contains(&format!("fn {test}(")), "SECURITY.md, {items}: {test} is no test");
            count += 1;
        }
        for (_, title) in tests.match_indices('“').map(|(at, mark)| tests.split_at(at + mark.len())) {
            let title = title.split('”').next().unwrap();
            let is_there = ['"', '`'].iter().any(|mark| browser.contains(&format!("test({mark}{title}{mark}")));
            assert!(is_there, "SECURITY.md, {items}: e2e/tests has no “{title}”");
        }
        assert!(tests == "–" || tests.contains(['`', '“']), "SECURITY.md, {items}: say by which test, or –");
    }
    assert!(count > 200, "{count}");
    // Those that the text above it names.
    for word in text.split('`').skip(1).step_by(2).filter(|word| word.matches('_').count() > 3) {
        let is_name = word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        assert!(!is_name || rust.contains(&format!("fn {word}(")), "SECURITY.md names {word}, which is no test");
    }
}

/// The items of levels 1 and 2 of ASVS 5.0.0: sections, with the numbers of the items.
const ASVS: &str = "1.1:1-2 1.2:1-9 1.3:1-11 1.4:1-3 1.5:1-2 2.1:1-3 2.2:1-3 2.3:1-4 2.4:1-1 3.2:1-2 3.3:1-4 3.4:1-6 \
    3.5:1-5 3.7:1-2 4.1:1-3 4.2:1-1 4.3:1-2 4.4:1-4 5.1:1-1 5.2:1-3 5.3:1-2 5.4:1-3 6.1:1-3 6.2:1-12 6.3:1-4 6.4:1-4 \
    6.5:1-5 6.6:1-3 6.8:1-4 7.1:1-3 7.2:1-4 7.3:1-2 7.4:1-5 7.5:1-2 7.6:1-2 8.1:1-2 8.2:1-3 8.3:1-1 8.4:1-1 9.1:1-3 \
    9.2:1-4 10.1:1-2 10.2:1-2 10.3:1-4 10.4:1-11 10.5:1-5 10.6:1-2 10.7:1-3 11.1:1-2 11.2:1-3 11.3:1-3 11.4:1-4 11.5:1-1 \
    11.6:1-1 12.1:1-3 12.2:1-2 12.3:1-4 13.1:1-1 13.2:1-5 13.3:1-2 13.4:1-5 14.1:1-2 14.2:1-4 14.3:1-3 15.1:1-3 15.2:1-3 \
    15.3:1-7 16.1:1-1 16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3 17.1:1-1 17.2:1-4 17.3:1-2";

/// The items that « 6.2.1, 6.2.9 » or « 7.2.1 to 7.2.3 » names.
fn items(text: &str) -> Vec<(String, u32)> {
    let parted = |item: &str| {
        let (section, number) = item.rsplit_once('.').unwrap();
        (section.to_owned(), number.parse::<u32>().unwrap())
    };
    let spans = text.split(", ").flat_map(|span| {
        let (first, last) = span.split_once(" to ").unwrap_or((span, span));
        let ((section, first), (same, last)) = (parted(first), parted(last));
        assert!(section == same && first <= last, "{span}");
        (first..=last).map(move |number| (section.clone(), number))
    });
    spans.collect()
}

#[test]
fn the_security_table_leaves_no_item_out() {
    let text = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let named: BTreeSet<(String, u32)> = security_table(&text).iter().flat_map(|cells| items(cells[0])).collect();
    for part in ASVS.split_whitespace() {
        let (section, numbers) = part.split_once(':').unwrap();
        let (first, last) = numbers.split_once('-').unwrap();
        for number in first.parse::<u32>().unwrap()..=last.parse().unwrap() {
            assert!(named.contains(&(section.to_owned(), number)), "SECURITY.md says nothing of {section}.{number}");
        }
    }
}

/// `cargo deny` says the same of licences and advisories, where it is installed; this needs nothing.
#[test]
fn every_crate_comes_from_the_source_that_deny_toml_allows() {
    let deny = fs::read_to_string(root().join("deny.toml")).unwrap();
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let sources: BTreeSet<&str> = lock.lines().filter_map(|line| line.strip_prefix("source = ")).collect();
    assert!(!sources.is_empty());
    for source in sources {
        let url = source.trim_matches('"').strip_prefix("registry+").unwrap_or("no registry");
        assert!(
            deny.contains(&format!("allow-registry = [\"{url}\"]")),
            "{source} is not among the sources of deny.toml"
        );
    }
    for banned in deny.split("{ crate = \"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        let is_there = lock.contains(&format!("name = \"{banned}\"\n"));
        assert!(!is_there, "{banned} is banned by deny.toml, and in Cargo.lock");
    }
}
