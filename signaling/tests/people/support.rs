//! Databases, a small province, and a server on a free port.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use protocol::api::{AccountRole, Problem, Secrecy};
use protocol::client::{Preset, SessionKind};
use protocol::sfu::{SfuCommand, SfuEvent};
use protocol::{AccountId, Day, MeetingRoomId, PointId, UnitId, UtcMicros};
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;
use signaling::access::{accounts, hash_password};
use signaling::jobs::queue::Job;
use signaling::jobs::{Work as _, queue};
use signaling::monitor::retention::Retention;
use signaling::org::points::{NewPoint, NewRoom, Relation};
use signaling::org::units::NewVersion;
use signaling::org::{people, points, units};
use signaling::platform::clock::day;
use signaling::platform::config::Database;
use signaling::platform::database::Tx;
use signaling::schedule::sessions;
use signaling::schedule::sessions::NewSession;
use signaling::{Clock, Config, Running, SfuLink, Store, chores, start};
use signaling_core::Mono;
use sqlx::Connection as _;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::databases::{databases, default_database};

/// The password of everybody in the tests.
pub(crate) const PASSWORD: &str = "hoa phượng đỏ 2026";

pub(crate) const MINUTE_US: i64 = 60_000_000;
pub(crate) const HOUR_US: i64 = 60 * MINUTE_US;

/// A database of its own for one test.
pub(crate) struct TestStore {
    pub(crate) store: Store,
    pub(crate) database: Database,
    pub(crate) folder: TempDir,
}

/// An empty store on every database that tests run on.
pub(crate) async fn stores() -> Vec<TestStore> {
    let mut stores = Vec::new();
    for database in databases().await {
        let folder = tempfile::tempdir().unwrap();
        let store = chores::migrate(&database, folder.path()).await.unwrap();
        stores.push(TestStore {
            store,
            database,
            folder,
        });
    }
    stores
}

/// Clocks that tests move. The one that tells how long things last moves by them alone: what a limit lets through does not
/// depend on how fast the machine is.
#[derive(Clone, Default)]
pub(crate) struct TestClock {
    passed: Arc<AtomicI64>,
    set: Arc<AtomicI64>,
}

impl TestClock {
    pub(crate) fn now(&self) -> UtcMicros {
        let moved = self.passed.load(Ordering::SeqCst) + self.set.load(Ordering::SeqCst);
        Clock::system().now().plus_us(moved)
    }

    /// Lets time pass.
    pub(crate) fn advance(&self, us: i64) {
        self.passed.fetch_add(us, Ordering::SeqCst);
    }

    /// Sets the time of day; no time passes.
    pub(crate) fn set(&self, by_us: i64) {
        self.set.fetch_add(by_us, Ordering::SeqCst);
    }

    pub(crate) fn clock(&self) -> Clock {
        let (utc, mono) = (self.clone(), self.clone());
        Clock::of(
            move || utc.now(),
            move || Mono(HOUR_US + mono.passed.load(Ordering::SeqCst)),
        )
    }
}

/// Takes the only job there is besides housekeeping, as one who has seen it stand still for long enough.
/// Its holder may renew between the look and the claim (PostgreSQL keeps nobody waiting); then it looks again.
pub(crate) async fn take_job(tx: &mut Tx) -> Option<Job> {
    loop {
        let pending = queue::pending(tx).await.unwrap();
        let claimed = queue::claim(tx, "other", pending.first()?).await.unwrap();
        match claimed {
            // What every server asks of itself.
            Some(job) if job.kind == Retention::KIND => {
                queue::finish(tx, &job, UtcMicros(0)).await.unwrap();
            }
            Some(job) => return Some(job),
            None => {}
        }
    }
}

/// A small province:
///
/// ```text
/// SGD (DC-01)  chutri: department_admin, kythuat: it_staff, giangvien: trainer
///  ├─ XA-A (DC-02)  quantri: unit_admin
///  │   └─ TR-A (DC-03, dual-use room)  thanhvien: member
///  └─ XA-B (DC-04)  nguoila: member
/// ```
pub(crate) struct Province {
    pub(crate) department: UnitId,
    pub(crate) commune: UnitId,
    pub(crate) points: [PointId; 4],
    pub(crate) room: MeetingRoomId,
    pub(crate) chair: AccountId,
}

/// A day by its text.
pub(crate) fn date(text: &str) -> Day {
    Day(text.to_owned())
}

