//! Sessions: the schedule.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::api::{
    Attendee, MediaAccount, NewSession, Page, PointRef, ProblemCode, Secrecy, Session, SessionAct,
};
use protocol::client::SessionKind;
use protocol::{AccountId, ClassId, Day, SessionId, UnitId, UtcMicros, text};
use serde::Deserialize;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::AppState;
use crate::admission::{SessionView, view_session};
use crate::auth::{Actor, Identity};
use crate::authorise::{Action, Resource, SessionFacts, authorise};
use crate::clock::{day, days, hours, minutes, plausible};
use crate::error::{ApiError, ApiResult};
use crate::extract::{Body, Path, Query, admit, time};
use crate::free_time::{DAYS_AHEAD, offers};
use crate::store::booking::Conflict;
use crate::store::session::After;
use crate::store::unit::{Lineage, Tree};
use crate::store::{self, Conn, StoreError, Tx, account, audit};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(detail))
        .routes(routes!(end))
        .routes(routes!(attendance))
        .routes(routes!(media))
}

/// How many sessions a page of the list holds at most.
const PAGE: usize = 50;
/// The longest session.
const MAX_DURATION: Duration = hours(24);
/// How far ahead a session may be planned: two years.
const MAX_AHEAD: Duration = days(731);

/// Without `from` and `to`: everything.
const EARLIEST: UtcMicros = UtcMicros(i64::MIN);
const LATEST: UtcMicros = UtcMicros(i64::MAX);

/// Which sessions are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Only sessions that end after this time.
    from: Option<i64>,
    /// Only sessions that begin before this time.
    to: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Lists the sessions that the caller may see, by begin.
