//! The client's end of ICE (RFC 8445) with one socket and one candidate of the server.
//!
//! ```text
//! Checking ──(answered)──► Connected ──(10 s without an answer)──► Broken
//! ```
//!
//! It controls a lite server and obeys a full one: it sends checks of its own that use the candidate at once, and answers
//! those of the other side.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use rtc::crypto::RTCCryptoProvider;
use rtc::stun::attributes::{
    ATTR_ICE_CONTROLLED, ATTR_ICE_CONTROLLING, ATTR_PRIORITY, ATTR_USE_CANDIDATE, ATTR_USERNAME,
    RawAttribute,
};
use rtc::stun::fingerprint::FINGERPRINT;
use rtc::stun::integrity::MessageIntegrity;
use rtc::stun::message::{
    BINDING_REQUEST, BINDING_SUCCESS, Message, Setter, TransactionId, is_stun_message,
};
use rtc::stun::textattrs::TextAttribute;
use rtc::stun::xoraddr::XorMappedAddress;

/// How soon a check is repeated until the first one is answered.
const FIRST_CHECKS: Duration = Duration::from_millis(50);

/// How often consent is asked afterwards (RFC 7675, section 5.1, says about 5 s; browsers ask twice as often).
const CONSENT_CHECKS: Duration = Duration::from_millis(2500);

/// Consent that was not renewed for so long is gone. RFC 7675 gives 30 s; a measurement wants to know sooner.
const CONSENT_EXPIRES: Duration = Duration::from_secs(10);

/// The priority of a peer-reflexive candidate for the first component (RFC 8445, section 5.1.2).
const PRIORITY: u32 = (110 << 24) | (65_535 << 8) | 255;

/// A user name fragment and a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Credentials {
    pub(super) ufrag: String,
    pub(super) password: String,
}

impl Credentials {
    /// New ones.
    pub(super) fn generate() -> anyhow::Result<Self> {
        let mut random = [0u8; 16];
        getrandom::fill(&mut random).map_err(|error| anyhow!("no randomness: {error}"))?;
        let letters: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self {
            ufrag: letters[..8].to_owned(),
            password: letters[8..].to_owned(),
        })
    }
}

/// Which end decides about the pair of candidates; with one pair it decides nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Controlling,
    Controlled,
}

/// The agent of one peer.
#[derive(Debug)]
pub(super) struct Agent {
    local: Credentials,
    remote: Credentials,
    address: SocketAddr,
    role: Role,
    tie_breaker: [u8; 8],
    asked: TransactionId,
    next_check: Instant,
    answered: Option<Instant>,
}

impl Agent {
    /// An agent that checks `address` from `now` on.
    pub(super) fn new(
        now: Instant,
        role: Role,
        local: Credentials,
        remote: Credentials,
        address: SocketAddr,
    ) -> anyhow::Result<Self> {
        let mut tie_breaker = [0; 8];
        getrandom::fill(&mut tie_breaker).map_err(|error| anyhow!("no randomness: {error}"))?;
        Ok(Self {
            local,
            remote,
            address,
            role,
            tie_breaker,
            asked: TransactionId::default(),
            next_check: now,
            answered: None,
        })
    }

    /// Where media go.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether a check was ever answered.
    pub(super) const fn is_connected(&self) -> bool {
        self.answered.is_some()
    }

    /// Whether the other side stopped answering.
    pub(super) fn is_broken(&self, now: Instant) -> bool {
        self.answered
            .is_some_and(|at| now.saturating_duration_since(at) > CONSENT_EXPIRES)
    }

    /// The check that is due, if one is.
    pub(super) fn due(
        &mut self,
        now: Instant,
        provider: &dyn RTCCryptoProvider,
    ) -> anyhow::Result<Option<Vec<u8>>> {
        if now < self.next_check {
            return Ok(None);
        }
        self.next_check = now
            + if self.is_connected() {
                CONSENT_CHECKS
            } else {
                FIRST_CHECKS
            };
        // While connecting, one transaction is repeated, as STUN does; consent asks anew each time.
        if self.is_connected() || self.asked == TransactionId::default() {
            self.asked = TransactionId::new();
        }
        let username = format!("{}:{}", self.remote.ufrag, self.local.ufrag);
        let mut setters: Vec<Box<dyn Setter>> = vec![
            Box::new(BINDING_REQUEST),
            Box::new(self.asked),
            Box::new(TextAttribute::new(ATTR_USERNAME, username)),
            Box::new(attribute(ATTR_PRIORITY, &PRIORITY.to_be_bytes())),
        ];
        match self.role {
            Role::Controlling => {
                setters.push(Box::new(attribute(ATTR_ICE_CONTROLLING, &self.tie_breaker)));
                setters.push(Box::new(attribute(ATTR_USE_CANDIDATE, &[])));
            }
            Role::Controlled => {
                setters.push(Box::new(attribute(ATTR_ICE_CONTROLLED, &self.tie_breaker)));
            }
        }
        sealed(setters, &self.remote.password, provider).map(Some)
    }

