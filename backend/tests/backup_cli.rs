//! Backups, as an operator makes them: from one directory to another, and where that cannot be done, in a sentence.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn datapass(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_datapass"));
    command.args(arguments).env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("DATA_DIR", data);
    command
}

fn told(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).unwrap()
}

/// A directory where a server has been.
fn migrated() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    assert!(datapass(directory.path(), &["migrate"]).output().unwrap().status.success());
    directory
}

#[test]
fn a_backup_is_taken_and_restored_from_the_command_line() {
    let (data, aside, empty) = (migrated(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let backup = aside.path().join("backup");
    let backup = backup.to_str().unwrap();
    let taken = datapass(data.path(), &["backup", backup]).output().unwrap();
    assert!(taken.status.success() && told(&taken).contains("sauvegarde écrite dans"), "{}", told(&taken));
    let restored = datapass(empty.path(), &["restore", backup]).output().unwrap();
    assert!(restored.status.success() && told(&restored).contains("journal intact"), "{}", told(&restored));
    assert!(empty.path().join("datapass.sqlite").is_file());
    let again = datapass(empty.path(), &["restore", backup]).output().unwrap();
    assert!(!again.status.success() && told(&again).contains("n’est pas vide"), "{}", told(&again));
}

#[test]
fn what_cannot_be_saved_or_restored_is_told_in_a_sentence() {
    let (data, empty) = (migrated(), tempfile::tempdir().unwrap());
    let nothing = empty.path().to_str().unwrap();
    for (data, arguments, sentence) in [
        (data.path(), ["backup", "/proc/nowhere"], "ne peut recevoir la sauvegarde"),
        (data.path(), ["restore", nothing], "ne contient pas de sauvegarde complète"),
        (empty.path(), ["backup", "/proc/self"], "n’est pas vide"),
    ] {
        let output = datapass(data, &arguments).output().unwrap();
        let text = told(&output);
        assert!(!output.status.success() && text.contains(sentence), "{arguments:?}: {text}");
        assert!(text.starts_with("datapass : ") && !text.contains("backtrace"), "{text}");
    }
    let aside = tempfile::tempdir().unwrap();
    let output = datapass(empty.path(), &["backup", aside.path().to_str().unwrap()]).output().unwrap();
    assert!(!output.status.success() && told(&output).contains("n’existe pas"), "{}", told(&output));
}

#[test]
fn a_disk_that_is_full_leaves_no_backup_that_looks_whole() {
    let (data, aside) = (migrated(), tempfile::tempdir().unwrap());
    let backup = aside.path().join("backup");
    // A file may have so many blocks here; that the signal is ignored makes writing fail, as a full disk does.
    let limited = "trap '' XFSZ; ulimit -f 100; exec \"$@\"";
    let output = Command::new("bash")
        .args(["-c", limited, "bash", env!("CARGO_BIN_EXE_datapass"), "backup"])
        .arg(&backup)
        .env("DATA_DIR", data.path())
        .output()
        .unwrap();
    assert!(!output.status.success() && told(&output).contains("vérifiez la place libre"), "{}", told(&output));
    assert!(!backup.join("manifest.json").exists());
    let empty = tempfile::tempdir().unwrap();
    let restored = datapass(empty.path(), &["restore", backup.to_str().unwrap()]).output().unwrap();
    assert!(told(&restored).contains("ne contient pas de sauvegarde complète"), "{}", told(&restored));
    assert!(fs::read_dir(empty.path()).unwrap().next().is_none());
}
