//! Joining links before they are used, and after they were given away.

use std::time::Duration;

use protocol::api::{Link, LinkPreview, LinkPurpose, LinkSummary, Me, Page, SessionState};
use protocol::client::SessionRole;
use protocol::{SessionId, TokenId};
use reqwest::Method;
use serde_json::{Value, json};
use signaling::access::tokens;
use signaling::access::tokens::NewToken;
use signaling::platform::audit;
use uuid::Uuid;

use crate::recordings::by_hand;
use crate::support::{Browser, HOUR_US, Server, problem, secret_of, stores};

async fn servers() -> Vec<Server> {
    let mut servers = Vec::new();
    for test in stores().await {
        test.store.close().await;
        let change =
            |config: &mut signaling::Config| config.sign_in.attempts_per_minute_per_address = 6;
        servers.push(Server::start_in(test.folder, test.database, change).await);
    }
    servers
}

async fn made(chair: &Browser, body: Value) -> Link {
    let answer = chair.post("/api/v1/sessions/GB-01/links", &body).await;
    assert_eq!(answer.status(), 201);
    answer.json().await.unwrap()
}

async fn preview(browser: &Browser, link: &Link) -> LinkPreview {
    let body = json!({ "secret": secret_of(&link.url) });
    let answer = browser.post("/api/v1/links/preview", &body).await;
    assert_eq!(answer.status(), 200);
    assert!(
        answer.headers().get("set-cookie").is_none(),
        "a look gives no cookie"
    );
    answer.json().await.unwrap()
}

#[tokio::test]
async fn links_made_at_one_moment_are_listed_page_by_page_each_once() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let now = server.clock.now();
        let mut tx = server.store.write().await.unwrap();
        for number in 0..230 {
            let token = NewToken {
                secret_hash: &signaling::platform::secret::hash(&format!("secret {number}")),
                purpose: LinkPurpose::Join,
                session: server.session,
                role: SessionRole::Viewer,
                point: None,
                account: None,
                display_name: None,
                created_by: None,
                expires_at: now.plus_us(HOUR_US),
            };
            tokens::insert(&mut tx, token, now).await.unwrap();
        }
        tx.commit().await.unwrap();
        let (mut seen, mut pages, mut next) = (Vec::new(), 0, Some(String::new()));
        while let Some(cursor) = next {
            let path = format!("/api/v1/sessions/GB-01/links{cursor}");
            let page: Page<LinkSummary> = chair.read(&path).await;
            seen.extend(page.items.into_iter().map(|link| link.id));
            (pages, next) = (
                pages + 1,
                page.next.map(|cursor| format!("?cursor={cursor}")),
            );
        }
        assert_eq!((seen.len(), pages), (230, 3));
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 230);
        let refused = chair.get("/api/v1/sessions/GB-01/links?cursor=x").await;
        assert_eq!(problem(refused, 400).await.code, "malformed_query");
    }
}

#[tokio::test]
async fn preview_says_where_a_link_leads_and_spends_nothing() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let guest = made(&chair, json!({ "role": "presenter" })).await;
        let device = made(&chair, json!({ "role": "point", "bridge_point": "DC-02" })).await;
        let person = made(&chair, json!({ "role": "viewer", "login": "nguoila" })).await;
        let stranger = server.stranger();
        let of_guest = preview(&stranger, &guest).await;
        assert_eq!(
            (of_guest.session.as_str(), of_guest.title.as_str()),
            ("GB-01", "Họp giao ban")
        );
        assert_eq!(of_guest.state, SessionState::Open);
        assert_eq!(of_guest.ends_at_us.0 - of_guest.starts_at_us.0, HOUR_US);
        assert_eq!(
            of_guest.opens_at_us,
            of_guest.starts_at_us.plus_us(-HOUR_US)
        );
        assert_eq!(of_guest.convening_unit.name, "Sở Giáo dục và Đào tạo");
        assert_eq!(of_guest.chair.as_deref(), Some("Vi Văn Hoài"));
        assert_eq!(
            (of_guest.role, of_guest.needs_name, of_guest.auto_record),
            (SessionRole::Presenter, true, false)
        );
        let of_device = preview(&stranger, &device).await;
        assert_eq!(
            (
                of_device.bridge_point.unwrap().code.as_str(),
                of_device.needs_name
            ),
            ("DC-02", false)
        );
        let of_person = preview(&stranger, &person).await;
        assert_eq!(
            (of_person.name.as_deref(), of_person.needs_name),
            (Some("Đặng Quốc An"), false)
        );

        // Mail scanners and browsers that look ahead.
        for method in [Method::GET, Method::HEAD] {
            let path = format!("/j/{}", secret_of(&guest.url));
            let answer = stranger.request(method, &path).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            assert!(answer.headers().get("set-cookie").is_none());
        }
        // More often than anybody may try what nobody made, which counts for itself alone.
        let mut wrong = Vec::new();
        for _ in 0..10 {
            let answer = stranger
                .post("/api/v1/links/preview", &json!({ "secret": "sai" }))
                .await;
            wrong.push(answer.status().as_u16());
            preview(&stranger, &guest).await;
        }
        assert_eq!((wrong[0], wrong[9]), (404, 429), "{wrong:?}");
        let list: Page<LinkSummary> = chair.read("/api/v1/sessions/GB-01/links").await;
        assert!(
            list.items
                .iter()
                .all(|link| link.first_used_at_us.is_none()),
            "nothing is spent"
        );
        assert_eq!(
            stranger
                .exchange(&secret_of(&guest.url), Some("Lan"))
                .await
                .status(),
            200
        );
    }
}

