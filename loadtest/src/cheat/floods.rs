//! Every limit, by somebody who sends far more than anybody needs. Each flood is bounded in count and time.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use anyhow::Context;
use protocol::client::{
    ByeReason, ChatCommand, Command, HandCommand, MAX_CLIENT_FRAME_BYTES, MediaCommand,
    RefusalCode, ServerFrame,
};
use protocol::media::ReceiveMode;
use reqwest::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::line::Line;
use super::rights::offer;
use super::tally::Tally;
use super::{PATIENCE, Stage, answer, exchange, sign_in};
use crate::server::{Credential, Server};

/// How long each flood lasts at most.
const FLOOD: Duration = Duration::from_secs(3);

/// Frames of a flood on one WebSocket.
const FRAMES: usize = 1_500;

/// Connections that say nothing.
const SILENT: usize = 150;

/// Presses on every limit, one after the other.
///
/// # Errors
/// When a flood cannot begin.
pub(super) async fn press(stage: &Stage) -> anyhow::Result<()> {
    let tokens = stage
        .keeper
        .tokens(&stage.session, "point", "Kẻ phá", 5)
        .await?;
    let [frames, encoder, player, slow, silent] = <[String; 5]>::try_from(tokens)
        .map_err(|_| anyhow::anyhow!("five tokens were asked for"))?
        .map(Credential::Token);
    for (what, pressed) in [
        ("frames", frames_of_all_kinds(stage, &frames).await),
        ("passwords", passwords(stage).await),
        ("links", secrets(stage).await),
        ("offers to /whip", offers(stage, "whip", &encoder).await),
        ("offers to /whep", offers(stage, "whep", &player).await),
        ("restarts", restarts(stage, &encoder).await),
        ("bodies", bodies(stage, &slow).await),
        ("silence", silence(stage, &silent).await),
    ] {
        if let Err(cause) = pressed {
            stage.fault(format!("{what}: {cause:#}"));
        }
    }
    Ok(())
}

/// An address of this machine that nobody else of the run uses.
fn address(net: u8, host: usize) -> IpAddr {
    let [high, low] = u16::try_from(host).unwrap_or(u16::MAX).to_be_bytes();
    Ipv4Addr::new(127, 10 + net, high, low.max(1)).into()
}

fn judge(stage: &Stage, what: &str, tally: &Tally) {
    stage.note(format!("{what}: {tally}"));
    for unsound in tally.unsound() {
        stage.fault(format!("{what}: an answer is {unsound}"));
    }
}

/// More than this is a limit that does not hold.
fn at_most(stage: &Stage, what: &str, tally: &Tally, most: usize) {
    judge(stage, what, tally);
    if tally.done() > most {
        stage.fault(format!("{what}: {} were done, {most} may be", tally.done()));
    }
}

/// Frames by WebSocket: how each flood ends.
async fn frames_of_all_kinds(stage: &Stage, shown: &Credential) -> anyhow::Result<()> {
    let numbered = r#"{"type":"command","id":7,"command":{"type":"dance"}}"#;
    let long = "x".repeat(MAX_CLIENT_FRAME_BYTES + 1);
    for (what, frame, count) in [
        ("malformed frames with a number", numbered, FRAMES),
        ("malformed frames", "{}", FRAMES),
        ("oversized frames", long.as_str(), 1),
    ] {
        let mut line = enter(stage, shown).await?;
        for _ in 0..count {
            if line.say_text(frame).await.is_err() {
                break;
            }
        }
        let expected = |reason: &ByeReason| match reason {
            ByeReason::Refused { refusal } => {
                what == "malformed frames" && refusal.code == RefusalCode::Malformed
            }
            ByeReason::TooManyFrames => what == "malformed frames with a number",
            ByeReason::FrameTooLarge { .. } => what == "oversized frames",
            _ => false,
        };
        match line.bye().await {
            Ok(reason) if expected(&reason) => stage.note(format!("{what}: {reason:?}")),
            Ok(reason) => stage.fault(format!("{what} end with {reason:?}")),
            Err(cause) => stage.fault(format!("{what} end with no reason: {cause:#}")),
        }
    }
    for (what, most, command) in [
        ("chat", 30, chat as fn(usize) -> Command),
        ("hands", 200, hand),
        ("wishes", 200, wish),
    ] {
        let mut line = enter(stage, shown).await?;
        for number in 0..FRAMES {
            if line.say(command(number)).await.is_err() {
                break;
            }
        }
        let tally = replies(&mut line).await?;
        at_most(stage, what, &tally, most);
    }
    Ok(())
}

