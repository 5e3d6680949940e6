//! Rights that end, end what lives by them; what merely runs out by its date lives with the room.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use protocol::api::{AccountRole, LinkPurpose};
use protocol::client::{ByeReason, ConnectionState, SessionRole};
use protocol::sfu::SfuCommand;
use protocol::{AccountId, ParticipantId};
use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use serde_json::json;
use signaling::access::{accounts, hash_password, tokens};
use signaling::org::people;
use signaling::platform::clock::day;
use signaling::platform::secret;
use signaling::platform::secret::Secret;
use signaling::{Clock, Store, chores};
use uuid::Uuid;

use crate::page::{Page, bearer};
use crate::server::{CODE, Province, Server, now};
use crate::wish::{SDP, offer};

const PASSWORD: &str = "Hoa phượng 2026";
pub(crate) const HOUR_US: i64 = 3_600_000_000;

impl Province {
    /// Somebody with an account: an administrator of the convening unit, who sits as secretary, or a member who belongs
    /// to it, which no point of the session is hosted by.
    pub(crate) async fn account(&self, login: &str, role: AccountRole) -> AccountId {
        let store = self.store().await;
        let now = now();
        let mut tx = store.write().await.unwrap();
        let person = people::insert(&mut tx, "Trần Thị Thư", None, now)
            .await
            .unwrap();
        let hash = hash_password(PASSWORD).unwrap();
        let id = accounts::insert(&mut tx, login, &hash, person, now)
            .await
            .unwrap();
        accounts::grant(
            &mut tx,
            id,
            role,
            self.unit,
            &day(now.plus_us(-48 * HOUR_US)),
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        store.close().await;
        id
    }

    /// The secret of a joining link for a guest of this name, or for anybody.
    pub(crate) async fn link(&self, name: Option<&str>) -> String {
        let secret = Secret::generate().unwrap();
        let store = self.store().await;
        let now = now();
        let mut tx = store.write().await.unwrap();
        let new = tokens::NewToken {
            secret_hash: &secret.hash(),
            purpose: LinkPurpose::Join,
            session: self.session,
            role: SessionRole::Viewer,
            point: None,
            account: None,
            display_name: name,
            created_by: None,
            expires_at: now.plus_us(24 * HOUR_US),
        };
        tokens::insert(&mut tx, new, now).await.unwrap();
        tx.commit().await.unwrap();
        store.close().await;
        secret.expose().to_owned()
    }
}

impl Server {
    /// Signs in: the cookie.
    pub(crate) async fn sign_in(&self, login: &str) -> String {
        let answer = self
            .client
            .post(self.url("/api/v1/sign-in"))
            .header(ORIGIN, self.url(""))
            .json(&json!({ "login": login, "password": PASSWORD }))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        cookie_of(&answer)
    }

