//! People who cheat, beside people who do not.
//!
//! Three things are tried against a running server, one after the other, while honest people sign in, join, speak,
//! publish and play all the time ([`honest`]):
//!
//! - [`rights`]: every way in which a right ends, with everything that lived by it, and then every command and route;
//! - [`floods`]: every limit, by somebody who sends far more than anybody needs;
//! - [`places`]: every place that can be taken, and whether those who are awaited still get in.
//!
//! A finding is a right that still works, a limit that does not hold, an answer without a code, or an honest act that
//! failed. The tool knows the server's address and its command line, as its keeper does, and nothing else.

mod commands;
mod floods;
mod honest;
mod line;
mod places;
mod rights;
mod tally;

use std::fmt;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use anyhow::{Context, bail, ensure};
use reqwest::Method;
use reqwest::header::SET_COOKIE;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::honest::People;
pub use self::honest::{Act, Deed};
use crate::media::Library;
use crate::server::{Credential, Refused, Server};

/// Within which everything that lived by a right ends once it was taken away.
pub const ENDS_WITHIN: Duration = Duration::from_secs(5);

/// How long something may take on a busy machine before it counts as never.
const PATIENCE: Duration = Duration::from_secs(30);

/// The command line of the server's keeper.
#[derive(Debug, Clone)]
pub struct Keeper {
    /// The program `diemcau`.
    pub program: PathBuf,
    /// The server's data folder.
    pub data_dir: PathBuf,
    /// The folder of its settings.
    pub config_dir: PathBuf,
}

impl Keeper {
    /// What a chore prints.
    async fn run(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = tokio::process::Command::new(&self.program)
            .args(arguments)
            .env("DIEMCAU_DATA_DIR", &self.data_dir)
            .env("DIEMCAU_CONFIG_DIR", &self.config_dir)
            .stdin(Stdio::null())
            .output()
            .await
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        ensure!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    async fn tokens(
        &self,
        session: &str,
        role: &str,
        name: &str,
        count: usize,
    ) -> anyhow::Result<Vec<String>> {
        let count = count.to_string();
        let fixed = ["token", "--session", session, "--role", role];
        let more = ["--name", name, "--count", &count];
        let printed = self.run(&[&fixed[..], &more].concat()).await?;
        Ok(printed.lines().map(str::to_owned).collect())
    }

    async fn token(&self, session: &str, role: &str, name: &str) -> anyhow::Result<String> {
        let mut made = self.tokens(session, role, name, 1).await?;
        made.pop().context("no token was printed")
    }

    /// A new or another password of an account, from what is printed about it.
    async fn password(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let printed = self.run(arguments).await?;
        let is_password = |word: &&str| word.len() == 14 && word.matches('-').count() == 2;
        printed
            .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-')
            .find(is_password)
            .map(str::to_owned)
            .with_context(|| format!("no password in: {printed}"))
    }
}

/// What to do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// A server that runs, with the demonstration province.
    pub server: Server,
    /// Its command line.
    pub keeper: Keeper,
    /// What honest people publish.
    pub clips: Library,
    /// Rounds of honest acts before anybody cheats.
    pub quiet_rounds: usize,
    /// How often everything is flooded.
    pub floods: usize,
}

/// What was found.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Findings {
    /// What is wrong, a sentence each.
    pub faults: Vec<String>,
    /// What cheating came to: answers by kind, of each attempt.
    pub attempts: Vec<String>,
    /// What honest people did.
    pub acts: Vec<Act>,
    /// The longest that something lived on after its right had ended.
    pub slowest_end: Duration,
}

impl Findings {
    /// What is wrong, honest acts that failed among it.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        let failed = self.acts.iter().filter_map(|act| {
            let failure = act.failure.as_ref()?;
            Some(format!("honest: {} failed: {failure}", act.deed))
        });
        self.faults.iter().cloned().chain(failed).collect()
    }

    /// The 95th percentile of a deed in quiet and beside cheaters; none when it was never done.
    #[must_use]
    pub fn times(&self, deed: Deed) -> Option<(Duration, Duration)> {
        let p95 = |quiet: bool| {
            let mut took: Vec<Duration> = self
                .acts
                .iter()
                .filter(|act| act.deed == deed && act.quiet == quiet && act.failure.is_none())
                .map(|act| act.took)
                .collect();
            took.sort_unstable();
            took.get((took.len() * 95).div_ceil(100).checked_sub(1)?)
                .copied()
        };
        Some((p95(true)?, p95(false)?))
    }

    /// How much longer a deed takes beside cheaters than in quiet.
    #[must_use]
    pub fn ratio(&self, deed: Deed) -> Option<f64> {
        let (quiet, beside) = self.times(deed)?;
        Some(beside.as_secs_f64() / quiet.as_secs_f64().max(0.001))
    }
}

