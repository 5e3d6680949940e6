//! A list shows exactly what its reader may see: the rule in SQL and the rule of `office_core` say the same.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use office_core::session::codes;
use protocol::api::LinkPurpose;
use protocol::api::{Page, Secrecy, Session, TrainingClass};
use protocol::client::{Preset, SessionKind, SessionRole};
use protocol::{AccountId, ClassId};
use serde::de::DeserializeOwned;
use signaling::access::{accounts, tokens};
use signaling::org::units;
use signaling::platform::clock::day;
use signaling::platform::secret::hash;
use signaling::schedule::sessions::NewSession;
use signaling::schedule::{classes, sessions};

use crate::recordings::{by_hand, servers};
use crate::support::{Browser, HOUR_US, Server};

/// How many sessions are made, of all kinds of ties.
const SESSIONS: usize = 70;
const LOGINS: [&str; 6] = [
    "chutri",
    "kythuat",
    "giangvien",
    "quantri",
    "thanhvien",
    "nguoila",
];

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % count
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

#[tokio::test]
async fn list_shows_what_its_reader_may_open_and_says_of_it_what_its_page_says() {
    for server in servers().await {
        let made = province_of_sessions(&server).await;
        let mut seen = BTreeMap::new();
        for login in LOGINS {
            let browser = server.signed_in(login).await;
            let listed: Vec<Session> = every_page(&browser, "sessions").await;
            let mut expected = Vec::new();
            for code in &made {
                let page = browser.get(&format!("/api/v1/sessions/{code}")).await;
                match page.status().as_u16() {
                    200 => expected.push(page.json::<Session>().await.unwrap()),
                    status => assert_eq!(status, 403, "{login} {code}"),
                }
            }
            expected.sort_by_key(|session| (session.starts_at_us, session.code.clone()));
            let mut found = listed;
            found.retain(|session| made.contains(&session.code));
            found.sort_by_key(|session| (session.starts_at_us, session.code.clone()));
            assert_eq!(found, expected, "{login}");
            seen.insert(login, found.len());
        }
        let most = seen.values().copied().max();
        assert_eq!(
            Some(seen["chutri"]),
            most,
            "nobody sees more than the department"
        );
        for (login, count) in &seen {
            assert!(*count > 3, "{login} sees some: {count}");
        }
        let some_see_less = seen.values().filter(|count| **count < made.len()).count();
        assert!(some_see_less >= 3, "and not everybody sees all: {seen:?}");
    }
}

#[tokio::test]
async fn list_of_classes_shows_each_that_its_reader_may_open_once() {
    for server in servers().await {
        let made = province_of_classes(&server).await;
        let mut seen = BTreeMap::new();
        for login in LOGINS {
            let browser = server.signed_in(login).await;
            let found: Vec<TrainingClass> = every_page(&browser, "classes").await;
            let mut expected = Vec::new();
            for code in &made {
                let page = browser.get(&format!("/api/v1/classes/{code}")).await;
                match page.status().as_u16() {
                    200 => expected.push(page.json::<TrainingClass>().await.unwrap()),
                    status => assert_eq!(status, 403, "{login} {code}"),
                }
            }
            expected.sort_by_key(|class| (Reverse(class.year), class.code.clone()));
            assert_eq!(found, expected, "{login}");
            seen.insert(login, found.len());
        }
        assert_eq!(seen.values().max(), Some(&seen["chutri"]));
        assert!(
            seen["chutri"] > 50,
            "the department's take more than a page"
        );
        for (login, some) in [("quantri", 5), ("thanhvien", 5), ("nguoila", 1)] {
            let count = seen[login];
            assert!(count >= some && count < made.len(), "{login} sees {count}");
        }
    }
}

/// Classes of several units and years, some with trainees; their codes.
async fn province_of_classes(server: &Server) -> Vec<String> {
    let now = server.clock.now();
    let mut dice = Dice(11);
    let mut tx = server.store.write().await.unwrap();
    // A unit that exists on no day: who administers it sees its classes alone.
    let dissolved = units::insert(&mut tx, "GIAI-THE", now).await.unwrap();
    let stranger = accounts::by_login(&mut tx, "nguoila").await.unwrap();
    let role = protocol::api::AccountRole::UnitAdmin;
    accounts::grant(&mut tx, stranger.unwrap().id, role, dissolved, &day(now))
        .await
        .unwrap();
    let units = [
        server.province.department,
        server.province.commune,
        dissolved,
    ];
    let member = accounts::by_login(&mut tx, "thanhvien").await.unwrap();
    let member = member.unwrap().person_id;
    let mut made = Vec::new();
    for number in 0..100 {
        let code = format!("L-{number:02}");
        let (unit, year) = (units[dice.below(3)], 2024 + dice.below(3) as i64);
        let class = classes::insert(&mut tx, &code, "Lớp", unit, year, now).await;
        if dice.one_in(4) {
            let class = class.unwrap();
            classes::enrol(&mut tx, class, member, now).await.unwrap();
        }
        made.push(code);
    }
    tx.commit().await.unwrap();
    made
}

