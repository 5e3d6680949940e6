//! Changes of planned sessions: by whom, on which version, and what becomes of bookings.

use std::collections::BTreeSet;

use protocol::api::{
    Changeable, Notice, NoticeKind, Page, Secrecy, Session, SessionAct, SessionDeed, SessionState,
};
use protocol::{PointId, UtcMicros};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use signaling::schedule::bookings;
use tokio::task::JoinSet;

use crate::recordings::by_hand;
use crate::support::{Browser, HOUR_US, MINUTE_US, Server, problem, servers};

const OF_SESSION: &str = "/api/v1/sessions/GB-01";

/// Sends a change made to the version `tag`.
async fn change(browser: &Browser, path: &str, tag: &str, body: &Value) -> Response {
    let request = browser.request(Method::PATCH, path).header("if-match", tag);
    request.json(body).send().await.unwrap()
}

/// The tag of a session, as its header says it.
async fn tag_of(browser: &Browser, path: &str) -> String {
    let answer = browser.get(path).await;
    let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
    let session: Session = answer.json().await.unwrap();
    assert_eq!(session.etag, tag, "the body says the same");
    tag
}

#[tokio::test]
async fn change_of_a_version_that_stands_is_taken_whatever_a_proxy_made_of_its_tag() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        for (number, form) in ["{}", "W/{}", "\"0\", W/{}"].iter().enumerate() {
            let tag = tag_of(&chair, OF_SESSION).await;
            let title = format!("Họp lần {number}");
            let said = form.replace("{}", &tag);
            let answer = change(&chair, OF_SESSION, &said, &json!({ "title": title })).await;
            assert_eq!(answer.status(), 200, "{said}");
            let new = answer.headers()["etag"].to_str().unwrap().to_owned();
            let changed: Session = answer.json().await.unwrap();
            assert_eq!((changed.title, &changed.etag), (title, &new));
            assert_ne!(new, tag);
        }
    }
}

#[tokio::test]
async fn change_of_an_older_version_is_refused_once_and_changes_nothing() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let read_by_both = tag_of(&chair, OF_SESSION).await;
        let first = json!({ "title": "Của người thứ nhất" });
        let answer = change(&chair, OF_SESSION, &read_by_both, &first).await;
        assert_eq!(answer.status(), 200);
        let second = json!({ "title": "Của người thứ hai" });
        let refused = change(&chair, OF_SESSION, &read_by_both, &second).await;
        let refused = problem(refused, 412).await;
        assert_eq!(refused.code, "changed_meanwhile");
        let seen: Session = chair.read(OF_SESSION).await;
        assert_eq!(seen.title, "Của người thứ nhất");
        assert_eq!(refused.params["etag"], seen.etag);
        let again = change(&chair, OF_SESSION, &refused.params["etag"], &second).await;
        assert_eq!(again.status(), 200);
        let untagged = chair.request(Method::PATCH, OF_SESSION).json(&first);
        let refused = problem(untagged.send().await.unwrap(), 428).await;
        assert_eq!(refused.code, "if_match_required");
    }
}

#[tokio::test]
async fn what_changes_nothing_is_no_new_version() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let tag = tag_of(&chair, OF_SESSION).await;
        for nothing in [json!({}), json!({ "title": " Họp  giao ban " })] {
            let answer = change(&chair, OF_SESSION, &tag, &nothing).await;
            assert_eq!(answer.status(), 200);
        }
        assert_eq!(tag_of(&chair, OF_SESSION).await, tag);
    }
}

/// A session of DC-02 and DC-03 (with its dual-use room) that begins in so many hours, and its path.
async fn planned(server: &Server, code: &str, hours: i64) -> String {
    let begins = server.clock.now().plus_us(hours * HOUR_US);
    let points = &server.province.points[1..3];
    let (store, province) = (&server.store, &server.province);
    province
        .session(store, code, begins, Secrecy::Normal, points)
        .await;
    format!("/api/v1/sessions/{code}")
}

/// Moves a session to begin in so many hours and last one.
fn moved(server: &Server, hours: i64) -> Value {
    let begins = server.clock.now().plus_us(hours * HOUR_US);
    json!({ "starts_at_us": begins, "ends_at_us": begins.plus_us(HOUR_US), "reason": "Trùng lịch" })
}

/// When a point is taken from now on.
async fn taken(server: &Server, point: PointId) -> Vec<(UtcMicros, UtcMicros)> {
    let now = server.clock.now();
    let mut conn = server.store.read().await.unwrap();
    let span = (now, now.plus_us(1_000 * HOUR_US));
    bookings::taken(&mut conn, point, span, None).await.unwrap()
}

