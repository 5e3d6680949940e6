//! Fingerprints of certificates (RFC 8122, section 5).

use protocol::sfu::OfferRefusal;

/// The hash functions of RFC 8122 and earlier, weakest first: name, length in bytes, whether it is strong enough.
const HASHES: [(&str, usize, bool); 7] = [
    ("md2", 16, false),
    ("md5", 16, false),
    ("sha-1", 20, false),
    ("sha-224", 28, false),
    ("sha-256", 32, true),
    ("sha-384", 48, true),
    ("sha-512", 64, true),
];

/// What a certificate must look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fingerprint {
    /// Among [`HASHES`].
    hash: usize,
    /// In pairs of hexadecimal digits with colons between.
    digest: String,
}

impl Fingerprint {
    /// Reads the value of `a=fingerprint`; `None` when its hash is none that is known. Case does not matter, neither of
    /// the hash's name nor of the digits.
    ///
    /// # Errors
    /// When it is no fingerprint, or its digest is not of its hash.
    fn read(value: &str) -> Result<Option<Self>, OfferRefusal> {
        let mut words = value.split_whitespace();
        let (Some(name), Some(digest), None) = (words.next(), words.next(), words.next()) else {
            return Err(bad("it is not a hash and a digest"));
        };
        let known = |(hash, _, _): &(&str, usize, bool)| hash.eq_ignore_ascii_case(name);
        let Some(hash) = HASHES.iter().position(known) else {
            return Ok(None);
        };
        let (name, length, _) = HASHES[hash];
        let is_byte = |byte: &str| byte.len() == 2 && byte.bytes().all(|b| b.is_ascii_hexdigit());
        if digest.split(':').count() != length || !digest.split(':').all(is_byte) {
            return Err(bad(&format!(
                "a digest of {name} has {length} bytes, each of two hexadecimal digits, with colons between"
            )));
        }
        Ok(Some(Self {
            hash,
            digest: digest.to_ascii_uppercase(),
        }))
    }

    /// Reads those of an offer, and keeps the ones of the strongest hash: the certificate is compared with these alone.
    /// Those of a hash that is not known are for others.
    ///
    /// # Errors
    /// As for one; when no hash is known; and when none is strong enough.
    pub(super) fn strongest<'a>(
        values: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<Self>, OfferRefusal> {
        let read: Vec<Option<Self>> = values.map(Self::read).collect::<Result<_, _>>()?;
        let mut all: Vec<Self> = read.into_iter().flatten().collect();
        let strongest = all.iter().map(|fingerprint| fingerprint.hash).max();
        let strongest =
            strongest.ok_or_else(|| bad("its hash is none of sha-256, sha-384 and sha-512"))?;
        let (name, _, strong) = HASHES[strongest];
        if !strong {
            return Err(OfferRefusal::WeakFingerprint {
                detail: format!("the strongest is {name}; sha-256, sha-384 and sha-512 are taken"),
            });
        }
        all.retain(|fingerprint| fingerprint.hash == strongest);
        all.dedup();
        Ok(all)
    }
}

impl std::fmt::Display for Fingerprint {
    /// As in `a=fingerprint`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", HASHES[self.hash].0, self.digest)
    }
}

fn bad(detail: &str) -> OfferRefusal {
    OfferRefusal::BadFingerprint {
        detail: detail.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(length: usize) -> String {
        vec!["aB"; length].join(":")
    }

    #[test]
    fn strongest_hash_is_kept_in_any_case_with_every_certificate_it_names() {
        let (weak, strong) = (digest(20), digest(32));
        let other = strong.replace("aB", "01");
        let values = [
            format!("sha-1 {weak}"),
            format!("sha3-512 {}", digest(64)),
            format!("SHA-256 {strong}"),
            format!("sha-256 {other}"),
        ];
        let kept = Fingerprint::strongest(values.iter().map(String::as_str)).unwrap();
        let kept: Vec<String> = kept.iter().map(ToString::to_string).collect();
        let expected = [
            format!("sha-256 {}", strong.to_uppercase()),
            format!("sha-256 {other}"),
        ];
        assert_eq!(kept, expected);
    }

    #[test]
    fn weak_hash_is_refused_by_another_code_than_what_is_no_fingerprint() {
        let refusal = |value: &str| Fingerprint::strongest([value].into_iter()).unwrap_err();
        for (hash, length) in [("md5", 16), ("sha-1", 20), ("SHA-1", 20), ("sha-224", 28)] {
            let value = format!("{hash} {}", digest(length));
            let weak = refusal(&value);
            assert!(
                matches!(weak, OfferRefusal::WeakFingerprint { .. }),
                "{value}"
            );
        }
        for value in [
            String::new(),
            "sha-256".to_owned(),
            format!("sha-256 {}", digest(31)),
            format!("sha-256 {}", digest(33)),
            format!("sha-256 {}:G1", digest(31)),
            format!("sha-256 {}:1", digest(31)),
            format!("sha-256 {}", digest(32).replace(':', "")),
            format!("sha3-256 {}", digest(32)),
            format!("sha-256 {} {}", digest(32), digest(32)),
        ] {
            let bad = refusal(&value);
            assert!(
                matches!(bad, OfferRefusal::BadFingerprint { .. }),
                "{value}"
            );
        }
    }
}
