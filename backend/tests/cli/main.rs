//! The executable, as an operator meets it: what is wrong is said in one sentence, and the exit code tells.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod policies;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::sqlite::SqliteConnection;

fn serve(variables: &[(&str, &str)]) -> (bool, String) {
    let directory = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_datapass"))
        .arg("serve")
        .env_clear()
        .env("DATA_DIR", directory.path())
        .env("PORT", "0")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_wrong_configuration_is_named_and_nothing_starts() {
    for (variable, value, named) in [
        ("DATABASE_URL", "postgre://localhost/datapass", "«\u{a0}postgre://\u{a0}»"),
        ("DATABASE_URL", "mysql://localhost/datapass", "«\u{a0}mysql://\u{a0}»"),
        ("DATABASE_URL", "datapass.sqlite", "DATABASE_URL"),
        ("DATABASE_URL", "sqlite:///nowhere/at/all/datapass.sqlite", "«\u{a0}/nowhere/at/all\u{a0}»"),
        ("DATABASE_URL", "postgres://postgres@127.0.0.1:1/datapass", "PostgreSQL"),
        ("DOCUMENTS_URL", "http://s3.example/bucket", "DOCUMENTS_URL"),
        ("DOCUMENTS_URL", "s3:///prefix", "DOCUMENTS_URL"),
        ("DOCUMENTS_URL", "s3://bucket", "AWS_ACCESS_KEY_ID"),
        ("PORT", "http", "PORT"),
        ("HOST", "256.256.256.256", "256.256.256.256"),
        ("PUBLIC_URL", "datapass.example", "PUBLIC_URL"),
        ("MAILJET_API_KEY", "key", "MAILJET_SECRET_KEY"),
        ("SMTP_URL", "mail.example", "SMTP_URL"),
        ("DNS_SERVERS", "dns.example", "DNS_SERVERS"),
        ("OIDC_ISSUER", "https://issuer.example", "OIDC_CLIENT_ID"),
        ("SECRET_KEY", "court", "SECRET_KEY"),
        ("TEAM_EMAIL", "equipe", "TEAM_EMAIL"),
        ("DATA_DIR", "/proc/nowhere", "/proc/nowhere"),
    ] {
        let (success, message) = serve(&[(variable, value)]);
        assert!(!success, "{variable}={value} must not start");
        assert!(message.contains(named), "{variable}={value} said: {message}");
        assert_eq!(message.trim().lines().next().map(|line| line.starts_with("datapass : ")), Some(true), "{message}");
        assert!(!message.contains("backtrace"), "{message}");
    }
}

#[test]
fn mails_leave_by_one_way_or_another_and_no_password_is_told() {
    let smtp = ("SMTP_URL", "smtp://a:topsecret@mail.example");
    let (success, message) = serve(&[smtp, ("MAILJET_API_KEY", "key"), ("MAILJET_SECRET_KEY", "topsecret")]);
    assert!(!success && message.contains("MAILJET_API_KEY") && !message.contains("topsecret"), "{message}");
    let (success, message) = serve(&[("SMTP_URL", "ftp://a:topsecret@mail.example")]);
    assert!(!success && message.contains("SMTP_URL") && !message.contains("topsecret"), "{message}");
}

#[test]
fn another_issuer_that_is_half_configured_is_named_and_nothing_starts() {
    let issuer = [
        ("OIDC_ISSUER", "https://issuer.example"),
        ("OIDC_CLIENT_ID", "datapass"),
        ("OIDC_CLIENT_SECRET", "topsecret"),
    ];
    for (variable, value) in [
        ("OIDC_AUTH_METHOD", "none"),
        ("OIDC_PKCE", "yes"),
        ("OIDC_SIGNED_USERINFO", "1"),
        ("OIDC_CLAIMS", "usual_name"),
        ("OIDC_CLAIMS", "surname=usual_name"),
        ("OIDC_EXTRA_PARAMS", "state=mine"),
    ] {
        let variables: Vec<_> = issuer.into_iter().chain([(variable, value)]).collect();
        let (success, message) = serve(&variables);
        assert!(!success && message.contains(variable) && !message.contains("topsecret"), "{message}");
    }
}

#[test]
fn a_document_store_that_does_not_answer_is_named_and_nothing_starts() {
    let (success, message) = serve(&[
        ("DOCUMENTS_URL", "s3://pieces/datapass"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1/"),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "topsecret"),
    ]);
    assert!(!success && message.contains("s3://pieces/datapass"), "{message}");
    assert_eq!(message.trim().lines().count(), 1, "{message}");
    assert!(!message.contains("topsecret"), "{message}");
}

#[test]
fn a_password_in_the_database_url_is_not_repeated() {
    let (success, message) = serve(&[("DATABASE_URL", "postgres://u:topsecret@127.0.0.1:1/datapass")]);
    assert!(!success && !message.contains("topsecret"), "{message}");
}

#[test]
fn the_audit_log_is_verified_and_a_head_that_was_noted_is_looked_for() {
    let directory = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_datapass"))
            .args(arguments)
            .env_clear()
            .env("DATA_DIR", directory.path())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap())
    };
    let (code, text) = run(&["audit", "verify"]);
    assert_eq!((code, text.contains("scellées\u{a0}: 0")), (Some(0), true), "{text}");
    for email in ["a@exemple.fr", "b@exemple.fr"] {
        let (code, text) = run(&["role", email, "administrator", "--reason", "Installation."]);
        assert_eq!(code, Some(0), "{text}");
    }
    let (code, text) = run(&["audit", "verify"]);
    assert_eq!((code, text.contains("scellées\u{a0}: 2")), (Some(0), true), "what the operator does is told: {text}");
    let head = text.lines().last().unwrap().split(' ').next_back().unwrap().to_owned();
    assert_eq!(run(&["audit", "verify", "--head", &head]).0, Some(0));
    let later = format!("3{}", &head[1..]);
    let (code, text) = run(&["audit", "verify", "--head", &later]);
    assert_eq!((code, text.contains("entrée 3\u{a0}: elle a été retirée")), (Some(1), true), "{text}");
    assert_ne!(run(&["audit", "verify", "--head", "3"]).0, Some(0));
}

