//! `events.jsonl`: what happened in the room, one JSON object per line with its number and its CRC.

use std::io;
use std::path::Path;

use protocol::media::TrackRef;
use protocol::{ParticipantId, UtcMicros, client};
use serde::{Deserialize, Serialize};

use super::AppendFile;

/// The name of the file in the recording's folder.
pub(crate) const EVENTS_FILE: &str = "events.jsonl";

/// One line, without its CRC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct EventLine {
    /// From 1, without a gap.
    pub(crate) seq: u64,
    /// When, on the session clock, in microseconds.
    pub(crate) at_us: i64,
    /// The same in UTC.
    pub(crate) utc_us: UtcMicros,
    /// What.
    pub(crate) event: LogEvent,
}

/// What a line can tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum LogEvent {
    /// Recording began.
    Started,
    /// Recording went on after the recorder or the server was gone, or what it tells of the room was.
    Resumed,
    /// Recording ended.
    Stopped,
    /// A publisher's track came.
    StreamStarted {
        track: TrackRef,
        name: String,
        seat: Option<u32>,
        codec: String,
        rid: Option<String>,
    },
    /// A publisher's track ended.
    StreamEnded { track: TrackRef },
    /// A track was not recorded for a while although it was published, in microseconds of the session clock.
    Gap {
        track: TrackRef,
        from_us: i64,
        to_us: i64,
        /// How many packets the relay dropped; none when the recorder itself, or the relay, was gone.
        packets: Option<u64>,
    },
    /// A journalled event of the room.
    Room { event: client::Event },
    /// The seats of the invited points.
    Seats { seats: Vec<client::Seat> },
    /// Who speaks.
    ActiveSpeaker { participant: Option<ParticipantId> },
    /// What the main picture is.
    MainPicture { track: Option<TrackRef> },
}

/// The open log of a recording.
pub(crate) struct EventLog {
    file: AppendFile,
    last_seq: u64,
}

impl EventLog {
    /// Opens the log of `folder`, or begins it; a cut last line is removed.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        let read = read(folder)?;
        Ok(Self {
            file: AppendFile::open_at(&folder.join(EVENTS_FILE), read.whole)?,
            last_seq: read.lines.last().map_or(0, |line| line.seq),
        })
    }

    /// Appends an event.
    pub(crate) fn append(
        &mut self,
        at_us: i64,
        utc_us: UtcMicros,
        event: LogEvent,
    ) -> io::Result<()> {
        self.last_seq += 1;
        let line = EventLine {
            seq: self.last_seq,
            at_us,
            utc_us,
            event,
        };
        self.file.append(encode(&line).as_bytes())
    }

    /// The file behind it.
    pub(crate) fn file(&self) -> &AppendFile {
        &self.file
    }
}

fn encode(line: &EventLine) -> String {
    let mut json =
        serde_json::to_string(line).expect("a line has only string keys and finite numbers");
    let crc = crc32fast::hash(json.as_bytes());
    json.pop();
    json.push_str(&format!(",\"crc\":\"{crc:08x}\"}}\n"));
    json
}

fn decode(line: &str) -> Option<EventLine> {
    const TAIL: usize = ",\"crc\":\"00000000\"}".len();
    let (json, tail) = line.split_at_checked(line.len().checked_sub(TAIL)?)?;
    let crc = tail.strip_prefix(",\"crc\":\"")?.strip_suffix("\"}")?;
    let json = format!("{json}}}");
    (u32::from_str_radix(crc, 16) == Ok(crc32fast::hash(json.as_bytes()))).then_some(())?;
    serde_json::from_str(&json).ok()
}

/// What could be read of a log.
pub(crate) struct Events {
    /// The undamaged lines, in order.
    pub(crate) lines: Vec<EventLine>,
    /// Bytes up to the end of the last undamaged line.
    pub(crate) whole: u64,
}

/// Reads the log of `folder`, skipping what is damaged; a missing log is empty.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn read(folder: &Path) -> io::Result<Events> {
    let bytes = match std::fs::read(folder.join(EVENTS_FILE)) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
        read => read?,
    };
    let mut events = Events {
        lines: Vec::new(),
        whole: 0,
    };
    let mut at = 0;
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        at += line.len() as u64;
        let text = line
            .strip_suffix(b"\n")
            .and_then(|line| std::str::from_utf8(line).ok());
        if let Some(line) = text.and_then(decode) {
            events.lines.push(line);
            events.whole = at;
        }
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log_of_three(folder: &Path) -> Vec<u8> {
        let mut log = EventLog::open(folder).expect("opened");
        log.append(0, UtcMicros(5), LogEvent::Started)
            .expect("appended");
        log.append(
            7,
            UtcMicros(12),
            LogEvent::ActiveSpeaker { participant: None },
        )
        .expect("appended");
        log.append(9, UtcMicros(14), LogEvent::Stopped)
            .expect("appended");
        std::fs::read(folder.join(EVENTS_FILE)).expect("read")
    }

    #[test]
    fn every_line_is_json_with_its_number() {
        let folder = tempfile::tempdir().expect("a folder");
        let bytes = log_of_three(folder.path());
        let text = String::from_utf8(bytes).expect("text");
        for (line, seq) in text.lines().zip(1..) {
            let json: serde_json::Value = serde_json::from_str(line).expect("JSON");
            assert_eq!(json["seq"], seq);
        }
    }

    #[test]
    fn log_cut_at_any_byte_goes_on_with_the_next_number() {
        let folder = tempfile::tempdir().expect("a folder");
        let bytes = log_of_three(folder.path());
        let path = folder.path().join(EVENTS_FILE);
        for cut in 0..=bytes.len() {
            std::fs::write(&path, &bytes[..cut]).expect("written");
            let whole = bytes[..cut].iter().filter(|b| **b == b'\n').count() as u64;
            let mut log = EventLog::open(folder.path()).expect("opened");
            log.append(10, UtcMicros(0), LogEvent::Resumed)
                .expect("appended");
            let lines = read(folder.path()).expect("read").lines;
            assert_eq!(lines.len() as u64, whole + 1);
            assert_eq!(lines.last().map(|line| line.seq), Some(whole + 1));
        }
    }

    #[test]
    fn damaged_line_is_skipped() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut bytes = log_of_three(folder.path());
        bytes[12] ^= 1;
        std::fs::write(folder.path().join(EVENTS_FILE), &bytes).expect("written");
        let seqs: Vec<_> = read(folder.path())
            .expect("read")
            .lines
            .iter()
            .map(|l| l.seq)
            .collect();
        assert_eq!(seqs, [2, 3]);
    }
}
