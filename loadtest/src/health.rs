//! Watches the generator itself, the machine and the server, so that a slow generator is not taken for a slow server.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use serde::{Deserialize, Serialize};

/// Ticks of `/proc/…/stat` in a second: fixed at 100 in the interface between Linux and programs.
const CLOCK_TICKS: f64 = 100.0;

/// A participant that acts this late was not scheduled in time.
const LATE: Duration = Duration::from_millis(40);

/// More late acts than this share and the media no longer had their shape when they left.
const MOST_LATE: f64 = 0.01;

/// How late participants did what was due, in all tasks together.
#[derive(Debug, Clone, Default)]
pub struct Lateness(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    acts: AtomicU64,
    late: AtomicU64,
    worst_us: AtomicU64,
}

impl Lateness {
    /// Something that was due was done this much later.
    pub fn record(&self, by: Duration) {
        self.0.acts.fetch_add(1, Ordering::Relaxed);
        if by > LATE {
            self.0.late.fetch_add(1, Ordering::Relaxed);
        }
        let by_us = u64::try_from(by.as_micros()).unwrap_or(u64::MAX);
        self.0.worst_us.fetch_max(by_us, Ordering::Relaxed);
    }

    /// The share of acts that were late, 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        let acts = self.0.acts.load(Ordering::Relaxed);
        self.0.late.load(Ordering::Relaxed) as f64 / acts.max(1) as f64
    }

    /// The latest act.
    #[must_use]
    pub fn worst(&self) -> Duration {
        Duration::from_micros(self.0.worst_us.load(Ordering::Relaxed))
    }

    /// Forgets what was recorded, for example while participants were still joining.
    pub fn clear(&self) {
        for counter in [&self.0.acts, &self.0.late, &self.0.worst_us] {
            counter.store(0, Ordering::Relaxed);
        }
    }

    /// Ticks for ever and records how late each tick was. A generator that only receives has no other pulse.
    pub async fn watch(self) {
        const PERIOD: Duration = Duration::from_millis(10);
        let mut due = tokio::time::Instant::now() + PERIOD;
        loop {
            tokio::time::sleep_until(due).await;
            let now = tokio::time::Instant::now();
            self.record(now.duration_since(due));
            due = now + PERIOD;
        }
    }
}

/// CPU time and memory of one process at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Usage {
    /// User and system time since the process began, in seconds.
    pub cpu_seconds: f64,
    /// Resident memory, in bytes.
    pub resident_bytes: u64,
}

impl Usage {
    /// Reads `/proc` for the process with this id, or for this process when it is none.
    ///
    /// # Errors
    /// When there is no such process, or no `/proc`.
    pub fn of(process: Option<u32>) -> anyhow::Result<Self> {
        let folder = process.map_or("/proc/self".to_owned(), |id| format!("/proc/{id}"));
        let read = |file: &str| {
            let path = Path::new(&folder).join(file);
            std::fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))
        };
        let stat = read("stat")?;
        let status = read("status")?;
        Self::parse(&stat, &status).ok_or_else(|| anyhow!("cannot understand {folder}"))
    }

    fn parse(stat: &str, status: &str) -> Option<Self> {
        // The name of the process may hold blanks and parentheses; the last one closes it.
        let (_, fields) = stat.rsplit_once(')')?;
        let mut fields = fields.split_ascii_whitespace().skip(11);
        let user: f64 = fields.next()?.parse().ok()?;
        let system: f64 = fields.next()?.parse().ok()?;
        let resident = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?
            .trim()
            .strip_suffix(" kB")?;
        Some(Self {
            cpu_seconds: (user + system) / CLOCK_TICKS,
            resident_bytes: resident.parse::<u64>().ok()? * 1024,
        })
    }
}

/// Datagrams that the kernel dropped because a UDP socket of this process was not read in time. Only sockets that are
/// open at this moment are counted.
#[must_use]
pub fn dropped_datagrams() -> u64 {
    let own = own_sockets();
    ["/proc/self/net/udp", "/proc/self/net/udp6"]
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .map(|table| count_drops(&table, &own))
        .sum()
}

/// The inodes of the sockets of this process.
fn own_sockets() -> HashSet<String> {
    let Ok(descriptors) = std::fs::read_dir("/proc/self/fd") else {
        return HashSet::new();
    };
    descriptors
        .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
        .filter_map(|target| {
            let target = target.to_str()?;
            Some(
                target
                    .strip_prefix("socket:[")?
                    .strip_suffix(']')?
                    .to_owned(),
            )
        })
        .collect()
}

/// Sums the last column of a socket table over the sockets with these inodes, the tenth column.
fn count_drops(table: &str, inodes: &HashSet<String>) -> u64 {
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_ascii_whitespace().collect();
            let drops: u64 = fields.last()?.parse().ok()?;
            inodes.contains(*fields.get(9)?).then_some(drops)
        })
        .sum()
}

/// Idle and total time of all processors together since boot, in ticks.
fn processor_ticks() -> Option<(u64, u64)> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    let ticks: Vec<u64> = stat
        .lines()
        .next()?
        .split_ascii_whitespace()
        .skip(1)
        .filter_map(|ticks| ticks.parse().ok())
        .collect();
    // User, nice, system, idle, waiting for disks, …
    Some((ticks.get(3)? + ticks.get(4)?, ticks.iter().sum()))
}

