//! A scripted person with a room device: joins by WebSocket like the web client, publishes, receives, obeys.
//!
//! ```text
//! Hello ─► Welcome ─► Offer ─► Answer ─► (ICE, DTLS) ─► microphone and camera on ─► … ─► Leave
//! ```

use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use futures_util::{SinkExt, StreamExt};
use protocol::PROTOCOL_VERSION;
use protocol::client::{
    ByeReason, ClientFrame, Command, IceServer, MediaCommand, MediaMessage, MicrophoneCommand,
    PictureCommand, Resume, RosterCommand, ServerFrame, Welcome,
};
use protocol::media::{Profile, SlotKind, Source};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

use crate::end::{End, Gauge, LineSpec, Way};
use crate::health::Lateness;
use crate::media::{Layer, Library};
use crate::publish::{Camera, Instruction, Voice, play};
use crate::report::Observation;
use crate::server::{Server, WebSocket};
use crate::tunnel::Tunnel;

/// How long joining may take before it counts as failed.
pub(crate) const JOIN_TIMEOUT: Duration = Duration::from_secs(15);

/// How often a participant looks whether a picture needs a keyframe.
const KEYFRAME_CHECK: Duration = Duration::from_millis(500);

/// What every participant of a run shares.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The server.
    pub server: Server,
    /// The code of the session.
    pub session: String,
    /// What is published.
    pub clips: Library,
    /// Where participants report that they were late.
    pub lateness: Lateness,
    /// How many have joined or failed to.
    pub arrivals: watch::Sender<usize>,
    /// When it is time to leave.
    pub leave: CancellationToken,
}

impl Surroundings {
    /// A participant tells that it has joined.
    pub(crate) fn arrived(&self, began: Instant, observation: &mut Observation) {
        observation.connected_after = Some(began.elapsed());
        self.arrivals.send_modify(|arrivals| *arrivals += 1);
    }

    /// A participant tells that it gave up. Whoever had joined before is counted already.
    pub(crate) fn failed(&self, error: &anyhow::Error, observation: &mut Observation) {
        if observation.connected_after.is_none() {
            self.arrivals.send_modify(|arrivals| *arrivals += 1);
        }
        observation.failure = Some(format!("{error:#}"));
    }
}

/// What one participant does.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its name in the report.
    pub name: String,
    /// The group of the scenario it belongs to.
    pub group: String,
    /// What lets it in.
    pub token: String,
    /// The receive lines it offers.
    pub profile: Profile,
    /// The layers of its camera; empty without a camera.
    pub layers: Vec<Layer>,
    /// Whether it speaks.
    pub microphone: bool,
    /// Where it measures; what it saw can be read there meanwhile.
    pub gauge: Gauge,
}

/// Joins, takes part until it is time to leave, and tells what it saw. A failure is part of the observation.
pub async fn take_part<E: End>(part: Part, surroundings: Surroundings) -> Observation {
    let mut observation = Observation::new(&part.name, &part.group);
    if let Err(error) = stay::<E>(&part, &surroundings, &mut observation).await {
        surroundings.failed(&error, &mut observation);
    }
    observation
}

/// Where the lines of a participant's own media stand in its offer; see [`Profile::slots`].
const MICROPHONE: usize = 0;
const CAMERA: usize = 1;

async fn stay<E: End>(
    part: &Part,
    surroundings: &Surroundings,
    observation: &mut Observation,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let server = &surroundings.server;
    let (mut room, ice_servers) = timeout(JOIN_TIMEOUT, Room::join(part, surroundings))
        .await
        .map_err(|_| too_slow())??;
    let way = match server.only_https() {
        true => Way::Tunnel(Tunnel::open(server, &ice_servers).await?),
        false => Way::Direct(server.bind()),
    };
    let (mut peer, instructed) = E::open(way, lines(part), part.gauge.clone()).await?;
    let joining = async {
        let offer = Command::Media(MediaCommand::Offer {
            sdp: peer.offer().await?,
            ice_restart: false,
        });
        room.command(offer).await?;
        let answer = room.answer(&peer).await?;
        peer.answer(&answer).await?;
        peer.connected().await?;
        room.command(Command::Microphone(MicrophoneCommand::SetMicrophone {
            on: part.microphone,
        }))
        .await?;
        let on = !part.layers.is_empty();
        room.command(Command::Picture(PictureCommand::SetCamera { on }))
            .await?;
        anyhow::Ok(())
    };
    timeout(JOIN_TIMEOUT, joining)
        .await
        .map_err(|_| too_slow())??;
    surroundings.arrived(began, observation);

    let camera = (!part.layers.is_empty()).then_some(CAMERA);
    let voice = part.microphone.then_some(MICROPHONE);
    let (camera, voice) = players(&peer, camera, voice, &surroundings.clips).await?;
    let playing = tokio::spawn(play(
        camera,
        voice,
        instructed,
        surroundings.lateness.clone(),
    ));
    let result = room.stay_until_left(&peer, &surroundings.leave).await;
    observation.take_lines(&mut peer.lines(), began);
    playing.abort();
    // The server may be gone, which `result` tells already.
    let _ = peer.close().await;
    result
}

