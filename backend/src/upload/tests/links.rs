//! Sheets and texts that start commands when they are opened (DDE), and those with harmless links.

use super::*;

fn sheet(path: &str, content: &str) -> Vec<u8> {
    archive(&[("[Content_Types].xml", WORKBOOK), ("xl/workbook.xml", "<workbook/>"), (path, content)])
}

fn text(content: &str) -> Vec<u8> {
    let body = format!("<w:document><w:body><w:p>{content}</w:p></w:body></w:document>");
    archive(&[("[Content_Types].xml", TEXT), ("word/document.xml", &body)])
}

fn spreadsheet(content: &str) -> Vec<u8> {
    archive(&[
        ("mimetype", SPREADSHEET),
        ("content.xml", &format!("<office:document-content>{content}</office:document-content>")),
    ])
}

/// A workbook of Excel 97 with the record that names another document (`SupBook`, [MS-XLS] 2.4.271), whose content is parted
/// there, so that it goes on in other records (`Continue`).
fn supporting(sheets: u16, path: &str, is_wide: bool, parted: &[usize]) -> Vec<u8> {
    let characters: Vec<u8> =
        if is_wide { path.encode_utf16().flat_map(u16::to_le_bytes).collect() } else { path.as_bytes().to_vec() };
    let count = u16::try_from(path.len()).unwrap();
    let names: Vec<u8> = (0..sheets).flat_map(|_| *b"\x03\0\0Feu").collect();
    let content = [&sheets.to_le_bytes()[..], &count.to_le_bytes(), &[u8::from(is_wide)], &characters, &names].concat();
    let (mut records, mut kind, mut start) = (BOF.to_vec(), 0x01ae, 0);
    for end in parted.iter().copied().chain([content.len()]) {
        records.extend(record(kind, &content[start..end]));
        (kind, start) = (0x3c, end);
    }
    records.extend(EOF);
    compound(&[("/Workbook", &records)])
}

#[test]
fn a_workbook_that_starts_commands_is_refused() {
    for (path, content) in [
        (
            "xl/externalLinks/externalLink1.xml",
            "<externalLink><ddeLink ddeService=\"cmd\" ddeTopic=\"/c calc\"/></externalLink>",
        ),
        (
            "xl/externalLinks/externalLink1.xml",
            "<x:externalLink><x:oleLink progId=\"Package\"></x:oleLink></x:externalLink>",
        ),
        ("xl/autre.bin", "\u{feff}<?xml version=\"1.0\"?><externalLink><ddeLink/></externalLink>"),
        ("xl/worksheets/sheet1.xml", "<worksheet><c><f>cmd|'/c calc'!A0</f></c></worksheet>"),
        ("xl/worksheets/sheet1.xml", "<worksheet><c><f>1+c&#109;d<!-- -->&#x7c;'/c calc'!A0</f></c></worksheet>"),
        (
            "xl/worksheets/sheet1.xml",
            "<worksheet><c><f><![CDATA[SUM('a''b'!A1)+cmd|'/c calc'!A0]]></f></c></worksheet>",
        ),
        (
            "xl/worksheets/sheet1.xml",
            "<worksheet><c><f t=\"shared\">Dde (\"cmd\";\"/c calc\";\"a\")</f></c></worksheet>",
        ),
        ("xl/workbook.xml.xml", "<workbook><definedName name=\"a\">cmd|'/c calc'!A0</definedName></workbook>"),
    ] {
        assert_eq!(verdict("a.xlsx", &sheet(path, content)), Err(Refusal::Commands), "{content}");
    }
    for content in [
        "<table:dde-links><table:dde-link><office:dde-source office:dde-application=\"cmd\"/></table:dde-link></table:dde-links>",
        "<text:dde-connection-decls><text:dde-connection-decl office:name=\"a\"/></text:dde-connection-decls>",
        "<table:dde-source/>",
        "<table:table-cell table:formula=\"of:=DDE(&quot;cmd&quot;;&quot;/c calc&quot;;&quot;a&quot;)\"/>",
        "<table:table-cell table:formula='of:=1+D&#68;E(\"cmd\";\"/c calc\")'/>",
        "<table:table-cell table:formula=\"msoxl:=cmd|'/c calc'!A0\"/>",
        "<table:named-expression table:name=\"a\" table:expression=\"DDE(&quot;cmd&quot;)\"/>",
    ] {
        assert_eq!(verdict("a.ods", &spreadsheet(content)), Err(Refusal::Commands), "{content}");
    }
}