pub(crate) async fn seed(store: &Store, now: UtcMicros) -> Province {
    static HASH: OnceLock<String> = OnceLock::new();
    let hash = HASH.get_or_init(|| hash_password(PASSWORD).unwrap());
    let today = day(now);
    let mut tx = store.write().await.unwrap();
    let mut units = Vec::new();
    for (code, name, parent) in [
        ("SGD", "Sở Giáo dục và Đào tạo", None),
        ("XA-A", "UBND xã Mường Khê", Some(0)),
        ("TR-A", "Trường THCS Mường Khê", Some(1)),
        ("XA-B", "UBND xã Đông Hải", Some(0)),
    ] {
        let id = units::insert(&mut tx, code, now).await.unwrap();
        let version = NewVersion {
            unit: id,
            name,
            kind: "commune_unit",
            parent: parent.map(|index: usize| units[index]),
            from: &date("2025-07-01"),
            to: None,
        };
        units::insert_version(&mut tx, version).await.unwrap();
        units.push(id);
    }
    let mut points = Vec::new();
    for (index, unit) in units.iter().enumerate() {
        let number = index + 1;
        let new = NewPoint {
            code: &format!("DC-{number:02}"),
            name: &format!("Điểm cầu {number}"),
            main: index == 0,
            number: number as i64,
        };
        let point = points::insert(&mut tx, new, now).await.unwrap();
        points::insert_unit(
            &mut tx,
            point,
            *unit,
            Relation::Host,
            &date("2025-07-01"),
            None,
        )
        .await
        .unwrap();
        points.push(point);
    }
    let room = NewRoom {
        point: points[2],
        code: "PH-03",
        name: "Phòng lưỡng dụng",
        seats: 24,
        dual_use: true,
    };
    let room = points::insert_room(&mut tx, room).await.unwrap();
    let mut accounts = Vec::new();
    for (login, name, role, index) in [
        ("chutri", "Vi Văn Hoài", AccountRole::DepartmentAdmin, 0),
        ("kythuat", "Lô Thị Hằng", AccountRole::ItStaff, 0),
        ("giangvien", "Trần Minh Đức", AccountRole::Trainer, 0),
        ("quantri", "Lương Thanh Bình", AccountRole::UnitAdmin, 1),
        ("thanhvien", "Nguyễn Thị Yến", AccountRole::Member, 2),
        ("nguoila", "Đặng Quốc An", AccountRole::Member, 3),
    ] {
        let person = people::insert(&mut tx, name, None, now).await.unwrap();
        let unit = units[index];
        people::appoint(&mut tx, person, unit, "Cán bộ", &today)
            .await
            .unwrap();
        let account = accounts::insert(&mut tx, login, hash, person, now)
            .await
            .unwrap();
        accounts::grant(&mut tx, account, role, unit, &today)
            .await
            .unwrap();
        accounts.push(account);
    }
    tx.commit().await.unwrap();
    Province {
        department: units[0],
        commune: units[1],
        points: points.try_into().unwrap(),
        room,
        chair: accounts[0],
    }
}

impl Province {
    /// A session that begins at `starts_at` and lasts an hour, chaired by `chutri`.
    pub(crate) async fn session(
        &self,
        store: &Store,
        code: &str,
        starts_at: UtcMicros,
        secrecy: Secrecy,
        points: &[PointId],
    ) -> protocol::SessionId {
        let mut tx = store.write().await.unwrap();
        let new = NewSession {
            code,
            title: "Họp giao ban",
            kind: SessionKind::Meeting,
            preset: Preset::Discussion,
            secrecy,
            convening_unit: self.department,
            chair: Some(self.chair),
            secretary: None,
            class: None,
            starts_at,
            ends_at: starts_at.plus_us(HOUR_US),
            auto_record: false,
            keep_days: None,
            guests_may_replay: false,
            max_interactive: 60,
            max_receive_only: 1_000,
            created_by: None,
            points,
        };
        let id = sessions::insert(&mut tx, new, starts_at).await.unwrap();
        tx.commit().await.unwrap();
        id
    }
}

/// A server on a free port, with the small province and the session `GB-01`, which began ten minutes ago with the
/// points DC-01, DC-02 and DC-03.
pub(crate) struct Server {
    pub(crate) province: Province,
    pub(crate) store: Store,
    pub(crate) clock: TestClock,
    pub(crate) address: SocketAddr,
    pub(crate) session: protocol::SessionId,
    pub(crate) folder: TempDir,
    pub(crate) running: Running,
    parts: Option<Parts>,
}

