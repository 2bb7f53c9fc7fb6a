//! The same in an S3-compatible store, which verifies signatures; and without it, when it is down.

use std::net::SocketAddr;

use datapass::config::{Bucket, Config};
use datapass::schedule;
use datapass::state::AppState;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use reqwest::Method;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use super::{age, put};
use crate::support::{TestApp, pdf};

const NAME: &str = "pieces";

/// A store on the file system.
struct Store {
    directory: tempfile::TempDir,
    address: SocketAddr,
    running: JoinHandle<()>,
}

impl Store {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join(NAME)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let running = tokio::spawn(serve(listener, directory.path().to_owned()));
        Self { directory, address, running }
    }

    /// Ends it, with its connections.
    async fn stop(&mut self) {
        self.running.abort();
        assert!((&mut self.running).await.unwrap_err().is_cancelled());
    }

    async fn restart(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.running = tokio::spawn(serve(listener, self.directory.path().to_owned()));
    }

    fn bucket(&self) -> Bucket {
        Bucket {
            name: NAME.to_owned(),
            prefix: "datapass/essai".to_owned(),
            endpoint: Some(format!("http://{}", self.address)),
            region: "fr-par".to_owned(),
            access_key_id: "clef".to_owned(),
            secret_access_key: "secret".to_owned(),
        }
    }

    fn holds(&self, sha256: &str) -> bool {
        self.directory.path().join(NAME).join("datapass/essai").join(sha256).is_file()
    }
}

async fn serve(listener: TcpListener, directory: std::path::PathBuf) {
    let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(directory).unwrap());
    service.set_auth(SimpleAuth::from_single("clef", "secret"));
    let service = service.build().into_shared();
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let service = service.clone();
        connections.spawn(async move {
            drop(auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_joined_read_replaced_and_taken_away() {
    let store = Store::start().await;
    let app = TestApp::start_with(|config| config.documents = Some(store.bucket()));
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}/documents/LegalBasis");

    put(&applicant, id, "LegalBasis", "ancien.pdf", &pdf("ancien")).await.ok();
    let written = put(&applicant, id, "LegalBasis", "nouveau.pdf", &pdf("nouveau")).await.ok();
    assert!(store.holds(written["documents"][0]["sha256"].as_str().unwrap()));
    assert!(!app.directory().join("documents").exists());
    assert_eq!(applicant.get(&path).await.text.as_bytes(), pdf("nouveau"));
    applicant.send(applicant.request(Method::DELETE, &path)).await.ok();
    applicant.get(&path).await.error(404, "not_found");

    let mut large = b"%PDF-1.4".to_vec();
    large.resize(10 * 1024 * 1024 - 5, b'x');
    large.extend(b"%%EOF");
    put(&applicant, id, "LegalBasis", "grand.pdf", &large).await.ok();
    assert_eq!(applicant.get(&path).await.text.len(), large.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_store_that_is_down_is_502_and_loses_nothing() {
    let mut store = Store::start().await;
    let app = TestApp::start_with(|config| config.documents = Some(Bucket { prefix: String::new(), ..store.bucket() }));
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}/documents/LegalBasis");
    put(&applicant, id, "LegalBasis", "ancien.pdf", &pdf("ancien")).await.ok();

    store.stop().await;
    let message = put(&applicant, id, "LegalBasis", "nouveau.pdf", &pdf("nouveau")).await.error(502, "bad_gateway");
    assert!(message.contains("Réessayez"), "{message}");
    applicant.get(&path).await.error(502, "bad_gateway");
    let read = applicant.get(&format!("/api/enrollments/{id}")).await.ok();
    assert_eq!(read["documents"][0]["filename"], "ancien.pdf", "what was there is still there");

    store.restart().await;
    assert_eq!(applicant.get(&path).await.text.as_bytes(), pdf("ancien"));
    put(&applicant, id, "LegalBasis", "nouveau.pdf", &pdf("nouveau")).await.ok();
    assert_eq!(applicant.get(&path).await.text.as_bytes(), pdf("nouveau"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_file_that_no_document_names_goes_after_a_day() {
    let store = Store::start().await;
    let app = TestApp::start_with(|config| config.documents = Some(store.bucket()));
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("api_particulier").await;
    let joined = put(&applicant, id, "LegalBasis", "a.pdf", &pdf("joint")).await.ok();
    let joined = joined["documents"][0]["sha256"].as_str().unwrap();
    let forgotten = app.state.storage.put(pdf("ancien").into()).await.unwrap();
    let young = app.state.storage.put(pdf("en cours").into()).await.unwrap();
    for name in [joined, &forgotten] {
        age(&store.directory.path().join(NAME).join("datapass/essai").join(name));
    }
    assert_eq!(schedule::delete_unnamed_files(&app.state).await.unwrap(), 1);
    assert_eq!([joined, &forgotten, &young].map(|name| store.holds(name)), [true, false, true]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unusable_document_store_stops_the_start_with_one_message() {
    let mut store = Store::start().await;
    let bucket = store.bucket();
    let wrong = Bucket { secret_access_key: "autre".to_owned(), ..bucket.clone() };
    assert!(start(wrong).await.contains("n’y donnent pas le droit"));
    store.stop().await;
    assert!(start(bucket).await.contains("il ne répond pas"));
}

/// What is said instead of starting.
async fn start(bucket: Bucket) -> String {
    let directory = tempfile::tempdir().unwrap();
    let config = Config { data_dir: directory.path().to_owned(), documents: Some(bucket), ..Config::default() };
    let message = format!("{:#}", AppState::open(config, 0).await.err().unwrap());
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(message.contains("«\u{a0}s3://pieces/datapass/essai\u{a0}»"), "{message}");
    message
}
