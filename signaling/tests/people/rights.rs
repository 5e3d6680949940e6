//! Who may do what, walked through the real server: every route, every kind of people, what is theirs and what is not.
//!
//! The table is `rights.txt`. A route that is not in it fails, and so does one that lets somebody else through than it says.

use std::fmt::Write as _;

use protocol::api::{AccountRole, LinkPurpose, Secrecy};
use protocol::client::{Preset, SessionKind, SessionRole};
use protocol::{AccountId, AppointmentId, PersonId, SessionId, TokenId, UnitId};
use reqwest::Method;
use serde_json::{Value, json};
use signaling::access::{accounts, hash_password, tokens};
use signaling::org::{people, units};
use signaling::platform::clock::day;
use signaling::platform::secret::hash;
use signaling::schedule::sessions::NewSession;
use signaling::schedule::{classes, sessions};

use crate::keys::{SCOPES, key};
use crate::recordings::archived_of;
use crate::routes::{is_public, operations};
use crate::support::{Browser, HOUR_US, PASSWORD, Server};

/// What people see of each other's things in the table.
const TABLE: &str = include_str!("rights.txt");

/// Everybody who asks, in the order of the columns. The offices are held over `XA-A`, apart from the department's; the key
/// is for it.
const PEOPLE: [&str; 12] = [
    "department_admin",
    "unit_admin",
    "it_staff",
    "trainer",
    "member",
    "chair",
    "secretary",
    "point_link",
    "viewer_link",
    "guest_link",
    "nobody",
    "unit_key",
];

/// A session, a point, a class, a recording and somebody that belong to one place.
struct Things {
    name: &'static str,
    unit: &'static str,
    session: String,
    point: &'static str,
    class: &'static str,
    recording: String,
    link: TokenId,
    key: String,
    person: PersonId,
    appointment: AppointmentId,
    /// Made by the administrator of the unit, or by the department's.
    import: String,
    change: String,
    account: AccountId,
}

#[tokio::test]
async fn every_route_lets_through_whom_the_table_says_and_nobody_else() {
    let server =
        Server::start_with(|config| config.sign_in.attempts_per_minute_per_address = 100).await;
    let (mut own, mut foreign) = (
        things(&server, "own").await,
        things(&server, "foreign").await,
    );
    let people = people_of(&server, &own).await;
    let chief = server.signed_in("chutri").await;
    for things in [&mut own, &mut foreign] {
        let (made, _) = key(&server, &chief, things.unit, &["units:read"]).await;
        things.key = made.key.id;
    }
    own.import = import(&people[1]).await;
    foreign.import = import(&people[0]).await;
    let mut told = format!(
        "{:<68}{}\n",
        "# yes: let through; no: 403; 401: nobody is recognised",
        PEOPLE.join(" ")
    );
    let mut routes: Vec<(String, String)> = operations()
        .into_iter()
        .map(|(method, path, _)| (method, path))
        .filter(|(method, path)| !is_public(method, path))
        .collect();
    // What ends a thing comes after what looks at it, and what ends a sign-in last.
    routes.sort_by_key(|(method, path)| {
        (
            path.ends_with("/sign-out"),
            path.ends_with("/end") || path.ends_with("/close"),
            path.ends_with("/cancel"),
            path.clone(),
            method.clone(),
        )
    });
    let mut number = 0;
    for (method, path) in &routes {
        let makes = [
            "/api/v1/api-keys",
            "/api/v1/sessions",
            "/api/v1/people",
            "/api/v1/bridge-points",
            "/api/v1/accounts/codes",
            "/api/v1/accounts/invitations",
        ];
        let makes = makes.contains(&path.as_str()) || path.starts_with("/api/v1/unit-changes");
        let is_about = path.contains('{') && !path.contains("{sign_in}");
        let about_things = is_about || (makes && method == "post");
        for things in [&own, &foreign] {
            if !about_things && things.name == "foreign" {
                continue;
            }
            let place = if about_things { things.name } else { "" };
            let short = path.strip_prefix("/api/v1").unwrap();
            write!(told, "{:<7}{short:<53}{place:<8}", method.to_uppercase()).unwrap();
            for (who, browser) in PEOPLE.iter().zip(&people) {
                number += 1;
                let answer = ask(&server, browser, method, path, things, number).await;
                write!(told, "{answer:<width$}", width = who.len() + 1).unwrap();
            }
            told = told.trim_end().to_owned() + "\n";
        }
    }
    assert_eq!(told, TABLE, "the server's answers are:\n{told}");
}

