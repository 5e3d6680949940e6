//! The MP4 of a recording: whole, in part, and only for those who may see it.

use protocol::RecordingId;
use protocol::api::{Page, Recording, RecordingStage};
use reqwest::{Method, Response};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use signaling::store::{job, media, recording, replay};

use crate::support::{Server, problem};

/// What the film holds: a thousand bytes, no two neighbours alike.
fn film() -> Vec<u8> {
    (0..1_000_u32).map(|n| (n % 251) as u8).collect()
}

/// A recording of `GB-01` whose film is there.
async fn filmed(server: &Server) -> RecordingId {
    let id = archived(server).await;
    let key = format!("recordings/{id}/composite.mp4");
    let file = server.folder.path().join(&key);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, film()).unwrap();
    let mut tx = server.store.write().await.unwrap();
    let hash = Sha256::digest(film());
    media::put_composite(&mut tx, id, &key, 1_000, &hash, server.clock.now())
        .await
        .unwrap();
    replay::ready(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// A recording of `GB-01` whose raw tracks are safe.
pub(crate) async fn archived(server: &Server) -> RecordingId {
    let id = RecordingId(uuid::Uuid::now_v7());
    let now = server.clock.now();
    let mut tx = server.store.write().await.unwrap();
    recording::request(&mut tx, id, server.session, now)
        .await
        .unwrap();
    recording::started(&mut tx, id, now).await.unwrap();
    recording::stopping(&mut tx, id, now).await.unwrap();
    recording::finalised(&mut tx, id, 5_000_000, 4_096)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    id
}

fn header(answer: &Response, name: &str) -> String {
    answer
        .headers()
        .get(name)
        .map_or(String::new(), |value| value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn film_is_played_whole_and_in_parts() {
    let server = Server::start().await;
    let id = filmed(&server).await;
    let browser = server.signed_in("thanhvien").await;
    let list: Page<Recording> = browser.read("/api/v1/sessions/GB-01/recordings").await;
    let found = &list.items[0];
    assert_eq!(
        (found.state, found.bytes, found.duration_us),
        (RecordingStage::Ready, Some(1_000), Some(5_000_000))
    );
    let path = found.media_url.clone().unwrap();
    assert_eq!(path, format!("/api/v1/recordings/{id}/media"));

    let whole = browser.get(&path).await;
    assert_eq!(whole.status(), 200);
    assert_eq!(header(&whole, "content-type"), "video/mp4");
    assert_eq!(header(&whole, "accept-ranges"), "bytes");
    assert!(header(&whole, "cache-control").starts_with("private"));
    let etag = header(&whole, "etag");
    assert_eq!(whole.bytes().await.unwrap(), film());

    let part = browser
        .request(Method::GET, &path)
        .header("range", "bytes=100-199")
        .send()
        .await
        .unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(header(&part, "content-range"), "bytes 100-199/1000");
    assert_eq!(part.bytes().await.unwrap(), film()[100..200]);

    let head = browser
        .request(Method::HEAD, &path)
        .header("range", "bytes=-10")
        .send()
        .await
        .unwrap();
    assert_eq!(head.status(), 206);
    assert_eq!(header(&head, "content-length"), "10");
    assert!(head.bytes().await.unwrap().is_empty());

    let with = |name, value: &str| {
        browser
            .request(Method::GET, &path)
            .header("range", "bytes=0-9")
            .header(name, value)
            .send()
    };
    assert_eq!(with("if-range", &etag).await.unwrap().status(), 206);
    let other = with("if-range", "\"another version\"").await.unwrap();
    assert_eq!(
        other.status(),
        200,
        "a part of another version would be spliced into the wrong film"
    );
    assert_eq!(with("if-none-match", &etag).await.unwrap().status(), 304);

    let beyond = browser
        .request(Method::GET, &path)
        .header("range", "bytes=1000-")
        .send()
        .await
        .unwrap();
    assert_eq!(header(&beyond, "content-range"), "bytes */1000");
    assert_eq!(problem(beyond, 416).await.code, "bad_range");
}

#[tokio::test]
async fn film_is_for_those_who_may_see_the_session() {
    let server = Server::start().await;
    let id = filmed(&server).await;
    let path = format!("/api/v1/recordings/{id}/media");
    problem(server.stranger().get(&path).await, 401).await;
    let outsider = server.signed_in("nguoila").await;
    for path in [
        path,
        format!("/api/v1/recordings/{id}"),
        "/api/v1/sessions/GB-01/recordings".to_owned(),
    ] {
        problem(outsider.get(&path).await, 403).await;
    }
    let chair = server.signed_in("chutri").await;
    problem(chair.get("/api/v1/recordings/khong-co/media").await, 404).await;
    let without = archived(&server).await;
    let none = chair
        .get(&format!("/api/v1/recordings/{without}/media"))
        .await;
    assert_eq!(problem(none, 404).await.code, "no_film_yet");
}

#[tokio::test]
async fn failed_film_is_made_again_when_the_chair_asks() {
    let server = Server::start().await;
    let id = archived(&server).await;
    let mut tx = server.store.write().await.unwrap();
    replay::failed(&mut tx, id, "no encoder").await.unwrap();
    tx.commit().await.unwrap();
    let path = format!("/api/v1/recordings/{id}/compose");
    let member = server.signed_in("thanhvien").await;
    problem(member.post(&path, &json!({})).await, 403).await;
    let chair = server.signed_in("chutri").await;
    let before: Recording = chair.read(&format!("/api/v1/recordings/{id}")).await;
    assert_eq!(
        (before.state, before.failure.as_deref()),
        (RecordingStage::Failed, Some("no encoder"))
    );
    let answer = chair.post(&path, &json!({})).await;
    assert_eq!(answer.status(), 202);
    let after: Recording = answer.json().await.unwrap();
    assert_eq!(
        (after.state, after.failure),
        (RecordingStage::Archived, None)
    );
    let now = server.clock.now();
    let mut tx = server.store.write().await.unwrap();
    assert!(
        job::claim(&mut tx, "test", now.plus_us(1_000_000), now)
            .await
            .unwrap()
            .is_some()
    );
    tx.commit().await.unwrap();
    assert_eq!(
        problem(chair.post(&path, &json!({})).await, 409).await.code,
        "not_composable"
    );
}
