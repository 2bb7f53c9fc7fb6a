//! Cuts what only a panic needs out of the WASM: the place in the source, the words, the values to print.
//!
//! Nobody sees them: a panic in the browser ends in the `unreachable` instruction, and what it would print first goes to an
//! output that is not there. The standard library that comes with stable Rust keeps all of it, a tenth of the download.
//!
//! So each call of a function that panics becomes `unreachable`, along with the instructions just before it that do
//! nothing but prepare its arguments. Lengths stay what they are, so that the linker's relocations, from which the module
//! is split, stay true; those of what was cut go, and with them the data that they name.

use std::collections::HashSet;
use std::ops::Range;

use anyhow::{Context as _, Result};
use wasm_encoder::{CustomSection, Encode as _, Module, RawSection};
use wasmparser::{
    FunctionBody, KnownCustom, Name, Operator, Parser, Payload, RelocSectionReader, RelocationEntry, TypeRef,
};

/// In the names of functions of the standard library that panic, and of nothing else that never returns.
const PANICS: [&str; 9] = [
    "panicking",
    "unwrap_failed",
    "expect_failed",
    "slice_error_fail",
    "slice_index_fail",
    "capacity_overflow",
    "panic_already",
    "panic_access_error",
    "handle_error",
];

/// The linker's relocations of code.
const RELOCATIONS: &str = "reloc.CODE";

const UNREACHABLE: u8 = 0x00;
const NOP: u8 = 0x01;

/// The module without them.
pub fn cut(wasm: &[u8]) -> Result<Vec<u8>> {
    let panics = panicking(wasm)?;
    let (mut code, mut cuts) = (0..0, Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::CodeSectionStart { range, .. } => code = range,
            Payload::CodeSectionEntry(body) => cuts_in(&body, &panics, &mut cuts)?,
            _ => {}
        }
    }
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        if let Payload::CustomSection(section) = &payload
            && section.name() == RELOCATIONS
            && let KnownCustom::Reloc(relocations) = section.as_known()
        {
            let data = kept(relocations, &cuts, code.start)?;
            module.section(&CustomSection { name: RELOCATIONS.into(), data: data.into() });
        } else if let Some((id, range)) = payload.as_section() {
            let mut data = wasm.get(bytes(&range)?).context("a section ends after the file")?.to_vec();
            if range == code {
                blank(&mut data, &cuts, code.start)?;
            }
            module.section(&RawSection { id, data: &data });
        }
    }
    Ok(module.finish())
}

/// The functions that panic, by number.
fn panicking(wasm: &[u8]) -> Result<HashSet<u32>> {
    let (mut imported, mut endless, mut named) = (0, HashSet::new(), HashSet::new());
    let mut number = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
                number = imported;
            }
            Payload::CodeSectionEntry(body) => {
                if never_returns(&body)? {
                    endless.insert(number);
                }
                number += 1;
            }
            Payload::CustomSection(section) => {
                let KnownCustom::Name(names) = section.as_known() else { continue };
                for name in names {
                    let Ok(Name::Function(map)) = name else { continue };
                    for function in map {
                        let function = function?;
                        if PANICS.iter().any(|panic| function.name.contains(panic)) {
                            named.insert(function.index);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    Ok(endless.intersection(&named).copied().collect())
}

/// Whether a function ends in `unreachable`, without another way out.
fn never_returns(body: &FunctionBody<'_>) -> Result<bool> {
    let (mut depth, mut last_traps) = (0_u32, false);
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        let leaves = match operators.read()? {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                depth += 1;
                false
            }
            Operator::End if depth == 0 => return Ok(last_traps),
            Operator::End => {
                depth -= 1;
                false
            }
            Operator::Return => true,
            Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => relative_depth >= depth,
            Operator::BrTable { targets } => {
                targets.default() >= depth || targets.targets().any(|target| target.is_ok_and(|target| target >= depth))
            }
            Operator::Unreachable => {
                last_traps = true;
                continue;
            }
            _ => false,
        };
        if leaves {
            return Ok(false);
        }
        last_traps = false;
    }
    Ok(false)
}

/// Adds the bytes to cut out of a function.
fn cuts_in(body: &FunctionBody<'_>, panics: &HashSet<u32>, cuts: &mut Vec<Range<u64>>) -> Result<()> {
    let mut operators = body.get_operators_reader()?;
    // Where what prepares the next call begins.
    let mut start = operators.original_position();
    while !operators.eof() {
        let operator = operators.read()?;
        match operator {
            Operator::Call { function_index } if panics.contains(&function_index) => {
                cuts.push(start..operators.original_position());
            }
            ref operator if prepares(operator) => continue,
            _ => {}
        }
        start = operators.original_position();
    }
    Ok(())
}

/// Whether it only computes, or writes to memory that the panic would read.
fn prepares(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::I32Const { .. }
            | Operator::I64Const { .. }
            | Operator::LocalGet { .. }
            | Operator::LocalSet { .. }
            | Operator::LocalTee { .. }
            | Operator::I32Add
            | Operator::I32Load { .. }
            | Operator::I64Load { .. }
            | Operator::I32Store { .. }
            | Operator::I64Store { .. }
    )
}

