//! The store, on every database.

use protocol::api::Secrecy;
use protocol::{RecordingId, UtcMicros};
use signaling::access::{account_actor, accounts};
use signaling::jobs::queue;
use signaling::live::captures;
use signaling::org::units::{NewVersion, Org};
use signaling::org::{people, points, units};
use signaling::platform::clock::day;
use signaling::platform::database::StoreError;
use signaling::platform::paging::Place;
use signaling::platform::settings;
use signaling::recording::{films, replays};
use signaling::schedule::sessions::Filter;
use signaling::schedule::{bookings, sessions};

use crate::support::{HOUR_US, date, seed, stores, take_job};

const NOW: UtcMicros = UtcMicros(1_795_320_000_000_000);

#[tokio::test]
async fn people_are_found_without_diacritics_and_listed_by_given_name() {
    for test in stores().await {
        let mut tx = test.store.write().await.unwrap();
        for name in [
            "Nguyễn Đức Ý",
            "Trần Thị An",
            "Đặng Đức Bình",
            "Lê Đức Ân",
            "Lê Đức Ái",
        ] {
            people::insert(&mut tx, name, None, NOW).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut conn = test.store.read().await.unwrap();
        // In Vietnamese, â follows every a, whatever the tone.
        let found = people::search(&mut conn, "DUC", 10).await.unwrap();
        assert_eq!(
            found,
            ["Lê Đức Ái", "Lê Đức Ân", "Đặng Đức Bình", "Nguyễn Đức Ý"]
        );
        assert_eq!(
            people::search(&mut conn, "dang duc", 10).await.unwrap(),
            ["Đặng Đức Bình"]
        );
        assert!(people::search(&mut conn, "%", 10).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn tree_is_the_one_of_the_day_asked_for() {
    for test in stores().await {
        let mut tx = test.store.write().await.unwrap();
        let department = units::insert(&mut tx, "SGD", NOW).await.unwrap();
        let district = units::insert(&mut tx, "PGD", NOW).await.unwrap();
        let commune = units::insert(&mut tx, "XA", NOW).await.unwrap();
        let school = units::insert(&mut tx, "TR", NOW).await.unwrap();
        for (unit, name, parent, from, to) in [
            (department, "Sở", None, "2020-01-01", None),
            (
                district,
                "Phòng",
                Some(department),
                "2020-01-01",
                Some("2025-06-30"),
            ),
            (commune, "Xã", Some(department), "2025-07-01", None),
            (
                school,
                "Trường",
                Some(district),
                "2020-01-01",
                Some("2025-06-30"),
            ),
            (school, "Trường", Some(commune), "2025-07-01", None),
        ] {
            let to = to.map(date);
            let version = NewVersion {
                unit,
                name,
                kind: "school",
                parent,
                from: &date(from),
                to: to.as_ref(),
            };
            units::insert_version(&mut tx, version).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut conn = test.store.read().await.unwrap();
        let before = Org::default()
            .tree(&mut conn, &date("2025-06-30"))
            .await
            .unwrap();
        assert_eq!(before.lineage(school).0, [school, district, department]);
        assert!(before.unit(commune).is_none());
        let after = Org::default()
            .tree(&mut conn, &date("2025-07-01"))
            .await
            .unwrap();
        assert_eq!(after.lineage(school).0, [school, commune, department]);
        assert!(after.unit(district).is_none());
        assert_eq!(after.name(commune).name, "Xã");
    }
}

#[tokio::test]
async fn booking_clashes_by_point_and_by_dual_use_room_and_only_while_times_overlap() {
    for test in stores().await {
        let province = seed(&test.store, NOW).await;
        let [_, commune, school, _] = province.points;
        let taken = province
            .session(&test.store, "GB-01", NOW, Secrecy::Normal, &[commune])
            .await;
        let mut tx = test.store.write().await.unwrap();
        // The school's room is used without video: nobody booked the point itself.
        let (from, to) = (NOW.plus_us(2 * HOUR_US), NOW.plus_us(3 * HOUR_US));
        bookings::book(&mut tx, taken, None, Some(province.room), from, to)
            .await
            .unwrap();
        let mut clash = async |point, from: i64, to: i64| {
            bookings::conflict(&mut tx, point, (NOW.plus_us(from), NOW.plus_us(to)), None)
                .await
                .unwrap()
                .map(|conflict| conflict.code)
        };
        let named = Some("GB-01".to_owned());
        assert_eq!(clash(commune, HOUR_US - 1, 2 * HOUR_US).await, named);
        assert_eq!(clash(commune, -HOUR_US, 1).await, named);
        assert_eq!(
            clash(commune, HOUR_US, 2 * HOUR_US).await,
            None,
            "one after the other"
        );
        assert_eq!(clash(school, 0, HOUR_US).await, None);
        assert_eq!(clash(school, 2 * HOUR_US, 4 * HOUR_US).await, named);

        sessions::mark_ended(&mut tx, taken, NOW.plus_us(1))
            .await
            .unwrap();
        let free = bookings::conflict(&mut tx, commune, (NOW, NOW.plus_us(HOUR_US)), None)
            .await
            .unwrap();
        assert_eq!(free, None, "a session that ended holds nothing");
    }
}

#[tokio::test]
async fn sessions_come_by_begin_in_pages_without_a_gap() {
    for test in stores().await {
        let province = seed(&test.store, NOW).await;
        for (code, hours) in [("A", 5), ("B", 1), ("C", 3), ("D", 3)] {
            let begin = NOW.plus_us(hours * HOUR_US);
            province
                .session(&test.store, code, begin, Secrecy::Normal, &[])
                .await;
        }
        let mut conn = test.store.read().await.unwrap();
        let tree = Org::default().tree(&mut conn, &day(NOW)).await.unwrap();
        let chair = accounts::by_login(&mut conn, "chutri").await.unwrap();
        let chair = account_actor(&mut conn, chair.unwrap(), None, NOW)
            .await
            .unwrap();
        let mut filter = Filter {
            from: NOW,
            to: NOW.plus_us(24 * HOUR_US),
            limit: 1,
            ..Filter::EVERY
        };
        let mut seen = Vec::new();
        loop {
            let page = sessions::visible(&mut conn, &tree, &chair, &filter, NOW)
                .await
                .unwrap();
            let Some(listed) = page.into_iter().next() else {
                break;
            };
            filter.after = Place {
                at: listed.session.starts_at,
                id: listed.session.id,
            };
            seen.push(listed.session.code.0);
        }
        assert_eq!(seen, ["B", "C", "D", "A"]);
        let later = Filter {
            from: NOW.plus_us(4 * HOUR_US),
            to: NOW.plus_us(5 * HOUR_US),
            ..Filter::EVERY
        };
        let later = sessions::visible(&mut conn, &tree, &chair, &later, NOW)
            .await
            .unwrap();
        assert!(later.is_empty(), "C and D have ended, A has not begun");
    }
}

#[tokio::test]
async fn code_of_a_session_is_unique() {
    for test in stores().await {
        let province = seed(&test.store, NOW).await;
        province
            .session(&test.store, "GB-01", NOW, Secrecy::Normal, &[])
            .await;
        let mut tx = test.store.write().await.unwrap();
        let again = units::insert(&mut tx, "SGD", NOW).await;
        assert!(matches!(again, Err(StoreError::Duplicate(_))), "{again:?}");
    }
}

#[tokio::test]
async fn job_is_held_by_one_and_what_an_older_holder_says_is_refused() {
    for test in stores().await {
        let mut tx = test.store.write().await.unwrap();
        queue::enqueue(&mut tx, "compose", "{}", NOW).await.unwrap();
        let seen = queue::pending(&mut tx).await.unwrap().remove(0);
        assert!(!seen.is_held);
        let first = queue::claim(&mut tx, "first", &seen)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            queue::claim(&mut tx, "second", &seen).await.unwrap(),
            None,
            "the first was quicker"
        );
        let seen = queue::pending(&mut tx).await.unwrap().remove(0);
        assert!(seen.is_held);
        assert!(queue::renew(&mut tx, &first, 40).await.unwrap());
        assert_eq!(
            queue::claim(&mut tx, "second", &seen).await.unwrap(),
            None,
            "the first has given a sign of life"
        );
        assert_eq!(
            queue::progress(&mut tx, "compose", "{}").await.unwrap(),
            Some(40)
        );

        let second = take_job(&mut tx).await.unwrap();
        assert!(second.fencing > first.fencing);
        assert!(!queue::renew(&mut tx, &first, 50).await.unwrap());
        assert!(
            !queue::finish(&mut tx, &first, NOW).await.unwrap(),
            "the first has lost its lease"
        );
        assert!(queue::finish(&mut tx, &second, NOW).await.unwrap());
        assert_eq!(queue::pending(&mut tx).await.unwrap(), []);
    }
}

#[tokio::test]
async fn job_that_is_released_is_tried_as_often_as_before() {
    for test in stores().await {
        let mut tx = test.store.write().await.unwrap();
        queue::enqueue(&mut tx, "compose", "{}", NOW).await.unwrap();
        for _ in 0..5 {
            let held = take_job(&mut tx).await.unwrap();
            assert_eq!(held.attempts, 1);
            queue::release(&mut tx, &held).await.unwrap();
        }
        let held = take_job(&mut tx).await.unwrap();
        assert!(
            queue::give_back(&mut tx, &held, "no disk", Some(30), NOW)
                .await
                .unwrap()
        );
        let seen = queue::pending(&mut tx).await.unwrap().remove(0);
        assert_eq!((seen.is_held, seen.wait_us), (false, 30));
        let again = take_job(&mut tx).await.unwrap();
        assert_eq!(again.attempts, 2);
    }
}

#[tokio::test]
async fn recording_goes_from_archived_to_ready_and_keeps_one_film() {
    for test in stores().await {
        let province = seed(&test.store, NOW).await;
        let session = province
            .session(&test.store, "GB-01", NOW, Secrecy::Normal, &[])
            .await;
        let id = RecordingId(uuid::Uuid::now_v7());
        let mut tx = test.store.write().await.unwrap();
        captures::request(&mut tx, id, session, NOW).await.unwrap();
        assert!(
            !replays::composing(&mut tx, id).await.unwrap(),
            "it has not even begun"
        );
        captures::started(&mut tx, id, NOW).await.unwrap();
        captures::stopping(&mut tx, id, NOW).await.unwrap();
        assert!(
            captures::finalised(&mut tx, id, 5_000_000, 1_000)
                .await
                .unwrap()
        );
        assert!(replays::composing(&mut tx, id).await.unwrap());
        films::put_composite(&mut tx, id, "recordings/x/composite.mp4", 10, &[1; 32], NOW)
            .await
            .unwrap();
        films::put_composite(&mut tx, id, "recordings/x/composite.mp4", 20, &[2; 32], NOW)
            .await
            .unwrap();
        replays::ready(&mut tx, id).await.unwrap();
        assert_eq!(
            films::composite(&mut tx, id).await.unwrap().unwrap().bytes,
            20
        );
        assert!(
            !replays::retry(&mut tx, id, false).await.unwrap(),
            "it is there"
        );
        let found = replays::by_id(&mut tx, id).await.unwrap().unwrap();
        assert_eq!(found.duration_us, Some(5_000_000));
    }
}

#[tokio::test]
async fn setting_of_a_year_wins_over_that_of_every_year() {
    for test in stores().await {
        let mut tx = test.store.write().await.unwrap();
        settings::set(&mut tx, "online_meeting_rate", 0, "0.7")
            .await
            .unwrap();
        settings::set(&mut tx, "online_meeting_rate", 2026, "0.75")
            .await
            .unwrap();
        settings::set(&mut tx, "online_meeting_rate", 2026, "0.8")
            .await
            .unwrap();
        let mut of = async |year| {
            settings::of_year(&mut tx, "online_meeting_rate", year)
                .await
                .unwrap()
        };
        assert_eq!(of(2026).await.as_deref(), Some("0.8"));
        assert_eq!(of(2027).await.as_deref(), Some("0.7"));
    }
}

#[tokio::test]
async fn point_remembers_when_it_was_last_seen() {
    for test in stores().await {
        let province = seed(&test.store, NOW).await;
        let mut tx = test.store.write().await.unwrap();
        let id = province.points[1];
        points::mark_seen(&mut tx, id, NOW).await.unwrap();
        points::mark_seen(&mut tx, id, NOW.plus_us(-HOUR_US))
            .await
            .unwrap();
        let seen = points::by_code(&mut tx, "DC-02", &date("2026-11-22"))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(seen.last_seen, Some(NOW), "an older sight changes nothing");
        assert_eq!(seen.host_unit_id, Some(province.commune));
    }
}

#[tokio::test]
async fn two_processes_write_to_one_folder() {
    let test = stores().await.remove(0);
    let other = signaling::Store::open(&test.database, test.folder.path())
        .await
        .unwrap();
    let write = async |store: &signaling::Store, prefix: &str| {
        for n in 0..20 {
            let mut tx = store.write().await.unwrap();
            units::insert(&mut tx, &format!("{prefix}{n}"), NOW)
                .await
                .unwrap();
            tx.commit().await.unwrap();
        }
    };
    tokio::join!(write(&test.store, "A"), write(&other, "B"));
}
