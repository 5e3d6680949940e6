//! The guide of an installation's first days: a step is done by what is there, never by a press.

use protocol::api::{Guide, GuideChange, GuideStanding, GuideStep};

/// How much there is of what the steps are about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// Units of today, with the one at the root.
    pub units: i64,
    /// Bridge points that are not closed.
    pub points: i64,
    /// People.
    pub people: i64,
    /// Accounts that are not disabled.
    pub accounts: i64,
    /// Sessions in whose room two were.
    pub calls: i64,
}

/// The steps, in their order.
const STEPS: [GuideStep; 5] = [
    GuideStep::Units,
    GuideStep::Points,
    GuideStep::People,
    GuideStep::Accounts,
    GuideStep::TestCall,
];

/// How the guide stands.
#[must_use]
pub fn standing(facts: Facts, decided: &GuideChange) -> Guide {
    let steps = STEPS.map(|step| {
        let (count, enough) = match step {
            // The first day makes one of each.
            GuideStep::Units => (facts.units, 2),
            GuideStep::People => (facts.people, 2),
            GuideStep::Accounts => (facts.accounts, 2),
            // One alone meets nobody.
            GuideStep::Points => (facts.points, 2),
            GuideStep::TestCall => (facts.calls, 1),
        };
        GuideStanding {
            step,
            count: u32::try_from(count).unwrap_or(0),
            is_done: count >= enough,
            is_skipped: decided.skipped.contains(&step),
        }
    });
    let is_left = steps.iter().any(|one| !one.is_done && !one.is_skipped);
    Guide {
        is_open: is_left && !decided.is_closed,
        is_closed: decided.is_closed,
        steps: steps.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: GuideChange = GuideChange {
        skipped: Vec::new(),
        is_closed: false,
    };

    fn done(guide: &Guide) -> Vec<GuideStep> {
        let done = guide.steps.iter().filter(|one| one.is_done);
        done.map(|one| one.step).collect()
    }

    #[test]
    fn first_day_alone_does_no_step() {
        let first = Facts {
            units: 1,
            people: 1,
            accounts: 1,
            ..Facts::default()
        };
        let guide = standing(first, &NOTHING);
        assert!(guide.is_open && done(&guide).is_empty());
    }

    #[test]
    fn guide_goes_when_every_step_is_done_or_skipped_and_comes_back_when_what_was_done_is_gone() {
        let mut facts = Facts {
            units: 131,
            points: 22,
            people: 400,
            accounts: 30,
            calls: 0,
        };
        let without_call = GuideChange {
            skipped: vec![GuideStep::TestCall],
            is_closed: false,
        };
        assert!(standing(facts, &NOTHING).is_open);
        assert!(!standing(facts, &without_call).is_open);
        facts.calls = 1;
        assert!(!standing(facts, &NOTHING).is_open);
        facts.points = 1;
        let again = standing(facts, &NOTHING);
        assert!(again.is_open && !done(&again).contains(&GuideStep::Points));
        let closed = GuideChange {
            is_closed: true,
            ..NOTHING
        };
        assert!(!standing(facts, &closed).is_open);
    }
}
