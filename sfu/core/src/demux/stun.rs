//! The little of STUN (RFC 8489) that demultiplexing needs: for whom a binding request is.

/// Bytes of a STUN header.
const HEADER: usize = 20;
/// The message type of a binding request.
const BINDING_REQUEST: [u8; 2] = [0, 1];
/// The fixed value at bytes 4 to 7.
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
/// The attribute type of USERNAME.
const USERNAME: [u8; 2] = [0, 6];

/// What a datagram looks like from its first bytes (RFC 7983).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DatagramKind {
    /// STUN: goes by the user name in it.
    Stun,
    /// DTLS, RTP or RTCP: goes by the address it came from.
    Session,
    /// None of the protocols that share the port.
    Unknown,
}

/// Sorts a datagram by its first byte.
pub(crate) fn classify(datagram: &[u8]) -> DatagramKind {
    match datagram.first() {
        Some(0..=3) if datagram.len() >= HEADER => DatagramKind::Stun,
        Some(20..=63 | 128..=191) => DatagramKind::Session,
        _ => DatagramKind::Unknown,
    }
}

/// The receiver's half of the user name in a binding request ("receiver:sender", RFC 8445, section 7.2.2), which is
/// the `ice-ufrag` of the answer we gave. `None` when the bytes are not a whole binding request or have no such name,
/// or an empty one.
pub(crate) fn receiver_ufrag(datagram: &[u8]) -> Option<&str> {
    let (header, mut attributes) = datagram.split_at_checked(HEADER)?;
    if header[..2] != BINDING_REQUEST || header[4..8] != MAGIC_COOKIE {
        return None;
    }
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if length != attributes.len() {
        return None;
    }
    loop {
        let (head, rest) = attributes.split_at_checked(4)?;
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let value = rest.get(..length)?;
        if head[..2] == USERNAME {
            let name = str::from_utf8(value).ok()?;
            let (receiver, _) = name.split_once(':')?;
            return (!receiver.is_empty()).then_some(receiver);
        }
        // Attributes are padded to four bytes.
        attributes = rest.get(length.next_multiple_of(4)..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A binding request with SOFTWARE "abc" (padded) and USERNAME "mine:theirs".
    fn request() -> Vec<u8> {
        let mut bytes = vec![0, 1, 0, 0];
        bytes.extend(MAGIC_COOKIE);
        bytes.extend([9; 12]);
        bytes.extend([0x80, 0x22, 0, 3]);
        bytes.extend(b"abc\0");
        bytes.extend([0, 6, 0, 11]);
        bytes.extend(b"mine:theirs\0");
        let length = u16::try_from(bytes.len() - HEADER).unwrap();
        bytes[2..4].copy_from_slice(&length.to_be_bytes());
        bytes
    }

    #[test]
    fn receiver_half_of_the_name_is_found_behind_other_attributes() {
        assert_eq!(receiver_ufrag(&request()), Some("mine"));
    }

    #[test]
    fn empty_half_is_no_name() {
        let mut bytes = request();
        let name = bytes.len() - 12;
        bytes[name..].copy_from_slice(b":ine:theirs\0");
        assert_eq!(receiver_ufrag(&bytes), None);
    }

    #[test]
    fn truncation_at_every_byte_finds_no_name() {
        let whole = request();
        for cut in 0..whole.len() {
            assert_eq!(receiver_ufrag(&whole[..cut]), None, "{cut} bytes");
        }
    }

    #[test]
    fn corruption_of_every_byte_is_survived() {
        for at in 0..request().len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut bytes = request();
                bytes[at] = value;
                let _ = receiver_ufrag(&bytes);
            }
        }
    }

    #[test]
    fn datagrams_are_sorted_by_their_first_byte() {
        assert_eq!(classify(&request()), DatagramKind::Stun);
        assert_eq!(classify(&[22, 254, 253]), DatagramKind::Session);
        assert_eq!(classify(&[0x80, 96]), DatagramKind::Session);
        assert_eq!(classify(&[]), DatagramKind::Unknown);
        assert_eq!(classify(&[0xff, 0]), DatagramKind::Unknown);
    }
}
