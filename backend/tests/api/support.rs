//! The application under test and the people who use it.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::mpsc;
use std::time::Duration;

use datapass::app::{Server, State};
use datapass::auth::session;
use datapass::config::Config;
use datapass::db::types::now;
use datapass::models::user::{self, Profile};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use shared::organization::{MembershipSource, Organization};
use shared::user::Role;

pub const CLAMART: &str = "21920023500014";
pub const DINUM: &str = "13002526500013";

/// The real server, on a free port, with its own database and directory.
pub struct TestApp {
    pub url: String,
    pub state: actix_web::web::Data<State>,
    handle: actix_web::dev::ServerHandle,
    database: Option<(String, String)>,
    directory: tempfile::TempDir,
}

impl TestApp {
    pub fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// Starts with a configuration that differs from the default.
    pub fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = std::env::var("TEST_DATABASE_URL").ok().map(|server| create_database(&server));
        let mut config = Config {
            port: 0,
            data_dir: directory.path().to_owned(),
            database_url: database.as_ref().map(|(_, url)| url.clone()),
            ..Config::default()
        };
        change(&mut config);
        let (state, handle) = run(config);
        Self { url: state.public_url.replace("localhost", "127.0.0.1"), state, handle, database, directory }
    }

    /// Somebody who is signed in, speaks for both organisations and holds these roles.
    pub async fn actor(&self, name: &str, roles: &[&str]) -> Client {
        self.actor_of(name, roles, &[CLAMART, DINUM]).await
    }

    pub async fn actor_of(&self, name: &str, roles: &[&str], sirets: &[&str]) -> Client {
        let profile = Profile {
            issuer: "test".to_owned(),
            sub: name.to_owned(),
            email: format!("{name}@exemple.fr"),
            email_verified: true,
            given_name: name.to_owned(),
            family_name: "Exemple".to_owned(),
            phone_number: "01 23 45 67 89".to_owned(),
            job: "Essayeur".to_owned(),
        };
        let organizations: Vec<Organization> = sirets
            .iter()
            .map(|siret| Organization {
                siret: siret.parse().unwrap(),
                label: format!("Organisation {siret}"),
                source: MembershipSource::Issuer,
                is_verified: true,
            })
            .collect();
        let roles: Vec<Role> = roles.iter().map(|role| role.parse().unwrap()).collect();
        let id = self
            .state
            .db
            .write(move |connection| {
                let id = user::upsert(connection, &profile, &organizations, now().naive_utc())?;
                for role in &roles {
                    user::grant(connection, id, role)?;
                }
                Ok(id)
            })
            .await
            .unwrap();
        let cookie = session::open(&self.state, id, String::new(), String::new()).await.unwrap();
        Client { url: self.url.clone(), cookie: Some(format!("{}={}", cookie.name(), cookie.value())), http: http() }
    }

    pub fn visitor(&self) -> Client {
        Client { url: self.url.clone(), cookie: None, http: http() }
    }

    pub fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// Waits until nothing is left to deliver and returns the mails, oldest first.
    pub async fn mails(&self) -> Vec<(String, String, String)> {
        use datapass::schema::{mailbox, outbox};

        for _ in 0..200 {
            let pending: i64 = self
                .state
                .db
                .read(|c| Ok(outbox::table.filter(outbox::delivered_at.is_null()).count().get_result(c)?))
                .await
                .unwrap();
            if pending == 0 {
                break;
            }
            self.state.bell.notify_one();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let query = mailbox::table.order(mailbox::id).select((mailbox::recipient, mailbox::subject, mailbox::body));
        self.state.db.read(move |connection| Ok(query.load(connection)?)).await.unwrap()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some((server, url)) = &self.database {
            let name = url.rsplit('/').next().unwrap();
            if let Ok(mut connection) = PgConnection::establish(server) {
                drop(connection.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")));
            }
        }
    }
}

/// Runs the server in a thread of its own, as the executable does.
fn run(config: Config) -> (actix_web::web::Data<State>, actix_web::dev::ServerHandle) {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = Server::bind(config).await.unwrap();
            let state = server.state.clone();
            let running = server.run().unwrap();
            sender.send((state, running.handle())).unwrap();
            running.await.unwrap();
        });
    });
    receiver.recv().unwrap()
}

pub fn create_database(server: &str) -> (String, String) {
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    let mut connection = PgConnection::establish(server).expect("TEST_DATABASE_URL");
    connection.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    (server.to_owned(), format!("{base}/{name}"))
}

