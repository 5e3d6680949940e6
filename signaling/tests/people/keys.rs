//! Keys of other systems: what they reach, and clients that try for more.

use protocol::api::{
    ApiKey, ApiKeyState, ApiScope, AuditLine, MadeApiKey, Page, PersonSummary, PointStatus,
    RegisteredPoint, Session, SessionDeed, UnitTree,
};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use signaling::access::accounts;
use signaling::platform::audit;
use signaling::platform::clock::day;

use crate::recordings::servers;
use crate::support::{Browser, HOUR_US, MINUTE_US, Server, eventually, problem};

const DAY_US: i64 = 24 * HOUR_US;

/// Every scope that the administrator of a unit may give.
pub(crate) const SCOPES: [&str; 8] = [
    "units:read",
    "people:read",
    "people:write",
    "points:read",
    "points:write",
    "sessions:read",
    "sessions:write",
    "classes:read",
];

fn wanted(server: &Server, unit: &str, scopes: &[&str]) -> Value {
    let last = day(server.clock.now().plus_us(30 * DAY_US));
    json!({ "name": "Phần mềm học bạ", "unit": unit, "scopes": scopes, "last_day": last })
}

/// A key that somebody makes, and the program that uses it.
pub(crate) async fn key(
    server: &Server,
    maker: &Browser,
    unit: &str,
    scopes: &[&str],
) -> (MadeApiKey, Browser) {
    let answer = maker
        .post("/api/v1/api-keys", &wanted(server, unit, scopes))
        .await;
    assert_eq!(answer.status(), 201);
    let made: MadeApiKey = answer.json().await.unwrap();
    let program = server.program(&made.secret);
    (made, program)
}

async fn keys_of(browser: &Browser) -> Vec<ApiKey> {
    browser.read::<Page<ApiKey>>("/api/v1/api-keys").await.items
}

async fn revoke(browser: &Browser, id: &str) -> Response {
    let path = format!("/api/v1/api-keys/{id}");
    browser.request(Method::DELETE, &path).send().await.unwrap()
}

async fn is_nobodys(program: &Browser) {
    let refused = problem(program.get("/api/v1/people").await, 401).await;
    assert_eq!(refused.code, "key_not_valid");
    assert!(refused.params.is_empty(), "not why: {refused:?}");
}

#[test]
fn scope_is_the_same_word_on_the_wire_and_in_the_database() {
    for scope in ApiScope::ALL {
        assert_eq!(json!(scope), scope.word());
    }
}

#[tokio::test]
async fn key_reaches_its_unit_and_below_in_every_list() {
    for server in servers().await {
        let admin = server.signed_in("quantri").await;
        let (made, program) = key(&server, &admin, "XA-A", &SCOPES).await;
        assert!(made.secret.starts_with("dc_"), "it says what it is");
        assert_eq!(made.key.state, ApiKeyState::Active);

        let people: Page<PersonSummary> = program.read("/api/v1/people").await;
        let names: Vec<&str> = people.items.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["Lương Thanh Bình", "Nguyễn Thị Yến"]);
        let tree: UnitTree = program.read("/api/v1/units").await;
        let units: Vec<&str> = tree.units.iter().map(|unit| unit.code.as_str()).collect();
        assert_eq!(units, ["TR-A", "XA-A"], "nothing above and beside it");
        let points: Page<RegisteredPoint> = program.read("/api/v1/bridge-points/register").await;
        assert_eq!(points.items.len(), 2);
        let board: Page<PointStatus> = program.read("/api/v1/bridge-points/status").await;
        assert_eq!(board.items.len(), 2);
        let sessions: Page<Session> = program.read("/api/v1/sessions").await;
        let [session] = sessions.items.as_slice() else {
            panic!("{sessions:?}")
        };
        assert_eq!(session.code, "GB-01", "its points are invited");
        assert_eq!(session.my_role, None, "a key has no part in a session");
        assert_eq!(
            program.read::<Session>("/api/v1/sessions/GB-01").await.may,
            session.may
        );
        let mine: Page<Session> = admin.read("/api/v1/sessions").await;
        assert!(mine.items[0].my_role.is_some(), "and its maker has one");
    }
}

