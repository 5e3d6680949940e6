//! H.264 over RTP (RFC 6184, packetization mode 1) to pictures as Matroska stores them: NAL units with their lengths.

use super::{Depacketiser, Frame, MAX_FRAME_BYTES, OrderedPacket};
use crate::intake::sps;

/// NAL unit types (ITU-T H.264, table 7-1) and packet types (RFC 6184, table 1).
mod nal {
    pub(super) const IDR: u8 = 5;
    pub(super) const SPS: u8 = 7;
    pub(super) const PPS: u8 = 8;
    pub(super) const DELIMITER: u8 = 9;
    pub(super) const LAST_SINGLE: u8 = 23;
    pub(super) const STAP_A: u8 = 24;
    pub(super) const FU_A: u8 = 28;
}

/// Bytes of a unit's length.
const LENGTH: usize = 4;

/// Parameter sets kept of each kind; encoders use one or two.
const MAX_SETS: usize = 16;

/// Assembles pictures.
///
/// ```text
///            first packet of a picture              marker, or a new time
///  Between ───────────────────────────► Assembling ──────────────────────► Between, a frame comes out
///     ▲                                     │
///     └── anything else is skipped ◄────────┘ a packet is missing, or does not fit: the picture is dropped, and what
///                                             follows is not contiguous until a keyframe
/// ```
/// No packet says that it is a picture's first. It is, when nothing is missing between it and the last packet of the
/// picture before; or when it begins with what only stands at the front.
#[derive(Default)]
pub(crate) struct H264 {
    assembling: Option<Picture>,
    /// RTP time of the last packet, unless a packet was lost since.
    last_time: Option<u64>,
    /// Whether nothing is missing since the end of the last picture.
    between: bool,
    /// Whether every picture since the last keyframe is there; false before the first one.
    intact: bool,
    lost: u64,
    sets: ParameterSets,
}

/// A picture being put together.
struct Picture {
    frame: Frame,
    /// Where the unit begins whose fragments are coming.
    fragment: Option<usize>,
}

/// The parameter sets in use. A keyframe is stored with them, also when its encoder sent them long before.
#[derive(Default, Clone)]
struct ParameterSets {
    sequence: Vec<Vec<u8>>,
    picture: Vec<Vec<u8>>,
}

impl Depacketiser for H264 {
    fn push(&mut self, ordered: OrderedPacket) -> Vec<Frame> {
        let OrderedPacket {
            packet,
            lost_before,
        } = ordered;
        let mut frames = Vec::new();
        if lost_before > 0 {
            self.lost = self.lost.saturating_add(lost_before);
            self.give_up();
            (self.between, self.last_time) = (false, None);
        }
        if packet.payload.is_empty() {
            // Padding.
            return frames;
        }
        if self.last_time.is_some_and(|time| time != packet.time) {
            // The encoder may have set no marker; nothing is missing, so the picture is whole.
            frames.extend(self.complete());
            self.between = true;
        }
        self.last_time = Some(packet.time);
        let Some(units) = units(&packet.payload) else {
            self.give_up();
            return frames;
        };
        let begins = self.between || units.first().is_some_and(Unit::stands_in_front);
        if self.assembling.is_none() && begins {
            self.assembling = Some(Picture {
                frame: Frame {
                    time: packet.time,
                    received_us: packet.received_us,
                    ..Frame::default()
                },
                fragment: None,
            });
        }
        self.between = false;
        if !self.append(&units) {
            self.give_up();
        }
        if packet.marker {
            frames.extend(self.complete());
            self.between = true;
        }
        frames
    }
}

impl H264 {
    /// Drops the picture that is being put together, or the packet of one that is not.
    fn give_up(&mut self) {
        self.assembling = None;
        self.intact = false;
    }

