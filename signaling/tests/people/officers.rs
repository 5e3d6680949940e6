//! Who is in charge of a session: by whom they are named, and what it gives them.

use protocol::api::{Candidate, Officer, OfficerPart, Page, Session, SessionAct};
use protocol::client::SessionRole;
use reqwest::Method;
use serde_json::{Value, json};

use crate::recordings::by_hand;
use crate::support::{Browser, HOUR_US, Server, problem, servers};

const OF_SESSION: &str = "/api/v1/sessions/GB-01";

/// Asks for somebody by letters of the name; the one person who is found.
async fn find(browser: &Browser, search: &str) -> Candidate {
    let path = format!("{OF_SESSION}/officer-candidates?search={search}");
    let found: Page<Candidate> = browser.read(&path).await;
    let [one] = &found.items[..] else {
        panic!("{search}: {found:?}");
    };
    one.clone()
}

async fn name(browser: &Browser, path: &str, officers: &[(&str, &str)]) -> reqwest::Response {
    let officers: Vec<Value> = officers
        .iter()
        .map(|(part, person)| json!({ "part": part, "person": person }))
        .collect();
    let request = browser.request(Method::PATCH, path).header("if-match", "*");
    let request = request.json(&json!({ "officers": officers }));
    request.send().await.unwrap()
}

/// Those in charge of a session, as it tells them.
async fn told(browser: &Browser, path: &str) -> Vec<(OfficerPart, String)> {
    let page: Page<Officer> = browser.read(&format!("{path}/officers")).await;
    let told = page.items.into_iter();
    told.map(|one| (one.part, one.name)).collect()
}

async fn part_of(server: &Server, login: &str) -> Option<SessionRole> {
    let browser = server.signed_in(login).await;
    let answer = browser.get(OF_SESSION).await;
    if answer.status() == 403 {
        return None;
    }
    let session: Session = answer.json().await.unwrap();
    let list: Page<Session> = browser.read("/api/v1/sessions").await;
    let mut listed = list.items.iter();
    let listed = listed.find(|one| one.code == session.code).unwrap();
    assert_eq!(
        listed.my_role, session.my_role,
        "lists and pages say the same"
    );
    session.my_role
}

#[tokio::test]
async fn people_are_named_by_search_and_have_the_part_until_they_are_taken_off() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let own = find(&chair, "hoai").await;
        let an = find(&chair, "dang%20quoc").await;
        assert_eq!((&*an.name, &*an.unit.code), ("Đặng Quốc An", "XA-B"));
        let binh = find(&chair, "BÌNH").await;
        let duc = find(&chair, "duc").await;
        let list = [
            ("chair", &*own.person),
            ("presenter", &*an.person),
            ("secretary", &*binh.person),
            ("technician", &*duc.person),
        ];
        let answer = name(&chair, OF_SESSION, &list).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(
            told(&chair, OF_SESSION).await,
            [
                (OfficerPart::Chair, "Vi Văn Hoài".to_owned()),
                (OfficerPart::Secretary, "Lương Thanh Bình".to_owned()),
                (OfficerPart::Presenter, "Đặng Quốc An".to_owned()),
                (OfficerPart::Technician, "Trần Minh Đức".to_owned()),
            ]
        );
        let page: Page<Officer> = chair.read(&format!("{OF_SESSION}/officers")).await;
        assert_eq!(page.items[2].position.as_deref(), Some("Cán bộ"));
        assert_eq!(
            part_of(&server, "nguoila").await,
            Some(SessionRole::Presenter)
        );
        assert_eq!(
            part_of(&server, "quantri").await,
            Some(SessionRole::Secretary)
        );
        assert_eq!(part_of(&server, "chutri").await, Some(SessionRole::Chair));
        let answer = name(&chair, OF_SESSION, &list[..1]).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(part_of(&server, "nguoila").await, None);
        assert_eq!(part_of(&server, "quantri").await, Some(SessionRole::Point));
    }
}

