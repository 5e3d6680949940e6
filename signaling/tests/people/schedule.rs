//! Times of sessions: what may be planned, when a session lapses, how it stands, what the clock says.

use protocol::api::{
    AccountRole, Attendee, LinkPurpose, Me, Page, Secrecy, Session, SessionAct, SessionState,
};
use protocol::client::SessionRole;
use protocol::{PointId, PresenceId, SessionId, UtcMicros};
use reqwest::Method;
use serde_json::{Value, json};
use signaling::access::tokens::NewToken;
use signaling::access::{accounts, tokens};
use signaling::live::participants::Entrant;
use signaling::live::presence::Proof;
use signaling::live::{participants, presence};
use signaling::platform::audit;
use signaling::platform::clock::day;
use signaling::platform::secret::Secret;
use signaling::schedule::{bookings, lapse, sessions};
use uuid::Uuid;

use crate::recordings::by_hand;
use crate::support::{Browser, HOUR_US, MINUTE_US, Server, problem, servers};

async fn state_of(browser: &Browser, code: &str) -> SessionState {
    let one: Session = browser.read(&format!("/api/v1/sessions/{code}")).await;
    let list: Page<Session> = browser.read("/api/v1/sessions").await;
    let listed = list
        .items
        .iter()
        .find(|session| session.code == code)
        .unwrap();
    assert_eq!(listed.state, one.state, "lists and pages say the same");
    one.state
}

fn wanted(starts_at: UtcMicros, ends_at: UtcMicros) -> Value {
    json!({
        "title": "Họp", "kind": "meeting", "starts_at_us": starts_at, "ends_at_us": ends_at,
        "bridge_points": ["DC-04"], "secrecy": "normal",
    })
}

#[tokio::test]
async fn session_of_each_kind_is_planned_under_a_code_that_tells_it() {
    let kinds = [
        ("meeting", "HOP-"),
        ("briefing", "GB-"),
        ("conference", "HN-"),
        ("seminar", "HT-"),
        ("training", "TH-"),
        ("class_observation", "DG-"),
    ];
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        for (hours, (kind, prefix)) in (1..).zip(kinds) {
            let begins = server.clock.now().plus_us(hours * HOUR_US);
            let mut body = wanted(begins, begins.plus_us(HOUR_US));
            body["kind"] = kind.into();
            let made = chair.post("/api/v1/sessions", &body).await;
            assert_eq!(made.status(), 201, "{kind}");
            let made: Session = made.json().await.unwrap();
            assert!(made.code.starts_with(prefix), "{kind}: {}", made.code);
            let read: Value = chair.read(&format!("/api/v1/sessions/{}", made.code)).await;
            assert_eq!(read["kind"], kind);
        }
    }
}

#[tokio::test]
async fn session_without_a_named_unit_is_of_the_first_that_its_maker_convenes_for() {
    for server in servers().await {
        let now = server.clock.now();
        let mut tx = server.store.write().await.unwrap();
        let account = accounts::by_login(&mut tx, "nguoila").await.unwrap();
        let account = account.unwrap().id;
        // A member of XA-B before anything else.
        for role in [AccountRole::Trainer, AccountRole::UnitAdmin] {
            accounts::grant(&mut tx, account, role, server.province.commune, &day(now))
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        let trainer = server.signed_in("nguoila").await;
        let me: Me = trainer.read("/api/v1/me").await;
        let names: Vec<&str> = me.convenes_for.iter().map(|unit| &*unit.code).collect();
        assert_eq!(names, ["XA-A"], "told once");
        let mut body = wanted(now.plus_us(2 * HOUR_US), now.plus_us(3 * HOUR_US));
        body["bridge_points"] = json!(["DC-02"]);
        let answer = trainer.post("/api/v1/sessions", &body).await;
        assert_eq!(answer.status(), 201);
        let made: Session = answer.json().await.unwrap();
        assert_eq!(made.convening_unit.code, "XA-A");
        let member = server.signed_in("thanhvien").await;
        let refused = problem(member.post("/api/v1/sessions", &body).await, 403).await;
        assert_eq!(refused.code, "not_allowed");
    }
}

#[tokio::test]
async fn point_that_cannot_be_read_is_a_fault_and_not_left_out() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let name = format!("Điểm{}cầu", '\u{1e}');
        let statement = format!("UPDATE bridge_point SET name = '{name}' WHERE code = 'DC-02'");
        by_hand(&server, &statement).await;
        let answer = chair.get("/api/v1/sessions").await;
        assert_eq!(problem(answer, 500).await.code, "internal");
    }
}

