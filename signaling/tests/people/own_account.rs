//! One's own account: password and sign-ins.

use protocol::api::OwnAccount;
use reqwest::{Method, Response};
use serde_json::json;
use signaling::platform::audit;

use crate::recordings::servers;
use crate::support::{Browser, MINUTE_US, PASSWORD, Server, eventually, problem};

const NEW: &str = "hoa ban trắng 2027";

async fn change(browser: &Browser, present: &str, wanted: &str) -> Response {
    let body = json!({ "present": present, "wanted": wanted });
    browser.post("/api/v1/account/password", &body).await
}

async fn delete(browser: &Browser, path: &str) -> Response {
    browser.request(Method::DELETE, path).send().await.unwrap()
}

async fn own(browser: &Browser) -> OwnAccount {
    browser.read("/api/v1/account").await
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.get("/api/v1/account").await.status() == 200
}

#[tokio::test]
async fn account_says_who_one_is_and_where_one_is_signed_in() {
    for server in servers().await {
        let there = server.signed_in("quantri").await;
        server.clock.advance(MINUTE_US);
        let here = server.signed_in("quantri").await;
        let account = own(&here).await;
        assert_eq!(account.name, "Lương Thanh Bình");
        assert_eq!(account.places[0].unit.code, "XA-A");
        let [role] = account.roles.as_slice() else {
            panic!("{account:?}")
        };
        assert_eq!((&*role.unit.code, &role.to), ("XA-A", &None));
        let here_and_there: Vec<bool> = account.sign_ins.iter().map(|one| one.here).collect();
        assert_eq!(here_and_there, [true, false]);
        assert_eq!(account.sign_ins[0].address.as_deref(), Some("127.0.0.1"));

        // Whoever is there again is seen again, a while later.
        let before = account.sign_ins[1].last_seen_us;
        server.clock.advance(6 * MINUTE_US);
        assert!(is_signed_in(&there).await);
        eventually("it is noted", async || {
            let account = own(&here).await;
            let seen = account.sign_ins.iter().find(|one| !one.here);
            seen.is_some_and(|one| one.last_seen_us > before)
        })
        .await;
    }
}

#[tokio::test]
async fn sign_ins_elsewhere_are_ended_one_by_one_or_all_at_once_and_nobody_elses() {
    for server in servers().await {
        let here = server.signed_in("thanhvien").await;
        let [one, two, three] = [
            server.signed_in("thanhvien").await,
            server.signed_in("thanhvien").await,
            server.signed_in("thanhvien").await,
        ];
        let stranger = server.signed_in("quantri").await;
        let ids: Vec<String> = own(&one)
            .await
            .sign_ins
            .into_iter()
            .filter(|one| one.here)
            .map(|one| one.id)
            .collect();
        let path = format!("/api/v1/account/sign-ins/{}", ids[0]);
        let refused = problem(delete(&stranger, &path).await, 404).await;
        assert_eq!(refused.code, "unknown_sign_in", "it is not theirs");
        assert_eq!(delete(&here, &path).await.status(), 204);
        assert!(!is_signed_in(&one).await);
        assert_eq!(delete(&here, &path).await.status(), 404, "it is over");

        assert_eq!(
            delete(&here, "/api/v1/account/sign-ins").await.status(),
            204
        );
        assert!(!is_signed_in(&two).await && !is_signed_in(&three).await);
        assert!(is_signed_in(&here).await && is_signed_in(&stranger).await);
        // Nothing is left to end, and nothing is noted.
        assert_eq!(
            delete(&here, "/api/v1/account/sign-ins").await.status(),
            204
        );
        let mut conn = server.store.read().await.unwrap();
        let lines = audit::last(&mut conn, 2).await.unwrap();
        let actions: Vec<&str> = lines.iter().rev().map(|line| &*line.action).collect();
        assert_eq!(actions, ["end_sign_in", "end_other_sign_ins"]);
    }
}

#[tokio::test]
async fn new_password_takes_the_present_one_and_ends_the_other_sign_ins() {
    for server in servers().await {
        let (here, there) = (
            server.signed_in("thanhvien").await,
            server.signed_in("thanhvien").await,
        );
        let refused = problem(change(&here, "khong phai", NEW).await, 422).await;
        assert_eq!(refused.code, "wrong_present_password");
        assert!(is_signed_in(&there).await, "nothing has changed");
        assert_eq!(change(&here, PASSWORD, NEW).await.status(), 204);
        assert!(is_signed_in(&here).await, "whoever changed it stays");
        assert!(!is_signed_in(&there).await);
        let stranger = server.stranger();
        problem(stranger.sign_in("thanhvien", PASSWORD).await, 401).await;
        assert_eq!(stranger.sign_in("thanhvien", NEW).await.status(), 200);
    }
}

#[tokio::test]
async fn password_that_is_a_first_guess_is_refused_with_the_reason() {
    let server = Server::start().await;
    let browser = server.signed_in("thanhvien").await;
    for (wanted, reason) in [
        ("ngắn", "too_short"),
        ("12345678", "too_simple"),
        ("thanhvien2026", "too_simple"),
        (PASSWORD, "same"),
        (&"dài quá ".repeat(40), "too_long"),
    ] {
        let refused = problem(change(&browser, PASSWORD, wanted).await, 400).await;
        assert_eq!(refused.code, "bad_password");
        assert_eq!(refused.params["reason"], reason, "{wanted}");
    }
    assert_eq!(browser.sign_in("thanhvien", PASSWORD).await.status(), 200);
}

#[tokio::test]
async fn present_password_is_guessed_no_more_often_than_at_the_door() {
    let server = Server::start_with(|config| config.sign_in.attempts_per_minute = 3).await;
    let browser = server.signed_in("thanhvien").await;
    for _ in 0..3 {
        problem(change(&browser, "sai", NEW).await, 422).await;
    }
    let answer = change(&browser, PASSWORD, NEW).await;
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(problem(answer, 429).await.code, "rate_limited");
}
