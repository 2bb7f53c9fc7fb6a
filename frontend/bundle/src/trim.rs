//! Takes out of the first file what nobody asks for, and shortens the names by which it and its script call each other.

use std::collections::HashMap;
use std::convert::Infallible;

use anyhow::{Result, anyhow};
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{ExportSection, ImportSection, Module};
use wasmparser::{Export, Import, ImportSectionReader, Parser, Payload};

/// What wasm-bindgen calls the module of its imports.
const GLUE: &str = "./frontend_bg.js";

/// Exports that are there since a dependency of Leptos has them, for server functions that answer in streams. No server
/// function is used; what they reach goes with them, by `wasm-opt`.
const UNUSED: &str = "intounderlying";

/// Without such exports, and with short names for what it imports, in the WASM as in the script.
pub fn trimmed(wasm: &[u8], script: &str) -> Result<(Vec<u8>, String)> {
    let mut short = HashMap::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::ImportSection(section) = payload? else { continue };
        for import in section.into_imports() {
            let import = import?;
            if import.module == GLUE {
                let name = format!("_{:x}", short.len());
                short.insert(import.name.to_owned(), name);
            }
        }
    }
    let mut module = Module::new();
    let mut trim = Trim { short: &short };
    trim.parse_core_module(&mut module, Parser::new(0), wasm).map_err(|error| anyhow!("{error}"))?;
    Ok((module.finish(), renamed(script, &short)))
}

struct Trim<'a> {
    short: &'a HashMap<String, String>,
}

impl Reencode for Trim<'_> {
    type Error = Infallible;

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        section.into_imports().into_iter().try_for_each(|import| self.parse_import(imports, import?))
    }

    fn parse_import(&mut self, imports: &mut ImportSection, import: Import<'_>) -> Result<(), Error<Infallible>> {
        let short = self.short.get(import.name).filter(|_| import.module == GLUE);
        utils::parse_import(self, imports, Import { name: short.map_or(import.name, String::as_str), ..import })
    }

    fn parse_export(&mut self, exports: &mut ExportSection, export: Export<'_>) -> Result<(), Error<Infallible>> {
        if export.name.contains(UNUSED) { Ok(()) } else { utils::parse_export(self, exports, export) }
    }
}

/// The script with other names: words that are one of `short`.
fn renamed(script: &str, short: &HashMap<String, String>) -> String {
    let mut renamed = String::with_capacity(script.len());
    let mut word = String::new();
    for letter in script.chars().chain(['\n']) {
        if letter.is_ascii_alphanumeric() || letter == '_' || letter == '$' {
            word.push(letter);
            continue;
        }
        renamed.push_str(short.get(&word).unwrap_or(&word));
        renamed.push(letter);
        word.clear();
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_renamed() {
        let short = HashMap::from([("__wbg_log_1f".to_owned(), "_0".to_owned())]);
        let script = "{__wbg_log_1f: function(a) {}, __wbg_log_1f2: 1}";
        assert_eq!(renamed(script, &short), "{_0: function(a) {}, __wbg_log_1f2: 1}\n");
    }
}
