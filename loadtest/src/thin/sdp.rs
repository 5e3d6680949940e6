//! The session descriptions (SDP, RFC 8866) of a thin peer: what it offers and answers, and what it needs of the other's.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use anyhow::Context;
use protocol::media::SlotKind;

use super::ice::Credentials;
use crate::media::Layer;

/// The payload types offered; a browser's, so that they look familiar in a capture.
pub(super) const OPUS: u8 = 111;
pub(super) const VP8: u8 = 96;
pub(super) const VP8_RTX: u8 = 97;

/// Header extensions by the number offered.
pub(super) const AUDIO_LEVEL: (u8, &str) = (1, "urn:ietf:params:rtp-hdrext:ssrc-audio-level");
pub(super) const TRANSPORT_SEQUENCE: (u8, &str) = (
    3,
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
);
pub(super) const MID: (u8, &str) = (4, "urn:ietf:params:rtp-hdrext:sdes:mid");
pub(super) const RID: (u8, &str) = (10, "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id");

/// One line of an offer of ours.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) video: bool,
    pub(super) purpose: Purpose,
}

/// What a line is for.
#[derive(Debug, Clone)]
pub(super) enum Purpose {
    /// Sends these layers, each on its SSRC; more than one is simulcast.
    Send(Vec<(Layer, u32)>),
    /// Receives.
    Receive(SlotKind),
}

/// What both ends put into their descriptions beside the lines.
pub(super) struct Local<'a> {
    pub(super) credentials: &'a Credentials,
    pub(super) fingerprint: &'a str,
    pub(super) address: SocketAddr,
}

impl Local<'_> {
    /// The offer of these lines; the `mid` of each is its place.
    pub(super) fn offer(&self, lines: &[Line]) -> String {
        let mids: Vec<String> = (0..lines.len()).map(|mid| mid.to_string()).collect();
        let mut sdp = head(&mids);
        for (mid, line) in mids.iter().zip(lines) {
            let payloads = if line.video {
                format!("{VP8} {VP8_RTX}")
            } else {
                OPUS.to_string()
            };
            self.begin_line(&mut sdp, line.video, &payloads, mid);
            let mut write = |text: String| push(&mut sdp, &text);
            write(format!("a=extmap:{} {}", MID.0, MID.1));
            write(format!(
                "a=extmap:{} {}",
                TRANSPORT_SEQUENCE.0, TRANSPORT_SEQUENCE.1
            ));
            if line.video {
                write(format!("a=extmap:{} {}", RID.0, RID.1));
                write(format!("a=rtpmap:{VP8} VP8/90000"));
                for feedback in ["transport-cc", "ccm fir", "nack", "nack pli"] {
                    write(format!("a=rtcp-fb:{VP8} {feedback}"));
                }
                write(format!("a=rtpmap:{VP8_RTX} rtx/90000"));
                write(format!("a=fmtp:{VP8_RTX} apt={VP8}"));
            } else {
                write(format!("a=extmap:{} {}", AUDIO_LEVEL.0, AUDIO_LEVEL.1));
                write(format!("a=rtpmap:{OPUS} opus/48000/2"));
                write(format!("a=rtcp-fb:{OPUS} transport-cc"));
                write(format!("a=fmtp:{OPUS} minptime=10;useinbandfec=1"));
            }
            match &line.purpose {
                Purpose::Receive(_) => write("a=recvonly".to_owned()),
                Purpose::Send(layers) => {
                    write("a=sendonly".to_owned());
                    write(format!("a=msid:loadtest line-{mid}"));
                    if let [(_, ssrc)] = layers.as_slice() {
                        write(format!("a=ssrc:{ssrc} cname:loadtest"));
                    } else {
                        let rids: Vec<&str> = layers.iter().map(|(layer, _)| layer.rid()).collect();
                        for rid in &rids {
                            write(format!("a=rid:{rid} send"));
                        }
                        write(format!("a=simulcast:send {}", rids.join(";")));
                    }
                }
            }
        }
        sdp
    }

    /// The answer that receives all that `offer` sends.
    pub(super) fn answer(&self, offer: &Remote) -> String {
        let mids: Vec<String> = offer.sections.iter().map(|s| s.mid.clone()).collect();
        let mut sdp = head(&mids);
        for section in &offer.sections {
            let main = if section.video {
                section.vp8
            } else {
                section.opus
            };
            let payloads: Vec<String> = main
                .into_iter()
                .chain(section.rtx)
                .map(|payload| payload.to_string())
                .collect();
            self.begin_line(&mut sdp, section.video, &payloads.join(" "), &section.mid);
            let mut write = |text: String| push(&mut sdp, &text);
            for (id, uri) in &section.extensions {
                if [AUDIO_LEVEL.1, TRANSPORT_SEQUENCE.1, MID.1].contains(&uri.as_str()) {
                    write(format!("a=extmap:{id} {uri}"));
                }
            }
            match (section.video, main) {
                (true, Some(payload)) => {
                    write(format!("a=rtpmap:{payload} VP8/90000"));
                    for feedback in ["transport-cc", "ccm fir", "nack", "nack pli"] {
                        write(format!("a=rtcp-fb:{payload} {feedback}"));
                    }
                    if let Some(rtx) = section.rtx {
                        write(format!("a=rtpmap:{rtx} rtx/90000"));
                        write(format!("a=fmtp:{rtx} apt={payload}"));
                    }
                }
                (false, Some(payload)) => {
                    write(format!("a=rtpmap:{payload} opus/48000/2"));
                    write(format!("a=rtcp-fb:{payload} transport-cc"));
                }
                (_, None) => {}
            }
            write("a=recvonly".to_owned());
        }
        sdp
    }

    fn begin_line(&self, sdp: &mut String, video: bool, payloads: &str, mid: &str) {
        let kind = if video { "video" } else { "audio" };
        push(sdp, &format!("m={kind} 9 UDP/TLS/RTP/SAVPF {payloads}"));
        push(sdp, "c=IN IP4 0.0.0.0");
        push(sdp, &format!("a=ice-ufrag:{}", self.credentials.ufrag));
        push(sdp, &format!("a=ice-pwd:{}", self.credentials.password));
        push(sdp, &format!("a=fingerprint:sha-256 {}", self.fingerprint));
        push(sdp, "a=setup:active");
        push(sdp, &format!("a=mid:{mid}"));
        push(sdp, "a=rtcp-mux");
        push(sdp, "a=rtcp-rsize");
        let (ip, port) = (self.address.ip(), self.address.port());
        push(
            sdp,
            &format!("a=candidate:1 1 udp 2130706431 {ip} {port} typ host"),
        );
        push(sdp, "a=end-of-candidates");
    }
}

