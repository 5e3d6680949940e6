//! Bridge points, and the board that watches them.

use axum::Json;
use axum::extract::State;
use protocol::api::{
    LinkSample, MediaAccount, Page, PointHistory, PointRef, PointState, PointStatus, ProblemCode,
};
use protocol::client::LinkReport;
use protocol::media::MediaPath;
use protocol::{Day, UtcMicros};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::auth::Actor;
use crate::authorise::{Action, Resource, authorise};
use crate::clock::{day, days};
use crate::error::{ApiError, ApiResult};
use crate::extract::{Path, Query, time};
use crate::point_history::{Stay, spans};
use crate::store;
use crate::store::point::Point;
use crate::store::unit::{Lineage, Tree};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(status))
        .routes(routes!(samples))
        .routes(routes!(history))
        .routes(routes!(media))
}

/// Above this loss, in percent, a link is weak.
const WEAK_LOSS_PERCENT: f32 = 3.0;
/// Above this round trip, in milliseconds, a link is weak.
const WEAK_RTT_MS: f32 = 300.0;
/// The most measurements one answer holds: 24 hours of one in 10 s.
const MAX_SAMPLES: i64 = 8_640;

/// Into how many steps a history is divided, about: as many as a screen has places for.
const HISTORY_STEPS: i64 = 720;
/// Measurements come every 10 s, so a shorter step would be empty.
const SAMPLE_EVERY_US: i64 = 10_000_000;
/// The longest history: what is kept, and some.
const MAX_HISTORY_DAYS: u32 = 32;

/// Lists the bridge points that the caller may see, in seat order.
#[utoipa::path(
    get, path = "/bridge-points", tag = "bridge point",
    responses((status = 200, body = Page<PointRef>), (status = 401)),
    extensions(("x-action" = json!("list_points")))
)]
async fn list(State(state): State<AppState>, actor: Actor) -> ApiResult<Json<Page<PointRef>>> {
    authorise(&actor, Action::ListPoints, Resource::Nothing)?;
    let today = day(state.clock.now());
    let mut conn = state.store.read().await?;
    let tree = Tree::load(&mut conn, &today).await?;
    let own = match actor.person() {
        Some(person) => store::point::of_person(&mut conn, person, &today).await?,
        None => Vec::new(),
    };
    let points = store::point::all(&mut conn, &today).await?;
    Ok(Json(Page {
        items: points
            .iter()
            .filter(|point| {
                let resource = Resource::Point {
                    host: &host_of(&tree, point),
                    own: own.contains(&point.id),
                };
                authorise(&actor, Action::ViewPoint, resource).is_ok()
            })
            .map(Point::name)
            .collect(),
        next: None,
    }))
}

fn host_of(tree: &Tree, point: &Point) -> Lineage {
    point
        .host_unit_id
        .map_or_else(Lineage::default, |unit| tree.lineage(unit))
}

/// How every bridge point of the caller's units does, in seat order.
#[utoipa::path(
    get, path = "/bridge-points/status", tag = "bridge point",
    responses((status = 200, body = Page<PointStatus>), (status = 401), (status = 403)),
    extensions(("x-action" = json!("open_monitor")))
)]
async fn status(State(state): State<AppState>, actor: Actor) -> ApiResult<Json<Page<PointStatus>>> {
    authorise(&actor, Action::OpenMonitor, Resource::Nothing)?;
    let now = state.clock.now();
    let today = day(now);
    let live = state.rooms.points();
    let mut conn = state.store.read().await?;
    let tree = Tree::load(&mut conn, &today).await?;
    let mut items = Vec::new();
    for point in store::point::all(&mut conn, &today).await? {
        // What nobody hosts is nobody's to watch.
        let Some(host) = point.host_unit_id else {
            continue;
        };
        let resource = Resource::Point {
            host: &tree.lineage(host),
            own: false,
        };
        if authorise(&actor, Action::WatchPoint, resource).is_err() {
            continue;
        }
        // A point may be in two rooms while it moves from one to the other: the connected one counts.
        let here = live
            .iter()
            .filter(|live| live.bridge_point == point.id)
            .max_by_key(|live| live.connected);
        let session = match here {
            Some(here) => store::session::by_id(&mut conn, here.session)
                .await?
                .map(|session| session.code.0),
            None => None,
        };
        items.push(PointStatus {
            point: point.name(),
            main: point.is_main(),
            unit: tree.name(host),
            state: here.map_or(PointState::Idle, |here| {
                state_of(here.connected, here.link.as_ref())
            }),
            session,
            last_seen_us: match here {
                Some(here) if here.connected => Some(now),
                _ => point.last_seen,
            },
            link: here.and_then(|here| here.link),
        });
    }
    Ok(Json(Page { items, next: None }))
}

