//! What of a packet is its receiver's own.

/// What changes in a packet on its way to one subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rewritten {
    /// The sequence number, extended.
    pub(crate) sequence: u64,
    /// The RTP time.
    pub(crate) time: u32,
    /// The RTP marker bit.
    pub(crate) marker: bool,
    /// The VP8 picture id, if the packet has one.
    pub(crate) picture: Option<u16>,
    /// The VP8 TL0PICIDX, if the packet has one.
    pub(crate) tl0: Option<u8>,
}
