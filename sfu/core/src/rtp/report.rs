//! What RTCP says of a stream or a link.

use std::time::{Duration, Instant};

use protocol::media::Source;

use super::Layer;

/// A publisher's statement that a moment in its clock is a moment in RTP time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SenderReport {
    /// What it is about.
    pub(crate) source: Source,
    /// Of which encoding.
    pub(crate) layer: Layer,
    /// Of the publisher's stream.
    pub(crate) ssrc: u32,
    /// NTP time, 32.32 fixed point.
    pub(crate) ntp: u64,
    /// The RTP time as sent, 32 bits.
    pub(crate) rtp: u32,
    /// When it came.
    pub(crate) received: Instant,
}

/// What one transport feedback says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Feedback {
    /// How long the packets sent last waited at the bottleneck.
    pub(crate) queue: Duration,
    /// Packets that feedback told of since the beginning.
    pub(crate) packets: u64,
    /// How many of them were lost.
    pub(crate) lost: u64,
}