    /// Adds what a packet holds; `false` when it does not fit.
    fn append(&mut self, units: &[Unit<'_>]) -> bool {
        let Some(picture) = &mut self.assembling else {
            return false;
        };
        for unit in units {
            if picture.frame.data.len() + LENGTH + 1 + unit.body.len() > MAX_FRAME_BYTES {
                return false;
            }
            let data = &mut picture.frame.data;
            match (unit.fragment, picture.fragment) {
                (Fragment::Whole | Fragment::First, None) => {
                    picture.fragment = (unit.fragment == Fragment::First).then_some(data.len());
                    data.extend_from_slice(&length(1 + unit.body.len()));
                    data.push(unit.head);
                    data.extend_from_slice(unit.body);
                }
                (Fragment::Middle | Fragment::Last, Some(at)) => {
                    data.extend_from_slice(unit.body);
                    let size = data.len() - at - LENGTH;
                    data[at..at + LENGTH].copy_from_slice(&length(size));
                    if unit.fragment == Fragment::Last {
                        picture.fragment = None;
                    }
                }
                _ => return false,
            }
        }
        true
    }

    fn complete(&mut self) -> Option<Frame> {
        let Picture {
            mut frame,
            fragment,
        } = self.assembling.take()?;
        if fragment.is_some() {
            self.intact = false;
            return None;
        }
        let mut fresh = ParameterSets::default();
        for unit in stored_units(&frame.data) {
            match unit[0] & 0x1f {
                nal::SPS => add(&mut fresh.sequence, unit),
                nal::PPS => add(&mut fresh.picture, unit),
                nal::IDR => frame.keyframe = true,
                _ => {}
            }
        }
        let missing = self.sets.renew(fresh);
        if frame.keyframe {
            let described = self.sets.describe();
            let Some((size, private)) = described else {
                // Nobody can decode it: its parameter sets are not here.
                self.intact = false;
                return None;
            };
            frame.size = Some(size);
            frame.private = Some(private);
            if !missing.is_empty() {
                frame.data = [missing, std::mem::take(&mut frame.data)].concat();
            }
            self.intact = true;
        }
        frame.contiguous = self.intact;
        frame.lost_before = std::mem::take(&mut self.lost);
        Some(frame)
    }
}

impl ParameterSets {
    /// Takes what a picture brought; returns, as they are stored, the sets in use that it did not bring.
    fn renew(&mut self, fresh: Self) -> Vec<u8> {
        let mut missing = Vec::new();
        // New sequence parameters make the picture parameters that refer to the old ones void.
        if !fresh.sequence.is_empty() && fresh.sequence != self.sequence {
            *self = fresh;
            return missing;
        }
        if fresh.sequence.is_empty() {
            self.sequence
                .iter()
                .for_each(|set| store(&mut missing, set));
        }
        if fresh.picture.is_empty() {
            self.picture.iter().for_each(|set| store(&mut missing, set));
        } else {
            self.picture = fresh.picture;
        }
        missing
    }

    /// Size of the picture, and the `AVCDecoderConfigurationRecord` (ISO/IEC 14496-15, 5.3.3.1.2) that Matroska calls
    /// CodecPrivate.
    fn describe(&self) -> Option<((u16, u16), Vec<u8>)> {
        let first = self.sequence.first()?;
        let size = sps::size(first)?;
        let [_, profile, constraints, level] = *first.first_chunk::<4>()?;
        let mut record = vec![1, profile, constraints, level, 0xfc | (LENGTH as u8 - 1)];
        for (sets, mark) in [(&self.sequence, 0xe0), (&self.picture, 0)] {
            if sets.is_empty() {
                return None;
            }
            record.push(mark | u8::try_from(sets.len()).ok()?);
            for set in sets {
                record.extend_from_slice(&u16::try_from(set.len()).ok()?.to_be_bytes());
                record.extend_from_slice(set);
            }
        }
        Some((size, record))
    }
}

fn add(sets: &mut Vec<Vec<u8>>, unit: &[u8]) {
    if sets.len() < MAX_SETS && sets.iter().all(|set| set != unit) {
        sets.push(unit.to_vec());
    }
}

/// Which part of a NAL unit a packet holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fragment {
    Whole,
    First,
    Middle,
    Last,
}

/// A NAL unit of a packet, or a part of one.
struct Unit<'a> {
    fragment: Fragment,
    head: u8,
    body: &'a [u8],
}

impl Unit<'_> {
    /// Whether it is of the kind that stands at a picture's front alone.
    fn stands_in_front(&self) -> bool {
        let begins = matches!(self.fragment, Fragment::Whole | Fragment::First);
        begins && matches!(self.head & 0x1f, nal::SPS | nal::DELIMITER)
    }
}

