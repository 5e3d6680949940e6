//! Finds the steps that all tracks of a sender show: those of the NTP clock, which the tracks share.

use super::{Kind, MOST_STEPS, SLACK_US, STEP_US, Step};

/// A step that all tracks of a sender show which were there.
pub(super) struct Shared {
    pub(super) from_us: i64,
    pub(super) to_us: i64,
    pub(super) by_us: f64,
    /// Epoch, and which of its steps.
    pub(super) members: Vec<(usize, usize)>,
}

impl Shared {
    /// The steps of a kind that every epoch shows which was there before and behind, each as a step that `is_one`.
    pub(super) fn among(
        steps: &[Vec<Step>],
        kind: Kind,
        is_one: impl Fn(&Step) -> bool,
        was_there: impl Fn(usize, i64, i64) -> bool,
    ) -> Vec<Self> {
        let mut all: Vec<(usize, usize)> = (0..steps.len())
            .flat_map(|epoch| (0..steps[epoch].len()).map(move |n| (epoch, n)))
            .filter(|(epoch, n)| is_one(&steps[*epoch][*n]) && steps[*epoch].len() <= MOST_STEPS)
            .collect();
        all.sort_by_key(|(epoch, n)| (steps[*epoch][*n].kind != kind, steps[*epoch][*n].to_us));
        let mut shared: Vec<Self> = Vec::new();
        while !all.is_empty() {
            let (epoch, n) = all.remove(0);
            let step = steps[epoch][n];
            if step.kind != kind {
                break;
            }
            let mut one = Self {
                from_us: step.from_us,
                to_us: step.to_us,
                by_us: step.by_us,
                members: vec![(epoch, n)],
            };
            all.retain(|(epoch, n)| !one.takes(*epoch, *n, &steps[*epoch][*n]));
            let agreed = (0..steps.len()).all(|epoch| {
                let member = one.members.iter().any(|(member, _)| *member == epoch);
                member || !was_there(epoch, one.from_us, one.to_us)
            });
            if agreed {
                shared.push(one);
            }
        }
        shared.sort_by_key(|one| one.to_us);
        shared
    }

    /// Makes the step of another epoch a part of this one if it is the same.
    fn takes(&mut self, epoch: usize, n: usize, step: &Step) -> bool {
        let other = self.members.iter().all(|(member, _)| *member != epoch);
        let overlap = step.from_us.saturating_sub(SLACK_US) <= self.to_us
            && self.from_us <= step.to_us.saturating_add(SLACK_US);
        let same = (step.by_us - self.by_us).abs() <= 1.5 * STEP_US;
        if !(other && overlap && same) {
            return false;
        }
        self.from_us = self.from_us.max(step.from_us);
        self.to_us = self.to_us.min(step.to_us);
        self.members.push((epoch, n));
        true
    }
}
