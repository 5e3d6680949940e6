//! Judges what a receiver got: loss after retransmission, whole pictures, freezes, breaks in the sound.
//!
//! Pure: time is an argument. One [`VideoMeter`] or [`AudioMeter`] watches one receive line.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::media::vp8::Descriptor;

/// How long a gap may stay open before it counts as lost: a retransmission that comes later is of no use to a
/// conversation.
pub const REPAIR_TIME: Duration = Duration::from_millis(500);

/// A picture that comes this much later than three frame intervals after the one before is a freeze.
const FREEZE_MARGIN: Duration = Duration::from_millis(200);

/// Sound that comes this much later than its timestamps promise is an audible break.
const AUDIO_BREAK: Duration = Duration::from_millis(200);

/// A jump of more sequence numbers than this is a new stream on the same line and not loss.
const LARGEST_GAP: u64 = 1000;

/// Which sequence numbers arrived.
#[derive(Debug, Default)]
pub struct SequenceLog {
    highest: Option<u64>,
    expected: u64,
    missing: BTreeMap<u64, Instant>,
    /// Arrived late or by retransmission.
    pub repaired: u64,
    /// Arrived twice.
    pub duplicates: u64,
}

/// What a packet meant to the sequence it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// New, and with this extended number.
    Fresh(u64),
    /// The first of the stream, or after a jump that no loss explains.
    Restart(u64),
    /// Known already.
    Duplicate,
}

impl SequenceLog {
    /// Takes one packet.
    pub fn arrived(&mut self, now: Instant, sequence_number: u16) -> Arrival {
        let Some(highest) = self.highest else {
            return self.restart(u64::from(sequence_number) + 0x1_0000);
        };
        let step = sequence_number.wrapping_sub(highest as u16) as i16;
        let number = highest.saturating_add_signed(i64::from(step));
        match step {
            0 => self.duplicate(),
            1.. if u64::from(step.unsigned_abs()) <= LARGEST_GAP => {
                self.missing
                    .extend((highest + 1..number).map(|lost| (lost, now)));
                self.expected += number - highest;
                self.highest = Some(number);
                Arrival::Fresh(number)
            }
            ..0 if u64::from(step.unsigned_abs()) <= LARGEST_GAP => {
                if self.missing.remove(&number).is_some() {
                    self.repaired += 1;
                    Arrival::Fresh(number)
                } else {
                    self.duplicate()
                }
            }
            _ => self.restart(number + 0x1_0000),
        }
    }

    /// Packets that should have come so far.
    #[must_use]
    pub const fn expected(&self) -> u64 {
        self.expected
    }

    /// Packets that did not come within [`REPAIR_TIME`].
    #[must_use]
    pub fn lost(&self, now: Instant) -> u64 {
        let overdue = |since: &&Instant| now.saturating_duration_since(**since) >= REPAIR_TIME;
        self.missing.values().filter(overdue).count() as u64
    }

    fn restart(&mut self, number: u64) -> Arrival {
        self.highest = Some(number);
        self.expected += 1;
        Arrival::Restart(number)
    }

    fn duplicate(&mut self) -> Arrival {
        self.duplicates += 1;
        Arrival::Duplicate
    }
}

/// Finds freezes in the moments at which pictures are complete.
#[derive(Debug, Default)]
pub struct FreezeDetector {
    last: Option<Instant>,
    average: Option<Duration>,
    /// How many there were.
    pub freezes: u32,
    /// How long the picture stood still in them, beyond one frame interval each.
    pub frozen: Duration,
    /// How long there was a picture to watch.
    pub watched: Duration,
}

impl FreezeDetector {
    /// A picture is complete.
    pub fn frame(&mut self, now: Instant) {
        if let Some(gap) = self.since_last(now) {
            self.watched += gap;
            if !self.judge(gap) {
                // One part in sixteen, so that the average follows a changed frame rate in half a second.
                self.average = Some(match self.average {
                    Some(average) => (average * 15 + gap) / 16,
                    None => gap,
                });
            }
        }
        self.last = Some(now);
    }

