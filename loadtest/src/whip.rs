//! An encoder that publishes by WHIP (RFC 9725).

use std::time::Instant;

use anyhow::anyhow;
use tokio::time::timeout;

use crate::participant::{JOIN_TIMEOUT, Part, Surroundings, make_camera, make_voice};
use crate::peer::Peer;
use crate::publish::play;
use crate::report::Observation;

/// Publishes until it is time to leave, and tells what it saw.
pub async fn publish(part: Part, surroundings: Surroundings) -> Observation {
    let mut observation = Observation::new(&part.name, &part.group);
    if let Err(error) = stay(&part, &surroundings, &mut observation).await {
        surroundings.failed(&error, &mut observation);
    }
    observation
}

async fn stay(
    part: &Part,
    surroundings: &Surroundings,
    observation: &mut Observation,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let server = &surroundings.server;
    let library = &surroundings.library;
    let (mut peer, instructed) = Peer::new(server.bind()).await?;
    let microphone = match part.microphone {
        true => Some(peer.send_audio("microphone").await?),
        false => None,
    };
    let camera = match part.layers.is_empty() {
        true => None,
        false => Some(peer.send_video("camera", &part.layers).await?),
    };
    let offer = peer.offer().await?;
    let resource = server
        .post_offer("whip", &surroundings.session, &part.token, offer)
        .await?;
    peer.answer(&resource.answer).await?;
    timeout(JOIN_TIMEOUT, peer.connected())
        .await
        .map_err(|_| anyhow!("media did not connect in {} s", JOIN_TIMEOUT.as_secs()))??;
    surroundings.arrived(began, observation);

    let seed = getrandom::u32()?;
    let camera = match &camera {
        Some(line) => Some(make_camera(library, line, seed).await?),
        None => None,
    };
    let voice = match &microphone {
        Some(line) => Some(make_voice(library, line, seed).await?),
        None => None,
    };
    let playing = play(camera, voice, instructed, surroundings.lateness.clone());
    let played = tokio::select! {
        () = surroundings.leave.cancelled() => Ok(()),
        played = playing => played,
    };
    server.delete(&resource, &part.token).await?;
    peer.close().await?;
    Ok(played?)
}
