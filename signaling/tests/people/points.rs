//! Bridge points: who sees which, and who adds, changes and closes them.

use std::collections::BTreeSet;

use office_core::rights::{Act as _, PointFacts, ViewPoint};
use protocol::api::{Page, PointRef, RegisteredPoint, Secrecy};
use reqwest::Method;
use serde_json::{Value, json};
use signaling::access::accounts;
use signaling::org::points;
use signaling::org::units::Org;
use signaling::platform::clock::day;

use crate::recordings::{by_hand, servers};
use crate::support::{Browser, HOUR_US, Server, problem};

const LOGINS: [&str; 6] = [
    "chutri",
    "kythuat",
    "giangvien",
    "quantri",
    "thanhvien",
    "nguoila",
];

#[tokio::test]
async fn list_of_points_shows_what_the_rule_shows() {
    for server in servers().await {
        // One point serves a foreign school, one is hosted by nobody, one is closed.
        let serve = "INSERT INTO bridge_point_unit (id, point_id, unit_id, relation, valid_from)
             SELECT p.id, p.id, u.id, 'served', '2025-07-01' FROM bridge_point p, org_unit u
             WHERE p.code = 'DC-04' AND u.code = 'TR-A'";
        by_hand(&server, serve).await;
        let mut tx = server.store.write().await.unwrap();
        let now = server.clock.now();
        for (code, number) in [("DC-05", 5), ("DC-06", 6)] {
            let new = points::NewPoint {
                code,
                name: code,
                main: false,
                number,
            };
            points::insert(&mut tx, new, now).await.unwrap();
        }
        tx.commit().await.unwrap();
        by_hand(
            &server,
            "UPDATE bridge_point SET state = 'closed' WHERE code = 'DC-06'",
        )
        .await;

        let today = day(now);
        let mut sizes = BTreeSet::new();
        for login in LOGINS {
            let browser = server.signed_in(login).await;
            let listed: Page<PointRef> = browser.read("/api/v1/bridge-points").await;
            let mut conn = server.store.read().await.unwrap();
            let account = accounts::by_login(&mut conn, login).await.unwrap().unwrap();
            let grants = accounts::grants(&mut conn, account.id, &today)
                .await
                .unwrap();
            let own = points::of_person(&mut conn, account.person_id, &today)
                .await
                .unwrap();
            let tree = Org::default().tree(&mut conn, &today).await.unwrap();
            let all = points::all(&mut conn, &today).await.unwrap();
            let sees = |point: &&points::Point| {
                let facts = PointFacts {
                    host: tree.lineage_of_host(point.host_unit_id),
                    own: own.contains(&point.id),
                };
                ViewPoint::allows(&grants, &facts)
            };
            let expected: Vec<PointRef> =
                all.iter().filter(sees).map(points::Point::name).collect();
            assert_eq!(listed.items, expected, "{login}");
            sizes.insert(expected.len());
        }
        assert!(sizes.len() >= 3, "not everybody sees the same: {sizes:?}");
    }
}

const PATH: &str = "/api/v1/bridge-points";

fn point(code: &str, number: u32, host: &str) -> Value {
    json!({
        "code": code, "name": "Hội trường mới", "number": number, "main": false, "host": host, "served": ["TR-A"],
        "rooms": [{ "code": format!("PH-{code}"), "name": "Phòng họp", "seats": 30, "dual_use": true, "asset_code": "TS-0012",
            "equipment": [{ "name": "Camera PTZ", "count": 2, "asset_code": "TS-0013" }] }],
    })
}

async fn registered(browser: &Browser, code: &str) -> RegisteredPoint {
    let all: Page<RegisteredPoint> = browser.read("/api/v1/bridge-points/register").await;
    let found = all.items.into_iter().find(|one| one.point.code == code);
    found.unwrap_or_else(|| panic!("{code} is in the register"))
}

async fn edit(browser: &Browser, code: &str, body: &Value) -> reqwest::Response {
    edit_of(browser, code, "*", body).await
}

