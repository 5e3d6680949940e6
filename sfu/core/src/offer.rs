//! An offer's lines, and what each is for.
//!
//! Clients offer once, in a fixed order (see [`Profile::slots`]); nothing is negotiated afterwards but ICE restarts.

use protocol::media::{Profile, SlotKind, Source};

/// The `profile-level-id` of H.264 as it is negotiated here: constrained baseline, level 3.1. Every encoder has it, and
/// so have the decoders of all browsers that decode H.264 at all.
pub(crate) const CONSTRAINED_BASELINE: u32 = 0x42_e01f;

/// One payload type of a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Format {
    payload: String,
    codec: String,
    /// As in `a=fmtp`.
    parameters: String,
}

impl Format {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .split(';')
            .filter_map(|parameter| parameter.trim().split_once('='))
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    /// Whether it is a codec that is forwarded.
    fn fits(&self, video: bool) -> bool {
        let is = |codec: &str| self.codec.eq_ignore_ascii_case(codec);
        if !video {
            return is("opus");
        }
        let plain = self.parameter("profile-id").is_none_or(|id| id == "0");
        is("VP8") || (is("VP9") && plain) || (is("H264") && self.is_constrained_baseline())
    }

    /// RFC 6184, table 5: three ways to say constrained baseline; and NAL units may go over several packets.
    fn is_constrained_baseline(&self) -> bool {
        let profile = self
            .parameter("profile-level-id")
            .and_then(|id| u32::from_str_radix(id, 16).ok());
        let constrained = profile.is_some_and(|id| {
            let constraints = id >> 8 & 0xff;
            match id >> 16 {
                0x42 => constraints & 0x4f == 0x40,
                0x4d => constraints & 0x8f == 0x80,
                0x58 => constraints & 0xcf == 0xc0,
                _ => false,
            }
        });
        constrained && self.parameter("packetization-mode") == Some("1")
    }
}

/// One `m=` section of an offer, as far as its place in the plan depends on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Line {
    video: bool,
    mid: String,
    sends: bool,
    receives: bool,
    formats: Vec<Format>,
    /// In the order of `a=simulcast:send`.
    rids: Vec<String>,
}

/// A line on which the client sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublishLine {
    /// Names the line.
    pub(crate) mid: String,
    /// What it carries.
    pub(crate) source: Source,
    /// The simulcast encodings, smallest picture first; empty without simulcast.
    pub(crate) rids: Vec<String>,
}

/// A line on which the client receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SlotLine {
    /// Names the line.
    pub(crate) mid: String,
    /// What it is for.
    pub(crate) kind: SlotKind,
}

/// What every line of an offer is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Where the client sends.
    pub(crate) publish: Vec<PublishLine>,
    /// Where it receives, in the offer's order.
    pub(crate) slots: Vec<SlotLine>,
    /// Whether the client reports arrival times of packets (transport-wide congestion control), so that its downlink
    /// can be estimated.
    pub(crate) transport_feedback: bool,
}

impl Plan {
    /// Reads an offer and gives each of its lines a purpose.
    ///
    /// # Errors
    /// What is wrong, in English, for the technician.
    pub(crate) fn of(profile: Profile, offer: &str) -> Result<Self, String> {
        let lines = read_lines(offer)?;
        for line in &lines {
            let known = line.formats.iter().any(|format| format.fits(line.video));
            if (line.sends || line.receives) && !known {
                let codecs = if line.video {
                    "VP8, no VP9 in profile 0 and no H.264 constrained baseline with packetization-mode=1"
                } else {
                    "Opus"
                };
                return Err(format!("line {} offers no {codecs}", line.mid));
            }
        }
        let mut plan = match profile {
            Profile::Whip => whip(lines),
            Profile::Whep => whep(lines),
            Profile::Desk | Profile::Room | Profile::Phone => browser(profile, lines),
        }?;
        plan.transport_feedback =
            offer.contains("transport-wide-cc-extensions") && offer.contains(" transport-cc");
        Ok(plan)
    }
}

fn browser(profile: Profile, lines: Vec<Line>) -> Result<Plan, String> {
    let counts = profile.slots();
    let receiving = [
        (SlotKind::Audio, counts.audio),
        (SlotKind::Stage, counts.stage),
        (SlotKind::Tile, counts.tiles),
        (SlotKind::Screen, counts.screen),
    ];
    let kinds: Vec<SlotKind> = receiving
        .into_iter()
        .flat_map(|(kind, count)| std::iter::repeat_n(kind, count))
        .collect();
    let sources = [Source::Microphone, Source::Camera, Source::Screen];
    let expected = sources.len() + kinds.len();
    if lines.len() != expected {
        return Err(format!(
            "this profile offers {expected} lines, here are {}",
            lines.len()
        ));
    }
    let mut plan = Plan::default();
    let mut lines = lines.into_iter();
    for (source, line) in sources.into_iter().zip(&mut lines) {
        expect_kind(&line, source.is_video())?;
        if line.sends {
            plan.publish.push(publish(line, source));
        }
    }
    for (kind, line) in kinds.into_iter().zip(lines) {
        expect_kind(&line, kind != SlotKind::Audio)?;
        if !line.receives {
            return Err(format!("line {} should receive", line.mid));
        }
        plan.slots.push(SlotLine {
            mid: line.mid,
            kind,
        });
    }
    Ok(plan)
}

