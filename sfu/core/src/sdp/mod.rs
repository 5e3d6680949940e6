//! SDP (RFC 8866) as encoders, players and browsers write it: read once into what is offered, and written anew for the
//! engine, so that its parser meets one form alone.
//!
//! ```text
//! offer --read--> Offer --for_engine--> the engine's form --> answer --in_terms_of_the_offer--> answer
//! ```
//!
//! What may be said for all sections at once, said in several ways or left unsaid has its meaning here: attributes at
//! session level (RFC 8866, 6; RFC 8122, 5; RFC 8839, 5.4), a direction that is missing (RFC 3264, 5.1), a `setup` that
//! is missing (RFC 4145, 4), sections without a port of their own (RFC 9143, 6), wildcards of feedback (RFC 4585, 4.2),
//! every RTP profile that WebRTC must take (RFC 8829, 5.1.2), identifiers of any length.

mod fingerprint;
mod plan;
mod read;
mod write;

use protocol::sfu::OfferRefusal;

use fingerprint::Fingerprint;
pub(crate) use plan::Plan;

/// The `profile-level-id` of H.264 as it is negotiated here: constrained baseline, level 3.1. Every encoder has it, and
/// so have the decoders of all browsers that decode H.264 at all.
pub(crate) const CONSTRAINED_BASELINE: u32 = 0x42_e01f;

/// An offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    /// In its order; rejected ones too.
    pub(crate) sections: Vec<Section>,
    /// `ice-ufrag` and `ice-pwd`.
    ice: (String, String),
    /// Those of the strongest hash, at least one.
    fingerprints: Vec<Fingerprint>,
    /// `active`, `passive` or `actpass`.
    setup: &'static str,
    /// Whether its sections share one transport by name; a single section may do without.
    bundled: bool,
}

/// An `m=` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) kind: Kind,
    /// The first word of its `m=` line.
    media: String,
    /// The third word of its `m=` line.
    protocol: String,
    /// What follows the third word of its `m=` line.
    format_list: String,
    /// Whether it is offered with port 0, which means not at all.
    pub(crate) rejected: bool,
    /// Its `a=mid`, if it has one.
    mid: Option<String>,
    /// Its name in messages and events: its `mid`, or its place.
    pub(crate) name: String,
    /// What the engine calls it.
    pub(crate) engine_mid: String,
    /// Whether the client would send.
    pub(crate) sends: bool,
    /// Whether the client would receive.
    pub(crate) receives: bool,
    /// Those that are known here, in the order of preference.
    formats: Vec<Format>,
    /// Header extensions, number and name.
    extensions: Vec<(u8, String)>,
    /// `a=ssrc` and `a=ssrc-group:FID` lines, without `a=`.
    sources: Vec<String>,
    /// The encodings that the client would send at once, largest picture first; empty without simulcast.
    pub(crate) encodings: Vec<String>,
    /// Of a data channel: its SCTP port and the longest message it takes.
    channel: (Option<u16>, Option<u32>),
}

/// What a section carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Audio,
    Video,
    /// Data channels, which are answered and have no part in anything else.
    Data,
    /// Anything else, which can only be rejected.
    Other,
}

/// One payload type of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Format {
    payload: u8,
    codec: Codec,
    /// As in `a=fmtp`.
    parameters: String,
    /// As in `a=rtcp-fb`.
    feedback: Vec<String>,
}

/// What a payload type is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Codec {
    Opus,
    Vp8,
    Vp9,
    H264,
    /// Packets sent again (RFC 4588).
    Rtx,
    /// Redundant voices (RFC 2198).
    Red,
}

impl Codec {
    fn of(map: &str) -> Option<Self> {
        let known = [
            ("opus/48000", Self::Opus),
            ("vp8/90000", Self::Vp8),
            ("vp9/90000", Self::Vp9),
            ("h264/90000", Self::H264),
            ("rtx/90000", Self::Rtx),
            ("red/48000", Self::Red),
        ];
        let map = map.to_ascii_lowercase();
        // Opus is always said with two channels (RFC 7587, 7), and redundancy with those of what it carries.
        let plain = map.strip_suffix("/2").unwrap_or(&map);
        known
            .into_iter()
            .find(|(name, _)| *name == plain)
            .map(|(_, codec)| codec)
    }

    const fn map(self) -> &'static str {
        match self {
            Self::Opus => "opus/48000/2",
            Self::Vp8 => "VP8/90000",
            Self::Vp9 => "VP9/90000",
            Self::H264 => "H264/90000",
            Self::Rtx => "rtx/90000",
            Self::Red => "red/48000/2",
        }
    }

    const fn is_video(self) -> bool {
        matches!(self, Self::Vp8 | Self::Vp9 | Self::H264 | Self::Rtx)
    }
}

