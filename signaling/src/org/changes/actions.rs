//! What can be done with decisions.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use jiff::civil::Date;
use office_core::decision::Standing;
use office_core::org::{History, Lineage};
use office_core::rights::{ChangeUnits, HandRole};
use protocol::api::{
    MovedKind, MovedThings, ProblemCode, UnitChangeEffect, UnitChangeState, UnitRef, UnitShift,
    UnitStanding,
};
use protocol::{Day, UnitChangeId, UnitId, UtcMicros};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::look::{Considered, lineages, onset};
use super::store::{self, Dated, Held, NewChange, Row, RowKind, Written};
use crate::access::{Permit, Subject};
use crate::org::units::{self, Org};
use crate::platform::clock::day;
use crate::platform::database::{Conn, Tx};
use crate::platform::error::{ApiError, ApiResult};

/// How many names of moved things are told: what a screen shows.
const MOST_NAMES: usize = 12;
/// How many units the audit log names of one decision.
const MOST_AUDITED: usize = 50;

/// What of a decision is needed after it was written.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    /// Codes of the units over which it needs a right.
    over: BTreeSet<String>,
    /// Who takes over from whom.
    heirs: BTreeMap<UnitId, Option<UnitId>>,
}

/// Writes a decision. What has days is written at once; what has none moves at once when the day has come, else on it.
///
/// # Errors
/// `unit_in_use` when a unit would close with what needs an heir; `role_beyond` when a role would go to a unit for which
/// whoever decides may not give it.
pub(super) async fn decide(
    tx: &mut Tx,
    permit: &Permit<ChangeUnits, Considered>,
    now: UtcMicros,
) -> ApiResult<(UnitChangeId, UnitChangeEffect)> {
    let Considered { change, plan, .. } = &**permit;
    let (start, has_come) = (start_of(&change.day)?, change.day <= day(now));
    let ids = units_of(tx, permit, now).await?;
    let heirs = heirs_of(permit, &ids);
    let kept = Kept {
        over: plan.over.clone(),
        heirs: heirs
            .iter()
            .map(|(from, heir)| (*from, heir.as_ref().map(|heir| heir.unit)))
            .collect(),
    };
    let new = NewChange {
        document: &change.document,
        title: &change.title,
        day: &change.day,
        state: match has_come {
            true => UnitChangeState::Applied,
            false => UnitChangeState::Planned,
        },
        steps: &serde_json::to_string(&change.steps).map_err(ApiError::internal)?,
        plan: &serde_json::to_string(&kept).map_err(ApiError::internal)?,
        by: permit.account(),
    };
    let id = store::insert(tx, new, now).await?;
    let mut rows = write_tree(tx, permit, &ids).await?;
    let mut moved = Moved::default();
    for (from, heir) in &heirs {
        hand_over(
            tx,
            permit,
            (*from, heir.as_ref()),
            start,
            &mut rows,
            &mut moved,
        )
        .await?;
        if let (Some(heir), true) = (heir, has_come) {
            rows.extend(store::give_sessions(tx, (*from, heir.unit), start).await?);
        }
    }
    store::note(tx, id, &rows).await?;
    let effect = UnitChangeEffect {
        rows: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        units: shifts(permit),
        moved: moved.tell(),
    };
    let touched: BTreeSet<&String> = plan.ended.iter().chain(plan.begun.keys()).collect();
    let after = json!({
        "document": change.document, "title": change.title, "day": change.day, "rows": effect.rows,
        "units": touched.into_iter().take(MOST_AUDITED).collect::<Vec<_>>(),
    });
    let resource = format!("org_change:{id}");
    permit.note(tx, &resource, None, Some(after), now).await?;
    Ok((id, effect))
}

/// The ids of all units by code, with those that the decision makes.
async fn units_of(
    tx: &mut Tx,
    permit: &Permit<ChangeUnits, Considered>,
    now: UtcMicros,
) -> ApiResult<BTreeMap<String, UnitId>> {
    let mut ids = permit.ids.clone();
    for code in &permit.plan.made {
        let id = match store::unused(tx, code).await? {
            Some(id) => id,
            None => units::insert(tx, code, now).await?,
        };
        ids.insert(code.clone(), id);
    }
    Ok(ids)
}

