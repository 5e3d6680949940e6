//! The web client: embedded in the program, or a folder while it is being developed.

use std::path::Path;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use protocol::api::ProblemCode;
use tower_http::services::ServeDir;

use crate::AppState;
use crate::platform::authority;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::secret::Secret;

/// The page of the embedded web client.
const INDEX: &str = include_str!(concat!(env!("OUT_DIR"), "/index.html"));

/// Files whose name carries a hash of their content; they never change.
const HASHED: &str = "/assets/";

pub(crate) fn router(state: &AppState) -> Router<AppState> {
    let files = match &state.config.http.web_root {
        Some(root) => {
            let folder = ServeDir::new(root)
                .append_index_html_on_directories(false)
                .fallback(get(page).with_state(state.clone()));
            Router::new().fallback_service(folder)
        }
        None => embedded().fallback(page),
    };
    files.route("/", get(page)).layer(from_fn(cache))
}

#[expect(unused_qualifications, reason = "in what the macro expands to")]
fn embedded() -> Router<AppState> {
    memory_serve::load!().index_file(None).into_router()
}

/// The one page, under whatever path: the web client routes by itself. Its inline styles carry a nonce, which the
/// page finds in its head; inline scripts are refused.
async fn page(
    State(state): State<AppState>,
    headers: HeaderMap,
    request: Request,
) -> ApiResult<Response> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(ApiError::new(
            StatusCode::METHOD_NOT_ALLOWED,
            ProblemCode::MethodNotAllowed,
            "pages are only read",
        ));
    }
    if request.uri().path().starts_with(HASHED) {
        return Err(ApiError::not_found(ProblemCode::NoSuchFile));
    }
    let index = match &state.config.http.web_root {
        Some(root) => read_index(root).await?,
        None => INDEX.to_owned(),
    };
    let nonce = Secret::generate().map_err(ApiError::internal)?;
    let nonce = nonce.expose();
    let meta = format!("<head>\n    <meta property=\"csp-nonce\" nonce=\"{nonce}\" />");
    let html = index.replacen("<head>", &meta, 1);
    let mut response = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response();
    let policy = HeaderValue::from_str(&policy(nonce, own_socket(&headers).as_deref()))
        .map_err(ApiError::internal)?;
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

async fn read_index(root: &Path) -> ApiResult<String> {
    tokio::fs::read_to_string(root.join("index.html"))
        .await
        .map_err(ApiError::internal)
}

/// The WebSocket origin of this server. Older Safari does not count it as `'self'`. An IPv6 address is no source that a
/// policy can name (CSP 3, section 2.3.1), and is left to `'self'`.
fn own_socket(headers: &HeaderMap) -> Option<String> {
    let own = authority::of(headers)?;
    (!own.host().starts_with('[')).then(|| format!(" wss://{own}"))
}

fn policy(nonce: &str, socket: Option<&str>) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; \
         media-src 'self' blob:; font-src 'self'; connect-src 'self'{}; worker-src 'self' blob:; manifest-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        socket.unwrap_or_default()
    )
}

/// Hashed files are kept for ever, everything else is asked for again.
async fn cache(request: Request, next: Next) -> Response {
    let hashed = request.uri().path().starts_with(HASHED);
    let mut response = next.run(request).await;
    let kept = hashed && response.status().is_success();
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(if kept {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        }),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_names_the_socket_where_it_can_be_named() {
        let socket = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            own_socket(&headers)
        };
        assert_eq!(
            socket("hop.example.vn:8443").as_deref(),
            Some(" wss://hop.example.vn:8443")
        );
        assert_eq!(socket("192.0.2.10").as_deref(), Some(" wss://192.0.2.10"));
        assert_eq!(socket("[2001:db8::1]:8443"), None, "no valid source");
        assert_eq!(socket("hop.example.vn; script-src *"), None);
        assert!(policy("n", None).contains("connect-src 'self'; worker-src"));
    }
}
