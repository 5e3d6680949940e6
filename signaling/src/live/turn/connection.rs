//! One client's connection: bytes in, [`turn_core::Client`] decides, datagrams and bytes out.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use prometheus::IntCounter;
use socket2::SockRef;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, WriteHalf};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::sleep_until;
use tokio_rustls::server::TlsStream;
use turn_core::{Client, Fault, MAX_PAYLOAD_BYTES, Now, Step, frame_length};

use crate::live::turn::{Place, Turn, nonce};

/// Bytes that may wait for one client: about a second of a poor line, or one keyframe of a screen. What comes when it is
/// full is dropped, as a full router would.
const WAITING_BYTES: usize = 128 * 1024;

/// Bytes at which no more is read from the client. Datagrams do not get so far, only answers to one who asks and asks, and does
/// not listen.
const DEAF_BYTES: usize = WAITING_BYTES + 64 * 1024;

/// Bytes that the kernel may take before the client's window opens: less waits where it cannot be dropped any more.
const UNSENT_BYTES: u32 = 32 * 1024;

/// Bytes that may wait inside the TLS engine.
const UNSEALED_BYTES: usize = 16 * 1024;

/// How long a client may take none of the bytes that wait for it.
const STALLED: Duration = Duration::from_secs(15);

/// Datagrams taken from the relay before other things get their turn.
const DATAGRAMS_PER_ROUND: usize = 64;

/// Bytes read from the client at once.
const READ_BYTES: usize = 16 * 1024;

/// Carries one client until it goes, misbehaves, or its relay runs out. `first` is the byte that was read already.
pub(super) async fn serve(turn: Turn, mut stream: TlsStream<TcpStream>, first: u8) {
    stream.get_mut().1.set_buffer_limit(Some(UNSEALED_BYTES));
    match Session::new(turn, &stream) {
        Ok(session) => session.run(stream, first).await,
        Err(error) => tracing::debug!(%error, "a TURN connection could not be taken"),
    }
}

struct Session {
    turn: Turn,
    client: Client,
    relay: Option<(UdpSocket, Place)>,
    /// Read, and not yet a whole message.
    inbound: Vec<u8>,
    /// For the client, not yet written.
    outbound: Vec<u8>,
    datagram: Box<[u8; MAX_PAYLOAD_BYTES + 1]>,
    rate: Bucket,
    bytes_in: IntCounter,
    bytes_out: IntCounter,
}

impl Session {
    fn new(turn: Turn, stream: &TlsStream<TcpStream>) -> anyhow::Result<Self> {
        let tcp = stream.get_ref().0;
        let address = tcp.peer_addr()?;
        let address = SocketAddr::new(address.ip().to_canonical(), address.port());
        // Media must not wait for more to fill a segment.
        tcp.set_nodelay(true)?;
        // A kernel that does not know this queues more.
        let _ = SockRef::from(tcp).set_tcp_notsent_lowat(UNSENT_BYTES);
        let now = Instant::now();
        let bytes = &turn.0.metrics.bytes;
        Ok(Self {
            client: Client::new(now, address, nonce()?),
            relay: None,
            inbound: Vec::new(),
            outbound: Vec::new(),
            datagram: Box::new([0; MAX_PAYLOAD_BYTES + 1]),
            rate: Bucket::new(now, turn.0.settings.max_mbps),
            bytes_in: bytes.with_label_values(&["in"]),
            bytes_out: bytes.with_label_values(&["out"]),
            turn,
        })
    }

    async fn run(mut self, stream: TlsStream<TcpStream>, first: u8) {
        let (mut reader, mut writer) = tokio::io::split(stream);
        self.inbound.push(first);
        let mut unwritten_since: Option<Instant> = None;
        loop {
            let stalled_at = unwritten_since.map(|since| since + STALLED);
            let deadline = stalled_at.map_or(self.client.deadline(), |stalled| {
                stalled.min(self.client.deadline())
            });
            let mut written = 0;
            self.inbound.reserve(READ_BYTES);
            tokio::select! {
                read = reader.read_buf(&mut self.inbound), if self.outbound.len() < DEAF_BYTES => match read {
                    Ok(1..) => if let Err(fault) = self.take() {
                        self.refuse(fault.word());
                        break;
                    },
                    Ok(0) | Err(_) => break,
                },
                () = readable(self.relay.as_ref()) => self.take_datagrams(),
                all = write(&mut writer, &mut self.outbound, &mut written),
                    if unwritten_since.is_some() =>
                {
                    match all {
                        Ok(()) => unwritten_since = None,
                        Err(_) => break,
                    }
                }
                () = sleep_until(deadline.into()) => {
                    if stalled_at.is_some_and(|stalled| stalled <= Instant::now()) {
                        self.refuse("stalled");
                    } else if self.relay.is_none() {
                        self.refuse("idle");
                    }
                    break;
                }
            }
            if !self.outbound.is_empty() && (unwritten_since.is_none() || written > 0) {
                unwritten_since = Some(Instant::now());
            }
        }
        // Whoever reads no more needs no farewell.
        let _ = tokio::time::timeout(Duration::from_secs(1), writer.shutdown()).await;
    }

