//! Every place where a right can be taken away, also by a keeper with a tool of their own, and every moment.

use std::sync::atomic::Ordering;

use protocol::api::AccountRole;
use protocol::client::{ByeReason, RefusalCode, SessionRole};
use protocol::{TokenId, UnitId};
use signaling::access::{accounts, tokens};
use signaling::org::{people, points, units};
use signaling::platform::clock::day;
use signaling::platform::secret;
use signaling::schedule::classes;

use crate::access::{HOUR_US, by_hand, revoke, with_clock};
use crate::page::bearer;
use crate::server::{CODE, Province, Server, now};

/// The people of [`Province`] whose rights rest on something else than a link.
struct Cast {
    /// The unit above the one that convenes, which `kim` administers.
    above: UnitId,
}

impl Province {
    /// `thu` is the session's secretary, `hai` a trainee of its class, `yen` works where DC-02 is, `kim` administers the
    /// unit above the one that convenes, `an` that unit itself.
    async fn cast(&self) -> Cast {
        let thu = self.account("thu", AccountRole::Member).await;
        let mut people = Vec::new();
        for login in ["hai", "yen", "kim"] {
            people.push(self.account(login, AccountRole::Member).await);
        }
        self.account("an", AccountRole::UnitAdmin).await;
        let store = self.store().await;
        let now = now();
        let today = day(now.plus_us(-24 * HOUR_US));
        let mut tx = store.write().await.unwrap();
        let above = units::insert(&mut tx, "BO", now).await.unwrap();
        let school = units::insert(&mut tx, "TR", now).await.unwrap();
        for (unit, parent) in [(above, None), (self.unit, Some(above)), (school, None)] {
            let version = units::NewVersion {
                unit,
                name: "Đơn vị",
                kind: "school",
                parent,
                from: &today,
                to: None,
            };
            units::insert_version(&mut tx, version).await.unwrap();
        }
        let class = classes::insert(&mut tx, "TH-1", "Lớp", self.unit, 2026, now)
            .await
            .unwrap();
        let mut of_login = Vec::new();
        for id in &people {
            let found = accounts::by_id(&mut tx, *id).await.unwrap().unwrap();
            of_login.push(found.person_id);
        }
        classes::enrol(&mut tx, class, of_login[0], now)
            .await
            .unwrap();
        let host = points::Relation::Host;
        points::insert_unit(&mut tx, self.points[1], school, host, &today, None)
            .await
            .unwrap();
        people::appoint(&mut tx, of_login[1], school, "Giáo viên", &today)
            .await
            .unwrap();
        accounts::grant(&mut tx, people[2], AccountRole::UnitAdmin, above, &today)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        store.close().await;
        let session = self.session.0;
        let statement = "UPDATE session SET class_id = (SELECT id FROM training_class WHERE code = $1) WHERE id = $2";
        by_hand(self, statement, "TH-1", session).await;
        let statement = "INSERT INTO session_officer (session_id, person_id, part, position)
             SELECT s.id, a.person_id, $1, 1 FROM session s, account a WHERE a.id = $2";
        by_hand(self, statement, "secretary", thu.0).await;
        Cast { above }
    }

    /// The id of a token.
    async fn id_of(&self, shown: &str) -> TokenId {
        let store = self.store().await;
        let mut conn = store.read().await.unwrap();
        let found = tokens::by_hash(&mut conn, &secret::hash(shown))
            .await
            .unwrap();
        found.unwrap().id
    }
}

