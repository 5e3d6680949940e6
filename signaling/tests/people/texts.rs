//! Text from outside: whatever it is, an answer with a stable code or success, on both databases.

use protocol::api::{
    Link, Page, PeopleImport, Person, PersonSummary, Problem, ProblemCode, RecordingFailure,
    Session,
};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use signaling::jobs::queue;
use signaling::live::captures;
use signaling::org::people;
use signaling::recording::replays;

use crate::support::{Browser, HOUR_US, Server, problem, secret_of, stores, take_job};

/// What people, pages and attackers send, as it stands in JSON.
fn evil() -> Vec<String> {
    let plain = [
        r"\u0000",
        r"a\u0000b",
        r"\u0007\u001b[31m",
        r"\ud83d",
        r"a\udc4d",
        r"\ud83d\u0041",
        r"\ufffe\uffff",
        r"\u202egnp.txt",
        r"\u2066\u2069",
        r"\u3164",
        r"\u2800",
        r"\u00ad\u200b\u200d\ufeff",
        r"\u0301\u0301",
        r"\udb40\udc41\udb40\udc42",
        r"\ue000",
        r"' OR 1=1 --",
        r"%_!\\",
        r"../../../etc/passwd",
        r"\r\nSet-Cookie: a=b",
        r"Tie\u0302\u0301ng Vie\u0302\u0323t",
        r"-rf",
        r"NaN",
        r"",
        r"   ",
    ];
    let mut evil: Vec<String> = plain.map(str::to_owned).to_vec();
    evil.push(format!("Z{}", "\u{30d}".repeat(400)));
    evil.push("x".repeat(10_000));
    evil.push("👨‍👩‍👧‍👦".repeat(300));
    evil
}

/// The text that stands in the JSON, if it is one.
fn meant(json: &str) -> Option<String> {
    serde_json::from_str(&format!("\"{json}\"")).ok()
}

/// For an address: every byte escaped that is not a plain letter.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            _ => format!("%{byte:02x}"),
        })
        .collect()
}

/// An answer of the interface is a success, or a problem of the client's with a code that the protocol knows.
async fn assert_answered(what: &str, answer: Response) {
    let status = answer.status().as_u16();
    let kind = answer
        .headers()
        .get("content-type")
        .map(|value| value.to_str().unwrap().to_owned())
        .unwrap_or_default();
    let text = answer.text().await.unwrap();
    assert!((200..500).contains(&status), "{what}: {status} {text}");
    if status >= 400 {
        assert_eq!(kind, "application/problem+json", "{what}: {status} {text}");
        let problem: Problem = serde_json::from_str(&text).unwrap();
        serde_json::from_value::<ProblemCode>(json!(problem.code))
            .unwrap_or_else(|_| panic!("{what}: {text}"));
    }
}

