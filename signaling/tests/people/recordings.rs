//! The MP4 of a recording: whole, in part, and only for those who may see it.

use protocol::api::{
    Link, LinkPurpose, Page, Recording, RecordingFailure, RecordingStage, Secrecy,
};
use protocol::client::{Preset, SessionKind, SessionRole};
use protocol::{ClassId, RecordingId, SessionId};
use reqwest::{Method, Response};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use signaling::access::tokens::NewToken;
use signaling::access::{accounts, tokens};
use signaling::live::captures;
use signaling::platform::audit;
use signaling::platform::secret::Secret;
use signaling::recording::{films, replays};
use signaling::schedule::sessions::NewSession;
use signaling::schedule::{classes, sessions};
use uuid::Uuid;

use crate::support::{Browser, HOUR_US, MINUTE_US, Server, problem, secret_of, stores, take_job};

/// What the film holds: a thousand bytes, no two neighbours alike.
pub(crate) fn film() -> Vec<u8> {
    (0..1_000_u32).map(|n| (n % 251) as u8).collect()
}

/// A recording of `GB-01` whose film is there.
pub(crate) async fn filmed(server: &Server) -> RecordingId {
    filmed_of(server, server.session).await
}

/// A recording of a session whose film is there.
async fn filmed_of(server: &Server, session: SessionId) -> RecordingId {
    let id = archived_of(server, session).await;
    let key = format!("recordings/{id}/composite.mp4");
    let file = server.folder.path().join(&key);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, film()).unwrap();
    let mut tx = server.store.write().await.unwrap();
    let hash = Sha256::digest(film());
    films::put_composite(&mut tx, id, &key, 1_000, &hash, server.clock.now())
        .await
        .unwrap();
    replays::ready(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// A recording of `GB-01` whose raw tracks are safe.
pub(crate) async fn archived(server: &Server) -> RecordingId {
    archived_of(server, server.session).await
}

pub(crate) async fn archived_of(server: &Server, session: SessionId) -> RecordingId {
    let id = RecordingId(Uuid::now_v7());
    let now = server.clock.now();
    let mut tx = server.store.write().await.unwrap();
    captures::request(&mut tx, id, session, now).await.unwrap();
    captures::started(&mut tx, id, now).await.unwrap();
    captures::stopping(&mut tx, id, now).await.unwrap();
    captures::finalised(&mut tx, id, 5_000_000, 4_096)
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

/// More than the sockets and programs between server and browser hold.
const LONG_FILM: u64 = 96 * 1024 * 1024;

#[tokio::test]
async fn film_under_way_breaks_off_when_the_right_to_see_it_ends() {
    for way in [
        "link revoked",
        "guests may see it no longer",
        "film deleted",
    ] {
        for server in servers().await {
            let session = session_of_the_commune(&server, "XA-01", "quantri", None, true).await;
            let id = filmed_of(&server, session).await;
            let chair = server.signed_in("quantri").await;
            let wanted = json!({ "role": "viewer", "name": "Bà Hà" });
            let link = chair.post("/api/v1/sessions/XA-01/links", &wanted).await;
            let link: Link = link.json().await.unwrap();
            let file = server
                .folder
                .path()
                .join(format!("recordings/{id}/composite.mp4"));
            let long = std::fs::File::options().write(true).open(file).unwrap();
            long.set_len(LONG_FILM).unwrap();
            let statement = format!("UPDATE media_file SET bytes = {LONG_FILM}");
            by_hand(&server, &statement).await;
            let (guest, other) = (server.stranger(), server.signed_in("thanhvien").await);
            let exchanged = guest.exchange(&secret_of(&link.url), None).await;
            assert_eq!(exchanged.status(), 200);

            let path = format!("/api/v1/recordings/{id}/media");
            let mut rights = server.running.state.rooms.rights();
            rights.wait_for(Option::is_some).await.unwrap();
            let mut of_guest = guest.get(&path).await;
            let mut of_other = other.get(&path).await;
            for answer in [&mut of_guest, &mut of_other] {
                assert_eq!(answer.status(), 200, "{way}");
                answer.chunk().await.unwrap().unwrap();
            }
            rights.mark_unchanged();
            match way {
                "link revoked" => {
                    let at = format!("/api/v1/links/{}", link.id);
                    let answer = chair.request(Method::DELETE, &at).send().await.unwrap();
                    assert_eq!(answer.status(), 204);
                }
                "film deleted" => by_hand(&server, "UPDATE media_file SET deleted_at_us = 1").await,
                _ => by_hand(&server, "UPDATE session SET guests_may_replay = FALSE").await,
            }
            rights.changed().await.unwrap();
            let ends = async |mut answer: Response| loop {
                match answer.chunk().await {
                    Ok(Some(_)) => {}
                    Ok(None) => return "whole",
                    Err(_) => return "broken off",
                }
            };
            assert_eq!(ends(of_guest).await, "broken off", "{way}");
            let for_all = way == "film deleted";
            let expected = if for_all { "broken off" } else { "whole" };
            assert_eq!(ends(of_other).await, expected, "{way}: somebody else");
        }
    }
}

/// Changes the database with a tool of its own, as a keeper may.
pub(crate) async fn by_hand(server: &Server, statement: &str) {
    let changed = count_by_hand(server, statement).await;
    assert!(changed > 0, "nothing was changed");
}

/// The same, also where no row is changed; how many were.
pub(crate) async fn count_by_hand(server: &Server, statement: &str) -> u64 {
    use sqlx::{AssertSqlSafe, Connection as _};

    let statement = sqlx::raw_sql(AssertSqlSafe(statement.to_owned()));
    let url = &server.running.state.config.database.url;
    if url.is_empty() {
        let file = server.folder.path().join("diemcau.db");
        let url = format!("sqlite://{}", file.display());
        let mut tool = sqlx::SqliteConnection::connect(&url).await.unwrap();
        statement.execute(&mut tool).await.unwrap().rows_affected()
    } else {
        let mut tool = sqlx::PgConnection::connect(url).await.unwrap();
        statement.execute(&mut tool).await.unwrap().rows_affected()
    }
}

#[tokio::test]
async fn film_whose_file_is_gone_or_cut_short_is_said_to_be_gone() {
    for server in servers().await {
        let id = filmed(&server).await;
        let chair = server.signed_in("chutri").await;
        let path = format!("/api/v1/recordings/{id}/media");
        let file = server
            .folder
            .path()
            .join(format!("recordings/{id}/composite.mp4"));
        let ask = |method: Method, range: &str| {
            chair.request(method, &path).header("range", range).send()
        };
        for damage in ["cut", "grown", "folder", "gone"] {
            match damage {
                "cut" => std::fs::write(&file, &film()[..999]).unwrap(),
                "grown" => std::fs::write(&file, [film(), film()].concat()).unwrap(),
                "folder" => {
                    std::fs::remove_file(&file).unwrap();
                    std::fs::create_dir(&file).unwrap();
                }
                _ => std::fs::remove_dir(&file).unwrap(),
            }
            let whole = problem(chair.get(&path).await, 410).await;
            assert_eq!(whole.code, "film_gone", "{damage}");
            let part = ask(Method::GET, "bytes=0-9").await.unwrap();
            assert_eq!(problem(part, 410).await.code, "film_gone", "{damage}");
            let head = ask(Method::HEAD, "bytes=0-9").await.unwrap();
            assert_eq!(head.status(), 410, "{damage}");
            let told: Recording = chair.read(&format!("/api/v1/recordings/{id}")).await;
            assert_eq!(
                (told.state, told.failure, told.media_url),
                (
                    RecordingStage::Failed,
                    Some(RecordingFailure::FilmMissing),
                    None
                )
            );
        }
        let again = chair
            .post(&format!("/api/v1/recordings/{id}/compose"), &json!({}))
            .await;
        assert_eq!(again.status(), 202, "the raw tracks may still be there");
    }
}

/// A server on each database.
pub(crate) async fn servers() -> Vec<Server> {
    let mut servers = Vec::new();
    for test in stores().await {
        test.store.close().await;
        servers.push(Server::start_in(test.folder, test.database, |_| {}).await);
    }
    servers
}

/// What a browser may do with a recording: see how it does; see what it shows, in every way there is.
async fn rights(browser: &Browser, code: &str, id: RecordingId) -> (bool, bool) {
    let path = format!("/api/v1/recordings/{id}");
    let detail = browser.get(&path).await;
    let list = browser
        .get(&format!("/api/v1/sessions/{code}/recordings"))
        .await;
    let inspects = detail.status() == 200;
    assert_eq!(list.status(), detail.status(), "list and detail");
    let media = format!("{path}/media");
    let mut sees = Vec::new();
    for (method, range) in [
        (Method::GET, None),
        (Method::HEAD, None),
        (Method::GET, Some("bytes=0-9")),
        (Method::HEAD, Some("bytes=0-9")),
        (Method::GET, Some("bytes=9999-")),
    ] {
        let mut request = browser.request(method.clone(), &media);
        if let Some(range) = range {
            request = request.header("range", range);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        assert!(
            matches!(status, 200 | 206 | 416 | 401 | 403),
            "{method} {range:?}: {status}"
        );
        sees.push(!matches!(status, 401 | 403));
    }
    assert!(
        sees.iter().all(|saw| *saw == sees[0]),
        "one rule for all ways: {sees:?}"
    );
    if inspects {
        let detail: Recording = detail.json().await.unwrap();
        assert_eq!(
            (detail.may_view, detail.media_url.is_some()),
            (sees[0], sees[0])
        );
    }
    (inspects, sees[0])
}

const ALL: (bool, bool) = (true, true);
const HEALTH: (bool, bool) = (true, false);
const NOTHING: (bool, bool) = (false, false);

/// A session of the commune with the school's point alone, perhaps of a class, chaired by `chair`.
async fn session_of_the_commune(
    server: &Server,
    code: &str,
    chair: &str,
    class: Option<ClassId>,
    guests_may_replay: bool,
) -> SessionId {
    let now = server.clock.now();
    let mut tx = server.store.write().await.unwrap();
    let chair = accounts::by_login(&mut tx, chair)
        .await
        .unwrap()
        .unwrap()
        .id;
    let id = sessions::insert(
        &mut tx,
        NewSession {
            code,
            title: "Họp xã",
            kind: SessionKind::Meeting,
            preset: Preset::Discussion,
            secrecy: Secrecy::Normal,
            convening_unit: server.province.commune,
            chair: Some(chair),
            secretary: None,
            class,
            starts_at: now,
            ends_at: now.plus_us(HOUR_US),
            auto_record: false,
            keep_days: None,
            guests_may_replay,
            max_interactive: 60,
            max_receive_only: 1_000,
            created_by: None,
            points: &server.province.points[2..3],
        },
        now,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn recording_is_seen_by_those_invited_and_those_who_answer_for_the_session() {
    for server in servers().await {
        let of_all = filmed(&server).await;
        problem(
            server
                .stranger()
                .get(&format!("/api/v1/recordings/{of_all}/media"))
                .await,
            401,
        )
        .await;
        let session = session_of_the_commune(&server, "XA-01", "quantri", None, false).await;
        let of_commune = filmed_of(&server, session).await;
        for (login, all, commune) in [
            // The department convenes GB-01; its administrator answers for the commune's too.
            ("chutri", ALL, ALL),
            // Works where DC-01 is, which GB-01 invites; looks after the lines of both.
            ("kythuat", HEALTH, HEALTH),
            // Works where DC-01 is; teaches nothing.
            ("giangvien", ALL, NOTHING),
            // Administers the commune, whose point GB-01 invites.
            ("quantri", ALL, ALL),
            ("thanhvien", ALL, ALL),
            ("nguoila", NOTHING, NOTHING),
        ] {
            let browser = server.signed_in(login).await;
            assert_eq!(rights(&browser, "GB-01", of_all).await, all, "{login}");
            assert_eq!(
                rights(&browser, "XA-01", of_commune).await,
                commune,
                "{login}"
            );
        }
        // An administrator above an invited point is not invited by that, nor does the office below convene.
        let for_school = server
            .province
            .session(
                &server.store,
                "GB-02",
                server.clock.now(),
                Secrecy::Normal,
                &server.province.points[2..3],
            )
            .await;
        let of_school = filmed_of(&server, for_school).await;
        let commune = server.signed_in("quantri").await;
        assert_eq!(rights(&commune, "GB-02", of_school).await, NOTHING);
        let school = server.signed_in("thanhvien").await;
        assert_eq!(rights(&school, "GB-02", of_school).await, ALL);
        let chair = server.signed_in("chutri").await;
        problem(chair.get("/api/v1/recordings/khong-co/media").await, 404).await;
        let without = archived(&server).await;
        let none = chair
            .get(&format!("/api/v1/recordings/{without}/media"))
            .await;
        assert_eq!(problem(none, 404).await.code, "no_film_yet");
    }
}

#[tokio::test]
async fn link_lets_its_person_and_its_point_see_recordings_and_a_guest_where_the_session_says_so() {
    for server in servers().await {
        for (code, guests_may) in [("XA-01", false), ("XA-02", true)] {
            let session = session_of_the_commune(&server, code, "quantri", None, guests_may).await;
            let id = filmed_of(&server, session).await;
            let admin = server.signed_in("quantri").await;
            let links = format!("/api/v1/sessions/{code}/links");
            let made = async |body| -> Link {
                let answer = admin.post(&links, &body).await;
                assert_eq!(answer.status(), 201);
                answer.json().await.unwrap()
            };
            let come = async |link: &Link| {
                let browser = server.stranger();
                let answer = browser.exchange(&secret_of(&link.url), Some("Khách")).await;
                assert_eq!(answer.status(), 200);
                browser
            };
            let guest = made(json!({ "role": "presenter" })).await;
            let expected = if guests_may { ALL } else { NOTHING };
            assert_eq!(
                rights(&come(&guest).await, code, id).await,
                expected,
                "a guest"
            );
            let device = made(json!({ "role": "point", "bridge_point": "DC-03" })).await;
            assert_eq!(
                rights(&come(&device).await, code, id).await,
                ALL,
                "the device of a point"
            );
            let outsider = server.signed_in("nguoila").await;
            assert_eq!(rights(&outsider, code, id).await, NOTHING);
            let person = made(json!({ "role": "viewer", "login": "nguoila" })).await;
            assert_eq!(
                rights(&come(&person).await, code, id).await,
                ALL,
                "by the link"
            );
            assert_eq!(rights(&outsider, code, id).await, ALL, "signed in");
            let revoked = admin
                .request(Method::DELETE, &format!("/api/v1/links/{}", person.id))
                .send()
                .await
                .unwrap();
            assert_eq!(revoked.status(), 204);
            assert_eq!(rights(&outsider, code, id).await, NOTHING, "taken back");
        }
    }
}

#[tokio::test]
async fn guest_comes_back_to_the_recording_after_the_end_where_the_session_says_so() {
    let server = Server::start().await;
    for (code, guests_may) in [("XA-01", false), ("XA-02", true)] {
        let session = session_of_the_commune(&server, code, "quantri", None, guests_may).await;
        let id = filmed_of(&server, session).await;
        let admin = server.signed_in("quantri").await;
        let links = format!("/api/v1/sessions/{code}/links");
        let link: Link = admin
            .post(&links, &json!({ "role": "viewer" }))
            .await
            .json()
            .await
            .unwrap();
        let ended = admin
            .post(&format!("/api/v1/sessions/{code}/end"), &json!({}))
            .await;
        assert_eq!(ended.status(), 204);
        let guest = server.stranger();
        let answer = guest.exchange(&secret_of(&link.url), Some("Khách")).await;
        if !guests_may {
            assert_eq!(problem(answer, 410).await.code, "session_ended");
            continue;
        }
        assert_eq!(answer.status(), 200);
        assert_eq!(rights(&guest, code, id).await, ALL);
        let days = (link.expires_at_us.0 - server.clock.now().0) / (24 * HOUR_US);
        assert_eq!(days, 7);
    }
}

#[tokio::test]
async fn token_of_an_encoder_or_a_player_opens_no_recording() {
    let server = Server::start().await;
    let session = session_of_the_commune(&server, "XA-01", "quantri", None, true).await;
    let id = filmed_of(&server, session).await;
    for purpose in [LinkPurpose::Whip, LinkPurpose::Whep] {
        let secret = Secret::generate().unwrap();
        let now = server.clock.now();
        let mut tx = server.store.write().await.unwrap();
        let new = NewToken {
            secret_hash: &secret.hash(),
            purpose,
            session,
            role: SessionRole::Point,
            point: Some(server.province.points[2]),
            account: None,
            display_name: Some("OBS"),
            created_by: None,
            expires_at: now.plus_us(HOUR_US),
        };
        tokens::insert(&mut tx, new, now).await.unwrap();
        tx.commit().await.unwrap();
        let path = format!("/api/v1/recordings/{id}/media");
        let answer = server
            .stranger()
            .request(Method::GET, &path)
            .bearer_auth(secret.expose())
            .send()
            .await
            .unwrap();
        problem(answer, 403).await;
    }
}

#[tokio::test]
async fn trainer_sees_recordings_of_the_own_classes_only() {
    for server in servers().await {
        let now = server.clock.now();
        let mut tx = server.store.write().await.unwrap();
        let unit = server.province.department;
        let own = classes::insert(&mut tx, "TH-1", "Dạy học số", unit, 2026, now)
            .await
            .unwrap();
        let other = classes::insert(&mut tx, "TH-2", "Quản lý lớp", unit, 2026, now)
            .await
            .unwrap();
        let trainee = accounts::by_login(&mut tx, "nguoila")
            .await
            .unwrap()
            .unwrap();
        classes::enrol(&mut tx, own, trainee.person_id, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        session_of_the_commune(&server, "B-1", "giangvien", Some(own), false).await;
        let lesson = session_of_the_commune(&server, "B-2", "quantri", Some(own), false).await;
        let foreign = session_of_the_commune(&server, "B-3", "quantri", Some(other), false).await;
        let lesson = filmed_of(&server, lesson).await;
        let foreign = filmed_of(&server, foreign).await;
        let trainer = server.signed_in("giangvien").await;
        assert_eq!(
            rights(&trainer, "B-2", lesson).await,
            ALL,
            "the class is theirs"
        );
        assert_eq!(rights(&trainer, "B-3", foreign).await, NOTHING);
        let trainee = server.signed_in("nguoila").await;
        assert_eq!(
            rights(&trainee, "B-2", lesson).await,
            ALL,
            "invited as a trainee"
        );
        assert_eq!(rights(&trainee, "B-3", foreign).await, NOTHING);
    }
}

#[tokio::test]
async fn every_view_is_in_the_audit_log_once_in_ten_minutes() {
    for server in servers().await {
        let id = filmed(&server).await;
        let path = format!("/api/v1/recordings/{id}/media");
        let views = async || {
            let lines = audit::last(&mut server.store.read().await.unwrap(), 1_000)
                .await
                .unwrap();
            let resource = format!("recording:{id}");
            lines
                .into_iter()
                .filter(|line| line.action == "view_recording" && line.resource == resource)
                .count()
        };
        let school = server.signed_in("thanhvien").await;
        school.get(&format!("/api/v1/recordings/{id}")).await;
        school.request(Method::HEAD, &path).send().await.unwrap();
        let beyond = school
            .request(Method::GET, &path)
            .header("range", "bytes=5000-");
        problem(beyond.send().await.unwrap(), 416).await;
        assert_eq!(views().await, 0, "nothing was shown");
        let outsider = server.signed_in("nguoila").await;
        problem(outsider.get(&path).await, 403).await;
        assert_eq!(views().await, 0);

        // A player asks for many parts at the same time.
        let parts = (0..8).map(|n| {
            let range = format!("bytes={}-{}", n * 100, n * 100 + 99);
            school
                .request(Method::GET, &path)
                .header("range", range)
                .send()
        });
        let parts = futures_util::future::join_all(parts).await;
        assert!(
            parts
                .iter()
                .all(|part| part.as_ref().unwrap().status() == 206)
        );
        assert_eq!(views().await, 1, "one view");
        let etag = header(&school.get(&path).await, "etag");
        assert_eq!(views().await, 1);
        let chair = server.signed_in("chutri").await;
        chair.get(&path).await;
        assert_eq!(views().await, 2, "each viewer");
        server.clock.advance(11 * MINUTE_US);
        let kept = school
            .request(Method::GET, &path)
            .header("if-none-match", etag);
        assert_eq!(kept.send().await.unwrap().status(), 304);
        assert_eq!(views().await, 3, "what a player kept is seen again");
        let verdict = audit::verify(&mut server.store.read().await.unwrap(), None)
            .await
            .unwrap();
        assert!(verdict.is_intact(), "{verdict:?}");
    }
}

#[tokio::test]
async fn film_that_many_ask_for_at_the_same_moment_is_made_once() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        for _ in 0..8 {
            let path = format!("/api/v1/recordings/{}/compose", archived(&server).await);
            let asked = (0..4).map(|_| async { chair.post(&path, &json!({})).await.status() });
            let answers = futures_util::future::join_all(asked).await;
            let taken = answers.iter().filter(|status| **status == 202).count();
            assert_eq!(taken, 1, "{answers:?}");
        }
    }
}

#[tokio::test]
async fn failed_film_is_made_again_when_the_chair_asks() {
    let server = Server::start().await;
    let id = archived(&server).await;
    let mut tx = server.store.write().await.unwrap();
    replays::failed(&mut tx, id, RecordingFailure::FfmpegMissing)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let path = format!("/api/v1/recordings/{id}/compose");
    let member = server.signed_in("thanhvien").await;
    problem(member.post(&path, &json!({})).await, 403).await;
    let chair = server.signed_in("chutri").await;
    let before: Recording = chair.read(&format!("/api/v1/recordings/{id}")).await;
    assert_eq!(
        (before.state, before.failure),
        (
            RecordingStage::Failed,
            Some(RecordingFailure::FfmpegMissing)
        )
    );
    let answer = chair.post(&path, &json!({})).await;
    assert_eq!(answer.status(), 202);
    let after: Recording = answer.json().await.unwrap();
    assert_eq!(
        (after.state, after.failure),
        (RecordingStage::Archived, None)
    );
    let mut tx = server.store.write().await.unwrap();
    assert!(take_job(&mut tx).await.is_some());
    tx.commit().await.unwrap();
    assert_eq!(
        problem(chair.post(&path, &json!({})).await, 409).await.code,
        "not_composable"
    );
}
