//! What the provider says, in its tokens, its document and its keys, and how it fails.

use super::*;

#[tokio::test]
async fn token_counts_only_when_the_provider_wrote_it_for_us_now() {
    let (provider, server) = scene().await;
    linked(&server, &provider, "thanhvien", "8f2c").await;
    let now = server.clock.now().0 / 1_000_000;
    let browser = server.stranger();
    for claims in [
        json!({ "iss": "https://sso.example.vn" }),
        json!({ "iss": format!("{}/", provider.issuer()) }),
        json!({ "aud": "other" }),
        json!({ "aud": [CLIENT, "other"] }),
        json!({ "azp": "other" }),
        json!({ "nonce": "other" }),
        json!({ "nonce": null }),
        json!({ "exp": now - 120 }),
        json!({ "exp": null }),
        json!({ "iat": now + 600 }),
        json!({ "nbf": now + 600 }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
    ] {
        provider.change(|ways| ways.claims = claims.clone());
        let refused = problem(sign_in(&browser, &provider, "8f2c").await, 424).await;
        assert_eq!(refused.code, "provider_refused", "{claims}");
    }
    provider.change(|ways| {
        ways.claims = json!({ "aud": [CLIENT, "other"], "azp": CLIENT, "exp": now - 30 })
    });
    let let_in = sign_in(&browser, &provider, "8f2c").await;
    assert_eq!(let_in.status(), 200, "clocks may be a minute apart");
    provider.change(|ways| ways.claims = json!({}));
    for signing in [
        Signing::Unsigned,
        Signing::ClientSecret,
        Signing::PublicKey,
        Signing::ForeignKey,
        Signing::UnknownKey,
    ] {
        provider.change(|ways| ways.signing = signing);
        let refused = problem(sign_in(&browser, &provider, "8f2c").await, 424).await;
        assert_eq!(refused.code, "provider_refused", "{signing:?}");
    }
    provider.change(|ways| ways.signing = Signing::Rsa);
    assert_eq!(sign_in(&browser, &provider, "8f2c").await.status(), 200);
    // What the provider says not to sign with is not taken from it either.
    provider
        .change(|ways| ways.named = json!({ "id_token_signing_alg_values_supported": ["ES256"] }));
    server.clock.advance(6_000_000);
    let refused = problem(sign_in(&browser, &provider, "8f2c").await, 424).await;
    assert_eq!(refused.code, "provider_refused");
}

#[tokio::test]
async fn provider_that_says_no_or_that_another_one_answered_for_lets_nobody_in() {
    let (provider, server) = scene().await;
    linked(&server, &provider, "thanhvien", "8f2c").await;
    let browser = server.stranger();
    let (state, code) = provider.let_in(&leave(&browser).await, "8f2c");
    let body = json!({ "state": state, "code": code, "error": "access_denied" });
    let refused = problem(browser.post(FINISH, &body).await, 422).await;
    assert_eq!(refused.code, "provider_declined");
    let (state, code) = provider.let_in(&leave(&browser).await, "8f2c");
    let body = json!({ "state": state, "code": code, "iss": "https://other.example.vn" });
    let refused = problem(browser.post(FINISH, &body).await, 424).await;
    assert_eq!(refused.code, "provider_refused");
    let (state, code) = provider.let_in(&leave(&browser).await, "8f2c");
    let body = json!({ "state": state, "code": code, "iss": provider.issuer() });
    assert_eq!(browser.post(FINISH, &body).await.status(), 200);
}

#[tokio::test]
async fn keys_that_the_provider_changed_are_fetched_once_and_not_at_everybodys_wish() {
    let (provider, server) = scene().await;
    linked(&server, &provider, "thanhvien", "8f2c").await;
    let browser = server.stranger();
    assert_eq!(sign_in(&browser, &provider, "8f2c").await.status(), 200);
    assert_eq!(provider.key_sets(), 1, "they are kept");
    provider.rotate_keys();
    assert_eq!(sign_in(&browser, &provider, "8f2c").await.status(), 200);
    assert_eq!(provider.key_sets(), 2);
    provider.change(|ways| ways.signing = Signing::UnknownKey);
    for _ in 0..5 {
        assert_eq!(sign_in(&browser, &provider, "8f2c").await.status(), 424);
    }
    assert_eq!(provider.key_sets(), 2, "it was asked a moment ago");
    server.clock.advance(11_000_000);
    assert_eq!(sign_in(&browser, &provider, "8f2c").await.status(), 424);
    assert_eq!(provider.key_sets(), 3);
    provider.change(|ways| ways.signing = Signing::Rsa);
    assert_eq!(sign_in(&browser, &provider, "8f2c").await.status(), 200);
    assert_eq!(provider.key_sets(), 3);
    server.clock.advance(61 * MINUTE_US);
    assert_eq!(sign_in(&browser, &provider, "8f2c").await.status(), 200);
    assert_eq!(
        provider.key_sets(),
        4,
        "keys that were withdrawn do not count for ever"
    );
}

#[tokio::test]
async fn provider_that_is_down_leaves_the_password_and_is_found_again_by_itself() {
    let (mut provider, server) = scene().await;
    linked(&server, &provider, "thanhvien", "8f2c").await;
    let browser = server.stranger();
    let back = provider.let_in(&leave(&browser).await, "8f2c");
    provider.stop().await;
    let refused = problem(finish(&browser, &back).await, 424).await;
    assert_eq!(refused.code, "provider_down");
    server.clock.advance(6_000_000);
    let refused = problem(browser.post(LEAVE, &json!({})).await, 424).await;
    assert_eq!(
        refused.code, "provider_down",
        "nobody is sent to a page that is not there"
    );
    let asked: Option<SignInProvider> = browser.read(LEAVE).await;
    assert!(asked.unwrap().down);
    assert!(is_signed_in(&server.signed_in("thanhvien").await).await);
    provider.start_again().await;
    server.clock.advance(6_000_000);
    assert_eq!(sign_in(&browser, &provider, "8f2c").await.status(), 200);
    let asked: Option<SignInProvider> = browser.read(LEAVE).await;
    assert!(!asked.unwrap().down);
}

#[tokio::test]
async fn provider_is_asked_seldom_however_many_leave() {
    let (provider, server) = scene().await;
    let browser = server.stranger();
    let nothing = json!({});
    let leaving = (0..20).map(|_| browser.post(LEAVE, &nothing));
    for answer in futures_util::future::join_all(leaving).await {
        assert_eq!(answer.status(), 200);
    }
    assert_eq!(provider.documents(), 1);
    provider.change(|ways| ways.document = Document::Broken);
    server.clock.advance(6_000_000);
    for _ in 0..5 {
        let refused = problem(browser.post(LEAVE, &json!({})).await, 424).await;
        assert_eq!(refused.code, "provider_refused");
    }
    assert_eq!(
        provider.documents(),
        2,
        "one that failed is left alone for a while"
    );
}

#[tokio::test]
async fn answer_that_is_endless_late_or_leads_elsewhere_is_none() {
    let (provider, server) = scene().await;
    let browser = server.stranger();
    for (way, code) in [
        (Document::Huge, "provider_refused"),
        (Document::Moved, "provider_refused"),
        (Document::Broken, "provider_refused"),
        (Document::Slow, "provider_down"),
    ] {
        provider.change(|ways| ways.document = way);
        server.clock.advance(6_000_000);
        let nothing = json!({});
        let asked = browser.post(LEAVE, &nothing);
        let answer = tokio::time::timeout(Duration::from_secs(20), asked).await;
        let refused = problem(answer.expect("it is given up"), 424).await;
        assert_eq!(refused.code, code, "{way:?}");
    }
    assert_eq!(provider.elsewhere(), 0, "nothing was followed");
}

#[tokio::test]
async fn nothing_that_the_document_names_makes_this_server_ask_elsewhere() {
    let (provider, server) = scene().await;
    linked(&server, &provider, "thanhvien", "8f2c").await;
    let inside = TestProvider::start().await;
    let browser = server.stranger();
    let port = Url::parse(provider.issuer()).unwrap().port().unwrap();
    for named in [
        json!({ "jwks_uri": format!("{}/keys", inside.issuer()) }),
        json!({ "token_endpoint": format!("{}/token", inside.issuer()) }),
        json!({ "authorization_endpoint": "https://evil.example/page" }),
        json!({ "jwks_uri": "http://169.254.169.254/latest/meta-data" }),
        json!({ "token_endpoint": format!("http://localhost:{port}/token") }),
        json!({ "token_endpoint": format!("http://a:b@127.0.0.1:{port}/token") }),
        json!({ "jwks_uri": "file:///etc/passwd" }),
        json!({ "issuer": inside.issuer() }),
        json!({ "issuer": format!("{}/", provider.issuer()) }),
        json!({ "id_token_signing_alg_values_supported": ["HS256", "none"] }),
        json!({ "code_challenge_methods_supported": ["plain"] }),
        json!({ "response_types_supported": ["id_token"] }),
    ] {
        provider.change(|ways| ways.named = named.clone());
        server.clock.advance(6_000_000);
        let refused = problem(browser.post(LEAVE, &json!({})).await, 424).await;
        assert_eq!(refused.code, "provider_refused", "{named}");
    }
    assert_eq!(
        (inside.key_sets(), inside.elsewhere(), inside.documents()),
        (0, 0, 0)
    );
    provider.change(|ways| ways.named = json!({}));
    server.clock.advance(6_000_000);
    assert_eq!(sign_in(&browser, &provider, "8f2c").await.status(), 200);
}
