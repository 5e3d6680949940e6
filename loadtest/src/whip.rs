//! An encoder that publishes by WHIP (RFC 9725).

use std::time::Instant;

use anyhow::anyhow;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

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
