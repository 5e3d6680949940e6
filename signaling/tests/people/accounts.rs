//! Accounts of those below: the list, one-time codes, disabling, roles.

use std::collections::BTreeSet;

use protocol::api::{
    AccountDetail, AccountPage, AccountRole, AccountState, Me, Page, PersonAccount, Slip,
};
use protocol::{AccountId, Day, PersonId, UnitId};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use signaling::access::accounts;
use signaling::chores;
use signaling::org::people;
use signaling::platform::clock::day;

use crate::recordings::servers;
use crate::support::{Browser, HOUR_US, PASSWORD, Server, problem};

const DAY_US: i64 = 24 * HOUR_US;
const NEW: &str = "hoa ban trắng 2027";

/// Somebody who works at a unit and has no account.
async fn hire(server: &Server, name: &str, unit: UnitId) -> PersonId {
    let now = server.clock.now();
    let mut tx = server.store.write().await.unwrap();
    let person = people::insert(&mut tx, name, None, now).await.unwrap();
    people::appoint(&mut tx, person, unit, "Giáo viên", &day(now))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    person
}

async fn list(browser: &Browser, asked: &str) -> AccountPage {
    browser.read(&format!("/api/v1/accounts?{asked}")).await
}

async fn find(browser: &Browser, name: &str) -> PersonAccount {
    let found = list(browser, &format!("q={name}")).await.items;
    let [one] = found.as_slice() else {
        panic!("{name}: {found:?}")
    };
    one.clone()
}

async fn ask_codes(browser: &Browser, people: &[&str], reset: bool) -> Response {
    let body = json!({ "people": people, "reset": reset });
    browser.post("/api/v1/accounts/codes", &body).await
}

async fn code_of(browser: &Browser, person: &str, reset: bool) -> Slip {
    let answer = ask_codes(browser, &[person], reset).await;
    assert_eq!(answer.status(), 200);
    let slips: Page<Slip> = answer.json().await.unwrap();
    slips.items.into_iter().next().unwrap()
}

async fn use_code(browser: &Browser, login: &str, code: &str, password: &str) -> Response {
    let body = json!({ "login": login, "code": code, "password": password });
    browser.post("/api/v1/sign-in/code", &body).await
}

async fn act(browser: &Browser, account: &str, what: &str) -> Response {
    let path = format!("/api/v1/accounts/{account}/{what}");
    browser.post(&path, &json!({})).await
}

async fn grant(browser: &Browser, account: &str, role: Value) -> Response {
    let path = format!("/api/v1/accounts/{account}/roles");
    browser.post(&path, &role).await
}

async fn end_role(browser: &Browser, account: &str, role: &str, query: &str) -> Response {
    let path = format!("/api/v1/accounts/{account}/roles/{role}{query}");
    browser.request(Method::DELETE, &path).send().await.unwrap()
}

async fn detail(browser: &Browser, account: &str) -> AccountDetail {
    browser.read(&format!("/api/v1/accounts/{account}")).await
}

#[tokio::test]
async fn list_shows_those_below_by_given_name_and_each_once() {
    for server in servers().await {
        let [school, commune] = [unit(&server, "TR-A").await, server.province.commune];
        // More than a page of one name, so that a cursor by name alone would lose some.
        let mut hired = BTreeSet::new();
        for _ in 0..60 {
            hired.insert(hire(&server, "Lô Thị Đào", school).await.to_string());
        }
        hire(&server, "Vi Văn Ánh", commune).await;
        let admin = server.signed_in("quantri").await;
        let mut found = Vec::new();
        let mut page = list(&admin, "").await;
        assert_eq!(page.counts.unwrap().none, 61);
        loop {
            found.extend(page.items);
            let Some(next) = page.next else { break };
            page = list(&admin, &format!("cursor={next}")).await;
            assert_eq!(page.counts, None);
        }
        let names: Vec<&str> = found.iter().map(|one| &*one.name).collect();
        assert_eq!(names[0], "Vi Văn Ánh");
        assert_eq!(
            names[names.len() - 2..],
            ["Lô Thị Đào", "Nguyễn Thị Yến"],
            "{names:?}"
        );
        let seen: BTreeSet<String> = found.iter().map(|one| one.person.clone()).collect();
        assert_eq!(seen.len(), found.len(), "nobody twice");
        assert!(hired.is_subset(&seen));
        assert!(
            !names.contains(&"Đặng Quốc An"),
            "who is beside is not shown"
        );
        assert!(!names.contains(&"Vi Văn Hoài"), "nor who is above");
    }
}

