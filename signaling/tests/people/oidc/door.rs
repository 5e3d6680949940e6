//! Who leaves for the provider and comes back.

use super::*;

#[tokio::test]
async fn linked_person_signs_in_and_goes_to_the_page_that_was_asked_for() {
    for (provider, server) in scenes().await {
        let asked: Option<SignInProvider> = server.stranger().read(LEAVE).await;
        let asked = asked.unwrap();
        assert_eq!(
            (&*asked.name, asked.down),
            ("Đăng nhập bằng tài khoản Sở", false)
        );
        provider.change(|ways| {
            ways.claims = json!({ "preferred_username": "yen.nguyen", "amr": ["pwd", "otp"] })
        });
        linked(&server, &provider, "thanhvien", "8f2c").await;
        let browser = server.stranger();
        let answer = browser
            .post(LEAVE, &json!({ "next": "/classes?q=1" }))
            .await;
        let page = page_of(answer).await;
        assert!(
            page.as_str().contains("/page?realm=so&response_type=code"),
            "{page}"
        );
        let answer = finish(&browser, &provider.let_in(&page, "8f2c")).await;
        let arrival: ProviderArrival = answer.json().await.unwrap();
        assert_eq!(arrival.me.unwrap().login.as_deref(), Some("thanhvien"));
        assert_eq!(arrival.next, "/classes?q=1");
        let own: ExternalIdentities = browser.read(LINK).await;
        assert!(own.is_linked && own.asks_password, "{own:?}");
        assert_eq!(own.linked[0].label.as_deref(), Some("yen.nguyen"));
        assert_eq!(own.linked[0].host, "127.0.0.1");
        assert!(own.linked[0].last_used_us.is_some());
        let log = log_of(&server, account_of(&server, "thanhvien").await).await;
        let issuer = provider.issuer();
        let actions: Vec<&str> = log.iter().map(|line| &*line.1).collect();
        assert_eq!(actions, ["sign_in", "link_identity", "sign_out", "sign_in"]);
        assert_eq!(log[1].3, json!({ "issuer": issuer }));
        assert_eq!(log[3].3, json!({ "issuer": issuer, "second_factor": true }));
        let whole = format!("{log:?}");
        assert!(
            !whole.contains("8f2c") && !whole.contains("yen.nguyen"),
            "nothing that would have to be erased"
        );
    }
}

#[tokio::test]
async fn second_factor_is_asked_for_after_a_provider_that_saw_none_and_not_after_one_that_did() {
    for (provider, server) in scenes().await {
        linked(&server, &provider, "thanhvien", "8f2c").await;
        let (_, phone) = with_phone(&server, "thanhvien").await;
        let browser = server.stranger();
        let answer = sign_in(&browser, &provider, "8f2c").await;
        let arrival: ProviderArrival = answer.json().await.unwrap();
        assert_eq!(arrival.me, None);
        assert!(!is_signed_in(&browser).await, "nobody is signed in yet");
        let step = arrival.second_step.unwrap();
        let refused = second_step(&browser, &step, "000000").await;
        assert_eq!(problem(refused, 422).await.code, "wrong_second_code");
        let done = second_step(&browser, &step, &phone.next(&server)).await;
        assert_eq!(done.status(), 200);
        assert!(is_signed_in(&browser).await);
        let log = log_of(&server, account_of(&server, "thanhvien").await).await;
        let said = json!({ "issuer": provider.issuer(), "second_factor": true });
        assert_eq!(log.last().unwrap().3, said);
        provider.change(|ways| ways.claims = json!({ "amr": ["pwd", "otp"] }));
        let browser = server.stranger();
        assert_eq!(
            me(sign_in(&browser, &provider, "8f2c").await).await.login,
            Some("thanhvien".to_owned())
        );
    }
}

