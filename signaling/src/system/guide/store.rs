//! How much there is of what the guide is about.

use office_core::guide::Facts;
use protocol::Day;

use crate::platform::database::{Conn, StoreResult, sql};

/// Counts it, on a day.
///
/// # Errors
/// When the database fails.
pub(super) async fn facts(conn: &mut Conn, today: &Day) -> StoreResult<Facts> {
    let (units, points, people, accounts, calls) = sql!(
        one(i64, i64, i64, i64, i64),
        conn,
        "SELECT (SELECT COUNT(*) FROM org_unit_version WHERE valid_from <= $1 AND (valid_to IS NULL OR valid_to >= $1)),
                (SELECT COUNT(*) FROM bridge_point WHERE state = 'active'),
                (SELECT COUNT(*) FROM person),
                (SELECT COUNT(*) FROM account WHERE disabled_at_us IS NULL),
                -- One is enough to know: a province has thousands.
                (SELECT COUNT(*) FROM (SELECT 1 AS found FROM participant p JOIN participant q ON q.session_id = p.session_id
                                       WHERE q.id <> p.id LIMIT 1) calls)",
        today
    )?;
    Ok(Facts {
        units,
        points,
        people,
        accounts,
        calls,
    })
}
