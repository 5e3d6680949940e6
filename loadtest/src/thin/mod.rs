//! A thin end of WebRTC for the many: hundreds of them fit beside a server whose speed they measure.
//!
//! It puts the parts of the crate `rtc` (DTLS, SRTP, STUN) together itself and leaves out what a measurement does not
//! need: no candidates to choose from, no jitter buffer, no renegotiation. What travels on the wire is whole: every packet
//! is decrypted and judged, and RTCP is real (receiver reports, NACK, keyframe requests, transport-wide feedback, on which
//! the server's estimate runs; sender reports and retransmissions of what it publishes).
//!
//! ```text
//! offer ─► answer ─► ICE check ─► DTLS ─► Connected ─► … ─► Ended
//! ```

mod feedback;
mod ice;
mod sdp;
mod secure;
mod session;
mod wire;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail};
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;
use tokio::time::MissedTickBehavior;

use self::ice::{Credentials, Role};
use self::sdp::{Local, Purpose, Remote};
use self::secure::Identity;
use self::session::Session;
use self::wire::Wire as Socket;
pub use self::wire::{Delays, ThinOutlet, bare_delays};
use crate::end::{End, Gauge, LineSpec, Sending, Way};
use crate::lines::Lines;
use crate::publish::{Instruction, Wire};

/// How often a peer looks at its timers once it is connected: as often as libwebrtc sends transport-wide feedback.
const TICK: Duration = Duration::from_millis(100);

/// How often it does until then.
const CONNECTING_TICK: Duration = Duration::from_millis(20);

/// What became of a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Connecting,
    /// Media flow, encrypted with this SRTP profile.
    Connected(&'static str),
    /// For this reason.
    Ended(String),
}

/// A thin peer; a task of its own drives it until it is closed or dropped.
pub struct ThinPeer {
    socket: Arc<Socket>,
    credentials: Credentials,
    lines: Vec<sdp::Line>,
    gauge: Gauge,
    state: (watch::Sender<State>, watch::Receiver<State>),
    instructions: mpsc::UnboundedSender<Instruction>,
    remote: Mutex<Option<Remote>>,
    task: Mutex<Option<AbortHandle>>,
    closing: watch::Sender<bool>,
}

impl ThinPeer {
    /// The name of the SRTP profile once connected.
    #[must_use]
    pub fn suite(&self) -> Option<&'static str> {
        match &*self.state.1.borrow() {
            State::Connected(suite) => Some(suite),
            _ => None,
        }
    }

    /// Answers an offer of the other side, receives all that it sends, and begins to connect.
    ///
    /// # Errors
    /// When the offer cannot be understood or has no candidate that this peer reaches.
    pub fn answer_offer(&self, offer: &str) -> anyhow::Result<String> {
        let identity = Identity::of_process()?;
        let remote = Remote::parse(offer).context("the offer cannot be understood")?;
        let answer = self.local(identity).answer(&remote);
        let kinds = remote.sections.iter().map(|section| {
            let kind = match section.video {
                true => protocol::media::SlotKind::Stage,
                false => protocol::media::SlotKind::Audio,
            };
            (section.mid.clone(), kind)
        });
        *self.lines() = Lines::new(kinds);
        self.lines().answered(offer);
        let role = match remote.ice_lite {
            true => Role::Controlling,
            false => Role::Controlled,
        };
        self.connect(identity, remote, role)?;
        Ok(answer)
    }

    fn local<'a>(&'a self, identity: &'a Identity) -> Local<'a> {
        Local {
            credentials: &self.credentials,
            fingerprint: &identity.fingerprint,
            address: self.socket.local(),
        }
    }

    fn connect(
        &self,
        identity: &'static Identity,
        remote: Remote,
        role: Role,
    ) -> anyhow::Result<()> {
        let session = Session::new(
            Instant::now(),
            session::Setup {
                identity,
                credentials: self.credentials.clone(),
                role,
                remote: &remote,
                socket: self.socket.clone(),
                gauge: self.gauge.clone(),
                instructions: self.instructions.clone(),
            },
        )?;
        *self.remote.lock().expect("no holder of the lock panics") = Some(remote);
        let task = tokio::spawn(drive(
            session,
            self.socket.clone(),
            self.state.0.clone(),
            self.closing.subscribe(),
        ));
        let mut running = self.task.lock().expect("no holder of the lock panics");
        *running = Some(task.abort_handle());
        Ok(())
    }
}

impl Drop for ThinPeer {
    fn drop(&mut self) {
        let task = self.task.lock().expect("no holder of the lock panics");
        if let Some(task) = &*task {
            task.abort();
        }
    }
}

impl End for ThinPeer {
    type Outlet = ThinOutlet;

