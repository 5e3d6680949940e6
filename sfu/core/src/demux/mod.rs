//! Whose datagram is this: by what it looks like, the name in it, or the address it comes from.

mod stun;

pub(crate) use stun::{DatagramKind, classify, receiver_ufrag};