/// The lines of the offer: the order is part of the protocol, see [`Profile::slots`].
fn lines(part: &Part) -> Vec<LineSpec> {
    // A browser offers all layers also while its camera is off.
    let layers = match part.layers.is_empty() {
        true => Layer::ALL.to_vec(),
        false => part.layers.clone(),
    };
    let slots = part.profile.slots();
    let receiving = [
        (SlotKind::Audio, slots.audio),
        (SlotKind::Stage, slots.stage),
        (SlotKind::Tile, slots.tiles),
        (SlotKind::Screen, slots.screen),
    ];
    let receiving = receiving
        .into_iter()
        .flat_map(|(kind, count)| std::iter::repeat_n(LineSpec::Receive(kind), count));
    let own = [
        LineSpec::Voice,
        LineSpec::Picture(layers),
        LineSpec::Picture(vec![Layer::High]),
    ];
    own.into_iter().chain(receiving).collect()
}

/// A player with the outlet of its line, if there is such a line.
type Playing<P, O> = Option<(P, O)>;

/// Players of a camera and a voice on these lines, from a random moment of the clips on.
pub(crate) async fn players<E: End>(
    peer: &E,
    camera: Option<usize>,
    voice: Option<usize>,
    library: &Library,
) -> anyhow::Result<(Playing<Camera, E::Outlet>, Playing<Voice, E::Outlet>)> {
    let seed = getrandom::u32()?;
    let camera = match camera {
        Some(line) => {
            let line = peer.sending(line).await?;
            let camera = Camera::new(library, &line.ssrcs, line.wire, seed);
            Some((camera, line.outlet))
        }
        None => None,
    };
    let voice = match voice {
        Some(line) => {
            let line = peer.sending(line).await?;
            let ssrc = line.ssrcs.first().context("a voice without SSRC")?.1;
            Some((Voice::new(library, ssrc, line.wire, seed), line.outlet))
        }
        None => None,
    };
    Ok((camera, voice))
}

/// The signaling side of a participant.
struct Room {
    socket: WebSocket,
    last_command: u64,
}

impl Room {
    /// Enters, and tells what the server offers against firewalls.
    async fn join(
        part: &Part,
        surroundings: &Surroundings,
    ) -> anyhow::Result<(Self, Vec<IceServer>)> {
        let Surroundings {
            server, session, ..
        } = surroundings;
        let (socket, welcome) = enter(server, session, &part.token, part.profile).await?;
        let room = Self {
            socket,
            last_command: welcome.last_command_id,
        };
        Ok((room, welcome.ice_servers))
    }

    async fn command(&mut self, command: Command) -> anyhow::Result<()> {
        self.last_command += 1;
        let id = self.last_command;
        self.send(&ClientFrame::Command { id, command }).await
    }

    /// Waits for the answer to the offer, which is the only command sent so far.
    async fn answer(&mut self, peer: &impl End) -> anyhow::Result<String> {
        loop {
            let frame = self.next().await?;
            if let ServerFrame::Media {
                message: MediaMessage::Answer { sdp },
            } = frame
            {
                return Ok(sdp);
            }
            obey(frame, peer)?;
        }
    }