/// The NAL units of a payload; `None` when it is cut, or not of this packetization mode.
fn units(payload: &[u8]) -> Option<Vec<Unit<'_>>> {
    let (&head, rest) = payload.split_first()?;
    if head & 0x80 != 0 {
        return None;
    }
    let whole = |head, body| Unit {
        fragment: Fragment::Whole,
        head,
        body,
    };
    match head & 0x1f {
        0 => None,
        1..=nal::LAST_SINGLE => Some(vec![whole(head, rest)]),
        nal::STAP_A if !rest.is_empty() => {
            let mut units = Vec::new();
            let mut left = rest;
            while !left.is_empty() {
                let (size, after) = left.split_first_chunk::<2>()?;
                let (unit, after) =
                    after.split_at_checked(usize::from(u16::from_be_bytes(*size)))?;
                let (&head, body) = unit.split_first()?;
                units.push(whole(head, body));
                left = after;
            }
            Some(units)
        }
        nal::FU_A => {
            let (&fragment, body) = rest.split_first()?;
            if body.is_empty() {
                return None;
            }
            Some(vec![Unit {
                fragment: match fragment & 0xc0 {
                    0xc0 => Fragment::Whole,
                    0x80 => Fragment::First,
                    0x40 => Fragment::Last,
                    _ => Fragment::Middle,
                },
                head: head & 0x60 | fragment & 0x1f,
                body,
            }])
        }
        _ => None,
    }
}

fn length(bytes: usize) -> [u8; LENGTH] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes()
}

fn store(out: &mut Vec<u8>, unit: &[u8]) {
    out.extend_from_slice(&length(unit.len()));
    out.extend_from_slice(unit);
}

