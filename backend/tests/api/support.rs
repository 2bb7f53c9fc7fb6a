//! The application under test and the people who use it.

use std::collections::HashMap;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use datapass::auth::session;
use datapass::config::{Config, Dns};
use datapass::connection::types::now;
use datapass::models::user::{self, Profile};
use datapass::schema::{mailbox, outbox};
use datapass::server::Server;
use datapass::state::AppState;
use diesel::prelude::*;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use shared::organization::{MembershipSource, Organization};
use shared::problem::{Place, ProblemDetails};
use shared::user::Role;

use crate::database::{self, Database};
use crate::quotas::GENEROUS;

pub const CLAMART: &str = "21920023500014";
pub const DINUM: &str = "13002526500013";

/// How often two race in each test where they do: `TEST_RACES`, or enough for what goes wrong once in ten times.
pub fn races() -> usize {
    std::env::var("TEST_RACES").map_or(40, |races| races.parse().expect("TEST_RACES is a number"))
}

/// The real server, on a free port, with its own database and directory.
pub struct TestApp {
    pub url: String,
    pub state: actix_web::web::Data<AppState>,
    handle: actix_web::dev::ServerHandle,
    thread: Option<JoinHandle<()>>,
    /// Goes after the server has.
    _database: Option<Database>,
    directory: tempfile::TempDir,
    _log: crate::log::Log,
}

impl TestApp {
    pub fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// Starts with a configuration that differs from the default.
    pub fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let (log, directory) = (crate::log::Log::listen(), tempfile::tempdir().unwrap());
        let data_dir = directory.path().to_owned();
        let mut config = Config { port: 0, data_dir, dns: Dns::Off, quotas: GENEROUS, ..Config::default() };
        change(&mut config);
        let database = database::prepare(&mut config);
        let (state, handle, thread) = run(config);
        let (url, thread) = (state.public_url.replace("localhost", "127.0.0.1"), Some(thread));
        Self { url, state, handle, thread, _database: database, directory, _log: log }
    }

    /// Ends the server and its workers; the database stays.
    pub async fn stop(&mut self) {
        self.handle.stop(false).await;
        self.thread.take().unwrap().join().unwrap();
    }

    /// Somebody who is signed in, speaks for both organisations and holds these roles.
    pub async fn actor(&self, name: &str, roles: &[&str]) -> Client {
        self.actor_of(name, roles, &[CLAMART, DINUM]).await
    }

    pub async fn actor_of(&self, name: &str, roles: &[&str], sirets: &[&str]) -> Client {
        self.actor_at(&format!("{name}@exemple.fr"), name, roles, sirets).await
    }

    /// The account of that name, which has that address now.
    pub async fn actor_at(&self, email: &str, name: &str, roles: &[&str], sirets: &[&str]) -> Client {
        let profile = Profile {
            issuer: "test".to_owned(),
            sub: name.to_owned(),
            email: email.to_owned(),
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
        let cookie = session::open(&self.state, id, session::Opened::default()).await.unwrap();
        Client { url: self.url.clone(), cookie: Some(format!("{}={}", cookie.name(), cookie.value())), http: http() }
    }

    pub fn visitor(&self) -> Client {
        Client { url: self.url.clone(), cookie: None, http: http() }
    }

    pub fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// Waits until nothing is left to deliver by now and returns the mails, oldest first.
    pub async fn mails(&self) -> Vec<(String, String, String)> {
        for _ in 0..200 {
            let is_due = outbox::attempts.gt(0).or(outbox::next_attempt_at.le(now().naive_utc()));
            let pending = outbox::table.filter(outbox::delivered_at.is_null()).filter(is_due).count();
            let pending: i64 = self.state.db.read(move |c| Ok(pending.get_result(c)?)).await.unwrap();
            if pending == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let query = mailbox::table.order(mailbox::id).select((mailbox::recipient, mailbox::subject, mailbox::body));
        self.state.db.read(move |connection| Ok(query.load(connection)?)).await.unwrap()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

/// Runs the server in a thread of its own, as the executable does.
fn run(config: Config) -> (actix_web::web::Data<AppState>, actix_web::dev::ServerHandle, JoinHandle<()>) {
    let (sender, receiver) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = Server::bind(config).await.unwrap();
            let state = server.state.clone();
            let running = server.run().unwrap();
            sender.send((state, running.handle())).unwrap();
            running.await.unwrap();
        });
    });
    let (state, handle) = receiver.recv().unwrap();
    (state, handle, thread)
}

