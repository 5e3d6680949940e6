//! Changes of planned sessions: by whom, on which version, and what becomes of bookings.

use protocol::api::Session;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{Browser, problem, servers};

const OF_SESSION: &str = "/api/v1/sessions/GB-01";

/// Sends a change made to the version `tag`.
async fn change(browser: &Browser, path: &str, tag: &str, body: &Value) -> Response {
    let request = browser.request(Method::PATCH, path).header("if-match", tag);
    request.json(body).send().await.unwrap()
}

/// The tag of a session, as its header says it.
async fn tag_of(browser: &Browser, path: &str) -> String {
    let answer = browser.get(path).await;
    let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
    let session: Session = answer.json().await.unwrap();
    assert_eq!(session.etag, tag, "the body says the same");
    tag
}

#[tokio::test]
async fn change_of_a_version_that_stands_is_taken_whatever_a_proxy_made_of_its_tag() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        for (number, form) in ["{}", "W/{}", "\"0\", W/{}"].iter().enumerate() {
            let tag = tag_of(&chair, OF_SESSION).await;
            let title = format!("Họp lần {number}");
            let said = form.replace("{}", &tag);
            let answer = change(&chair, OF_SESSION, &said, &json!({ "title": title })).await;
            assert_eq!(answer.status(), 200, "{said}");
            let new = answer.headers()["etag"].to_str().unwrap().to_owned();
            let changed: Session = answer.json().await.unwrap();
            assert_eq!((changed.title, &changed.etag), (title, &new));
            assert_ne!(new, tag);
        }
    }
}

#[tokio::test]
async fn change_of_an_older_version_is_refused_once_and_changes_nothing() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let read_by_both = tag_of(&chair, OF_SESSION).await;
        let first = json!({ "title": "Của người thứ nhất" });
        let answer = change(&chair, OF_SESSION, &read_by_both, &first).await;
        assert_eq!(answer.status(), 200);
        let second = json!({ "title": "Của người thứ hai" });
        let refused = change(&chair, OF_SESSION, &read_by_both, &second).await;
        let refused = problem(refused, 412).await;
        assert_eq!(refused.code, "changed_meanwhile");
        let seen: Session = chair.read(OF_SESSION).await;
        assert_eq!(seen.title, "Của người thứ nhất");
        assert_eq!(refused.params["etag"], seen.etag);
        let again = change(&chair, OF_SESSION, &refused.params["etag"], &second).await;
        assert_eq!(again.status(), 200);
        let untagged = chair.request(Method::PATCH, OF_SESSION).json(&first);
        let refused = problem(untagged.send().await.unwrap(), 428).await;
        assert_eq!(refused.code, "if_match_required");
    }
}

#[tokio::test]
async fn what_changes_nothing_is_no_new_version() {
    for server in servers().await {
        let chair = server.signed_in("chutri").await;
        let tag = tag_of(&chair, OF_SESSION).await;
        for nothing in [json!({}), json!({ "title": " Họp  giao ban " })] {
            let answer = change(&chair, OF_SESSION, &tag, &nothing).await;
            assert_eq!(answer.status(), 200);
        }
        assert_eq!(tag_of(&chair, OF_SESSION).await, tag);
    }
}
