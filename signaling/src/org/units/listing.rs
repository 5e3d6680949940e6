//! The tree of a day as somebody sees it, and a unit by its code.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use office_core::org::{Lineage, Tree, Version};
use office_core::rights::{ChangeUnits, UnitFacts, ViewUnit};
use protocol::api::{
    ProblemCode, TreeDay, UnitAct, UnitDetail, UnitRef, UnitRow, UnitSuccession, UnitTree,
    UnitVersion,
};
use protocol::{Day, UnitId};

use super::Org;
use super::store::{self, ListedRow, SuccessionRow};
use crate::access::{Actor, Subject};
use crate::platform::database::{Conn, StoreResult};
use crate::platform::error::{ApiError, ApiResult};

/// The tree of `day`, as far as somebody with an account, or a key, may see it: [`ViewUnit`], unit by unit.
///
/// # Errors
/// When the database fails.
pub(super) async fn tree(
    conn: &mut Conn,
    org: &Org,
    actor: &Actor,
    today: &Day,
    day: &Day,
) -> ApiResult<UnitTree> {
    let tree = org.tree(conn, day).await?;
    let history = org.history(conn).await?;
    let became = Became::read(conn, day).await?;
    let people = store::people(conn, day).await?;
    let hosted = store::hosted(conn, day).await?;
    let own = above_own(actor, &tree);
    let count = |of: &HashMap<UnitId, i64>, unit: UnitId| of.get(&unit).copied().unwrap_or(0);
    let seen = history.standing(day).into_iter().filter(|version| {
        let facts = facts_of(version.unit.id, actor, &own, &tree);
        actor.may::<ViewUnit>(&facts)
    });
    let units = seen.map(|Version { unit, from, to }| {
        let row = ListedRow {
            unit_id: unit.id,
            code: unit.code.clone(),
            name: unit.name.clone(),
            kind: unit.kind.clone(),
            parent_code: unit.parent.map(|parent| tree.name(parent).code),
            valid_from: from.clone(),
            valid_to: to.clone(),
            ended: to.as_ref().is_some_and(|last| last < day),
            people: count(&people, unit.id),
            points: count(&hosted, unit.id),
        };
        describe(row, &tree, &became)
    });
    let days = history.days().into_iter().map(|(day, changes)| TreeDay {
        day: day.clone(),
        changes: u32::try_from(changes).unwrap_or(u32::MAX),
    });
    Ok(UnitTree {
        day: day.clone(),
        today: today.clone(),
        units: units.collect(),
        days: days.collect(),
    })
}

/// The units at which somebody holds a role, and all above them.
fn above_own(actor: &Actor, tree: &Tree) -> BTreeSet<UnitId> {
    let own = actor.grants.0.iter().map(|grant| tree.lineage(grant.unit));
    own.flat_map(|line| line.0).collect()
}

/// What of a unit matters to whether somebody may see it.
fn facts_of(unit: UnitId, actor: &Actor, own: &BTreeSet<UnitId>, tree: &Tree) -> UnitFacts {
    UnitFacts {
        above_own: own.contains(&unit),
        by_key: actor.scopes().is_some(),
        lineage: tree.lineage_of_any_day(unit),
    }
}

/// A unit as somebody asks for it.
#[derive(Debug)]
pub(super) struct Found {
    row: ListedRow,
    facts: UnitFacts,
}

impl Subject<UnitFacts> for Found {
    fn facts(&self) -> &UnitFacts {
        &self.facts
    }
}

/// The unit with this code, as it stood on `day`, else last before it, else first after it.
///
/// # Errors
/// 404 `unknown_unit`.
pub(super) async fn find(
    conn: &mut Conn,
    org: &Org,
    actor: &Actor,
    code: &str,
    day: &Day,
) -> ApiResult<Found> {
    let row = store::by_code(conn, code, day)
        .await?
        .ok_or_else(|| ApiError::not_found(ProblemCode::UnknownUnit).with("unit", code))?;
    let tree = org.tree(conn, day).await?;
    let facts = facts_of(row.unit_id, actor, &above_own(actor, &tree), &tree);
    Ok(Found { row, facts })
}

