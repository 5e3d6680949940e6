//! Who is known, and the units of the day.

use std::collections::BTreeMap;

use protocol::api::RowFaultCode;
use protocol::{AppointmentId, Day, PersonId, UnitId};

use super::Fault;
use crate::org::Tree;
use crate::text::fold;

/// Somebody who is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPerson {
    /// Their id.
    pub id: PersonId,
    /// The external code.
    pub code: Option<String>,
    /// Full name.
    pub name: String,
    /// Ông, Bà, Đồng chí.
    pub form_of_address: Option<String>,
    /// How often these were changed.
    pub version: i64,
    /// Every appointment, in any order.
    pub appointments: Vec<KnownAppointment>,
}

/// An appointment that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownAppointment {
    /// Its id.
    pub id: AppointmentId,
    /// Where.
    pub unit: UnitId,
    /// As what.
    pub position: String,
    /// What a teacher teaches.
    pub subject: Option<String>,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Option<Day>,
}

/// Everybody whom the rows may be about.
#[derive(Debug, Clone, Default)]
pub struct Known {
    people: Vec<KnownPerson>,
    by_code: BTreeMap<String, usize>,
    by_name: BTreeMap<String, Vec<usize>>,
}

impl Known {
    /// Those who are known.
    #[must_use]
    pub fn new(people: Vec<KnownPerson>) -> Self {
        let mut known = Self::default();
        for person in people {
            known.add(person);
        }
        known
    }

    /// One more who is known by now.
    pub fn add(&mut self, person: KnownPerson) {
        let at = self.people.len();
        if let Some(code) = &person.code {
            self.by_code.insert(code.clone(), at);
        }
        let same = self.by_name.entry(person.name.to_lowercase()).or_default();
        same.push(at);
        self.people.push(person);
    }

    pub(super) fn by_code(&self, code: &str) -> Option<&KnownPerson> {
        self.by_code.get(code).map(|at| &self.people[*at])
    }

    pub(super) fn called<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a KnownPerson> {
        let same = self.by_name.get(&name.to_lowercase());
        same.into_iter().flatten().map(|at| &self.people[*at])
    }

    /// A known code that is this one with one or two zeros before it.
    pub(super) fn padded(&self, code: &str) -> Option<String> {
        let is_digits = code.bytes().all(|byte| byte.is_ascii_digit());
        let candidates = ["0", "00"].map(|zeros| format!("{zeros}{code}"));
        let mut known = candidates
            .into_iter()
            .filter(|one| self.by_code.contains_key(one));
        known.next().filter(|_| is_digits)
    }
}

/// What decisions rest on besides the people.
pub struct Ground<'a> {
    tree: &'a Tree,
    pub(super) today: &'a Day,
    administers: &'a dyn Fn(UnitId) -> bool,
    /// Whether codes that are shorter than others are so on purpose.
    pub(super) keeps_codes: bool,
    by_name: BTreeMap<String, Vec<UnitId>>,
}

impl std::fmt::Debug for Ground<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ground")
            .field("today", self.today)
            .finish_non_exhaustive()
    }
}

impl<'a> Ground<'a> {
    /// The units of `today`, and which of them whoever imports administers.
    #[must_use]
    pub fn new(
        tree: &'a Tree,
        today: &'a Day,
        administers: &'a dyn Fn(UnitId) -> bool,
        keeps_codes: bool,
    ) -> Self {
        let mut by_name: BTreeMap<String, Vec<UnitId>> = BTreeMap::new();
        for unit in tree.units() {
            by_name.entry(fold(&unit.name)).or_default().push(unit.id);
        }
        Self {
            tree,
            today,
            administers,
            keeps_codes,
            by_name,
        }
    }

    /// A unit by its code, else by its name whatever the diacritics.
    pub(super) fn unit(&self, shown: &str) -> Result<UnitId, Fault> {
        if let Some(unit) = self.tree.by_code(shown) {
            return Ok(unit.id);
        }
        let fault = |code| Fault::new(code).with("unit", shown);
        match self.by_name.get(&fold(shown)).map(Vec::as_slice) {
            Some([unit]) => Ok(*unit),
            Some([_, ..]) => Err(fault(RowFaultCode::UnitAmbiguous)),
            _ if self.tree.of_any_day(shown).is_some() => Err(fault(RowFaultCode::UnitGone)),
            _ => Err(fault(RowFaultCode::UnknownUnit)),
        }
    }

    pub(super) fn administers(&self, unit: UnitId) -> bool {
        (self.administers)(unit)
    }

    pub(super) fn name(&self, unit: UnitId) -> String {
        self.tree.name(unit).name
    }

    /// The appointments that count: of today or later; all of them when all is over.
    pub(super) fn counting<'p>(&self, person: &'p KnownPerson) -> Vec<&'p KnownAppointment> {
        let live: Vec<_> = person
            .appointments
            .iter()
            .filter(|one| self.is_live(one))
            .collect();
        match live.is_empty() {
            true => person.appointments.iter().collect(),
            false => live,
        }
    }

    pub(super) fn is_live(&self, one: &KnownAppointment) -> bool {
        one.to.as_ref().is_none_or(|last| last >= self.today)
    }
}
