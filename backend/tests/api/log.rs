//! What the log of the server holds: no address, no name, whoever calls and whatever is asked of it. Every server of these
//! tests writes to one log, at its most talkative; a test fails where somebody is named in it.

use std::io::Write;
use std::sync::{LazyLock, Mutex};

use reqwest::{Method, header};
use serde_json::{Value, json};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::support::{Answer, Client, TestApp};

/// Who calls below, wherever something can be written.
const CALLER: &str = "zephirine@exemple.fr";

/// What stands in every address, and in the names and telephone numbers that these tests use.
const PERSONAL: [&str; 8] = ["@", "%40", "phirine", "Exemple", "Modèle", "Claude", "01 23 45", "06 12 34"];

static LINES: LazyLock<Mutex<Vec<String>>> = LazyLock::new(Mutex::default);
static OFFENCES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Listens to the log; whoever lets go of it fails where somebody was named.
pub struct Log;

impl Log {
    pub fn listen() -> Self {
        // In all threads of all tests, the second call finds the first one's. Libraries that log by `log` are heard, too.
        drop(datapass::logging::subscriber("trace", || Sink).try_init());
        Self
    }

    /// The line that tells how the request of that answer ended.
    fn line_of(answer: &Answer) -> String {
        let id = format!("\"{}\"", answer.headers["x-request-id"]);
        let is_it = |line: &&String| line.contains(&*id) && line.contains("status=");
        let found = LINES.lock().unwrap().iter().rfind(is_it).cloned();
        found.unwrap_or_else(|| panic!("the log does not tell of request {id}"))
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let offences = OFFENCES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        assert!(offences.is_empty() || std::thread::panicking(), "the log names somebody:\n{}", offences.join(""));
    }
}

struct Sink;

impl Write for Sink {
    /// One event.
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        let text = without_colours(&String::from_utf8_lossy(line));
        if names_somebody(&text) {
            OFFENCES.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(text.clone());
        }
        LINES.lock().unwrap().push(text);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn names_somebody(text: &str) -> bool {
    PERSONAL.iter().any(|word| text.contains(word))
}

/// The text without escape sequences, which would stand between a name and its value.
fn without_colours(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| kept + part.split_once('m').map_or("", |(_, rest)| rest))
}

/// That path with the caller in each of its places, and in each parameter of its query.
fn address(path: &str, operation: &Value) -> String {
    let filled = path.split('/').map(|part| match part.split_once('{') {
        Some((before, _)) => format!("{before}{CALLER}"),
        None => part.to_owned(),
    });
    let filled = filled.collect::<Vec<_>>().join("/");
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let names = parameters.filter(|parameter| parameter["in"] == "query").map(|parameter| parameter["name"].as_str());
    let query = names.map(|name| format!("{}={CALLER}", name.unwrap())).collect::<Vec<_>>().join("&");
    format!("{filled}?{query}")
}

async fn call(caller: &Client, method: &Method, path: &str) -> Vec<Answer> {
    let request = || caller.request(method.clone(), path).header(header::IF_MATCH, CALLER).header("user-agent", CALLER);
    let mut answers = vec![caller.send(request()).await];
    for body in [json!({ CALLER: 1 }), json!({"email": [CALLER], "target_api": CALLER, "event": CALLER}), json!(CALLER)]
    {
        answers.push(caller.send(request().json(&body)).await);
    }
    answers.push(caller.send(request().form(&[("email", CALLER), (CALLER, CALLER), ("client_id", CALLER)])).await);
    answers.push(caller.send(request().bearer_auth(CALLER)).await);
    answers
}

#[test]
fn who_is_named_in_the_log_is_found() {
    for line in [
        "to=a@exemple.fr",
        "path=/x/a%40exemple.fr",
        "given_name=\"Zephirine\"",
        "« Modèle Claude »",
        "+ 06 12 34 56 78",
    ] {
        assert!(names_somebody(&without_colours(line)), "{line}");
    }
    let line = "\u{1b}[3mstatus\u{1b}[0m\u{1b}[2m=\u{1b}[0m404 route=\"/api/users/{id}\"";
    assert_eq!(without_colours(line), "status=404 route=\"/api/users/{id}\"");
    assert!(!names_somebody(line));
}

#[tokio::test]
async fn no_operation_logs_what_its_caller_wrote() {
    let app = TestApp::start_with(|config| config.demo = true);
    let administrator = app.actor("zephirine", &["administrator", "api_particulier:instructor"]).await;
    let document: Value = serde_json::from_str(&datapass::openapi::text().unwrap()).unwrap();
    let mut count = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            for caller in [&administrator, &app.visitor()] {
                // Signing out would end the session.
                if path == "/api/sign_out" && caller.cookie.is_some() {
                    continue;
                }
                for answer in call(caller, &method, &address(path, operation)).await {
                    let line = Log::line_of(&answer);
                    let is_told = line.contains(&format!("method=\"{method}\""))
                        && line.contains(&format!("route=\"{path}\""))
                        && line.contains(&format!("status={}", answer.status.as_u16()));
                    assert!(is_told, "{method} {path}: {line}");
                    if answer.headers.get("content-type").is_some_and(|kind| kind == "application/problem+json") {
                        assert!(line.contains(&format!("code=\"{}\"", answer.problem().code)), "{line}");
                    }
                    count += 1;
                }
            }
        }
    }
    assert!(count > 1_000, "{count} calls");
}

#[tokio::test]
async fn no_page_and_no_unknown_address_logs_what_its_caller_wrote() {
    let app = TestApp::start();
    let query = format!("?client_id={CALLER}&email={CALLER}&token={CALLER}&recherche={CALLER}&state={CALLER}");
    for path in [
        "/oauth/authorize",
        "/oauth/token",
        "/oauth/userinfo",
        "/oauth/logout",
        "/oauth/token/introspection",
        "/oauth/token/revocation",
        "/users/sign-in",
        "/users/sign-up",
        "/users/start-reset",
        "/users/reset",
        "/users/join",
        "/users/account",
        "/habilitations",
        "/statistiques",
        CALLER,
        "/api/zephirine@exemple.fr",
    ] {
        let path = format!("/{}", path.trim_start_matches('/'));
        for method in [Method::GET, Method::POST] {
            for answer in call(&app.visitor(), &method, &format!("{path}{query}")).await {
                Log::line_of(&answer);
            }
        }
    }
    let method = Method::from_bytes(b"zephirine").unwrap();
    let answer = app.visitor().send(app.visitor().request(method, "/api/ping")).await;
    assert!(Log::line_of(&answer).contains("method=\"another\""));
}