#[tokio::test]
async fn preview_of_a_session_that_is_over_says_so_and_of_a_dead_link_why() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let link = made(&chair, json!({ "role": "viewer" })).await;
        let other = made(&chair, json!({ "role": "viewer" })).await;
        let stranger = server.stranger();
        chair
            .request(Method::DELETE, &format!("/api/v1/links/{}", other.id))
            .send()
            .await
            .unwrap();
        let body = json!({ "secret": secret_of(&other.url) });
        assert_eq!(
            problem(stranger.post("/api/v1/links/preview", &body).await, 410)
                .await
                .code,
            "link_revoked"
        );
        chair.post("/api/v1/sessions/GB-01/end", &json!({})).await;
        assert_eq!(preview(&stranger, &link).await.state, SessionState::Ended);
        server.clock.advance(5 * HOUR_US);
        let body = json!({ "secret": secret_of(&link.url) });
        assert_eq!(
            problem(stranger.post("/api/v1/links/preview", &body).await, 410)
                .await
                .code,
            "link_expired"
        );
    }
}

#[tokio::test]
async fn links_are_listed_for_those_who_may_revoke_them() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let guest = made(
            &chair,
            json!({ "role": "presenter", "name": "Báo cáo viên" }),
        )
        .await;
        server.clock.advance(1_000);
        let device = made(&chair, json!({ "role": "point", "bridge_point": "DC-02" })).await;
        assert_eq!(
            server
                .stranger()
                .exchange(&secret_of(&device.url), None)
                .await
                .status(),
            200
        );
        let list: Page<LinkSummary> = chair.read("/api/v1/sessions/GB-01/links").await;
        let [newest, oldest] = list.items.as_slice() else {
            panic!("{:?}", list.items)
        };
        assert_eq!(
            (newest.id.as_str(), oldest.id.as_str()),
            (device.id.as_str(), guest.id.as_str())
        );
        assert_eq!(newest.bridge_point.as_ref().unwrap().code, "DC-02");
        assert!(newest.first_used_at_us.is_some() && oldest.first_used_at_us.is_none());
        assert_eq!(
            (oldest.name.as_deref(), oldest.role),
            (Some("Báo cáo viên"), SessionRole::Presenter)
        );
        assert_eq!(
            (oldest.purpose, oldest.created_by.as_deref()),
            (LinkPurpose::Join, Some("Vi Văn Hoài"))
        );
        assert_eq!(oldest.expires_at_us, guest.expires_at_us);
        let revoked = chair
            .request(Method::DELETE, &format!("/api/v1/links/{}", guest.id))
            .send()
            .await
            .unwrap();
        assert_eq!(revoked.status(), 204);
        let list: Page<LinkSummary> = chair.read("/api/v1/sessions/GB-01/links").await;
        assert!(list.items[1].revoked_at_us.is_some());
        for login in ["thanhvien", "quantri", "nguoila"] {
            let other = server.signed_in(login).await;
            problem(other.get("/api/v1/sessions/GB-01/links").await, 403).await;
        }
    }
}

