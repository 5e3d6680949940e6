//! What the description of the interface says of many routes alike, put into it from what they declare: how one shows who
//! one is, the scope that a key needs, the headers of changes and of repeated requests, what refusals look like.

use office_core::rights::SCOPES;
use protocol::api::ApiScope;
use utoipa::openapi::content::Content;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::response::Response;
use utoipa::openapi::schema::{Components, ObjectBuilder, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{OpenApi, Ref, RefOr, Required};

use crate::access::idempotent::takes_name;
use crate::platform::http::caller::COOKIE;

/// How a refusal is written.
const PROBLEM: &str = "application/problem+json";

/// Completes the description.
pub(crate) fn complete(description: &mut OpenApi) {
    let components = description.components.get_or_insert_with(Components::new);
    for (name, scheme) in schemes() {
        components
            .security_schemes
            .insert(name.to_owned(), RefOr::T(scheme));
    }
    for (path, item) in &mut description.paths.paths {
        if let Some(post) = item.post.as_mut().filter(|_| takes_name(path)) {
            tell_of_names(post);
        }
        for operation in operations(item) {
            tell_who_may(operation);
            tell_of_versions(operation);
            tell_of_refusals(operation);
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.post,
        &mut item.put,
        &mut item.patch,
        &mut item.delete,
    ]
    .into_iter()
    .flatten()
}

fn schemes() -> [(&'static str, SecurityScheme); 3] {
    let bearer = |format: &str, description: &str| {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format(format)
            .description(Some(description));
        SecurityScheme::Http(scheme.build())
    };
    [
        (
            "api_key",
            bearer(
                "dc_…",
                "A key that an administrator made for another system: it reaches a unit and all below it, within its scopes. \
                 At most 600 requests a minute; `rate_limited` says how long to wait.",
            ),
        ),
        (
            "cookie",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
                COOKIE,
                "Somebody who signed in, or came by a link. A change must also name its own origin.",
            ))),
        ),
        (
            "link",
            bearer("link", "The secret of a link or token of one session."),
        ),
    ]
}

/// Who may ask: whoever signed in or came by a link, and a key with the scope of the action.
fn tell_who_may(operation: &mut Operation) {
    let extensions = operation.extensions.as_ref();
    let action = extensions.and_then(|all| all.get("x-action")?.as_str());
    let Some(action) = action else {
        return;
    };
    let nothing = <[String; 0]>::default;
    let mut ways = vec![
        SecurityRequirement::new("cookie", nothing()),
        SecurityRequirement::new("link", nothing()),
    ];
    let scope = SCOPES.iter().find(|(name, _)| *name == action);
    if let Some(scope) = scope.and_then(|(_, scope)| *scope) {
        ways.push(SecurityRequirement::new("api_key", [ApiScope::word(scope)]));
        say(
            operation,
            "403",
            "With a key: `key_scope_missing`, `scope` says which it needs.",
        );
        say(
            operation,
            "429",
            "With a key: `rate_limited`, `Retry-After` says when it may ask again.",
        );
    }
    say(
        operation,
        "401",
        "`not_signed_in`, `token_expired`, `token_revoked`; with a key: `key_not_valid`.",
    );
    operation.security = Some(ways);
}

/// A change that names the version which it changes.
fn tell_of_versions(operation: &mut Operation) {
    if operation.responses.responses.contains_key("412") {
        let header = header(
            "If-Match",
            "The `ETag` of what is changed, as it was read. A weak tag counts as the tag.",
        );
        with(operation, header, Required::True);
    }
}

/// A request that is done once however often it is sent.
fn tell_of_names(operation: &mut Operation) {
    let header = header(
        "Idempotency-Key",
        "A name that the caller chooses for this request, 1 to 200 printable characters. The same again within a day is \
         answered as before (`Idempotency-Replayed: true`) and done once.",
    );
    with(operation, header, Required::False);
    say(
        operation,
        "409",
        "With `Idempotency-Key`: `idempotency_in_progress`, `idempotency_answer_lost`.",
    );
    say(
        operation,
        "422",
        "With `Idempotency-Key`: `idempotency_key_reused`.",
    );
}

fn header(name: &str, description: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
}

fn with(operation: &mut Operation, header: ParameterBuilder, required: Required) {
    let header: Parameter = header.required(required).build();
    let parameters = operation.parameters.get_or_insert_default();
    parameters.push(RefOr::T(header));
}

/// Adds a sentence to what is said of a status.
fn say(operation: &mut Operation, status: &str, sentence: &str) {
    let responses = &mut operation.responses.responses;
    let known = responses
        .entry(status.to_owned())
        .or_insert_with(|| RefOr::T(Response::new("")));
    if let RefOr::T(response) = known {
        let said = response.description.trim_end();
        response.description = match said {
            "" => sentence.to_owned(),
            said => format!("{said} {sentence}"),
        };
    }
}

/// What every refusal looks like.
fn tell_of_refusals(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else {
            continue;
        };
        if status.starts_with(['4', '5']) && response.content.is_empty() {
            let problem = Content::new(Some(Ref::from_schema_name("Problem")));
            response.content.insert(PROBLEM.to_owned(), problem.into());
        }
    }
}
