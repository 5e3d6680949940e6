//! How messages follow one another on a stream (RFC 8656, 12.5 and RFC 8489, 6.2.2).

use crate::Fault;

/// The longest datagram that is relayed. Browsers send none over 1,500 bytes.
pub const MAX_PAYLOAD_BYTES: usize = 2_048;

/// The longest STUN message: a Send indication with the longest datagram, or a request with all its attributes.
const MAX_MESSAGE_BYTES: usize = MAX_PAYLOAD_BYTES + 1_024;

/// The length of the header of a STUN message.
pub(crate) const HEADER_BYTES: usize = 20;

/// The length of the header of channel data.
pub(crate) const CHANNEL_HEADER_BYTES: usize = 4;

/// How long the first message in `bytes` is, padding included; `None` while that cannot be told yet. The message itself
/// may not be complete.
///
/// # Errors
/// When no message begins so, or it would be too long.
pub fn frame_length(bytes: &[u8]) -> Result<Option<usize>, Fault> {
    let Some(&[kind, _, high, low]) = bytes.first_chunk::<4>() else {
        // The first byte alone can tell nonsense.
        return match bytes.first() {
            Some(kind) if kind >> 6 > 1 => Err(Fault::Malformed),
            _ => Ok(None),
        };
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    match kind >> 6 {
        0 if !length.is_multiple_of(4) => Err(Fault::Malformed),
        0 if HEADER_BYTES + length > MAX_MESSAGE_BYTES => Err(Fault::Oversized),
        0 => Ok(Some(HEADER_BYTES + length)),
        1 if length > MAX_PAYLOAD_BYTES => Err(Fault::Oversized),
        1 => Ok(Some(CHANNEL_HEADER_BYTES + length.next_multiple_of(4))),
        _ => Err(Fault::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_covers_header_and_padding() {
        assert_eq!(frame_length(&[0, 1, 0, 8]), Ok(Some(28)));
        assert_eq!(frame_length(&[0x40, 0, 0, 5]), Ok(Some(12)));
        assert_eq!(frame_length(&[0x40, 0, 0, 0]), Ok(Some(4)));
        assert_eq!(frame_length(&[0, 1, 0]), Ok(None));
        assert_eq!(frame_length(&[]), Ok(None));
    }

    #[test]
    fn nonsense_is_told_from_its_first_bytes() {
        assert_eq!(frame_length(b"\xff"), Err(Fault::Malformed));
        assert_eq!(frame_length(&[0, 1, 0, 7]), Err(Fault::Malformed));
        assert_eq!(frame_length(&[0, 1, 0xff, 0xfc]), Err(Fault::Oversized));
        assert_eq!(frame_length(&[0x40, 0, 0xff, 0xff]), Err(Fault::Oversized));
    }
}
