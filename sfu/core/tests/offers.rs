//! Offers of encoders and players as they were captured, and some that are odd but legal, each with the answer it gets.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly, and virtual time needs a start"
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use protocol::media::Profile;
use protocol::sfu::{OfferRefusal, SfuCommand, SfuEvent};
use protocol::{ParticipantId, RoomId};
use sfu_core::{Config, Input, Output, Sfu};
use uuid::Uuid;

/// A voice and a picture, as most encoders offer them.
const BOTH: &str = "audio 0 recvonly 111, video 1 recvonly 96, passive";

/// Of each file in `offers/`: what it is put to, and what comes of it.
const TABLE: &[(&str, Profile, &str)] = &[
    // OBS 30 (libdatachannel), and with what it or others like it may say otherwise.
    ("obs30", Profile::Whip, BOTH),
    ("obs30-OPUS-upper", Profile::Whip, BOTH),
    ("obs30-blank-line-end", Profile::Whip, BOTH),
    ("obs30-bundle-only-port0", Profile::Whip, BOTH),
    ("obs30-lf-only", Profile::Whip, BOTH),
    ("obs30-no-final-newline", Profile::Whip, BOTH),
    ("obs30-plid-upper", Profile::Whip, BOTH),
    ("obs30-plid-42c01f", Profile::Whip, BOTH),
    ("obs30-plid-42c02a", Profile::Whip, BOTH),
    ("obs30-plid-42e028", Profile::Whip, BOTH),
    ("obs30-plid-42e034", Profile::Whip, BOTH),
    ("obs30-plid-4de01f", Profile::Whip, BOTH),
    ("obs30-plid-42001f", Profile::Whip, NO_PICTURE),
    ("obs30-plid-4d001f", Profile::Whip, NO_PICTURE),
    ("obs30-plid-64001f", Profile::Whip, NO_PICTURE),
    ("obs30-plid-640c1f", Profile::Whip, NO_PICTURE),
    ("obs30-no-plid", Profile::Whip, NO_PICTURE),
    ("obs30-no-fmtp", Profile::Whip, NO_PICTURE),
    ("obs30-pm0", Profile::Whip, NO_PICTURE),
    // OBS 32 sends three encodings.
    (
        "obs32-simulcast",
        Profile::Whip,
        "audio 0 recvonly 111, video 1 recvonly 96 [0 1 2], passive",
    ),
    (
        "rid-long",
        Profile::Whip,
        "audio 0 recvonly 111, video 1 recvonly 96 [high-quality 1 2], passive",
    ),
    // ffmpeg 8's WHIP muxer, in either role.
    ("ffmpeg8-active", Profile::Whip, FFMPEG),
    (
        "ffmpeg8-passive",
        Profile::Whip,
        "audio 0 recvonly 111, video 1 recvonly 106 105, active",
    ),
    // GStreamer's webrtcbin.
    (
        "gst-multicodec",
        Profile::Whip,
        "video video0 recvonly 96 103 97 104 98, audio audio1 recvonly 106 105, passive",
    ),
    (
        "gst-no-bundle",
        Profile::Whip,
        "bad_offer: its lines are not bundled (a=group:BUNDLE); set the encoder's bundle policy to max-bundle",
    ),
    // Legal, and said otherwise.
    ("audio-only", Profile::Whip, "audio 0 recvonly 111, passive"),
    ("video-only", Profile::Whip, "video 1 recvonly 96, passive"),
    ("no-direction", Profile::Whip, BOTH),
    ("sendrecv", Profile::Whip, BOTH),
    ("b-as", Profile::Whip, BOTH),
    ("b-as-tias", Profile::Whip, BOTH),
    ("c-session", Profile::Whip, BOTH),
    ("no-t", Profile::Whip, BOTH),
    ("o-big", Profile::Whip, BOTH),
    ("o-ipv6", Profile::Whip, BOTH),
    ("s-space", Profile::Whip, BOTH),
    ("s-utf8", Profile::Whip, BOTH),
    ("space-attr", Profile::Whip, BOTH),
    ("tab-line", Profile::Whip, BOTH),
    ("fp-lower", Profile::Whip, BOTH),
    ("sha512", Profile::Whip, BOTH),
    ("holdconn", Profile::Whip, BOTH),
    ("no-setup", Profile::Whip, BOTH),
    ("no-rtcp-mux", Profile::Whip, BOTH),
    ("no-mid", Profile::Whip, "audio - recvonly 111, passive"),
    (
        "mid-long",
        Profile::Whip,
        "audio audio-track-with-a-very-long-name-0 recvonly 111, video 1 recvonly 96, passive",
    ),
    (
        "datachannel",
        Profile::Whip,
        "audio 0 recvonly 111, video 1 recvonly 96, application 2 -, passive",
    ),
    // Legal, and not done here.
    (
        "recvonly-to-whip",
        Profile::Whip,
        "bad_offer: nothing is sent on any line",
    ),
    (
        "two-videos",
        Profile::Whip,
        "bad_offer: line 2 is a second picture",
    ),
    (
        "duplicate-pt",
        Profile::Whip,
        "bad_offer: line 0 offers no Opus",
    ),
    // Not WebRTC.
    (
        "no-ufrag",
        Profile::Whip,
        "bad_sdp: there are no ICE credentials",
    ),
    // Players.
    (
        "whep-av",
        Profile::Whep,
        "audio 0 sendonly 111, video 1 sendonly 96, passive",
    ),
    (
        "whep-audio-only",
        Profile::Whep,
        "audio 0 sendonly 111, passive",
    ),
    (
        "whep-video-only",
        Profile::Whep,
        "video 1 sendonly 96, passive",
    ),
    (
        "whep-vp8",
        Profile::Whep,
        "audio 0 sendonly 111, video 1 sendonly 96, passive",
    ),
    ("whep-high-only", Profile::Whep, NO_PICTURE),
];