/// What somebody was told and has not seen.
async fn notices(browser: &Browser) -> Vec<Notice> {
    browser.read::<Page<Notice>>("/api/v1/notices").await.items
}

#[tokio::test]
async fn what_a_session_books_moves_with_it_and_what_is_in_the_way_is_named() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let path = planned(&server, "HOP-1", 30).await;
        planned(&server, "HOP-2", 40).await;
        let refused = change(&chair, &path, "*", &moved(&server, 40)).await;
        let refused = problem(refused, 409).await;
        assert_eq!(refused.code, "booking_conflict");
        assert_eq!(refused.params["code"], "HOP-2");
        assert_eq!(refused.params["point"], "Điểm cầu 2");
        assert_eq!(refused.params["also_1_point"], "Điểm cầu 3");
        assert!(refused.params.contains_key("free_3_us"), "{refused:?}");
        let untouched: Session = chair.read(&path).await;
        let answer = change(&chair, &path, "*", &moved(&server, 50)).await;
        assert_eq!(answer.status(), 200);
        let session: Session = answer.json().await.unwrap();
        let of_it = taken(&server, server.province.points[2]).await;
        assert!(
            !of_it
                .iter()
                .any(|(from, _)| *from == untouched.starts_at_us),
            "the old time is free"
        );
        let new = of_it
            .iter()
            .filter(|(from, _)| *from == session.starts_at_us);
        assert_eq!(new.count(), 2, "the point and its dual-use room");
        // Within what it has booked itself, nothing is in its way.
        let later = json!({ "ends_at_us": session.ends_at_us.plus_us(HOUR_US) });
        assert_eq!(change(&chair, &path, "*", &later).await.status(), 200);
    }
}

#[tokio::test]
async fn of_fifty_who_move_onto_one_room_at_once_one_gets_it_and_the_others_are_told_which() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let mut paths = Vec::new();
        for number in 0..50 {
            paths.push(planned(&server, &format!("HOP-{number}"), 100 + 2 * number).await);
        }
        let body = moved(&server, 60);
        let mut movers = JoinSet::new();
        for path in paths {
            let request = chair.request(Method::PATCH, &path).header("if-match", "*");
            let request = request.json(&body);
            movers.spawn(async move { request.send().await.unwrap() });
        }
        let (mut won, mut told) = (Vec::new(), BTreeSet::new());
        for answer in movers.join_all().await {
            if answer.status() == 200 {
                won.push(answer.json::<Session>().await.unwrap().code);
            } else {
                let refused = problem(answer, 409).await;
                assert_eq!(refused.code, "booking_conflict");
                told.insert(refused.params["code"].clone());
            }
        }
        assert_eq!(won.len(), 1);
        assert_eq!(told.into_iter().collect::<Vec<_>>(), won);
    }
}

#[tokio::test]
async fn of_two_who_change_one_version_at_once_one_is_refused() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let path = planned(&server, "HOP-1", 30).await;
        let tag = tag_of(&chair, &path).await;
        let mut editors = JoinSet::new();
        for number in 0..8 {
            let body = json!({ "title": format!("Họp của người thứ {number}") });
            let request = chair.request(Method::PATCH, &path).header("if-match", &tag);
            let request = request.json(&body);
            editors.spawn(async move { request.send().await.unwrap().status().as_u16() });
        }
        let mut answers = editors.join_all().await;
        answers.sort_unstable();
        assert_eq!(answers, [200, 412, 412, 412, 412, 412, 412, 412]);
    }
}

#[tokio::test]
async fn session_that_runs_is_prolonged_with_its_links_and_not_moved() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let link = chair
            .post(&format!("{OF_SESSION}/links"), &json!({ "role": "viewer" }))
            .await;
        let link: Value = link.json().await.unwrap();
        by_hand(
            &server,
            "UPDATE session SET opened_at_us = starts_at_us WHERE code = 'GB-01'",
        )
        .await;
        let running: Session = chair.read(OF_SESSION).await;
        assert_eq!(running.changeable, Changeable::End);
        for refused in [
            moved(&server, 30),
            json!({ "starts_at_us": running.starts_at_us.plus_us(MINUTE_US) }),
            json!({ "ends_at_us": running.ends_at_us.plus_us(-MINUTE_US) }),
            json!({ "bridge_points": ["DC-01"] }),
            json!({ "kind": "conference" }),
        ] {
            let answer = change(&chair, OF_SESSION, "*", &refused).await;
            assert_eq!(problem(answer, 409).await.code, "session_runs", "{refused}");
        }
        let later = running.ends_at_us.plus_us(HOUR_US);
        let answer = change(&chair, OF_SESSION, "*", &json!({ "ends_at_us": later })).await;
        assert_eq!(answer.status(), 200);
        let links: Value = chair.read(&format!("{OF_SESSION}/links")).await;
        let until = links["items"][0]["expires_at_us"].as_i64().unwrap();
        assert_eq!(until, link["expires_at_us"].as_i64().unwrap() + HOUR_US);
        let told = notices(&server.signed_in("thanhvien").await).await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].kind, NoticeKind::Extended);
        assert_eq!(told[0].ends_after_us, later);
        let cancel = json!({ "reason": "Bão" });
        let answer = cancelled(&chair, OF_SESSION, &cancel).await;
        assert_eq!(problem(answer, 409).await.code, "session_runs");
    }
}

