//! Decisions on the tree of units: each rule by a small tree, and all of them over random courses.

use std::collections::{BTreeMap, BTreeSet};

use office_core::decision::{Fault, Onset, Register, Span, Standing};
use proptest::prelude::*;
use protocol::Day;
use protocol::api::{UnitSpec, UnitStep};

/// The day of a number: 1 is 1 July 2025; each month has 28.
fn day(number: usize) -> Day {
    let months = 5 + number.div_ceil(28);
    let (year, month, date) = (2025 + months / 12, months % 12 + 1, (number + 27) % 28 + 1);
    Day(format!("{year}-{month:02}-{date:02}"))
}

fn onset(number: usize) -> Onset {
    Onset {
        day: day(number),
        eve: day(number - 1),
    }
}

/// `SO` with the communes `A` and `B`, and two schools below `A`.
fn province() -> Register {
    let unit = |code: &str, parent: Option<&str>| {
        let standing = Standing {
            name: code.to_owned(),
            kind: "school".to_owned(),
            parent: parent.map(ToOwned::to_owned),
        };
        let span = Span {
            standing,
            from: day(0),
            to: None,
        };
        (code.to_owned(), span)
    };
    Register::of([
        unit("SO", None),
        unit("A", Some("SO")),
        unit("B", Some("SO")),
        unit("A1", Some("A")),
        unit("A2", Some("A")),
    ])
}

fn spec(code: &str, parent: &str) -> UnitSpec {
    UnitSpec {
        code: code.to_owned(),
        name: code.to_owned(),
        kind: "school".to_owned(),
        parent: Some(parent.to_owned()),
    }
}

fn close(code: &str, heir: Option<&str>) -> UnitStep {
    UnitStep::Close {
        code: code.to_owned(),
        heir: heir.map(ToOwned::to_owned),
    }
}

fn shift(code: &str, parent: &str) -> UnitStep {
    UnitStep::Move {
        code: code.to_owned(),
        parent: parent.to_owned(),
    }
}

fn merge(codes: &[&str], into: UnitSpec) -> UnitStep {
    UnitStep::Merge {
        codes: codes.iter().map(|code| (*code).to_owned()).collect(),
        into,
    }
}

/// The register after a decision of one step, which must be possible.
fn after(register: &Register, number: usize, step: UnitStep) -> Register {
    let onset = onset(number);
    let plan = register.plan(&onset, &[step]).expect("it is possible");
    register.after(&onset, &plan)
}

fn fault(register: &Register, number: usize, step: UnitStep) -> Fault {
    let plan = register.plan(&onset(number), &[step]);
    plan.expect_err("it is not possible")
}

#[test]
fn merger_takes_over_what_stands_below_and_leaves_the_eve_as_it_was() {
    let before = province();
    let step = merge(&["A", "B"], spec("C", "SO"));
    let plan = before.plan(&onset(10), &[step]).unwrap();
    assert_eq!(plan.made, BTreeSet::from(["C".to_owned()]));
    let heir = Some("C".to_owned());
    let heirs = [("A", heir.clone()), ("B", heir)];
    assert_eq!(
        plan.heirs,
        heirs.map(|(code, heir)| (code.to_owned(), heir)).into()
    );
    assert_eq!(plan.over, BTreeSet::from(["SO".to_owned(), "A".to_owned()]));
    let later = before.after(&onset(10), &plan);
    assert_eq!(later.on(&day(9)), before.on(&day(9)));
    let units = later.on(&day(10));
    assert_eq!(units.keys().collect::<Vec<_>>(), ["A1", "A2", "C", "SO"]);
    assert_eq!(units["A1"].parent.as_deref(), Some("C"));
}

