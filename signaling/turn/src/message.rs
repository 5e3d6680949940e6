//! STUN messages (RFC 8489): read, checked, written.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use aws_lc_rs::hmac;
use md5::{Digest as _, Md5};

use crate::Fault;
use crate::frame::HEADER_BYTES;

const COOKIE: u32 = 0x2112_a442;
/// Length of the value of MESSAGE-INTEGRITY.
const INTEGRITY_BYTES: usize = 20;
/// What FINGERPRINT is combined with (RFC 8489, 14.7).
const FINGERPRINT_XOR: u32 = 0x5354_554e;

/// Names a transaction; chosen by the client.
pub(crate) type TransactionId = [u8; 12];

/// The key of a long-term credential (RFC 8489, 9.2.2).
pub(crate) type Key = [u8; 16];

/// Methods, with the numbers of the registry.
pub(crate) mod method {
    pub(crate) const BINDING: u16 = 0x001;
    pub(crate) const ALLOCATE: u16 = 0x003;
    pub(crate) const REFRESH: u16 = 0x004;
    pub(crate) const SEND: u16 = 0x006;
    pub(crate) const DATA: u16 = 0x007;
    pub(crate) const CREATE_PERMISSION: u16 = 0x008;
    pub(crate) const CHANNEL_BIND: u16 = 0x009;
}

/// Attributes, with the numbers of the registry.
pub(crate) mod attribute {
    pub(crate) const USERNAME: u16 = 0x0006;
    pub(crate) const MESSAGE_INTEGRITY: u16 = 0x0008;
    pub(crate) const ERROR_CODE: u16 = 0x0009;
    pub(crate) const UNKNOWN_ATTRIBUTES: u16 = 0x000a;
    pub(crate) const CHANNEL_NUMBER: u16 = 0x000c;
    pub(crate) const LIFETIME: u16 = 0x000d;
    pub(crate) const XOR_PEER_ADDRESS: u16 = 0x0012;
    pub(crate) const DATA: u16 = 0x0013;
    pub(crate) const REALM: u16 = 0x0014;
    pub(crate) const NONCE: u16 = 0x0015;
    pub(crate) const XOR_RELAYED_ADDRESS: u16 = 0x0016;
    pub(crate) const REQUESTED_ADDRESS_FAMILY: u16 = 0x0017;
    pub(crate) const REQUESTED_TRANSPORT: u16 = 0x0019;
    pub(crate) const XOR_MAPPED_ADDRESS: u16 = 0x0020;
    pub(crate) const FINGERPRINT: u16 = 0x8028;
    /// From here on, attributes may be ignored by whoever does not know them.
    pub(crate) const OPTIONAL: u16 = 0x8000;
}

/// The class of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Request,
    Indication,
    Success,
    Error,
}

impl Class {
    /// Its two bits, where they stand in the first two bytes of a message.
    const fn bits(self) -> u16 {
        match self {
            Self::Request => 0x000,
            Self::Indication => 0x010,
            Self::Success => 0x100,
            Self::Error => 0x110,
        }
    }
}

/// A message whose form has been checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message<'m> {
    pub(crate) class: Class,
    pub(crate) method: u16,
    pub(crate) transaction: TransactionId,
    bytes: &'m [u8],
    /// Where the attributes end that count: at MESSAGE-INTEGRITY, else at FINGERPRINT, else with the message.
    end: usize,
    integrity: Option<&'m [u8]>,
}

impl<'m> Message<'m> {
    /// Reads a whole message.
    pub(crate) fn parse(bytes: &'m [u8]) -> Result<Self, Fault> {
        let (header, body) = bytes
            .split_first_chunk::<HEADER_BYTES>()
            .ok_or(Fault::Malformed)?;
        let [t0, t1, l0, l1, c0, c1, c2, c3, transaction @ ..] = *header;
        let kind = u16::from_be_bytes([t0, t1]);
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let cookie = u32::from_be_bytes([c0, c1, c2, c3]);
        if kind >> 14 != 0 || length != body.len() || cookie != COOKIE {
            return Err(Fault::Malformed);
        }
        let class = match kind & 0x110 {
            0x000 => Class::Request,
            0x010 => Class::Indication,
            0x100 => Class::Success,
            _ => Class::Error,
        };
        let mut message = Self {
            class,
            method: (kind & 0xf) | (kind >> 1 & 0x70) | (kind >> 2 & 0xf80),
            transaction,
            bytes,
            end: bytes.len(),
            integrity: None,
        };
        message.check_attributes()?;
        Ok(message)
    }

