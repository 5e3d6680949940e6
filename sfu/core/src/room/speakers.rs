//! Who speaks: levels of RFC 6464 in, the voices to forward and the dominant speaker out.

use std::time::{Duration, Instant};

use crate::keys::TrackKey;

/// Voices forwarded besides the chair's and the floor holder's.
pub(crate) const LOUDEST: usize = 3;

/// From this loudness on (0..=127, that is −55 dBov) somebody speaks.
const SPEAKING: u8 = 72;

/// What a publisher without levels is taken to have while it sends more than silence.
const UNKNOWN_LOUDNESS: u8 = 90;
/// Opus packets up to this size are silence (DTX).
const SILENT_BYTES: usize = 8;

/// How long a voice keeps its place after its last loud packet: people breathe.
const VOICE_HOLD: Duration = Duration::from_millis(1500);

/// How long the dominant speaker stays, at least, so that the main picture does not flicker.
const DOMINANT_HOLD: Duration = Duration::from_secs(2);

/// How much louder another voice must be to take over while the dominant speaker speaks.
const TAKEOVER: f32 = 6.0;

/// What is known of one voice.
#[derive(Debug)]
struct Voice {
    track: TrackKey,
    /// Smoothed loudness.
    level: f32,
    last_loud: Option<Instant>,
    forwarded: bool,
}

/// The voices of a room.
#[derive(Debug, Default)]
pub(crate) struct Speakers {
    voices: Vec<Voice>,
    dominant: Option<(TrackKey, Instant)>,
}

impl Speakers {
    /// Notes a packet of a voice. `true` when the voices to forward changed.
    pub(crate) fn observe(
        &mut self,
        now: Instant,
        track: TrackKey,
        loudness: Option<u8>,
        payload_bytes: usize,
    ) -> bool {
        let loudness = loudness.unwrap_or(if payload_bytes > SILENT_BYTES {
            UNKNOWN_LOUDNESS
        } else {
            0
        });
        let voice = match self.voices.iter().position(|voice| voice.track == track) {
            Some(at) => &mut self.voices[at],
            None => {
                self.voices.push(Voice {
                    track,
                    level: 0.0,
                    last_loud: None,
                    forwarded: false,
                });
                let last = self.voices.len() - 1;
                &mut self.voices[last]
            }
        };
        // Rises within two or three packets, falls over half a second.
        let weight = if f32::from(loudness) > voice.level {
            0.4
        } else {
            0.05
        };
        voice.level += (f32::from(loudness) - voice.level) * weight;
        if loudness < SPEAKING {
            return false;
        }
        voice.last_loud = Some(now);
        !voice.forwarded && self.admit(now, track)
    }

    /// Gives a voice that began to speak a place, if one is free or its holder is silent or much quieter.
    fn admit(&mut self, now: Instant, track: TrackKey) -> bool {
        let level = |voice: &Voice| voice.level;
        let held = self.voices.iter().filter(|voice| voice.forwarded).count();
        if held >= LOUDEST {
            let newcomer = self.voices.iter().find(|voice| voice.track == track);
            let newcomer = newcomer.map_or(0.0, level);
            let quietest = self
                .voices
                .iter_mut()
                .filter(|voice| voice.forwarded)
                .min_by(|a, b| a.level.total_cmp(&b.level));
            match quietest {
                Some(quietest)
                    if !speaks(quietest, now) || quietest.level + TAKEOVER < newcomer =>
                {
                    quietest.forwarded = false;
                }
                _ => return false,
            }
        }
        if let Some(voice) = self.voices.iter_mut().find(|voice| voice.track == track) {
            voice.forwarded = true;
        }
        true
    }

    /// Whether a voice is among the loudest.
    pub(crate) fn is_forwarded(&self, track: TrackKey) -> bool {
        self.voices
            .iter()
            .any(|voice| voice.track == track && voice.forwarded)
    }

    /// Forgets a voice: closed, or gone.
    pub(crate) fn forget(&mut self, track: TrackKey) {
        self.voices.retain(|voice| voice.track != track);
        if self.dominant.is_some_and(|(dominant, _)| dominant == track) {
            self.dominant = None;
        }
    }

    /// Lets levels of voices that send nothing sink, releases places of the silent, and chooses the dominant speaker.
    /// Call it a few times a second. `true` when the voices to forward or the dominant speaker changed.
    pub(crate) fn tick(&mut self, now: Instant) -> bool {
        let mut changed = false;
        for voice in &mut self.voices {
            if !speaks(voice, now) {
                voice.level = voice.level.min(f32::from(SPEAKING)) * 0.8;
                changed |= voice.forwarded;
                voice.forwarded = false;
            }
        }
        let loudest = self
            .voices
            .iter()
            .filter(|voice| speaks(voice, now))
            .max_by(|a, b| a.level.total_cmp(&b.level));
        let Some(loudest) = loudest else {
            return changed;
        };
        let takes_over = match self.dominant {
            None => true,
            Some((track, _)) if track == loudest.track => false,
            Some((track, since)) => {
                let held = now.saturating_duration_since(since) >= DOMINANT_HOLD;
                let current = self.voices.iter().find(|voice| voice.track == track);
                let quieter = current.is_none_or(|current| {
                    !speaks(current, now) || current.level + TAKEOVER < loudest.level
                });
                held && quieter
            }
        };
        if takes_over {
            self.dominant = Some((loudest.track, now));
            changed = true;
        }
        changed
    }

