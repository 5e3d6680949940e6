//! A Matroska file (RFC 9559) of one track that can be cut at any byte: the Segment's end is unknown, and each Cluster
//! is put together in memory and appended whole.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

use super::ebml::{self, Head};

/// Identifiers of the elements used.
pub(crate) mod id {
    pub(crate) const EBML: u32 = 0x1a45_dfa3;
    pub(crate) const SEGMENT: u32 = 0x1853_8067;
    pub(crate) const CLUSTER: u32 = 0x1f43_b675;
    pub(crate) const TIMESTAMP: u32 = 0xe7;
    pub(crate) const SIMPLE_BLOCK: u32 = 0xa3;
    pub(crate) const BLOCK_GROUP: u32 = 0xa0;
    pub(crate) const BLOCK: u32 = 0xa1;
    pub(super) const TRACKS: u32 = 0x1654_ae6b;
    pub(super) const INFO: u32 = 0x1549_a966;
}

/// What a file's only track is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec<'a> {
    /// Opus at 48 kHz.
    Opus,
    /// VP8 whose first keyframe has this size in pixels.
    Vp8 { size: (u16, u16) },
    /// VP9; the size of its highest layer.
    Vp9 { size: (u16, u16) },
    /// H.264 of this size, and what its decoder must know beforehand.
    H264 { size: (u16, u16), private: &'a [u8] },
}

impl<'a> Codec<'a> {
    /// The codec of this name, for a file that begins with a frame of this size and this private part.
    pub(crate) fn beginning_with(
        name: &str,
        size: Option<(u16, u16)>,
        private: Option<&'a [u8]>,
    ) -> Self {
        match (size, private) {
            (None, _) => Self::Opus,
            (Some(size), None) if name == "vp9" => Self::Vp9 { size },
            (Some(size), None) => Self::Vp8 { size },
            (Some(size), Some(private)) => Self::H264 { size, private },
        }
    }
}

/// Everything before the first cluster.
pub(crate) fn header(codec: Codec<'_>) -> Vec<u8> {
    let mut ebml = Vec::new();
    for (id, value) in [(0x4286, 1), (0x42f7, 1), (0x42f2, 4), (0x42f3, 8)] {
        ebml::unsigned(&mut ebml, id, value);
    }
    ebml::element(&mut ebml, 0x4282, b"matroska");
    ebml::unsigned(&mut ebml, 0x4287, 4);
    ebml::unsigned(&mut ebml, 0x4285, 2);

    let mut info = Vec::new();
    ebml::unsigned(&mut info, 0x2a_d7b1, 1_000_000);
    ebml::element(&mut info, 0x4d80, b"diemcau");
    ebml::element(
        &mut info,
        0x5741,
        concat!("diemcau recorder ", env!("CARGO_PKG_VERSION")).as_bytes(),
    );

    let mut track = Vec::new();
    ebml::unsigned(&mut track, 0xd7, 1);
    ebml::unsigned(&mut track, 0x73c5, 1);
    ebml::unsigned(&mut track, 0x9c, 0);
    match codec {
        Codec::Opus => {
            ebml::unsigned(&mut track, 0x83, 2);
            ebml::element(&mut track, 0x86, b"A_OPUS");
            ebml::element(&mut track, 0x63a2, &opus_head());
            // 80 ms, what RFC 7845 asks decoders to run in before a seek.
            ebml::unsigned(&mut track, 0x56bb, 80_000_000);
            let mut audio = Vec::new();
            ebml::element(&mut audio, 0xb5, &48_000_f64.to_be_bytes());
            ebml::unsigned(&mut audio, 0x9f, 2);
            ebml::element(&mut track, 0xe1, &audio);
        }
        Codec::Vp8 { size } => picture(&mut track, b"V_VP8", size),
        Codec::Vp9 { size } => picture(&mut track, b"V_VP9", size),
        Codec::H264 { size, private } => {
            ebml::element(&mut track, 0x63a2, private);
            picture(&mut track, b"V_MPEG4/ISO/AVC", size);
        }
    }
    let mut tracks = Vec::new();
    ebml::element(&mut tracks, 0xae, &track);

    let mut out = Vec::new();
    ebml::element(&mut out, id::EBML, &ebml);
    ebml::open_ended(&mut out, id::SEGMENT);
    ebml::element(&mut out, id::INFO, &info);
    ebml::element(&mut out, id::TRACKS, &tracks);
    out
}

