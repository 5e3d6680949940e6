//! An installation without any account.

use protocol::api::{AccountRole, FirstDay, Me};
use reqwest::Response;
use serde_json::json;
use signaling::chores;
use signaling::platform::config::Database;
use tempfile::TempDir;

use crate::databases::databases;
use crate::support::{Browser, Parts, problem, serve};

const PASSWORD: &str = "hoa ban trắng 2027";

/// A server on an empty data folder, and the code that it prints.
struct Fresh {
    folder: TempDir,
    running: signaling::Running,
    code: String,
    _parts: Parts,
}

impl Fresh {
    async fn start(database: Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (running, parts) = serve(database, folder.path()).await;
        let mut conn = running.state.store.read().await.unwrap();
        let code = running.state.first_code.make(&mut conn).await.unwrap();
        drop(conn);
        Self {
            folder,
            running,
            code: code.expect("nobody has an account"),
            _parts: parts,
        }
    }

    fn browser(&self) -> Browser {
        Browser::new(self.folder.path(), self.running.address)
    }
}

async fn begin(browser: &Browser, code: &str, login: &str) -> Response {
    let body = json!({
        "code": code, "unit": "Sở Giáo dục và Đào tạo Hoan Châu", "name": "Bùi Thị Hạnh Nguyên", "login": login,
        "password": PASSWORD,
    });
    browser.post("/api/v1/first-day", &body).await
}

#[tokio::test]
async fn printed_code_makes_the_first_administrator_once() {
    for database in databases().await {
        let fresh = Fresh::start(database).await;
        let browser = fresh.browser();
        let asked: FirstDay = browser.read("/api/v1/first-day").await;
        assert!(asked.needed);
        assert_eq!(asked.unit, None);
        let wrong = problem(begin(&browser, "sen lúa tre", "nguyen").await, 401).await;
        assert_eq!(wrong.code, "wrong_first_code");
        let typed = fresh.code.to_uppercase().replace(' ', "-");
        let answer = begin(&browser, &typed, "Nguyen.Bui").await;
        assert_eq!(answer.status(), 200);
        let me: Me = answer.json().await.unwrap();
        assert_eq!(me.login.as_deref(), Some("nguyen.bui"));
        assert_eq!(me.roles[0].role, AccountRole::DepartmentAdmin);
        assert_eq!(me.roles[0].unit.name, "Sở Giáo dục và Đào tạo Hoan Châu");
        assert_eq!(browser.get("/api/v1/accounts").await.status(), 200);
        let again = begin(&fresh.browser(), &fresh.code, "ke.khac").await;
        assert_eq!(problem(again, 401).await.code, "wrong_first_code");
        let asked: FirstDay = fresh.browser().read("/api/v1/first-day").await;
        assert!(!asked.needed);
        let mut conn = fresh.running.state.store.read().await.unwrap();
        let code = fresh
            .running
            .state
            .first_code
            .make(&mut conn)
            .await
            .unwrap();
        assert_eq!(code, None, "no other is printed");
    }
}

#[tokio::test]
async fn presses_at_the_same_moment_make_one_administrator() {
    for database in databases().await {
        let fresh = Fresh::start(database).await;
        let browsers: Vec<Browser> = (0..6).map(|_| fresh.browser()).collect();
        let logins = ["mot.a", "hai.a", "ba.a", "bon.a", "nam.a", "sau.a"];
        let presses = browsers
            .iter()
            .zip(logins)
            .map(|(browser, login)| begin(browser, &fresh.code, login));
        let answers = futures_util::future::join_all(presses).await;
        let made = answers.iter().filter(|answer| answer.status() == 200);
        assert_eq!(made.count(), 1);
        let rest = answers
            .iter()
            .filter(|answer| matches!(answer.status().as_u16(), 401 | 409));
        assert_eq!(rest.count(), 5);
    }
}

#[tokio::test]
async fn operator_makes_the_first_administrator_at_the_terminal_and_only_the_first() {
    for database in databases().await {
        let fresh = Fresh::start(database).await;
        let store = &fresh.running.state.store;
        let now = signaling::Clock::system().now();
        let first = (
            "nguyen.bui",
            "Bùi Thị Hạnh Nguyên",
            "Sở Giáo dục và Đào tạo",
        );
        let password = chores::add_first_user(store, first, now).await.unwrap();
        let browser = fresh.browser();
        assert_eq!(browser.sign_in("nguyen.bui", &password).await.status(), 200);
        let second = chores::add_first_user(store, ("ke.khac", "Kẻ Khác", "Sở"), now).await;
        assert!(second.is_err());
        // The code that was printed before makes nobody either.
        let late = problem(begin(&fresh.browser(), &fresh.code, "tre").await, 409).await;
        assert_eq!(late.code, "not_first");
    }
}
