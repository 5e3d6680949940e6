//! The tree of units of any day, as different people see it.

use std::collections::BTreeMap;

use protocol::UnitId;
use protocol::api::{UnitDetail, UnitRow, UnitTree};
use signaling::org::units;
use signaling::org::units::NewVersion;
use signaling::platform::clock::day;

use crate::recordings::servers;
use crate::support::{Browser, HOUR_US, Server, date, problem};

const LOGINS: [&str; 6] = [
    "chutri",
    "kythuat",
    "giangvien",
    "quantri",
    "thanhvien",
    "nguoila",
];

/// Two district offices that ended on 30 June 2025; the commune `XA-A` came after one of them, and its school stood below it.
async fn districts(server: &Server) {
    let now = server.clock.now();
    let mut tx = server.store.write().await.unwrap();
    let tree = units::Org::default()
        .tree(&mut tx, &day(now))
        .await
        .unwrap();
    let id = |code: &str| tree.by_code(code).unwrap().id;
    let mut made: Vec<UnitId> = Vec::new();
    for (code, name) in [
        ("PGD-A", "Phòng GD&ĐT Mường Khê"),
        ("PGD-B", "Phòng GD&ĐT Đông Hải"),
    ] {
        let unit = units::insert(&mut tx, code, now).await.unwrap();
        let days = ("2020-01-01", Some("2025-06-30"));
        stand(&mut tx, unit, name, Some(id("SGD")), days).await;
        made.push(unit);
    }
    let before = ("2020-01-01", Some("2025-06-30"));
    stand(&mut tx, id("SGD"), "Sở Giáo dục", None, before).await;
    let name = "Trường cấp 2 Mường Khê";
    stand(&mut tx, id("TR-A"), name, Some(made[0]), before).await;
    let first = date("2025-07-01");
    for commune in ["XA-A", "XA-B"] {
        units::insert_succession(&mut tx, made[0], Some(id(commune)), "split", &first)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

async fn stand(
    tx: &mut signaling::platform::database::Tx,
    unit: UnitId,
    name: &str,
    parent: Option<UnitId>,
    (from, to): (&str, Option<&str>),
) {
    let last = to.map(date);
    let version = NewVersion {
        unit,
        name,
        kind: "school",
        parent,
        from: &date(from),
        to: last.as_ref(),
    };
    units::insert_version(tx, version).await.unwrap();
}

async fn tree(browser: &Browser, of: &str) -> UnitTree {
    browser.read(&format!("/api/v1/units?day={of}")).await
}

fn find<'a>(tree: &'a UnitTree, code: &str) -> &'a UnitRow {
    let found = tree.units.iter().find(|unit| unit.code == code);
    found.unwrap_or_else(|| panic!("{code} is in the tree"))
}

fn codes(tree: &UnitTree) -> Vec<&str> {
    tree.units.iter().map(|unit| unit.code.as_str()).collect()
}

#[tokio::test]
async fn tree_of_a_day_has_the_names_places_and_ends_of_that_day() {
    for server in servers().await {
        districts(&server).await;
        let chief = server.signed_in("chutri").await;
        let before = tree(&chief, "2025-06-30").await;
        assert_eq!(codes(&before), ["PGD-A", "PGD-B", "SGD", "TR-A"]);
        let school = find(&before, "TR-A");
        assert_eq!(school.parent.as_deref(), Some("PGD-A"));
        assert_eq!(school.name, "Trường cấp 2 Mường Khê");
        assert_eq!(school.to, Some(date("2025-06-30")));
        assert!(before.units.iter().all(|unit| !unit.ended));

        let after = tree(&chief, "2025-07-01").await;
        let office = find(&after, "PGD-A");
        assert!(office.ended, "the last day is 30/06");
        let heirs: Vec<_> = office.became.iter().map(|unit| &unit.code[..]).collect();
        assert_eq!(heirs, ["XA-A", "XA-B"]);
        assert!(find(&after, "PGD-B").became.is_empty());
        assert_eq!(find(&after, "TR-A").parent.as_deref(), Some("XA-A"));
        let days: Vec<_> = after
            .days
            .iter()
            .map(|day| (&day.day.0[..], day.changes))
            .collect();
        assert_eq!(days, [("2020-01-01", 4), ("2025-07-01", 4)]);

        let today: UnitTree = chief.read("/api/v1/units").await;
        assert_eq!(today.day, today.today);
        let school = find(&today, "TR-A");
        assert_eq!((school.people, school.points), (1, 1));
        assert_eq!(find(&before, "TR-A").people, 0, "nobody worked there then");

        let long_ago = tree(&chief, "2019-12-31").await;
        assert!(long_ago.units.is_empty());
    }
}

