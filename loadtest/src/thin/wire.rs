//! The socket of a thin peer, what it sends on it, and how long received packets were under way.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, ensure};
use bytes::{Bytes, BytesMut};
use quinn_udp::{RecvMeta, UdpSockRef, UdpSocketState};
use rtc::rtcp::sender_report::SenderReport;
use rtc::rtp;
use rtc::shared::marshal::Marshal;
use rtc::srtp::context::Context;
use tokio::io::Interest;
use tokio::net::UdpSocket;

use crate::publish::Outlet;

/// Buffers given to the kernel at once, each for one datagram or, with GRO, a run of up to 64.
const BUFFERS: usize = 8;

/// The largest run.
const BUFFER_BYTES: usize = 64 * 1024;

/// Sent packets kept to be sent again, a second of the largest stream.
const KEPT_PACKETS: usize = 256;

/// Begins a stamp at the end of a payload; the moment follows in nanoseconds since 1970.
const STAMP: [u8; 8] = *b"sent at:";

/// Room for a stamp behind every header of a payload.
const STAMPED_FROM_BYTES: usize = 40;

thread_local! {
    /// What is received is looked at before anything else can be received on the same thread: one set of buffers is
    /// enough for all peers.
    static RECEIVED: RefCell<Vec<Vec<u8>>> = RefCell::new(vec![vec![0; BUFFER_BYTES]; BUFFERS]);
}

/// A socket with the SRTP context of what is sent on it.
pub(super) struct Wire {
    socket: UdpSocket,
    kernel: UdpSocketState,
    local: SocketAddr,
    egress: Mutex<Egress>,
}

#[derive(Default)]
struct Egress {
    keys: Option<(SocketAddr, Context)>,
    transport_sequence: u16,
    streams: HashMap<u32, Sent>,
}

/// What was sent on one SSRC.
struct Sent {
    packets: u32,
    bytes: u32,
    clock_rate: u32,
    last: (u32, Instant),
    kept: VecDeque<(u16, Bytes)>,
}

impl Wire {
    pub(super) async fn bind(address: IpAddr) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind((address, 0))
            .await
            .with_context(|| format!("cannot bind a socket to {address}"))?;
        Ok(Self {
            kernel: UdpSocketState::new(UdpSockRef::from(&socket))?,
            local: socket.local_addr()?,
            socket,
            egress: Mutex::default(),
        })
    }

    pub(super) const fn local(&self) -> SocketAddr {
        self.local
    }

    pub(super) async fn readable(&self) -> io::Result<()> {
        self.socket.readable().await
    }

    /// Hands over the datagrams that have come, each with its sender and the moment at which the kernel got it. Returns
    /// false when nothing is left.
    pub(super) fn receive(
        &self,
        mut take: impl FnMut(SocketAddr, Option<Duration>, &[u8]) -> anyhow::Result<()>,
    ) -> anyhow::Result<bool> {
        RECEIVED.with_borrow_mut(|buffers| {
            let mut metas = [RecvMeta::default(); BUFFERS];
            let mut slices: [IoSliceMut<'_>; BUFFERS] = buffers
                .iter_mut()
                .map(|buffer| IoSliceMut::new(buffer))
                .collect::<Vec<_>>()
                .try_into()
                .map_err(|_| anyhow::anyhow!("the number of buffers is fixed"))?;
            let received = self.socket.try_io(Interest::READABLE, || {
                self.kernel
                    .recv(UdpSockRef::from(&self.socket), &mut slices, &mut metas)
            });
            let filled = match received {
                Ok(filled) => filled,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                // The server's port was closed for a moment.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Ok(true),
                Err(error) => return Err(error).context("cannot receive"),
            };
            for (meta, slice) in metas.iter().zip(&slices).take(filled) {
                for datagram in slice[..meta.len].chunks(meta.stride.max(1)) {
                    take(meta.addr, meta.timestamp, datagram)?;
                }
            }
            Ok(true)
        })
    }

    /// Sends one datagram; a socket that takes no more loses it, as a network would.
    pub(super) fn send(&self, to: SocketAddr, datagram: &[u8]) -> anyhow::Result<()> {
        match self.socket.try_send_to(datagram, to) {
            Ok(_) => Ok(()),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::ConnectionRefused
                ) =>
            {
                Ok(())
            }
            Err(error) => Err(error).context("cannot send"),
        }
    }

    /// From here on, what is sent is encrypted with these keys.
    pub(super) fn secure(&self, remote: SocketAddr, keys: Context) {
        self.egress().keys = Some((remote, keys));
    }

    /// Encrypts and sends one RTCP packet.
    pub(super) fn send_rtcp(&self, packet: &[u8]) -> anyhow::Result<()> {
        let mut egress = self.egress();
        let Some((remote, keys)) = &mut egress.keys else {
            return Ok(());
        };
        let sealed = keys.encrypt_rtcp(packet)?;
        let remote = *remote;
        drop(egress);
        self.send(remote, &sealed)
    }

    /// Sends what was sent before once more, as it was.
    pub(super) fn send_again(&self, ssrc: u32, numbers: &[u16]) -> anyhow::Result<()> {
        let egress = self.egress();
        let (Some((remote, _)), Some(stream)) = (&egress.keys, egress.streams.get(&ssrc)) else {
            return Ok(());
        };
        for (number, datagram) in &stream.kept {
            if numbers.contains(number) {
                self.send(*remote, datagram)?;
            }
        }
        Ok(())
    }

    /// Sends a sender report for each stream.
    pub(super) fn send_reports(&self, now: Instant) -> anyhow::Result<()> {
        let reports: Vec<SenderReport> = {
            let egress = self.egress();
            let streams = egress.streams.iter();
            streams
                .map(|(&ssrc, sent)| sent.report(now, ssrc))
                .collect()
        };
        for report in reports {
            self.send_rtcp(&report.marshal()?)?;
        }
        Ok(())
    }

    fn egress(&self) -> MutexGuard<'_, Egress> {
        self.egress.lock().expect("no holder of the lock panics")
    }
}

