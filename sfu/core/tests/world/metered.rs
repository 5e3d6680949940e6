//! The core, with an account of what it allocates.

use std::ops::Deref;
use std::time::Instant;

use allocation_counter::measure;
use sfu_core::{Input, Output, Sfu};

/// A core whose allocations are counted, apart from those of the emulated clients around it.
pub(crate) struct Metered {
    sfu: Sfu,
    /// Allocations while publishers' media were handed in and outputs taken; feedback of viewers is left out.
    pub(crate) media_allocations: u64,
    /// Datagrams that were at least this long were handed in: pictures, not feedback.
    pub(crate) media_datagrams: u64,
    /// Bytes that the core holds more than at its beginning.
    pub(crate) held_bytes: i64,
    /// How many datagrams each run had that was taken out, runs of feedback left out.
    pub(crate) runs: Vec<usize>,
    /// How often the core would have waited for the rest of a picture.
    pub(crate) waits: u64,
}

/// Feedback of an emulated viewer stays below this, packets of an emulated camera above.
const MEDIA_BYTES: usize = 500;

impl Metered {
    pub(crate) fn new(sfu: Sfu) -> Self {
        Self {
            sfu,
            media_allocations: 0,
            media_datagrams: 0,
            held_bytes: 0,
            runs: Vec::new(),
            waits: 0,
        }
    }

    pub(crate) fn handle(&mut self, now: Instant, input: Input<'_>) {
        let media =
            matches!(&input, Input::Datagram(datagram) if datagram.payload.len() > MEDIA_BYTES);
        let cost = measure(|| self.sfu.handle(now, input));
        self.held_bytes += cost.bytes_current;
        if media {
            self.media_datagrams += 1;
            self.media_allocations += cost.count_total;
            self.waits += u64::from(self.sfu.patience().is_some());
        }
    }

    pub(crate) fn poll_output(&mut self) -> Output {
        let mut output = None;
        let cost = measure(|| output = Some(self.sfu.poll_output()));
        self.held_bytes += cost.bytes_current;
        self.media_allocations += cost.count_total;
        let output = output.expect("the closure has run");
        if let Output::Transmit(run) = &output
            && run.segment > MEDIA_BYTES
        {
            self.runs.push(run.datagrams().len());
        }
        output
    }

    pub(crate) fn recycle(&mut self, buffer: Vec<u8>) {
        let cost = measure(|| self.sfu.recycle(buffer));
        self.held_bytes += cost.bytes_current;
    }
}

impl Deref for Metered {
    type Target = Sfu;

    fn deref(&self) -> &Sfu {
        &self.sfu
    }
}