/// A body that each route takes, for every route that takes one.
fn bodies(server: &Server) -> Vec<(&'static str, Value)> {
    let begin = server.clock.now().plus_us(6 * HOUR_US);
    vec![
        (
            "/api/v1/sign-in",
            json!({ "login": "chutri", "password": "x" }),
        ),
        (
            "/api/v1/links/exchange",
            json!({ "secret": "x", "name": "Lan" }),
        ),
        ("/api/v1/links/preview", json!({ "secret": "x" })),
        (
            "/api/v1/sessions",
            json!({
                "title": "Họp", "kind": "meeting", "starts_at_us": begin, "ends_at_us": begin.plus_us(HOUR_US),
                "bridge_points": ["DC-04"], "convening_unit": "SGD", "chair": "chutri", "secretary": "kythuat",
                "secrecy": "normal",
                "class_code": "TH-1",
            }),
        ),
        (
            "/api/v1/sessions/{code}/links",
            json!({ "role": "viewer", "bridge_point": "DC-01", "login": "chutri", "name": "Lan" }),
        ),
        (
            "/api/v1/sessions/{code}",
            json!({
                "title": "Họp", "reason": "Trùng lịch", "bridge_points": ["DC-04"],
                "officers": [{ "part": "secretary", "person": "x" }],
            }),
        ),
        (
            "/api/v1/sessions/{code}/cancel",
            json!({ "reason": "Hoãn" }),
        ),
        (
            "/api/v1/people",
            json!({
                "name": "Lan", "code": "1", "form_of_address": "Bà", "is_namesake": true,
                "appointment": { "unit": "SGD", "position": "Cán bộ" },
            }),
        ),
        (
            "/api/v1/people-imports/{import}/columns",
            json!({ "columns": [], "short_codes": "keep" }),
        ),
        (
            "/api/v1/people/{person}",
            json!({ "name": "Lan", "code": "2", "form_of_address": "Bà" }),
        ),
        ("/api/v1/people/{person}/erasure", json!({ "typed": "x" })),
        (
            "/api/v1/people/{person}/appointments",
            json!({ "unit": "SGD", "position": "Cán bộ", "subject": "Toán", "from": "2026-01-01", "to": "2026-01-02" }),
        ),
        (
            "/api/v1/people/{person}/appointments/{appointment}/end",
            json!({ "last_day": "2040-01-01" }),
        ),
        (
            "/api/v1/sign-in/code",
            json!({ "login": "chutri", "code": "x", "password": "hoa ban trắng" }),
        ),
        (
            "/api/v1/sign-in/second",
            json!({ "challenge": "x", "code": "123456" }),
        ),
        (
            "/api/v1/account/second-factor/secret",
            json!({ "password": "x" }),
        ),
        (
            "/api/v1/account/second-factor/confirm",
            json!({ "code": "123456" }),
        ),
        (
            "/api/v1/account/second-factor/recovery-codes",
            json!({ "code": "123456" }),
        ),
        (
            "/api/v1/account/second-factor/off",
            json!({ "password": "x", "code": "123456" }),
        ),
        (
            "/api/v1/first-day",
            json!({ "code": "x", "unit": "Sở", "name": "Lan", "login": "lan", "password": "hoa ban trắng" }),
        ),
        (
            "/api/v1/account/password",
            json!({ "present": "x", "wanted": "hoa ban trắng" }),
        ),
        ("/api/v1/sign-in/provider", json!({ "next": "/" })),
        (
            "/api/v1/sign-in/provider/finish",
            json!({ "state": "x", "code": "x", "error": "x", "iss": "x" }),
        ),
        ("/api/v1/account/external", json!({ "password": "x" })),
        (
            "/api/v1/account/external/unlink",
            json!({ "password": "x" }),
        ),
        (
            "/api/v1/accounts/codes",
            json!({ "people": [], "reset": false }),
        ),
        (
            "/api/v1/accounts/invitations",
            json!({ "people": [], "reset": false }),
        ),
        (
            "/api/v1/accounts/{account}/roles",
            json!({ "role": "member", "unit": "SGD", "from": "2040-01-01", "to": "2040-01-02" }),
        ),
        (
            "/api/v1/api-keys",
            json!({ "name": "Học bạ", "unit": "SGD", "scopes": ["people:read"], "last_day": "2040-01-01" }),
        ),
        (
            "/api/v1/settings",
            json!({ "changes": [{ "key": "department_name", "value": "Sở" }] }),
        ),
        (
            "/api/v1/guide",
            json!({ "skipped": ["units"], "is_closed": false }),
        ),
        ("/api/v1/unit-changes", decision()),
        ("/api/v1/unit-changes/preview", decision()),
        ("/api/v1/unit-changes/import", unit_file()),
        ("/api/v1/unit-changes/import/preview", unit_file()),
        ("/api/v1/bridge-points", point()),
        ("/api/v1/bridge-points/{code}", point()),
        (
            "/api/v1/bridge-points/{code}/close",
            json!({ "even_in_use": false }),
        ),
    ]
}

fn decision() -> Value {
    let unit = json!({ "code": "TR-9", "name": "Trường", "kind": "school", "parent": "SGD" });
    json!({
        "document": "1/QĐ", "title": "Thêm trường", "day": "2026-01-01", "steps": [{ "act": "add", "unit": unit }],
    })
}