#[test]
fn unit_that_goes_on_in_a_merger_keeps_its_code_and_has_no_heir() {
    let step = merge(&["A", "B"], spec("A", "SO"));
    let plan = province().plan(&onset(10), &[step]).unwrap();
    assert_eq!(plan.heirs.len(), 1);
    assert_eq!(plan.heirs["B"].as_deref(), Some("A"));
    assert!(
        plan.begun.is_empty(),
        "A stands as it stood: {:?}",
        plan.begun
    );
}

#[test]
fn split_gives_each_unit_below_to_the_part_that_is_named_or_to_the_heir() {
    let step = UnitStep::Split {
        code: "A".to_owned(),
        into: vec![spec("X", "SO"), spec("Y", "SO")],
        heir: "X".to_owned(),
        children: BTreeMap::from([("A2".to_owned(), "Y".to_owned())]),
    };
    let units = after(&province(), 10, step).on(&day(10));
    assert!(!units.contains_key("A"));
    assert_eq!(units["A1"].parent.as_deref(), Some("X"));
    assert_eq!(units["A2"].parent.as_deref(), Some("Y"));
}

#[test]
fn unit_with_others_below_closes_only_with_an_heir() {
    let province = province();
    let left = Fault::ChildrenLeft {
        unit: "A".to_owned(),
        child: "A1".to_owned(),
        count: 2,
    };
    assert_eq!(fault(&province, 10, close("A", None)), left);
    let units = after(&province, 10, close("A", Some("B"))).on(&day(10));
    assert_eq!(units["A1"].parent.as_deref(), Some("B"));
}

#[test]
fn nothing_stands_below_itself_today_or_after_a_later_move() {
    let cycle = |code: &str| Fault::Cycle(code.to_owned());
    let province = province();
    assert_eq!(fault(&province, 10, shift("A", "A1")), cycle("A"));
    assert_eq!(fault(&province, 10, shift("A", "A")), cycle("A"));
    // On day 20 B moves below A1; so A may not move below B on day 10.
    let planned = after(&province, 20, shift("B", "A1"));
    assert!(matches!(
        fault(&planned, 10, shift("A", "B")),
        Fault::Cycle(_)
    ));
}

#[test]
fn what_a_later_decision_touches_is_left_alone() {
    let later = |unit: &str, number| Fault::LaterChange {
        unit: unit.to_owned(),
        day: day(number),
    };
    let planned = after(&province(), 20, close("A1", Some("A2")));
    assert_eq!(fault(&planned, 10, shift("A1", "B")), later("A1", 19));
    // A unit that ends on day 19 takes nobody over.
    let add = UnitStep::Add {
        unit: spec("N", "A1"),
    };
    assert_eq!(fault(&planned, 10, add), later("A1", 19));
    // The same day twice is one decision too many.
    let moved = after(&province(), 10, shift("A1", "B"));
    assert_eq!(fault(&moved, 10, shift("A1", "SO")), later("A1", 10));
    // What is to stand below a unit later keeps it from closing before.
    let coming = after(
        &province(),
        20,
        UnitStep::Add {
            unit: spec("N", "B"),
        },
    );
    assert_eq!(fault(&coming, 10, close("B", None)), later("B", 20));
}

#[test]
fn codes_are_never_used_twice_and_there_is_one_root() {
    let closed = after(&province(), 10, close("A1", None));
    let again = UnitStep::Add {
        unit: spec("A1", "B"),
    };
    assert_eq!(fault(&closed, 20, again), Fault::CodeTaken("A1".to_owned()));
    let root = UnitStep::Add {
        unit: UnitSpec {
            parent: None,
            ..spec("S2", "")
        },
    };
    assert_eq!(
        fault(&closed, 20, root.clone()),
        Fault::Root("S2".to_owned())
    );
    assert_eq!(
        fault(&closed, 20, close("SO", Some("A"))),
        Fault::Cycle("A".to_owned())
    );
    assert!(Register::default().plan(&onset(1), &[root]).is_ok());
}

