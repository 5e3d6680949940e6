//! The department's mark: a picture from outside, of which nothing is kept but its pixels.
//!
//! What comes is read within limits and written anew, so that what is served is a plain PNG, whatever else the file was. Drawings
//! (SVG) are refused here: the page makes pixels of them before it sends them, in a browser that runs none of their scripts.

use std::io::Cursor;

use png::{Compression, Decoder, Encoder, Limits, Transformations};
use sha2::{Digest as _, Sha256};

/// How large a file is at most.
pub(super) const MOST_BYTES: usize = 200 * 1_024;
/// How small and how large a side is, in pixels.
const LEAST_SIDE: u32 = 32;
const MOST_SIDE: u32 = 1_024;
/// How much longer one side is than the other at most.
const MOST_RATIO: u32 = 4;
/// What the reader may hold: a picture of the largest size with sixteen bits a channel, and some room.
const MOST_MEMORY: usize = 16 * 1_024 * 1_024;

/// Why a picture cannot be the mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EmblemFault {
    /// It is no PNG.
    NoPng,
    /// It cannot be read to its end.
    Damaged,
    /// A side is shorter than 32 pixels.
    TooSmall,
    /// A side is longer than 1024 pixels, or the file is too large.
    TooLarge,
    /// One side is more than four times the other.
    TooNarrow,
}

impl EmblemFault {
    /// The stable word.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::NoPng => "no_png",
            Self::Damaged => "damaged",
            Self::TooSmall => "too_small",
            Self::TooLarge => "too_large",
            Self::TooNarrow => "too_narrow",
        }
    }
}

/// A picture that was drawn anew.
#[derive(Debug)]
pub(super) struct Drawn {
    hash: String,
    bytes: Vec<u8>,
}

impl Drawn {
    /// SHA-256 of it, in hexadecimal digits.
    pub(super) fn hash(&self) -> &str {
        &self.hash
    }

    /// As it is served.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads a PNG and draws it anew: eight bits a channel, and nothing beside the pixels.
///
/// # Errors
/// Why it cannot be the mark.
pub(super) fn draw(bytes: &[u8]) -> Result<Drawn, EmblemFault> {
    if bytes.len() > MOST_BYTES {
        return Err(EmblemFault::TooLarge);
    }
    if !bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Err(EmblemFault::NoPng);
    }
    let limits = Limits { bytes: MOST_MEMORY };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|_| EmblemFault::Damaged)?;
    let (width, height) = reader.info().size();
    check_size(width, height)?;
    let size = reader.output_buffer_size().ok_or(EmblemFault::TooLarge)?;
    let mut pixels = vec![0; size];
    let frame = reader
        .next_frame(&mut pixels)
        .map_err(|_| EmblemFault::Damaged)?;
    let pixels = pixels
        .get(..frame.buffer_size())
        .ok_or(EmblemFault::Damaged)?;
    let mut drawn = Vec::new();
    let mut encoder = Encoder::new(&mut drawn, frame.width, frame.height);
    encoder.set_color(frame.color_type);
    encoder.set_depth(frame.bit_depth);
    encoder.set_compression(Compression::High);
    let mut writer = encoder.write_header().map_err(|_| EmblemFault::Damaged)?;
    let written = writer.write_image_data(pixels);
    written
        .and_then(|()| writer.finish())
        .map_err(|_| EmblemFault::Damaged)?;
    Ok(Drawn {
        hash: hex::encode(Sha256::digest(&drawn)),
        bytes: drawn,
    })
}

fn check_size(width: u32, height: u32) -> Result<(), EmblemFault> {
    let (shorter, longer) = (width.min(height), width.max(height));
    if longer > MOST_SIDE {
        Err(EmblemFault::TooLarge)
    } else if shorter < LEAST_SIDE {
        Err(EmblemFault::TooSmall)
    } else if longer > shorter * MOST_RATIO {
        Err(EmblemFault::TooNarrow)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of this size, with a text beside its pixels.
    fn picture(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Rgba);
        encoder
            .add_text_chunk("Comment".to_owned(), "<script>1</script>".to_owned())
            .unwrap();
        let mut writer = encoder.write_header().unwrap();
        let count = usize::try_from(width * height).unwrap();
        writer
            .write_image_data(&[1, 2, 3, 255].repeat(count))
            .unwrap();
        writer.finish().unwrap();
        bytes
    }

    fn fault(bytes: &[u8]) -> EmblemFault {
        draw(bytes).expect_err("it is refused")
    }

    #[test]
    fn pixels_stay_and_nothing_else_of_the_file_does() {
        let mut file = picture(64, 48);
        file.extend(b"PK\x03\x04 and an archive behind it");
        let has = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|some| some == what);
        assert!(has(&file, b"<script>"));
        let drawn = draw(&file).unwrap();
        assert!(!has(drawn.bytes(), b"script") && !has(drawn.bytes(), b"archive"));
        let mut again = Decoder::new(Cursor::new(drawn.bytes()))
            .read_info()
            .unwrap();
        assert_eq!(again.info().size(), (64, 48));
        let mut pixels = vec![0; again.output_buffer_size().unwrap()];
        again.next_frame(&mut pixels).unwrap();
        assert_eq!(pixels[..4], [1, 2, 3, 255]);
        // Drawn a second time it is the same.
        assert_eq!(draw(drawn.bytes()).unwrap().hash(), drawn.hash());
    }

    #[test]
    fn what_is_no_picture_or_has_no_good_size_is_refused_by_its_reason() {
        assert_eq!(fault(b"<svg onload=\"alert(1)\"/>"), EmblemFault::NoPng);
        assert_eq!(fault(b""), EmblemFault::NoPng);
        assert_eq!(fault(&picture(16, 64)), EmblemFault::TooSmall);
        assert_eq!(fault(&picture(200, 40)), EmblemFault::TooNarrow);
        assert_eq!(fault(&vec![0; MOST_BYTES + 1]), EmblemFault::TooLarge);
        let whole = picture(64, 64);
        assert_eq!(fault(&whole[..whole.len() / 2]), EmblemFault::Damaged);
        // A few bytes that say they are a picture of four thousand million pixels.
        let mut huge = picture(64, 64);
        huge[16..24].copy_from_slice(&[0, 0, 255, 255, 0, 0, 255, 255]);
        assert!(matches!(
            fault(&huge),
            EmblemFault::TooLarge | EmblemFault::Damaged
        ));
    }
}
