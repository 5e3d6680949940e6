//! What a row changes, given who is known.

use protocol::api::{ImportColumn, RowFaultCode};
use protocol::{AppointmentId, Day, PersonId, UnitId};

use super::known::{Ground, Known, KnownAppointment, KnownPerson};
use super::{Change, Fault, Wanted};
use crate::days;
use crate::text::fold;

/// What somebody is to be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// Full name.
    pub name: String,
    /// The external code.
    pub code: Option<String>,
    /// Ông, Bà, Đồng chí.
    pub form_of_address: Option<String>,
}

/// Where somebody is to sit, as what, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
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

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// They are to be called so; the version is what was read.
    Rename(i64, Names),
    /// An appointment is to be as this says.
    Correct(AppointmentId, Place),
    /// An appointment is to end on this day.
    End(AppointmentId, Day),
    /// They are to be appointed.
    Appoint(Place),
}

/// What a row comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Somebody new.
    New(Names, Place),
    /// Somebody who is known is changed.
    Changed(PersonId, Vec<Step>),
    /// All of it is so already.
    Same(PersonId),
    /// It cannot be written.
    Refused(Vec<Fault>),
}

/// What a row comes to, and how that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What it comes to.
    pub outcome: Outcome,
    /// What it changes, one thing after another.
    pub changes: Vec<Change>,
}

impl Decision {
    /// What a row comes to, given who is known.
    #[must_use]
    pub fn of(wanted: &Wanted, known: &Known, ground: &Ground<'_>) -> Self {
        let mut changes = Vec::new();
        let outcome = decide(wanted, known, ground, &mut changes)
            .unwrap_or_else(|fault| Outcome::Refused(vec![fault]));
        if matches!(outcome, Outcome::Refused(_)) {
            changes.clear();
        }
        Self { outcome, changes }
    }
}

fn decide(
    wanted: &Wanted,
    known: &Known,
    ground: &Ground<'_>,
    changes: &mut Vec<Change>,
) -> Result<Outcome, Fault> {
    let unit = wanted
        .unit
        .as_deref()
        .map(|shown| ground.unit(shown))
        .transpose()?;
    if let Some(unit) = unit
        && !ground.administers(unit)
    {
        return Err(Fault::new(RowFaultCode::UnitNotYours).with("unit", ground.name(unit)));
    }
    match find(wanted, unit, known, ground)? {
        Some(person) => change(wanted, unit, person, ground, changes),
        None => add(wanted, unit, ground),
    }
}

/// Whom a row is about: by code; without one, by name at the unit.
fn find<'k>(
    wanted: &Wanted,
    unit: Option<UnitId>,
    known: &'k Known,
    ground: &Ground<'_>,
) -> Result<Option<&'k KnownPerson>, Fault> {
    let Some(name) = &wanted.name else {
        // Somebody may be changed by the code alone.
        let by_code = wanted.code.as_deref().and_then(|code| known.by_code(code));
        return by_code
            .map(Some)
            .ok_or_else(|| Fault::new(RowFaultCode::MissingName));
    };
    let sits_there = |person: &&KnownPerson| {
        let counting = ground.counting(person);
        unit.is_some_and(|unit| counting.iter().any(|one| one.unit == unit))
    };
    let mut there = known.called(name).filter(sits_there);
    let namesake = |other: &KnownPerson| {
        let fault = Fault::new(RowFaultCode::Namesake).with("name", &other.name);
        fault.with("code", other.code.as_deref().unwrap_or_default())
    };
    let Some(code) = &wanted.code else {
        let first = there.next();
        return match (first, there.next()) {
            (Some(_), Some(other)) => Err(namesake(other)),
            (first, _) => Ok(first),
        };
    };
    if let Some(person) = known.by_code(code) {
        return Ok(Some(person));
    }
    if !ground.keeps_codes
        && let Some(padded) = known.padded(code)
    {
        let fault = Fault::new(RowFaultCode::LostZeros).with("code", code);
        return Err(fault.with("padded", padded));
    }
    // Without a code of their own they may be the same person, or not: nobody but people can tell.
    match there.find(|person| person.code.is_none()) {
        Some(other) => Err(namesake(other)),
        None => Ok(None),
    }
}