#[tokio::test]
async fn key_of_a_unit_neither_reads_nor_writes_beside_and_above_it() {
    let server = Server::start().await;
    let admin = server.signed_in("quantri").await;
    let chair = server.signed_in("chutri").await;
    let (_, program) = key(&server, &admin, "XA-A", &SCOPES).await;
    let foreign: Page<PersonSummary> = chair.read("/api/v1/people?unit=XA-B").await;
    for path in [
        format!("/api/v1/people/{}", foreign.items[0].id),
        "/api/v1/units/XA-B".to_owned(),
        "/api/v1/units/SGD".to_owned(),
        "/api/v1/bridge-points/DC-04/samples".to_owned(),
    ] {
        problem(program.get(&path).await, 403).await;
    }
    let begin = server.clock.now().plus_us(6 * HOUR_US);
    for (unit, point) in [("XA-B", "DC-04"), ("SGD", "DC-01"), ("XA-A", "DC-04")] {
        let person =
            json!({ "name": "Lan", "appointment": { "unit": unit, "position": "Giáo viên" } });
        if unit != "XA-A" {
            problem(program.post("/api/v1/people", &person).await, 403).await;
        }
        let session = json!({
            "title": "Họp", "kind": "meeting", "secrecy": "normal", "convening_unit": unit,
            "bridge_points": [point], "starts_at_us": begin, "ends_at_us": begin.plus_us(HOUR_US),
        });
        problem(program.post("/api/v1/sessions", &session).await, 403).await;
    }
    // By a key of the department for one unit, the department's own rights are not to be had.
    let (_, lent) = key(&server, &chair, "XA-A", &SCOPES).await;
    let people: Page<PersonSummary> = lent.read("/api/v1/people").await;
    assert_eq!(people.items.len(), 2);
    let main = json!({
        "code": "DC-9", "name": "Điểm cầu", "number": 9, "main": true, "host": "XA-A", "served": [], "rooms": [],
    });
    problem(lent.post("/api/v1/bridge-points", &main).await, 403).await;
}

#[tokio::test]
async fn key_asks_for_nothing_outside_its_scopes() {
    let server = Server::start().await;
    let admin = server.signed_in("quantri").await;
    let (_, program) = key(&server, &admin, "XA-A", &["people:read"]).await;
    assert_eq!(program.get("/api/v1/people").await.status(), 200);
    let person =
        json!({ "name": "Lan", "appointment": { "unit": "XA-A", "position": "Giáo viên" } });
    let refused = problem(program.post("/api/v1/people", &person).await, 403).await;
    assert_eq!(
        (refused.code.as_str(), refused.params["scope"].as_str()),
        ("key_scope_missing", "people:write")
    );
    for path in ["/api/v1/sessions", "/api/v1/units", "/api/v1/bridge-points"] {
        let refused = problem(program.get(path).await, 403).await;
        assert_eq!(refused.code, "key_scope_missing", "{path}");
    }
    // No scope lets a key be a person.
    for path in [
        "/api/v1/account",
        "/api/v1/accounts",
        "/api/v1/api-keys",
        "/api/v1/notices",
    ] {
        let refused = problem(program.get(path).await, 403).await;
        assert_eq!(refused.code, "key_scope_missing", "{path}");
        assert_eq!(refused.params.get("scope"), None, "{path}");
    }
    let me: Value = program.read("/api/v1/me").await;
    assert_eq!(me, Value::Null);
}

#[tokio::test]
async fn key_enters_no_room_and_sends_no_media() {
    let server = Server::start().await;
    let chair = server.signed_in("chutri").await;
    let (_, program) = key(&server, &chair, "SGD", &SCOPES).await;
    let socket = program
        .request(Method::GET, "/ws/sessions/GB-01")
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let refused = problem(socket.send().await.unwrap(), 403).await;
    assert_eq!(refused.code, "not_allowed");
    for door in ["/whip/GB-01", "/whep/GB-01"] {
        let offer = program
            .request(Method::POST, door)
            .header("content-type", "application/sdp")
            .body("v=0\r\n");
        let refused = problem(offer.send().await.unwrap(), 403).await;
        assert_eq!(refused.code, "not_allowed", "{door}");
    }
    let link = json!({ "role": "presenter" });
    let refused = program.post("/api/v1/sessions/GB-01/links", &link).await;
    assert_eq!(problem(refused, 403).await.code, "key_scope_missing");
}

