//! A reverse proxy in front: TLS ended by nginx under another name, the pages, a WebSocket and WHIP through it.

use std::net::IpAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use axum::http::StatusCode;
use protocol::api::{AccountRole, Link, Me, Problem};
use protocol::client::{ClientFrame, ServerFrame, SessionRole, Welcome};
use protocol::media::Profile;
use protocol::{Day, PROTOCOL_VERSION};
use serde_json::json;
use signaling::Config;
use signaling::chores::{NewUser, add_user};
use signaling::org::units;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::page::{Raw, bearer};
use crate::server::{CODE, Province, Server, eventually, still_clock, trusting};

/// The name that people type.
const NAME: &str = "hop.example.vn";

/// nginx on a free port, with a certificate for [`NAME`], in front of a server.
struct Proxy {
    child: Child,
    port: u16,
    client: reqwest::Client,
    tls: Arc<rustls::ClientConfig>,
    authority: reqwest::Certificate,
    _folder: TempDir,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What docs/firewalls.md tells an administrator to write, word for word, on a folder and ports of its own.
fn configuration(folder: &Path, port: u16, server: u16) -> String {
    let told = include_str!("../../../docs/firewalls.md");
    let (_, told) = told.split_once("```nginx\n").expect("it says how");
    let (told, _) = told.split_once("```").expect("the block ends");
    let folder = folder.display();
    let replaced = [
        ("listen 443 ssl;", format!("listen 127.0.0.1:{port} ssl;")),
        ("/etc/ssl/hop/fullchain.pem", format!("{folder}/cert.pem")),
        ("/etc/ssl/hop/key.pem", format!("{folder}/key.pem")),
        ("127.0.0.1:8443", format!("127.0.0.1:{server}")),
    ];
    let told = replaced.iter().fold(told.to_owned(), |told, (from, to)| {
        assert!(told.contains(from), "{from}");
        told.replace(from, to)
    });
    format!(
        "daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
         events {{ }}
         http {{
             access_log off;
             client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
             uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
             {told}
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
        let mut proxy = Self {
            child,
            port,
            client: reqwest::Client::new(),
            tls: trusting(pem.as_bytes()),
            authority: reqwest::Certificate::from_pem(pem.as_bytes()).unwrap(),
            _folder: folder,
        };
        proxy.client = proxy.client_at([127, 0, 0, 1]);
        proxy
    }

    /// A browser of its own at some address of this machine.
    fn client_at(&self, address: [u8; 4]) -> reqwest::Client {
        reqwest::Client::builder()
            .cookie_store(true)
            .tls_certs_only([self.authority.clone()])
            .resolve(NAME, ([127, 0, 0, 1], self.port).into())
            .local_address(IpAddr::from(address))
            .build()
            .unwrap()
    }

    fn origin(&self) -> String {
        format!("https://{NAME}:{}", self.port)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// Checks that a resource was made, and that it is where the encoder or player was told.
    async fn ends(&self, made: reqwest::Response, token: &str) {
        assert_eq!(made.status(), StatusCode::CREATED);
        let location = made.headers()["location"].to_str().unwrap();
        let resource = made.url().join(location).unwrap();
        assert_eq!(resource.host_str(), Some(NAME));
        let ended = self.client.delete(resource).bearer_auth(token);
        assert_eq!(ended.send().await.unwrap().status(), StatusCode::OK);
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

    /// How a page of the proxy's own name is welcomed in the room.
    async fn welcome(&self, token: &str) -> Box<Welcome> {
        let socket = self.dial(&[bearer(token), ("origin", self.origin())]).await;
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
        welcome
    }
}

async fn server(province: &Province, change: impl FnOnce(&mut Config)) -> Server {
    let (clock, _) = still_clock();
    let (database, folder) = (province.database.clone(), province.folder.path());
    Server::start_at(database, folder, clock, |config| {
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
    let player = province.token("TV", SessionRole::Viewer, None).await;
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

    let welcome = proxy.welcome(&chair).await;
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
    proxy.ends(published, &encoder).await;

    let watched = proxy
        .client
        .post(proxy.url(&format!("/whep/{CODE}")))
        .bearer_auth(&player)
        .header("content-type", "application/sdp")
        .body(OFFER.replace("sendonly", "recvonly"))
        .send()
        .await
        .unwrap();
    proxy.ends(watched, &player).await;
}

#[tokio::test]
async fn somebody_signs_in_behind_a_proxy_and_stays_signed_in() {
    let province = Province::new().await;
    let store = province.store().await;
    let mut tx = store.write().await.unwrap();
    let version = units::NewVersion {
        unit: province.unit,
        name: "Sở Giáo dục và Đào tạo",
        kind: "department",
        parent: None,
        from: &Day("2020-01-01".to_owned()),
        to: None,
    };
    units::insert_version(&mut tx, version).await.unwrap();
    tx.commit().await.unwrap();
    let user = NewUser {
        login: "huyen.phan",
        name: "Phan Thị Thanh Huyền",
        role: AccountRole::UnitAdmin,
        unit: "SGD",
    };
    let password = add_user(&store, user, crate::server::now()).await.unwrap();
    store.close().await;
    let server = server(&province, |_| {}).await;
    let proxy = Proxy::before(&server).await;
    let me = async || -> Option<Me> {
        let asked = proxy.client.get(proxy.url("/api/v1/me")).send().await;
        asked.unwrap().json().await.unwrap()
    };
    assert_eq!(me().await, None);
    let signed_in = proxy
        .client
        .post(proxy.url("/api/v1/sign-in"))
        .header("origin", proxy.origin())
        .json(&json!({ "login": "huyen.phan", "password": password }))
        .send()
        .await
        .unwrap();
    assert_eq!(signed_in.status(), StatusCode::OK);
    assert_eq!(
        me().await.and_then(|me| me.login).as_deref(),
        Some("huyen.phan"),
        "the cookie comes back through the proxy"
    );
}

#[tokio::test]
async fn limits_count_the_client_behind_a_proxy_whatever_it_writes_itself() {
    let province = Province::new().await;
    let server = server(&province, |config| {
        config.sign_in.attempts_per_minute_per_address = 5
    })
    .await;
    let proxy = Proxy::before(&server).await;
    // The secrets of links that nobody made.
    let guess = async |client: &reqwest::Client, url: &str, forged: Option<(&str, String)>| {
        let mut request = client.post(format!("{url}/api/v1/links/exchange"));
        if let Some((name, value)) = forged {
            request = request.header(name, value);
        }
        let asked = request.json(&json!({ "secret": "nobody-made-this" }));
        asked.send().await.unwrap().status()
    };
    let guesser = proxy.client_at([127, 0, 0, 2]);
    let own = proxy.origin();
    for _ in 0..5 {
        let refused = guess(&guesser, &own, None).await;
        assert_eq!(refused, StatusCode::NOT_FOUND);
    }
    let refused = guess(&guesser, &own, None).await;
    assert_eq!(refused, StatusCode::TOO_MANY_REQUESTS);
    for header in ["x-forwarded-for", "forwarded", "x-real-ip"] {
        for other in 0..3 {
            let address = match header {
                "forwarded" => format!("for=198.51.100.{other}"),
                _ => format!("198.51.100.{other}"),
            };
            let refused = guess(&guesser, &own, Some((header, address))).await;
            assert_eq!(refused, StatusCode::TOO_MANY_REQUESTS, "{header}");
        }
    }
    let neighbour = proxy.client_at([127, 0, 0, 3]);
    let answered = guess(&neighbour, &own, None).await;
    assert_eq!(
        answered,
        StatusCode::NOT_FOUND,
        "others behind the same proxy pay nothing"
    );

    // Past the proxy, a client that nobody trusts speaks for itself alone.
    let direct = reqwest::Client::builder()
        .tls_danger_accept_invalid_certs(true)
        .local_address(IpAddr::from([127, 0, 0, 4]))
        .build()
        .unwrap();
    let url = format!("https://127.0.0.1:{}", server.running.address.port());
    let mut answers = Vec::new();
    for other in 0..6 {
        let forged = Some(("x-forwarded-for", format!("198.51.100.{other}")));
        answers.push(guess(&direct, &url, forged).await);
    }
    assert_eq!(answers.pop(), Some(StatusCode::TOO_MANY_REQUESTS));
    assert!(
        answers
            .iter()
            .all(|answer| *answer == StatusCode::NOT_FOUND)
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
    let welcome = proxy.welcome(&chair).await;
    assert_eq!(
        welcome.ice_servers[0].urls,
        ["turns:hop.example.vn:8443?transport=tcp"]
    );
}
