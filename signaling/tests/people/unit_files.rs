//! Files of units: read row by row, written as one decision.

use std::collections::BTreeSet;

use protocol::api::{UnitChange, UnitFileFault, UnitFileOutcome, UnitFileReading, UnitTree};
use serde_json::{Value, json};

use crate::recordings::servers;
use crate::support::{Browser, problem};

const BEFORE: &str = include_str!("../fixtures/nghe-an-before.csv");
const AFTER: &str = include_str!("../fixtures/nghe-an-after.csv");

fn file(day: &str, text: &str) -> Value {
    json!({ "document": "1678/NQ-UBTVQH15", "title": "Sắp xếp xã, phường", "day": day, "text": text })
}

async fn preview(browser: &Browser, body: &Value) -> UnitFileReading {
    let answer = browser
        .post("/api/v1/unit-changes/import/preview", body)
        .await;
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).unwrap()
}

async fn write(browser: &Browser, body: &Value) -> UnitChange {
    let answer = browser.post("/api/v1/unit-changes/import", body).await;
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert_eq!(status, 201, "{text}");
    serde_json::from_str(&text).unwrap()
}

fn count(reading: &UnitFileReading, outcome: UnitFileOutcome) -> usize {
    reading
        .rows
        .iter()
        .filter(|row| row.outcome == outcome)
        .count()
}

async fn standing(browser: &Browser, day: &str, kinds: &[&str]) -> usize {
    let tree: UnitTree = browser.read(&format!("/api/v1/units?day={day}")).await;
    let units = tree.units.iter();
    units
        .filter(|unit| !unit.ended && kinds.contains(&&unit.kind[..]))
        .count()
}

#[tokio::test]
async fn province_before_and_after_its_reform_comes_from_two_files() {
    const DISTRICTS: [&str; 3] = ["huyện", "thị xã", "thành phố"];
    const COMMUNES: [&str; 2] = ["xã", "phường"];
    for server in servers().await {
        // The department of the tests begins with the reform; here it was there before.
        let begins = "UPDATE org_unit_version SET valid_from = '2020-01-01'
                      WHERE unit_id = (SELECT id FROM org_unit WHERE code = 'SGD')";
        crate::recordings::by_hand(&server, begins).await;
        let chief = server.signed_in("chutri").await;
        let (before, after) = (file("2024-01-01", BEFORE), file("2025-07-01", AFTER));
        write(&chief, &before).await;
        assert_eq!(standing(&chief, "2024-01-01", &DISTRICTS).await, 20);

        let reading = preview(&chief, &after).await;
        assert_eq!(count(&reading, UnitFileOutcome::New), 130);
        let written = write(&chief, &after).await;
        assert_eq!(written.rows, reading.effect.unwrap().rows);
        for (day, districts, communes) in [("2025-06-30", 20, 0), ("2025-07-01", 0, 130)] {
            assert_eq!(standing(&chief, day, &DISTRICTS).await, districts, "{day}");
            assert_eq!(standing(&chief, day, &COMMUNES).await, communes, "{day}");
        }
        let tree: UnitTree = chief.read("/api/v1/units?day=2025-07-01").await;
        let ended = tree.units.iter().filter(|unit| unit.ended);
        let heirs: Vec<usize> = ended.map(|unit| unit.became.len()).collect();
        assert_eq!((heirs.len(), heirs.iter().sum::<usize>()), (20, 130));

        // The same files again change nothing.
        let again = preview(&chief, &after).await;
        assert_eq!(count(&again, UnitFileOutcome::Same), 130);
        assert!(again.effect.is_none());
        let refused = chief.post("/api/v1/unit-changes/import", &after).await;
        assert_eq!(problem(refused, 400).await.code, "bad_steps");
    }
}

#[tokio::test]
async fn file_with_a_bad_row_writes_nothing_and_the_mended_one_only_what_is_missing() {
    for server in servers().await {
        let chief = server.signed_in("chutri").await;
        let mut text = "Mã;Tên;Loại;Thuộc\n".to_owned();
        for number in 0..40 {
            text += &format!("TR-{number:03};Trường {number};Trường;XA-A\n");
        }
        let bad = format!(
            "{text}TR-000;Trùng;;XA-A\nTR-900;;;XA-A\nTR-901;Lạ;;XA-ZZ\n a b ;X;;XA-A\nTR-902;Y;;\n"
        );
        let reading = preview(&chief, &file("2026-01-01", &bad)).await;
        let faults: BTreeSet<_> = reading
            .rows
            .iter()
            .filter_map(|row| row.fault.map(|f| (row.line, f as u8)))
            .collect();
        let wanted = [
            (2, UnitFileFault::Twice),
            (42, UnitFileFault::Twice),
            (43, UnitFileFault::NoName),
            (44, UnitFileFault::UnknownParent),
            (45, UnitFileFault::BadCode),
            (46, UnitFileFault::NoParent),
        ];
        assert_eq!(
            faults,
            wanted.map(|(line, fault)| (line, fault as u8)).into()
        );
        assert_eq!(
            reading.rows.len(),
            45,
            "new, changed, same and refused are all rows"
        );
        assert!(reading.effect.is_none());
        let refused = chief
            .post("/api/v1/unit-changes/import", &file("2026-01-01", &bad))
            .await;
        let refused = problem(refused, 409).await;
        assert_eq!(
            (refused.code.as_str(), &refused.params["count"][..]),
            ("file_refused", "6")
        );
        assert_eq!(standing(&chief, "2026-01-01", &["school"]).await, 0);

        write(&chief, &file("2026-01-01", &text)).await;
        assert_eq!(standing(&chief, "2026-01-01", &["school"]).await, 40);
        let more = format!("{text}TR-900;Thêm;Trường;XA-A\n");
        let reading = preview(&chief, &file("2026-01-02", &more)).await;
        assert_eq!(
            (
                count(&reading, UnitFileOutcome::Same),
                count(&reading, UnitFileOutcome::New)
            ),
            (40, 1)
        );
    }
}

#[tokio::test]
async fn file_reaches_no_further_than_whoever_sends_it() {
    for server in servers().await {
        let admin = server.signed_in("quantri").await;
        for text in [
            "code,name,parent\nTR-9,Trường,XA-B\n",
            "code,name\nXA-A,Xã khác\n",
            "code,name,parent\nTR-A,,XA-B\n",
        ] {
            let body = file("2026-01-01", text);
            for path in ["import", "import/preview"] {
                let answer = admin
                    .post(&format!("/api/v1/unit-changes/{path}"), &body)
                    .await;
                assert_eq!(
                    problem(answer, 403).await.code,
                    "not_allowed",
                    "{path} {text}"
                );
            }
        }
        write(
            &admin,
            &file("2026-01-01", "code,name,parent\nTR-9,Trường,XA-A\n"),
        )
        .await;
    }
}
