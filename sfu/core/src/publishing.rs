//! A participant as a publisher: what it may send, what of it came, and where it is.

use protocol::ParticipantId;
use protocol::media::Source;

use crate::keys::{MemberKey, ShardId, TrackKey};

/// What somebody may publish.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    /// Whether microphone, camera and screen are let through.
    pub(crate) open: [bool; 3],
    /// The names of encodings, of sources that have several.
    pub(crate) rids: Vec<(Source, Vec<String>)>,
}

impl Grant {
    /// The names of a source's encodings, smallest first; none without simulcast.
    pub(crate) fn rids_of(&self, source: Source) -> Vec<String> {
        let rids = self.rids.iter().find(|(of, _)| *of == source);
        rids.map(|(_, rids)| rids.clone()).unwrap_or_default()
    }
}

/// Somebody's part in a room as a publisher.
#[derive(Debug)]
pub(crate) struct Publishing {
    pub(crate) grant: Grant,
    /// By source: what of it came.
    pub(crate) tracks: [Option<TrackKey>; 3],
    /// Whether nothing at all comes from it at present.
    pub(crate) silent: bool,
}

impl Publishing {
    pub(crate) const fn new(grant: Grant) -> Self {
        Self {
            grant,
            tracks: [None; 3],
            silent: false,
        }
    }
}

/// Where a publisher is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// On this shard.
    Here(MemberKey),
    /// On another, or behind it.
    There(ShardId, ParticipantId),
}
