//! Plays a scenario: lets everybody in, keeps them there, sends them home, and judges.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::end::Gauge;
use crate::health::{HealthWatch, Lateness, machine};
use crate::media::Library;
use crate::observe::ServerWatch;
use crate::participant::{JOIN_TIMEOUT, Part, Surroundings, take_part};
use crate::peer::Peer;
use crate::report::{GroupResult, Observation, Report, ServerUse, Verdict};
use crate::scenario::{Group, Scenario, Via};
use crate::server::Server;
use crate::tokens::Tokens;
use crate::{whep, whip};

/// Plays `scenario` in `session`.
///
/// # Errors
/// When it cannot begin, for example without enough tokens. What goes wrong later is in the report.
pub async fn run(
    name: &str,
    scenario: &Scenario,
    session: &str,
    server: Server,
    process: Option<u32>,
    clips: Library,
    mut tokens: Tokens,
) -> anyhow::Result<Report> {
    let by_websocket = |group: &Group| group.via == Via::Websocket;
    ensure!(
        !server.only_https() || scenario.groups.iter().all(by_websocket),
        "only participants by WebSocket know the way through the port of HTTPS"
    );
    let parts = cast(scenario, &mut tokens)?;
    let (arrivals, mut arrived) = watch::channel(0);
    let surroundings = Surroundings {
        server: server.clone(),
        session: session.to_owned(),
        clips,
        lateness: Lateness::default(),
        arrivals,
        leave: CancellationToken::new(),
    };
    let pulse = tokio::spawn(surroundings.lateness.clone().watch());
    let people = parts.len();
    let pause = Duration::from_secs_f64(scenario.join_within_s / people.max(1) as f64);
    let mut tasks = JoinSet::new();
    for (via, part) in parts {
        enter(&mut tasks, via, part, &surroundings);
        sleep(pause).await;
    }
    // Whoever has not arrived by then fails of itself.
    let everybody = arrived.wait_for(|arrived| *arrived >= people);
    let _ = timeout(JOIN_TIMEOUT * 2, everybody).await;

    let server_watch = ServerWatch::new(server, process);
    let before = server_watch.usage().await;
    let health = HealthWatch::start(&surroundings.lateness);
    let began = Instant::now();
    sleep(Duration::from_secs(scenario.duration_s)).await;
    let duration_s = began.elapsed().as_secs_f64();
    let generator = health.finish();
    let after = server_watch.usage().await;
    pulse.abort();

    surroundings.leave.cancel();
    let mut participants = tasks.join_all().await;
    participants.sort_by(|a, b| a.name.cmp(&b.name));
    let groups: Vec<GroupResult> = scenario
        .groups
        .iter()
        .map(|group| GroupResult::of(&group.name, &participants))
        .collect();
    let verdict = match generator.bottleneck() {
        Some(reason) => Verdict::Refused(reason),
        None => judge(scenario, &groups),
    };
    Ok(Report {
        scenario: format!("{name}: {}", scenario.about),
        machine: machine(),
        duration_s,
        groups,
        server: before
            .ok()
            .zip(after.ok())
            .map(|(before, after)| ServerUse {
                cpu: (after.cpu_seconds - before.cpu_seconds) / duration_s,
                resident_bytes: after.resident_bytes,
            }),
        generator,
        verdict,
        participants,
    })
}

fn judge(scenario: &Scenario, groups: &[GroupResult]) -> Verdict {
    let misses: Vec<String> = scenario
        .groups
        .iter()
        .zip(groups)
        .flat_map(|(group, result)| result.misses(&group.expect))
        .collect();
    if misses.is_empty() {
        Verdict::Passed
    } else {
        Verdict::Missed(misses)
    }
}

/// Players that share a token: as many as a server lets one have (`media.players_per_identity`).
const PLAYERS_PER_TOKEN: usize = 4;

/// Gives every participant of the scenario a name and a token.
fn cast(scenario: &Scenario, tokens: &mut Tokens) -> anyhow::Result<Vec<(Via, Part)>> {
    let mut parts = Vec::new();
    for group in &scenario.groups {
        let layers = group.camera_layers()?;
        let mut shared = None;
        for number in 1..=group.count {
            let name = format!("{}-{number:03}", group.name);
            let first = (number - 1) % PLAYERS_PER_TOKEN == 0;
            let (name, token) = match shared.filter(|_| !first) {
                Some(token) => (name, token),
                None => tokens
                    .take(group.role, &name)
                    .with_context(|| format!("group {}", group.name))?,
            };
            shared = (group.via == Via::Whep).then(|| token.clone());
            parts.push((group.via, part(group, name, token, &layers)));
        }
    }
    Ok(parts)
}

fn part(group: &Group, name: String, token: String, layers: &[crate::media::Layer]) -> Part {
    Part {
        name,
        group: group.name.clone(),
        token,
        profile: group.profile,
        layers: layers.to_vec(),
        microphone: group.speaks(),
        gauge: Gauge::default(),
    }
}

/// Lets one participant in.
fn enter(tasks: &mut JoinSet<Observation>, via: Via, part: Part, surroundings: &Surroundings) {
    let surroundings = surroundings.clone();
    match via {
        Via::Websocket => tasks.spawn(take_part::<Peer>(part, surroundings)),
        Via::Whip => tasks.spawn(whip::publish::<Peer>(part, surroundings)),
        Via::Whep => tasks.spawn(whep::watch(part, surroundings)),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_players_share_a_token_and_others_have_their_own() {
        let scenario = Scenario::find("lecture").unwrap();
        let mut tokens = Tokens::default();
        tokens.add((0..26).map(|number| number.to_string()));
        let parts = cast(&scenario, &mut tokens).unwrap();
        assert_eq!(parts.len(), 101);
        assert_eq!(parts[0].1.token, "0");
        for (number, players) in (1..=25).zip(parts[1..].chunks(PLAYERS_PER_TOKEN)) {
            let token = number.to_string();
            assert!(players.iter().all(|(_, part)| part.token == token));
        }

        let meeting = Scenario::find("meeting-22").unwrap();
        let mut tokens = Tokens::default();
        tokens.add((0..21).map(|number| number.to_string()));
        let error = cast(&meeting, &mut tokens).unwrap_err();
        assert!(format!("{error:#}").contains("point-022"));
    }
}
