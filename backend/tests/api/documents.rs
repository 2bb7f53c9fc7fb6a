//! Files: joined, replaced, taken away, shown, and refused with a reason.

mod antivirus;
mod bucket;
mod several;

use std::io::Write as _;

use datapass::schedule;
use reqwest::Method;

use crate::support::{Answer, Client, TestApp, pdf};

pub async fn put(client: &Client, id: i64, kind: &str, filename: &str, bytes: &[u8]) -> Answer {
    let path = format!("/api/enrollments/{id}/documents/{kind}?filename={filename}");
    client.send(client.request(Method::PUT, &path).body(bytes.to_vec())).await
}

#[tokio::test]
async fn a_file_is_joined_read_replaced_and_taken_away() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let stranger = app.actor("inconnu", &[]).await;
    let id = applicant.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}/documents/LegalBasis");

    put(&applicant, id, "LegalBasis", "ancien.pdf", &pdf("ancien")).await.ok();
    let written = put(&applicant, id, "LegalBasis", "d%C3%A9lib%C3%A9ration.pdf", &pdf("nouveau")).await.ok();
    assert_eq!(written["documents"].as_array().unwrap().len(), 1);
    assert_eq!(written["documents"][0]["filename"], "délibération.pdf");

    let read = applicant.get(&path).await;
    assert_eq!(read.text.as_bytes(), pdf("nouveau"));
    assert!(read.headers["content-disposition"].starts_with("attachment"));
    assert_eq!(read.headers["content-type"], "application/octet-stream");
    assert_eq!(read.headers["x-content-type-options"], "nosniff");
    stranger.get(&path).await.error(404, "not_found");
    app.visitor().get(&path).await.error(401, "unauthorized");

    let removed = applicant.send(applicant.request(Method::DELETE, &path)).await.ok();
    assert_eq!(removed["documents"].as_array().unwrap().len(), 0);
    applicant.get(&path).await.error(404, "not_found");
    let events = applicant.get(&format!("/api/enrollments/{id}/events")).await.ok();
    assert_eq!(events.as_array().unwrap().len(), 1, "joined and taken away within the hour: nothing to tell");
}

#[tokio::test]
async fn only_a_pdf_is_shown_in_the_browser_and_it_runs_nothing() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("api_impot_particulier_sandbox").await;
    put(&applicant, id, "LegalBasis", "d%C3%A9cret.pdf", &pdf("décret")).await.ok();
    put(&applicant, id, "ExpressionBesoinSpecifique", "besoin.ods", &spreadsheet()).await.ok();
    let path = format!("/api/enrollments/{id}/documents");

    let shown = applicant.get(&format!("{path}/LegalBasis?inline=true")).await;
    assert_eq!(shown.text.as_bytes(), pdf("décret"));
    assert_eq!(shown.headers["content-type"], "application/pdf");
    assert!(shown.headers["content-disposition"].starts_with("inline; filename=\"d_cret.pdf\""));
    let policy = "default-src 'none'; frame-ancestors 'none'; sandbox";
    assert_eq!(shown.headers["content-security-policy"], policy, "not the one of our pages");
    assert_eq!(shown.headers["x-content-type-options"], "nosniff");
    let other = applicant.get(&format!("{path}/ExpressionBesoinSpecifique?inline=true")).await;
    assert_eq!(other.headers["content-type"], "application/octet-stream");
    assert!(other.headers["content-disposition"].starts_with("attachment"));

    app.actor("inconnu", &[]).await.get(&format!("{path}/LegalBasis?inline=true")).await.error(404, "not_found");
    applicant.get(&format!("{path}/LegalBasis?inline=oui")).await.error(400, "bad_request");
}

