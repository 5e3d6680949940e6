//! The office half under load: pages of its lists and searches, as many people open them at the same moment.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use reqwest::header::SET_COOKIE;
use reqwest::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::server::{Credential, Server};

/// What to do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// A server that runs.
    pub server: Server,
    /// What its database is, for the table.
    pub database: String,
    /// Who asks: how the table calls them, login and password.
    pub people: Vec<Person>,
    /// How many ask at the same time.
    pub clients: usize,
    /// How many pages of each list each kind of people asks for.
    pub requests: usize,
}

/// The lists and searches: how the table calls them, the path, and the array that holds the rows.
const LISTS: [(&str, &str, &str); 13] = [
    ("sessions", "/api/v1/sessions", "items"),
    ("classes", "/api/v1/classes", "items"),
    ("notices", "/api/v1/notices", "items"),
    ("people", "/api/v1/people", "items"),
    ("people, “thi h”", "/api/v1/people?q=thi%20h", "items"),
    (
        "people below a commune",
        "/api/v1/people?unit=DV-007",
        "items",
    ),
    ("accounts", "/api/v1/accounts", "items"),
    ("accounts, “thi h”", "/api/v1/accounts?q=thi%20h", "items"),
    ("units of a day", "/api/v1/units", "units"),
    (
        "register of points",
        "/api/v1/bridge-points/register",
        "items",
    ),
    (
        "who may be named, “thi h”",
        "/api/v1/officer-candidates?search=thi%20h",
        "items",
    ),
    ("audit log", "/api/v1/audit-log", "items"),
    (
        "audit log, of a thing",
        "/api/v1/audit-log?thing=LON-0042",
        "items",
    ),
];

/// Somebody who asks.
#[derive(Debug, Clone)]
pub struct Person {
    /// How the table calls them.
    pub who: String,
    /// Their login.
    pub login: String,
    /// Their password.
    pub password: String,
}

/// How long pages took for one kind of people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What the database is.
    pub database: String,
    /// Who asked.
    pub who: String,
    /// For which list.
    pub list: String,
    /// How many pages were asked for.
    pub pages: usize,
    /// How many rows were on them.
    pub rows: usize,
    /// Half of them took at most so long, in milliseconds.
    pub p50_ms: f64,
    /// 95 of a hundred took at most so long, in milliseconds.
    pub p95_ms: f64,
    /// None took longer, in milliseconds.
    pub worst_ms: f64,
}

/// Asks, one kind of people and one list after the other. A list that is closed to somebody is left out.
///
/// # Errors
/// When somebody cannot sign in, or a page fails.
pub async fn measure(plan: &Plan) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for person in &plan.people {
        let cookie = sign_in(&plan.server, person)
            .await
            .context(person.who.clone())?;
        for (list, path, rows) in LISTS {
            let answer = plan.server.request(Method::GET, path, &cookie)?.send();
            if answer.await?.status() == StatusCode::FORBIDDEN {
                continue;
            }
            let what = format!("{list}, {}", person.who);
            let asked = ask(plan, &cookie, (path, rows)).await.context(what)?;
            figures.push(asked.figure(plan, person, list));
        }
    }
    Ok(figures)
}

/// How long each page took, and how many rows were on all of them.
#[derive(Default)]
struct Asked {
    took: Vec<Duration>,
    rows: usize,
}

impl Asked {
    fn figure(mut self, plan: &Plan, person: &Person, list: &str) -> Figure {
        self.took.sort_unstable();
        let at = |share: usize| {
            let index = (self.took.len() * share).div_ceil(100).saturating_sub(1);
            self.took
                .get(index)
                .copied()
                .unwrap_or_default()
                .as_secs_f64()
                * 1_000.0
        };
        Figure {
            database: plan.database.clone(),
            who: person.who.clone(),
            list: list.to_owned(),
            pages: self.took.len(),
            rows: self.rows,
            p50_ms: at(50),
            p95_ms: at(95),
            worst_ms: at(100),
        }
    }
}

async fn ask(
    plan: &Plan,
    cookie: &Credential,
    list: (&'static str, &'static str),
) -> anyhow::Result<Asked> {
    let left = Arc::new(AtomicUsize::new(plan.requests));
    let mut clients = JoinSet::new();
    for _ in 0..plan.clients {
        let (server, cookie, left) = (plan.server.clone(), cookie.clone(), Arc::clone(&left));
        clients.spawn(async move { turn_pages(&server, &cookie, list, &left).await });
    }
    let mut all = Asked::default();
    while let Some(done) = clients.join_next().await {
        let Asked { took, rows } = done??;
        all.took.extend(took);
        all.rows += rows;
    }
    Ok(all)
}

async fn sign_in(server: &Server, person: &Person) -> anyhow::Result<Credential> {
    let body = json!({ "login": person.login, "password": person.password });
    let answer = server
        .request(Method::POST, "/api/v1/sign-in", &Credential::Nothing)?
        .json(&body)
        .send()
        .await?;
    ensure!(answer.status().is_success(), "sign-in: {}", answer.status());
    let cookie = answer
        .headers()
        .get(SET_COOKIE)
        .context("a sign-in without a cookie")?
        .to_str()?;
    let pair = cookie.split(';').next().unwrap_or_default();
    Ok(Credential::Cookie(pair.to_owned()))
}

/// Turns page after page of a list, from its beginning to its end and again, until nothing is left to ask for. A page took
/// until its last byte had come.
async fn turn_pages(
    server: &Server,
    cookie: &Credential,
    (path, rows): (&str, &str),
    left: &AtomicUsize,
) -> anyhow::Result<Asked> {
    let (mut asked, mut next) = (Asked::default(), None::<String>);
    let one_less = |left: usize| left.checked_sub(1);
    while left
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
        .is_ok()
    {
        let page = match &next {
            Some(cursor) if path.contains('?') => format!("{path}&cursor={cursor}"),
            Some(cursor) => format!("{path}?cursor={cursor}"),
            None => path.to_owned(),
        };
        let began = Instant::now();
        let answer = server.request(Method::GET, &page, cookie)?.send().await?;
        ensure!(answer.status().is_success(), "{page}: {}", answer.status());
        let body = answer.bytes().await?;
        asked.took.push(began.elapsed());
        let body: Value = serde_json::from_slice(&body)?;
        let found = body.get(rows).and_then(Value::as_array);
        asked.rows += found.with_context(|| format!("{page}: no {rows}"))?.len();
        next = body.get("next").and_then(Value::as_str).map(str::to_owned);
    }
    Ok(asked)
}

/// The figures as a table; 95 pages of a hundred may take `within_ms`.
#[must_use]
pub fn table(figures: &[Figure], within_ms: f64) -> String {
    let mut table = format!(
        "| database | who | list | pages | rows a page | p50 / p95 / worst ms (p95 must {within_ms}) |\n|---|---|---|---|---|---|\n"
    );
    for figure in figures {
        let a_page = figure.rows as f64 / figure.pages.max(1) as f64;
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {a_page:.0} | {:.0} / **{:.0}** / {:.0} |",
            figure.database,
            figure.who,
            figure.list,
            figure.pages,
            figure.p50_ms,
            figure.p95_ms,
            figure.worst_ms
        );
    }
    table
}