#[utoipa::path(
    get, path = "/sessions", tag = "session", params(Wanted),
    responses((status = 200, body = Page<Session>), (status = 400, description = "`malformed_query`."), (status = 401)),
    extensions(("x-action" = json!("list_sessions")))
)]
async fn list(
    State(state): State<AppState>,
    actor: Actor,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Json<Page<Session>>> {
    authorise(&actor, Action::ListSessions, Resource::Nothing)?;
    let from = wanted.from.map(|from| time("from", from)).transpose()?;
    let to = wanted.to.map(|to| time("to", to)).transpose()?;
    let (from, to) = (from.unwrap_or(EARLIEST), to.unwrap_or(LATEST));
    let mut after = match &wanted.cursor {
        Some(cursor) => parse_cursor(cursor)?,
        None => After::BEGINNING,
    };
    let now = state.clock.now();
    let mut conn = state.store.read().await?;
    let tree = Tree::load(&mut conn, &day(now)).await?;
    let mut items = Vec::new();
    loop {
        let rows = store::session::between(&mut conn, from, to, after, PAGE as i64).await?;
        let read_all = rows.len() < PAGE;
        for row in rows {
            let place = After {
                starts_at: row.starts_at,
                id: row.id,
            };
            after = place;
            // A link opens one session: the others need not be asked.
            if matches!(&actor.identity, Identity::Link(link) if link.session != row.id) {
                continue;
            }
            let view = view_session(&mut conn, &tree, &actor, row, now).await?;
            if authorise(&actor, Action::ViewSession, Resource::Session(&view.facts)).is_ok() {
                items.push(describe(&state, &mut conn, &tree, &actor, view).await?);
                if items.len() == PAGE {
                    let next = Some(format!("{}.{}", after.starts_at.0, after.id));
                    return Ok(Json(Page { items, next }));
                }
            }
        }
        if read_all {
            return Ok(Json(Page { items, next: None }));
        }
    }
}

fn parse_cursor(cursor: &str) -> ApiResult<After> {
    cursor
        .split_once('.')
        .and_then(|(starts_at, id)| {
            Some(After {
                starts_at: plausible(starts_at.parse().ok()?)?,
                id: SessionId(id.parse().ok()?),
            })
        })
        .ok_or_else(|| {
            ApiError::bad_request(ProblemCode::MalformedQuery, "the cursor is not one of ours")
        })
}

/// Makes a session. Its points, and their dual-use rooms, are booked for its time.
#[utoipa::path(
    post, path = "/sessions", tag = "session",
    request_body = NewSession,
    responses(
        (status = 201, body = Session),
        (status = 400, description = "`bad_title`, `bad_time`, `no_points`, `too_many_points`, `duplicate_point`, \
            `unknown_point`, `unknown_unit`, `unknown_account`, `unknown_class`, `unit_needed`."),
        (status = 403, description = "`not_allowed`; `point_not_yours`: a point outside the caller's subtree."),
        (status = 409, description = "`booking_conflict`: `params` name the other session: `code`, `title`, \
            `starts_at_us`, `ends_at_us`, `point`, and up to three free times: `free_1_us`, …; `guests_not_allowed`: the session is internal."),
        (status = 422, description = "`secret_refused`: sessions with secret content are refused by design.")
    ),
    extensions(("x-action" = json!("create_session")))
)]
async fn create(
    State(state): State<AppState>,
    actor: Actor,
    Body(wanted): Body<NewSession>,
) -> ApiResult<(StatusCode, Json<Session>)> {
    let now = state.clock.now();
    let today = day(now);
    // One transaction from the question whether the time is free to the booking of it.
    let mut tx = state.store.write().await?;
    tx.lock_bookings().await?;
    let tree = Tree::load(&mut tx, &today).await?;
    let unit = convening_unit(&mut tx, &tree, &actor, &wanted, &today).await?;
    authorise(
        &actor,
        Action::CreateSession,
        Resource::Unit(&tree.lineage(unit)),
    )?;
    let title = check(&wanted, now)?;
    let limit = most_points(state.config.sessions.max_interactive);
    let points = points(&mut tx, &tree, &actor, &wanted.bridge_points, limit, &today).await?;
    for point in &points {
        let (from, to) = (wanted.starts_at_us, wanted.ends_at_us);
        if let Some(conflict) = store::booking::conflict(&mut tx, point.id, from, to).await? {
            let refusal = booking_conflict(&conflict, &point.name());
            return Err(with_offers(refusal, &mut tx, &wanted, &points, now).await?);
        }
    }
    let chair = match &wanted.chair {
        Some(login) => Some(account_of(&mut tx, "chair", login).await?),
        None => actor.account(),
    };
    let secretary = match &wanted.secretary {
        Some(login) => Some(account_of(&mut tx, "secretary", login).await?),
        None => None,
    };
    let class = match &wanted.class_code {
        Some(code) => Some(class_of(&mut tx, &tree, &actor, code).await?),
        None => None,
    };
    let code = free_code(&mut tx, wanted.kind, wanted.starts_at_us).await?;
    let id = store::session::insert(
        &mut tx,
        store::session::NewSession {
            code: &code,
            title: &title,
            kind: wanted.kind,
            secrecy: wanted.secrecy,
            convening_unit: unit,
            chair,
            secretary,
            class,
            starts_at: wanted.starts_at_us,
            ends_at: wanted.ends_at_us,
            auto_record: wanted.auto_record,
            keep_days: Some(state.config.retention.recording_days),
            guests_may_replay: wanted.guests_may_replay,
            max_interactive: state.config.sessions.max_interactive,
            max_receive_only: state.config.sessions.max_receive_only,
            created_by: actor.account(),
            points: &points.iter().map(|point| point.id).collect::<Vec<_>>(),
        },
        now,
    )
    .await
    .map_err(|error| match error {
        // Somebody took the code in the moment between; PostgreSQL alone can show this.
        StoreError::Duplicate(_) => ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::TryAgain,
            "two sessions were made at the same moment",
        ),
        other => other.into(),
    })?;
    audit::append(
        &mut tx,
        audit::Line {
            actor: &actor.audit_name(),
            action: "create_session",
            resource: &format!("session:{code}"),
            before: None,
            after: Some(json!({
                "title": title,
                "starts_at_us": wanted.starts_at_us,
                "ends_at_us": wanted.ends_at_us,
                "bridge_points": wanted.bridge_points,
            })),
        },
        now,
    )
    .await?;
    let session = store::session::by_id(&mut tx, id)
        .await?
        .ok_or_else(|| ApiError::internal("a session vanished in its own transaction"))?;
    let view = view_session(&mut tx, &tree, &actor, session, now).await?;
    let made = describe(&state, &mut tx, &tree, &actor, view).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Checks what needs no database; the title comes back as it is stored.
