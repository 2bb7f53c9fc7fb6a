//! Spreadsheets and texts that are ZIP archives: what the archive lists, whether it is so, and which document it is. An
//! archive within one is a file like any other: it is not unpacked.

use std::io::{self, BufRead as _, BufReader, Cursor, Read};

use memchr::memmem;
use shared::document::FileFormat;
use zip::ZipArchive;

use super::{Refusal, links, u16_at, u32_at};

/// The most files in an archive. A workbook of a hundred sheets has some three hundred.
const MAX_ENTRIES: usize = 5_000;

/// The most bytes that all the files of an archive say they have.
const MAX_UNPACKED: u64 = 256 * 1024 * 1024;

/// How many times its size a file may grow to, once it is larger than that. Sheets grow tenfold, a white picture further.
const MAX_GROWTH: u64 = 100;
const SMALL: u64 = 32 * 1024 * 1024;

/// How many bytes of a file are in memory while it is read.
const READ_AT_ONCE: usize = 64 * 1024;

/// The most bytes of the file that tells the type.
const MAX_MANIFEST: u64 = 1024 * 1024;

/// The record that ends an archive (APPNOTE 4.3.16), when it has no comment: office programs write none.
const END: &[u8; 4] = b"PK\x05\x06";
const END_LENGTH: usize = 22;

/// The first bytes of a line of the list of files (APPNOTE 4.3.12).
const LISTED: &[u8; 4] = b"PK\x01\x02";

/// Whether an archive is that document, and only that.
pub fn check(format: FileFormat, bytes: &[u8]) -> Result<(), Refusal> {
    let end =
        bytes.len().checked_sub(END_LENGTH).filter(|end| bytes.get(*end..).is_some_and(|end| end.starts_with(END)));
    let count = end.and_then(|end| u16_at(bytes, end + 10)).map(usize::from).ok_or(Refusal::Damaged)?;
    if count > MAX_ENTRIES {
        return Err(Refusal::TooLarge);
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refusal::Damaged)?;
    // Two files of the same name: each program would read another one.
    if archive.offset() != 0 || archive.len() != count {
        return Err(Refusal::Ambiguous);
    }
    let (mut starts, mut packed, mut unpacked) = (false, 0_u64, 0_u64);
    for index in 0..count {
        let entry = archive.by_index_raw(index).map_err(|_| Refusal::Damaged)?;
        let name = entry.name().map_err(|_| Refusal::Damaged)?;
        if entry.encrypted() {
            return Err(Refusal::Encrypted);
        }
        if leaves_the_folder(&name) {
            return Err(Refusal::Ambiguous);
        }
        if is_macro(&name) {
            return Err(Refusal::Macros);
        }
        starts |= entry.header_start() == 0;
        packed = packed.saturating_add(entry.compressed_size());
        unpacked = unpacked.saturating_add(entry.size());
    }
    // Something before the first file, or files that share their bytes.
    if !starts || packed > bytes.len() as u64 {
        return Err(Refusal::Ambiguous);
    }
    if unpacked > MAX_UNPACKED || (unpacked > SMALL && unpacked / MAX_GROWTH > bytes.len() as u64) {
        return Err(Refusal::TooLarge);
    }
    if archive.has_overlapping_entries().map_err(|_| Refusal::Damaged)? {
        return Err(Refusal::Ambiguous);
    }
    // No longer than declared each, they are no longer than that together.
    for index in 0..count {
        let entry = archive.by_index(index).map_err(|_| Refusal::Damaged)?;
        let (size, name) = (entry.size(), entry.name().map_err(|_| Refusal::Damaged)?.into_owned());
        unpack(&name, entry, size)?;
    }
    inner_type(format, &mut archive)
}

/// Reads a file of an archive, keeping nothing, to the first byte that its declared size has no room for.
fn unpack(name: &str, entry: impl Read, size: u64) -> Result<(), Refusal> {
    let mut content = BufReader::with_capacity(READ_AT_ONCE, entry.take(size.saturating_add(1)));
    let head = content.fill_buf().map_err(|_| Refusal::Damaged)?;
    if links::is_xml(name, head)? {
        links::check(name, &mut content)?;
    }
    io::copy(&mut content, &mut io::sink()).map_err(|_| Refusal::Damaged)?;
    // One byte is left of what may be read.
    if content.get_ref().limit() == 1 { Ok(()) } else { Err(Refusal::Damaged) }
}

/// Whether programs would open these bytes as an archive, wherever in them it is: they go back from its end by the
/// length of its list, or take the place of the list as it is written.
pub fn can_be_read_as_one(bytes: &[u8]) -> bool {
    let is_list = |at: Option<usize>| at.and_then(|at| bytes.get(at..)).is_some_and(|list| list.starts_with(LISTED));
    memmem::find_iter(bytes, END).any(|end| {
        let number = |at| u32_at(bytes, at).and_then(|number| usize::try_from(number).ok());
        let length = number(end + 12);
        // The two lengths are all ones where the 64-bit record before this one has them.
        is_list(length.and_then(|length| end.checked_sub(length)))
            || is_list(number(end + 16))
            || length == Some(u32::MAX as usize)
    })
}

/// Names that lead out of the folder an archive is unpacked in.
fn leaves_the_folder(name: &str) -> bool {
    name.starts_with('/') || name.contains(['\\', ':', '\0']) || name.split('/').any(|part| part == "..")
}

/// Programs of Excel and Word, and of Libre Office, which lists empty libraries too.
fn is_macro(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default();
    let is_library = matches!(file, "" | "script-lb.xml" | "script-lc.xml");
    file.eq_ignore_ascii_case("vbaProject.bin")
        || (!is_library && (name.starts_with("Basic/") || name.starts_with("Scripts/")))
}

/// What the document says that it is: `mimetype` in Open Document, the type of the main part in Office Open XML.
fn inner_type(format: FileFormat, archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<(), Refusal> {
    let is_right = match format {
        FileFormat::Xlsx | FileFormat::Docx => {
            let types = read(archive, "[Content_Types].xml");
            let has = |text: &str| memmem::find(&types, text.as_bytes()).is_some();
            // With its end: some programs list the types of files that are not there.
            if has("macroEnabled.main+xml") {
                return Err(Refusal::Macros);
            }
            let main = if format == FileFormat::Xlsx { "spreadsheetml.sheet" } else { "wordprocessingml.document" };
            has(&format!("{main}.main+xml"))
        }
        _ => {
            if memmem::find(&read(archive, "META-INF/manifest.xml"), b"encryption-data").is_some() {
                return Err(Refusal::Encrypted);
            }
            let expected = match format {
                FileFormat::Ods => "application/vnd.oasis.opendocument.spreadsheet",
                FileFormat::Odt => "application/vnd.oasis.opendocument.text",
                _ => "application/vnd.sun.xml.calc",
            };
            read(archive, "mimetype").trim_ascii() == expected.as_bytes()
        }
    };
    if is_right { Ok(()) } else { Err(Refusal::Format(format.misnamed())) }
}

/// The beginning of a file of an archive; nothing where there is none or it cannot be read.
fn read(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Vec<u8> {
    let mut content = Vec::new();
    match archive.by_name(name).map(|entry| entry.take(MAX_MANIFEST).read_to_end(&mut content)) {
        Ok(Ok(_)) => content,
        _ => Vec::new(),
    }
}
