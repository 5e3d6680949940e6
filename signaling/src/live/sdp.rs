//! The little of SDP that WHIP and WHEP need: is it an offer, and the ICE lines of it.
//!
//! Names in it may be written in any character set (RFC 8866, 6.10); all that is read is ASCII.

use std::borrow::Cow;

/// Credentials of one ICE generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IceCredentials {
    pub(crate) ufrag: String,
    pub(crate) pwd: String,
}

/// Why bytes are not an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotSdp {
    #[error("the body does not begin with v=0")]
    NoVersion,
    #[error("a line is not of the form x=…")]
    BadLine,
    #[error("there is no m= line")]
    NoMedia,
    #[error("there are no ICE credentials")]
    NoIce,
    #[error("there is no DTLS fingerprint")]
    NoFingerprint,
}

/// Takes bytes as an SDP offer for WebRTC: its text and its ICE credentials, at least one pair. Whether it is legal
/// throughout, and its media are acceptable, is for the SFU to say.
pub(crate) fn parse_offer(bytes: &[u8]) -> Result<(Cow<'_, str>, Vec<IceCredentials>), NotSdp> {
    let text = String::from_utf8_lossy(bytes);
    if !text.starts_with("v=0") {
        return Err(NotSdp::NoVersion);
    }
    check_lines(&text)?;
    if !text.lines().any(|line| line.starts_with("m=")) {
        return Err(NotSdp::NoMedia);
    }
    let ice = all_credentials(&text);
    if ice.is_empty() {
        return Err(NotSdp::NoIce);
    }
    if !text.lines().any(|line| line.starts_with("a=fingerprint:")) {
        return Err(NotSdp::NoFingerprint);
    }
    Ok((text, ice))
}

/// Takes bytes as an SDP fragment (RFC 8840, 9): the ICE credentials of the generation it belongs to.
pub(crate) fn parse_fragment(bytes: &[u8]) -> Result<IceCredentials, NotSdp> {
    let text = String::from_utf8_lossy(bytes);
    check_lines(&text)?;
    all_credentials(&text)
        .into_iter()
        .next()
        .ok_or(NotSdp::NoIce)
}

/// The offer again, with other ICE credentials and without the candidates of the old ones.
pub(crate) fn with_credentials(offer: &str, ice: &IceCredentials) -> String {
    let mut restarted = String::with_capacity(offer.len());
    for line in offer.lines() {
        if line.starts_with("a=candidate:") || line == "a=end-of-candidates" {
            continue;
        }
        if line.starts_with("a=ice-ufrag:") {
            restarted.push_str("a=ice-ufrag:");
            restarted.push_str(&ice.ufrag);
        } else if line.starts_with("a=ice-pwd:") {
            restarted.push_str("a=ice-pwd:");
            restarted.push_str(&ice.pwd);
        } else {
            restarted.push_str(line);
        }
        restarted.push_str("\r\n");
    }
    restarted
}

/// What of an answer a client needs after an ICE restart (RFC 8840, 9): the credentials and the candidates of the first
/// m-line, which all lines share.
pub(crate) fn fragment_of(answer: &str) -> String {
    let mut fragment = String::new();
    let mut sections = 0;
    for line in answer.lines() {
        if line.starts_with("m=") {
            sections += 1;
        }
        if sections > 1 {
            break;
        }
        let wanted = [
            "m=",
            "a=group:BUNDLE",
            "a=ice-options:",
            "a=ice-lite",
            "a=ice-ufrag:",
            "a=ice-pwd:",
            "a=mid:",
            "a=candidate:",
            "a=end-of-candidates",
        ];
        if wanted.iter().any(|start| line.starts_with(start)) {
            fragment.push_str(line);
            fragment.push_str("\r\n");
        }
    }
    fragment
}

/// A door for `tests/parsers`: the body of a WHIP or WHEP request, to the parsers that see it first.
///
/// # Panics
/// When an offer loses its form by other credentials.
pub fn fuzz(bytes: &[u8]) {
    if let Ok((offer, _)) = parse_offer(bytes) {
        let ice = IceCredentials {
            ufrag: "other".to_owned(),
            pwd: "credentials".to_owned(),
        };
        let restarted = with_credentials(&offer, &ice);
        let read = parse_offer(restarted.as_bytes()).map(|(_, ice)| ice);
        assert_eq!(read, Ok(vec![ice]));
    }
    let _ = parse_fragment(bytes);
    let _ = fragment_of(&String::from_utf8_lossy(bytes));
}

fn check_lines(text: &str) -> Result<(), NotSdp> {
    let well_formed = |line: &str| line.as_bytes().get(1) == Some(&b'=');
    if text
        .lines()
        .all(|line| line.is_empty() || well_formed(line))
    {
        Ok(())
    } else {
        Err(NotSdp::BadLine)
    }
}

