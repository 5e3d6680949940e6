//! The board that watches bridge points.

use axum::Json;
use axum::extract::State;
use office_core::org::Tree;
use office_core::rights::{OpenMonitor, PointFacts, WatchPoint};
use protocol::UtcMicros;
use protocol::api::{
    LinkSample, MediaExplanation, Page, PointHistory, PointState, PointStatus, ProblemCode,
};
use protocol::client::LinkReport;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;

use super::history::{Stay, spans};
use super::store;
use crate::AppState;
use crate::access::{Asking, Subject, routes_asking};
use crate::live::{journal, participants};
use crate::org::points::{self, Point};
use crate::platform::clock::{day, days};
use crate::platform::database::Conn;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::{Path, Query, time};
use crate::schedule::sessions;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(status))
        .routes(routes_asking!(samples))
        .routes(routes_asking!(history))
        .routes(routes_asking!(media))
}

/// The most measurements one answer holds: 24 hours of one in 10 s.
const MAX_SAMPLES: i64 = 8_640;

/// Into how many steps a history is divided, about: as many as a screen has places for.
const HISTORY_STEPS: i64 = 720;
/// Measurements come every 10 s, so a shorter step would be empty.
const SAMPLE_EVERY_US: i64 = 10_000_000;
/// The longest history: what is kept, and some.
const MAX_HISTORY_DAYS: u32 = 32;

/// How every bridge point of the caller's units does, in seat order.
#[utoipa::path(
    get, path = "/bridge-points/status", tag = "bridge point",
    responses((status = 200, body = Page<PointStatus>), (status = 401), (status = 403))
)]
async fn status(
    State(state): State<AppState>,
    asking: Asking<OpenMonitor>,
) -> ApiResult<Json<Page<PointStatus>>> {
    asking.about(())?;
    let now = state.clock.now();
    let live = state.rooms.points();
    let mut conn = state.store.read().await?;
    let tree = state.tree(&mut conn).await?;
    let open = sessions::open(&mut conn).await?;
    let session_of = |id| open.iter().find(|session| session.id == id);
    let mut items = Vec::new();
    for point in points::all(&mut conn, &day(now)).await? {
        // What nobody hosts is nobody's to watch.
        let Some(host) = point.host_unit_id else {
            continue;
        };
        if !asking.actor.may::<WatchPoint>(&facts_of(&tree, &point)) {
            continue;
        }
        // A point may be in two rooms while it moves from one to the other: the connected one counts.
        let here = live
            .iter()
            .filter(|live| live.bridge_point == point.id)
            .max_by_key(|live| live.connected);
        items.push(PointStatus {
            point: point.name(),
            main: point.is_main(),
            unit: tree.name(host),
            state: here.map_or(PointState::Idle, |here| {
                state_of(here.connected, here.link.as_ref())
            }),
            session: here.and_then(|here| Some(session_of(here.session)?.code.0.clone())),
            last_seen_us: match here {
                Some(here) if here.connected => Some(now),
                _ => point.last_seen,
            },
            link: here.and_then(|here| here.link),
        });
    }
    Ok(Json(Page { items, next: None }))
}

fn facts_of(tree: &Tree, point: &Point) -> PointFacts {
    PointFacts {
        host: tree.lineage_of_host(point.host_unit_id),
        own: false,
    }
}

/// How a point in a session does.
fn state_of(connected: bool, link: Option<&LinkReport>) -> PointState {
    if !connected {
        return PointState::Lost;
    }
    let weak = link.is_some_and(LinkReport::is_weak);
    if weak {
        PointState::Weak
    } else {
        PointState::Good
    }
}

/// From when to when.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Span {
    /// From this time on; the last 24 hours when absent.
    from: Option<i64>,
    /// Before this time; now when absent.
    to: Option<i64>,
}

impl Span {
    /// From when to when: up to `latest` where no end is named, from a day before the end where no begin is.
    fn or_last_day(&self, latest: UtcMicros) -> ApiResult<(UtcMicros, UtcMicros)> {
        let to = self.to.map(|to| time("to", to)).transpose()?;
        let to = to.unwrap_or(latest);
        let from = self.from.map(|from| time("from", from)).transpose()?;
        Ok((from.unwrap_or(to.minus(days(1))), to))
    }
}

/// The measurements of a point's link, oldest first; at most 8,640, the newest of the span.
#[utoipa::path(
    get, path = "/bridge-points/{code}/samples", tag = "bridge point",
    params(("code" = String, Path, description = "Code of the bridge point."), Span),
    responses((status = 200, body = Page<LinkSample>), (status = 401), (status = 403),
        (status = 404, description = "`unknown_point`."))
)]
async fn samples(
    State(state): State<AppState>,
    asking: Asking<WatchPoint>,
    Path(code): Path<String>,
    Query(span): Query<Span>,
) -> ApiResult<Json<Page<LinkSample>>> {
    let now = state.clock.now();
    let mut conn = state.store.read().await?;
    let point = watched(&state, &mut conn, &asking, &code).await?;
    let (from, to) = span.or_last_day(now.plus_us(1))?;
    let items = store::samples_of_point(&mut conn, point.id, from, to, MAX_SAMPLES).await?;
    Ok(Json(Page { items, next: None }))
}

