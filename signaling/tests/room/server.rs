//! A real server on a free port with a real database, and a scripted SFU on the ends of its channels.

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use protocol::api::LinkPurpose;
use protocol::client::SessionRole;
use protocol::explain::Explanation;
use protocol::sfu::{OfferRefusal, SfuCommand, SfuEvent};
use protocol::{PointId, SessionId, UnitId, UtcMicros};
use signaling::access::tokens;
use signaling::org::{points, units};
use signaling::platform::config::Database;
use signaling::platform::secret::Secret;
use signaling::schedule::sessions;
use signaling::{Clock, Config, Running, SfuLink, Store};
use signaling_core::Mono;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::databases::{databases, default_database};

/// How long anything may take.
pub(crate) const SOON: Duration = Duration::from_secs(60);

/// The session that everybody is invited to.
pub(crate) const CODE: &str = "GB-1";

/// An SDP answer, as far as signaling looks at one.
pub(crate) const ANSWER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-lite\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:server\r\na=ice-pwd:serverpassword\r\n\
    a=candidate:1 1 udp 1 127.0.0.1 5000 typ host\r\n";

/// Where the recorder is told to find the SFU's relay.
pub(crate) const RELAY: &str = "/nowhere/relay.sock";

/// What the scripted SFU does with offers.
#[derive(Debug, Clone, Default)]
pub(crate) enum Answers {
    /// Accepts them.
    #[default]
    Accept,
    /// Refuses them.
    Refuse(OfferRefusal),
}

/// The scripted SFU.
#[derive(Debug)]
pub(crate) struct FakeSfu {
    pub(crate) heard: Arc<Mutex<Vec<SfuCommand>>>,
    pub(crate) answers: Arc<Mutex<Answers>>,
    explanation: Arc<Mutex<Option<Explanation>>>,
    pub(crate) events: mpsc::Sender<SfuEvent>,
}

impl FakeSfu {
    fn start() -> (Self, SfuLink) {
        let (commands, mut commands_in) = mpsc::channel(1_024);
        let (events, events_in) = mpsc::channel(1_024);
        let heard: Arc<Mutex<Vec<SfuCommand>>> = Arc::default();
        let answers: Arc<Mutex<Answers>> = Arc::default();
        let explanation: Arc<Mutex<Option<Explanation>>> = Arc::default();
        let fake = Self {
            heard: Arc::clone(&heard),
            answers: Arc::clone(&answers),
            explanation: Arc::clone(&explanation),
            events: events.clone(),
        };
        tokio::spawn(async move {
            while let Some(command) = commands_in.recv().await {
                if let SfuCommand::Explain { request, .. } = command {
                    let explained = SfuEvent::Explained {
                        request,
                        explanation: explanation.lock().unwrap().clone(),
                    };
                    if events.send(explained).await.is_err() {
                        return;
                    }
                }
                let asked = match &command {
                    SfuCommand::Join { request, .. } | SfuCommand::IceRestart { request, .. } => {
                        Some(*request)
                    }
                    _ => None,
                };
                heard.lock().unwrap().push(command);
                let Some(request) = asked else { continue };
                let answer = match answers.lock().unwrap().clone() {
                    Answers::Accept => SfuEvent::Answered {
                        request,
                        answer: ANSWER.to_owned(),
                    },
                    Answers::Refuse(reason) => SfuEvent::Refused { request, reason },
                };
                if events.send(answer).await.is_err() {
                    return;
                }
            }
        });
        let link = SfuLink {
            commands,
            events: events_in,
            relay: RELAY.into(),
        };
        (fake, link)
    }

    /// What it answers from now on to whoever asks why pictures are as they are.
    pub(crate) fn explains(&self, explanation: Explanation) {
        *self.explanation.lock().unwrap() = Some(explanation);
    }

    /// Waits until the SFU has been told something.
    pub(crate) async fn told(&self, wanted: impl Fn(&SfuCommand) -> bool) -> SfuCommand {
        eventually(|| {
            self.heard
                .lock()
                .unwrap()
                .iter()
                .rev()
                .find(|c| wanted(c))
                .cloned()
        })
        .await
    }
}

