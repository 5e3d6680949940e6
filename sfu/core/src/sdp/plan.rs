//! What each line of an offer is for.
//!
//! Clients offer once, in a fixed order (see [`Profile::slots`]); nothing is negotiated afterwards but ICE restarts.

use protocol::media::{Profile, SlotKind, Source};
use protocol::sfu::OfferRefusal;

use super::{Kind, Offer, Section, unacceptable};

/// A line on which the client sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublishLine {
    /// What the engine calls the line.
    pub(crate) engine_mid: String,
    /// What it carries.
    pub(crate) source: Source,
    /// The simulcast encodings, smallest picture first; empty without simulcast.
    pub(crate) rids: Vec<String>,
}

/// A line on which the client receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SlotLine {
    /// What the client calls the line.
    pub(crate) mid: String,
    /// What the engine calls it.
    pub(crate) engine_mid: String,
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
    /// Gives each line of an offer a purpose.
    ///
    /// # Errors
    /// [`OfferRefusal::BadOffer`], when the lines are not those of the profile.
    pub(crate) fn of(profile: Profile, offer: &Offer) -> Result<Self, OfferRefusal> {
        let lines: Vec<&Section> = offer.sections.iter().filter(|s| s.is_media()).collect();
        for line in &lines {
            let is_used = match profile {
                Profile::Whip => line.sends,
                Profile::Whep => line.receives,
                Profile::Desk | Profile::Room | Profile::Phone => line.sends || line.receives,
            };
            if is_used && !line.offers_a_codec() {
                let codecs = if line.kind == Kind::Video {
                    "VP8, no VP9 in profile 0 and no H.264 constrained baseline with packetization-mode=1"
                } else {
                    "Opus"
                };
                return Err(unacceptable(format!(
                    "line {} offers no {codecs}",
                    line.name
                )));
            }
        }
        let mut plan = match profile {
            Profile::Whip => whip(&lines),
            Profile::Whep => whep(&lines),
            Profile::Desk | Profile::Room | Profile::Phone => browser(profile, &lines),
        }?;
        plan.transport_feedback = offer.has_transport_feedback();
        Ok(plan)
    }
}

fn browser(profile: Profile, lines: &[&Section]) -> Result<Plan, OfferRefusal> {
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
        return Err(unacceptable(format!(
            "this profile offers {expected} lines, here are {}",
            lines.len()
        )));
    }
    let mut plan = Plan::default();
    let mut lines = lines.iter();
    for (source, line) in sources.into_iter().zip(&mut lines) {
        expect_kind(line, source.is_video())?;
        if line.sends {
            plan.publish.push(publish(line, source));
        }
    }
    for (kind, line) in kinds.into_iter().zip(lines) {
        expect_kind(line, kind != SlotKind::Audio)?;
        if !line.receives {
            return Err(unacceptable(format!("line {} should receive", line.name)));
        }
        plan.slots.push(slot(line, kind));
    }
    Ok(plan)
}

fn whip(lines: &[&Section]) -> Result<Plan, OfferRefusal> {
    let mut plan = Plan::default();
    for line in lines.iter().filter(|line| line.sends) {
        let (source, what) = match line.kind {
            Kind::Video => (Source::Camera, "picture"),
            _ => (Source::Microphone, "voice"),
        };
        if plan.publish.iter().any(|taken| taken.source == source) {
            return Err(unacceptable(format!(
                "line {} is a second {what}",
                line.name
            )));
        }
        plan.publish.push(publish(line, source));
    }
    if plan.publish.is_empty() {
        return Err(unacceptable("nothing is sent on any line"));
    }
    Ok(plan)
}

fn whep(lines: &[&Section]) -> Result<Plan, OfferRefusal> {
    let mut plan = Plan::default();
    for line in lines.iter().filter(|line| line.receives) {
        let (kind, what) = match line.kind {
            Kind::Video => (SlotKind::Stage, "picture"),
            _ => (SlotKind::Audio, "voice"),
        };
        if plan.slots.iter().any(|taken| taken.kind == kind) {
            return Err(unacceptable(format!(
                "line {} is a second {what}",
                line.name
            )));
        }
        plan.slots.push(slot(line, kind));
    }
    if plan.slots.is_empty() {
        return Err(unacceptable("nothing is received on any line"));
    }
    Ok(plan)
}

fn expect_kind(line: &Section, video: bool) -> Result<(), OfferRefusal> {
    if (line.kind == Kind::Video) == video {
        return Ok(());
    }
    let kind = if video { "video" } else { "audio" };
    Err(unacceptable(format!("line {} should be {kind}", line.name)))
}

fn publish(line: &Section, source: Source) -> PublishLine {
    PublishLine {
        engine_mid: line.engine_mid.clone(),
        source,
        rids: line.encodings.iter().rev().cloned().collect(),
    }
}