fn unit_file() -> Value {
    json!({
        "document": "1/QĐ", "title": "Thêm trường", "day": "2026-01-01", "text": "code,name,parent\nTR-8,Trường,SGD\n",
    })
}

fn point() -> Value {
    json!({
        "code": "DC-9", "name": "Điểm cầu", "number": 9, "main": false, "host": "SGD", "served": ["XA-A"],
        "day": "2040-01-01", "rooms": [],
    })
}

/// The body with the text at `key` replaced by what stands in JSON, which may be no text at all.
fn with(body: &Value, key: &str, json: &str) -> String {
    let mut body = body.clone();
    body[key] = match body[key] {
        Value::Array(_) => json!(["MARK"]),
        _ => json!("MARK"),
    };
    body.to_string().replace("MARK", json)
}

async fn send(browser: &Browser, method: Method, path: &str, body: Option<String>) -> Response {
    let request = browser.request(method, path).header("if-match", "*");
    match body {
        Some(body) => request
            .header("content-type", "application/json")
            .body(body),
        None => request,
    }
    .send()
    .await
    .unwrap()
}

/// A server on each database, with nobody held back by limits.
async fn servers() -> Vec<Server> {
    let mut servers = Vec::new();
    for test in stores().await {
        test.store.close().await;
        let server = Server::start_in(test.folder, test.database, |config| {
            config.sign_in.attempts_per_minute = 1_000_000;
            config.sign_in.attempts_per_minute_per_address = 1_000_000;
        })
        .await;
        servers.push(server);
    }
    servers
}

#[tokio::test]
async fn no_text_in_an_address_or_a_query_fails_the_server() {
    let description = serde_json::to_value(signaling::routes::openapi()).unwrap();
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        for (path, methods) in description["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let asked: Method = method.to_uppercase().parse().unwrap();
                let query: Vec<&str> = operation["parameters"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter(|parameter| parameter["in"] == "query")
                    .map(|parameter| parameter["name"].as_str().unwrap())
                    .collect();
                let in_path = path.contains('{');
                for text in evil().iter().filter_map(|json| meant(json)) {
                    let text = escaped(&text);
                    let with_text = path
                        .replace("{code}", &text)
                        .replace("{id}", &text)
                        .replace("{participant}", &text)
                        .replace("{person}", &text)
                        .replace("{appointment}", &text)
                        .replace("{import}", &text);
                    if in_path && !text.is_empty() {
                        let body = operation.get("requestBody").map(|_| "{}".to_owned());
                        let answer = send(&chair, asked.clone(), &with_text, body).await;
                        assert_answered(&format!("{method} {with_text}"), answer).await;
                    }
                    for name in &query {
                        let path = path.replace("{code}", "GB-01");
                        let at = format!("{path}?{name}={text}");
                        assert_answered(&at, send(&chair, asked.clone(), &at, None).await).await;
                    }
                }
            }
        }
        for path in [
            "/api/v1/sessions/%ff",
            "/api/v1/recordings/%c0%80/media",
            "/api/v1/sessions?cursor=%ff",
        ] {
            assert_answered(path, chair.get(path).await).await;
        }
    }
}

/// Whether a route takes a body of JSON.
fn takes_json(operation: &Value) -> bool {
    operation["requestBody"]["content"]
        .get("application/json")
        .is_some()
}

