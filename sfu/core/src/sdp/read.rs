//! From text to [`Offer`].

use std::collections::BTreeMap;

use protocol::sfu::OfferRefusal;

use super::{Codec, Fingerprint, Format, Kind, Offer, Section, illegal, unacceptable};
use crate::rtp::MAX_LAYERS;

/// Sections that are looked at; the largest profile has 33.
const MAX_SECTIONS: usize = 64;

/// `a=ssrc` lines of one section that are believed: a picture has two or four.
const MAX_SOURCES: usize = 32;

/// What the engine keeps of an identifier: as much as fits a header extension of one-byte form (RFC 8285, 4.2).
const ENGINE_ID: usize = 16;

/// Lengths of ICE credentials (RFC 8839, 5.4).
const UFRAG_LENGTH: std::ops::RangeInclusive<usize> = 4..=256;
const PWD_LENGTH: std::ops::RangeInclusive<usize> = 22..=256;

/// The `a=` lines of one level, in order.
#[derive(Debug, Default)]
struct Attributes<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Attributes<'a> {
    fn all<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'a str> + 'b {
        let named = move |(known, _): &&(&str, &str)| *known == name;
        self.0.iter().filter(named).map(|(_, value)| *value)
    }

    fn first(&self, name: &str) -> Option<&'a str> {
        self.all(name).next()
    }

    fn has(&self, name: &str) -> bool {
        self.first(name).is_some()
    }
}

/// An `m=` line and its attributes.
#[derive(Debug)]
struct Raw<'a> {
    media: &'a str,
    attributes: Attributes<'a>,
}

impl Offer {
    /// Reads an offer.
    ///
    /// # Errors
    /// [`OfferRefusal::BadSdp`] when it is not SDP for WebRTC, [`OfferRefusal::BadFingerprint`] and
    /// [`OfferRefusal::WeakFingerprint`], and [`OfferRefusal::BadOffer`] when its transport is not one that is done
    /// here. What is wrong is said in English, for the technician, and in nobody's words but ours.
    pub(crate) fn read(text: &str) -> Result<Self, OfferRefusal> {
        let (session, raw) = take_apart(text)?;
        let group = bundle_group(&session);
        let mut sections = raw
            .iter()
            .enumerate()
            .map(|(at, raw)| section(at, raw, &session, group.as_deref()))
            .collect::<Result<Vec<_>, _>>()?;
        check_mids(&sections)?;
        check_payloads(&sections)?;
        name_for_the_engine(&mut sections);

        // The transport of a bundle is that of the section which its list begins with (RFC 9143, 7.3).
        let tagged = group.as_ref().and_then(|group| group.first().copied());
        let tagged = sections
            .iter()
            .position(|section| !section.rejected && section.mid.as_deref() == tagged)
            .or_else(|| sections.iter().position(|section| !section.rejected))
            .unwrap_or(0);
        let own = &raw[tagged].attributes;
        let levels = || {
            [own, &session]
                .into_iter()
                .chain(raw.iter().map(|raw| &raw.attributes))
        };
        let value = |name: &str| levels().find_map(|level| level.first(name));
        let fingerprints = levels()
            .find(|level| level.has("fingerprint"))
            .map(|level| Fingerprint::strongest(level.all("fingerprint")))
            .ok_or_else(|| illegal("there is no DTLS fingerprint"))??;
        Ok(Self {
            ice: ice(value("ice-ufrag"), value("ice-pwd"))?,
            setup: setup(value("setup"))?,
            fingerprints,
            bundled: check_transport(&sections, &raw, &session, group.as_deref())?,
            sections,
        })
    }
}