#[tokio::test]
async fn right_that_is_taken_away_by_hand_in_any_table_ends_the_stay() {
    for province in Province::everywhere().await {
        let cast = province.cast().await;
        let session = province.session.0;
        let [_, second, third] = [0, 1, 2].map(|index| province.points[index]);
        let server = Server::of(&province).await;
        let an = {
            let store = province.store().await;
            let mut conn = store.read().await.unwrap();
            accounts::by_login(&mut conn, "an")
                .await
                .unwrap()
                .unwrap()
                .id
        };
        // Who signs in as whom, what is taken away, and how it is called there.
        for (login, statement, text, id) in [
            (
                "thu",
                "DELETE FROM session_officer WHERE part = $1 AND session_id = $2",
                "secretary",
                session,
            ),
            (
                "hai",
                "UPDATE session SET title = $1, class_id = NULL WHERE id = $2",
                "Giao ban",
                session,
            ),
            (
                "yen",
                "UPDATE bridge_point SET name = $1, state = 'closed' WHERE id = $2",
                "Trường đã sáp nhập",
                second.0,
            ),
            (
                "kim",
                "UPDATE org_unit_version SET name = $1, parent_id = NULL WHERE parent_id = $2",
                "Đơn vị độc lập",
                cast.above.0,
            ),
            (
                "an",
                "DELETE FROM sign_in WHERE COALESCE(guest_name, '') <> $1 AND account_id = $2",
                "x",
                an.0,
            ),
        ] {
            let cookie = server.sign_in(login).await;
            let mut page = server.join_by_cookie(&cookie).await.expect("a welcome");
            by_hand(&province, statement, text, id).await;
            assert_eq!(page.bye().await, ByeReason::AccessEnded, "{login}");
            let again = server.join_by_cookie_or_status(&cookie).await;
            assert!(matches!(again, Some(401 | 403)), "{login}: {again:?}");
        }

        let of_third = province
            .token("Điểm", SessionRole::Point, Some(third))
            .await;
        let mut page = server.join(&of_third).await;
        let statement = "DELETE FROM invitation WHERE reply <> $1 AND point_id = $2";
        by_hand(&province, statement, "x", third.0).await;
        assert_eq!(page.bye().await, ByeReason::AccessEnded, "not invited");
        let refused = server.dial(CODE, &[bearer(&of_third)]).await.err();
        assert_eq!(refused, Some(403));
        let of_second = province
            .token("Điểm", SessionRole::Point, Some(second))
            .await;
        let refused = server.dial(CODE, &[bearer(&of_second)]).await.err();
        assert_eq!(refused, Some(403), "a point that is closed");

        let guest = province.token("Khách", SessionRole::Presenter, None).await;
        let mut page = server.join(&guest).await;
        let statement = "UPDATE access_token SET display_name = $1, role = 'viewer' WHERE id = $2";
        by_hand(
            &province,
            statement,
            "Khách",
            province.id_of(&guest).await.0,
        )
        .await;
        assert_eq!(page.bye().await, ByeReason::AccessChanged);

        let mut page = server.join(&guest).await;
        let statement = "UPDATE session SET title = $1, cancelled_at_us = 1 WHERE id = $2";
        by_hand(&province, statement, "Giao ban", session).await;
        assert_eq!(page.bye().await, ByeReason::SessionEnded, "called off");
        server.stop().await;
    }
}

#[tokio::test]
async fn right_that_ends_between_the_door_and_the_room_lets_nobody_stay() {
    let province = Province::new().await;
    let minh = province.token("Minh", SessionRole::Point, None).await;
    let server = Server::of(&province).await;
    let mut rights = server.running.state.rooms.rights();
    rights.wait_for(Option::is_some).await.unwrap();
    // The door is open, and nothing is said for a while.
    let raw = server.dial_with(&minh).await;
    revoke(&province.store().await, &minh).await;
    rights.mark_unchanged();
    rights.changed().await.unwrap();
    let said = match Server::greet(raw, None).await {
        Ok(mut page) => page.bye().await,
        Err(reason) => reason,
    };
    assert_eq!(said, ByeReason::AccessEnded);
    server.stop().await;
}