    fn check_attributes(&mut self) -> Result<(), Fault> {
        let mut at = HEADER_BYTES;
        while at < self.bytes.len() {
            let (kind, value) = attribute_at(self.bytes, at).ok_or(Fault::Malformed)?;
            match kind {
                attribute::MESSAGE_INTEGRITY if self.integrity.is_none() => {
                    if value.len() != INTEGRITY_BYTES {
                        return Err(Fault::Malformed);
                    }
                    self.integrity = Some(value);
                    self.end = at;
                }
                attribute::FINGERPRINT => {
                    let sum = crc32fast::hash(&self.bytes[..at]) ^ FINGERPRINT_XOR;
                    if value != sum.to_be_bytes() || at + 8 != self.bytes.len() {
                        return Err(Fault::Malformed);
                    }
                    self.end = self.end.min(at);
                }
                _ => {}
            }
            at += 4 + value.len().next_multiple_of(4);
        }
        Ok(())
    }

    /// The attributes that count, in order. Those after MESSAGE-INTEGRITY are not signed and left out.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (u16, &'m [u8])> + use<'m> {
        let (bytes, end) = (self.bytes, self.end);
        let mut at = HEADER_BYTES;
        std::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let (kind, value) = attribute_at(bytes, at)?;
            at += 4 + value.len().next_multiple_of(4);
            Some((kind, value))
        })
    }

    /// The value of the first attribute of this kind.
    pub(crate) fn get(&self, wanted: u16) -> Option<&'m [u8]> {
        self.attributes()
            .find(|(kind, _)| *kind == wanted)
            .map(|(_, value)| value)
    }

    /// A text attribute.
    pub(crate) fn text(&self, wanted: u16) -> Option<&'m str> {
        std::str::from_utf8(self.get(wanted)?).ok()
    }

    /// A number of four bytes.
    pub(crate) fn number(&self, wanted: u16) -> Option<u32> {
        Some(u32::from_be_bytes(self.get(wanted)?.try_into().ok()?))
    }

    /// Whether it is signed at all.
    pub(crate) const fn is_signed(&self) -> bool {
        self.integrity.is_some()
    }

    /// Whether it is signed with this key. Takes the same time whatever differs.
    pub(crate) fn is_signed_with(&self, key: &Key) -> bool {
        let Some(signature) = self.integrity else {
            return false;
        };
        let signed = signed_bytes(&self.bytes[..self.end]);
        hmac::verify(&hmac_key(key), &signed, signature).is_ok()
    }

    /// Reads an XOR-…-ADDRESS of this message.
    pub(crate) fn address(&self, value: &[u8]) -> Option<SocketAddr> {
        let (&[_, family, p0, p1], rest) = value.split_first_chunk::<4>()?;
        let port = u16::from_be_bytes([p0, p1]) ^ port_mask();
        let ip = match family {
            1 => {
                let bits = u32::from_be_bytes(rest.try_into().ok()?) ^ COOKIE;
                IpAddr::V4(Ipv4Addr::from(bits))
            }
            2 => {
                let bits = u128::from_be_bytes(rest.try_into().ok()?) ^ long_mask(self.transaction);
                IpAddr::V6(Ipv6Addr::from(bits))
            }
            _ => return None,
        };
        Some(SocketAddr::new(ip, port))
    }
}

/// The attribute that begins at `at`.
fn attribute_at(bytes: &[u8], at: usize) -> Option<(u16, &[u8])> {
    let (&[k0, k1, l0, l1], rest) = bytes.get(at..)?.split_first_chunk::<4>()?;
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    if rest.len() < length.next_multiple_of(4) {
        return None;
    }
    Some((u16::from_be_bytes([k0, k1]), rest.get(..length)?))
}

