//! Workbooks of Excel 97 to 2003: records ([MS-XLS]) in a stream of a compound file ([MS-CFB]), the sectors of which may lie
//! anywhere in the file.

use std::io::{Cursor, Read as _};

use memchr::memmem;
use shared::document::FileFormat;

use super::{Refusal, contains_wide, u16_at};

/// What the streams with the records of a workbook are called: since Excel 97, and before.
const WORKBOOKS: [&str; 2] = ["Workbook", "Book"];

/// [MS-XLS] 2.4.271, `SupBook`: what a workbook is linked to.
const SUP_BOOK: u16 = 0x01ae;

/// The same before Excel 97: `EXTERNSHEET` of the version 5, as `LibreOffice` documents it (5.41).
const EXTERN_SHEET: u16 = 0x0017;
const BEFORE_97: u16 = 0x0500;

/// [MS-XLS] 2.4.58, `Continue`: the record before it goes on.
const CONTINUE: u16 = 0x003c;

/// Whether a workbook may be kept.
pub fn check(bytes: &[u8]) -> Result<(), Refusal> {
    if contains_wide(bytes, "EncryptedPackage") || has_file_pass(bytes) {
        return Err(Refusal::Encrypted);
    }
    if contains_wide(bytes, "_VBA_PROJECT") {
        return Err(Refusal::Macros);
    }
    let workbooks = workbooks(bytes)?;
    if workbooks.is_empty() {
        return Err(Refusal::Format(FileFormat::Xls.misnamed()));
    }
    let has_command = |workbook: &Vec<u8>| match u16_at(workbook, 4) {
        Some(BEFORE_97) => records(workbook, EXTERN_SHEET).iter().any(|pieces| is_command_before_97(pieces)),
        _ => records(workbook, SUP_BOOK).iter().any(|pieces| is_command(pieces)),
    };
    if workbooks.iter().any(has_command) { Err(Refusal::Commands) } else { Ok(()) }
}

/// The streams of records, of the workbook and of those that are embedded in it.
fn workbooks(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Refusal> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|_| Refusal::Damaged)?;
    let is_workbook = |name: &str| WORKBOOKS.iter().any(|known| name.eq_ignore_ascii_case(known));
    let streams = file.walk().filter(|entry| entry.is_stream() && is_workbook(entry.name()));
    let paths: Vec<_> = streams.map(|entry| entry.path().to_owned()).collect();
    let mut workbooks = Vec::new();
    // Sectors that several streams share are read for each of them: together they are no more than the file.
    let mut left = bytes.len() as u64;
    for path in paths {
        let mut content = Vec::new();
        let stream = file.open_stream(path).map_err(|_| Refusal::Damaged)?;
        let length = stream.take(left + 1).read_to_end(&mut content).map_err(|_| Refusal::Damaged)?;
        left = left.checked_sub(length as u64).ok_or(Refusal::Damaged)?;
        workbooks.push(content);
    }
    Ok(workbooks)
}

/// [MS-XLS] 2.4.117: `FilePass` follows the first record, `BOF`, when the workbook has a password.
fn has_file_pass(bytes: &[u8]) -> bool {
    memmem::find_iter(bytes, b"\x09\x08\x10\x00\x00\x06\x05\x00").any(|at| u16_at(bytes, at + 20) == Some(0x2f))
}

/// The content of each record of that kind, in the pieces that it was written in.
fn records(workbook: &[u8], wanted: u16) -> Vec<Vec<&[u8]>> {
    let (mut found, mut at, mut is_within) = (Vec::<Vec<&[u8]>>::new(), 0, false);
    while let (Some(kind), Some(length)) = (u16_at(workbook, at), u16_at(workbook, at + 2)) {
        let start = at + 4;
        at = start + usize::from(length);
        let content = workbook.get(start..at.min(workbook.len())).unwrap_or_default();
        match (kind, found.last_mut()) {
            (CONTINUE, Some(pieces)) if is_within => pieces.push(content),
            _ if kind == wanted => found.push(vec![content]),
            _ => {}
        }
        is_within = kind == wanted || kind == CONTINUE && is_within;
    }
    found
}

/// Whether a link asks another program. It is what has no sheets, and parts the program from what is asked of it by the
/// character 3, which in the path of another workbook parts directories.
fn is_command(pieces: &[&[u8]]) -> bool {
    let Some(first) = pieces.first() else { return false };
    let (sheets, count) = (u16_at(first, 0), u16_at(first, 2).unwrap_or_default());
    let width = if first.get(4).is_some_and(|flags| flags & 1 == 1) { 2 } else { 1 };
    let end = 5 + usize::from(count) * width;
    match first.get(5..end) {
        Some(path) => {
            let has_no_sheets = sheets == Some(0) || pieces.len() == 1 && first.len() == end;
            has_no_sheets && path.chunks_exact(width).any(|character| matches!(character, [3] | [3, 0]))
        }
        // The workbook itself and functions of add-ins have no path. No program parts a path, which is short.
        None => pieces.concat().get(4..).is_some_and(|rest| rest.contains(&3)),
    }
}

/// The same before Excel 97. What begins with one of the first characters is a sheet of its own, or another workbook.
fn is_command_before_97(pieces: &[&[u8]]) -> bool {
    let content = pieces.concat();
    let link = content.get(1..).unwrap_or_default();
    link.first().is_some_and(|first| *first > 4) && link.contains(&3)
}
