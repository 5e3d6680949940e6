//! A list of units, as a file has it, turned into the steps of one decision: what is new is added, what is different is
//! changed, what is the same or not listed stays.

use std::collections::{BTreeMap, BTreeSet};

use protocol::api::{UnitSpec, UnitStep};

use crate::decision::Standing;

/// A row of the list. An empty cell changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The line of the file, from 1.
    pub line: u64,
    /// External code.
    pub code: String,
    /// Name.
    pub name: Option<String>,
    /// What it is.
    pub kind: Option<String>,
    /// Code of the unit above.
    pub parent: Option<String>,
    /// Code of a unit that ends, and of which this one takes over a part: an old district.
    pub replaces: Option<String>,
}

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A unit that there was not.
    New,
    /// A unit that stands differently.
    Changed,
    /// Nothing.
    Same,
    /// It cannot be, for this reason.
    Refused(RowFault),
}

/// Why a row cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFault {
    /// Another row has the same code.
    Twice,
    /// A new unit has no name.
    NoName,
    /// A new unit names neither a unit above nor one that it replaces.
    NoParent,
    /// No unit has the code of the unit above, neither on the day nor in the file.
    UnknownParent,
    /// No unit has the code of the one that it replaces.
    UnknownReplaced,
}

/// What a list comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// What becomes of each row, in their order.
    pub outcomes: Vec<Outcome>,
    /// The steps, in an order in which each finds what it needs. Nothing of refused rows.
    pub steps: Vec<UnitStep>,
}

/// The kind of a new unit whose row says none.
const KIND: &str = "school";

/// Turns a list into steps on the units of a day.
#[must_use]
pub fn read(units: &BTreeMap<String, Standing>, rows: &[Row]) -> Reading {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        *times.entry(&row.code).or_default() += 1;
    }
    let listed: BTreeSet<&str> = times.keys().copied().collect();
    let is_empty = units.is_empty();
    let mut outcomes = Vec::with_capacity(rows.len());
    let mut waiting: Vec<Waiting> = Vec::new();
    let mut splits: BTreeMap<&str, Vec<UnitSpec>> = BTreeMap::new();
    for row in rows {
        let outcome = match of_row(units, row, &listed, times[row.code.as_str()], is_empty) {
            Err(fault) => Outcome::Refused(fault),
            Ok(Wanted::Same) => Outcome::Same,
            Ok(Wanted::New(spec)) => {
                match &row.replaces {
                    Some(old) => splits.entry(old).or_default().push(spec),
                    None => waiting.push(Waiting {
                        needs: spec.parent.iter().cloned().collect(),
                        gives: vec![spec.code.clone()],
                        steps: vec![UnitStep::Add { unit: spec }],
                    }),
                }
                Outcome::New
            }
            Ok(Wanted::Changed(steps, needs)) => {
                waiting.push(Waiting {
                    needs,
                    gives: Vec::new(),
                    steps,
                });
                Outcome::Changed
            }
        };
        outcomes.push(outcome);
    }
    // Those that replace come first: what stands below an old unit goes on below a new one.
    let splits = splits.into_iter().map(|(old, parts)| Waiting {
        needs: parts
            .iter()
            .filter_map(|part| part.parent.clone())
            .collect(),
        gives: parts.iter().map(|part| part.code.clone()).collect(),
        steps: vec![UnitStep::Split {
            code: old.to_owned(),
            heir: parts
                .first()
                .map(|part| part.code.clone())
                .unwrap_or_default(),
            into: parts,
            children: BTreeMap::new(),
        }],
    });
    let waiting = splits.chain(waiting).collect();
    Reading {
        outcomes,
        steps: in_order(units, waiting),
    }
}

/// Steps that need some units to be there, and give others.
struct Waiting {
    needs: Vec<String>,
    gives: Vec<String>,
    steps: Vec<UnitStep>,
}

/// The steps in an order in which each finds the units that it needs. Those that never do come last; the decision says why
/// they cannot be.
fn in_order(units: &BTreeMap<String, Standing>, mut waiting: Vec<Waiting>) -> Vec<UnitStep> {
    let mut there: BTreeSet<String> = units.keys().cloned().collect();
    let mut steps = Vec::new();
    while !waiting.is_empty() {
        let is_ready = |one: &Waiting| one.needs.iter().all(|code| there.contains(code));
        let (ready, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_ready);
        let (ready, rest) = match ready.is_empty() {
            true => (rest, Vec::new()),
            false => (ready, rest),
        };
        for one in ready {
            there.extend(one.gives);
            steps.extend(one.steps);
        }
        waiting = rest;
    }
    steps
}

enum Wanted {
    New(UnitSpec),
    Changed(Vec<UnitStep>, Vec<String>),
    Same,
}

