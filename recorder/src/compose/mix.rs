//! All voices in one, on the session clock, as 48 kHz samples.
//!
//! Each packet has its place by its RTP time, so a gap stays a gap and nothing adds up. Where sender and server
//! disagree about the length of a second, packets are stretched by a sample now and then.

use std::collections::VecDeque;

use opus::{Channels, Decoder};

use super::source::{Place, Voice};

/// Samples per second, of Opus in RTP and of the film.
pub(super) const RATE: f64 = 48_000.0;

/// Samples mixed at a time: one second.
const CHUNK: usize = 48_000;

/// The longest Opus packet, 120 ms; also the longest gap that libopus may conceal.
const LONGEST_PACKET: usize = 5_760;

/// Mixes voices from `begin_us` on.
pub(super) struct Mixer<'a> {
    begin_us: f64,
    channels: usize,
    voices: VecDeque<&'a Voice>,
    speaking: Vec<Speaking<'a>>,
    /// Samples from `at` on, interleaved.
    buffer: Vec<f32>,
    at: i64,
    limiter: Limiter,
}

/// A voice being decoded.
struct Speaking<'a> {
    voice: &'a Voice,
    decoder: Decoder,
    next: usize,
    /// Where its last packet ended.
    end: Option<i64>,
}

impl<'a> Mixer<'a> {
    /// A mix of `voices` in 1 or 2 channels.
    pub(super) fn new(voices: &'a [Voice], begin_us: i64, channels: u32) -> Self {
        let mut voices: Vec<_> = voices
            .iter()
            .filter(|voice| !voice.frames.is_empty())
            .collect();
        let begin = |voice: &Voice| voice.mapping.session_us(0, voice.frames[0].0);
        voices.sort_by(|a, b| begin(a).total_cmp(&begin(b)));
        let channels = if channels == 2 { 2 } else { 1 };
        Self {
            begin_us: begin_us as f64,
            channels,
            voices: voices.into(),
            speaking: Vec::new(),
            buffer: vec![0.0; (CHUNK + 3 * LONGEST_PACKET) * channels],
            at: 0,
            limiter: Limiter::new(channels),
        }
    }

    /// The next second, interleaved.
    pub(super) fn next_chunk(&mut self) -> Result<Vec<f32>, opus::Error> {
        // A concealed gap begins up to one packet before the packet that ends it.
        let horizon = self.at + (CHUNK + LONGEST_PACKET) as i64;
        while let Some(voice) = self.voices.front() {
            if sample(voice, 0, 0, self.begin_us) >= horizon {
                break;
            }
            let channels = if self.channels == 2 {
                Channels::Stereo
            } else {
                Channels::Mono
            };
            let decoder = Decoder::new(48_000, channels)?;
            self.speaking.push(Speaking {
                voice,
                decoder,
                next: 0,
                end: None,
            });
            self.voices.pop_front();
        }
        let mut speaking = std::mem::take(&mut self.speaking);
        for voice in &mut speaking {
            self.add(voice, horizon);
        }
        speaking.retain(|voice| voice.next < voice.voice.frames.len());
        self.speaking = speaking;

        let mut chunk: Vec<f32> = self.buffer.drain(..CHUNK * self.channels).collect();
        self.buffer
            .resize(self.buffer.len() + CHUNK * self.channels, 0.0);
        self.at += CHUNK as i64;
        self.limiter.apply(&mut chunk, &self.buffer);
        Ok(chunk)
    }

    /// Decodes a voice up to the horizon.
    fn add(&mut self, speaking: &mut Speaking<'_>, horizon: i64) {
        let voice = speaking.voice;
        let mut pcm = vec![0.0; LONGEST_PACKET * self.channels];
        while let Some(&(_, place)) = voice.frames.get(speaking.next) {
            let frame = speaking.next;
            let start = sample(voice, frame, 0, self.begin_us);
            if start >= horizon {
                return;
            }
            speaking.next += 1;
            if let Some(end) = speaking.end {
                let gap = usize::try_from(start - end).unwrap_or(0);
                // libopus conceals in steps of 2.5 ms.
                let concealed = gap / 120 * 120;
                if (120..=LONGEST_PACKET).contains(&gap)
                    && let Ok(count) = speaking.decoder.decode_float(
                        &[],
                        &mut pcm[..concealed * self.channels],
                        false,
                    )
                {
                    self.place(&pcm[..count * self.channels], end, start);
                }
            }
            let decoded = place
                .read(&voice.file)
                .map(|data| speaking.decoder.decode_float(&data, &mut pcm, false));
            let Ok(Ok(count)) = decoded else {
                // A packet that is not Opus is a lost one.
                continue;
            };
            let end = sample(voice, frame, count as u64, self.begin_us);
            let start = start.max(speaking.end.unwrap_or(start));
            self.place(&pcm[..count * self.channels], start, end);
            speaking.end = Some(end.max(start));
        }
    }