#[tokio::test]
async fn a_file_whose_content_differs_from_its_type_is_refused() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("api_particulier").await;
    let two_things = [pdf(""), spreadsheet()].concat();
    for (filename, bytes, told) in [
        ("a.pdf", &b"<html>"[..], "n’en est pas un"),
        ("a.pdf", b"", "vide"),
        ("a.pdf", b"%PDF-1.4 cut short", "incomplet"),
        ("a.pdf", b"%PDF-1.4 /Encrypt 1 0 R %%EOF", "mot de passe"),
        ("a.pdf", &two_things, "en cache un autre"),
        ("a.pdf", b"%PDF-1.4 1 0 obj<</S/JavaScript>>endobj %%EOF", "imprimez-le au format PDF"),
        ("a.exe", b"%PDF-1.4", "joignez un fichier PDF"),
        ("a", b"%PDF-1.4", "joignez un fichier PDF"),
        ("a.ods", b"PK\x03\x04", "joignez un fichier PDF"),
    ] {
        let message = put(&applicant, id, "LegalBasis", filename, bytes).await.error(415, "unsupported_media_type");
        assert!(message.contains(told), "{filename}: {message}");
    }
    let tax = applicant.complete("api_impot_particulier_sandbox").await;
    let disguised = put(&applicant, tax, "ExpressionBesoinSpecifique", "a.xlsx", &spreadsheet()).await;
    disguised.error(415, "unsupported_media_type");
    put(&applicant, id, "DecisionHomologation", "a.pdf", &pdf("")).await.error(403, "forbidden");
    put(&applicant, id, "LegalBasis", "%00.pdf", &pdf("")).await.error(400, "bad_request");
    put(&applicant, id, "LegalBasis", &format!("{}.pdf", "a".repeat(200)), &pdf("")).await.error(400, "bad_request");
    let read = applicant.get(&format!("/api/enrollments/{id}")).await.ok();
    assert_eq!(read["documents"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn ten_megabytes_are_accepted_and_not_a_byte_more() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("api_particulier").await;
    let mut large = b"%PDF-1.4".to_vec();
    large.resize(10 * 1024 * 1024 + 1 - 5, b'x');
    large.extend(b"%%EOF");
    put(&applicant, id, "LegalBasis", "a.pdf", &large).await.error(413, "payload_too_large");
    large.remove(8);
    put(&applicant, id, "LegalBasis", "..%2F..%2Fetc%2F%E2%80%AEa.pdf", &large).await.ok();
    let read = applicant.get(&format!("/api/enrollments/{id}")).await.ok();
    assert_eq!(read["documents"][0]["filename"], "a.pdf", "a name is no path");
    assert_eq!(read["documents"][0]["size"], 10 * 1024 * 1024);
}

#[tokio::test]
async fn refused_uploads_leave_no_file() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("api_particulier").await;
    put(&app.actor("inconnu", &[]).await, id, "LegalBasis", "a.pdf", &pdf("")).await.error(404, "not_found");
    put(&applicant, id, "LegalBasis", "a.pdf", b"%PDF-1.4").await.error(415, "unsupported_media_type");
    let kept = || std::fs::read_dir(app.directory().join("documents")).unwrap().count();
    assert_eq!(kept(), 0);
    // The same content twice is one file.
    put(&applicant, id, "LegalBasis", "a.pdf", &pdf("")).await.ok();
    put(&applicant, id, "LegalBasis", "b.pdf", &pdf("")).await.ok();
    assert_eq!(kept(), 1);
}

/// Makes a stored file as old as one that was written two days ago.
pub fn age(file: &std::path::Path) {
    let then = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 86_400);
    std::fs::File::options().write(true).open(file).unwrap().set_modified(then).unwrap();
}

#[tokio::test]
async fn a_stored_file_that_no_document_names_goes_after_a_day() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("api_particulier").await;
    for text in ["remplacé", "présent"] {
        put(&applicant, id, "LegalBasis", "a.pdf", &pdf(text)).await.ok();
    }
    let folder = app.directory().join("documents");
    for file in std::fs::read_dir(&folder).unwrap() {
        age(&file.unwrap().path());
    }
    // Two uploads that were not finished, and what somebody else has put there.
    let forgotten = app.state.storage.put(pdf("ancien").into()).await.unwrap();
    let young = app.state.storage.put(pdf("en cours").into()).await.unwrap();
    std::fs::write(folder.join("LISEZMOI.txt"), "À garder.").unwrap();
    for name in [forgotten.as_str(), "LISEZMOI.txt"] {
        age(&folder.join(name));
    }
    assert_eq!(schedule::delete_unnamed_files(&app.state).await.unwrap(), 1);
    assert!(!folder.join(&forgotten).exists() && folder.join(&young).exists());
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 4, "two are named, one is young, one is none of ours");
    assert_eq!(schedule::delete_unnamed_files(&app.state).await.unwrap(), 0);
}

/// An Open Document spreadsheet with nothing in it.
pub fn spreadsheet() -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    writer.start_file("mimetype", stored).unwrap();
    writer.write_all(b"application/vnd.oasis.opendocument.spreadsheet").unwrap();
    writer.finish().unwrap().into_inner()
}
