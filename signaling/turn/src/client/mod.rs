//! The state of one client and the answers to its requests.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use crate::frame::{CHANNEL_HEADER_BYTES, MAX_PAYLOAD_BYTES};
use crate::message::{Class, Key, Message, TransactionId, Writer, attribute, key_of, method};
use crate::{Credentials, Fault};

/// How long a connection may be without an allocation: long enough for a slow link's handshakes, short enough for those
/// who only hold connections open.
pub const START_WITHIN: Duration = Duration::from_secs(30);

/// How long an allocation lives without being refreshed, unless the client asks for longer.
const LIFETIME: Duration = Duration::from_secs(600);
/// The longest that a client may ask for.
const MAX_LIFETIME: Duration = Duration::from_secs(3_600);
/// How long a permission lives (RFC 8656, 9).
const PERMISSION: Duration = Duration::from_secs(300);
/// How long a channel lives (RFC 8656, 12).
const CHANNEL: Duration = Duration::from_secs(600);

/// Peers that one allocation may know: the media engine has a port a core, on a handful of addresses.
const MAX_PEERS: usize = 256;

/// Requests with wrong credentials before the connection is ended.
const MAX_FAILURES: u8 = 8;

/// The realm of the credentials. Clients only repeat it.
const REALM: &str = "diemcau";

/// The protocol number of UDP, the only transport that is relayed.
const UDP: u8 = 17;

/// The time, by both clocks that are needed.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// For lifetimes.
    pub at: Instant,
    /// Seconds since 1970, for credentials.
    pub unix: u64,
}

/// Where clients may be relayed to.
pub trait Peers {
    /// Whether anything of this address may be reached.
    fn may_reach(&self, ip: IpAddr) -> bool;
    /// Where datagrams for this peer are sent; `None` when it may not be reached. Behind a one-to-one NAT that is not
    /// the address that clients know.
    fn target(&self, peer: SocketAddr) -> Option<SocketAddr>;
}

/// What a message of the client leads to.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<'m> {
    /// Nothing.
    Nothing,
    /// Answer with these bytes.
    Reply(Vec<u8>),
    /// Send this datagram from the client's relay.
    Send {
        /// Where to.
        to: SocketAddr,
        /// Its bytes.
        payload: &'m [u8],
    },
    /// Open a relay, and answer with what [`Client::allocated`] makes of it.
    Allocate(Request),
    /// Close the relay, and answer with these bytes.
    Release(Vec<u8>),
}

/// A request for a relay, from somebody whose credential holds.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    /// For whom the credential was issued.
    pub subject: String,
    /// Whether the relay's address is to be IPv6.
    pub ipv6: bool,
    transaction: TransactionId,
    lifetime: Duration,
    user: User,
}

/// Why there is no relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortage {
    /// This subject has as many as it may.
    Quota,
    /// The server has as many as it can, or no address of that family.
    Capacity,
}

/// Whoever showed a credential on this connection.
#[derive(Debug, Clone, PartialEq, Eq)]
struct User {
    name: String,
    key: Key,
}

/// A relay that is open.
#[derive(Debug)]
struct Allocation {
    expires: Instant,
    permissions: Vec<(IpAddr, Instant)>,
    peers: Vec<Peer>,
}

/// A peer that the client has sent something to, or bound a channel to.
#[derive(Debug)]
struct Peer {
    address: SocketAddr,
    target: SocketAddr,
    /// Its number, and until when it is bound.
    channel: Option<(u16, Instant)>,
}

/// One client on one connection.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    nonce: String,
    /// Since when there has been no allocation.
    idle_since: Instant,
    failures: u8,
    user: Option<User>,
    allocation: Option<Allocation>,
}

impl Client {
    /// A client that has just connected from `address`. `nonce` is text that nobody can guess, for this connection alone.
    #[must_use]
    pub const fn new(now: Instant, address: SocketAddr, nonce: String) -> Self {
        Self {
            address,
            nonce,
            idle_since: now,
            failures: 0,
            user: None,
            allocation: None,
        }
    }

