//! People who do nothing wrong: round after round they sign in, join, chat, speak, publish and play, and each act is
//! counted and timed.
//!
//! A chair, a speaker and a listener stay in the room all the time; a visitor, an encoder and a player come and go.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail, ensure};
use protocol::ParticipantId;
use protocol::client::{
    ChatCommand, ChatEvent, Command, Event, FloorCommand, RosterCommand, ServerFrame,
};
use protocol::media::Profile;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{PATIENCE, Stage, answer, sign_in};
use crate::chair::Chair;
use crate::end::Gauge;
use crate::health::Lateness;
use crate::lines::Meter;
use crate::media::{Layer, Library};
use crate::participant::{JOIN_TIMEOUT, Part, Surroundings, take_part};
use crate::report::Observation;
use crate::thin::ThinPeer;
use crate::{whep, whip};

/// A round takes at least so long: an encoder or player that comes more often is one of a flood.
const ROUND: Duration = Duration::from_millis(2_500);

/// Packets of a voice by which somebody is heard.
const HEARD: u64 = 10;

/// What an honest person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Signs in and out.
    SignIn,
    /// Joins by WebSocket.
    Join,
    /// Says something in the chat, and another reads it.
    Chat,
    /// Gets the floor and is heard.
    Speak,
    /// Publishes by WHIP.
    Publish,
    /// Plays by WHEP, and hears the speaker.
    Play,
}

impl Deed {
    /// All of them, in the order of a round.
    pub const ALL: [Self; 6] = [
        Self::SignIn,
        Self::Join,
        Self::Chat,
        Self::Speak,
        Self::Publish,
        Self::Play,
    ];
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SignIn => "sign in",
            Self::Join => "join",
            Self::Chat => "chat",
            Self::Speak => "speak",
            Self::Publish => "publish by WHIP",
            Self::Play => "play by WHEP",
        })
    }
}

/// Something that an honest person did.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Act {
    /// What.
    pub deed: Deed,
    /// Whether nobody cheated at that time.
    pub quiet: bool,
    /// How long it took.
    pub took: Duration,
    /// Why it failed; none when it did not.
    pub failure: Option<String>,
}

/// Honest people at work.
pub(super) struct People {
    rounds: watch::Receiver<usize>,
    quiet: watch::Sender<bool>,
    leave: CancellationToken,
    work: JoinHandle<anyhow::Result<Vec<Act>>>,
}

impl People {
    /// Brings them together.
    ///
    /// # Errors
    /// When they cannot come.
    pub(super) async fn gather(stage: &Stage, clips: Library) -> anyhow::Result<Self> {
        let mut room = Room::open(stage, clips).await?;
        let (done, rounds) = watch::channel(0);
        let (quiet, is_quiet) = watch::channel(true);
        let leave = CancellationToken::new();
        let leaving = leave.clone();
        let work = tokio::spawn(async move {
            let mut acts = Vec::new();
            while !leaving.is_cancelled() {
                let next = tokio::time::Instant::now() + ROUND;
                room.round(&is_quiet, &mut acts).await;
                done.send_modify(|rounds| *rounds += 1);
                tokio::time::sleep_until(next).await;
            }
            room.close().await?;
            Ok(acts)
        });
        Ok(Self {
            rounds,
            quiet,
            leave,
            work,
        })
    }

    /// Waits until so many rounds have begun and ended.
    pub(super) async fn do_rounds(&mut self, count: usize) -> anyhow::Result<()> {
        // One is under way.
        let until = *self.rounds.borrow() + count + 1;
        self.rounds
            .wait_for(|rounds| *rounds >= until)
            .await
            .map_err(|_| anyhow!("the honest people stopped"))?;
        Ok(())
    }

    /// From this moment others cheat.
    pub(super) fn beside_cheaters(&self) {
        self.quiet.send_replace(false);
    }

    /// Ends the work: what they did.
    pub(super) async fn go_home(self) -> anyhow::Result<Vec<Act>> {
        self.leave.cancel();
        self.work.await?
    }
}

/// Those who stay.
struct Room {
    stage: Stage,
    surroundings: Surroundings,
    chair: Chair,
    speaker: ParticipantId,
    /// What the listener hears.
    gauge: Gauge,
    staying: Vec<JoinHandle<Observation>>,
    visitor: String,
    encoder: String,
    player: String,
    said: usize,
}