#[tokio::test]
async fn secretary_hands_out_seats_but_not_the_chair() {
    for server in servers().await {
        let of_member = "INSERT INTO session_officer (session_id, person_id, part, position)
             SELECT s.id, a.person_id, 'secretary', 1 FROM session s, account a WHERE a.login = 'thanhvien'";
        by_hand(&server, of_member).await;
        let secretary = server.signed_in("thanhvien").await;
        made(
            &secretary,
            json!({ "role": "secretary", "login": "nguoila" }),
        )
        .await;
        let own_chair = json!({ "role": "chair", "login": "thanhvien" });
        let answer = secretary
            .post("/api/v1/sessions/GB-01/links", &own_chair)
            .await;
        assert_eq!(problem(answer, 403).await.code, "not_allowed");
        made(&server.signed_in("chutri").await, own_chair).await;
    }
}

#[tokio::test]
async fn link_that_is_revoked_while_it_is_opened_opens_nothing() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let link = made(&chair, json!({ "role": "viewer" })).await;
        let id = TokenId(link.id.parse().unwrap());
        let (guest, now) = (server.stranger(), server.clock.now());
        // It is done and nobody sees it yet: whoever opens the link waits for what comes of it.
        let mut keeper = server.store.write().await.unwrap();
        let revoked = tokens::revoke(&mut keeper, server.session, id, now).await;
        assert!(revoked.unwrap());
        let secret = secret_of(&link.url);
        let mut opens = std::pin::pin!(guest.exchange(&secret, Some("Lan")));
        let waited = tokio::time::timeout(Duration::from_millis(500), &mut opens).await;
        assert!(waited.is_err(), "it waits");
        keeper.commit().await.unwrap();
        assert_eq!(problem(opens.await, 410).await.code, "link_revoked");
        let me: Option<Me> = guest.read("/api/v1/me").await;
        assert_eq!(me, None);
    }
}

#[tokio::test]
async fn link_is_revoked_by_who_manages_its_session_and_is_in_the_log_once() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let link = made(&chair, json!({ "role": "viewer" })).await;
        let id = TokenId(link.id.parse().unwrap());
        let other = SessionId(Uuid::now_v7());
        let mut tx = server.store.write().await.unwrap();
        let revoked = tokens::revoke(&mut tx, other, id, server.clock.now()).await;
        assert!(!revoked.unwrap(), "it is of another session");
        tx.commit().await.unwrap();
        preview(&server.stranger(), &link).await;
        for _ in 0..2 {
            let path = format!("/api/v1/links/{}", link.id);
            let answer = chair.request(Method::DELETE, &path).send().await.unwrap();
            assert_eq!(answer.status(), 204);
        }
        let mut conn = server.store.read().await.unwrap();
        let lines = audit::last(&mut conn, 100).await.unwrap();
        let revoked = lines.iter().filter(|line| line.action == "revoke_link");
        assert_eq!(revoked.count(), 1);
    }
}

#[tokio::test]
async fn secret_of_before_that_begins_with_a_hyphen_still_opens() {
    let server = Server::start().await;
    let secret = "-abcdefghijklmnopqrstuvwxyz0123456789_ABCDE";
    let now = server.clock.now();
    let mut tx = server.store.write().await.unwrap();
    let new = NewToken {
        secret_hash: &signaling::platform::secret::hash(secret),
        purpose: LinkPurpose::Join,
        session: server.session,
        role: SessionRole::Viewer,
        point: None,
        account: None,
        display_name: None,
        created_by: None,
        expires_at: now.plus_us(HOUR_US),
    };
    tokens::insert(&mut tx, new, now).await.unwrap();
    tx.commit().await.unwrap();
    let guest = server.stranger();
    assert_eq!(guest.exchange(secret, Some("Lan")).await.status(), 200);
}

#[tokio::test]
async fn asking_who_one_is_is_no_error() {
    let server = Server::start().await;
    let stranger = server.stranger();
    let nobody: Option<Me> = stranger.read("/api/v1/me").await;
    assert_eq!(nobody, None);
    let chair = server.signed_in("chutri").await;
    let link = made(&chair, json!({ "role": "presenter" })).await;
    stranger.exchange(&secret_of(&link.url), Some("Lan")).await;
    let guest: Option<Me> = stranger.read("/api/v1/me").await;
    assert_eq!(guest.unwrap().link_session.as_deref(), Some("GB-01"));
    chair
        .request(Method::DELETE, &format!("/api/v1/links/{}", link.id))
        .send()
        .await
        .unwrap();
    let nobody: Option<Me> = stranger.read("/api/v1/me").await;
    assert_eq!(nobody, None);
}
