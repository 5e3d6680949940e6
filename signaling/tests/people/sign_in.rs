//! Signing in and out, and joining links.

use protocol::api::{AccountRole, Link, Me};
use serde_json::json;
use signaling::access::{accounts, hash_password};
use signaling::chores;
use signaling::platform::audit;

use crate::recordings::by_hand;
use crate::support::{HOUR_US, PASSWORD, Server, problem, secret_of, stores};

#[tokio::test]
async fn right_password_gives_a_cookie_that_scripts_and_other_sites_cannot_use() {
    let server = Server::start().await;
    let browser = server.stranger();
    problem(browser.get("/api/v1/sessions").await, 401).await;
    let answer = browser.sign_in("  ChuTri ", PASSWORD).await;
    assert_eq!(answer.status(), 200);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-diemcau="), "{cookie}");
    for word in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(cookie.contains(word), "{word} in {cookie}");
    }
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let me: Me = browser.read("/api/v1/me").await;
    assert_eq!(me.login.as_deref(), Some("chutri"));
    assert_eq!(me.name, "Vi Văn Hoài");
    assert_eq!(me.roles[0].role, AccountRole::DepartmentAdmin);
    assert_eq!(me.bridge_point.unwrap().code, "DC-01");
}

#[tokio::test]
async fn wrong_password_and_unknown_login_get_the_same_answer() {
    let server = Server::start().await;
    let browser = server.stranger();
    let wrong = problem(browser.sign_in("chutri", "khong phai").await, 401).await;
    let unknown = problem(browser.sign_in("ai.do", PASSWORD).await, 401).await;
    assert_eq!(wrong, unknown);
    assert_eq!(wrong.code, "wrong_password");
    problem(browser.get("/api/v1/sessions").await, 401).await;
}

#[tokio::test]
async fn too_many_attempts_are_told_when_to_come_back() {
    let server = Server::start_with(|config| config.sign_in.attempts_per_minute = 2).await;
    let browser = server.stranger();
    for _ in 0..2 {
        problem(browser.sign_in("chutri", "sai").await, 401).await;
    }
    let answer = browser.sign_in("chutri", PASSWORD).await;
    let wait: u64 = answer.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=60).contains(&wait));
    assert_eq!(problem(answer, 429).await.code, "rate_limited");
    assert_eq!(
        browser.sign_in("kythuat", PASSWORD).await.status(),
        200,
        "another login is not held up"
    );
}

#[tokio::test]
async fn disabled_account_loses_its_sign_ins_at_once() {
    let server = Server::start().await;
    let browser = server.signed_in("thanhvien").await;
    chores::disable_user(&server.store, "thanhvien", server.clock.now())
        .await
        .unwrap();
    problem(browser.get("/api/v1/sessions").await, 401).await;
    let refused = problem(browser.sign_in("thanhvien", PASSWORD).await, 401).await;
    assert_eq!(refused.code, "account_disabled");
    let wrong = problem(browser.sign_in("thanhvien", "sai").await, 401).await;
    assert_eq!(
        wrong.code, "wrong_password",
        "only whoever knows the password learns more"
    );
}

#[tokio::test]
async fn new_password_ends_what_the_old_one_opened() {
    let server = Server::start().await;
    let browser = server.signed_in("thanhvien").await;
    let password = chores::reset_user(&server.store, "thanhvien", server.clock.now())
        .await
        .unwrap();
    problem(browser.get("/api/v1/sessions").await, 401).await;
    problem(browser.sign_in("thanhvien", PASSWORD).await, 401).await;
    assert_eq!(browser.sign_in("thanhvien", &password).await.status(), 200);
}

#[tokio::test]
async fn sign_in_ends_by_signing_out_and_by_its_time() {
    let server = Server::start().await;
    let browser = server.signed_in("thanhvien").await;
    assert_eq!(
        browser.post("/api/v1/sign-out", &json!({})).await.status(),
        204
    );
    problem(browser.get("/api/v1/sessions").await, 401).await;

    let browser = server.signed_in("thanhvien").await;
    server.clock.advance(13 * HOUR_US);
    problem(browser.get("/api/v1/sessions").await, 401).await;
}

