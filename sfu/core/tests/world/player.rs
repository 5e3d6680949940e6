//! What a viewer sees of one line: a decoder that needs every packet, in order, from a keyframe on.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::Who;
use super::client::Seen;

/// A decoder that got nowhere for this long asks for a keyframe, as browsers do.
const PATIENCE: Duration = Duration::from_secs(3);
/// The same while it never had a picture.
const FIRST_PATIENCE: Duration = Duration::from_millis(200);
/// What comes later than this after the picture before it is a freeze: 200 ms and three pictures.
const FREEZE: Duration = Duration::from_millis(300);

/// A picture that was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) at: Instant,
    pub(crate) who: Who,
    pub(crate) layer: usize,
    pub(crate) keyframe: bool,
}

/// One line's decoder.
#[derive(Debug, Default)]
pub(crate) struct Player {
    /// Packets that were not decoded yet.
    waiting: BTreeMap<u64, Seen>,
    /// The sequence number the decoder goes on with.
    next: Option<u64>,
    stuck_since: Option<Instant>,
    /// What was shown.
    pub(crate) shown: Vec<Shown>,
    /// Keyframes it asked for.
    pub(crate) asked: u32,
}

impl Player {
    /// Takes a packet. `true` when a keyframe is needed.
    pub(super) fn take(&mut self, packet: Seen) -> bool {
        if self.next.is_none_or(|next| packet.sequence >= next) {
            self.waiting.insert(packet.sequence, packet);
        }
        while self.show_next(packet.at) {}
        if self.waiting.is_empty() {
            self.stuck_since = None;
            return false;
        }
        let since = *self.stuck_since.get_or_insert(packet.at);
        let patience = if self.next.is_some() {
            PATIENCE
        } else {
            FIRST_PATIENCE
        };
        let asks = packet.at - since >= patience;
        if asks {
            self.asked += 1;
            self.stuck_since = Some(packet.at);
        }
        asks
    }

    /// Shows the picture that is due, or goes on at a whole keyframe behind a gap.
    fn show_next(&mut self, now: Instant) -> bool {
        let whole = |first: u64| {
            let packets = self.waiting.range(first..).zip(first..);
            packets
                .take_while(|((sequence, _), expected)| *sequence == expected)
                .find(|((_, packet), _)| packet.marker)
                .map(|((last, _), _)| *last)
        };
        let due = self
            .next
            .and_then(|next| whole(next).map(|last| (next, last)));
        let due = due.or_else(|| {
            let keyframes = self.waiting.values().filter(|packet| packet.keyframe);
            keyframes
                .map(|packet| packet.sequence)
                .find_map(|first| whole(first).map(|last| (first, last)))
        });
        let Some((first, last)) = due else {
            return false;
        };
        let picture = self.waiting[&first];
        self.shown.push(Shown {
            at: now,
            who: picture.who,
            layer: picture.layer,
            keyframe: picture.keyframe,
        });
        self.waiting = self.waiting.split_off(&(last + 1));
        self.next = Some(last + 1);
        self.stuck_since = None;
        true
    }

    /// Forgets what was shown; the last picture still stands.
    pub(super) fn forget(&mut self) {
        let last = self.shown.pop();
        self.shown.clear();
        self.shown.extend(last);
    }

    /// The longest time between two pictures, up to `end`.
    pub(crate) fn longest_gap(&self, end: Instant) -> Duration {
        self.gaps(end).max().unwrap_or_default()
    }

    /// How long the picture stood still.
    pub(crate) fn frozen(&self, end: Instant) -> Duration {
        self.gaps(end).filter(|gap| *gap > FREEZE).sum()
    }

    fn gaps(&self, end: Instant) -> impl Iterator<Item = Duration> + '_ {
        let next = self.shown.iter().skip(1).map(|shown| shown.at);
        self.shown
            .iter()
            .zip(next.chain([end]))
            .map(|(shown, next)| next - shown.at)
    }
}