    /// Takes all whole messages that were read.
    fn take(&mut self) -> Result<(), Fault> {
        let mut at = 0;
        let inbound = std::mem::take(&mut self.inbound);
        let taken = loop {
            match frame_length(&inbound[at..]) {
                Ok(Some(length)) if length <= inbound.len() - at => {
                    let message = &inbound[at..at + length];
                    at += length;
                    if let Err(fault) = self.take_message(message) {
                        break Err(fault);
                    }
                }
                Ok(_) => break Ok(()),
                Err(fault) => break Err(fault),
            }
        };
        self.inbound = inbound;
        self.inbound.drain(..at);
        taken
    }

    fn take_message(&mut self, message: &[u8]) -> Result<(), Fault> {
        let now = Now {
            at: Instant::now(),
            unix: self.turn.unix(),
        };
        let credentials = &self.turn.0.credentials;
        let step = self.client.handle(now, message, credentials, &self.turn)?;
        match step {
            Step::Nothing => {}
            Step::Reply(reply) => self.outbound.extend_from_slice(&reply),
            Step::Send { to, payload } => self.send(now.at, to, payload),
            Step::Allocate(request) => {
                let opened = self.turn.open(&request.subject, request.ipv6);
                let address = match opened {
                    Ok((socket, place)) => {
                        let address = place.address;
                        self.relay = Some((socket, place));
                        Ok(address)
                    }
                    Err(shortage) => {
                        self.refuse(match shortage {
                            turn_core::Shortage::Quota => "quota",
                            turn_core::Shortage::Capacity => "capacity",
                        });
                        Err(shortage)
                    }
                };
                let reply = self.client.allocated(now.at, request, address);
                self.outbound.extend_from_slice(&reply);
            }
            Step::Release(reply) => {
                self.relay = None;
                self.outbound.extend_from_slice(&reply);
            }
        }
        Ok(())
    }

    fn send(&mut self, now: Instant, to: SocketAddr, payload: &[u8]) {
        let Some((relay, _)) = &self.relay else {
            return;
        };
        if !self.rate.take(now, payload.len()) {
            self.drop_one("rate");
        } else if relay.try_send_to(payload, to).is_ok() {
            self.bytes_in.inc_by(payload.len() as u64);
        } else {
            self.drop_one("send");
        }
    }

    /// Takes what has come to the relay.
    fn take_datagrams(&mut self) {
        let Some((relay, _)) = &self.relay else {
            return;
        };
        let now = Instant::now();
        for _ in 0..DATAGRAMS_PER_ROUND {
            let (length, source) = match relay.try_recv_from(&mut self.datagram[..]) {
                Ok(received) => received,
                // An earlier datagram met a closed port; nothing is wrong with the relay.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => continue,
                Err(_) => return,
            };
            let payload = &self.datagram[..length];
            if self.outbound.len() + length > WAITING_BYTES {
                self.drop_one("slow");
            } else if !self.rate.take(now, length) {
                self.drop_one("rate");
            } else if self
                .client
                .on_datagram(now, source, payload, &mut self.outbound)
            {
                self.bytes_out.inc_by(length as u64);
            } else {
                self.drop_one("unwanted");
            }
        }
    }

    fn drop_one(&self, reason: &str) {
        let dropped = &self.turn.0.metrics.dropped;
        dropped.with_label_values(&[reason]).inc();
    }

    fn refuse(&self, reason: &str) {
        let refused = &self.turn.0.metrics.refused;
        refused.with_label_values(&[reason]).inc();
    }
}

/// Waits for a datagram; for ever without a relay.
async fn readable(relay: Option<&(UdpSocket, Place)>) {
    match relay {
        // An error shows when it is read.
        Some((socket, _)) => drop(socket.readable().await),
        None => std::future::pending().await,
    }
}

/// Writes all that waits, and counts it. May be dropped at any point and called again.
async fn write(
    writer: &mut WriteHalf<TlsStream<TcpStream>>,
    outbound: &mut Vec<u8>,
    written: &mut usize,
) -> io::Result<()> {
    while !outbound.is_empty() {
        let taken = writer.write(outbound).await?;
        if taken == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        outbound.drain(..taken);
        *written += taken;
    }
    writer.flush().await
}

/// What a client may still relay: a second's worth at most, refilled steadily.
struct Bucket {
    bytes_per_second: f64,
    left: f64,
    since: Instant,
}

impl Bucket {
    fn new(now: Instant, mbps: u32) -> Self {
        let bytes_per_second = f64::from(mbps) * 125_000.0;
        Self {
            bytes_per_second,
            left: bytes_per_second,
            since: now,
        }
    }

    fn take(&mut self, now: Instant, bytes: usize) -> bool {
        let passed = now.saturating_duration_since(self.since).as_secs_f64();
        self.since = now;
        let refilled = self.left + passed * self.bytes_per_second;
        self.left = refilled.min(self.bytes_per_second);
        // Datagrams are far below 2^52 bytes.
        let bytes = bytes as f64;
        if self.left < bytes {
            return false;
        }
        self.left -= bytes;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_gives_its_rate_and_no_more() {
        let begin = Instant::now();
        let mut bucket = Bucket::new(begin, 8);
        let taken = |bucket: &mut Bucket, at: Instant| {
            std::iter::repeat_with(|| bucket.take(at, 1_000))
                .take_while(|taken| *taken)
                .count()
        };
        assert_eq!(taken(&mut bucket, begin), 1_000);
        assert_eq!(taken(&mut bucket, begin + Duration::from_millis(100)), 100);
        assert_eq!(taken(&mut bucket, begin + Duration::from_secs(60)), 1_000);
    }
}
