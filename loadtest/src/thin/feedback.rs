//! The RTCP that a receiver owes: reception reports, lost packets asked for again, arrival times for the sender's estimate.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtcp::receiver_report::ReceiverReport;
use rtc::rtcp::reception_report::ReceptionReport;
use rtc::rtcp::transport_feedbacks::transport_layer_nack::{
    TransportLayerNack, nack_pairs_from_sequence_numbers,
};
use rtc::shared::marshal::Marshal;

use crate::receive::REPAIR_TIME;

/// Between two receiver reports.
const REPORTS: Duration = Duration::from_secs(1);

/// Between two requests for the same packet; a browser repeats after a round trip, at least this.
const NACK_AGAIN: Duration = Duration::from_millis(100);

/// A jump of more sequence numbers than this is a new stream and nothing to ask for again.
const LARGEST_GAP: u16 = 500;

/// One step of arrival times in feedback.
const TICK_US: i64 = 250;

/// How a received stream is doing.
#[derive(Debug)]
struct Stream {
    video: bool,
    clock_rate: u32,
    /// The highest sequence number with its wraps.
    highest: u32,
    first: u32,
    received: u32,
    /// At the last report.
    expected_before: u32,
    received_before: u32,
    /// In units of the timestamp (RFC 3550, section 6.4.1).
    jitter: f64,
    transit: Option<f64>,
    sender_report: Option<(u32, Instant)>,
    missing: BTreeMap<u16, Missing>,
}

#[derive(Debug, Clone, Copy)]
struct Missing {
    since: Instant,
    asked: Option<Instant>,
}

/// What a packet's header tells feedback.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) ssrc: u32,
    pub(super) sequence_number: u16,
    pub(super) timestamp: u32,
    /// Its number over all streams of the connection, if it bears one.
    pub(super) transport_sequence: Option<u16>,
}

/// The receiving half of RTCP.
#[derive(Debug)]
pub(super) struct Feedback {
    own: u32,
    began: Instant,
    streams: HashMap<u32, Stream>,
    next_reports: Instant,
    arrivals: BTreeMap<i64, i64>,
    last_transport: Option<i64>,
    feedback_count: u8,
}

impl Feedback {
    /// Feedback of a receiver that calls itself `own`.
    pub(super) fn new(now: Instant, own: u32) -> Self {
        Self {
            own,
            began: now,
            streams: HashMap::new(),
            next_reports: now + REPORTS,
            arrivals: BTreeMap::new(),
            last_transport: None,
            feedback_count: 0,
        }
    }

    /// Takes note of a packet of a stream that is known by its SSRC. Returns whether it leaves a gap behind it, so that
    /// [`Feedback::requests`] has something to ask for.
    pub(super) fn packet(&mut self, now: Instant, video: bool, seen: Seen) -> bool {
        self.arrived(now, seen.transport_sequence);
        let stream = self.streams.entry(seen.ssrc).or_insert_with(|| {
            let first = u32::from(seen.sequence_number) | 0x1_0000;
            Stream {
                video,
                clock_rate: if video { 90_000 } else { 48_000 },
                highest: first - 1,
                first,
                received: 0,
                expected_before: 0,
                received_before: 0,
                jitter: 0.0,
                transit: None,
                sender_report: None,
                missing: BTreeMap::new(),
            }
        });
        let elapsed = now.saturating_duration_since(self.began).as_secs_f64();
        stream.packet(now, elapsed, seen)
    }

    /// Takes note of a packet that is no stream's: a retransmission or padding.
    pub(super) fn arrived(&mut self, now: Instant, transport_sequence: Option<u16>) {
        let Some(number) = transport_sequence else {
            return;
        };
        let last = self.last_transport.unwrap_or(i64::from(number));
        let number = last + i64::from(number.wrapping_sub(last as u16) as i16);
        self.last_transport = Some(last.max(number));
        let at = now.saturating_duration_since(self.began).as_micros() as i64;
        self.arrivals.entry(number).or_insert(at);
    }

