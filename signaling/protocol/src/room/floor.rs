//! The floor (Mời phát biểu), in the words of RFC 8855.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ParticipantId, UtcMicros};

/// How long a microphone that is opened by a grant of the floor is announced to its owner, whose hand is not up.
pub const TURN_OPENS_AFTER: Duration = Duration::from_secs(3);

/// By how much a turn is made longer at a time.
pub const TURN_EXTENDED_BY: Duration = Duration::from_secs(60);

/// How long before its end a turn is said to be nearly over. The clients say it: the server tells the end beforehand.
pub const TURN_NEARLY_OVER: Duration = Duration::from_secs(30);

/// How long turns may be set to last, in seconds.
pub const TURN_LENGTHS: RangeInclusive<u32> = 30..=7_200;

/// What may be asked about the floor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum FloorCommand {
    /// Gives the floor (Mời phát biểu): puts the participant on the main picture and opens that microphone for the turn,
    /// locked or not: at once when the hand is up, else after [`TURN_OPENS_AFTER`], within which the holder may decline
    /// by `ReleaseFloor` (Chưa). Every other open microphone but those of chair and secretary is muted. Their owners may
    /// open them again; those who do not get them back when the floor is free. While somebody else holds the floor, the
    /// participant becomes *next* (kế tiếp) and nobody is cut off, unless `interrupt` says so.
    GrantFloor {
        /// To whom.
        participant: ParticipantId,
        /// Ends the turn of whoever holds the floor (Mời ngay).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        interrupt: bool,
    },
    /// Takes back that somebody is next.
    CancelNext,
    /// Ends the turn. By the holder (Kết thúc phát biểu, Chưa): whoever is next has the floor. By chair or secretary
    /// (Thảo luận): the floor is free and nobody is next.
    ReleaseFloor,
    /// Sets how long the turns that begin from now on last. Those of chair and secretary have no end.
    SetTurnLength {
        /// In seconds, within [`TURN_LENGTHS`]; none for as long as it takes.
        seconds: Option<u32>,
    },
    /// Moves the end of the present turn by [`TURN_EXTENDED_BY`] (+1 phút).
    ExtendTurn,
    /// Sets in which order raised hands stand in the queue.
    SetQueueOrder {
        /// Whether those stand first who have not spoken yet.
        unheard_first: bool,
    },
}

/// What happened to the floor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum FloorEvent {
    /// The floor was given, or is announced again to a holder who came back by another page.
    FloorGranted {
        /// To whom.
        participant: ParticipantId,
        /// By whom.
        by: ParticipantId,
        /// When the microphone opens, which `MicrophoneChanged` tells; none when it opens at once.
        #[serde(default)]
        opens_at_us: Option<UtcMicros>,
        /// When the turn is over; none for as long as it takes.
        #[serde(default)]
        ends_at_us: Option<UtcMicros>,
        /// What they asked to speak about.
        #[serde(default)]
        topic: Option<String>,
    },
    /// The floor is free.
    FloorReleased {
        /// Who held it.
        participant: ParticipantId,
        /// Whether the holder declined before the microphone opened (Chưa).
        #[serde(default)]
        declined: bool,
        /// Whether the time of the turn was over.
        #[serde(default)]
        expired: bool,
    },
    /// Somebody will have the floor next, or nobody.
    NextChanged {
        /// Who.
        participant: Option<ParticipantId>,
    },
    /// Turns that begin from now on last otherwise.
    TurnLengthChanged {
        /// In seconds; none for as long as it takes.
        seconds: Option<u32>,
    },
    /// The present turn ends at another moment.
    TurnEndMoved {
        /// When.
        ends_at_us: UtcMicros,
    },
    /// Raised hands stand in another order.
    QueueOrderChanged {
        /// Whether those stand first who have not spoken yet.
        unheard_first: bool,
    },
}

/// What somebody has spoken so far, in turns that went beyond their announcement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Heard {
    /// Who.
    pub participant: ParticipantId,
    /// In how many turns.
    pub turns: u32,
    /// For how long in all, in microseconds.
    pub spoken_us: u64,
}

/// A turn at the floor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Turn {
    /// When the floor was given.
    pub since_us: UtcMicros,
    /// When the holder's microphone opens by itself; none once it has, or its owner or the chair decided otherwise.
    pub opens_at_us: Option<UtcMicros>,
    /// When it is over; none for as long as it takes.
    pub ends_at_us: Option<UtcMicros>,
    /// What the holder asked to speak about.
    pub topic: Option<String>,
}
