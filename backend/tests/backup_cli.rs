//! Backups, as an operator makes them: from one directory to another, and where that cannot be done, in a sentence.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
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

/// The same command of somebody who may write nothing that they were not given. Root may, unless it gives that up.
fn of_nobody(command: &Command) -> Command {
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let mut limited = Command::new(if is_root { OsStr::new("setpriv") } else { command.get_program() });
    if is_root {
        limited.args(["--bounding-set=-all", "--inh-caps=-all"]).arg(command.get_program());
    }
    limited.args(command.get_args()).env_clear();
    limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_place_that_one_may_not_write_is_named_with_what_to_do() {
    let (data, aside, empty) = (migrated(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let backup = aside.path().join("backup");
    let backup = backup.to_str().unwrap();
    assert!(datapass(data.path(), &["backup", backup]).output().unwrap().status.success());
    let refused = |data: &Path, arguments: &[&str], named: &Path| {
        let mut command = of_nobody(datapass(data, arguments).env("PORT", "0"));
        let output = command.output().unwrap();
        let (text, named) = (told(&output), format!("«\u{a0}{}\u{a0}»", named.display()));
        assert!(!output.status.success() && text.contains(&named), "{arguments:?}, {named}: {text}");
        assert!(text.starts_with("datapass : ") && text.contains("l’utilisateur qui lance DataPass"), "{text}");
        assert_eq!(text.trim().lines().count(), 1, "{text}");
    };
    let file = data.path().join("datapass.sqlite");
    let documents = data.path().join("documents");
    for (closed, mode) in [(data.path(), 0o555), (&*documents, 0o555), (&*file, 0o444)] {
        allow(closed, mode);
        refused(data.path(), &["serve"], closed);
        allow(closed, 0o755);
    }
    // What is copied only has to be read, but for the journal of SQLite beside it.
    allow(empty.path(), 0o555);
    refused(empty.path(), &["serve"], empty.path());
    refused(empty.path(), &["restore", backup], empty.path());
    refused(&empty.path().join("data"), &["serve"], &empty.path().join("data"));
    refused(&empty.path().join("data"), &["restore", backup], &empty.path().join("data"));
    refused(data.path(), &["backup", empty.path().to_str().unwrap()], empty.path());
    refused(data.path(), &["backup", empty.path().join("backup").to_str().unwrap()], &empty.path().join("backup"));
    allow(empty.path(), 0o755);
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
