//! Streams that a client sends: what each carries, and its packets as the room takes them.

use protocol::media::Source;
use str0m::format;
use str0m::media::Pt;
use str0m::rtp::{RtpPacket, Ssrc};

use super::Peer;
use crate::rtp::{Codec, Layer, MAX_LAYERS, MediaPacket, Reader, red};

/// The longest RTP payload that is forwarded. Clients keep well below; a longer one would not fit the viewers' packets.
const MAX_PAYLOAD_BYTES: usize = 1400;

/// A stream that comes, and what it carries.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) ssrc: Ssrc,
    pub(super) source: Source,
    pub(super) layer: Layer,
    /// Whether other streams carry other encodings of the same picture.
    simulcast: bool,
    /// Of its last packet.
    pt: Pt,
    codec: Codec,
    reader: Reader,
}

impl Peer {
    /// What the room is told of a packet; `None` for one that is not forwarded.
    pub(super) fn media_packet(&mut self, mut packet: RtpPacket) -> Option<MediaPacket> {
        if packet.payload.len() > MAX_PAYLOAD_BYTES {
            return None;
        }
        if let Some((red, opus)) = self.red
            && packet.header.payload_type == red
        {
            // Viewers are sent redundancy by what they lose, not by what the publisher adds.
            packet.header.payload_type = opus;
            packet.payload = red::primary(&packet.payload)?.into();
        }
        let (ssrc, marker) = (packet.header.ssrc, packet.header.marker);
        let (sequence, time) = (*packet.seq_no, packet.time.numer());
        let route = self.route(ssrc, packet.header.payload_type)?;
        let (source, codec) = (route.source, route.codec);
        let scalable = codec == Codec::Vp9 && !route.simulcast;
        let mut layer = route.layer;
        let picture = if source.is_video() {
            let payload = &packet.payload;
            Some(route.reader.read(codec, sequence, time, marker, payload)?)
        } else {
            None
        };
        if scalable && let Some(spatial) = picture.and_then(|picture| picture.spatial()) {
            layer = usize::from(spatial.layer);
            if layer >= MAX_LAYERS {
                return None;
            }
        }
        let loudness = packet
            .header
            .ext_vals
            .audio_level
            .map(|level| 127 - level.unsigned_abs().min(127));
        Some(MediaPacket {
            source,
            layer,
            scalable,
            codec,
            ssrc: *ssrc,
            sequence,
            time,
            marker,
            received: packet.timestamp,
            payload: packet.payload,
            picture,
            loudness,
        })
    }

    /// What a stream carries; learnt from the engine when it is first seen, and again when its encoding changes.
    fn route(&mut self, ssrc: Ssrc, pt: Pt) -> Option<&mut Incoming> {
        let known = self.routes.iter().position(|route| route.ssrc == ssrc);
        if let Some(at) = known
            && self.routes[at].pt == pt
        {
            return self.routes.get_mut(at);
        }
        let mut params = self.rtc.codec_config().params().iter();
        let params = params.find(|params| params.pt() == pt)?;
        let codec = codec_of(params.spec().codec)?;
        if let Some(at) = known {
            let route = &mut self.routes[at];
            if codec.is_picture() != route.source.is_video() {
                return None;
            }
            (route.pt, route.codec, route.reader) = (pt, codec, Reader::default());
            return Some(route);
        }
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_rx(&ssrc)?;
        let (mid, rid) = (stream.mid(), stream.rid());
        let line = self.publish.iter().find(|line| line.mid == mid)?;
        let layer = match rid {
            Some(rid) => line.rids.iter().position(|known| *known == rid)?,
            None => 0,
        };
        if codec.is_picture() != line.source.is_video() {
            return None;
        }
        // A publisher that restarts its encoder uses a new stream; the old one is forgotten with its place.
        self.routes
            .retain(|route| route.source != line.source || route.layer != layer);
        self.routes.push(Incoming {
            ssrc,
            source: line.source,
            layer,
            simulcast: line.rids.len() > 1,
            pt,
            codec,
            reader: Reader::default(),
        });
        self.routes.last_mut()
    }
}

pub(super) const fn codec_of(codec: format::Codec) -> Option<Codec> {
    match codec {
        format::Codec::Opus => Some(Codec::Opus),
        format::Codec::Vp8 => Some(Codec::Vp8),
        format::Codec::H264 => Some(Codec::H264),
        format::Codec::Vp9 => Some(Codec::Vp9),
        _ => None,
    }
}
