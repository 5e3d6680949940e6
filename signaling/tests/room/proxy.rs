//! A reverse proxy in front: TLS ended by nginx under another name, the pages, a WebSocket and WHIP through it.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use axum::http::StatusCode;
use protocol::PROTOCOL_VERSION;
use protocol::api::{Link, Problem};
use protocol::client::{ClientFrame, ServerFrame, SessionRole};
use protocol::media::Profile;
use serde_json::json;
use signaling::Config;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::page::{Raw, bearer};
use crate::server::{CODE, Province, Server, eventually, trusting};

/// The name that people type.
const NAME: &str = "hop.example.vn";

/// nginx on a free port, with a certificate for [`NAME`], in front of a server.
struct Proxy {
    child: Child,
    port: u16,
    client: reqwest::Client,
    tls: Arc<rustls::ClientConfig>,
    _folder: TempDir,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What docs/firewalls.md tells an administrator to write, on a folder of its own.
fn configuration(folder: &Path, port: u16, server: u16) -> String {
    let folder = folder.display();
    format!(
        "daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
         events {{ }}
         http {{
             access_log off;
             client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
             uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
             map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
             server {{
                 listen 127.0.0.1:{port} ssl;
                 server_name {NAME};
                 ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
                 location / {{
                     proxy_pass https://127.0.0.1:{server};
                     proxy_http_version 1.1;
                     proxy_set_header X-Forwarded-For $remote_addr;
                     proxy_set_header X-Forwarded-Host $http_host;
                     proxy_set_header X-Forwarded-Proto $scheme;
                     proxy_set_header Upgrade $http_upgrade;
                     proxy_set_header Connection $connection_upgrade;
                     proxy_read_timeout 60s;
                 }}
             }}
         }}"
    )
}

impl Proxy {
    async fn before(server: &Server) -> Self {
        let folder = TempDir::new().unwrap();
        let certificate = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
        let pem = certificate.cert.pem();
        std::fs::write(folder.path().join("cert.pem"), &pem).unwrap();
        std::fs::write(
            folder.path().join("key.pem"),
            certificate.signing_key.serialize_pem(),
        )
        .unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let text = configuration(folder.path(), port, server.running.address.port());
        std::fs::write(folder.path().join("nginx.conf"), text).unwrap();
        let child = Command::new("nginx")
            .arg("-p")
            .arg(folder.path())
            .args(["-c", "nginx.conf"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx is installed");
        eventually(|| std::net::TcpStream::connect(("127.0.0.1", port)).ok()).await;
        let client = reqwest::Client::builder()
            .cookie_store(true)
            .tls_certs_only([reqwest::Certificate::from_pem(pem.as_bytes()).unwrap()])
            .resolve(NAME, ([127, 0, 0, 1], port).into())
            .build()
            .unwrap();
        Self {
            child,
            port,
            client,
            tls: trusting(pem.as_bytes()),
            _folder: folder,
        }
    }

    fn origin(&self) -> String {
        format!("https://{NAME}:{}", self.port)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    async fn dial(
        &self,
        headers: &[(&'static str, String)],
    ) -> Option<WebSocketStream<TlsStream<TcpStream>>> {
        let url = format!("wss://{NAME}:{}/ws/sessions/{CODE}", self.port);
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let tcp = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let tls = tokio_rustls::TlsConnector::from(self.tls.clone());
        let tls = tls.connect(NAME.try_into().unwrap(), tcp).await.unwrap();
        let opened = tokio_tungstenite::client_async(request, tls).await;
        opened.ok().map(|(socket, _)| socket)
    }
}

async fn server(province: &Province, change: impl FnOnce(&mut Config)) -> Server {
    Server::of_with(province, |config| {
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        change(config);
    })
    .await
}

const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n\
    a=fingerprint:sha-256 AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB\r\n\
    a=setup:actpass\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=sendonly\r\na=rtpmap:111 opus/48000/2\r\n";

#[tokio::test]
async fn pages_websocket_and_whip_work_behind_a_proxy_under_its_own_name() {
    let province = Province::new().await;
    let chair = province.token("Lan", SessionRole::Chair, None).await;
    let encoder = province
        .token("OBS", SessionRole::Point, Some(province.points[1]))
        .await;
    let server = server(&province, |_| {}).await;
    let proxy = Proxy::before(&server).await;

    let page = proxy.client.get(proxy.url("/")).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains(&format!("wss://{NAME}:{}", proxy.port)),
        "{policy}"
    );

    // A page of the name that people type may write, and a link leads back to it.
    let links = proxy.url(&format!("/api/v1/sessions/{CODE}/links"));
    let make = |origin: String| {
        let request = proxy
            .client
            .post(&links)
            .bearer_auth(&chair)
            .header("origin", origin);
        request.json(&json!({ "role": "viewer" })).send()
    };
    let made = make(proxy.origin()).await.unwrap();
    assert_eq!(made.status(), StatusCode::CREATED);
    let link: Link = made.json().await.unwrap();
    assert!(
        link.url.starts_with(&format!("{}/j/", proxy.origin())),
        "{}",
        link.url
    );
    let foreign: Problem = make("https://evil.example".to_owned())
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(foreign.code, "foreign_origin");

    let socket = proxy
        .dial(&[bearer(&chair), ("origin", proxy.origin())])
        .await;
    let mut raw = Raw(socket.expect("the upgrade passes"));
    raw.say(&ClientFrame::Hello {
        protocol: PROTOCOL_VERSION,
        resume: None,
        take_over: false,
        profile: Profile::Desk,
    })
    .await;
    let Some(ServerFrame::Welcome(welcome)) = raw.hear().await else {
        panic!("no welcome")
    };
    assert!(welcome.ice_servers.is_empty(), "a proxy passes no TURN");
    let foreign = proxy
        .dial(&[
            bearer(&chair),
            ("origin", "https://evil.example".to_owned()),
        ])
        .await;
    assert!(
        foreign.is_none(),
        "a page of another site opens no WebSocket"
    );

    let published = proxy
        .client
        .post(proxy.url(&format!("/whip/{CODE}")))
        .bearer_auth(&encoder)
        .header("content-type", "application/sdp")
        .body(OFFER)
        .send()
        .await
        .unwrap();
    assert_eq!(published.status(), StatusCode::CREATED);
    let location = published.headers()["location"].to_str().unwrap();
    let resource = reqwest::Url::parse(&links).unwrap().join(location).unwrap();
    let ended = proxy
        .client
        .delete(resource)
        .bearer_auth(&encoder)
        .send()
        .await
        .unwrap();
    assert_eq!(
        ended.status(),
        StatusCode::OK,
        "the resource is where the encoder was told"
    );
}

#[tokio::test]
async fn proxy_that_nobody_named_is_not_believed() {
    let province = Province::new().await;
    let chair = province.token("Lan", SessionRole::Chair, None).await;
    let server = Server::of(&province).await;
    let proxy = Proxy::before(&server).await;
    let links = proxy.url(&format!("/api/v1/sessions/{CODE}/links"));
    let request = proxy
        .client
        .post(links)
        .bearer_auth(&chair)
        .header("origin", proxy.origin());
    let refused: Problem = request
        .json(&json!({ "role": "viewer" }))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(refused.code, "foreign_origin");
}

#[tokio::test]
async fn relay_is_told_where_the_settings_say_it_can_be_reached_beside_a_proxy() {
    let province = Province::new().await;
    let chair = province.token("Lan", SessionRole::Chair, None).await;
    let server = server(&province, |config| {
        config.turn.address = "hop.example.vn:8443".to_owned()
    })
    .await;
    let proxy = Proxy::before(&server).await;
    let socket = proxy
        .dial(&[bearer(&chair), ("origin", proxy.origin())])
        .await;
    let mut raw = Raw(socket.expect("the upgrade passes"));
    raw.say(&ClientFrame::Hello {
        protocol: PROTOCOL_VERSION,
        resume: None,
        take_over: false,
        profile: Profile::Desk,
    })
    .await;
    let Some(ServerFrame::Welcome(welcome)) = raw.hear().await else {
        panic!("no welcome")
    };
    assert_eq!(
        welcome.ice_servers[0].urls,
        ["turns:hop.example.vn:8443?transport=tcp"]
    );
}
