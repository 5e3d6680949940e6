//! H.264 over RTP (RFC 6184, packetization mode 1): where pictures and keyframes begin.
//!
//! The payload has no descriptor: nothing in it numbers pictures, and nothing says that a packet is a picture's first.
//! Both are told from the packets before it.

/// NAL unit types (ITU-T H.264, table 7-1) and packet types (RFC 6184, table 1).
mod nal {
    pub(super) const IDR: u8 = 5;
    pub(super) const SEI: u8 = 6;
    pub(super) const SPS: u8 = 7;
    pub(super) const DELIMITER: u8 = 9;
    pub(super) const LAST_SINGLE: u8 = 23;
    pub(super) const STAP_A: u8 = 24;
    pub(super) const FU_A: u8 = 28;
}

/// What one packet holds, as far as a forwarder must know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Contents {
    /// A sequence parameter set begins in it.
    parameters: bool,
    /// A picture that refers to no other begins in it.
    idr: bool,
    /// There is nothing in it but delimiters and supplemental information.
    preamble: bool,
}

/// What one packet says of its picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) of_picture: bool,
    pub(super) of_keyframe: bool,
}

/// What came last of one stream.
#[derive(Debug, Clone, Copy)]
struct Last {
    sequence: u64,
    time: u64,
    marker: bool,
    /// Whether its picture is whole so far, and only preamble.
    preamble: bool,
}

/// Follows one stream.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tracker {
    last: Option<Last>,
}

impl Tracker {
    /// Reads a packet; `None` when it is not one of this packetization mode, or cut.
    pub(super) fn read(
        &mut self,
        sequence: u64,
        time: u64,
        marker: bool,
        payload: &[u8],
    ) -> Option<Start> {
        let contents = contents(payload)?;
        let last = self.last;
        let newest = last.is_none_or(|last| sequence > last.sequence);
        let of_picture = newest && last.is_none_or(|last| time != last.time);
        // Whether what is missing before this packet, if anything, belongs to earlier pictures.
        let whole = match last {
            None => true,
            Some(last) if sequence == last.sequence + 1 => {
                if of_picture {
                    last.marker
                } else {
                    last.preamble
                }
            }
            Some(_) => false,
        };
        if newest {
            self.last = Some(Last {
                sequence,
                time,
                marker,
                preamble: whole && contents.preamble,
            });
        }
        Some(Start {
            of_picture,
            // Decoding begins at the parameter sets. An encoder that sends them once, or in its offer alone, begins
            // its keyframes with the picture itself; behind parameter sets it is the middle of a keyframe.
            of_keyframe: contents.parameters || (contents.idr && whole),
        })
    }
}

fn contents(payload: &[u8]) -> Option<Contents> {
    let (&head, rest) = payload.split_first()?;
    if head & 0x80 != 0 {
        return None;
    }
    let mut contents = Contents {
        preamble: true,
        ..Contents::default()
    };
    match head & 0x1f {
        0 => return None,
        unit @ 1..=nal::LAST_SINGLE => contents.add(unit),
        nal::STAP_A if !rest.is_empty() => {
            let mut units = rest;
            while !units.is_empty() {
                let (length, after) = units.split_first_chunk::<2>()?;
                let (unit, after) =
                    after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
                contents.add(unit.first()? & 0x1f);
                units = after;
            }
        }
        nal::FU_A => {
            let (&fragment, body) = rest.split_first()?;
            if body.is_empty() {
                return None;
            }
            if fragment & 0x80 == 0 {
                return Some(Contents::default());
            }
            contents.add(fragment & 0x1f);
        }
        _ => return None,
    }
    Some(contents)
}