#[test]
fn a_text_that_starts_commands_is_refused() {
    let field = "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>";
    let end = "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>";
    for content in [
        "<w:instrText>DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/k calc\"</w:instrText>",
        "<w:instrText xml:space=\"preserve\"> dde cmd </w:instrText>",
        "<w:r><w:instrText> D</w:instrText></w:r><w:r><w:instrText>DE</w:instrText></w:r><w:r><w:instrText>AUTO cmd</w:instrText></w:r>",
        "<w:instrText>D&#68;E<!-- -->AUTO cmd</w:instrText>",
        "<w:fldSimple w:instr=' DDEAUTO \"cmd\" '/>",
        "<z:fldSimple z:instr='D&#x44;E cmd'>texte</z:fldSimple>",
    ] {
        for bytes in [text(content), text(&format!("{field}{content}{end}"))] {
            assert_eq!(verdict("a.docx", &bytes), Err(Refusal::Commands), "{content}");
        }
    }
    let nested = format!(
        "{field}<w:instrText>DDEA</w:instrText>{field}<w:instrText>QUOTE 65</w:instrText>{end}<w:instrText>UTO cmd</w:instrText>{end}"
    );
    assert_eq!(verdict("a.docx", &text(&nested)), Err(Refusal::Commands));
    let after = format!("{field}<w:instrText>PAGE</w:instrText>{end}{field}<w:instrText>DDE cmd</w:instrText>");
    assert_eq!(verdict("a.docx", &text(&after)), Err(Refusal::Commands));
}

#[test]
fn a_workbook_of_excel_97_that_starts_commands_is_refused() {
    let other = "\u{1}\u{1}C\u{3}dossier\u{3}autre.xls";
    for is_wide in [false, true] {
        let check = |sheets, path, parted: &[usize]| verdict("a.xls", &supporting(sheets, path, is_wide, parted));
        // Wherever the record is parted: before its path, within it, more than once.
        for parted in [&[][..], &[2], &[4], &[5], &[6], &[8, 9], &[10]] {
            assert_eq!(check(0, "cmd\u{3}/c calc", parted), Err(Refusal::Commands), "{parted:?}");
        }
        // Names of sheets do not hide it, nor do they make one of a path with directories, however many records they fill.
        assert_eq!(check(0, "\u{1}\u{1}autre.xls", &[]), Ok(FileFormat::Xls));
        let after_path = 5 + other.len() * if is_wide { 2 } else { 1 };
        for parted in [&[][..], &[after_path], &[after_path + 1, after_path + 9]] {
            assert_eq!(check(7, other, parted), Ok(FileFormat::Xls), "{parted:?}");
        }
    }
    let before_97 = |link: &[u8]| {
        let bof = record(0x0809, b"\0\x05\x05\0\0\0\0\0");
        let length = [u8::try_from(link.len()).unwrap()];
        compound(&[("/Book", &[&bof[..], &record(0x17, &[&length[..], link].concat()), EOF].concat())])
    };
    assert_eq!(verdict("a.xls", &before_97(b"cmd\x03/c calc")), Err(Refusal::Commands));
    for link in [&b"\x03Feuille"[..], b"\x01\x01C\x03dossier\x03autre.xls", b"\x02"] {
        assert_eq!(verdict("a.xls", &before_97(link)), Ok(FileFormat::Xls), "{link:?}");
    }
    // The workbook itself, and functions of add-ins.
    let names_nothing = [BOF, &record(0x01ae, b"\x03\0\x01\x04"), &record(0x01ae, b"\x01\0\x01\x3a"), EOF].concat();
    assert_eq!(verdict("a.xls", &compound(&[("/Workbook", &names_nothing)])), Ok(FileFormat::Xls));
}

/// The sectors of a stream follow one another in a table: here those of two streams alternate.
#[test]
fn a_command_is_found_wherever_its_sectors_lie() {
    let command = supporting(0, "cmd\u{3}/c calc", false, &[]);
    let mut command = cfb::CompoundFile::open(Cursor::new(command)).unwrap();
    let mut records = Vec::new();
    std::io::Read::read_to_end(&mut command.open_stream("/Workbook").unwrap(), &mut records).unwrap();
    // Text before it puts the record across the end of a sector, and makes the stream one of whole sectors.
    let before = [BOF, &record(0x01b6, &[b' '; 4064])].concat();
    assert_eq!(before.len() % 512, 504, "the record begins some bytes before the end of a sector");
    let records = [&before, &records[BOF.len()..]].concat();
    let mut file = cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new())).unwrap();
    file.create_stream("/Workbook").unwrap();
    file.create_stream("/Autre").unwrap();
    for piece in records.chunks(512) {
        for (path, piece) in [("/Workbook", piece), ("/Autre", &[b'x'; 512][..])] {
            let mut stream = file.open_stream(path).unwrap();
            std::io::Seek::seek(&mut stream, std::io::SeekFrom::End(0)).unwrap();
            stream.write_all(piece).unwrap();
        }
    }
    file.flush().unwrap();
    let bytes = file.into_inner().into_inner();
    let command = record(0x01ae, b"\0\0\x0b\0\0cmd\x03/c calc");
    assert!(memmem::find(&bytes, &command).is_none(), "the record lies in two places");
    assert_eq!(verdict("a.xls", &bytes), Err(Refusal::Commands));
}