    /// A packet came by retransmission.
    pub(super) fn repaired(&mut self, ssrc: u32, sequence_number: u16) {
        if let Some(stream) = self.streams.get_mut(&ssrc) {
            stream.missing.remove(&sequence_number);
        }
    }

    /// A sender report came (RFC 3550, section 6.4.1).
    pub(super) fn sender_report(&mut self, now: Instant, ssrc: u32, ntp_time: u64) {
        if let Some(stream) = self.streams.get_mut(&ssrc) {
            stream.sender_report = Some(((ntp_time >> 16) as u32, now));
        }
    }

    /// Requests for what is missing, each a whole RTCP packet.
    pub(super) fn requests(&mut self, now: Instant) -> anyhow::Result<Vec<Vec<u8>>> {
        let mut requests = Vec::new();
        for (&media_ssrc, stream) in &mut self.streams {
            let numbers = stream.due(now);
            if numbers.is_empty() {
                continue;
            }
            let nack = TransportLayerNack {
                sender_ssrc: self.own,
                media_ssrc,
                nacks: nack_pairs_from_sequence_numbers(&numbers),
            };
            requests.push(nack.marshal()?.to_vec());
        }
        Ok(requests)
    }

    /// A request for a keyframe.
    pub(super) fn keyframe_request(&self, media_ssrc: u32) -> anyhow::Result<Vec<u8>> {
        let request = PictureLossIndication {
            sender_ssrc: self.own,
            media_ssrc,
        };
        Ok(request.marshal()?.to_vec())
    }

    /// The receiver report, when it is time for one.
    pub(super) fn report(&mut self, now: Instant) -> anyhow::Result<Option<Vec<u8>>> {
        if now < self.next_reports {
            return Ok(None);
        }
        self.next_reports = now + REPORTS;
        let reports = self
            .streams
            .iter_mut()
            .take(31)
            .map(|(&ssrc, stream)| stream.report(now, ssrc));
        let report = ReceiverReport {
            ssrc: self.own,
            reports: reports.collect(),
            ..Default::default()
        };
        Ok(Some(report.marshal()?.to_vec()))
    }

    /// Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01) on all that came since the last.
    pub(super) fn arrival_times(&mut self) -> anyhow::Result<Option<Vec<u8>>> {
        let arrivals = std::mem::take(&mut self.arrivals);
        let Some((&base, &first)) = arrivals.first_key_value() else {
            return Ok(None);
        };
        let (&last, _) = arrivals.last_key_value().context("it is not empty")?;
        let count = u16::try_from(last - base + 1).context("too many packets for one feedback")?;
        // 64 ms, and the remainder in the first delta.
        let reference = first / 64_000;
        let mut before = reference * 64_000 / TICK_US;
        let mut symbols = Vec::with_capacity(usize::from(count));
        let mut deltas = Vec::new();
        for number in base..=last {
            let Some(at) = arrivals.get(&number) else {
                symbols.push(0u16);
                continue;
            };
            let at = at / TICK_US;
            let delta = at - before;
            before = at;
            if let Ok(small) = u8::try_from(delta) {
                symbols.push(1);
                deltas.push(small);
            } else {
                symbols.push(2);
                let large = delta.clamp(i64::from(i16::MIN), i64::from(i16::MAX)) as i16;
                deltas.extend_from_slice(&large.to_be_bytes());
            }
        }
        let media_ssrc = self.streams.keys().next().copied().unwrap_or_default();
        let mut packet = vec![0x80 | 15, 205, 0, 0];
        packet.extend_from_slice(&self.own.to_be_bytes());
        packet.extend_from_slice(&media_ssrc.to_be_bytes());
        packet.extend_from_slice(&(base as u16).to_be_bytes());
        packet.extend_from_slice(&count.to_be_bytes());
        packet.extend_from_slice(&(reference as u32 & 0xff_ffff).to_be_bytes()[1..]);
        packet.push(self.feedback_count);
        self.feedback_count = self.feedback_count.wrapping_add(1);
        push_chunks(&mut packet, &symbols);
        packet.extend_from_slice(&deltas);
        let padding = (4 - packet.len() % 4) % 4;
        if padding > 0 {
            packet[0] |= 0x20;
            packet.resize(packet.len() + padding, 0);
            *packet.last_mut().context("it is not empty")? = padding as u8;
        }
        let words = u16::try_from(packet.len() / 4 - 1)?;
        packet[2..4].copy_from_slice(&words.to_be_bytes());
        Ok(Some(packet))
    }
}

