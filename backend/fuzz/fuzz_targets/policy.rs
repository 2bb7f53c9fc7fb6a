//! Any text as a policy file, beside the bases of the program: problems are told by their place, and nothing panics.
#![no_main]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use datapass::policies::check;
use datapass::policies::source::Sources;
use libfuzzer_sys::fuzz_target;

/// The bases alone: reading the policies again each time would be all that is done.
static BASES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/policies/bases");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| {
        let name = format!("bases/{}", path.file_name().unwrap().to_str().unwrap());
        (name, fs::read_to_string(path).unwrap())
    }).collect()
});

fuzz_target!(|text: &str| {
    let mut sources = Sources::default();
    for (name, text) in BASES.iter() {
        sources.insert(name.clone(), name.clone(), text.clone());
    }
    sources.insert("essai.toml".to_owned(), "essai.toml".to_owned(), text.to_owned());
    let lines = text.lines().count() + 1;
    for problem in check::read(&sources).err().into_iter().flat_map(|problems| problems.0) {
        assert!(!problem.message.is_empty(), "{problem:?}");
        assert!(problem.file != "essai.toml" || (1..=lines).contains(&problem.line), "{problem}");
    }
});
