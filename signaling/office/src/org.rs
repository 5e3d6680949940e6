//! Units and the tree that they make on a day. Units are renamed, moved and dissolved; a [`History`] knows every version
//! of each, and [`History::on`] gives the tree of any day.

use std::collections::{BTreeMap, BTreeSet};

use crate::decision::{Register, Span, Standing};

use protocol::api::UnitRef;
use protocol::{Day, UnitId};

/// What a unit was called, and where it stood, from one day to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The unit as it was then.
    pub unit: Unit,
    /// The first day.
    pub from: Day,
    /// The last day; none while it lasts.
    pub to: Option<Day>,
}

/// Every version of every unit.
#[derive(Debug, Clone, Default)]
pub struct History(Vec<Version>);

/// A unit as it was on some day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// Its external code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is, for example `school`.
    pub kind: String,
    /// The unit above; none at the root.
    pub parent: Option<UnitId>,
}

/// The tree of one day.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    units: BTreeMap<UnitId, Unit>,
    by_code: BTreeMap<String, UnitId>,
    /// Units of other days, as they stood last before this one, else first after it.
    of_other_days: BTreeMap<UnitId, Unit>,
}

/// A unit and all units above it, nearest first; empty for what belongs to no unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lineage(pub Vec<UnitId>);

impl Lineage {
    /// Whether the unit lies in the subtree of `root`, which lies in its own.
    #[must_use]
    pub fn is_under(&self, root: UnitId) -> bool {
        self.0.contains(&root)
    }
}

impl History {
    /// The history that these versions make, in any order. No unit has two versions on one day; if it has, the later in
    /// the list counts.
    #[must_use]
    pub fn new(versions: Vec<Version>) -> Self {
        Self(versions)
    }

    /// The same by codes, as decisions see it.
    #[must_use]
    pub fn register(&self) -> Register {
        let codes: BTreeMap<UnitId, &String> =
            self.0.iter().map(|v| (v.unit.id, &v.unit.code)).collect();
        let spans = self.0.iter().map(|version| {
            let unit = &version.unit;
            let parent = unit.parent.and_then(|id| codes.get(&id).copied());
            let span = Span {
                standing: Standing {
                    name: unit.name.clone(),
                    kind: unit.kind.clone(),
                    parent: parent.cloned(),
                },
                from: version.from.clone(),
                to: version.to.clone(),
            };
            (unit.code.clone(), span)
        });
        Register::of(spans)
    }

    /// The id of every unit by its code.
    #[must_use]
    pub fn codes(&self) -> BTreeMap<String, UnitId> {
        let units = self.0.iter().map(|version| &version.unit);
        units.map(|unit| (unit.code.clone(), unit.id)).collect()
    }

    /// Each unit as it stood on `day`, or stood last before it; units that begin later are left out. By code.
    #[must_use]
    pub fn standing(&self, day: &Day) -> Vec<&Version> {
        let mut standing: BTreeMap<&str, &Version> = BTreeMap::new();
        for version in self.0.iter().filter(|version| version.from <= *day) {
            let known = standing
                .entry(version.unit.code.as_str())
                .or_insert(version);
            if known.from < version.from {
                *known = version;
            }
        }
        standing.into_values().collect()
    }

    /// The days on which some unit begins, or begins to stand differently, and how many they are.
    #[must_use]
    pub fn days(&self) -> BTreeMap<&Day, usize> {
        let mut days = BTreeMap::new();
        for version in &self.0 {
            *days.entry(&version.from).or_default() += 1;
        }
        days
    }

    /// The tree of `day`: every unit that existed on it.
    #[must_use]
    pub fn on(&self, day: &Day) -> Tree {
        let exists = |version: &&Version| {
            version.from <= *day && version.to.as_ref().is_none_or(|last| last >= day)
        };
        let mut tree = Tree::of(self.0.iter().filter(exists).map(|v| v.unit.clone()));
        let mut nearest: BTreeMap<UnitId, &Version> = BTreeMap::new();
        for version in &self.0 {
            let id = version.unit.id;
            let is_nearer = |known: &&Version| match (known.from <= *day, version.from <= *day) {
                (true, true) => known.from < version.from,
                (false, false) => version.from < known.from,
                (has_begun, _) => !has_begun,
            };
            if tree.unit(id).is_none() && nearest.get(&id).is_none_or(is_nearer) {
                nearest.insert(id, version);
            }
        }
        let others = nearest.into_iter().map(|(id, v)| (id, v.unit.clone()));
        tree.of_other_days = others.collect();
        tree
    }
}

