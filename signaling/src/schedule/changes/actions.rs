//! What can be changed in a session.

use axum::http::StatusCode;
use office_core::org::Tree;
use office_core::rights::{CancelSession, EditSession, EndSession};
use office_core::session::{Session, most_points};
use protocol::api::{Changeable, NoticeKind, OfficerPart, ProblemCode, SessionChange};
use protocol::client::Preset;
use protocol::{PersonId, PointId, UtcMicros, text};
use serde_json::{Map, Value, json};

use super::store::{self, Plan};
use crate::access::{Permit, tokens};
use crate::platform::clock::day;
use crate::platform::database::{Tx, Word};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::admit;
use crate::schedule::admission::SessionView;
use crate::schedule::bookings::{self, clash::check_free};
use crate::schedule::notices::{self, NewNotice};
use crate::schedule::officers::{self, Named};
use crate::schedule::sessions::actions::{check_time, points_of};
use crate::schedule::sessions::invite;

/// What of a session's live room matters to a change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RoomNow {
    /// How many are in it.
    pub(crate) present: u32,
    /// Whether it is open, with somebody in it or not: its seats stand.
    pub(crate) open: bool,
}

/// What became of the points.
#[derive(Debug, Default)]
struct Points {
    /// All that are invited since, with their names.
    all: Vec<(PointId, String)>,
    added: Vec<String>,
    removed: Vec<String>,
}

/// Changes what is named in `wanted`, as one new version; what it books moves with it, and those invited are told of another
/// time. Nothing is written when nothing is another.
///
/// # Errors
/// `bad_title`, `bad_reason`, `bad_time`, `bad_officers`, `unknown_person`, `person_not_yours`, `not_allowed` for a secretary who
/// would name another chair, `no_points`, `too_many_points`, `duplicate_point`, `unknown_point`,
/// `point_not_yours`; `session_over` with the `reason`; `session_runs`; `booking_conflict` with up to three free times.
pub(crate) async fn edit(
    tx: &mut Tx,
    permit: &Permit<EditSession, SessionView>,
    tree: &Tree,
    (wanted, room): (&SessionChange, RoomNow),
    now: UtcMicros,
) -> ApiResult<()> {
    let session = &permit.session;
    let changeable = session.changeable(now, room.present);
    if changeable == Changeable::Nothing {
        return Err(over(session));
    }
    let plan = plan_of(session, wanted)?;
    let in_charge = in_charge_since(tx, permit, tree, wanted, now).await?;
    let reason = match wanted.reason.as_deref().map(str::trim) {
        None | Some("") => None,
        Some(reason) => Some(admit(text::REASON, reason, ProblemCode::BadReason)?),
    };
    let points = points_since(tx, permit, tree, wanted, now).await?;
    let (before, now_at) = (
        (session.starts_at, session.ends_at),
        (plan.starts_at, plan.ends_at),
    );
    let others = !points.added.is_empty() || !points.removed.is_empty();
    let more_than_the_end = plan.kind != session.kind || others || now_at.0 != before.0;
    if changeable == Changeable::End && (more_than_the_end || now_at.1 < before.1)
        || room.open && (others || plan.kind != session.kind)
    {
        return Err(runs());
    }
    if before != now_at {
        check_time(now_at, now)?;
    }
    let fields = fields_of(session, &plan, (&points, &in_charge), reason.as_deref());
    if fields.0.is_empty() {
        return Ok(());
    }
    if before != now_at || others {
        // From the question whether the time is free to the booking of it.
        bookings::lock(tx).await?;
        check_free(tx, &points.all, now_at, Some(session.id), now).await?;
        let all: Vec<PointId> = points.all.iter().map(|(id, _)| *id).collect();
        invite_anew(tx, permit, &all).await?;
        bookings::rebook(tx, session.id, &all, now_at).await?;
    }
    store::plan(tx, session.id, &plan).await?;
    if let Some((before, after)) = &in_charge {
        officers::set(tx, session.id, &before.named, &after.named).await?;
    }
    if now_at.1 > before.1 {
        tokens::prolong(tx, session.id, now_at.1.0 - before.1.0).await?;
    }
    let mut action = "edit_session";
    if before != now_at {
        let kind = match changeable {
            Changeable::End => NoticeKind::Extended,
            Changeable::Wholly | Changeable::Nothing => NoticeKind::Moved,
        };
        action = match kind {
            NoticeKind::Extended => "extend_session",
            NoticeKind::Moved | NoticeKind::Cancelled => "move_session",
        };
        let notice = NewNotice {
            session: session.id,
            kind,
            before,
            after: now_at,
            reason: reason.as_deref(),
            by: permit.account(),
        };
        notices::tell(tx, notice, now).await?;
    }
    let resource = format!("session:{}", session.code);
    let (before, after) = (Value::Object(fields.0), Value::Object(fields.1));
    permit
        .note_as(tx, action, &resource, (Some(before), Some(after)), now)
        .await?;
    Ok(())
}

