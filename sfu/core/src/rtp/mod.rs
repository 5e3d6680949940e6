//! What a packet says of itself: its numbers, its codec, the picture that it belongs to. Nothing here knows a peer.

mod h264;
mod packet;
mod picture;
pub(crate) mod red;
mod vp8;
mod vp9;

pub(crate) use packet::{Codec, Layer, MAX_LAYERS, MediaPacket, Rewritten, clock_rate};
pub(crate) use picture::{PictureHeader, Reader};
pub(crate) use vp8::Temporal;
