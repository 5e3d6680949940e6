//! The index of an epoch: time facts of every frame, appended after the frames themselves.
//!
//! ```text
//! "DCIX" | u16 version | u32 length of head | head as JSON | u32 CRC of the head      (little endian throughout)
//! then records of 36 bytes: u8 kind | u8 flags | u16 lost | u32 size | 3 × u64 | u32 CRC of the record
//!   kind 1, a frame:           RTP time, receive time in µs, offset of its bytes in the Matroska file
//!   kind 2, a sender report:   NTP time 32.32, RTP time, receive time in µs
//!   kind 3, a gap of the relay: packets dropped, from µs, to µs
//! ```
//!
//! Fixed records with their own CRC make the file readable up to wherever it was cut.

use std::io::{self, Read, Seek, SeekFrom};

use protocol::gaps::Gap;
use protocol::media::TrackRef;
use serde::{Deserialize, Serialize};

const MAGIC: &[u8; 6] = b"DCIX\x01\x00";
const RECORD: usize = 36;

/// So many records at either end of an index tell when its epoch began and ended.
const END_RECORDS: u64 = 64;

/// A head is some hundred bytes of JSON; a longer one is damage.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// What an epoch is, at the begin of its index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EpochHead {
    /// The track.
    pub(crate) track: TrackRef,
    /// The publisher's name, for the plate.
    pub(crate) name: String,
    /// The publisher's seat number.
    pub(crate) seat: Option<u32>,
    /// The codec as on the relay, in lower case.
    pub(crate) codec: String,
    /// Of the RTP time, in Hz.
    pub(crate) clock_rate: u32,
    /// Of the publisher.
    pub(crate) ssrc: u32,
    /// The simulcast layer.
    pub(crate) rid: Option<String>,
    /// What to add to a receive time to be on the session clock, in microseconds.
    pub(crate) session_offset_us: i64,
    /// Size of the first picture in pixels.
    pub(crate) size: Option<(u16, u16)>,
}

/// One record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Record {
    /// A frame.
    Frame(FrameRecord),
    /// A sender report: NTP time 32.32, the same moment in RTP time, when it came.
    Report {
        ntp: u64,
        rtp: u64,
        received_us: u64,
    },
    /// Packets that the relay dropped.
    Gap(Gap),
}

/// The time facts of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameRecord {
    /// Its RTP time.
    pub(crate) rtp: u64,
    /// When it came, on the server's monotonic clock.
    pub(crate) received_us: u64,
    /// Where its bytes begin in the Matroska file.
    pub(crate) offset: u64,
    /// How many they are.
    pub(crate) size: u32,
    /// Packets lost before it, at most 65,535.
    pub(crate) lost_before: u16,
    /// Whether it is a keyframe.
    pub(crate) keyframe: bool,
    /// Whether everything since the last keyframe is there.
    pub(crate) contiguous: bool,
}

impl FrameRecord {
    /// Where its bytes end in the Matroska file.
    pub(crate) fn end(&self) -> u64 {
        self.offset.saturating_add(u64::from(self.size))
    }
}