#[tokio::test]
async fn people_are_found_without_diacritics_by_unit_and_by_state() {
    for server in servers().await {
        hire(&server, "Đỗ Đức Hoà", server.province.commune).await;
        let admin = server.signed_in("chutri").await;
        for (asked, expected) in [
            ("q=do%20duc", vec!["Đỗ Đức Hoà"]),
            ("q=%C4%90%E1%BB%A9c%20H%C3%B2a", vec!["Đỗ Đức Hoà"]),
            ("q=QUANTRI", vec!["Lương Thanh Bình"]),
            ("q=100%25", vec![]),
            ("q=%00", vec!["Đặng Quốc An"]),
            ("unit=XA-B", vec!["Đặng Quốc An"]),
            (
                "unit=XA-A&state=active",
                vec!["Lương Thanh Bình", "Nguyễn Thị Yến"],
            ),
            ("state=none", vec!["Đỗ Đức Hoà"]),
            ("state=disabled", vec![]),
        ] {
            let found = list(&admin, asked).await.items;
            let names: Vec<&str> = found.iter().map(|one| &*one.name).collect();
            if asked == "q=%00" {
                assert_eq!(names.len(), 7, "nothing was asked for");
            } else {
                assert_eq!(names, expected, "{asked}");
            }
        }
        let refused = problem(admin.get("/api/v1/accounts?cursor=AAA.b.c").await, 400).await;
        assert_eq!(refused.code, "malformed_query");
    }
}

#[tokio::test]
async fn code_opens_an_account_once_and_makes_its_owner_choose_a_password() {
    for server in servers().await {
        let person = hire(&server, "Vi Thị Hoài", server.province.commune).await;
        let admin = server.signed_in("quantri").await;
        let slip = code_of(&admin, &person.to_string(), false).await;
        assert_eq!(slip.login, "hoai.vi");
        assert_eq!(slip.code.len(), 9);
        assert_eq!(find(&admin, "hoai.vi").await.state, AccountState::Invited);
        // Looking at the page of the code spends nothing, whoever looks.
        let stranger = server.stranger();
        for method in [Method::GET, Method::HEAD] {
            let path = "/api/v1/sign-in/code";
            let looked = stranger.request(method, path).send().await.unwrap();
            assert_eq!(looked.status(), 405);
        }
        problem(stranger.sign_in("hoai.vi", &slip.code).await, 401).await;
        let refused = problem(
            use_code(&stranger, "hoai.vi", &slip.code, "12345678").await,
            400,
        )
        .await;
        assert_eq!(refused.code, "bad_password");
        let typed = slip.code.to_lowercase().replace(' ', "");
        let answer = use_code(&stranger, " Hoai.Vi ", &typed, NEW).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.json::<Me>().await.unwrap().name, "Vi Thị Hoài");
        assert_eq!(stranger.get("/api/v1/account").await.status(), 200);
        let again = use_code(&server.stranger(), "hoai.vi", &slip.code, NEW).await;
        assert_eq!(problem(again, 401).await.code, "wrong_code");
        assert_eq!(
            server.stranger().sign_in("hoai.vi", NEW).await.status(),
            200
        );
        assert_eq!(find(&admin, "hoai.vi").await.state, AccountState::Active);
    }
}

