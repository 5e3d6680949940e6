//! Sessions as the interface tells them.

use axum::Json;
use office_core::org::Tree;
use office_core::rights::{
    CancelSession, EditSession, EndSession, EnterRoom, InspectRecordings, ManageLinks,
    PublishMedia, SessionFacts, ViewAttendance, ViewHistory, ViewRecording,
};
use office_core::session::Session;
use protocol::api::{self, ProblemCode, SessionAct, SettingKey};

use super::listing::{self, Beside};
use super::{Listed, store};
use crate::AppState;
use crate::access::Actor;
use crate::platform::clock::minutes;
use crate::platform::database::Conn;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::http::etag::ETag;
use crate::platform::settings::Standing;
use crate::schedule::admission::{SessionView, view_session};

/// A session by its code, as `actor` sees it.
///
/// # Errors
/// `unknown_session`.
pub(crate) async fn find(
    state: &AppState,
    conn: &mut Conn,
    actor: &Actor,
    code: &str,
) -> ApiResult<SessionView> {
    let session = store::by_code(conn, code)
        .await?
        .ok_or_else(|| ApiError::not_found(ProblemCode::UnknownSession))?;
    let tree = state.tree(conn).await?;
    view_session(conn, &tree, actor, session, state.clock.now()).await
}

/// Tells of one session.
///
/// # Errors
/// When the database fails.
pub(crate) async fn describe(
    state: &AppState,
    conn: &mut Conn,
    actor: &Actor,
    view: SessionView,
) -> ApiResult<api::Session> {
    let beside = listing::beside(conn, &view.session, &view.invited).await?;
    let tree = state.tree(conn).await?;
    let standing = state.standing(conn).await?;
    let around = (&*tree, &*standing);
    Ok(tell(
        state,
        around,
        actor,
        view.session,
        &view.facts,
        beside,
    ))
}

/// Tells of one session, with the tag of its version.
///
/// # Errors
/// When the database fails.
pub(crate) async fn tagged(
    state: &AppState,
    conn: &mut Conn,
    actor: &Actor,
    view: SessionView,
) -> ApiResult<(ETag, Json<api::Session>)> {
    let tag = etag(&view.session);
    Ok((tag, Json(describe(state, conn, actor, view).await?)))
}

/// The tag of a session's version.
pub(crate) fn etag(session: &Session) -> ETag {
    ETag::of_version(session.version)
}

/// Tells of a session of a list.
pub(crate) fn describe_listed(
    state: &AppState,
    around: (&Tree, &Standing),
    actor: &Actor,
    listed: Listed,
) -> api::Session {
    let Listed {
        session,
        facts,
        beside,
    } = listed;
    tell(state, around, actor, session, &facts, beside)
}

/// What somebody may do with a session.
fn acts(actor: &Actor, facts: &SessionFacts) -> Vec<SessionAct> {
    [
        (SessionAct::EnterRoom, actor.may::<EnterRoom>(facts)),
        (SessionAct::PublishMedia, actor.may::<PublishMedia>(facts)),
        (SessionAct::EditSession, actor.may::<EditSession>(facts)),
        (SessionAct::CancelSession, actor.may::<CancelSession>(facts)),
        (SessionAct::ViewHistory, actor.may::<ViewHistory>(facts)),
        (SessionAct::EndSession, actor.may::<EndSession>(facts)),
        (SessionAct::ManageLinks, actor.may::<ManageLinks>(facts)),
        (
            SessionAct::InspectRecordings,
            actor.may::<InspectRecordings>(facts),
        ),
        (
            SessionAct::ViewRecordings,
            actor.may::<ViewRecording>(facts),
        ),
        (
            SessionAct::ViewAttendance,
            actor.may::<ViewAttendance>(facts),
        ),
    ]
    .into_iter()
    .filter(|(_, may)| *may)
    .map(|(act, _)| act)
    .collect()
}

fn tell(
    state: &AppState,
    (tree, standing): (&Tree, &Standing),
    actor: &Actor,
    session: Session,
    facts: &SessionFacts,
    beside: Beside,
) -> api::Session {
    let may = acts(actor, facts);
    let early = minutes(standing.number(SettingKey::EarlyMinutes));
    let present = state.rooms.present(session.id);
    let now = state.clock.now();
    api::Session {
        state: session.state(now, present, early),
        opens_at_us: session.opens_at(early),
        opened_at_us: session.opened_at,
        over_at_us: session.over_at(),
        chair: beside.chair,
        secretary: beside.secretary,
        secrecy: session.secrecy,
        auto_record: session.auto_record,
        keep_days: session.keep_days,
        guests_may_replay: session.guests_may_replay,
        kind: session.kind,
        preset: session.preset,
        starts_at_us: session.starts_at,
        ends_at_us: session.ends_at,
        convening_unit: tree.name(session.convening_unit),
        my_role: facts.role,
        invited: beside.invited,
        present,
        has_recording: beside.has_recording && may.contains(&SessionAct::InspectRecordings),
        may,
        class_code: beside.class_code,
        cancel_reason: beside.cancel_reason,
        changeable: session.changeable(now, present),
        etag: etag(&session).to_string(),
        code: session.code.0,
        title: session.title,
    }
}
