use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use crate::io::DATAGRAM_MAX_PACKET_SIZE;
use crate::packet::Vp8Patch;
use crate::rtp_::{ExtensionValues, Frequency, MediaTime, Pt, RtpHeader, SeqNo, Ssrc};
use crate::rtp_::UserExtensionValues;

use super::RtpPacket;
use super::send::MediaWrite;
use super::rtx_cache_buf::EvictingBuffer;

const RTX_CACHE_SIZE_QUANTIZER: usize = 25;
const RTX_CACHE_QUANTIZE_SLOTS: usize = DATAGRAM_MAX_PACKET_SIZE / RTX_CACHE_SIZE_QUANTIZER;

/// Patch 7: what a resend needs of a sent packet, an eighth of an [`RtpPacket`]'s size; its number and
/// time are those of its entry. The header is kept as a whole only if it says something that is not
/// said anew with every packet.
#[derive(Debug)]
struct Kept {
    payload: Arc<[u8]>,
    header: Option<Box<RtpHeader>>,
    rtp_timestamp: u32,
    clock_rate: Frequency,
    ssrc: Ssrc,
    payload_type: Pt,
    marker: bool,
    vp8_patch: Option<Vp8Patch>,
}

impl Kept {
    /// Whether extension values say something that is not written anew for every packet that leaves.
    fn says_more(ext_vals: &ExtensionValues) -> bool {
        let ExtensionValues {
            mid: _,
            rid: _,
            rid_repair: _,
            transport_cc: _,
            abs_send_time: _,
            audio_level: None,
            voice_activity: None,
            video_orientation: None,
            video_content_type: None,
            tx_time_offs: None,
            abs_capture_time: None,
            play_delay_min: None,
            play_delay_max: None,
            video_timing: None,
            frame_mark: None,
            user_values,
        } = ext_vals
        else {
            return true;
        };
        *user_values != UserExtensionValues::default()
    }

    fn of(packet: RtpPacket) -> Self {
        if packet.header.csrc_count > 0 || Self::says_more(&packet.header.ext_vals) {
            return Self::with_header(packet);
        }
        Self::without_header(packet)
    }

    fn with_header(packet: RtpPacket) -> Self {
        let header = Box::new(packet.header.clone());
        Self {
            header: Some(header),
            ..Self::without_header(packet)
        }
    }

    fn without_header(packet: RtpPacket) -> Self {
        let header = &packet.header;
        Self {
            rtp_timestamp: header.timestamp,
            clock_rate: packet.time.frequency(),
            ssrc: header.ssrc,
            payload_type: header.payload_type,
            marker: header.marker,
            vp8_patch: packet.vp8_patch,
            payload: packet.payload,
            header: None,
        }
    }

    fn restore(&self, seq_no: SeqNo, timestamp: Instant) -> RtpPacket {
        let header = match &self.header {
            Some(header) => RtpHeader::clone(header),
            None => RtpHeader {
                sequence_number: *seq_no as u16,
                marker: self.marker,
                payload_type: self.payload_type,
                timestamp: self.rtp_timestamp,
                ssrc: self.ssrc,
                ..Default::default()
            },
        };
        RtpPacket {
            seq_no,
            time: MediaTime::new(self.rtp_timestamp as u64, self.clock_rate),
            header,
            payload: self.payload.clone(),
            vp8_patch: self.vp8_patch,
            timestamp,
            last_sender_info: None,
            nackable: true,
        }
    }
}

#[derive(Debug)]
pub(crate) struct RtxCache {
    // Data, new additions here probably need to be cleared in [`clear`].
    packet_by_seq_no: EvictingBuffer<Kept>,

    /// The packet that was last asked for.
    restored: Option<RtpPacket>,

    // Technically we want [Option<SeqNo>; X] to indicate the absence of
    // a SeqNo. However We can half the storage space by using the sentinel
    // values SeqNo::MAX to indicate None
    seq_no_by_quantized_size: [SeqNo; RTX_CACHE_QUANTIZE_SLOTS],
}