#[tokio::test]
async fn list_is_of_the_kind_and_the_unit_that_are_asked_for() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let begins = server.clock.now().plus_us(HOUR_US);
        for (kind, unit, point) in [
            ("conference", "SGD", "DC-04"),
            ("training", "XA-A", "DC-03"),
        ] {
            let mut body = wanted(begins, begins.plus_us(HOUR_US));
            body["kind"] = kind.into();
            body["convening_unit"] = unit.into();
            body["bridge_points"] = json!([point]);
            let made = chair.post("/api/v1/sessions", &body).await;
            assert_eq!(made.status(), 201, "{kind}");
        }
        let listed = async |query: &str| -> Vec<(String, String)> {
            let page: Page<Session> = chair.read(&format!("/api/v1/sessions{query}")).await;
            let told = |session: Session| {
                let kind = serde_json::to_value(session.kind).unwrap();
                (
                    kind.as_str().unwrap().to_owned(),
                    session.convening_unit.code,
                )
            };
            page.items.into_iter().map(told).collect()
        };
        let of = |kind: &str, unit: &str| (kind.to_owned(), unit.to_owned());
        let (meeting, conference) = (of("meeting", "SGD"), of("conference", "SGD"));
        let training = [of("training", "XA-A")];
        assert_eq!(listed("?kind=training").await, training);
        assert_eq!(listed("?unit=XA-A").await, training);
        let both = listed("?unit=SGD").await;
        assert_eq!(both, [meeting, conference]);
        assert_eq!(listed("?kind=conference&unit=SGD").await, both[1..]);
        assert_eq!(listed("?kind=training&unit=SGD").await, []);
        let unknown = chair.get("/api/v1/sessions?unit=NO-SUCH").await;
        assert_eq!(problem(unknown, 400).await.code, "unknown_unit");
        let unknown = chair.get("/api/v1/sessions?kind=feast").await;
        assert_eq!(problem(unknown, 400).await.code, "malformed_query");
    }
}

#[tokio::test]
async fn session_that_nobody_opened_lapses_two_hours_after_its_end() {
    for server in servers().await {
        let now = server.clock.now();
        let begin = now.plus_us(2 * HOUR_US);
        let points = &server.province.points[3..];
        let id = server
            .province
            .session(&server.store, "GB-09", begin, Secrecy::Normal, points)
            .await;
        let chair = server.signed_in("chutri").await;
        assert_eq!(state_of(&chair, "GB-09").await, SessionState::Planned);
        server.clock.advance(HOUR_US);
        assert_eq!(
            state_of(&chair, "GB-09").await,
            SessionState::Open,
            "an hour before, the room may be entered"
        );
        server.clock.advance(2 * HOUR_US);
        let due = lapse::once(&server.running.state).await.unwrap();
        assert_eq!(due, 1, "GB-01, which is older by two hours");
        assert_eq!(
            state_of(&chair, "GB-09").await,
            SessionState::Open,
            "and nobody is there"
        );
        server.clock.advance(2 * HOUR_US);
        // The clock says so before anything is noted.
        assert_eq!(state_of(&chair, "GB-09").await, SessionState::Lapsed);
        let link = json!({ "role": "viewer" });
        let refused = chair.post("/api/v1/sessions/GB-09/links", &link).await;
        assert_eq!(problem(refused, 409).await.code, "session_ended");

        assert_eq!(
            lapse::once(&server.running.state).await.unwrap(),
            1,
            "GB-09"
        );
        assert_eq!(lapse::once(&server.running.state).await.unwrap(), 0);
        assert_eq!(state_of(&chair, "GB-09").await, SessionState::Lapsed);
        let lapsed: Session = chair.read("/api/v1/sessions/GB-09").await;
        assert!(lapsed.over_at_us.is_some());
        let mut conn = server.store.read().await.unwrap();
        let lines = audit::last(&mut conn, 5).await.unwrap();
        let line = lines
            .iter()
            .find(|line| line.resource == "session:GB-09")
            .unwrap();
        assert_eq!(
            (line.actor.as_str(), line.action.as_str()),
            ("system", "lapse_session")
        );
        let taken = bookings::taken(&mut conn, points[0], (begin, begin.plus_us(HOUR_US)), None)
            .await
            .unwrap();
        assert!(taken.is_empty(), "its bookings are free");
        drop(conn);

        // The door stays shut, also for whoever holds a token that still works.
        let secret = Secret::generate().unwrap();
        let now = server.clock.now();
        let mut tx = server.store.write().await.unwrap();
        let new = NewToken {
            secret_hash: &secret.hash(),
            purpose: LinkPurpose::Api,
            session: id,
            role: SessionRole::Presenter,
            point: None,
            account: None,
            display_name: Some("OBS"),
            created_by: None,
            expires_at: now.plus_us(HOUR_US),
        };
        tokens::insert(&mut tx, new, now).await.unwrap();
        tx.commit().await.unwrap();
        let print = ["AB"; 32].join(":");
        let offer = format!(
            "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-ufrag:aaaa\r\na=ice-pwd:aaaaaaaaaaaaaaaaaaaaaa\r\n\
             a=fingerprint:sha-256 {print}\r\na=setup:actpass\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
        );
        let answer = server
            .stranger()
            .request(Method::POST, "/whip/GB-09")
            .bearer_auth(secret.expose())
            .header("content-type", "application/sdp")
            .body(offer)
            .send()
            .await
            .unwrap();
        assert_eq!(problem(answer, 404).await.code, "session_over");
        let ended = chair.post("/api/v1/sessions/GB-09/end", &json!({})).await;
        assert_eq!(ended.status(), 204);
        assert_eq!(
            state_of(&chair, "GB-09").await,
            SessionState::Lapsed,
            "what never was cannot end"
        );
    }
}