async fn ask(
    server: &Server,
    browser: &Browser,
    method: &str,
    path: &str,
    things: &Things,
    number: i64,
) -> &'static str {
    let id = match path {
        path if path.contains("/api-keys/") => things.key.clone(),
        path if path.contains("/recordings/") => things.recording.clone(),
        path if path.contains("/unit-changes/") => things.change.clone(),
        _ => things.link.to_string(),
    };
    let code = match path {
        path if path.contains("/bridge-points/") => things.point,
        path if path.contains("/classes/") => things.class,
        path if path.contains("/units/") => things.unit,
        _ => &things.session,
    };
    let address = path
        .replace("{code}", code)
        .replace("{id}", &id)
        .replace("{participant}", &SessionId(uuid::Uuid::nil()).to_string())
        .replace("{person}", &things.person.to_string())
        .replace("{appointment}", &things.appointment.to_string())
        .replace("{import}", &things.import)
        .replace("{sign_in}", &uuid::Uuid::nil().to_string())
        .replace("{account}", &things.account.to_string())
        .replace("{role}", &uuid::Uuid::nil().to_string());
    let begins = server.clock.now().plus_us(number * 2 * HOUR_US);
    let body = match (method, path) {
        ("post", "/api/v1/sessions") => json!({
            "title": "Họp chuyên môn", "kind": "meeting", "secrecy": "normal", "convening_unit": things.unit,
            "bridge_points": [things.point], "starts_at_us": begins, "ends_at_us": begins.plus_us(HOUR_US),
        }),
        ("post", "/api/v1/api-keys") => json!({
            "name": "Phần mềm", "unit": things.unit, "scopes": ["units:read"], "last_day": day(server.clock.now()),
        }),
        ("post", "/api/v1/people") => json!({
            "name": "Người mới", "is_namesake": true,
            "appointment": { "unit": things.unit, "position": "Giáo viên" },
        }),
        ("put", "/api/v1/people-imports/{import}/columns") => {
            json!({ "columns": ["name", "unit"], "short_codes": "keep" })
        }
        ("put", "/api/v1/guide") => json!({ "skipped": [], "is_closed": false }),
        ("put", "/api/v1/settings") => json!({ "changes": [] }),
        ("put", "/api/v1/people/{person}") => json!({ "name": "Người cũ" }),
        ("post", path) if path.ends_with("/appointments") => {
            json!({ "unit": things.unit, "position": "Tổ trưởng" })
        }
        ("post", path) if path.ends_with("/{appointment}/end") => {
            json!({ "last_day": day(server.clock.now()) })
        }
        ("post", path) if path.ends_with("/close") => json!({ "even_in_use": true }),
        ("post", path) if path.starts_with("/api/v1/bridge-points") => json!({
            "code": format!("DC-9{number}"), "name": "Điểm cầu", "number": number, "main": false, "host": things.unit,
            // Whoever belongs to a point goes on to.
            "served": if things.name == "own" { vec!["TR-A"] } else { vec![] }, "rooms": [],
        }),
        ("post", path) if path.starts_with("/api/v1/unit-changes/import") => json!({
            "document": "1/QĐ", "title": "Nhập trường", "day": "2026-01-01",
            "text": format!("code,name,parent\nI-{number},Trường,{}\n", things.unit),
        }),
        ("post", path) if path.starts_with("/api/v1/unit-changes") && !path.ends_with("/undo") => {
            let unit = json!({ "code": format!("U-{number}"), "name": "Trường", "kind": "school", "parent": things.unit });
            json!({
                "document": "1/QĐ", "title": "Thêm trường", "day": "2026-01-01",
                "steps": [{ "act": "add", "unit": unit }],
            })
        }
        ("post", path) if path.starts_with("/api/v1/account/external") => {
            json!({ "password": "không phải" })
        }
        ("post", "/api/v1/account/password") => {
            json!({ "present": "không phải", "wanted": "hoa ban trắng" })
        }
        ("post", path) if path.starts_with("/api/v1/account/second-factor") => {
            json!({ "password": "không phải", "code": "000000" })
        }
        ("post", "/api/v1/accounts/codes" | "/api/v1/accounts/invitations") => {
            json!({ "people": [things.person], "reset": true })
        }
        ("post", path) if path.ends_with("/roles") => {
            json!({ "role": "member", "unit": things.unit })
        }
        ("post", path) if path.ends_with("/links") => json!({ "role": "presenter" }),
        ("post", path) if path.ends_with("/erasure") => json!({ "typed": "x" }),
        ("post", path) if path.ends_with("/cancel") => json!({ "reason": "Bão" }),
        ("patch", path) if path.ends_with("/sessions/{code}") => json!({ "title": "Họp" }),
        _ => Value::Null,
    };
    let method = method.to_uppercase().parse::<Method>().unwrap();
    // Whatever version stands: it is rights that are asked for.
    let mut request = browser.request(method.clone(), &address);
    if method != Method::GET {
        request = request.header("if-match", "*");
    }
    if !body.is_null() {
        request = request.json(&body);
    }
    match request.send().await.unwrap().status().as_u16() {
        401 => "401",
        403 => "no",
        status => {
            assert!(status < 500 && status != 405, "{method} {path}: {status}");
            "yes"
        }
    }
}