    /// Exchanges a link, showing `cookie` if there is one: the cookie of the guest.
    pub(crate) async fn exchange(&self, secret: &str, name: &str, cookie: Option<&str>) -> String {
        let mut request = self
            .client
            .post(self.url("/api/v1/links/exchange"))
            .header(ORIGIN, self.url(""))
            .json(&json!({ "secret": secret, "name": name }));
        if let Some(cookie) = cookie {
            request = request.header(COOKIE, cookie);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
        cookie_of(&answer)
    }

    pub(crate) async fn join_by_cookie(&self, cookie: &str) -> Result<Page, ByeReason> {
        let headers = [("cookie", cookie.to_owned()), ("origin", self.url(""))];
        Self::greet(self.dial(CODE, &headers).await.unwrap(), None).await
    }

    /// With which status somebody is refused; none when they are let in.
    pub(crate) async fn join_by_cookie_or_status(&self, cookie: &str) -> Option<u16> {
        let headers = [("cookie", cookie.to_owned()), ("origin", self.url(""))];
        self.dial(CODE, &headers).await.err()
    }

    /// Publishes or plays: where the resource is.
    pub(crate) async fn wish(&self, path: &str, bearer: &str) -> String {
        let request = self.client.post(self.url(&format!("/{path}/{CODE}")));
        let request = request.bearer_auth(bearer).header("content-type", SDP);
        let answer = request.body(offer()).send().await.unwrap();
        assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    async fn says_leave(&self, whom: ParticipantId) {
        self.sfu
            .told(|command| {
                matches!(command, SfuCommand::Leave { participant, .. } if *participant == whom)
            })
            .await;
    }
}

fn cookie_of(answer: &reqwest::Response) -> String {
    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// Takes a token back as another process does.
pub(crate) async fn revoke(store: &Store, shown: &str) {
    let mut tx = store.write().await.unwrap();
    let known = tokens::by_hash(&mut tx, &secret::hash(shown))
        .await
        .unwrap();
    let known = known.unwrap();
    let revoked = tokens::revoke(&mut tx, known.session_id.unwrap(), known.id, now()).await;
    assert!(revoked.unwrap());
    tx.commit().await.unwrap();
}

/// Changes the database with a tool of its own, as a keeper may.
pub(crate) async fn by_hand(province: &Province, statement: &'static str, text: &str, id: Uuid) {
    use sqlx::Connection as _;

    if province.database.url.is_empty() {
        let file = province.folder.path().join("diemcau.db");
        let url = format!("sqlite://{}", file.display());
        let mut tool = sqlx::SqliteConnection::connect(&url).await.unwrap();
        let done = sqlx::query(statement)
            .bind(text)
            .bind(id)
            .execute(&mut tool)
            .await;
        assert_eq!(done.unwrap().rows_affected(), 1);
    } else {
        let mut tool = sqlx::PgConnection::connect(&province.database.url)
            .await
            .unwrap();
        let done = sqlx::query(statement)
            .bind(text)
            .bind(id)
            .execute(&mut tool)
            .await;
        assert_eq!(done.unwrap().rows_affected(), 1);
    }
}

#[tokio::test]
async fn revoked_token_ends_its_page_its_encoder_and_its_player_and_nobody_else() {
    for province in Province::everywhere().await {
        let minh = province.token("Minh", SessionRole::Point, None).await;
        let encoder = province.token("Máy quay", SessionRole::Point, None).await;
        let player = province.token("Màn hình", SessionRole::Viewer, None).await;
        let lan = province.token("Lan", SessionRole::Chair, None).await;
        let server = Server::of(&province).await;
        let mut lan_page = server.join(&lan).await;
        let mut minh_page = server.join(&minh).await;
        let published = server.wish("whip", &encoder).await;
        let played = server.wish("whep", &player).await;
        let joined = |profile| {
            server.sfu.told(move |command| {
                matches!(command, SfuCommand::Join { profile: joined, .. } if *joined == profile)
            })
        };
        let SfuCommand::Join {
            participant: encoder_id,
            ..
        } = joined(protocol::media::Profile::Whip).await
        else {
            panic!("a join")
        };
        let SfuCommand::Join {
            participant: player_id,
            ..
        } = joined(protocol::media::Profile::Whep).await
        else {
            panic!("a join")
        };
        let store = province.store().await;
        for shown in [&minh, &encoder, &player] {
            revoke(&store, shown).await;
        }
        assert_eq!(minh_page.bye().await, ByeReason::AccessEnded);
        server.says_leave(encoder_id).await;
        server.says_leave(player_id).await;
        for (path, shown) in [(published, &encoder), (played, &player)] {
            let request = server.client.delete(server.url(&path)).bearer_auth(shown);
            assert_eq!(request.send().await.unwrap().status(), 401);
        }
        lan_page
            .ask(protocol::client::Command::Hand(
                protocol::client::HandCommand::RaiseHand,
            ))
            .await
            .unwrap();
        let here = server.running.state.rooms.present(province.session);
        assert_eq!(here, 1, "the chair alone");
        server.stop().await;
    }
}

#[tokio::test]
async fn removed_person_neither_hears_on_by_a_player_nor_comes_back_by_one() {
    let province = Province::new().await;
    let minh = province.token("Minh", SessionRole::Point, None).await;
    let lan = province.token("Lan", SessionRole::Chair, None).await;
    let hoa = province.token("Hoa", SessionRole::Viewer, None).await;
    let server = Server::of(&province).await;
    let mut lan_page = server.join(&lan).await;
    let played = async |shown: &str| {
        let at = server.wish("whep", shown).await;
        let SfuCommand::Join { participant, .. } = server
            .sfu
            .told(|command| matches!(command, SfuCommand::Join { .. }))
            .await
        else {
            panic!("a join")
        };
        (at, participant)
    };
    // Before they take part: then nothing but the token says that they are the same.
    let (_, before) = played(&minh).await;
    let (of_another, _) = played(&hoa).await;
    let minh_page = server.join(&minh).await;
    let you = minh_page.welcome.you;
    lan_page
        .ask(protocol::client::Command::Roster(
            protocol::client::RosterCommand::Remove { participant: you },
        ))
        .await
        .unwrap();
    server.says_leave(before).await;
    let offers = async || {
        let request = server.client.post(server.url(&format!("/whep/{CODE}")));
        let request = request.bearer_auth(&minh).header("content-type", SDP);
        request.body(offer()).send().await.unwrap().status()
    };
    assert_eq!(offers().await, 403);
    let request = server.client.delete(server.url(&of_another));
    let ended = request.bearer_auth(&hoa).send().await.unwrap();
    assert_eq!(ended.status(), 200, "others go on");
    lan_page
        .ask(protocol::client::Command::Roster(
            protocol::client::RosterCommand::Readmit { participant: you },
        ))
        .await
        .unwrap();
    assert_eq!(offers().await, 201);
    server.stop().await;
}

#[tokio::test]
async fn account_that_is_disabled_reset_signed_out_or_without_its_role_leaves_at_once() {
    for way in ["disable", "reset", "sign out", "end of the role"] {
        let province = Province::new().await;
        let id = province.account("thu", AccountRole::UnitAdmin).await;
        let server = Server::of(&province).await;
        let cookie = server.sign_in("thu").await;
        let mut page = server.join_by_cookie(&cookie).await.expect("a welcome");
        let store = province.store().await;
        match way {
            "disable" => chores::disable_user(&store, "thu", now()).await.unwrap(),
            "reset" => drop(chores::reset_user(&store, "thu", now()).await.unwrap()),
            "sign out" => {
                let request = server.client.post(server.url("/api/v1/sign-out"));
                let request = request
                    .header(COOKIE, &cookie)
                    .header(ORIGIN, server.url(""));
                assert_eq!(request.send().await.unwrap().status(), 204);
            }
            _ => {
                let yesterday = day(now().plus_us(-24 * HOUR_US));
                by_hand(
                    &province,
                    "UPDATE role_grant SET valid_to = $1 WHERE account_id = $2",
                    &yesterday.0,
                    id.0,
                )
                .await;
            }
        }
        assert_eq!(page.bye().await, ByeReason::AccessEnded, "{way}");
        server.stop().await;
    }
}

#[tokio::test]
async fn seat_that_is_held_for_somebody_whose_right_ended_is_freed() {
    let province = Province::new().await;
    let minh = province.token("Minh", SessionRole::Point, None).await;
    let lan = province.token("Lan", SessionRole::Chair, None).await;
    let server = Server::of(&province).await;
    let mut lan_page = server.join(&lan).await;
    let minh_page = server.join(&minh).await;
    let you = minh_page.welcome.you;
    minh_page.pull_the_cable();
    lan_page
        .event(|e| {
            matches!(e, protocol::client::Event::Roster(protocol::client::RosterEvent::ConnectionChanged { connection, .. })
                if *connection == ConnectionState::Reconnecting)
        })
        .await;
    revoke(&province.store().await, &minh).await;
    lan_page
        .event(|e| {
            matches!(e, protocol::client::Event::Roster(protocol::client::RosterEvent::ParticipantLeft { participant, .. })
                if *participant == you)
        })
        .await;
    server.stop().await;
}

#[tokio::test]
async fn role_that_becomes_another_brings_its_holder_back_in_the_new_part() {
    let province = Province::new().await;
    let id = province.account("thu", AccountRole::UnitAdmin).await;
    let server = Server::of(&province).await;
    let cookie = server.sign_in("thu").await;
    let mut page = server.join_by_cookie(&cookie).await.expect("a welcome");
    let statement = "INSERT INTO session_officer (session_id, person_id, part, position)
         SELECT s.id, a.person_id, $1, 1 FROM session s, account a WHERE a.id = $2";
    by_hand(&province, statement, "chair", id.0).await;
    assert_eq!(page.bye().await, ByeReason::AccessChanged);
    let page = server.join_by_cookie(&cookie).await.expect("a welcome");
    let you = page.welcome.you;
    let state = page.welcome.state.unwrap();
    let me = state.participants.iter().find(|p| p.id == you).unwrap();
    assert_eq!(me.role, SessionRole::Chair);
    server.stop().await;
}

#[tokio::test]
async fn guests_of_one_link_sit_beside_each_other_and_one_browser_is_one_guest() {
    let province = Province::new().await;
    let link = province.link(None).await;
    let personal = province.link(Some("Bà Hà")).await;
    let server = Server::of(&province).await;
    let an = server.exchange(&link, "An", None).await;
    let binh = server.exchange(&link, "Bình", None).await;
    let an_page = server.join_by_cookie(&an).await.expect("a welcome");
    let binh_page = server.join_by_cookie(&binh).await.expect("a welcome");
    assert_ne!(an_page.welcome.you, binh_page.welcome.you);
    assert_eq!(server.running.state.rooms.present(province.session), 2);
    let again = server.exchange(&link, "An Nhiên", Some(&an)).await;
    let again = server.join_by_cookie(&again).await.expect("a welcome");
    assert_eq!(again.welcome.you, an_page.welcome.you, "the same browser");
    let mut pages = Vec::new();
    for _ in 0..2 {
        let cookie = server.exchange(&personal, "", None).await;
        pages.push(server.join_by_cookie(&cookie).await.expect("a welcome"));
    }
    assert_eq!(
        pages[0].welcome.you, pages[1].welcome.you,
        "a link with a name is one person's"
    );
    server.stop().await;
}

/// A server whose time of day the test sets.
pub(crate) async fn with_clock(province: &Province) -> (Server, Arc<AtomicI64>) {
    let ahead = Arc::new(AtomicI64::new(0));
    let reads = Arc::clone(&ahead);
    let clock = Clock::new(move || now().plus_us(reads.load(Ordering::SeqCst)));
    let database = province.database.clone();
    let server = Server::start_at(database, province.folder.path(), clock, |_| ()).await;
    (server, ahead)
}

#[tokio::test]
async fn what_runs_out_by_its_date_lives_with_the_room_up_to_12_hours_after_the_planned_end() {
    let province = Province::new().await;
    let until = now().plus_us(HOUR_US);
    let minh = province
        .token_until("Minh", SessionRole::Point, None, until)
        .await;
    province.account("thu", AccountRole::UnitAdmin).await;
    province.account("tho", AccountRole::UnitAdmin).await;
    let lan = province.token("Lan", SessionRole::Chair, None).await;
    let (server, ahead) = with_clock(&province).await;
    let (thu, tho) = (server.sign_in("thu").await, server.sign_in("tho").await);
    ahead.store(90 * 60 * 1_000_000, Ordering::SeqCst);
    let by_minh = [bearer(&minh)];
    let refused = async || server.dial(CODE, &by_minh).await.err();
    assert_eq!(refused().await, Some(401), "no room is open");
    let _lan = server.join(&lan).await;
    let page = server.join(&minh).await;
    let resume = page.pull_the_cable();
    let page = server.rejoin(&minh, resume).await;
    assert!(page.welcome.resumed, "the room is open: the seat is held");
    let thu_page = server.join_by_cookie(&thu).await.expect("a welcome");
    let thu_resume = thu_page.pull_the_cable();
    // Past the twelve hours of a sign-in, before twelve hours after the planned end.
    ahead.store(13 * HOUR_US, Ordering::SeqCst);
    let headers = [("cookie", thu.clone()), ("origin", server.url(""))];
    let Ok(raw) = server.dial(CODE, &headers).await else {
        panic!("a seat is held")
    };
    assert!(
        Server::greet(raw, Some(thu_resume))
            .await
            .unwrap()
            .welcome
            .resumed
    );
    let headers = [("cookie", tho), ("origin", server.url(""))];
    assert_eq!(
        server.dial(CODE, &headers).await.err(),
        Some(401),
        "who has no seat signs in again"
    );
    let me = server
        .client
        .get(server.url("/api/v1/sessions"))
        .header(COOKIE, &thu);
    assert_eq!(
        me.send().await.unwrap().status(),
        401,
        "nothing but the room"
    );
    ahead.store(14 * HOUR_US + 60_000_000, Ordering::SeqCst);
    assert_eq!(refused().await, Some(401), "twelve hours are enough");
    server.stop().await;
}
