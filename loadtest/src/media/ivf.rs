//! Reads IVF, the minimal container of VP8: a header of 32 bytes, then 12 bytes before each frame.

/// Why a file is not IVF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IvfError {
    /// It does not begin with `DKIF`.
    NotIvf,
    /// It ends in the middle of a header or of a frame.
    Truncated,
}

impl std::fmt::Display for IvfError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotIvf => "the file is not IVF",
            Self::Truncated => "the file ends in the middle of a frame",
        })
    }
}

impl std::error::Error for IvfError {}

/// An IVF file; its frames borrow from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clip<'a> {
    /// The codec, `VP80` for VP8.
    pub four_cc: [u8; 4],
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// The encoded frames in file order.
    pub frames: Vec<&'a [u8]>,
}

impl<'a> Clip<'a> {
    /// Reads a whole file.
    ///
    /// # Errors
    /// When the signature is wrong or the file is cut off.
    pub fn parse(file: &'a [u8]) -> Result<Self, IvfError> {
        if !file.starts_with(b"DKIF") {
            return Err(IvfError::NotIvf);
        }
        let header = file.first_chunk::<32>().ok_or(IvfError::Truncated)?;
        let u16_at = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
        let mut rest = file
            .get(usize::from(u16_at(6))..)
            .ok_or(IvfError::Truncated)?;
        let mut frames = Vec::new();
        while !rest.is_empty() {
            let (frame_header, after) =
                rest.split_first_chunk::<12>().ok_or(IvfError::Truncated)?;
            let [a, b, c, d, ..] = *frame_header;
            let length = u32::from_le_bytes([a, b, c, d]) as usize;
            let (frame, after) = after.split_at_checked(length).ok_or(IvfError::Truncated)?;
            frames.push(frame);
            rest = after;
        }
        Ok(Self {
            four_cc: [header[8], header[9], header[10], header[11]],
            width: u16_at(12),
            height: u16_at(14),
            frames,
        })
    }
}

/// The bytes of an IVF file with these VP8 frames, for tests and for handing received video to a decoder.
#[must_use]
pub fn write_vp8(width: u16, height: u16, frames: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let mut file = b"DKIF\0\0\x20\0VP80".to_vec();
    file.extend(width.to_le_bytes());
    file.extend(height.to_le_bytes());
    file.extend(super::FRAME_RATE.to_le_bytes());
    file.extend(1u32.to_le_bytes());
    file.extend((frames.len() as u32).to_le_bytes());
    file.extend([0; 4]);
    for (index, frame) in frames.iter().enumerate() {
        let frame = frame.as_ref();
        file.extend((frame.len() as u32).to_le_bytes());
        file.extend((index as u64).to_le_bytes());
        file.extend(frame);
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_frames_are_read_back() {
        let frames: [&[u8]; 3] = [b"one", b"", b"three"];
        let file = write_vp8(320, 180, &frames);
        let clip = Clip::parse(&file).unwrap();
        assert_eq!(&clip.four_cc, b"VP80");
        assert_eq!((clip.width, clip.height), (320, 180));
        assert_eq!(clip.frames, frames);
    }

    #[test]
    fn a_cut_file_is_refused_or_ends_at_a_frame() {
        let file = write_vp8(320, 180, &[b"first", b"again"]);
        for length in 0..file.len() {
            match Clip::parse(&file[..length]) {
                Ok(clip) => assert!(clip.frames.len() < 2, "cut at {length}"),
                Err(error) => assert!(length < 4 || error == IvfError::Truncated),
            }
        }
        assert_eq!(Clip::parse(b"RIFF"), Err(IvfError::NotIvf));
    }
}
