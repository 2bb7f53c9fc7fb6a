//! The executable, as an operator meets it: what is wrong is said in one sentence, and the exit code tells.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::process::Command;

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
        ("PORT", "http", "PORT"),
        ("HOST", "256.256.256.256", "256.256.256.256"),
        ("PUBLIC_URL", "datapass.example", "PUBLIC_URL"),
        ("MAILJET_API_KEY", "key", "MAILJET_SECRET_KEY"),
        ("OIDC_ISSUER", "https://issuer.example", "OIDC_CLIENT_ID"),
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
fn a_password_in_the_database_url_is_not_repeated() {
    let (success, message) = serve(&[("DATABASE_URL", "postgres://u:topsecret@127.0.0.1:1/datapass")]);
    assert!(!success && !message.contains("topsecret"), "{message}");
}