impl Sent {
    fn report(&self, now: Instant, ssrc: u32) -> SenderReport {
        let (timestamp, at) = self.last;
        let since = now.saturating_duration_since(at).as_secs_f64();
        SenderReport {
            ssrc,
            ntp_time: ntp_of(SystemTime::now()),
            rtp_time: timestamp.wrapping_add((since * f64::from(self.clock_rate)) as u32),
            packet_count: self.packets,
            octet_count: self.bytes,
            ..Default::default()
        }
    }
}

/// Seconds since 1900 in 32.32 bits (RFC 5905).
fn ntp_of(time: SystemTime) -> u64 {
    const FROM_1900_TO_1970: u64 = 2_208_988_800;
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let fraction = (u64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
    (since.as_secs() + FROM_1900_TO_1970) << 32 | fraction
}

/// Where a thin peer's packets of one line go.
#[derive(Clone)]
pub struct ThinOutlet {
    wire: Arc<Wire>,
    clock_rate: u32,
    transport: Option<u8>,
    stamped: bool,
}

impl ThinOutlet {
    /// `stamped` writes into each payload when it was sent, over its last bytes, for [`Delays`]. Pictures cannot be decoded any
    /// more; nobody between publisher and viewer looks at those bytes.
    pub(super) const fn new(
        wire: Arc<Wire>,
        clock_rate: u32,
        transport: Option<u8>,
        stamped: bool,
    ) -> Self {
        Self {
            wire,
            clock_rate,
            transport,
            stamped,
        }
    }

    fn seal(&self, mut packet: rtp::Packet) -> anyhow::Result<Option<(SocketAddr, Bytes)>> {
        let mut egress = self.wire.egress();
        let egress = &mut *egress;
        let Some((remote, keys)) = &mut egress.keys else {
            return Ok(None);
        };
        if let Some(id) = self.transport {
            let number = Bytes::copy_from_slice(&egress.transport_sequence.to_be_bytes());
            packet.header.set_extension(id, number)?;
            egress.transport_sequence = egress.transport_sequence.wrapping_add(1);
        }
        let header = &packet.header;
        let payload = packet.payload.len();
        let mut plain = BytesMut::from(&*packet.marshal()?);
        if self.stamped && payload >= STAMPED_FROM_BYTES {
            write_stamp(&mut plain)?;
        }
        let sealed = keys.encrypt_rtp_with_header(&plain, header)?.freeze();
        let now = Instant::now();
        let sent = egress.streams.entry(header.ssrc).or_insert_with(|| Sent {
            packets: 0,
            bytes: 0,
            clock_rate: self.clock_rate,
            last: (header.timestamp, now),
            kept: VecDeque::new(),
        });
        sent.packets = sent.packets.wrapping_add(1);
        sent.bytes = sent.bytes.wrapping_add(u32::try_from(payload)?);
        sent.last = (header.timestamp, now);
        if sent.kept.len() == KEPT_PACKETS {
            sent.kept.pop_front();
        }
        sent.kept
            .push_back((header.sequence_number, sealed.clone()));
        Ok(Some((*remote, sealed)))
    }
}

impl Outlet for ThinOutlet {
    async fn write(&self, packet: rtp::Packet) -> anyhow::Result<()> {
        let Some((remote, datagram)) = self.seal(packet)? else {
            return Ok(());
        };
        match self.wire.socket.try_send_to(&datagram, remote) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.wire.socket.send_to(&datagram, remote).await?;
                Ok(())
            }
            Err(error) if error.kind() != io::ErrorKind::ConnectionRefused => {
                Err(error).context("cannot send")
            }
            _ => Ok(()),
        }
    }
}