    /// The line shows something else from here on, or nothing: the next gap is nobody's fault.
    pub fn interrupt(&mut self) {
        self.last = None;
        self.average = None;
    }

    /// The measurement ends; a picture that stands still at this moment counts.
    pub fn finish(&mut self, now: Instant) {
        if let Some(gap) = self.since_last(now) {
            self.watched += gap;
            self.judge(gap);
        }
        self.interrupt();
    }

    fn since_last(&self, now: Instant) -> Option<Duration> {
        self.last.map(|last| now.saturating_duration_since(last))
    }

    /// Counts the gap as a freeze when it is one, and says whether it was.
    fn judge(&mut self, gap: Duration) -> bool {
        let average = self.average.unwrap_or(gap);
        let freeze = gap > FREEZE_MARGIN + average * 3;
        if freeze {
            self.freezes += 1;
            self.frozen += gap - average;
        }
        freeze
    }
}

/// What one packet is to its frame.
#[derive(Debug, Clone, Copy)]
struct Piece {
    arrived: Instant,
    starts_frame: bool,
    keyframe: bool,
    ends_frame: bool,
    padding: bool,
}

/// Watches one receive line of video.
#[derive(Debug, Default)]
pub struct VideoMeter {
    /// The packets.
    pub sequence: SequenceLog,
    /// The pictures.
    pub freeze: FreezeDetector,
    /// When the first picture could be shown.
    pub first_frame: Option<Instant>,
    /// Pictures that could be shown.
    pub frames: u64,
    /// Keyframes among them.
    pub keyframes: u64,
    /// Payload bytes, retransmissions included.
    pub bytes: u64,
    /// Packets, retransmissions included.
    pub packets: u64,
    waiting: BTreeMap<u64, Piece>,
    next: u64,
    /// The frame being put together began with its first packet and builds on shown ones.
    whole: bool,
    frame_is_key: bool,
    /// Something is missing since the last keyframe: interframes cannot be shown.
    broken: bool,
    last_packet: Option<Instant>,
}

impl VideoMeter {
    /// A meter before its first packet; it waits for a keyframe.
    #[must_use]
    pub fn new() -> Self {
        Self {
            broken: true,
            ..Self::default()
        }
    }

    /// Takes one packet with its padding removed.
    pub fn packet(&mut self, now: Instant, sequence_number: u16, marker: bool, payload: &[u8]) {
        self.packets += 1;
        self.bytes += payload.len() as u64;
        self.last_packet = Some(now);
        let number = match self.sequence.arrived(now, sequence_number) {
            Arrival::Fresh(number) => number,
            Arrival::Restart(number) => {
                self.waiting.clear();
                self.next = number;
                self.lose_track();
                number
            }
            Arrival::Duplicate => return,
        };
        // What comes after its place was given up is of no use.
        if number < self.next {
            return;
        }
        let descriptor = Descriptor::parse(payload);
        self.waiting.insert(
            number,
            Piece {
                arrived: now,
                starts_frame: descriptor.is_some_and(|descriptor| descriptor.starts_frame),
                keyframe: descriptor.is_some_and(|descriptor| descriptor.keyframe),
                ends_frame: marker,
                padding: descriptor.is_none(),
            },
        );
        self.put_together(now);
    }

    /// Whether packets come but no picture can be made of them, so that a browser would ask for a keyframe.
    #[must_use]
    pub fn wants_keyframe(&self, now: Instant) -> bool {
        let fresh = |last| now.saturating_duration_since(last) < REPAIR_TIME;
        self.broken && self.last_packet.is_some_and(fresh)
    }

    /// The line shows another track from here on, or nothing.
    pub fn interrupt(&mut self) {
        self.freeze.interrupt();
    }

