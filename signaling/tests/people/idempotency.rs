//! Requests that are sent again are done once, on both databases.

use std::collections::BTreeSet;

use protocol::api::{Page, PersonSummary};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::keys::key;
use crate::recordings::{by_hand, servers};
use crate::routes::operations;
use crate::support::{Browser, HOUR_US, MINUTE_US, Server, problem};

fn person(name: &str) -> Value {
    json!({ "name": name, "is_namesake": true, "appointment": { "unit": "XA-A", "position": "Giáo viên" } })
}

async fn ask(browser: &Browser, path: &str, name: &str, body: &Value) -> Response {
    let request = browser.request(Method::POST, path);
    let request = request.header("idempotency-key", name).json(body);
    request.send().await.unwrap()
}

async fn called(browser: &Browser, name: &str) -> usize {
    let found: Page<PersonSummary> = browser.read(&format!("/api/v1/people?q={name}")).await;
    found.items.len()
}

#[tokio::test]
async fn same_request_is_done_once_and_answered_alike() {
    for server in servers().await {
        let admin = server.signed_in("quantri").await;
        let (_, program) = key(&server, &admin, "XA-A", &["people:write", "people:read"]).await;
        let path = "/api/v1/people";
        let first = ask(&program, path, "a-1", &person("Lan")).await;
        assert_eq!(first.status(), 201);
        assert!(!first.headers().contains_key("idempotency-replayed"));
        let (tag, first) = (first.headers()["etag"].clone(), first.text().await.unwrap());
        let again = ask(&program, path, "a-1", &person("Lan")).await;
        assert_eq!(again.status(), 201);
        assert_eq!(again.headers()["idempotency-replayed"], "true");
        assert_eq!(again.headers()["etag"], tag);
        assert_eq!(again.headers()["content-type"], "application/json");
        assert_eq!(again.text().await.unwrap(), first);
        assert_eq!(called(&admin, "Lan").await, 1);

        let other = ask(&program, path, "a-1", &person("Mai")).await;
        assert_eq!(problem(other, 422).await.code, "idempotency_key_reused");
        let other = ask(&program, "/api/v1/sessions", "a-1", &person("Lan")).await;
        assert_eq!(problem(other, 422).await.code, "idempotency_key_reused");
        // Somebody else's name is another one.
        assert_eq!(ask(&admin, path, "a-1", &person("Lan")).await.status(), 201);
        assert_eq!(called(&admin, "Lan").await, 2);
        // After a day it is new.
        server.clock.advance(25 * HOUR_US);
        let later = ask(&program, path, "a-1", &person("Mai")).await;
        assert_eq!(later.status(), 201);
    }
}

#[tokio::test]
async fn of_twenty_at_once_one_is_done() {
    for server in servers().await {
        let admin = server.signed_in("quantri").await;
        let body = person("Hai Mươi");
        let asked = (0..20).map(|_| ask(&admin, "/api/v1/people", "race", &body));
        let answers = futures_util::future::join_all(asked).await;
        let mut bodies = BTreeSet::new();
        for answer in answers {
            match answer.status().as_u16() {
                201 => bodies.insert(answer.text().await.unwrap()),
                _ => {
                    assert!(answer.headers().contains_key("retry-after"));
                    let refused = problem(answer, 409).await;
                    assert_eq!(refused.code, "idempotency_in_progress");
                    true
                }
            };
        }
        assert_eq!(bodies.len(), 1, "whoever is told, is told the same");
        assert_eq!(called(&admin, "Hai+M").await, 1);
        let late = ask(&admin, "/api/v1/people", "race", &body).await;
        assert_eq!(late.text().await.unwrap(), bodies.pop_first().unwrap());
    }
}

