//! Files of every kind, made here, and what is said of each.

mod links;
mod mutated;
mod running;
mod unpacking;

use std::io::{Cursor, Write as _};

use zip::CompressionMethod::{Deflated, Stored};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer\n<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0IEND\xae\x42\x60\x82";
const JPG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\xff\xd9";
const SPREADSHEET: &str = "application/vnd.oasis.opendocument.spreadsheet";
const WORKBOOK: &str = "<Types><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/></Types>";
/// What some programs write in every workbook.
const BINARY: &str =
    "<Default Extension=\"bin\" ContentType=\"application/vnd.ms-excel.sheet.binary.macroEnabled.main\"/>";
const TEXT: &str = "<Types><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";

/// An archive of these files.
fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        let method = if *name == "mimetype" { Stored } else { Deflated };
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn ods() -> Vec<u8> {
    archive(&[("mimetype", SPREADSHEET), ("content.xml", "<office:document-content/>")])
}

fn xlsx() -> Vec<u8> {
    archive(&[("[Content_Types].xml", WORKBOOK), ("xl/workbook.xml", "<workbook/>")])
}

/// A compound file with these streams.
fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (path, content) in streams {
        file.create_stream(path).unwrap().write_all(content).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

/// A record of a workbook of Excel 97.
fn record(kind: u16, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap();
    [&kind.to_le_bytes()[..], &length.to_le_bytes(), content].concat()
}

/// The first record of a workbook and of each part of it, and the last.
const BOF: &[u8] = b"\x09\x08\x10\0\0\x06\x05\0\0\0\0\0\0\0\0\0\0\0\0\0";
const EOF: &[u8] = b"\x0a\0\0\0";

/// A workbook of Excel 97 with another stream that begins with that text.
fn xls(more: &str) -> Vec<u8> {
    let more: Vec<u8> = more.encode_utf16().flat_map(u16::to_le_bytes).collect();
    compound(&[("/Workbook", &with(BOF, EOF)), ("/Autre", &more)])
}

fn verdict(filename: &str, bytes: &[u8]) -> Result<FileFormat, Refusal> {
    let formats = FileFormat::ALL.iter().map(|format| format.as_str().to_owned()).collect::<Vec<_>>();
    check(filename, bytes, &formats)
}

fn with(beginning: &[u8], end: &[u8]) -> Vec<u8> {
    [beginning, end].concat()
}

#[test]
fn sound_files_are_kept() {
    for (filename, bytes) in [
        ("a.pdf", PDF.to_vec()),
        ("rempli.pdf", with(PDF, &[0; 3000])),
        ("parle de chiffrement.pdf", with(b"%PDF-1.7 (the key /Encrypt of a trailer) /EncryptMetadata true", PDF)),
        ("a.ods", ods()),
        ("a.odt", archive(&[("mimetype", "application/vnd.oasis.opendocument.text")])),
        ("a.sxc", archive(&[("mimetype", "application/vnd.sun.xml.calc")])),
        ("bibliothèque vide.ods", archive(&[("mimetype", SPREADSHEET), ("Basic/Standard/script-lb.xml", "<x/>")])),
        ("a.XLSX", xlsx()),
        ("types de trop.xlsx", archive(&[("[Content_Types].xml", &format!("{BINARY}{WORKBOOK}"))])),
        ("a.docx", archive(&[("[Content_Types].xml", TEXT), ("word/document.xml", "<w/>")])),
        ("a.xls", xls("")),
        ("a.png", PNG.to_vec()),
        ("a.jpg", JPG.to_vec()),
    ] {
        assert!(verdict(filename, &bytes).is_ok(), "{filename}: {:?}", verdict(filename, &bytes));
    }
}

#[test]
fn every_file_cut_short_is_refused() {
    for (filename, whole) in [
        ("a.pdf", PDF.to_vec()),
        ("a.ods", ods()),
        ("a.xlsx", xlsx()),
        ("a.png", PNG.to_vec()),
        ("a.jpg", JPG.to_vec()),
    ] {
        for length in 0..whole.len() - 2 {
            assert!(verdict(filename, &whole[..length]).is_err(), "{filename} of {length} bytes");
        }
    }
    assert_eq!(verdict("a.pdf", &PDF[..60]), Err(Refusal::Damaged));
    assert_eq!(verdict("a.xls", &xls("")[..1024]), Err(Refusal::Damaged));
    assert_eq!(verdict("a.ods", b"PK\x03\x04"), Err(Refusal::Damaged));
}

#[test]
fn a_password_is_refused() {
    let manifest = archive(&[("mimetype", SPREADSHEET), ("META-INF/manifest.xml", "<manifest:encryption-data/>")]);
    // Bit 0 of the flags, in the file's header and in the list (APPNOTE 4.4.4).
    let mut flagged = ods();
    flagged[6] |= 1;
    let list = memmem::find(&flagged, b"PK\x01\x02").unwrap();
    flagged[list + 8] |= 1;
    let file_pass = compound(&[("/Workbook", &[BOF, &record(0x2f, &[0; 6]), EOF].concat())]);
    for (filename, bytes) in [
        ("référence.pdf", with(b"%PDF-1.7 trailer <</Root 1 0 R /Encrypt 12 0 R>>", PDF)),
        ("nom codé.pdf", with(b"%PDF-1.7 trailer <</Root 1 0 R /Encr#79pt 12 0 R>>", PDF)),
        ("sur place.pdf", with(b"%PDF-1.7 <</Type/XRef/Encrypt<</V 5>>>>", PDF)),
        ("zip.ods", flagged),
        ("open document.ods", manifest),
        ("biff.xls", file_pass),
        ("excel.xls", xls("EncryptedPackage")),
        ("excel.xlsx", xls("EncryptedPackage")),
    ] {
        assert_eq!(verdict(filename, &bytes), Err(Refusal::Encrypted), "{filename}");
    }
}

#[test]
fn a_file_that_is_two_things_is_refused() {
    let mut traversals = ["../a", "a/../../b", "/etc/passwd", "C:a", "a\\b"].map(|name| {
        let names = archive(&[("mimetype", SPREADSHEET), ("name-of-this-length", "")]);
        // The writer would clean such a name: it is written over another one.
        let mut padded = name.as_bytes().to_vec();
        padded.resize("name-of-this-length".len(), b'x');
        let mut bytes = names;
        while let Some(at) = memmem::find(&bytes, b"name-of-this-length") {
            bytes.splice(at..at + padded.len(), padded.iter().copied());
        }
        bytes
    });
    for bytes in &mut traversals {
        assert_eq!(verdict("a.ods", bytes), Err(Refusal::Ambiguous));
    }
    for (filename, bytes) in [
        ("zip après.pdf", with(PDF, &ods())),
        ("zip au milieu.pdf", with(&with(PDF, &ods()), PDF)),
        ("zip loin.pdf", with(&with(PDF, &ods()), &with(&[b'\n'; 70_000], PDF))),
        ("zip après.png", with(&with(&PNG[..20], &ods()), PNG)),
        ("zip après.xls", with(&xls(""), &xlsx())),
        ("pdf.jpg", with(JPG, &with(PDF, JPG))),
        ("pdf devant.ods", archive(&[("mimetype", SPREADSHEET), ("%PDF-1.7", "%%EOF")])),
        ("deux zips.ods", with(&ods(), &ods())),
    ] {
        assert_eq!(verdict(filename, &bytes), Err(Refusal::Ambiguous), "{filename}");
    }
    assert_eq!(verdict("suite.ods", &with(&ods(), b"#!/bin/sh")), Err(Refusal::Damaged));
    assert!(matches!(verdict("zip devant.pdf", &with(&ods(), PDF)), Err(Refusal::Format(_))));
}

#[test]
fn programs_and_macros_are_refused() {
    let mut windows = b"MZ".to_vec();
    windows.resize(0x3c, 0);
    windows.extend(b"\x40\0\0\0PE\0\0");
    assert_eq!(verdict("a.pdf", &with(&with(PDF, &windows), PDF)), Err(Refusal::Executable));
    assert_eq!(verdict("a.xls", &with(&xls(""), b"\x7fELF\x02\x01\x01")), Err(Refusal::Executable));
    let macro_enabled =
        WORKBOOK.replace("openxmlformats-officedocument.spreadsheetml.sheet", "ms-excel.sheet.macroEnabled");
    for (filename, bytes) in [
        ("a.xlsx", archive(&[("[Content_Types].xml", WORKBOOK), ("xl/vbaProject.bin", "")])),
        ("a.xlsx", archive(&[("[Content_Types].xml", &macro_enabled)])),
        ("a.ods", archive(&[("mimetype", SPREADSHEET), ("Basic/Standard/Module1.xml", "")])),
        ("a.ods", archive(&[("mimetype", SPREADSHEET), ("Scripts/python/a.py", "")])),
        ("a.xls", xls("_VBA_PROJECT_CUR")),
    ] {
        assert_eq!(verdict(filename, &bytes), Err(Refusal::Macros), "{filename}");
    }
}

#[test]
fn one_document_under_the_name_of_another_is_refused() {
    for (filename, bytes) in [
        ("a.xlsx", ods()),
        ("a.ods", xlsx()),
        ("a.odt", ods()),
        ("a.docx", xlsx()),
        ("a.xlsx", archive(&[("META-INF/MANIFEST.MF", "Main-Class: A")])),
        ("a.xls", compound(&[("/WordDocument", &[0; 512])])),
        ("a.pdf", PNG.to_vec()),
    ] {
        let refusal = verdict(filename, &bytes).unwrap_err();
        assert!(matches!(&refusal, Refusal::Format(message) if message.contains("n’en est pas un")), "{refusal:?}");
    }
}

#[test]
fn what_would_fill_a_disk_is_refused() {
    let mut bomb = ods();
    let list = memmem::rfind(&bomb, b"PK\x01\x02").unwrap();
    bomb.splice(list + 24..list + 28, (300 * 1024 * 1024_u32).to_le_bytes());
    assert_eq!(verdict("a.ods", &bomb), Err(Refusal::TooLarge));
    let names: Vec<String> = (0..5_001).map(|number| number.to_string()).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    assert_eq!(verdict("a.ods", &archive(&files)), Err(Refusal::TooLarge));
}

#[test]
fn the_largest_files_are_checked_quickly() {
    let started = std::time::Instant::now();
    for pattern in [
        &b"PK\x05\x06"[..],
        b"PK\x01\x02",
        b"MZ",
        b"/Encrypt ",
        b"\x7fELF",
        b" ",
        b"\0",
        b" obj(",
        b" obj/EF%",
        b" obj<</First 1>>stream x",
    ] {
        let mut bytes = b"%PDF-1.7".to_vec();
        bytes.extend(pattern.iter().cycle().take(shared::document::MAX_SIZE - 100));
        drop(verdict("a.pdf", &bytes));
        bytes.splice(..8, *b"PK\x03\x04....");
        drop(verdict("a.ods", &with(&bytes, &ods()[ods().len() - 22..])));
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn names_are_for_people_and_lead_nowhere() {
    for (sent, kept) in [
        ("Décret.pdf", "Décret.pdf"),
        ("De\u{301}cret.pdf", "Décret.pdf"),
        ("../../etc/a.pdf", "a.pdf"),
        ("C:\\Documents\\a.pdf", "a.pdf"),
        ("  a.pdf ", "a.pdf"),
        ("a\u{202e}fdp.exe", "afdp.exe"),
        ("\u{feff}a\u{200b}.pdf", "a.pdf"),
    ] {
        assert_eq!(filename(sent).as_deref(), Ok(kept));
    }
    let long = "a".repeat(MAX_NAME_LENGTH);
    for sent in [
        "",
        " ",
        ".",
        "..",
        ".pdf",
        "../",
        "a/ .pdf",
        "\u{202e}.pdf",
        "a\0.pdf",
        "a\n.pdf",
        "a\u{7f}.pdf",
        &format!("{long}.pdf"),
    ] {
        assert!(filename(sent).is_err(), "{sent:?}");
    }
}
