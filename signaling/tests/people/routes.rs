//! Every route has an action, and every route that is not public asks who is there.

use std::collections::BTreeMap;

use office_core::rights::NAMES;
use protocol::api::ApiScope;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Server, problem};

/// Routes that anybody may ask, and why.
const PUBLIC: [(&str, &str, &str); 13] = [
    (
        "get",
        "/api/v1/sign-in/provider",
        "it answers by whom people sign in besides",
    ),
    (
        "post",
        "/api/v1/sign-in/provider",
        "it is how somebody becomes somebody by a provider",
    ),
    (
        "post",
        "/api/v1/sign-in/provider/finish",
        "what the provider gave is what is shown",
    ),
    (
        "get",
        "/api/v1/branding",
        "the page of the sign-in says whose it is",
    ),
    (
        "get",
        "/api/v1/branding/emblem/{hash}",
        "the page of the sign-in shows it",
    ),
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
        "/api/v1/sign-in/second",
        "the first step gave the challenge that is shown",
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
        ("account/external", "get post"),
        ("account/external/unlink", "post"),
        ("account/password", "post"),
        ("account/second-factor", "get"),
        ("account/second-factor/confirm", "post"),
        ("account/second-factor/off", "post"),
        ("account/second-factor/recovery-codes", "post"),
        ("account/second-factor/secret", "post"),
        ("account/sign-ins", "delete"),
        ("account/sign-ins/{sign_in}", "delete"),
        ("accounts", "get"),
        ("accounts/administration", "get"),
        ("accounts/codes", "post"),
        ("accounts/invitations", "post"),
        ("accounts/{account}", "get"),
        ("accounts/{account}/disable", "post"),
        ("accounts/{account}/enable", "post"),
        ("accounts/{account}/external", "delete"),
        ("accounts/{account}/roles", "post"),
        ("accounts/{account}/roles/{role}", "delete"),
        ("accounts/{account}/second-factor", "delete"),
        ("api-keys", "get post"),
        ("api-keys/{id}", "delete"),
        ("audit-log", "get"),
        ("audit-log/actions", "get"),
        ("audit-log/check", "post"),
        ("audit-log/file", "get"),
        ("backups", "get post"),
        ("branding", "get"),
        ("branding/emblem/{hash}", "get"),
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
        ("guide", "get put"),
        ("links/exchange", "post"),
        ("links/preview", "post"),
        ("links/{id}", "delete"),
        ("me", "get"),
        ("notices", "get"),
        ("notices/{id}/seen", "post"),
        ("officer-candidates", "get"),
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
        ("people/{person}/erasure", "get post"),
        ("people/{person}/erasure/file", "get"),
        ("people/{person}/erasure/preview", "get"),
        ("people/{person}/personal-data", "get"),
        ("recordings/{id}", "get"),
        ("recordings/{id}/compose", "post"),
        ("recordings/{id}/media", "get"),
        ("session-defaults", "get"),
        ("sessions", "get post"),
        ("sessions/{code}", "get patch"),
        ("sessions/{code}/attendance", "get"),
        ("sessions/{code}/cancel", "post"),
        ("sessions/{code}/end", "post"),
        ("sessions/{code}/history", "get"),
        ("sessions/{code}/links", "get post"),
        ("sessions/{code}/officer-candidates", "get"),
        ("sessions/{code}/officers", "get"),
        ("sessions/{code}/participants/{participant}/media", "get"),
        ("sessions/{code}/recordings", "get"),
        ("settings", "get put"),
        ("settings/emblem", "delete put"),
        ("sign-in", "post"),
        ("sign-in/code", "post"),
        ("sign-in/provider", "get post"),
        ("sign-in/provider/finish", "post"),
        ("sign-in/second", "post"),
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

/// What is changed without naming a version: an import is its maker's alone, and says by its state what may be done; of the guide of
/// the first days nothing is lost when two decide.
const WITHOUT_VERSION: [&str; 2] = ["/api/v1/guide", "/api/v1/people-imports/{import}/columns"];

#[test]
fn description_says_who_may_ask_by_which_headers_and_what_refusals_look_like() {
    let mut by_key = 0;
    for (method, path, operation) in operations() {
        let what = format!("{method} {path}");
        let parameters = operation["parameters"].as_array();
        let takes = |name: &str| {
            let mut named = parameters.into_iter().flatten();
            named.any(|one| one["in"] == "header" && one["name"] == name)
        };
        let responses = operation["responses"].as_object().unwrap();
        assert_eq!(takes("If-Match"), responses.contains_key("412"), "{what}");
        if method == "put" || method == "patch" {
            let exempt = WITHOUT_VERSION.contains(&path.as_str());
            assert_eq!(takes("If-Match"), !exempt, "{what} names a version");
        }
        assert!(!takes("Idempotency-Key") || method == "post", "{what}");
        for (status, response) in responses {
            if status.starts_with(['4', '5']) {
                let problem = &response["content"]["application/problem+json"];
                assert!(problem.is_object(), "{what} {status}");
            }
        }
        let ways = operation["security"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        assert_eq!(ways.is_empty(), is_public(&method, &path), "{what}");
        for scopes in ways.iter().filter_map(|way| way["api_key"].as_array()) {
            let [Value::String(scope)] = scopes.as_slice() else {
                panic!("{what}: {scopes:?}")
            };
            assert!(ApiScope::of(scope).is_some(), "{what}: {scope}");
            by_key += 1;
        }
    }
    assert!(by_key > 25, "{by_key} routes are for keys");
    let description = serde_json::to_value(signaling::routes::openapi()).unwrap();
    let schemes = description["components"]["securitySchemes"].as_object();
    let schemes: Vec<&str> = schemes.unwrap().keys().map(String::as_str).collect();
    assert_eq!(schemes, ["api_key", "cookie", "link"]);
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
