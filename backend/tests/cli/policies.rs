//! Policies from the command line: begun, and checked.

use std::fs;
use std::path::Path;
use std::process::Command;

/// `datapass policies` with these arguments, in that directory: the exit code and what is said.
pub fn run(directory: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_datapass"))
        .arg("policies")
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap())
}

#[test]
fn policies_new_and_check_work_from_the_command_line() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let (code, text) = run(path, &["new", "api_neuve"]);
    assert_eq!((code, text.contains("api_neuve.toml")), (Some(0), true), "{text}");
    let (code, text) = run(path, &["new", "api_neuve"]);
    assert_eq!((code, text.contains("api_neuve.toml")), (Some(1), true), "it is not written over: {text}");
    assert_eq!(run(path, &["new", "../api"]).0, Some(1));
    let (code, text) = run(path, &["check", "api_neuve.toml"]);
    assert_eq!(code, Some(0), "{text}");
    for expected in [
        "api_neuve.toml:5:1: avertissement\u{a0}: ce texte est encore celui du modèle («\u{a0}à nommer\u{a0}»)",
        "api_neuve.toml:22:",
        "1 fichier vérifié, aucun problème, 6 avertissements. 76 politiques avec celles du programme.",
    ] {
        assert!(text.lines().any(|line| line.starts_with(expected)), "{expected} is not in:\n{text}");
    }

    let file = path.join("api_neuve.toml");
    let text = fs::read_to_string(&file).unwrap();
    let wrong =
        text.replace("description = \"Décrivez", "descriptoin = \"Décrivez").replace("\"cgu_approved\"", "\"cgu\"");
    fs::write(&file, wrong).unwrap();
    let (code, text) = run(path, &["check", "api_neuve.toml"]);
    assert_eq!(code, Some(1), "{text}");
    for expected in [
        "api_neuve.toml:1:1: il manque «\u{a0}description\u{a0}»",
        "api_neuve.toml:7:1: clé inconnue «\u{a0}descriptoin\u{a0}»\u{a0}: vouliez-vous dire «\u{a0}description\u{a0}»",
        "api_neuve.toml:25:70: «\u{a0}cgu\u{a0}» est inconnu",
    ] {
        assert!(text.lines().any(|line| line.starts_with(expected)), "{expected} is not in:\n{text}");
    }
    assert_eq!(text.lines().count(), 3, "{text}");

    // The directory of the program itself, and twice the same name.
    let ours = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/policies");
    let (code, text) = run(path, &["check", ours]);
    assert_eq!(
        (code, text.lines().count()),
        (Some(0), 1),
        "the files of the program give no reason for a warning: {text}"
    );
    assert!(text.contains("fichiers vérifiés, aucun problème, 0 avertissement."), "{text}");
    fs::create_dir(path.join("other")).unwrap();
    let (code, text) = run(path, &["check", "other"]);
    assert_eq!((code, text.contains("aucun fichier .toml")), (Some(1), true), "{text}");
    fs::write(path.join("other/api_neuve.toml"), "").unwrap();
    let (code, text) = run(path, &["check", "api_neuve.toml", "other"]);
    assert_eq!((code, text.contains("à la fois")), (Some(1), true), "{text}");
    assert_eq!(run(path, &["check", "nowhere"]).0, Some(1));
}

#[test]
fn a_mail_that_cannot_be_filled_in_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    run(path, &["new", "api_neuve"]);
    let file = path.join("api_neuve.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}\n[mails.validate]\nbody = \"L’équipe {{{{ label | du }}}}\"\n")).unwrap();
    let (code, told) = run(path, &["check", "api_neuve.toml"]);
    assert_eq!((code, told.contains("ce texte ne peut pas être rempli")), (Some(1), true), "{told}");
}