/// What the generator was like during a measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// Own CPU time per second.
    pub cpu: f64,
    /// How much of all processors was in use, by anybody, 0 to 1.
    pub machine_load: f64,
    /// The share of acts that were more than 40 ms late.
    pub late_share: f64,
    /// The latest act, in milliseconds.
    pub worst_late_ms: u64,
    /// Datagrams that arrived and that the generator did not read in time.
    pub dropped_datagrams: u64,
}

impl Health {
    /// Of this measurement, which has this share of the time of both, and another: the mean of their
    /// CPU time, the worst of what would refuse them.
    #[must_use]
    pub fn joined(&self, share: f64, other: &Self) -> Self {
        let mean = |own: f64, others: f64| own * share + others * (1.0 - share);
        Self {
            cpu: mean(self.cpu, other.cpu),
            machine_load: mean(self.machine_load, other.machine_load),
            late_share: self.late_share.max(other.late_share),
            worst_late_ms: self.worst_late_ms.max(other.worst_late_ms),
            dropped_datagrams: self.dropped_datagrams + other.dropped_datagrams,
        }
    }

    /// Why the result must not be believed; none when it may.
    #[must_use]
    pub fn bottleneck(&self) -> Option<String> {
        if self.dropped_datagrams > 0 {
            let dropped = self.dropped_datagrams;
            return Some(format!(
                "it did not read {dropped} datagrams in time, which look like loss of the server"
            ));
        }
        if self.late_share > MOST_LATE {
            return Some(format!(
                "{:.1} % of its acts were more than {} ms late, the worst {} ms",
                self.late_share * 100.0,
                LATE.as_millis(),
                self.worst_late_ms
            ));
        }
        None
    }
}

/// Watches from one moment to another.
#[derive(Debug)]
pub struct HealthWatch {
    started: Instant,
    usage: Option<Usage>,
    ticks: Option<(u64, u64)>,
    dropped: u64,
    lateness: Lateness,
}

impl HealthWatch {
    /// Begins.
    #[must_use]
    pub fn start(lateness: &Lateness) -> Self {
        lateness.clear();
        Self {
            started: Instant::now(),
            usage: Usage::of(None).ok(),
            ticks: processor_ticks(),
            dropped: dropped_datagrams(),
            lateness: lateness.clone(),
        }
    }

    /// Ends; the sockets that were watched are open still.
    #[must_use]
    pub fn finish(&self) -> Health {
        let elapsed = self.started.elapsed().as_secs_f64();
        let cpu = match (self.usage, Usage::of(None).ok()) {
            (Some(before), Some(after)) => (after.cpu_seconds - before.cpu_seconds) / elapsed,
            _ => 0.0,
        };
        let machine_load = match (self.ticks, processor_ticks()) {
            (Some((idle_before, before)), Some((idle_after, after))) if after > before => {
                1.0 - (idle_after - idle_before) as f64 / (after - before) as f64
            }
            _ => 0.0,
        };
        Health {
            cpu,
            machine_load,
            late_share: self.lateness.share(),
            worst_late_ms: u64::try_from(self.lateness.worst().as_millis()).unwrap_or(u64::MAX),
            dropped_datagrams: dropped_datagrams().saturating_sub(self.dropped),
        }
    }
}

/// The machine in a few words for a report: processors and model.
#[must_use]
pub fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    // All of them, also those that this process may not use.
    let processors = info
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor", |rest| {
            rest.trim_start_matches([' ', '\t', ':'])
        });
    format!("{processors} × {model}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_usage_is_read() {
        let usage = Usage::of(None).unwrap();
        assert!(usage.resident_bytes > 100_000);
        assert!(Usage::of(Some(u32::MAX)).is_err());
    }

    #[test]
    fn a_process_name_may_hold_blanks_and_parentheses() {
        let stat = "12 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0";
        let usage = Usage::parse(stat, "Name:\tx\nVmRSS:\t    2048 kB\n").unwrap();
        assert_eq!(usage.cpu_seconds, 3.0);
        assert_eq!(usage.resident_bytes, 2048 * 1024);
    }

    #[test]
    fn only_own_sockets_are_counted() {
        let table = "  sl  local_address rem_address   st … inode ref pointer drops\n\
            1: 0100007F:1F90 00000000:0000 07 0:0 00:0 0 0 0 111 2 0 5\n\
            2: 0100007F:1F91 00000000:0000 07 0:0 00:0 0 0 0 222 2 0 7\n";
        assert_eq!(count_drops(table, &HashSet::from(["222".to_owned()])), 7);
        assert_eq!(count_drops(table, &HashSet::new()), 0);

        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        assert!(!own_sockets().is_empty());
        let deaf = socket.local_addr().unwrap();
        let before = dropped_datagrams();
        let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        for _ in 0..5000 {
            sender.send_to(&[0; 1000], deaf).unwrap();
        }
        assert!(dropped_datagrams() > before, "the socket was never read");
    }

    #[test]
    fn a_generator_that_was_late_or_deaf_says_so() {
        let well = Health {
            cpu: 0.3,
            machine_load: 0.5,
            late_share: 0.001,
            worst_late_ms: 60,
            dropped_datagrams: 0,
        };
        assert_eq!(well.bottleneck(), None);
        let late = Health {
            late_share: 0.2,
            ..well.clone()
        };
        assert!(late.bottleneck().unwrap().contains("20.0 %"));
        let deaf = Health {
            dropped_datagrams: 3,
            ..well
        };
        assert!(deaf.bottleneck().unwrap().contains("3 datagrams"));
    }
}