/// Waits until `look` sees something.
pub(crate) async fn eventually<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = tokio::time::Instant::now() + SOON;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "it did not happen within {SOON:?}"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The data folder of a province with three points, one session that is under way, and bearer tokens for it.
pub(crate) struct Province {
    pub(crate) folder: TempDir,
    pub(crate) session: SessionId,
    pub(crate) points: Vec<PointId>,
    pub(crate) database: Database,
    pub(crate) unit: UnitId,
}

/// What a session admits, in [`Province::with_caps`].
pub(crate) struct Caps {
    pub(crate) interactive: u32,
    pub(crate) receive_only: u32,
}

impl Province {
    pub(crate) async fn new() -> Self {
        Self::with_caps(Caps {
            interactive: 60,
            receive_only: 1_000,
        })
        .await
    }

    pub(crate) async fn with_caps(caps: Caps) -> Self {
        Self::on(default_database().await, caps).await
    }

    /// The province on each database that tests run on.
    pub(crate) async fn everywhere() -> Vec<Self> {
        let mut provinces = Vec::new();
        for database in databases().await {
            let caps = Caps {
                interactive: 60,
                receive_only: 1_000,
            };
            provinces.push(Self::on(database, caps).await);
        }
        provinces
    }

    async fn on(database: Database, caps: Caps) -> Self {
        Self::in_folder(TempDir::new().unwrap(), database, caps).await
    }