pub fn http() -> reqwest::Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    // Nothing here speaks TLS; to read the system's certificates for each person would take longer than most requests.
    let builder = reqwest::Client::builder().tls_certs_only([]);
    builder.redirect(reqwest::redirect::Policy::none()).build().unwrap()
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

    /// The answer must be this error; what it says is returned.
    #[track_caller]
    pub fn error(&self, status: u16, code: &str) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        let problem = self.problem();
        assert_eq!(problem.code.as_str(), code, "{}", self.text);
        let items = problem.errors.into_iter().map(|item| item.detail);
        std::iter::once(problem.detail).chain(items).collect::<Vec<_>>().join(" ")
    }

    /// Every error has one form: RFC 9457, with the place of what is wrong.
    #[track_caller]
    pub fn problem(&self) -> ProblemDetails {
        let told = format!("{} {}", self.status, self.text);
        let header = |name: &str| self.headers.get(name).map(String::as_str);
        assert_eq!(header("content-type"), Some("application/problem+json"), "{told}");
        let problem: ProblemDetails =
            serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {told}"));
        assert_eq!((problem.status, problem.code.status()), (self.status.as_u16(), self.status.as_u16()), "{told}");
        assert_eq!(problem.kind, format!("/api/docs/problems#{}", problem.code), "{told}");
        assert_eq!(problem.title, problem.code.title(), "{told}");
        assert!(!problem.detail.is_empty() && !problem.request_id.is_empty(), "{told}");
        assert_eq!(header("x-request-id"), Some(problem.request_id.as_str()), "{told}");
        assert_eq!(problem.errors.is_empty(), !matches!(problem.status, 400 | 422), "{told}");
        for item in &problem.errors {
            let (Place::Pointer(name) | Place::Parameter(name) | Place::Header(name)) = &item.place;
            let member = name.rsplit('/').next().unwrap_or_default();
            let begins_with_it = !member.is_empty() && item.detail.starts_with(member);
            assert!(item.detail.ends_with('.') && !begins_with_it, "{told}");
        }
        problem
    }

    /// The places and codes of a 400, in order: `/name: required`, `?cursor: format`, `If-Match: format`.
    #[track_caller]
    pub fn places(&self) -> Vec<String> {
        self.error(400, "bad_request");
        self.items()
    }

    /// The fields of a 422, in order: `/team_members/0/email: required`.
    #[track_caller]
    pub fn fields(&self) -> Vec<String> {
        self.error(422, "invalid");
        self.items()
    }

    #[track_caller]
    fn items(&self) -> Vec<String> {
        let place = |place: Place| match place {
            Place::Pointer(name) | Place::Header(name) => name,
            Place::Parameter(name) => format!("?{name}"),
        };
        self.problem().errors.into_iter().map(|item| format!("{}: {}", place(item.place), item.code)).collect()
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
        let path = answer.url().path().to_owned();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
            .collect();
        let answer = Answer { status: answer.status(), headers, text: answer.text().await.unwrap_or_default() };
        // The token endpoint speaks OAuth.
        if answer.status.as_u16() >= 400 && path.starts_with("/api/") && path != "/api/oauth/token" {
            answer.problem();
        }
        answer
    }

    /// The same browser once it has taken the cookie of that answer.
    pub fn after(&self, answer: &Answer) -> Self {
        let cookie = answer.headers["set-cookie"].split(';').next().map(ToOwned::to_owned);
        Self { cookie, ..self.clone() }
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

    /// A submitted request of that API, with these members; its number.
    pub async fn submitted_as(&self, target_api: &str, members: &Value) -> i64 {
        let id = self.complete(target_api).await;
        self.patch(&format!("/api/enrollments/{id}"), members).await.ok();
        self.step(id, "submit", "").await.ok();
        id
    }

    /// The numbers of the first page of that list of enrollments.
    pub async fn ids(&self, query: &str) -> Vec<i64> {
        numbers(&self.get(&format!("/api/enrollments?{query}")).await.ok())
    }

    /// The numbers of every page of a list, whose address ends with a query.
    pub async fn all_ids(&self, path: &str) -> Vec<i64> {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("{path}{cursor}")).await.ok();
            seen.extend(numbers(&page));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return seen,
            }
        }
    }

    /// A submitted request of that API; its number.
    pub async fn submitted(&self, target_api: &str) -> i64 {
        let id = self.complete(target_api).await;
        self.step(id, "submit", "").await.ok();
        id
    }
}

/// The numbers of the rows of a page.
fn numbers(page: &Value) -> Vec<i64> {
    page["items"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
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
