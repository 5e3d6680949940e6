//! Decisions that change the tree of units: what the steps of one do, and why they may not.
//!
//! A decision has a day. Its steps are taken one after the other on the tree of that day; what is different in the end
//! becomes versions that begin on the day and versions that end on its eve. So days before it stay as they are, and no
//! unit has two versions on one day. Units are named by their codes, which are never used twice.

use std::collections::{BTreeMap, BTreeSet};

use protocol::Day;
use protocol::api::{SuccessionKind, UnitSpec, UnitStep};

/// A unit as it stands for some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// What it is, for example `school`.
    pub kind: String,
    /// Code of the unit above; none at the root.
    pub parent: Option<String>,
}

/// A standing and its days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// How the unit stands.
    pub standing: Standing,
    /// The first day.
    pub from: Day,
    /// The last day; none while it lasts.
    pub to: Option<Day>,
}

impl Span {
    fn holds_on(&self, day: &Day) -> bool {
        self.from <= *day && self.to.as_ref().is_none_or(|last| last >= day)
    }
}

/// Every unit that there is, was or will be, by its code, with its spans in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Register(BTreeMap<String, Vec<Span>>);

/// When a decision takes effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Onset {
    /// The first day of the new state.
    pub day: Day,
    /// The day before, the last of the old.
    pub eve: Day,
}

/// What becomes of a unit that ends, and of another that takes part in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Succession {
    /// The unit that ends, or that gives something away.
    pub from: String,
    /// Who comes after it; nobody when it is closed.
    pub to: Option<String>,
    /// How.
    pub how: SuccessionKind,
}

/// What a decision does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Units that there were not before; each begins in `begun`.
    pub made: BTreeSet<String>,
    /// How units stand from the day on.
    pub begun: BTreeMap<String, Standing>,
    /// Units whose span ends on the eve. Those that are in `begun` too go on differently.
    pub ended: BTreeSet<String>,
    /// Units that are no more, and who takes over their people, points, rights and sessions: nobody, or a unit that
    /// stands after the decision.
    pub heirs: BTreeMap<String, Option<String>>,
    /// What became of what.
    pub succeeded: BTreeSet<Succession>,
    /// The units over which whoever decides needs a right. All of them stood before the decision.
    pub over: BTreeSet<String>,
}

/// Why a decision cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nothing would be different.
    #[error("nothing would be different")]
    Nothing,
    /// No unit has this code on the day.
    #[error("no unit has the code {0} on that day")]
    Unknown(String),
    /// A unit has, had or will have this code.
    #[error("the code {0} is or was used")]
    CodeTaken(String),
    /// There is one root, and this unit would be another, or the root would be gone.
    #[error("{0} would leave the tree without one root")]
    Root(String),
    /// The unit would stand below itself.
    #[error("{0} would stand below itself")]
    Cycle(String),
    /// A step needs two units at least, and this one is named alone or twice.
    #[error("{0} is named twice or alone")]
    Alone(String),
    /// Units stand below one that ends, and the decision does not say where they go.
    #[error("{child} and others stand below {unit}")]
    ChildrenLeft {
        /// The unit that would end.
        unit: String,
        /// One of those below it.
        child: String,
        /// How many they are.
        count: usize,
    },
    /// Another decision concerns the unit on this day or later.
    #[error("something else becomes of {unit} on {day}")]
    LaterChange {
        /// The unit.
        unit: String,
        /// The first such day.
        day: Day,
    },
}

impl Register {
    /// The register of these spans.
    pub fn of(spans: impl IntoIterator<Item = (String, Span)>) -> Self {
        let mut units: BTreeMap<String, Vec<Span>> = BTreeMap::new();
        for (code, span) in spans {
            units.entry(code).or_default().push(span);
        }
        Self(units)
    }

    /// The units of a day by their codes.
    #[must_use]
    pub fn on(&self, day: &Day) -> BTreeMap<String, Standing> {
        let on_day = |spans: &Vec<Span>| {
            let span = spans.iter().find(|span| span.holds_on(day))?;
            Some(span.standing.clone())
        };
        self.0
            .iter()
            .filter_map(|(code, spans)| Some((code.clone(), on_day(spans)?)))
            .collect()
    }

