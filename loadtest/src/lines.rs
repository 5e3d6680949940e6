//! The receive lines of one participant: which SSRC belongs to which, and the meter on each.

use std::collections::HashMap;
use std::time::Instant;

use protocol::media::SlotKind;

use crate::receive::{AudioMeter, VideoMeter};

/// The meter on a line.
#[derive(Debug)]
pub enum Meter {
    /// For a picture.
    Video(Box<VideoMeter>),
    /// For a voice.
    Audio(Box<AudioMeter>),
}

/// One receive line.
#[derive(Debug)]
pub struct Line {
    /// Its `mid` in the SDP.
    pub mid: String,
    /// What it is for.
    pub kind: SlotKind,
    /// What came.
    pub meter: Meter,
}

/// All receive lines of a participant. Empty until [`Lines::answered`].
#[derive(Debug, Default)]
pub struct Lines {
    lines: Vec<Line>,
    by_ssrc: HashMap<u32, usize>,
    /// Packets of an SSRC that no line declared.
    pub stray: u64,
}

impl Lines {
    /// Lines as offered: `(mid, kind)` in the order of the offer.
    #[must_use]
    pub fn new(offered: impl IntoIterator<Item = (String, SlotKind)>) -> Self {
        let lines = offered
            .into_iter()
            .map(|(mid, kind)| Line {
                mid,
                kind,
                meter: match kind {
                    SlotKind::Audio => Meter::Audio(Box::default()),
                    SlotKind::Stage | SlotKind::Tile | SlotKind::Screen => {
                        Meter::Video(Box::new(VideoMeter::new()))
                    }
                },
            })
            .collect();
        Self {
            lines,
            ..Self::default()
        }
    }

    /// Learns from the SDP answer which SSRC the server sends on which line.
    pub fn answered(&mut self, answer: &str) {
        for (mid, ssrc) in declared_ssrcs(answer) {
            if let Some(line) = self.lines.iter().position(|line| line.mid == mid) {
                self.by_ssrc.insert(ssrc, line);
            }
        }
    }

    /// Takes one RTP packet without padding.
    pub fn packet(&mut self, now: Instant, header: &rtc::rtp::Header, payload: &[u8]) {
        let Some(&line) = self.by_ssrc.get(&header.ssrc) else {
            self.stray += 1;
            return;
        };
        let number = header.sequence_number;
        match &mut self.lines[line].meter {
            Meter::Video(meter) => meter.packet(now, number, header.marker, payload),
            Meter::Audio(meter) => meter.packet(now, number, header.timestamp, payload),
        }
    }

    /// The server showed something else on a line, or nothing.
    pub fn interrupt(&mut self, mid: &str) {
        if let Some(line) = self.lines.iter_mut().find(|line| line.mid == mid) {
            match &mut line.meter {
                Meter::Video(meter) => meter.interrupt(),
                Meter::Audio(meter) => meter.interrupt(),
            }
        }
    }

    /// The SSRCs whose pictures cannot be shown without a keyframe.
    #[must_use]
    pub fn wanting_keyframes(&self, now: Instant) -> Vec<u32> {
        let mut wanting: Vec<u32> = self
            .by_ssrc
            .iter()
            .filter(|&(_, &line)| match &self.lines[line].meter {
                Meter::Video(meter) => meter.wants_keyframe(now),
                Meter::Audio(_) => false,
            })
            .map(|(&ssrc, _)| ssrc)
            .collect();
        wanting.sort_unstable();
        wanting
    }

    /// Ends the measurement.
    pub fn finish(&mut self, now: Instant) {
        for line in &mut self.lines {
            if let Meter::Video(meter) = &mut line.meter {
                meter.freeze.finish(now);
            }
        }
    }

    /// The lines in the order of the offer.
    #[must_use]
    pub fn all(&self) -> &[Line] {
        &self.lines
    }
}

/// Every `a=ssrc` of an SDP with the `mid` of its media section, each once, in order. RTX streams are among them: the
/// receiving stack unpacks retransmissions into their primary stream before anybody sees them.
fn declared_ssrcs(sdp: &str) -> Vec<(&str, u32)> {
    let mut declared = Vec::new();
    for section in sdp.split("\nm=").skip(1) {
        let lines = || section.lines().map(str::trim_end);
        let Some(mid) = lines().find_map(|line| line.strip_prefix("a=mid:")) else {
            continue;
        };
        for ssrc in lines().filter_map(|line| line.strip_prefix("a=ssrc:")) {
            let number = ssrc.split(' ').next().unwrap_or_default();
            if let Ok(ssrc) = number.parse()
                && !declared.contains(&(mid, ssrc))
            {
                declared.push((mid, ssrc));
            }
        }
    }
    declared
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=ssrc:7 cname:x\r\na=mid:3\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:4\r\na=ssrc-group:FID 8 9\r\na=ssrc:8 cname:x\r\n\
        a=ssrc:8 msid:a b\r\na=ssrc:9 cname:x\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:5\r\na=inactive\r\n";

    #[test]
    fn an_answer_tells_which_ssrc_is_on_which_line() {
        assert_eq!(declared_ssrcs(ANSWER), [("3", 7), ("4", 8), ("4", 9)]);
    }

    #[test]
    fn packets_reach_the_meter_of_their_line() {
        let now = Instant::now();
        let offered = [("3", SlotKind::Audio), ("4", SlotKind::Stage)];
        let mut lines = Lines::new(offered.map(|(mid, kind)| (mid.to_owned(), kind)));
        lines.answered(ANSWER);
        let mut header = rtc::rtp::Header {
            ssrc: 8,
            ..Default::default()
        };
        lines.packet(now, &header, &[1, 2, 3]);
        header.ssrc = 1000;
        lines.packet(now, &header, &[1, 2, 3]);
        assert_eq!(lines.stray, 1);
        let [
            _,
            Line {
                meter: Meter::Video(meter),
                ..
            },
        ] = lines.all()
        else {
            panic!("the second line is video");
        };
        assert_eq!(meter.packets, 1);
        assert_eq!(lines.wanting_keyframes(now), [8, 9]);
    }
}