/// A unit that takes over what another had.
struct Heir {
    unit: UnitId,
    /// Where it stands after the decision, as far as the units above it stood before.
    lineage: Lineage,
}

/// Who takes over from whom.
fn heirs_of(
    considered: &Considered,
    ids: &BTreeMap<String, UnitId>,
) -> Vec<(UnitId, Option<Heir>)> {
    let heir = |code: &String| {
        Some(Heir {
            unit: *ids.get(code)?,
            lineage: considered.lineage_after(code),
        })
    };
    let heirs = considered.plan.heirs.iter();
    heirs
        .filter_map(|(from, code)| Some((*ids.get(from)?, code.as_ref().and_then(heir))))
        .collect()
}

async fn write_tree(
    tx: &mut Tx,
    considered: &Considered,
    ids: &BTreeMap<String, UnitId>,
) -> ApiResult<Vec<Written>> {
    let Considered { onset, plan, .. } = considered;
    let id = |code: &String| {
        let id = ids.get(code).copied();
        id.ok_or_else(|| ApiError::internal(format!("the unit {code} has no id")))
    };
    let mut rows = Vec::new();
    for code in &plan.made {
        rows.push(Written::made(RowKind::Unit, id(code)?.0, None));
    }
    for code in &plan.ended {
        rows.extend(store::end_version(tx, id(code)?, &onset.eve).await?);
    }
    for (code, standing) in &plan.begun {
        let Standing { name, kind, parent } = standing;
        let parent = parent.as_ref().map(id).transpose()?;
        let unit = id(code)?;
        rows.push(store::begin_version(tx, unit, (name, kind), parent, &onset.day).await?);
    }
    for one in &plan.succeeded {
        let to = one.to.as_ref().map(id).transpose()?;
        rows.push(store::succeed(tx, id(&one.from)?, to, one.how, &onset.day).await?);
    }
    Ok(rows)
}

/// Gives what a unit has to its heir, or lets it end.
async fn hand_over(
    tx: &mut Tx,
    permit: &Permit<ChangeUnits, Considered>,
    (from, heir): (UnitId, Option<&Heir>),
    start: UtcMicros,
    rows: &mut Vec<Written>,
    moved: &mut Moved,
) -> ApiResult<()> {
    let onset = &permit.onset;
    for dated in Dated::ALL {
        for held in dated.held(tx, from, &onset.day).await? {
            let begins_later = held.valid_from >= onset.day;
            let Some(heir) = heir else {
                if begins_later || held.hosts {
                    return Err(in_use(permit, from, told(dated)));
                }
                dated.end(tx, held.id, &onset.eve).await?;
                rows.push(Written::ended(dated.kind(), held.id, held.valid_to));
                moved.end(told(dated), held.name);
                continue;
            };
            if !begins_later && dated.is_there(tx, held.id, heir.unit, &onset.day).await? {
                dated.end(tx, held.id, &onset.eve).await?;
                rows.push(Written::ended(dated.kind(), held.id, held.valid_to));
                moved.end(told(dated), held.name);
                continue;
            }
            check_role(permit, &held, heir)?;
            if begins_later {
                dated.give(tx, held.id, heir.unit).await?;
                rows.push(Written::moved(dated.kind(), held.id, from, heir.unit));
            } else {
                let copy = dated.copy(tx, held.id, heir.unit, &onset.day).await?;
                dated.end(tx, held.id, &onset.eve).await?;
                rows.push(Written::ended(dated.kind(), held.id, held.valid_to.clone()));
                rows.push(Written::made(dated.kind(), copy, held.valid_to));
            }
            moved.go(told(dated), held.name);
        }
    }
    let sessions = store::sessions(tx, from, start).await?;
    let invitations = store::invitations(tx, from, start).await?;
    if heir.is_none() && !(sessions.is_empty() && invitations.is_empty()) {
        return Err(in_use(permit, from, MovedKind::Session));
    }
    for (title, bookings) in sessions {
        for _ in 0..bookings {
            moved.go(MovedKind::Booking, title.clone());
        }
        moved.go(MovedKind::Session, title);
    }
    for (title,) in invitations {
        moved.go(MovedKind::Invitation, title);
    }
    Ok(())
}