/// Writes packet status chunks: a run of equal symbols where it is at least as long as a vector, else a vector of seven.
fn push_chunks(packet: &mut Vec<u8>, symbols: &[u16]) {
    let mut rest = symbols;
    while let Some(&first) = rest.first() {
        let run = rest
            .iter()
            .take(0x1fff)
            .take_while(|s| **s == first)
            .count();
        let (chunk, taken) = if run >= 7 || run == rest.len() {
            (first << 13 | run as u16, run)
        } else {
            let taken = rest.len().min(7);
            let vector = rest[..taken]
                .iter()
                .enumerate()
                .fold(0xc000, |chunk, (place, symbol)| {
                    chunk | symbol << (12 - 2 * place)
                });
            (vector, taken)
        };
        packet.extend_from_slice(&chunk.to_be_bytes());
        rest = &rest[taken..];
    }
}

impl Stream {
    fn packet(&mut self, now: Instant, elapsed: f64, seen: Seen) -> bool {
        self.received = self.received.wrapping_add(1);
        let ahead = seen.sequence_number.wrapping_sub(self.highest as u16);
        let mut gap = false;
        if ahead == 0 || ahead > u16::MAX / 2 {
            self.missing.remove(&seen.sequence_number);
            return false;
        }
        if self.video && ahead > 1 && ahead <= LARGEST_GAP {
            gap = true;
            for step in 1..ahead {
                let number = (self.highest as u16).wrapping_add(step);
                let missing = Missing {
                    since: now,
                    asked: None,
                };
                self.missing.insert(number, missing);
            }
        }
        self.highest = self.highest.wrapping_add(u32::from(ahead));
        let transit = elapsed * f64::from(self.clock_rate) - f64::from(seen.timestamp);
        if let Some(before) = self.transit {
            let change = (transit - before).abs();
            // A timestamp that wrapped or jumped says nothing about the network.
            if change < f64::from(self.clock_rate) {
                self.jitter += (change - self.jitter) / 16.0;
            }
        }
        self.transit = Some(transit);
        gap
    }

    /// The numbers to ask for, and gives up those that would come too late.
    fn due(&mut self, now: Instant) -> Vec<u16> {
        self.missing
            .retain(|_, missing| now.saturating_duration_since(missing.since) < REPAIR_TIME);
        let mut due = Vec::new();
        for (&number, missing) in &mut self.missing {
            let waited = |asked| now.saturating_duration_since(asked) >= NACK_AGAIN;
            if missing.asked.is_none_or(waited) {
                missing.asked = Some(now);
                due.push(number);
            }
        }
        due
    }