impl Room {
    async fn open(stage: &Stage, clips: Library) -> anyhow::Result<Self> {
        const SPEAKER: &str = "Người nói";
        let token = async |role: &str, name: &str| {
            let session = &stage.session;
            stage.keeper.token(session, role, name).await
        };
        let (arrivals, mut arrived) = watch::channel(0);
        let surroundings = Surroundings {
            server: stage.server.clone(),
            session: stage.session.clone(),
            clips,
            lateness: Lateness::default(),
            arrivals,
            leave: CancellationToken::new(),
        };
        let mut speaker = part("speaker", token("point", SPEAKER).await?, Profile::Phone);
        speaker.microphone = true;
        let listener = part(
            "listener",
            token("viewer", "Người nghe").await?,
            Profile::Whep,
        );
        let gauge = listener.gauge.clone();
        let staying = vec![
            tokio::spawn(take_part::<ThinPeer>(speaker, surroundings.clone())),
            tokio::spawn(whep::watch(listener, surroundings.clone())),
        ];
        timeout(PATIENCE, arrived.wait_for(|arrived| *arrived >= 2))
            .await
            .context("speaker and listener do not arrive")??;
        let chair = token("chair", "Chủ trì").await?;
        let chair = Chair::enter(&stage.server, &stage.session, &chair).await?;
        let state = chair.welcome().state.as_ref();
        let mut participants = state.into_iter().flat_map(|state| &state.participants);
        let speaker = participants
            .find(|participant| participant.name == SPEAKER)
            .context("the speaker is not in the room")?
            .id;
        Ok(Self {
            speaker,
            chair,
            surroundings,
            gauge,
            staying,
            visitor: token("point", "Khách").await?,
            encoder: token("point", "Máy quay").await?,
            player: token("viewer", "Màn hình").await?,
            said: 0,
            stage: stage.clone(),
        })
    }

    /// Every deed once. One that fails does not keep the others from theirs.
    async fn round(&mut self, quiet: &watch::Receiver<bool>, acts: &mut Vec<Act>) {
        let mut visitor = None;
        for deed in Deed::ALL {
            let quiet = *quiet.borrow();
            let began = Instant::now();
            let done = match timeout(PATIENCE, self.perform(deed, &mut visitor)).await {
                Ok(done) => done,
                Err(_) => Err(anyhow!("it took more than {} s", PATIENCE.as_secs())),
            };
            acts.push(Act {
                deed,
                quiet,
                took: began.elapsed(),
                failure: done.err().map(|cause| format!("{cause:#}")),
            });
        }
        if let Some(mut visitor) = visitor {
            // Whoever could not join cannot leave, which is told already.
            let _ = timeout(
                PATIENCE,
                visitor.command(Command::Roster(RosterCommand::Leave)),
            )
            .await;
        }
    }

    async fn perform(&mut self, deed: Deed, visitor: &mut Option<Chair>) -> anyhow::Result<()> {
        match deed {
            Deed::SignIn => self.sign_in_and_out().await,
            Deed::Join => {
                let Surroundings {
                    server, session, ..
                } = &self.surroundings;
                *visitor = Some(Chair::enter(server, session, &self.visitor).await?);
                Ok(())
            }
            Deed::Chat => {
                let visitor = visitor.as_mut().context("nobody joined")?;
                self.chat(visitor).await
            }
            Deed::Speak => self.speak().await,
            Deed::Publish => {
                let mut encoder = part("encoder", self.encoder.clone(), Profile::Whip);
                encoder.layers = vec![Layer::Low];
                encoder.microphone = true;
                self.come_and_go(|around| whip::publish::<ThinPeer>(encoder, around))
                    .await
            }
            Deed::Play => {
                let player = part("player", self.player.clone(), Profile::Whep);
                let gauge = player.gauge.clone();
                self.come_and_hear(player, gauge).await
            }
        }
    }