/// The attributes of the session, and the sections with theirs.
fn take_apart(text: &str) -> Result<(Attributes<'_>, Vec<Raw<'_>>), OfferRefusal> {
    if !text.starts_with("v=0") {
        return Err(illegal("it does not begin with v=0"));
    }
    let mut session = Attributes::default();
    let mut sections: Vec<Raw<'_>> = Vec::new();
    for line in text.lines() {
        let line = line.trim_end();
        if line.is_empty() {
            continue;
        }
        let Some((kind, value)) = line.split_once('=').filter(|(kind, _)| kind.len() == 1) else {
            return Err(illegal("a line is not of the form x=…"));
        };
        // Free text may have any byte but these (RFC 8866, 9); nothing that is read needs one.
        let free = !matches!(kind, "m" | "a");
        let is_odd = |c: char| match c {
            '\t' => false,
            '\0' | '\r' => true,
            c => c.is_control() && !free,
        };
        if value.contains(is_odd) {
            return Err(illegal("a line has a control character"));
        }
        match kind {
            "m" => sections.push(Raw {
                media: value,
                attributes: Attributes::default(),
            }),
            "a" => {
                let (name, value) = value.split_once(':').unwrap_or((value, ""));
                let level = sections
                    .last_mut()
                    .map_or(&mut session, |section| &mut section.attributes);
                level.0.push((name.trim(), value.trim()));
            }
            // Everything else says when, where, and how much; none of it matters to WebRTC.
            _ => {}
        }
    }
    match sections.len() {
        0 => Err(illegal("there is no m= line")),
        1..=MAX_SECTIONS => Ok((session, sections)),
        many => Err(unacceptable(format!(
            "it has {many} m= lines; at most {MAX_SECTIONS} are looked at"
        ))),
    }
}

fn section(
    at: usize,
    raw: &Raw<'_>,
    session: &Attributes<'_>,
    group: Option<&[&str]>,
) -> Result<Section, OfferRefusal> {
    let words: Vec<&str> = raw.media.split_whitespace().collect();
    let [media_word, port, protocol, formats @ ..] = words.as_slice() else {
        return Err(illegal(format!(
            "m= line {at} does not name media, port, protocol and formats"
        )));
    };
    let port: u16 = port
        .split('/')
        .next()
        .and_then(|port| port.parse().ok())
        .filter(|_| !formats.is_empty())
        .ok_or_else(|| {
            illegal(format!(
                "m= line {at} does not name media, port, protocol and formats"
            ))
        })?;
    let own = &raw.attributes;
    let mid = own.first("mid").filter(|mid| !mid.is_empty());
    let grouped = mid.is_some_and(|mid| group.is_some_and(|group| group.contains(&mid)));
    let rejected = port == 0 && !own.has("bundle-only") && !grouped;
    let name = mid.map_or_else(|| at.to_string(), str::to_owned);
    let over_rtp = {
        let mut parts = protocol.rsplit('/');
        matches!(parts.next(), Some("AVP" | "AVPF" | "SAVP" | "SAVPF"))
            && parts.next() == Some("RTP")
    };
    let kind = match *media_word {
        "audio" => Kind::Audio,
        "video" => Kind::Video,
        "application" if protocol.contains("DTLS") && protocol.contains("SCTP") => Kind::Data,
        _ => Kind::Other,
    };
    if !rejected {
        match kind {
            Kind::Other => {
                return Err(unacceptable(format!(
                    "line {name} is neither audio, video nor a data channel"
                )));
            }
            Kind::Audio | Kind::Video if !over_rtp => {
                return Err(unacceptable(format!(
                    "line {name} is not offered over RTP (UDP/TLS/RTP/SAVPF)"
                )));
            }
            _ => {}
        }
    }
    let (sends, receives) = match direction(own)? {
        Some(direction) => direction,
        None => direction(session)?.unwrap_or((true, true)),
    };
    let media = matches!(kind, Kind::Audio | Kind::Video) && !rejected;
    let video = kind == Kind::Video;
    let formats = if media {
        known_formats(&name, video, formats, own)?
    } else {
        Vec::new()
    };
    let extensions = extensions(own, session);
    let encodings = if media && video && sends && tells_encodings_apart(&extensions) {
        encodings(&name, own, &formats)?
    } else {
        Vec::new()
    };
    Ok(Section {
        kind,
        media: (*media_word).to_owned(),
        protocol: (*protocol).to_owned(),
        format_list: words[3..].join(" "),
        rejected,
        mid: mid.map(str::to_owned),
        engine_mid: String::new(),
        sends,
        receives,
        formats,
        extensions,
        sources: sources(own),
        encodings,
        channel: (
            own.first("sctp-port").and_then(|port| port.parse().ok()),
            own.first("max-message-size")
                .and_then(|size| size.parse().ok()),
        ),
        name,
    })
}

