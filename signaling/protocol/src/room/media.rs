//! Media as a room carries them: their negotiation, what each wants to receive, how they do.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ParticipantId;
use crate::explain::Explanation;
use crate::media::{
    DisconnectReason, MediaPath, PauseReason, ReceiveMode, SlotKind, Source, TrackRef,
};

/// What a client may ask about its own media.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum MediaCommand {
    /// Negotiates media. Sent once per `RTCPeerConnection`, and again only for an ICE restart of the same one.
    /// The answer comes as `MediaMessage::Answer`.
    Offer {
        /// The SDP offer.
        sdp: String,
        /// False for a new peer connection, true for an ICE restart of the present one.
        ice_restart: bool,
    },
    /// Chooses what to receive.
    SetReceive {
        /// The choice.
        mode: ReceiveMode,
    },
    /// Names the participants whose seats are in view, most wanted first; tiles go to them in this order.
    SetView {
        /// At most 40; more are ignored.
        seats: Vec<ParticipantId>,
        /// Shown on this viewer's stage whatever the room shows; none follows the room.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pinned: Option<TrackRef>,
    },
    /// Asks why one's own pictures are as they are. The answer comes as `MediaMessage::Explanation`.
    ExplainMedia,
}

/// About a client's media; of the moment, never journalled, lost ones are superseded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum MediaMessage {
    /// The answer to `Offer`.
    Answer {
        /// The SDP answer.
        sdp: String,
    },
    /// What a receive line shows from now on.
    SlotAssigned {
        /// The line's `mid`.
        mid: String,
        /// What it is for.
        kind: SlotKind,
        /// What it shows; none when it is free.
        track: Option<TrackRef>,
        /// Why nothing flows at the moment, although there is a track.
        paused: Option<PauseReason>,
    },
    /// Who can be heard, loudest first, at most 8; sent when it changes, at most 5 times a second.
    Speakers {
        /// The dominant speaker with hold time, for the main picture.
        active: Option<ParticipantId>,
        /// Who speaks now: level 0 (silent) to 127 (loudest).
        levels: Vec<SpeakerLevel>,
    },
    /// Which of the client's own layers somebody takes; it stops encoding the others.
    LayersWanted {
        /// Of which of its sources.
        source: Source,
        /// The rids, for example `["l", "m"]`; empty when nobody takes any.
        rids: Vec<String>,
    },
    /// How the client's link looks from the server; every 10 s.
    Link(LinkReport),
    /// The answer to `ExplainMedia`.
    Explanation(Explanation),
    /// The media transport is up.
    Connected {
        /// By which path.
        path: MediaPath,
    },
    /// The media transport is gone: restart ICE or make a new peer connection.
    Disconnected {
        /// Why.
        #[serde(default)]
        reason: DisconnectReason,
    },
    /// An encoder's media ended without a goodbye. Told to chair and secretary, as nobody sits in front of an encoder.
    EncoderLost {
        /// Which.
        participant: ParticipantId,
        /// Why.
        reason: DisconnectReason,
        /// More than `reason` says, in English, for the technician.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
}

/// A voice and its level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SpeakerLevel {
    /// Whose.
    pub participant: ParticipantId,
    /// 0 (silent) to 127 (loudest): 127 minus the level of RFC 6464.
    pub level: u8,
}

/// A link as the SFU measured it over the last 10 s. Ingress is toward the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LinkReport {
    /// Round trip, in milliseconds, if known.
    pub rtt_ms: Option<f32>,
    /// Lost of what the participant sent, in percent.
    pub ingress_loss_percent: f32,
    /// Lost of what the server sent, in percent.
    pub egress_loss_percent: f32,
    /// Received from the participant, bits per second.
    pub ingress_bps: u64,
    /// Sent to the participant, bits per second.
    pub egress_bps: u64,
    /// What the link toward the participant can carry, bits per second, if estimated.
    pub estimate_bps: Option<u64>,
    /// By which path, if connected.
    pub path: Option<MediaPath>,
}
