//! Every night at the hour of the settings, and as soon as the server runs again when it did not run then.

use std::time::Duration;

use prometheus::{IntGauge, Opts};
use protocol::UtcMicros;
use tokio_util::sync::CancellationToken;

use super::history;
use super::work::{Backup, Whole};
use crate::AppState;
use crate::jobs::ask_once;
use crate::platform::clock::{day, days, hours, start_of};

/// How often it is looked at the clock.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// When the last night's copy was due, and when the next is.
pub(super) fn due(now: UtcMicros, hour: u8) -> (UtcMicros, UtcMicros) {
    let today = start_of(&day(now))
        .unwrap_or(now)
        .plus(hours(u32::from(hour)));
    if today <= now {
        (today, today.plus(days(1)))
    } else {
        (today.minus(days(1)), today)
    }
}

/// What `/metrics` tells of copies.
struct Gauges {
    last_good: IntGauge,
    failing: IntGauge,
}

impl Gauges {
    fn new(state: &AppState) -> prometheus::Result<Self> {
        let gauge = |name: &str, help: &str| -> prometheus::Result<IntGauge> {
            let gauge = IntGauge::with_opts(Opts::new(name, help))?;
            state.metrics.registry().register(Box::new(gauge.clone()))?;
            Ok(gauge)
        };
        Ok(Self {
            last_good: gauge(
                "diemcau_backup_last_good_timestamp_seconds",
                "When the newest good backup was begun; 0 when there is none.",
            )?,
            failing: gauge(
                "diemcau_backup_failing",
                "1 when the last backup failed, else 0.",
            )?,
        })
    }
}

/// Asks for copies when they are due, and keeps the figures, until `shutdown`.
pub(crate) async fn run(state: AppState, shutdown: CancellationToken) {
    let gauges = match Gauges::new(&state) {
        Ok(gauges) => gauges,
        Err(error) => {
            tracing::error!(%error, "the metrics of backups cannot be registered");
            return;
        }
    };
    loop {
        if let Err(error) = look(&state, &gauges).await {
            tracing::error!(%error, "it cannot be seen whether a backup is due");
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

async fn look(state: &AppState, gauges: &Gauges) -> anyhow::Result<()> {
    let runs = history::read(&state.data_dir).unwrap_or_default();
    let good = history::last_good(&runs).map_or(0, |run| run.begun_at_us.0 / 1_000_000);
    gauges.last_good.set(good);
    let failing = runs.first().is_some_and(|run| run.failure.is_some());
    gauges.failing.set(i64::from(failing));
    let settings = &state.config.backup;
    if settings.folder.is_none() {
        return Ok(());
    }
    let (last, _) = due(state.clock.now(), settings.hour);
    let was_tried = runs.first().is_some_and(|run| run.begun_at_us >= last);
    if !was_tried {
        ask_once::<Backup>(state, &Whole {}).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Day;

    #[test]
    fn copy_is_due_once_a_night_by_the_clock_of_viet_nam() {
        let midnight = start_of(&Day("2026-11-17".to_owned())).unwrap();
        let two = midnight.plus(hours(2));
        assert_eq!(due(two, 2), (two, two.plus(days(1))));
        assert_eq!(due(two.plus_us(-1), 2), (two.minus(days(1)), two));
        assert_eq!(due(midnight, 0), (midnight, midnight.plus(days(1))));
    }
}