fn head(mids: &[String]) -> String {
    let mut sdp = String::new();
    for line in ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"] {
        push(&mut sdp, line);
    }
    push(&mut sdp, &format!("a=group:BUNDLE {}", mids.join(" ")));
    push(&mut sdp, "a=msid-semantic: WMS *");
    sdp
}

fn push(sdp: &mut String, line: &str) {
    let _ = write!(sdp, "{line}\r\n");
}

/// What a thin peer needs of the other side's description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remote {
    pub(super) credentials: Credentials,
    pub(super) fingerprint: String,
    /// Host candidates for UDP.
    pub(super) candidates: Vec<SocketAddr>,
    /// Whether it only answers checks.
    pub(super) ice_lite: bool,
    pub(super) sections: Vec<Section>,
}

/// One `m=` section.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) video: bool,
    pub(super) mid: String,
    /// Whether the other side takes no part in it.
    pub(super) rejected: bool,
    pub(super) opus: Option<u8>,
    pub(super) vp8: Option<u8>,
    pub(super) rtx: Option<u8>,
    pub(super) extensions: Vec<(u8, String)>,
    /// The SSRCs that the other side sends on, without those of retransmissions.
    pub(super) ssrcs: Vec<u32>,
    /// Which SSRC carries retransmissions of which, `(of, on)`.
    pub(super) repairs: Vec<(u32, u32)>,
}

impl Section {
    /// The number of a header extension, if both sides use it.
    pub(super) fn extension(&self, uri: &str) -> Option<u8> {
        let found = self.extensions.iter().find(|(_, known)| known == uri);
        found.map(|(id, _)| *id)
    }
}