/// The key of a user (RFC 8489, 9.2.2).
pub(crate) fn key_of(username: &str, realm: &str, password: &str) -> Key {
    Md5::digest(format!("{username}:{realm}:{password}")).into()
}

fn hmac_key(key: &Key) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key)
}

/// What a signature covers: all before it, with a length that counts it.
fn signed_bytes(before: &[u8]) -> Vec<u8> {
    let mut signed = before.to_vec();
    set_length(
        &mut signed,
        before.len() - HEADER_BYTES + 4 + INTEGRITY_BYTES,
    );
    signed
}

fn set_length(bytes: &mut [u8], length: usize) {
    let length = u16::try_from(length).expect("messages are far shorter than 64 KiB");
    bytes[2..4].copy_from_slice(&length.to_be_bytes());
}

const fn port_mask() -> u16 {
    (COOKIE >> 16) as u16
}

fn long_mask(transaction: TransactionId) -> u128 {
    let mut mask = [0; 16];
    mask[..4].copy_from_slice(&COOKIE.to_be_bytes());
    mask[4..].copy_from_slice(&transaction);
    u128::from_be_bytes(mask)
}

/// A message being written.
#[derive(Debug)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
    transaction: TransactionId,
}

impl Writer {
    /// Begins a message.
    pub(crate) fn new(class: Class, method: u16, transaction: TransactionId) -> Self {
        let spread = (method & 0xf) | (method & 0x70) << 1 | (method & 0xf80) << 2;
        let mut bytes = Vec::with_capacity(128);
        bytes.extend_from_slice(&(spread | class.bits()).to_be_bytes());
        bytes.extend_from_slice(&[0, 0]);
        bytes.extend_from_slice(&COOKIE.to_be_bytes());
        bytes.extend_from_slice(&transaction);
        Self { bytes, transaction }
    }

    /// Begins the answer to a request.
    pub(crate) fn answer(class: Class, request: &Message<'_>) -> Self {
        Self::new(class, request.method, request.transaction)
    }

    /// Appends an attribute.
    pub(crate) fn put(mut self, kind: u16, value: &[u8]) -> Self {
        let length = u16::try_from(value.len()).expect("values are shorter than 64 KiB");
        self.bytes.extend_from_slice(&kind.to_be_bytes());
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(value);
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        self
    }

    /// Appends an XOR-…-ADDRESS.
    pub(crate) fn put_address(self, kind: u16, address: SocketAddr) -> Self {
        let mut value = vec![0, 1];
        value.extend_from_slice(&(address.port() ^ port_mask()).to_be_bytes());
        match address.ip() {
            IpAddr::V4(ip) => {
                value.extend_from_slice(&(u32::from(ip) ^ COOKIE).to_be_bytes());
            }
            IpAddr::V6(ip) => {
                value[1] = 2;
                let bits = u128::from(ip) ^ long_mask(self.transaction);
                value.extend_from_slice(&bits.to_be_bytes());
            }
        }
        self.put(kind, &value)
    }

    /// Appends ERROR-CODE with its customary words.
    pub(crate) fn put_error(self, code: u16, words: &str) -> Self {
        let class = u8::try_from(code / 100).unwrap_or(5);
        let number = u8::try_from(code % 100).unwrap_or(0);
        let mut value = vec![0, 0, class, number];
        value.extend_from_slice(words.as_bytes());
        self.put(attribute::ERROR_CODE, &value)
    }

    /// Signs and ends it.
    pub(crate) fn sign(self, key: &Key) -> Vec<u8> {
        let signature = hmac::sign(&hmac_key(key), &signed_bytes(&self.bytes));
        self.put(attribute::MESSAGE_INTEGRITY, signature.as_ref())
            .finish()
    }

