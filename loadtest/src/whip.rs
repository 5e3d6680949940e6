//! An encoder that publishes by WHIP (RFC 9725).

use std::time::{Duration, Instant};

use anyhow::{anyhow, bail};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::{sleep, timeout};

use crate::end::{End, LineSpec, Way};
use crate::participant::{JOIN_TIMEOUT, Part, Surroundings, players};
use crate::publish::{Camera, Instruction, Voice, play};
use crate::report::Observation;
use crate::server::Resource;

/// Publishes until it is time to leave, and tells what it saw.
pub async fn publish<E: End>(part: Part, surroundings: Surroundings) -> Observation {
    let mut observation = Observation::new(&part.name, &part.group);
    if let Err(error) = stay::<E>(&part, &surroundings, &mut observation).await {
        surroundings.failed(&error, &mut observation);
    }
    observation
}

async fn stay<E: End>(
    part: &Part,
    surroundings: &Surroundings,
    observation: &mut Observation,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let encoder = Encoder::<E>::connect(part, surroundings).await?;
    surroundings.arrived(began, observation);
    let lateness = surroundings.lateness.clone();
    let playing = play(encoder.camera, encoder.voice, encoder.instructed, lateness);
    let played = tokio::select! {
        () = surroundings.leave.cancelled() => Ok(()),
        played = playing => played,
    };
    let server = &surroundings.server;
    server.delete(&encoder.resource, &part.token).await?;
    encoder.peer.close().await?;
    played
}

/// How long an encoder waits before it offers again.
const OFFERS_AGAIN_AFTER: Duration = Duration::from_millis(500);

/// How often an encoder looks whether its connection still stands.
const LOOKS_EVERY: Duration = Duration::from_millis(100);

/// What became of an encoder's offers.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// Media flow.
    Connected,
    /// The offer was refused, or nobody was there to take it.
    Refused(String),
    /// Media flowed, and no longer do.
    Lost(String),
}

/// Publishes like the encoder of a hall: whatever ends its connection, it offers again, until it is time to leave. It says
/// what it is told, and when.
pub async fn keep_publishing<E: End>(
    part: Part,
    surroundings: Surroundings,
    log: UnboundedSender<(Instant, Told)>,
) {
    // Nobody may want to know any more.
    let say = |told| drop(log.send((Instant::now(), told)));
    loop {
        let connecting = Encoder::<E>::connect(&part, &surroundings);
        let encoder = tokio::select! {
            () = surroundings.leave.cancelled() => return,
            encoder = connecting => encoder,
        };
        match encoder {
            Ok(encoder) => {
                say(Told::Connected);
                match stay_while_connected(encoder, &part, &surroundings).await {
                    Ok(()) => return,
                    Err(cause) => say(Told::Lost(format!("{cause:#}"))),
                }
            }
            Err(cause) => say(Told::Refused(format!("{cause:#}"))),
        }
        sleep(OFFERS_AGAIN_AFTER).await;
    }
}

/// Plays until it is time to leave, which is a success, or until the connection is gone.
async fn stay_while_connected<E: End>(
    encoder: Encoder<E>,
    part: &Part,
    surroundings: &Surroundings,
) -> anyhow::Result<()> {
    let Encoder {
        peer,
        resource,
        camera,
        voice,
        instructed,
    } = encoder;
    let playing = play(camera, voice, instructed, surroundings.lateness.clone());
    let gone = async {
        while peer.is_connected() {
            sleep(LOOKS_EVERY).await;
        }
        bail!("the connection is gone")
    };
    let ended = tokio::select! {
        () = surroundings.leave.cancelled() => Ok(()),
        played = playing => played,
        gone = gone => gone,
    };
    if ended.is_ok() {
        let server = &surroundings.server;
        server.delete(&resource, &part.token).await?;
    }
    // The other side may be gone, which `ended` tells already.
    let _ = peer.close().await;
    ended
}

/// A connected encoder that does not play yet.
pub(crate) struct Encoder<E: End> {
    /// Its end.
    pub(crate) peer: E,
    /// What the server made for it.
    pub(crate) resource: Resource,
    /// Its camera with where the packets go, if it has one.
    pub(crate) camera: Option<(Camera, E::Outlet)>,
    /// Its voice with where the packets go, if it has one.
    pub(crate) voice: Option<(Voice, E::Outlet)>,
    /// What the server asks of it.
    pub(crate) instructed: UnboundedReceiver<Instruction>,
}

impl<E: End> Encoder<E> {
    /// Connects an encoder.
    ///
    /// # Errors
    /// When the server refuses it or media do not connect in time.
    pub(crate) async fn connect(part: &Part, surroundings: &Surroundings) -> anyhow::Result<Self> {
        let server = &surroundings.server;
        let mut lines = Vec::new();
        if part.microphone {
            lines.push(LineSpec::Voice);
        }
        if !part.layers.is_empty() {
            lines.push(LineSpec::Picture(part.layers.clone()));
        }
        let camera = lines.iter().position(LineSpec::is_video);
        let microphone = lines.iter().position(|line| !line.is_video());
        let (mut peer, instructed) =
            E::open(Way::Direct(server.bind()), lines, part.gauge.clone()).await?;
        let offer = peer.offer().await?;
        let resource = server
            .post_offer("whip", &surroundings.session, &part.token, offer)
            .await?;
        peer.answer(&resource.answer).await?;
        timeout(JOIN_TIMEOUT, peer.connected())
            .await
            .map_err(|_| anyhow!("media did not connect in {} s", JOIN_TIMEOUT.as_secs()))??;
        let (camera, voice) = players(&peer, camera, microphone, &surroundings.clips).await?;
        Ok(Self {
            peer,
            resource,
            camera,
            voice,
            instructed,
        })
    }
}