/// A role goes to an heir only when whoever decides may give it there.
fn check_role(permit: &Permit<ChangeUnits, Considered>, held: &Held, heir: &Heir) -> ApiResult<()> {
    let Some(role) = &held.role else {
        return Ok(());
    };
    if permit.may::<HandRole>(&(role.0, heir.lineage.clone())) {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        ProblemCode::RoleBeyond,
        "a role would reach further than whoever decides may give it",
    )
    .with("name", &held.name))
}

impl Considered {
    /// The units, of those that stood before, in whose subtree a unit stands after the decision.
    fn lineage_after(&self, code: &String) -> Lineage {
        let (mut line, mut seen) = (Vec::new(), BTreeSet::new());
        let mut at = Some(code);
        while let Some(code) = at.filter(|code| seen.insert(*code)) {
            line.extend(self.ids.get(code));
            let standing = self.plan.begun.get(code).or_else(|| self.before.get(code));
            at = standing.and_then(|standing| standing.parent.as_ref());
        }
        Lineage(line)
    }
}

fn in_use(considered: &Considered, unit: UnitId, what: MovedKind) -> ApiError {
    let name = considered.tree.name(unit);
    let what = serde_json::to_value(what).unwrap_or_default();
    ApiError::new(
        StatusCode::CONFLICT,
        ProblemCode::UnitInUse,
        "a unit that has points, sessions or what begins later closes only with an heir",
    )
    .with("unit", name.name)
    .with("reason", what.as_str().unwrap_or_default())
}

const fn told(dated: Dated) -> MovedKind {
    match dated {
        Dated::Appointment => MovedKind::Appointment,
        Dated::Point => MovedKind::Point,
        Dated::Grant => MovedKind::Grant,
    }
}

/// What moves, by kind.
#[derive(Debug, Default)]
struct Moved(BTreeMap<MovedKind, (u32, u32, Vec<String>)>);

impl Moved {
    fn go(&mut self, kind: MovedKind, name: String) {
        let (moved, _, names) = self.0.entry(kind).or_default();
        *moved += 1;
        remember(names, name);
    }

    fn end(&mut self, kind: MovedKind, name: String) {
        let (_, ended, names) = self.0.entry(kind).or_default();
        *ended += 1;
        remember(names, name);
    }

    fn tell(self) -> Vec<MovedThings> {
        let things = |(kind, (moved, ended, names))| MovedThings {
            kind,
            moved,
            ended,
            names,
        };
        self.0.into_iter().map(things).collect()
    }
}

fn remember(names: &mut Vec<String>, name: String) {
    if names.len() < MOST_NAMES && !names.contains(&name) {
        names.push(name);
    }
}

/// The units before and after a decision.
fn shifts(considered: &Considered) -> Vec<UnitShift> {
    let Considered { before, plan, .. } = considered;
    let name = |code: &String| UnitRef {
        code: code.clone(),
        name: plan
            .begun
            .get(code)
            .or_else(|| before.get(code))
            .map_or_else(|| code.clone(), |standing| standing.name.clone()),
    };
    let told = |standing: &Standing| UnitStanding {
        name: standing.name.clone(),
        kind: standing.kind.clone(),
        parent: standing.parent.as_ref().map(name),
    };
    let codes: BTreeSet<&String> = plan.ended.iter().chain(plan.begun.keys()).collect();
    let shift = |code: &String| UnitShift {
        code: code.clone(),
        before: before.get(code).map(told),
        after: plan.begun.get(code).map(told),
        heir: plan.heirs.get(code).and_then(Option::as_ref).map(name),
    };
    codes.into_iter().map(shift).collect()
}