    fn put_together(&mut self, now: Instant) {
        loop {
            while let Some(piece) = self.waiting.remove(&self.next) {
                self.next += 1;
                self.take(now, piece);
            }
            let Some((&number, piece)) = self.waiting.first_key_value() else {
                return;
            };
            if now.saturating_duration_since(piece.arrived) < REPAIR_TIME {
                return;
            }
            self.next = number;
            self.lose_track();
        }
    }

    fn take(&mut self, now: Instant, piece: Piece) {
        if piece.padding {
            return;
        }
        if piece.starts_frame {
            self.whole = true;
            self.frame_is_key = piece.keyframe;
        }
        if piece.ends_frame && std::mem::take(&mut self.whole) {
            if self.frame_is_key {
                self.broken = false;
                self.keyframes += 1;
            }
            if !self.broken {
                self.frames += 1;
                self.first_frame.get_or_insert(now);
                self.freeze.frame(now);
            }
        }
    }

    fn lose_track(&mut self) {
        self.whole = false;
        self.broken = true;
    }
}

/// Watches one receive line of sound.
#[derive(Debug, Default)]
pub struct AudioMeter {
    /// The packets.
    pub sequence: SequenceLog,
    /// When the first packet came.
    pub first_packet: Option<Instant>,
    /// Payload bytes.
    pub bytes: u64,
    /// Packets.
    pub packets: u64,
    /// Times the sound came later than its timestamps promise. Silence that was not sent is none.
    pub breaks: u32,
    last: Option<(Instant, u32)>,
}

impl AudioMeter {
    /// Takes one packet.
    pub fn packet(&mut self, now: Instant, sequence_number: u16, timestamp: u32, payload: &[u8]) {
        self.packets += 1;
        self.bytes += payload.len() as u64;
        self.first_packet.get_or_insert(now);
        if let Arrival::Restart(_) = self.sequence.arrived(now, sequence_number) {
            self.last = None;
        }
        if let Some((last_arrival, last_timestamp)) = self.last {
            let samples = timestamp.wrapping_sub(last_timestamp);
            // Half the range ahead means behind: a retransmission.
            if samples == 0 || samples > u32::MAX / 2 {
                return;
            }
            let promised = Duration::from_secs_f64(f64::from(samples) / 48_000.0);
            let took = now.saturating_duration_since(last_arrival);
            if took > promised + AUDIO_BREAK {
                self.breaks += 1;
            }
        }
        self.last = Some((now, timestamp));
    }

