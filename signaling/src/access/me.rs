//! Who one is, as the interface tells it, and the cookie that remembers it.

use std::time::Duration;

use axum::http::{HeaderValue, header};
use axum::response::Response;
use office_core::rights::{CONVENERS, OpenMonitor, PlanSessions};
use protocol::UtcMicros;
use protocol::api::{GrantedRole, Me, OfficeAct};

use super::accounts;
use super::{Actor, Identity};
use crate::AppState;
use crate::platform::clock::day;
use crate::platform::database::Conn;
use crate::platform::error::ApiResult;
use crate::platform::http::caller::COOKIE;
use crate::platform::secret::Secret;

/// How long after its planned end a session may still be entered by what has run out meanwhile.
pub(crate) const OVERTIME: Duration = Duration::from_secs(12 * 3_600);

/// Describes somebody to themselves.
///
/// # Errors
/// When the database fails.
pub(crate) async fn describe(state: &AppState, conn: &mut Conn, actor: &Actor) -> ApiResult<Me> {
    let today = day(state.clock.now());
    let tree = state.tree(conn).await?;
    let (link_session, bridge_point) = match &actor.identity {
        Identity::Link(link) => (Some(link.session_code.0.clone()), link.point_name.clone()),
        Identity::Account { person, .. } => {
            (None, accounts::point_of(conn, *person, &today).await?)
        }
    };
    let grants = || actor.grants.0.iter();
    let may = [
        (OfficeAct::PlanSessions, actor.may::<PlanSessions>(&())),
        (OfficeAct::OpenMonitor, actor.may::<OpenMonitor>(&())),
    ];
    Ok(Me {
        name: actor.name.clone(),
        login: actor.login.clone(),
        roles: grants()
            .map(|grant| GrantedRole {
                role: grant.role,
                unit: tree.name(grant.unit),
            })
            .collect(),
        link_session,
        bridge_point,
        may: may
            .into_iter()
            .filter(|(_, may)| *may)
            .map(|(act, _)| act)
            .collect(),
        convenes_for: grants()
            .filter(|grant| CONVENERS.contains(&grant.role))
            .map(|grant| tree.name(grant.unit))
            .collect(),
    })
}

/// Adds our cookie, or its end, to an answer.
pub(crate) fn with_cookie(
    mut response: Response,
    token: Option<&Secret>,
    now: UtcMicros,
    expires_at: UtcMicros,
) -> Response {
    let kept = match token {
        // A room that runs over its time is come back to by what has run out meanwhile; see [`OVERTIME`].
        Some(_) => expires_at.plus(OVERTIME),
        None => expires_at,
    };
    let seconds = (kept.0 - now.0).max(0) / 1_000_000;
    let value = token.map_or("", Secret::expose);
    let cookie =
        format!("{COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}");
    let cookie = HeaderValue::from_str(&cookie).expect("base64url and a number make a header");
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}