    /// Takes a whole message, as long as [`crate::frame_length`] said.
    ///
    /// # Errors
    /// When the connection is to be ended.
    pub fn handle<'m>(
        &mut self,
        now: Now,
        bytes: &'m [u8],
        credentials: &Credentials,
        peers: &impl Peers,
    ) -> Result<Step<'m>, Fault> {
        if bytes.first().is_some_and(|first| first >> 6 == 1) {
            return self.channel_data(now.at, bytes);
        }
        let message = Message::parse(bytes)?;
        match (message.class, message.method) {
            (Class::Request, method::BINDING) => {
                let answer = Writer::answer(Class::Success, &message)
                    .put_address(attribute::XOR_MAPPED_ADDRESS, self.address);
                Ok(Step::Reply(answer.finish()))
            }
            (Class::Request, _) => self.request(now, &message, credentials, peers),
            (Class::Indication, method::SEND) => Ok(self.send(now.at, &message, peers)),
            (Class::Indication, method::BINDING) => Ok(Step::Nothing),
            _ => Err(Fault::Malformed),
        }
    }

    /// The answer to a request for a relay: the relay's own address, or why there is none.
    pub fn allocated(
        &mut self,
        now: Instant,
        request: Request,
        relay: Result<SocketAddr, Shortage>,
    ) -> Vec<u8> {
        let answer = |class| Writer::new(class, method::ALLOCATE, request.transaction);
        let relay = match relay {
            Ok(relay) => relay,
            Err(shortage) => {
                let (code, words) = match shortage {
                    Shortage::Quota => (486, "Allocation Quota Reached"),
                    Shortage::Capacity => (508, "Insufficient Capacity"),
                };
                return answer(Class::Error)
                    .put_error(code, words)
                    .sign(&request.user.key);
            }
        };
        let bytes = answer(Class::Success)
            .put_address(attribute::XOR_RELAYED_ADDRESS, relay)
            .put_address(attribute::XOR_MAPPED_ADDRESS, self.address)
            .put(attribute::LIFETIME, &seconds(request.lifetime))
            .sign(&request.user.key);
        self.allocation = Some(Allocation {
            expires: now + request.lifetime,
            permissions: Vec::new(),
            peers: Vec::new(),
        });
        self.user = Some(request.user);
        bytes
    }

    /// Puts a datagram that came to the relay from `source` into `out`, as the client will read it. False when it is
    /// not for the client.
    pub fn on_datagram(
        &mut self,
        now: Instant,
        source: SocketAddr,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> bool {
        let Some(allocation) = &self.allocation else {
            return false;
        };
        let Some(peer) = allocation.peers.iter().find(|peer| peer.target == source) else {
            return false;
        };
        if payload.len() > MAX_PAYLOAD_BYTES || !allocation.permits(now, peer.address.ip()) {
            return false;
        }
        match peer.channel {
            Some((number, until)) if until > now => {
                let length = u16::try_from(payload.len()).expect("at most MAX_PAYLOAD_BYTES");
                out.extend_from_slice(&number.to_be_bytes());
                out.extend_from_slice(&length.to_be_bytes());
                out.extend_from_slice(payload);
                let padding = payload.len().next_multiple_of(4) - payload.len();
                out.extend_from_slice(&[0; 3][..padding]);
            }
            _ => {
                // Indications are matched with nothing, so one transaction id is as good as another.
                let indication = Writer::new(Class::Indication, method::DATA, [0; 12])
                    .put_address(attribute::XOR_PEER_ADDRESS, peer.address)
                    .put(attribute::DATA, payload);
                out.extend_from_slice(&indication.finish());
            }
        }
        true
    }

    /// When the connection is to be ended unless something changes: it has no allocation for too long, or one that was
    /// not refreshed.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        match &self.allocation {
            Some(allocation) => allocation.expires,
            None => self.idle_since + START_WITHIN,
        }
    }

    fn channel_data<'m>(&self, now: Instant, bytes: &'m [u8]) -> Result<Step<'m>, Fault> {
        let (&[n0, n1, l0, l1], rest) = bytes
            .split_first_chunk::<CHANNEL_HEADER_BYTES>()
            .ok_or(Fault::Malformed)?;
        let number = u16::from_be_bytes([n0, n1]);
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let payload = rest.get(..length).ok_or(Fault::Malformed)?;
        let peer = self.allocation.iter().flat_map(|a| &a.peers).find(
            |peer| matches!(peer.channel, Some((bound, until)) if bound == number && until > now),
        );
        Ok(match peer {
            Some(peer) => Step::Send {
                to: peer.target,
                payload,
            },
            // Its binding has run out.
            None => Step::Nothing,
        })
    }

    fn send<'m>(&mut self, now: Instant, message: &Message<'m>, peers: &impl Peers) -> Step<'m> {
        let peer = message
            .get(attribute::XOR_PEER_ADDRESS)
            .and_then(|value| message.address(value));
        let (Some(peer), Some(payload), Some(allocation)) =
            (peer, message.get(attribute::DATA), &mut self.allocation)
        else {
            return Step::Nothing;
        };
        if !allocation.permits(now, peer.ip()) {
            return Step::Nothing;
        }
        match allocation.know(peer, peers) {
            Some(known) => Step::Send {
                to: known.target,
                payload,
            },
            None => Step::Nothing,
        }
    }

    /// Requests that only somebody with a credential may make.
    fn request<'m>(
        &mut self,
        now: Now,
        message: &Message<'_>,
        credentials: &Credentials,
        peers: &impl Peers,
    ) -> Result<Step<'m>, Fault> {
        let (subject, user) = match self.authenticate(now, message, credentials) {
            Ok(known) => known,
            Err(refusal) => {
                self.failures += u8::from(message.is_signed());
                if self.failures >= MAX_FAILURES {
                    return Err(Fault::Unauthorized);
                }
                return Ok(Step::Reply(refusal));
            }
        };
        let key = user.key;
        let refuse = |code, words| {
            let answer = Writer::answer(Class::Error, message).put_error(code, words);
            Ok(Step::Reply(answer.sign(&key)))
        };
        let unknown = unknown_attributes(message);
        if !unknown.is_empty() {
            let answer = Writer::answer(Class::Error, message)
                .put_error(420, "Unknown Attribute")
                .put(attribute::UNKNOWN_ATTRIBUTES, &unknown);
            return Ok(Step::Reply(answer.sign(&key)));
        }
        let asked = message.number(attribute::LIFETIME).map(u64::from);
        let lifetime = asked.map_or(LIFETIME, |seconds| {
            Duration::from_secs(seconds).clamp(LIFETIME, MAX_LIFETIME)
        });
        if message.method == method::ALLOCATE {
            if self.allocation.is_some() {
                return refuse(437, "Allocation Mismatch");
            }
            match message
                .get(attribute::REQUESTED_TRANSPORT)
                .and_then(<[u8]>::first)
            {
                Some(&UDP) => {}
                Some(_) => return refuse(442, "Unsupported Transport Protocol"),
                None => return refuse(400, "Bad Request"),
            }
            let ipv6 = match message
                .get(attribute::REQUESTED_ADDRESS_FAMILY)
                .map(<[u8]>::first)
            {
                None | Some(Some(1)) => false,
                Some(Some(2)) => true,
                Some(_) => return refuse(440, "Address Family not Supported"),
            };
            return Ok(Step::Allocate(Request {
                subject,
                ipv6,
                transaction: message.transaction,
                lifetime,
                user,
            }));
        }
        let Some(allocation) = &mut self.allocation else {
            return refuse(437, "Allocation Mismatch");
        };
        match message.method {
            method::REFRESH if asked == Some(0) => {
                self.allocation = None;
                self.idle_since = now.at;
                let answer = Writer::answer(Class::Success, message)
                    .put(attribute::LIFETIME, &seconds(Duration::ZERO));
                return Ok(Step::Release(answer.sign(&key)));
            }
            method::REFRESH => {
                allocation.expires = now.at + lifetime;
                let answer = Writer::answer(Class::Success, message)
                    .put(attribute::LIFETIME, &seconds(lifetime));
                return Ok(Step::Reply(answer.sign(&key)));
            }
            method::CREATE_PERMISSION => {
                let mut ips = Vec::new();
                for (kind, value) in message.attributes() {
                    if kind != attribute::XOR_PEER_ADDRESS {
                        continue;
                    }
                    match message.address(value) {
                        Some(peer) => ips.push(peer.ip()),
                        None => return refuse(400, "Bad Request"),
                    }
                }
                if ips.is_empty() {
                    return refuse(400, "Bad Request");
                }
                if !ips.iter().all(|ip| peers.may_reach(*ip)) {
                    return refuse(403, "Forbidden");
                }
                for ip in ips {
                    allocation.permit(now.at, ip);
                }
            }
            method::CHANNEL_BIND => {
                let number = message.number(attribute::CHANNEL_NUMBER);
                let number = number.and_then(|value| u16::try_from(value >> 16).ok());
                let peer = message
                    .get(attribute::XOR_PEER_ADDRESS)
                    .and_then(|value| message.address(value));
                let (Some(number @ 0x4000..=0x4fff), Some(peer)) = (number, peer) else {
                    return refuse(400, "Bad Request");
                };
                if peers.target(peer).is_none() {
                    return refuse(403, "Forbidden");
                }
                // A number names one peer, and a peer has one number, for the life of the binding.
                let taken = allocation.peers.iter().any(|known| {
                    matches!(known.channel, Some((bound, until)) if until > now.at
                        && (bound == number) != (known.address == peer))
                });
                if taken {
                    return refuse(400, "Bad Request");
                }
                let Some(known) = allocation.know(peer, peers) else {
                    return refuse(508, "Insufficient Capacity");
                };
                known.channel = Some((number, now.at + CHANNEL));
                allocation.permit(now.at, peer.ip());
            }
            _ => return refuse(400, "Bad Request"),
        }
        let answer = Writer::answer(Class::Success, message);
        Ok(Step::Reply(answer.sign(&key)))
    }

    /// Who makes this request; otherwise the refusal.
    fn authenticate(
        &self,
        now: Now,
        message: &Message<'_>,
        credentials: &Credentials,
    ) -> Result<(String, User), Vec<u8>> {
        let challenge = |code, words| {
            Writer::answer(Class::Error, message)
                .put_error(code, words)
                .put(attribute::REALM, REALM.as_bytes())
                .put(attribute::NONCE, self.nonce.as_bytes())
                .finish()
        };
        if !message.is_signed() {
            return Err(challenge(401, "Unauthorized"));
        }
        let name = message.text(attribute::USERNAME);
        let (Some(name), Some(nonce), Some(REALM)) = (
            name,
            message.text(attribute::NONCE),
            message.text(attribute::REALM),
        ) else {
            let refusal = Writer::answer(Class::Error, message).put_error(400, "Bad Request");
            return Err(refusal.finish());
        };
        if nonce != self.nonce {
            return Err(challenge(438, "Stale Nonce"));
        }
        if let Some(user) = &self.user {
            if user.name != name {
                let refusal =
                    Writer::answer(Class::Error, message).put_error(441, "Wrong Credentials");
                return Err(refusal.sign(&user.key));
            }
            // The credential was good when the relay was opened; a meeting may outlast it.
            if self.allocation.is_some() && message.is_signed_with(&user.key) {
                return Ok((String::new(), user.clone()));
            }
        }
        let known = credentials
            .recognise(name, now.unix)
            .map(|(subject, password)| (subject, key_of(name, REALM, &password)))
            .filter(|(_, key)| message.is_signed_with(key));
        match known {
            Some((subject, key)) => Ok((
                subject.to_owned(),
                User {
                    name: name.to_owned(),
                    key,
                },
            )),
            None => Err(challenge(401, "Unauthorized")),
        }
    }
}