impl Contents {
    fn add(&mut self, unit: u8) {
        match unit {
            // Behind the parameter sets of the same packet a picture is no start of its own.
            nal::IDR => self.idr |= !self.parameters,
            nal::SPS => self.parameters = true,
            _ => {}
        }
        self.preamble &= matches!(unit, nal::SEI | nal::DELIMITER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPS: &[u8] = &[0x67, 0x42, 0xe0, 0x1f];
    const PPS: &[u8] = &[0x68, 0xce];
    const SEI: &[u8] = &[0x06, 0x05];
    const DELIMITER: &[u8] = &[0x09, 0x10];
    const IDR: &[u8] = &[0x65, 0x88];
    const SLICE: &[u8] = &[0x41, 0x9a];

    fn together(units: &[&[u8]]) -> Vec<u8> {
        let mut payload = vec![0x78];
        for unit in units {
            payload.extend((unit.len() as u16).to_be_bytes());
            payload.extend(*unit);
        }
        payload
    }

    fn fragment(unit: u8, first: bool, last: bool) -> Vec<u8> {
        let flags = u8::from(first) << 7 | u8::from(last) << 6;
        vec![0x7c, flags | unit, 1, 2, 3]
    }

    /// Reads packets of pictures, each a list of payloads; tells which packets start a picture, and a keyframe.
    fn starts(pictures: &[&[Vec<u8>]]) -> (Vec<bool>, Vec<bool>) {
        let mut tracker = Tracker::default();
        let mut sequence = 0;
        let (mut of_picture, mut of_keyframe) = (Vec::new(), Vec::new());
        for (time, packets) in (0_u64..).zip(pictures) {
            for (at, payload) in packets.iter().enumerate() {
                sequence += 1;
                let marker = at + 1 == packets.len();
                let start = tracker
                    .read(sequence, time * 3000, marker, payload)
                    .unwrap();
                of_picture.push(start.of_picture);
                of_keyframe.push(start.of_keyframe);
            }
        }
        (of_picture, of_keyframe)
    }

    #[test]
    fn keyframe_begins_at_the_parameter_sets_however_they_are_packed() {
        let slice = vec![SLICE.to_vec()];
        for keyframe in [
            vec![together(&[SPS, PPS, IDR])],
            vec![together(&[DELIMITER, SPS, PPS]), fragment(5, true, false)],
            vec![SPS.to_vec(), PPS.to_vec(), IDR.to_vec()],
            vec![together(&[SPS, PPS]), IDR.to_vec(), IDR.to_vec()],
            vec![
                fragment(7, true, false),
                fragment(7, false, true),
                IDR.to_vec(),
            ],
        ] {
            let (pictures, keyframes) = starts(&[&slice, &keyframe, &slice]);
            let mut expected = vec![false; keyframe.len() + 2];
            expected[1] = true;
            assert_eq!(keyframes, expected, "{keyframe:x?}");
            expected[0] = true;
            *expected.last_mut().unwrap() = true;
            assert_eq!(pictures, expected, "{keyframe:x?}");
        }
    }

    #[test]
    fn keyframe_without_parameter_sets_begins_at_the_picture() {
        let slice = vec![SLICE.to_vec()];
        let plain = vec![fragment(5, true, false), fragment(5, false, true)];
        assert_eq!(starts(&[&slice, &plain]).1, [false, true, false]);
        let behind_preamble = vec![DELIMITER.to_vec(), SEI.to_vec(), IDR.to_vec()];
        assert_eq!(
            starts(&[&slice, &behind_preamble]).1,
            [false, false, false, true]
        );
    }

    #[test]
    fn second_slice_of_a_keyframe_is_no_start() {
        let slices = vec![IDR.to_vec(), IDR.to_vec()];
        assert_eq!(starts(&[&slices]).1, [true, false]);
    }

    #[test]
    fn picture_whose_first_packets_are_missing_is_no_keyframe_start() {
        let mut tracker = Tracker::default();
        tracker.read(1, 0, true, SLICE).unwrap();
        // Packet 2, which may have held the parameter sets, is missing.
        let start = tracker.read(3, 3000, true, IDR).unwrap();
        assert!(!start.of_keyframe);
        // It comes late.
        let late = tracker.read(2, 3000, false, &together(&[SPS, PPS]));
        assert!(late.unwrap().of_keyframe && !late.unwrap().of_picture);
    }

    #[test]
    fn truncation_at_every_byte_is_refused_or_read_as_less() {
        let whole = together(&[SPS, PPS, IDR]);
        for cut in 0..whole.len() {
            let begins = |bytes: &[u8]| Tracker::default().read(1, 0, true, bytes);
            match begins(&whole[..cut]) {
                None => {}
                // Between two units.
                Some(_) => assert!([7, 11].contains(&cut), "{cut} bytes"),
            }
        }
        assert_eq!(contents(&fragment(5, true, false)[..2]), None);
    }

    #[test]
    fn types_of_other_packetization_modes_are_refused() {
        for unit in [0, 25, 26, 27, 29, 30, 31] {
            assert_eq!(contents(&[unit, 0, 0, 0, 0]), None, "{unit}");
        }
        assert_eq!(contents(&[0x80 | 1, 0]), None, "the forbidden bit");
    }

    #[test]
    fn every_first_three_bytes_are_survived() {
        for first in 0..=u8::MAX {
            for second in 0..=u8::MAX {
                for third in [0, 1, 5, 7, 0x80, 0x85, 0xff] {
                    let bytes = [first, second, third, 0x65, 0];
                    for cut in 0..=bytes.len() {
                        let _ = contents(&bytes[..cut]);
                    }
                }
            }
        }
    }
}
