//! Reads the packets of an Ogg file with one logical stream (RFC 3533).

/// Why a file is not a readable Ogg stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OggError {
    /// A page does not begin with `OggS`.
    NotOgg,
    /// The file ends in the middle of a page.
    Truncated,
}

impl std::fmt::Display for OggError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotOgg => "the file is not Ogg",
            Self::Truncated => "the file ends in the middle of a page",
        })
    }
}

impl std::error::Error for OggError {}

/// Every packet of the file in order, headers included. A packet that continues over pages is put together; one
/// that the file does not finish is left out.
///
/// # Errors
/// When a page has no capture pattern or the file is cut off.
pub fn packets(file: &[u8]) -> Result<Vec<Vec<u8>>, OggError> {
    let mut packets = Vec::new();
    let mut unfinished = Vec::new();
    let mut rest = file;
    while !rest.is_empty() {
        let (header, after) = rest.split_first_chunk::<27>().ok_or(OggError::Truncated)?;
        if !header.starts_with(b"OggS") {
            return Err(OggError::NotOgg);
        }
        let (lacing, mut body) = after
            .split_at_checked(usize::from(header[26]))
            .ok_or(OggError::Truncated)?;
        for &length in lacing {
            let (segment, after) = body
                .split_at_checked(usize::from(length))
                .ok_or(OggError::Truncated)?;
            unfinished.extend_from_slice(segment);
            // A segment shorter than 255 bytes ends its packet (RFC 3533, section 5).
            if length < 255 {
                packets.push(std::mem::take(&mut unfinished));
            }
            body = after;
        }
        rest = body;
    }
    Ok(packets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(segments: &[&[u8]]) -> Vec<u8> {
        let mut page = b"OggS".to_vec();
        page.resize(26, 0);
        page.push(segments.len() as u8);
        page.extend(segments.iter().map(|segment| segment.len() as u8));
        page.extend(segments.concat());
        page
    }

    #[test]
    fn packets_are_put_together_from_segments_and_pages() {
        let long = [7u8; 255];
        let file = [page(&[b"head"]), page(&[b"a", b"", &long]), page(&[b"end"])].concat();
        let spanning = [&long[..], b"end"].concat();
        assert_eq!(
            packets(&file).unwrap(),
            [b"head".to_vec(), b"a".to_vec(), Vec::new(), spanning]
        );
    }

    #[test]
    fn a_cut_file_is_refused() {
        let file = page(&[b"head", b"packet"]);
        for length in 1..file.len() {
            assert_eq!(packets(&file[..length]), Err(OggError::Truncated));
        }
        assert_eq!(packets(&[0; 40]), Err(OggError::NotOgg));
    }
}
