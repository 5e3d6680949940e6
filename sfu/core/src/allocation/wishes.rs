//! Picks layers for wishes. Pure: rates and wishes in, one layer per wish out.

use crate::rtp::{Layer, MAX_LAYERS};

/// One picture a viewer would like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wish {
    /// What each encoding needs, bits per second, smallest first; `None` where the publisher offers none.
    pub(crate) bps: [Option<u64>; MAX_LAYERS],
    /// As good as it should be before later wishes get anything.
    pub(crate) enough: Layer,
    /// As good as it makes sense to show it.
    pub(crate) best: Layer,
}

impl Wish {
    /// What a layer needs, bits per second; zero where there is none.
    pub(super) fn needs_bps(&self, layer: Layer) -> u64 {
        self.bps.get(layer).copied().flatten().unwrap_or_default()
    }
}

/// Picks one encoding per wish so that their sum fits `budget_bps`. `wishes` runs from most to least wanted; the
/// result has the same length and order, `None` meaning paused. Audio is never listed: it always flows.
///
/// Every wish in turn gets the best encoding up to `enough` that still fits; what is left raises them, in turn, up to
/// `best`.
pub(super) fn pick(budget_bps: u64, wishes: &[Wish]) -> Vec<Option<Layer>> {
    let mut left = budget_bps;
    let mut picks: Vec<Option<Layer>> = vec![None; wishes.len()];
    for limit in [|wish: &Wish| wish.enough, |wish: &Wish| wish.best] {
        for (wish, pick) in wishes.iter().zip(&mut picks) {
            let held = pick.and_then(|layer| wish.bps[layer]).unwrap_or_default();
            let affordable = (0..=limit(wish).min(MAX_LAYERS - 1))
                .rev()
                .find_map(|layer| {
                    wish.bps[layer]
                        .filter(|bps| *bps <= left + held)
                        .map(|bps| (layer, bps))
                });
            if let Some((layer, bps)) = affordable
                && pick.is_none_or(|held| layer > held)
            {
                left = left + held - bps;
                *pick = Some(layer);
            }
        }
    }
    picks
}

/// What all wishes together would take at their best, bits per second.
pub(super) fn ideal_bps(wishes: &[Wish]) -> u64 {
    wishes
        .iter()
        .filter_map(|wish| {
            wish.bps[..=wish.best.min(MAX_LAYERS - 1)]
                .iter()
                .flatten()
                .max()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAMERA: [Option<u64>; 3] = [Some(150_000), Some(500_000), Some(1_500_000)];
    const STAGE: Wish = Wish {
        bps: CAMERA,
        enough: 1,
        best: 2,
    };
    const TILE: Wish = Wish {
        bps: CAMERA,
        enough: 0,
        best: 0,
    };
    const SCREEN: Wish = Wish {
        bps: [Some(1_000_000), None, None],
        enough: 0,
        best: 0,
    };

    #[test]
    fn wide_link_gives_everyone_the_best() {
        assert_eq!(
            pick(10_000_000, &[STAGE, TILE, TILE]),
            [Some(2), Some(0), Some(0)]
        );
    }

    #[test]
    fn tiles_come_before_a_sharper_stage() {
        assert_eq!(
            pick(850_000, &[STAGE, TILE, TILE]),
            [Some(1), Some(0), Some(0)]
        );
    }

    #[test]
    fn narrow_link_keeps_the_most_wanted_picture() {
        assert_eq!(pick(200_000, &[STAGE, TILE, TILE]), [Some(0), None, None]);
        assert_eq!(pick(100_000, &[STAGE, TILE]), [None, None]);
    }

    #[test]
    fn shared_screen_comes_before_the_stage() {
        assert_eq!(pick(1_200_000, &[SCREEN, STAGE]), [Some(0), Some(0)]);
    }

    #[test]
    fn sum_never_exceeds_the_budget() {
        for budget in (0..4_000_000).step_by(37_000) {
            let wishes = [SCREEN, STAGE, TILE, TILE, TILE];
            let sum: u64 = pick(budget, &wishes)
                .iter()
                .zip(&wishes)
                .filter_map(|(pick, wish)| pick.and_then(|layer| wish.bps[layer]))
                .sum();
            assert!(sum <= budget, "{sum} > {budget}");
        }
    }

    #[test]
    fn more_bandwidth_never_takes_the_stage_away() {
        let mut last = None;
        for budget in (0..4_000_000).step_by(10_000) {
            let pick = pick(budget, &[STAGE, TILE, TILE])[0];
            assert!(pick >= last, "{budget}");
            last = pick;
        }
    }
}