#[tokio::test]
async fn what_changes_is_in_the_log_and_what_was_so_already_is_not() {
    for server in servers().await {
        let browser = server.signed_in("thanhvien").await;
        for _ in 0..2 {
            let answer = browser.post("/api/v1/sign-out", &json!({})).await;
            assert!(matches!(answer.status().as_u16(), 204 | 401));
        }
        for _ in 0..2 {
            chores::disable_user(&server.store, "thanhvien", server.clock.now())
                .await
                .unwrap();
        }
        let mut conn = server.store.read().await.unwrap();
        let lines = audit::last(&mut conn, 100).await.unwrap();
        let actions: Vec<&str> = lines.iter().rev().map(|line| &*line.action).collect();
        assert_eq!(actions, ["sign_in", "sign_out", "disable_account"]);
        let [_, left, came] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        assert_eq!(
            (&left.actor, &left.resource),
            (&came.actor, &came.resource),
            "signed by who left"
        );
    }
}

#[tokio::test]
async fn password_that_cannot_be_checked_is_the_servers_fault_and_counts_for_nothing() {
    for server in servers().await {
        let hash = async |hash: &str| {
            let statement =
                format!("UPDATE account SET password_hash = '{hash}' WHERE login = 'thanhvien'");
            by_hand(&server, &statement).await;
        };
        let browser = server.stranger();
        hash("$argon2id$torn").await;
        for _ in 0..3 {
            let answer = browser.sign_in("thanhvien", PASSWORD).await;
            assert_eq!(problem(answer, 500).await.code, "internal");
        }
        hash(&hash_password(PASSWORD).unwrap()).await;
        let answer = browser.sign_in("thanhvien", PASSWORD).await;
        assert_eq!(answer.status(), 200);
    }
}

/// A server on each database, where two wrong passwords are too many.
async fn servers() -> Vec<Server> {
    let mut servers = Vec::new();
    for test in stores().await {
        test.store.close().await;
        let change = |config: &mut signaling::Config| config.sign_in.attempts_per_minute = 2;
        servers.push(Server::start_in(test.folder, test.database, change).await);
    }
    servers
}

#[tokio::test]
async fn page_of_another_site_cannot_use_the_cookie() {
    let server = Server::start().await;
    let browser = server.signed_in("chutri").await;
    let url = server.url("/api/v1/sessions/GB-01/end");
    let foreign = browser
        .client
        .post(&url)
        .header("origin", "https://evil.example")
        .json(&json!({}));
    assert_eq!(
        problem(foreign.send().await.unwrap(), 403).await.code,
        "foreign_origin"
    );
    let nameless = browser.client.post(&url).json(&json!({}));
    assert_eq!(
        problem(nameless.send().await.unwrap(), 403).await.code,
        "foreign_origin"
    );
    let form = browser
        .request(reqwest::Method::POST, "/api/v1/sessions")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("title=x");
    assert_eq!(
        problem(form.send().await.unwrap(), 415).await.code,
        "not_json"
    );
}

async fn link(server: &Server, body: serde_json::Value) -> Link {
    let chair = server.signed_in("chutri").await;
    let answer = chair.post("/api/v1/sessions/GB-01/links", &body).await;
    assert_eq!(answer.status(), 201);
    answer.json().await.unwrap()
}

#[tokio::test]
async fn link_of_a_point_opens_its_session_and_nothing_else() {
    let server = Server::start().await;
    let link = link(&server, json!({ "role": "point", "bridge_point": "DC-02" })).await;
    assert!(link.url.contains("/j/"), "{}", link.url);
    let device = server.stranger();
    let answer = device.exchange(&secret_of(&link.url), None).await;
    assert_eq!(answer.status(), 200);
    let me: Me = device.read("/api/v1/me").await;
    assert_eq!(me.link_session.as_deref(), Some("GB-01"));
    assert_eq!(me.name, "Điểm cầu 2");
    assert_eq!(me.login, None);
    let session: protocol::api::Session = device.read("/api/v1/sessions/GB-01").await;
    assert_eq!(session.my_role, Some(protocol::client::SessionRole::Point));

    let now = server.clock.now();
    let points = &server.province.points[3..];
    server
        .province
        .session(
            &server.store,
            "GB-02",
            now,
            protocol::api::Secrecy::Normal,
            points,
        )
        .await;
    problem(device.get("/api/v1/sessions/GB-02").await, 403).await;
    problem(device.get("/api/v1/bridge-points/status").await, 403).await;
}