#[tokio::test]
async fn code_that_is_pressed_many_times_at_once_opens_one_account() {
    for server in servers().await {
        let person = hire(&server, "Vi Thị Hoài", server.province.commune).await;
        let admin = server.signed_in("quantri").await;
        let slip = code_of(&admin, &person.to_string(), false).await;
        let browsers: Vec<Browser> = (0..6).map(|_| server.stranger()).collect();
        let presses = browsers
            .iter()
            .map(|one| use_code(one, "hoai.vi", &slip.code, NEW));
        let answers = futures_util::future::join_all(presses).await;
        let opened = answers
            .iter()
            .filter(|answer| answer.status() == 200)
            .count();
        assert_eq!(opened, 1);
    }
}

#[tokio::test]
async fn code_is_good_for_seven_days_and_a_new_one_takes_its_place() {
    for server in servers().await {
        let person = hire(&server, "Vi Thị Hoài", server.province.commune)
            .await
            .to_string();
        let first = code_of(&server.signed_in("quantri").await, &person, false).await;
        server.clock.advance(7 * DAY_US);
        let admin = server.signed_in("quantri").await;
        let stranger = server.stranger();
        let over = problem(use_code(&stranger, "hoai.vi", &first.code, NEW).await, 401).await;
        assert_eq!(over.code, "code_expired");
        let second = code_of(&admin, &person, false).await;
        assert_eq!(second.login, first.login, "it is the same account");
        let old = problem(use_code(&stranger, "hoai.vi", &first.code, NEW).await, 401).await;
        assert_eq!(old.code, "wrong_code");
        assert_eq!(
            use_code(&stranger, "hoai.vi", &second.code, NEW)
                .await
                .status(),
            200
        );
    }
}

#[tokio::test]
async fn codes_are_guessed_no_more_often_than_passwords() {
    let server = Server::start_with(|config| config.sign_in.attempts_per_minute = 3).await;
    let stranger = server.stranger();
    for _ in 0..3 {
        problem(
            use_code(&stranger, "thanhvien", "2222 2222", NEW).await,
            401,
        )
        .await;
    }
    problem(
        use_code(&stranger, "thanhvien", "2222 2222", NEW).await,
        429,
    )
    .await;
    problem(stranger.sign_in("thanhvien", PASSWORD).await, 429).await;
}

#[tokio::test]
async fn codes_are_given_to_all_who_were_chosen_or_to_nobody() {
    for server in servers().await {
        let commune = server.province.commune;
        let admin = server.signed_in("quantri").await;
        let one = hire(&server, "Vi Thị Hoài", commune).await.to_string();
        let two = hire(&server, "Vi Văn Hoài", commune).await.to_string();
        let beside = find(&server.signed_in("chutri").await, "nguoila")
            .await
            .person;
        let member = find(&admin, "thanhvien").await.person;
        problem(ask_codes(&admin, &[&one, &beside], false).await, 403).await;
        let refused = problem(ask_codes(&admin, &[&one, &member], false).await, 409).await;
        assert_eq!(refused.code, "has_password");
        assert_eq!(refused.params["name"], "Nguyễn Thị Yến");
        assert_eq!(list(&admin, "state=none").await.items.len(), 2);
        let answer = ask_codes(&admin, &[&one, &two, &one], false).await;
        let slips: Page<Slip> = answer.json().await.unwrap();
        let logins: BTreeSet<&str> = slips.items.iter().map(|slip| &*slip.login).collect();
        assert_eq!(logins, BTreeSet::from(["hoai.vi", "hoai.vi2"]));
        assert_eq!(slips.items[0].unit.as_ref().unwrap().code, "XA-A");
    }
}

