//! Whatever the network sends, no parser panics, and none breaks its promises: samples cut at every byte, and samples changed
//! at random. The same changes each time here; `make fuzz` goes on with others for as long as it is given.

mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant, SystemTime};

use targets::{TARGETS, Target};

/// Mutations of each sample.
const MUTATIONS: u32 = 1_500;

/// The same numbers each time (xorshift).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Below `end`, which is not zero.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

/// Changes a few places: flips, replaces, removes, doubles or inserts.
fn mutate(dice: &mut Dice, sample: &[u8]) -> Vec<u8> {
    let mut bytes = sample.to_vec();
    for _ in 0..=dice.below(6) {
        if bytes.is_empty() {
            bytes.push(0);
        }
        let at = dice.below(bytes.len());
        let length = (1 + dice.below(8)).min(bytes.len() - at);
        match dice.below(6) {
            0 => bytes[at] ^= 1 << dice.below(8),
            1 => bytes[at] = [0, 1, 0x7f, 0x80, 0xfe, 0xff][dice.below(6)],
            2 => drop(bytes.drain(at..at + length)),
            3 => {
                let part = bytes[at..at + length].to_vec();
                bytes.splice(at..at, part);
            }
            4 => bytes.insert(at, dice.next() as u8),
            _ => {
                let to = dice.below(bytes.len());
                bytes.swap(at, to);
            }
        }
    }
    bytes
}

/// Runs a target; a panic names the bytes.
fn survives(target: &Target, bytes: &[u8]) {
    let run = catch_unwind(AssertUnwindSafe(|| (target.run)(bytes)));
    assert!(
        run.is_ok(),
        "{} does not survive {}",
        target.name,
        bytes.escape_ascii()
    );
}

#[test]
fn samples_are_survived_whole_and_cut_at_every_byte() {
    for target in &TARGETS {
        for sample in (target.samples)() {
            for cut in 0..=sample.len() {
                survives(target, &sample[..cut]);
            }
        }
    }
}

fn survives_changes(target: &Target, dice: &mut Dice) {
    for sample in (target.samples)() {
        for _ in 0..MUTATIONS {
            survives(target, &mutate(dice, &sample));
        }
    }
}

#[test]
fn changed_samples_are_survived() {
    for target in &TARGETS {
        survives_changes(target, &mut Dice(0x9e37_79b9_7f4a_7c15));
    }
}

/// For `make fuzz`, which says how many seconds; other changes each time, and told which, so that they can be repeated.
#[test]
fn ever_other_changes_are_survived_for_as_long_as_asked() {
    let seconds = std::env::var("FUZZ_SECONDS").ok();
    let Some(seconds) = seconds.and_then(|seconds| seconds.parse().ok()) else {
        return;
    };
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let seed = since_epoch.map_or(1, |time| time.as_micros() as u64) | 1;
    let mut dice = Dice(seed);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut rounds = 0_u64;
    while Instant::now() < end {
        for target in &TARGETS {
            survives_changes(target, &mut dice);
        }
        rounds += 1;
    }
    let changed: usize = TARGETS.iter().map(|target| (target.samples)().len()).sum();
    let inputs = rounds * u64::from(MUTATIONS) * changed as u64;
    eprintln!("{inputs} inputs were survived in {seconds} s, from seed {seed} on");
}