#[tokio::test]
async fn guest_must_say_a_name_and_keeps_it() {
    let server = Server::start().await;
    let link = link(&server, json!({ "role": "viewer" })).await;
    let guest = server.stranger();
    let secret = secret_of(&link.url);
    assert_eq!(
        problem(guest.exchange(&secret, None).await, 400).await.code,
        "name_required"
    );
    assert_eq!(
        problem(guest.exchange(&secret, Some(&"a".repeat(81))).await, 400)
            .await
            .code,
        "bad_name"
    );
    assert_eq!(guest.exchange(&secret, Some("Bà Hoa")).await.status(), 200);
    let me: Me = guest.read("/api/v1/me").await;
    assert_eq!(me.name, "Bà Hoa");
}

#[tokio::test]
async fn link_is_refused_when_unknown_or_expired_or_revoked() {
    let server = Server::start().await;
    let made = link(&server, json!({ "role": "point", "bridge_point": "DC-02" })).await;
    let secret = secret_of(&made.url);
    let device = server.stranger();
    assert_eq!(
        problem(device.exchange("khong-phai", None).await, 404)
            .await
            .code,
        "link_invalid"
    );
    assert_eq!(device.exchange(&secret, None).await.status(), 200);

    let chair = server.signed_in("chutri").await;
    let path = format!("/api/v1/links/{}", made.id);
    let revoked = chair
        .request(reqwest::Method::DELETE, &path)
        .send()
        .await
        .unwrap();
    assert_eq!(revoked.status(), 204);
    problem(device.get("/api/v1/sessions").await, 401).await;
    assert_eq!(
        problem(device.exchange(&secret, None).await, 410)
            .await
            .code,
        "link_revoked"
    );

    let other = link(&server, json!({ "role": "point", "bridge_point": "DC-03" })).await;
    server.clock.advance(4 * HOUR_US);
    assert_eq!(
        problem(device.exchange(&secret_of(&other.url), None).await, 410)
            .await
            .code,
        "link_expired"
    );
}

#[tokio::test]
async fn links_are_made_by_those_who_preside_and_name_one_holder() {
    let server = Server::start().await;
    let member = server.signed_in("thanhvien").await;
    let path = "/api/v1/sessions/GB-01/links";
    let point = json!({ "role": "point", "bridge_point": "DC-02" });
    assert_eq!(
        problem(member.post(path, &point).await, 403).await.code,
        "not_allowed"
    );
    let chair = server.signed_in("chutri").await;
    for (body, code) in [
        (json!({ "role": "point" }), "bad_link"),
        (json!({ "role": "chair", "name": "Ai đó" }), "bad_link"),
        (
            json!({ "role": "point", "bridge_point": "DC-02", "login": "quantri" }),
            "bad_link",
        ),
        (
            json!({ "role": "point", "bridge_point": "DC-04" }),
            "point_not_invited",
        ),
        (
            json!({ "role": "presenter", "login": "khong.co" }),
            "unknown_account",
        ),
    ] {
        assert_eq!(
            problem(chair.post(path, &body).await, 400).await.code,
            code,
            "{body}"
        );
    }
}