#[tokio::test]
async fn nobody_is_led_to_another_site_afterwards() {
    let (provider, server) = scene().await;
    linked(&server, &provider, "thanhvien", "8f2c").await;
    for next in ["//evil.example", "https://evil.example/", "/\\evil.example"] {
        let browser = server.stranger();
        let page = page_of(browser.post(LEAVE, &json!({ "next": next })).await).await;
        let answer = finish(&browser, &provider.let_in(&page, "8f2c")).await;
        let arrival: ProviderArrival = answer.json().await.unwrap();
        assert_eq!(arrival.next, "/", "{next}");
    }
}

#[tokio::test]
async fn neither_name_nor_address_leads_to_an_account_and_none_is_made() {
    for (provider, server) in scenes().await {
        provider.change(|ways| {
            ways.claims = json!({
                "preferred_username": "chutri", "email": "chutri", "email_verified": true, "name": "Vi Văn Hoài",
                "groups": ["lanh-dao-so"],
            });
        });
        linked(&server, &provider, "thanhvien", "8f2c").await;
        let browser = server.stranger();
        // The login of the chief, the subject of another in other letters, and an id of ours.
        let chief = account_of(&server, "chutri").await.to_string();
        for subject in ["chutri", "8F2C", "8f2c ", &chief] {
            let refused = problem(sign_in(&browser, &provider, subject).await, 401).await;
            assert_eq!(refused.code, "identity_unknown", "{subject}");
            assert!(!is_signed_in(&browser).await);
        }
        assert_eq!(
            me(sign_in(&browser, &provider, "8f2c").await)
                .await
                .login
                .as_deref(),
            Some("thanhvien")
        );
    }
}

#[tokio::test]
async fn only_the_browser_that_left_comes_back_and_only_once() {
    for (provider, server) in scenes().await {
        linked(&server, &provider, "thanhvien", "8f2c").await;
        linked(&server, &provider, "quantri", "77aa").await;
        let (mine, theirs) = (server.stranger(), server.stranger());
        let back = provider.let_in(&leave(&mine).await, "8f2c");
        // An address that was passed on, or caught, is good in no other browser.
        leave(&theirs).await;
        let refused = problem(finish(&theirs, &back).await, 422).await;
        assert_eq!(refused.code, "departure_unknown");
        assert!(!is_signed_in(&theirs).await);
        assert_eq!(
            me(finish(&mine, &back).await).await.login.as_deref(),
            Some("thanhvien")
        );
        let refused = problem(finish(&mine, &back).await, 422).await;
        assert_eq!(refused.code, "departure_unknown", "it was used");

        // Somebody else's code with one's own state: the code was promised for another verifier.
        let one = provider.let_in(&leave(&mine).await, "8f2c");
        let other = provider.let_in(&leave(&theirs).await, "77aa");
        let mixed = (one.0, other.1);
        let refused = problem(finish(&mine, &mixed).await, 424).await;
        assert_eq!(refused.code, "departure_unknown");

        // Two tabs of one browser leave, and both come back.
        let browser = server.stranger();
        let (first, second) = (leave(&browser).await, leave(&browser).await);
        let (first, second) = (
            provider.let_in(&first, "8f2c"),
            provider.let_in(&second, "8f2c"),
        );
        assert_eq!(finish(&browser, &first).await.status(), 200);
        assert_eq!(finish(&browser, &second).await.status(), 200);

        // Who takes longer than ten minutes begins again.
        let late = provider.let_in(&leave(&browser).await, "8f2c");
        server.clock.advance(11 * MINUTE_US);
        assert_eq!(
            problem(finish(&browser, &late).await, 422).await.code,
            "departure_unknown"
        );
        let unknown = ("nobody-left-so".to_owned(), "code".to_owned());
        assert_eq!(
            problem(finish(&browser, &unknown).await, 422).await.code,
            "departure_unknown"
        );
    }
}

#[tokio::test]
async fn of_many_who_come_back_at_once_by_one_address_one_is_let_in() {
    for (provider, server) in scenes().await {
        linked(&server, &provider, "thanhvien", "8f2c").await;
        let browser = server.stranger();
        let back = provider.let_in(&leave(&browser).await, "8f2c");
        let tries = futures_util::future::join_all((0..8).map(|_| finish(&browser, &back))).await;
        let mut statuses: Vec<u16> = tries
            .iter()
            .map(|answer| answer.status().as_u16())
            .collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422, 422, 422, 422, 422, 422, 422]);
    }
}

