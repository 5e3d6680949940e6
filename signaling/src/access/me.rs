//! Who one is, as the interface tells it, and the cookie that remembers it.

use std::time::Duration;

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use office_core::rights::{
    ChangeUnits, KeepOwnAccount, ListAccounts, ListKeys, ListPeople, ListRegister, ListUnits,
    Oneself, OpenMonitor, OpenSystem, PlanSessions, ViewSettings,
};
use office_core::session::OVERTIME;
use protocol::UtcMicros;
use protocol::api::{GrantedRole, Me, OfficeAct};

use super::{Actor, Identity, accounts, second_factor};
use crate::AppState;
use crate::platform::clock::day;
use crate::platform::database::Conn;
use crate::platform::error::ApiResult;
use crate::platform::http::caller::COOKIE;
use crate::platform::secret::Secret;

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
        Identity::Key(_) => (None, None),
    };
    let oneself = Oneself {
        has_account: actor.account().is_some(),
    };
    let root = tree.lineage_of_host(tree.root().map(|unit| unit.id));
    let may = [
        (OfficeAct::PlanSessions, actor.may::<PlanSessions>(&())),
        (OfficeAct::OpenMonitor, actor.may::<OpenMonitor>(&())),
        (OfficeAct::ManagePeople, actor.may::<ListPeople>(&())),
        (OfficeAct::OpenSystem, actor.may::<OpenSystem>(&())),
        (OfficeAct::ViewSettings, actor.may::<ViewSettings>(&root)),
        (OfficeAct::ListUnits, actor.may::<ListUnits>(&())),
        (
            OfficeAct::ChangeUnits,
            actor.may::<ChangeUnits>(&Vec::new()),
        ),
        (OfficeAct::ManagePoints, actor.may::<ListRegister>(&())),
        (OfficeAct::ListAccounts, actor.may::<ListAccounts>(&())),
        (OfficeAct::ManageKeys, actor.may::<ListKeys>(&())),
        (
            OfficeAct::KeepOwnAccount,
            actor.may::<KeepOwnAccount>(&oneself),
        ),
    ];
    let owes_second_factor = second_factor::owes(&state.config, actor);
    Ok(Me {
        name: actor.name.clone(),
        login: actor.login.clone(),
        roles: actor
            .grants
            .0
            .iter()
            .map(|grant| GrantedRole {
                role: grant.role,
                unit: tree.name(grant.unit),
            })
            .collect(),
        link_session,
        bridge_point,
        may: may
            .into_iter()
            .filter(|(_, may)| *may && !owes_second_factor)
            .map(|(act, _)| act)
            .collect(),
        convenes_for: actor
            .grants
            .convenes_for()
            .filter(|_| !owes_second_factor)
            .map(|unit| tree.name(unit))
            .collect(),
        owes_second_factor,
    })
}

/// The cookie of a sign-in. It outlives the sign-in by [`OVERTIME`]: a room that runs over its time is come back to by what
/// has run out meanwhile.
pub(crate) fn kept_cookie(token: &Secret, now: UtcMicros, expires_at: UtcMicros) -> CookieJar {
    CookieJar::new().add(ours(token.expose(), expires_at.since(now) + OVERTIME))
}

/// Makes a browser forget the cookie of its sign-in.
pub(crate) fn ended_cookie() -> CookieJar {
    CookieJar::new().add(ours("", Duration::ZERO))
}

fn ours(value: &str, kept: Duration) -> Cookie<'static> {
    Cookie::build((COOKIE, value.to_owned()))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(kept.try_into().unwrap_or_default())
        .build()
}
