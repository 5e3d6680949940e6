//! Sign-in by a provider: whom it lets in, whom it does not, and what it is asked.

mod answers;
mod door;
mod links;
mod roles;

use std::time::Duration;

use protocol::api::{
    AccountDetail, ExternalIdentities, Me, OwnAccount, ProviderAddress, ProviderArrival,
    SignInProvider,
};
use protocol::{AccountId, UtcMicros};
use reqwest::{Method, Response, Url};
use serde_json::{Value, json};
use signaling::Config;
use signaling::access::accounts;
use signaling::platform::audit;
use signaling::platform::clock::day;
use signaling::platform::oidc::{GroupGrant, Hidden};

use crate::provider::{CLIENT, Document, SECRET, Signing, TestProvider};
use crate::second_factor::{second_step, with_phone};
use crate::support::{Browser, MINUTE_US, PASSWORD, Server, eventually, problem, stores};

const LEAVE: &str = "/api/v1/sign-in/provider";
const FINISH: &str = "/api/v1/sign-in/provider/finish";
const LINK: &str = "/api/v1/account/external";
const UNLINK: &str = "/api/v1/account/external/unlink";

fn by(provider: &TestProvider, config: &mut Config) {
    config.oidc.issuer = provider.issuer().to_owned();
    config.oidc.client_id = CLIENT.to_owned();
    config.oidc.client_secret = Hidden::of(SECRET.to_owned());
    config.oidc.mapping = [
        ("can-bo", "member", "SGD"),
        ("quan-tri-xa-a", "unit_admin", "XA-A"),
        ("lanh-dao-so", "department_admin", "SGD"),
        ("xa-da-sap-nhap", "unit_admin", "XA-CU"),
    ]
    .map(|(group, role, unit)| GroupGrant {
        group: group.to_owned(),
        role: serde_json::from_value(json!(role)).unwrap(),
        unit: unit.to_owned(),
    })
    .to_vec();
}

/// A provider, and a server that knows it.
async fn scene() -> (TestProvider, Server) {
    let provider = TestProvider::start().await;
    let server = Server::start_with(|config| by(&provider, config)).await;
    provider.goes_by(&server.clock);
    (provider, server)
}

/// The same on each database.
async fn scenes() -> Vec<(TestProvider, Server)> {
    let mut scenes = Vec::new();
    for test in stores().await {
        test.store.close().await;
        let provider = TestProvider::start().await;
        let server =
            Server::start_in(test.folder, test.database, |config| by(&provider, config)).await;
        provider.goes_by(&server.clock);
        scenes.push((provider, server));
    }
    scenes
}

async fn page_of(answer: Response) -> Url {
    assert_eq!(answer.status(), 200, "{:?}", answer.text().await);
    let page: ProviderAddress = answer.json().await.unwrap();
    page.address.parse().unwrap()
}

/// Leaves for the provider, to sign in.
async fn leave(browser: &Browser) -> Url {
    page_of(browser.post(LEAVE, &json!({})).await).await
}

async fn finish(browser: &Browser, (state, code): &(String, String)) -> Response {
    let body = json!({ "state": state, "code": code });
    browser.post(FINISH, &body).await
}

/// The whole way, as `subject` of the provider.
async fn sign_in(browser: &Browser, provider: &TestProvider, subject: &str) -> Response {
    let page = leave(browser).await;
    finish(browser, &provider.let_in(&page, subject)).await
}

/// Links the account of whoever is signed in with `subject` of the provider.
async fn link(browser: &Browser, provider: &TestProvider, subject: &str) -> Response {
    let page = page_of(browser.post(LINK, &json!({})).await).await;
    assert!(page.query().unwrap().contains("prompt=login"));
    finish(browser, &provider.let_in(&page, subject)).await
}

/// Somebody who linked their account and signed out.
async fn linked(server: &Server, provider: &TestProvider, login: &str, subject: &str) {
    let browser = server.signed_in(login).await;
    let answer = link(&browser, provider, subject).await;
    assert_eq!(answer.status(), 200, "{:?}", answer.text().await);
    browser.post("/api/v1/sign-out", &Value::Null).await;
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.get("/api/v1/account").await.status() == 200
}

async fn me(answer: Response) -> Me {
    assert_eq!(answer.status(), 200, "{:?}", answer.text().await);
    let arrival: ProviderArrival = answer.json().await.unwrap();
    arrival.me.expect("somebody signed in")
}

async fn account_of(server: &Server, login: &str) -> AccountId {
    let mut conn = server.store.read().await.unwrap();
    accounts::by_login(&mut conn, login)
        .await
        .unwrap()
        .unwrap()
        .id
}

/// What the log says of an account: actor, action, before and after; the oldest first.
async fn log_of(server: &Server, account: AccountId) -> Vec<(String, String, Value, Value)> {
    let mut conn = server.store.read().await.unwrap();
    let lines = audit::of_resource(&mut conn, &format!("account:{account}"), i64::MAX, 100)
        .await
        .unwrap();
    let json = |text: Option<String>| {
        text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
    };
    lines
        .into_iter()
        .rev()
        .map(|line| (line.actor, line.action, json(line.before), json(line.after)))
        .collect()
}