#[tokio::test]
async fn key_ends_at_once_when_it_is_taken_back() {
    for server in servers().await {
        let admin = server.signed_in("quantri").await;
        let (made, program) = key(&server, &admin, "XA-A", &["people:read"]).await;
        assert_eq!(program.get("/api/v1/people").await.status(), 200);
        assert_eq!(revoke(&admin, &made.key.id).await.status(), 204);
        is_nobodys(&program).await;
        let [shown] = keys_of(&admin).await.try_into().unwrap();
        assert_eq!(shown.state, ApiKeyState::Revoked, "its page tells");
        assert!(shown.may.is_empty());
        assert_eq!(
            revoke(&admin, &made.key.id).await.status(),
            204,
            "it stays so"
        );
        is_nobodys(&server.program("dc_nobody-made-this-one-not-even-by-chance-at-all")).await;
    }
}

#[tokio::test]
async fn key_ends_when_its_day_is_over() {
    let server = Server::start().await;
    let admin = server.signed_in("quantri").await;
    let (_, program) = key(&server, &admin, "XA-A", &["people:read"]).await;
    server.clock.advance(29 * DAY_US);
    assert_eq!(program.get("/api/v1/people").await.status(), 200);
    server.clock.advance(2 * DAY_US);
    is_nobodys(&program).await;
    let admin = server.signed_in("quantri").await;
    assert_eq!(keys_of(&admin).await[0].state, ApiKeyState::Expired);
}

#[tokio::test]
async fn key_ends_with_the_rights_of_whoever_made_it() {
    for server in servers().await {
        let admin = server.signed_in("quantri").await;
        let chair = server.signed_in("chutri").await;
        let (_, program) = key(&server, &admin, "XA-A", &["people:read"]).await;
        let mut tx = server.store.write().await.unwrap();
        let account = accounts::by_login(&mut tx, "quantri")
            .await
            .unwrap()
            .unwrap();
        tx.commit().await.unwrap();
        let path = |what: &str| format!("/api/v1/accounts/{}/{what}", account.id);

        assert_eq!(
            chair.post(&path("disable"), &Value::Null).await.status(),
            204
        );
        is_nobodys(&program).await;
        assert_eq!(keys_of(&chair).await[0].state, ApiKeyState::MakerGone);
        assert_eq!(
            chair.post(&path("enable"), &Value::Null).await.status(),
            204
        );
        assert_eq!(program.get("/api/v1/people").await.status(), 200);

        let detail: Value = chair
            .read(&format!("/api/v1/accounts/{}", account.id))
            .await;
        let role = detail["roles"][0]["id"].as_str().unwrap();
        let demoted = chair.request(Method::DELETE, &path(&format!("roles/{role}")));
        assert_eq!(demoted.send().await.unwrap().status(), 204);
        is_nobodys(&program).await;
    }
}

#[tokio::test]
async fn key_in_an_address_is_refused_and_so_is_one_that_asks_too_often() {
    let server = Server::start().await;
    let admin = server.signed_in("quantri").await;
    let (made, program) = key(&server, &admin, "XA-A", &["people:read"]).await;
    let stranger = server.stranger();
    for query in ["key", "access_token", "cursor"] {
        let path = format!("/api/v1/people?{query}={}", made.secret);
        let refused = problem(stranger.get(&path).await, 400).await;
        assert_eq!(refused.code, "key_in_address");
    }
    let mut answers = Vec::new();
    for _ in 0..620 {
        answers.push(program.get("/api/v1/people").await);
    }
    let refused = answers.pop().unwrap();
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(problem(refused, 429).await.code, "rate_limited");
    let let_through = answers
        .iter()
        .filter(|answer| answer.status() == 200)
        .count();
    assert!((600..615).contains(&let_through), "{let_through}");
    server.clock.advance(MINUTE_US);
    assert_eq!(program.get("/api/v1/people").await.status(), 200);
}