fn add(wanted: &Wanted, unit: Option<UnitId>, ground: &Ground<'_>) -> Result<Outcome, Fault> {
    let name = wanted
        .name
        .clone()
        .ok_or_else(|| Fault::new(RowFaultCode::MissingName))?;
    let unit = unit.ok_or_else(|| Fault::new(RowFaultCode::MissingUnit))?;
    let names = Names {
        name,
        code: wanted.code.clone(),
        form_of_address: wanted.form_of_address.clone(),
    };
    let place = place_of(wanted, unit, ground)?;
    Ok(Outcome::New(names, place))
}

/// A new appointment as the row has it, from today on if it names no day.
fn place_of(wanted: &Wanted, unit: UnitId, ground: &Ground<'_>) -> Result<Place, Fault> {
    let position = wanted.position.clone();
    let from = wanted.from.clone().unwrap_or_else(|| ground.today.clone());
    in_order(&from, wanted.to.as_ref())?;
    Ok(Place {
        unit,
        position: position.ok_or_else(|| Fault::new(RowFaultCode::MissingPosition))?,
        subject: wanted.subject.clone(),
        from,
        to: wanted.to.clone(),
    })
}

fn in_order(from: &Day, to: Option<&Day>) -> Result<(), Fault> {
    match to {
        Some(to) if to < from => Err(Fault::new(RowFaultCode::EndsBeforeItBegins)
            .with("from", from)
            .with("to", to)),
        _ => Ok(()),
    }
}

fn change(
    wanted: &Wanted,
    unit: Option<UnitId>,
    person: &KnownPerson,
    ground: &Ground<'_>,
    changes: &mut Vec<Change>,
) -> Result<Outcome, Fault> {
    let counting = ground.counting(person);
    let mine = |one: &&KnownAppointment| ground.administers(one.unit);
    let not_yours = || Fault::new(RowFaultCode::PersonNotYours).with("name", &person.name);
    if !counting.iter().any(mine) {
        return Err(not_yours());
    }
    let mut steps = Vec::new();
    if let Some(names) = renamed(wanted, person, changes) {
        if !counting.iter().all(mine) {
            return Err(not_yours());
        }
        steps.push(Step::Rename(person.version, names));
    }
    steps.extend(moved(wanted, unit, person, ground, changes)?);
    Ok(match steps.is_empty() {
        true => Outcome::Same(person.id),
        false => Outcome::Changed(person.id, steps),
    })
}

/// What they are to be called, if that is something else.
fn renamed(wanted: &Wanted, person: &KnownPerson, changes: &mut Vec<Change>) -> Option<Names> {
    let mut names = Names {
        name: person.name.clone(),
        code: person.code.clone(),
        form_of_address: person.form_of_address.clone(),
    };
    if let Some(name) = &wanted.name
        && *name != names.name
    {
        changes.push(Change {
            column: ImportColumn::Name,
            before: Some(std::mem::replace(&mut names.name, name.clone())),
            after: name.clone(),
        });
    }
    if let Some(address) = &wanted.form_of_address
        && Some(address) != names.form_of_address.as_ref()
    {
        changes.push(Change {
            column: ImportColumn::FormOfAddress,
            before: names.form_of_address.replace(address.clone()),
            after: address.clone(),
        });
    }
    (!changes.is_empty()).then_some(names)
}

/// What becomes of their appointments.
fn moved(
    wanted: &Wanted,
    unit: Option<UnitId>,
    person: &KnownPerson,
    ground: &Ground<'_>,
    changes: &mut Vec<Change>,
) -> Result<Vec<Step>, Fault> {
    let says_nothing = wanted.position.is_none()
        && wanted.subject.is_none()
        && wanted.from.is_none()
        && wanted.to.is_none();
    if unit.is_none() && says_nothing {
        return Ok(Vec::new());
    }
    let live: Vec<_> = person
        .appointments
        .iter()
        .filter(|one| ground.is_live(one))
        .collect();
    let several = || Fault::new(RowFaultCode::SeveralAppointments).with("name", &person.name);
    let Some(unit) = unit else {
        return match live.as_slice() {
            [one] => corrected(wanted, one, ground, changes),
            [] => Err(Fault::new(RowFaultCode::MissingUnit)),
            _ => Err(several()),
        };
    };
    if let Some(one) = at_unit(wanted, unit, person, ground) {
        return corrected(wanted, one, ground, changes);
    }
    // They come to this unit: from the one where they are, or from none.
    match live.as_slice() {
        [] => {
            let place = place_of(wanted, unit, ground)?;
            show_unit(None, &place, ground, changes);
            Ok(vec![Step::Appoint(place)])
        }
        [one] => leave(wanted, unit, one, person, ground, changes),
        _ => Err(several()),
    }
}