/// Every pair of credentials, of the session and of the lines that have their own; each once.
fn all_credentials(text: &str) -> Vec<IceCredentials> {
    let mut all: Vec<IceCredentials> = Vec::new();
    let (mut session_ufrag, mut session_pwd) = (None, None);
    for (at, level) in levels(text).enumerate() {
        let value = |start: &str| {
            level
                .lines()
                .find_map(|line| line.strip_prefix(start))
                .map(str::trim)
                .filter(|value| !value.is_empty())
        };
        let (ufrag, pwd) = (value("a=ice-ufrag:"), value("a=ice-pwd:"));
        if at == 0 {
            (session_ufrag, session_pwd) = (ufrag, pwd);
        }
        let pair = ufrag.or(session_ufrag).zip(pwd.or(session_pwd));
        if let Some((ufrag, pwd)) = pair {
            let pair = IceCredentials {
                ufrag: ufrag.to_owned(),
                pwd: pwd.to_owned(),
            };
            if !all.contains(&pair) {
                all.push(pair);
            }
        }
    }
    all
}

/// What is said of the session, then what is said of each line.
fn levels(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.match_indices("\nm=").map(|(at, _)| at + 1);
    let ends = starts.clone().chain([text.len()]);
    std::iter::once(0)
        .chain(starts)
        .zip(ends)
        .map(|(start, end)| &text[start..end])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OFFER: &str = "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:old\r\na=ice-pwd:oldpwd\r\n\
        a=fingerprint:sha-256 AA\r\na=candidate:1 1 udp 1 10.0.0.1 5000 typ host\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=ice-ufrag:old\r\na=ice-pwd:oldpwd\r\n";

    #[test]
    fn offer_is_taken_with_its_credentials() {
        let (text, ice) = parse_offer(OFFER.as_bytes()).unwrap();
        assert_eq!(text, OFFER);
        let old = IceCredentials {
            ufrag: "old".to_owned(),
            pwd: "oldpwd".to_owned(),
        };
        assert_eq!(ice, std::slice::from_ref(&old));
        let second = OFFER.rfind("a=ice-ufrag:old").unwrap();
        let own = OFFER[..second].to_owned() + &OFFER[second..].replace("old", "own");
        let (_, ice) = parse_offer(own.as_bytes()).unwrap();
        let own = IceCredentials {
            ufrag: "own".to_owned(),
            pwd: "ownpwd".to_owned(),
        };
        assert_eq!(ice, [old, own], "each line's own");
    }

    #[test]
    fn name_in_another_character_set_is_passed_over() {
        let latin = OFFER.replace("s=-", "s=Cam?ra").into_bytes();
        let latin: Vec<u8> = latin
            .into_iter()
            .map(|byte| if byte == b'?' { 0xe9 } else { byte })
            .collect();
        let (text, ice) = parse_offer(&latin).unwrap();
        assert_eq!(text, OFFER.replace("s=-", "s=Cam\u{fffd}ra"));
        assert_eq!(ice.len(), 1);
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(parse_offer(b"\xff\xfe"), Err(NotSdp::NoVersion));
        assert_eq!(parse_offer(b"{}"), Err(NotSdp::NoVersion));
        assert_eq!(parse_offer(b"v=0\r\nhello\r\n"), Err(NotSdp::BadLine));
        assert_eq!(parse_offer(b"v=0\r\ns=-\r\n"), Err(NotSdp::NoMedia));
        let no_ice = OFFER.replace("ice-ufrag", "x");
        assert_eq!(parse_offer(no_ice.as_bytes()), Err(NotSdp::NoIce));
        let no_dtls = OFFER.replace("fingerprint", "x");
        assert_eq!(parse_offer(no_dtls.as_bytes()), Err(NotSdp::NoFingerprint));
    }

    #[test]
    fn restart_changes_the_credentials_of_every_line_and_nothing_else() {
        let ice = IceCredentials {
            ufrag: "new".to_owned(),
            pwd: "newpwd".to_owned(),
        };
        let restarted = with_credentials(OFFER, &ice);
        let expected = OFFER
            .replace(":oldpwd", ":newpwd")
            .replace(":old", ":new")
            .replace("a=candidate:1 1 udp 1 10.0.0.1 5000 typ host\r\n", "");
        assert_eq!(restarted, expected);
    }

    #[test]
    fn fragment_holds_the_ice_lines_of_the_first_section() {
        let fragment = fragment_of(OFFER);
        assert!(fragment.contains("a=ice-ufrag:old\r\n"));
        assert!(fragment.contains("a=candidate:"));
        assert!(fragment.starts_with("a=group:BUNDLE 0 1\r\nm=audio"));
        assert!(!fragment.contains("m=video"));
        assert!(!fragment.contains("fingerprint"));
        assert!(parse_fragment(fragment.as_bytes()).is_ok());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = parse_offer(&bytes);
            let _ = parse_fragment(&bytes);
        }

        #[test]
        fn truncated_offer_never_panics(cut in 0..OFFER.len()) {
            let _ = parse_offer(&OFFER.as_bytes()[..cut]);
            let _ = fragment_of(&OFFER[..cut]);
        }
    }
}