fn check(wanted: &NewSession, now: UtcMicros) -> ApiResult<String> {
    let title = admit(text::TITLE, &wanted.title, ProblemCode::BadTitle)?;
    if wanted.secrecy == Secrecy::Internal && wanted.guests_may_replay {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::GuestsNotAllowed,
            "an internal session takes no guests",
        ));
    }
    if wanted.secrecy == Secrecy::Secret {
        return Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            ProblemCode::SecretRefused,
            "sessions with secret content are refused by design",
        ));
    }
    check_times(wanted.starts_at_us, wanted.ends_at_us, now)?;
    Ok(title)
}

/// Whether a session may be planned for a time.
fn check_times(starts_at: UtcMicros, ends_at: UtcMicros, now: UtcMicros) -> ApiResult<()> {
    let refuse = |field: &str, reason: &str| {
        Err(ApiError::bad_request(
            ProblemCode::BadTime,
            "a session ends after it begins, at most 24 hours later, not in the past, and at most two years ahead",
        )
        .with("field", field)
        .with("reason", reason))
    };
    for (field, at) in [("starts_at_us", starts_at), ("ends_at_us", ends_at)] {
        if plausible(at.0).is_none() {
            return refuse(field, "no_date");
        }
    }
    if ends_at <= starts_at {
        refuse("ends_at_us", "order")
    } else if ends_at > starts_at.plus(MAX_DURATION) {
        refuse("ends_at_us", "too_long")
    } else if ends_at <= now {
        refuse("ends_at_us", "past")
    } else if starts_at > now.plus(MAX_AHEAD) {
        refuse("starts_at_us", "too_far")
    } else {
        Ok(())
    }
}

/// The account with a login that `field` names.
async fn account_of(conn: &mut Conn, field: &str, login: &str) -> ApiResult<AccountId> {
    account::by_login(conn, login)
        .await?
        .filter(|account| account.disabled_at.is_none())
        .map(|account| account.id)
        .ok_or_else(|| {
            ApiError::bad_request(ProblemCode::UnknownAccount, "no account has this login")
                .with("field", field)
                .with("login", login)
        })
}

/// The most points a session may invite: as many as may speak, less two places that chair and secretary need.
fn most_points(max_interactive: u32) -> usize {
    let places = max_interactive.saturating_sub(2).max(1);
    usize::try_from(places).unwrap_or(usize::MAX)
}

/// The refusal with up to three times at which all the points are free.
async fn with_offers(
    refusal: ApiError,
    conn: &mut Conn,
    wanted: &NewSession,
    points: &[store::point::Point],
    now: UtcMicros,
) -> ApiResult<ApiError> {
    let from = wanted.starts_at_us;
    let to = from.plus(days(DAYS_AHEAD + 1));
    let mut taken = Vec::new();
    for point in points {
        taken.extend(store::booking::taken(conn, point.id, from, to).await?);
    }
    let offers = offers((from, wanted.ends_at_us), &taken, now);
    Ok((1..).zip(offers).fold(refusal, |refusal, (number, at)| {
        refusal.with(&format!("free_{number}_us"), at.0)
    }))
}