/// Whether the client sends and receives, as one level says.
fn direction(level: &Attributes<'_>) -> Result<Option<(bool, bool)>, OfferRefusal> {
    let said = [
        ("sendrecv", (true, true)),
        ("sendonly", (true, false)),
        ("recvonly", (false, true)),
        ("inactive", (false, false)),
    ];
    let mut said = said.into_iter().filter(|(name, _)| level.has(name));
    let first = said.next();
    if said.next().is_some() {
        return Err(illegal("a line has two directions"));
    }
    Ok(first.map(|(_, direction)| direction))
}

/// The payload types of an `m=` line that are known here.
fn known_formats(
    name: &str,
    video: bool,
    listed: &[&str],
    own: &Attributes<'_>,
) -> Result<Vec<Format>, OfferRefusal> {
    let mut formats: Vec<Format> = Vec::new();
    for payload in listed {
        let payload: u8 = payload
            .parse()
            .ok()
            .filter(|payload| *payload < 128)
            .ok_or_else(|| illegal(format!("line {name} lists a payload type beyond 0 to 127")))?;
        if formats.iter().any(|format| format.payload == payload) {
            continue;
        }
        let of_payload = |attribute| values_of(own, attribute, payload);
        let mut maps = of_payload("rtpmap").map(str::to_ascii_lowercase);
        let map = maps.next();
        if maps.any(|other| Some(&other) != map.as_ref()) {
            return Err(illegal(format!(
                "line {name} maps payload type {payload} twice"
            )));
        }
        let Some(codec) = map.and_then(|map| Codec::of(&map)) else {
            continue;
        };
        if codec.is_video() != video {
            continue;
        }
        let wildcard = own
            .all("rtcp-fb")
            .filter_map(|value| value.strip_prefix("* "));
        let feedback = of_payload("rtcp-fb").chain(wildcard);
        let words = |value: &str| value.split_whitespace().collect::<Vec<_>>().join(" ");
        formats.push(Format {
            payload,
            codec,
            parameters: of_payload("fmtp").collect::<Vec<_>>().join(";"),
            feedback: feedback.map(words).collect(),
        });
    }
    let forwarded: Vec<u8> = formats
        .iter()
        .filter(|format| format.is_forwarded())
        .map(|format| format.payload)
        .collect();
    let belongs = |format: &Format| match format.codec {
        Codec::Rtx => format
            .parameter("apt")
            .and_then(|payload| payload.parse().ok()),
        Codec::Red => format
            .parameters
            .split('/')
            .next()
            .and_then(|payload| payload.trim().parse().ok()),
        _ => Some(format.payload),
    };
    formats.retain(|format| belongs(format).is_some_and(|payload| forwarded.contains(&payload)));
    Ok(formats)
}

/// The values of an attribute that are about one payload type, without its number.
fn values_of<'a, 'b>(
    own: &'b Attributes<'a>,
    attribute: &'b str,
    payload: u8,
) -> impl Iterator<Item = &'a str> + 'b {
    own.all(attribute).filter_map(move |value| {
        let (number, rest) = value.split_once([' ', '\t'])?;
        (number.parse() == Ok(payload)).then(|| rest.trim())
    })
}

