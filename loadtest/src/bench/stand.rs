//! A measuring stand: the people of one measurement, and the watches on them, on the generator and on the server.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use protocol::media::Profile;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::Venue;
use super::outcome::Row;
use crate::end::{End, Gauge};
use crate::health::{HealthWatch, Lateness, Usage};
use crate::lines::Meter;
use crate::media::{Layer, Library};
use crate::participant::{JOIN_TIMEOUT, Part, Surroundings, take_part};
use crate::publish::{Camera, Instruction, play};
use crate::report::{Observation, Tally};
use crate::server::Server;
use crate::thin::{Delays, ThinOutlet, ThinPeer};
use crate::whip::Encoder;
use crate::{janus, whep};

/// After the last join: estimates have risen and the buffers of joining are given back.
const SETTLING: Duration = Duration::from_secs(5);

/// The moments at which the server asked the publisher for a keyframe.
pub(super) type KeyframeRequests = Arc<Mutex<Vec<Instant>>>;

/// An encoder that has its seat. Clones are told of the same one.
#[derive(Debug, Clone, Default)]
pub(super) struct Seated {
    /// When it was asked for keyframes.
    pub(super) asked: KeyframeRequests,
    /// When it began to send.
    pub(super) began: Arc<OnceLock<Instant>>,
}

/// How things were when a stretch began that is measured.
pub(super) struct Stretch {
    pub(super) began: Instant,
    people: usize,
    used: Usage,
    seen: Tally,
    health: HealthWatch,
}

/// People, and the watches on them.
pub(super) struct Stand {
    venue: Venue,
    process: u32,
    lateness: Lateness,
    clips: Library,
    leave: CancellationToken,
    arrivals: watch::Sender<usize>,
    arrived: watch::Receiver<usize>,
    expected: usize,
    tasks: JoinSet<Observation>,
    /// Those who went before it was time.
    ended: Vec<Observation>,
    gauges: Vec<Gauge>,
    pulse: JoinHandle<()>,
}

impl Stand {
    pub(super) fn new(venue: Venue, process: u32, clips: Library) -> Self {
        let (arrivals, arrived) = watch::channel(0);
        let lateness = Lateness::default();
        Self {
            venue,
            process,
            pulse: tokio::spawn(lateness.clone().watch()),
            lateness,
            clips,
            leave: CancellationToken::new(),
            arrivals,
            arrived,
            expected: 0,
            tasks: JoinSet::new(),
            ended: Vec::new(),
            gauges: Vec::new(),
        }
    }

    /// The address that the generator's sockets are bound to.
    pub(super) fn bind(&self) -> std::net::IpAddr {
        match &self.venue {
            Venue::DiemCau { server, .. } => server.bind(),
            Venue::Janus(janus) => janus.bind(),
        }
    }

    /// From here on, people meet in this session.
    pub(super) fn move_to(&mut self, other: &str) {
        if let Venue::DiemCau { session, .. } = &mut self.venue {
            other.clone_into(session);
        }
    }

    /// How many receive.
    pub(super) fn people(&self) -> usize {
        self.gauges.len()
    }

    /// Seats the encoder of a lesson: 720p30 at 1.5 Mbit/s, its packets 0.3 ms apart when `paced`, and a voice. With `delays`
    /// it stamps what it sends.
    pub(super) async fn seat_encoder(
        &mut self,
        token: &str,
        paced: bool,
        delays: Option<&Delays>,
    ) -> anyhow::Result<Seated> {
        let seated = Seated::default();
        let part = Part {
            name: "encoder".to_owned(),
            group: "encoder".to_owned(),
            token: token.to_owned(),
            profile: Profile::Whip,
            layers: vec![Layer::High],
            microphone: true,
            gauge: gauge(delays),
        };
        let noted = seated.clone();
        match &self.venue {
            Venue::DiemCau { .. } => {
                let surroundings = self.surroundings()?;
                self.tasks.spawn(async move {
                    let mut observation = Observation::new(&part.name, &part.group);
                    let publishing = publish(&part, &surroundings, paced, noted, &mut observation);
                    if let Err(error) = publishing.await {
                        surroundings.failed(&error, &mut observation);
                    }
                    observation
                });
            }
            Venue::Janus(janus) => {
                let encoder = janus.publish(&part.layers, &self.clips).await?;
                let (lateness, leave) = (self.lateness.clone(), self.leave.clone());
                noted.began.get_or_init(Instant::now);
                let instructed = noting(encoder.instructed, noted.asked);
                let camera = encoder.camera.map(|camera| spaced(camera, paced));
                let arrivals = self.arrivals.clone();
                self.tasks.spawn(async move {
                    let mut observation = Observation::new(&part.name, &part.group);
                    observation.connected_after = Some(Duration::ZERO);
                    arrivals.send_modify(|arrivals| *arrivals += 1);
                    let playing = play(camera, encoder.voice, instructed, lateness);
                    tokio::select! {
                        () = leave.cancelled() => {}
                        played = playing => {
                            observation.failure = played.err().map(|error| format!("{error:#}"));
                        }
                    }
                    drop(encoder.peer);
                    observation
                });
            }
        }
        self.expected += 1;
        self.everybody_arrived().await;
        while let Some(ended) = self.tasks.try_join_next() {
            let ended = ended?;
            if ended.group == "encoder" {
                let failure = ended.failure.unwrap_or_default();
                bail!("the encoder could not publish: {failure}");
            }
            self.ended.push(ended);
        }
        Ok(seated)
    }

