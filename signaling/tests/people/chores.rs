//! The demonstration and the chores, beside a running server on the same folder.

use std::collections::HashSet;
use std::os::unix::fs::PermissionsExt as _;

use office_core::org::Tree;
use protocol::api::{AccountRole, Me, Page, PointRef, Session, SessionState, TrainingClass};
use protocol::client::SessionRole;
use signaling::chores::{NewUser, TokenRequest, add_user, create_token};
use signaling::org::units::Org;
use signaling::platform::config::Sessions;
use signaling::{Clock, demo};

use crate::support::{date, secret_of, stores};

#[tokio::test]
async fn demonstration_is_seeded_once_and_tells_the_same_again() {
    for test in stores().await {
        let now = Clock::system().now();
        let url = "https://localhost:8443";
        let folder = test.folder.path();
        let first = demo::seed(&test.store, folder, url, now).await.unwrap();
        let again = demo::seed(&test.store, folder, url, now.plus_us(5_000_000))
            .await
            .unwrap();
        assert_eq!(first, again);
        let mode = std::fs::metadata(folder.join("demo.json"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);

        let mut conn = test.store.read().await.unwrap();
        let today = signaling::platform::clock::day(now);
        let points = signaling::org::points::all(&mut conn, &today)
            .await
            .unwrap();
        assert_eq!(points.len(), 22);
        assert_eq!(points.iter().filter(|point| point.is_main()).count(), 1);
        let (from, to) = (
            Org::default()
                .tree(&mut conn, &date("2025-06-30"))
                .await
                .unwrap(),
            Org::default().tree(&mut conn, &today).await.unwrap(),
        );
        let district =
            |tree: &Tree| ["PGD-TS", "PGD-HG", "PGD-VC"].map(|code| tree.by_code(code).is_some());
        assert_eq!(
            (district(&from), district(&to)),
            ([true; 3], [false; 3]),
            "closed on 30/06/2025"
        );
        let before = signaling::org::points::all(&mut conn, &date("2025-06-30"))
            .await
            .unwrap();
        let passed_on = before.iter().zip(&points).filter(|(before, after)| {
            before.host_unit_id.is_some() && before.host_unit_id != after.host_unit_id
        });
        assert_eq!(
            passed_on.count(),
            3,
            "the districts' points passed to communes"
        );
        let session = signaling::schedule::sessions::by_code(&mut conn, &first.session_code)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(session.ends_at.0 - session.starts_at.0, 8 * 3_600_000_000);
        assert_eq!(session.starts_at, now);
    }
}

#[tokio::test]
async fn people_of_the_demonstration_sign_in_and_find_their_sessions() {
    use crate::support::Browser;

    let test = stores().await.remove(0);
    let info = demo::seed(
        &test.store,
        test.folder.path(),
        "https://localhost:1",
        Clock::system().now(),
    )
    .await
    .unwrap();
    let roles: HashSet<AccountRole> = info.accounts.iter().map(|account| account.role).collect();
    assert_eq!(roles.len(), 5, "one of each kind");
    let (server, _parts) = crate::support::serve(test.database.clone(), test.folder.path()).await;
    let password = |login: &str| {
        info.accounts
            .iter()
            .find(|a| a.login == login)
            .unwrap()
            .password
            .clone()
    };

    let chair = Browser::new(test.folder.path(), server.address);
    assert_eq!(
        chair.sign_in("chutri", &password("chutri")).await.status(),
        200
    );
    let session: Session = chair
        .read(&format!("/api/v1/sessions/{}", info.session_code))
        .await;
    assert_eq!(session.my_role, Some(SessionRole::Chair));
    assert_eq!(session.invited.len(), 22);
    let classes: Page<TrainingClass> = chair.read("/api/v1/classes").await;
    let states = |class: &TrainingClass| -> Vec<SessionState> {
        class.sessions.iter().map(|lesson| lesson.state).collect()
    };
    let listed = &classes.items[0];
    assert_eq!(states(listed), [SessionState::Planned]);
    let page = format!("/api/v1/classes/{}", listed.code);
    let class: TrainingClass = chair.read(&page).await;
    assert_eq!(states(&class), [SessionState::Ended, SessionState::Planned]);
    let points: Page<PointRef> = chair.read("/api/v1/bridge-points").await;
    assert_eq!(points.items.len(), 22);

    let school = Browser::new(test.folder.path(), server.address);
    assert_eq!(
        school
            .sign_in("diemcau15", &password("diemcau15"))
            .await
            .status(),
        200
    );
    let me: Me = school.read("/api/v1/me").await;
    assert_eq!(me.bridge_point.unwrap().code, "DC-15");
    let session: Session = school
        .read(&format!("/api/v1/sessions/{}", info.session_code))
        .await;
    assert_eq!(session.my_role, Some(SessionRole::Point));

    let guest = Browser::new(test.folder.path(), server.address);
    assert_eq!(
        guest
            .exchange(&secret_of(&info.join_url), Some("Bà Hoa"))
            .await
            .status(),
        200
    );
    let session: Session = guest
        .read(&format!("/api/v1/sessions/{}", info.session_code))
        .await;
    assert_eq!(session.my_role, Some(SessionRole::Presenter));
}

#[tokio::test]
async fn demonstration_is_not_seeded_over_other_data() {
    for test in stores().await {
        let now = Clock::system().now();
        crate::support::seed(&test.store, now).await;
        let refused = demo::seed(
            &test.store,
            test.folder.path(),
            "https://localhost:8443",
            now,
        )
        .await;
        assert!(refused.unwrap_err().to_string().contains("other data"));
    }
}

#[tokio::test]
async fn accounts_and_tokens_are_refused_for_what_does_not_exist() {
    for test in stores().await {
        let now = Clock::system().now();
        crate::support::seed(&test.store, now).await;
        let user = NewUser {
            login: "Moi.Vao",
            name: "Cao Thị Mới",
            role: AccountRole::Member,
            unit: "TR-A",
        };
        let password = add_user(&test.store, user, now).await.unwrap();
        assert_eq!(password.len(), 14);
        let taken = add_user(
            &test.store,
            NewUser {
                login: "moi.vao",
                ..user
            },
            now,
        )
        .await
        .unwrap_err();
        assert!(taken.to_string().contains("already"), "{taken}");
        assert!(
            add_user(
                &test.store,
                NewUser {
                    login: "hai ba",
                    ..user
                },
                now
            )
            .await
            .is_err()
        );
        assert!(
            add_user(
                &test.store,
                NewUser {
                    login: "ba",
                    unit: "TR-Z",
                    ..user
                },
                now
            )
            .await
            .is_err()
        );
        let token = TokenRequest {
            session: "GB-99",
            name: "Máy",
            role: SessionRole::Viewer,
            point: None,
        };
        assert!(
            create_token(&test.store, &Sessions::default(), token, now)
                .await
                .is_err()
        );
    }
}