impl Allocation {
    fn permits(&self, now: Instant, ip: IpAddr) -> bool {
        self.permissions
            .iter()
            .any(|(permitted, until)| *permitted == ip && *until > now)
    }

    fn permit(&mut self, now: Instant, ip: IpAddr) {
        self.permissions.retain(|(permitted, _)| *permitted != ip);
        self.permissions.push((ip, now + PERMISSION));
    }

    /// The entry of a peer, made when it is new; `None` when it may not be reached.
    fn know(&mut self, address: SocketAddr, peers: &impl Peers) -> Option<&mut Peer> {
        if let Some(at) = self.peers.iter().position(|peer| peer.address == address) {
            return self.peers.get_mut(at);
        }
        let target = peers.target(address)?;
        if self.peers.len() >= MAX_PEERS {
            return None;
        }
        self.peers.push(Peer {
            address,
            target,
            channel: None,
        });
        self.peers.last_mut()
    }
}

fn seconds(lifetime: Duration) -> [u8; 4] {
    u32::try_from(lifetime.as_secs())
        .unwrap_or(u32::MAX)
        .to_be_bytes()
}

/// The attributes that the client demands to be understood, and are not; as the value of UNKNOWN-ATTRIBUTES.
fn unknown_attributes(message: &Message<'_>) -> Vec<u8> {
    const KNOWN: [u16; 10] = [
        attribute::USERNAME,
        attribute::REALM,
        attribute::NONCE,
        attribute::LIFETIME,
        attribute::CHANNEL_NUMBER,
        attribute::XOR_PEER_ADDRESS,
        attribute::DATA,
        attribute::REQUESTED_TRANSPORT,
        attribute::REQUESTED_ADDRESS_FAMILY,
        attribute::XOR_MAPPED_ADDRESS,
    ];
    message
        .attributes()
        .filter(|(kind, _)| *kind < attribute::OPTIONAL && !KNOWN.contains(kind))
        .flat_map(|(kind, _)| kind.to_be_bytes())
        .collect()
}

#[cfg(test)]
mod tests;
