//! What the board and the histories of points read.

use protocol::api::{LinkSample, PointStep};
use protocol::client::LinkReport;
use protocol::media::MediaPath;
use protocol::{PointId, UtcMicros};
use sqlx::FromRow;

use crate::platform::database::{Conn, StoreResult, Tx, Word, sql};

/// Deletes measurements before `before`, at most `limit`. How many they were.
///
/// # Errors
/// When the database fails.
pub async fn delete_samples_before(tx: &mut Tx, before: UtcMicros, limit: i64) -> StoreResult<u64> {
    sql!(
        execute,
        tx,
        "DELETE FROM link_sample WHERE (participant_id, at_us) IN
             (SELECT participant_id, at_us FROM link_sample WHERE at_us < $1 LIMIT $2)",
        before,
        limit,
    )
}

#[derive(FromRow)]
struct SampleRow {
    at_us: UtcMicros,
    rtt_ms: Option<f64>,
    ingress_loss_percent: f64,
    egress_loss_percent: f64,
    ingress_bps: i64,
    egress_bps: i64,
    estimate_bps: Option<i64>,
    path: Option<Word<MediaPath>>,
}

/// The newest `limit` measurements of a point's link in `from..to`, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn samples_of_point(
    conn: &mut Conn,
    point: PointId,
    from: UtcMicros,
    to: UtcMicros,
    limit: i64,
) -> StoreResult<Vec<LinkSample>> {
    let rows = sql!(
        all SampleRow, conn,
        "SELECT at_us, rtt_ms, ingress_loss_percent, egress_loss_percent, ingress_bps, egress_bps, estimate_bps, path
         FROM link_sample WHERE point_id = $1 AND at_us >= $2 AND at_us < $3
         ORDER BY at_us DESC LIMIT $4",
        point, from, to, limit
    )?;
    Ok(rows
        .into_iter()
        .rev()
        .map(|row| LinkSample {
            at_us: row.at_us,
            link: LinkReport {
                rtt_ms: row.rtt_ms.map(narrow),
                ingress_loss_percent: narrow(row.ingress_loss_percent),
                egress_loss_percent: narrow(row.egress_loss_percent),
                ingress_bps: bps(row.ingress_bps),
                egress_bps: bps(row.egress_bps),
                estimate_bps: row.estimate_bps.and_then(|bps| u64::try_from(bps).ok()),
                path: row.path.map(|Word(path)| path),
            },
        })
        .collect())
}

#[derive(FromRow)]
struct StepRow {
    step: i64,
    loss_percent: f64,
    rtt_ms: Option<f64>,
    ingress_bps: i64,
    egress_bps: i64,
}

/// The worst measurements of a point's link in each step of `step_us` from `from` on, oldest first.
///
/// # Errors
/// When the database fails.
pub(crate) async fn steps_of_point(
    conn: &mut Conn,
    point: PointId,
    from: UtcMicros,
    to: UtcMicros,
    step_us: i64,
) -> StoreResult<Vec<PointStep>> {
    let rows = sql!(
        all StepRow, conn,
        "SELECT (at_us - $2) / $4 AS step,
                MAX(CASE WHEN ingress_loss_percent > egress_loss_percent THEN ingress_loss_percent
                    ELSE egress_loss_percent END) AS loss_percent,
                MAX(rtt_ms) AS rtt_ms, CAST(AVG(ingress_bps) AS BIGINT) AS ingress_bps,
                CAST(AVG(egress_bps) AS BIGINT) AS egress_bps
         FROM link_sample WHERE point_id = $1 AND at_us >= $2 AND at_us < $3
         GROUP BY (at_us - $2) / $4
         ORDER BY step",
        point, from, to, step_us
    )?;
    Ok(rows
        .into_iter()
        .map(|row| PointStep {
            at_us: from.plus_us(row.step.saturating_mul(step_us)),
            loss_percent: narrow(row.loss_percent),
            rtt_ms: row.rtt_ms.map(narrow),
            ingress_bps: bps(row.ingress_bps),
            egress_bps: bps(row.egress_bps),
        })
        .collect())
}

/// What was an `f32` when it was stored.
#[expect(
    clippy::cast_possible_truncation,
    reason = "it was an f32 when it came"
)]
const fn narrow(value: f64) -> f32 {
    value as f32
}

/// A rate, which no database stores as negative unless somebody else wrote it.
fn bps(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or(0)
}
