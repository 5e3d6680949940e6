//! Frames on the Unix sockets between the processes of an installation.
//!
//! `u32` length of what follows (little endian), one byte kind, body. Kind 0 is a message as JSON on every wire; a wire
//! may have further kinds.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The largest frame, in bytes, kind and body; a longer one means the stream is broken.
pub const MAX_FRAME_BYTES: usize = 256 * 1024;

/// The kind of a message as JSON.
pub const MESSAGE: u8 = 0;

/// Why bytes are not a frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Longer than [`MAX_FRAME_BYTES`], or empty.
    #[error("a frame of {0} bytes")]
    BadLength(usize),
    /// A kind this version does not know.
    #[error("a frame of unknown kind {0}")]
    UnknownKind(u8),
    /// A packet shorter than its header.
    #[error("a packet shorter than its header")]
    ShortPacket,
    /// A message that is not its JSON.
    #[error("a message that cannot be read: {0}")]
    BadMessage(String),
}

/// Appends a frame, with its length, to `out`; `write` appends its body.
pub fn encode(kind: u8, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    out.push(kind);
    write(out);
    let length = u32::try_from(out.len() - start - 4).expect("a frame is far below 4 GiB");
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// A frame: its kind, its body, and how many bytes it takes in all.
pub type Frame<'a> = (u8, &'a [u8], usize);

/// The frame at the front of `bytes`; `None` when it is not whole yet.
///
/// # Errors
/// When the bytes cannot be a frame; the stream is then unusable.
pub fn decode(bytes: &[u8]) -> Result<Option<Frame<'_>>, FrameError> {
    let Some((head, rest)) = bytes.split_first_chunk::<4>() else {
        return Ok(None);
    };
    let length = u32::from_le_bytes(*head) as usize;
    if length == 0 || length > MAX_FRAME_BYTES {
        return Err(FrameError::BadLength(length));
    }
    let whole = rest.get(..length).and_then(<[u8]>::split_first);
    Ok(whole.map(|(kind, body)| (*kind, body, 4 + length)))
}

/// Appends a message, with its length, to `out`.
pub fn encode_message(message: &impl Serialize, out: &mut Vec<u8>) {
    encode(MESSAGE, out, |out| {
        serde_json::to_writer(out, message)
            .expect("a message has only string keys and finite numbers");
    });
}

/// The message at the front of `bytes`, on a wire that carries nothing else, and how many bytes it takes; `None` when it
/// is not whole yet.
///
/// # Errors
/// When the bytes cannot be a message; the stream is then unusable.
pub fn decode_message<M: DeserializeOwned>(bytes: &[u8]) -> Result<Option<(M, usize)>, FrameError> {
    let Some((kind, body, used)) = decode(bytes)? else {
        return Ok(None);
    };
    if kind != MESSAGE {
        return Err(FrameError::UnknownKind(kind));
    }
    Ok(Some((read(body)?, used)))
}

/// A message from the body of its frame.
pub(crate) fn read<M: DeserializeOwned>(body: &[u8]) -> Result<M, FrameError> {
    serde_json::from_slice(body).map_err(|e| FrameError::BadMessage(e.to_string()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::recorder::RecorderMessage;

    #[test]
    fn message_survives_the_wire_and_is_incomplete_at_every_byte_before() {
        let stop = RecorderMessage::Stop {
            recording: uuid::Uuid::from_u128(1).into(),
            at_mono_us: Some(u64::MAX),
        };
        let mut bytes = Vec::new();
        encode_message(&stop, &mut bytes);
        for cut in 0..bytes.len() {
            assert_eq!(decode_message::<RecorderMessage>(&bytes[..cut]), Ok(None));
        }
        let length = bytes.len();
        bytes.extend_from_slice(&[7; 3]);
        assert_eq!(decode_message(&bytes), Ok(Some((stop, length))));
    }

    #[test]
    fn what_is_no_message_says_why() {
        let refused = |bytes: &[u8]| decode_message::<RecorderMessage>(bytes).unwrap_err();
        assert_eq!(refused(&[0; 4]), FrameError::BadLength(0));
        assert_eq!(refused(&[1, 0, 0, 0, 1]), FrameError::UnknownKind(1));
        assert!(matches!(
            refused(&[2, 0, 0, 0, MESSAGE, b'x']),
            FrameError::BadMessage(_)
        ));
        let length = u32::try_from(MAX_FRAME_BYTES + 1).unwrap();
        assert_eq!(
            refused(&length.to_le_bytes()),
            FrameError::BadLength(MAX_FRAME_BYTES + 1)
        );
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = decode_message::<RecorderMessage>(&bytes);
        }
    }
}