#[tokio::test]
async fn no_text_in_a_body_fails_the_server() {
    let description = serde_json::to_value(signaling::routes::openapi()).unwrap();
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let stranger = server.stranger();
        let bodies = bodies(&server);
        for (path, methods) in description["paths"].as_object().unwrap() {
            let takes_one = methods.as_object().unwrap().values().any(takes_json);
            assert_eq!(takes_one, bodies.iter().any(|(of, _)| of == path), "{path}");
        }
        let list = "Họ tên;Đơn vị\nNgười lạ;KHONG\n";
        let import = chair
            .request(Method::POST, "/api/v1/people-imports")
            .body(list);
        let import: PeopleImport = import.send().await.unwrap().json().await.unwrap();
        let people: Page<PersonSummary> = chair.read("/api/v1/people").await;
        let person = &people.items[0].id;
        let seen: Person = chair.read(&format!("/api/v1/people/{person}")).await;
        for (path, body) in bodies {
            let methods = description["paths"][path].as_object().unwrap();
            let (method, _) = methods.iter().find(|(_, one)| takes_json(one)).unwrap();
            let method: Method = method.to_uppercase().parse().unwrap();
            let who = match path {
                "/api/v1/sign-in"
                | "/api/v1/sign-in/code"
                | "/api/v1/sign-in/provider"
                | "/api/v1/sign-in/provider/finish"
                | "/api/v1/sign-in/second"
                | "/api/v1/first-day"
                | "/api/v1/links/exchange"
                | "/api/v1/links/preview" => &stranger,
                _ => &chair,
            };
            let path = path
                .replace("{code}", "GB-01")
                .replace("{person}", person)
                .replace("{appointment}", &seen.appointments[0].id)
                .replace("{import}", &import.id)
                .replace("{account}", &server.province.chair.to_string());
            let keys: Vec<String> = body.as_object().unwrap().keys().cloned().collect();
            for key in &keys {
                for text in evil() {
                    let sent = with(&body, key, &text);
                    let answer = send(who, method.clone(), &path, Some(sent.clone())).await;
                    assert_answered(&format!("{path} {key} {sent:.300}"), answer).await;
                }
            }
        }
    }
}

#[tokio::test]
async fn no_text_before_a_room_or_in_a_header_fails_the_server() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let link = json!({ "role": "presenter", "name": "Lan" });
        let link: Link = chair
            .post("/api/v1/sessions/GB-01/links", &link)
            .await
            .json()
            .await
            .unwrap();
        let secret = secret_of(&link.url);
        let stranger = server.stranger();
        for text in evil()
            .iter()
            .filter_map(|json| meant(json))
            .filter(|text| !text.is_empty())
        {
            let text = escaped(&text);
            for path in ["whip", "whep"] {
                let at = format!("/{path}/{text}");
                let request = stranger.request(Method::POST, &at).bearer_auth(&secret);
                let answer = request
                    .header("content-type", "application/sdp")
                    .body("v=0")
                    .send()
                    .await
                    .unwrap();
                assert_answered(&at, answer).await;
                for method in [Method::PATCH, Method::DELETE] {
                    let at = format!("/{path}/GB-01/{text}");
                    let request = stranger.request(method, &at).bearer_auth(&secret);
                    let answer = request
                        .header("content-type", "application/sdp")
                        .body("v=0")
                        .send()
                        .await
                        .unwrap();
                    assert_answered(&at, answer).await;
                }
            }
            let at = format!("/ws/sessions/{text}");
            let answer = stranger
                .request(Method::GET, &at)
                .bearer_auth(&secret)
                .header("connection", "upgrade")
                .header("upgrade", "websocket")
                .header("sec-websocket-version", "13")
                .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
                .send()
                .await
                .unwrap();
            assert_answered(&at, answer).await;
            for page in ["j", "s", "assets"] {
                let at = format!("/{page}/{text}");
                let answer = stranger.get(&at).await;
                assert!(answer.status().as_u16() < 500, "{at}: {}", answer.status());
            }
        }
        for (name, value) in [
            ("authorization", &b"Bearer \xc3\x28\xff"[..]),
            ("authorization", b"Bearer a\x09b"),
            ("cookie", b"__Host-diemcau=\xff\xfe"),
            ("cookie", b"__Host-diemcau=%00%ff"),
        ] {
            let value = reqwest::header::HeaderValue::from_bytes(value).unwrap();
            let answer = stranger
                .request(Method::GET, "/api/v1/sessions")
                .header(name, value)
                .send()
                .await
                .unwrap();
            assert_eq!(problem(answer, 401).await.code, "not_signed_in", "{name}");
        }
    }
}