fn http() -> reqwest::Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// A caller of the API.
#[derive(Clone)]
pub struct Client {
    pub url: String,
    pub cookie: Option<String>,
    http: reqwest::Client,
}

/// Status, headers and JSON body of an answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HashMap<String, String>,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, self.text))
    }

    #[track_caller]
    pub fn ok(&self) -> Value {
        assert!(self.status.is_success(), "{} {}", self.status, self.text);
        self.json()
    }

    /// The answer must be this error; its message is returned.
    #[track_caller]
    pub fn error(&self, status: u16, code: &str) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        let body = self.json();
        assert_eq!(body["code"], code, "{body}");
        let message = body["message"].as_str().unwrap().to_owned();
        assert!(!message.is_empty());
        message
    }

    /// The fields of a 422, in order.
    pub fn fields(&self) -> Vec<String> {
        self.error(422, "invalid");
        self.json()["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| format!("{}: {}", error["field"].as_str().unwrap(), error["problem"].as_str().unwrap()))
            .collect()
    }
}

impl Client {
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.cookie {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        }
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let answer = request.send().await.unwrap();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
            .collect();
        Answer { status: answer.status(), headers, text: answer.text().await.unwrap_or_default() }
    }

    /// The same browser once it has taken the cookie of that answer.
    pub fn after(&self, answer: &Answer) -> Self {
        let cookie = answer.headers["set-cookie"].split(';').next().unwrap().to_owned();
        Self { cookie: Some(cookie), ..self.clone() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(body)).await
    }

    pub async fn step(&self, id: i64, event: &str, comment: &str) -> Answer {
        let body = json!({"event": event, "comment": comment});
        self.patch(&format!("/api/enrollments/{id}/change_state"), &body).await
    }

    /// A draft of that API that can be submitted; its number.
    pub async fn complete(&self, target_api: &str) -> i64 {
        let mut draft = complete(target_api);
        draft["target_api"] = json!(target_api);
        self.post("/api/enrollments", &draft).await.ok()["id"].as_i64().unwrap()
    }

    /// A submitted request of that API; its number.
    pub async fn submitted(&self, target_api: &str) -> i64 {
        let id = self.complete(target_api).await;
        self.step(id, "submit", "").await.ok();
        id
    }
}

/// The members of a draft that can be submitted.
pub fn complete(target_api: &str) -> Value {
    let person = |kind: &str| {
        json!({
            "type": kind, "given_name": "Claude", "family_name": "Modèle", "email": format!("{kind}@exemple.fr"),
            "phone_number": "06 12 34 56 78", "job": "Direction",
        })
    };
    let mut draft = json!({
        "siret": CLAMART,
        "intitule": "Tarification de la cantine",
        "description": "Calculer le tarif de la cantine d’après le quotient familial.",
        "data_recipients": "Agents du service enfance",
        "data_retention_period": 12,
        "fondement_juridique_title": "Article L114-8 du CRPA",
        "fondement_juridique_url": "https://www.legifrance.gouv.fr/codes/article_lc/X",
        "team_members": [
            person("responsable_traitement"), person("delegue_protection_donnees"), person("responsable_technique"),
        ],
        "cgu_approved": true,
        "dpo_is_informed": true,
    });
    match target_api {
        "api_particulier" => {
            draft["scopes"] = json!(["cnaf_quotient_familial"]);
            draft["technical_team_type"] = json!("internal_team");
        }
        "franceconnect" => {
            draft["scopes"] = json!(["openid", "email"]);
            draft["additional_content"] = json!({"has_alternative_authentication_methods": true});
        }
        "api_impot_particulier_sandbox" => {
            draft["scopes"] = json!(["dgfip_annee_n_moins_1"]);
            draft["additional_content"] = json!({"acces_spi": true, "rgpd_general_agreement": true});
        }
        other => panic!("no complete draft of {other}"),
    }
    draft
}

/// The smallest PDF that is accepted, with that text in it.
pub fn pdf(text: &str) -> Vec<u8> {
    format!("%PDF-1.7\n% {text}\n%%EOF\n").into_bytes()
}

/// An Open Document spreadsheet with nothing in it.
pub fn spreadsheet() -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    writer.start_file("mimetype", stored).unwrap();
    writer.write_all(b"application/vnd.oasis.opendocument.spreadsheet").unwrap();
    writer.finish().unwrap().into_inner()
}
