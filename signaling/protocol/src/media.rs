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

/// Why a peer ended without being told to: what whoever looks after the encoder, player or network can do something
/// about. Its name in JSON is also its label in metrics and logs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum DisconnectReason {
    /// No ICE check came: a firewall is between, or the client went away.
    NeverReached,
    /// ICE found a way, but the DTLS handshake came to no end.
    HandshakeTimeout,
    /// The client broke the handshake off, with an alert.
    RefusedByClient,
    /// The client showed no certificate.
    CertificateMissing,
    /// The client's certificate is broken, or of a kind that is not taken.
    CertificateRefused,
    /// The client's certificate is not the one whose fingerprint its offer names.
    FingerprintMismatch,
    /// There is no cipher, extension or SRTP profile that both ends take.
    NothingInCommon,
    /// The handshake failed in another way.
    HandshakeFailed,
    /// Nothing was heard for a while after it was connected.
    Lost,
    /// The client said goodbye.
    Closed,
    /// The engine failed.
    EngineFailed,
    /// Not told, or in a word that this end does not know.
    #[default]
    Unknown,
}

impl DisconnectReason {
    /// Every reason.
    pub const ALL: [Self; 12] = [
        Self::NeverReached,
        Self::HandshakeTimeout,
        Self::RefusedByClient,
        Self::CertificateMissing,
        Self::CertificateRefused,
        Self::FingerprintMismatch,
        Self::NothingInCommon,
        Self::HandshakeFailed,
        Self::Lost,
        Self::Closed,
        Self::EngineFailed,
        Self::Unknown,
    ];

    /// Its name, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NeverReached => "never_reached",
            Self::HandshakeTimeout => "handshake_timeout",
            Self::RefusedByClient => "refused_by_client",
            Self::CertificateMissing => "certificate_missing",
            Self::CertificateRefused => "certificate_refused",
            Self::FingerprintMismatch => "fingerprint_mismatch",
            Self::NothingInCommon => "nothing_in_common",
            Self::HandshakeFailed => "handshake_failed",
            Self::Lost => "lost",
            Self::Closed => "closed",
            Self::EngineFailed => "engine_failed",
        }
    }
}

/// A word of a newer version is [`DisconnectReason::Unknown`].
impl<'de> Deserialize<'de> for DisconnectReason {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let known = Self::ALL.into_iter().find(|reason| reason.as_str() == word);
        Ok(known.unwrap_or_default())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_go_through_json_under_their_names_and_new_ones_are_unknown() {
        for (at, reason) in DisconnectReason::ALL.into_iter().enumerate() {
            assert_eq!(
                reason as usize, at,
                "the order of the list is that of the type"
            );
            let json = serde_json::to_string(&reason).unwrap();
            assert_eq!(json, format!("\"{}\"", reason.as_str()));
            let back: DisconnectReason = serde_json::from_str(&json).unwrap();
            assert_eq!(back, reason);
        }
        let new: DisconnectReason = serde_json::from_str("\"struck_by_lightning\"").unwrap();
        assert_eq!(new, DisconnectReason::Unknown);
    }
}