#[tokio::test]
async fn account_that_is_disabled_is_not_let_in_and_its_sign_in_by_the_provider_ends() {
    for (provider, server) in scenes().await {
        linked(&server, &provider, "thanhvien", "8f2c").await;
        let browser = server.stranger();
        assert_eq!(sign_in(&browser, &provider, "8f2c").await.status(), 200);
        let account = account_of(&server, "thanhvien").await;
        let chief = server.signed_in("chutri").await;
        let path = format!("/api/v1/accounts/{account}/disable");
        assert_eq!(chief.post(&path, &Value::Null).await.status(), 204);
        assert!(!is_signed_in(&browser).await);
        let refused = problem(sign_in(&browser, &provider, "8f2c").await, 401).await;
        assert_eq!(refused.code, "account_disabled");
    }
}

#[tokio::test]
async fn who_leaves_again_and_again_is_held_back_and_who_is_let_in_is_not() {
    let provider = TestProvider::start().await;
    let server = Server::start_with(|config| {
        by(&provider, config);
        config.sign_in.attempts_per_minute_per_address = 10;
    })
    .await;
    linked(&server, &provider, "thanhvien", "8f2c").await;
    let browser = server.stranger();
    for _ in 0..30 {
        assert_eq!(sign_in(&browser, &provider, "8f2c").await.status(), 200);
    }
    for _ in 0..10 {
        leave(&browser).await;
    }
    let refused = problem(browser.post(LEAVE, &json!({})).await, 429).await;
    assert_eq!(refused.code, "rate_limited");
    let unknown = ("nobody-left-so".to_owned(), "code".to_owned());
    let mut last = 0;
    for _ in 0..12 {
        last = finish(&browser, &unknown).await.status().as_u16();
    }
    assert_eq!(last, 429);
    assert!(
        is_signed_in(&server.signed_in("thanhvien").await).await,
        "by the password"
    );
}

#[tokio::test]
async fn server_without_a_provider_says_so() {
    let server = Server::start().await;
    let browser = server.stranger();
    let asked: Option<SignInProvider> = browser.read(LEAVE).await;
    assert!(asked.is_none());
    assert_eq!(
        problem(browser.post(LEAVE, &json!({})).await, 404)
            .await
            .code,
        "no_provider"
    );
    let back = ("a".to_owned(), "b".to_owned());
    assert_eq!(
        problem(finish(&browser, &back).await, 404).await.code,
        "no_provider"
    );
    let somebody = server.signed_in("thanhvien").await;
    assert_eq!(
        problem(somebody.post(LINK, &json!({})).await, 404)
            .await
            .code,
        "no_provider"
    );
    let own: ExternalIdentities = somebody.read(LINK).await;
    assert!(own.provider.is_none() && own.linked.is_empty());
}

#[tokio::test]
async fn departures_that_nobody_came_back_from_are_cleared_away() {
    for (_provider, server) in scenes().await {
        let browser = server.stranger();
        for _ in 0..3 {
            leave(&browser).await;
        }
        server.clock.advance(11 * MINUTE_US);
        leave(&browser).await;
        eventually("one is left", async || departures(&server).await == 1).await;
    }
}

async fn departures(server: &Server) -> i64 {
    let database = &server.running.state.config.database;
    let count = "SELECT COUNT(*) FROM oidc_departure";
    if database.url.is_empty() {
        let file = server.folder.path().join("diemcau.db");
        let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", file.display()))
            .await
            .unwrap();
        sqlx::query_scalar(count).fetch_one(&pool).await.unwrap()
    } else {
        let pool = sqlx::PgPool::connect(&database.url).await.unwrap();
        sqlx::query_scalar(count).fetch_one(&pool).await.unwrap()
    }
}