impl RtxCache {
    pub fn new(max_packet_count: usize, max_packet_age: Duration) -> Self {
        Self {
            packet_by_seq_no: EvictingBuffer::new(10, max_packet_age, max_packet_count),
            restored: None,
            seq_no_by_quantized_size: [SeqNo::MAX; RTX_CACHE_QUANTIZE_SLOTS],
        }
    }

    pub fn cache_sent_packet(&mut self, packet: RtpPacket, now: Instant) {
        assert!(packet.nackable);
        let seq_no = packet.seq_no;
        let quantized_size = packet.payload.len() / RTX_CACHE_SIZE_QUANTIZER;
        self.packet_by_seq_no.push(*seq_no, now, Kept::of(packet));
        self.seq_no_by_quantized_size[quantized_size] = seq_no;
        self.remove_old_packets(now);
    }

    /// Patch 21: keeps a packet that left without waiting in a queue.
    pub fn cache_written(
        &mut self,
        write: &MediaWrite,
        ssrc: Ssrc,
        clock_rate: Frequency,
        now: Instant,
    ) {
        let quantized_size = write.payload.len() / RTX_CACHE_SIZE_QUANTIZER;
        let kept = Kept {
            rtp_timestamp: write.time,
            clock_rate,
            ssrc,
            payload_type: write.pt,
            marker: write.marker,
            payload: write.payload.clone(),
            vp8_patch: write.patch,
            header: None,
        };
        self.packet_by_seq_no.push(*write.seq_no, now, kept);
        self.seq_no_by_quantized_size[quantized_size] = write.seq_no;
        self.remove_old_packets(now);
    }

    /// Patch 26: see [`crate::Rtc::touch`].
    pub fn touch(&self) {
        self.packet_by_seq_no.touch();
    }

    pub fn last_cached_seq_no(&self) -> Option<SeqNo> {
        Some(self.packet_by_seq_no.last_position()?.into())
    }

    pub fn get_cached_packet_by_seq_no(&mut self, seq_no: SeqNo) -> Option<&mut RtpPacket> {
        let (kept, timestamp) = self.packet_by_seq_no.get_timed(*seq_no)?;
        Some(self.restored.insert(kept.restore(seq_no, timestamp)))
    }

    pub fn get_cached_packet_smaller_than(&mut self, max_size: usize) -> Option<&mut RtpPacket> {
        let quantized_size = max_size / RTX_CACHE_SIZE_QUANTIZER;

        let seq_no = self.seq_no_by_quantized_size[..quantized_size]
            .iter()
            .rev()
            .filter(|seq_no| !seq_no.is_max())
            .find(|seq_no| self.packet_by_seq_no.contains(***seq_no))?;

        self.get_cached_packet_by_seq_no(*seq_no)
    }

    fn remove_old_packets(&mut self, now: Instant) {
        self.packet_by_seq_no.maybe_evict(now);
    }

    pub(crate) fn last_packet(&self) -> Option<&[u8]> {
        let packet = self.packet_by_seq_no.last()?;
        Some(packet.payload.as_ref())
    }

    pub(crate) fn clear(&mut self) {
        self.packet_by_seq_no.clear();
        self.restored = None;
        self.seq_no_by_quantized_size = [SeqNo::MAX; RTX_CACHE_QUANTIZE_SLOTS];
    }
}

#[cfg(test)]
mod test {
    use crate::rtp_::MediaTime;
    use crate::rtp_::RtpHeader;

    use super::*;

    fn after(now: Instant, millis: u64) -> Instant {
        now + Duration::from_millis(millis)
    }