/// RFC 8285, section 5: of the section, and those of the session that it does not number itself.
fn extensions(own: &Attributes<'_>, session: &Attributes<'_>) -> Vec<(u8, String)> {
    let mut all: Vec<(u8, String)> = Vec::new();
    for value in own.all("extmap").chain(session.all("extmap")) {
        let mut words = value.split_whitespace();
        let number = words.next().and_then(|word| word.split('/').next());
        // 15 and the numbers of two-byte headers are not offered to by anybody who has room below.
        let number = number
            .and_then(|number| number.parse().ok())
            .filter(|number| (1..=14).contains(number));
        if let (Some(number), Some(name)) = (number, words.next())
            && !all
                .iter()
                .any(|(taken, known)| *taken == number || known == name)
        {
            all.push((number, name.to_owned()));
        }
    }
    all
}

fn sources(own: &Attributes<'_>) -> Vec<String> {
    let is_source = |word: &str| word.parse::<u32>().is_ok();
    let of_stream = own.all("ssrc").filter_map(|value| {
        let (source, attribute) = value.split_once(' ')?;
        (is_source(source) && attribute.contains(':')).then(|| format!("ssrc:{value}"))
    });
    let pairs = own.all("ssrc-group").filter_map(|value| {
        let words: Vec<&str> = value.split_whitespace().collect();
        let [kind, sources @ ..] = words.as_slice() else {
            return None;
        };
        let is_pair = kind.eq_ignore_ascii_case("FID") && sources.len() == 2;
        (is_pair && sources.iter().copied().all(is_source))
            .then(|| format!("ssrc-group:FID {}", sources.join(" ")))
    });
    of_stream.chain(pairs).take(MAX_SOURCES).collect()
}

/// Whether packets will say of which encoding they are (RFC 8852, 3.1). Without that, nobody knows, and one encoding
/// alone can be taken.
fn tells_encodings_apart(extensions: &[(u8, String)]) -> bool {
    let mut names = extensions.iter().map(|(_, name)| name.as_str());
    names.any(|name| name == "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id")
}

/// The simulcast encodings, largest picture first, as many as are taken (RFC 8853, 5.1 to 5.3).
fn encodings(
    name: &str,
    own: &Attributes<'_>,
    formats: &[Format],
) -> Result<Vec<String>, OfferRefusal> {
    // What a client would send under each name in a codec that is taken, and what it says about the picture's size (RFC
    // 8851, 5).
    let described: BTreeMap<&str, &str> = own
        .all("rid")
        .filter_map(|value| {
            let (rid, rest) = value.split_once(' ')?;
            let rest = rest.trim_start();
            let restrictions = rest.strip_prefix("send")?.trim_start();
            is_taken(restrictions, formats).then_some((rid, restrictions))
        })
        .collect();
    let mut rids: Vec<&str> = own
        .first("simulcast")
        .map(simulcast_send)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|alternatives| {
            let mut alternatives = alternatives.into_iter();
            alternatives.find(|rid| described.contains_key(rid))
        })
        .collect();
    let is_rid = |rid: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        !rid.is_empty() && rid.chars().all(plain)
    };
    if !rids.iter().all(|rid| is_rid(rid)) {
        return Err(illegal(format!(
            "line {name} names an encoding otherwise than by letters, digits, - and _"
        )));
    }
    let engine_names: Vec<String> = rids.iter().map(|rid| engine_id(rid)).collect();
    let distinct =
        (1..engine_names.len()).all(|at| !engine_names[..at].contains(&engine_names[at]));
    if !distinct {
        return Err(unacceptable(format!(
            "line {name} has encodings whose names differ only after {ENGINE_ID} characters"
        )));
    }
    largest_first(&mut rids, &described);
    rids.truncate(MAX_LAYERS);
    Ok(rids.into_iter().map(str::to_owned).collect())
}

/// Whether an encoding is of one of these formats, if it says of which (RFC 8851, 4).
fn is_taken(restrictions: &str, formats: &[Format]) -> bool {
    let mut parts = restrictions.split(';').map(str::trim);
    let Some(payloads) = parts.find_map(|part| part.strip_prefix("pt=")) else {
        return true;
    };
    let is_known = |payload: &str| {
        formats
            .iter()
            .any(|f| Ok(f.payload) == payload.trim().parse())
    };
    payloads.split(',').any(is_known)
}