#[test]
fn decision_that_changes_nothing_is_none() {
    let same = UnitStep::Rename {
        code: "A".to_owned(),
        name: "A".to_owned(),
        kind: "school".to_owned(),
    };
    assert_eq!(fault(&province(), 10, same), Fault::Nothing);
    let step = merge(&["A"], spec("A", "SO"));
    assert_eq!(fault(&province(), 10, step), Fault::Alone("A".to_owned()));
}

#[test]
fn heir_that_ends_by_the_same_decision_hands_on_to_its_own() {
    let steps = [close("A1", Some("A2")), close("A2", Some("B"))];
    let plan = province().plan(&onset(10), &steps).unwrap();
    assert_eq!(plan.heirs["A1"].as_deref(), Some("B"));
}

/// A step of a random course, from numbers that name units.
fn random_step(kind: u8, one: usize, other: usize, third: usize) -> UnitStep {
    let code = |number: usize| format!("U{number}");
    let into = UnitSpec {
        name: format!("{other}-{third}"),
        ..spec(&code(other), &code(third))
    };
    match kind % 6 {
        0 => UnitStep::Add { unit: into },
        1 => UnitStep::Rename {
            code: code(one),
            name: format!("{third}"),
            kind: "school".to_owned(),
        },
        2 => shift(&code(one), &code(other)),
        3 => close(
            &code(one),
            (!third.is_multiple_of(3)).then(|| code(other)).as_deref(),
        ),
        4 => merge(&[&code(one), &code(third % 5)], into),
        _ => UnitStep::Split {
            heir: into.code.clone(),
            into: vec![into, spec(&code(third % 7 + 1), "U0")],
            code: code(one),
            children: BTreeMap::new(),
        },
    }
}

/// Whether a day's units make one tree, by another way than the register's own.
fn is_a_tree(units: &BTreeMap<String, Standing>) -> bool {
    let mut reached: BTreeSet<&String> = units
        .iter()
        .filter(|(_, unit)| unit.parent.is_none())
        .map(|(code, _)| code)
        .collect();
    let roots = reached.len();
    loop {
        let found: Vec<&String> = units
            .iter()
            .filter(|(code, unit)| {
                !reached.contains(code) && unit.parent.as_ref().is_some_and(|p| reached.contains(p))
            })
            .map(|(code, _)| code)
            .collect();
        if found.is_empty() {
            break;
        }
        reached.extend(found);
    }
    reached.len() == units.len() && roots == usize::from(!units.is_empty())
}

proptest! {
    #[test]
    fn every_day_of_a_random_course_has_one_tree_and_days_before_a_decision_stay(
        course in prop::collection::vec(
            (1_usize..60, prop::collection::vec((any::<u8>(), 0_usize..9, 0_usize..12, 0_usize..9), 1..4)),
            1..40,
        ),
    ) {
        let root = UnitStep::Add {
            unit: UnitSpec { parent: None, ..spec("U0", "") },
        };
        let mut register = after(&Register::default(), 1, root);
        for (number, steps) in course {
            let number = number + 1;
            let steps: Vec<UnitStep> = steps
                .into_iter()
                .map(|(kind, one, other, third)| random_step(kind, one, other, third))
                .collect();
            let Ok(plan) = register.plan(&onset(number), &steps) else {
                continue;
            };
            let next = register.after(&onset(number), &plan);
            for at in 1..=70 {
                let (then, now) = (register.on(&day(at)), next.on(&day(at)));
                prop_assert!(is_a_tree(&now), "day {at}: {now:?}");
                if at < number {
                    prop_assert_eq!(&then, &now, "day {} before the decision", at);
                }
            }
            for heir in plan.heirs.values().flatten() {
                prop_assert!(next.on(&day(number)).contains_key(heir));
                prop_assert!(next.on(&day(70)).contains_key(heir));
            }
            for code in plan.over {
                prop_assert!(register.on(&day(number)).contains_key(&code));
            }
            register = next;
        }
    }
}
