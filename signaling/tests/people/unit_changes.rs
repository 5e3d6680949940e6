//! Decisions on units: written, in effect on their day, undone, and kept from whoever may not.

use protocol::api::{
    AccountRole, MovedKind, Page, UnitChange, UnitChangeEffect, UnitChangeState, UnitTree,
};
use protocol::api::{Secrecy, Session};
use serde_json::{Value, json};
use signaling::access::accounts;
use signaling::org::changes::due;
use signaling::platform::clock::day;

use crate::recordings::{by_hand, count_by_hand, servers};
use crate::support::{Browser, HOUR_US, Server, problem};

const DAY_US: i64 = 24 * HOUR_US;

/// The day `days` from now.
fn ahead(server: &Server, days: i64) -> String {
    day(server.clock.now().plus_us(days * DAY_US)).0
}

fn decision(on: &str, steps: Value) -> Value {
    json!({ "document": "1678/NQ-UBTVQH15", "title": "Sắp xếp đơn vị", "day": on, "steps": steps })
}

/// The two communes become one.
fn merger(on: &str) -> Value {
    let into = json!({ "code": "XA-AB", "name": "UBND xã Khê Hải", "kind": "commune_unit", "parent": "SGD" });
    decision(
        on,
        json!([{ "act": "merge", "codes": ["XA-A", "XA-B"], "into": into }]),
    )
}

async fn decide(browser: &Browser, body: &Value) -> UnitChange {
    let answer = browser.post("/api/v1/unit-changes", body).await;
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert_eq!(status, 201, "{text}");
    serde_json::from_str(&text).unwrap()
}

async fn refused(browser: &Browser, body: &Value, status: u16) -> String {
    let preview = browser.post("/api/v1/unit-changes/preview", body).await;
    let previewed = problem(preview, status).await.code;
    let answer = browser.post("/api/v1/unit-changes", body).await;
    let told = problem(answer, status).await.code;
    assert_eq!(previewed, told, "the preview says the same");
    told
}

async fn standing(browser: &Browser, on: &str) -> Vec<(String, String, Option<String>)> {
    let tree: UnitTree = browser.read(&format!("/api/v1/units?day={on}")).await;
    let units = tree.units.into_iter().filter(|unit| !unit.ended);
    units
        .map(|unit| (unit.code, unit.name, unit.parent))
        .collect()
}

async fn undo(browser: &Browser, change: &UnitChange) -> reqwest::Response {
    let path = format!("/api/v1/unit-changes/{}/undo", change.id);
    browser.post(&path, &json!({})).await
}