#[tokio::test]
async fn session_has_one_chair_and_nobody_twice_in_a_part() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let one = find(&chair, "hoai").await.person;
        let other = find(&chair, "hang").await.person;
        for (list, reason) in [
            ([("chair", &*one), ("chair", &*other)], "two_chairs"),
            ([("presenter", &*one), ("presenter", &*one)], "twice"),
        ] {
            let refused = problem(name(&chair, OF_SESSION, &list).await, 400).await;
            assert_eq!(
                (&*refused.code, &*refused.params["reason"]),
                ("bad_officers", reason)
            );
        }
        let swapped = [("chair", &*other), ("secretary", &*one)];
        let answer = name(&chair, OF_SESSION, &swapped).await;
        let session: Session = answer.json().await.unwrap();
        assert_eq!(session.chair.as_deref(), Some("Lô Thị Hằng"));
        assert_eq!(session.secretary.as_deref(), Some("Vi Văn Hoài"));
    }
}

#[tokio::test]
async fn secretary_names_no_other_chair_and_nobody_whom_they_may_not_see() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let (own, an) = (find(&chair, "hoai").await, find(&chair, "quoc%20an").await);
        // A session of the commune, whose chair is a member there.
        let admin = server.signed_in("quantri").await;
        let begins = server.clock.now().plus_us(70 * HOUR_US);
        let body = json!({
            "title": "Họp xã", "kind": "meeting", "secrecy": "normal", "bridge_points": ["DC-02"],
            "starts_at_us": begins, "ends_at_us": begins.plus_us(HOUR_US),
        });
        let made: Session = admin
            .post("/api/v1/sessions", &body)
            .await
            .json()
            .await
            .unwrap();
        let path = format!("/api/v1/sessions/{}", made.code);
        let of_commune: Page<Candidate> = admin
            .read(&format!("{path}/officer-candidates?search=n"))
            .await;
        let names: Vec<_> = of_commune.items.iter().map(|one| &*one.name).collect();
        assert_eq!(
            names,
            ["Lương Thanh Bình", "Nguyễn Thị Yến"],
            "by given name, of the commune"
        );
        let stranger = name(&admin, &path, &[("chair", &an.person)]).await;
        assert_eq!(problem(stranger, 403).await.code, "person_not_yours");
        let (binh, yen) = (&*of_commune.items[0].person, &*of_commune.items[1].person);
        let list = [("chair", binh), ("secretary", yen)];
        assert_eq!(name(&admin, &path, &list).await.status(), 200);
        let secretary = server.signed_in("thanhvien").await;
        let usurped = name(&secretary, &path, &[("chair", yen)]).await;
        assert_eq!(problem(usurped, 403).await.code, "not_allowed");
        let unseated = name(&secretary, &path, &[("secretary", yen)]).await;
        assert_eq!(problem(unseated, 403).await.code, "not_allowed");
        let seen: Session = secretary.read(&path).await;
        assert!(seen.may.contains(&SessionAct::EditSession));
        assert!(!seen.may.contains(&SessionAct::EndSession));
        // Somebody whom the department has named may stay, though the commune could not have named them.
        let of_department = [
            ("chair", binh),
            ("secretary", yen),
            ("presenter", &*own.person),
        ];
        assert_eq!(name(&chair, &path, &of_department).await.status(), 200);
        let other_order = [
            ("presenter", &*own.person),
            ("chair", binh),
            ("secretary", yen),
        ];
        assert_eq!(name(&secretary, &path, &other_order).await.status(), 200);
    }
}

#[tokio::test]
async fn those_in_charge_are_named_when_a_session_is_made() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let found: Page<Candidate> = chair.read("/api/v1/officer-candidates?search=yen").await;
        let yen = &found.items[0];
        let begins = server.clock.now().plus_us(70 * HOUR_US);
        let body = json!({
            "title": "Họp", "kind": "meeting", "secrecy": "normal", "bridge_points": ["DC-04"],
            "starts_at_us": begins, "ends_at_us": begins.plus_us(HOUR_US),
            "officers": [{ "part": "chair", "person": yen.person }],
        });
        let made: Session = chair
            .post("/api/v1/sessions", &body)
            .await
            .json()
            .await
            .unwrap();
        assert_eq!(
            told(&chair, &format!("/api/v1/sessions/{}", made.code)).await,
            [(OfficerPart::Chair, "Nguyễn Thị Yến".to_owned())]
        );
        assert_eq!(
            made.my_role,
            Some(SessionRole::Secretary),
            "who made it administers it"
        );
        // One who works nowhere any more is nobody's to name.
        by_hand(
            &server,
            "UPDATE appointment SET valid_to = '2025-12-31', valid_from = '2025-07-01'",
        )
        .await;
        let gone: Page<Candidate> = chair.read("/api/v1/officer-candidates?search=yen").await;
        assert!(gone.items.is_empty());
    }
}