impl Unit {
    fn named(&self) -> UnitRef {
        UnitRef {
            code: self.code.clone(),
            name: self.name.clone(),
        }
    }
}

impl Tree {
    /// The tree of these units.
    #[must_use]
    pub fn of(units: impl IntoIterator<Item = Unit>) -> Self {
        let units: BTreeMap<_, _> = units.into_iter().map(|unit| (unit.id, unit)).collect();
        let by_code = units
            .values()
            .map(|unit| (unit.code.clone(), unit.id))
            .collect();
        Self {
            units,
            by_code,
            of_other_days: BTreeMap::new(),
        }
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

    /// Every unit that existed on the day.
    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.units.values()
    }

    /// The unit that has none above it; the first of them in the order of their ids, should there be several.
    #[must_use]
    pub fn root(&self) -> Option<&Unit> {
        self.units.values().find(|unit| unit.parent.is_none())
    }

    /// A unit by its external code.
    #[must_use]
    pub fn by_code(&self, code: &str) -> Option<&Unit> {
        self.unit(*self.by_code.get(code)?)
    }

    /// The unit that has this code on the day, else one that has it on another day.
    #[must_use]
    pub fn of_any_day(&self, code: &str) -> Option<UnitId> {
        let today = self.by_code(code).map(|unit| unit.id);
        today.or_else(|| {
            let mut others = self.of_other_days.iter();
            others
                .find(|(_, unit)| unit.code == code)
                .map(|(id, _)| *id)
        })
    }

    /// Names a unit: as it was called on the day, else last before it, else first after it. By its id when no history
    /// has it.
    #[must_use]
    pub fn name(&self, id: UnitId) -> UnitRef {
        let known = self.unit(id).map(Unit::named);
        known
            .or_else(|| self.of_other_days.get(&id).map(Unit::named))
            .unwrap_or_else(|| UnitRef {
                code: id.to_string(),
                name: id.to_string(),
            })
    }

    /// The unit and all above it. A loop in the data ends the walk.
    #[must_use]
    pub fn lineage(&self, id: UnitId) -> Lineage {
        self.line_up(id, |id| self.unit(id))
    }

    /// The same of a unit that may be no more on the day, or not yet: below what it stood below.
    #[must_use]
    pub fn lineage_of_any_day(&self, id: UnitId) -> Lineage {
        self.line_up(id, |id| {
            self.unit(id).or_else(|| self.of_other_days.get(&id))
        })
    }

    fn line_up<'a>(&'a self, id: UnitId, unit: impl Fn(UnitId) -> Option<&'a Unit>) -> Lineage {
        let mut line = vec![id];
        let mut at = id;
        while let Some(parent) = unit(at).and_then(|unit| unit.parent) {
            if line.contains(&parent) {
                break;
            }
            line.push(parent);
            at = parent;
        }
        Lineage(line)
    }

    /// Shows a unit and all below it, each before those below it, which come by their names. A loop in the data ends the walk.
    pub fn walk(&self, root: UnitId, show: &mut impl FnMut(UnitId, u32)) {
        let mut below: BTreeMap<UnitId, Vec<&Unit>> = BTreeMap::new();
        for unit in self.units.values() {
            if let Some(parent) = unit.parent {
                below.entry(parent).or_default().push(unit);
            }
        }
        let mut shown = BTreeSet::new();
        let mut waiting = vec![(root, 0)];
        while let Some((id, depth)) = waiting.pop() {
            if !shown.insert(id) {
                continue;
            }
            show(id, depth);
            let mut next = below.remove(&id).unwrap_or_default();
            next.sort_by(|one, other| (&other.name, other.id).cmp(&(&one.name, one.id)));
            waiting.extend(next.into_iter().map(|unit| (unit.id, depth + 1)));
        }
    }

    /// The lineage of what some unit hosts; empty when none does.
    #[must_use]
    pub fn lineage_of_host(&self, host: Option<UnitId>) -> Lineage {
        host.map_or_else(Lineage::default, |unit| self.lineage(unit))
    }
}