/// The unit that convenes: the one named, else the one the caller administers, else the one the caller works at.
async fn convening_unit(
    conn: &mut Conn,
    tree: &Tree,
    actor: &Actor,
    wanted: &NewSession,
    today: &Day,
) -> ApiResult<UnitId> {
    if let Some(code) = &wanted.convening_unit {
        return tree.by_code(code).map(|unit| unit.id).ok_or_else(|| {
            ApiError::bad_request(ProblemCode::UnknownUnit, "no unit has this code today")
                .with("unit", code)
        });
    }
    if let Some(grant) = actor.grants.first() {
        return Ok(grant.unit);
    }
    let own = match actor.person() {
        Some(person) => store::person::units(conn, person, today).await?,
        None => Vec::new(),
    };
    own.first().copied().ok_or_else(ApiError::forbidden)
}

/// The points named, each of which the caller may invite.
async fn points(
    conn: &mut Conn,
    tree: &Tree,
    actor: &Actor,
    codes: &[String],
    limit: usize,
    today: &Day,
) -> ApiResult<Vec<store::point::Point>> {
    if codes.is_empty() {
        return Err(ApiError::bad_request(
            ProblemCode::NoPoints,
            "a session invites at least one bridge point",
        ));
    }
    if codes.len() > limit {
        return Err(
            ApiError::bad_request(ProblemCode::TooManyPoints, "too many bridge points")
                .with("limit", limit),
        );
    }
    let mut points: Vec<store::point::Point> = Vec::with_capacity(codes.len());
    for code in codes {
        if points.iter().any(|point| point.code == *code) {
            return Err(ApiError::bad_request(
                ProblemCode::DuplicatePoint,
                "a bridge point is named twice",
            )
            .with("point", code));
        }
        let point = store::point::by_code(conn, code, today)
            .await?
            .ok_or_else(|| {
                ApiError::bad_request(ProblemCode::UnknownPoint, "no bridge point has this code")
                    .with("point", code)
            })?;
        let host = point
            .host_unit_id
            .map_or_else(Lineage::default, |unit| tree.lineage(unit));
        authorise(actor, Action::InvitePoint, Resource::Unit(&host)).map_err(|_| {
            ApiError::new(
                StatusCode::FORBIDDEN,
                ProblemCode::PointNotYours,
                "the bridge point lies outside the caller's units",
            )
            .with("point", code)
        })?;
        points.push(point);
    }
    Ok(points)
}

async fn class_of(conn: &mut Conn, tree: &Tree, actor: &Actor, code: &str) -> ApiResult<ClassId> {
    let class = store::class::by_code(conn, code).await?.ok_or_else(|| {
        ApiError::bad_request(ProblemCode::UnknownClass, "no class has this code")
            .with("class", code)
    })?;
    authorise(
        actor,
        Action::CreateSession,
        Resource::Unit(&tree.lineage(class.unit_id)),
    )?;
    Ok(class.id)
}

fn booking_conflict(conflict: &Conflict, point: &PointRef) -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        ProblemCode::BookingConflict,
        "the bridge point or its room is taken by another session",
    )
    .with("title", &conflict.title)
    .with("code", &conflict.code)
    .with("starts_at_us", conflict.from.0)
    .with("ends_at_us", conflict.to.0)
    .with("point", &point.name)
}

/// A free code: what the session is and its day, for example `HOP-1122`, then `HOP-1122-2`.
async fn free_code(tx: &mut Tx, kind: SessionKind, starts_at: UtcMicros) -> ApiResult<String> {
    let prefix = match kind {
        SessionKind::Meeting => "HOP",
        SessionKind::Conference => "HN",
        SessionKind::Seminar => "HT",
        SessionKind::Training => "TH",
        SessionKind::ClassObservation => "DG",
    };
    let day = day(starts_at).0.replace('-', "");
    let base = format!("{prefix}-{}", day.get(2..).unwrap_or(&day));
    let mut number = 1_u32;
    loop {
        let code = if number == 1 {
            base.clone()
        } else {
            format!("{base}-{number}")
        };
        if store::session::by_code(tx, &code).await?.is_none() {
            return Ok(code);
        }
        number += 1;
    }
}