fn chat(number: usize) -> Command {
    Command::Chat(ChatCommand::SendChat {
        text: format!("quảng cáo {number}"),
    })
}

const fn hand(number: usize) -> Command {
    match number % 2 {
        0 => Command::Hand(HandCommand::RaiseHand),
        _ => Command::Hand(HandCommand::LowerHand { participant: None }),
    }
}

const fn wish(number: usize) -> Command {
    match number % 3 {
        0 => Command::Media(MediaCommand::ExplainMedia),
        1 => Command::Media(MediaCommand::SetReceive {
            mode: ReceiveMode::AudioOnly,
        }),
        _ => Command::Media(MediaCommand::SetView {
            seats: Vec::new(),
            pinned: None,
        }),
    }
}

/// What became of a flood of commands, up to the good-bye.
async fn replies(line: &mut Line) -> anyhow::Result<Tally> {
    let mut tally = Tally::default();
    loop {
        match line.hear().await? {
            ServerFrame::Reply { refusal: None, .. } => tally.count(Ok(Ok(()))),
            ServerFrame::Reply {
                refusal: Some(refusal),
                ..
            } => tally.count::<()>(Ok(Err(crate::server::Refused::by_room(&refusal)))),
            ServerFrame::Bye {
                reason: ByeReason::TooManyFrames,
            } => return Ok(tally),
            ServerFrame::Bye { reason } => anyhow::bail!("a flood ended with {reason:?}"),
            _ => {}
        }
    }
}

async fn enter(stage: &Stage, shown: &Credential) -> anyhow::Result<Line> {
    Line::open(&stage.server, &stage.session, shown, None)
        .await?
        .map_err(|turned| anyhow::anyhow!("a cheater is not let in: {turned:?}"))
}

/// Wrong passwords: of one login from many addresses, and of many logins from one.
async fn passwords(stage: &Stage) -> anyhow::Result<()> {
    let servers: Vec<Server> = (1..=60)
        .map(|host| stage.server.coming_from(address(0, host)))
        .collect::<Result<_, _>>()?;
    let servers = &servers;
    let login = stage.victim.0.as_str();
    let one_login = Tally::of(300, FLOOD, |number| async move {
        let wrong = format!("doán mò {number}");
        sign_in(&servers[number % servers.len()], login, &wrong).await
    })
    .await;
    let what = "passwords of one login from 60 addresses";
    at_most(stage, what, &one_login, 0);
    let guessed = one_login.refused("401 wrong_password");
    // Twenty, as many as are forgotten meanwhile, and those who wait for their turn.
    if guessed > 30 {
        stage.fault(format!("{what}: {guessed} were looked at"));
    }
    let server = &stage.server.coming_from(address(1, 1))?;
    let many_logins = Tally::of(600, FLOOD, |number| async move {
        sign_in(server, &format!("ai.do.{number}"), "sai bét").await
    })
    .await;
    at_most(
        stage,
        "passwords of many logins from one address",
        &many_logins,
        0,
    );
    Ok(())
}

/// Links that nobody made.
async fn secrets(stage: &Stage) -> anyhow::Result<()> {
    let server = &stage.server.coming_from(address(2, 1))?;
    let tally = Tally::of(500, FLOOD, |number| async move {
        exchange(server, &format!("khong-co-{number}"), "Ai đó").await
    })
    .await;
    let what = "links that nobody made";
    at_most(stage, what, &tally, 0);
    let looked_at = tally.refused("404 link_invalid");
    if looked_at > 320 {
        stage.fault(format!("{what}: {looked_at} were looked at"));
    }
    Ok(())
}

