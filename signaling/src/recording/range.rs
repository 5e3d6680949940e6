//! What part of a film a request wants (RFC 9110, 14.1.2). Own code, because the libraries at hand read suffixes longer
//! than the film, and numbers longer than 64 bits, otherwise than the RFC says; a test shows it.

use std::ops::RangeInclusive;

/// What a `Range` header asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// No range that is understood: everything.
    Whole,
    /// These bytes.
    Part(RangeInclusive<u64>),
    /// Bytes that do not exist.
    Nothing,
}

pub(super) fn wanted(range: &str, length: u64) -> Wanted {
    let Some((first, last)) = range
        .trim()
        .split_once('=')
        .filter(|(unit, spec)| unit.eq_ignore_ascii_case("bytes") && !spec.contains(','))
        .and_then(|(_, spec)| spec.split_once('-'))
    else {
        return Wanted::Whole;
    };
    // A number that is too long to be read lies beyond every film.
    let parse = |digits: &str| {
        let digits = digits.trim();
        let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| digits.parse::<u64>().unwrap_or(u64::MAX))
    };
    match (first.trim(), last.trim()) {
        ("", count) => match parse(count) {
            Some(0) => Wanted::Nothing,
            Some(count) if length > 0 => Wanted::Part(length.saturating_sub(count)..=length - 1),
            Some(_) => Wanted::Nothing,
            None => Wanted::Whole,
        },
        (first, last) => match (parse(first), last.is_empty(), parse(last)) {
            (Some(first), true, _) if first < length => Wanted::Part(first..=length - 1),
            (Some(first), false, Some(last)) if first <= last && first < length => {
                Wanted::Part(first..=last.min(length - 1))
            }
            (Some(first), false, Some(last)) if first > last => Wanted::Whole,
            (Some(_), true, _) | (Some(_), false, Some(_)) => Wanted::Nothing,
            _ => Wanted::Whole,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_rfc_9110_says() {
        assert_eq!(wanted("bytes=0-99", 1_000), Wanted::Part(0..=99));
        assert_eq!(wanted("bytes=900-", 1_000), Wanted::Part(900..=999));
        assert_eq!(wanted("bytes=-100", 1_000), Wanted::Part(900..=999));
        assert_eq!(wanted("bytes=-5000", 1_000), Wanted::Part(0..=999));
        assert_eq!(wanted("bytes=990-5000", 1_000), Wanted::Part(990..=999));
        assert_eq!(wanted("bytes=1000-", 1_000), Wanted::Nothing);
        assert_eq!(wanted("bytes=1000-1001", 1_000), Wanted::Nothing);
        assert_eq!(wanted("bytes=-0", 1_000), Wanted::Nothing);
        assert_eq!(wanted("Bytes=0-99", 1_000), Wanted::Part(0..=99));
        let far = "9".repeat(30);
        let to_far = wanted(&format!("bytes=10-{far}"), 1_000);
        assert_eq!(to_far, Wanted::Part(10..=999));
        let last = wanted(&format!("bytes=-{far}"), 1_000);
        assert_eq!(last, Wanted::Part(0..=999));
        for beyond in [format!("bytes={far}-"), format!("bytes={far}-{far}")] {
            assert_eq!(wanted(&beyond, 1_000), Wanted::Nothing, "{beyond}");
        }
        assert_eq!(wanted("bytes=-1", 0), Wanted::Nothing);
    }

    #[test]
    fn range_that_is_not_understood_is_ignored() {
        for range in [
            "lines=1-2",
            "bytes=a-b",
            "bytes=5-2",
            "bytes=+5-9",
            "bytes=0-1,5-6",
            "bytes",
            "",
        ] {
            assert_eq!(wanted(range, 1_000), Wanted::Whole, "{range}");
        }
    }

    #[test]
    fn library_takes_a_suffix_longer_than_the_film_for_nothing_at_all() {
        use axum_extra::headers::{Header as _, Range};

        let value = axum::http::HeaderValue::from_static("bytes=-5000");
        let range = Range::decode(&mut std::iter::once(&value)).unwrap();
        assert_eq!(range.satisfiable_ranges(1_000).count(), 0);
        // RFC 9110, 14.1.2: "if the selected representation is shorter … the entire representation is used".
        assert_eq!(wanted("bytes=-5000", 1_000), Wanted::Part(0..=999));
    }

    proptest::proptest! {
        #[test]
        fn any_range_stays_within_the_film(range in "bytes=[0-9]{0,20}-[0-9]{0,20}", length in 0_u64..5_000) {
            if let Wanted::Part(range) = wanted(&range, length) {
                proptest::prop_assert!(range.start() <= range.end() && *range.end() < length);
            }
        }
    }
}