#[tokio::test]
async fn title_and_names_are_stored_as_the_door_lets_them_through() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let (_, mut body) = bodies(&server).remove(3);
        body.as_object_mut().unwrap().remove("class_code");
        body["title"] =
            json!("  Họp\u{a0}giao\nban  tho\u{302}\u{301}ng\u{ad} nha\u{302}\u{301}t ");
        let made: Session = chair
            .post("/api/v1/sessions", &body)
            .await
            .json()
            .await
            .unwrap();
        assert_eq!(made.title, "Họp giao ban thống nhất");
        for (title, reason) in [
            ("a".repeat(201), "too_long"),
            ("\u{3164}\u{200b}".to_owned(), "empty"),
            ("Họp\0".to_owned(), "unreadable"),
            ("Họp \u{202e}nab oaig".to_owned(), "direction"),
            (format!("Họp{}", "\u{301}".repeat(20)), "marks"),
        ] {
            body["title"] = json!(title);
            let refused = problem(chair.post("/api/v1/sessions", &body).await, 400).await;
            assert_eq!(
                (refused.code.as_str(), refused.params["reason"].as_str()),
                ("bad_title", reason)
            );
            assert_eq!(refused.params["limit"], "200");
        }
        let half = body
            .to_string()
            .replace(&body["title"].to_string(), r#""Họp \ud83d""#);
        let refused = problem(
            send(&chair, Method::POST, "/api/v1/sessions", Some(half)).await,
            400,
        )
        .await;
        assert_eq!(refused.code, "unreadable_text");

        let nameless = json!({ "role": "presenter", "name": " \u{2800} " });
        let refused = chair.post("/api/v1/sessions/GB-01/links", &nameless).await;
        assert_eq!(problem(refused, 400).await.params["reason"], "empty");
        let link: Link = chair
            .post(
                "/api/v1/sessions/GB-01/links",
                &json!({ "role": "presenter" }),
            )
            .await
            .json()
            .await
            .unwrap();
        let guest = server.stranger();
        let refused = guest
            .exchange(&secret_of(&link.url), Some("\u{200d}\u{2060}"))
            .await;
        assert_eq!(problem(refused, 400).await.code, "bad_name");
        let me: Value = guest
            .exchange(
                &secret_of(&link.url),
                Some("Lo\u{302} Thi\u{323}\u{200b} Hằng"),
            )
            .await
            .json()
            .await
            .unwrap();
        assert_eq!(me["name"], "Lô Thị Hằng");
    }
}

#[tokio::test]
async fn codes_are_found_as_people_paste_them() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        for code in ["GB-01", "GB-01%20", "%e2%80%8bGB-01"] {
            assert_eq!(
                chair
                    .get(&format!("/api/v1/sessions/{code}"))
                    .await
                    .status(),
                200,
                "{code}"
            );
        }
        assert_eq!(
            server
                .stranger()
                .sign_in(" chutri\u{feff}", crate::support::PASSWORD)
                .await
                .status(),
            200
        );
    }
}

#[tokio::test]
async fn last_words_of_a_child_process_are_kept_whatever_they_are() {
    for server in servers().await {
        let words = "ffmpeg: \0\u{1b}[31mno such encoder";
        let now = server.clock.now();
        let mut tx = server.store.write().await.unwrap();
        let other = protocol::RecordingId(uuid::Uuid::now_v7());
        captures::request(&mut tx, other, server.session, now)
            .await
            .unwrap();
        captures::troubled(&mut tx, other, words).await.unwrap();
        queue::enqueue(&mut tx, "compose", "{}", now).await.unwrap();
        let claimed = take_job(&mut tx).await.unwrap();
        assert!(
            queue::give_back(&mut tx, &claimed, words, None, now)
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
        let mut conn = server.store.read().await.unwrap();
        let failure = replays::by_id(&mut conn, other).await.unwrap().unwrap();
        assert_eq!(failure.failure, Some(RecordingFailure::Unknown));
        assert_eq!(
            people::search(&mut conn, "a\0b", 5).await.unwrap(),
            Vec::<String>::new()
        );
    }
}
