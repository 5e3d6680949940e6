//! What is planned anew while a room is open, and who is in charge of it since.

use protocol::api::AccountRole;
use protocol::client::{ByeReason, Event, LeaveReason, RosterEvent, SessionEvent, SessionRole};
use serde_json::json;

use crate::access::by_hand;
use crate::page::bearer;
use crate::server::{CODE, Province, Server};

const HOUR_US: i64 = 3_600_000_000;

#[tokio::test]
async fn room_learns_at_once_that_its_session_is_prolonged_and_knows_it_after_a_restart() {
    for province in Province::everywhere().await {
        let lan = province.token("Lan", SessionRole::Chair, None).await;
        let server = Server::of(&province).await;
        let mut page = server.join(&lan).await;
        let ends = page.welcome.state.as_ref().unwrap().session.ends_at_us;
        let later = ends.plus_us(HOUR_US);
        let path = server.url(&format!("/api/v1/sessions/{CODE}"));
        let (name, token) = bearer(&lan);
        let request = server.client.patch(path).header(name, token);
        let request = request.header("if-match", "*");
        let body = json!({ "ends_at_us": later, "title": "Giao ban, kéo dài" });
        let answer = request.json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
        page.event(|event| {
            matches!(event, Event::Session(SessionEvent::SessionChanged { ends_at_us, title, .. })
                if *ends_at_us == later && title == "Giao ban, kéo dài")
        })
        .await;
        server.running.state.rooms.flush().await;
        server.stop().await;
        let server = Server::of(&province).await;
        let again = server.join(&lan).await;
        let session = &again.welcome.state.as_ref().unwrap().session;
        assert_eq!(
            (session.ends_at_us, &*session.title),
            (later, "Giao ban, kéo dài")
        );
        server.stop().await;
    }
}

#[tokio::test]
async fn who_is_taken_off_leaves_within_seconds_and_who_presides_hears_it() {
    let province = Province::new().await;
    let lan = province.token("Lan", SessionRole::Chair, None).await;
    let thu = province.account("thu", AccountRole::Member).await;
    let name = "INSERT INTO session_officer (session_id, person_id, part, position)
         SELECT s.id, a.person_id, $1, 1 FROM session s, account a WHERE a.id = $2";
    by_hand(&province, name, "presenter", thu.0).await;
    let server = Server::of(&province).await;
    let mut presides = server.join(&lan).await;
    let cookie = server.sign_in("thu").await;
    let mut page = server.join_by_cookie(&cookie).await.expect("a welcome");
    let you = page.welcome.you;
    let state = page.welcome.state.as_ref().unwrap();
    let me = state.participants.iter().find(|one| one.id == you).unwrap();
    assert_eq!(me.role, SessionRole::Presenter);
    let take_off = "DELETE FROM session_officer WHERE part = $1 AND session_id = $2";
    by_hand(&province, take_off, "presenter", province.session.0).await;
    assert_eq!(page.bye().await, ByeReason::AccessEnded);
    presides
        .event(|event| {
            matches!(event, Event::Roster(RosterEvent::ParticipantLeft { participant, reason: LeaveReason::AccessEnded })
                if *participant == you)
        })
        .await;
    assert_eq!(server.join_by_cookie_or_status(&cookie).await, Some(403));
    server.stop().await;
}
