//! The chaos run: two encoders are recorded while everything that can be killed is killed, the disk fills and the clock is
//! set, in an order drawn from a seed; then it is counted what is missing.
//!
//! `CHAOS_SEED` chooses the plan and `CHAOS_ROUNDS` how many blows it has. A run that fails tells its seed and what
//! happened when. `make chaos` plays many.

#![allow(clippy::unwrap_used, reason = "a scene that goes wrong fails")]

#[path = "../signaling/tests/common/disk.rs"]
mod disk;
#[path = "chaos/oracle.rs"]
mod oracle;
#[path = "chaos/people.rs"]
mod people;
#[path = "chaos/plan.rs"]
mod plan;
#[path = "../signaling/tests/common/postgres.rs"]
mod postgres;
#[path = "program/mod.rs"]
mod program;
#[path = "chaos/scene.rs"]
mod scene;
#[path = "chaos/stage.rs"]
mod stage;
#[path = "chaos/timeline.rs"]
mod timeline;

use plan::Plan;
use scene::Scene;

/// What is played when nobody says otherwise: on PostgreSQL, every kind of blow once, in less than three minutes.
const SEED: u64 = 1;
const ROUNDS: u64 = 8;

fn variable(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(
        value
            .parse()
            .unwrap_or_else(|_| panic!("{name} is a number")),
    )
}

#[test]
fn nothing_promised_is_lost_while_everything_is_killed_filled_and_set() {
    program::crypto();
    let seed = variable("CHAOS_SEED").unwrap_or(SEED);
    let rounds = variable("CHAOS_ROUNDS").unwrap_or(ROUNDS);
    let plan = Plan::new(seed, usize::try_from(rounds).expect("a few blows"));
    let Some(mut scene) = Scene::begin(&plan) else {
        eprintln!("no disk can be mounted without root, or there is no PostgreSQL");
        return;
    };
    for act in &plan.acts {
        scene.strike(*act);
    }
    let played = scene.end();
    let figures = oracle::judge(&played);
    eprintln!(
        "{}\nseed {seed}, {rounds} blows: {figures}",
        played.scene.stage.timeline
    );
}