/// What a running service needs around it; dropped, it stops.
pub(crate) struct Parts {
    _shutdown: DropGuard,
    _commands: mpsc::Receiver<SfuCommand>,
    _events: mpsc::Sender<SfuEvent>,
}

async fn launch(config: Config, folder: &Path, clock: Clock) -> (Running, Parts) {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let (commands, commands_in) = mpsc::channel(64);
    let (events_out, events) = mpsc::channel(64);
    let sfu = SfuLink {
        commands,
        events,
        relay: "/nowhere/relay.sock".into(),
    };
    let shutdown = CancellationToken::new();
    let running = start(config, folder, sfu, Vec::new(), clock, shutdown.clone())
        .await
        .unwrap();
    let parts = Parts {
        _shutdown: shutdown.drop_guard(),
        _commands: commands_in,
        _events: events_out,
    };
    (running, parts)
}

/// A server on a data folder that is seeded already, beside whatever else uses it.
pub(crate) async fn serve(database: Database, folder: &Path) -> (Running, Parts) {
    let mut config = Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        database,
        ..Config::default()
    };
    config.jobs.parallel = 0;
    launch(config, folder, Clock::system()).await
}

/// A server on each database.
pub(crate) async fn servers() -> Vec<Server> {
    let mut servers = Vec::new();
    for test in stores().await {
        test.store.close().await;
        servers.push(Server::start_in(test.folder, test.database, |_| {}).await);
    }
    servers
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_in(
            tempfile::tempdir().unwrap(),
            default_database().await,
            change,
        )
        .await
    }

    pub(crate) async fn start_in(
        folder: TempDir,
        database: Database,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let clock = TestClock::default();
        let now = clock.now();
        let store = chores::migrate(&database, folder.path()).await.unwrap();
        let province = seed(&store, now).await;
        let begun = now.plus_us(-10 * MINUTE_US);
        let session = province
            .session(
                &store,
                "GB-01",
                begun,
                Secrecy::Normal,
                &province.points[..3],
            )
            .await;
        let mut config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            database,
            ..Config::default()
        };
        config.jobs.parallel = 0;
        change(&mut config);
        let (running, parts) = launch(config, folder.path(), clock.clock()).await;
        Self {
            province,
            store,
            clock,
            address: running.address,
            session,
            folder,
            running,
            parts: Some(parts),
        }
    }

    /// Whether its database is one of PostgreSQL.
    pub(crate) fn is_postgres(&self) -> bool {
        !self.running.state.config.database.url.is_empty()
    }

    /// Runs SQL past the store, as somebody with the database's password could.
    pub(crate) async fn tamper(&self, statement: &str) -> Result<(), sqlx::Error> {
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        if self.is_postgres() {
            let url = &self.running.state.config.database.url;
            let mut connection = sqlx::PgConnection::connect(url).await?;
            sqlx::query(statement).execute(&mut connection).await?;
        } else {
            let mut connection = self.file().await;
            sqlx::query(statement).execute(&mut connection).await?;
        }
        Ok(())
    }

    /// The one number that a statement gives.
    pub(crate) async fn count(&self, statement: &str) -> i64 {
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        let (count,): (i64,) = if self.is_postgres() {
            let url = &self.running.state.config.database.url;
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            sqlx::query_as(statement).fetch_one(&mut connection).await
        } else {
            let mut connection = self.file().await;
            sqlx::query_as(statement).fetch_one(&mut connection).await
        }
        .unwrap();
        count
    }

    /// What each of several statements gives: a word and a number.
    pub(crate) async fn counts(&self, statements: &[String]) -> Vec<(String, i64)> {
        let mut counts = Vec::new();
        let url = &self.running.state.config.database.url;
        if self.is_postgres() {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            for statement in statements {
                let statement = sqlx::AssertSqlSafe(statement.clone());
                let one = sqlx::query_as(statement).fetch_one(&mut connection).await;
                counts.push(one.unwrap());
            }
        } else {
            let mut connection = self.file().await;
            for statement in statements {
                let statement = sqlx::AssertSqlSafe(statement.clone());
                let one = sqlx::query_as(statement).fetch_one(&mut connection).await;
                counts.push(one.unwrap());
            }
        }
        counts
    }

    /// Every column of every table.
    pub(crate) async fn columns(&self) -> Vec<(String, String)> {
        if self.is_postgres() {
            let url = &self.running.state.config.database.url;
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            sqlx::query_as(
                "SELECT table_name::text, column_name::text FROM information_schema.columns
                 WHERE table_schema = current_schema()",
            )
            .fetch_all(&mut connection)
            .await
        } else {
            let mut connection = self.file().await;
            sqlx::query_as(
                "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'",
            )
            .fetch_all(&mut connection)
            .await
        }
        .unwrap()
    }

    async fn file(&self) -> sqlx::SqliteConnection {
        let file = self.folder.path().join("diemcau.db");
        let url = format!("sqlite:{}", file.display());
        sqlx::SqliteConnection::connect(&url).await.unwrap()
    }

    /// Asks the service to stop.
    pub(crate) fn stop(&mut self) {
        self.parts = None;
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }

    /// A browser that nobody has signed in with.
    pub(crate) fn stranger(&self) -> Browser {
        Browser::new(self.folder.path(), self.address)
    }

    /// A program that shows a key.
    pub(crate) fn program(&self, key: &str) -> Browser {
        let shown = HeaderValue::from_str(&format!("Bearer {key}")).unwrap();
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, shown)]);
        Browser::with(self.folder.path(), self.address, headers)
    }

    /// A browser in which somebody is signed in.
    pub(crate) async fn signed_in(&self, login: &str) -> Browser {
        let browser = self.stranger();
        let answer = browser.sign_in(login, PASSWORD).await;
        assert_eq!(answer.status(), 200, "{login} signs in");
        browser
    }
}