    /// Works out what the steps of a decision do.
    ///
    /// # Errors
    /// The first reason why it cannot be.
    pub fn plan(&self, onset: &Onset, steps: &[UnitStep]) -> Result<Plan, Fault> {
        let before = self.on(&onset.day);
        let mut work = Work {
            register: self,
            units: before.clone(),
            heirs: BTreeMap::new(),
            succeeded: BTreeSet::new(),
        };
        for step in steps {
            work.take(step)?;
        }
        let plan = work.finish(&before)?;
        self.check(onset, &before, &plan)?;
        Ok(plan)
    }

    /// The register after a decision.
    #[must_use]
    pub fn after(&self, onset: &Onset, plan: &Plan) -> Self {
        let mut after = self.clone();
        for code in &plan.ended {
            let spans = after.0.get_mut(code).into_iter().flatten();
            for span in spans.filter(|span| span.holds_on(&onset.day)) {
                span.to = Some(onset.eve.clone());
            }
        }
        for (code, standing) in &plan.begun {
            after.0.entry(code.clone()).or_default().push(Span {
                standing: standing.clone(),
                from: onset.day.clone(),
                to: None,
            });
        }
        after
    }

    /// Whether what a decision touches is left alone by every later one, and every later tree is one.
    fn check(
        &self,
        onset: &Onset,
        before: &BTreeMap<String, Standing>,
        plan: &Plan,
    ) -> Result<(), Fault> {
        for code in &plan.ended {
            if let Some(day) = self.next_change(code, &onset.day) {
                return Err(later(code, day));
            }
        }
        let parents = plan.begun.values().filter_map(|s| s.parent.as_ref());
        let heirs = plan.heirs.values().flatten();
        for code in parents.chain(heirs) {
            let is_old = before.contains_key(code) && !plan.begun.contains_key(code);
            // Whoever is renamed later goes on; whoever ends later cannot be built upon.
            if is_old && let Some(day) = self.end_of(code) {
                return Err(later(code, day));
            }
        }
        self.after(onset, plan).check_from(&onset.day)
    }

    /// Whether the units make one tree on `day` and on every later one.
    ///
    /// # Errors
    /// `Cycle`, or `LaterChange` for a unit that others stand below and that is not there.
    pub fn check_from(&self, day: &Day) -> Result<(), Fault> {
        self.later_days(day)
            .iter()
            .try_for_each(|day| self.check_tree(day))
    }

    /// The first day, not before `day`, on which another decision lets something begin or end for a unit of `day`.
    fn next_change(&self, code: &str, day: &Day) -> Option<&Day> {
        let spans = self.0.get(code)?;
        let begins = spans.iter().map(|span| &span.from);
        let begins = begins.filter(|from| *from >= day);
        let ends = spans.iter().filter(|span| span.holds_on(day));
        let ends = ends.filter_map(|span| span.to.as_ref());
        begins.chain(ends).min()
    }

    /// The last day of a unit; none when it goes on.
    fn end_of(&self, code: &str) -> Option<&Day> {
        let spans = self.0.get(code)?;
        let last = spans.iter().max_by_key(|span| &span.from)?;
        last.to.as_ref()
    }

    /// A day, and the later ones on which something begins.
    fn later_days(&self, day: &Day) -> BTreeSet<Day> {
        let begins = self.0.values().flatten().map(|span| &span.from);
        let later = begins.filter(|from| *from >= day).cloned();
        later.chain([day.clone()]).collect()
    }

    /// Whether the units of a day make one tree: each stands below another of that day, and none below itself.
    fn check_tree(&self, day: &Day) -> Result<(), Fault> {
        let units = self.on(day);
        for (code, standing) in &units {
            let mut seen = BTreeSet::from([code]);
            let mut at = standing;
            while let Some(parent) = &at.parent {
                if !seen.insert(parent) {
                    return Err(Fault::Cycle(code.clone()));
                }
                let Some(above) = units.get(parent) else {
                    return Err(later(parent, day));
                };
                at = above;
            }
        }
        Ok(())
    }
}

fn later(unit: &str, day: &Day) -> Fault {
    Fault::LaterChange {
        unit: unit.to_owned(),
        day: day.clone(),
    }
}

/// The tree of the day while steps are taken on it.
struct Work<'a> {
    register: &'a Register,
    units: BTreeMap<String, Standing>,
    heirs: BTreeMap<String, Option<String>>,
    succeeded: BTreeSet<Succession>,
}