    async fn open(
        way: Way,
        lines: Vec<LineSpec>,
        gauge: Gauge,
    ) -> anyhow::Result<(Self, mpsc::UnboundedReceiver<Instruction>)> {
        let Way::Direct(bind) = way else {
            bail!("a thin end knows no TURN: use whole ends behind a firewall");
        };
        let (instructions, instructed) = mpsc::unbounded_channel();
        let ssrcs = |layers: Vec<crate::media::Layer>| -> anyhow::Result<Purpose> {
            let numbered = layers
                .into_iter()
                .map(|layer| Ok((layer, getrandom::u32()?)));
            Ok(Purpose::Send(numbered.collect::<anyhow::Result<_>>()?))
        };
        let lines = lines
            .into_iter()
            .map(|spec| {
                Ok(sdp::Line {
                    video: spec.is_video(),
                    purpose: match spec {
                        LineSpec::Voice => ssrcs(vec![crate::media::Layer::Low])?,
                        LineSpec::Picture(layers) => ssrcs(layers)?,
                        LineSpec::Receive(kind) => Purpose::Receive(kind),
                    },
                })
            })
            .collect::<anyhow::Result<_>>()?;
        let peer = Self {
            socket: Arc::new(Socket::bind(bind).await?),
            credentials: Credentials::generate()?,
            lines,
            gauge,
            state: watch::channel(State::Connecting),
            instructions,
            remote: Mutex::default(),
            task: Mutex::default(),
            closing: watch::Sender::new(false),
        };
        Ok((peer, instructed))
    }

    async fn offer(&mut self) -> anyhow::Result<String> {
        let identity = Identity::of_process()?;
        let receiving = self.lines.iter().enumerate().filter_map(|(mid, line)| {
            let Purpose::Receive(kind) = line.purpose else {
                return None;
            };
            Some((mid.to_string(), kind))
        });
        let meters = Lines::new(receiving);
        *self.lines() = meters;
        Ok(self.local(identity).offer(&self.lines))
    }

    async fn answer(&self, sdp: &str) -> anyhow::Result<()> {
        self.lines().answered(sdp);
        let remote = Remote::parse(sdp).context("the answer cannot be understood")?;
        self.connect(Identity::of_process()?, remote, Role::Controlling)
    }

    async fn connected(&mut self) -> anyhow::Result<()> {
        let settled = |state: &State| *state != State::Connecting;
        match &*self.state.1.wait_for(settled).await? {
            State::Ended(reason) => Err(anyhow!("the media connection failed: {reason}")),
            _ => Ok(()),
        }
    }

    fn is_connected(&self) -> bool {
        matches!(*self.state.1.borrow(), State::Connected(_))
    }

    async fn sending(&self, line: usize) -> anyhow::Result<Sending<ThinOutlet>> {
        let offered = self.lines.get(line).context("there is no such line")?;
        let Purpose::Send(ssrcs) = &offered.purpose else {
            bail!("line {line} receives");
        };
        let remote = self.remote.lock().expect("no holder of the lock panics");
        let sections = &remote.as_ref().context("no answer was applied")?.sections;
        let mid = line.to_string();
        let section = sections
            .iter()
            .find(|section| section.mid == mid && !section.rejected)
            .with_context(|| format!("the server refused line {mid}"))?;
        let payload_type = match offered.video {
            true => section.vp8,
            false => section.opus,
        };
        let wire = Wire {
            payload_type: payload_type.context("the server chose no codec")?,
            mid: section
                .extension(sdp::MID.1)
                .map(|id| (id, mid.into_bytes().into())),
            rid: section.extension(sdp::RID.1),
            level: section.extension(sdp::AUDIO_LEVEL.1),
        };
        let clock_rate = if offered.video { 90_000 } else { 48_000 };
        let transport = section.extension(sdp::TRANSPORT_SEQUENCE.1);
        let stamped = self.gauge.delays.is_some();
        let outlet = ThinOutlet::new(self.socket.clone(), clock_rate, transport, stamped);
        Ok(Sending {
            ssrcs: ssrcs.clone(),
            wire,
            outlet,
        })
    }

    fn instructions(&self) -> &mpsc::UnboundedSender<Instruction> {
        &self.instructions
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.gauge
            .lines
            .lock()
            .expect("no holder of the lock panics")
    }

    /// The task asks by itself.
    async fn request_keyframes(&self) -> anyhow::Result<()> {
        Ok(())
    }

    async fn close(&self) -> anyhow::Result<()> {
        self.closing.send_replace(true);
        let mut state = self.state.0.subscribe();
        let ended = state.wait_for(|state| matches!(state, State::Ended(_)));
        // A peer that never connected has no task that could end.
        if self
            .remote
            .lock()
            .expect("no holder of the lock panics")
            .is_some()
        {
            let _ = tokio::time::timeout(Duration::from_secs(1), ended).await;
        }
        Ok(())
    }
}

/// Drives a session until it ends.
async fn drive(
    mut session: Session,
    socket: Arc<Socket>,
    state: watch::Sender<State>,
    mut closing: watch::Receiver<bool>,
) {
    let mut period = CONNECTING_TICK;
    let mut tick = tokio::time::interval(period);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let reason = loop {
        let turned = tokio::select! {
            readable = socket.readable() => match readable {
                Ok(()) => session.read(Instant::now()),
                Err(error) => Err(error.into()),
            },
            _ = tick.tick() => session.tick(Instant::now()),
            _ = closing.wait_for(|closing| *closing) => {
                break match session.close(Instant::now()) {
                    Ok(()) => "closed".to_owned(),
                    Err(error) => format!("{error:#}"),
                };
            }
        };
        if let Err(error) = turned {
            break format!("{error:#}");
        }
        if let Some(suite) = session.suite()
            && period == CONNECTING_TICK
        {
            period = TICK;
            tick = tokio::time::interval(period);
            tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
            state.send_replace(State::Connected(suite));
        }
    };
    state.send_replace(State::Ended(reason));
}