/// The alternatives of each encoding in "send l;m,x;~h recv …"; a `~` marks one that starts paused. Drafts wrote `rid=`
/// before the list.
fn simulcast_send(value: &str) -> Vec<Vec<&str>> {
    let mut words = value.split_whitespace();
    while let Some(direction) = words.next() {
        let list = words.next().unwrap_or_default();
        if direction == "send" {
            let list = list.strip_prefix("rid=").unwrap_or(list);
            return list.split(';').map(alternatives).collect();
        }
    }
    Vec::new()
}

fn alternatives(encoding: &str) -> Vec<&str> {
    let names = encoding.split(',');
    names.map(|rid| rid.trim_start_matches('~')).collect()
}

/// Orders encodings by the size of the picture: by what is said of it, by name for the usual names, and otherwise as
/// the offer does, which has the most preferred first (RFC 8853, 5.1).
fn largest_first(rids: &mut [&str], described: &BTreeMap<&str, &str>) {
    let sizes: Option<Vec<(&str, u64)>> = rids
        .iter()
        .map(|rid| Some((*rid, picture_size(described.get(rid)?)?)))
        .collect();
    if let Some(sizes) = sizes {
        let size = |rid: &&str| {
            sizes
                .iter()
                .find(|(known, _)| known == rid)
                .map(|(_, size)| *size)
        };
        rids.sort_by_key(|rid| std::cmp::Reverse(size(rid)));
        return;
    }
    const SCALES: [[&str; 3]; 2] = [["h", "m", "l"], ["f", "h", "q"]];
    for scale in SCALES {
        let place = |rid: &&str| scale.iter().position(|name| name == rid);
        if rids.iter().all(|rid| place(rid).is_some()) {
            rids.sort_by_key(place);
            return;
        }
    }
}

/// Pixels, by `max-width` and `max-height` or by `max-fs` in macroblocks (RFC 8851, 5).
fn picture_size(restrictions: &str) -> Option<u64> {
    let value = |name: &str| -> Option<u64> {
        restrictions
            .split(';')
            .filter_map(|restriction| restriction.trim().split_once('='))
            .find(|(known, _)| *known == name)
            .and_then(|(_, value)| value.parse::<u32>().ok())
            .map(u64::from)
    };
    match (value("max-width"), value("max-height")) {
        (Some(width), Some(height)) => Some(width * height),
        _ => value("max-fs").map(|blocks| blocks * 256),
    }
}

/// The `mid`s of the bundle, in its order (RFC 9143, 5).
fn bundle_group<'a>(session: &Attributes<'a>) -> Option<Vec<&'a str>> {
    session.all("group").find_map(|value| {
        let mut words = value.split_whitespace();
        let bundle = words.next()?.eq_ignore_ascii_case("BUNDLE");
        bundle.then(|| words.collect())
    })
}

fn check_mids(sections: &[Section]) -> Result<(), OfferRefusal> {
    let mids: Vec<&str> = sections.iter().filter_map(|s| s.mid.as_deref()).collect();
    for (at, mid) in mids.iter().enumerate() {
        if mid.contains(char::is_whitespace) {
            return Err(illegal("a mid has a space in it"));
        }
        if mids[..at].contains(mid) {
            return Err(illegal(format!("two lines have the mid {mid}")));
        }
    }
    Ok(())
}

