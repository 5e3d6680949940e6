//! The guide of an installation's first days: done by what is there, skipped and closed for everybody who keeps it.

use protocol::api::{Guide, GuideStep};
use protocol::client::SessionRole;
use reqwest::Method;
use serde_json::{Value, json};
use signaling::live::participants::{self, Entrant};
use signaling::platform::audit;

use crate::support::{Browser, problem, servers};

const PAGE: &str = "/api/v1/guide";

async fn decide(browser: &Browser, wanted: Value) -> Guide {
    let request = browser.request(Method::PUT, PAGE).json(&wanted);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

fn left(guide: &Guide) -> Vec<GuideStep> {
    let left = guide.steps.iter().filter(|one| !one.is_done);
    left.map(|one| one.step).collect()
}

#[tokio::test]
async fn step_is_done_when_what_it_is_about_is_there_and_not_when_somebody_says_so() {
    for server in servers().await {
        let chief = server.signed_in("chutri").await;
        let guide: Guide = chief.read(PAGE).await;
        assert!(guide.is_open);
        assert_eq!(left(&guide), [GuideStep::TestCall]);
        let counts: Vec<_> = guide.steps.iter().map(|one| one.count).collect();
        assert_eq!(counts, [4, 4, 6, 6, 0]);
        // One alone in a room is no call; the second makes it one.
        for (number, is_open) in [(0, true), (1, false)] {
            let entrant = Entrant {
                session: server.session,
                identity: format!("point:{number}"),
                role: SessionRole::Point,
                name: "Điểm cầu".to_owned(),
                bridge_point: Some(server.province.points[number]),
                account: None,
                token: None,
                encoder: false,
            };
            let mut tx = server.store.write().await.unwrap();
            participants::enter(&mut tx, &entrant, server.clock.now())
                .await
                .unwrap();
            tx.commit().await.unwrap();
            let guide: Guide = chief.read(PAGE).await;
            assert_eq!(guide.is_open, is_open, "{number}");
        }
    }
}

#[tokio::test]
async fn guide_is_skipped_closed_and_opened_again_for_all_who_keep_the_installation() {
    for server in servers().await {
        let chief = server.signed_in("chutri").await;
        let closed = json!({ "skipped": ["test_call"], "is_closed": true });
        let guide = decide(&chief, closed).await;
        assert!(!guide.is_open && guide.is_closed);
        let other = server.signed_in("chutri").await;
        let guide: Guide = other.read(PAGE).await;
        assert!(guide.is_closed && guide.steps[4].is_skipped);
        let opened = json!({ "skipped": [], "is_closed": false });
        assert!(decide(&other, opened.clone()).await.is_open);
        decide(&other, opened).await;
        let mut conn = server.store.read().await.unwrap();
        let lines = audit::of_resource(&mut conn, "setting:guide", i64::MAX, 9).await;
        assert_eq!(lines.unwrap().len(), 2, "the same again is no deed");
        let twice = json!({ "skipped": ["units", "units"], "is_closed": false });
        let request = chief.request(Method::PUT, PAGE).json(&twice);
        let refused = problem(request.send().await.unwrap(), 400).await;
        assert_eq!(refused.code, "malformed_body");
        for login in ["quantri", "kythuat"] {
            let browser = server.signed_in(login).await;
            let refused = problem(browser.get(PAGE).await, 403).await;
            assert_eq!(refused.code, "not_allowed", "{login}");
        }
    }
}