#[tokio::test]
async fn reset_takes_password_and_sign_ins_and_disabling_takes_the_code_too() {
    for server in servers().await {
        let admin = server.signed_in("quantri").await;
        let member = server.signed_in("thanhvien").await;
        let found = find(&admin, "thanhvien").await;
        let slip = code_of(&admin, &found.person, true).await;
        problem(member.get("/api/v1/account").await, 401).await;
        problem(member.sign_in("thanhvien", PASSWORD).await, 401).await;
        let account = found.account.unwrap();
        for _ in 0..2 {
            assert_eq!(act(&admin, &account, "disable").await.status(), 204);
        }
        let refused = problem(ask_codes(&admin, &[&found.person], true).await, 409).await;
        assert_eq!(refused.code, "account_disabled");
        assert_eq!(act(&admin, &account, "enable").await.status(), 204);
        problem(use_code(&member, "thanhvien", &slip.code, NEW).await, 401).await;
        let slip = code_of(&admin, &found.person, false).await;
        assert_eq!(
            use_code(&member, "thanhvien", &slip.code, NEW)
                .await
                .status(),
            200
        );
    }
}

#[tokio::test]
async fn nobody_touches_an_account_that_reaches_beyond_their_own_subtree() {
    for server in servers().await {
        let department = server.signed_in("chutri").await;
        let admin = server.signed_in("quantri").await;
        let member = find(&admin, "thanhvien").await;
        let account = member.account.clone().unwrap();
        // A role beside, one above, one that begins later, and an appointment beside: each puts the account out of reach.
        let soon = day(server.clock.now().plus_us(9 * DAY_US)).0;
        for role in [
            json!({ "role": "member", "unit": "XA-B" }),
            json!({ "role": "it_staff", "unit": "SGD" }),
            json!({ "role": "trainer", "unit": "SGD", "from": soon }),
            json!({ "role": "department_admin", "unit": "TR-A" }),
        ] {
            assert_eq!(
                grant(&department, &account, role.clone()).await.status(),
                204
            );
            for what in ["disable", "enable"] {
                problem(act(&admin, &account, what).await, 403).await;
            }
            problem(ask_codes(&admin, &[&member.person], true).await, 403).await;
            let own = json!({ "role": "member", "unit": "TR-A" });
            problem(grant(&admin, &account, own).await, 403).await;
            let held = detail(&department, &account).await.roles;
            let given = held
                .iter()
                .find(|one| {
                    json!(one.role) == role["role"]
                        && one.unit.code == role["unit"].as_str().unwrap()
                })
                .unwrap();
            problem(end_role(&admin, &account, &given.id, "").await, 403).await;
            assert_eq!(
                end_role(&department, &account, &given.id, "")
                    .await
                    .status(),
                204
            );
        }
        let seen = find(&admin, "thanhvien").await;
        assert_eq!(seen.may.len(), 2, "it is in reach again");
        let mut tx = server.store.write().await.unwrap();
        let person = PersonId(member.person.parse().unwrap());
        let beside = unit(&server, "XA-B").await;
        people::appoint(
            &mut tx,
            person,
            beside,
            "Giáo viên",
            &day(server.clock.now()),
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        problem(act(&admin, &account, "disable").await, 403).await;
        let seen = find(&admin, "thanhvien").await;
        assert!(seen.may.is_empty(), "the page offers no key either");
        // Nor themselves, nor those above.
        let own = find(&admin, "quantri").await;
        problem(act(&admin, &own.account.unwrap(), "disable").await, 403).await;
        let above = find(&department, "chutri").await.account.unwrap();
        problem(act(&admin, &above, "disable").await, 403).await;
        problem(admin.get(&format!("/api/v1/accounts/{above}")).await, 403).await;
    }
}

#[tokio::test]
async fn nobody_gives_what_they_do_not_hold_to_nobody_not_even_themselves() {
    for server in servers().await {
        let now = server.clock.now();
        let (today, later) = (day(now).0, day(now.plus_us(30 * DAY_US)).0);
        let (past, much_later) = (day(now.plus_us(-DAY_US)).0, day(now.plus_us(31 * DAY_US)).0);
        let department = server.signed_in("chutri").await;
        let admin = server.signed_in("quantri").await;
        let own = find(&admin, "quantri").await.account.unwrap();
        // From here on `quantri` administers the commune for thirty days.
        let held = detail(&department, &own).await.roles;
        let until = format!("?last_day={later}");
        assert_eq!(
            end_role(&department, &own, &held[0].id, &until)
                .await
                .status(),
            204
        );
        let member = find(&admin, "thanhvien").await.account.unwrap();
        for account in [&member, &own] {
            for (beyond, role) in [
                (
                    "the role",
                    json!({ "role": "department_admin", "unit": "TR-A", "to": later }),
                ),
                (
                    "the unit above",
                    json!({ "role": "unit_admin", "unit": "SGD", "to": later }),
                ),
                (
                    "the unit beside",
                    json!({ "role": "member", "unit": "XA-B", "to": later }),
                ),
                (
                    "the last day",
                    json!({ "role": "trainer", "unit": "TR-A", "to": much_later }),
                ),
                ("any last day", json!({ "role": "trainer", "unit": "TR-A" })),
            ] {
                let refused = problem(grant(&admin, account, role).await, 403).await;
                assert_eq!(refused.code, "beyond_own_role", "{beyond}");
            }
            for (wrong, role) in [
                (
                    "the past",
                    json!({ "role": "trainer", "unit": "TR-A", "from": past, "to": later }),
                ),
                (
                    "an end before the begin",
                    json!({ "role": "trainer", "unit": "TR-A", "from": later, "to": today }),
                ),
                (
                    "no day",
                    json!({ "role": "trainer", "unit": "TR-A", "to": "2026-02-30" }),
                ),
            ] {
                let refused = problem(grant(&admin, account, role).await, 400).await;
                assert_eq!(refused.code, "bad_days", "{wrong}");
            }
            let within = json!({ "role": "trainer", "unit": "TR-A", "to": later });
            assert_eq!(grant(&admin, account, within.clone()).await.status(), 204);
            let again = problem(grant(&admin, account, within).await, 409).await;
            assert_eq!(again.code, "role_held");
        }
    }
}

#[tokio::test]
async fn last_day_of_a_role_is_inside_until_midnight_in_viet_nam() {
    for server in servers().await {
        let admin = server.signed_in("quantri").await;
        let member = find(&admin, "thanhvien").await.account.unwrap();
        let id = AccountId(member.parse().unwrap());
        let today = day(server.clock.now());
        let role = json!({ "role": "trainer", "unit": "TR-A", "to": today.0 });
        assert_eq!(grant(&admin, &member, role).await.status(), 204);
        let trains = async |at: &Day| {
            let mut conn = server.store.read().await.unwrap();
            let grants = accounts::grants(&mut conn, id, at).await.unwrap();
            grants
                .0
                .iter()
                .any(|grant| grant.role == AccountRole::Trainer)
        };
        assert!(trains(&today).await);
        let tomorrow = day(server.clock.now().plus_us(DAY_US));
        assert!(!trains(&tomorrow).await);
        // Ended at once, it is gone today.
        let held = detail(&admin, &member).await.roles;
        let role = held
            .iter()
            .find(|one| one.role == AccountRole::Trainer)
            .unwrap();
        assert_eq!(end_role(&admin, &member, &role.id, "").await.status(), 204);
        assert!(!trains(&today).await);
        let gone = problem(end_role(&admin, &member, &role.id, "").await, 404).await;
        assert_eq!(gone.code, "unknown_role");
    }
}

#[tokio::test]
async fn department_is_never_left_without_an_administrator() {
    for server in servers().await {
        let first = server.signed_in("chutri").await;
        let own = find(&first, "chutri").await;
        let own_account = own.account.clone().unwrap();
        let other = find(&first, "kythuat").await;
        let other_account = other.account.clone().unwrap();
        let last = |answer: Response| async {
            assert_eq!(problem(answer, 409).await.code, "last_administrator")
        };
        let role = detail(&first, &own_account).await.roles[0].id.clone();
        let tomorrow = day(server.clock.now().plus_us(DAY_US)).0;
        last(end_role(&first, &own_account, &role, "").await).await;
        last(
            end_role(
                &first,
                &own_account,
                &role,
                &format!("?last_day={tomorrow}"),
            )
            .await,
        )
        .await;
        let by_operator = chores::disable_user(&server.store, "chutri", server.clock.now()).await;
        assert!(by_operator.is_err(), "nor at the server's own terminal");
        // Another one who cannot sign in, or not for long, does not count.
        let until = json!({ "role": "department_admin", "unit": "SGD", "to": tomorrow });
        assert_eq!(grant(&first, &other_account, until).await.status(), 204);
        last(end_role(&first, &own_account, &role, "").await).await;
        let held = detail(&first, &other_account).await.roles;
        let short = held.iter().find(|one| one.to.is_some()).unwrap();
        assert_eq!(
            end_role(&first, &other_account, &short.id, "")
                .await
                .status(),
            204
        );
        let lasting = json!({ "role": "department_admin", "unit": "SGD" });
        assert_eq!(grant(&first, &other_account, lasting).await.status(), 204);
        let second = server.signed_in("kythuat").await;
        assert_eq!(
            ask_codes(&first, &[&other.person], true).await.status(),
            200
        );
        last(end_role(&first, &own_account, &role, "").await).await;
        drop(second);
        assert_eq!(act(&first, &other_account, "disable").await.status(), 204);
        last(end_role(&first, &own_account, &role, "").await).await;
    }
}

#[tokio::test]
async fn two_administrators_who_disable_each_other_at_once_leave_one() {
    for server in servers().await {
        let first = server.signed_in("chutri").await;
        let one = find(&first, "chutri").await.account.unwrap();
        let two = find(&first, "kythuat").await.account.unwrap();
        let lasting = json!({ "role": "department_admin", "unit": "SGD" });
        assert_eq!(grant(&first, &two, lasting).await.status(), 204);
        let second = server.signed_in("kythuat").await;
        let (a, b) = tokio::join!(act(&first, &two, "disable"), act(&second, &one, "disable"));
        let done = [a, b]
            .iter()
            .filter(|answer| answer.status() == 204)
            .count();
        assert_eq!(done, 1);
    }
}

async fn unit(server: &Server, code: &str) -> UnitId {
    let mut conn = server.store.read().await.unwrap();
    let tree = signaling::org::units::Org::default()
        .tree(&mut conn, &day(server.clock.now()))
        .await
        .unwrap();
    tree.by_code(code).unwrap().id
}

#[tokio::test]
async fn presses_for_the_same_people_at_once_make_one_account_for_each() {
    for server in servers().await {
        let commune = server.province.commune;
        let mut people = Vec::new();
        for _ in 0..8 {
            let person = hire(&server, "Vi Thị Hoài", commune).await;
            people.push(person.to_string());
        }
        let (admin, other) = (
            server.signed_in("quantri").await,
            server.signed_in("chutri").await,
        );
        let all: Vec<&str> = people.iter().map(|person| &**person).collect();
        let answers = futures_util::future::join_all([
            ask_codes(&admin, &all, false),
            ask_codes(&other, &all[3..], false),
            ask_codes(&admin, &all[..5], true),
            ask_codes(&other, &all[7..], true),
        ])
        .await;
        for answer in answers {
            assert_eq!(answer.status(), 200);
        }
        let found = list(&other, "q=hoai.vi").await.items;
        let logins: BTreeSet<String> = found.into_iter().filter_map(|one| one.login).collect();
        assert_eq!(logins.len(), 8);
    }
}
