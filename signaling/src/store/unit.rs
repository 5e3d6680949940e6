//! Units and the tree of any day.

use std::collections::BTreeMap;

use protocol::api::UnitRef;
use protocol::{Day, UnitId, UtcMicros};
use sqlx::FromRow;

use super::{Conn, StoreResult, Tx, new_id, sql};
use crate::text::fold;

/// The tree of one day.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    units: BTreeMap<UnitId, Unit>,
}

/// A unit as it was on the day of its tree.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// Its external code.
    pub code: String,
    /// Its name on that day.
    pub name: String,
    /// What it is, for example `school`.
    pub kind: String,
    /// The unit above; none at the root.
    pub parent_id: Option<UnitId>,
}

/// A unit and all units above it, nearest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lineage(pub Vec<UnitId>);

impl Lineage {
    /// Whether the unit lies in the subtree of `root`, which lies in its own.
    #[must_use]
    pub fn is_under(&self, root: UnitId) -> bool {
        self.0.contains(&root)
    }
}

impl Tree {
    /// The tree of `day`: every unit that existed on it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(conn: &mut Conn, day: &Day) -> StoreResult<Self> {
        let units = sql!(
            all Unit, conn,
            "SELECT u.id, u.code, v.name, v.kind, v.parent_id
             FROM org_unit u JOIN org_unit_version v ON v.unit_id = u.id
             WHERE v.valid_from <= $1 AND (v.valid_to IS NULL OR v.valid_to >= $1)",
            day
        )?;
        Ok(Self {
            units: units.into_iter().map(|unit| (unit.id, unit)).collect(),
        })
    }

    /// Whether no unit existed on the day.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// A unit that existed on the day.
    #[must_use]
    pub fn unit(&self, id: UnitId) -> Option<&Unit> {
        self.units.get(&id)
    }

    /// A unit by its external code.
    #[must_use]
    pub fn by_code(&self, code: &str) -> Option<&Unit> {
        self.units.values().find(|unit| unit.code == code)
    }

    /// Names a unit; a unit that did not exist on the day is named by its id.
    #[must_use]
    pub fn name(&self, id: UnitId) -> UnitRef {
        self.unit(id).map_or_else(
            || UnitRef {
                code: id.to_string(),
                name: id.to_string(),
            },
            |unit| UnitRef {
                code: unit.code.clone(),
                name: unit.name.clone(),
            },
        )
    }

    /// The unit and all above it. A loop in the data ends the walk.
    #[must_use]
    pub fn lineage(&self, id: UnitId) -> Lineage {
        let mut line = vec![id];
        let mut at = id;
        while let Some(parent) = self.unit(at).and_then(|unit| unit.parent_id) {
            if line.contains(&parent) {
                break;
            }
            line.push(parent);
            at = parent;
        }
        Lineage(line)
    }
}

/// Adds a unit.
///
/// # Errors
/// `Duplicate` when the code is taken.
pub async fn insert(tx: &mut Tx, code: &str, now: UtcMicros) -> StoreResult<UnitId> {
    let id = UnitId(new_id());
    sql!(
        execute,
        tx,
        "INSERT INTO org_unit (id, code, created_at_us) VALUES ($1, $2, $3)",
        id,
        code,
        now
    )?;
    Ok(id)
}

/// What a unit is called, and where it stands, for some time.
#[derive(Debug, Clone, Copy)]
pub struct NewVersion<'a> {
    /// Of which unit.
    pub unit: UnitId,
    /// Its name.
    pub name: &'a str,
    /// What it is.
    pub kind: &'a str,
    /// The unit above.
    pub parent: Option<UnitId>,
    /// The first day.
    pub from: &'a Day,
    /// The last day; none while it lasts.
    pub to: Option<&'a Day>,
}

/// Adds a dated version of a unit.
///
/// # Errors
/// When the database fails.
pub async fn insert_version(tx: &mut Tx, version: NewVersion<'_>) -> StoreResult<()> {
    sql!(
        execute, tx,
        "INSERT INTO org_unit_version (id, unit_id, name, search_key, kind, parent_id, valid_from, valid_to)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        new_id(), version.unit, version.name, fold(version.name), version.kind, version.parent, version.from, version.to
    )?;
    Ok(())
}

/// Records what became of a unit.
///
/// # Errors
/// When the database fails.
pub async fn insert_succession(
    tx: &mut Tx,
    from: UnitId,
    to: Option<UnitId>,
    kind: &str,
    on_day: &Day,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "INSERT INTO org_unit_succession (id, from_unit_id, to_unit_id, kind, on_day) VALUES ($1, $2, $3, $4, $5)",
        new_id(),
        from,
        to,
        kind,
        on_day
    )?;
    Ok(())
}
