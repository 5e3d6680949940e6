//! What the parts of a room on several shards tell each other. What they do with it is [`crate::room`]'s.

use protocol::media::{Source, TrackRef};
use protocol::sfu::RoomPolicy;
use protocol::{ParticipantId, RoomId};

use crate::publishing::Grant;
use crate::rtp::{Layer, MediaPacket, SenderReport};

/// What one part of a room tells another.
#[derive(Debug, Clone)]
pub struct CascadeMessage {
    /// Which room.
    pub room: RoomId,
    pub(crate) body: Body,
}

impl CascadeMessage {
    /// Whether it may be lost: a packet may, as on any network; what says who publishes may not.
    #[must_use]
    pub const fn is_media(&self) -> bool {
        matches!(self.body, Body::Packet(..))
    }
}

/// What a message says.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// A branch has peers.
    Open,
    /// A branch has none any more, or the room is not there.
    Close,
    /// Whom the rules put first. A home says it first to a branch that opened.
    Policy(RoomPolicy),
    /// A participant may publish. If it is known already, it begins anew.
    Publisher(ParticipantId, Grant),
    /// It left.
    Gone(ParticipantId),
    /// Its voice or picture is let through, or not.
    Gate(ParticipantId, Source, bool),
    /// Nothing comes from it any more, or something does again.
    Silent(ParticipantId, bool),
    /// It sent this.
    Packet(ParticipantId, MediaPacket),
    /// It sent that report.
    Report(ParticipantId, SenderReport),
    /// Somebody takes this encoding.
    Taken(TrackRef, Layer),
    /// Somebody needs a keyframe of it.
    Keyframe(TrackRef, Layer),
}