/// The bytes of a head.
pub(crate) fn encode_head(head: &EpochHead) -> Vec<u8> {
    let json = serde_json::to_vec(head).expect("a head has only string keys and finite numbers");
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&u32::try_from(json.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(&json);
    out.extend_from_slice(&crc32fast::hash(&json).to_le_bytes());
    out
}

/// Appends the bytes of a record.
pub(crate) fn encode_record(out: &mut Vec<u8>, record: &Record) {
    let start = out.len();
    let (kind, flags, lost, size, fields) = match *record {
        Record::Frame(f) => {
            let flags = u8::from(f.keyframe) | u8::from(f.contiguous) << 1;
            (
                1,
                flags,
                f.lost_before,
                f.size,
                [f.rtp, f.received_us, f.offset],
            )
        }
        Record::Report {
            ntp,
            rtp,
            received_us,
        } => (2, 0, 0, 0, [ntp, rtp, received_us]),
        Record::Gap(gap) => (3, 0, 0, 0, [gap.dropped, gap.from_us, gap.to_us]),
    };
    out.extend_from_slice(&[kind, flags]);
    out.extend_from_slice(&u16::to_le_bytes(lost));
    out.extend_from_slice(&u32::to_le_bytes(size));
    for field in fields {
        out.extend_from_slice(&field.to_le_bytes());
    }
    let crc = crc32fast::hash(&out[start..]);
    out.extend_from_slice(&crc.to_le_bytes());
}

fn decode_record(bytes: &[u8; RECORD]) -> Option<Record> {
    let (body, crc) = bytes.split_last_chunk::<4>()?;
    if crc32fast::hash(body) != u32::from_le_bytes(*crc) {
        return None;
    }
    let field = |at: usize| {
        body.get(at..)?
            .first_chunk()
            .map(|b| u64::from_le_bytes(*b))
    };
    let (a, b, c) = (field(8)?, field(16)?, field(24)?);
    match body[0] {
        1 => Some(Record::Frame(FrameRecord {
            rtp: a,
            received_us: b,
            offset: c,
            size: u32::from_le_bytes(*body.get(4..)?.first_chunk()?),
            lost_before: u16::from_le_bytes([body[2], body[3]]),
            keyframe: body[1] & 1 != 0,
            contiguous: body[1] & 2 != 0,
        })),
        2 => Some(Record::Report {
            ntp: a,
            rtp: b,
            received_us: c,
        }),
        3 => Some(Record::Gap(Gap {
            dropped: a,
            from_us: b,
            to_us: c,
        })),
        _ => None,
    }
}

/// What could be read of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Index {
    /// What the epoch is.
    pub(crate) head: EpochHead,
    /// The records up to the first that is cut or damaged.
    pub(crate) records: Vec<Record>,
    /// How many bytes these are.
    pub(crate) whole: u64,
}

/// Reads an index as far as it is whole; `None` when its head is not. Frames must lie, one after another, within the
/// first `media_end` bytes of the Matroska file; reading ends before the first that does not.
///
/// # Errors
/// When the input cannot be read.
pub(crate) fn read(input: &mut impl Read, media_end: u64) -> io::Result<Option<Index>> {
    let Some((head, head_bytes)) = read_head(input)? else {
        return Ok(None);
    };
    let mut records = Vec::new();
    let mut media_at = 0;
    let mut bytes = [0; RECORD];
    while fill(input, &mut bytes)? {
        let Some(record) = decode_record(&bytes) else {
            break;
        };
        if let Record::Frame(frame) = &record {
            if frame.offset < media_at || frame.end() > media_end {
                break;
            }
            media_at = frame.end();
        }
        records.push(record);
    }
    let whole = (head_bytes + records.len() * RECORD) as u64;
    Ok(Some(Index {
        head,
        records,
        whole,
    }))
}

/// The head of an index, and the records near its begin and its end, without reading what is between; `None` when the
/// head is not whole.
///
/// # Errors
/// When the input cannot be read.
pub(crate) fn ends(input: &mut (impl Read + Seek)) -> io::Result<Option<(EpochHead, Vec<Record>)>> {
    let length = input.seek(SeekFrom::End(0))?;
    input.rewind()?;
    let Some((head, head_bytes)) = read_head(input)? else {
        return Ok(None);
    };
    let (head_bytes, record) = (head_bytes as u64, RECORD as u64);
    let count = length.saturating_sub(head_bytes) / record;
    let mut records = Vec::new();
    let last = count.saturating_sub(END_RECORDS).max(END_RECORDS);
    for (from, to) in [(0, count.min(END_RECORDS)), (last, count)] {
        input.seek(SeekFrom::Start(head_bytes + from * record))?;
        let mut bytes = [0; RECORD];
        for _ in from..to {
            if !fill(input, &mut bytes)? {
                break;
            }
            records.extend(decode_record(&bytes));
        }
    }
    Ok(Some((head, records)))
}

/// The head and how many bytes it takes; `None` when it is not whole.
fn read_head(input: &mut impl Read) -> io::Result<Option<(EpochHead, usize)>> {
    let mut start = [0; 10];
    if !fill(input, &mut start)? || start[..6] != MAGIC[..] {
        return Ok(None);
    }
    let length = u32::from_le_bytes([start[6], start[7], start[8], start[9]]) as usize;
    if length > MAX_HEAD_BYTES {
        return Ok(None);
    }
    let mut json = vec![0; length];
    let mut crc = [0; 4];
    if !fill(input, &mut json)?
        || !fill(input, &mut crc)?
        || crc32fast::hash(&json) != u32::from_le_bytes(crc)
    {
        return Ok(None);
    }
    let head = serde_json::from_slice(&json).ok();
    Ok(head.map(|head| (head, start.len() + length + crc.len())))
}