    fn report(&mut self, now: Instant, ssrc: u32) -> ReceptionReport {
        let expected = self.highest.wrapping_sub(self.first).wrapping_add(1);
        let newly_expected = expected.wrapping_sub(self.expected_before);
        let newly_received = self.received.wrapping_sub(self.received_before);
        let newly_lost = newly_expected.saturating_sub(newly_received);
        self.expected_before = expected;
        self.received_before = self.received;
        let (last_sender_report, delay) = self.sender_report.map_or((0, 0), |(report, came)| {
            let since = now.saturating_duration_since(came).as_secs_f64();
            (report, (since * 65_536.0) as u32)
        });
        ReceptionReport {
            ssrc,
            fraction_lost: (newly_lost * 256)
                .checked_div(newly_expected)
                .unwrap_or(0)
                .min(255) as u8,
            total_lost: expected.saturating_sub(self.received).min(0x7f_ffff),
            last_sequence_number: self.highest,
            jitter: self.jitter as u32,
            last_sender_report,
            delay,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtc::rtcp::transport_feedbacks::transport_layer_cc::{SymbolTypeTcc, TransportLayerCc};
    use rtc::shared::marshal::Unmarshal;

    fn seen(sequence_number: u16, transport_sequence: Option<u16>) -> Seen {
        Seen {
            ssrc: 1,
            sequence_number,
            timestamp: u32::from(sequence_number) * 3000,
            transport_sequence,
        }
    }

    #[test]
    fn arrival_times_read_back_as_they_were() {
        let start = Instant::now();
        let mut feedback = Feedback::new(start, 9);
        // 40 packets a millisecond apart over a wrap, without the sixth; one comes 100 ms after the rest.
        for step in (0..40u16).filter(|step| *step != 5) {
            let at = start + Duration::from_millis(u64::from(step));
            feedback.packet(at, true, seen(step, Some(65_530u16.wrapping_add(step))));
        }
        let late = start + Duration::from_millis(139);
        feedback.packet(late, true, seen(40, Some(65_530u16.wrapping_add(40))));
        let packet = feedback.arrival_times().unwrap().unwrap();
        let mut bytes = bytes::Bytes::from(packet);
        let read = TransportLayerCc::unmarshal(&mut bytes).unwrap();
        assert_eq!(
            (read.base_sequence_number, read.packet_status_count),
            (65_530, 41)
        );
        let deltas: Vec<i64> = read.recv_deltas.iter().map(|delta| delta.delta).collect();
        assert_eq!(deltas.len(), 40);
        assert_eq!((deltas[0], deltas[1], deltas[5]), (0, 1000, 2000));
        assert_eq!(deltas[39], 100_000);
        let kind = read.recv_deltas[39].type_tcc_packet;
        assert_eq!(kind, SymbolTypeTcc::PacketReceivedLargeDelta);
        assert!(feedback.arrival_times().unwrap().is_none());
    }

    #[test]
    fn a_missing_packet_is_asked_for_until_it_comes_or_is_of_no_use() {
        let start = Instant::now();
        let mut feedback = Feedback::new(start, 9);
        assert!(!feedback.packet(start, true, seen(10, None)));
        assert!(feedback.packet(start, true, seen(13, None)));
        assert_eq!(feedback.requests(start).unwrap().len(), 1);
        assert!(
            feedback.requests(start).unwrap().is_empty(),
            "asked already"
        );
        feedback.repaired(1, 11);
        feedback.packet(start, true, seen(12, None));
        assert!(feedback.requests(start + NACK_AGAIN).unwrap().is_empty());
        feedback.packet(start, true, seen(15, None));
        assert_eq!(feedback.requests(start).unwrap().len(), 1);
        assert!(feedback.requests(start + REPAIR_TIME).unwrap().is_empty());
    }

    #[test]
    fn a_report_tells_loss() {
        let start = Instant::now();
        let mut feedback = Feedback::new(start, 9);
        for number in (0..100).filter(|number| number % 4 != 1) {
            feedback.packet(start, false, seen(number, None));
        }
        feedback.sender_report(start, 1, 0x1_2345_6789_abcd);
        assert!(feedback.report(start).unwrap().is_none());
        let report = feedback.report(start + REPORTS).unwrap().unwrap();
        let mut bytes = bytes::Bytes::from(report);
        let read = ReceiverReport::unmarshal(&mut bytes).unwrap().reports[0].clone();
        assert_eq!((read.fraction_lost, read.total_lost), (64, 25));
        assert_eq!(read.last_sequence_number, 0x1_0063);
        assert_eq!((read.last_sender_report, read.delay), (0x2345_6789, 65_536));
    }
}