#[tokio::test]
async fn what_has_run_out_outlasts_the_planned_end_by_twelve_hours_and_no_more() {
    let province = Province::new().await;
    let until = now().plus_us(HOUR_US);
    let minh = province
        .token_until("Minh", SessionRole::Point, None, until)
        .await;
    let lan = province.token("Lan", SessionRole::Chair, None).await;
    let (server, ahead) = with_clock(&province).await;
    let mut lan_page = server.join(&lan).await;
    let mut minh_page = server.join(&minh).await;
    let asks = protocol::client::Command::Hand(protocol::client::HandCommand::RaiseHand);
    ahead.store(13 * HOUR_US, Ordering::SeqCst);
    minh_page.ask(asks).await.expect("it lives with the room");
    ahead.store(14 * HOUR_US + 60_000_000, Ordering::SeqCst);
    let said = lan_page.stays_while(minh_page.bye()).await;
    assert_eq!(said, ByeReason::AccessEnded);
    let asks =
        protocol::client::Command::Microphone(protocol::client::MicrophoneCommand::SetLockAll {
            locked: true,
        });
    lan_page.ask(asks).await.expect("her token holds for a day");
    server.stop().await;
}

#[tokio::test]
async fn whoever_comes_again_and_again_is_held_up_and_nobody_else() {
    let province = Province::new().await;
    let minh = province.token("Minh", SessionRole::Point, None).await;
    let lan = province.token("Lan", SessionRole::Chair, None).await;
    let server = Server::of(&province).await;
    let by_minh = [bearer(&minh)];
    let mut let_in = 0;
    while server.dial(CODE, &by_minh).await.is_ok() {
        let_in += 1;
        assert!(let_in < 200, "nobody holds them up");
    }
    assert!(
        let_in >= 60,
        "{let_in}: a page that comes back often is let in"
    );
    assert_eq!(server.dial(CODE, &by_minh).await.err(), Some(429));
    server.join(&lan).await;
    server.stop().await;
}

#[tokio::test]
async fn guests_of_one_link_have_the_players_of_one_together() {
    let province = Province::new().await;
    let link = province.link(None).await;
    let server = Server::of(&province).await;
    let mut made = 0;
    for number in 0..6 {
        let cookie = server
            .exchange(&link, &format!("Khách {number}"), None)
            .await;
        let request = server.client.post(server.url(&format!("/whep/{CODE}")));
        let request = request
            .header("cookie", cookie)
            .header("origin", server.url(""))
            .header("content-type", crate::wish::SDP);
        let answer = request.body(crate::wish::offer()).send().await.unwrap();
        match answer.status().as_u16() {
            201 => made += 1,
            status => assert_eq!(status, 429, "{}", answer.text().await.unwrap()),
        }
    }
    assert_eq!(made, 4);
    server.stop().await;
}

#[tokio::test]
async fn removed_guest_of_a_link_for_anybody_stays_out_with_the_same_browser_under_any_name() {
    let province = Province::new().await;
    let link = province.link(None).await;
    let lan = province.token("Lan", SessionRole::Chair, None).await;
    let server = Server::of(&province).await;
    let mut lan_page = server.join(&lan).await;
    let cookie = server.exchange(&link, "An", None).await;
    let page = server.join_by_cookie(&cookie).await.expect("a welcome");
    let you = page.welcome.you;
    let asks = protocol::client::Command::Roster(protocol::client::RosterCommand::Remove {
        participant: you,
    });
    lan_page.ask(asks).await.unwrap();
    let again = server.exchange(&link, "Bình", Some(&cookie)).await;
    for cookie in [&cookie, &again] {
        let refused = server.join_by_cookie(cookie).await.err();
        assert!(
            matches!(&refused, Some(ByeReason::Refused { refusal }) if refusal.code == RefusalCode::NotAllowed),
            "{refused:?}"
        );
    }
    let colleague = server.exchange(&link, "Chi", None).await;
    server
        .join_by_cookie(&colleague)
        .await
        .expect("another browser of the same school is another guest");
    server.stop().await;
}
