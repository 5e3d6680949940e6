//! Every place that can be taken, and whether those who are awaited still get in.

use std::time::Duration;

use anyhow::Context;
use protocol::client::ByeReason;
use serde_json::json;

use super::line::{Line, Turned};
use super::rights::offer;
use super::tally::Tally;
use super::{Stage, exchange};
use crate::end::End;
use crate::server::{Credential, Refused};

/// Somebody comes so often for places of one kind.
const COMERS: usize = 80;

/// How long somebody tries for places of one kind.
const TRIES_FOR: Duration = Duration::from_secs(20);

/// Takes places in a session, then lets those come who are awaited there.
///
/// # Errors
/// When nobody can be given a token.
pub(super) async fn take(stage: &Stage) -> anyhow::Result<()> {
    let (session, point) = stage.new_session().await?;
    let server = &stage.server;
    let keeper = &stage.keeper;

    let mut held = Vec::new();
    let points = keeper
        .tokens(&session, "point", "Kẻ chiếm chỗ", COMERS)
        .await?;
    let seats = taken(stage, &session, points, &mut held).await;
    stage.note(format!("seats by WebSocket: {seats}"));
    if seats.refused("400 session_full") == 0 {
        stage.fault(format!("{COMERS} who nobody invited all got a seat"));
    }
    let viewers = keeper.tokens(&session, "viewer", "Kẻ xem", COMERS).await?;
    let receive_only = taken(stage, &session, viewers, &mut held).await;
    stage.note(format!("receive-only by WebSocket: {receive_only}"));
    let guests = guests(stage, &session, &mut held).await?;
    stage.note(format!("guests of one nameless link: {guests}"));

    let player = keeper
        .token(&session, "viewer", "Kẻ mở nhiều màn hình")
        .await?;
    let player = Credential::Token(player);
    let mut players = Tally::default();
    let mut peers = Vec::new();
    for _ in 0..10 {
        let (peer, offer) = offer(None).await?;
        players.count(server.offer("whep", &session, &player, offer).await);
        peers.push(peer);
    }
    stage.note(format!("players of one token: {players}"));
    if players.done() > 4 {
        stage.fault(format!("one token has {} players", players.done()));
    }
    for tally in [&seats, &receive_only, &guests, &players] {
        for unsound in tally.unsound() {
            stage.fault(format!("places: an answer is {unsound}"));
        }
    }

    let invited = keeper
        .run(&[
            "token",
            "--session",
            &session,
            "--role",
            "point",
            "--name",
            "Điểm cầu",
            "--point",
            &point,
        ])
        .await?;
    let invited = Credential::Token(invited);
    let (secretary, _) = stage.new_secretary("thuky.cho", "Thư ký").await?;
    let mut awaited = Vec::new();
    for (who, shown) in [
        ("the chair", &stage.chair),
        ("the secretary", &secretary),
        ("an invited point", &invited),
    ] {
        match Line::open(server, &session, shown, None).await? {
            Ok(line) => awaited.push(line),
            Err(turned) => stage.fault(format!("{who} does not get in: {turned:?}")),
        }
    }
    publish(stage, &session, &invited).await
}

/// The invited point publishes.
async fn publish(stage: &Stage, session: &str, invited: &Credential) -> anyhow::Result<()> {
    let (mut encoder, offer) = offer(Some("whip")).await?;
    match stage.server.offer("whip", session, invited, offer).await? {
        Ok(resource) => {
            encoder.answer(&resource.answer).await?;
            tokio::time::timeout(super::PATIENCE, encoder.connected())
                .await
                .context("the encoder of an invited point does not connect")??;
        }
        Err(refused) => stage.fault(format!(
            "the encoder of an invited point does not get in: {refused}"
        )),
    }
    encoder.close().await
}

/// Comes in by WebSocket with each of these tokens, and stays.
async fn taken(stage: &Stage, session: &str, tokens: Vec<String>, held: &mut Vec<Line>) -> Tally {
    let lines = std::sync::Mutex::new(Vec::new());
    let tally = Tally::of(tokens.len(), TRIES_FOR, |number| {
        let shown = Credential::Token(tokens[number].clone());
        let lines = &lines;
        async move { enter(stage, session, &shown, lines).await }
    })
    .await;
    held.extend(lines.into_inner().expect("nobody panics with it"));
    tally
}

/// Guests of one link that names nobody.
async fn guests(stage: &Stage, session: &str, held: &mut Vec<Line>) -> anyhow::Result<Tally> {
    let server = &stage.server;
    let link = stage
        .new_link(session, &json!({ "role": "viewer" }))
        .await?;
    let secret = link.secret.as_str();
    let lines = std::sync::Mutex::new(Vec::new());
    let tally = Tally::of(COMERS, TRIES_FOR, |number| {
        let lines = &lines;
        async move {
            match exchange(server, secret, &format!("Khách {number}")).await? {
                Ok((cookie, _)) => enter(stage, session, &cookie, lines).await,
                Err(refused) => Ok(Err(refused)),
            }
        }
    })
    .await;
    held.extend(lines.into_inner().expect("nobody panics with it"));
    Ok(tally)
}

async fn enter(
    stage: &Stage,
    session: &str,
    shown: &Credential,
    lines: &std::sync::Mutex<Vec<Line>>,
) -> anyhow::Result<Result<(), Refused>> {
    let refused = match Line::open(&stage.server, session, shown, None).await? {
        Ok(line) => {
            lines.lock().expect("nobody panics with it").push(line);
            return Ok(Ok(()));
        }
        Err(Turned::AtTheDoor(refused)) => refused,
        Err(Turned::Away(ByeReason::Refused { refusal })) => Refused::by_room(&refusal),
        Err(Turned::Away(reason)) => anyhow::bail!("{reason:?}"),
    };
    Ok(Err(refused))
}