/// How long stamped packets were under way, of many peers together: from the publisher's call of `sendto` to the moment
/// at which the kernel put the packet into the viewer's socket. On one machine that is one clock, and no sleep of the
/// generator is in it.
#[derive(Clone)]
pub struct Delays(Arc<[AtomicU32]>);

/// One step of the histogram.
const STEP: Duration = Duration::from_micros(5);

/// What took longer counts as this long.
const LONGEST: Duration = Duration::from_millis(100);

impl Default for Delays {
    fn default() -> Self {
        let steps = LONGEST.as_micros() / STEP.as_micros();
        Self((0..=steps).map(|_| AtomicU32::new(0)).collect())
    }
}

impl Delays {
    /// Takes note of a payload that came at this moment since 1970, if it is stamped.
    pub(super) fn record(&self, came: Duration, payload: &[u8]) {
        let Some(stamp) = payload.last_chunk::<16>() else {
            return;
        };
        let Some(nanos) = stamp.strip_prefix(&STAMP) else {
            return;
        };
        let nanos = nanos.try_into().map_or(0, u64::from_be_bytes);
        let delay = came.saturating_sub(Duration::from_nanos(nanos));
        let step = usize::try_from(delay.as_nanos() / STEP.as_nanos()).unwrap_or(usize::MAX);
        self.0[step.min(self.0.len() - 1)].fetch_add(1, Ordering::Relaxed);
    }

    /// Forgets what was recorded.
    pub fn clear(&self) {
        for count in self.0.iter() {
            count.store(0, Ordering::Relaxed);
        }
    }

    /// How many packets were recorded.
    #[must_use]
    pub fn count(&self) -> u64 {
        let counts = self.0.iter().map(|count| count.load(Ordering::Relaxed));
        counts.map(u64::from).sum()
    }

    /// The delay that this share of the packets did not exceed; none when nothing was recorded.
    #[must_use]
    pub fn percentile(&self, share: f64) -> Option<Duration> {
        let all = self.count();
        let wanted = (all as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        let step = self.0.iter().position(|count| {
            seen += u64::from(count.load(Ordering::Relaxed));
            seen >= wanted
        })?;
        Some(STEP * u32::try_from(step + 1).ok()?)
    }
}

/// Delays of stamped datagrams that go from one socket to another on `bind` without a server between them, at the rate
/// of a lesson.
///
/// # Errors
/// When no socket can be bound, or more than one datagram does not come.
pub async fn bare_delays(bind: IpAddr, duration: Duration) -> anyhow::Result<Delays> {
    const BETWEEN: Duration = Duration::from_millis(5);
    let (from, to) = (Wire::bind(bind).await?, Wire::bind(bind).await?);
    let delays = Delays::default();
    let mut payload = vec![0; 1200];
    let until = Instant::now() + duration;
    let mut lost = false;
    while Instant::now() < until {
        write_stamp(&mut payload)?;
        from.send(to.local(), &payload)?;
        let Ok(ready) = tokio::time::timeout(Duration::from_secs(1), to.readable()).await else {
            ensure!(!lost, "datagrams to ourselves were lost");
            lost = true;
            continue;
        };
        ready?;
        to.receive(|_, came, datagram| {
            if let Some(came) = came {
                delays.record(came, datagram);
            }
            Ok(())
        })?;
        tokio::time::sleep(BETWEEN).await;
    }
    Ok(delays)
}

/// Overwrites the end of a payload with this moment.
fn write_stamp(payload: &mut [u8]) -> anyhow::Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let nanos = u64::try_from(now.as_nanos())?;
    let (_, stamp) = payload
        .split_last_chunk_mut::<16>()
        .context("no room for a stamp")?;
    stamp[..8].copy_from_slice(&STAMP);
    stamp[8..].copy_from_slice(&nanos.to_be_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_stamped_packets() {
        let delays = Delays::default();
        assert_eq!(delays.percentile(0.5), None);
        let sent = Duration::from_secs(1_000_000);
        let mut payload = vec![7; 100];
        payload[84..92].copy_from_slice(&STAMP);
        payload[92..].copy_from_slice(&(sent.as_nanos() as u64).to_be_bytes());
        for number in 1..=100 {
            delays.record(sent + Duration::from_micros(number * 10), &payload);
        }
        delays.record(sent + Duration::from_secs(5), &payload[..90]);
        assert_eq!(delays.count(), 100);
        assert_eq!(delays.percentile(0.5), Some(Duration::from_micros(505)));
        assert_eq!(delays.percentile(0.99), Some(Duration::from_micros(995)));
        delays.record(sent + Duration::from_secs(5), &payload);
        assert_eq!(delays.percentile(1.0), Some(LONGEST + STEP));
        delays.clear();
        assert_eq!(delays.count(), 0);
    }

    #[test]
    fn ntp_counts_from_1900() {
        let half_past = UNIX_EPOCH + Duration::from_millis(500);
        assert_eq!(ntp_of(half_past), 2_208_988_800 << 32 | 1 << 31);
    }
}