/// A session by its code.
#[utoipa::path(
    get, path = "/sessions/{code}", tag = "session",
    params(("code" = String, Path, description = "Code of the session.")),
    responses((status = 200, body = Session), (status = 401), (status = 403),
        (status = 404, description = "`unknown_session`.")),
    extensions(("x-action" = json!("view_session")))
)]
async fn detail(
    State(state): State<AppState>,
    actor: Actor,
    Path(code): Path<String>,
) -> ApiResult<Json<Session>> {
    let mut conn = state.store.read().await?;
    let (tree, view) = find(&state, &mut conn, &actor, &code).await?;
    authorise(&actor, Action::ViewSession, Resource::Session(&view.facts))?;
    Ok(Json(
        describe(&state, &mut conn, &tree, &actor, view).await?,
    ))
}

/// Ends a session: everybody in its room is told, its recordings are closed, its bookings released.
#[utoipa::path(
    post, path = "/sessions/{code}/end", tag = "session",
    params(("code" = String, Path, description = "Code of the session.")),
    responses((status = 204, description = "It is over, or was already."), (status = 401), (status = 403),
        (status = 404, description = "`unknown_session`.")),
    extensions(("x-action" = json!("end_session")))
)]
async fn end(
    State(state): State<AppState>,
    actor: Actor,
    Path(code): Path<String>,
) -> ApiResult<StatusCode> {
    let now = state.clock.now();
    let mut tx = state.store.write().await?;
    let (_, view) = find(&state, &mut tx, &actor, &code).await?;
    authorise(&actor, Action::EndSession, Resource::Session(&view.facts))?;
    let code = &view.session.code;
    if store::session::mark_ended(&mut tx, view.session.id, now).await? {
        audit::append(
            &mut tx,
            audit::Line {
                actor: &actor.audit_name(),
                action: "end_session",
                resource: &format!("session:{code}"),
                before: Some(json!({ "opened_at_us": view.session.opened_at })),
                after: Some(json!({ "ended_at_us": now })),
            },
            now,
        )
        .await?;
    }
    tx.commit().await?;
    state.rooms.end(view.session.id).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Who was in a session's room, and how long: by bridge point in seat order, then by when they came.
#[utoipa::path(
    get, path = "/sessions/{code}/attendance", tag = "session",
    params(("code" = String, Path, description = "Code of the session.")),
    responses((status = 200, body = Page<Attendee>), (status = 401), (status = 403),
        (status = 404, description = "`unknown_session`.")),
    extensions(("x-action" = json!("view_attendance")))
)]
async fn attendance(
    State(state): State<AppState>,
    actor: Actor,
    Path(code): Path<String>,
) -> ApiResult<Json<Page<Attendee>>> {
    let mut conn = state.store.read().await?;
    let (_, view) = find(&state, &mut conn, &actor, &code).await?;
    authorise(
        &actor,
        Action::ViewAttendance,
        Resource::Session(&view.facts),
    )?;
    let mut items = store::presence::attendees(&mut conn, view.session.id).await?;
    let seat = |attendee: &Attendee| {
        let code = attendee.bridge_point.as_ref().map(|point| &point.code);
        view.invited
            .iter()
            .position(|point| Some(&point.code) == code)
            .unwrap_or(usize::MAX)
    };
    items.sort_by_cached_key(|attendee| (seat(attendee), attendee.first_us));
    Ok(Json(Page { items, next: None }))
}

