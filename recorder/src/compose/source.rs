//! A recording as the composer sees it: people, voices and pictures on the session clock, and what happened.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use protocol::ParticipantId;
use protocol::client::{Event, RosterEvent};
use protocol::media::{Source as MediaSource, TrackRef};

use super::attendance::Attendance;
use super::player::Coding;
use crate::segment::events::{self, EventLine, LogEvent};
use crate::segment::index::{FrameRecord, Index, Record};
use crate::segment::manifest::Manifest;
use crate::segment::recover::{FoundEpoch, scan};
use crate::timeline::{self, Facts, Mapping, Report, Sync, align};

/// What a recording holds.
pub(super) struct Source {
    /// Everybody who published something, or joined with a seat.
    pub(super) people: BTreeMap<ParticipantId, Person>,
    /// The seats on the wall by number, those of absent points included, and whose they are.
    pub(super) seats: BTreeMap<u32, String>,
    /// Who was there when.
    pub(super) attendance: Attendance,
    /// The epochs of all microphones.
    pub(super) voices: Vec<Voice>,
    /// The pictures of each camera and screen.
    pub(super) pictures: BTreeMap<TrackRef, Arc<PictureTrack>>,
    /// What happened, in order.
    pub(super) events: Vec<EventLine>,
    /// Begin and end of the film on the session clock, in microseconds.
    pub(super) span_us: (i64, i64),
    /// Epochs whose place in time rests on receive times only.
    pub(super) estimated: usize,
}

/// Somebody to be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    /// As on the plate.
    pub(super) name: String,
    /// The seat number.
    pub(super) seat: Option<u32>,
}

/// Bytes of a frame on disk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    offset: u64,
    size: u32,
}

impl Place {
    /// Reads the frame.
    pub(super) fn read(self, file: &File) -> io::Result<Vec<u8>> {
        let mut data = vec![0; self.size as usize];
        file.read_exact_at(&mut data, self.offset)?;
        Ok(data)
    }
}

/// One epoch of a microphone.
pub(super) struct Voice {
    /// Where its frames are.
    pub(super) file: File,
    /// RTP time and place of each frame, in order.
    pub(super) frames: Vec<(u64, Place)>,
    /// From RTP time to the session clock.
    pub(super) mapping: Mapping,
}

/// All pictures of a camera or screen that can be decoded one after another.
#[derive(Default)]
pub(super) struct PictureTrack {
    files: Vec<File>,
    /// In order of time.
    pub(super) frames: Vec<PictureFrame>,
}

/// One picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct PictureFrame {
    /// When it was captured, on the session clock.
    pub(super) at_us: f64,
    /// Whether decoding can begin here.
    pub(super) keyframe: bool,
    /// How it is encoded.
    pub(super) coding: Coding,
    file: usize,
    place: Place,
}