#[tokio::test]
async fn refusal_is_not_kept() {
    let server = Server::start().await;
    let admin = server.signed_in("quantri").await;
    let refused = ask(&admin, "/api/v1/people", "b-1", &json!({ "name": "Lan" })).await;
    problem(refused, 400).await;
    assert_eq!(
        ask(&admin, "/api/v1/people", "b-1", &person("Lan"))
            .await
            .status(),
        201
    );
    for bad in ["", "\"\"", "hai chu"] {
        let refused = ask(&admin, "/api/v1/people", bad, &person("Lan")).await;
        assert_eq!(problem(refused, 400).await.code, "bad_idempotency_key");
    }
    let stranger = server.stranger();
    problem(
        ask(&stranger, "/api/v1/people", "b-1", &person("Lan")).await,
        401,
    )
    .await;
}

#[tokio::test]
async fn claim_of_a_server_that_died_is_taken_over_unless_it_had_acted() {
    for server in servers().await {
        let admin = server.signed_in("quantri").await;
        let path = "/api/v1/people";
        assert_eq!(ask(&admin, path, "c-1", &person("Lan")).await.status(), 201);
        // As if it had died between the act and the answer, or before the act.
        by_hand(&server, "UPDATE idempotent_request SET status = NULL").await;
        let soon = ask(&admin, path, "c-1", &person("Lan")).await;
        assert_eq!(problem(soon, 409).await.code, "idempotency_in_progress");
        server.clock.advance(2 * MINUTE_US);
        let lost = ask(&admin, path, "c-1", &person("Lan")).await;
        assert_eq!(problem(lost, 409).await.code, "idempotency_answer_lost");
        assert_eq!(called(&admin, "Lan").await, 1);
        by_hand(&server, "UPDATE idempotent_request SET acted = FALSE").await;
        assert_eq!(ask(&admin, path, "c-1", &person("Lan")).await.status(), 201);
        assert_eq!(called(&admin, "Lan").await, 2);
    }
}

#[tokio::test]
async fn revoked_key_is_told_no_answer_again() {
    let server = Server::start().await;
    let admin = server.signed_in("quantri").await;
    let (made, program) = key(&server, &admin, "XA-A", &["people:write"]).await;
    assert_eq!(
        ask(&program, "/api/v1/people", "d-1", &person("Lan"))
            .await
            .status(),
        201
    );
    let path = format!("/api/v1/api-keys/{}", made.key.id);
    admin.request(Method::DELETE, &path).send().await.unwrap();
    let refused = ask(&program, "/api/v1/people", "d-1", &person("Lan")).await;
    assert_eq!(problem(refused, 401).await.code, "key_not_valid");
}

#[tokio::test]
async fn no_answer_with_a_secret_is_kept() {
    let server = Server::start().await;
    let chair = server.signed_in("chutri").await;
    let mut kept = 0;
    for (method, path, operation) in operations() {
        if method != "post" {
            continue;
        }
        let takes = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|parameter| parameter["name"] == "Idempotency-Key");
        if takes {
            assert!(!tells_a_secret(&operation), "{path} answers with a secret");
            kept += 1;
            continue;
        }
        let at = path
            .replace("{code}", "GB-01")
            .replace("{account}", &server.province.chair.to_string());
        let refused = ask(&chair, &at, "e-1", &json!({})).await;
        assert_eq!(
            problem(refused, 422).await.code,
            "idempotency_not_here",
            "{path}"
        );
    }
    assert!(kept > 10, "{kept}");
}

/// Whether an answer has a field that is called like a secret.
fn tells_a_secret(operation: &Value) -> bool {
    let description = serde_json::to_value(signaling::routes::openapi()).unwrap();
    let mut open = vec![operation["responses"].clone()];
    let mut seen = BTreeSet::new();
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(fields) => {
                if let Some(Value::Object(properties)) = fields.get("properties") {
                    let secret = ["secret", "url", "token", "password", "recovery_codes"];
                    if properties
                        .keys()
                        .any(|name| secret.contains(&name.as_str()))
                    {
                        return true;
                    }
                }
                if let Some(Value::String(reference)) = fields.get("$ref")
                    && seen.insert(reference.clone())
                {
                    let pointer = reference.strip_prefix('#').unwrap();
                    open.extend(description.pointer(pointer).cloned());
                }
                open.extend(fields.into_iter().map(|(_, field)| field));
            }
            _ => {}
        }
    }
    false
}
