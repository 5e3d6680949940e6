//! A copy of the real program's data, taken while it serves, put back on a clean machine and served again.

#![allow(clippy::unwrap_used, reason = "a scene that goes wrong fails")]

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::Signal;

use super::program::{self, Process, crypto, demonstration, free_port, line, output, tokens};

/// What stands for a film: what it holds is of no matter here.
const FILM: &[u8] = b"a film, as far as anybody can tell";

fn said(output: &Output) -> String {
    let all = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&all).into_owned()
}

fn serve(data: &Path) -> (Process, String) {
    let listen = format!("127.0.0.1:{}", free_port());
    let server = program::serve(data, &listen, |_| ()).expect("the server starts");
    (server, format!("https://{listen}"))
}

/// Whether somebody who shows this token is let into the session's room.
fn enters(data: &Path, url: &str, session: &str, token: &str) -> bool {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = program::client(data, url);
    runtime.block_on(server.websocket(session, token)).is_ok()
}

/// The only entry of a folder.
fn only(folder: &Path) -> PathBuf {
    let mut entries = std::fs::read_dir(folder).unwrap();
    let only = entries.next().unwrap().unwrap().path();
    assert!(entries.next().is_none(), "one copy, and nothing half-done");
    only
}

#[test]
fn copy_of_a_serving_program_serves_on_a_clean_machine_and_nothing_is_put_over_anything() {
    crypto();
    let folder = tempfile::tempdir().unwrap();
    let (data, copies) = (folder.path().join("data"), folder.path().join("copies"));
    let session = demonstration(&data);
    let film = data.join("recordings/one/composite.mp4");
    std::fs::create_dir_all(film.parent().unwrap()).unwrap();
    std::fs::write(&film, FILM).unwrap();
    let (mut server, url) = serve(&data);
    let token = tokens(&data, &session, "chair", "Chủ tọa", &[])
        .pop()
        .unwrap();
    assert!(enters(&data, &url, &session, &token));

    // Others write while it is taken.
    let is_over = AtomicBool::new(false);
    let into = copies.display().to_string();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                tokens(&data, &session, "viewer", "Khách", &["--count", "20"]);
            }
        });
        let told = line(&data, &["backup", &into]);
        is_over.store(true, Ordering::Relaxed);
        assert!(told.contains("đã mở lại và kiểm tra"), "{told}");
    });
    let copy = only(&copies);
    let copy_path = copy.display().to_string();
    let checked = line(&data, &["restore", "--check", &copy_path]);
    assert!(checked.contains("tốt"), "{checked}");
    assert!(line(&data, &["audit", "verify"]).contains("nguyên vẹn"));

    // Neither over a running server nor over anything that is there.
    let over = output(&data, &["restore", &copy_path]);
    assert!(!over.status.success());
    assert!(said(&over).contains("đang chạy"), "{}", said(&over));
    server.signal(Signal::TERM);
    assert!(server.ended());
    let over = output(&data, &["restore", &copy_path]);
    assert!(!over.status.success());
    assert!(said(&over).contains("đã có dữ liệu"), "{}", said(&over));

    // A damaged copy is refused before anything is written.
    let clean = folder.path().join("clean");
    let key = copy.join("files/tls/ca.key");
    let whole = std::fs::read(&key).unwrap();
    std::fs::write(&key, "x").unwrap();
    let damaged = output(&clean, &["restore", &copy_path]);
    assert!(!damaged.status.success());
    assert!(
        said(&damaged).contains("files/tls/ca.key"),
        "{}",
        said(&damaged)
    );
    assert!(!clean.exists(), "nothing was written");
    std::fs::write(&key, whole).unwrap();

    let previous = data.display().to_string();
    let told = line(&clean, &["restore", &copy_path, "--previous", &previous]);
    assert!(told.contains("phải đăng nhập lại"), "{told}");
    assert!(
        told.contains("không có tài khoản hay liên kết nào"),
        "{told}"
    );
    assert_eq!(
        std::fs::read(clean.join("recordings/one/composite.mp4")).unwrap(),
        FILM
    );
    assert!(line(&clean, &["audit", "verify"]).contains("nguyên vẹn"));
    let (_server, url) = serve(&clean);
    assert!(
        enters(&clean, &url, &session, &token),
        "the certificates are the old ones, and the link still opens the room"
    );
    assert!(line(&clean, &["audit", "verify"]).contains("nguyên vẹn"));
}

#[test]
fn log_is_verified_after_a_kill_and_its_loss_has_an_exit_code_of_its_own() {
    crypto();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let session = demonstration(&data);
    let verify = || {
        let found = output(&data, &["audit", "verify"]);
        (found.status.code(), said(&found))
    };
    for _ in 0..3 {
        let (mut server, _) = serve(&data);
        tokens(&data, &session, "viewer", "Khách", &[]);
        server.signal(Signal::KILL);
        assert!(!server.ended());
        let (code, told) = verify();
        assert_eq!(code, Some(0), "{told}");
    }
    let head = data.join("audit-head");
    let written = std::fs::read_to_string(&head).unwrap();
    std::fs::remove_file(&head).unwrap();
    let (code, told) = verify();
    assert_eq!(code, Some(4), "{told}");
    assert!(told.contains("audit-head"), "{told}");
    // As if the newest lines had been cut off.
    let (seq, hash) = written.trim().split_once(' ').unwrap();
    let later = seq.parse::<i64>().unwrap() + 3;
    std::fs::write(&head, format!("{later} {hash}\n")).unwrap();
    let (code, told) = verify();
    assert_eq!(code, Some(3), "{told}");
    let first = seq.parse::<i64>().unwrap() + 1;
    assert!(
        told.contains(&format!("Mất các dòng từ {first} đến {later}")),
        "{told}"
    );
}
