//! The schedule, classes, the monitor, and what every answer carries.

use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use protocol::api::{
    LinkSample, Page, PointHistory, PointRef, PointState, PointStatus, Session, SessionState,
    SpanState, TrainingClass,
};
use protocol::client::{
    ConnectionState, Event, EventFrame, LeaveReason, LinkReport, Microphone, Participant,
    RosterEvent, SessionEvent, SessionRole,
};
use protocol::media::MediaPath;
use protocol::{PointId, UtcMicros};
use serde_json::{Value, json};
use signaling::live::participants;
use signaling::live::participants::Entrant;
use signaling::live::samples;
use signaling::org::people;
use signaling::platform::audit;
use signaling::schedule::{bookings, classes, sessions};
use signaling_core::{Cause, JournalEntry, Reason};
use tower::ServiceExt as _;

use crate::support::{HOUR_US, MINUTE_US, PASSWORD, Server, eventually, problem};

/// A session an hour from now on.
fn wanted(server: &Server, points: &[&str]) -> Value {
    let begin = server.clock.now().plus_us(6 * HOUR_US);
    json!({
        "title": "Họp chuyên môn",
        "kind": "meeting",
        "starts_at_us": begin,
        "ends_at_us": begin.plus_us(HOUR_US),
        "bridge_points": points,
        "secrecy": "normal",
    })
}