#[tokio::test]
async fn session_that_somebody_opened_or_ended_does_not_lapse() {
    let server = Server::start().await;
    let begin = server.clock.now();
    let opened = server
        .province
        .session(&server.store, "GB-07", begin, Secrecy::Normal, &[])
        .await;
    let ended = server
        .province
        .session(&server.store, "GB-08", begin, Secrecy::Normal, &[])
        .await;
    let mut tx = server.store.write().await.unwrap();
    sessions::mark_opened(&mut tx, opened, begin).await.unwrap();
    sessions::mark_ended(&mut tx, ended, begin).await.unwrap();
    tx.commit().await.unwrap();
    server.clock.advance(24 * HOUR_US);
    lapse::once(&server.running.state).await.unwrap();
    let chair = server.signed_in("chutri").await;
    assert_eq!(state_of(&chair, "GB-01").await, SessionState::Lapsed);
    assert_eq!(
        state_of(&chair, "GB-07").await,
        SessionState::Open,
        "its room closes by itself"
    );
    assert_eq!(state_of(&chair, "GB-08").await, SessionState::Ended);
}

#[tokio::test]
async fn time_that_cannot_be_meant_is_refused_by_field_and_reason() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let now = server.clock.now();
        let at = |hours: i64| now.plus_us(hours * HOUR_US);
        for (from, to, field, reason) in [
            (at(2), at(2), "ends_at_us", "order"),
            (at(3), at(2), "ends_at_us", "order"),
            (at(2), at(27), "ends_at_us", "too_long"),
            (at(-3), at(-1), "ends_at_us", "past"),
            (at(24 * 800), at(24 * 800 + 1), "starts_at_us", "too_far"),
            (UtcMicros(-1), at(1), "starts_at_us", "no_date"),
            (
                UtcMicros(i64::MIN),
                UtcMicros(i64::MAX),
                "starts_at_us",
                "no_date",
            ),
            (at(1), UtcMicros(i64::MAX), "ends_at_us", "no_date"),
            (
                UtcMicros(i64::MAX - 1),
                UtcMicros(i64::MAX),
                "starts_at_us",
                "no_date",
            ),
        ] {
            let refused =
                problem(chair.post("/api/v1/sessions", &wanted(from, to)).await, 400).await;
            let said = (
                refused.code.as_str(),
                refused.params["field"].as_str(),
                refused.params["reason"].as_str(),
            );
            assert_eq!(said, ("bad_time", field, reason), "{from:?} {to:?}");
        }
        let running = chair.post("/api/v1/sessions", &wanted(at(-1), at(1))).await;
        assert_eq!(running.status(), 201, "one that has begun may be planned");
        for number in [
            "1e30",
            "99999999999999999999",
            "1.5",
            "\"19/11/2026\"",
            "null",
            "-9223372036854775809",
        ] {
            let body = wanted(at(1), at(2))
                .to_string()
                .replace(&at(1).0.to_string(), number);
            let sent = chair
                .request(Method::POST, "/api/v1/sessions")
                .header("content-type", "application/json");
            assert_eq!(
                problem(sent.body(body).send().await.unwrap(), 400)
                    .await
                    .code,
                "malformed_body",
                "{number}"
            );
        }
    }
}