    fn packet(now: Instant, seq_no: u64, millis: u64) -> RtpPacket {
        RtpPacket {
            header: RtpHeader::default(),
            seq_no: seq_no.into(),
            time: MediaTime::from_90khz(0),
            payload: millis.to_be_bytes().into(),
            vp8_patch: None,
            timestamp: after(now, millis),
            last_sender_info: None,
            nackable: true,
        }
    }

    #[test]
    fn rtx_cache_0_sized() {
        let now = Instant::now();
        let mut rtx_cache = RtxCache::new(0, Duration::from_secs(3));
        rtx_cache.cache_sent_packet(packet(now, 1, 10), after(now, 10));
        assert_eq!(
            Some(&mut packet(now, 1, 10)),
            rtx_cache.get_cached_packet_by_seq_no(1.into())
        );
        assert_eq!(
            Some(&mut packet(now, 1, 10)),
            rtx_cache.get_cached_packet_smaller_than(1000)
        );
    }

    #[test]
    fn rtx_cache_0_duration() {
        let now = Instant::now();
        let mut rtx_cache = RtxCache::new(10, Duration::from_secs(0));
        rtx_cache.cache_sent_packet(packet(now, 1, 10), after(now, 10));
        assert_eq!(None, rtx_cache.get_cached_packet_by_seq_no(1.into()));
        assert_eq!(None, rtx_cache.get_cached_packet_smaller_than(1000));
    }

    #[test]
    fn rtx_cache_1_sized() {
        let now = Instant::now();
        let mut rtx_cache = RtxCache::new(1, Duration::from_secs(3));
        rtx_cache.cache_sent_packet(packet(now, 1, 10), after(now, 10));
        assert_eq!(
            Some(&mut packet(now, 1, 10)),
            rtx_cache.get_cached_packet_by_seq_no(1.into())
        );
        assert_eq!(
            Some(&mut packet(now, 1, 10)),
            rtx_cache.get_cached_packet_smaller_than(1000)
        );
        assert_eq!(
            Some(&mut packet(now, 1, 10)),
            rtx_cache.get_cached_packet_smaller_than(25)
        );
        assert_eq!(None, rtx_cache.get_cached_packet_smaller_than(24));
        rtx_cache.cache_sent_packet(packet(now, 2, 20), after(now, 20));
        assert_eq!(
            Some(&mut packet(now, 2, 20)),
            rtx_cache.get_cached_packet_by_seq_no(2.into())
        );
    }

    #[test]
    fn rtx_cache_100_sized_backwards() {
        let now = Instant::now();
        let mut rtx_cache = RtxCache::new(100, Duration::from_secs(3));

        for i in 1..=200 {
            let seq_no = 201 - i;
            let pkt = packet(now, seq_no, (201 - i) * 10);
            let now = after(now, i * 10);
            rtx_cache.cache_sent_packet(pkt, now);
        }

        assert_eq!(
            Some(&mut packet(now, 200, 2000)),
            rtx_cache.get_cached_packet_by_seq_no(200.into())
        );
        assert_eq!(None, rtx_cache.get_cached_packet_by_seq_no(100.into()));
        assert_eq!(None, rtx_cache.get_cached_packet_by_seq_no(101.into()));
    }

    #[test]
    fn rtx_cache_eviction() {
        let now = Instant::now();
        // Cache can take all entries
        let mut rtx_cache = RtxCache::new(400, Duration::from_secs(1));
        for i in 1..=200 {
            let seq_no = i;
            let pkt = packet(now, seq_no, i * 10);
            let now = after(now, i * 10);
            rtx_cache.cache_sent_packet(pkt, now);
        }

        assert_eq!(None, rtx_cache.get_cached_packet_by_seq_no(99.into()));

        assert_eq!(
            Some(&mut packet(now, 100, 1000)),
            rtx_cache.get_cached_packet_by_seq_no(100.into())
        );
        assert_eq!(
            Some(&mut packet(now, 200, 2000)),
            rtx_cache.get_cached_packet_by_seq_no(200.into())
        );
    }
}