async fn edit_of(browser: &Browser, code: &str, etag: &str, body: &Value) -> reqwest::Response {
    let request = browser.request(Method::POST, &format!("{PATH}/{code}"));
    let request = request.header("if-match", etag).json(body);
    request.send().await.unwrap()
}

fn in_days(server: &Server, days: i64) -> String {
    day(server.clock.now().plus_us(days * 24 * HOUR_US)).0
}

#[tokio::test]
async fn point_is_changed_as_it_was_read_or_not_at_all() {
    for server in servers().await {
        let admin = server.signed_in("quantri").await;
        let added = admin.post(PATH, &point("DC-09", 9, "XA-A")).await;
        assert_eq!(added.status(), 204);
        let read = registered(&admin, "DC-09").await.etag;
        let mut body = point("DC-09", 10, "XA-A");
        let silent = admin.post(&format!("{PATH}/DC-09"), &body).await;
        assert_eq!(problem(silent, 428).await.code, "if_match_required");
        // A proxy that compresses has marked the tag as weak.
        let weak = format!("W/{read}");
        assert_eq!(edit_of(&admin, "DC-09", &weak, &body).await.status(), 204);
        body["rooms"][0]["seats"] = json!(31);
        let late = problem(edit_of(&admin, "DC-09", &read, &body).await, 412).await;
        assert_eq!(late.code, "changed_meanwhile");
        let stands = registered(&admin, "DC-09").await.etag;
        assert_eq!(late.params["etag"], stands);
        assert_eq!(edit_of(&admin, "DC-09", &stands, &body).await.status(), 204);
        let rooms = registered(&admin, "DC-09").await;
        assert_ne!(rooms.etag, stands, "rooms count");

        let (mine, theirs) = (point("DC-09", 11, "XA-A"), point("DC-09", 12, "XA-A"));
        let both = futures_util::future::join(
            edit_of(&admin, "DC-09", &rooms.etag, &mine),
            edit_of(&admin, "DC-09", &rooms.etag, &theirs),
        );
        let (mine, theirs) = both.await;
        let mut both = [mine.status().as_u16(), theirs.status().as_u16()];
        both.sort_unstable();
        assert_eq!(both, [204, 412], "of two at once, one");
    }
}

#[tokio::test]
async fn point_is_added_changed_from_a_day_on_and_closed() {
    for server in servers().await {
        let admin = server.signed_in("quantri").await;
        assert_eq!(
            admin.post(PATH, &point("DC-09", 9, "XA-A")).await.status(),
            204
        );
        let added = registered(&admin, "DC-09").await;
        assert_eq!(added.host.unwrap().unit.code, "XA-A");
        assert_eq!(added.served[0].unit.code, "TR-A");
        assert_eq!(added.rooms[0].asset_code.as_deref(), Some("TS-0012"));
        let camera = &added.rooms[0].equipment[0];
        assert_eq!((camera.name.as_str(), camera.count), ("Camera PTZ", 2));

        // Its host changes in three days; until then it stays.
        let mut body = point("DC-09", 10, "TR-A");
        (body["day"], body["served"]) = (json!(in_days(&server, 3)), json!([]));
        assert_eq!(edit(&admin, "DC-09", &body).await.status(), 204);
        let planned = registered(&admin, "DC-09").await;
        let host = planned.host.unwrap();
        assert_eq!(
            (host.unit.code.as_str(), planned.point.number),
            ("XA-A", 10)
        );
        assert_eq!(
            host.to.unwrap().0,
            in_days(&server, 2),
            "the eve is its last day"
        );
        body["day"] = json!(in_days(&server, 1));
        let refused = problem(edit(&admin, "DC-09", &body).await, 409).await;
        assert_eq!(refused.code, "point_changes_later");

        let close = json!({ "even_in_use": false });
        let path = format!("{PATH}/DC-09/close");
        assert_eq!(admin.post(&path, &close).await.status(), 204);
        assert!(registered(&admin, "DC-09").await.closed);
        let listed: Page<PointRef> = admin.read(PATH).await;
        assert!(listed.items.iter().all(|one| one.code != "DC-09"));
    }
}

