//! When a line counts as weak: one threshold for the board, the room and the device check.

use crate::client::LinkReport;
use crate::media::MediaPath;

/// Above this share of lost packets, either way, in percent.
pub const WEAK_LOSS_PERCENT: f32 = 3.0;

/// Above this round trip, in milliseconds.
pub const WEAK_RTT_MS: f32 = 300.0;

impl LinkReport {
    /// Whether people notice the line: it loses too much, takes too long, or goes by TCP, which waits for what is lost.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.ingress_loss_percent > WEAK_LOSS_PERCENT
            || self.egress_loss_percent > WEAK_LOSS_PERCENT
            || self.rtt_ms.is_some_and(|rtt| rtt > WEAK_RTT_MS)
            || matches!(self.path, Some(MediaPath::Tcp | MediaPath::Tls))
    }
}