impl Findings {
    /// The deeds that take more than so many times as long beside cheaters, a sentence each.
    #[must_use]
    pub fn slower_than(&self, times: f64) -> Vec<String> {
        let slow = Deed::ALL.into_iter().filter_map(|deed| {
            let ratio = self.ratio(deed)?;
            (ratio > times).then(|| format!("{deed}: {ratio:.1} times as long, allowed {times}"))
        });
        slow.collect()
    }

    /// A table for the page of figures.
    #[must_use]
    pub fn table(&self) -> String {
        let mut table =
            "| | times | p95 in quiet, ms | p95 beside cheaters, ms | ratio (must 2) |\n\
            |---|---|---|---|---|\n"
                .to_owned();
        for deed in Deed::ALL {
            let done = self.acts.iter().filter(|act| act.deed == deed).count();
            if let (Some((quiet, beside)), Some(ratio)) = (self.times(deed), self.ratio(deed)) {
                table += &format!(
                    "| {deed} | {done} | {} | {} | **{ratio:.1}** |\n",
                    quiet.as_millis(),
                    beside.as_millis()
                );
            }
        }
        for fault in self.all() {
            table += &format!("\nFault: {fault}\n");
        }
        table
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for attempt in &self.attempts {
            writeln!(f, "{attempt}")?;
        }
        writeln!(
            f,
            "what lived by a right ended within {:.1} s of it",
            self.slowest_end.as_secs_f64()
        )?;
        for deed in Deed::ALL {
            let done = self.acts.iter().filter(|act| act.deed == deed).count();
            if let Some((quiet, beside)) = self.times(deed) {
                writeln!(
                    f,
                    "honest: {deed}: {done} times, p95 {} ms in quiet, {} ms beside cheaters",
                    quiet.as_millis(),
                    beside.as_millis()
                )?;
            }
        }
        for fault in self.all() {
            writeln!(f, "fault: {fault}")?;
        }
        Ok(())
    }
}

/// Cheats, and tells what came of it.
///
/// # Errors
/// When it cannot begin: no server, no demonstration, no chair.
pub async fn cheat(plan: Plan) -> anyhow::Result<Findings> {
    let stage = Stage::set(&plan).await?;
    let mut people = People::gather(&stage, plan.clips.clone()).await?;
    people.do_rounds(plan.quiet_rounds).await?;
    people.beside_cheaters();
    rights::walk(&stage).await.context("ended rights")?;
    for _ in 0..plan.floods {
        floods::press(&stage).await.context("floods")?;
        people.do_rounds(1).await?;
    }
    places::take(&stage).await.context("places")?;
    people.do_rounds(1).await?;
    let acts = people.go_home().await?;
    let mut findings = std::mem::take(&mut *stage.findings());
    findings.acts = acts;
    Ok(findings)
}

/// What all attempts share. Cheap to clone.
#[derive(Debug, Clone)]
struct Stage {
    server: Server,
    keeper: Keeper,
    /// Where honest people meet.
    session: String,
    /// Who may plan sessions, and its unit.
    chair: Credential,
    unit: String,
    /// Whom passwords are guessed of, who signs in meanwhile.
    victim: (String, String),
    findings: Arc<Mutex<Findings>>,
}

