//! Accounts that are linked with somebody of the provider.

use super::*;

#[tokio::test]
async fn who_links_shows_their_password_unless_they_gave_it_a_moment_ago() {
    for (provider, server) in scenes().await {
        let browser = server.signed_in("thanhvien").await;
        let own: ExternalIdentities = browser.read(LINK).await;
        assert!(!own.asks_password && !own.is_linked && own.linked.is_empty());
        server.clock.advance(11 * MINUTE_US);
        let own: ExternalIdentities = browser.read(LINK).await;
        assert!(own.asks_password);
        for password in [Value::Null, json!("khong phai")] {
            let body = json!({ "password": password });
            let refused = problem(browser.post(LINK, &body).await, 422).await;
            assert_eq!(refused.code, "wrong_present_password");
        }
        let page = page_of(browser.post(LINK, &json!({ "password": PASSWORD })).await).await;
        let back = provider.let_in(&page, "8f2c");
        assert_eq!(finish(&browser, &back).await.status(), 200);

        // Who came by the provider gave no password here.
        let other = server.stranger();
        assert_eq!(sign_in(&other, &provider, "8f2c").await.status(), 200);
        let refused = problem(other.post(UNLINK, &json!({})).await, 422).await;
        assert_eq!(refused.code, "wrong_present_password");
        let body = json!({ "password": PASSWORD });
        assert_eq!(other.post(UNLINK, &body).await.status(), 204);
        assert!(is_signed_in(&other).await, "the one that asks stays");
        let refused = problem(sign_in(&server.stranger(), &provider, "8f2c").await, 401).await;
        assert_eq!(refused.code, "identity_unknown");
        let log = log_of(&server, account_of(&server, "thanhvien").await).await;
        let unlinked = log.iter().find(|line| line.1 == "unlink_identity").unwrap();
        assert_eq!(unlinked.2, json!({ "issuers": [provider.issuer()] }));
    }
}

#[tokio::test]
async fn one_identity_is_linked_with_one_account_and_one_account_with_one_identity() {
    for (provider, server) in scenes().await {
        let (yen, binh) = (
            server.signed_in("thanhvien").await,
            server.signed_in("quantri").await,
        );
        assert_eq!(link(&yen, &provider, "8f2c").await.status(), 200);
        assert_eq!(
            link(&yen, &provider, "8f2c").await.status(),
            200,
            "nothing changes"
        );
        let refused = problem(link(&binh, &provider, "8f2c").await, 409).await;
        assert_eq!(refused.code, "identity_taken");
        let refused = problem(link(&yen, &provider, "77aa").await, 409).await;
        assert_eq!(refused.code, "already_linked");
        // Who left to link and is somebody else by now links nothing.
        let page = page_of(binh.post(LINK, &json!({})).await).await;
        let back = provider.let_in(&page, "77aa");
        assert_eq!(binh.sign_in("kythuat", PASSWORD).await.status(), 200);
        let refused = problem(finish(&binh, &back).await, 422).await;
        assert_eq!(refused.code, "departure_unknown");
        let refused = problem(sign_in(&server.stranger(), &provider, "77aa").await, 401).await;
        assert_eq!(refused.code, "identity_unknown");
        // Nor does who signed out meanwhile.
        let page = page_of(binh.post(LINK, &json!({})).await).await;
        let back = provider.let_in(&page, "77aa");
        binh.post("/api/v1/sign-out", &Value::Null).await;
        assert_eq!(
            problem(finish(&binh, &back).await, 401).await.code,
            "not_signed_in"
        );
    }
}

#[tokio::test]
async fn two_who_link_one_identity_at_the_same_moment_are_told_apart() {
    for (provider, server) in scenes().await {
        let mut ways = Vec::new();
        for login in ["thanhvien", "quantri", "kythuat", "giangvien"] {
            let browser = server.signed_in(login).await;
            let page = page_of(browser.post(LINK, &json!({})).await).await;
            ways.push((browser, provider.let_in(&page, "8f2c")));
        }
        let tries = ways.iter().map(|(browser, back)| finish(browser, back));
        let tries = futures_util::future::join_all(tries).await;
        let mut statuses: Vec<u16> = tries
            .iter()
            .map(|answer| answer.status().as_u16())
            .collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409, 409, 409]);
        assert_eq!(
            sign_in(&server.stranger(), &provider, "8f2c")
                .await
                .status(),
            200
        );
    }
}

#[tokio::test]
async fn administrator_above_takes_a_link_away_with_what_it_gave() {
    for (provider, server) in scenes().await {
        linked(&server, &provider, "thanhvien", "8f2c").await;
        provider.change(|ways| ways.claims = json!({ "groups": ["quan-tri-xa-a"] }));
        let by_provider = server.stranger();
        assert_eq!(sign_in(&by_provider, &provider, "8f2c").await.status(), 200);
        let by_password = server.signed_in("thanhvien").await;
        let account = account_of(&server, "thanhvien").await;
        let path = format!("/api/v1/accounts/{account}/external");
        let unlink = async |browser: &Browser| {
            let request = browser.request(Method::DELETE, &path);
            request.send().await.unwrap()
        };
        // Another of the same unit's, who by the group's role stands beside.
        let stranger = server.signed_in("nguoila").await;
        assert_eq!(unlink(&stranger).await.status(), 403);
        let chief = server.signed_in("chutri").await;
        assert_eq!(unlink(&chief).await.status(), 204);
        assert!(!is_signed_in(&by_provider).await);
        assert!(is_signed_in(&by_password).await);
        let own: OwnAccount = by_password.read("/api/v1/account").await;
        assert!(own.roles.iter().all(|held| !held.by_provider), "{own:?}");
        let detail: AccountDetail = chief.read(&format!("/api/v1/accounts/{account}")).await;
        assert!(detail.linked.is_empty());
        let log = log_of(&server, account).await;
        let unlinked = log.iter().find(|line| line.1 == "unlink_identity").unwrap();
        let chief_id = account_of(&server, "chutri").await;
        assert_eq!(unlinked.0, format!("account:{chief_id}"));
        let lines = log.len();
        assert_eq!(unlink(&chief).await.status(), 204, "there is none");
        assert_eq!(log_of(&server, account).await.len(), lines);
    }
}
