//! A door for `tests/parsers`: bytes as they come from the network, to the parser that sees them first.

use crate::tcp::{append_frame, next_frame};

/// What a client says on a TCP connection.
///
/// # Panics
/// When the frames are not what was said.
pub fn tcp_frames(bytes: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let Ok(runtime) = runtime else {
        return;
    };
    runtime.block_on(async {
        let mut rest = bytes;
        let mut said = Vec::new();
        while let Ok(frame) = next_frame(&mut rest).await {
            append_frame(&mut said, &frame);
        }
        assert!(bytes.starts_with(&said));
        // Only the last frame may be missing.
        let left = &bytes[said.len()..];
        let whole = left
            .split_first_chunk::<2>()
            .is_some_and(|(length, frame)| frame.len() >= usize::from(u16::from_be_bytes(*length)));
        assert!(!whole);
    });
}
