//! Words about media that every wire shares.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ParticipantId;

/// What a participant publishes. Each participant has at most one track of each source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Source {
    /// The voice of the point.
    Microphone,
    /// The camera of the point, simulcast with rids `l`, `m`, `h` when the client can.
    Camera,
    /// A shared screen or document, one layer.
    Screen,
}

impl Source {
    /// Whether this source is a picture.
    #[must_use]
    pub const fn is_video(self) -> bool {
        matches!(self, Self::Camera | Self::Screen)
    }
}

/// Names a published track: its publisher and its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TrackRef {
    /// Who publishes it.
    pub participant: ParticipantId,
    /// Which of that participant's sources it is.
    pub source: Source,
}

/// The set of receive lines a client offers, chosen at joining. `(stage, tiles, screen, audio)` as in [`Profile::slots`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Profile {
    /// A person's computer: the chair's desk, a trainer.
    Desk,
    /// A room device in a hall.
    Room,
    /// A phone.
    Phone,
    /// A WHEP player: one picture, one voice.
    Whep,
    /// A WHIP encoder: receives nothing.
    Whip,
}

/// How many receive lines of each kind a profile has, in the order the client offers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotCounts {
    /// The main picture.
    pub stage: usize,
    /// Small pictures of seats in view.
    pub tiles: usize,
    /// The shared screen.
    pub screen: usize,
    /// Voices.
    pub audio: usize,
}

impl Profile {
    /// The receive lines of this profile; a client's offer lists, after its own microphone, camera and screen,
    /// the audio slots, the stage, the tiles and the screen slot, each kind in a row.
    #[must_use]
    pub const fn slots(self) -> SlotCounts {
        let (stage, tiles, screen, audio) = match self {
            Self::Desk => (1, 24, 1, 4),
            Self::Room => (1, 8, 1, 4),
            Self::Phone => (1, 3, 1, 4),
            Self::Whep => (1, 0, 0, 1),
            Self::Whip => (0, 0, 0, 0),
        };
        SlotCounts {
            stage,
            tiles,
            screen,
            audio,
        }
    }
}

/// What a receive line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SlotKind {
    /// The main picture.
    Stage,
    /// A small picture.
    Tile,
    /// The shared screen.
    Screen,
    /// A voice.
    Audio,
}

/// What a viewer chose to receive. The SFU obeys; nobody else's picture changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ReceiveMode {
    /// All pictures at the best quality that fits ("Tất cả").
    #[default]
    Everything,
    /// All pictures at their lowest layer ("Tiết kiệm").
    Low,
    /// The shared screen and sound ("Chỉ bài trình chiếu").
    ScreenOnly,
    /// Sound alone ("Chỉ nghe").
    AudioOnly,
}

/// Why a slot that has a track shows nothing at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum PauseReason {
    /// The viewer's link does not carry it.
    Bandwidth,
    /// The viewer chose not to receive it.
    Choice,
    /// The publisher sends nothing.
    Muted,
    /// The viewer's browser cannot decode how it is encoded.
    Codec,
}

/// How media travel between a participant and the SFU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum MediaPath {
    /// ICE over UDP.
    Udp,
    /// ICE over TCP (RFC 6544).
    Tcp,
    /// Datagrams through the TURN server on the port of HTTPS, over TLS: what passes where nothing else does.
    Tls,
}
