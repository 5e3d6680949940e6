//! From [`Offer`] to what the engine reads, and from its answer to what the client expects.

use std::fmt::Write as _;

use protocol::media::Profile;

use super::{Kind, Offer, Section};

/// What WebRTC's RTP is carried over, by the name that the engine knows.
const RTP_PROTOCOL: &str = "UDP/TLS/RTP/SAVPF";

impl Offer {
    /// The offer in the one form that the engine is given. What a WHIP client would receive, and a WHEP client send, is
    /// left out (RFC 9725, 4.4): the answer then says so too.
    pub(crate) fn for_engine(&self, profile: Profile) -> String {
        let used: Vec<&Section> = self.sections.iter().filter(|s| s.is_taken()).collect();
        let mut text =
            String::from("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE");
        for section in &used {
            put(&mut text, format_args!(" {}", section.engine_mid));
        }
        text.push_str("\r\n");
        let (ufrag, pwd) = &self.ice;
        line(&mut text, format_args!("a=ice-ufrag:{ufrag}"));
        line(&mut text, format_args!("a=ice-pwd:{pwd}"));
        for fingerprint in &self.fingerprints {
            line(&mut text, format_args!("a=fingerprint:{fingerprint}"));
        }
        line(&mut text, format_args!("a=setup:{}", self.setup));
        for section in used {
            match section.kind {
                Kind::Data => section.write_channel(&mut text),
                _ => section.write_media(&mut text, profile),
            }
        }
        text
    }

    /// The engine's answer in the words of the offer: its names, protocols and sections, those that are not taken
    /// included.
    pub(crate) fn in_terms_of_the_offer(&self, answer: &str) -> String {
        let mut used = self.sections.iter().filter(|section| section.is_taken());
        let mut all = self.sections.iter();
        let mut current: Option<&Section> = None;
        let mut text = String::with_capacity(answer.len() + 64);
        for engines in answer.split_inclusive("\r\n") {
            let engines_line = engines.trim_end();
            if let Some(media) = engines_line.strip_prefix("m=") {
                current = used.next();
                for section in all.by_ref() {
                    if Some(section) == current {
                        break;
                    }
                    section.write_rejected(&mut text);
                }
                let mut words: Vec<&str> = media.split(' ').collect();
                if let (Some(word), Some(section)) = (words.get_mut(2), current) {
                    *word = &section.protocol;
                }
                line(&mut text, format_args!("m={}", words.join(" ")));
            } else if engines_line.starts_with("a=group:BUNDLE") {
                self.write_group(&mut text);
            } else if engines_line.starts_with("a=mid:") {
                if let Some(mid) = current.and_then(|section| section.mid.as_ref()) {
                    line(&mut text, format_args!("a=mid:{mid}"));
                }
            } else {
                text.push_str(engines);
            }
        }
        for section in all {
            section.write_rejected(&mut text);
        }
        text
    }

    /// Only what was grouped is answered in a group (RFC 5888, 9.2).
    fn write_group(&self, text: &mut String) {
        if !self.bundled {
            return;
        }
        text.push_str("a=group:BUNDLE");
        let used = self.sections.iter().filter(|section| section.is_taken());
        for mid in used.filter_map(|section| section.mid.as_ref()) {
            put(text, format_args!(" {mid}"));
        }
        text.push_str("\r\n");
    }
}

impl Section {
    fn write_media(&self, text: &mut String, profile: Profile) {
        put(text, format_args!("m={} 9 {RTP_PROTOCOL}", self.media));
        for format in &self.formats {
            put(text, format_args!(" {}", format.payload));
        }
        text.push_str("\r\nc=IN IP4 0.0.0.0\r\n");
        line(text, format_args!("a=mid:{}", self.engine_mid));
        let direction = match (profile, self.sends, self.receives) {
            (Profile::Whip, true, _) => "sendonly",
            (Profile::Whep, _, true) => "recvonly",
            (Profile::Whip | Profile::Whep, _, _) | (_, false, false) => "inactive",
            (_, true, true) => "sendrecv",
            (_, true, false) => "sendonly",
            (_, false, true) => "recvonly",
        };
        line(text, format_args!("a={direction}"));
        line(text, format_args!("a=rtcp-mux"));
        for (number, name) in &self.extensions {
            line(text, format_args!("a=extmap:{number} {name}"));
        }
        for format in &self.formats {
            let payload = format.payload;
            line(
                text,
                format_args!("a=rtpmap:{payload} {}", format.codec.map()),
            );
            if !format.parameters.is_empty() {
                line(text, format_args!("a=fmtp:{payload} {}", format.parameters));
            }
            for kind in &format.feedback {
                line(text, format_args!("a=rtcp-fb:{payload} {kind}"));
            }
        }
        if direction == "recvonly" || direction == "inactive" {
            return;
        }
        if self.encodings.is_empty() {
            for source in &self.sources {
                line(text, format_args!("a={source}"));
            }
        } else {
            for rid in &self.encodings {
                line(text, format_args!("a=rid:{rid} send"));
            }
            line(
                text,
                format_args!("a=simulcast:send {}", self.encodings.join(";")),
            );
        }
    }

    fn write_channel(&self, text: &mut String) {
        text.push_str("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n");
        line(text, format_args!("a=mid:{}", self.engine_mid));
        let (port, longest) = self.channel;
        if let Some(port) = port {
            line(text, format_args!("a=sctp-port:{port}"));
        }
        if let Some(longest) = longest {
            line(text, format_args!("a=max-message-size:{longest}"));
        }
    }

    /// As RFC 3264, section 6 has it: port 0, and the formats as they were offered.
    fn write_rejected(&self, text: &mut String) {
        let (media, protocol, formats) = (&self.media, &self.protocol, &self.format_list);
        line(text, format_args!("m={media} 0 {protocol} {formats}"));
        line(text, format_args!("c=IN IP4 0.0.0.0"));
        if let Some(mid) = &self.mid {
            line(text, format_args!("a=mid:{mid}"));
        }
        line(text, format_args!("a=inactive"));
    }
}

fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    put(text, what);
    text.push_str("\r\n");
}

fn put(text: &mut String, what: std::fmt::Arguments<'_>) {
    // A string takes anything.
    let _ = text.write_fmt(what);
}