fn whip(lines: Vec<Line>) -> Result<Plan, String> {
    let mut plan = Plan::default();
    for line in lines.into_iter().filter(|line| line.sends) {
        let source = if line.video {
            Source::Camera
        } else {
            Source::Microphone
        };
        if plan.publish.iter().any(|taken| taken.source == source) {
            return Err(format!("line {} is a second {source:?}", line.mid));
        }
        plan.publish.push(publish(line, source));
    }
    if plan.publish.is_empty() {
        return Err("nothing is sent on any line".into());
    }
    Ok(plan)
}

fn whep(lines: Vec<Line>) -> Result<Plan, String> {
    let mut plan = Plan::default();
    for line in lines.into_iter().filter(|line| line.receives) {
        let kind = if line.video {
            SlotKind::Stage
        } else {
            SlotKind::Audio
        };
        if plan.slots.iter().any(|taken| taken.kind == kind) {
            return Err(format!("line {} is a second {kind:?}", line.mid));
        }
        plan.slots.push(SlotLine {
            mid: line.mid,
            kind,
        });
    }
    if plan.slots.is_empty() {
        return Err("nothing is received on any line".into());
    }
    Ok(plan)
}

fn expect_kind(line: &Line, video: bool) -> Result<(), String> {
    if line.video == video {
        return Ok(());
    }
    let kind = if video { "video" } else { "audio" };
    Err(format!("line {} should be {kind}", line.mid))
}

fn publish(line: Line, source: Source) -> PublishLine {
    PublishLine {
        mid: line.mid,
        source,
        rids: smallest_first(line.rids),
    }
}

/// Orders rids by the size of the picture: by name for the usual names, otherwise the reverse of the offer's order of
/// preference (RFC 8853, section 5.1).
fn smallest_first(mut rids: Vec<String>) -> Vec<String> {
    const SCALES: [[&str; 3]; 2] = [["l", "m", "h"], ["q", "h", "f"]];
    for scale in SCALES {
        let place = |rid: &String| scale.iter().position(|name| name == rid);
        if rids.iter().all(|rid| place(rid).is_some()) {
            rids.sort_by_key(place);
            return rids;
        }
    }
    rids.reverse();
    rids
}

fn read_lines(offer: &str) -> Result<Vec<Line>, String> {
    let mut lines: Vec<Line> = Vec::new();
    // Lines of data channels are answered, and have no part in the plan.
    let mut application = false;
    for text in offer.lines() {
        let text = text.trim_end();
        if let Some(media) = text.strip_prefix("m=") {
            let video = media.starts_with("video ");
            application = !video && !media.starts_with("audio ");
            if !application {
                lines.push(Line {
                    video,
                    sends: true,
                    receives: true,
                    ..Line::default()
                });
            }
            continue;
        }
        let Some(line) = lines.last_mut().filter(|_| !application) else {
            continue;
        };
        match text {
            "a=sendonly" => line.receives = false,
            "a=recvonly" => line.sends = false,
            "a=inactive" => (line.sends, line.receives) = (false, false),
            _ => {
                if let Some(mid) = text.strip_prefix("a=mid:") {
                    mid.clone_into(&mut line.mid);
                } else if let Some(map) = text.strip_prefix("a=rtpmap:") {
                    let mut parts = map.split([' ', '/']).map(str::to_owned);
                    line.formats.push(Format {
                        payload: parts.next().unwrap_or_default(),
                        codec: parts.next().unwrap_or_default(),
                        parameters: String::new(),
                    });
                } else if let Some(fmtp) = text.strip_prefix("a=fmtp:") {
                    let (payload, parameters) = fmtp.split_once(' ').unwrap_or((fmtp, ""));
                    let format = line.formats.iter_mut().find(|f| f.payload == payload);
                    if let Some(format) = format {
                        parameters.clone_into(&mut format.parameters);
                    }
                } else if let Some(simulcast) = text.strip_prefix("a=simulcast:") {
                    line.rids = simulcast_send(simulcast);
                }
            }
        }
    }
    if let Some(at) = lines.iter().position(|line| line.mid.is_empty()) {
        return Err(format!("line {at} has no mid"));
    }
    Ok(lines)
}

