//! What the server uses, from `/proc` when it runs on this machine and from its metrics otherwise.

use anyhow::Context;

use crate::health::Usage;
use crate::server::{Metrics, Server};

/// Where to look.
#[derive(Debug, Clone)]
pub struct ServerWatch {
    server: Server,
    process: Option<u32>,
}

impl ServerWatch {
    /// Looks at the process with this id, or, when it is none, at the server's metrics. Those count whole seconds of
    /// CPU time only.
    #[must_use]
    pub const fn new(server: Server, process: Option<u32>) -> Self {
        Self { server, process }
    }

    /// CPU time and memory at this moment.
    ///
    /// # Errors
    /// When neither the process nor the metrics can be seen.
    pub async fn usage(&self) -> anyhow::Result<Usage> {
        if self.process.is_some() {
            return Usage::of(self.process);
        }
        let metrics = self.server.metrics().await?;
        usage_of(&metrics).context("the metrics do not tell CPU time and memory")
    }

    /// The value of a counter of the server; none when it is not to be seen.
    pub async fn counter(&self, name: &str) -> Option<f64> {
        self.server.metrics().await.ok()?.sum(name)
    }
}

fn usage_of(metrics: &Metrics) -> Option<Usage> {
    Some(Usage {
        cpu_seconds: metrics.sum("process_cpu_seconds_total")?,
        resident_bytes: metrics.sum("process_resident_memory_bytes")? as u64,
    })
}
