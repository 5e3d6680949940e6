//! How a client's link did, told now and then.

use std::time::{Duration, Instant};

use protocol::client::LinkReport;
use protocol::media::MediaPath;
use str0m::stats::PeerStats;

/// Gathers the engine's statistics into one report per interval.
#[derive(Debug)]
pub(super) struct LinkMeter {
    since: Instant,
    bytes_in: u64,
    bytes_out: u64,
    /// What the downlink was last estimated to carry, bits per second.
    pub(super) estimate_bps: Option<u64>,
    pending: Option<LinkReport>,
    /// Whether the losses of this interval came from transport feedback, which counts every packet.
    ingress_known: bool,
    egress_known: bool,
}

impl LinkMeter {
    pub(super) const fn new(now: Instant) -> Self {
        Self {
            since: now,
            bytes_in: 0,
            bytes_out: 0,
            estimate_bps: None,
            pending: None,
            ingress_known: false,
            egress_known: false,
        }
    }

    pub(super) fn on_peer_stats(&mut self, now: Instant, stats: &PeerStats) {
        let micros = now.saturating_duration_since(self.since).as_micros().max(1);
        let bps =
            |bytes: u64| u64::try_from(u128::from(bytes) * 8_000_000 / micros).unwrap_or(u64::MAX);
        self.ingress_known = stats.ingress_loss_fraction.is_some();
        self.egress_known = stats.egress_loss_fraction.is_some();
        self.pending = Some(LinkReport {
            rtt_ms: stats.rtt.map(|rtt| rtt.as_secs_f32() * 1000.0),
            ingress_loss_percent: stats.ingress_loss_fraction.unwrap_or_default() * 100.0,
            egress_loss_percent: stats.egress_loss_fraction.unwrap_or_default() * 100.0,
            ingress_bps: bps(stats.peer_bytes_rx.saturating_sub(self.bytes_in)),
            egress_bps: bps(stats.peer_bytes_tx.saturating_sub(self.bytes_out)),
            estimate_bps: self.estimate_bps,
            path: None,
        });
        self.since = now;
        self.bytes_in = stats.peer_bytes_rx;
        self.bytes_out = stats.peer_bytes_tx;
    }

    pub(super) fn on_egress(&mut self, loss: Option<f32>, rtt: Option<Duration>) {
        let known = self.egress_known;
        if let Some(report) = &mut self.pending {
            report.rtt_ms = report
                .rtt_ms
                .or_else(|| rtt.map(|rtt| rtt.as_secs_f32() * 1000.0));
            if let Some(loss) = loss.filter(|_| !known) {
                report.egress_loss_percent = report.egress_loss_percent.max(loss * 100.0);
            }
        }
    }

    pub(super) fn on_ingress(&mut self, loss: Option<f32>) {
        let known = self.ingress_known;
        if let (Some(report), Some(loss)) = (&mut self.pending, loss.filter(|_| !known)) {
            report.ingress_loss_percent = report.ingress_loss_percent.max(loss * 100.0);
        }
    }

    pub(super) fn take_report(&mut self, path: MediaPath) -> Option<LinkReport> {
        let mut report = self.pending.take()?;
        report.path = Some(path);
        Some(report)
    }
}