fn slot(line: &Section, kind: SlotKind) -> SlotLine {
    SlotLine {
        mid: line.name.clone(),
        engine_mid: line.engine_mid.clone(),
        kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=setup:actpass\r\n\
        a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijklmn\r\n";

    fn line(kind: &str, mid: usize, direction: &str, codec: &str) -> String {
        format!(
            "m={kind} 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:{mid}\r\na={direction}\r\na=rtpmap:96 {codec}\r\n"
        )
    }

    fn plan(profile: Profile, lines: &str) -> Result<Plan, OfferRefusal> {
        let mids: Vec<&str> = lines
            .lines()
            .filter_map(|l| l.strip_prefix("a=mid:"))
            .collect();
        let digest = vec!["AB"; 32].join(":");
        let head = format!(
            "{HEAD}a=fingerprint:sha-256 {digest}\r\na=group:BUNDLE {}\r\n",
            mids.join(" ")
        );
        Plan::of(profile, &Offer::read(&(head + lines))?)
    }

    fn refusal(profile: Profile, lines: &str) -> String {
        match plan(profile, lines) {
            Err(OfferRefusal::BadOffer { detail }) => detail,
            other => panic!("{other:?}"),
        }
    }

    fn browser_lines(profile: Profile) -> String {
        let counts = profile.slots();
        let mut lines = String::new();
        lines += &line("audio", 0, "sendrecv", "opus/48000/2").replace("96", "111");
        lines += &line("video", 1, "sendonly", "VP8/90000");
        lines += "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n\
            a=rid:l send\r\na=rid:m send\r\na=rid:h send\r\na=simulcast:send l;m;h\r\n";
        lines += &line("video", 2, "sendonly", "VP8/90000");
        for mid in 3..3 + counts.audio {
            lines += &line("audio", mid, "recvonly", "opus/48000/2").replace("96", "111");
        }
        let pictures = counts.stage + counts.tiles + counts.screen;
        for mid in 3 + counts.audio..3 + counts.audio + pictures {
            lines += &line("video", mid, "recvonly", "VP8/90000");
        }
        lines
    }

    #[test]
    fn browser_lines_are_taken_in_order() {
        let plan = plan(Profile::Phone, &browser_lines(Profile::Phone)).unwrap();
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
        let refusal = refusal(Profile::Room, &browser_lines(Profile::Phone));
        assert!(
            refusal.contains("17") && refusal.contains("12"),
            "{refusal}"
        );
    }

    #[test]
    fn line_without_our_codec_is_refused() {
        let refusal = refusal(Profile::Whip, &line("video", 0, "sendonly", "AV1/90000"));
        assert!(refusal.contains("VP8"), "{refusal}");
    }

    #[test]
    fn h264_alone_is_taken_in_every_form_of_constrained_baseline_and_in_no_other() {
        let with = |parameters: &str| {
            let h264 = line("video", 0, "sendonly", "H264/90000");
            h264 + "a=fmtp:96 level-asymmetry-allowed=1;" + parameters + "\r\n"
        };
        // Chromium, Firefox; ffmpeg and GStreamer; the constrained subset of main and extended.
        for id in ["42e01f", "42E034", "42c01e", "4d801f", "58c01f"] {
            let offered = with(&format!("packetization-mode=1;profile-level-id={id}"));
            assert!(plan(Profile::Whip, &offered).is_ok(), "{id}");
        }
        for offered in [
            "packetization-mode=1;profile-level-id=42001f",
            "packetization-mode=1;profile-level-id=4d001f",
            "packetization-mode=1;profile-level-id=640c1f",
            "packetization-mode=0;profile-level-id=42e01f",
            "profile-level-id=42e01f",
            "packetization-mode=1",
        ] {
            let refusal = refusal(Profile::Whip, &with(offered));
            assert!(refusal.contains("constrained baseline"), "{refusal}");
        }
    }

    #[test]
    fn whip_takes_one_voice_and_one_picture_in_any_order() {
        let voice = line("audio", 1, "sendonly", "opus/48000/2").replace("96", "111");
        let picture = line("video", 0, "sendonly", "VP8/90000");
        let plan = plan(Profile::Whip, &(picture.clone() + &voice)).unwrap();
        assert_eq!(plan.publish[0].source, Source::Camera);
        assert_eq!(plan.publish[1].source, Source::Microphone);
        let twice = picture + &line("video", 1, "sendonly", "VP8/90000");
        assert!(refusal(Profile::Whip, &twice).contains("second picture"));
    }

    #[test]
    fn whep_takes_a_picture_alone() {
        let plan = plan(Profile::Whep, &line("video", 0, "recvonly", "VP8/90000")).unwrap();
        assert_eq!(plan.slots.len(), 1);
        assert_eq!(plan.slots[0].kind, SlotKind::Stage);
    }

    #[test]
    fn truncation_at_every_byte_is_survived() {
        let lines = browser_lines(Profile::Phone);
        for cut in 0..lines.len() {
            let _ = plan(Profile::Phone, &lines[..cut]);
        }
    }
}