impl Remote {
    /// Reads a description.
    ///
    /// # Errors
    /// When it lacks what a connection needs.
    pub(super) fn parse(sdp: &str) -> anyhow::Result<Self> {
        let first = |name: &str| {
            let mut lines = sdp.lines().map(str::trim_end);
            lines.find_map(|line| line.strip_prefix(name))
        };
        let fingerprint = first("a=fingerprint:sha-256 ").context("no SHA-256 fingerprint")?;
        let mut candidates: Vec<SocketAddr> = sdp
            .lines()
            .filter_map(|line| candidate(line.trim_end()))
            .collect();
        candidates.dedup();
        Ok(Self {
            credentials: Credentials {
                ufrag: first("a=ice-ufrag:")
                    .context("no ICE user name")?
                    .to_owned(),
                password: first("a=ice-pwd:").context("no ICE password")?.to_owned(),
            },
            fingerprint: fingerprint.to_owned(),
            candidates,
            ice_lite: first("a=ice-lite").is_some(),
            sections: sdp.split("\nm=").skip(1).map(section).collect(),
        })
    }

    /// The candidate that a socket bound to `local` reaches.
    pub(super) fn candidate_for(&self, local: IpAddr) -> anyhow::Result<SocketAddr> {
        let fits = |candidate: &&SocketAddr| {
            candidate.is_ipv4() == local.is_ipv4()
                && candidate.ip().is_loopback() == local.is_loopback()
        };
        let found = self.candidates.iter().find(fits);
        let same_family = || {
            let mut family = self.candidates.iter();
            family.find(|candidate| candidate.is_ipv4() == local.is_ipv4())
        };
        found
            .or_else(same_family)
            .copied()
            .with_context(|| format!("no UDP candidate that {local} reaches"))
    }
}

fn candidate(line: &str) -> Option<SocketAddr> {
    let fields: Vec<&str> = line.strip_prefix("a=candidate:")?.split(' ').collect();
    let udp = fields.get(2)?.eq_ignore_ascii_case("udp");
    let ip: IpAddr = fields.get(4)?.parse().ok()?;
    let port = fields.get(5)?.parse().ok()?;
    udp.then_some(SocketAddr::new(ip, port))
}