/// Fills the buffer; false when the input ends before.
fn fill(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match input.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
pub(crate) fn test_head() -> EpochHead {
    EpochHead {
        track: TrackRef {
            participant: protocol::ParticipantId(uuid::Uuid::from_u128(7)),
            source: protocol::media::Source::Microphone,
        },
        name: "Điểm cầu Trường Tiểu học Hòa Bình".to_owned(),
        seat: Some(3),
        codec: "opus".to_owned(),
        clock_rate: 48_000,
        ssrc: 9,
        rid: None,
        session_offset_us: -5,
        size: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (Vec<u8>, Vec<Record>) {
        let frame = |n: u64| {
            Record::Frame(FrameRecord {
                rtp: n * 960,
                received_us: n * 20_000,
                offset: 100 + n * 50,
                size: 50,
                lost_before: n as u16,
                keyframe: n.is_multiple_of(2),
                contiguous: !n.is_multiple_of(3),
            })
        };
        let records = vec![
            frame(1),
            Record::Report {
                ntp: 1 << 40,
                rtp: 960,
                received_us: 33,
            },
            frame(2),
            Record::Gap(Gap {
                dropped: 4,
                from_us: 1,
                to_us: 2,
            }),
            frame(3),
        ];
        let mut bytes = encode_head(&test_head());
        for record in &records {
            encode_record(&mut bytes, record);
        }
        (bytes, records)
    }

    #[test]
    fn index_survives_the_file() {
        let (bytes, records) = sample();
        let index = read(&mut &bytes[..], u64::MAX)
            .expect("readable")
            .expect("whole");
        assert_eq!(
            index,
            Index {
                head: test_head(),
                records,
                whole: bytes.len() as u64
            }
        );
    }

    #[test]
    fn cut_at_every_byte_leaves_the_whole_records() {
        let (bytes, records) = sample();
        let head = encode_head(&test_head()).len();
        for cut in 0..bytes.len() {
            let index = read(&mut &bytes[..cut], u64::MAX).expect("readable");
            if cut < head {
                assert_eq!(index, None);
            } else {
                assert_eq!(
                    index.expect("head is whole").records,
                    records[..(cut - head) / RECORD]
                );
            }
        }
    }

    #[test]
    fn flipped_bit_ends_the_reading_there() {
        let (bytes, records) = sample();
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 4;
            if let Some(index) = read(&mut &bytes[..], u64::MAX).expect("readable") {
                assert!(records.starts_with(&index.records));
                assert!(index.records.len() < records.len());
            }
        }
    }

    #[test]
    fn ends_are_read_without_the_middle() {
        let mut bytes = encode_head(&test_head());
        let head = bytes.len();
        let frame = |n: u64| {
            Record::Frame(FrameRecord {
                rtp: n,
                received_us: n,
                offset: n,
                size: 1,
                lost_before: 0,
                keyframe: true,
                contiguous: true,
            })
        };
        for count in 0..300_usize {
            let (read_head, records) = ends(&mut io::Cursor::new(&bytes))
                .expect("readable")
                .expect("whole");
            assert_eq!(read_head, test_head());
            let expected = |n: usize| (count > 0).then(|| frame(n as u64));
            assert_eq!(records.first().copied(), expected(0));
            assert_eq!(records.last().copied(), expected(count.saturating_sub(1)));
            assert_eq!(records.len(), count.min(128));
            encode_record(&mut bytes, &frame(count as u64));
        }
        for cut in 0..head {
            assert_eq!(
                ends(&mut io::Cursor::new(&bytes[..cut])).expect("readable"),
                None
            );
        }
        // A torn last record is passed over.
        let torn = bytes.len() - 7;
        let (_, records) = ends(&mut io::Cursor::new(&bytes[..torn]))
            .expect("readable")
            .expect("whole");
        assert_eq!(records.last().copied(), Some(frame(298)));
    }

    #[test]
    fn frame_beyond_the_media_is_not_there() {
        let (bytes, records) = sample();
        let index = read(&mut &bytes[..], 250)
            .expect("readable")
            .expect("whole");
        assert_eq!(index.records, records[..4]);
    }
}