    /// Who spoke most lately; stays when all fall silent.
    pub(crate) fn dominant(&self) -> Option<TrackKey> {
        self.dominant.map(|(track, _)| track)
    }

    /// When a voice was last loud; `None` when it never was, or was closed since.
    pub(crate) fn last_spoke(&self, track: TrackKey) -> Option<Instant> {
        let voice = self.voices.iter().find(|voice| voice.track == track);
        voice.and_then(|voice| voice.last_loud)
    }

    /// Those who speak, loudest first, with their loudness.
    pub(crate) fn speaking(&self, now: Instant) -> Vec<(TrackKey, u8)> {
        let mut speaking: Vec<(TrackKey, u8)> = self
            .voices
            .iter()
            .filter(|voice| speaks(voice, now))
            .map(|voice| {
                // The smoothed level stays between the levels it is made of.
                let level = voice.level.clamp(0.0, 127.0) as u8;
                (voice.track, level)
            })
            .collect();
        speaking.sort_by_key(|(_, level)| std::cmp::Reverse(*level));
        speaking
    }
}

fn speaks(voice: &Voice, now: Instant) -> bool {
    voice
        .last_loud
        .is_some_and(|last| now.saturating_duration_since(last) < VOICE_HOLD)
}

#[cfg(test)]
mod tests {
    use super::*;
    use slotmap::SlotMap;

    fn voices(count: usize) -> Vec<TrackKey> {
        let mut keys: SlotMap<TrackKey, ()> = SlotMap::with_key();
        (0..count).map(|_| keys.insert(())).collect()
    }

    /// Lets each voice send 20 ms packets at its loudness for a while.
    fn talk(speakers: &mut Speakers, now: &mut Instant, voices: &[(TrackKey, u8)], span: Duration) {
        let end = *now + span;
        while *now < end {
            for (track, loudness) in voices {
                speakers.observe(*now, *track, Some(*loudness), 80);
            }
            speakers.tick(*now);
            *now += Duration::from_millis(20);
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    fn start() -> Instant {
        Instant::now()
    }

    #[test]
    fn only_the_loudest_three_are_forwarded() {
        let mut speakers = Speakers::default();
        let mut now = start();
        let v = voices(4);
        let levels = [(v[0], 80), (v[1], 100), (v[2], 110), (v[3], 105)];
        talk(&mut speakers, &mut now, &levels, Duration::from_secs(1));
        let forwarded: Vec<bool> = v.iter().map(|t| speakers.is_forwarded(*t)).collect();
        assert_eq!(forwarded, [false, true, true, true]);
    }

    #[test]
    fn first_loud_packet_is_already_forwarded() {
        let mut speakers = Speakers::default();
        let v = voices(1);
        assert!(speakers.observe(start(), v[0], Some(100), 80));
        assert!(speakers.is_forwarded(v[0]));
    }

    #[test]
    fn silence_is_not_forwarded() {
        let mut speakers = Speakers::default();
        let mut now = start();
        let v = voices(1);
        talk(
            &mut speakers,
            &mut now,
            &[(v[0], 30)],
            Duration::from_secs(1),
        );
        assert!(!speakers.is_forwarded(v[0]));
        assert_eq!(speakers.dominant(), None);
    }

    #[test]
    fn a_cough_does_not_take_the_stage() {
        let mut speakers = Speakers::default();
        let mut now = start();
        let v = voices(2);
        talk(
            &mut speakers,
            &mut now,
            &[(v[0], 100)],
            Duration::from_secs(5),
        );
        talk(
            &mut speakers,
            &mut now,
            &[(v[0], 100), (v[1], 100)],
            Duration::from_millis(200),
        );
        assert_eq!(speakers.dominant(), Some(v[0]));
    }

    #[test]
    fn stage_follows_who_goes_on_speaking() {
        let mut speakers = Speakers::default();
        let mut now = start();
        let v = voices(2);
        talk(
            &mut speakers,
            &mut now,
            &[(v[0], 100)],
            Duration::from_secs(3),
        );
        talk(
            &mut speakers,
            &mut now,
            &[(v[1], 100)],
            Duration::from_secs(4),
        );
        assert_eq!(speakers.dominant(), Some(v[1]));
    }

    #[test]
    fn publisher_without_levels_is_heard_while_it_sends_sound() {
        let mut speakers = Speakers::default();
        let v = voices(2);
        assert!(speakers.observe(start(), v[0], None, 120));
        assert!(!speakers.observe(start(), v[1], None, 3));
    }
}