/// Describes it.
///
/// # Errors
/// When the database fails.
pub(super) async fn detail(
    conn: &mut Conn,
    org: &Org,
    actor: &Actor,
    found: Found,
    day: &Day,
) -> ApiResult<UnitDetail> {
    let Found { row, facts } = found;
    let tree = org.tree(conn, day).await?;
    let id = row.unit_id;
    let above = facts.lineage.0.iter().skip(1);
    let above = above.map(|unit| tree.name(*unit)).collect();
    let versions = store::versions(conn, id).await?;
    let versions = versions.into_iter().map(|version| UnitVersion {
        parent: version.parent_id.map(|parent| tree.name(parent)),
        name: version.name,
        kind: version.kind,
        from: version.valid_from,
        to: version.valid_to,
    });
    let (mut came_from, mut became) = (Vec::new(), Vec::new());
    for row in store::successions_of(conn, id).await? {
        let (other, list) = match row.from_unit_id == id {
            true => (row.to_unit_id, &mut became),
            false => (Some(row.from_unit_id), &mut came_from),
        };
        list.push(UnitSuccession {
            unit: other.map(|unit| tree.name(unit)),
            kind: row.kind.0,
            day: row.on_day,
        });
    }
    let points = store::points(conn, id, day).await?;
    let stands = !row.ended && tree.unit(id).is_some();
    let line = facts.lineage.clone();
    // The right over the unit above; the root has none.
    let over = match line.0.get(1..) {
        Some(above) if !above.is_empty() => Lineage(above.to_vec()),
        _ => line.clone(),
    };
    let may = [
        (UnitAct::AddBelow, vec![line]),
        (UnitAct::Change, vec![over]),
    ];
    let may = may
        .into_iter()
        .filter(|(_, over)| stands && actor.may::<ChangeUnits>(over));
    let known = Became::read(conn, day).await?;
    Ok(UnitDetail {
        unit: describe(row, &tree, &known),
        above,
        versions: versions.collect(),
        came_from,
        became,
        points,
        may: may.map(|(act, _)| act).collect(),
    })
}

fn describe(row: ListedRow, tree: &Tree, became: &Became) -> UnitRow {
    let heirs = match row.ended {
        true => became.last(row.unit_id, tree),
        false => Vec::new(),
    };
    UnitRow {
        code: row.code,
        name: row.name,
        kind: row.kind,
        parent: row.parent_code,
        from: row.valid_from,
        to: row.valid_to,
        ended: row.ended,
        became: heirs,
        people: u32::try_from(row.people).unwrap_or(u32::MAX),
        points: u32::try_from(row.points).unwrap_or(u32::MAX),
    }
}

/// What became of units up to a day.
struct Became(BTreeMap<UnitId, Vec<UnitId>>);

impl Became {
    async fn read(conn: &mut Conn, day: &Day) -> StoreResult<Self> {
        let mut became: BTreeMap<UnitId, Vec<UnitId>> = BTreeMap::new();
        for row in store::successions(conn, day).await? {
            let SuccessionRow {
                from_unit_id,
                to_unit_id: Some(to),
                ..
            } = row
            else {
                continue;
            };
            became.entry(from_unit_id).or_default().push(to);
        }
        Ok(Self(became))
    }

    /// The units of the day that came after one, also after several changes.
    fn last(&self, unit: UnitId, tree: &Tree) -> Vec<UnitRef> {
        let (mut seen, mut found) = (BTreeSet::from([unit]), Vec::new());
        let mut open = vec![unit];
        while let Some(at) = open.pop() {
            for next in self.0.get(&at).into_iter().flatten() {
                if !seen.insert(*next) {
                    continue;
                }
                if tree.unit(*next).is_some() {
                    found.push(tree.name(*next));
                } else {
                    open.push(*next);
                }
            }
        }
        found.sort_by(|a, b| a.code.cmp(&b.code));
        found
    }
}
