//! What a packet says of itself: its numbers, its codec, the picture that it belongs to. Nothing here knows a peer.

mod codec;
mod h264;
mod packet;
mod picture;
pub(crate) mod red;
mod report;
mod rewritten;
mod vp8;
mod vp9;

pub(crate) use codec::{Codec, Layer, MAX_LAYERS, clock_rate};
pub(crate) use packet::MediaPacket;
pub(crate) use picture::{PictureHeader, Reader};
pub(crate) use report::{Feedback, SenderReport};
pub(crate) use rewritten::Rewritten;
pub(crate) use vp8::Temporal;