#[tokio::test]
async fn key_is_made_for_ones_own_units_within_a_year_and_told_once() {
    let server = Server::start().await;
    let admin = server.signed_in("quantri").await;
    let make = async |change: &dyn Fn(&mut Value)| {
        let mut body = wanted(&server, "XA-A", &["people:read"]);
        change(&mut body);
        admin.post("/api/v1/api-keys", &body).await
    };
    for unit in ["XA-B", "SGD"] {
        let refused = make(&|body| body["unit"] = json!(unit)).await;
        assert_eq!(problem(refused, 403).await.code, "not_allowed");
    }
    let refused = make(&|body| body["scopes"] = json!(["audit:read"])).await;
    assert_eq!(problem(refused, 403).await.code, "scope_not_yours");
    for scopes in [json!([]), json!(["people:read", "people:read"])] {
        let refused = make(&|body| body["scopes"] = scopes.clone()).await;
        assert_eq!(problem(refused, 400).await.code, "bad_scopes");
    }
    let now = server.clock.now();
    for (days, status) in [(-1, 400), (0, 201), (365, 201), (366, 400)] {
        let last = day(now.plus_us(days * DAY_US));
        let answer = make(&|body| body["last_day"] = json!(last)).await;
        assert_eq!(
            answer.status(),
            StatusCode::from_u16(status).unwrap(),
            "{days} days"
        );
    }
    let refused = make(&|body| {
        body.as_object_mut().unwrap().remove("last_day");
    })
    .await;
    problem(refused, 400).await;

    let (made, _) = key(&server, &admin, "TR-A", &["people:read"]).await;
    let listed = admin.get("/api/v1/api-keys").await.text().await.unwrap();
    assert!(listed.contains(&made.key.id) && !listed.contains("dc_"));
    for entry in walk(server.folder.path()) {
        let bytes = std::fs::read(&entry).unwrap();
        let secret = made.secret.as_bytes();
        assert!(
            !bytes.windows(secret.len()).any(|part| part == secret),
            "{entry:?}"
        );
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(walk(&path));
        } else if path.is_file() {
            files.push(path);
        }
    }
    files
}

#[tokio::test]
async fn keys_are_listed_page_by_page_to_those_who_administer_their_units() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let admin = server.signed_in("quantri").await;
        for unit in ["XA-A", "XA-B"] {
            for _ in 0..30 {
                key(&server, &chair, unit, &["units:read"]).await;
            }
        }
        let mut seen = Vec::new();
        let mut next = Some(String::new());
        while let Some(cursor) = next {
            let page: Page<ApiKey> = chair.read(&format!("/api/v1/api-keys{cursor}")).await;
            seen.extend(page.items.into_iter().map(|key| key.id));
            next = page.next.map(|cursor| format!("?cursor={cursor}"));
        }
        assert_eq!(seen.len(), 60);
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 60, "each once");
        let own = keys_of(&admin).await;
        assert_eq!(own.len(), 30);
        assert!(own.iter().all(|key| key.unit.code == "XA-A"));
    }
}

#[tokio::test]
async fn audit_log_names_the_key_by_which_something_was_done() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let admin = server.signed_in("quantri").await;
        let (made, program) = key(&server, &admin, "XA-A", &["people:write"]).await;
        let person =
            json!({ "name": "Lan", "appointment": { "unit": "XA-A", "position": "Giáo viên" } });
        assert_eq!(program.post("/api/v1/people", &person).await.status(), 201);
        let last = audit::last(&mut server.store.read().await.unwrap(), 1)
            .await
            .unwrap();
        assert_eq!(last[0].actor, format!("api_key:{}", made.key.id));
        let lines: Page<AuditLine> = chair.read("/api/v1/audit-log?who=hoc+ba").await;
        let lines: Vec<_> = lines
            .items
            .iter()
            .filter(|line| line.action == "add_person")
            .collect();
        assert_eq!(lines[0].actor.name.as_deref(), Some("Phần mềm học bạ"));
        eventually("its use is noted", async || {
            keys_of(&admin).await[0].last_used_us.is_some()
        })
        .await;

        let (made, planner) = key(&server, &chair, "SGD", &["sessions:write"]).await;
        let changed = planner.request(Method::PATCH, "/api/v1/sessions/GB-01");
        let changed = changed
            .header("if-match", "*")
            .json(&json!({ "title": "Họp tháng" }));
        assert_eq!(changed.send().await.unwrap().status(), 200);
        let deeds: Page<SessionDeed> = chair.read("/api/v1/sessions/GB-01/history").await;
        assert_eq!(deeds.items[0].by.as_ref(), Some(&made.key.name));

        // Only a key of the whole department reads the log.
        let (_, reader) = key(&server, &chair, "SGD", &["audit:read"]).await;
        assert_eq!(reader.get("/api/v1/audit-log").await.status(), 200);
        let refused = wanted(&server, "XA-A", &["audit:read"]);
        let refused = chair.post("/api/v1/api-keys", &refused).await;
        assert_eq!(problem(refused, 403).await.code, "scope_not_yours");
    }
}