#[tokio::test]
async fn created_session_is_seen_by_those_it_invites() {
    let server = Server::start().await;
    let chair = server.signed_in("chutri").await;
    let answer = chair
        .post("/api/v1/sessions", &wanted(&server, &["DC-02", "DC-03"]))
        .await;
    assert_eq!(answer.status(), 201);
    let made: Session = answer.json().await.unwrap();
    assert_eq!(made.state, SessionState::Planned);
    assert_eq!(made.my_role, Some(SessionRole::Chair));
    assert!(made.code.starts_with("HOP-"), "{}", made.code);
    let codes = |session: &Session| {
        session
            .invited
            .iter()
            .map(|p| p.code.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(&made), ["DC-02", "DC-03"], "in seat order");

    let invited = server.signed_in("thanhvien").await;
    let seen: Session = invited
        .read(&format!("/api/v1/sessions/{}", made.code))
        .await;
    assert_eq!(seen.my_role, Some(SessionRole::Point));
    let stranger = server.signed_in("nguoila").await;
    problem(
        stranger
            .get(&format!("/api/v1/sessions/{}", made.code))
            .await,
        403,
    )
    .await;
    let list: Page<Session> = stranger.read("/api/v1/sessions").await;
    assert!(list.items.is_empty(), "{:?}", list.items);

    let last = audit::last(&mut server.store.read().await.unwrap(), 5)
        .await
        .unwrap();
    assert!(
        last.iter()
            .any(|line| line.action == "create_session" && line.resource.contains(&made.code))
    );
}

#[tokio::test]
async fn conflict_names_the_other_session() {
    let server = Server::start().await;
    let chair = server.signed_in("chutri").await;
    let mut body = wanted(&server, &["DC-04", "DC-03"]);
    let now = server.clock.now();
    body["starts_at_us"] = json!(now);
    body["ends_at_us"] = json!(now.plus_us(HOUR_US));
    let refused = problem(chair.post("/api/v1/sessions", &body).await, 409).await;
    assert_eq!(refused.code, "booking_conflict");
    assert_eq!(refused.params["code"], "GB-01");
    assert_eq!(refused.params["title"], "Họp giao ban");
    assert_eq!(refused.params["point"], "Điểm cầu 3");
    let begun: i64 = refused.params["starts_at_us"].parse().unwrap();
    let ends: i64 = refused.params["ends_at_us"].parse().unwrap();
    assert_eq!(ends - begun, HOUR_US);
    body["bridge_points"] = json!(["DC-04"]);
    assert_eq!(
        chair.post("/api/v1/sessions", &body).await.status(),
        201,
        "another point is free"
    );
}

#[tokio::test]
async fn conflict_by_dual_use_room_names_the_session_that_has_the_room() {
    let server = Server::start().await;
    let begin = server.clock.now().plus_us(6 * HOUR_US);
    let mut tx = server.store.write().await.unwrap();
    let room = Some(server.province.room);
    let (session, end) = (server.session, begin.plus_us(HOUR_US));
    bookings::book(&mut tx, session, None, room, begin, end)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let chair = server.signed_in("chutri").await;
    let refused = problem(
        chair
            .post("/api/v1/sessions", &wanted(&server, &["DC-03"]))
            .await,
        409,
    )
    .await;
    assert_eq!(
        (refused.code.as_str(), refused.params["code"].as_str()),
        ("booking_conflict", "GB-01")
    );
}

#[tokio::test]
async fn unit_admin_convenes_and_invites_in_the_own_subtree_only() {
    let server = Server::start().await;
    let admin = server.signed_in("quantri").await;
    let answer = admin
        .post("/api/v1/sessions", &wanted(&server, &["DC-02", "DC-03"]))
        .await;
    assert_eq!(answer.status(), 201);
    let made: Session = answer.json().await.unwrap();
    assert_eq!(made.convening_unit.code, "XA-A");

    let outside = problem(
        admin
            .post("/api/v1/sessions", &wanted(&server, &["DC-02", "DC-04"]))
            .await,
        403,
    )
    .await;
    assert_eq!(
        (outside.code.as_str(), outside.params["point"].as_str()),
        ("point_not_yours", "DC-04")
    );
    let mut above = wanted(&server, &["DC-02"]);
    above["convening_unit"] = json!("SGD");
    assert_eq!(
        problem(admin.post("/api/v1/sessions", &above).await, 403)
            .await
            .code,
        "not_allowed"
    );

    let points: Page<PointRef> = admin.read("/api/v1/bridge-points").await;
    let codes: Vec<_> = points
        .items
        .iter()
        .map(|point| point.code.as_str())
        .collect();
    assert_eq!(codes, ["DC-02", "DC-03"]);
    let board: Page<PointStatus> = admin.read("/api/v1/bridge-points/status").await;
    assert_eq!(board.items.len(), 2);
    problem(admin.get("/api/v1/bridge-points/DC-04/samples").await, 403).await;
}

#[tokio::test]
async fn member_gets_403_from_every_administrators_endpoint() {
    let server = Server::start().await;
    let member = server.signed_in("thanhvien").await;
    let posts = [
        ("/api/v1/sessions", wanted(&server, &["DC-03"])),
        ("/api/v1/sessions/GB-01/end", json!({})),
        ("/api/v1/sessions/GB-01/links", json!({ "role": "viewer" })),
    ];
    for (path, body) in posts {
        assert_eq!(
            problem(member.post(path, &body).await, 403).await.code,
            "not_allowed",
            "{path}"
        );
    }
    for path in [
        "/api/v1/bridge-points/status",
        "/api/v1/bridge-points/DC-03/samples",
    ] {
        assert_eq!(
            problem(member.get(path).await, 403).await.code,
            "not_allowed",
            "{path}"
        );
    }
}

#[tokio::test]
async fn session_that_makes_no_sense_is_refused_with_its_reason() {
    let server = Server::start().await;
    let chair = server.signed_in("chutri").await;
    let begin = server.clock.now().0;
    let with = |key: &str, value: Value| {
        let mut body = wanted(&server, &["DC-04"]);
        body[key] = value;
        body
    };
    for (body, status, code) in [
        (with("title", json!("   ")), 400, "bad_title"),
        (with("title", json!("a".repeat(201))), 400, "bad_title"),
        (with("ends_at_us", json!(begin)), 400, "bad_time"),
        (
            with("ends_at_us", json!(begin + 40 * HOUR_US)),
            400,
            "bad_time",
        ),
        (with("ends_at_us", json!(i64::MAX)), 400, "bad_time"),
        (with("bridge_points", json!([])), 400, "no_points"),
        (
            with("bridge_points", json!(["DC-04", "DC-04"])),
            400,
            "duplicate_point",
        ),
        (
            with("bridge_points", json!(["DC-99"])),
            400,
            "unknown_point",
        ),
        (with("convening_unit", json!("XA-Z")), 400, "unknown_unit"),
        (with("chair", json!("khong.co")), 400, "unknown_account"),
        (with("class_code", json!("TH-99")), 400, "unknown_class"),
        (with("secrecy", json!("secret")), 422, "secret_refused"),
        (with("kind", json!("party")), 400, "malformed_body"),
        (json!([]), 400, "malformed_body"),
    ] {
        let refused = problem(chair.post("/api/v1/sessions", &body).await, status).await;
        assert_eq!(refused.code, code, "{body}");
    }
    let list: Page<Session> = chair.read("/api/v1/sessions").await;
    assert_eq!(list.items.len(), 1, "nothing was made");
}

#[tokio::test]
async fn ended_session_is_over_for_all_and_frees_its_points() {
    let server = Server::start().await;
    let secretary = server.signed_in("chutri").await;
    assert_eq!(
        secretary
            .post("/api/v1/sessions/GB-01/end", &json!({}))
            .await
            .status(),
        204
    );
    let session: Session = secretary.read("/api/v1/sessions/GB-01").await;
    assert_eq!(session.state, SessionState::Ended);
    assert_eq!(
        secretary
            .post("/api/v1/sessions/GB-01/end", &json!({}))
            .await
            .status(),
        204,
        "ending twice is no error"
    );
    let link = json!({ "role": "viewer" });
    assert_eq!(
        problem(
            secretary.post("/api/v1/sessions/GB-01/links", &link).await,
            409
        )
        .await
        .code,
        "session_ended"
    );
    let mut body = wanted(&server, &["DC-01"]);
    body["starts_at_us"] = json!(server.clock.now());
    body["ends_at_us"] = json!(server.clock.now().plus_us(HOUR_US));
    assert_eq!(
        secretary.post("/api/v1/sessions", &body).await.status(),
        201
    );
    problem(secretary.get("/api/v1/sessions/KHONG-CO").await, 404).await;
}

#[tokio::test]
async fn list_is_paged_and_limited_to_the_time_asked_for() {
    let server = Server::start().await;
    let begin = server.clock.now().plus_us(48 * HOUR_US);
    for n in 0..60_i64 {
        let at = begin.plus_us(n * MINUTE_US);
        let code = format!("S{n:02}");
        server
            .province
            .session(
                &server.store,
                &code,
                at,
                protocol::api::Secrecy::Normal,
                &[],
            )
            .await;
    }
    let chair = server.signed_in("chutri").await;
    let path = format!("/api/v1/sessions?from={}", begin.0);
    let first: Page<Session> = chair.read(&path).await;
    assert_eq!(first.items.len(), 50);
    let second: Page<Session> = chair
        .read(&format!("{path}&cursor={}", first.next.unwrap()))
        .await;
    assert_eq!(second.items.len(), 10);
    assert_eq!(second.next, None);
    assert_eq!(second.items[9].code, "S59");
    assert_eq!(
        problem(chair.get("/api/v1/sessions?cursor=abc").await, 400)
            .await
            .code,
        "malformed_query"
    );
    assert_eq!(
        problem(chair.get("/api/v1/sessions?from=hom-nay").await, 400)
            .await
            .code,
        "malformed_query"
    );
}

/// The room device of a point, as it enters `GB-01`.
fn entrant(server: &Server, point: PointId) -> Entrant {
    Entrant {
        session: server.session,
        identity: format!("point:{point}"),
        role: SessionRole::Point,
        name: "Điểm cầu 3".to_owned(),
        bridge_point: Some(point),
        account: None,
        token: None,
        encoder: false,
    }
}

#[tokio::test]
async fn board_shows_last_sight_and_history_of_a_point() {
    let server = Server::start().await;
    let now = server.clock.now();
    let [_, _, school, _] = server.province.points;
    let mut tx = server.store.write().await.unwrap();
    let participant = participants::enter(&mut tx, &entrant(&server, school), now)
        .await
        .unwrap();
    let report = LinkReport {
        rtt_ms: Some(40.0),
        egress_loss_percent: 1.5,
        egress_bps: 800_000,
        path: Some(MediaPath::Udp),
        ..LinkReport::default()
    };
    for seconds in [20, 10] {
        let at = now.plus_us(-seconds * 1_000_000);
        samples::insert(&mut tx, participant, school, at, &report)
            .await
            .unwrap();
    }
    signaling::org::points::mark_seen(&mut tx, school, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let it = server.signed_in("kythuat").await;
    let board: Page<PointStatus> = it.read("/api/v1/bridge-points/status").await;
    assert_eq!(board.items.len(), 4);
    let point = &board.items[2];
    assert_eq!(point.state, PointState::Idle);
    assert_eq!(point.last_seen_us, Some(now));
    assert_eq!(point.unit.code, "TR-A");
    let samples: Page<LinkSample> = it.read("/api/v1/bridge-points/DC-03/samples").await;
    assert_eq!(samples.items.len(), 2);
    assert!(
        samples.items[0].at_us < samples.items[1].at_us,
        "oldest first"
    );
    assert_eq!(samples.items[0].link, report);
    let later = format!(
        "/api/v1/bridge-points/DC-03/samples?from={}",
        now.0 - 15_000_000
    );
    let samples: Page<LinkSample> = it.read(&later).await;
    assert_eq!(samples.items.len(), 1);
}

#[tokio::test]
async fn history_of_a_point_tells_sessions_losses_and_the_worst_of_each_step() {
    for test in crate::support::stores().await {
        test.store.close().await;
        let server = Server::start_in(test.folder, test.database, |_| {}).await;
        let now = server.clock.now();
        let ago = |minutes: i64| now.plus_us(-minutes * MINUTE_US);
        let [_, _, school, _] = server.province.points;
        let mut tx = server.store.write().await.unwrap();
        let who = participants::enter(&mut tx, &entrant(&server, school), now)
            .await
            .unwrap();
        sessions::mark_opened(&mut tx, server.session, ago(600))
            .await
            .unwrap();
        let person = Participant {
            id: who,
            name: "Điểm cầu 3".to_owned(),
            role: SessionRole::Point,
            bridge_point: Some(school),
            seat: Some(3),
            connection: ConnectionState::Connected,
            microphone: Microphone::default(),
            camera_on: false,
            encoder: false,
        };
        let change = |connection| {
            Event::Roster(RosterEvent::ConnectionChanged {
                participant: who,
                connection,
            })
        };
        let journal = [
            (600, Event::Session(SessionEvent::RoomOpened)),
            (
                599,
                Event::Roster(RosterEvent::ParticipantJoined {
                    participant: person.clone(),
                }),
            ),
            (
                500,
                Event::Roster(RosterEvent::ParticipantLeft {
                    participant: who,
                    reason: LeaveReason::Left,
                }),
            ),
            (
                120,
                Event::Roster(RosterEvent::ParticipantJoined {
                    participant: person,
                }),
            ),
            (60, change(ConnectionState::Reconnecting)),
            (58, change(ConnectionState::Connected)),
        ];
        for (seq, (minutes, event)) in (1..).zip(journal) {
            let frame = EventFrame {
                seq,
                at_us: ago(minutes),
                event,
            };
            let entry = JournalEntry {
                frame,
                cause: Cause {
                    actor: None,
                    command: None,
                    reason: Reason::Unknown,
                },
            };
            signaling::live::journal::append(&mut tx, server.session, &entry)
                .await
                .unwrap();
        }
        for (seconds, loss) in [(100, 1.0), (90, 7.5), (20, 2.0)] {
            let at = now.plus_us(-seconds * 1_000_000);
            let report = LinkReport {
                rtt_ms: Some(loss * 10.0),
                ingress_loss_percent: loss,
                ingress_bps: 1_000_000,
                egress_bps: 2_000_000,
                ..LinkReport::default()
            };
            samples::insert(&mut tx, who, school, at, &report)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        let it = server.signed_in("kythuat").await;
        let path = "/api/v1/bridge-points/DC-03/history";
        let from = ago(24 * 60);
        let day: PointHistory = it
            .read(&format!("{path}?from={}&to={}", from.0, now.0))
            .await;
        let spans: Vec<(UtcMicros, UtcMicros, SpanState)> = day
            .spans
            .iter()
            .map(|span| (span.from_us, span.to_us, span.state))
            .collect();
        assert_eq!(
            spans,
            [
                (ago(599), ago(500), SpanState::InSession),
                (ago(120), ago(60), SpanState::InSession),
                (ago(60), ago(58), SpanState::Lost),
                (ago(58), now, SpanState::InSession),
            ],
            "the hours between the two stays are no loss"
        );
        assert_eq!(day.spans[0].session, "GB-01");
        assert_eq!(day.step_us, 2 * MINUTE_US);
        let worst: Vec<f32> = day.steps.iter().map(|step| step.loss_percent).collect();
        assert_eq!(worst, [7.5], "the worst of the last two minutes");
        assert_eq!(
            (day.steps[0].rtt_ms, day.steps[0].egress_bps),
            (Some(75.0), 2_000_000)
        );
        let month = ago(30 * 24 * 60);
        let month: PointHistory = it
            .read(&format!("{path}?from={}&to={}", month.0, now.0))
            .await;
        assert_eq!((month.spans.len(), month.step_us), (4, HOUR_US));
        let long = ago(33 * 24 * 60);
        problem(
            it.get(&format!("{path}?from={}&to={}", long.0, now.0))
                .await,
            400,
        )
        .await;
        problem(
            it.get(&format!("{path}?from={}&to={}", now.0, now.0)).await,
            400,
        )
        .await;
        let outsider = server.signed_in("thanhvien").await;
        problem(outsider.get(path).await, 403).await;
    }
}

#[tokio::test]
async fn class_is_seen_by_its_trainees_with_its_sessions() {
    let server = Server::start().await;
    let now = server.clock.now();
    let mut tx = server.store.write().await.unwrap();
    let id = classes::insert(
        &mut tx,
        "TH-2026-01",
        "Dạy học kết hợp",
        server.province.department,
        2026,
        now,
    )
    .await
    .unwrap();
    let member = signaling::access::accounts::by_login(&mut tx, "thanhvien")
        .await
        .unwrap()
        .unwrap();
    classes::enrol(&mut tx, id, member.person_id, now)
        .await
        .unwrap();
    people::insert(&mut tx, "Người ngoài lớp", None, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let trainer = server.signed_in("giangvien").await;
    let mut lesson = wanted(&server, &["DC-04"]);
    lesson["kind"] = json!("training");
    lesson["class_code"] = json!("TH-2026-01");
    assert_eq!(
        trainer.post("/api/v1/sessions", &lesson).await.status(),
        201
    );

    let trainee = server.signed_in("thanhvien").await;
    let class: TrainingClass = trainee.read("/api/v1/classes/TH-2026-01").await;
    assert_eq!(class.enrolled, 1);
    assert_eq!(class.sessions.len(), 1);
    assert_eq!(
        class.sessions[0].my_role,
        Some(SessionRole::Viewer),
        "a trainee may watch the lesson"
    );
    let stranger = server.signed_in("quantri").await;
    problem(stranger.get("/api/v1/classes/TH-2026-01").await, 403).await;
    let list: Page<TrainingClass> = stranger.read("/api/v1/classes").await;
    assert!(list.items.is_empty());
}

#[tokio::test]
async fn oversized_body_is_refused_and_the_server_carries_on() {
    let server = Server::start_with(|config| config.http.max_body_bytes = 1_000).await;
    let browser = server.stranger();
    let long = json!({ "login": "chutri", "password": "x".repeat(2_000) });
    assert_eq!(
        problem(browser.post("/api/v1/sign-in", &long).await, 413)
            .await
            .code,
        "too_large"
    );
    let malformed = browser
        .request(reqwest::Method::POST, "/api/v1/sign-in")
        .header("content-type", "application/json")
        .body("{\"login\":");
    assert_eq!(
        problem(malformed.send().await.unwrap(), 400).await.code,
        "malformed_body"
    );
    assert_eq!(
        problem(browser.get("/api/v1/khong-co").await, 404)
            .await
            .code,
        "no_such_route"
    );
    assert_eq!(browser.sign_in("chutri", PASSWORD).await.status(), 200);
}

#[tokio::test]
async fn page_is_served_under_every_path_without_inline_scripts() {
    let server = Server::start().await;
    let browser = server.stranger();
    for path in ["/", "/s/GB-01/room", "/j/abc"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(policy.contains("script-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe-inline"), "{policy}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
        assert!(
            answer.headers()["permissions-policy"]
                .to_str()
                .unwrap()
                .contains("camera=(self)")
        );
        assert!(!answer.headers().contains_key("strict-transport-security"));
        assert_eq!(answer.headers()["cache-control"], "no-cache");
        let html = answer.text().await.unwrap();
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap();
        assert!(html.contains("Điểm Cầu") && html.contains(nonce), "{html}");
    }
    problem(browser.get("/assets/khong-co.js").await, 404).await;
}

#[tokio::test]
async fn folder_can_stand_in_for_the_embedded_client() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("assets")).unwrap();
    std::fs::write(
        root.path().join("index.html"),
        "<html><head></head>đang phát triển</html>",
    )
    .unwrap();
    std::fs::write(root.path().join("assets/a-1.js"), "1").unwrap();
    let folder = root.path().to_path_buf();
    let server = Server::start_with(|config| config.http.web_root = Some(folder)).await;
    let browser = server.stranger();
    assert!(
        browser
            .get("/classes")
            .await
            .text()
            .await
            .unwrap()
            .contains("đang phát triển")
    );
    let asset = browser.get("/assets/a-1.js").await;
    assert_eq!(
        asset.headers()["cache-control"],
        "public, max-age=31536000, immutable"
    );
    assert_eq!(asset.text().await.unwrap(), "1");
}

#[tokio::test]
async fn health_tells_a_living_server_from_a_ready_one() {
    let server = Server::start().await;
    let browser = server.stranger();
    assert_eq!(browser.get("/healthz").await.status(), 200);
    let ready: Value = browser.get("/readyz").await.json().await.unwrap();
    let expected = json!({ "database": true, "writes": true, "trouble": null, "sfu": true });
    assert_eq!(ready, expected);
    server.store.close().await;
    server.running.state.store.close().await;
    let answer = browser.get("/readyz").await;
    assert_eq!(answer.status(), 503);
    assert_eq!(browser.get("/healthz").await.status(), 200);
}

#[tokio::test]
async fn metrics_are_for_loopback_and_those_allowed() {
    let allowed = IpAddr::from([203, 0, 113, 9]);
    let server = Server::start_with(|config| config.metrics.allow = vec![allowed]).await;
    let browser = server.stranger();
    assert_eq!(browser.get("/healthz").await.status(), 200);
    let local = browser.get("/metrics").await;
    assert_eq!(local.status(), 200);
    let text = local.text().await.unwrap();
    assert!(text.contains("diemcau_http_responses_total"), "{text}");
    assert!(text.contains("process_resident_memory_bytes"), "{text}");
    let from = async |address: [u8; 4]| {
        let mut request = Request::get("/metrics").body(Body::empty()).unwrap();
        let address = SocketAddr::from((address, 40_000));
        request.extensions_mut().insert(ConnectInfo(address));
        let router = signaling::routes::router(server.running.state.clone());
        router.oneshot(request).await.unwrap().status()
    };
    assert_eq!(from([203, 0, 113, 9]).await, StatusCode::OK);
    assert_eq!(from([198, 51, 100, 1]).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn same_requests_work_on_postgres() {
    for test in crate::support::stores().await {
        let crate::support::TestStore {
            store,
            database,
            folder,
        } = test;
        store.close().await;
        let server = Server::start_in(folder, database, |_| {}).await;
        let chair = server.signed_in("chutri").await;
        let answer = chair
            .post("/api/v1/sessions", &wanted(&server, &["DC-04"]))
            .await;
        assert_eq!(answer.status(), 201);
        let list: Page<Session> = chair.read("/api/v1/sessions").await;
        assert_eq!(list.items.len(), 2);
        let again = chair
            .post("/api/v1/sessions", &wanted(&server, &["DC-04"]))
            .await;
        assert_eq!(problem(again, 409).await.code, "booking_conflict");
        let verdict = audit::verify(&mut server.store.read().await.unwrap(), None)
            .await
            .unwrap();
        assert!(verdict.is_intact(), "{verdict:?}");
        assert_eq!(verdict.lines, 2, "the sign-in and the session");
    }
}

#[tokio::test]
async fn measurements_are_forgotten_after_thirty_days_where_no_films_are_made_too() {
    for test in crate::support::stores().await {
        test.store.close().await;
        let server = Server::start_in(test.folder, test.database, |_| {}).await;
        assert_eq!(server.running.state.config.jobs.parallel, 0);
        let now = server.clock.now();
        let school = server.province.points[2];
        let mut tx = server.store.write().await.unwrap();
        let participant = participants::enter(&mut tx, &entrant(&server, school), now)
            .await
            .unwrap();
        for days in [31, 29] {
            let at = now.plus_us(-days * 24 * HOUR_US);
            samples::insert(&mut tx, participant, school, at, &LinkReport::default())
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        // A server looks at its start, and every hour.
        let database = server.running.state.config.database.clone();
        let (_second, _parts) = crate::support::serve(database, server.folder.path()).await;
        let it = server.signed_in("kythuat").await;
        eventually("the older one is gone", async || {
            let path = "/api/v1/bridge-points/DC-03/samples?from=0";
            it.read::<Page<LinkSample>>(path).await.items.len() == 1
        })
        .await;
    }
}