impl PictureTrack {
    /// Reads a picture's bytes.
    pub(super) fn read(&self, frame: &PictureFrame) -> io::Result<Vec<u8>> {
        match self.files.get(frame.file) {
            Some(file) => frame.place.read(file),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// The stretches of time in which pictures follow one another by less than `hold_us`, each going on for that long
    /// after its last picture.
    pub(super) fn stretches(&self, hold_us: i64) -> Vec<(i64, i64)> {
        let mut stretches: Vec<(i64, i64)> = Vec::new();
        for frame in &self.frames {
            let at_us = frame.at_us as i64;
            match stretches.last_mut() {
                Some((_, end)) if at_us <= *end => *end = at_us.saturating_add(hold_us),
                _ => stretches.push((at_us, at_us.saturating_add(hold_us))),
            }
        }
        stretches
    }
}

impl Source {
    /// Reads a recording as far as it is whole, changing nothing; `None` when there is no frame in it.
    pub(super) fn load(folder: &Path) -> io::Result<Option<Self>> {
        let epochs = scan(folder)?;
        let events = events::read(folder)?.lines;
        let stopped = Manifest::read(folder)?.and_then(|manifest| manifest.stopped_at_us);
        let attendance = Attendance::of(&events);
        let Some(span_us) = span_us(&epochs, stopped, &attendance) else {
            return Ok(None);
        };
        let people = people(&epochs, &events);
        let mut source = Self {
            seats: seats(&people, &events),
            people,
            attendance,
            voices: Vec::new(),
            pictures: BTreeMap::new(),
            events,
            span_us,
            estimated: 0,
        };
        let mut pictures = BTreeMap::new();
        for of_participant in epochs.chunk_by(|a, b| participant(a) == participant(b)) {
            let facts: Vec<_> = of_participant
                .iter()
                .map(|epoch| facts(&epoch.index))
                .collect();
            for (epoch, mapping) in of_participant.iter().zip(align(&facts)) {
                source.estimated += usize::from(mapping.sync == Sync::Estimated);
                source.add(epoch, mapping, &mut pictures)?;
            }
        }
        source.pictures = pictures
            .into_iter()
            .map(|(track, pictures)| (track, Arc::new(pictures)))
            .collect();
        Ok(Some(source))
    }

    fn add(
        &mut self,
        epoch: &FoundEpoch,
        mapping: Mapping,
        pictures: &mut BTreeMap<TrackRef, PictureTrack>,
    ) -> io::Result<()> {
        let file = File::open(&epoch.media)?;
        let track = epoch.index.head.track;
        match epoch.index.head.codec.as_str() {
            "opus" => {
                let frames = frames(&epoch.index)
                    .map(|frame| (frame.rtp, place(frame)))
                    .collect();
                self.voices.push(Voice {
                    file,
                    frames,
                    mapping,
                });
            }
            codec => {
                let Some(coding) = Coding::of(codec) else {
                    tracing::warn!(codec, "an epoch is left out of the film: unknown codec");
                    return Ok(());
                };
                let pictures = pictures.entry(track).or_default();
                pictures.files.push(file);
                pictures.append(coding, frames(&epoch.index), &mapping);
            }
        }
        Ok(())
    }
}

impl PictureTrack {
    /// Adds the epoch whose file was added last, later than those before: where they overlap the later one is shown.
    /// Pictures that refer to lost ones are left out up to the next keyframe.
    fn append<'a>(
        &mut self,
        coding: Coding,
        frames: impl Iterator<Item = &'a FrameRecord>,
        mapping: &Mapping,
    ) {
        let file = self.files.len() - 1;
        let mut decodable = false;
        let mut latest = f64::NEG_INFINITY;
        for (n, frame) in frames.enumerate() {
            let at_us = mapping.session_us(n, frame.rtp).max(latest);
            latest = at_us;
            if n == 0 {
                self.frames.retain(|earlier| earlier.at_us < at_us);
            }
            decodable = frame.keyframe || (decodable && frame.contiguous);
            if decodable {
                self.frames.push(PictureFrame {
                    at_us,
                    keyframe: frame.keyframe,
                    coding,
                    file,
                    place: place(frame),
                });
            }
        }
    }
}

fn participant(epoch: &FoundEpoch) -> ParticipantId {
    epoch.index.head.track.participant
}

fn place(frame: &FrameRecord) -> Place {
    Place {
        offset: frame.offset,
        size: frame.size,
    }
}

fn frames(index: &Index) -> impl Iterator<Item = &FrameRecord> {
    index.records.iter().filter_map(|record| match record {
        Record::Frame(frame) => Some(frame),
        _ => None,
    })
}

fn on_session_clock(index: &Index, received_us: u64) -> i64 {
    i64::try_from(received_us)
        .unwrap_or(i64::MAX)
        .saturating_add(index.head.session_offset_us)
}

fn facts(index: &Index) -> Facts {
    let reports = index.records.iter().filter_map(|record| match *record {
        Record::Report {
            ntp,
            rtp,
            received_us,
        } => Some(Report {
            ntp_us: timeline::ntp_us(ntp)?,
            rtp,
            received_us: on_session_clock(index, received_us),
        }),
        _ => None,
    });
    Facts {
        run: index.head.session_offset_us,
        clock_rate: index.head.clock_rate,
        frames: frames(index)
            .map(|frame| (frame.rtp, on_session_clock(index, frame.received_us)))
            .collect(),
        reports: reports.collect(),
    }
}

/// From the moment somebody was connected to the stop, or to the moment at which the last one was gone for good. Where
/// the log knows of nobody, from the first frame's receipt on; and as long as frames came in any case.
fn span_us(
    epochs: &[FoundEpoch],
    stopped: Option<i64>,
    attendance: &Attendance,
) -> Option<(i64, i64)> {
    let times = || {
        epochs.iter().flat_map(|epoch| {
            frames(&epoch.index).map(|frame| on_session_clock(&epoch.index, frame.received_us))
        })
    };
    let (first, last) = (times().min()?, times().max()?);
    let begin = attendance
        .connected
        .first()
        .map_or(first, |(from, _)| *from);
    let deserted = attendance.connected.last().and_then(|(_, to)| *to);
    let end = [stopped, deserted].into_iter().flatten().min();
    Some((begin.min(first), end.unwrap_or(last).max(last)))
}

fn people(epochs: &[FoundEpoch], events: &[EventLine]) -> BTreeMap<ParticipantId, Person> {
    let mut joined = BTreeMap::new();
    for line in events {
        if let LogEvent::Room {
            event: Event::Roster(RosterEvent::ParticipantJoined { participant }),
        } = &line.event
        {
            let person = Person {
                name: participant.name.clone(),
                seat: participant.seat,
            };
            joined.insert(participant.id, person);
        }
    }
    let seated = joined.iter().filter(|(_, person)| person.seat.is_some());
    let mut people: BTreeMap<_, _> = seated.map(|(id, person)| (*id, person.clone())).collect();
    for epoch in epochs {
        let head = &epoch.index.head;
        let told = Person {
            name: head.name.clone(),
            seat: head.seat,
        };
        let who = participant(epoch);
        // A name that came later than the stream is not in its head.
        let known = joined.get(&who).filter(|_| told.name.is_empty());
        people.insert(who, known.cloned().unwrap_or(told));
    }
    people
}

/// The seats of the points that were invited, and any other that somebody took.
fn seats(people: &BTreeMap<ParticipantId, Person>, events: &[EventLine]) -> BTreeMap<u32, String> {
    let taken = people
        .values()
        .filter_map(|person| Some((person.seat?, person.name.clone())));
    let mut seats: BTreeMap<_, _> = taken.collect();
    for line in events {
        if let LogEvent::Seats { seats: invited } = &line.event {
            let invited = invited.iter().map(|seat| (seat.number, seat.name.clone()));
            seats.extend(invited);
        }
    }
    seats
}

/// How long the last picture of a track is shown when no other follows: screens may stand still.
pub(super) fn hold_us(source: MediaSource, freeze_us: i64) -> i64 {
    match source {
        MediaSource::Screen => freeze_us.saturating_mul(5),
        MediaSource::Camera | MediaSource::Microphone => freeze_us,
    }
}