/// Offers of one identity, each of which wants a peer.
async fn offers(stage: &Stage, protocol: &str, shown: &Credential) -> anyhow::Result<()> {
    let (_peer, offer) = offer(Some(protocol)).await?;
    let server = &stage.server.coming_from(address(3, 1))?;
    let offer = offer.as_str();
    let tally = Tally::of(200, FLOOD, |_| async move {
        server
            .offer(protocol, &stage.session, shown, offer.to_owned())
            .await
    })
    .await;
    at_most(stage, &format!("offers to /{protocol}"), &tally, 31);
    Ok(())
}

/// ICE restarts of one resource. The pace of offers was spent before, and counts them too.
async fn restarts(stage: &Stage, shown: &Credential) -> anyhow::Result<()> {
    let token = stage
        .keeper
        .token(&stage.session, "point", "Kẻ nối lại")
        .await?;
    let own = Credential::Token(token);
    let (_peer, offer) = offer(Some("whip")).await?;
    let server = &stage.server.coming_from(address(4, 1))?;
    let resource = server
        .offer("whip", &stage.session, &own, offer)
        .await?
        .map_err(|refused| anyhow::anyhow!("a cheater's offer is refused: {refused}"))?;
    let restart = |number: usize, shown: Credential| {
        let at = resource.location.to_string();
        async move {
            let request = server
                .request(Method::PATCH, &at, &shown)?
                .header("content-type", "application/trickle-ice-sdpfrag")
                .header("if-match", "*")
                .body(format!(
                    "a=ice-ufrag:ufrag{number}\r\na=ice-pwd:0123456789012345678901\r\n"
                ));
            answer(request).await
        }
    };
    let of_another = Tally::of(20, FLOOD, |number| restart(number, shown.clone())).await;
    at_most(stage, "restarts of somebody else's encoder", &of_another, 0);
    let tally = Tally::of(200, FLOOD, |number| restart(number, own.clone())).await;
    at_most(stage, "restarts", &tally, 31);
    Ok(())
}

/// Bodies that come slowly or have no end.
async fn bodies(stage: &Stage, shown: &Credential) -> anyhow::Result<()> {
    let server = stage.server.coming_from(address(5, 1))?;
    let (host, port) = server.port()?;
    let Credential::Token(token) = shown else {
        anyhow::bail!("a token")
    };
    let head = |path: &str, length: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: {host}:{port}\r\norigin: https://{host}:{port}\r\n\
             authorization: Bearer {token}\r\ncontent-type: application/json\r\n{length}\r\n\r\n"
        )
    };
    // These stay open until all floods of bodies are over.
    let mut slow = Vec::new();
    for _ in 0..50 {
        let mut tls = server.tls(&host, port).await?;
        let path = format!("/whip/{}", stage.session);
        let slowly = head(&path, "content-length: 20000").replace("json", "sdp");
        tls.write_all(slowly.as_bytes()).await?;
        tls.write_all(b"v").await?;
        slow.push(tls);
    }
    let mut tls = server.tls(&host, port).await?;
    let endless = head("/api/v1/sign-in", "transfer-encoding: chunked");
    tls.write_all(endless.as_bytes()).await?;
    let chunk = format!("4000\r\n{}\r\n", "a".repeat(0x4000));
    let mut sent = 0_usize;
    let taken = timeout(PATIENCE, async {
        let (mut reading, mut writing) = tokio::io::split(&mut tls);
        let mut heard = Vec::new();
        let writing = async {
            while writing.write_all(chunk.as_bytes()).await.is_ok() {
                sent += chunk.len();
                if sent > 64 << 20 {
                    break;
                }
            }
        };
        // A reset ends both.
        let _ = tokio::join!(writing, reading.read_to_end(&mut heard));
        heard
    })
    .await
    .context("a body without end is read without end")?;
    let what = "a body without end";
    stage.note(format!("{what}: {} kB were taken", sent >> 10));
    if sent > 16 << 20 {
        stage.fault(format!("{what}: {} MB were taken", sent >> 20));
    }
    let said = String::from_utf8_lossy(&taken);
    if !said.is_empty() && !said.contains("\"code\"") {
        stage.fault(format!("{what}: the answer has no code"));
    }
    Ok(())
}

