//! One client of the embedded TURN server (RFC 8656), without sockets or clocks: it decides what is answered and what
//! may be relayed where.
//!
//! Clients come over TLS alone, each on a connection of its own, and have at most one allocation there. They may reach
//! the media engine's own addresses and nothing else, so this is no relay for strangers even in the hands of one who
//! holds a credential. What browsers never ask of it is left out: TCP allocations (RFC 6062), reserved ports, mobility.
//!
//! ```text
//!          Allocate, 401 ─► Allocate, signed                Refresh(0), silence for a lifetime
//!  opened ─────────────────────────────────► allocated ────────────────────────────────────────► over
//!     └── nothing in time, wrong credentials ──────────────────────────────────────────────────► over
//! ```

mod client;
mod credential;
mod frame;
pub mod fuzz;
mod message;

pub use client::{Client, Now, Peers, Request, START_WITHIN, Shortage, Step};
pub use credential::{Credential, Credentials};
pub use frame::{MAX_PAYLOAD_BYTES, frame_length};

/// Why a connection is ended: what came is not TURN, or tries the patience of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Bytes that are neither a STUN message nor channel data, or contradict themselves.
    #[error("malformed")]
    Malformed,
    /// A frame beyond what a datagram of media can need.
    #[error("oversized")]
    Oversized,
    /// Credentials were wrong too often.
    #[error("unauthorized")]
    Unauthorized,
}

impl Fault {
    /// One word for a metric's label.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Oversized => "oversized",
            Self::Unauthorized => "unauthorized",
        }
    }
}
