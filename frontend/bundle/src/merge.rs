//! Puts files of the splitter together into one.
//!
//! They come from one module: the same types, memory, table and globals, and no function of one is named by another, as
//! they call each other through the table. So it is enough to number functions and data anew.

use std::collections::BTreeMap;
use std::convert::Infallible;

use anyhow::{Result, bail, ensure};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, DataCountSection, DataSection, ElementSection, FunctionSection, ImportSection, Module, TypeSection,
};
use wasmparser::{Parser, Payload, TypeRef};

/// One file of several; a single one stays as it is.
pub fn merged(mut files: Vec<Vec<u8>>) -> Result<Vec<u8>> {
    if files.len() == 1 {
        return Ok(files.swap_remove(0));
    }
    let mut all = Merged::default();
    for file in &files {
        all.add(file)?;
    }
    Ok(all.finish())
}

#[derive(Default)]
struct Merged {
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    elements: ElementSection,
    code: CodeSection,
    data: DataSection,
    /// The number of each imported global, by name.
    globals: BTreeMap<String, u32>,
    /// Whether the imports of the memory and of the table are there.
    memories: u32,
    tables: u32,
}

/// The numbers of one file, in the one of all.
struct Numbers {
    functions: u32,
    data: u32,
    globals: Vec<u32>,
}

impl Reencode for Numbers {
    type Error = Infallible;

    fn function_index(&mut self, own: u32) -> Result<u32, Error<Infallible>> {
        Ok(self.functions + own)
    }

    fn data_index(&mut self, own: u32) -> Result<u32, Error<Infallible>> {
        Ok(self.data + own)
    }

    fn global_index(&mut self, own: u32) -> Result<u32, Error<Infallible>> {
        Ok(usize::try_from(own).ok().and_then(|own| self.globals.get(own)).copied().unwrap_or(own))
    }
}

impl Merged {
    fn add(&mut self, wasm: &[u8]) -> Result<()> {
        let mut numbers = Numbers { functions: self.functions.len(), data: self.data.len(), globals: Vec::new() };
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(section) if self.types.is_empty() => {
                    numbers.parse_type_section(&mut self.types, section)?;
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        self.import(&mut numbers, import?)?;
                    }
                }
                Payload::FunctionSection(section) => numbers.parse_function_section(&mut self.functions, section)?,
                Payload::ElementSection(section) => numbers.parse_element_section(&mut self.elements, section)?,
                Payload::CodeSectionEntry(body) => numbers.parse_function_body(&mut self.code, body)?,
                Payload::DataSection(section) => numbers.parse_data_section(&mut self.data, section)?,
                Payload::ExportSection(section) => ensure!(section.count() == 0, "a part exports something"),
                Payload::MemorySection(_) | Payload::TableSection(_) | Payload::GlobalSection(_) => {
                    bail!("a part has a memory, a table or a global of its own")
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Imports what is not imported yet.
    fn import(&mut self, numbers: &mut Numbers, import: wasmparser::Import<'_>) -> Result<()> {
        let is_new = match import.ty {
            TypeRef::Global(_) => {
                let next = u32::try_from(self.globals.len())?;
                let number = *self.globals.entry(import.name.to_owned()).or_insert(next);
                numbers.globals.push(number);
                number == next
            }
            TypeRef::Memory(_) => {
                self.memories += 1;
                self.memories == 1
            }
            TypeRef::Table(_) => {
                self.tables += 1;
                self.tables == 1
            }
            _ => bail!("a part imports {}.{}", import.module, import.name),
        };
        if is_new {
            self.imports.import(import.module, import.name, wasm_encoder::EntityType::try_from(import.ty)?);
        }
        Ok(())
    }

    fn finish(self) -> Vec<u8> {
        let mut module = Module::new();
        module
            .section(&self.types)
            .section(&self.imports)
            .section(&self.functions)
            .section(&self.elements)
            .section(&DataCountSection { count: self.data.len() })
            .section(&self.code)
            .section(&self.data);
        module.finish()
    }
}