#[tokio::test]
async fn internal_session_takes_no_guests() {
    let server = Server::start().await;
    let now = server.clock.now();
    let points = &server.province.points[3..];
    server
        .province
        .session(
            &server.store,
            "NB-01",
            now,
            protocol::api::Secrecy::Internal,
            points,
        )
        .await;
    let chair = server.signed_in("chutri").await;
    let refused = problem(
        chair
            .post("/api/v1/sessions/NB-01/links", &json!({ "role": "viewer" }))
            .await,
        409,
    )
    .await;
    assert_eq!(refused.code, "guests_not_allowed");
    let point = json!({ "role": "point", "bridge_point": "DC-04" });
    assert_eq!(
        chair
            .post("/api/v1/sessions/NB-01/links", &point)
            .await
            .status(),
        201
    );
}

#[tokio::test]
async fn bearer_token_is_who_it_names_until_it_expires() {
    let server = Server::start().await;
    let request = chores::TokenRequest {
        session: "GB-01",
        name: "Máy phát",
        role: protocol::client::SessionRole::Point,
        point: Some("DC-03"),
    };
    let sessions = &server.running.state.config.sessions;
    let token = chores::create_token(&server.store, sessions, request, server.clock.now())
        .await
        .unwrap();
    let program = server.stranger();
    let ask = || {
        program
            .client
            .get(server.url("/api/v1/me"))
            .bearer_auth(token.expose())
            .send()
    };
    let me: Me = ask().await.unwrap().json().await.unwrap();
    assert_eq!(me.name, "Máy phát");
    assert_eq!(me.bridge_point.unwrap().code, "DC-03");
    server.clock.advance(4 * HOUR_US);
    let late = program
        .client
        .get(server.url("/api/v1/sessions"))
        .bearer_auth(token.expose())
        .send();
    assert_eq!(
        problem(late.await.unwrap(), 401).await.code,
        "token_expired"
    );
}

#[tokio::test]
async fn password_that_is_replaced_while_it_is_checked_opens_nothing() {
    for way in ["reset", "disable"] {
        for test in stores().await {
            let server = Server::start_in(test.folder, test.database, |_| {}).await;
            let (early, other) = (server.stranger(), server.stranger());
            let (id, now) = (server.province.chair, server.clock.now());
            // The keeper has done it and nobody sees it yet: whoever writes to that account waits.
            let mut keeper = server.store.write().await.unwrap();
            if way == "disable" {
                accounts::disable(&mut keeper, id, now).await.unwrap();
            } else {
                let hash = hash_password("mật khẩu mới").unwrap();
                accounts::set_password(&mut keeper, id, &hash, None, now)
                    .await
                    .unwrap();
            }
            let commit = async {
                // Passwords are checked in turn: by the time that these are, the earlier one is, and waits to write.
                for _ in 0..3 {
                    let wrong = other.sign_in("thanhvien", "sai").await;
                    assert_eq!(wrong.status(), 401);
                }
                keeper.commit().await.unwrap();
            };
            let (answer, ()) = tokio::join!(early.sign_in("chutri", PASSWORD), commit);
            assert_eq!(answer.status(), 401, "{way}");
            let me: Option<Me> = early.read("/api/v1/me").await;
            assert!(me.is_none(), "{way}");
        }
    }
}

#[tokio::test]
async fn flood_of_new_guests_is_held_up_and_who_came_before_is_not() {
    let server = Server::start_with(|config| {
        config.sign_in.attempts_per_minute_per_address = 3;
    })
    .await;
    let chair = server.signed_in("chutri").await;
    let link = chair
        .post("/api/v1/sessions/GB-01/links", &json!({ "role": "viewer" }))
        .await;
    let link: Link = link.json().await.unwrap();
    let secret = secret_of(&link.url);
    let first = server.stranger();
    assert_eq!(first.exchange(&secret, Some("An")).await.status(), 200);
    for _ in 0..2 {
        let guest = server.stranger();
        assert_eq!(guest.exchange(&secret, Some("Khách")).await.status(), 200);
    }
    let refused = server.stranger().exchange(&secret, Some("Khách")).await;
    assert_eq!(problem(refused, 429).await.code, "rate_limited");
    assert_eq!(first.exchange(&secret, Some("An")).await.status(), 200);
    let signs_in = server.stranger().sign_in("thanhvien", PASSWORD).await;
    assert_eq!(signs_in.status(), 200, "another budget");
}
