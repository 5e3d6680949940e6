//! Every route has an action, and every route that is not public asks who is there.

use std::collections::BTreeMap;

use office_core::rights::NAMES;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Server, problem};

/// Routes that anybody may ask, and why.
const PUBLIC: [(&str, &str, &str); 7] = [
    (
        "get",
        "/api/v1/first-day",
        "it answers whether anybody is somebody",
    ),
    (
        "post",
        "/api/v1/first-day",
        "the code that the server printed is what is shown",
    ),
    (
        "post",
        "/api/v1/sign-in/code",
        "it is how somebody becomes somebody for the first time",
    ),
    (
        "post",
        "/api/v1/sign-in",
        "it is how somebody becomes somebody",
    ),
    (
        "post",
        "/api/v1/links/exchange",
        "the secret of the link is what is shown",
    ),
    (
        "post",
        "/api/v1/links/preview",
        "the secret of the link is what is shown",
    ),
    (
        "get",
        "/api/v1/me",
        "it answers who is there, also when nobody is",
    ),
];

pub(crate) fn operations() -> Vec<(String, String, Value)> {
    let description = serde_json::to_value(signaling::routes::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            operations.push((method.clone(), path.clone(), operation.clone()));
        }
    }
    operations
}

pub(crate) fn is_public(method: &str, path: &str) -> bool {
    PUBLIC.iter().any(|(m, p, _)| *m == method && *p == path)
}

#[test]
fn every_route_declares_its_action() {
    for (method, path, operation) in operations() {
        if is_public(&method, &path) {
            assert!(
                operation.get("x-action").is_none(),
                "{method} {path} is public"
            );
            continue;
        }
        let action = operation
            .get("x-action")
            .unwrap_or_else(|| panic!("{method} {path} has no x-action"));
        let known = action.as_str().is_some_and(|name| NAMES.contains(&name));
        assert!(known, "{method} {path}: {action} is no action");
    }
}

#[test]
fn description_covers_the_routes_of_the_interface() {
    let mut described: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (method, path, _) in operations() {
        described.entry(path).or_default().push(method);
    }
    let expected = [
        ("account", "get"),
        ("account/password", "post"),
        ("account/sign-ins", "delete"),
        ("account/sign-ins/{sign_in}", "delete"),
        ("accounts", "get"),
        ("accounts/administration", "get"),
        ("accounts/codes", "post"),
        ("accounts/{account}", "get"),
        ("accounts/{account}/disable", "post"),
        ("accounts/{account}/enable", "post"),
        ("accounts/{account}/roles", "post"),
        ("accounts/{account}/roles/{role}", "delete"),
        ("audit-log", "get"),
        ("audit-log/actions", "get"),
        ("audit-log/check", "post"),
        ("audit-log/file", "get"),
        ("backups", "get post"),
        ("bridge-points", "get post"),
        ("bridge-points/register", "get"),
        ("bridge-points/status", "get"),
        ("bridge-points/{code}", "post"),
        ("bridge-points/{code}/close", "post"),
        ("bridge-points/{code}/history", "get"),
        ("bridge-points/{code}/media", "get"),
        ("bridge-points/{code}/samples", "get"),
        ("classes", "get"),
        ("classes/{code}", "get"),
        ("first-day", "get post"),
        ("links/exchange", "post"),
        ("links/preview", "post"),
        ("links/{id}", "delete"),
        ("me", "get"),
        ("people", "get post"),
        ("people-imports", "get post"),
        ("people-imports/people", "get"),
        ("people-imports/template", "get"),
        ("people-imports/{import}", "get"),
        ("people-imports/{import}/apply", "post"),
        ("people-imports/{import}/cancel", "post"),
        ("people-imports/{import}/columns", "put"),
        ("people-imports/{import}/faults", "get"),
        ("people-imports/{import}/rows", "get"),
        ("people/units", "get"),
        ("people/{person}", "get put"),
        ("people/{person}/appointments", "post"),
        ("people/{person}/appointments/{appointment}/end", "post"),
        ("recordings/{id}", "get"),
        ("recordings/{id}/compose", "post"),
        ("recordings/{id}/media", "get"),
        ("sessions", "get post"),
        ("sessions/{code}", "get patch"),
        ("sessions/{code}/attendance", "get"),
        ("sessions/{code}/end", "post"),
        ("sessions/{code}/links", "get post"),
        ("sessions/{code}/participants/{participant}/media", "get"),
        ("sessions/{code}/recordings", "get"),
        ("sign-in", "post"),
        ("sign-in/code", "post"),
        ("sign-out", "post"),
        ("unit-changes", "get post"),
        ("unit-changes/import", "post"),
        ("unit-changes/import/preview", "post"),
        ("unit-changes/preview", "post"),
        ("unit-changes/{id}", "get"),
        ("unit-changes/{id}/undo", "post"),
        ("units", "get"),
        ("units/{code}", "get"),
    ];
    let found: Vec<(String, String)> = described
        .into_iter()
        .map(|(path, methods)| (path.replace("/api/v1/", ""), methods.join(" ")))
        .collect();
    let expected: Vec<(String, String)> = expected
        .map(|(path, methods)| (path.into(), methods.into()))
        .into();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn stranger_gets_401_from_every_route_that_is_not_public() {
    let server = Server::start().await;
    let stranger = server.stranger();
    for (method, path, _) in operations() {
        if is_public(&method, &path) {
            continue;
        }
        let at = path
            .replace("{code}", "GB-01")
            .replace("{id}", &server.session.to_string())
            .replace("{participant}", &server.session.to_string())
            .replace("{person}", &server.session.to_string())
            .replace("{import}", &server.session.to_string())
            .replace("{appointment}", &server.session.to_string())
            .replace("{sign_in}", &server.session.to_string())
            .replace("{account}", &server.session.to_string())
            .replace("{role}", &server.session.to_string());
        let method: Method = method.to_uppercase().parse().unwrap();
        let answer = stranger
            .request(method.clone(), &at)
            .json(&json!({}))
            .send()
            .await
            .unwrap();
        assert_eq!(
            problem(answer, 401).await.code,
            "not_signed_in",
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn description_is_served() {
    let server = Server::start().await;
    let served: Value = server
        .stranger()
        .get("/openapi.json")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(
        served,
        serde_json::to_value(signaling::routes::openapi()).unwrap()
    );
}

#[test]
fn description_defines_every_type_it_names() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(reference)) = fields.get("$ref") {
                    found.push(reference.clone());
                }
                fields.values().for_each(|field| references(field, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let description = serde_json::to_value(signaling::routes::openapi()).unwrap();
    let mut found = Vec::new();
    references(&description, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(
            description.pointer(pointer).is_some(),
            "{reference} is not defined"
        );
    }
}