/// How a point in a session does.
fn state_of(connected: bool, link: Option<&LinkReport>) -> PointState {
    if !connected {
        return PointState::Lost;
    }
    let weak = link.is_some_and(|link| {
        link.ingress_loss_percent > WEAK_LOSS_PERCENT
            || link.egress_loss_percent > WEAK_LOSS_PERCENT
            || link.rtt_ms.is_some_and(|rtt| rtt > WEAK_RTT_MS)
            || matches!(link.path, Some(MediaPath::Tcp | MediaPath::Tls))
    });
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
        (status = 404, description = "`unknown_point`.")),
    extensions(("x-action" = json!("watch_point")))
)]
async fn samples(
    State(state): State<AppState>,
    actor: Actor,
    Path(code): Path<String>,
    Query(span): Query<Span>,
) -> ApiResult<Json<Page<LinkSample>>> {
    let now = state.clock.now();
    let mut conn = state.store.read().await?;
    let point = watched(&mut conn, &actor, &code, &day(now)).await?;
    let (from, to) = span.or_last_day(now.plus_us(1))?;
    let items = store::link_sample::of_point(&mut conn, point.id, from, to, MAX_SAMPLES).await?;
    Ok(Json(Page { items, next: None }))
}

/// How a point did: when it was in a session, when it had lost its connection there, and the worst of its link in some
/// 720 steps. Measurements are kept for 30 days.
#[utoipa::path(
    get, path = "/bridge-points/{code}/history", tag = "bridge point",
    params(("code" = String, Path, description = "Code of the bridge point."), Span),
    responses((status = 200, body = PointHistory),
        (status = 400, description = "`malformed_query`: also a span of more than 32 days, or none."),
        (status = 401), (status = 403), (status = 404, description = "`unknown_point`.")),
    extensions(("x-action" = json!("watch_point")))
)]
async fn history(
    State(state): State<AppState>,
    actor: Actor,
    Path(code): Path<String>,
    Query(span): Query<Span>,
) -> ApiResult<Json<PointHistory>> {
    let now = state.clock.now();
    let mut conn = state.store.read().await?;
    let point = watched(&mut conn, &actor, &code, &day(now)).await?;
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
    let steps = store::link_sample::steps_of_point(&mut conn, point.id, from, to, step_us).await?;
    let mut stays = Vec::new();
    // What has not happened yet is not told.
    let until = to.min(now);
    for (session, code, participants) in
        store::participant::sessions_of_point(&mut conn, point.id, from, until).await?
    {
        let events = store::journal::comings_and_goings(&mut conn, session, &participants).await?;
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
    conn: &mut store::Conn,
    actor: &Actor,
    code: &str,
    today: &Day,
) -> ApiResult<Point> {
    let tree = Tree::load(conn, today).await?;
    let point = store::point::by_code(conn, code, today)
        .await?
        .ok_or_else(|| ApiError::not_found(ProblemCode::UnknownPoint))?;
    let resource = Resource::Point {
        host: &host_of(&tree, &point),
        own: false,
    };
    authorise(actor, Action::WatchPoint, resource)?;
    Ok(point)
}

/// How media reach a bridge point that is in a session at this moment, and why its pictures are as they are.
#[utoipa::path(
    get, path = "/bridge-points/{code}/media", tag = "bridge point",
    params(("code" = String, Path, description = "Code of the bridge point.")),
    responses((status = 200, body = MediaAccount), (status = 401), (status = 403),
        (status = 404, description = "`unknown_point`, or `unknown_participant` when it is in no session.")),
    extensions(("x-action" = json!("watch_point")))
)]
async fn media(
    State(state): State<AppState>,
    actor: Actor,
    Path(code): Path<String>,
) -> ApiResult<Json<MediaAccount>> {
    let point = {
        let mut conn = state.store.read().await?;
        watched(&mut conn, &actor, &code, &day(state.clock.now())).await?
    };
    let live = state.rooms.points();
    let here = live
        .iter()
        .filter(|live| live.bridge_point == point.id)
        .max_by_key(|live| live.connected)
        .ok_or_else(|| ApiError::not_found(ProblemCode::UnknownParticipant))?;
    state
        .rooms
        .account(here.session, here.participant)
        .await
        .map(Json)
        .ok_or_else(|| ApiError::not_found(ProblemCode::UnknownParticipant))
}

#[cfg(test)]
mod tests {
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