async fn cancelled(browser: &Browser, path: &str, body: &Value) -> Response {
    let request = browser.request(Method::POST, &format!("{path}/cancel"));
    let request = request.header("if-match", "*").json(body);
    request.send().await.unwrap()
}

#[tokio::test]
async fn session_is_called_off_for_a_reason_and_then_stays_as_it_is() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let path = planned(&server, "HOP-1", 30).await;
        let point = server.province.points[2];
        assert_eq!(taken(&server, point).await.len(), 4, "with those of GB-01");
        let unsaid = cancelled(&chair, &path, &json!({ "reason": " \u{200b} " })).await;
        assert_eq!(problem(unsaid, 400).await.code, "bad_reason");
        let answer = cancelled(&chair, &path, &json!({ "reason": "Bão số 9" })).await;
        assert_eq!(answer.status(), 200);
        let session: Session = chair.read(&path).await;
        assert_eq!(session.state, SessionState::Cancelled);
        assert_eq!(session.cancel_reason.as_deref(), Some("Bão số 9"));
        assert_eq!(session.changeable, Changeable::Nothing);
        assert_eq!(taken(&server, point).await.len(), 2, "it books nothing");
        for answer in [
            change(&chair, &path, "*", &moved(&server, 50)).await,
            cancelled(&chair, &path, &json!({ "reason": "Lần nữa" })).await,
        ] {
            let refused = problem(answer, 409).await;
            assert_eq!(
                (refused.code.as_str(), &*refused.params["reason"]),
                ("session_over", "cancelled")
            );
        }
        let told = notices(&server.signed_in("thanhvien").await).await;
        let told: Vec<_> = told
            .iter()
            .map(|one| (one.kind, one.reason.as_deref()))
            .collect();
        assert_eq!(told, [(NoticeKind::Cancelled, Some("Bão số 9"))]);
    }
}

#[tokio::test]
async fn those_invited_are_told_once_of_each_change_until_they_have_seen_it() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let member = server.signed_in("thanhvien").await;
        let admin = server.signed_in("quantri").await;
        let stranger = server.signed_in("nguoila").await;
        let path = planned(&server, "HOP-1", 30).await;
        let before: Session = chair.read(&path).await;
        // A link of one's own and a place on a list as well: told once all the same.
        let link = json!({ "role": "presenter", "login": "thanhvien" });
        let made = chair.post(&format!("{path}/links"), &link).await;
        assert_eq!(made.status(), 201);
        assert_eq!(
            change(&chair, &path, "*", &moved(&server, 50))
                .await
                .status(),
            200
        );
        assert_eq!(
            change(&chair, &path, "*", &json!({ "title": "Họp khác" }))
                .await
                .status(),
            200
        );
        assert!(notices(&chair).await.is_empty(), "whoever did it knows");
        assert!(notices(&stranger).await.is_empty());
        assert_eq!(notices(&admin).await.len(), 1, "appointed at a point");
        let told = notices(&member).await;
        assert_eq!(told.len(), 1);
        let notice = &told[0];
        assert_eq!(notice.kind, NoticeKind::Moved);
        assert_eq!((&*notice.session, &*notice.title), ("HOP-1", "Họp khác"));
        assert_eq!(notice.starts_before_us, before.starts_at_us);
        assert!(notice.starts_after_us > before.starts_at_us);
        assert_eq!(notice.by.as_deref(), Some("Vi Văn Hoài"));
        assert_eq!(notice.reason.as_deref(), Some("Trùng lịch"));
        let seen = format!("/api/v1/notices/{}/seen", notice.id);
        let foreign = stranger.post(&seen, &Value::Null).await;
        assert_eq!(problem(foreign, 404).await.code, "unknown_notice");
        assert_eq!(
            notices(&member).await.len(),
            1,
            "nobody sees it for another"
        );
        for _ in 0..2 {
            assert_eq!(member.post(&seen, &Value::Null).await.status(), 204);
        }
        assert!(notices(&member).await.is_empty());
        assert_eq!(notices(&admin).await.len(), 1, "each for themselves");
    }
}

