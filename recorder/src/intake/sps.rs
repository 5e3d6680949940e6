//! The size of a picture, from the sequence parameter set of H.264 (ITU-T H.264, 7.3.2.1.1).

/// Reads the bits of a unit, without the bytes that keep start codes out of it (7.4.1.1).
struct Bits<'a> {
    bytes: &'a [u8],
    /// Zero bytes right before.
    zeros: u32,
    current: u8,
    left: u32,
}

impl Bits<'_> {
    fn bit(&mut self) -> Option<u32> {
        if self.left == 0 {
            let (&byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            if self.zeros >= 2 && byte == 3 {
                self.zeros = 0;
                return self.bit();
            }
            self.zeros = if byte == 0 { self.zeros + 1 } else { 0 };
            (self.current, self.left) = (byte, 8);
        }
        self.left -= 1;
        Some(u32::from(self.current >> self.left & 1))
    }

    fn bits(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0, |value, _| Some(value << 1 | self.bit()?))
    }

    /// `ue(v)`, 9.1.
    fn number(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.bit()? == 0 {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1_u32 << zeros) - 1 + self.bits(zeros)?)
    }

    /// `se(v)`, 9.1.1.
    fn signed(&mut self) -> Option<i32> {
        let number = self.number()?;
        let half = i32::try_from(number.div_ceil(2)).ok()?;
        Some(if number % 2 == 0 { -half } else { half })
    }

    /// 7.3.2.1.1.1: read to be passed over.
    fn scaling_list(&mut self, entries: u32) -> Option<()> {
        let (mut last, mut next) = (8, 8);
        for _ in 0..entries {
            if next != 0 {
                next = (last + self.signed()?).rem_euclid(256);
            }
            if next != 0 {
                last = next;
            }
        }
        Some(())
    }
}

/// Profiles whose parameter sets tell of chroma (7.3.2.1.1).
const WITH_CHROMA: [u32; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

/// Width and height in pixels, cropped; `None` when the unit is cut or tells nonsense.
pub(super) fn size(unit: &[u8]) -> Option<(u16, u16)> {
    let mut bits = Bits {
        bytes: unit.get(1..)?,
        zeros: 0,
        current: 0,
        left: 0,
    };
    let profile = bits.bits(8)?;
    bits.bits(16)?;
    bits.number()?;
    let (mut chroma, mut separate) = (1, 0);
    if WITH_CHROMA.contains(&profile) {
        chroma = bits.number()?;
        if chroma == 3 {
            separate = bits.bit()?;
        }
        bits.number()?;
        bits.number()?;
        bits.bit()?;
        if bits.bit()? == 1 {
            for list in 0..if chroma == 3 { 12 } else { 8 } {
                if bits.bit()? == 1 {
                    bits.scaling_list(if list < 6 { 16 } else { 64 })?;
                }
            }
        }
    }
    bits.number()?;
    match bits.number()? {
        0 => {
            bits.number()?;
        }
        1 => {
            bits.bit()?;
            bits.signed()?;
            bits.signed()?;
            for _ in 0..bits.number()?.min(255) {
                bits.signed()?;
            }
        }
        _ => {}
    }
    bits.number()?;
    bits.bit()?;
    let width = bits.number()?.checked_add(1)?.checked_mul(16)?;
    let map_units = bits.number()?.checked_add(1)?.checked_mul(16)?;
    let frames_only = bits.bit()?;
    if frames_only == 0 {
        bits.bit()?;
    }
    let height = map_units.checked_mul(2 - frames_only)?;
    bits.bit()?;
    let mut crop = [0; 4];
    if bits.bit()? == 1 {
        for side in &mut crop {
            *side = bits.number()?;
        }
    }
    // Table 6-1 and equations 7-19 to 7-22.
    let (across, down) = match (chroma, separate) {
        (1, _) => (2, 2),
        (2, _) => (2, 1),
        _ => (1, 1),
    };
    let cropped = |pixels: u32, unit: u32, a: u32, b: u32| {
        let left = pixels.checked_sub(a.checked_add(b)?.checked_mul(unit)?)?;
        u16::try_from(left).ok().filter(|left| *left > 0)
    };
    Some((
        cropped(width, across, crop[0], crop[1])?,
        cropped(height, down * (2 - frames_only), crop[2], crop[3])?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len() / 2)
            .map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).expect("hex"))
            .collect()
    }

    /// As x264 makes them: baseline whose height is cropped, high with scaling lists, 4:4:4, interlaced.
    const SAMPLES: [(&str, (u16, u16)); 5] = [
        (
            "6742c01ed900a02ff97011000003000100000300320f162e48",
            (640, 360),
        ),
        (
            "6742c00cd901419f9f011000000300100000030320f142a480",
            (320, 180),
        ),
        (
            "67640028acd940780227e5c044000003000400000300c83c60c658",
            (1920, 1080),
        ),
        (
            "67f4000c919b282833f1b808800000030080000019078a14cb",
            (320, 180),
        ),
        (
            "6764001eacd940b424d8088000000300800000190f8a14cb",
            (720, 576),
        ),
    ];

    #[test]
    fn sizes_of_real_encoders_are_read() {
        for (hex, expected) in SAMPLES {
            assert_eq!(size(&bytes(hex)), Some(expected), "{hex}");
        }
    }

    #[test]
    fn truncation_at_every_byte_is_survived() {
        for (hex, _) in SAMPLES {
            let whole = bytes(hex);
            for cut in 0..whole.len() {
                let _ = size(&whole[..cut]);
            }
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = size(&bytes);
        }
    }
}