/// Somebody's browser: keeps cookies, trusts the server's own authority, names its origin with every change.
pub(crate) struct Browser {
    pub(crate) client: Client,
    origin: String,
}

impl Browser {
    pub(crate) fn new(folder: &Path, address: SocketAddr) -> Self {
        Self::with(folder, address, HeaderMap::new())
    }

    /// The same, with headers that go with every request.
    fn with(folder: &Path, address: SocketAddr, headers: HeaderMap) -> Self {
        let authority = std::fs::read(folder.join("tls/ca.crt")).unwrap();
        let client = Client::builder()
            .cookie_store(true)
            .default_headers(headers)
            .tls_certs_only([reqwest::Certificate::from_pem(&authority).unwrap()])
            .resolve("localhost", address)
            .timeout(Duration::from_secs(60))
            .build()
            .unwrap();
        Self {
            client,
            origin: format!("https://localhost:{}", address.port()),
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .client
            .request(method.clone(), format!("{}{path}", self.origin));
        if method == Method::GET || method == Method::HEAD {
            request
        } else {
            request.header("origin", &self.origin)
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.request(Method::POST, path)
            .json(body)
            .send()
            .await
            .unwrap()
    }

    pub(crate) async fn sign_in(&self, login: &str, password: &str) -> Response {
        let body = serde_json::json!({ "login": login, "password": password });
        self.post("/api/v1/sign-in", &body).await
    }

    pub(crate) async fn exchange(&self, secret: &str, name: Option<&str>) -> Response {
        let body = serde_json::json!({ "secret": secret, "name": name });
        self.post("/api/v1/links/exchange", &body).await
    }

    pub(crate) async fn read<T: DeserializeOwned>(&self, path: &str) -> T {
        let answer = self.get(path).await;
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }
}

/// The problem in an answer, which must be one with `status`.
pub(crate) async fn problem(answer: Response, status: u16) -> Problem {
    let found = answer.status();
    let kind = answer.headers().get("content-type").cloned();
    let text = answer.text().await.unwrap();
    assert_eq!(found, status, "{text}");
    assert_eq!(kind.unwrap(), "application/problem+json", "{text}");
    let problem: Problem = serde_json::from_str(&text).unwrap();
    assert_eq!(problem.status, status);
    problem
}

/// The secret at the end of a joining link.
pub(crate) fn secret_of(url: &str) -> String {
    url.rsplit('/').next().unwrap().to_owned()
}

/// Waits until `check` holds; a test that waits longer than a minute fails.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut check: impl FnMut() -> F) {
    let waited = tokio::time::timeout(Duration::from_secs(60), async {
        while !check().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert!(waited.is_ok(), "{what}");
}