const FFMPEG: &str = "audio 0 recvonly 111, video 1 recvonly 106 105, passive";

const NO_PICTURE: &str = "bad_offer: line 1 offers no VP8, no VP9 in profile 0 and no H.264 constrained baseline with \
    packetization-mode=1";

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/offers")
}

/// Puts an offer to a shard: what came of it.
fn put(profile: Profile, offer: &str) -> Result<String, OfferRefusal> {
    let now = Instant::now();
    let config = Config {
        addresses: vec![([10, 0, 0, 1], 7000).into()],
        tcp: true,
        first_stream: 0,
    };
    let mut sfu = Sfu::new(now, config);
    let join = SfuCommand::Join {
        request: 1,
        room: RoomId::from(Uuid::from_u128(7)),
        participant: ParticipantId(Uuid::from_u128(1)),
        profile,
        may_publish: profile == Profile::Whip,
        microphone_open: true,
        offer: offer.to_owned(),
    };
    sfu.handle(now, Input::Command(join));
    loop {
        match sfu.poll_output() {
            Output::Event(SfuEvent::Answered { answer, .. }) => return Ok(answer),
            Output::Event(SfuEvent::Refused { reason, .. }) => return Err(reason),
            Output::Timeout(_) => panic!("neither answered nor refused"),
            _ => {}
        }
    }
}

/// What an answer says of each line: kind, mid, direction, payload types, encodings; and who begins the handshake.
fn summary(answer: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut setup = BTreeSet::new();
    for section in answer.split("\r\nm=").skip(1) {
        let mut words = section.lines().next().unwrap().split(' ');
        let (kind, port) = (words.next().unwrap(), words.next().unwrap());
        assert_ne!(port, "0", "a line is rejected");
        let payloads: Vec<&str> = words
            .skip(1)
            .filter(|word| word.parse::<u8>().is_ok())
            .collect();
        let value = |name: &str| section.lines().find_map(|line| line.strip_prefix(name));
        let direction = ["sendonly", "recvonly", "sendrecv", "inactive"]
            .into_iter()
            .find(|direction| {
                section
                    .lines()
                    .any(|line| line.strip_prefix("a=") == Some(direction))
            });
        let encodings = value("a=simulcast:recv ").map(|list| {
            let named: Vec<&str> = section
                .lines()
                .filter_map(|l| l.strip_prefix("a=rid:"))
                .collect();
            let expected: Vec<String> = list.split(';').map(|rid| format!("{rid} recv")).collect();
            assert_eq!(named, expected, "encodings are named as they are listed");
            format!(" [{}]", list.replace(';', " "))
        });
        let mut line = format!(
            "{kind} {} {}",
            value("a=mid:").unwrap_or("-"),
            direction.unwrap_or("-")
        );
        if !payloads.is_empty() {
            line = format!("{line} {}", payloads.join(" "));
        }
        lines.push(line + &encodings.unwrap_or_default());
        setup.insert(value("a=setup:").unwrap());
    }
    assert_eq!(setup.len(), 1, "one transport, one role");
    lines.push(setup.first().unwrap().to_string());
    lines.join(", ")
}

