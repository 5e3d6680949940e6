//! Why a viewer's pictures are as they are: what the media engine gives each line, and what holds it back.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::media::{ReceiveMode, SlotKind, TrackRef};

/// One viewer's share of its link, picture by picture, as the media engine last allotted it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Explanation {
    /// Whether the media transport is up.
    pub connected: bool,
    /// What the viewer chose to receive.
    #[schema(value_type = String, example = "everything")]
    pub mode: ReceiveMode,
    /// What the link toward the viewer can carry, bits per second; none when it is not estimated.
    pub estimate_bps: Option<u64>,
    /// What is set aside for voices before any picture, bits per second.
    pub voices_bps: u64,
    /// What is left of the estimate for pictures, after voices and the share for repairs, bits per second; none when the
    /// link is not estimated.
    pub budget_bps: Option<u64>,
    /// The lines that show a picture or could: most wanted first, those that the viewer chose not to receive last.
    pub pictures: Vec<PictureExplanation>,
}

/// One picture on one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct PictureExplanation {
    /// The line.
    pub mid: String,
    /// What the line is for.
    #[schema(value_type = String, example = "stage")]
    pub kind: SlotKind,
    /// What it shows.
    #[schema(value_type = Object)]
    pub track: TrackRef,
    /// What each encoding of the track needs, bits per second, smallest first.
    pub needed_bps: Vec<u64>,
    /// The encoding that is given, an index into `needed_bps`; none when the picture is paused.
    pub given: Option<u8>,
    /// The encoding that flows at this moment; it trails what is given until its next keyframe.
    pub flowing: Option<u8>,
    /// What holds the picture back.
    pub reason: PictureReason,
}

/// What holds a picture back from being better than it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum PictureReason {
    /// Nothing: it is the best that its publisher offers.
    Best,
    /// The link toward the viewer carries no more, after what is wanted more.
    Link,
    /// The link seems to carry more, and the next encoding comes when that has held for a moment.
    Rising,
    /// The encoding is given, and its first whole picture is awaited.
    Keyframe,
    /// The publisher sends no better one at the moment: its own link, its machine or its camera allow no more.
    Publisher,
    /// The viewer chose to receive less.
    Choice,
    /// It is shown so small that a better one would not be seen.
    View,
    /// The viewer's browser cannot decode how it is encoded.
    Codec,
    /// The publisher sends nothing: camera off, or its transport is silent.
    Muted,
}