    /// For everybody who receives, how long after this moment the first picture came.
    pub(super) fn first_pictures(&self, began: Instant) -> Vec<Option<Duration>> {
        let first = |gauge: &Gauge| {
            let lines = gauge.lines.lock().expect("no holder of the lock panics");
            let pictures = lines.all().iter().filter_map(|line| match &line.meter {
                Meter::Video(meter) => meter.first_frame,
                Meter::Audio(_) => None,
            });
            Some(pictures.min()?.saturating_duration_since(began))
        };
        self.gauges.iter().map(first).collect()
    }

    /// Lets viewers of the lesson in until there are so many, at this rate.
    pub(super) async fn grow_to(
        &mut self,
        viewers: usize,
        per_second: f64,
        token: &str,
        group: &str,
        delays: Option<&Delays>,
    ) -> anyhow::Result<()> {
        let began = tokio::time::Instant::now();
        let first = self.people();
        while self.people() < viewers {
            let number = self.people() + 1;
            let part = Part {
                name: format!("{group}-{number:03}"),
                group: group.to_owned(),
                token: token.to_owned(),
                profile: Profile::Whep,
                layers: Vec::new(),
                microphone: false,
                gauge: self.gauge(delays),
            };
            match &self.venue {
                Venue::DiemCau { .. } => {
                    let surroundings = self.surroundings()?;
                    self.tasks.spawn(whep::watch(part, surroundings));
                }
                Venue::Janus(janus) => {
                    let (janus, leave) = (janus.clone(), self.leave.clone());
                    let arrivals = self.arrivals.clone();
                    self.tasks.spawn(janus::watch(janus, part, leave, arrivals));
                }
            }
            self.expected += 1;
            let came = (self.people() - first) as f64;
            sleep_until(began + Duration::from_secs_f64(came / per_second)).await;
        }
        Ok(())
    }

    /// Lets a participant in by WebSocket; its meters count as one person. With `delays` it stamps what it sends, and
    /// times what it receives.
    pub(super) fn enter(&mut self, mut part: Part, delays: Option<&Delays>) -> anyhow::Result<()> {
        part.gauge = self.gauge(delays);
        let surroundings = self.surroundings()?;
        self.tasks.spawn(take_part::<ThinPeer>(part, surroundings));
        self.expected += 1;
        Ok(())
    }

    /// Waits until everybody has joined or failed, which shows in the outcome.
    pub(super) async fn everybody_arrived(&mut self) {
        let expected = self.expected;
        let everybody = self.arrived.wait_for(|arrived| *arrived >= expected);
        let _ = timeout(JOIN_TIMEOUT * 2, everybody).await;
    }

    /// Waits until everybody has joined and the room has become calm.
    pub(super) async fn settle(&mut self) {
        self.everybody_arrived().await;
        sleep(SETTLING).await;
    }

    /// Watches for so long.
    pub(super) async fn measure(&self, duration: Duration, label: &str) -> anyhow::Result<Row> {
        self.measure_during(sleep(duration), label).await
    }

    /// Watches until something is over.
    pub(super) async fn measure_during(
        &self,
        something: impl Future<Output = ()>,
        label: &str,
    ) -> anyhow::Result<Row> {
        let stretch = self.begin(self.people())?;
        something.await;
        self.end(&stretch, label)
    }