/// Connections that say nothing, or half of something.
async fn silence(stage: &Stage, shown: &Credential) -> anyhow::Result<()> {
    let server = &stage.server.coming_from(address(6, 1))?;
    let (host, port) = server.port()?;
    let mut open = Vec::new();
    // A record of 512 bytes that begins a handshake and does not go on.
    let half = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc];
    for number in 0..2 * SILENT {
        let mut tcp = server.tcp(&host, port).await?;
        if number % 2 == 0 {
            tcp.write_all(&half).await?;
        }
        open.push(tcp);
    }
    stage.note(format!(
        "connections that say nothing or half a handshake: {}",
        open.len()
    ));

    let (_peer, offer) = offer(None).await?;
    let resource = server
        .offer("whep", &stage.session, shown, offer)
        .await?
        .map_err(|refused| anyhow::anyhow!("a cheater's player is refused: {refused}"))?;
    let media = tcp_candidate(&resource.answer).context("no candidate over TCP")?;
    let mut cut = 0;
    let mut silent = Vec::new();
    for _ in 0..SILENT {
        match server.tcp(&media.0, media.1).await {
            Ok(tcp) => silent.push(tcp),
            Err(_) => cut += 1,
        }
    }
    // Whoever may stay is told nothing; whoever may not is cut off.
    let until = tokio::time::Instant::now() + FLOOD;
    let mut kept = 0;
    for tcp in &mut silent {
        match tokio::time::timeout_at(until, closed(tcp)).await {
            Ok(()) => cut += 1,
            Err(_) => kept += 1,
        }
    }
    stage.note(format!(
        "silent connections to the media port: {kept} kept for a while, {cut} cut off"
    ));
    if kept > 64 {
        stage.fault(format!("{kept} silent connections of one address are kept"));
    }

    let mut waiting = std::sync::Mutex::new(Vec::new());
    let opened = Tally::of(SILENT, FLOOD, |_| {
        let waiting = &waiting;
        async move {
            let dialled = server.dial(&stage.session, shown).await?;
            Ok(dialled.map(|socket| {
                waiting.lock().expect("nobody panics with it").push(socket);
            }))
        }
    })
    .await;
    judge(stage, "WebSockets without a hello", &opened);
    waiting.get_mut().expect("nobody panics with it").clear();
    Ok(())
}

async fn closed(tcp: &mut TcpStream) {
    let mut byte = [0];
    // An end or an error: it is closed.
    while matches!(tcp.read(&mut byte).await, Ok(1)) {}
}

/// Where media go over TCP, from the server's answer (RFC 6544).
fn tcp_candidate(answer: &str) -> Option<(String, u16)> {
    let mut lines = answer.lines();
    let line = lines.find(|line| {
        line.starts_with("a=candidate:") && line.to_ascii_lowercase().contains(" tcp ")
    })?;
    let words: Vec<&str> = line.split(' ').collect();
    Some(((*words.get(4)?).to_owned(), words.get(5)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidate_over_tcp_is_found() {
        let answer = "a=candidate:1 1 udp 2130706431 127.0.0.1 7000 typ host\r\n\
            a=candidate:2 1 tcp 1671430143 127.0.0.1 7001 typ host tcptype passive\r\n";
        assert_eq!(tcp_candidate(answer), Some(("127.0.0.1".to_owned(), 7001)));
    }

    #[test]
    fn every_flood_has_addresses_of_its_own() {
        assert_eq!(address(0, 1).to_string(), "127.10.0.1");
        assert_eq!(address(2, 300).to_string(), "127.12.1.44");
    }
}