    /// The line carries another voice from here on, or none.
    pub fn interrupt(&mut self) {
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::vp8;

    const FRAME: Duration = Duration::from_millis(33);

    /// Sends frames of three packets to a meter over a line that may lose some.
    struct Sender {
        start: Instant,
        now: Instant,
        sequence_number: u16,
        meter: VideoMeter,
    }

    impl Sender {
        fn new(first: u16) -> Self {
            let start = Instant::now();
            Self {
                start,
                now: start,
                sequence_number: first,
                meter: VideoMeter::new(),
            }
        }

        fn frame(&mut self, keyframe: bool, lost: impl Fn(usize) -> bool) {
            let mut frame = vec![0u8; 3000];
            frame[0] = u8::from(!keyframe);
            let payloads = vp8::packetise(&frame, 1);
            for (index, payload) in payloads.iter().enumerate() {
                if !lost(index) {
                    let marker = index + 1 == payloads.len();
                    self.meter
                        .packet(self.now, self.sequence_number, marker, payload);
                }
                self.sequence_number = self.sequence_number.wrapping_add(1);
            }
            self.now += FRAME;
        }

        fn frames(&mut self, count: usize) {
            for _ in 0..count {
                self.frame(false, |_| false);
            }
        }
    }

    #[test]
    fn a_clean_line_shows_every_frame_and_wraps_around() {
        let mut sender = Sender::new(65_500);
        sender.frame(true, |_| false);
        sender.frames(99);
        let meter = &sender.meter;
        assert_eq!(meter.frames, 100);
        assert_eq!(meter.first_frame, Some(sender.start));
        assert_eq!(
            (meter.sequence.expected(), meter.sequence.lost(sender.now)),
            (300, 0)
        );
        assert_eq!(meter.freeze.freezes, 0);
    }

    #[test]
    fn nothing_is_shown_before_a_keyframe() {
        let mut sender = Sender::new(1);
        sender.frames(10);
        assert_eq!(sender.meter.frames, 0);
        assert!(sender.meter.wants_keyframe(sender.now));
        sender.frame(true, |_| false);
        assert_eq!(sender.meter.frames, 1);
        assert!(!sender.meter.wants_keyframe(sender.now));
    }

    #[test]
    fn a_lost_packet_freezes_the_picture_until_the_next_keyframe() {
        let mut sender = Sender::new(1);
        sender.frame(true, |_| false);
        sender.frames(30);
        sender.frame(false, |index| index == 1);
        sender.frames(30);
        assert_eq!(sender.meter.frames, 31);
        assert!(sender.meter.wants_keyframe(sender.now));
        sender.frame(true, |_| false);
        assert_eq!(sender.meter.frames, 32);
        assert_eq!(sender.meter.freeze.freezes, 1);
        assert!(sender.meter.freeze.frozen > FRAME * 30);
        assert_eq!(sender.meter.sequence.lost(sender.now), 1);
    }

    #[test]
    fn a_retransmission_in_time_repairs_everything() {
        let mut sender = Sender::new(1);
        sender.frame(true, |_| false);
        sender.frame(false, |index| index == 2);
        let gap = sender.sequence_number - 1;
        sender.frames(3);
        assert_eq!(sender.meter.frames, 1);
        let payload = vp8::packetise(&[1; 3000], 1).pop().unwrap();
        sender.meter.packet(sender.now, gap, true, &payload);
        assert_eq!(sender.meter.frames, 5);
        assert_eq!(sender.meter.sequence.repaired, 1);
        assert_eq!(sender.meter.sequence.lost(sender.now + REPAIR_TIME), 0);
        sender.meter.packet(sender.now, gap, true, &payload);
        assert_eq!(sender.meter.sequence.duplicates, 1);
    }

    #[test]
    fn a_late_picture_is_a_freeze_but_another_track_on_the_line_is_not() {
        let mut sender = Sender::new(1);
        sender.frame(true, |_| false);
        sender.frames(30);
        sender.now += Duration::from_millis(200);
        sender.frames(1);
        assert_eq!(sender.meter.freeze.freezes, 0, "within the margin");
        sender.now += Duration::from_secs(1);
        sender.frames(30);
        assert_eq!(sender.meter.freeze.freezes, 1);
        sender.now += Duration::from_secs(1);
        sender.meter.interrupt();
        sender.frames(30);
        assert_eq!(sender.meter.freeze.freezes, 1);
    }

    #[test]
    fn a_picture_that_stands_still_at_the_end_is_counted() {
        let mut sender = Sender::new(1);
        sender.frame(true, |_| false);
        sender.frames(30);
        let end = sender.now + Duration::from_secs(5);
        sender.meter.freeze.finish(end);
        assert_eq!(sender.meter.freeze.freezes, 1);
        assert!(sender.meter.freeze.frozen > Duration::from_secs(4));
    }

    #[test]
    fn sound_breaks_when_it_is_late_and_not_when_silence_was_not_sent() {
        let start = Instant::now();
        let mut meter = AudioMeter::default();
        let send = |meter: &mut AudioMeter, number: u16, media_ms: u32, arrival_ms: u64| {
            let now = start + Duration::from_millis(arrival_ms);
            meter.packet(now, number, media_ms * 48, &[0; 80]);
        };
        send(&mut meter, 1, 0, 0);
        send(&mut meter, 2, 20, 25);
        send(&mut meter, 3, 3000, 3010);
        assert_eq!(meter.breaks, 0, "a pause of the speaker");
        send(&mut meter, 4, 3020, 3300);
        assert_eq!(meter.breaks, 1, "a pause of the network");
    }
}
