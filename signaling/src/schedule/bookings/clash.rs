//! Whether points are free for a session, and what is offered when they are not.

use axum::http::StatusCode;
use office_core::booking::{DAYS_AROUND, offers};
use protocol::api::ProblemCode;
use protocol::{PointId, SessionId, UtcMicros};

use super::store::{self, Conflict};
use crate::platform::clock::days;
use crate::platform::database::Conn;
use crate::platform::error::{ApiError, ApiResult};

/// How many points in the way are named beside the first.
const NAMED: usize = 4;

/// A point that is to be booked: its id and name.
pub(crate) type Wanted = (PointId, String);

/// Lets `points` be booked for a time at which each of them, and each of its dual-use rooms, is free or has been booked by
/// `own`. The caller holds [`store::lock`] until it has booked them.
///
/// # Errors
/// `booking_conflict`: `params` name what is in the way (`point`, `room`, `code`, `title`, `starts_at_us`, `ends_at_us`), up
/// to four more points as `also_1_point`, …, and up to three times at which all the points are free as `free_1_us`, ….
pub(crate) async fn check_free(
    conn: &mut Conn,
    points: &[Wanted],
    time: (UtcMicros, UtcMicros),
    own: Option<SessionId>,
    now: UtcMicros,
) -> ApiResult<()> {
    let mut in_the_way = Vec::new();
    for (id, name) in points {
        if let Some(conflict) = store::conflict(conn, *id, time, own).await? {
            in_the_way.push((name, conflict));
        }
    }
    let Some((first, others)) = in_the_way.split_first() else {
        return Ok(());
    };
    let mut refusal = name(
        "",
        ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::BookingConflict,
            "a bridge point or its room is taken by another session",
        ),
        first,
    );
    for (number, one) in (1..).zip(others.iter().take(NAMED)) {
        refusal = name(&format!("also_{number}_"), refusal, one);
    }
    let around = days(DAYS_AROUND + 1);
    let mut taken = Vec::new();
    for (id, _) in points {
        let span = (time.0.minus(around), time.0.plus(around));
        taken.extend(store::taken(conn, *id, span, own).await?);
    }
    for (number, at) in (1..).zip(offers(time, &taken, now)) {
        refusal = refusal.with(&format!("free_{number}_us"), at.0);
    }
    Err(refusal)
}

fn name(prefix: &str, refusal: ApiError, (point, conflict): &(&String, Conflict)) -> ApiError {
    let said = refusal
        .with(&format!("{prefix}point"), point)
        .with(&format!("{prefix}title"), &conflict.title)
        .with(&format!("{prefix}code"), &conflict.code)
        .with(&format!("{prefix}starts_at_us"), conflict.from.0)
        .with(&format!("{prefix}ends_at_us"), conflict.to.0);
    match &conflict.room {
        Some(room) => said.with(&format!("{prefix}room"), room),
        None => said,
    }
}