#[tokio::test]
async fn merger_of_a_coming_day_moves_people_points_and_rights_on_that_day_and_sessions_with_it() {
    for server in servers().await {
        let chief = server.signed_in("chutri").await;
        let (today, eve, on) = (ahead(&server, 0), ahead(&server, 2), ahead(&server, 3));
        let begins = server.clock.now().plus_us(5 * DAY_US);
        let points = [server.province.points[1]];
        server
            .province
            .session(&server.store, "GB-09", begins, Secrecy::Normal, &points)
            .await;
        let convene =
            "UPDATE session SET convening_unit_id = (SELECT id FROM org_unit WHERE code = 'XA-B')
                       WHERE code = 'GB-09'";
        by_hand(&server, convene).await;
        let before = (standing(&chief, &today).await, standing(&chief, &eve).await);

        let preview = chief
            .post("/api/v1/unit-changes/preview", &merger(&on))
            .await;
        let effect: UnitChangeEffect = preview.json().await.unwrap();
        assert_eq!(effect.units.len(), 4, "{:?}", effect.units);
        let count = |kind| {
            let of = effect.moved.iter().find(|things| things.kind == kind);
            of.map_or((0, 0), |things| (things.moved, things.ended))
        };
        assert_eq!(count(MovedKind::Appointment), (2, 0));
        assert_eq!(count(MovedKind::Point), (2, 0));
        assert_eq!(count(MovedKind::Grant), (2, 0));
        assert_eq!(count(MovedKind::Session), (1, 0));
        assert_eq!(count(MovedKind::Booking), (1, 0));
        assert_eq!(
            standing(&chief, &on).await.len(),
            4,
            "a preview writes nothing"
        );

        let change = decide(&chief, &merger(&on)).await;
        assert_eq!(change.state, UnitChangeState::Planned);
        assert_eq!(
            change.rows, effect.rows,
            "it writes what the preview counted"
        );
        assert_eq!(standing(&chief, &today).await, before.0);
        assert_eq!(
            standing(&chief, &eve).await,
            before.1,
            "the last day is inside"
        );
        let codes: Vec<_> = standing(&chief, &on)
            .await
            .into_iter()
            .map(|unit| unit.0)
            .collect();
        assert_eq!(codes, ["SGD", "TR-A", "XA-AB"]);
        let convener = |session: Session| session.convening_unit.code;
        let path = "/api/v1/sessions/GB-09";
        assert_eq!(convener(chief.read(path).await), "XA-B");
        assert_eq!(
            due::once(&server.running.state).await.unwrap(),
            0,
            "its day is to come"
        );

        // An administrator of one commune is one of both, from the day on.
        let unit_admin = server.signed_in("quantri").await;
        assert_eq!(
            unit_admin
                .get("/api/v1/bridge-points/DC-04/history")
                .await
                .status(),
            403
        );
        server.clock.set(3 * DAY_US);
        // A sign-in lasts for hours.
        let chief = server.signed_in("chutri").await;
        let unit_admin = server.signed_in("quantri").await;
        assert_eq!(due::once(&server.running.state).await.unwrap(), 1);
        assert_eq!(convener(chief.read(path).await), "XA-AB");
        assert_eq!(
            unit_admin
                .get("/api/v1/bridge-points/DC-04/history")
                .await
                .status(),
            200
        );
        let listed: Page<UnitChange> = chief.read("/api/v1/unit-changes").await;
        assert_eq!(listed.items[0].state, UnitChangeState::Applied);
        assert!(listed.items[0].rows > effect.rows, "and the session");

        // All of it goes back.
        assert_eq!(undo(&chief, &change).await.status(), 204);
        assert_eq!(standing(&chief, &on).await, before.1);
        assert_eq!(convener(chief.read(path).await), "XA-B");
        assert_eq!(
            unit_admin
                .get("/api/v1/bridge-points/DC-04/history")
                .await
                .status(),
            403
        );
        assert_eq!(
            undo(&chief, &change).await.status(),
            204,
            "once more changes nothing"
        );
        // What was undone may be decided again, by the same code.
        let again = decide(&chief, &merger(&ahead(&server, 4))).await;
        assert_eq!(again.rows, effect.rows);
    }
}

#[tokio::test]
async fn decision_that_others_build_on_is_not_undone() {
    for server in servers().await {
        let chief = server.signed_in("chutri").await;
        let (on, later) = (ahead(&server, 1), ahead(&server, 5));
        let change = decide(&chief, &merger(&on)).await;
        let rename = json!([{ "act": "rename", "code": "XA-AB", "name": "UBND xã Hải Khê", "kind": "commune_unit" }]);
        let second = decide(&chief, &decision(&later, rename)).await;
        let told = problem(undo(&chief, &change).await, 409).await.code;
        assert_eq!(told, "change_built_upon");
        let units = standing(&chief, &later).await;
        assert!(
            units.iter().any(|unit| unit.1 == "UBND xã Hải Khê"),
            "{units:?}"
        );
        assert_eq!(undo(&chief, &second).await.status(), 204);

        // A school that stands below the new commune needs it too.
        let add = json!([{ "act": "add", "unit":
            { "code": "MN-1", "name": "Mầm non Hoa Sen", "kind": "school", "parent": "XA-AB" } }]);
        let third = decide(&chief, &decision(&later, add)).await;
        let told = problem(undo(&chief, &change).await, 409).await.code;
        assert_eq!(told, "change_built_upon");
        assert_eq!(undo(&chief, &third).await.status(), 204);
        assert_eq!(undo(&chief, &change).await.status(), 204);
    }
}