/// How a point did: when it was in a session, when it had lost its connection there, and the worst of its link in some
/// 720 steps. Measurements are kept for 30 days.
#[utoipa::path(
    get, path = "/bridge-points/{code}/history", tag = "bridge point",
    params(("code" = String, Path, description = "Code of the bridge point."), Span),
    responses((status = 200, body = PointHistory),
        (status = 400, description = "`malformed_query`: also a span of more than 32 days, or none."),
        (status = 401), (status = 403), (status = 404, description = "`unknown_point`."))
)]
async fn history(
    State(state): State<AppState>,
    asking: Asking<WatchPoint>,
    Path(code): Path<String>,
    Query(span): Query<Span>,
) -> ApiResult<Json<PointHistory>> {
    let now = state.clock.now();
    let mut conn = state.store.read().await?;
    let point = watched(&state, &mut conn, &asking, &code).await?;
    let (from, to) = span.or_last_day(now)?;
    let length = to.0.saturating_sub(from.0);
    if length <= 0 || to > from.plus(days(MAX_HISTORY_DAYS)) {
        return Err(ApiError::bad_request(
            ProblemCode::MalformedQuery,
            "a history begins before it ends, and spans at most 32 days",
        )
        .with("detail", "from"));
    }
    let step_us = (length / HISTORY_STEPS).max(SAMPLE_EVERY_US);
    let steps = store::steps_of_point(&mut conn, point.id, from, to, step_us).await?;
    let mut stays = Vec::new();
    // What has not happened yet is not told.
    let until = to.min(now);
    for (session, code, participants) in
        participants::sessions_of_point(&mut conn, point.id, from, until).await?
    {
        let events = journal::comings_and_goings(&mut conn, session, &participants).await?;
        stays.push(Stay {
            session: code.0,
            participants,
            events,
        });
    }
    Ok(Json(PointHistory {
        from_us: from,
        to_us: to,
        step_us,
        spans: spans(&stays, from, until),
        steps,
    }))
}

/// The bridge point of this code, if the caller watches over it.
async fn watched(
    state: &AppState,
    conn: &mut Conn,
    asking: &Asking<WatchPoint>,
    code: &str,
) -> ApiResult<WatchedPoint> {
    let tree = state.tree(conn).await?;
    let point = points::by_code(conn, code, &day(state.clock.now()))
        .await?
        .ok_or_else(|| ApiError::not_found(ProblemCode::UnknownPoint))?;
    let facts = facts_of(&tree, &point);
    Ok(asking.about(WatchedPoint { point, facts })?.into_inner())
}

/// A point that somebody watches over.
struct WatchedPoint {
    point: Point,
    facts: PointFacts,
}

impl Subject<PointFacts> for WatchedPoint {
    fn facts(&self) -> &PointFacts {
        &self.facts
    }
}

impl std::ops::Deref for WatchedPoint {
    type Target = Point;

    fn deref(&self) -> &Point {
        &self.point
    }
}

/// How media reach a bridge point that is in a session at this moment, and why its pictures are as they are.
#[utoipa::path(
    get, path = "/bridge-points/{code}/media", tag = "bridge point",
    params(("code" = String, Path, description = "Code of the bridge point.")),
    responses((status = 200, body = MediaExplanation), (status = 401), (status = 403),
        (status = 404, description = "`unknown_point`, or `unknown_participant` when it is in no session."))
)]
async fn media(
    State(state): State<AppState>,
    asking: Asking<WatchPoint>,
    Path(code): Path<String>,
) -> ApiResult<Json<MediaExplanation>> {
    let point = {
        let mut conn = state.store.read().await?;
        watched(&state, &mut conn, &asking, &code).await?
    };
    let live = state.rooms.points();
    let here = live
        .iter()
        .filter(|live| live.bridge_point == point.id)
        .max_by_key(|live| live.connected)
        .ok_or_else(|| ApiError::not_found(ProblemCode::UnknownParticipant))?;
    state
        .rooms
        .explain_media(here.session, here.participant)
        .await
        .map(Json)
        .ok_or_else(|| ApiError::not_found(ProblemCode::UnknownParticipant))
}

#[cfg(test)]
mod tests {
    use protocol::media::MediaPath;

    use super::*;

    #[test]
    fn point_is_weak_by_loss_or_round_trip_or_tcp() {
        let good = LinkReport {
            rtt_ms: Some(40.0),
            path: Some(MediaPath::Udp),
            ..LinkReport::default()
        };
        let state = |link: LinkReport| state_of(true, Some(&link));
        assert_eq!(state(good), PointState::Good);
        assert_eq!(
            state(LinkReport {
                egress_loss_percent: 3.5,
                ..good
            }),
            PointState::Weak
        );
        assert_eq!(
            state(LinkReport {
                ingress_loss_percent: 3.5,
                ..good
            }),
            PointState::Weak
        );
        assert_eq!(
            state(LinkReport {
                rtt_ms: Some(301.0),
                ..good
            }),
            PointState::Weak
        );
        assert_eq!(
            state(LinkReport {
                path: Some(MediaPath::Tcp),
                ..good
            }),
            PointState::Weak
        );
        assert_eq!(state_of(true, None), PointState::Good);
        assert_eq!(state_of(false, Some(&good)), PointState::Lost);
    }
}