/// The first rid of each alternative in "send l;m;h recv …"; a `~` marks one that starts paused.
fn simulcast_send(value: &str) -> Vec<String> {
    let mut words = value.split_whitespace();
    while let Some(direction) = words.next() {
        let list = words.next().unwrap_or_default();
        if direction == "send" {
            return list
                .split(';')
                .filter_map(|alternatives| alternatives.split(',').next())
                .map(|rid| rid.trim_start_matches('~').to_owned())
                .collect();
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: &str, mid: usize, direction: &str, codec: &str) -> String {
        format!(
            "m={kind} 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:{mid}\r\na={direction}\r\na=rtpmap:96 {codec}/90000\r\n"
        )
    }

    fn browser_offer(profile: Profile) -> String {
        let counts = profile.slots();
        let mut offer = String::from("v=0\r\n");
        offer += &line("audio", 0, "sendrecv", "opus");
        offer += &line("video", 1, "sendonly", "VP8");
        offer += "a=simulcast:send l;m;h\r\n";
        offer += &line("video", 2, "sendonly", "VP8");
        for mid in 3..3 + counts.audio {
            offer += &line("audio", mid, "recvonly", "opus");
        }
        let pictures = counts.stage + counts.tiles + counts.screen;
        for mid in 3 + counts.audio..3 + counts.audio + pictures {
            offer += &line("video", mid, "recvonly", "VP8");
        }
        offer
    }

    #[test]
    fn browser_lines_are_taken_in_order() {
        let plan = Plan::of(Profile::Phone, &browser_offer(Profile::Phone)).unwrap();
        let sources: Vec<_> = plan.publish.iter().map(|line| line.source).collect();
        assert_eq!(
            sources,
            [Source::Microphone, Source::Camera, Source::Screen]
        );
        assert_eq!(plan.publish[1].rids, ["l", "m", "h"]);
        let kinds: Vec<_> = plan.slots.iter().map(|line| line.kind).collect();
        use SlotKind::{Audio, Screen, Stage, Tile};
        assert_eq!(
            kinds,
            [Audio, Audio, Audio, Audio, Stage, Tile, Tile, Tile, Screen]
        );
    }

    #[test]
    fn missing_line_is_refused_with_its_count() {
        let offer = browser_offer(Profile::Phone);
        let refusal = Plan::of(Profile::Room, &offer).unwrap_err();
        assert!(
            refusal.contains("17") && refusal.contains("12"),
            "{refusal}"
        );
    }

    #[test]
    fn line_without_our_codec_is_refused() {
        let offer = line("video", 0, "sendonly", "AV1");
        let refusal = Plan::of(Profile::Whip, &offer).unwrap_err();
        assert!(refusal.contains("VP8"), "{refusal}");
    }

    #[test]
    fn h264_alone_is_taken_in_every_form_of_constrained_baseline_and_in_no_other() {
        let plan = |parameters: &str| {
            let h264 = line("video", 0, "sendonly", "H264");
            let offer = h264 + "a=fmtp:96 level-asymmetry-allowed=1;" + parameters + "\r\n";
            Plan::of(Profile::Whip, &offer)
        };
        // Chromium, Firefox; ffmpeg and GStreamer; the constrained subset of main and extended.
        for id in ["42e01f", "42E034", "42c01e", "4d801f", "58c01f"] {
            let offered = format!("packetization-mode=1;profile-level-id={id}");
            assert!(plan(&offered).is_ok(), "{id}");
        }
        for offered in [
            "packetization-mode=1;profile-level-id=42001f",
            "packetization-mode=1;profile-level-id=4d001f",
            "packetization-mode=1;profile-level-id=640c1f",
            "packetization-mode=0;profile-level-id=42e01f",
            "profile-level-id=42e01f",
            "packetization-mode=1",
        ] {
            let refusal = plan(offered).unwrap_err();
            assert!(refusal.contains("constrained baseline"), "{refusal}");
        }
    }

    #[test]
    fn whip_takes_one_voice_and_one_picture_in_any_order() {
        let offer = line("video", 0, "sendonly", "VP8") + &line("audio", 1, "sendonly", "opus");
        let plan = Plan::of(Profile::Whip, &offer).unwrap();
        assert_eq!(plan.publish[0].source, Source::Camera);
        assert_eq!(plan.publish[1].source, Source::Microphone);
        let twice = line("video", 0, "sendonly", "VP8") + &line("video", 1, "sendonly", "VP8");
        assert!(Plan::of(Profile::Whip, &twice).is_err());
    }

    #[test]
    fn whep_takes_a_picture_alone() {
        let plan = Plan::of(Profile::Whep, &line("video", 0, "recvonly", "VP8")).unwrap();
        assert_eq!(plan.slots.len(), 1);
        assert_eq!(plan.slots[0].kind, SlotKind::Stage);
    }

    #[test]
    fn rids_are_ordered_by_the_size_of_the_picture() {
        let order = |rids: &[&str]| smallest_first(rids.iter().map(ToString::to_string).collect());
        assert_eq!(order(&["h", "l", "m"]), ["l", "m", "h"]);
        assert_eq!(order(&["f", "h", "q"]), ["q", "h", "f"]);
        assert_eq!(order(&["0", "1", "2"]), ["2", "1", "0"]);
    }

    #[test]
    fn truncation_at_every_byte_is_survived() {
        let offer = browser_offer(Profile::Phone);
        for cut in 0..offer.len() {
            let _ = Plan::of(Profile::Phone, &offer[..cut]);
        }
    }
}