#[tokio::test]
async fn time_in_a_query_is_refused_when_it_has_no_date() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        for path in [
            "/api/v1/sessions",
            "/api/v1/bridge-points/DC-01/samples",
            "/api/v1/bridge-points/DC-01/history",
        ] {
            for name in ["from", "to"] {
                for us in [
                    "-1",
                    "9223372036854775807",
                    "-9223372036854775808",
                    "253402300800000000",
                ] {
                    let refused =
                        problem(chair.get(&format!("{path}?{name}={us}")).await, 400).await;
                    assert_eq!(
                        (refused.code.as_str(), refused.params["detail"].as_str()),
                        ("malformed_query", name)
                    );
                }
                for us in ["9223372036854775808", "1e3", "", "hom-nay"] {
                    let refused =
                        problem(chair.get(&format!("{path}?{name}={us}")).await, 400).await;
                    assert_eq!(refused.code, "malformed_query", "{path} {name}={us}");
                }
                for us in ["0", "253402207199999999"] {
                    let answer = chair.get(&format!("{path}?{name}={us}")).await;
                    // A history of centuries is refused as one, not as a time.
                    let expected = if path.ends_with("/history") && name == "from" {
                        400
                    } else {
                        200
                    };
                    assert_eq!(answer.status(), expected, "{path} {name}={us}");
                }
            }
        }
        let id = SessionId(Uuid::nil());
        for us in ["-1", "9223372036854775807", "9223372036854775808"] {
            let at = format!("/api/v1/sessions?cursor={us}.{id}");
            assert_eq!(
                problem(chair.get(&at).await, 400).await.code,
                "malformed_query"
            );
        }
    }
}

#[tokio::test]
async fn clash_offers_times_at_which_all_the_points_are_free() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        // 14:00 in the province, on the first Wednesday that is four days ahead: 1 January 1970 was a Thursday.
        let day = 24 * HOUR_US;
        let soonest = server.clock.now().0 / day + 4;
        let wednesday = soonest + (6 - soonest).rem_euclid(7);
        let two = UtcMicros(wednesday * day + 7 * HOUR_US);
        let at = |hours: i64| two.plus_us(hours * HOUR_US);
        let plan = async |points: &[&str], from, to| {
            let mut body = wanted(from, to);
            body["bridge_points"] = json!(points);
            chair.post("/api/v1/sessions", &body).await
        };
        assert_eq!(plan(&["DC-02"], at(0), at(2)).await.status(), 201);
        assert_eq!(plan(&["DC-04"], at(24), at(26)).await.status(), 201);
        let refused = problem(plan(&["DC-02", "DC-04"], at(1), at(2)).await, 409).await;
        assert_eq!(refused.code, "booking_conflict");
        let offered: Vec<i64> = (1..=3)
            .map(|n| refused.params[&format!("free_{n}_us")].parse().unwrap())
            .collect();
        assert_eq!(
            offered,
            [at(-23).0, at(2).0, at(26).0],
            "15:00 the day before, 16:00 that day and the next"
        );
        assert_eq!(
            plan(&["DC-02", "DC-04"], at(2), at(3)).await.status(),
            201,
            "an offer is good"
        );
    }
}

#[tokio::test]
async fn plan_leaves_two_places_for_chair_and_secretary() {
    let server = Server::start_with(|config| config.sessions.max_interactive = 4).await;
    let chair = server.signed_in("chutri").await;
    let begin = server.clock.now().plus_us(5 * HOUR_US);
    let mut body = wanted(begin, begin.plus_us(HOUR_US));
    body["bridge_points"] = json!(["DC-01", "DC-02", "DC-03"]);
    let refused = problem(chair.post("/api/v1/sessions", &body).await, 400).await;
    assert_eq!(
        (refused.code.as_str(), refused.params["limit"].as_str()),
        ("too_many_points", "2")
    );
    body["bridge_points"] = json!(["DC-01", "DC-02"]);
    assert_eq!(chair.post("/api/v1/sessions", &body).await.status(), 201);
}