async fn every_page<T: DeserializeOwned>(browser: &Browser, list: &str) -> Vec<T> {
    let mut all = Vec::new();
    let mut path = format!("/api/v1/{list}");
    loop {
        let page: Page<T> = browser.read(&path).await;
        assert!(page.items.len() <= 50);
        all.extend(page.items);
        match page.next {
            Some(cursor) => path = format!("/api/v1/{list}?cursor={cursor}"),
            None => return all,
        }
    }
}

/// Sessions with every tie that makes one visible, and many with none; their codes.
async fn province_of_sessions(server: &Server) -> Vec<String> {
    let now = server.clock.now();
    let mut dice = Dice(7);
    let mut tx = server.store.write().await.unwrap();
    // A unit that exists on no day: an office held over it reaches it alone.
    let dissolved = units::insert(&mut tx, "GIAI-THE", now).await.unwrap();
    let mut people: Vec<AccountId> = Vec::new();
    let mut persons = Vec::new();
    for login in LOGINS {
        let account = accounts::by_login(&mut tx, login).await.unwrap().unwrap();
        people.push(account.id);
        persons.push(account.person_id);
    }
    let mut given: Vec<ClassId> = Vec::new();
    for code in ["L-1", "L-2"] {
        let unit = server.province.department;
        let class = classes::insert(&mut tx, code, "Lớp", unit, 2026, now).await;
        given.push(class.unwrap());
    }
    classes::enrol(&mut tx, given[0], persons[5], now)
        .await
        .unwrap();
    let today = day(now);
    let role = protocol::api::AccountRole::UnitAdmin;
    accounts::grant(&mut tx, people[5], role, dissolved, &today)
        .await
        .unwrap();
    let convening = [
        server.province.department,
        server.province.commune,
        dissolved,
    ];
    let mut made = Vec::new();
    let mut names = codes(SessionKind::Seminar, &today);
    let mut by_unit = Vec::new();
    for number in 0..SESSIONS {
        let code = names.next().unwrap();
        let begins = now.plus_us(HOUR_US * i64::try_from(dice.below(400)).unwrap());
        let somebody = |dice: &mut Dice| {
            let chosen = dice.below(LOGINS.len());
            dice.one_in(6).then(|| people[chosen])
        };
        let points = server.province.points;
        let invited: Vec<_> = points.into_iter().filter(|_| dice.one_in(6)).collect();
        let new = NewSession {
            code: &code,
            title: "Hội thảo",
            kind: SessionKind::Seminar,
            preset: Preset::Discussion,
            secrecy: Secrecy::Normal,
            convening_unit: convening[dice.below(convening.len())],
            chair: somebody(&mut dice),
            secretary: somebody(&mut dice),
            class: dice.one_in(5).then(|| given[dice.0 as usize % 2]),
            starts_at: begins,
            ends_at: begins.plus_us(HOUR_US),
            auto_record: false,
            keep_days: None,
            guests_may_replay: dice.one_in(4),
            max_interactive: 60,
            max_receive_only: 1_000,
            created_by: None,
            points: &invited,
        };
        let id = sessions::insert(&mut tx, new, now).await.unwrap();
        if dice.one_in(8) {
            let token = tokens::NewToken {
                secret_hash: &hash(&code),
                purpose: LinkPurpose::Join,
                session: id,
                role: SessionRole::Presenter,
                point: None,
                account: Some(people[4 + dice.below(2)]),
                display_name: None,
                created_by: None,
                expires_at: begins,
            };
            let token = tokens::insert(&mut tx, token, now).await.unwrap();
            if dice.one_in(3) {
                tokens::revoke(&mut tx, id, token, now).await.unwrap();
            }
        }
        if dice.one_in(9) {
            by_unit.push(("unit", code.clone()));
        }
        if dice.one_in(9) {
            by_unit.push(("roster", code.clone()));
        }
        if number % 10 == 3 {
            sessions::mark_ended(&mut tx, id, begins).await.unwrap();
        }
        made.push(code);
    }
    tx.commit().await.unwrap();
    for (way, code) in by_unit {
        let statement = match way {
            "unit" => format!(
                "INSERT INTO invitation (id, session_id, unit_id, reply)
                 SELECT s.id, s.id, u.id, 'none' FROM session s, org_unit u WHERE s.code = '{code}' AND u.code = 'TR-A'"
            ),
            _ => format!(
                "INSERT INTO roster_entry (id, session_id, point_id, person_id, created_at_us)
                 SELECT s.id, s.id, p.id, a.person_id, 0 FROM session s, bridge_point p, account a
                 WHERE s.code = '{code}' AND p.code = 'DC-01' AND a.login = 'nguoila'"
            ),
        };
        by_hand(server, &statement).await;
    }
    made
}
