//! Media that did not come, with from and to.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::relay::StreamId;

/// Packets of one stream, one after the other, that were dropped on the way to the recorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// How many.
    pub dropped: u64,
    /// When the first of them came, on the server's monotonic clock.
    pub from_us: u64,
    /// When the last of them came.
    pub to_us: u64,
}

/// The gaps that are still open or have not been told yet, at most one a stream.
#[derive(Debug, Default)]
pub struct Gaps(HashMap<StreamId, Gap>);

impl Gaps {
    /// A packet of a stream that came at `at_us` is dropped: begins a gap, or lengthens it.
    pub fn add(&mut self, stream: StreamId, at_us: u64) {
        let gap = self.0.entry(stream).or_insert(Gap {
            dropped: 0,
            from_us: at_us,
            to_us: at_us,
        });
        gap.dropped += 1;
        gap.to_us = at_us;
    }

    /// What is to be told of a stream.
    #[must_use]
    pub fn of(&self, stream: StreamId) -> Option<Gap> {
        self.0.get(&stream).copied()
    }

    /// The same, and from here on there is nothing to be told.
    pub fn take(&mut self, stream: StreamId) -> Option<Gap> {
        self.0.remove(&stream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gap_spans_what_was_dropped_of_its_stream_since_it_was_told() {
        let mut gaps = Gaps::default();
        for at_us in [10, 20, 30] {
            gaps.add(1, at_us);
        }
        gaps.add(2, 25);
        let first = Gap {
            dropped: 3,
            from_us: 10,
            to_us: 30,
        };
        assert_eq!(gaps.of(1), Some(first));
        assert_eq!(gaps.take(1), Some(first));
        assert_eq!(gaps.of(1), None);
        gaps.add(1, 40);
        assert_eq!(
            gaps.of(1).map(|gap| (gap.dropped, gap.from_us)),
            Some((1, 40))
        );
        assert_eq!(gaps.of(2).map(|gap| gap.dropped), Some(1));
    }
}