#[test]
fn harmless_links_and_formulas_are_kept() {
    for (path, content) in [
        ("xl/externalLinks/externalLink1.xml", "<externalLink><externalBook r:id=\"rId1\"/></externalLink>"),
        (
            "xl/worksheets/sheet1.xml",
            "<worksheet><f>WEBSERVICE(\"https://example.org\")&amp;\"cmd|' DDE(\"</f></worksheet>",
        ),
        (
            "xl/worksheets/sheet1.xml",
            "<worksheet><f>'Ventes | l''an'!A1+T[[#This Row],[Nom|Prénom]]+T['['a|b]</f></worksheet>",
        ),
        ("xl/worksheets/sheet1.xml", "<worksheet><f>ADDED(1)+MADDE(2)+DDE</f><v>DDE(\"cmd|'\")</v></worksheet>"),
        ("xl/sharedStrings.xml", "<sst><si><t>cmd|'/c calc'!A0 DDEAUTO DDE(</t></si></sst>"),
        ("xl/drawings/vmlDrawing1.vml", "<xml><v:shape><br></v:shape></xml>"),
        ("xl/media/image1.png", "<\u{1}\u{2}"),
        ("xl/vide.xml", ""),
    ] {
        assert_eq!(verdict("a.xlsx", &sheet(path, content)), Ok(FileFormat::Xlsx), "{content}");
    }
    for content in [
        "<table:table-cell table:formula=\"of:=SUM({1;2|3;4})&amp;&quot;DDE(&quot;\"/>",
        "<text:p>DDE(\"cmd\")</text:p><a b=\"DDE(\"/>",
    ] {
        assert_eq!(verdict("a.ods", &spreadsheet(content)), Ok(FileFormat::Ods), "{content}");
    }
    for content in [
        "<w:t>DDEAUTO cmd</w:t>",
        "<w:instrText>HYPERLINK \"https://example.org/DDE\" DDE</w:instrText>",
        "<w:fldChar w:fldCharType=\"begin\"/><w:instrText>DDEX</w:instrText><w:fldChar w:fldCharType=\"end\"/>",
        "<w:instrText>PAGE D</w:instrText><w:fldChar w:fldCharType=\"begin\"/><w:instrText>E</w:instrText>",
    ] {
        assert_eq!(verdict("a.docx", &text(content)), Ok(FileFormat::Docx), "{content}");
    }
}

#[test]
fn xml_that_would_be_read_otherwise_is_refused() {
    for content in [
        "<!DOCTYPE w [<!ENTITY d \"DDEAUTO\">]><w><w:instrText>&d; cmd</w:instrText></w>",
        "<?xml version=\"1.0\" encoding=\"UTF-7\"?><w/>",
        "<w",
        "DDE",
        "\u{0}<\u{0}w\u{0}/\u{0}>",
        "<\u{0}w\u{0}/\u{0}>\u{0}",
    ] {
        let bytes = archive(&[("[Content_Types].xml", TEXT), ("word/document.xml", content)]);
        assert_eq!(verdict("a.docx", &bytes), Err(Refusal::Damaged), "{content}");
    }
    let deep = "<w:fldChar w:fldCharType=\"begin\"/>".repeat(1_000);
    assert_eq!(verdict("a.docx", &text(&deep)), Err(Refusal::Damaged));
    let noise: String =
        (0..17 * 1024 * 128_u32).map(|number| format!("{:08x}", number.wrapping_mul(2_654_435_761))).collect();
    assert_eq!(verdict("a.docx", &text(&format!("<w:t>{noise}</w:t>"))), Err(Refusal::TooLarge));
    let old = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!DOCTYPE office:document-content PUBLIC \"-//OpenOffice.org//DTD OfficeDocument 1.0//EN\" \"office.dtd\"><office:document-content/>";
    let bytes = archive(&[("mimetype", "application/vnd.sun.xml.calc"), ("content.xml", old)]);
    assert_eq!(verdict("a.sxc", &bytes), Ok(FileFormat::Sxc));
}
