//! A door for `tests/parsers`: what somebody says on the port of HTTPS, to the server that reads it first.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use crate::message::{Class, Key, Message, Writer, attribute, key_of, method};
use crate::{Client, Credentials, Fault, Now, Peers, Step, frame_length};

/// The media engine as clients know it.
const MEDIA: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 10)), 7000);
/// Where it really is.
const INSIDE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)), 7000);
/// The address of the client's relay.
const RELAY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)), 40_000);

/// When all this happens, in seconds since 1970.
const NOON: u64 = 1_795_334_400;
const NONCE: &str = "nonce";

struct Engine;

impl Peers for Engine {
    fn may_reach(&self, ip: IpAddr) -> bool {
        ip == MEDIA.ip()
    }

    fn target(&self, peer: SocketAddr) -> Option<SocketAddr> {
        (peer == MEDIA).then_some(INSIDE)
    }
}

/// What comes on a connection, once as it is, and once with each request signed anew by somebody who has a credential: a
/// changed byte does not end at the signature then.
///
/// # Panics
/// When somebody without a credential gets a relay, anything leaves but toward the engine, a length is wrong, or an
/// answer is one that the server itself could not read.
pub fn stream(begin: Instant, bytes: &[u8]) {
    for signs in [false, true] {
        Connection::new(begin, signs).take(bytes);
    }
}

/// Somebody who knows what to ask, in the order in which browsers ask it: a stream that is understood.
#[must_use]
pub fn sample() -> Vec<u8> {
    let ask = |method| Writer::new(Class::Request, method, [7; 12]);
    let who = |writer: Writer| {
        let name = credentials().issue("point-7", NOON + 3_600).username;
        let writer = writer.put(attribute::USERNAME, name.as_bytes());
        writer
            .put(attribute::REALM, b"diemcau")
            .put(attribute::NONCE, NONCE.as_bytes())
            .sign(&[0; 16])
    };
    let to_media = |writer: Writer| writer.put_address(attribute::XOR_PEER_ADDRESS, MEDIA);
    let send = to_media(Writer::new(Class::Indication, method::SEND, [7; 12]));
    [
        ask(method::BINDING).finish(),
        who(ask(method::ALLOCATE).put(attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0])),
        who(to_media(ask(method::CREATE_PERMISSION))),
        send.put(attribute::DATA, b"hello").finish(),
        who(to_media(
            ask(method::CHANNEL_BIND).put(attribute::CHANNEL_NUMBER, &[0x40, 0, 0, 0]),
        )),
        b"\x40\x00\x00\x05hello\0\0\0".to_vec(),
        who(ask(method::REFRESH).put(attribute::LIFETIME, &[0, 0, 2, 0x58])),
        who(ask(method::REFRESH).put(attribute::LIFETIME, &[0; 4])),
    ]
    .concat()
}

fn credentials() -> Credentials {
    Credentials::new(b"secret")
}

/// One client, and how far it has got.
struct Connection {
    client: Client,
    credentials: Credentials,
    /// The key that requests are signed with, if they are.
    key: Option<Key>,
    now: Now,
}

impl Connection {
    fn new(begin: Instant, signs: bool) -> Self {
        let credentials = credentials();
        let own = credentials.issue("point-7", NOON + 3_600);
        let client = SocketAddr::new(Ipv4Addr::new(198, 51, 100, 4).into(), 50_000);
        Self {
            client: Client::new(begin, client, NONCE.to_owned()),
            key: signs.then(|| key_of(&own.username, "diemcau", &own.password)),
            credentials,
            now: Now {
                at: begin,
                unix: NOON,
            },
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Ok(Some(length)) = frame_length(rest) {
            let Some((frame, after)) = rest.split_at_checked(length) else {
                return;
            };
            assert!(!frame.is_empty(), "nothing is no message");
            rest = after;
            let signed = self.key.and_then(|key| signed_anew(frame, &key));
            if self.hand(signed.as_deref().unwrap_or(frame)).is_err() {
                return;
            }
        }
    }

    fn hand(&mut self, frame: &[u8]) -> Result<(), Fault> {
        // Time passes as it may, and things run out.
        self.now.at += Duration::from_secs(u64::from(frame[frame.len() - 1]));
        let step = self
            .client
            .handle(self.now, frame, &self.credentials, &Engine)?;
        match step {
            Step::Nothing => {}
            Step::Reply(reply) | Step::Release(reply) => readable(&reply),
            Step::Send { to, payload } => {
                assert_eq!(to, INSIDE, "only the engine is sent anything");
                assert!(payload.len() <= frame.len());
            }
            Step::Allocate(request) => {
                assert!(self.key.is_some(), "nobody signed that");
                assert_eq!(request.subject, "point-7");
                let reply = self.client.allocated(self.now.at, request, Ok(RELAY));
                readable(&reply);
            }
        }
        for source in [INSIDE, RELAY] {
            let mut heard = Vec::new();
            let told = self
                .client
                .on_datagram(self.now.at, source, b"media", &mut heard);
            assert!(!told || source == INSIDE, "strangers are not heard");
            assert_eq!(told, !heard.is_empty());
            if told {
                assert_eq!(frame_length(&heard), Ok(Some(heard.len())));
            }
        }
        Ok(())
    }
}

/// A request with the same attributes and a signature that holds; `None` when it is no request.
fn signed_anew(frame: &[u8], key: &Key) -> Option<Vec<u8>> {
    let message = Message::parse(frame).ok()?;
    if !message.is_signed() {
        return None;
    }
    let begun = Writer::new(message.class, message.method, message.transaction);
    let whole = message
        .attributes()
        .fold(begun, |writer, (kind, value)| writer.put(kind, value));
    Some(whole.sign(key))
}

fn readable(reply: &[u8]) {
    assert_eq!(frame_length(reply), Ok(Some(reply.len())));
    assert!(Message::parse(reply).is_ok(), "{}", reply.escape_ascii());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that is refused at its first message would try nothing.
    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "only differences from here on count"
    )]
    fn sample_is_understood_to_its_end() {
        let begin = Instant::now();
        let bytes = sample();
        let mut connection = Connection::new(begin, true);
        let (mut rest, mut steps) = (&bytes[..], Vec::new());
        while let Ok(Some(length)) = frame_length(rest) {
            let (frame, after) = rest.split_at(length);
            rest = after;
            let key = connection.key.expect("it signs");
            let frame = signed_anew(frame, &key).unwrap_or(frame.to_vec());
            let step = connection
                .client
                .handle(connection.now, &frame, &connection.credentials, &Engine)
                .unwrap();
            steps.push(match step {
                Step::Nothing => "nothing",
                Step::Reply(reply) if Message::parse(&reply).unwrap().class == Class::Error => {
                    "refused"
                }
                Step::Reply(_) => "done",
                Step::Send { .. } => "sent",
                Step::Release(_) => "released",
                Step::Allocate(request) => {
                    connection.client.allocated(begin, request, Ok(RELAY));
                    "relay"
                }
            });
        }
        assert_eq!(
            steps,
            [
                "done", "relay", "done", "sent", "done", "sent", "done", "released"
            ]
        );
    }
}