impl Stage {
    async fn set(plan: &Plan) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct Demonstration {
            accounts: Vec<Account>,
            session_code: String,
        }
        #[derive(Deserialize)]
        struct Account {
            login: String,
            password: String,
            role: String,
        }
        let printed = plan.keeper.run(&["demo", "--json"]).await?;
        let demo: Demonstration = serde_json::from_str(&printed).context("the demonstration")?;
        let of_role = |role: &str| {
            let mut accounts = demo.accounts.iter();
            let found = accounts.find(|account| account.role == role);
            found.with_context(|| format!("the demonstration has no {role}"))
        };
        let admin = of_role("department_admin")?;
        let member = of_role("member")?;
        let (chair, me) = sign_in(&plan.server, &admin.login, &admin.password)
            .await?
            .map_err(|refused| anyhow::anyhow!("the chair cannot sign in: {refused}"))?;
        let unit = me["roles"][0]["unit"]["code"].as_str();
        Ok(Self {
            server: plan.server.clone(),
            keeper: plan.keeper.clone(),
            session: demo.session_code.clone(),
            unit: unit.context("the chair has no unit")?.to_owned(),
            chair,
            victim: (member.login.clone(), member.password.clone()),
            findings: Arc::default(),
        })
    }

    fn findings(&self) -> std::sync::MutexGuard<'_, Findings> {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fault(&self, sentence: String) {
        self.findings().faults.push(sentence);
    }

    fn note(&self, sentence: String) {
        self.findings().attempts.push(sentence);
    }

    /// Says that something lived on for so long after its right had ended.
    fn ended_after(&self, lived: Duration) {
        let mut findings = self.findings();
        findings.slowest_end = findings.slowest_end.max(lived);
    }

    /// An administrator of the convening unit, who sits as secretary: the cookie, and the password.
    async fn new_secretary(&self, login: &str, name: &str) -> anyhow::Result<(Credential, String)> {
        let fixed = ["user", "add", "--login", login, "--name", name];
        let more = ["--role", "unit_admin", "--unit", &self.unit];
        let password = self.keeper.password(&[&fixed[..], &more].concat()).await?;
        let (cookie, _) = sign_in(&self.server, login, &password)
            .await?
            .map_err(|refused| anyhow::anyhow!("{login} cannot sign in: {refused}"))?;
        Ok((cookie, password))
    }

    /// A link into a session by the chair, for whom it is `wanted`.
    async fn new_link(&self, session: &str, wanted: &Value) -> anyhow::Result<Link> {
        let path = format!("/api/v1/sessions/{session}/links");
        let request = self.server.request(Method::POST, &path, &self.chair)?;
        let answer = request.json(wanted).send().await?.error_for_status()?;
        let made: Value = answer.json().await?;
        let url = made["url"].as_str().context("a link has an address")?;
        Ok(Link {
            id: made["id"].as_str().context("a link has an id")?.to_owned(),
            secret: url.rsplit('/').next().unwrap_or_default().to_owned(),
        })
    }

    /// A session of its own with one point: both codes. It is planned for the first time that is free in the next day,
    /// so the server must open rooms so early.
    async fn new_session(&self) -> anyhow::Result<(String, String)> {
        const POINT: &str = "DC-02";
        const LONG_US: i64 = 3_600_000_000;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        let now = i64::try_from(now.as_micros())?;
        let mut why = None;
        for hour in 1..22 {
            let begin = now + hour * LONG_US;
            let answer = self
                .server
                .request(Method::POST, "/api/v1/sessions", &self.chair)?
                .json(&json!({
                    "title": "Thử gian lận", "kind": "meeting", "secrecy": "normal",
                    "bridge_points": [POINT],
                    "starts_at_us": begin, "ends_at_us": begin + LONG_US,
                }))
                .send()
                .await?;
            let status = answer.status();
            if status == 201 {
                let session: Value = answer.json().await?;
                let code = session["code"].as_str().context("no code")?.to_owned();
                return Ok((code, POINT.to_owned()));
            }
            why = Some(Refused::new(status.as_u16(), &answer.bytes().await?));
        }
        bail!("no time is free for a session: {why:?}")
    }
}

/// A joining link.
struct Link {
    id: String,
    secret: String,
}

/// Signs in: the cookie, and who that is.
async fn sign_in(
    server: &Server,
    login: &str,
    password: &str,
) -> anyhow::Result<Result<(Credential, Value), Refused>> {
    let body = json!({ "login": login, "password": password });
    cookie_for(server, "/api/v1/sign-in", &body).await
}

/// Exchanges a joining link for a cookie.
async fn exchange(
    server: &Server,
    secret: &str,
    name: &str,
) -> anyhow::Result<Result<(Credential, Value), Refused>> {
    let body = json!({ "secret": secret, "name": name });
    cookie_for(server, "/api/v1/links/exchange", &body).await
}

async fn cookie_for(
    server: &Server,
    path: &str,
    body: &Value,
) -> anyhow::Result<Result<(Credential, Value), Refused>> {
    let request = server.request(Method::POST, path, &Credential::Nothing)?;
    let answer = request.json(body).send().await?;
    let status = answer.status();
    if !status.is_success() {
        return Ok(Err(Refused::new(status.as_u16(), &answer.bytes().await?)));
    }
    let cookie = answer
        .headers()
        .get(SET_COOKIE)
        .and_then(|cookie| cookie.to_str().ok()?.split(';').next())
        .with_context(|| format!("{path} sets no cookie"))?;
    let cookie = Credential::Cookie(cookie.to_owned());
    Ok(Ok((cookie, answer.json().await?)))
}

/// The answer to a request: its status, or why it was refused.
async fn answer(request: reqwest::RequestBuilder) -> anyhow::Result<Result<u16, Refused>> {
    let answer = request.send().await?;
    let status = answer.status().as_u16();
    if status < 400 {
        return Ok(Ok(status));
    }
    Ok(Err(Refused::new(status, &answer.bytes().await?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_by_their_ratio_and_failed_acts_are_faults() {
        let act = |quiet, ms, failure: Option<&str>| Act {
            deed: Deed::Chat,
            quiet,
            took: Duration::from_millis(ms),
            failure: failure.map(str::to_owned),
        };
        let findings = Findings {
            acts: vec![
                act(true, 10, None),
                act(true, 20, None),
                act(false, 30, None),
                act(false, 9_000, Some("refused")),
            ],
            ..Findings::default()
        };
        assert_eq!(findings.ratio(Deed::Chat), Some(1.5));
        assert_eq!(findings.ratio(Deed::Join), None);
        assert_eq!(findings.slower_than(2.0), Vec::<String>::new());
        assert_eq!(
            findings.slower_than(1.2),
            ["chat: 1.5 times as long, allowed 1.2"]
        );
        assert!(
            findings
                .table()
                .contains("| chat | 4 | 20 | 30 | **1.5** |")
        );
        assert_eq!(findings.all(), ["honest: chat failed: refused"]);
    }
}
