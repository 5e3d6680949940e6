//! The tree of any day, against a plain model of it.

use std::collections::BTreeMap;

use office_core::org::{History, Unit, Version};
use proptest::prelude::*;
use protocol::{Day, UnitId};
use uuid::Uuid;

fn unit(number: usize) -> UnitId {
    UnitId(Uuid::from_u128(number as u128 + 1))
}

fn day(number: usize) -> Day {
    Day(format!("2026-01-{:02}", number + 1))
}

/// Where each of six units stood: runs of days, one after another, each with a parent or none.
fn any_history() -> impl Strategy<Value = Vec<Vec<(usize, usize, Option<usize>)>>> {
    let run = (1_usize..6, 0_usize..3, proptest::option::of(0_usize..6));
    proptest::collection::vec(proptest::collection::vec(run, 0..4), 6).prop_map(|units| {
        units
            .into_iter()
            .map(|runs| {
                let mut at = 0;
                let placed = runs.into_iter().map(|(length, pause, parent)| {
                    let from = at + pause;
                    at = from + length;
                    (from, at - 1, parent)
                });
                placed.collect()
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn tree_of_a_day_has_the_units_of_that_day_where_they_stood(runs in any_history(), today in 0_usize..28) {
        let mut versions = Vec::new();
        let mut model: BTreeMap<UnitId, Option<UnitId>> = BTreeMap::new();
        for (number, runs) in runs.iter().enumerate() {
            for &(from, to, parent) in runs {
                let parent = parent.map(unit);
                versions.push(Version {
                    unit: Unit {
                        id: unit(number),
                        code: format!("U{number}"),
                        name: format!("Đơn vị {number}"),
                        kind: "school".to_owned(),
                        parent,
                    },
                    from: day(from),
                    to: (to < 27).then(|| day(to)),
                });
                if from <= today && (today <= to || to >= 27) {
                    model.insert(unit(number), parent);
                }
            }
        }
        let tree = History::new(versions).on(&day(today));
        for number in 0..6 {
            let id = unit(number);
            prop_assert_eq!(tree.unit(id).map(|unit| unit.parent), model.get(&id).copied());
            prop_assert_eq!(tree.by_code(&format!("U{number}")).map(|unit| unit.id), model.contains_key(&id).then_some(id));
            // Walk by hand, once round a loop at most.
            let mut line = vec![id];
            let mut at = id;
            while let Some(Some(parent)) = model.get(&at) {
                if line.contains(parent) {
                    break;
                }
                line.push(*parent);
                at = *parent;
            }
            prop_assert_eq!(tree.lineage(id).0, line);
        }
        prop_assert_eq!(tree.is_empty(), model.is_empty());
    }
}

#[test]
fn unit_of_another_day_has_the_name_that_it_had_nearest_before_or_will_have() {
    let version = |name: &str, from: usize, to: usize| Version {
        unit: Unit {
            id: unit(1),
            code: "HUYEN".to_owned(),
            name: name.to_owned(),
            kind: "district".to_owned(),
            parent: None,
        },
        from: day(from),
        to: Some(day(to)),
    };
    let history = History::new(vec![
        version("Phòng mới", 6, 9),
        version("Phòng cũ", 3, 4),
        version("Phòng sau", 20, 22),
    ]);
    for (today, name) in [
        (0, "Phòng cũ"),
        (4, "Phòng cũ"),
        (5, "Phòng cũ"),
        (7, "Phòng mới"),
        (15, "Phòng mới"),
        (25, "Phòng sau"),
    ] {
        let tree = history.on(&day(today));
        assert_eq!(tree.name(unit(1)).name, name, "on day {today}");
        assert_eq!(tree.of_any_day("HUYEN"), Some(unit(1)));
        assert_eq!(
            tree.unit(unit(1)).is_some(),
            tree.by_code("HUYEN").is_some()
        );
    }
    assert_eq!(history.on(&day(0)).name(unit(2)).code, unit(2).to_string());
}