    async fn sign_in_and_out(&self) -> anyhow::Result<()> {
        let server = &self.stage.server;
        let (login, password) = &self.stage.victim;
        let (cookie, _) = sign_in(server, login, password)
            .await?
            .map_err(|refused| anyhow!("signing in: {refused}"))?;
        for (method, path) in [
            (Method::GET, "/api/v1/sessions"),
            (Method::POST, "/api/v1/sign-out"),
        ] {
            answer(server.request(method, path, &cookie)?)
                .await?
                .map_err(|refused| anyhow!("{path}: {refused}"))?;
        }
        Ok(())
    }

    async fn chat(&mut self, visitor: &mut Chair) -> anyhow::Result<()> {
        self.said += 1;
        let said = format!("Xin chào lần {}", self.said);
        let text = said.clone();
        visitor
            .command(Command::Chat(ChatCommand::SendChat { text }))
            .await?;
        let read = |frame: &ServerFrame| match frame {
            ServerFrame::Event(frame) => match &frame.event {
                Event::Chat(ChatEvent::ChatSent { message }) if message.text == said => Some(()),
                _ => None,
            },
            _ => None,
        };
        self.chair.hears(read).await
    }

    async fn speak(&mut self) -> anyhow::Result<()> {
        let grant = Command::Floor(FloorCommand::GrantFloor {
            participant: self.speaker,
            interrupt: true,
        });
        self.chair.command(grant).await?;
        wait_to_hear(&self.gauge).await;
        self.chair
            .command(Command::Floor(FloorCommand::ReleaseFloor))
            .await
    }

    /// Surroundings of somebody who comes and goes.
    fn around(&self) -> (Surroundings, watch::Receiver<usize>) {
        let (arrivals, arrived) = watch::channel(0);
        let around = Surroundings {
            arrivals,
            leave: CancellationToken::new(),
            ..self.surroundings.clone()
        };
        (around, arrived)
    }

    /// Somebody connects, and leaves at once.
    async fn come_and_go<F: Future<Output = Observation>>(
        &self,
        visit: impl FnOnce(Surroundings) -> F,
    ) -> anyhow::Result<()> {
        let (around, mut arrived) = self.around();
        let leave = around.leave.clone();
        let stay = async move {
            // Whoever fails counts as arrived.
            let _ = arrived.wait_for(|arrived| *arrived >= 1).await;
            leave.cancel();
        };
        let (observation, ()) = tokio::join!(visit(around), stay);
        sound(observation)
    }

    /// A player connects, and leaves when it has heard the speaker.
    async fn come_and_hear(&self, player: Part, gauge: Gauge) -> anyhow::Result<()> {
        let (around, mut arrived) = self.around();
        let leave = around.leave.clone();
        let hearing = async move {
            let heard = async {
                let _ = arrived.wait_for(|arrived| *arrived >= 1).await;
                wait_to_hear(&gauge).await;
            };
            let heard = timeout(JOIN_TIMEOUT, heard).await;
            leave.cancel();
            heard.map_err(|_| anyhow!("the player hears nothing"))
        };
        let (observation, heard) = tokio::join!(whep::watch(player, around), hearing);
        sound(observation)?;
        heard
    }

    async fn close(self) -> anyhow::Result<()> {
        self.surroundings.leave.cancel();
        for staying in self.staying {
            sound(staying.await?)?;
        }
        Ok(())
    }
}

fn sound(observation: Observation) -> anyhow::Result<()> {
    match observation.failure {
        Some(failure) => bail!("{}: {failure}", observation.name),
        None => {
            ensure!(
                observation.connected_after.is_some(),
                "{} did not connect",
                observation.name
            );
            Ok(())
        }
    }
}

/// Waits until a voice was heard for a while.
async fn wait_to_hear(gauge: &Gauge) {
    let before = voices(gauge);
    while voices(gauge) < before + HEARD {
        sleep(Duration::from_millis(5)).await;
    }
}

/// Packets of voices so far.
fn voices(gauge: &Gauge) -> u64 {
    let lines = gauge.lines.lock().expect("no holder of the lock panics");
    let audio = lines.all().iter().map(|line| match &line.meter {
        Meter::Audio(meter) => meter.packets,
        Meter::Video(_) => 0,
    });
    audio.sum()
}

fn part(name: &str, token: String, profile: Profile) -> Part {
    Part {
        name: name.to_owned(),
        group: "honest".to_owned(),
        token,
        profile,
        layers: Vec::new(),
        microphone: false,
        gauge: Gauge::default(),
    }
}