fn picture(track: &mut Vec<u8>, codec: &[u8], (width, height): (u16, u16)) {
    ebml::unsigned(track, 0x83, 1);
    ebml::element(track, 0x86, codec);
    let mut video = Vec::new();
    ebml::unsigned(&mut video, 0xb0, u64::from(width));
    ebml::unsigned(&mut video, 0xba, u64::from(height));
    ebml::element(track, 0xe0, &video);
}

/// `OpusHead` (RFC 7845, 5.1): two channels, no pre-skip, since RTP begins anywhere in a conversation.
fn opus_head() -> Vec<u8> {
    let mut head = b"OpusHead\x01\x02".to_vec();
    head.extend_from_slice(&0_u16.to_le_bytes());
    head.extend_from_slice(&48_000_u32.to_le_bytes());
    head.extend_from_slice(&[0, 0, 0]);
    head
}

/// A cluster being put together.
#[derive(Default)]
pub(crate) struct Cluster {
    begin_ms: u64,
    payload: Vec<u8>,
}

impl Cluster {
    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.payload.is_empty()
    }

    /// When its first frame is shown.
    pub(crate) fn begin_ms(&self) -> u64 {
        self.begin_ms
    }

    /// Bytes so far.
    pub(crate) fn bytes(&self) -> usize {
        self.payload.len()
    }

    /// Adds a frame that is shown at `at_ms`; returns where its bytes begin, counted from the payload's begin.
    /// A frame from before the cluster, or over 32 s after its begin, is put at the nearest time possible.
    pub(crate) fn push(&mut self, at_ms: u64, keyframe: bool, data: &[u8]) -> usize {
        if self.payload.is_empty() {
            self.begin_ms = at_ms;
            ebml::unsigned(&mut self.payload, id::TIMESTAMP, at_ms);
        }
        let relative = i16::try_from(at_ms.saturating_sub(self.begin_ms)).unwrap_or(i16::MAX);
        let [high, low] = relative.to_be_bytes();
        let mut block = Vec::with_capacity(data.len() + 4);
        block.extend_from_slice(&[0x81, high, low, if keyframe { 0x80 } else { 0 }]);
        block.extend_from_slice(data);
        ebml::element(&mut self.payload, id::SIMPLE_BLOCK, &block);
        self.payload.len() - data.len()
    }

    /// Takes the cluster as it goes to the file, and how many of its bytes come before the payload.
    pub(crate) fn take(&mut self) -> (Vec<u8>, usize) {
        let payload = std::mem::take(&mut self.payload);
        let mut out = Vec::with_capacity(payload.len() + 12);
        ebml::element(&mut out, id::CLUSTER, &payload);
        let head = out.len() - payload.len();
        (out, head)
    }
}

/// How many bytes of a file are its header and whole clusters; `None` when not even the header is whole.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn whole_length(file: &File) -> io::Result<Option<u64>> {
    let end = file.metadata()?.len();
    let mut at = 0;
    let mut whole = None;
    while let Some(head) = head_at(file, at)? {
        match (head.id, head.size) {
            (id::SEGMENT, _) => at += head.length,
            (id, Some(size)) => {
                let Some(next) = (at + head.length)
                    .checked_add(size)
                    .filter(|next| *next <= end)
                else {
                    break;
                };
                at = next;
                if matches!(id, id::TRACKS | id::CLUSTER) {
                    whole = Some(at);
                }
            }
            (_, None) => break,
        }
    }
    Ok(whole)
}

