//! Patch 21: media packets that leave at once, past the queue of their stream.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use crate::format::PayloadParams;
use crate::media::Media;
use crate::packet::Vp8Patch;
use crate::rtp_::{Extension, ExtensionMap, ExtensionValues, Frequency};
use crate::rtp_::{Pt, SeqNo};

use super::{RtpWrite, StreamTx};

/// The longest RTP header that is written here: the fixed part (RFC 3550, section 5.1), what announces
/// extensions, and five of them (RFC 8285, section 4.2), padded.
const HEAD_MAX: usize = 12 + 4 + (1 + 3) + (1 + 2) + (1 + 1) + 2 * (1 + 16) + 1;

/// A media packet that leaves at once if it can.
#[derive(Debug)]
pub struct MediaWrite {
    /// Payload type.
    pub pt: Pt,
    /// Extended sequence number.
    pub seq_no: SeqNo,
    /// RTP time, in units of the payload type's clock.
    pub time: u32,
    /// When what it carries happened, as far as that is known.
    pub wallclock: Instant,
    /// RTP marker.
    pub marker: bool,
    /// Level of a voice, -127 (silence) to 0 dBov (RFC 6464).
    pub audio_level: Option<i8>,
    /// Whether it is kept for those who ask for it again.
    pub nackable: bool,
    /// RTP payload.
    pub payload: Arc<[u8]>,
    /// What is put over the payload on its way out.
    pub patch: Option<Vp8Patch>,
}

impl From<MediaWrite> for RtpWrite {
    fn from(write: MediaWrite) -> Self {
        let MediaWrite {
            pt,
            seq_no,
            time,
            wallclock,
            ..
        } = write;
        let mut rtp = RtpWrite::new(pt, seq_no, time, wallclock, write.payload)
            .marker(write.marker)
            .nackable(write.nackable);
        rtp.ext_vals = ExtensionValues {
            audio_level: write.audio_level,
            voice_activity: write.audio_level.map(|_| true),
            ..ExtensionValues::default()
        };
        rtp.vp8_patch = write.patch;
        rtp
    }
}

/// What was negotiated for the packets of a stream, as far as each of them needs it. It is looked up for the first
/// packet of a payload type: medias, codecs and extensions are far more memory than a packet should touch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Negotiated {
    pt: Pt,
    clock_rate: Frequency,
    has_rtx: bool,
    abs_send_time: Option<u8>,
    transport_cc: Option<u8>,
    audio_level: Option<u8>,
    mid: Option<u8>,
    rid: Option<u8>,
}

impl Negotiated {
    fn new(pt: Pt, exts: &ExtensionMap, params: &[PayloadParams]) -> Option<Self> {
        let of_pt = |p: &&PayloadParams| p.pt() == pt || p.red() == Some(pt);
        let param = params.iter().find(of_pt)?;
        Some(Self {
            pt,
            clock_rate: param.spec().rtp_clock_rate(),
            has_rtx: param.resend().is_some() && param.red() != Some(pt),
            abs_send_time: exts.id_of(Extension::AbsoluteSendTime),
            transport_cc: exts.id_of(Extension::TransportSequenceNumber),
            audio_level: exts.id_of(Extension::AudioLevel),
            mid: exts.id_of(Extension::RtpMid),
            rid: exts.id_of(Extension::RtpStreamId),
        })
    }

    /// Whether packets are numbered for transport feedback.
    pub(crate) fn numbers_packets(&self) -> bool {
        self.transport_cc.is_some()
    }
}

/// An RTP header being written.
pub(crate) struct Head {
    bytes: [u8; HEAD_MAX],
    len: usize,
}