/// The units of a stored picture, none of them empty. What is cut ends the list.
pub(crate) fn stored_units(picture: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut left = picture;
    std::iter::from_fn(move || {
        let (size, after) = left.split_first_chunk::<LENGTH>()?;
        let (unit, after) = after.split_at_checked(u32::from_be_bytes(*size) as usize)?;
        left = after;
        (!unit.is_empty()).then_some(unit)
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Stream, test_packet};
    use super::*;

    /// 640 × 360, baseline, as x264 makes them.
    const SPS: [u8; 25] = [
        0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x2f, 0xf9, 0x70, 0x11, 0x00, 0x00, 0x03, 0x00,
        0x01, 0x00, 0x00, 0x03, 0x00, 0x32, 0x0f, 0x16, 0x2e, 0x48,
    ];
    const PPS: [u8; 5] = [0x68, 0xcb, 0x83, 0xcb, 0x20];
    const IDR: [u8; 6] = [0x65, 1, 2, 3, 4, 5];
    const SLICE: [u8; 3] = [0x41, 9, 9];

    fn stream() -> Stream {
        Stream::new(Box::new(H264::default()), 0)
    }

    fn together(units: &[&[u8]]) -> Vec<u8> {
        let mut payload = vec![0x78];
        for unit in units {
            payload.extend((unit.len() as u16).to_be_bytes());
            payload.extend(*unit);
        }
        payload
    }

    fn stored(units: &[&[u8]]) -> Vec<u8> {
        let mut data = Vec::new();
        units.iter().for_each(|unit| store(&mut data, unit));
        data
    }

    /// A unit in fragments of two bytes.
    fn fragments(unit: &[u8]) -> Vec<Vec<u8>> {
        let parts: Vec<&[u8]> = unit[1..].chunks(2).collect();
        let last = parts.len() - 1;
        let fragment = |(at, part): (usize, &&[u8])| {
            let flags = u8::from(at == 0) << 7 | u8::from(at == last) << 6;
            let mut payload = vec![unit[0] & 0x60 | 28, flags | unit[0] & 0x1f];
            payload.extend(*part);
            payload
        };
        parts.iter().enumerate().map(fragment).collect()
    }

    /// Pushes pictures as packets, without those of the numbers given; pictures are 3000 ticks apart.
    fn push(stream: &mut Stream, pictures: &[Vec<Vec<u8>>], lost: &[u64]) -> Vec<Frame> {
        let mut frames = Vec::new();
        let mut sequence = 0;
        for (time, packets) in (0_u64..).zip(pictures) {
            for (at, payload) in packets.iter().enumerate() {
                sequence += 1;
                if !lost.contains(&sequence) {
                    let marker = at + 1 == packets.len();
                    let packet = test_packet(sequence, time * 3000, marker, payload.clone());
                    frames.extend(stream.push(packet));
                }
            }
        }
        frames
    }

    fn keyframe() -> Vec<Vec<u8>> {
        [vec![together(&[&SPS, &PPS])], fragments(&IDR)].concat()
    }

    #[test]
    fn keyframe_in_fragments_is_put_together_and_describes_itself() {
        let frames = push(&mut stream(), &[keyframe()], &[]);
        assert_eq!(frames.len(), 1);
        assert_eq!(frames[0].data, stored(&[&SPS, &PPS, &IDR]));
        assert!(frames[0].keyframe && frames[0].contiguous);
        assert_eq!(frames[0].size, Some((640, 360)));
        assert_eq!(frames[0].received_us, 10_000, "the first packet's");
        let private = frames[0].private.as_ref().expect("told");
        assert_eq!(private[..6], [1, 0x42, 0xc0, 0x1e, 0xff, 0xe1]);
        assert!(private.ends_with(&PPS));
    }

    #[test]
    fn keyframe_is_stored_with_the_parameter_sets_that_came_long_before() {
        let pictures = [
            keyframe(),
            vec![SLICE.to_vec()],
            vec![IDR.to_vec()],
            vec![together(&[&PPS, &IDR])],
        ];
        let frames = push(&mut stream(), &pictures, &[]);
        assert_eq!(frames[2].data, stored(&[&SPS, &PPS, &IDR]));
        assert_eq!(frames[3].data, stored(&[&SPS, &PPS, &IDR]));
        assert_eq!(frames[3].private, frames[0].private);
    }

    #[test]
    fn keyframe_without_any_parameter_sets_is_dropped() {
        assert_eq!(push(&mut stream(), &[vec![IDR.to_vec()]], &[]), []);
    }

    #[test]
    fn after_a_loss_pictures_are_not_contiguous_until_a_keyframe() {
        let slice = || vec![SLICE.to_vec()];
        let pictures = [keyframe(), slice(), slice(), slice(), keyframe(), slice()];
        // The third picture is lost; the fourth cannot be told from its rest.
        let frames = push(&mut stream(), &pictures, &[6]);
        let facts: Vec<_> = frames
            .iter()
            .map(|frame| (frame.time / 3000, frame.contiguous, frame.lost_before))
            .collect();
        assert_eq!(
            facts,
            [(0, true, 0), (1, true, 0), (4, true, 1), (5, true, 0)]
        );
    }

    #[test]
    fn picture_with_a_gap_is_dropped() {
        for gap in 1..=4 {
            let pictures = [keyframe(), vec![SLICE.to_vec()]];
            let frames = push(&mut stream(), &pictures, &[gap]);
            assert!(
                frames.iter().all(|frame| !frame.keyframe),
                "packet {gap} is missing"
            );
            assert!(frames.iter().all(|frame| !frame.contiguous));
        }
    }

    #[test]
    fn missing_marker_is_made_up_for_by_the_next_picture() {
        let mut stream = stream();
        stream.push(test_packet(1, 0, false, together(&[&SPS, &PPS, &IDR])));
        let frames = stream.push(test_packet(2, 9, true, SLICE.to_vec()));
        let times: Vec<u64> = frames.iter().map(|frame| frame.time).collect();
        assert_eq!(times, [0, 9]);
        assert!(frames[1].contiguous);
    }

    #[test]
    fn padding_between_pictures_does_no_harm() {
        let mut stream = stream();
        stream.push(test_packet(1, 0, true, together(&[&SPS, &PPS, &IDR])));
        assert!(stream.push(test_packet(2, 0, false, vec![])).is_empty());
        assert!(stream.push(test_packet(3, 9, true, SLICE.to_vec()))[0].contiguous);
    }

    #[test]
    fn truncation_at_every_byte_is_survived() {
        for payload in [together(&[&SPS, &PPS, &IDR]), fragments(&IDR)[0].clone()] {
            for cut in 0..payload.len() {
                let mut stream = stream();
                let frames = stream.push(test_packet(1, 0, true, payload[..cut].to_vec()));
                assert!(frames.iter().all(|frame| !frame.keyframe), "{cut} bytes");
            }
        }
    }
}
