//! Signaling ↔ SFU: the control link. In one process it is a pair of channels; to another node it is a stream of
//! the same values as JSON lines.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::client::LinkReport;
use crate::explain::Explanation;
use crate::media::{
    DisconnectReason, MediaPath, PauseReason, Profile, ReceiveMode, SlotKind, Source, TrackRef,
};
use crate::{ParticipantId, RecordingId, RoomId};

/// Pairs an answer with its question; chosen by signaling, never reused while the link lives.
pub type RequestId = u64;

/// What signaling asks of the SFU. Commands about rooms and participants that do not exist are ignored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SfuCommand {
    /// Makes a peer for a participant from its first offer. A peer of the same participant is closed first.
    /// Answered by `Answered` or `Refused`.
    Join {
        /// For the answer.
        request: RequestId,
        /// Into which room; the room opens with its first peer.
        room: RoomId,
        /// For whom.
        participant: ParticipantId,
        /// Which lines the offer has.
        profile: Profile,
        /// Whether the participant may publish at all. A viewer's media are dropped.
        may_publish: bool,
        /// Whether its audio is forwarded; see `SetGate`.
        microphone_open: bool,
        /// The SDP offer.
        offer: String,
    },
    /// Restarts ICE of an existing peer. Answered like `Join`.
    IceRestart {
        /// For the answer.
        request: RequestId,
        /// In which room.
        room: RoomId,
        /// Whose peer.
        participant: ParticipantId,
        /// The SDP offer.
        offer: String,
    },
    /// Ends a peer. No event follows.
    Leave {
        /// In which room.
        room: RoomId,
        /// Whose peer.
        participant: ParticipantId,
    },
    /// Ends a room and all its peers. No event follows.
    CloseRoom {
        /// Which.
        room: RoomId,
    },
    /// Whether a participant's audio is forwarded. Takes effect before fan-out, also towards relays.
    SetGate {
        /// In which room.
        room: RoomId,
        /// Whose.
        participant: ParticipantId,
        /// Forwarded or dropped.
        microphone_open: bool,
    },
    /// Whether a participant's pictures are forwarded (camera or screen switched off, or screen not granted).
    SetPublishing {
        /// In which room.
        room: RoomId,
        /// Whose.
        participant: ParticipantId,
        /// `Camera` or `Screen`.
        source: Source,
        /// Forwarded or dropped.
        on: bool,
    },
    /// Whom the room's rules put first. Kept also for a room that has no peer yet.
    SetPolicy {
        /// In which room.
        room: RoomId,
        /// The rules.
        policy: RoomPolicy,
    },
    /// What a viewer chose.
    SetReceive {
        /// In which room.
        room: RoomId,
        /// Whose choice.
        participant: ParticipantId,
        /// The choice.
        mode: ReceiveMode,
    },
    /// Which seats a viewer sees.
    SetView {
        /// In which room.
        room: RoomId,
        /// Whose view.
        participant: ParticipantId,
        /// Most wanted first.
        seats: Vec<ParticipantId>,
        /// The viewer's own choice for its stage.
        pinned: Option<TrackRef>,
    },
    /// Asks why a viewer's pictures are as they are. Answered by `Explained`.
    Explain {
        /// For the answer.
        request: RequestId,
        /// In which room.
        room: RoomId,
        /// Whose pictures.
        participant: ParticipantId,
    },
    /// Begins to relay a room's tracks, present and future, to the recorder under this id; repeating it does nothing.
    StartRelay {
        /// Which room.
        room: RoomId,
        /// Under which id.
        recording: RecordingId,
    },
    /// Ends that relay.
    StopRelay {
        /// Which room.
        room: RoomId,
        /// Under which id.
        recording: RecordingId,
    },
}

/// Whom the rules of a room put first: their audio always flows, and they choose the main picture.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RoomPolicy {
    /// Who chairs.
    pub chair: Option<ParticipantId>,
    /// Who holds the floor.
    pub floor: Option<ParticipantId>,
    /// Whom everybody is made to see.
    pub broadcast: Option<ParticipantId>,
}

/// What the SFU reports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SfuEvent {
    /// An offer was accepted.
    Answered {
        /// Of the command.
        request: RequestId,
        /// The SDP answer, with the node's candidates.
        answer: String,
    },
    /// An offer was not accepted.
    Refused {
        /// Of the command.
        request: RequestId,
        /// Why.
        reason: OfferRefusal,
    },
    /// The answer to `Explain`.
    Explained {
        /// Of the command.
        request: RequestId,
        /// The explanation; none when there is no such peer.
        explanation: Option<Explanation>,
    },
    /// A peer's transport is up, for the first time or again.
    Connected {
        /// In which room.
        room: RoomId,
        /// Whose.
        participant: ParticipantId,
        /// By which path, as the SFU sees it: what a TURN server relays comes over UDP.
        path: MediaPath,
        /// The address it comes from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<SocketAddr>,
    },
    /// A peer's transport failed or its engine ended; the peer is gone.
    Disconnected {
        /// In which room.
        room: RoomId,
        /// Whose.
        participant: ParticipantId,
        /// Why.
        #[serde(default)]
        reason: DisconnectReason,
        /// More than `reason` says, in English, for the technician.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
    /// The first packet of a track came.
    TrackStarted {
        /// In which room.
        room: RoomId,
        /// Which.
        track: TrackRef,
    },
    /// A receive line shows something else.
    SlotAssigned {
        /// In which room.
        room: RoomId,
        /// Whose line.
        participant: ParticipantId,
        /// Which line.
        mid: String,
        /// What it is for.
        kind: SlotKind,
        /// What it shows.
        track: Option<TrackRef>,
        /// Why nothing flows.
        paused: Option<PauseReason>,
    },
    /// Who speaks, at most 5 times a second per room.
    Speakers {
        /// In which room.
        room: RoomId,
        /// The dominant speaker.
        active: Option<ParticipantId>,
        /// Loudest first, at most 8: participant and level 0..=127 (127 loudest).
        levels: Vec<(ParticipantId, u8)>,
    },
    /// Which layers of a track somebody takes.
    LayersWanted {
        /// In which room.
        room: RoomId,
        /// Which track.
        track: TrackRef,
        /// The rids.
        rids: Vec<String>,
    },
    /// How a peer's link did over the last 10 s.
    Link {
        /// In which room.
        room: RoomId,
        /// Whose.
        participant: ParticipantId,
        /// The measurement.
        report: LinkReport,
        /// The address that its packets come from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<SocketAddr>,
    },
}

/// Why an offer was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OfferRefusal {
    /// It is not SDP for WebRTC.
    BadSdp {
        /// What is wrong, in English, for the technician.
        detail: String,
    },
    /// A fingerprint of the client's certificate is none (RFC 8122).
    BadFingerprint {
        /// What is wrong, in English, for the technician.
        detail: String,
    },
    /// The certificate is named by a hash that proves nothing.
    WeakFingerprint {
        /// Which, in English, for the technician.
        detail: String,
    },
    /// It is SDP, and offers what is not done here, or not what the profile promises.
    BadOffer {
        /// What is wrong, in English, for the technician.
        detail: String,
    },
    /// There is no such peer (ICE restart).
    NoPeer,
    /// The node takes no more peers.
    NodeFull,
    /// The node takes no more peers that only receive: what is left is for those who take part.
    NodeReserved,
}