fn refusal(reason: OfferRefusal) -> String {
    match reason {
        OfferRefusal::BadSdp { detail } => format!("bad_sdp: {detail}"),
        OfferRefusal::BadFingerprint { detail } => format!("bad_fingerprint: {detail}"),
        OfferRefusal::WeakFingerprint { detail } => format!("weak_fingerprint: {detail}"),
        OfferRefusal::BadOffer { detail } => format!("bad_offer: {detail}"),
        OfferRefusal::NoPeer | OfferRefusal::NodeFull | OfferRefusal::NodeReserved => {
            panic!("{reason:?}")
        }
    }
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(format!("{name}.sdp"))).unwrap()
}

#[test]
fn every_captured_offer_gets_the_answer_it_must_get() {
    let mut wrong = Vec::new();
    for (name, profile, expected) in TABLE {
        let got = match put(*profile, &read(name)) {
            Ok(answer) => summary(&answer),
            Err(reason) => refusal(reason),
        };
        if got != *expected {
            wrong.push(format!("{name}:\n  {got}\n  instead of\n  {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let known: BTreeSet<String> = TABLE
        .iter()
        .map(|(name, ..)| format!("{name}.sdp"))
        .collect();
    let files: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(known, files, "every file is in the table");
}

#[test]
fn answers_keep_what_every_client_relies_on() {
    for (name, profile, _) in TABLE {
        let offer = read(name);
        let Ok(answer) = put(*profile, &offer) else {
            continue;
        };
        assert!(answer.starts_with("v=0\r\n"), "{name}");
        assert_eq!(answer.matches("a=ice-lite").count(), 1, "{name}");
        assert!(answer.contains("a=fingerprint:sha-256 "), "{name}");
        let udp = answer
            .lines()
            .any(|l| l.starts_with("a=candidate:") && l.contains(" udp "));
        assert!(udp, "{name}: it says where to send");
        let offered = offer.contains("a=group:BUNDLE");
        assert_eq!(
            answer.contains("a=group:BUNDLE"),
            offered,
            "{name}: a group is answered with a group"
        );
        let media = answer.matches("\r\nm=").count();
        let rtp = answer.matches("RTP/SAVPF").count();
        assert_eq!(answer.matches("a=rtcp-mux\r\n").count(), rtp, "{name}");
        assert_eq!(
            offer.matches("\nm=").count(),
            media,
            "{name}: as many lines as were offered"
        );
    }
}

#[test]
fn fourth_encoding_is_not_answered() {
    let more = "a=rid:3 send\r\na=simulcast:send 0;1;2;3";
    let offer = read("obs32-simulcast").replace("a=simulcast:send 0;1;2", more);
    let answer = put(Profile::Whip, &offer).unwrap();
    let expected = "audio 0 recvonly 111, video 1 recvonly 96 [0 1 2], passive";
    assert_eq!(summary(&answer), expected, "the first is the largest");
}

#[test]
fn line_that_is_not_used_needs_no_codec_that_is_done_here() {
    let more = |mid: &str, direction: &str| {
        format!(
            "m=video 9 UDP/TLS/RTP/SAVPF 45\r\na=mid:{mid}\r\na={direction}\r\na=rtcp-mux\r\na=rtpmap:45 AV1/90000\r\n"
        )
    };
    for (profile, name, unused) in [
        (Profile::Whip, "obs30", "recvonly"),
        (Profile::Whip, "obs30", "inactive"),
        (Profile::Whep, "whep-av", "sendonly"),
        (Profile::Whep, "whep-av", "inactive"),
    ] {
        let offer = read(name).replace("BUNDLE 0 1", "BUNDLE 2 0 1 3");
        let offer = offer.replacen("m=audio", &(more("2", unused) + "m=audio"), 1);
        let answer = put(profile, &(offer + &more("3", unused))).map_err(refusal);
        let answer = answer.unwrap_or_else(|why| panic!("{name} {unused}: {why}"));
        assert!(answer.contains("a=group:BUNDLE 0 1\r\n"), "{answer}");
        let lines: Vec<(&str, &str)> = answer
            .lines()
            .filter_map(|line| line.strip_prefix("m=")?.split_once(' '))
            .map(|(kind, rest)| (kind, rest.split(' ').next().unwrap()))
            .collect();
        let expected = [
            ("video", "0"),
            ("audio", "9"),
            ("video", "9"),
            ("video", "0"),
        ];
        assert_eq!(lines, expected, "{name} {unused}");
    }
    let used = read("obs30").replace("BUNDLE 0 1", "BUNDLE 0 1 2") + &more("2", "sendonly");
    let refused = put(Profile::Whip, &used).map_err(refusal).unwrap_err();
    assert!(
        refused.starts_with("bad_offer: line 2 offers no "),
        "{refused}"
    );
}

#[test]
fn weak_and_malformed_fingerprints_are_refused_at_once_each_by_its_code() {
    let with = |fingerprint: &str| {
        let offer = read("obs30");
        let line = offer
            .lines()
            .find(|l| l.starts_with("a=fingerprint:"))
            .unwrap();
        put(Profile::Whip, &offer.replace(line, fingerprint)).map_err(refusal)
    };
    let digest = |length: usize| vec!["0f"; length].join(":");
    for (line, code) in [
        (
            format!("a=fingerprint:md5 {}", digest(16)),
            "weak_fingerprint: ",
        ),
        (
            format!("a=fingerprint:sha-1 {}", digest(20)),
            "weak_fingerprint: ",
        ),
        (
            format!("a=fingerprint:sha-256 {}", digest(31)),
            "bad_fingerprint: ",
        ),
        (
            "a=fingerprint:sha-256 nonsense".to_owned(),
            "bad_fingerprint: ",
        ),
        ("a=fingerprint:".to_owned(), "bad_fingerprint: "),
        (String::new(), "bad_sdp: there is no DTLS fingerprint"),
    ] {
        let refused = with(&line).unwrap_err();
        assert!(refused.starts_with(code), "{line}: {refused}");
    }
    for line in [
        format!(
            "a=fingerprint:sha-1 {}\r\na=fingerprint:sha-256 {}",
            digest(20),
            digest(32)
        ),
        format!("a=fingerprint:SHA-384 {}", digest(48)),
        format!(
            "a=fingerprint:sha3-256 {}\r\na=fingerprint:sha-256 {}",
            digest(32),
            digest(32)
        ),
    ] {
        assert!(with(&line).is_ok(), "{line}");
    }
}

#[test]
fn refusals_are_in_our_own_words() {
    for offer in [
        "",
        "v=0",
        "v=0\r\nm=\r\n",
        "v=0\r\nm=audio\r\n",
        "{}",
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n",
        "v=0\r\no=\r\nt=\r\na=\r\nm=video 9 UDP/TLS/RTP/SAVPF 999999999999\r\na=ice-ufrag:\r\n",
    ] {
        let refused = refusal(put(Profile::Whip, offer).unwrap_err());
        assert!(refused.starts_with("bad_sdp: "), "{offer:?}: {refused}");
        for foreign in [
            "Parse error",
            "0x",
            "Error",
            "panicked",
            "::",
            "{",
            "unexpected",
        ] {
            assert!(!refused.contains(foreign), "{offer:?}: {refused}");
        }
    }
}
