//! What can be done with sessions.

use axum::http::StatusCode;
use office_core::org::{Lineage, Tree};
use office_core::rights::{Act, CreateSession, EndSession, InvitePoint, LapseSession};
use office_core::session::{TimeFault, check_times, codes, most_points};
use protocol::api::{NewSession as Request, OfficerPart, ProblemCode, Secrecy, SettingKey};
use protocol::client::Preset;
use protocol::{AccountId, ClassId, PointId, SessionId, UnitId, UtcMicros, text};
use serde_json::json;

use super::store::{self, NewSession};
use crate::access::{Actor, Permit, Subject, accounts};
use crate::org::points::{self, Point};
use crate::platform::clock::{day, plausible};
use crate::platform::database::{Conn, StoreError, Tx};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::admit;
use crate::platform::settings::Standing;
use crate::schedule::admission::SessionView;
use crate::schedule::bookings::{self, clash::check_free};
use crate::schedule::{classes, officers};

/// In whose name a session is made.
#[derive(Debug, Clone)]
pub(crate) struct Convener {
    /// The unit.
    pub(crate) unit: UnitId,
    lineage: Lineage,
}

impl Convener {
    /// A unit as it stands in `tree`.
    pub(crate) fn new(unit: UnitId, tree: &Tree) -> Self {
        Self {
            unit,
            lineage: tree.lineage(unit),
        }
    }

    /// The unit that is to convene: the one named, else the first that `actor` makes sessions for.
    ///
    /// # Errors
    /// `unknown_unit`; `not_allowed` for somebody who makes sessions for none.
    pub(crate) fn of(tree: &Tree, actor: &Actor, named: Option<&str>) -> ApiResult<Self> {
        let unit = match named {
            Some(code) => tree.by_code(code).map(|unit| unit.id).ok_or_else(|| {
                ApiError::bad_request(ProblemCode::UnknownUnit, "no unit has this code today")
                    .with("unit", code)
            })?,
            None => {
                let mut own = actor.grants.convenes_for();
                own.next().ok_or_else(ApiError::forbidden)?
            }
        };
        Ok(Self::new(unit, tree))
    }
}

impl Subject<Lineage> for Convener {
    fn facts(&self) -> &Lineage {
        &self.lineage
    }
}

/// Makes the session that somebody asks for. Its points, and their dual-use rooms, are booked for its time.
///
/// # Errors
/// `bad_title`, `bad_time`, `no_points`, `too_many_points`, `duplicate_point`, `unknown_point`, `point_not_yours`,
/// `unknown_account`, `bad_officers`, `unknown_person`, `person_not_yours`, `unknown_class`, `guests_not_allowed`, `secret_refused`, `not_allowed`, `try_again`; `booking_conflict` with up to
/// three times at which all the points are free.
pub(crate) async fn create(
    tx: &mut Tx,
    permit: &Permit<CreateSession, Convener>,
    tree: &Tree,
    wanted: &Request,
    settings: &Standing,
    now: UtcMicros,
) -> ApiResult<SessionId> {
    let title = check(wanted, now)?;
    // From the question whether the time is free to the booking of it.
    bookings::lock(tx).await?;
    let limit = most_points(settings.number(SettingKey::MaxInteractive));
    let points = points_of(tx, tree, permit, (&wanted.bridge_points, &[]), limit, now).await?;
    let time = (wanted.starts_at_us, wanted.ends_at_us);
    let named: Vec<_> = points
        .iter()
        .map(|point| (point.id, point.name.clone()))
        .collect();
    check_free(tx, &named, time, None, now).await?;
    let mut others = wanted.officers.iter().flatten();
    let names_a_chair = others.any(|officer| officer.part == OfficerPart::Chair);
    let chair = match &wanted.chair {
        _ if names_a_chair => None,
        Some(login) => Some(account_of(tx, "chair", login).await?),
        None => permit.account(),
    };
    let secretary = match &wanted.secretary {
        Some(login) => Some(account_of(tx, "secretary", login).await?),
        None => None,
    };
    let class = match &wanted.class_code {
        Some(code) => Some(class_of(tx, tree, permit, code).await?),
        None => None,
    };
    let code = free_code(tx, wanted).await?;
    let points: Vec<_> = points.iter().map(|point| point.id).collect();
    let session = NewSession {
        code: &code,
        title: &title,
        kind: wanted.kind,
        preset: wanted.preset.unwrap_or(Preset::of(wanted.kind)),
        secrecy: wanted.secrecy,
        convening_unit: permit.unit,
        chair,
        secretary,
        class,
        starts_at: wanted.starts_at_us,
        ends_at: wanted.ends_at_us,
        auto_record: wanted.auto_record,
        keep_days: Some(settings.recording_days(wanted.kind)),
        guests_may_replay: wanted.guests_may_replay,
        max_interactive: settings.number(SettingKey::MaxInteractive),
        max_receive_only: settings.number(SettingKey::MaxReceiveOnly),
        created_by: permit.account(),
        points: &points,
    };
    let id = plan(tx, permit, session, now).await?;
    if let Some(wanted) = &wanted.officers {
        let asks = (permit, permit.unit);
        let mut named = officers::actions::named(tx, asks, tree, (wanted, &[]), &day(now)).await?;
        let known = officers::named_in(tx, id).await?;
        named.retain(|one| !known.contains(one));
        officers::set(tx, id, &[], &named).await?;
    }
    Ok(id)
}