#[tokio::test]
async fn pages_of_notices_leave_none_out_that_were_made_at_one_moment() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let member = server.signed_in("thanhvien").await;
        let path = planned(&server, "HOP-1", 30).await;
        for hours in 0..60 {
            let body = moved(&server, 50 + 2 * hours);
            assert_eq!(change(&chair, &path, "*", &body).await.status(), 200);
        }
        by_hand(&server, "UPDATE notice SET created_at_us = 1").await;
        let mut ids = BTreeSet::new();
        let mut at = "/api/v1/notices".to_owned();
        let mut pages = 0;
        loop {
            let page: Page<Notice> = member.read(&at).await;
            pages += 1;
            ids.extend(page.items.into_iter().map(|notice| notice.id));
            let Some(next) = page.next else { break };
            at = format!("/api/v1/notices?cursor={next}");
        }
        assert_eq!((pages, ids.len()), (2, 60));
    }
}

#[tokio::test]
async fn who_may_not_changes_nothing_by_whatever_address() {
    for server in servers().await {
        // An administrator of a unit that is invited, and a point's member: the session is the department's.
        let admin = server.signed_in("quantri").await;
        let member = server.signed_in("thanhvien").await;
        let path = planned(&server, "HOP-1", 30).await;
        for browser in [&admin, &member] {
            let answer = change(browser, &path, "*", &moved(&server, 50)).await;
            assert_eq!(problem(answer, 403).await.code, "not_allowed");
            let answer = cancelled(browser, &path, &json!({ "reason": "Bão" })).await;
            assert_eq!(problem(answer, 403).await.code, "not_allowed");
            let answer = browser.get(&format!("{path}/history")).await;
            assert_eq!(problem(answer, 403).await.code, "not_allowed");
        }
        // Of their own session they decide, but invite nobody else's point by a change.
        let begins = server.clock.now().plus_us(70 * HOUR_US);
        let body = json!({
            "title": "Họp xã", "kind": "meeting", "secrecy": "normal", "bridge_points": ["DC-02"],
            "starts_at_us": begins, "ends_at_us": begins.plus_us(HOUR_US),
        });
        let made: Session = admin
            .post("/api/v1/sessions", &body)
            .await
            .json()
            .await
            .unwrap();
        assert!(made.may.contains(&SessionAct::EditSession));
        let own = format!("/api/v1/sessions/{}", made.code);
        let wider = json!({ "bridge_points": ["DC-02", "DC-01"] });
        let answer = change(&admin, &own, "*", &wider).await;
        assert_eq!(problem(answer, 403).await.code, "point_not_yours");
        // Once the department has invited its point, it may stay.
        let chair = server.signed_in("chutri").await;
        assert_eq!(change(&chair, &own, "*", &wider).await.status(), 200);
        let both = json!({ "bridge_points": ["DC-02", "DC-01"], "title": "Họp xã mở rộng" });
        assert_eq!(change(&admin, &own, "*", &both).await.status(), 200);
        let fewer = json!({ "bridge_points": ["DC-01"] });
        let answer = change(&admin, &own, "*", &fewer).await;
        let session: Session = answer.json().await.unwrap();
        let codes: Vec<_> = session.invited.iter().map(|point| &*point.code).collect();
        assert_eq!(codes, ["DC-01"]);
        assert_eq!(
            taken(&server, server.province.points[1]).await.len(),
            2,
            "of GB-01 and HOP-1"
        );
    }
}

#[tokio::test]
async fn history_tells_who_changed_what_and_when_newest_first() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let path = planned(&server, "HOP-1", 30).await;
        change(&chair, &path, "*", &json!({ "title": "Họp khác" })).await;
        change(&chair, &path, "*", &moved(&server, 50)).await;
        cancelled(&chair, &path, &json!({ "reason": "Bão" })).await;
        let deeds: Page<SessionDeed> = chair.read(&format!("{path}/history")).await;
        let told: Vec<_> = deeds.items.iter().map(|deed| &*deed.action).collect();
        assert_eq!(told, ["cancel_session", "move_session", "edit_session"]);
        for deed in &deeds.items {
            assert_eq!(deed.by.as_deref(), Some("Vi Văn Hoài"));
        }
        let title = &deeds.items[2].fields[0];
        assert_eq!(title.field, "title");
        assert_eq!(title.before.as_deref(), Some("Họp giao ban"));
        assert_eq!(title.after.as_deref(), Some("Họp khác"));
        let seq = deeds.items[0].seq;
        let older: Page<SessionDeed> = chair.read(&format!("{path}/history?cursor={seq}")).await;
        assert_eq!(older.items, deeds.items[1..]);
    }
}
