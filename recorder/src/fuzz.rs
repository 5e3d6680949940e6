//! A door for `tests/parsers`: bytes as they come from the network, to the parsers that see them first.

use protocol::relay::RelayPacket;

use crate::intake::{Stream, depacketiser, stored_units};

/// Packets of a stream that is recorded. The first byte chooses the codec; then each packet is a byte of circumstances,
/// a byte of length, and its payload.
///
/// # Panics
/// When a keyframe cannot be stored, or frames are not in order.
pub fn packets(bytes: &[u8]) {
    let Some((&first, mut rest)) = bytes.split_first() else {
        return;
    };
    let codec = ["vp8", "h264", "vp9", "opus"][usize::from(first % 4)];
    let Some(depacketiser) = depacketiser(codec) else {
        return;
    };
    let mut stream = Stream::new(depacketiser, 1_000);
    let (mut sequence, mut time) = (100_u64, 0_u64);
    let mut frames = Vec::new();
    while let Some((&[how, length], after)) = rest.split_first_chunk::<2>() {
        let payload = after.get(..usize::from(length)).unwrap_or(after);
        rest = &after[payload.len()..];
        sequence += if how & 4 != 0 { 3 } else { 1 };
        time += if how & 8 != 0 { 3_000 } else { 0 };
        frames.extend(stream.push(RelayPacket {
            stream: 1,
            sequence: if how & 2 != 0 { sequence - 2 } else { sequence },
            time,
            received_us: sequence * 100,
            marker: how & 1 != 0,
            payload: payload.to_vec(),
        }));
    }
    frames.extend(stream.finish());
    for frame in &frames {
        if frame.keyframe && codec != "opus" {
            assert!(frame.size.is_some() && frame.contiguous);
        }
        if codec == "h264" {
            let stored: usize = stored_units(&frame.data).map(|unit| unit.len() + 4).sum();
            assert_eq!(stored, frame.data.len(), "units and nothing else");
            assert_eq!(frame.private.is_some(), frame.keyframe);
        }
    }
}