/// A decision, and what of it matters to rights.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(super) row: Row,
    over: Vec<Lineage>,
}

impl Stored {
    /// A decision, on the organisation of today.
    ///
    /// # Errors
    /// When it is not stored as it should be.
    pub(super) fn of(row: Row, history: &History, today: &Day) -> ApiResult<Self> {
        let over = lineages(history, &kept(&row)?.over, today);
        Ok(Self { row, over })
    }
}

impl Subject<Vec<Lineage>> for Stored {
    fn facts(&self) -> &Vec<Lineage> {
        &self.over
    }
}

/// A decision by its id.
///
/// # Errors
/// 404 `unknown_change`.
pub(super) async fn find(conn: &mut Conn, org: &Org, id: &str, today: &Day) -> ApiResult<Stored> {
    let unknown = || ApiError::not_found(ProblemCode::UnknownChange);
    let id = id.parse().map(UnitChangeId).map_err(|_| unknown())?;
    let row = store::by_id(conn, id).await?.ok_or_else(unknown)?;
    let history = org.history(conn).await?;
    Stored::of(row, &history, today)
}

fn kept(row: &Row) -> ApiResult<Kept> {
    serde_json::from_str(&row.plan).map_err(ApiError::internal)
}

/// Takes a decision back. One that was undone before stays so.
///
/// # Errors
/// 409 `change_built_upon`.
pub(super) async fn undo(
    tx: &mut Tx,
    permit: &Permit<ChangeUnits, Stored>,
    org: &Org,
    now: UtcMicros,
) -> ApiResult<()> {
    let row = &permit.row;
    store::lock(tx).await?;
    if !store::mark_undone(tx, row.id, now).await? {
        return Ok(());
    }
    let onset = onset(&row.on_day)?;
    for written in store::written(tx, row.id).await? {
        if !store::take_back(tx, &written, &onset.eve).await? {
            return Err(built_upon());
        }
    }
    let register = org.history(tx).await?.register();
    if register.check_from(&onset.day).is_err() || store::orphans(tx).await? {
        return Err(built_upon());
    }
    let before = json!({ "document": row.document, "day": row.on_day, "state": row.state.0 });
    let deed = ("undo_unit_change", format!("org_change:{}", row.id));
    let after = json!({ "state": UnitChangeState::Undone });
    permit
        .note_as(tx, deed.0, &deed.1, (Some(before), Some(after)), now)
        .await?;
    Ok(())
}

fn built_upon() -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        ProblemCode::ChangeBuiltUpon,
        "something later builds on what the decision wrote",
    )
}

/// Lets a planned decision whose day has come move what has no days of its own. Whether it was still planned.
///
/// # Errors
/// When the database fails.
pub(super) async fn apply(
    tx: &mut Tx,
    permit: &Permit<ChangeUnits, Row>,
    now: UtcMicros,
) -> ApiResult<bool> {
    let row: &Row = permit;
    if !store::mark_applied(tx, row.id, now).await? {
        return Ok(false);
    }
    let start = start_of(&row.on_day)?;
    let mut rows = Vec::new();
    for (from, heir) in kept(row)?.heirs {
        if let Some(heir) = heir {
            rows.extend(store::give_sessions(tx, (from, heir), start).await?);
        }
    }
    store::note(tx, row.id, &rows).await?;
    let after = json!({ "document": row.document, "day": row.on_day, "moved": rows.len() });
    let resource = format!("org_change:{}", row.id);
    permit
        .note_as(tx, "apply_unit_change", &resource, (None, Some(after)), now)
        .await?;
    Ok(true)
}

/// The first moment of a day in Viet Nam.
fn start_of(day: &Day) -> ApiResult<UtcMicros> {
    let date: Date = day.0.parse().map_err(ApiError::internal)?;
    let start = date.in_tz("Asia/Ho_Chi_Minh").map_err(ApiError::internal)?;
    Ok(UtcMicros(start.timestamp().as_microsecond()))
}
