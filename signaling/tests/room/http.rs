//! What HTTP promises besides its routes: who is asked before what they send, bodies that come slowly or not at all, answers
//! before the body was read, and pages of other servers.

use std::process::Stdio;

use protocol::client::SessionRole;
use reqwest::{Method, StatusCode};
use rustls_pki_types::ServerName;
use signaling::Config;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::server::{CODE, Province, SOON, Server};

const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:client\r\na=ice-pwd:clientpassword\r\n\
    a=fingerprint:sha-256 AA:BB\r\n";

/// A connection of HTTP/1.1, on which a request is said as it stands.
struct Wire(tokio_rustls::client::TlsStream<TcpStream>);

impl Wire {
    async fn to(server: &Server) -> Self {
        let connector = tokio_rustls::TlsConnector::from(server.tls.clone());
        let stream = TcpStream::connect(server.running.address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        Self(connector.connect(name, stream).await.unwrap())
    }

    async fn say(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// The status of the answer, and its text as far as it has come.
    async fn answer(&mut self) -> (u16, String) {
        let mut answer = Vec::new();
        while !answer.windows(4).any(|end| end == b"\r\n\r\n") || !answer.ends_with(b"}") {
            let mut buffer = [0; 4096];
            let read = tokio::time::timeout(SOON, self.0.read(&mut buffer));
            let length = read.await.expect("the server answers").unwrap_or(0);
            if length == 0 {
                break;
            }
            answer.extend_from_slice(&buffer[..length]);
        }
        let text = String::from_utf8_lossy(&answer).into_owned();
        let status = text
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        (status.unwrap_or(0), text)
    }
}

/// The head of a request whose body has so many bytes.
fn head(path: &str, token: Option<&str>, kind: &str, length: usize) -> String {
    let bearer = token.map_or(String::new(), |token| {
        format!("authorization: Bearer {token}\r\n")
    });
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {kind}\r\n{bearer}content-length: {length}\r\n\r\n"
    )
}

async fn server_with(province: &Province, change: impl FnOnce(&mut Config)) -> Server {
    Server::start_with(province.database.clone(), province.folder.path(), change).await
}

fn whip() -> String {
    format!("/whip/{CODE}")
}

#[tokio::test]
async fn whip_and_whep_ask_who_it_is_before_they_read() {
    let province = Province::new().await;
    let viewer = province.token("Hoa", SessionRole::Viewer, None).await;
    let server = Server::of(&province).await;
    for (path, token, expected) in [
        (whip(), None, 401),
        (format!("/whep/{CODE}"), None, 401),
        (whip(), Some("nonsense"), 401),
        (whip(), Some(viewer.as_str()), 403),
        (format!("/whep/{CODE}x"), Some(viewer.as_str()), 404),
    ] {
        let mut wire = Wire::to(&server).await;
        // Not a byte of the body is ever sent.
        wire.say(&head(&path, token, "application/sdp", 1000)).await;
        let (status, text) = wire.answer().await;
        assert_eq!(status, expected, "{path}: {text}");
    }
    for path in [
        format!("{}/some-resource", whip()),
        format!("/whep/{CODE}/x"),
    ] {
        let mut wire = Wire::to(&server).await;
        let head = head(&path, None, "application/trickle-ice-sdpfrag", 1000);
        wire.say(&head.replacen("POST", "PATCH", 1)).await;
        assert_eq!(wire.answer().await.0, 401, "{path}");
    }
}

#[tokio::test]
async fn body_that_does_not_come_in_time_is_not_waited_for_on_any_route() {
    let province = Province::new().await;
    let minh = province.token("Minh", SessionRole::Point, None).await;
    let server = server_with(&province, |config| config.http.request_timeout_seconds = 1).await;
    let sign_in = "/api/v1/sign-in".to_owned();
    for (path, token, kind) in [
        (whip(), Some(minh.as_str()), "application/sdp"),
        (sign_in, None, "application/json"),
    ] {
        let mut wire = Wire::to(&server).await;
        wire.say(&head(&path, token, kind, 1000)).await;
        wire.say("v=0\r\n").await;
        let (status, text) = wire.answer().await;
        assert_eq!(status, 408, "{path}: {text}");
        assert!(text.contains("body_too_slow"), "{path}: {text}");
    }
}

#[tokio::test]
async fn connection_of_an_earlier_request_is_not_kept_for_one_that_never_comes_whole() {
    let province = Province::new().await;
    let server = server_with(&province, |config| config.http.request_timeout_seconds = 1).await;
    for begun in ["", "GET /api/v1/me HTTP/1.1\r\nhost: lo"] {
        let mut wire = Wire::to(&server).await;
        wire.say(&head("/api/v1/sign-out", None, "application/json", 0))
            .await;
        assert_eq!(wire.answer().await.0, 401);
        wire.say(begun).await;
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(SOON, wire.0.read_to_end(&mut rest));
        // With or without an alert of TLS.
        let _ = closed.await.expect("the server closes it");
        assert!(
            rest.is_empty() || rest.starts_with(b"HTTP/1.1 408"),
            "{begun}"
        );
    }
}

/// Sends a body with Debian's curl over HTTP/2: the status, or how curl failed.
async fn curl(server: &Server, authority: &str, path: &str, more: &[&str], body: &[u8]) -> String {
    let mut child = tokio::process::Command::new("curl")
        .args(["--silent", "--show-error", "--http2", "--cacert", authority])
        .args([
            "--output",
            "/dev/null",
            "--write-out",
            "%{http_version} %{http_code}",
        ])
        .args([
            "--max-time",
            "20",
            "--header",
            "Expect:",
            "--data-binary",
            "@-",
        ])
        .args(more)
        .arg(server.url(path))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("curl is installed");
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(body).await.unwrap();
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    if output.status.success() {
        String::from_utf8(output.stdout).unwrap()
    } else {
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

#[tokio::test]
async fn answers_before_the_body_was_read_are_understood_over_http2() {
    let province = Province::new().await;
    let minh = province.token("Minh", SessionRole::Point, None).await;
    let server = Server::of(&province).await;
    let authority = province.folder.path().join("tls/ca.crt");
    let authority = authority.to_str().unwrap();
    let bearer = format!("Authorization: Bearer {minh}");
    let sdp = "Content-Type: application/sdp";
    let small = OFFER.as_bytes().to_vec();
    let medium = vec![b'x'; 200_000];
    let long = vec![b'x'; 500_000];
    let unknown = format!("{}x", whip());
    for (path, more, body, expected) in [
        (whip().as_str(), vec!["-H", sdp], &small, "2 401"),
        (whip().as_str(), vec!["-H", sdp], &medium, "2 401"),
        (
            whip().as_str(),
            vec!["-H", "Content-Type: text/plain", "-H", &bearer],
            &medium,
            "2 415",
        ),
        (
            unknown.as_str(),
            vec!["-H", sdp, "-H", &bearer],
            &medium,
            "2 404",
        ),
        (
            whip().as_str(),
            vec!["-H", sdp, "-H", &bearer],
            &long,
            "2 413",
        ),
        (
            whip().as_str(),
            vec!["-H", sdp, "-X", "PUT"],
            &medium,
            "2 405",
        ),
        (
            "/api/v1/sessions",
            vec!["-H", "Content-Type: application/json"],
            &medium,
            "2 401",
        ),
        ("/api/v1/nothing", vec![], &medium, "2 404"),
        ("/", vec![], &medium, "2 405"),
        ("/anything", vec![], &medium, "2 405"),
    ] {
        // The race between answer and body goes both ways.
        for _ in 0..5 {
            let got = curl(&server, authority, path, &more, body).await;
            assert_eq!(got, expected, "{path} {more:?} with {} bytes", body.len());
        }
    }
}

#[tokio::test]
async fn slash_at_the_end_changes_nothing() {
    let province = Province::new().await;
    let (minh, viewer) = (
        province.token("Minh", SessionRole::Point, None).await,
        province.token("Hoa", SessionRole::Viewer, None).await,
    );
    let server = Server::of(&province).await;
    for (kind, token) in [("whip", &minh), ("whep", &viewer)] {
        let post = server
            .client
            .post(server.url(&format!("/{kind}/{CODE}/")))
            .header("content-type", "application/sdp")
            .bearer_auth(token)
            .body(OFFER);
        let created = post.send().await.unwrap();
        assert_eq!(created.status(), 201, "{kind}");
        let location = created.headers()["location"].to_str().unwrap().to_owned();
        let start = format!("/{kind}/{CODE}/");
        assert!(location.starts_with(&start), "{location}");
        let delete = server.client.delete(server.url(&(location + "/")));
        let ended = delete.bearer_auth(token).send().await.unwrap();
        assert_eq!(ended.status(), 200, "{kind}");
    }
}

/// The answer to a request that is said as it stands, body and all, on a connection that ends with it.
async fn said(server: &Server, request: &str) -> (u16, String) {
    let mut wire = Wire::to(server).await;
    wire.say(request).await;
    wire.answer().await
}

#[tokio::test]
async fn offer_is_taken_however_http_says_it() {
    let province = Province::new().await;
    let minh = province.token("Minh", SessionRole::Point, None).await;
    let server = Server::of(&province).await;
    let port = server.running.address.port();
    let length = OFFER.len();
    let path = whip();
    let own = server.url("");
    let own = own.strip_prefix("https://").unwrap();
    let close = "connection: close\r\n";
    let bearer = format!("authorization: Bearer {minh}\r\n");
    let sdp = "content-type: application/sdp\r\n";
    let counted = format!("content-length: {length}\r\n");
    let chunked = format!(
        "transfer-encoding: chunked\r\n\r\n5\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        &OFFER[..5],
        length - 5,
        &OFFER[5..]
    );
    let body = format!("{counted}\r\n{OFFER}");
    let usual = format!("POST {path} HTTP/1.1");
    let with_host = |host: &str| format!("host: {host}\r\n{sdp}{bearer}");
    let capitals = format!(
        "HOST: {own}\r\nCONTENT-TYPE: Application/SDP; charset=utf-8\r\nAUTHORIZATION: BEARER {minh}\r\n"
    );
    let whole_address = format!("POST https://hop.example.vn:{port}{path} HTTP/1.1");
    let encoded = format!("POST {} HTTP/1.1", path.replace('-', "%2D"));
    let odd = [
        // How it is said, under which name, and where the relay is then told to be.
        (&usual, with_host(own), &body, own),
        (&usual, with_host(own), &chunked, own),
        (&usual, capitals, &body, own),
        (&encoded, with_host(own), &body, own),
        (
            &format!("POST {path} HTTP/1.0"),
            format!("{sdp}{bearer}"),
            &body,
            own,
        ),
        (
            &whole_address,
            with_host("evil.example"),
            &body,
            &format!("hop.example.vn:{port}"),
        ),
        (
            &usual,
            with_host("hop.example.vn"),
            &body,
            "hop.example.vn:443",
        ),
        (
            &usual,
            with_host("hop.example.vn:443"),
            &body,
            "hop.example.vn:443",
        ),
        (
            &usual,
            with_host("[2001:db8::1]"),
            &body,
            "[2001:db8::1]:443",
        ),
        (
            &usual,
            with_host("[2001:db8::1]:8443"),
            &body,
            "[2001:db8::1]:8443",
        ),
        // Whatever that is, it is no name of ours.
        (&usual, with_host("evil@hop.example.vn"), &body, own),
        (
            &usual,
            with_host("evil.example\r\nhost: hop.example.vn"),
            &body,
            own,
        ),
    ];
    for (line, headers, rest, host) in odd {
        let request = format!("{line}\r\n{headers}{close}{rest}");
        let (status, text) = said(&server, &request).await;
        assert_eq!(status, 201, "{request}: {text}");
        let relay = format!("<turns:{host}?transport=tcp>");
        assert!(text.contains(&relay), "{request}: {text}");
        let location = format!("location: {path}/");
        assert!(text.contains(&location), "{request}: {text}");
    }
    // Somebody who asks whether to go on is told so.
    let mut wire = Wire::to(&server).await;
    let headers = with_host(own) + &counted + close;
    wire.say(&format!("{usual}\r\n{headers}expect: 100-continue\r\n\r\n"))
        .await;
    let mut told = [0; 25];
    let read = tokio::time::timeout(SOON, wire.0.read_exact(&mut told));
    read.await.expect("the server answers").unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    wire.say(OFFER).await;
    assert_eq!(wire.answer().await.0, 201);
}

#[tokio::test]
async fn method_that_an_address_does_not_take_is_refused_with_those_that_it_takes() {
    let province = Province::new().await;
    let minh = province.token("Minh", SessionRole::Point, None).await;
    let server = Server::of(&province).await;
    let endpoint = "POST,OPTIONS";
    let resource = "PATCH,DELETE,OPTIONS";
    for (path, methods, allowed) in [
        (whip(), ["GET", "PUT"], endpoint),
        (whip() + "/", ["HEAD", "DELETE"], endpoint),
        (format!("/whep/{CODE}"), ["GET", "PATCH"], endpoint),
        (format!("{}/x", whip()), ["GET", "POST"], resource),
        (format!("/whep/{CODE}/x/"), ["HEAD", "PUT"], resource),
        ("/api/v1/me".to_owned(), ["PUT", "DELETE"], "GET,HEAD"),
        ("/api/v1/sign-in".to_owned(), ["GET", "PUT"], "POST"),
        ("/healthz".to_owned(), ["POST", "PUT"], "GET,HEAD"),
        ("/".to_owned(), ["POST", "PUT"], "GET,HEAD"),
    ] {
        for method in methods {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let asked = server.client.request(method.clone(), server.url(&path));
            // Also for a page of another server, which may read why.
            let asked = asked
                .bearer_auth(&minh)
                .header("origin", "https://studio.example.vn");
            let refused = asked.send().await.unwrap();
            assert_eq!(refused.status(), 405, "{method} {path}");
            assert_eq!(refused.headers()["allow"], allowed, "{method} {path}");
            let readable = lists(&refused, "access-control-allow-origin", &["*"]);
            assert_eq!(readable, path.starts_with("/wh"), "{method} {path}");
            if method != Method::HEAD {
                let problem: serde_json::Value = refused.json().await.unwrap();
                assert_eq!(problem["code"], "method_not_allowed", "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn offer_without_a_session_is_told_to_name_one() {
    let province = Province::new().await;
    let minh = province.token("Minh", SessionRole::Point, None).await;
    let server = Server::of(&province).await;
    for path in ["/whip", "/whip/", "/whep", "/whep/"] {
        let asked = server.client.post(server.url(path));
        let asked = asked.header("content-type", "application/sdp").body(OFFER);
        let refused = asked.bearer_auth(&minh).send().await.unwrap();
        assert_eq!(refused.status(), 404, "{path}");
        let problem: serde_json::Value = refused.json().await.unwrap();
        assert_eq!(problem["code"], "unknown_session", "{path}");
    }
}

#[tokio::test]
async fn page_of_another_server_may_read_that_its_body_came_too_late() {
    let province = Province::new().await;
    let minh = province.token("Minh", SessionRole::Point, None).await;
    let server = server_with(&province, |config| config.http.request_timeout_seconds = 1).await;
    let mut wire = Wire::to(&server).await;
    let head = head(&whip(), Some(&minh), "application/sdp", 1000);
    let origin = "origin: https://studio.example.vn\r\n\r\n";
    wire.say(&(head.trim_end().to_owned() + "\r\n" + origin))
        .await;
    let (status, text) = wire.answer().await;
    assert_eq!(status, 408, "{text}");
    assert!(text.contains("access-control-allow-origin: *"), "{text}");
}

/// A page at some origin.
struct Page<'a> {
    server: &'a Server,
    origin: &'a str,
}

impl Page<'_> {
    async fn preflight(&self, path: &str, method: &str) -> reqwest::Response {
        self.server
            .client
            .request(Method::OPTIONS, self.server.url(path))
            .header("origin", self.origin)
            .header("access-control-request-method", method)
            .header(
                "access-control-request-headers",
                "authorization,content-type,if-match",
            )
            .send()
            .await
            .unwrap()
    }

    async fn post(&self, path: &str, by: (&str, &str)) -> reqwest::Response {
        self.server
            .client
            .post(self.server.url(path))
            .header("origin", self.origin)
            .header("content-type", "application/sdp")
            .header(by.0, by.1)
            .body(OFFER)
            .send()
            .await
            .unwrap()
    }
}

fn lists(response: &reqwest::Response, header: &str, wanted: &[&str]) -> bool {
    let value = response.headers().get(header).and_then(|v| v.to_str().ok());
    let listed: Vec<String> = value
        .unwrap_or_default()
        .split(',')
        .map(|word| word.trim().to_ascii_lowercase())
        .collect();
    wanted
        .iter()
        .all(|word| listed.contains(&word.to_ascii_lowercase()))
}

#[tokio::test]
async fn page_of_another_server_publishes_and_plays_with_a_bearer() {
    let province = Province::new().await;
    let minh = province.token("Minh", SessionRole::Point, None).await;
    let server = Server::of(&province).await;
    let page = Page {
        server: &server,
        origin: "https://studio.example.vn",
    };
    for path in [
        whip(),
        format!("/whep/{CODE}"),
        format!("{}/x", whip()),
        whip() + "/",
    ] {
        for method in ["POST", "PATCH", "DELETE"] {
            let answer = page.preflight(&path, method).await;
            assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{path}");
            assert!(lists(&answer, "access-control-allow-origin", &["*"]));
            assert!(lists(&answer, "access-control-allow-methods", &[method]));
            let sent = ["authorization", "content-type", "if-match"];
            assert!(lists(&answer, "access-control-allow-headers", &sent));
            let credentials = "access-control-allow-credentials";
            assert!(!answer.headers().contains_key(credentials));
        }
    }
    let bearer = format!("Bearer {minh}");
    let created = page.post(&whip(), ("authorization", &bearer)).await;
    assert_eq!(created.status(), 201);
    assert!(lists(&created, "access-control-allow-origin", &["*"]));
    let read = ["location", "etag", "link", "accept-patch"];
    assert!(lists(&created, "access-control-expose-headers", &read));
    // It may also read why it is refused.
    let refused = page
        .post(&whip(), ("authorization", "Bearer nonsense"))
        .await;
    assert_eq!(refused.status(), 401);
    assert!(lists(&refused, "access-control-allow-origin", &["*"]));
    // The rest of the interface is not for such pages.
    let rest = page.preflight("/api/v1/me", "GET").await;
    assert!(!rest.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn cookie_is_taken_from_our_own_pages_alone_at_whip_and_whep_too() {
    let province = Province::new().await;
    let server = Server::of(&province).await;
    let cookie = ("cookie", "__Host-diemcau=whatever");
    let foreign = Page {
        server: &server,
        origin: "https://evil.example",
    };
    let own_origin = server.url("");
    let own = Page {
        server: &server,
        origin: &own_origin,
    };
    for path in [whip(), format!("/whep/{CODE}")] {
        let refused = foreign.post(&path, cookie).await;
        assert_eq!(refused.status(), 403);
        let problem: serde_json::Value = refused.json().await.unwrap();
        assert_eq!(problem["code"], "foreign_origin");
        assert_eq!(
            own.post(&path, cookie).await.status(),
            401,
            "nobody's, but ours"
        );
        let nameless = server
            .client
            .post(server.url(&path))
            .header(cookie.0, cookie.1);
        assert_eq!(nameless.send().await.unwrap().status(), 403);
    }
}

#[tokio::test]
async fn origins_can_be_listed() {
    let province = Province::new().await;
    let minh = province.token("Minh", SessionRole::Point, None).await;
    let studio = "https://studio.example.vn";
    let server = server_with(&province, |config| {
        config.http.media_origins = vec![studio.to_owned()];
    })
    .await;
    let bearer = format!("Bearer {minh}");
    for (origin, preflight, post) in [(studio, 204, 201), ("https://evil.example", 403, 403)] {
        let page = Page {
            server: &server,
            origin,
        };
        let asked = page.preflight(&whip(), "POST").await;
        assert_eq!(asked.status(), preflight, "{origin}");
        let posted = page.post(&whip(), ("authorization", &bearer)).await;
        assert_eq!(posted.status(), post, "{origin}");
        let told = posted.headers().get("access-control-allow-origin");
        let told = told.and_then(|value| value.to_str().ok());
        assert_eq!(told, (post == 201).then_some(origin));
    }
}