/// Puts a session of the permit's unit into the schedule. Whether its time is free is for the caller to ask first.
///
/// # Errors
/// `try_again` when its code was taken meanwhile.
pub(crate) async fn plan(
    tx: &mut Tx,
    permit: &Permit<CreateSession, Convener>,
    session: NewSession<'_>,
    now: UtcMicros,
) -> ApiResult<SessionId> {
    let session = NewSession {
        convening_unit: permit.unit,
        ..session
    };
    let made = store::insert(tx, session, now).await;
    let id = made.map_err(|error| match error {
        // Somebody took the code in the moment between; PostgreSQL alone can show this.
        StoreError::Duplicate(_) => ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::TryAgain,
            "two sessions were made at the same moment",
        ),
        other => other.into(),
    })?;
    let points = store::invited(tx, id, &day(now)).await?;
    let after = json!({
        "title": session.title,
        "starts_at_us": session.starts_at,
        "ends_at_us": session.ends_at,
        "bridge_points": points.iter().map(|point| &point.code).collect::<Vec<_>>(),
    });
    let resource = format!("session:{}", session.code);
    permit.note(tx, &resource, None, Some(after), now).await?;
    Ok(id)
}

/// Notes that a session is over and releases what it booked. One that was over already stays as it is.
///
/// # Errors
/// When the database fails.
pub(crate) async fn end(
    tx: &mut Tx,
    permit: &Permit<EndSession, SessionView>,
    now: UtcMicros,
) -> ApiResult<SessionId> {
    let session = &permit.session;
    if store::mark_ended(tx, session.id, now).await? {
        let before = json!({ "opened_at_us": session.opened_at });
        let after = json!({ "ended_at_us": now });
        let resource = format!("session:{}", session.code);
        permit
            .note(tx, &resource, Some(before), Some(after), now)
            .await?;
    }
    Ok(session.id)
}

/// Notes that nobody came to a session and releases what it booked. Whether that was so.
///
/// # Errors
/// When the database fails.
pub(crate) async fn lapse(
    tx: &mut Tx,
    permit: &Permit<LapseSession, store::Unopened>,
    now: UtcMicros,
) -> ApiResult<bool> {
    let lapsed = store::mark_lapsed(tx, permit.id, now).await?;
    if lapsed {
        let after = json!({ "lapsed_at_us": now });
        let resource = format!("session:{}", permit.code);
        permit.note(tx, &resource, None, Some(after), now).await?;
    }
    Ok(lapsed)
}