    async fn stay_until_left(
        &mut self,
        peer: &impl End,
        leave: &CancellationToken,
    ) -> anyhow::Result<()> {
        let mut check = tokio::time::interval(KEYFRAME_CHECK);
        loop {
            tokio::select! {
                () = leave.cancelled() => break,
                frame = self.next() => obey(frame?, peer)?,
                _ = check.tick() => {
                    peer.request_keyframes().await?;
                    if !peer.is_connected() {
                        bail!("the media connection broke");
                    }
                }
            }
        }
        self.command(Command::Roster(RosterCommand::Leave)).await?;
        // The server closes too, and may be faster.
        let _ = self.socket.close(None).await;
        Ok(())
    }

    async fn send(&mut self, frame: &ClientFrame) -> anyhow::Result<()> {
        send(&mut self.socket, frame).await
    }

    async fn next(&mut self) -> anyhow::Result<ServerFrame> {
        next(&mut self.socket).await
    }
}

/// Enters a room by WebSocket, as far as the server's welcome.
///
/// # Errors
/// When the server cannot be reached, or says goodbye.
pub async fn enter(
    server: &Server,
    session: &str,
    token: &str,
    profile: Profile,
) -> anyhow::Result<(WebSocket, Box<Welcome>)> {
    resume(server, session, token, profile, None).await
}

/// The same, with the proof that it is the same page that comes back, if it is.
pub(crate) async fn resume(
    server: &Server,
    session: &str,
    token: &str,
    profile: Profile,
    resume: Option<Resume>,
) -> anyhow::Result<(WebSocket, Box<Welcome>)> {
    let mut socket = server.websocket(session, token).await?;
    send(&mut socket, &hello(profile, resume)).await?;
    loop {
        match next(&mut socket).await? {
            ServerFrame::Welcome(welcome) => return Ok((socket, welcome)),
            ServerFrame::Bye { reason } => return Err(said_goodbye(&reason)),
            _ => {}
        }
    }
}

/// What somebody says first.
pub(crate) const fn hello(profile: Profile, resume: Option<Resume>) -> ClientFrame {
    ClientFrame::Hello {
        protocol: PROTOCOL_VERSION,
        // Whoever comes back by the same token is the same scripted person.
        take_over: true,
        resume,
        profile,
    }
}

pub(crate) async fn send(socket: &mut WebSocket, frame: &ClientFrame) -> anyhow::Result<()> {
    let text = serde_json::to_string(frame)?;
    Ok(socket.send(Message::text(text)).await?)
}

pub(crate) async fn next(socket: &mut WebSocket) -> anyhow::Result<ServerFrame> {
    loop {
        let message = socket.next().await;
        match message.context("the server closed the WebSocket")?? {
            Message::Text(text) => {
                return serde_json::from_str(&text)
                    .with_context(|| format!("the server sent an unknown frame: {text}"));
            }
            Message::Close(_) => bail!("the server closed the WebSocket"),
            _ => {}
        }
    }
}

/// Does what the server says; a refusal of one of the scripted commands is a failure.
fn obey(frame: ServerFrame, peer: &impl End) -> anyhow::Result<()> {
    match frame {
        ServerFrame::Reply {
            id,
            refusal: Some(refusal),
        } => bail!(
            "the server refused command {id}: {:?} {}",
            refusal.code,
            refusal.detail.unwrap_or_default()
        ),
        ServerFrame::Bye { reason } => Err(said_goodbye(&reason)),
        ServerFrame::Media {
            message: MediaMessage::SlotAssigned { mid, .. },
        } => {
            peer.lines().interrupt(&mid);
            Ok(())
        }
        ServerFrame::Media {
            message:
                MediaMessage::LayersWanted {
                    source: Source::Camera,
                    rids,
                },
        } => {
            let layers = rids.iter().filter_map(|rid| Layer::from_rid(rid)).collect();
            // The publisher may not have begun or may have stopped.
            let _ = peer.instructions().send(Instruction::Layers(layers));
            Ok(())
        }
        _ => Ok(()),
    }
}

fn too_slow() -> anyhow::Error {
    anyhow!("joining took more than {} s", JOIN_TIMEOUT.as_secs())
}

/// The server ended the connection, and said why.
#[derive(Debug, Clone, PartialEq)]
pub struct Goodbye(pub ByeReason);

impl std::fmt::Display for Goodbye {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the server said goodbye: {:?}", self.0)
    }
}

impl std::error::Error for Goodbye {}

pub(crate) fn said_goodbye(reason: &ByeReason) -> anyhow::Error {
    Goodbye(reason.clone()).into()
}