/// Their appointment at a unit: one of today or later of the same position, else any such, else one that began on the day
/// that the row names.
fn at_unit<'p>(
    wanted: &Wanted,
    unit: UnitId,
    person: &'p KnownPerson,
    ground: &Ground<'_>,
) -> Option<&'p KnownAppointment> {
    let there = move || {
        person
            .appointments
            .iter()
            .filter(move |one| one.unit == unit)
    };
    let same = |one: &&KnownAppointment| {
        let position = wanted.position.as_deref();
        position.is_some_and(|position| fold(position) == fold(&one.position))
    };
    let live = move || there().filter(move |one| ground.is_live(one));
    live()
        .find(same)
        .or_else(|| live().next())
        .or_else(|| there().find(|one| wanted.from.as_ref() == Some(&one.from)))
}

/// They leave the one unit where they are, the day before they come to another.
fn leave(
    wanted: &Wanted,
    unit: UnitId,
    one: &KnownAppointment,
    person: &KnownPerson,
    ground: &Ground<'_>,
    changes: &mut Vec<Change>,
) -> Result<Vec<Step>, Fault> {
    if !ground.administers(one.unit) {
        return Err(Fault::new(RowFaultCode::PersonNotYours).with("name", &person.name));
    }
    let kept = Wanted {
        position: wanted
            .position
            .clone()
            .or_else(|| Some(one.position.clone())),
        ..wanted.clone()
    };
    let place = place_of(&kept, unit, ground)?;
    let last = days::before(&place.from).filter(|last| *last >= one.from);
    let last = last.ok_or_else(|| begins_later(one))?;
    show_unit(Some(ground.name(one.unit)), &place, ground, changes);
    if place.position != one.position {
        show(
            ImportColumn::Position,
            Some(one.position.clone()),
            place.position.clone(),
            changes,
        );
    }
    Ok(vec![Step::End(one.id, last), Step::Appoint(place)])
}

fn begins_later(one: &KnownAppointment) -> Fault {
    Fault::new(RowFaultCode::BeginsLater).with("from", &one.from)
}

/// An appointment as the row has it. Another position from a later day on is another appointment: what somebody was stays.
fn corrected(
    wanted: &Wanted,
    one: &KnownAppointment,
    ground: &Ground<'_>,
    changes: &mut Vec<Change>,
) -> Result<Vec<Step>, Fault> {
    if !ground.administers(one.unit) {
        return Err(Fault::new(RowFaultCode::UnitNotYours).with("unit", ground.name(one.unit)));
    }
    let place = Place {
        unit: one.unit,
        position: wanted
            .position
            .clone()
            .unwrap_or_else(|| one.position.clone()),
        subject: wanted.subject.clone().or_else(|| one.subject.clone()),
        from: wanted.from.clone().unwrap_or_else(|| one.from.clone()),
        to: wanted.to.clone().or_else(|| one.to.clone()),
    };
    let begins = wanted.from.clone().unwrap_or_else(|| ground.today.clone());
    if place.position != one.position {
        show(
            ImportColumn::Position,
            Some(one.position.clone()),
            place.position.clone(),
            changes,
        );
    }
    if place.subject != one.subject {
        let after = place.subject.clone().unwrap_or_default();
        show(ImportColumn::Subject, one.subject.clone(), after, changes);
    }
    let is_another = fold(&place.position) != fold(&one.position) && begins > one.from;
    if is_another {
        let last = days::before(&begins).ok_or_else(|| begins_later(one))?;
        show(ImportColumn::From, None, begins.0.clone(), changes);
        in_order(&begins, place.to.as_ref())?;
        let place = Place {
            from: begins,
            ..place
        };
        return Ok(vec![Step::End(one.id, last), Step::Appoint(place)]);
    }
    if place.from != one.from {
        show(
            ImportColumn::From,
            Some(one.from.0.clone()),
            place.from.0.clone(),
            changes,
        );
    }
    if place.to != one.to {
        let before = one.to.as_ref().map(|day| day.0.clone());
        let after = place
            .to
            .as_ref()
            .map(|day| day.0.clone())
            .unwrap_or_default();
        show(ImportColumn::To, before, after, changes);
    }
    in_order(&place.from, place.to.as_ref())?;
    let is_same = place.position == one.position
        && place.subject == one.subject
        && place.from == one.from
        && place.to == one.to;
    Ok(match is_same {
        true => Vec::new(),
        false => vec![Step::Correct(one.id, place)],
    })
}