fn section(text: &str) -> Section {
    let mut section = Section {
        video: text.starts_with("video"),
        rejected: text.split(' ').nth(1) == Some("0"),
        ..Section::default()
    };
    for line in text.lines().map(str::trim_end) {
        if let Some(mid) = line.strip_prefix("a=mid:") {
            mid.clone_into(&mut section.mid);
        } else if let Some(map) = line.strip_prefix("a=rtpmap:") {
            let Some((payload, codec)) = map.split_once(' ') else {
                continue;
            };
            let payload = payload.parse().ok();
            match codec
                .split('/')
                .next()
                .map(str::to_ascii_lowercase)
                .as_deref()
            {
                Some("opus") => section.opus = section.opus.or(payload),
                Some("vp8") => section.vp8 = section.vp8.or(payload),
                _ => {}
            }
        } else if let Some(map) = line.strip_prefix("a=extmap:") {
            let mut fields = map.split(' ');
            let id = fields
                .next()
                .and_then(|id| id.split('/').next()?.parse().ok());
            if let (Some(id), Some(uri)) = (id, fields.next()) {
                section.extensions.push((id, uri.to_owned()));
            }
        } else if let Some(pair) = line.strip_prefix("a=ssrc-group:FID ") {
            let mut numbers = pair.split(' ').filter_map(|ssrc| ssrc.parse().ok());
            if let (Some(of), Some(on)) = (numbers.next(), numbers.next()) {
                section.repairs.push((of, on));
            }
        } else if let Some(ssrc) = line.strip_prefix("a=ssrc:") {
            let ssrc = ssrc
                .split(' ')
                .next()
                .and_then(|ssrc| ssrc.parse::<u32>().ok());
            section.ssrcs.extend(ssrc);
        } else if line == "a=inactive" {
            section.rejected = true;
        }
    }
    let repairing: Vec<u32> = section.repairs.iter().map(|(_, on)| *on).collect();
    section.ssrcs.sort_unstable();
    section.ssrcs.dedup();
    section.ssrcs.retain(|ssrc| !repairing.contains(ssrc));
    // The payload type that repairs VP8, among those of other codecs.
    let apt = section.vp8.map(|vp8| format!(" apt={vp8}"));
    section.rtx = apt.and_then(|apt| {
        text.lines()
            .filter_map(|line| line.trim_end().strip_prefix("a=fmtp:"))
            .find_map(|line| line.strip_suffix(&apt)?.parse().ok())
    });
    section
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(credentials: &Credentials) -> Local<'_> {
        Local {
            credentials,
            fingerprint: "AA:BB",
            address: "192.0.2.7:5000".parse().unwrap(),
        }
    }

    #[test]
    fn an_offer_reads_back_as_what_it_offers() {
        let credentials = Credentials::generate().unwrap();
        let lines = [
            Line {
                video: false,
                purpose: Purpose::Send(vec![(Layer::Low, 7)]),
            },
            Line {
                video: true,
                purpose: Purpose::Send(vec![(Layer::Low, 8), (Layer::High, 9)]),
            },
            Line {
                video: true,
                purpose: Purpose::Receive(SlotKind::Stage),
            },
        ];
        let sdp = local(&credentials).offer(&lines);
        let read = Remote::parse(&sdp).unwrap();
        assert_eq!(read.credentials, credentials);
        assert_eq!(read.fingerprint, "AA:BB");
        assert_eq!(
            read.candidates,
            ["192.0.2.7:5000".parse::<SocketAddr>().unwrap()]
        );
        let [voice, camera, stage] = read.sections.as_slice() else {
            panic!("three sections");
        };
        assert_eq!((voice.opus, voice.ssrcs.as_slice()), (Some(OPUS), &[7][..]));
        assert_eq!(
            (camera.vp8, camera.rtx, stage.rtx),
            (Some(VP8), Some(VP8_RTX), Some(VP8_RTX))
        );
        assert!(camera.ssrcs.is_empty() && sdp.contains("a=simulcast:send l;h\r\n"));
        assert_eq!(stage.mid, "2");
        assert_eq!(voice.extension(AUDIO_LEVEL.1), Some(1));
        assert_eq!(stage.extension(AUDIO_LEVEL.1), None);
    }

    #[test]
    fn an_answer_takes_the_numbers_of_the_offer() {
        let offer = "v=0\r\na=ice-lite\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\na=fingerprint:sha-256 CC\r\n\
            m=video 9 UDP/TLS/RTP/SAVPF 100 101 102\r\na=mid:v1\r\na=rtpmap:100 H264/90000\r\n\
            a=rtpmap:101 VP8/90000\r\na=rtpmap:102 rtx/90000\r\na=fmtp:102 apt=101\r\na=extmap:5 urn:other\r\n\
            a=extmap:6/sendonly urn:ietf:params:rtp-hdrext:sdes:mid\r\na=ssrc-group:FID 1 2\r\n\
            a=ssrc:1 cname:x\r\na=ssrc:2 cname:x\r\na=candidate:1 1 tcp 5 10.0.0.1 9 typ host\r\n\
            a=candidate:2 1 udp 4 10.0.0.1 40000 typ host\r\nm=audio 0 UDP/TLS/RTP/SAVPF 8\r\na=mid:a1\r\n";
        let read = Remote::parse(offer).unwrap();
        assert!(read.ice_lite && read.sections[1].rejected);
        assert_eq!(read.sections[0].ssrcs, [1]);
        assert_eq!(read.sections[0].repairs, [(1, 2)]);
        let reached = read.candidate_for("10.0.0.2".parse().unwrap()).unwrap();
        assert_eq!(reached.port(), 40_000);
        let credentials = Credentials::generate().unwrap();
        let answer = Remote::parse(&local(&credentials).answer(&read)).unwrap();
        assert_eq!(answer.sections[0].mid, "v1");
        assert_eq!(
            (answer.sections[0].vp8, answer.sections[0].rtx),
            (Some(101), Some(102))
        );
        assert_eq!(answer.sections[0].extensions, [(6, MID.1.to_owned())]);
    }
}