impl Work<'_> {
    fn take(&mut self, step: &UnitStep) -> Result<(), Fault> {
        match step {
            UnitStep::Add { unit } => self.add(unit),
            UnitStep::Rename { code, name, kind } => {
                let unit = self.get(code)?;
                unit.name.clone_from(name);
                unit.kind.clone_from(kind);
                Ok(())
            }
            UnitStep::Move { code, parent } => self.place(code, Some(parent)),
            UnitStep::Close { code, heir } => self.close(code, heir.as_deref()),
            UnitStep::Merge { codes, into } => self.merge(codes, into),
            UnitStep::Split {
                code,
                into,
                heir,
                children,
            } => self.split(code, into, heir, children),
        }
    }

    fn get(&mut self, code: &str) -> Result<&mut Standing, Fault> {
        let unit = self.units.get_mut(code);
        unit.ok_or_else(|| Fault::Unknown(code.to_owned()))
    }

    fn add(&mut self, unit: &UnitSpec) -> Result<(), Fault> {
        if self.register.0.contains_key(&unit.code) || self.units.contains_key(&unit.code) {
            return Err(Fault::CodeTaken(unit.code.clone()));
        }
        match &unit.parent {
            Some(parent) => {
                self.get(parent)?;
            }
            None if self.units.is_empty() => {}
            None => return Err(Fault::Root(unit.code.clone())),
        }
        let standing = Standing {
            name: unit.name.clone(),
            kind: unit.kind.clone(),
            parent: unit.parent.clone(),
        };
        self.units.insert(unit.code.clone(), standing);
        Ok(())
    }

    /// Lets a unit stand as it is asked for, whether it is there or new.
    fn settle(&mut self, unit: &UnitSpec) -> Result<(), Fault> {
        if !self.units.contains_key(&unit.code) {
            return self.add(unit);
        }
        let is_root = self.get(&unit.code)?.parent.is_none();
        if is_root != unit.parent.is_none() {
            return Err(Fault::Root(unit.code.clone()));
        }
        self.place(&unit.code, unit.parent.as_ref())?;
        let known = self.get(&unit.code)?;
        known.name.clone_from(&unit.name);
        known.kind.clone_from(&unit.kind);
        Ok(())
    }

    /// Puts a unit below another.
    fn place(&mut self, code: &str, parent: Option<&String>) -> Result<(), Fault> {
        if self.get(code)?.parent.is_none() != parent.is_none() {
            return Err(Fault::Root(code.to_owned()));
        }
        let mut above = parent;
        let mut seen = BTreeSet::new();
        while let Some(at) = above {
            if at == code || !seen.insert(at) {
                return Err(Fault::Cycle(code.to_owned()));
            }
            let known = self.units.get(at);
            let known = known.ok_or_else(|| Fault::Unknown(at.clone()))?;
            above = known.parent.as_ref();
        }
        self.get(code)?.parent = parent.cloned();
        Ok(())
    }

    fn children_of(&self, code: &str) -> Vec<String> {
        let below = |unit: &&Standing| unit.parent.as_deref() == Some(code);
        self.units
            .iter()
            .filter(|(_, unit)| below(unit))
            .map(|(code, _)| code.clone())
            .collect()
    }

    /// Takes a unit out whose children stand elsewhere already.
    fn end(&mut self, code: &str, heir: Option<&str>) -> Result<(), Fault> {
        if self.get(code)?.parent.is_none() {
            return Err(Fault::Root(code.to_owned()));
        }
        if let Some(child) = self.children_of(code).first() {
            return Err(Fault::ChildrenLeft {
                unit: code.to_owned(),
                child: child.clone(),
                count: self.children_of(code).len(),
            });
        }
        self.units.remove(code);
        self.heirs
            .insert(code.to_owned(), heir.map(ToOwned::to_owned));
        Ok(())
    }

    fn succeed(&mut self, from: &str, to: Option<&str>, how: SuccessionKind) {
        self.succeeded.insert(Succession {
            from: from.to_owned(),
            to: to.map(ToOwned::to_owned),
            how,
        });
    }

    fn close(&mut self, code: &str, heir: Option<&str>) -> Result<(), Fault> {
        self.get(code)?;
        if let Some(heir) = heir {
            if heir == code {
                return Err(Fault::Alone(code.to_owned()));
            }
            let heir = heir.to_owned();
            for child in self.children_of(code) {
                self.place(&child, Some(&heir))?;
            }
            self.get(&heir)?;
        }
        self.end(code, heir)?;
        self.succeed(code, heir, SuccessionKind::Closed);
        Ok(())
    }

    fn merge(&mut self, codes: &[String], into: &UnitSpec) -> Result<(), Fault> {
        let merged: BTreeSet<&String> = codes.iter().collect();
        let others: Vec<&String> = codes.iter().filter(|code| **code != into.code).collect();
        if merged.len() != codes.len() || others.is_empty() {
            return Err(Fault::Alone(into.code.clone()));
        }
        if others.len() == 1 && !self.units.contains_key(&into.code) {
            // One unit and a new one: that is a change of code, which nothing has.
            return Err(Fault::Alone(into.code.clone()));
        }
        for code in &others {
            self.get(code)?;
        }
        self.settle(into)?;
        for code in &others {
            for child in self.children_of(code) {
                if !others.contains(&&child) {
                    self.place(&child, Some(&into.code))?;
                }
            }
        }
        // One of them may stand below another.
        let mut left: Vec<&String> = others;
        while !left.is_empty() {
            let leaf = left
                .iter()
                .position(|code| self.children_of(code).is_empty());
            let code = left.remove(leaf.unwrap_or(0));
            self.end(code, Some(&into.code))?;
            self.succeed(code, Some(&into.code), SuccessionKind::Merged);
        }
        Ok(())
    }

    fn split(
        &mut self,
        code: &str,
        into: &[UnitSpec],
        heir: &str,
        children: &BTreeMap<String, String>,
    ) -> Result<(), Fault> {
        self.get(code)?;
        let parts: BTreeSet<&str> = into.iter().map(|part| part.code.as_str()).collect();
        if parts.len() != into.len() || parts.iter().all(|part| *part == code) {
            return Err(Fault::Alone(code.to_owned()));
        }
        let goes_on = parts.contains(code);
        if !parts.contains(heir) || (goes_on && heir != code) {
            return Err(Fault::Unknown(heir.to_owned()));
        }
        let below = self.children_of(code);
        for part in into {
            self.settle(part)?;
            if part.code != code {
                self.succeed(code, Some(&part.code), SuccessionKind::Split);
            }
        }
        for (child, part) in children {
            if !below.contains(child) || !parts.contains(part.as_str()) {
                return Err(Fault::Unknown(child.clone()));
            }
            self.place(child, Some(part))?;
        }
        if goes_on {
            return Ok(());
        }
        for child in self.children_of(code) {
            self.place(&child, Some(&heir.to_owned()))?;
        }
        self.end(code, Some(heir))
    }

    /// What is different from `before`.
    fn finish(self, before: &BTreeMap<String, Standing>) -> Result<Plan, Fault> {
        let mut plan = Plan {
            succeeded: self.succeeded,
            ..Plan::default()
        };
        for (code, standing) in &self.units {
            if let Some(parent) = &standing.parent
                && !self.units.contains_key(parent)
            {
                return Err(Fault::Unknown(parent.clone()));
            }
            match before.get(code) {
                Some(known) if known == standing => continue,
                Some(known) => {
                    plan.ended.insert(code.clone());
                    // Whoever renames the root needs a right over the root itself.
                    plan.over
                        .insert(known.parent.clone().unwrap_or_else(|| code.clone()));
                }
                None => {
                    plan.made.insert(code.clone());
                }
            }
            let above = standing.parent.iter().filter(|p| before.contains_key(*p));
            plan.over.extend(above.cloned());
            plan.begun.insert(code.clone(), standing.clone());
        }
        for (code, known) in before {
            if self.units.contains_key(code) {
                continue;
            }
            plan.ended.insert(code.clone());
            plan.over.extend(known.parent.clone());
            let heir = last_heir(&self.heirs, code);
            plan.over
                .extend(heir.iter().filter(|h| before.contains_key(*h)).cloned());
            plan.heirs.insert(code.clone(), heir);
        }
        if plan.begun.is_empty() && plan.ended.is_empty() {
            return Err(Fault::Nothing);
        }
        Ok(plan)
    }
}

/// Who takes over in the end, when an heir ends by the same decision.
fn last_heir(heirs: &BTreeMap<String, Option<String>>, code: &str) -> Option<String> {
    let mut heir = heirs.get(code)?.as_ref()?;
    while let Some(next) = heirs.get(heir) {
        heir = next.as_ref()?;
    }
    Some(heir.clone())
}
