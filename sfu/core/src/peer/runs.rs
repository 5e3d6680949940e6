//! Datagrams for one client that leave together: written into one buffer, handed to the kernel in one call.
//!
//! Packets are sealed straight into the buffer that is sent, and buffers are used again, so that a forwarded packet
//! allocates nothing.

use std::collections::VecDeque;
use std::net::SocketAddr;

use protocol::media::MediaPath;

/// Datagrams in one run; the kernel's `UDP_MAX_SEGMENTS`.
const MAX_DATAGRAMS: usize = 64;

/// Bytes in one run; the kernel refuses more than 64 KiB with headers.
const MAX_BYTES: usize = 60_000;

/// Empty buffers kept for the next runs: a shell takes and returns them one by one.
const SPARE_BUFFERS: usize = 16;

/// From where to where, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) path: MediaPath,
    pub(crate) source: SocketAddr,
    pub(crate) destination: SocketAddr,
}

/// Datagrams, or frames of a TCP connection, to send to one client: each is `segment` bytes long, the last may be
/// shorter. UDP takes them in one call (generic segmentation offload).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmit {
    /// How to send them.
    pub path: MediaPath,
    /// Our address to send them from.
    pub source: SocketAddr,
    /// The client's address.
    pub destination: SocketAddr,
    /// The length of each but the last, bytes; never zero.
    pub segment: usize,
    /// Their bytes, end to end; never empty. Give the buffer back with [`crate::Sfu::recycle`].
    pub payload: Vec<u8>,
}

impl Transmit {
    /// The datagrams, first to last.
    pub fn datagrams(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.payload.chunks(self.segment)
    }

    fn takes(&self, route: Route) -> bool {
        self.path == route.path
            && self.source == route.source
            && self.destination == route.destination
            && self.payload.len() < MAX_BYTES
            && self.payload.len() < MAX_DATAGRAMS * self.segment.max(1)
    }
}

/// Makes runs of the datagrams that are written.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    ready: VecDeque<Transmit>,
    /// The run that more may join.
    open: Option<Transmit>,
    /// How many of its bytes are whole datagrams. What lies behind them was left by a `write` that panicked.
    whole: usize,
    spare: Vec<Vec<u8>>,
}

impl Runs {
    /// Lets `write` append one datagram to a buffer and adds it to the run for `route`. `write` answers the number
    /// of bytes that it appended; `None`, or nothing appended, is no datagram. Returns whether there was one.
    pub(crate) fn write(
        &mut self,
        route: Route,
        write: impl FnOnce(&mut Vec<u8>) -> Option<usize>,
    ) -> bool {
        let run = match &mut self.open {
            Some(open) if open.takes(route) => open,
            _ => {
                self.close();
                let run = self.begin(route);
                self.open.insert(run)
            }
        };
        let start = self.whole;
        run.payload.truncate(start);
        let written = write(&mut run.payload).unwrap_or_default();
        if written == 0 {
            return false;
        }
        run.payload.truncate(start + written);
        if start == 0 {
            run.segment = written;
        }
        if written > run.segment {
            self.split(route, start);
        } else {
            self.whole = start + written;
            if written < run.segment {
                // Nothing can follow a shorter one.
                self.close();
            }
        }
        true
    }

    /// Begins the next run with what was written from `start` on: nothing can follow that is longer than the first.
    fn split(&mut self, route: Route, start: usize) {
        let mut next = self.begin(route);
        if let Some(run) = &self.open {
            next.payload.extend_from_slice(&run.payload[start..]);
        }
        self.close();
        next.segment = next.payload.len();
        self.whole = next.segment;
        self.open = Some(next);
    }

    fn begin(&mut self, route: Route) -> Transmit {
        let mut payload = self.spare.pop().unwrap_or_default();
        payload.clear();
        Transmit {
            path: route.path,
            source: route.source,
            destination: route.destination,
            segment: 0,
            payload,
        }
    }

    /// The next run that is complete.
    pub(crate) fn pop(&mut self) -> Option<Transmit> {
        self.ready.pop_front()
    }

    /// Ends the run that others could still have joined.
    pub(crate) fn close(&mut self) {
        let whole = std::mem::take(&mut self.whole);
        let Some(mut run) = self.open.take() else {
            return;
        };
        run.payload.truncate(whole);
        if run.payload.is_empty() {
            self.recycle(run.payload);
        } else {
            self.ready.push_back(run);
        }
    }

    /// Takes a buffer back.
    pub(crate) fn recycle(&mut self, buffer: Vec<u8>) {
        if self.spare.len() < SPARE_BUFFERS {
            self.spare.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(port: u16) -> Route {
        Route {
            path: MediaPath::Udp,
            source: ([127, 0, 0, 1], 1).into(),
            destination: ([127, 0, 0, 1], port).into(),
        }
    }

    fn write(runs: &mut Runs, to: u16, size: usize) {
        let written = runs.write(route(to), |buffer| {
            buffer.resize(buffer.len() + size, 7);
            Some(size)
        });
        assert_eq!(written, size > 0);
    }

    fn sizes(runs: &mut Runs) -> Vec<(u16, Vec<usize>)> {
        runs.close();
        std::iter::from_fn(|| runs.pop())
            .map(|run| {
                let sizes = run.datagrams().map(<[u8]>::len).collect();
                (run.destination.port(), sizes)
            })
            .collect()
    }

    #[test]
    fn equal_datagrams_and_one_shorter_leave_together() {
        let mut runs = Runs::default();
        for size in [1200, 1200, 1200, 300, 1200] {
            write(&mut runs, 1, size);
        }
        assert_eq!(
            sizes(&mut runs),
            [(1, vec![1200, 1200, 1200, 300]), (1, vec![1200])]
        );
    }

    #[test]
    fn longer_datagram_and_another_client_begin_a_new_run() {
        let mut runs = Runs::default();
        for (to, size) in [(1, 100), (1, 200), (2, 200), (2, 200), (1, 200)] {
            write(&mut runs, to, size);
        }
        assert_eq!(
            sizes(&mut runs),
            [
                (1, vec![100]),
                (1, vec![200]),
                (2, vec![200, 200]),
                (1, vec![200])
            ]
        );
    }

    #[test]
    fn run_stays_within_what_the_kernel_takes() {
        let mut runs = Runs::default();
        for _ in 0..200 {
            write(&mut runs, 1, 100);
        }
        for _ in 0..200 {
            write(&mut runs, 1, 1400);
        }
        for (_, run) in sizes(&mut runs) {
            assert!(run.len() <= 64);
            assert!(run.iter().sum::<usize>() <= 65_000);
        }
    }

    #[test]
    fn nothing_written_is_no_run() {
        let mut runs = Runs::default();
        write(&mut runs, 1, 0);
        assert!(sizes(&mut runs).is_empty());
        write(&mut runs, 1, 10);
        write(&mut runs, 1, 0);
        assert_eq!(sizes(&mut runs), [(1, vec![10])]);
    }
    #[test]
    fn writer_that_panics_leaves_nothing_half_written() {
        for before in [0, 100] {
            let mut runs = Runs::default();
            write(&mut runs, 1, before);
            let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                runs.write(route(1), |buffer| {
                    buffer.push(7);
                    panic!("a bug of the engine");
                })
            }));
            assert!(panicked.is_err());
            write(&mut runs, 1, 300);
            write(&mut runs, 2, 300);
            let whole = (before > 0).then(|| (1, vec![before]));
            let after = [(1, vec![300]), (2, vec![300])];
            let expected: Vec<_> = whole.into_iter().chain(after).collect();
            assert_eq!(sizes(&mut runs), expected);
        }
    }
}
