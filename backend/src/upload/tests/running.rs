//! PDF files that run something or carry other files, and those that only speak of it.

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::*;

/// A PDF with these objects before its end.
fn pdf(objects: &[u8]) -> Vec<u8> {
    with(&with(b"%PDF-1.7\n", objects), &PDF[9..])
}

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// A stream with that in its dictionary.
fn stream(dictionary: &str, content: &[u8]) -> Vec<u8> {
    let start = format!("5 0 obj\n<<{dictionary}/Length {}>>\nstream\r\n", content.len());
    [start.as_bytes(), content, b"\nendstream\nendobj\n"].concat()
}

/// An object stream that holds this object.
fn packed(object: &str) -> Vec<u8> {
    stream("/Type/ObjStm/N 1/First 4/Filter/FlateDecode", &deflated(format!("7 0 {object}").as_bytes()))
}

#[test]
fn a_pdf_that_runs_something_is_refused() {
    for object in [
        "4 0 obj\n<</Type/Action/S/JavaScript/JS(app.alert(1))>>\nendobj",
        "4 0 obj<</S /#4a#61vaScript /J#53 9 0 R>>endobj",
        "4 0 obj<</JS<6170702e>>>endobj",
        "4 0 obj<</Names<</JavaScript 6 0 R>>>>endobj",
        "4 0 obj<</Type/Catalog/OpenAction<</S/Launch/F(cmd.exe)>>>>endobj",
        "4 0 obj<</A<</S/Launch/Win<</F(cmd.exe)>>>>>>endobj",
        "4 0 %c\nobj<</A(\\)endobj (stream) )/B(x)%endobj\n/S/JavaScript>>endobj",
        "4 0 obj<</A[1 2 (])]/S\0/JavaScript>>endobj",
        "4 0 obj(4 0 obj<</S/JavaScript>>)endobj",
        "4 0 obj<</Length 9>>stream\nendstream 5 0 obj<</S/JavaScript>>endobj",
        "trailer<</Root<</OpenAction<</S/JavaScript/JS 8 0 R>>>>>>",
    ] {
        assert_eq!(verdict("a.pdf", &pdf(object.as_bytes())), Err(Refusal::Runs), "{object}");
    }
    for object in ["<</S/JavaScript/JS 8 0 R>>", "<</S/L#61unch>>", "(<</S/JavaScript>>)"] {
        assert_eq!(verdict("a.pdf", &pdf(&packed(object))), Err(Refusal::Runs), "packed {object}");
    }
    let unnamed = stream("/N 1/First 4/Filter[/Fl]", &deflated(b"7 0 <</S/JavaScript>>"));
    assert_eq!(verdict("a.pdf", &pdf(&unnamed)), Err(Refusal::Runs));
}

#[test]
fn a_pdf_with_other_files_or_a_film_is_refused() {
    for object in [
        "<</Names<</EmbeddedFiles 6 0 R>>>>",
        "<</Type/EmbeddedFile/Length 3>>",
        "<</Type/Filespec/F(a.exe)/EF<</F 5 0 R>>>>",
        "<</Type/Filespec/F(a.exe)/EF 5 0 R>>",
        "<</Subtype/FileAttachment/FS 5 0 R>>",
        "<</Subtype/Rich#4dedia>>",
    ] {
        let plain = format!("4 0 obj {object} endobj\n");
        for bytes in [pdf(plain.as_bytes()), pdf(&packed(object))] {
            assert_eq!(verdict("a.pdf", &bytes), Err(Refusal::Carries), "{object}");
        }
    }
}

#[test]
fn a_form_that_is_drawn_by_a_program_is_refused() {
    let object = "<</AcroForm<</XFA[(template) 8 0 R]>>>>";
    assert_eq!(verdict("a.pdf", &pdf(format!("4 0 obj{object}endobj").as_bytes())), Err(Refusal::DynamicForm));
    assert_eq!(verdict("a.pdf", &pdf(&packed(object))), Err(Refusal::DynamicForm));
}

#[test]
fn a_pdf_that_speaks_of_programs_is_kept() {
    for objects in [
        b"4 0 obj<</Title(Ecrire /JavaScript et /Launch, /EmbeddedFile)>>endobj\n".to_vec(),
        b"4 0 obj<</A/JavaScripts/B/JSON(x)/JS/C/EF 12/Type/Font>>endobj\n".to_vec(),
        b"4 0 obj<</Type/Encoding/Differences[65/JS 74/EF/XF]>>endobj %/JavaScript\n".to_vec(),
        b"4 0 obj<</A<</S/URI/URI(https://example.org/JavaScript)>>/OpenAction[1 0 R/Fit]>>endobj\n".to_vec(),
        stream("", b"BT /F1 12 Tf (S /JavaScript /JS \\(app.alert\\)) Tj (un objet) Tj ET"),
        stream("/Filter/FlateDecode", &deflated(b"BT (<</S/JavaScript/JS(x)>>) Tj ET")),
        packed("<</Type/Outlines/Title(La page)/First 4 0 R>>"),
        stream("/Type/XObject/Subtype/Image/Filter/DCTDecode", b"\xff\xd8 /JS( /EF<< /JavaScript \xff\xd9"),
    ] {
        let text = String::from_utf8_lossy(&objects).into_owned();
        assert_eq!(verdict("a.pdf", &pdf(&objects)), Ok(FileFormat::Pdf), "{text}");
    }
}

#[test]
fn objects_that_cannot_be_read_are_refused() {
    let sound = deflated(b"7 0 <</Type/Page>>");
    for (dictionary, content) in [
        ("/Type/ObjStm/N 1/First 4/Filter/FlateDecode", &b"no deflate"[..]),
        ("/Type/ObjStm/N 1/First 4/Filter/FlateDecode", &sound[..sound.len() - 6]),
        ("/Type/ObjStm/N 1/First 4", b"7 0 <</Type/Page>>"),
        ("/Type/ObjStm/N 1/First 4/Filter/LZWDecode", &sound),
        ("/Type/ObjStm/N 1/First 4/Filter[/ASCIIHexDecode/FlateDecode]", &sound),
        ("/Type/ObjStm/N 1/First 4/Filter 8 0 R", &sound),
        ("/Type/ObjStm/N 1/First 4/Filter/FlateDecode/DecodeParms<</Predictor 12>>", &sound),
    ] {
        assert_eq!(verdict("a.pdf", &pdf(&stream(dictionary, content))), Err(Refusal::Damaged), "{dictionary}");
    }
    let bomb = deflated(&vec![b' '; 17 * 1024 * 1024]);
    let objects = stream("/Type/ObjStm/N 1/First 4/Filter/FlateDecode", &bomb);
    assert_eq!(verdict("a.pdf", &pdf(&objects)), Err(Refusal::TooLarge));
    let third = stream("/Type/ObjStm/N 1/First 4/Filter/FlateDecode", &deflated(&vec![b' '; 15 * 1024 * 1024]));
    assert_eq!(verdict("a.pdf", &pdf(&third)), Ok(FileFormat::Pdf));
    assert_eq!(verdict("a.pdf", &pdf(&third.repeat(6))), Err(Refusal::TooLarge));
}