fn of_row(
    units: &BTreeMap<String, Standing>,
    row: &Row,
    listed: &BTreeSet<&str>,
    times: usize,
    is_empty: bool,
) -> Result<Wanted, RowFault> {
    if times > 1 {
        return Err(RowFault::Twice);
    }
    if let Some(parent) = &row.parent
        && !units.contains_key(parent)
        && !listed.contains(parent.as_str())
    {
        return Err(RowFault::UnknownParent);
    }
    let Some(known) = units.get(&row.code) else {
        let parent = match (&row.parent, &row.replaces) {
            (Some(parent), _) => Some(parent.clone()),
            (None, Some(old)) => {
                let old = units.get(old).ok_or(RowFault::UnknownReplaced)?;
                Some(old.parent.clone().ok_or(RowFault::NoParent)?)
            }
            (None, None) if is_empty => None,
            (None, None) => return Err(RowFault::NoParent),
        };
        if row
            .replaces
            .as_ref()
            .is_some_and(|old| !units.contains_key(old))
        {
            return Err(RowFault::UnknownReplaced);
        }
        return Ok(Wanted::New(UnitSpec {
            code: row.code.clone(),
            name: row.name.clone().ok_or(RowFault::NoName)?,
            kind: row.kind.clone().unwrap_or_else(|| KIND.to_owned()),
            parent,
        }));
    };
    let mut steps = Vec::new();
    let name = row.name.as_ref().unwrap_or(&known.name);
    let kind = row.kind.as_ref().unwrap_or(&known.kind);
    if (name, kind) != (&known.name, &known.kind) {
        steps.push(UnitStep::Rename {
            code: row.code.clone(),
            name: name.clone(),
            kind: kind.clone(),
        });
    }
    let mut needs = Vec::new();
    if let Some(parent) = &row.parent
        && known.parent.as_ref() != Some(parent)
    {
        needs.push(parent.clone());
        steps.push(UnitStep::Move {
            code: row.code.clone(),
            parent: parent.clone(),
        });
    }
    Ok(match steps.is_empty() {
        true => Wanted::Same,
        false => Wanted::Changed(steps, needs),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(code: &str, name: &str, parent: &str, replaces: &str) -> Row {
        let cell = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Row {
            line: 1,
            code: code.to_owned(),
            name: cell(name),
            kind: None,
            parent: cell(parent),
            replaces: cell(replaces),
        }
    }

    fn units(of: &[(&str, Option<&str>)]) -> BTreeMap<String, Standing> {
        let standing = |name: &str, parent: Option<&str>| Standing {
            name: name.to_owned(),
            kind: KIND.to_owned(),
            parent: parent.map(ToOwned::to_owned),
        };
        of.iter()
            .map(|(code, parent)| ((*code).to_owned(), standing(code, *parent)))
            .collect()
    }

    #[test]
    fn whatever_stands_below_another_comes_after_it() {
        let read = read(
            &units(&[]),
            &[
                row("C", "C", "B", ""),
                row("B", "B", "A", ""),
                row("A", "A", "", ""),
            ],
        );
        let codes: Vec<_> = read
            .steps
            .iter()
            .map(|step| match step {
                UnitStep::Add { unit } => unit.code.as_str(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(codes, ["A", "B", "C"]);
        assert_eq!(read.outcomes, [Outcome::New; 3]);
    }

    #[test]
    fn same_file_again_and_empty_cells_change_nothing() {
        let known = units(&[("A", None), ("B", Some("A"))]);
        let same = read(&known, &[row("B", "B", "A", "GONE"), row("A", "", "", "")]);
        assert_eq!(same.outcomes, [Outcome::Same; 2]);
        assert!(same.steps.is_empty());
        let changed = read(&known, &[row("B", "Bé", "", "")]);
        assert_eq!(changed.outcomes, [Outcome::Changed]);
    }

    #[test]
    fn units_that_replace_an_old_one_share_it_and_stand_where_it_stood() {
        let known = units(&[("A", None), ("D", Some("A")), ("S", Some("D"))]);
        let rows = [
            row("S", "", "Y", ""),
            row("X", "X", "", "D"),
            row("Y", "Y", "", "D"),
        ];
        let read = read(&known, &rows);
        let [
            UnitStep::Split {
                code, into, heir, ..
            },
            UnitStep::Move { parent, .. },
        ] = &read.steps[..]
        else {
            panic!("{:?}", read.steps);
        };
        assert_eq!(
            (code.as_str(), heir.as_str(), parent.as_str()),
            ("D", "X", "Y")
        );
        assert!(into.iter().all(|part| part.parent.as_deref() == Some("A")));
    }

    #[test]
    fn each_bad_row_says_why() {
        let known = units(&[("A", None)]);
        for (bad, fault) in [
            (row("N", "", "A", ""), RowFault::NoName),
            (row("N", "N", "", ""), RowFault::NoParent),
            (row("N", "N", "Z", ""), RowFault::UnknownParent),
            (row("N", "N", "", "Z"), RowFault::UnknownReplaced),
            (row("N", "N", "A", "Z"), RowFault::UnknownReplaced),
        ] {
            let read = read(&known, std::slice::from_ref(&bad));
            assert_eq!(read.outcomes, [Outcome::Refused(fault)], "{bad:?}");
            assert!(read.steps.is_empty());
        }
        let twice = read(&known, &[row("N", "N", "A", ""), row("N", "M", "A", "")]);
        assert_eq!(twice.outcomes, [Outcome::Refused(RowFault::Twice); 2]);
    }
}
