//! The little of EBML (RFC 8794) that Matroska files of one track need.

use std::io::{self, Read};

/// Appends an element: identifier, length, payload.
pub(crate) fn element(out: &mut Vec<u8>, id: u32, payload: &[u8]) {
    identifier(out, id);
    length(out, payload.len() as u64);
    out.extend_from_slice(payload);
}

/// Appends an unsigned integer element, without leading zero bytes.
pub(crate) fn unsigned(out: &mut Vec<u8>, id: u32, value: u64) {
    let bytes = value.to_be_bytes();
    let zeros = bytes.iter().take(7).take_while(|b| **b == 0).count();
    element(out, id, &bytes[zeros..]);
}

/// Appends the head of an element whose end is unknown.
pub(crate) fn open_ended(out: &mut Vec<u8>, id: u32) {
    identifier(out, id);
    out.extend_from_slice(&[0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
}

fn identifier(out: &mut Vec<u8>, id: u32) {
    let bytes = id.to_be_bytes();
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    out.extend_from_slice(&bytes[zeros..]);
}

fn length(out: &mut Vec<u8>, value: u64) {
    // n bytes hold 7n bits; all ones is reserved for "unknown".
    let bytes = (1..8).find(|n| value < (1 << (7 * n)) - 1).unwrap_or(8);
    let marked = value | 1 << (7 * bytes);
    out.extend_from_slice(&marked.to_be_bytes()[8 - bytes..]);
}

/// The head of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// The identifier, marker bits included.
    pub(crate) id: u32,
    /// Bytes of the payload; `None` when its end is unknown.
    pub(crate) size: Option<u64>,
    /// Bytes of the head itself.
    pub(crate) length: u64,
}

/// Reads the head of the next element; `None` at the end of the input.
///
/// # Errors
/// `UnexpectedEof` when the input ends inside the head, `InvalidData` when the bytes are no head.
pub(crate) fn read_head(input: &mut impl Read) -> io::Result<Option<Head>> {
    let mut first = [0];
    if input.read(&mut first)? == 0 {
        return Ok(None);
    }
    let (id, id_length) = read_number(first[0], 4, false, input)?;
    let mut first = [0];
    input.read_exact(&mut first)?;
    let (size, size_length) = read_number(first[0], 8, true, input)?;
    let unknown = size == (1 << (7 * size_length)) - 1;
    Ok(Some(Head {
        id: u32::try_from(id).map_err(|_| io::ErrorKind::InvalidData)?,
        size: (!unknown).then_some(size),
        length: (id_length + size_length) as u64,
    }))
}

/// Reads the rest of a number whose length the leading zeros of its first byte tell.
fn read_number(
    first: u8,
    longest: usize,
    strip: bool,
    input: &mut impl Read,
) -> io::Result<(u64, usize)> {
    let bytes = first.leading_zeros() as usize + 1;
    if bytes > longest {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut rest = [0; 7];
    input.read_exact(&mut rest[..bytes - 1])?;
    let lead = if strip {
        first & (0x7f_u16 >> (bytes - 1)) as u8
    } else {
        first
    };
    let value = rest[..bytes - 1]
        .iter()
        .fold(u64::from(lead), |value, byte| value << 8 | u64::from(*byte));
    Ok((value, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn head_survives_the_file(size in 0_u64..1 << 55) {
            let mut bytes = Vec::new();
            identifier(&mut bytes, 0x1f43_b675);
            length(&mut bytes, size);
            let head = read_head(&mut &bytes[..]).expect("a head").expect("not the end");
            prop_assert_eq!(head, Head { id: 0x1f43_b675, size: Some(size), length: bytes.len() as u64 });
            for cut in 1..bytes.len() {
                prop_assert!(read_head(&mut &bytes[..cut]).is_err());
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..20)) {
            let _ = read_head(&mut &bytes[..]);
        }
    }

    #[test]
    fn end_can_be_unknown() {
        let mut bytes = Vec::new();
        open_ended(&mut bytes, 0x1853_8067);
        let head = read_head(&mut &bytes[..])
            .expect("a head")
            .expect("not the end");
        assert_eq!(head.size, None);
    }

    #[test]
    fn integers_have_no_leading_zeros() {
        let mut bytes = Vec::new();
        unsigned(&mut bytes, 0xe7, 0);
        unsigned(&mut bytes, 0xe7, 0x0102);
        assert_eq!(bytes, [0xe7, 0x81, 0, 0xe7, 0x82, 1, 2]);
    }
}
