//! Archives whose list says what is not so, and those that grow beyond measure.

use std::fmt::Write as _;

use super::*;

/// Where the only line of a list that names this file begins.
fn line_of(bytes: &[u8], name: &str) -> usize {
    memmem::rfind(bytes, name.as_bytes()).unwrap() - 46
}

/// A spreadsheet whose one sheet is this long, and says in both places that it is that long.
fn declaring(real: usize, declared: u32) -> Vec<u8> {
    let mut bytes = archive(&[("mimetype", SPREADSHEET), ("Pictures/a", &"a".repeat(real))]);
    let line = line_of(&bytes, "Pictures/a");
    bytes.splice(line + 24..line + 28, declared.to_le_bytes());
    let header = memmem::find(&bytes, b"Pictures/a").unwrap() - 30;
    bytes.splice(header + 22..header + 26, declared.to_le_bytes());
    bytes
}

#[test]
fn a_file_of_another_size_than_declared_is_refused() {
    assert_eq!(verdict("a.ods", &declaring(1_000, 1_000)), Ok(FileFormat::Ods));
    for (real, declared) in [(8 * 1024 * 1024, 10), (1_001, 1_000), (1_000, 1_001), (10, 0), (0, 10)] {
        assert_eq!(verdict("a.ods", &declaring(real, declared)), Err(Refusal::Damaged), "{real} for {declared}");
    }
}

#[test]
fn a_file_with_another_checksum_is_refused() {
    let mut bytes = ods();
    let line = line_of(&bytes, "content.xml");
    bytes[line + 16] ^= 1;
    assert_eq!(verdict("a.ods", &bytes), Err(Refusal::Damaged));
}

#[test]
fn a_file_packed_in_an_unknown_way_is_refused() {
    let mut bytes = ods();
    let line = line_of(&bytes, "content.xml");
    bytes[line + 10] = 12;
    assert_eq!(verdict("a.ods", &bytes), Err(Refusal::Damaged));
}

#[test]
fn files_that_share_their_bytes_are_refused() {
    let mut bytes = archive(&[("mimetype", SPREADSHEET), ("Pictures/a", "the same"), ("Pictures/b", "the same")]);
    let (first, second) = (line_of(&bytes, "Pictures/a"), line_of(&bytes, "Pictures/b"));
    bytes.copy_within(first + 42..first + 46, second + 42);
    assert_eq!(verdict("a.ods", &bytes), Err(Refusal::Ambiguous));
}

#[test]
fn what_grows_a_hundredfold_is_refused_once_it_is_large() {
    let large = "a".repeat(33 * 1024 * 1024);
    assert_eq!(
        verdict("a.ods", &archive(&[("mimetype", SPREADSHEET), ("Pictures/a", &large)])),
        Err(Refusal::TooLarge)
    );
    let half = &large[..large.len() / 2];
    let several = archive(&[("mimetype", SPREADSHEET), ("Pictures/a", half), ("Pictures/b", half), ("c", "aaaa")]);
    assert_eq!(verdict("a.ods", &several), Err(Refusal::TooLarge));
    assert_eq!(verdict("a.ods", &archive(&[("mimetype", SPREADSHEET), ("Pictures/a", half)])), Ok(FileFormat::Ods));
}

#[test]
fn a_sheet_of_many_numbers_is_kept() {
    let mut rows = "<worksheet><sheetData>".to_owned();
    for row in 0..100_000 {
        write!(rows, "<row r=\"{row}\"><c r=\"A{row}\" s=\"1\"><v>{}</v></c></row>", row * 7919 % 10_007).unwrap();
    }
    rows.push_str("</sheetData></worksheet>");
    let workbook = archive(&[("[Content_Types].xml", WORKBOOK), ("xl/worksheets/sheet1.xml", &rows)]);
    assert_eq!(verdict("a.xlsx", &workbook), Ok(FileFormat::Xlsx));
}

#[test]
fn an_archive_in_a_document_is_not_unpacked() {
    // It says that it has 300 MB, which would be refused of the document itself.
    let mut inner = xlsx();
    let line = line_of(&inner, "xl/workbook.xml");
    inner.splice(line + 24..line + 28, (300 * 1024 * 1024_u32).to_le_bytes());
    assert_eq!(verdict("a.xlsx", &inner), Err(Refusal::TooLarge));
    for method in [Stored, Deflated] {
        let document = archive(&[("[Content_Types].xml", TEXT), ("word/document.xml", "<w/>")]);
        let mut writer = ZipWriter::new_append(Cursor::new(document)).unwrap();
        let options = SimpleFileOptions::default().compression_method(method);
        writer.start_file("word/embeddings/a.xlsx", options).unwrap();
        writer.write_all(&inner).unwrap();
        let outer = writer.finish().unwrap().into_inner();
        assert_eq!(verdict("a.docx", &outer), Ok(FileFormat::Docx), "{method:?}");
    }
}