#[tokio::test]
async fn point_that_sessions_invite_closes_only_when_that_is_said_to_be_meant() {
    for server in servers().await {
        let chief = server.signed_in("chutri").await;
        let begins = server.clock.now().plus_us(48 * HOUR_US);
        let points = [server.province.points[3]];
        server
            .province
            .session(&server.store, "GB-09", begins, Secrecy::Normal, &points)
            .await;
        let path = format!("{PATH}/DC-04/close");
        let refused = chief.post(&path, &json!({ "even_in_use": false })).await;
        let refused = problem(refused, 409).await;
        assert_eq!(
            (refused.code.as_str(), &refused.params["title"][..]),
            ("point_in_use", "Họp giao ban")
        );
        assert_eq!(
            chief
                .post(&path, &json!({ "even_in_use": true }))
                .await
                .status(),
            204
        );
    }
}

#[tokio::test]
async fn unit_administrator_looks_after_own_points_and_no_foreign_or_main_one() {
    for server in servers().await {
        let admin = server.signed_in("quantri").await;
        let all: Page<RegisteredPoint> = admin.read("/api/v1/bridge-points/register").await;
        let codes: Vec<_> = all.items.iter().map(|one| &one.point.code[..]).collect();
        assert_eq!(codes, ["DC-02", "DC-03"]);
        let mut main = point("DC-09", 9, "XA-A");
        main["main"] = json!(true);
        for (answer, what) in [
            (
                admin.post(PATH, &point("DC-09", 9, "XA-B")).await,
                "a foreign host",
            ),
            (
                edit(&admin, "DC-04", &point("DC-04", 4, "XA-A")).await,
                "a foreign point to oneself",
            ),
            (
                edit(&admin, "DC-03", &point("DC-03", 3, "XA-B")).await,
                "an own point to others",
            ),
            (
                edit(&admin, "DC-01", &point("DC-01", 1, "XA-A")).await,
                "the department's",
            ),
            (admin.post(PATH, &main).await, "a main one"),
        ] {
            assert_eq!(answer.status(), 403, "{what}");
        }
    }
}

#[tokio::test]
async fn bad_points_are_told_by_name() {
    for server in servers().await {
        let chief = server.signed_in("chutri").await;
        let with = |field: &str, value: Value| {
            let mut body = point("DC-09", 9, "XA-A");
            body[field] = value;
            body
        };
        let equipped = |equipment: Value| {
            let mut body = point("DC-09", 9, "XA-A");
            body["rooms"][0]["equipment"] = equipment;
            body
        };
        for (body, status, code) in [
            (
                equipped(json!([{ "name": "Micro", "count": 0, "asset_code": null }])),
                400,
                "bad_point",
            ),
            (
                equipped(json!([{ "name": " ", "count": 1, "asset_code": null }])),
                400,
                "bad_point",
            ),
            (point("DC-04", 9, "XA-A"), 409, "point_code_taken"),
            (point("DC-09", 4, "XA-A"), 409, "point_number_taken"),
            (point("DC-09", 0, "XA-A"), 400, "bad_point"),
            (point("a b", 9, "XA-A"), 400, "bad_point"),
            (point("DC-09", 9, "KHONG"), 400, "unknown_unit"),
            (with("served", json!(["KHONG"])), 400, "unknown_unit"),
            (with("name", json!(" ")), 400, "bad_point"),
            (with("main", json!(true)), 409, "main_point_taken"),
            (with("day", json!("2020-01-01")), 400, "bad_day"),
            (
                with(
                    "rooms",
                    json!([{ "code": "PH-03", "name": "Phòng", "seats": 1, "dual_use": false, "asset_code": null }]),
                ),
                409,
                "room_code_taken",
            ),
        ] {
            let told = problem(chief.post(PATH, &body).await, status).await.code;
            assert_eq!(told, code, "{body}");
        }
    }
}