#[test]
fn counters_that_are_wrong_are_named_and_put_right() {
    let directory = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_datapass"));
        let output = command.args(arguments).env_clear().env("DATA_DIR", directory.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8(output.stderr).unwrap());
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(run(&["statistics", "recount"]), "tous les compteurs sont justes\n");
    let file = directory.path().join("datapass.sqlite");
    let wrong = "INSERT INTO statistics VALUES ('2026-03', 'revocations', '', 'franceconnect', 3)";
    SqliteConnection::establish(file.to_str().unwrap()).unwrap().batch_execute(wrong).unwrap();
    let told = run(&["statistics", "recount"]);
    assert_eq!(told, "2026-03\trevocations\t\tfranceconnect\t-3\n1 compteur corrigé\n");
    assert_eq!(run(&["statistics", "recount"]), "tous les compteurs sont justes\n");
}

#[test]
fn work_alone_is_for_a_database_that_several_processes_share() {
    let directory = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_datapass"))
        .arg("work")
        .env_clear()
        .env("DATA_DIR", directory.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && text.contains("PostgreSQL (DATABASE_URL)"), "{text}");
}

/// A server that serves, and its port.
fn started(data: &Path, variables: &[(&str, &str)]) -> (Child, String) {
    started_with(&["serve"], data, variables, Stdio::null())
}

/// The same of another command; its error output goes there.
fn started_with(arguments: &[&str], data: &Path, variables: &[(&str, &str)], errors: Stdio) -> (Child, String) {
    let mut server = Command::new(env!("CARGO_BIN_EXE_datapass"))
        .args(arguments)
        .env_clear()
        .env("DATA_DIR", data)
        .env("PORT", "0")
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .stderr(errors)
        .spawn()
        .unwrap();
    let port = port_said(&mut server);
    (server, port)
}

/// The port that a server says that it listens on.
fn port_said(server: &mut Child) -> String {
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let port = |line: String| line.split_once("http://localhost:").map(|(_, port)| port.trim().to_owned());
    lines.find_map(|line| port(line.unwrap())).unwrap()
}

