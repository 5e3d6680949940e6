//! The second factor: the second step at the door, setting it up, roles that demand it, and taking it away.

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use data_encoding::BASE32_NOPAD;
use futures_util::future::join_all;
use protocol::UtcMicros;
use protocol::api::{
    AccountRole, Me, OwnAccount, RecoveryCodes, SecondFactor, SecondFactorSecret, SecondStep,
    SecondStepDone,
};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use signaling::access::accounts;
use signaling::platform::audit;
use signaling::platform::config::Database;
use signaling::system::backup::{self, Source};
use signaling::{Config, chores};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::recordings::servers;
use crate::routes::{is_public, operations};
use crate::support::{Browser, HOUR_US, MINUTE_US, PASSWORD, Server, problem, serve, stores};

const OWN: &str = "/api/v1/account/second-factor";
const STEP_US: i64 = 30_000_000;

/// What an application on a phone makes of a secret at a moment (RFC 6238), written a second time.
fn code_at(secret: &str, moment: UtcMicros) -> String {
    let secret = BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &secret);
    let mac = sign(&key, &(moment.0 / STEP_US).to_be_bytes());
    let mac = mac.as_ref();
    let at = usize::from(mac[19] & 15);
    let number = u32::from_be_bytes(mac[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// Somebody's phone, which knows a secret, and their recovery codes.
pub(crate) struct Phone {
    secret: String,
    recovery: Vec<String>,
}

impl Phone {
    /// The code of this moment. The moment is a new one: half a minute passes before.
    pub(crate) fn next(&self, server: &Server) -> String {
        server.clock.advance(STEP_US);
        self.now(server)
    }

    fn now(&self, server: &Server) -> String {
        code_at(&self.secret, server.clock.now())
    }
}

async fn new_secret(browser: &Browser, password: Option<&str>) -> String {
    let path = format!("{OWN}/secret");
    let answer = browser.post(&path, &json!({ "password": password })).await;
    assert_eq!(answer.status(), 200);
    answer.json::<SecondFactorSecret>().await.unwrap().secret
}

async fn confirm(browser: &Browser, code: &str) -> Response {
    let path = format!("{OWN}/confirm");
    browser.post(&path, &json!({ "code": code })).await
}

/// Turns the second factor on.
async fn set_up(server: &Server, browser: &Browser, password: Option<&str>) -> Phone {
    let secret = new_secret(browser, password).await;
    let answer = confirm(browser, &code_at(&secret, server.clock.now())).await;
    assert_eq!(answer.status(), 200);
    let codes: RecoveryCodes = answer.json().await.unwrap();
    Phone {
        secret,
        recovery: codes.codes,
    }
}

/// Somebody with a second factor, signed in.
pub(crate) async fn with_phone(server: &Server, login: &str) -> (Browser, Phone) {
    let browser = server.signed_in(login).await;
    let phone = set_up(server, &browser, Some(PASSWORD)).await;
    (browser, phone)
}

/// The first step, by the password.
async fn first_step(browser: &Browser, login: &str, password: &str) -> SecondStep {
    let answer = browser.sign_in(login, password).await;
    assert_eq!(answer.status(), 202, "{login}");
    assert!(
        !answer.headers().contains_key("set-cookie"),
        "nobody is signed in yet"
    );
    answer.json().await.unwrap()
}

pub(crate) async fn second_step(browser: &Browser, step: &SecondStep, code: &str) -> Response {
    let body = json!({ "challenge": step.challenge, "code": code });
    browser.post("/api/v1/sign-in/second", &body).await
}

async fn done(answer: Response) -> SecondStepDone {
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

async fn stands(browser: &Browser) -> SecondFactor {
    browser.read(OWN).await
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.get("/api/v1/account").await.status() == 200
}

/// The newest lines of the log: who, and what.
async fn log(server: &Server, count: i64) -> Vec<(String, String)> {
    let mut conn = server.store.read().await.unwrap();
    let lines = audit::last(&mut conn, count).await.unwrap();
    let told = lines.into_iter().map(|line| (line.actor, line.action));
    told.collect()
}

/// A server on each database, where one login is tried as often as one likes.
async fn patient_servers() -> Vec<Server> {
    let mut servers = Vec::new();
    for test in stores().await {
        test.store.close().await;
        let change = |config: &mut Config| config.sign_in.attempts_per_minute = 1_000;
        servers.push(Server::start_in(test.folder, test.database, change).await);
    }
    servers
}

#[tokio::test]
async fn password_alone_gives_no_cookie_where_a_second_factor_is_on() {
    for server in servers().await {
        let (_, phone) = with_phone(&server, "thanhvien").await;
        let browser = server.stranger();
        let wrong = problem(browser.sign_in("thanhvien", "sai").await, 401).await;
        assert_eq!(wrong.code, "wrong_password", "that it is on is not told");
        let step = first_step(&browser, "thanhvien", PASSWORD).await;
        let me: Option<Me> = browser.read("/api/v1/me").await;
        assert_eq!(me, None);
        problem(browser.get("/api/v1/account").await, 401).await;
        for typed in ["", "12345", "không phải", "2222 2222 2222"] {
            let refused = problem(second_step(&browser, &step, typed).await, 422).await;
            assert_eq!(refused.code, "wrong_second_code", "{typed}");
        }
        let code = phone.next(&server);
        let typed = format!(" {} {}", &code[..3], &code[3..]);
        let done = done(second_step(&browser, &step, &typed).await).await;
        assert_eq!(done.me.login.as_deref(), Some("thanhvien"));
        assert_eq!(done.recovery_codes_left, None);
        assert!(is_signed_in(&browser).await);
        // Whoever has none signs in as before.
        server.signed_in("nguoila").await;
    }
}

#[tokio::test]
async fn challenge_is_of_one_account_and_one_password_and_over_after_five_minutes() {
    for server in servers().await {
        let (own, phone) = with_phone(&server, "thanhvien").await;
        let (_, other) = with_phone(&server, "nguoila").await;
        let browser = server.stranger();
        let step = first_step(&browser, "thanhvien", PASSWORD).await;
        let foreign = second_step(&browser, &step, &other.next(&server)).await;
        assert_eq!(problem(foreign, 422).await.code, "wrong_second_code");
        for changed in [
            step.challenge[1..].to_owned(),
            format!("{}A", step.challenge),
            String::new(),
        ] {
            let step = SecondStep {
                challenge: changed,
                ..step.clone()
            };
            let refused = second_step(&browser, &step, &phone.now(&server)).await;
            assert_eq!(problem(refused, 401).await.code, "second_step_over");
        }
        server.clock.advance(5 * MINUTE_US);
        let late = second_step(&browser, &step, &phone.now(&server)).await;
        assert_eq!(problem(late, 401).await.code, "second_step_over");

        let step = first_step(&browser, "thanhvien", PASSWORD).await;
        let body = json!({ "present": PASSWORD, "wanted": "hoa ban trắng 2027" });
        assert_eq!(
            own.post("/api/v1/account/password", &body).await.status(),
            204
        );
        let changed = second_step(&browser, &step, &phone.next(&server)).await;
        assert_eq!(problem(changed, 401).await.code, "second_step_over");
        assert!(!is_signed_in(&browser).await);
    }
}

#[tokio::test]
async fn code_that_finished_the_set_up_counts_as_this_sign_ins_factor_and_opens_no_other_door() {
    for server in servers().await {
        let elsewhere = server.signed_in("thanhvien").await;
        let browser = server.signed_in("thanhvien").await;
        assert_eq!(stands(&browser).await.since_us, None);
        let refused = browser
            .post(&format!("{OWN}/secret"), &json!({ "password": "sai" }))
            .await;
        assert_eq!(problem(refused, 422).await.code, "wrong_present_password");
        let phone = set_up(&server, &browser, Some(PASSWORD)).await;
        assert!(is_signed_in(&browser).await, "nothing is asked again");
        assert!(!is_signed_in(&elsewhere).await, "others begin again");
        let now = stands(&browser).await;
        assert!(now.since_us.is_some());
        assert_eq!(now.recovery_codes_left, 10);
        let stranger = server.stranger();
        let step = first_step(&stranger, "thanhvien", PASSWORD).await;
        let replayed = second_step(&stranger, &step, &phone.now(&server)).await;
        assert_eq!(problem(replayed, 422).await.code, "second_code_used");
        let next = phone.next(&server);
        done(second_step(&stranger, &step, &next).await).await;
        let again = second_step(&server.stranger(), &step, &next).await;
        assert_eq!(problem(again, 422).await.code, "second_code_used");
        let actions: Vec<String> = log(&server, 2).await.into_iter().map(|one| one.1).collect();
        assert_eq!(actions, ["sign_in", "turn_on_second_factor"]);
    }
}

#[tokio::test]
async fn one_code_that_is_pressed_twenty_times_at_once_lets_one_in() {
    for server in patient_servers().await {
        let (_, phone) = with_phone(&server, "thanhvien").await;
        let browsers: Vec<Browser> = (0..20).map(|_| server.stranger()).collect();
        let step = first_step(&browsers[0], "thanhvien", PASSWORD).await;
        for code in [phone.next(&server), phone.recovery[3].clone()] {
            let presses = browsers.iter().map(|one| second_step(one, &step, &code));
            let mut let_in = 0;
            for answer in join_all(presses).await {
                if answer.status() == 200 {
                    let_in += 1;
                    continue;
                }
                let refused: protocol::api::Problem = answer.json().await.unwrap();
                let known = ["second_code_used", "wrong_second_code", "rate_limited"];
                assert!(known.contains(&&*refused.code), "{refused:?}");
            }
            assert_eq!(let_in, 1, "{code}");
        }
    }
}

#[tokio::test]
async fn phone_whose_clock_is_two_minutes_off_is_told_so_and_not_let_in() {
    for server in servers().await {
        let (_, phone) = with_phone(&server, "thanhvien").await;
        server.clock.advance(HOUR_US);
        let browser = server.stranger();
        let step = first_step(&browser, "thanhvien", PASSWORD).await;
        for (off, reason) in [(2 * MINUTE_US, "ahead"), (-2 * MINUTE_US, "behind")] {
            let code = code_at(&phone.secret, server.clock.now().plus_us(off));
            let refused = problem(second_step(&browser, &step, &code).await, 422).await;
            assert_eq!(refused.code, "phone_clock_off");
            assert_eq!(refused.params["reason"], reason);
            let minutes: i64 = refused.params["minutes"].parse().unwrap();
            assert!((1..=2).contains(&minutes), "{refused:?}");
        }
        let code = code_at(&phone.secret, server.clock.now().plus_us(10 * MINUTE_US));
        let refused = problem(second_step(&browser, &step, &code).await, 422).await;
        assert_eq!(refused.code, "wrong_second_code");
        assert!(!is_signed_in(&browser).await);
        // Half a minute off is how phones are.
        let code = code_at(&phone.secret, server.clock.now().plus_us(STEP_US));
        done(second_step(&browser, &step, &code).await).await;
    }
}

#[tokio::test]
async fn new_secret_takes_the_place_of_the_working_one_after_its_first_code_and_not_before() {
    for server in servers().await {
        let (own, old) = with_phone(&server, "thanhvien").await;
        let secret = new_secret(&own, Some(PASSWORD)).await;
        let stranger = server.stranger();
        let step = first_step(&stranger, "thanhvien", PASSWORD).await;
        let early = second_step(&stranger, &step, &code_at(&secret, server.clock.now())).await;
        assert_eq!(problem(early, 422).await.code, "wrong_second_code");
        done(second_step(&stranger, &step, &old.next(&server)).await).await;
        let refused = problem(confirm(&own, &old.next(&server)).await, 422).await;
        assert_eq!(refused.code, "wrong_second_code");
        let answer = confirm(&own, &code_at(&secret, server.clock.now())).await;
        let new = Phone {
            secret,
            recovery: answer.json::<RecoveryCodes>().await.unwrap().codes,
        };
        assert!(is_signed_in(&own).await && !is_signed_in(&stranger).await);
        let step = first_step(&stranger, "thanhvien", PASSWORD).await;
        for gone in [old.next(&server), old.recovery[0].clone()] {
            let refused = problem(second_step(&stranger, &step, &gone).await, 422).await;
            assert_eq!(refused.code, "wrong_second_code");
        }
        done(second_step(&stranger, &step, &new.next(&server)).await).await;
        // A secret that nobody confirmed waits an hour.
        let secret = new_secret(&own, Some(PASSWORD)).await;
        server.clock.advance(HOUR_US);
        let late = confirm(&own, &code_at(&secret, server.clock.now())).await;
        assert_eq!(problem(late, 409).await.code, "no_new_secret");
        let lines = log(&server, 4).await;
        assert!(
            lines
                .iter()
                .any(|(_, action)| action == "replace_second_factor"),
            "{lines:?}"
        );
    }
}

#[tokio::test]
async fn recovery_code_opens_once_tells_how_many_are_left_and_is_in_the_log() {
    for server in servers().await {
        let (own, phone) = with_phone(&server, "thanhvien").await;
        assert_eq!(phone.recovery.len(), 10);
        let stranger = server.stranger();
        let step = first_step(&stranger, "thanhvien", PASSWORD).await;
        let typed = phone.recovery[0].to_lowercase().replace(' ', "-");
        let answer = done(second_step(&stranger, &step, &typed).await).await;
        assert_eq!(answer.recovery_codes_left, Some(9));
        let lines = log(&server, 2).await;
        let actions: Vec<&str> = lines.iter().map(|(_, action)| &**action).collect();
        assert_eq!(actions, ["sign_in", "use_recovery_code"]);
        assert!(lines[1].0.starts_with("account:"));
        let again = second_step(&server.stranger(), &step, &phone.recovery[0]).await;
        assert_eq!(problem(again, 422).await.code, "wrong_second_code");
        assert_eq!(stands(&own).await.recovery_codes_left, 9);

        let path = format!("{OWN}/recovery-codes");
        let refused = own.post(&path, &json!({ "code": "000000" })).await;
        assert_eq!(refused.status(), 422);
        let code = phone.next(&server);
        let renewed = own.post(&path, &json!({ "code": code })).await;
        let renewed: RecoveryCodes = renewed.json().await.unwrap();
        assert_eq!(stands(&own).await.recovery_codes_left, 10);
        let old = second_step(&server.stranger(), &step, &phone.recovery[1]).await;
        assert_eq!(problem(old, 422).await.code, "wrong_second_code");
        let new = second_step(&server.stranger(), &step, &renewed.codes[1]).await;
        assert_eq!(done(new).await.recovery_codes_left, Some(9));
    }
}

#[tokio::test]
async fn turning_it_off_takes_the_password_and_a_code_and_a_role_that_demands_it_keeps_it_on() {
    for test in stores().await {
        test.store.close().await;
        let server = Server::start_in(test.folder, test.database, |config| {
            config.sign_in.second_factor_roles = vec![AccountRole::UnitAdmin];
        })
        .await;
        let off = format!("{OWN}/off");
        let (member, phone) = with_phone(&server, "thanhvien").await;
        let code = phone.next(&server);
        for (password, code, refusal) in [
            (Some("sai"), &*code, "wrong_present_password"),
            (None, &*code, "wrong_present_password"),
            (Some(PASSWORD), "000000", "wrong_second_code"),
        ] {
            let body = json!({ "password": password, "code": code });
            let refused = problem(member.post(&off, &body).await, 422).await;
            assert_eq!(refused.code, refusal);
        }
        let body = json!({ "password": PASSWORD, "code": code });
        assert_eq!(member.post(&off, &body).await.status(), 204);
        assert_eq!(stands(&member).await.since_us, None);
        server.signed_in("thanhvien").await;
        let twice = problem(member.post(&off, &body).await, 409).await;
        assert_eq!(twice.code, "second_factor_off");

        let admin = server.signed_in("quantri").await;
        let phone = set_up(&server, &admin, None).await;
        let body = json!({ "password": PASSWORD, "code": phone.next(&server) });
        let kept = problem(admin.post(&off, &body).await, 409).await;
        assert_eq!(kept.code, "second_factor_demanded");
        assert!(stands(&admin).await.demanded);
        first_step(&server.stranger(), "quantri", PASSWORD).await;
    }
}

/// Knocks at a live room's WebSocket, at WHIP and at WHEP, with the cookie.
async fn knock(browser: &Browser) -> [Response; 3] {
    let socket = browser
        .request(Method::GET, "/ws/sessions/GB-01")
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .send();
    let media = |path: &str| {
        let request = browser.request(Method::POST, path);
        request
            .header("content-type", "application/sdp")
            .body("v=0")
            .send()
    };
    [
        socket.await.unwrap(),
        media("/whip/GB-01").await.unwrap(),
        media("/whep/GB-01").await.unwrap(),
    ]
}

#[tokio::test]
async fn who_owes_a_second_factor_can_set_it_up_or_sign_out_and_do_nothing_else_by_any_door() {
    for test in stores().await {
        test.store.close().await;
        let server = Server::start_in(test.folder, test.database, |config| {
            config.sign_in.second_factor_roles =
                vec![AccountRole::UnitAdmin, AccountRole::DepartmentAdmin];
        })
        .await;
        let cheat = server.signed_in("quantri").await;
        let me: Me = cheat.read("/api/v1/me").await;
        assert!(me.owes_second_factor && me.may.is_empty() && me.convenes_for.is_empty());
        for (method, path, operation) in operations() {
            let open = ["set_up_second_factor", "sign_out"];
            let is_open = operation["x-action"]
                .as_str()
                .is_some_and(|action| open.contains(&action));
            if is_public(&method, &path) || is_open {
                continue;
            }
            let nil = uuid::Uuid::nil().to_string();
            let mut at = path.replace("{code}", "GB-01");
            for name in [
                "id",
                "participant",
                "person",
                "appointment",
                "import",
                "sign_in",
                "account",
                "role",
            ] {
                at = at.replace(&format!("{{{name}}}"), &nil);
            }
            let method: Method = method.to_uppercase().parse().unwrap();
            let request = cheat.request(method.clone(), &at).header("if-match", "*");
            let answer = request.json(&json!({})).send().await.unwrap();
            let refused = problem(answer, 403).await;
            assert_eq!(refused.code, "second_factor_owed", "{method} {path}");
        }
        for answer in knock(&cheat).await {
            assert_eq!(problem(answer, 403).await.code, "second_factor_owed");
        }
        let other = server.signed_in("chutri").await;
        let left = other.post("/api/v1/sign-out", &Value::Null).await;
        assert_eq!(left.status(), 204);
        // Nobody else is kept from anything.
        let member = server.signed_in("thanhvien").await;
        assert!(is_signed_in(&member).await);

        assert!(!stands(&cheat).await.asks_password, "it was just shown");
        set_up(&server, &cheat, None).await;
        let me: Me = cheat.read("/api/v1/me").await;
        assert!(!me.owes_second_factor && !me.may.is_empty());
        let account: OwnAccount = cheat.read("/api/v1/account").await;
        assert_eq!(account.sign_ins.len(), 1);
        assert_eq!(cheat.get("/api/v1/people").await.status(), 200);
        let [socket, ..] = knock(&cheat).await;
        assert_eq!(socket.status(), 101);
    }
}

#[tokio::test]
async fn administrator_takes_it_away_from_those_below_and_never_from_those_above() {
    for server in servers().await {
        let (member, _) = with_phone(&server, "thanhvien").await;
        let (_, chief_phone) = with_phone(&server, "chutri").await;
        let admin = server.signed_in("quantri").await;
        let id = async |login: &str| {
            let mut conn = server.store.read().await.unwrap();
            accounts::by_login(&mut conn, login)
                .await
                .unwrap()
                .unwrap()
                .id
        };
        let remove = async |browser: &Browser, login: &str| {
            let path = format!("/api/v1/accounts/{}/second-factor", id(login).await);
            browser.request(Method::DELETE, &path).send().await.unwrap()
        };
        for login in ["chutri", "nguoila", "quantri"] {
            let refused = problem(remove(&admin, login).await, 403).await;
            assert_eq!(refused.code, "not_allowed", "{login}");
        }
        problem(remove(&member, "thanhvien").await, 403).await;
        let path = format!("/api/v1/accounts/{}", id("thanhvien").await);
        let told: Value = admin.read(&path).await;
        assert_eq!(told["second_factor"], true);

        assert_eq!(remove(&admin, "thanhvien").await.status(), 204);
        assert!(!is_signed_in(&member).await, "sign-ins end");
        let told: Value = admin.read(&path).await;
        assert_eq!(told["second_factor"], false);
        let line = log(&server, 1).await.remove(0);
        assert_eq!(line.1, "remove_second_factor");
        assert_eq!(line.0, format!("account:{}", id("quantri").await));
        server.signed_in("thanhvien").await;
        // Nothing is left to take, and nothing is noted.
        let before = log(&server, 1).await;
        assert_eq!(remove(&admin, "thanhvien").await.status(), 204);
        assert_eq!(log(&server, 1).await, before);

        // Above the department's administrator stands the operator.
        first_step(&server.stranger(), "chutri", PASSWORD).await;
        let now = server.clock.now();
        chores::remove_second_factor(&server.store, "chutri", now)
            .await
            .unwrap();
        let chief = server.signed_in("chutri").await;
        assert_eq!(stands(&chief).await.recovery_codes_left, 0);
        drop(chief_phone);
    }
}

#[tokio::test]
async fn new_one_time_code_and_a_list_of_people_leave_the_second_factor_as_it_is() {
    for test in stores().await {
        test.store.close().await;
        let quick = |config: &mut Config| config.jobs.poll_ms = 20;
        let server = Server::start_in(test.folder, test.database, quick).await;
        let (_, phone) = with_phone(&server, "thanhvien").await;
        let admin = server.signed_in("quantri").await;
        let list = "Họ và tên;Danh xưng;Đơn vị;Chức vụ\nNguyễn Thị Yến;Bà;TR-A;\n";
        let import = admin
            .request(Method::POST, "/api/v1/people-imports?name=ds.csv")
            .body(list);
        let import: Value = import.send().await.unwrap().json().await.unwrap();
        assert_eq!(import["changed"], 1);
        let path = format!("/api/v1/people-imports/{}", import["id"].as_str().unwrap());
        admin.post(&format!("{path}/apply"), &Value::Null).await;
        crate::support::eventually("the list is written", async || {
            let now: Value = admin.read(&path).await;
            now["state"] == "done"
        })
        .await;
        let stranger = server.stranger();
        let step = first_step(&stranger, "thanhvien", PASSWORD).await;
        done(second_step(&stranger, &step, &phone.next(&server)).await).await;

        let mut conn = server.store.read().await.unwrap();
        let account = accounts::by_login(&mut conn, "thanhvien").await.unwrap();
        let person = account.unwrap().person_id;
        drop(conn);
        let body = json!({ "people": [person], "reset": true });
        let slips: Value = admin
            .post("/api/v1/accounts/codes", &body)
            .await
            .json()
            .await
            .unwrap();
        let body = json!({
            "login": "thanhvien", "code": slips["items"][0]["code"], "password": "hoa ban trắng 2027",
        });
        let stranger = server.stranger();
        let answer = stranger.post("/api/v1/sign-in/code", &body).await;
        assert_eq!(
            answer.status(),
            202,
            "the code stands for the password alone"
        );
        let step: SecondStep = answer.json().await.unwrap();
        assert!(!is_signed_in(&stranger).await);
        done(second_step(&stranger, &step, &phone.next(&server)).await).await;
    }
}

#[tokio::test]
async fn copy_that_was_put_back_knows_the_phones_and_a_lost_key_leaves_recovery_codes() {
    let sqlite = Database::default();
    let server = Server::start_in(tempfile::tempdir().unwrap(), sqlite.clone(), |_| {}).await;
    let (_, phone) = with_phone(&server, "thanhvien").await;
    let into = TempDir::new().unwrap();
    let stop = CancellationToken::new();
    let source = Source {
        store: &server.store,
        database: &sqlite,
        data_dir: server.folder.path(),
    };
    let now = server.clock.now();
    let made = backup::take(source, into.path(), now, &stop, |_| ()).await;
    let made = made.unwrap();
    let manifest = backup::check(&made.folder, &stop).await.unwrap();
    for keeps_key in [true, false] {
        let clean = TempDir::new().unwrap();
        backup::restore(&made.folder, &manifest, &sqlite, clean.path(), now)
            .await
            .unwrap();
        if !keeps_key {
            std::fs::remove_file(clean.path().join("seal.key")).unwrap();
        }
        let (running, _parts) = serve(sqlite.clone(), clean.path()).await;
        let browser = Browser::new(clean.path(), running.address);
        let step = first_step(&browser, "thanhvien", PASSWORD).await;
        // The code after the one that was used for the set-up.
        let later = running.state.clock.now().plus_us(STEP_US);
        let answer = second_step(&browser, &step, &code_at(&phone.secret, later)).await;
        if keeps_key {
            done(answer).await;
            continue;
        }
        let refused = problem(answer, 503).await;
        assert_eq!(refused.code, "second_factor_unreadable");
        let answer = second_step(&browser, &step, &phone.recovery[0]).await;
        assert_eq!(done(answer).await.recovery_codes_left, Some(9));
    }
}

#[tokio::test]
async fn nothing_that_the_database_keeps_of_a_second_factor_can_be_used() {
    let sqlite = Database::default();
    let server = Server::start_in(tempfile::tempdir().unwrap(), sqlite, |_| {}).await;
    let (_, phone) = with_phone(&server, "thanhvien").await;
    let secret = BASE32_NOPAD.decode(phone.secret.as_bytes()).unwrap();
    let plain: Vec<String> = phone
        .recovery
        .iter()
        .map(|code| code.replace(' ', ""))
        .collect();
    for file in ["diemcau.db", "diemcau.db-wal"] {
        let bytes = std::fs::read(server.folder.path().join(file)).unwrap_or_default();
        let has = |part: &[u8]| bytes.windows(part.len()).any(|there| there == part);
        assert!(!has(&secret) && !has(phone.secret.as_bytes()), "{file}");
        for code in plain.iter().chain(&phone.recovery) {
            assert!(!has(code.as_bytes()), "{file} has {code}");
        }
    }
}