    /// Takes a STUN message; returns what to answer.
    pub(super) fn handle(
        &mut self,
        now: Instant,
        from: SocketAddr,
        datagram: &[u8],
        provider: &dyn RTCCryptoProvider,
    ) -> anyhow::Result<Option<Vec<u8>>> {
        let mut message = Message::new();
        message
            .unmarshal_binary(datagram)
            .context("a STUN message is damaged")?;
        if message.typ == BINDING_SUCCESS {
            if message.transaction_id == self.asked && from == self.address {
                self.answered = Some(now);
            }
            return Ok(None);
        }
        if message.typ != BINDING_REQUEST {
            return Ok(None);
        }
        MessageIntegrity::check(
            &mut message,
            self.local.password.as_bytes(),
            provider.crypto(),
        )
        .context("a STUN request is not signed with our password")?;
        let setters: Vec<Box<dyn Setter>> = vec![
            Box::new(BINDING_SUCCESS),
            Box::new(message.transaction_id),
            Box::new(XorMappedAddress {
                ip: from.ip(),
                port: from.port(),
            }),
        ];
        sealed(setters, &self.local.password, provider).map(Some)
    }
}

/// Whether a datagram is STUN (RFC 7983).
pub(super) fn is_stun(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|first| *first < 4) && is_stun_message(datagram)
}

fn attribute(kind: rtc::stun::attributes::AttrType, value: &[u8]) -> RawAttribute {
    RawAttribute {
        typ: kind,
        length: 0,
        value: value.to_vec(),
    }
}

/// The message with its signature and its checksum.
fn sealed(
    mut setters: Vec<Box<dyn Setter + '_>>,
    password: &str,
    provider: &dyn RTCCryptoProvider,
) -> anyhow::Result<Vec<u8>> {
    let integrity = MessageIntegrity::new_short_term_integrity_with_provider(
        password.to_owned(),
        provider.crypto(),
    );
    let mut message = Message::new();
    message.build(&setters)?;
    setters.clear();
    integrity.add_to(&mut message)?;
    FINGERPRINT.add_to(&mut message)?;
    Ok(message.raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agents() -> (Agent, Agent, Instant) {
        let now = Instant::now();
        let [one, other] = [(); 2].map(|()| Credentials::generate().unwrap());
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let client = Agent::new(
            now,
            Role::Controlling,
            one.clone(),
            other.clone(),
            address(2),
        );
        let server = Agent::new(now, Role::Controlled, other, one, address(1));
        (client.unwrap(), server.unwrap(), now)
    }

    #[test]
    fn a_check_that_is_answered_connects_and_silence_breaks() {
        let provider = rtc::crypto::default_provider().unwrap();
        let (mut client, mut server, now) = agents();
        let check = client.due(now, &*provider).unwrap().unwrap();
        assert!(is_stun(&check) && client.due(now, &*provider).unwrap().is_none());
        let answer = server.handle(now, server.address(), &check, &*provider);
        let answer = answer.unwrap().unwrap();
        assert!(!client.is_connected());
        client
            .handle(now, client.address(), &answer, &*provider)
            .unwrap();
        assert!(client.is_connected() && !client.is_broken(now + CONSENT_EXPIRES));
        assert!(client.is_broken(now + CONSENT_EXPIRES * 2));
    }

    #[test]
    fn a_check_with_another_password_is_refused() {
        let provider = rtc::crypto::default_provider().unwrap();
        let (mut client, mut server, now) = agents();
        client.remote.password.push('x');
        let check = client.due(now, &*provider).unwrap().unwrap();
        assert!(
            server
                .handle(now, server.address(), &check, &*provider)
                .is_err()
        );
    }
}