impl Head {
    fn put(&mut self, bytes: &[u8]) {
        self.bytes[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    fn put_extension(&mut self, id: u8, value: &[u8]) {
        self.put(&[id << 4 | (value.len() - 1) as u8]);
        self.put(value);
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl StreamTx {
    /// Patch 26: see [`crate::Rtc::touch`].
    pub(crate) fn touch(&self) {
        black_box((self.is_clear(), self.unpaced, self.negotiated, self.ssrc));
        black_box((self.remote_acked_ssrc, self.stats.packets, self.clock_rate));
        black_box((self.rtp_and_wallclock, self.last_used, self.pt_for_padding));
        self.send_queue.touch();
        if let Some(h) = &self.stats.bytes_transmitted {
            h.touch();
        }
        self.rtx_cache.touch();
    }

    /// Whether a packet written now would be the next to leave.
    pub(crate) fn is_clear(&self) -> bool {
        self.kind.is_some() && self.send_queue.is_empty() && self.resends.is_empty()
    }

    /// Whether packets leave without pacing.
    pub(crate) fn is_unpaced(&self) -> bool {
        self.unpaced.unwrap_or(true)
    }

    /// What was negotiated for packets of this payload type.
    pub(crate) fn negotiated(
        &mut self,
        pt: Pt,
        medias: &[Media],
        params: &[PayloadParams],
    ) -> Option<Negotiated> {
        if let Some(known) = self.negotiated.filter(|known| known.pt == pt) {
            return Some(known);
        }
        let mid = self.mid();
        let media = medias.iter().find(|m| m.mid() == mid)?;
        self.negotiated = Negotiated::new(pt, media.remote_extmap(), params);
        self.negotiated
    }

    /// Another negotiation has taken place.
    pub(crate) fn forget_negotiated(&mut self) {
        self.negotiated = None;
    }

    /// The header of a packet, with the extensions that [`Self::poll_packet`] writes.
    pub(crate) fn head(
        &self,
        now: Instant,
        write: &MediaWrite,
        negotiated: &Negotiated,
        twcc: u16,
    ) -> Head {
        let mut head = Head {
            bytes: [0; HEAD_MAX],
            len: 0,
        };
        let marker = if write.marker { 0x80 } else { 0 };
        head.put(&[0x90, marker | (*write.pt & 0x7f)]);
        head.put(&(*write.seq_no as u16).to_be_bytes());
        head.put(&write.time.to_be_bytes());
        head.put(&self.ssrc.to_be_bytes());
        // The length follows when it is known.
        head.put(&[0xbe, 0xde, 0, 0]);

        let start = head.len;
        if let Some(id) = negotiated.transport_cc {
            head.put_extension(id, &twcc.to_be_bytes());
        }
        if let (Some(id), Some(level)) = (negotiated.audio_level, write.audio_level) {
            head.put_extension(id, &[0x80 | (level.unsigned_abs() & 0x7f)]);
        }
        if let Some(id) = negotiated.abs_send_time {
            let mut value = [0; 3];
            let values = ExtensionValues {
                abs_send_time: Some(now),
                ..ExtensionValues::default()
            };
            Extension::AbsoluteSendTime.write_to(&mut value, &values);
            head.put_extension(id, &value);
        }
        if !self.remote_acked_ssrc {
            if let Some(id) = negotiated.mid {
                head.put_extension(id, self.midrid.mid().as_bytes());
            }
            if let (Some(id), Some(rid)) = (negotiated.rid, self.midrid.rid()) {
                head.put_extension(id, rid.as_bytes());
            }
        }

        let words = (head.len - start).div_ceil(4);
        head.len = start + 4 * words;
        head.bytes[start - 1] = words as u8;
        head
    }

    /// Takes note of a packet that has left, as queue and [`Self::poll_packet`] do.
    pub(crate) fn note_sent(&mut self, now: Instant, write: &MediaWrite, negotiated: &Negotiated) {
        let len = write.payload.len() as u64;
        self.stats.update_packet_counts(len, false);
        if let Some(h) = &mut self.stats.bytes_transmitted {
            h.push(now, len);
            // Forgets what is older than the ratio looks back.
            self.rtx_ratio_downsampled(now);
        }
        self.rtp_and_wallclock = Some((write.time, write.wallclock));
        self.last_sent_seq_no = write.seq_no;
        self.last_used = now;
        self.clock_rate = Some(negotiated.clock_rate);
        self.send_queue.note_emitted(now);
        if negotiated.has_rtx {
            self.pt_for_padding = Some(write.pt);
            if write.nackable {
                let clock_rate = negotiated.clock_rate;
                self.rtx_cache.cache_written(write, self.ssrc, clock_rate, now);
            }
        }
    }
}