/// Writes `unreachable` over each cut, and fills it up.
fn blank(section: &mut [u8], cuts: &[Range<u64>], base: u64) -> Result<()> {
    for cut in cuts {
        let range = bytes(&(cut.start - base..cut.end - base))?;
        let bytes = section.get_mut(range).context("a cut outside of the code")?;
        bytes.fill(NOP);
        if let Some(first) = bytes.first_mut() {
            *first = UNREACHABLE;
        }
    }
    Ok(())
}

/// The relocations of what was not cut.
fn kept(relocations: RelocSectionReader<'_>, cuts: &[Range<u64>], base: u64) -> Result<Vec<u8>> {
    let section = relocations.section_index();
    let is_cut = |entry: &RelocationEntry| {
        let at = base + u64::from(entry.offset);
        let next = cuts.partition_point(|cut| cut.end <= at);
        cuts.get(next).is_some_and(|cut| cut.contains(&at))
    };
    let (mut entries, mut count) = (Vec::new(), 0_u32);
    for entry in relocations.entries() {
        let entry = entry?;
        if is_cut(&entry) {
            continue;
        }
        count += 1;
        entries.push(entry.ty as u8);
        entry.offset.encode(&mut entries);
        entry.index.encode(&mut entries);
        if entry.ty.addend_kind() != wasmparser::RelocAddendKind::None {
            entry.addend.encode(&mut entries);
        }
    }
    let mut data = Vec::new();
    section.encode(&mut data);
    count.encode(&mut data);
    data.extend(entries);
    Ok(data)
}

fn bytes(range: &Range<u64>) -> Result<Range<usize>> {
    Ok(usize::try_from(range.start)?..usize::try_from(range.end)?)
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CodeSection, Function, FunctionSection, Instruction, NameMap, NameSection, TypeSection, ValType,
    };

    use super::*;

    /// Two functions that end in a trap, of which the second is called, and a caller of both.
    fn module(names: [&str; 2]) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([ValType::I32], []);
        let mut functions = FunctionSection::new();
        let mut code = CodeSection::new();
        for body in [
            &[Instruction::Unreachable, Instruction::End][..],
            &[Instruction::Return, Instruction::Unreachable, Instruction::End],
            &[
                Instruction::I32Const(7),
                Instruction::Call(1),
                Instruction::LocalGet(0),
                Instruction::Call(0),
                Instruction::End,
            ],
        ] {
            functions.function(0);
            let mut function = Function::new([]);
            for instruction in body {
                function.instruction(instruction);
            }
            code.function(&function);
        }
        let mut map = NameMap::new();
        for (index, name) in (0..).zip(names) {
            map.append(index, name);
        }
        let mut named = NameSection::new();
        named.functions(&map);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&code).section(&named);
        module.finish()
    }

    /// What the caller does.
    fn operators(wasm: &[u8]) -> Vec<String> {
        let mut last = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            if let Payload::CodeSectionEntry(body) = payload.unwrap() {
                let operators = body.get_operators_reader().unwrap();
                last = operators.into_iter().map(|operator| format!("{:?}", operator.unwrap())).collect();
            }
        }
        last
    }

    #[test]
    fn the_call_of_a_panic_goes_with_its_arguments_and_no_other() {
        let before = module(["core::panicking::panic_fmt", "core::option::unwrap_failed"]);
        let after = cut(&before).unwrap();
        assert_eq!(after.len(), before.len());
        assert_eq!(
            operators(&after),
            ["I32Const { value: 7 }", "Call { function_index: 1 }", "Unreachable", "Nop", "Nop", "Nop", "End"]
        );
        let other = module(["frontend::stop", "core::option::unwrap_failed"]);
        assert_eq!(cut(&other).unwrap(), other);
    }
}