#[tokio::test]
async fn unit_administrator_changes_what_stands_below_and_nothing_foreign_or_above() {
    for server in servers().await {
        let admin = server.signed_in("quantri").await;
        let on = ahead(&server, 1);
        let spec = |code: &str, parent: &str| json!({ "code": code, "name": "Trường mới", "kind": "school", "parent": parent });
        for steps in [
            // Its own unit stands below what it does not administer.
            json!([{ "act": "rename", "code": "XA-A", "name": "Xã khác", "kind": "commune_unit" }]),
            json!([{ "act": "close", "code": "XA-A", "heir": "XA-B" }]),
            json!([{ "act": "rename", "code": "SGD", "name": "Sở khác", "kind": "department" }]),
            // Both units above count: away from its own, and to its own.
            json!([{ "act": "move", "code": "TR-A", "parent": "XA-B" }]),
            json!([{ "act": "move", "code": "XA-B", "parent": "XA-A" }]),
            json!([{ "act": "add", "unit": spec("TR-9", "XA-B") }]),
            json!([{ "act": "merge", "codes": ["TR-A", "XA-B"], "into": spec("TR-9", "XA-A") }]),
            json!([{ "act": "close", "code": "TR-A", "heir": "XA-B" }]),
        ] {
            let body = decision(&on, steps);
            assert_eq!(refused(&admin, &body, 403).await, "not_allowed", "{body}");
        }
        let add = decision(&on, json!([{ "act": "add", "unit": spec("TR-9", "XA-A") }]));
        let member = server.signed_in("thanhvien").await;
        assert_eq!(refused(&member, &add, 403).await, "not_allowed");
        let change = decide(&admin, &add).await;
        let other = server.signed_in("kythuat").await;
        assert_eq!(undo(&other, &change).await.status(), 403);
        assert_eq!(undo(&admin, &change).await.status(), 204);
    }
}

#[tokio::test]
async fn merger_gives_nobody_a_role_that_whoever_decides_may_not_give() {
    for server in servers().await {
        let admin = server.signed_in("quantri").await;
        let now = server.clock.now();
        let mut tx = server.store.write().await.unwrap();
        let account = accounts::by_login(&mut tx, "thanhvien")
            .await
            .unwrap()
            .unwrap();
        let tree = signaling::org::units::Org::default()
            .tree(&mut tx, &day(now))
            .await
            .unwrap();
        let school = tree.by_code("TR-A").unwrap().id;
        let role = AccountRole::DepartmentAdmin;
        accounts::grant(&mut tx, account.id, role, school, &day(now))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let on = ahead(&server, 1);
        let body = decision(
            &on,
            json!([{ "act": "close", "code": "TR-A", "heir": "XA-A" }]),
        );
        assert_eq!(refused(&admin, &body, 403).await, "role_beyond");
        decide(&server.signed_in("chutri").await, &body).await;
    }
}

#[tokio::test]
async fn unit_with_points_sessions_or_units_below_closes_only_with_an_heir() {
    for server in servers().await {
        let chief = server.signed_in("chutri").await;
        let on = ahead(&server, 1);
        let close =
            |code: &str| decision(&on, json!([{ "act": "close", "code": code, "heir": null }]));
        assert_eq!(refused(&chief, &close("XA-A"), 409).await, "units_left");
        assert_eq!(refused(&chief, &close("XA-B"), 409).await, "unit_in_use");
        by_hand(
            &server,
            "UPDATE bridge_point SET state = 'closed' WHERE code = 'DC-04'",
        )
        .await;
        let begins = server.clock.now().plus_us(2 * DAY_US);
        server
            .province
            .session(&server.store, "GB-09", begins, Secrecy::Normal, &[])
            .await;
        let convene =
            "UPDATE session SET convening_unit_id = (SELECT id FROM org_unit WHERE code = 'XA-B')
                       WHERE code = 'GB-09'";
        by_hand(&server, convene).await;
        assert_eq!(refused(&chief, &close("XA-B"), 409).await, "unit_in_use");
        by_hand(
            &server,
            "UPDATE session SET cancelled_at_us = 1 WHERE code = 'GB-09'",
        )
        .await;
        decide(&chief, &close("XA-B")).await;
        let left = count_by_hand(
            &server,
            "UPDATE role_grant SET role = role WHERE valid_to IS NULL
               AND unit_id = (SELECT id FROM org_unit WHERE code = 'XA-B')",
        );
        assert_eq!(left.await, 0, "roles end with the unit");
    }
}