/// An import of nobody in particular.
async fn import(browser: &Browser) -> String {
    let request = browser.request(Method::POST, "/api/v1/people-imports?name=ds.csv");
    let answer = request
        .body("Họ tên;Đơn vị\nNgười lạ;KHONG\n")
        .send()
        .await
        .unwrap();
    let made: Value = answer.json().await.unwrap();
    made["id"].as_str().unwrap().to_owned()
}

/// What belongs to `XA-A` ("own") or to `XA-B` ("foreign").
async fn things(server: &Server, name: &'static str) -> Things {
    let now = server.clock.now();
    let points = server.province.points;
    let (unit_code, point, point_id, class) = match name {
        "own" => ("XA-A", "DC-03", points[2], "LOP-A"),
        _ => ("XA-B", "DC-04", points[3], "LOP-B"),
    };
    let mut conn = server.store.read().await.unwrap();
    let tree = units::Org::default()
        .tree(&mut conn, &day(now))
        .await
        .unwrap();
    let unit = tree.by_code(unit_code).unwrap().id;
    drop(conn);
    // Of the far past, so that they stand in no booking's way.
    let begins = now.plus_us(-2 * HOUR_US);
    let (chair, secretary) = match name {
        "own" => (
            Some(account(server, "chutoa", None, unit).await),
            Some(account(server, "thuky", None, unit).await),
        ),
        _ => (None, None),
    };
    let mut tx = server.store.write().await.unwrap();
    classes::insert(&mut tx, class, "Lớp", unit, 2026, now)
        .await
        .unwrap();
    let code = format!("PHIEN-{unit_code}");
    let session = sessions::insert(
        &mut tx,
        NewSession {
            code: &code,
            title: "Họp",
            kind: SessionKind::Meeting,
            preset: Preset::Discussion,
            secrecy: Secrecy::Normal,
            convening_unit: unit,
            chair,
            secretary,
            class: None,
            starts_at: begins,
            ends_at: begins.plus_us(3 * HOUR_US),
            auto_record: false,
            keep_days: None,
            guests_may_replay: false,
            max_interactive: 60,
            max_receive_only: 1_000,
            created_by: None,
            points: &[point_id],
        },
        now,
    )
    .await
    .unwrap();
    let link = link(
        &mut tx,
        session,
        &format!("{code}-spare"),
        SessionRole::Presenter,
        None,
    )
    .await;
    let person = people::insert(&mut tx, "Người của đơn vị", None, now)
        .await
        .unwrap();
    let today = day(now);
    let place = people::NewAppointment {
        unit,
        position: "Giáo viên",
        subject: None,
        from: &today,
        to: None,
    };
    let appointment = people::insert_appointment(&mut tx, person, place)
        .await
        .unwrap();
    let login = format!("nguoi.{name}");
    let account = accounts::insert(&mut tx, &login, "", person, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let recording = archived_of(server, session).await;
    let unit = json!({ "code": format!("CU-{unit_code}"), "name": "Trường", "kind": "school", "parent": unit_code });
    let decision = json!({
        "document": "1/QĐ", "title": "Thêm trường", "day": "2026-01-01", "steps": [{ "act": "add", "unit": unit }],
    });
    let chief = server.signed_in("chutri").await;
    let change = chief.post("/api/v1/unit-changes", &decision).await;
    let change: protocol::api::UnitChange = change.json().await.unwrap();
    Things {
        name,
        unit: unit_code,
        session: code,
        point,
        class,
        recording: recording.to_string(),
        change: change.id,
        link,
        person,
        appointment,
        import: String::new(),
        key: String::new(),
        account,
    }
}

async fn link(
    tx: &mut signaling::platform::database::Tx,
    session: SessionId,
    secret: &str,
    role: SessionRole,
    point: Option<protocol::PointId>,
) -> TokenId {
    let now = signaling::Clock::system().now();
    let token = tokens::NewToken {
        secret_hash: &hash(secret),
        purpose: LinkPurpose::Join,
        session,
        role,
        point,
        account: None,
        display_name: None,
        created_by: None,
        expires_at: now.plus_us(24 * HOUR_US),
    };
    tokens::insert(tx, token, now).await.unwrap()
}

/// An account of somebody who works nowhere, with an office over a unit if there is a role.
async fn account(
    server: &Server,
    login: &str,
    role: Option<AccountRole>,
    unit: UnitId,
) -> AccountId {
    let now = server.clock.now();
    let mut tx = server.store.write().await.unwrap();
    let person = people::insert(&mut tx, login, None, now).await.unwrap();
    let password = hash_password(PASSWORD).unwrap();
    let id = accounts::insert(&mut tx, login, &password, person, now)
        .await
        .unwrap();
    if let Some(role) = role {
        accounts::grant(&mut tx, id, role, unit, &day(now))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    id
}

/// The browsers of [`PEOPLE`].
async fn people_of(server: &Server, own: &Things) -> Vec<Browser> {
    let province = &server.province;
    account(
        server,
        "pho",
        Some(AccountRole::DepartmentAdmin),
        province.department,
    )
    .await;
    account(
        server,
        "kt.xa",
        Some(AccountRole::ItStaff),
        province.commune,
    )
    .await;
    account(
        server,
        "gv.xa",
        Some(AccountRole::Trainer),
        province.commune,
    )
    .await;
    let mut conn = server.store.read().await.unwrap();
    let session = sessions::by_code(&mut conn, &own.session)
        .await
        .unwrap()
        .unwrap();
    drop(conn);
    let mut tx = server.store.write().await.unwrap();
    let point = Some(province.points[2]);
    link(&mut tx, session.id, "point", SessionRole::Point, point).await;
    link(&mut tx, session.id, "viewer", SessionRole::Viewer, None).await;
    link(&mut tx, session.id, "guest", SessionRole::Presenter, None).await;
    tx.commit().await.unwrap();
    let mut browsers = Vec::new();
    for login in [
        "pho",
        "quantri",
        "kt.xa",
        "gv.xa",
        "thanhvien",
        "chutoa",
        "thuky",
    ] {
        browsers.push(server.signed_in(login).await);
    }
    for (secret, name) in [
        ("point", None),
        ("viewer", Some("Người xem")),
        ("guest", Some("Khách mời")),
    ] {
        let browser = server.stranger();
        assert_eq!(
            browser.exchange(secret, name).await.status(),
            200,
            "{secret}"
        );
        browsers.push(browser);
    }
    browsers.push(server.stranger());
    // Of the administrator of the unit, with every scope that one may give.
    let (_, program) = key(server, &browsers[1], "XA-A", &SCOPES).await;
    browsers.push(program);
    browsers
}
