//! The list of people, somebody's page, and what administrators do there.

use std::collections::BTreeSet;

use office_core::rights::{Act as _, ViewPerson};
use protocol::api::{Page, Person, PersonSummary};
use protocol::{PersonId, UnitId};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use signaling::access::{Reader, accounts};
use signaling::org::people::{self, After, Filter, Names, NewAppointment};
use signaling::org::units;
use signaling::platform::audit;
use signaling::platform::clock::day;

use crate::support::{Browser, Server, date, problem};

/// Somebody with a code at a unit from today on.
async fn somebody(server: &Server, name: &str, code: Option<&str>, units: &[UnitId]) -> PersonId {
    let now = server.clock.now();
    let mut tx = server.store.write().await.unwrap();
    let names = Names {
        full_name: name,
        code,
        form_of_address: None,
    };
    let id = people::insert_named(&mut tx, names, now).await.unwrap();
    for unit in units {
        people::appoint(&mut tx, id, *unit, "Giáo viên", &day(now))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    id
}

async fn unit(server: &Server, code: &str) -> UnitId {
    let mut conn = server.store.read().await.unwrap();
    let today = day(server.clock.now());
    let tree = units::Org::default().tree(&mut conn, &today).await.unwrap();
    tree.by_code(code).unwrap().id
}

async fn names(browser: &Browser, query: &str) -> Vec<String> {
    let page: Page<PersonSummary> = browser.read(&format!("/api/v1/people{query}")).await;
    page.items.into_iter().map(|one| one.name).collect()
}

async fn put(browser: &Browser, id: &str, if_match: Option<&str>, body: &Value) -> Response {
    let request = browser.request(Method::PUT, &format!("/api/v1/people/{id}"));
    let request = match if_match {
        Some(tag) => request.header("if-match", tag),
        None => request,
    };
    request.json(body).send().await.unwrap()
}

#[tokio::test]
async fn people_are_found_without_diacritics_and_listed_by_given_name() {
    let server = Server::start().await;
    let school = unit(&server, "TR-A").await;
    for (name, code) in [
        ("Đỗ Đức", "4150-01"),
        ("Lê Thị Đào", "4150-02"),
        ("Nguyễn Văn Dũng", "4150-03"),
        ("Trần Thị Hoà", "4150-04"),
        ("Phạm Thị Hòa", "ab-7"),
    ] {
        somebody(&server, name, Some(code), &[school]).await;
    }
    let chief = server.signed_in("chutri").await;
    assert_eq!(names(&chief, "?q=do%20duc").await, ["Đỗ Đức"]);
    assert_eq!(
        names(&chief, "?q=th%E1%BB%8B%20h%C3%B2a").await,
        ["Phạm Thị Hòa", "Trần Thị Hoà"],
        "both ways to set the mark"
    );
    assert_eq!(names(&chief, "?q=AB-7").await, ["Phạm Thị Hòa"], "by code");
    assert_eq!(names(&chief, "?q=4150-0").await.len(), 4);
    assert_eq!(names(&chief, "?q=%25").await, [""; 0], "no wildcard");
    assert_eq!(
        names(&chief, "?q=%20").await.len(),
        11,
        "blanks are no wish"
    );
    // Dũng before Đào: đ is a letter of its own.
    let found = names(&chief, "?unit=TR-A").await;
    assert_eq!(
        found,
        [
            "Nguyễn Văn Dũng",
            "Lê Thị Đào",
            "Đỗ Đức",
            "Phạm Thị Hòa",
            "Trần Thị Hoà",
            "Nguyễn Thị Yến"
        ]
    );
}

#[tokio::test]
async fn administrator_sees_people_of_own_units_and_no_others() {
    let server = Server::start().await;
    let (school, other) = (unit(&server, "TR-A").await, unit(&server, "XA-B").await);
    somebody(&server, "Người Trường", None, &[school]).await;
    somebody(&server, "Người Khác", None, &[other]).await;
    somebody(&server, "Người Kiêm", None, &[other, school]).await;
    let keeper = server.signed_in("quantri").await;
    assert_eq!(
        names(&keeper, "").await,
        [
            "Lương Thanh Bình",
            "Người Kiêm",
            "Người Trường",
            "Nguyễn Thị Yến"
        ]
    );
    assert_eq!(names(&keeper, "?unit=XA-B").await, [""; 0], "not theirs");
    let member = server.signed_in("thanhvien").await;
    problem(member.get("/api/v1/people").await, 403).await;
    let bad = keeper.get("/api/v1/people?unit=KHONG").await;
    assert_eq!(problem(bad, 400).await.code, "unknown_unit");
    let bad = keeper.get("/api/v1/people?cursor=x").await;
    assert_eq!(problem(bad, 400).await.code, "malformed_query");
}

#[tokio::test]
async fn whoever_is_seen_in_the_list_is_whom_the_rule_lets_see() {
    let server = Server::start().await;
    let now = server.clock.now();
    let today = day(now);
    let (school, commune) = (unit(&server, "TR-A").await, unit(&server, "XA-A").await);
    let other = unit(&server, "XA-B").await;
    let past = date("2025-08-01");
    let mut all = Vec::new();
    for (index, at) in [
        &[(school, None)] as &[(UnitId, Option<&str>)],
        &[(other, None)],
        &[(school, Some("2025-12-31"))],
        &[(school, Some("2025-12-31")), (other, None)],
        &[(commune, None), (other, Some("2025-12-31"))],
        &[],
    ]
    .into_iter()
    .enumerate()
    {
        let id = somebody(&server, &format!("Người {index}"), None, &[]).await;
        let mut tx = server.store.write().await.unwrap();
        for (unit, to) in at {
            let to = to.map(date);
            let new = NewAppointment {
                unit: *unit,
                position: "Giáo viên",
                subject: None,
                from: &past,
                to: to.as_ref(),
            };
            people::insert_appointment(&mut tx, id, new).await.unwrap();
        }
        tx.commit().await.unwrap();
        all.push(id);
    }
    let mut conn = server.store.read().await.unwrap();
    let tree = units::Org::default().tree(&mut conn, &today).await.unwrap();
    for login in ["chutri", "quantri", "kythuat", "thanhvien"] {
        let account = accounts::by_login(&mut conn, login).await.unwrap().unwrap();
        let grants = accounts::grants(&mut conn, account.id, &today)
            .await
            .unwrap();
        let reader = Reader::of_account(account.id, account.person_id);
        let filter = Filter {
            wanted: Some("nguoi ".to_owned()),
            unit: None,
            after: After::beginning(),
            limit: 100,
        };
        let listed = people::visible_to(&mut conn, &reader, &today, &filter)
            .await
            .unwrap();
        let listed: BTreeSet<PersonId> = listed.into_iter().map(|one| one.id).collect();
        let mut expected = BTreeSet::new();
        for id in &all {
            let appointments = people::appointments(&mut conn, *id).await.unwrap();
            if ViewPerson::allows(&grants, &people::facts_of(&appointments, &tree, &today)) {
                expected.insert(*id);
            }
        }
        assert_eq!(listed, expected, "{login}");
    }
}

#[tokio::test]
async fn everybody_is_listed_once_though_all_share_name_and_time() {
    const PEOPLE: usize = 1_030;
    let server = Server::start().await;
    let (now, school) = (server.clock.now(), unit(&server, "TR-A").await);
    let mut tx = server.store.write().await.unwrap();
    for _ in 0..PEOPLE {
        let id = people::insert(&mut tx, "Nguyễn Thị Trùng", None, now)
            .await
            .unwrap();
        people::appoint(&mut tx, id, school, "Giáo viên", &day(now))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let chief = server.signed_in("chutri").await;
    let (mut seen, mut cursor, mut listed) = (BTreeSet::new(), String::new(), 0);
    loop {
        let path = format!("/api/v1/people?q=trung{cursor}");
        let page: Page<PersonSummary> = chief.read(&path).await;
        listed += page.items.len();
        seen.extend(page.items.into_iter().map(|one| one.id));
        match page.next {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!((listed, seen.len()), (PEOPLE, PEOPLE));
}

#[tokio::test]
async fn edit_names_the_state_it_changes_and_is_told_the_new_one() {
    let server = Server::start().await;
    let school = unit(&server, "TR-A").await;
    let id = somebody(&server, "Quang Thị Ha", Some("4150-0117"), &[school]).await;
    somebody(&server, "Vi Văn Tám", Some("4150-0118"), &[school]).await;
    let id = id.to_string();
    let keeper = server.signed_in("quantri").await;
    let answer = keeper.get(&format!("/api/v1/people/{id}")).await;
    assert_eq!(answer.headers()["etag"], "\"1\"");
    let body = json!({ "name": "Quang Thị Hà", "code": "4150-0117", "form_of_address": "Bà" });
    assert_eq!(
        problem(put(&keeper, &id, None, &body).await, 428)
            .await
            .code,
        "if_match_required"
    );
    // A proxy that compresses makes the tag weak.
    let answer = put(&keeper, &id, Some("W/\"1\""), &body).await;
    assert_eq!(answer.headers()["etag"], "\"2\"");
    let person: Person = answer.json().await.unwrap();
    assert_eq!(person.name, "Quang Thị Hà");
    let refused = problem(put(&keeper, &id, Some("\"1\""), &body).await, 412).await;
    assert_eq!(refused.code, "changed_meanwhile");
    assert_eq!(refused.params["etag"], "\"2\"");
    assert_eq!(refused.params["name"], "Quang Thị Hà");
    // What changes nothing makes no new state.
    let answer = put(&keeper, &id, Some("\"2\""), &body).await;
    assert_eq!(answer.headers()["etag"], "\"2\"");
    let taken = json!({ "name": "Quang Thị Hà", "code": "4150-0118" });
    let refused = problem(put(&keeper, &id, Some("\"2\""), &taken).await, 409).await;
    assert_eq!(refused.code, "person_code_taken");
    // The name is found by its new spelling, and stands in no line of the log.
    assert_eq!(
        names(&keeper, "?q=quang%20thi%20ha").await,
        ["Quang Thị Hà"]
    );
    let mut conn = server.store.read().await.unwrap();
    let lines = audit::last(&mut conn, 50).await.unwrap();
    let line = lines
        .iter()
        .find(|line| line.action == "edit_person")
        .unwrap();
    assert_eq!(line.resource, format!("person:{id}"));
    let after = line.after.as_deref().unwrap();
    assert!(
        after.contains("form_of_address") && !after.contains("Quang"),
        "{after}"
    );
}

#[tokio::test]
async fn namesake_at_the_same_unit_is_told_before_anything_is_written() {
    let server = Server::start().await;
    let school = unit(&server, "TR-A").await;
    somebody(&server, "Lô Thị Hằng", Some("4150-0044"), &[school]).await;
    let keeper = server.signed_in("quantri").await;
    let mut body = json!({
        "name": "Lô  thị hằng", "code": "4150-0900", "form_of_address": " ",
        "appointment": { "unit": "TR-A", "position": "Giáo viên", "subject": "Toán" },
    });
    let refused = problem(keeper.post("/api/v1/people", &body).await, 409).await;
    assert_eq!(refused.code, "namesake");
    assert_eq!(refused.params["code"], "4150-0044");
    assert_eq!(names(&keeper, "?q=hang").await.len(), 1);
    body["is_namesake"] = true.into();
    let made = keeper.post("/api/v1/people", &body).await;
    assert_eq!(made.status(), 201);
    let made: Person = made.json().await.unwrap();
    assert_eq!(made.form_of_address, None, "blanks are no form of address");
    assert_eq!(made.appointments[0].subject.as_deref(), Some("Toán"));
    assert_eq!(names(&keeper, "?q=hang").await.len(), 2);
    // Elsewhere it is nobody's namesake.
    body["appointment"]["unit"] = "XA-A".into();
    body["is_namesake"] = false.into();
    body["code"] = Value::Null;
    assert_eq!(keeper.post("/api/v1/people", &body).await.status(), 201);
}

#[tokio::test]
async fn appointments_are_added_and_ended_by_days() {
    let server = Server::start().await;
    let school = unit(&server, "TR-A").await;
    let id = somebody(&server, "Vi Thị Chiên", None, &[school]).await;
    let keeper = server.signed_in("quantri").await;
    let path = format!("/api/v1/people/{id}/appointments");
    let add = json!({ "unit": "XA-A", "position": "Chuyên viên", "from": "2030-01-01", "to": "2031-12-31" });
    let made: Person = keeper.post(&path, &add).await.json().await.unwrap();
    assert_eq!(made.appointments.len(), 2);
    let newest = &made.appointments[0];
    assert_eq!(
        (newest.from.as_str(), newest.to.as_deref()),
        ("2030-01-01", Some("2031-12-31"))
    );
    for (body, code) in [
        (json!({ "unit": "XA-A", "position": " " }), "bad_position"),
        (
            json!({ "unit": "XA-A", "position": "A", "from": "2030-02-30" }),
            "bad_day",
        ),
        (
            json!({ "unit": "XA-A", "position": "A", "from": "2030-02-02", "to": "2030-02-01" }),
            "ends_before_it_begins",
        ),
        (json!({ "unit": "KHONG", "position": "A" }), "unknown_unit"),
    ] {
        assert_eq!(
            problem(keeper.post(&path, &body).await, 400).await.code,
            code
        );
    }
    let end = |id: &str| format!("{path}/{id}/end");
    let early = json!({ "last_day": "2029-12-31" });
    let refused = problem(keeper.post(&end(&newest.id), &early).await, 400).await;
    assert_eq!(refused.code, "ends_before_it_begins");
    // The last day is a day on which it still holds.
    let today = day(server.clock.now());
    let current = made.appointments[1].id.clone();
    let told: Person = keeper
        .post(&end(&current), &json!({ "last_day": today }))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(told.appointments[1].to.as_deref(), Some(today.0.as_str()));
    let page: Page<PersonSummary> = keeper.read("/api/v1/people?q=chien").await;
    assert_eq!(page.items[0].appointments.len(), 2);
    server.clock.advance(2 * 24 * crate::support::HOUR_US);
    let keeper = server.signed_in("quantri").await;
    let again = problem(
        keeper
            .post(&end(&current), &json!({ "last_day": today }))
            .await,
        409,
    )
    .await;
    assert_eq!(again.code, "appointment_ended");
    let page: Page<PersonSummary> = keeper.read("/api/v1/people?q=chien").await;
    assert_eq!(page.items[0].appointments.len(), 1);
}

#[tokio::test]
async fn unit_administrator_reaches_neither_foreign_nor_upper_units() {
    let server = Server::start().await;
    let (school, other) = (unit(&server, "TR-A").await, unit(&server, "XA-B").await);
    let own = somebody(&server, "Người Trường", None, &[school]).await;
    let foreign = somebody(&server, "Người Khác", None, &[other]).await;
    let both = somebody(&server, "Người Kiêm", None, &[other, school]).await;
    let keeper = server.signed_in("quantri").await;
    for unit in ["SGD", "XA-B"] {
        let body = json!({ "name": "A", "appointment": { "unit": unit, "position": "A" } });
        problem(keeper.post("/api/v1/people", &body).await, 403).await;
        let body = json!({ "unit": unit, "position": "A" });
        let path = format!("/api/v1/people/{own}/appointments");
        problem(keeper.post(&path, &body).await, 403).await;
    }
    // Nobody is drawn into one's own units by an id that one heard of.
    let body = json!({ "unit": "TR-A", "position": "A" });
    let path = format!("/api/v1/people/{foreign}/appointments");
    problem(keeper.post(&path, &body).await, 403).await;
    problem(keeper.get(&format!("/api/v1/people/{foreign}")).await, 403).await;
    // Who sits in two places is seen, and renamed by those above both alone.
    let seen: Person = keeper.read(&format!("/api/v1/people/{both}")).await;
    assert_eq!(
        serde_json::to_value(&seen.may).unwrap(),
        json!(["appoint_person"])
    );
    let body = json!({ "name": "Tên Khác", "code": null, "form_of_address": null });
    problem(put(&keeper, &both.to_string(), Some("*"), &body).await, 403).await;
    for one in &seen.appointments {
        let path = format!("/api/v1/people/{both}/appointments/{}/end", one.id);
        let body = json!({ "last_day": day(server.clock.now()) });
        let status = keeper.post(&path, &body).await.status();
        let expected = if one.unit.code == "TR-A" { 200 } else { 403 };
        assert_eq!(
            (status.as_u16(), one.may.len()),
            (expected, usize::from(expected == 200))
        );
    }
    let chief = server.signed_in("chutri").await;
    assert_eq!(
        put(&chief, &both.to_string(), Some("*"), &body)
            .await
            .status(),
        200
    );
    let units: Page<protocol::api::UnitRef> = keeper.read("/api/v1/people/units").await;
    let codes: Vec<_> = units.items.iter().map(|unit| unit.code.as_str()).collect();
    assert_eq!(codes, ["TR-A", "XA-A"]);
}