/// How media reach somebody in a session's room at this moment, and why that participant's pictures are as they are.
#[utoipa::path(
    get, path = "/sessions/{code}/participants/{participant}/media", tag = "session",
    params(("code" = String, Path, description = "Code of the session."),
        ("participant" = String, Path, description = "Id of the participant, as the room tells it.")),
    responses((status = 200, body = MediaAccount), (status = 401), (status = 403),
        (status = 404, description = "`unknown_session`, or `unknown_participant`.")),
    extensions(("x-action" = json!("explain_media")))
)]
async fn media(
    State(state): State<AppState>,
    actor: Actor,
    Path((code, participant)): Path<(String, String)>,
) -> ApiResult<Json<MediaAccount>> {
    let session = {
        let mut conn = state.store.read().await?;
        let (_, view) = find(&state, &mut conn, &actor, &code).await?;
        authorise(&actor, Action::ExplainMedia, Resource::Session(&view.facts))?;
        view.session.id
    };
    let nobody = || ApiError::not_found(ProblemCode::UnknownParticipant);
    let participant: Uuid = participant.parse().map_err(|_| nobody())?;
    state
        .rooms
        .account(session, participant.into())
        .await
        .map(Json)
        .ok_or_else(nobody)
}

/// A session by its code, as the caller sees it.
pub(super) async fn find(
    state: &AppState,
    conn: &mut Conn,
    actor: &Actor,
    code: &str,
) -> ApiResult<(Tree, SessionView)> {
    let now = state.clock.now();
    let session = store::session::by_code(conn, code)
        .await?
        .ok_or_else(|| ApiError::not_found(ProblemCode::UnknownSession))?;
    let tree = Tree::load(conn, &day(now)).await?;
    let view = view_session(conn, &tree, actor, session, now).await?;
    Ok((tree, view))
}

/// The name of whose account this is.
pub(super) async fn name_of(
    conn: &mut Conn,
    account: Option<AccountId>,
) -> ApiResult<Option<String>> {
    Ok(match account {
        Some(id) => account::by_id(conn, id)
            .await?
            .map(|account| account.full_name),
        None => None,
    })
}

/// What somebody may do with a session.
fn acts(actor: &Actor, facts: &SessionFacts) -> Vec<SessionAct> {
    [
        (SessionAct::EnterRoom, Action::EnterRoom),
        (SessionAct::EndSession, Action::EndSession),
        (SessionAct::ManageLinks, Action::ManageLinks),
        (SessionAct::InspectRecordings, Action::InspectRecordings),
        (SessionAct::ViewRecordings, Action::ViewRecording),
        (SessionAct::ViewAttendance, Action::ViewAttendance),
    ]
    .into_iter()
    .filter(|(_, action)| authorise(actor, *action, Resource::Session(facts)).is_ok())
    .map(|(act, _)| act)
    .collect()
}

/// A session as the interface tells it.
pub(super) async fn describe(
    state: &AppState,
    conn: &mut Conn,
    tree: &Tree,
    actor: &Actor,
    view: SessionView,
) -> ApiResult<Session> {
    let may = acts(actor, &view.facts);
    let session = view.session;
    let now = state.clock.now();
    let early = minutes(state.config.sessions.early_minutes);
    let present = state.rooms.present(session.id);
    let class_code = match session.class {
        Some(class) => store::class::by_id(conn, class)
            .await?
            .map(|class| class.code),
        None => None,
    };
    Ok(Session {
        state: session.state(now, present, early),
        opens_at_us: session.opens_at(early),
        opened_at_us: session.opened_at,
        over_at_us: session.over_at(),
        chair: name_of(conn, session.chair).await?,
        secretary: name_of(conn, session.secretary).await?,
        secrecy: session.secrecy,
        auto_record: session.auto_record,
        keep_days: session.keep_days.and_then(|days| u32::try_from(days).ok()),
        guests_may_replay: session.guests_may_replay,
        kind: session.kind,
        starts_at_us: session.starts_at,
        ends_at_us: session.ends_at,
        convening_unit: tree.name(session.convening_unit),
        my_role: view.facts.role,
        invited: view.invited.iter().map(|point| point.name()).collect(),
        present,
        has_recording: may.contains(&SessionAct::InspectRecordings)
            && store::replay::exists(conn, session.id).await?,
        may,
        class_code,
        code: session.code.0,
        title: session.title,
    })
}
