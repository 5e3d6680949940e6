//! A data folder of an earlier release, brought to this version by the real program: a copy of it first, or nothing is changed.

#![allow(clippy::unwrap_used, reason = "a scene that goes wrong fails")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use super::program::{Process, diemcau, line, output, set};

/// The data folder that a release left, unpacked.
fn released() -> TempDir {
    let archives = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data_folder");
    let mut archives: Vec<PathBuf> = std::fs::read_dir(archives)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "gz"))
        .collect();
    archives.sort();
    let folder = TempDir::new().unwrap();
    let mut tar = Command::new("tar");
    tar.arg("-xzf").arg(archives.last().unwrap());
    let status = tar.arg("-C").arg(folder.path()).status();
    assert!(status.unwrap().success());
    folder
}

fn said(output: &Output) -> String {
    let all = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&all).into_owned()
}

/// The copies in a folder.
fn copies(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// The schema that a copy holds, as its manifest says.
fn schema(copy: &Path) -> i64 {
    let text = std::fs::read(copy.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&text).unwrap();
    manifest["facts"]["schema"].as_i64().unwrap()
}

#[test]
fn older_data_are_copied_and_the_copy_is_good_before_they_are_changed() {
    let data = released();
    let elsewhere = TempDir::new().unwrap();
    let folder = elsewhere.path().join("copies");
    let settings = format!("[backup]\nfolder = {:?}\n", folder.display().to_string());
    set(data.path(), "signaling.toml", &settings);
    let migrated = output(data.path(), &["migrate"]);
    assert!(migrated.status.success(), "{}", said(&migrated));
    assert!(said(&migrated).contains("đã mở lại và kiểm tra"));
    let made = copies(&folder);
    assert_eq!(made.len(), 1);
    let older = schema(&made[0]);
    let copy = made[0].display().to_string();
    assert!(line(data.path(), &["restore", "--check", &copy]).contains("tốt"));
    assert!(made[0].join("files/recordings").exists(), "films are in it");
    // What is at this version already is not copied again.
    line(data.path(), &["migrate"]);
    assert_eq!(copies(&folder).len(), 1);
    let later = elsewhere.path().join("later");
    line(data.path(), &["backup", &later.display().to_string()]);
    assert!(schema(&copies(&later)[0]) > older);
}

#[test]
fn where_no_place_is_set_the_copy_lies_in_the_data_folder_without_films() {
    let data = released();
    let made = output(data.path(), &["demo", "--json"]);
    assert!(said(&made).contains("before-upgrade"), "{}", said(&made));
    let made = copies(&data.path().join("before-upgrade"));
    assert_eq!(made.len(), 1);
    assert!(!made[0].join("files/recordings").exists());
    assert!(made[0].join("files/tls/ca.key").exists());
    let copy = made[0].display().to_string();
    assert!(line(data.path(), &["restore", "--check", &copy]).contains("tốt"));
    // A nightly copy does not hold copies.
    let elsewhere = TempDir::new().unwrap();
    line(
        data.path(),
        &["backup", &elsewhere.path().display().to_string()],
    );
    let nightly = &copies(elsewhere.path())[0];
    assert!(!nightly.join("files/before-upgrade").exists());
}

#[test]
fn where_no_copy_can_be_made_nothing_is_changed_unless_somebody_says_so() {
    let data = released();
    let elsewhere = TempDir::new().unwrap();
    // A place that cannot be one: a file.
    let place = elsewhere.path().join("taken");
    std::fs::write(&place, "x").unwrap();
    let settings = format!("[backup]\nfolder = {:?}\n", place.display().to_string());
    set(data.path(), "signaling.toml", &settings);
    let database = data.path().join("diemcau.db");
    let before = std::fs::read(&database).unwrap();
    for chore in [&["migrate"][..], &["demo", "--json"]] {
        let refused = output(data.path(), chore);
        assert!(!refused.status.success(), "{chore:?}");
        let words = said(&refused);
        assert!(words.contains("mọi thứ giữ nguyên"), "{chore:?}: {words}");
        assert!(words.contains("--without-backup"), "{chore:?}: {words}");
    }
    let mut server = diemcau(data.path(), &["serve", "--listen", "127.0.0.1:0"]);
    let server = server.stderr(Stdio::null()).spawn().unwrap();
    assert!(!Process(server).ended(), "nothing is served");
    assert_eq!(std::fs::read(&database).unwrap(), before);
    let english = diemcau(data.path(), &["migrate"])
        .env("DIEMCAU_LANG", "en")
        .output()
        .unwrap();
    assert!(said(&english).contains("everything is as it was"));
    line(data.path(), &["migrate", "--without-backup"]);
    assert_ne!(std::fs::read(&database).unwrap(), before);
}

#[test]
fn new_data_folder_needs_no_copy() {
    let data = TempDir::new().unwrap();
    line(data.path(), &["migrate"]);
    assert!(!data.path().join("before-upgrade").exists());
}