fn head_at(file: &File, at: u64) -> io::Result<Option<Head>> {
    let mut bytes = [0; 12];
    let read = file.read_at(&mut bytes, at)?;
    Ok(ebml::read_head(&mut &bytes[..read]).unwrap_or(None))
}

/// Reads the frames of a Matroska stream of one track, such as a decoder writes to its output.
pub(crate) struct BlockReader<R> {
    input: R,
    cluster: u64,
}

impl<R: Read> BlockReader<R> {
    /// Reads from `input`.
    pub(crate) fn new(input: R) -> Self {
        Self { input, cluster: 0 }
    }

    /// The next frame into `data`: its time in the stream's unit, or `None` at the end of the stream.
    ///
    /// # Errors
    /// When the stream cannot be read, is cut, is not Matroska, or holds a frame longer than `limit` bytes.
    pub(crate) fn next(&mut self, data: &mut Vec<u8>, limit: u64) -> io::Result<Option<u64>> {
        while let Some(head) = ebml::read_head(&mut self.input)? {
            match (head.id, head.size) {
                (id::SEGMENT | id::CLUSTER | id::BLOCK_GROUP, _) => {}
                (id::TIMESTAMP, Some(size @ ..=8)) => {
                    let mut bytes = [0; 8];
                    self.input.read_exact(&mut bytes[8 - size as usize..])?;
                    self.cluster = u64::from_be_bytes(bytes);
                }
                (id::SIMPLE_BLOCK | id::BLOCK, Some(size @ 4..)) if size - 4 <= limit => {
                    let mut block = [0; 4];
                    self.input.read_exact(&mut block)?;
                    data.resize((size - 4) as usize, 0);
                    self.input.read_exact(data)?;
                    let relative = i16::from_be_bytes([block[1], block[2]]);
                    return Ok(Some(
                        self.cluster.saturating_add_signed(i64::from(relative)),
                    ));
                }
                (id::SIMPLE_BLOCK | id::BLOCK, _) | (_, None) => {
                    return Err(io::ErrorKind::InvalidData.into());
                }
                (_, Some(size)) => {
                    let skipped = io::copy(&mut (&mut self.input).take(size), &mut io::sink())?;
                    if skipped < size {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn three_clusters() -> (Vec<u8>, Vec<u64>) {
        let mut bytes = header(Codec::Opus);
        let mut ends = vec![bytes.len() as u64];
        let mut cluster = Cluster::default();
        for n in 0..3_u64 {
            for frame in 0..4 {
                cluster.push(n * 1_000 + frame * 20, true, &[frame as u8; 9]);
            }
            bytes.extend(cluster.take().0);
            ends.push(bytes.len() as u64);
        }
        (bytes, ends)
    }

    #[test]
    fn file_cut_at_any_byte_keeps_its_whole_clusters() {
        let (bytes, ends) = three_clusters();
        for cut in 0..=bytes.len() {
            let mut file = tempfile::tempfile().expect("a file");
            file.write_all(&bytes[..cut]).expect("written");
            let expected = ends.iter().copied().rfind(|end| *end <= cut as u64);
            assert_eq!(
                whole_length(&file).expect("readable"),
                expected,
                "cut at {cut}"
            );
        }
    }

    #[test]
    fn frames_come_back_with_their_times() {
        let (bytes, _) = three_clusters();
        let mut reader = BlockReader::new(&bytes[..]);
        let mut data = Vec::new();
        let mut times = Vec::new();
        while let Some(at) = reader.next(&mut data, 100).expect("a whole stream") {
            assert_eq!(data.len(), 9);
            times.push(at);
        }
        assert_eq!(times[..6], [0, 20, 40, 60, 1_000, 1_020]);
        assert_eq!(times.len(), 12);
    }

    #[test]
    fn reader_takes_any_bytes() {
        let (bytes, _) = three_clusters();
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0x55;
            let mut reader = BlockReader::new(&bytes[..at.max(40)]);
            while let Ok(Some(_)) = reader.next(&mut Vec::new(), 100) {}
        }
    }
}