/// All sections share one transport, which carries RTP and RTCP: whether they say so by a bundle.
fn check_transport(
    sections: &[Section],
    raw: &[Raw<'_>],
    session: &Attributes<'_>,
    group: Option<&[&str]>,
) -> Result<bool, OfferRefusal> {
    if session.has("ice-lite") {
        return Err(unacceptable(
            "it comes from an ICE-lite endpoint, and so does the answer: neither would look for a way",
        ));
    }
    let Some(group) = group else {
        let mut used = sections
            .iter()
            .zip(raw)
            .filter(|(section, _)| !section.rejected);
        let (first, second) = (used.next(), used.next());
        if second.is_some() {
            return Err(unacceptable(
                "its lines are not bundled (a=group:BUNDLE); set the encoder's bundle policy to max-bundle",
            ));
        }
        if let Some((section, raw)) = first {
            let multiplexed = raw.attributes.has("rtcp-mux") || raw.attributes.has("rtcp-mux-only");
            if section.is_media() && !multiplexed {
                return Err(unacceptable(format!(
                    "line {} does not offer to multiplex RTCP (a=rtcp-mux)",
                    section.name
                )));
            }
        }
        return Ok(false);
    };
    let known = |mid: &&str| sections.iter().any(|s| s.mid.as_deref() == Some(*mid));
    if !group.iter().all(known) {
        return Err(illegal("a=group:BUNDLE names a mid that no line has"));
    }
    for section in sections.iter().filter(|section| !section.rejected) {
        let Some(mid) = section.mid.as_deref() else {
            return Err(illegal(format!("line {} has no mid", section.name)));
        };
        if !group.contains(&mid) {
            return Err(unacceptable(format!(
                "line {mid} is not bundled with the others (a=group:BUNDLE)"
            )));
        }
    }
    // RTP of a bundle is multiplexed with its RTCP whether it says so or not (RFC 9143, 9.3; RFC 9725, 4.4.1).
    Ok(true)
}

/// A payload type means one codec in all of a bundle (RFC 9143, 9.1).
fn check_payloads(sections: &[Section]) -> Result<(), OfferRefusal> {
    let mut codecs: BTreeMap<u8, Codec> = BTreeMap::new();
    for format in sections.iter().flat_map(|section| &section.formats) {
        if *codecs.entry(format.payload).or_insert(format.codec) != format.codec {
            return Err(illegal(format!(
                "payload type {} means different codecs on different lines",
                format.payload
            )));
        }
    }
    Ok(())
}

/// Names the sections as the engine will find them named in header extensions, as far as those names are distinct.
fn name_for_the_engine(sections: &mut [Section]) {
    for at in 0..sections.len() {
        let taken = |name: &str| sections[..at].iter().any(|s| s.engine_mid == name);
        let own = sections[at].mid.as_deref().map(engine_id);
        let free = || (0..).map(|n| format!("line{n}")).find(|name| !taken(name));
        let name = own.filter(|name| !taken(name)).or_else(free);
        sections[at].engine_mid = name.unwrap_or_default();
    }
}

/// An identifier as the engine keeps it.
fn engine_id(id: &str) -> String {
    id.chars()
        .take(ENGINE_ID)
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}

fn ice(ufrag: Option<&str>, pwd: Option<&str>) -> Result<(String, String), OfferRefusal> {
    let (Some(ufrag), Some(pwd)) = (ufrag, pwd) else {
        return Err(illegal("there are no ICE credentials"));
    };
    let fits = |value: &str, length: std::ops::RangeInclusive<usize>| {
        length.contains(&value.len()) && !value.contains(char::is_whitespace)
    };
    if !fits(ufrag, UFRAG_LENGTH) || !fits(pwd, PWD_LENGTH) {
        return Err(illegal(
            "ICE credentials have 4 to 256 (ice-ufrag) and 22 to 256 characters (ice-pwd)",
        ));
    }
    Ok((ufrag.to_owned(), pwd.to_owned()))
}

/// Who begins the handshake; unsaid, it is the client (RFC 4145, 4.1). `holdconn` says that it is not the moment yet,
/// which an offer for media cannot mean: the answer chooses.
fn setup(value: Option<&str>) -> Result<&'static str, OfferRefusal> {
    let Some(value) = value else {
        return Ok("active");
    };
    let known = [
        ("active", "active"),
        ("passive", "passive"),
        ("actpass", "actpass"),
        ("holdconn", "actpass"),
    ];
    known
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(value))
        .map(|(_, setup)| setup)
        .ok_or_else(|| illegal("a=setup is none of active, passive and actpass"))
}