    /// Adds samples so that they last from `start` to `end`; what lies before the present is lost.
    fn place(&mut self, pcm: &[f32], start: i64, end: i64) {
        let have = pcm.len() / self.channels;
        let Ok(want) = usize::try_from(end - start) else {
            return;
        };
        // A clock is off by some hundred ppm; a length that differs by more than 1 % is cut or left short.
        let stretch = want.abs_diff(have) * 100 <= have;
        let count = if stretch { want } else { want.min(have) };
        for n in 0..count {
            let Ok(at) = usize::try_from(start + n as i64 - self.at) else {
                continue;
            };
            let from = if stretch && want != have {
                n as f64 * have as f64 / want as f64
            } else {
                n as f64
            };
            let (whole, part) = (from as usize, from.fract() as f32);
            for channel in 0..self.channels {
                let here = pcm[whole.min(have - 1) * self.channels + channel];
                let next = pcm[(whole + 1).min(have - 1) * self.channels + channel];
                if let Some(sample) = self.buffer.get_mut(at * self.channels + channel) {
                    *sample += here + (next - here) * part;
                }
            }
        }
    }
}

/// Whether any packet of the voices can be decoded.
pub(super) fn is_audible(voices: &[Voice]) -> Result<bool, opus::Error> {
    let mut pcm = vec![0.0; LONGEST_PACKET * 2];
    for voice in voices {
        let mut decoder = Decoder::new(48_000, Channels::Stereo)?;
        let mut sounds = |place: Place| {
            let data = place.read(&voice.file).unwrap_or_default();
            // No data would ask for concealment, which always succeeds.
            !data.is_empty() && decoder.decode_float(&data, &mut pcm, false).is_ok()
        };
        if voice.frames.iter().any(|(_, place)| sounds(*place)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Where on the film the sample so many after the begin of a frame lies, in samples; far off for absurd times.
fn sample(voice: &Voice, frame: usize, after: u64, begin_us: f64) -> i64 {
    const FAR: f64 = 1e15;
    let rtp = voice.frames[frame].0.saturating_add(after);
    ((voice.mapping.session_us(frame, rtp) - begin_us) * RATE / 1e6)
        .round()
        .clamp(-FAR, FAR) as i64
}

/// Keeps many voices at once from clipping: turns the sum down just before it would be too loud, and up again slowly.
struct Limiter {
    channels: usize,
    gain: f32,
}

/// Samples per step of the limiter: 10 ms.
const STEP: usize = 480;

/// The loudest sample that leaves the limiter.
const CEILING: f32 = 0.97;

/// How far the gain may rise in one step: back to full in half a second.
const RISE: f32 = 0.02;

impl Limiter {
    fn new(channels: usize) -> Self {
        Self {
            channels,
            gain: 1.0,
        }
    }

    /// Limits `chunk`, which is followed by `next`.
    fn apply(&mut self, chunk: &mut [f32], next: &[f32]) {
        let step = STEP * self.channels;
        let needed = |samples: &[f32]| {
            let peak = samples
                .iter()
                .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
            if peak > CEILING { CEILING / peak } else { 1.0 }
        };
        let mut gains: Vec<_> = chunk.chunks(step).map(needed).collect();
        gains.push(needed(&next[..step.min(next.len())]));
        for (n, samples) in chunk.chunks_mut(step).enumerate() {
            // The gain at the end of this step suits this step and the next.
            let target = gains[n].min(gains[n + 1]).min(self.gain + RISE).min(1.0);
            let from = self.gain.min(gains[n]);
            let length = samples.len() as f32;
            for (i, sample) in samples.iter_mut().enumerate() {
                *sample *= from + (target - from) * (i as f32 / length);
            }
            self.gain = target;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_loud_voices_do_not_clip_and_one_soft_voice_is_untouched() {
        let mut limiter = Limiter::new(1);
        let mut loud: Vec<f32> = (0..CHUNK).map(|n| (n as f32 * 0.05).sin() * 4.0).collect();
        let mut soft: Vec<f32> = (0..CHUNK).map(|n| (n as f32 * 0.05).sin() * 0.2).collect();
        let untouched = soft.clone();
        limiter.apply(&mut loud, &soft);
        assert!(loud.iter().all(|sample| sample.abs() <= 1.0));
        assert!(loud.iter().any(|sample| sample.abs() > 0.8));
        limiter.apply(&mut soft, &[0.0; STEP]);
        assert_eq!(
            soft[CHUNK - STEP..],
            untouched[CHUNK - STEP..],
            "the gain is back after half a second"
        );
    }
}