/// Calls a session off that has not begun; what it booked is free, and those invited are told why.
///
/// # Errors
/// `bad_reason`; `session_over` with the `reason`; `session_runs`.
pub(crate) async fn cancel(
    tx: &mut Tx,
    permit: &Permit<CancelSession, SessionView>,
    (reason, room): (&str, RoomNow),
    now: UtcMicros,
) -> ApiResult<()> {
    let session = &permit.session;
    match session.changeable(now, room.present) {
        Changeable::Nothing => return Err(over(session)),
        Changeable::End => return Err(runs()),
        Changeable::Wholly => {}
    }
    let reason = admit(text::REASON, reason, ProblemCode::BadReason)?;
    store::cancel(tx, session.id, &reason, now).await?;
    bookings::release(tx, session.id, now).await?;
    let time = (session.starts_at, session.ends_at);
    let notice = NewNotice {
        session: session.id,
        kind: NoticeKind::Cancelled,
        before: time,
        after: time,
        reason: Some(&reason),
        by: permit.account(),
    };
    notices::tell(tx, notice, now).await?;
    let after = json!({ "reason": reason });
    let resource = format!("session:{}", session.code);
    permit.note(tx, &resource, None, Some(after), now).await?;
    Ok(())
}

fn over(session: &Session) -> ApiError {
    let how = if session.cancelled_at.is_some() {
        "cancelled"
    } else if session.ended_at.is_some() {
        "ended"
    } else {
        "lapsed"
    };
    ApiError::new(
        StatusCode::CONFLICT,
        ProblemCode::SessionOver,
        "the session is over",
    )
    .with("reason", how)
}

fn runs() -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        ProblemCode::SessionRuns,
        "the session runs: only its title can be another, and its end later",
    )
}

/// Those in charge, and their names for the audit log: `chair: …`.
#[derive(Debug, Default, PartialEq, Eq)]
struct InCharge {
    named: Vec<Named>,
    said: Vec<String>,
}

/// Those in charge before and since; none when it is not to be another. Who is no chair makes none.
async fn in_charge_since(
    tx: &mut Tx,
    permit: &Permit<EditSession, SessionView>,
    tree: &Tree,
    wanted: &SessionChange,
    now: UtcMicros,
) -> ApiResult<Option<(InCharge, InCharge)>> {
    let Some(wanted) = &wanted.officers else {
        return Ok(None);
    };
    let (session, today) = (&permit.session, day(now));
    let mut before = InCharge::default();
    for officer in officers::of_session(tx, session.id, &today).await? {
        let person = officer.person.parse().map(PersonId);
        let person = person.map_err(ApiError::internal)?;
        before.named.push((officer.part, person));
        before.said.push(say(officer.part, &officer.name));
    }
    let asks = (permit, session.convening_unit);
    let named = officers::actions::named(tx, asks, tree, (wanted, &before.named), &today).await?;
    let chair = |named: &[Named]| {
        let mut all = named.iter();
        all.find(|(part, _)| *part == OfficerPart::Chair).copied()
    };
    if chair(&named) != chair(&before.named) && !permit.may::<EndSession>(&permit.facts) {
        return Err(ApiError::forbidden());
    }
    let mut after = InCharge::default();
    for (part, person) in named {
        let name = officers::name_of(tx, person).await?.unwrap_or_default();
        after.said.push(say(part, &name));
        after.named.push((part, person));
    }
    Ok((before != after).then_some((before, after)))
}