#[test]
fn sighup_reloads_the_policies() {
    let directory = tempfile::tempdir().unwrap();
    let policies_dir = directory.path().join("policies");
    fs::create_dir(&policies_dir).unwrap();
    let (mut server, port) = started(directory.path(), &[("POLICIES_DIR", policies_dir.to_str().unwrap())]);
    let status = || {
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        stream
            .write_all(b"GET /api/policies/api_neuve HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    let before = status();
    policies::run(&policies_dir, &["new", "api_neuve"]);
    let hung_up = Command::new("kill").args(["-HUP", &server.id().to_string()]).status().unwrap();
    let after = (0..100).map(|_| {
        std::thread::sleep(Duration::from_millis(50));
        status()
    });
    let found = after.into_iter().any(|status| status == "200");
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!((before.as_str(), hung_up.success(), found), ("404", true, true));
}

#[test]
fn another_secret_key_is_told_with_what_to_do_and_nothing_starts() {
    let directory = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_datapass"));
        command.args(arguments).env_clear().env("DATA_DIR", directory.path()).env("PORT", "0");
        let output = command.envs(variables.iter().copied()).output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    let key = |key| [("SECRET_KEY", key)];
    let (first, second) = (key("0123456789abcdef0123456789abcdef"), key("fedcba9876543210fedcba9876543210"));
    assert!(run(&["keys", "list"], &first).0);
    for variables in [&second[..], &[]] {
        let (success, text) = run(&["serve"], variables);
        assert!(!success && text.contains("remettez l’ancienne") && text.contains("keys rotate --now"), "{text}");
        assert!(text.lines().last().unwrap().starts_with("datapass : "), "{text}");
    }
    // Where the old one is lost, what the sentence says helps.
    assert!(run(&["keys", "rotate", "--now"], &second).0);
    assert!(run(&["keys", "list"], &second).0);
}

/// What a server says on its error output until it serves.
fn said_at_start(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let (mut server, _) = started_with(arguments, directory.path(), variables, Stdio::piped());
    server.kill().unwrap();
    let output = server.wait_with_output().unwrap();
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_server_that_seals_nothing_says_what_follows_unless_it_is_a_demonstration() {
    let key = [("SECRET_KEY", "0123456789abcdef0123456789abcdef")];
    let open = said_at_start(&["serve"], &[]);
    assert!(open.contains("WARN") && open.contains("SECRET_KEY") && open.contains("can sign in as anybody"), "{open}");
    for (arguments, variables) in [(&["serve", "--demo"][..], &[][..]), (&["serve"], &key)] {
        let told = said_at_start(arguments, variables);
        assert!(!told.contains("SECRET_KEY"), "{arguments:?}: {told}");
    }
}

#[test]
fn connections_leave_descriptors_for_files_and_the_database() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Command::new("sh")
        .args(["-c", "ulimit -n 200; exec \"$0\" serve", env!("CARGO_BIN_EXE_datapass")])
        .env_clear()
        .env("DATA_DIR", directory.path())
        .env("PORT", "0")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let port = port_said(&mut server);
    let idle: Vec<TcpStream> = (0..300).map(|_| TcpStream::connect(format!("127.0.0.1:{port}")).unwrap()).collect();
    let mut innocent = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    innocent.write_all(b"GET /api/policies HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    innocent.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut answer = String::new();
    innocent.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let descriptors = fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap().count();
    assert!(descriptors < 200, "{descriptors}");
    drop(idle);
    server.kill().unwrap();
    let told = String::from_utf8(server.wait_with_output().unwrap().stderr).unwrap();
    assert!(!told.contains("Too many open files"), "{told}");
}

/// The most memory that the process has ever had, in kB.
fn peak(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
    rest.split('"').next().unwrap()
}

/// Each from another address and for another account, so that nothing but the time that passwords take holds them up.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_sign_ins_at_once_take_little_memory_and_are_told_to_come_back() {
    let directory = tempfile::tempdir().unwrap();
    let (mut server, port) = started(directory.path(), &[]);
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let client = reqwest::Client::builder().cookie_store(true).no_proxy().tls_certs_only([]).build().unwrap();
    let page = client.get(format!("http://localhost:{port}/api/sign_in")).send().await.unwrap().text().await.unwrap();
    let (token, request) =
        (hidden(&page, "token"), hidden(&page, "request").replace("&#x2f;", "/").replace("&amp;", "&"));
    let sign_in = |n: usize| {
        let email = format!("a{n}@exemple.fr");
        let form = [("token", token), ("request", &request), ("email", &email), ("password", "une phrase de passe")];
        let post = client.post(format!("http://localhost:{port}/connexion")).form(&form);
        post.header("x-forwarded-for", format!("198.51.{}.{}", n / 250, n % 250))
    };
    // What it takes to answer at all is there.
    let one = sign_in(1_000).send().await.unwrap();
    assert_eq!(one.status().as_u16(), 422, "{}", one.text().await.unwrap());
    let before = peak(server.id());
    let flood: Vec<_> = (0..1_000).map(|n| tokio::spawn(sign_in(n).send())).collect();
    let mut turned_away = Vec::new();
    for (n, answer) in flood.into_iter().enumerate() {
        let answer = answer.await.unwrap().unwrap();
        if answer.status().as_u16() == 503 {
            assert!(answer.headers().contains_key("retry-after"));
            let page = answer.text().await.unwrap();
            // At the door, or where passwords wait.
            let told = ["DataPass est très sollicité", "Beaucoup de personnes se connectent en ce moment. Réessayez"];
            assert!(told.iter().any(|told| page.contains(told)), "{page}");
            turned_away.push(n);
        } else {
            assert_eq!(answer.status().as_u16(), 422);
        }
    }
    let after = peak(server.id());
    // Whoever was turned away has not failed: they may try at once, and as often as before.
    let one = *turned_away.first().unwrap();
    for _ in 0..5 {
        assert_eq!(sign_in(one).send().await.unwrap().status().as_u16(), 422);
    }
    server.kill().unwrap();
    server.wait().unwrap();
    let count = turned_away.len();
    // The program itself takes more than half of it in a build without optimisation.
    let grown = after - before;
    assert!(count > 500 && grown < 60_000, "{count} of 1,000 turned away; {before} kB, then {after} kB");
}