fn show_unit(
    before: Option<String>,
    place: &Place,
    ground: &Ground<'_>,
    changes: &mut Vec<Change>,
) {
    show(ImportColumn::Unit, before, ground.name(place.unit), changes);
    show(ImportColumn::From, None, place.from.0.clone(), changes);
}

fn show(column: ImportColumn, before: Option<String>, after: String, changes: &mut Vec<Change>) {
    changes.push(Change {
        column,
        before,
        after,
    });
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::org::{Tree, Unit};

    const SCHOOL: UnitId = UnitId(Uuid::from_u128(1));
    const OTHER: UnitId = UnitId(Uuid::from_u128(2));
    const FOREIGN: UnitId = UnitId(Uuid::from_u128(3));

    fn day(text: &str) -> Day {
        Day(text.to_owned())
    }

    fn tree() -> Tree {
        let unit = |(id, code, name): (UnitId, &str, &str)| Unit {
            id,
            code: code.to_owned(),
            name: name.to_owned(),
            kind: "school".to_owned(),
            parent: None,
        };
        let units = [
            (SCHOOL, "TH-1", "Trường TH Tri Lễ"),
            (OTHER, "TH-2", "Trường TH Yên Hòa"),
            (FOREIGN, "TH-9", "Trường TH Khác"),
        ];
        Tree::of(units.map(unit))
    }

    fn at(
        number: u128,
        unit: UnitId,
        position: &str,
        from: &str,
        to: Option<&str>,
    ) -> KnownAppointment {
        KnownAppointment {
            id: AppointmentId(Uuid::from_u128(number)),
            unit,
            position: position.to_owned(),
            subject: None,
            from: day(from),
            to: to.map(day),
        }
    }

    fn known(code: Option<&str>, name: &str, appointments: Vec<KnownAppointment>) -> KnownPerson {
        KnownPerson {
            id: PersonId(Uuid::from_u128(100)),
            code: code.map(str::to_owned),
            name: name.to_owned(),
            form_of_address: None,
            version: 1,
            appointments,
        }
    }

    /// A row: code, name, unit, position, first day.
    fn row([code, name, unit, position, from]: [&str; 5]) -> Wanted {
        let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Wanted {
            code: said(code),
            name: said(name),
            unit: said(unit),
            position: said(position),
            from: said(from).map(Day),
            ..Wanted::default()
        }
    }

    fn decided(wanted: &Wanted, people: Vec<KnownPerson>) -> Decision {
        let (tree, today) = (tree(), day("2026-12-01"));
        let ours = |unit| unit != FOREIGN;
        let ground = Ground::new(&tree, &today, &ours, false);
        Decision::of(wanted, &Known::new(people), &ground)
    }

    fn fault(decision: Decision) -> RowFaultCode {
        match decision.outcome {
            Outcome::Refused(faults) => faults[0].code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn somebody_new_needs_name_unit_and_position() {
        let new = decided(
            &row(["1", "Lô Thị An", "truong th tri le", "Giáo viên", ""]),
            vec![],
        );
        let Outcome::New(names, place) = new.outcome else {
            panic!("{new:?}")
        };
        assert_eq!(
            (names.code.as_deref(), place.unit, place.from),
            (Some("1"), SCHOOL, day("2026-12-01"))
        );
        for (wanted, code) in [
            (["1", "", "TH-1", "x", ""], RowFaultCode::MissingName),
            (["1", "A", "", "x", ""], RowFaultCode::MissingUnit),
            (["1", "A", "TH-1", "", ""], RowFaultCode::MissingPosition),
            (["1", "A", "TH-7", "x", ""], RowFaultCode::UnknownUnit),
            (["1", "A", "TH-9", "x", ""], RowFaultCode::UnitNotYours),
        ] {
            assert_eq!(fault(decided(&row(wanted), vec![])), code, "{wanted:?}");
        }
    }

    #[test]
    fn another_position_from_a_later_day_leaves_what_somebody_was() {
        let an = known(
            Some("1"),
            "Lô Thị An",
            vec![at(1, SCHOOL, "Giáo viên", "2025-09-01", None)],
        );
        let changed = decided(
            &row(["1", "", "TH-1", "Tổ trưởng", "2026-09-01"]),
            vec![an.clone()],
        );
        let Outcome::Changed(_, steps) = changed.outcome else {
            panic!("{changed:?}")
        };
        assert_eq!(
            steps[0],
            Step::End(an.appointments[0].id, day("2026-08-31"))
        );
        assert!(matches!(&steps[1], Step::Appoint(place) if place.from == day("2026-09-01")));
        // The same words in another case are no other position.
        let same = decided(&row(["1", "Lô Thị An", "TH-1", "Giáo viên", ""]), vec![an]);
        assert_eq!(same.outcome, Outcome::Same(PersonId(Uuid::from_u128(100))));
    }

    #[test]
    fn somebody_who_comes_to_another_unit_leaves_the_one_before_if_that_is_ours() {
        let there = |unit| {
            known(
                Some("1"),
                "An",
                vec![at(1, unit, "Giáo viên", "2025-09-01", None)],
            )
        };
        let row = row(["1", "An", "TH-2", "", "2026-10-15"]);
        let moved = decided(&row, vec![there(SCHOOL)]);
        assert_eq!(moved.changes[0].before.as_deref(), Some("Trường TH Tri Lễ"));
        assert!(matches!(&moved.outcome, Outcome::Changed(_, steps) if steps.len() == 2));
        assert_eq!(
            fault(decided(&row, vec![there(FOREIGN)])),
            RowFaultCode::PersonNotYours
        );
    }

    #[test]
    fn namesakes_without_codes_are_told_and_zeros_that_are_known_too() {
        let an = |code| {
            known(
                code,
                "Lô Thị An",
                vec![at(1, SCHOOL, "Giáo viên", "2025-09-01", None)],
            )
        };
        let coded = row(["7", "Lô Thị An", "TH-1", "Giáo viên", ""]);
        assert_eq!(
            fault(decided(&coded, vec![an(None)])),
            RowFaultCode::Namesake
        );
        let other = decided(&coded, vec![an(Some("8"))]);
        assert!(
            matches!(other.outcome, Outcome::New(..)),
            "another code is another person"
        );
        assert_eq!(
            fault(decided(&coded, vec![an(Some("007"))])),
            RowFaultCode::LostZeros
        );
        let nameless = row(["", "Lô Thị An", "TH-1", "", ""]);
        assert!(matches!(
            decided(&nameless, vec![an(Some("8"))]).outcome,
            Outcome::Same(_)
        ));
        let mut second = an(None);
        second.id = PersonId(Uuid::from_u128(101));
        assert_eq!(
            fault(decided(&nameless, vec![an(None), second])),
            RowFaultCode::Namesake
        );
    }

    #[test]
    fn whoever_sits_at_units_of_others_too_is_not_renamed() {
        let seats = vec![
            at(1, SCHOOL, "Giáo viên", "2025-09-01", None),
            at(2, FOREIGN, "Giáo viên", "2025-09-01", None),
        ];
        let both = known(Some("1"), "Quang Thị Ha", seats);
        let renamed = row(["1", "Quang Thị Hà", "TH-1", "", ""]);
        assert_eq!(
            fault(decided(&renamed, vec![both.clone()])),
            RowFaultCode::PersonNotYours
        );
        let same = row(["1", "Quang Thị Ha", "TH-1", "", ""]);
        assert!(matches!(
            decided(&same, vec![both]).outcome,
            Outcome::Same(_)
        ));
    }

    #[test]
    fn row_that_changed_something_changes_nothing_the_second_time() {
        let an = known(
            Some("1"),
            "An",
            vec![at(1, SCHOOL, "Giáo viên", "2025-09-01", None)],
        );
        let wanted = row(["1", "Ân", "TH-2", "Phó Hiệu trưởng", "2026-10-15"]);
        let decision = decided(&wanted, vec![an.clone()]);
        let Outcome::Changed(_, steps) = decision.outcome else {
            panic!("{decision:?}")
        };
        let mut after = an;
        for step in steps {
            match step {
                Step::Rename(_, names) => after.name = names.name,
                Step::End(_, last) => after.appointments[0].to = Some(last),
                Step::Appoint(place) => {
                    after.appointments.push(at(
                        2,
                        place.unit,
                        &place.position,
                        &place.from.0,
                        None,
                    ));
                }
                Step::Correct(..) => panic!("it is another appointment"),
            }
        }
        assert!(matches!(
            decided(&wanted, vec![after]).outcome,
            Outcome::Same(_)
        ));
    }
}