impl Format {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .split(';')
            .filter_map(|parameter| parameter.trim().split_once('='))
            .find(|(known, _)| known.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    /// Whether it is a codec that is forwarded.
    fn is_forwarded(&self) -> bool {
        match self.codec {
            Codec::Opus | Codec::Vp8 => true,
            Codec::Vp9 => self.parameter("profile-id").is_none_or(|id| id == "0"),
            Codec::H264 => self.is_constrained_baseline(),
            Codec::Rtx | Codec::Red => false,
        }
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

impl Offer {
    /// Whether the client reports arrival times of packets (transport-wide congestion control), so that its downlink
    /// can be estimated.
    pub(crate) fn has_transport_feedback(&self) -> bool {
        let numbered = |section: &Section| {
            let mut names = section.extensions.iter();
            names.any(|(_, name)| name.contains("transport-wide-cc-extensions"))
        };
        let reported = |section: &Section| {
            let mut feedback = section.formats.iter().flat_map(|format| &format.feedback);
            feedback.any(|kind| kind == "transport-cc")
        };
        self.sections.iter().any(numbered) && self.sections.iter().any(reported)
    }
}

impl Section {
    /// Whether it is an audio or video section that is really offered.
    pub(crate) const fn is_media(&self) -> bool {
        matches!(self.kind, Kind::Audio | Kind::Video) && !self.rejected
    }

    /// Whether it offers a codec that is forwarded.
    pub(crate) fn offers_a_codec(&self) -> bool {
        self.formats.iter().any(Format::is_forwarded)
    }

    /// Whether it has a part in the answer: it is really offered, and there is something in it that is done here.
    /// Others are answered with port 0.
    fn is_taken(&self) -> bool {
        !self.rejected && (self.kind == Kind::Data || self.offers_a_codec())
    }
}

/// The SDP breaks a rule that all of SDP has.
fn illegal(detail: impl Into<String>) -> OfferRefusal {
    OfferRefusal::BadSdp {
        detail: detail.into(),
    }
}

/// The SDP is legal, and asks for what is not done here.
pub(crate) fn unacceptable(detail: impl Into<String>) -> OfferRefusal {
    OfferRefusal::BadOffer {
        detail: detail.into(),
    }
}

#[cfg(test)]
mod tests {
    use protocol::media::Profile;

    use super::*;

    const OFFER: &str = include_str!("../../tests/offers/obs30.sdp");

    /// OBS's offer, with one thing of it said otherwise.
    fn read(from: &str, to: &str) -> Result<Offer, OfferRefusal> {
        assert!(OFFER.contains(from), "{from}");
        Offer::read(&OFFER.replace(from, to))
    }

    /// What the engine is given of it.
    fn engines(from: &str, to: &str) -> String {
        read(from, to).unwrap().for_engine(Profile::Whip)
    }

    fn code(result: Result<Offer, OfferRefusal>) -> &'static str {
        match result {
            Err(OfferRefusal::BadSdp { .. }) => "bad_sdp",
            Err(OfferRefusal::BadOffer { .. }) => "bad_offer",
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_said_for_the_session_holds_for_each_section() {
        let plain = engines("", "");
        let directions = engines("a=sendonly\r\n", "");
        assert_eq!(
            directions, plain,
            "no direction is both, and WHIP only sends"
        );
        let session = OFFER.replace("a=sendonly\r\n", "");
        let session = session.replacen("t=0 0\r\n", "t=0 0\r\na=sendonly\r\n", 1);
        let session = Offer::read(&session).unwrap();
        assert!(session.sections.iter().all(|s| s.sends && !s.receives));
        let twcc = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
        let numbered = engines("t=0 0\r\n", &format!("t=0 0\r\na=extmap:3 {twcc}\r\n"));
        assert_eq!(numbered.matches(twcc).count(), 2);
    }

    #[test]
    fn transport_is_that_of_the_section_which_the_bundle_begins_with() {
        let moved = OFFER
            .replace("a=ice-ufrag:abcd\r\n", "")
            .replace(
                "a=mid:0\r\n",
                "a=mid:0\r\na=ice-ufrag:first\r\na=setup:active\r\n",
            )
            .replace(
                "a=mid:1\r\n",
                "a=mid:1\r\na=ice-ufrag:second\r\na=setup:passive\r\n",
            );
        let first = Offer::read(&moved).unwrap();
        assert_eq!((first.ice.0.as_str(), first.setup), ("first", "active"));
        let turned = moved.replace("BUNDLE 0 1", "BUNDLE 1 0");
        let second = Offer::read(&turned).unwrap();
        assert_eq!((second.ice.0.as_str(), second.setup), ("second", "passive"));
        let order = second.for_engine(Profile::Whip);
        assert!(
            order.contains("a=group:BUNDLE 0 1\r\n"),
            "the engine's own order"
        );
    }

    #[test]
    fn free_text_may_have_any_byte_that_rfc_8866_lets_pass() {
        let plain = engines("", "");
        for name in ["s=", "s=\u{1}\u{7f}\u{85}", "s=C\u{fffd}mera", "s=a\tb"] {
            assert_eq!(engines("s=-", name), plain, "{name:?}");
        }
    }

    #[test]
    fn feedback_for_all_payload_types_is_feedback_for_each() {
        let text = engines("a=rtcp-fb:96 nack\r\n", "a=rtcp-fb:* transport-cc\r\n");
        assert!(text.contains("a=rtcp-fb:96 transport-cc\r\n"));
    }

    #[test]
    fn every_rtp_profile_of_webrtc_is_taken_and_answered_in_its_own_name() {
        for protocol in [
            "TCP/DTLS/RTP/SAVPF",
            "RTP/SAVPF",
            "UDP/TLS/RTP/SAVP",
            "RTP/AVP",
        ] {
            let offer = read("UDP/TLS/RTP/SAVPF", protocol).unwrap();
            let engines = offer.for_engine(Profile::Whip);
            assert_eq!(engines.matches("UDP/TLS/RTP/SAVPF").count(), 2);
            let answer = offer.in_terms_of_the_offer(&engines);
            assert_eq!(answer.matches(&format!(" 9 {protocol} ")).count(), 2);
        }
        assert_eq!(
            code(read("m=audio 57249 UDP/TLS/RTP/SAVPF", "m=audio 57249 udp")),
            "bad_offer"
        );
        assert_eq!(
            code(read(
                "m=audio 57249 UDP/TLS/RTP/SAVPF",
                "m=text 57249 RTP/AVP"
            )),
            "bad_offer"
        );
    }

    #[test]
    fn rejected_section_keeps_its_place_in_the_answer() {
        let more = "m=image 0 udptl t38\r\na=mid:fax\r\nm=audio 57249 ";
        let offer = read("m=audio 57249 ", more).unwrap();
        let engines = offer.for_engine(Profile::Whip);
        assert!(!engines.contains("udptl"));
        let answer = offer.in_terms_of_the_offer(&engines);
        let media: Vec<&str> = answer.lines().filter(|l| l.starts_with("m=")).collect();
        assert_eq!(
            media,
            [
                "m=image 0 udptl t38",
                "m=audio 9 UDP/TLS/RTP/SAVPF 111",
                "m=video 9 UDP/TLS/RTP/SAVPF 96"
            ]
        );
        assert!(answer.contains("a=group:BUNDLE 0 1\r\n"));
    }

    /// Packets say of which encoding they are.
    const NAMED: &str = "a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n";

    #[test]
    fn encodings_that_cannot_be_told_apart_are_not_answered() {
        let three = "a=rid:1 send\r\na=rid:2 send\r\na=rid:3 send\r\na=simulcast:send 1;2;3\r\n";
        let offered = |first: &str| engines("a=mid:1\r\n", &format!("a=mid:1\r\n{first}{three}"));
        assert!(offered(NAMED).contains("a=simulcast:send 1;2;3\r\n"));
        for unnamed in [
            "",
            &NAMED.replace(":2 ", ":15 "),
            &NAMED.replace("rtp-s", "s"),
        ] {
            assert!(!offered(unnamed).contains("simulcast"), "{unnamed}");
        }
        let session = format!("t=0 0\r\n{NAMED}");
        let text = OFFER.replace("t=0 0\r\n", &session);
        let offer = Offer::read(&text.replace("a=mid:1\r\n", &format!("a=mid:1\r\n{three}")));
        assert_eq!(offer.unwrap().sections[1].encodings, ["1", "2", "3"]);
    }

    #[test]
    fn encoding_in_a_codec_that_is_not_taken_is_left_out() {
        let lines = format!(
            "a=mid:1\r\n{NAMED}a=rid:1 send pt=45\r\na=rid:2 send pt=45,96;max-width=640\r\n\
             a=rid:3 send\r\na=simulcast:send 1;2;3\r\n"
        );
        let offer = read("a=mid:1\r\n", &lines).unwrap();
        assert_eq!(offer.sections[1].encodings, ["2", "3"]);
    }

    #[test]
    fn largest_three_encodings_are_kept_whatever_they_are_called() {
        let kept = |lines: &str| {
            let simulcast = format!("a=mid:1\r\n{NAMED}{lines}");
            let offer = read("a=mid:1\r\n", &simulcast).unwrap();
            offer.sections[1].encodings.join(" ")
        };
        let rids = |names: &str| -> String {
            let all = names.split(' ');
            let lines = all.map(|rid| format!("a=rid:{rid} send\r\n"));
            lines.collect::<String>() + "a=simulcast:send " + &names.replace(' ', ";") + "\r\n"
        };
        assert_eq!(kept(&rids("0 1 2 3")), "0 1 2", "as preferred");
        assert_eq!(kept(&rids("l m h")), "h m l", "by the usual names");
        assert_eq!(kept(&rids("q h f")), "f h q");
        let sized = "a=rid:a send max-width=320;max-height=180\r\na=rid:b send pt=96;max-width=1920;max-height=1080\r\n\
            a=rid:c send max-width=640;max-height=360\r\na=rid:d send max-width=1280;max-height=720\r\n\
            a=simulcast:send a;b;c;d\r\n";
        assert_eq!(kept(sized), "b d c", "by what is said of their size");
        let paused =
            "a=rid:1 send\r\na=rid:2 send\r\na=rid:3 send\r\na=simulcast:recv x send ~1,2;~3\r\n";
        assert_eq!(kept(paused), "1 3", "the first of each alternative");
        assert_eq!(
            kept("a=rid:1 send\r\na=simulcast:send 1;undescribed\r\n"),
            "1"
        );
        assert_eq!(
            kept("a=rid:1 send\r\na=simulcast: send rid=1\r\n"),
            "1",
            "as drafts had it"
        );
    }

    #[test]
    fn long_names_are_the_engines_own_and_the_answers_those_of_the_offer() {
        let long = "picture-of-the-main-hall-in-the-province";
        let text = OFFER
            .replace("BUNDLE 0 1", &format!("BUNDLE 0 {long}-1"))
            .replace("a=mid:1\r\n", &format!("a=mid:{long}-1\r\n"));
        let offer = Offer::read(&text).unwrap();
        assert_eq!(offer.sections[1].engine_mid, "picture_of_the_m");
        let answer = offer.in_terms_of_the_offer(&offer.for_engine(Profile::Whip));
        assert!(answer.contains(&format!("a=group:BUNDLE 0 {long}-1\r\n")));
        assert!(answer.contains(&format!("a=mid:{long}-1\r\n")));
        let both = text
            .replace("BUNDLE 0 ", &format!("BUNDLE {long}-0 "))
            .replace("a=mid:0\r\n", &format!("a=mid:{long}-0\r\n"));
        let offer = Offer::read(&both).unwrap();
        let names: Vec<&str> = offer
            .sections
            .iter()
            .map(|s| s.engine_mid.as_str())
            .collect();
        assert_eq!(names, ["picture_of_the_m", "line0"], "which stay distinct");
    }

    #[test]
    fn illegal_sdp_is_told_from_what_is_not_done_here() {
        for (from, to) in [
            ("v=0", "v=1"),
            ("s=-", "no line"),
            ("s=-", "s=\0"),
            ("a=mid:1", "a=mid:\u{7}"),
            ("m=audio 57249 UDP/TLS/RTP/SAVPF 111", "m=audio 57249"),
            (
                "m=audio 57249 UDP/TLS/RTP/SAVPF 111",
                "m=audio 99999 UDP/TLS/RTP/SAVPF 111",
            ),
            ("SAVPF 96", "SAVPF 196"),
            ("a=mid:1", "a=mid:0"),
            ("BUNDLE 0 1", "BUNDLE 0 1 2"),
            ("a=mid:1\r\n", ""),
            ("a=ice-ufrag:abcd", "a=ice-ufrag:abc"),
            ("a=ice-pwd:0123456789abcdefghijklmn", "a=ice-pwd:short"),
            ("a=ice-pwd:0123456789abcdefghijklmn\r\n", ""),
            ("a=setup:actpass", "a=setup:maybe"),
            (
                "a=rtpmap:96 H264/90000\r\n",
                "a=rtpmap:96 H264/90000\r\na=rtpmap:96 VP8/90000\r\n",
            ),
            ("a=mid:1\r\n", "a=mid:1\r\na=recvonly\r\n"),
        ] {
            assert_eq!(code(read(from, to)), "bad_sdp", "{from} -> {to}");
        }
        for (from, to) in [
            ("BUNDLE 0 1", "BUNDLE 0"),
            ("a=group:BUNDLE 0 1\r\n", ""),
            ("a=setup:actpass\r\n", "a=setup:actpass\r\na=ice-lite\r\n"),
        ] {
            assert_eq!(code(read(from, to)), "bad_offer", "{from} -> {to}");
        }
    }
}