/// Checks what needs no database; the title comes back as it is stored.
fn check(wanted: &Request, now: UtcMicros) -> ApiResult<String> {
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
    check_time((wanted.starts_at_us, wanted.ends_at_us), now)?;
    Ok(title)
}

/// Whether a session may be planned for a time.
///
/// # Errors
/// `bad_time` with the `field` and the `reason`.
pub(crate) fn check_time(time: (UtcMicros, UtcMicros), now: UtcMicros) -> ApiResult<()> {
    for (field, at) in [("starts_at_us", time.0), ("ends_at_us", time.1)] {
        if plausible(at.0).is_none() {
            return Err(bad_time(field, "no_date"));
        }
    }
    check_times(time.0, time.1, now)
        .map_err(|fault: TimeFault| bad_time(fault.field(), fault.word()))
}

fn bad_time(field: &str, reason: &str) -> ApiError {
    ApiError::bad_request(
        ProblemCode::BadTime,
        "a session ends after it begins, at most 24 hours later, not in the past, and at most two years ahead",
    )
    .with("field", field)
    .with("reason", reason)
}

/// The account with a login that `field` names.
async fn account_of(conn: &mut Conn, field: &str, login: &str) -> ApiResult<AccountId> {
    accounts::by_login(conn, login)
        .await?
        .filter(|account| account.disabled_at.is_none())
        .map(|account| account.id)
        .ok_or_else(|| {
            ApiError::bad_request(ProblemCode::UnknownAccount, "no account has this login")
                .with("field", field)
                .with("login", login)
        })
}

/// The points named, each of which the caller may invite, or is among those `kept`.
///
/// # Errors
/// `no_points`, `too_many_points`, `duplicate_point`, `unknown_point`, `point_not_yours`.
pub(crate) async fn points_of<A: Act, R>(
    conn: &mut Conn,
    tree: &Tree,
    permit: &Permit<A, R>,
    (codes, kept): (&[String], &[PointId]),
    limit: usize,
    now: UtcMicros,
) -> ApiResult<Vec<Point>> {
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
    let mut points: Vec<Point> = Vec::with_capacity(codes.len());
    for code in codes {
        if points.iter().any(|point| point.code == *code) {
            return Err(ApiError::bad_request(
                ProblemCode::DuplicatePoint,
                "a bridge point is named twice",
            )
            .with("point", code));
        }
        let point = points::by_code(conn, code, &day(now))
            .await?
            .ok_or_else(|| {
                ApiError::bad_request(ProblemCode::UnknownPoint, "no bridge point has this code")
                    .with("point", code)
            })?;
        let host = tree.lineage_of_host(point.host_unit_id);
        if !kept.contains(&point.id) && !permit.may::<InvitePoint>(&host) {
            return Err(ApiError::new(
                StatusCode::FORBIDDEN,
                ProblemCode::PointNotYours,
                "the bridge point lies outside the caller's units",
            )
            .with("point", code));
        }
        points.push(point);
    }
    Ok(points)
}

/// The class with this code, whose unit the caller may convene for.
async fn class_of(
    conn: &mut Conn,
    tree: &Tree,
    permit: &Permit<CreateSession, Convener>,
    code: &str,
) -> ApiResult<ClassId> {
    let class = classes::by_code(conn, code).await?.ok_or_else(|| {
        ApiError::bad_request(ProblemCode::UnknownClass, "no class has this code")
            .with("class", code)
    })?;
    if !permit.may::<CreateSession>(&tree.lineage(class.unit_id)) {
        return Err(ApiError::forbidden());
    }
    Ok(class.id)
}

/// The first code of the session's kind and day that nothing has.
async fn free_code(tx: &mut Tx, wanted: &Request) -> ApiResult<String> {
    for code in codes(wanted.kind, &day(wanted.starts_at_us)) {
        if store::by_code(tx, &code).await?.is_none() {
            return Ok(code);
        }
    }
    Err(ApiError::internal("every code of a day is taken"))
}
