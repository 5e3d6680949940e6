//! Measurements of links, one per participant at a point and 10 s.

use protocol::client::LinkReport;
use protocol::{ParticipantId, PointId, UtcMicros};

use crate::platform::database::{StoreResult, Tx, Word, sql};

/// Stores a measurement. A second one of the same participant and microsecond is dropped.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    tx: &mut Tx,
    participant: ParticipantId,
    point: PointId,
    at: UtcMicros,
    report: &LinkReport,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "INSERT INTO link_sample (participant_id, at_us, point_id, rtt_ms, ingress_loss_percent, \
         egress_loss_percent, ingress_bps, egress_bps, estimate_bps, path) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (participant_id, at_us) DO NOTHING",
        participant,
        at,
        point,
        report.rtt_ms.map(f64::from),
        f64::from(report.ingress_loss_percent),
        f64::from(report.egress_loss_percent),
        report.ingress_bps.cast_signed(),
        report.egress_bps.cast_signed(),
        report.estimate_bps.map(u64::cast_signed),
        report.path.map(Word),
    )?;
    Ok(())
}