#[tokio::test]
async fn bad_decisions_are_told_by_name() {
    for server in servers().await {
        let chief = server.signed_in("chutri").await;
        let on = ahead(&server, 1);
        let spec = |code: &str, name: &str| {
            json!([{ "act": "add", "unit":
            { "code": code, "name": name, "kind": "school", "parent": "SGD" } }])
        };
        let add = |code: &str, name: &str| decision(&on, spec(code, name));
        for (body, status, code) in [
            (add("XA-A", "Xã"), 409, "unit_code_taken"),
            (add("a b", "Trường"), 400, "bad_unit"),
            (add("", "Trường"), 400, "bad_unit"),
            (add("TR-9", "\u{202e}"), 400, "bad_unit"),
            (add("TR-9", &"dài ".repeat(80)), 400, "bad_unit"),
            (
                decision("2026-02-30", spec("TR-9", "Trường")),
                400,
                "bad_day",
            ),
            (decision("mai", spec("TR-9", "Trường")), 400, "bad_day"),
            (decision(&on, json!([])), 400, "bad_steps"),
            (
                decision(
                    &on,
                    json!([{ "act": "move", "code": "TR-A", "parent": "KHONG" }]),
                ),
                400,
                "unknown_unit",
            ),
            (
                decision(
                    &on,
                    json!([{ "act": "move", "code": "XA-A", "parent": "TR-A" }]),
                ),
                409,
                "unit_cycle",
            ),
            (
                decision(
                    &on,
                    json!([{ "act": "move", "code": "TR-A", "parent": "XA-A" }]),
                ),
                400,
                "nothing_changes",
            ),
        ] {
            assert_eq!(refused(&chief, &body, status).await, code, "{body}");
        }
        let mut body = add("TR-9", "Trường");
        body["document"] = json!("");
        assert_eq!(refused(&chief, &body, 400).await, "bad_document");
        let none = chief.get("/api/v1/unit-changes/1").await;
        assert_eq!(problem(none, 404).await.code, "unknown_change");
    }
}

#[tokio::test]
async fn two_who_decide_on_one_unit_at_once_are_not_both_right() {
    for server in servers().await {
        let chief = server.signed_in("chutri").await;
        let on = ahead(&server, 1);
        let step = |parent: &str| {
            decision(
                &on,
                json!([{ "act": "move", "code": "TR-A", "parent": parent }]),
            )
        };
        let (one, other) = (step("SGD"), step("XA-B"));
        let answers = tokio::join!(
            chief.post("/api/v1/unit-changes", &one),
            chief.post("/api/v1/unit-changes", &other),
        );
        let mut statuses = [answers.0.status().as_u16(), answers.1.status().as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
    }
}

#[tokio::test]
async fn list_of_decisions_is_paged_without_leaving_any_out() {
    for server in servers().await {
        let chief = server.signed_in("chutri").await;
        let on = ahead(&server, 1);
        for number in 0..55 {
            let unit = json!({ "code": format!("TR-{number}"), "name": "Trường", "kind": "school", "parent": "SGD" });
            decide(
                &chief,
                &decision(&on, json!([{ "act": "add", "unit": unit }])),
            )
            .await;
        }
        let first: Page<UnitChange> = chief.read("/api/v1/unit-changes").await;
        let path = format!("/api/v1/unit-changes?cursor={}", first.next.unwrap());
        let second: Page<UnitChange> = chief.read(&path).await;
        assert_eq!((first.items.len(), second.items.len()), (50, 5));
        let mut ids: Vec<_> = first
            .items
            .iter()
            .chain(&second.items)
            .map(|c| &c.id)
            .collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 55);
    }
}