fn say(part: OfficerPart, name: &str) -> String {
    format!("{}: {name}", Word(part))
}

/// How the session is planned since.
fn plan_of(session: &Session, wanted: &SessionChange) -> ApiResult<Plan> {
    let title = match &wanted.title {
        Some(title) => admit(text::TITLE, title, ProblemCode::BadTitle)?,
        None => session.title.clone(),
    };
    let kind = wanted.kind.unwrap_or(session.kind);
    Ok(Plan {
        title,
        kind,
        // Another kind of session is another kind of room.
        preset: match kind == session.kind {
            true => session.preset,
            false => Preset::of(kind),
        },
        starts_at: wanted.starts_at_us.unwrap_or(session.starts_at),
        ends_at: wanted.ends_at_us.unwrap_or(session.ends_at),
    })
}

/// The points that are invited since. One that is invited already needs nobody's leave.
async fn points_since(
    tx: &mut Tx,
    permit: &Permit<EditSession, SessionView>,
    tree: &Tree,
    wanted: &SessionChange,
    now: UtcMicros,
) -> ApiResult<Points> {
    let known = &permit.invited;
    let Some(codes) = &wanted.bridge_points else {
        let all = known.iter().map(|point| (point.id, point.name.clone()));
        return Ok(Points {
            all: all.collect(),
            ..Points::default()
        });
    };
    let kept: Vec<PointId> = known.iter().map(|point| point.id).collect();
    let limit = most_points(permit.session.max_interactive);
    let found = points_of(tx, tree, permit, (codes, &kept), limit, now).await?;
    let added = found.iter().filter(|point| !kept.contains(&point.id));
    let stays = |id: PointId| found.iter().any(|point| point.id == id);
    let removed = known.iter().filter(|point| !stays(point.id));
    Ok(Points {
        added: added.map(|point| point.code.clone()).collect(),
        removed: removed.map(|point| point.code.clone()).collect(),
        all: found
            .iter()
            .map(|point| (point.id, point.name.clone()))
            .collect(),
    })
}

/// Invites these points and no others.
async fn invite_anew(
    tx: &mut Tx,
    permit: &Permit<EditSession, SessionView>,
    all: &[PointId],
) -> ApiResult<()> {
    let (session, known) = (permit.session.id, &permit.invited);
    for point in known.iter().filter(|point| !all.contains(&point.id)) {
        store::uninvite(tx, session, point.id).await?;
    }
    for id in all {
        if !known.iter().any(|point| point.id == *id) {
            invite(tx, session, *id).await?;
        }
    }
    Ok(())
}

/// What is another, before and after, for the audit log.
fn fields_of(
    session: &Session,
    plan: &Plan,
    (points, in_charge): (&Points, &Option<(InCharge, InCharge)>),
    reason: Option<&str>,
) -> (Map<String, Value>, Map<String, Value>) {
    let known = Plan {
        title: session.title.clone(),
        kind: session.kind,
        preset: session.preset,
        starts_at: session.starts_at,
        ends_at: session.ends_at,
    };
    let told = |plan: &Plan| {
        [
            ("title", json!(plan.title)),
            ("kind", json!(plan.kind)),
            ("preset", json!(plan.preset)),
            ("starts_at_us", json!(plan.starts_at)),
            ("ends_at_us", json!(plan.ends_at)),
        ]
    };
    let (mut before, mut after) = (Map::new(), Map::new());
    for ((name, was), (_, is)) in told(&known).into_iter().zip(told(plan)) {
        if was != is {
            before.insert(name.to_owned(), was);
            after.insert(name.to_owned(), is);
        }
    }
    if !points.removed.is_empty() || !points.added.is_empty() {
        before.insert("bridge_points".to_owned(), json!(points.removed));
        after.insert("bridge_points".to_owned(), json!(points.added));
    }
    if let Some((was, is)) = in_charge {
        before.insert("officers".to_owned(), json!(was.said));
        after.insert("officers".to_owned(), json!(is.said));
    }
    if let Some(reason) = reason.filter(|_| !before.is_empty()) {
        after.insert("reason".to_owned(), json!(reason));
    }
    (before, after)
}