    /// Ends it unsigned.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let length = self.bytes.len() - HEADER_BYTES;
        set_length(&mut self.bytes, length);
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 5769, 2.4: a request with a long-term credential.
    const SAMPLE: &str = "000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b90000\
        0015001c662f2f3439396b39353464364f4c33346f4c394653547679363473410014000b6578616d706c652e6f7267000008001\
        4f67024656dd64a3e02b8e0712e85c9a28ca89666";

    fn sample() -> Vec<u8> {
        let digits: Vec<u8> = SAMPLE.bytes().filter(u8::is_ascii_hexdigit).collect();
        digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    #[test]
    fn sample_of_the_standard_is_read_and_its_signature_holds() {
        let bytes = sample();
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(
            (message.class, message.method),
            (Class::Request, method::BINDING)
        );
        let name = message.text(attribute::USERNAME).unwrap();
        assert_eq!(name, "マトリックス");
        assert_eq!(message.text(attribute::REALM), Some("example.org"));
        assert!(message.is_signed_with(&key_of(name, "example.org", "TheMatrIX")));
        assert!(!message.is_signed_with(&key_of(name, "example.org", "TheMatrix")));
    }

    #[test]
    fn a_changed_byte_breaks_the_signature() {
        let key = key_of("u", "r", "p");
        let signed = Writer::new(Class::Request, method::ALLOCATE, [7; 12])
            .put(attribute::USERNAME, b"u")
            .sign(&key);
        assert!(Message::parse(&signed).unwrap().is_signed_with(&key));
        let mut changed = signed;
        changed[24] ^= 1;
        assert!(!Message::parse(&changed).unwrap().is_signed_with(&key));
    }

    #[test]
    fn what_follows_the_signature_does_not_count() {
        let key = key_of("u", "r", "p");
        let mut bytes = Writer::new(Class::Request, method::REFRESH, [7; 12]).sign(&key);
        bytes.extend_from_slice(&[0, 0x0d, 0, 4, 0, 0, 0, 0]);
        let length = bytes.len() - HEADER_BYTES;
        set_length(&mut bytes, length);
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(message.get(attribute::LIFETIME), None);
        assert!(message.is_signed_with(&key));
    }

    #[test]
    fn a_wrong_fingerprint_is_malformed() {
        let mut bytes = Writer::new(Class::Request, method::BINDING, [1; 12])
            .put(attribute::FINGERPRINT, &[0; 4])
            .finish();
        assert_eq!(Message::parse(&bytes).unwrap_err(), Fault::Malformed);
        let at = bytes.len() - 8;
        let sum = crc32fast::hash(&bytes[..at]) ^ FINGERPRINT_XOR;
        bytes[at + 4..].copy_from_slice(&sum.to_be_bytes());
        assert!(Message::parse(&bytes).is_ok());
    }

    proptest! {
        #[test]
        fn addresses_survive_the_way(ip: IpAddr, port: u16, transaction: TransactionId) {
            let address = SocketAddr::new(ip, port);
            let bytes = Writer::new(Class::Request, method::BINDING, transaction)
                .put_address(attribute::XOR_PEER_ADDRESS, address)
                .finish();
            let message = Message::parse(&bytes).unwrap();
            let value = message.get(attribute::XOR_PEER_ADDRESS).unwrap();
            prop_assert_eq!(message.address(value), Some(address));
        }

        #[test]
        fn methods_and_classes_survive_the_way(method in 0_u16..0x1000, class in 0_usize..4) {
            let class = [Class::Request, Class::Indication, Class::Success, Class::Error][class];
            let bytes = Writer::new(class, method, [0; 12]).finish();
            let message = Message::parse(&bytes).unwrap();
            prop_assert_eq!((message.class, message.method), (class, method));
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Message::parse(&bytes);
        }

        #[test]
        fn a_spoilt_message_never_panics(at in 0_usize..116, to: u8, cut in 0_usize..117) {
            let mut bytes = sample();
            bytes[at] = to;
            bytes.truncate(cut);
            if let Ok(message) = Message::parse(&bytes) {
                let _ = message.attributes().count();
                let _ = message.is_signed_with(&[0; 16]);
            }
        }
    }
}