#[tokio::test]
async fn unit_tells_its_versions_and_what_became_of_it() {
    for server in servers().await {
        districts(&server).await;
        let chief = server.signed_in("chutri").await;
        let school: UnitDetail = chief.read("/api/v1/units/TR-A?day=2025-06-30").await;
        assert_eq!(school.unit.name, "Trường cấp 2 Mường Khê");
        let above: Vec<_> = school.above.iter().map(|unit| &unit.name[..]).collect();
        assert_eq!(above, ["Phòng GD&ĐT Mường Khê", "Sở Giáo dục"]);
        let parents: Vec<_> = school
            .versions
            .iter()
            .map(|version| version.parent.as_ref().unwrap().code.as_str())
            .collect();
        assert_eq!(parents, ["PGD-A", "XA-A"]);

        let office: UnitDetail = chief.read("/api/v1/units/PGD-A").await;
        assert!(office.unit.ended && office.may.is_empty());
        assert_eq!(office.became.len(), 2);
        let commune: UnitDetail = chief.read("/api/v1/units/XA-A").await;
        assert_eq!(commune.came_from[0].unit.as_ref().unwrap().code, "PGD-A");
        assert_eq!(commune.points[0].point.code, "DC-02");
        assert!(!commune.may.is_empty());

        let none = chief.get("/api/v1/units/KHONG").await;
        assert_eq!(problem(none, 404).await.code, "unknown_unit");
        for of in ["2025-02-30", "20250701", "0001-01-01", "mai"] {
            let refused = chief.get(&format!("/api/v1/units?day={of}")).await;
            assert_eq!(problem(refused, 400).await.code, "malformed_query", "{of}");
        }
    }
}

#[tokio::test]
async fn everybody_sees_their_own_line_and_administrators_the_whole_tree() {
    for server in servers().await {
        districts(&server).await;
        let mut seen = BTreeMap::new();
        for login in LOGINS {
            let browser = server.signed_in(login).await;
            for of in ["2025-06-30", "2025-07-01"] {
                let shown = tree(&browser, of).await;
                let all = tree(&server.signed_in("chutri").await, of).await;
                for unit in &all.units {
                    let path = format!("/api/v1/units/{}?day={of}", unit.code);
                    let page = browser.get(&path).await.status();
                    let listed = shown.units.contains(unit);
                    assert_eq!(page == 200, listed, "{login} {path}: {page}");
                }
                assert!(shown.units.iter().all(|unit| all.units.contains(unit)));
                seen.insert((login, of), shown.units.len());
            }
        }
        // Six units on the day of the change, two of which are no more.
        assert_eq!(seen[&("quantri", "2025-07-01")], 6);
        // School, commune, department; before, the school and its district office.
        assert_eq!(seen[&("thanhvien", "2025-07-01")], 3);
        assert_eq!(seen[&("thanhvien", "2025-06-30")], 3);
        assert_eq!(seen[&("nguoila", "2025-07-01")], 2);
    }
}

#[tokio::test]
async fn last_day_holds_until_midnight_in_viet_nam() {
    for server in servers().await {
        let now = server.clock.now();
        let today = day(now);
        let mut tx = server.store.write().await.unwrap();
        let unit = units::insert(&mut tx, "HET-HAN", now).await.unwrap();
        let department = Some(server.province.department);
        stand(
            &mut tx,
            unit,
            "Trung tâm",
            department,
            ("2025-07-01", Some(&today.0)),
        )
        .await;
        tx.commit().await.unwrap();
        // Midnight is at 17:00 UTC.
        let day_us = 24 * HOUR_US;
        let left = day_us - (now.0 + 7 * HOUR_US).rem_euclid(day_us);
        for (moved, ended) in [(left - HOUR_US / 60, false), (HOUR_US / 30, true)] {
            server.clock.set(moved);
            let chief = server.signed_in("chutri").await;
            let shown: UnitTree = chief.read("/api/v1/units").await;
            assert_eq!(find(&shown, "HET-HAN").ended, ended);
        }
    }
}