    /// Begins to watch the first so many people.
    pub(super) fn begin(&self, people: usize) -> anyhow::Result<Stretch> {
        Ok(Stretch {
            people,
            used: self.usage()?,
            seen: self.tally(people),
            health: HealthWatch::start(&self.lateness),
            began: Instant::now(),
        })
    }

    /// What has happened since a stretch began.
    pub(super) fn end(&self, stretch: &Stretch, label: &str) -> anyhow::Result<Row> {
        let usage = self.usage()?;
        let seconds = stretch.began.elapsed().as_secs_f64();
        Ok(Row {
            label: label.to_owned(),
            people: stretch.people,
            seconds,
            seen: self.tally(stretch.people).since(stretch.seen),
            server_cpu_s: usage.cpu_seconds - stretch.used.cpu_seconds,
            server_resident_bytes: usage.resident_bytes,
            generator: stretch.health.finish(),
            delay: None,
            storm: None,
        })
    }

    /// What the first so many people received so far.
    fn tally(&self, people: usize) -> Tally {
        let now = Instant::now();
        let gauges = self.gauges.iter().take(people);
        gauges
            .map(|gauge| {
                let lines = gauge.lines.lock().expect("no holder of the lock panics");
                Tally::of_lines(&lines, now)
            })
            .sum()
    }

    /// What the server used so far.
    fn usage(&self) -> anyhow::Result<Usage> {
        Usage::of(Some(self.process)).context("cannot see the server's CPU time")
    }

    /// Sends everybody home; what they saw.
    pub(super) async fn leave(mut self) -> Vec<Observation> {
        self.pulse.abort();
        self.leave.cancel();
        let mut everybody = std::mem::take(&mut self.ended);
        everybody.extend(std::mem::take(&mut self.tasks).join_all().await);
        everybody
    }

    fn gauge(&mut self, delays: Option<&Delays>) -> Gauge {
        let gauge = gauge(delays);
        self.gauges.push(gauge.clone());
        gauge
    }

    fn surroundings(&self) -> anyhow::Result<Surroundings> {
        let Venue::DiemCau { server, session } = &self.venue else {
            bail!("only a Điểm Cầu has sessions");
        };
        Ok(Surroundings {
            server: Server::clone(server),
            session: session.clone(),
            clips: self.clips.clone(),
            lateness: self.lateness.clone(),
            arrivals: self.arrivals.clone(),
            leave: self.leave.clone(),
        })
    }
}

/// Publishes by WHIP until it is time to leave.
async fn publish(
    part: &Part,
    surroundings: &Surroundings,
    paced: bool,
    noted: Seated,
    observation: &mut Observation,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let encoder = Encoder::<ThinPeer>::connect(part, surroundings).await?;
    surroundings.arrived(began, observation);
    // Before the first request can be noted.
    noted.began.get_or_init(Instant::now);
    let instructed = noting(encoder.instructed, noted.asked);
    let camera = encoder.camera.map(|camera| spaced(camera, paced));
    let playing = play(
        camera,
        encoder.voice,
        instructed,
        surroundings.lateness.clone(),
    );
    let played = tokio::select! {
        () = surroundings.leave.cancelled() => Ok(()),
        played = playing => played,
    };
    let server = &surroundings.server;
    server.delete(&encoder.resource, &part.token).await?;
    encoder.peer.close().await?;
    played
}

fn spaced((camera, outlet): (Camera, ThinOutlet), paced: bool) -> (Camera, ThinOutlet) {
    let camera = if paced { camera } else { camera.unpaced() };
    (camera, outlet)
}

/// A gauge of somebody who stamps and times packets, when somebody wants to know.
fn gauge(delays: Option<&Delays>) -> Gauge {
    Gauge {
        delays: delays.cloned(),
        ..Gauge::default()
    }
}

/// Passes instructions on, and writes down when keyframes were asked for.
fn noting(
    mut instructed: tokio::sync::mpsc::UnboundedReceiver<Instruction>,
    requests: KeyframeRequests,
) -> tokio::sync::mpsc::UnboundedReceiver<Instruction> {
    let (passed, receiver) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(instruction) = instructed.recv().await {
            if matches!(instruction, Instruction::Keyframe(_)) {
                let mut requests = requests.lock().expect("no holder of the lock panics");
                requests.push(Instant::now());
            }
            if passed.send(instruction).is_err() {
                break;
            }
        }
    });
    receiver
}
