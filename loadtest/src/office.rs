//! The office half under load: pages of the list of sessions, as many people open them at the same moment.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use protocol::api::{Page, Session};
use reqwest::Method;
use reqwest::header::SET_COOKIE;
use serde::{Deserialize, Serialize};
use serde_json::json;
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
    /// How many pages each kind of people asks for.
    pub requests: usize,
}

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
    /// How many pages were asked for.
    pub pages: usize,
    /// How many sessions were on them.
    pub sessions: usize,
    /// Half of them took at most so long, in milliseconds.
    pub p50_ms: f64,
    /// 95 of a hundred took at most so long, in milliseconds.
    pub p95_ms: f64,
    /// None took longer, in milliseconds.
    pub worst_ms: f64,
}

/// Asks, one kind of people after the other.
///
/// # Errors
/// When somebody cannot sign in, or a page is refused.
pub async fn measure(plan: &Plan) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for person in &plan.people {
        figures.push(ask(plan, person).await.context(person.who.clone())?);
    }
    Ok(figures)
}

async fn ask(plan: &Plan, person: &Person) -> anyhow::Result<Figure> {
    let cookie = sign_in(&plan.server, person).await?;
    let left = Arc::new(AtomicUsize::new(plan.requests));
    let mut clients = JoinSet::new();
    for _ in 0..plan.clients {
        let (server, cookie, left) = (plan.server.clone(), cookie.clone(), Arc::clone(&left));
        clients.spawn(async move { turn_pages(&server, &cookie, &left).await });
    }
    let (mut took, mut sessions) = (Vec::new(), 0);
    while let Some(done) = clients.join_next().await {
        let (times, seen) = done??;
        took.extend(times);
        sessions += seen;
    }
    took.sort_unstable();
    let at = |share: usize| {
        let index = (took.len() * share).div_ceil(100).saturating_sub(1);
        took.get(index).copied().unwrap_or_default().as_secs_f64() * 1_000.0
    };
    Ok(Figure {
        database: plan.database.clone(),
        who: person.who.clone(),
        pages: took.len(),
        sessions,
        p50_ms: at(50),
        p95_ms: at(95),
        worst_ms: at(100),
    })
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

/// Turns page after page of the list, from its beginning to its end and again, until nothing is left to ask for.
async fn turn_pages(
    server: &Server,
    cookie: &Credential,
    left: &AtomicUsize,
) -> anyhow::Result<(Vec<Duration>, usize)> {
    let (mut took, mut sessions, mut next) = (Vec::new(), 0, None::<String>);
    let one_less = |left: usize| left.checked_sub(1);
    while left
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
        .is_ok()
    {
        let path = match &next {
            Some(cursor) => format!("/api/v1/sessions?cursor={cursor}"),
            None => "/api/v1/sessions".to_owned(),
        };
        let began = Instant::now();
        let answer = server.request(Method::GET, &path, cookie)?.send().await?;
        ensure!(answer.status().is_success(), "{path}: {}", answer.status());
        let page: Page<Session> = answer.json().await?;
        took.push(began.elapsed());
        sessions += page.items.len();
        next = page.next;
    }
    Ok((took, sessions))
}

/// The figures as a table; 95 pages of a hundred may take `within_ms`.
#[must_use]
pub fn table(figures: &[Figure], within_ms: f64) -> String {
    let mut table = format!(
        "| database | who | pages | sessions a page | p50 / p95 / worst ms (p95 must {within_ms}) |\n|---|---|---|---|---|\n"
    );
    for figure in figures {
        let a_page = figure.sessions as f64 / figure.pages.max(1) as f64;
        let _ = writeln!(
            table,
            "| {} | {} | {} | {a_page:.0} | {:.0} / **{:.0}** / {:.0} |",
            figure.database,
            figure.who,
            figure.pages,
            figure.p50_ms,
            figure.p95_ms,
            figure.worst_ms
        );
    }
    table
}