#[tokio::test]
async fn answers_tell_the_time_of_the_servers_own_clock() {
    let server = Server::start().await;
    server.clock.advance(400 * 24 * HOUR_US);
    for path in ["/api/v1/me", "/api/v1/sessions", "/"] {
        let answer = server.stranger().get(path).await;
        let said = answer.headers()["date"].to_str().unwrap().to_owned();
        let close = (-2..=2).any(|seconds| {
            signaling::platform::clock::http_date(server.clock.now().plus_us(seconds * 1_000_000))
                == said
        });
        assert!(close, "{path}: {said}");
    }
}

#[tokio::test]
async fn chair_and_secretary_are_named_and_the_secretary_presides() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let begin = server.clock.now().plus_us(5 * HOUR_US);
        let mut body = wanted(begin, begin.plus_us(HOUR_US));
        body["secretary"] = json!("nguoila");
        let made: Session = chair
            .post("/api/v1/sessions", &body)
            .await
            .json()
            .await
            .unwrap();
        assert_eq!(made.chair.as_deref(), Some("Vi Văn Hoài"));
        assert_eq!(made.secretary.as_deref(), Some("Đặng Quốc An"));
        assert_eq!(made.opens_at_us, begin.plus_us(-HOUR_US));
        assert_eq!(made.keep_days, Some(731));
        let secretary = server.signed_in("nguoila").await;
        let seen: Session = secretary
            .read(&format!("/api/v1/sessions/{}", made.code))
            .await;
        assert_eq!(seen.my_role, Some(SessionRole::Secretary));
        assert!(
            seen.may.contains(&SessionAct::ManageLinks)
                && seen.may.contains(&SessionAct::ViewRecordings)
        );
        body["secretary"] = json!("khong.co");
        body["bridge_points"] = json!(["DC-03"]);
        let refused = problem(chair.post("/api/v1/sessions", &body).await, 400).await;
        assert_eq!(
            (refused.code.as_str(), refused.params["field"].as_str()),
            ("unknown_account", "secretary")
        );
    }
}

#[tokio::test]
async fn attendance_tells_who_was_there_and_how_long() {
    for server in servers().await {
        let now = server.clock.now();
        let at = |minutes: i64| now.plus_us(minutes * MINUTE_US);
        let [_, commune, school, _] = server.province.points;
        let mut tx = server.store.write().await.unwrap();
        let mut come = async |name: &str, point: Option<PointId>, stays: &[(i64, Option<i64>)]| {
            let entrant = Entrant {
                session: server.session,
                identity: format!("token:{name}"),
                role: SessionRole::Point,
                name: name.to_owned(),
                bridge_point: point,
                account: None,
                token: None,
                encoder: false,
            };
            let id = participants::enter(&mut tx, &entrant, now).await.unwrap();
            for (from, to) in stays {
                let stay = PresenceId(Uuid::now_v7());
                presence::begin(&mut tx, stay, id, Proof::Signaling, at(*from))
                    .await
                    .unwrap();
                match to {
                    Some(to) => presence::end(&mut tx, stay, at(*to)).await.unwrap(),
                    None => presence::prove(&mut tx, stay, at(50)).await.unwrap(),
                }
            }
        };
        come("Khách", None, &[(5, Some(6))]).await;
        come(
            "Trường",
            Some(school),
            &[(0, Some(30)), (20, Some(40)), (60, Some(70))],
        )
        .await;
        come("Xã", Some(commune), &[(10, None)]).await;
        come("Không vào", None, &[]).await;
        tx.commit().await.unwrap();
        let member = server.signed_in("thanhvien").await;
        let list: Page<Attendee> = member.read("/api/v1/sessions/GB-01/attendance").await;
        let seen: Vec<(&str, Option<&str>, i64)> = list
            .items
            .iter()
            .map(|one| {
                let point = one.bridge_point.as_ref().map(|point| point.code.as_str());
                (one.name.as_str(), point, one.present_us / MINUTE_US)
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("Xã", Some("DC-02"), 40),
                ("Trường", Some("DC-03"), 50),
                ("Khách", None, 1)
            ]
        );
        assert_eq!(
            (list.items[1].first_us, list.items[1].last_us),
            (at(0), at(70))
        );
        let outsider = server.signed_in("nguoila").await;
        problem(outsider.get("/api/v1/sessions/GB-01/attendance").await, 403).await;
    }
}
