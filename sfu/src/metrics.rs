//! Every Prometheus name of the SFU but those of its rooms (see `room_metrics`), with its help. Nothing is labelled by
//! participant.

use prometheus::{IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry};

/// The metrics of one node.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    pub(crate) packets_in: IntCounter,
    pub(crate) bytes_in: IntCounter,
    pub(crate) packets_out: IntCounter,
    pub(crate) bytes_out: IntCounter,
    pub(crate) forwarded: IntCounter,
    /// By `shard`.
    pub(crate) shard_forwarded: IntCounterVec,
    /// By `reason`.
    pub(crate) dropped: IntCounterVec,
    pub(crate) keyframe_requests: IntCounter,
    pub(crate) panics: IntCounter,
    /// By `reason`.
    pub(crate) ended: IntCounterVec,
    /// By `shard`.
    pub(crate) peers: IntGaugeVec,
    /// By `shard`.
    pub(crate) rooms: IntGaugeVec,
    /// By `shard`.
    pub(crate) estimate: IntGaugeVec,
    pub(crate) tcp_connections: IntGauge,
    /// By `reason`.
    pub(crate) tcp_refused: IntCounterVec,
}

impl Metrics {
    /// Makes the metrics and registers them.
    pub(crate) fn register(registry: &Registry) -> prometheus::Result<Self> {
        let counter = |name: &str, help: &str| -> prometheus::Result<IntCounter> {
            let counter = IntCounter::new(name, help)?;
            registry.register(Box::new(counter.clone()))?;
            Ok(counter)
        };
        let per_shard = |name: &str, help: &str| -> prometheus::Result<IntGaugeVec> {
            let gauges = IntGaugeVec::new(Opts::new(name, help), &["shard"])?;
            registry.register(Box::new(gauges.clone()))?;
            Ok(gauges)
        };
        let dropped = IntCounterVec::new(
            Opts::new("sfu_dropped_packets_total", "Packets not forwarded."),
            &["reason"],
        )?;
        registry.register(Box::new(dropped.clone()))?;
        let ended = IntCounterVec::new(
            Opts::new(
                "sfu_peers_ended_total",
                "Peers that ended without being told to, by what was wrong.",
            ),
            &["reason"],
        )?;
        registry.register(Box::new(ended.clone()))?;
        let shard_forwarded = IntCounterVec::new(
            Opts::new(
                "sfu_shard_forwarded_packets_total",
                "Media packets written for subscribers, by shard.",
            ),
            &["shard"],
        )?;
        registry.register(Box::new(shard_forwarded.clone()))?;
        let tcp_connections =
            IntGauge::new("sfu_tcp_connections", "Open media connections over TCP.")?;
        registry.register(Box::new(tcp_connections.clone()))?;
        let tcp_refused = IntCounterVec::new(
            Opts::new(
                "sfu_tcp_refused_total",
                "Media connections over TCP that were not taken, or closed because nothing sensible came.",
            ),
            &["reason"],
        )?;
        registry.register(Box::new(tcp_refused.clone()))?;
        Ok(Self {
            packets_in: counter("sfu_packets_in_total", "Datagrams and frames received.")?,
            bytes_in: counter("sfu_bytes_in_total", "Bytes received.")?,
            packets_out: counter("sfu_packets_out_total", "Datagrams and frames sent.")?,
            bytes_out: counter("sfu_bytes_out_total", "Bytes sent.")?,
            forwarded: counter(
                "sfu_forwarded_packets_total",
                "Media packets written for subscribers.",
            )?,
            keyframe_requests: counter(
                "sfu_keyframe_requests_total",
                "Keyframes asked of publishers.",
            )?,
            panics: counter(
                "sfu_peer_panics_total",
                "Peers that ended by a panic of their engine.",
            )?,
            peers: per_shard("sfu_peers", "Peers.")?,
            rooms: per_shard("sfu_rooms", "Rooms known, with or without peers.")?,
            estimate: per_shard(
                "sfu_estimate_mean_bps",
                "Mean of the downlink estimates, bits per second.",
            )?,
            ended,
            shard_forwarded,
            dropped,
            tcp_connections,
            tcp_refused,
        })
    }
}
