//! What the server counts, for Prometheus.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use prometheus::{Encoder as _, IntCounterVec, IntGauge, Opts, Registry, TextEncoder};
use protocol::api::ProblemCode;

use crate::AppState;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::http::caller::ClientAddress;

/// The counters of this service, and the registries whose counters are told with them.
#[derive(Debug, Clone)]
pub struct ServerMetrics {
    registries: Arc<[Registry]>,
    allowed: Arc<HashSet<IpAddr>>,
    responses: IntCounterVec,
    sign_ins: IntCounterVec,
    jobs: IntCounterVec,
    unsaved: IntGauge,
    saving: IntGauge,
}

impl ServerMetrics {
    /// Counters of this service, told together with those of `others`. `allowed` may read them, and loopback.
    ///
    /// # Errors
    /// When a name is taken twice.
    pub fn new(others: Vec<Registry>, allowed: HashSet<IpAddr>) -> prometheus::Result<Self> {
        let registry = Registry::new();
        let counter = |name: &str, help: &str, label: &str| -> prometheus::Result<IntCounterVec> {
            let counter = IntCounterVec::new(Opts::new(name, help), &[label])?;
            registry.register(Box::new(counter.clone()))?;
            Ok(counter)
        };
        let responses = counter(
            "diemcau_http_responses_total",
            "Answers to HTTP requests, by class of status.",
            "class",
        )?;
        let sign_ins = counter(
            "diemcau_sign_ins_total",
            "Attempts to sign in with a password, by outcome.",
            "outcome",
        )?;
        let jobs = counter(
            "diemcau_jobs_total",
            "Jobs that ended, by outcome.",
            "outcome",
        )?;
        let gauge = |name: &str, help: &str| -> prometheus::Result<IntGauge> {
            let gauge = IntGauge::new(name, help)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok(gauge)
        };
        let unsaved = gauge(
            "diemcau_journal_unsaved_bytes",
            "What rooms did and the database has not taken yet.",
        )?;
        let saving = gauge(
            "diemcau_journal_saving",
            "Whether the database takes writes: 1, or 0 while they are kept in memory.",
        )?;
        registry.register(Box::new(
            prometheus::process_collector::ProcessCollector::for_self(),
        ))?;
        Ok(Self {
            registries: std::iter::once(registry).chain(others).collect(),
            allowed: Arc::new(allowed),
            responses,
            sign_ins,
            jobs,
            unsaved,
            saving,
        })
    }

    /// The registry of this service, for counters of its other parts.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        self.registries
            .first()
            .expect("the first registry is this service's own")
    }

    pub(crate) fn count_response(&self, status: StatusCode) {
        let class = match status.as_u16() {
            100..200 => "1xx",
            200..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            _ => "5xx",
        };
        self.responses.with_label_values(&[class]).inc();
    }

    pub(crate) fn count_sign_in(&self, outcome: &str) {
        self.sign_ins.with_label_values(&[outcome]).inc();
    }

    pub(crate) fn count_job(&self, outcome: &str) {
        self.jobs.with_label_values(&[outcome]).inc();
    }

    fn may_read(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.allowed.contains(&address)
    }
}

/// The counters as text, for loopback, the server's own addresses and those that the configuration allows.
pub(crate) async fn metrics(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
) -> ApiResult<Response> {
    if !state.metrics.may_read(address) {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            ProblemCode::NotAllowed,
            "add this address to metrics.allow to read the metrics",
        ));
    }
    let unsaved = i64::try_from(state.rooms.unsaved_bytes()).unwrap_or(i64::MAX);
    state.metrics.unsaved.set(unsaved);
    let saving = state.rooms.journal_health().trouble.is_none();
    state.metrics.saving.set(i64::from(saving));
    let families: Vec<_> = state
        .metrics
        .registries
        .iter()
        .flat_map(Registry::gather)
        .collect();
    let mut text = Vec::new();
    let encoder = TextEncoder::new();
    encoder
        .encode(&families, &mut text)
        .map_err(ApiError::internal)?;
    Ok((
        [(header::CONTENT_TYPE, encoder.format_type().to_owned())],
        text,
    )
        .into_response())
}

/// The addresses of this machine's interfaces, as the kernel lists them; none where it does not.
#[must_use]
pub fn own_addresses() -> HashSet<IpAddr> {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    ipv4_addresses(&read("/proc/net/fib_trie"))
        .chain(ipv6_addresses(&read("/proc/net/if_inet6")))
        .collect()
}

/// In the routing trie, a local address is the line before `/32 host LOCAL`.
fn ipv4_addresses(trie: &str) -> impl Iterator<Item = IpAddr> {
    trie.lines()
        .zip(trie.lines().skip(1))
        .filter(|(_, next)| next.contains("/32 host LOCAL"))
        .filter_map(|(line, _)| line.split_whitespace().next_back()?.parse().ok())
}

/// Each line begins with the address as 32 hexadecimal digits.
fn ipv6_addresses(table: &str) -> impl Iterator<Item = IpAddr> {
    table.lines().filter_map(|line| {
        let digits = line.split_whitespace().next()?;
        let bytes: [u8; 16] = hex::decode(digits).ok()?.try_into().ok()?;
        Some(IpAddr::from(bytes))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_addresses_are_read_from_the_kernel_tables() {
        let trie = "        +-- 10.0.0.0/24 2 0 2\n           |-- 10.0.0.0\n              /24 link UNICAST\n           \
                    |-- 10.0.0.5\n              /32 host LOCAL\n";
        assert_eq!(
            ipv4_addresses(trie).collect::<Vec<_>>(),
            [IpAddr::from([10, 0, 0, 5])]
        );
        let table = "00000000000000000000000000000001 01 80 10 80       lo\n";
        assert_eq!(
            ipv6_addresses(table).collect::<Vec<_>>(),
            ["::1".parse::<IpAddr>().unwrap()]
        );
    }

    #[test]
    fn strangers_may_not_read() {
        let own = IpAddr::from([10, 0, 0, 5]);
        let metrics = ServerMetrics::new(Vec::new(), HashSet::from([own])).unwrap();
        assert!(metrics.may_read(own));
        assert!(metrics.may_read(IpAddr::from([127, 0, 0, 1])));
        assert!(!metrics.may_read(IpAddr::from([10, 0, 0, 6])));
    }
}