    /// The province in a data folder that the test made.
    pub(crate) async fn in_folder(folder: TempDir, database: Database, caps: Caps) -> Self {
        let store = open_store(&database, folder.path()).await;
        let now = now();
        let mut tx = store.write().await.unwrap();
        let unit = units::insert(&mut tx, "SGD", now).await.unwrap();
        let mut points = Vec::new();
        for (code, name, main) in [
            ("DC-01", "Sở Giáo dục và Đào tạo", true),
            ("DC-02", "Trường THCS Minh Khai", false),
            ("DC-03", "UBND xã Tân Lập", false),
        ] {
            let new = points::NewPoint {
                code,
                name,
                main,
                number: i64::try_from(points.len()).unwrap() + 1,
            };
            points.push(points::insert(&mut tx, new, now).await.unwrap());
        }
        let session = sessions::insert(
            &mut tx,
            sessions::NewSession {
                code: CODE,
                title: "Giao ban tháng 11",
                kind: protocol::client::SessionKind::Meeting,
                preset: protocol::client::Preset::Discussion,
                secrecy: protocol::api::Secrecy::Normal,
                convening_unit: unit,
                chair: None,
                secretary: None,
                class: None,
                starts_at: now,
                ends_at: now.plus_us(7_200_000_000),
                auto_record: false,
                keep_days: None,
                guests_may_replay: false,
                max_interactive: caps.interactive,
                max_receive_only: caps.receive_only,
                created_by: None,
                points: &points,
            },
            now,
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        store.close().await;
        Self {
            folder,
            session,
            points,
            database,
            unit,
        }
    }

    /// A bearer token of this session.
    pub(crate) async fn token(
        &self,
        name: &str,
        role: SessionRole,
        point: Option<PointId>,
    ) -> String {
        self.token_until(name, role, point, now().plus_us(86_400_000_000))
            .await
    }

    pub(crate) async fn token_until(
        &self,
        name: &str,
        role: SessionRole,
        point: Option<PointId>,
        expires_at: UtcMicros,
    ) -> String {
        self.token_of(self.session, name, role, point, expires_at)
            .await
    }

    /// A bearer token of another session, which is under way too.
    pub(crate) async fn foreign_token(&self) -> String {
        let store = open_store(&self.database, self.folder.path()).await;
        let now = now();
        let mut tx = store.write().await.unwrap();
        let other = sessions::insert(
            &mut tx,
            sessions::NewSession {
                code: "GB-2",
                title: "Phiên khác",
                kind: protocol::client::SessionKind::Meeting,
                preset: protocol::client::Preset::Discussion,
                secrecy: protocol::api::Secrecy::Normal,
                convening_unit: self.unit,
                chair: None,
                secretary: None,
                class: None,
                starts_at: now,
                ends_at: now.plus_us(7_200_000_000),
                auto_record: false,
                keep_days: None,
                guests_may_replay: false,
                max_interactive: 60,
                max_receive_only: 1_000,
                created_by: None,
                points: &[],
            },
            now,
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        store.close().await;
        self.token_of(
            other,
            "Khách",
            SessionRole::Chair,
            None,
            now.plus_us(86_400_000_000),
        )
        .await
    }

    async fn token_of(
        &self,
        session: SessionId,
        name: &str,
        role: SessionRole,
        point: Option<PointId>,
        expires_at: UtcMicros,
    ) -> String {
        let store = open_store(&self.database, self.folder.path()).await;
        let secret = Secret::generate().unwrap();
        let mut tx = store.write().await.unwrap();
        tokens::insert(
            &mut tx,
            tokens::NewToken {
                secret_hash: &secret.hash(),
                purpose: LinkPurpose::Api,
                session,
                role,
                point,
                account: None,
                display_name: Some(name),
                created_by: None,
                expires_at,
            },
            now(),
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        store.close().await;
        secret.expose().to_owned()
    }

    pub(crate) async fn store(&self) -> Store {
        open_store(&self.database, self.folder.path()).await
    }
}

async fn open_store(database: &Database, folder: &Path) -> Store {
    let store = Store::open(database, folder).await.unwrap();
    store.migrate().await.unwrap();
    store
}

pub(crate) fn now() -> UtcMicros {
    Clock::system().now()
}

/// A clock by which time passes only when the test says so, in microseconds: what a limit lets through does then not depend
/// on how fast the machine is. The time of day goes on.
pub(crate) fn still_clock() -> (Clock, Arc<AtomicI64>) {
    let passed = Arc::new(AtomicI64::new(1_000_000));
    let read = Arc::clone(&passed);
    let clock = Clock::of(now, move || Mono(read.load(Ordering::SeqCst)));
    (clock, passed)
}

/// A server that runs.
pub(crate) struct Server {
    pub(crate) running: Running,
    pub(crate) sfu: FakeSfu,
    pub(crate) shutdown: CancellationToken,
    pub(crate) client: reqwest::Client,
    pub(crate) tls: Arc<rustls::ClientConfig>,
}

impl Server {
    /// A server on the database of a province.
    pub(crate) async fn of(province: &Province) -> Self {
        Self::of_with(province, |_| {}).await
    }

    /// A server on the database of a province, with settings that `change` has changed.
    pub(crate) async fn of_with(province: &Province, change: impl FnOnce(&mut Config)) -> Self {
        Self::start_with(province.database.clone(), province.folder.path(), change).await
    }

    /// A server on a data folder, with settings that `change` has changed.
    pub(crate) async fn start_with(
        database: Database,
        folder: &Path,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        Self::start_at(database, folder, Clock::system(), change).await
    }

    /// The same by another clock.
    pub(crate) async fn start_at(
        database: Database,
        folder: &Path,
        clock: Clock,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let (sfu, link) = FakeSfu::start();
        let shutdown = CancellationToken::new();
        let mut config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            database,
            jobs: signaling::platform::config::Jobs {
                executable: Some(quiet_child(folder)),
                parallel: 0,
                ..signaling::platform::config::Jobs::default()
            },
            ..Config::default()
        };
        change(&mut config);
        let running = signaling::start(config, folder, link, Vec::new(), clock, shutdown.clone())
            .await
            .unwrap();
        // Every test installs it; the first one wins.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let authority = std::fs::read(folder.join("tls/ca.crt")).unwrap();
        let client = reqwest::Client::builder()
            .tls_certs_only([reqwest::Certificate::from_pem(&authority).unwrap()])
            .build()
            .unwrap();
        Self {
            running,
            sfu,
            shutdown,
            client,
            tls: trusting(&authority),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.running.address.port())
    }

    /// Stops it as SIGTERM does.
    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        tokio::time::timeout(SOON, self.running.stopped())
            .await
            .expect("the server stops")
            .unwrap();
    }
}

/// An executable in place of the recorder: it ends when its standard input closes, and does nothing else.
fn quiet_child(folder: &Path) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt as _;

    let script = folder.join("quiet-child");
    if !script.exists() {
        std::fs::write(&script, "#!/bin/sh\nexec cat > /dev/null\n").unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    script
}

pub(crate) fn trusting(authority: &[u8]) -> Arc<rustls::ClientConfig> {
    use rustls::{ClientConfig, RootCertStore, crypto};
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject as _;

    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(authority).unwrap())
        .unwrap();
    let provider = Arc::new(crypto::aws_lc_rs::default_provider());
    Arc::new(
        ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth(),
    )
}
