//! What will be done to an installation, drawn from a seed: the same seed is the same plan on every machine.

use std::time::Duration;

use impairment::Chance;

/// What is drawn.
#[derive(Debug, Clone)]
pub(crate) struct Draws(Chance);

impl Draws {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(Chance::new(seed))
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.0.number() % end.max(1) as u64) as usize
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    fn between_ms(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.0.number() % (to - from))
    }

    fn shuffle<T>(&mut self, cards: &mut [T]) {
        for last in (1..cards.len()).rev() {
            cards.swap(last, self.below(last + 1));
        }
    }
}

/// Something that is done to a running installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blow {
    /// The recorder is killed, so many times in a row.
    Recorder { times: usize },
    /// The server is killed, with the engine in it; its children end with it.
    Server {
        /// As soon as the chair has the answer to a command that must not be undone.
        behind_a_promise: bool,
        away: Duration,
    },
    /// One recording ends, the next begins, and the composer of the first is killed over its work.
    Composer { after: Duration },
    /// PostgreSQL is killed, or stopped as a keeper does.
    Postgres {
        killed: bool,
        away: Duration,
        /// The server is killed in the meantime, and its start is tried again until it succeeds.
        server_too: bool,
    },
    /// The disk of the data folder is full.
    Disk { full: Duration, server_too: bool },
    /// The time of day is set.
    Clock { by_s: i64 },
}

/// The kinds of blow, each of which comes once before any comes again.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Recorder,
    Server,
    ServerBehindAPromise,
    Composer,
    Postgres,
    Disk,
    ClockForward,
    ClockBack,
}

/// A blow, and how long the installation is left alone when it has recovered from it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Act {
    pub(crate) blow: Blow,
    pub(crate) rest: Duration,
}

/// What is done in one run.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Whether the database is PostgreSQL, and is struck too; else it is SQLite, on the disk that is filled.
    pub(crate) on_postgres: bool,
    pub(crate) acts: Vec<Act>,
}

impl Plan {
    /// A plan of so many blows. Odd seeds run on PostgreSQL.
    pub(crate) fn new(seed: u64, blows: usize) -> Self {
        let mut draws = Draws::new(seed);
        let on_postgres = seed % 2 == 1;
        let mut acts = Vec::new();
        while acts.len() < blows {
            let mut deck = vec![
                Kind::Recorder,
                Kind::Server,
                Kind::ServerBehindAPromise,
                Kind::Composer,
                Kind::Disk,
                Kind::ClockForward,
                Kind::ClockBack,
                if on_postgres {
                    Kind::Postgres
                } else {
                    Kind::Disk
                },
            ];
            draws.shuffle(&mut deck);
            acts.extend(deck.into_iter().map(|kind| Act {
                blow: draw(&mut draws, kind),
                rest: draws.between_ms(3_000, 5_000),
            }));
        }
        acts.truncate(blows);
        Self {
            seed,
            on_postgres,
            acts,
        }
    }
}

fn draw(draws: &mut Draws, kind: Kind) -> Blow {
    match kind {
        Kind::Recorder => Blow::Recorder {
            times: 1 + draws.below(3),
        },
        Kind::Server | Kind::ServerBehindAPromise => Blow::Server {
            behind_a_promise: matches!(kind, Kind::ServerBehindAPromise),
            away: draws.between_ms(100, 3_000),
        },
        Kind::Composer => Blow::Composer {
            after: draws.between_ms(0, 2_000),
        },
        Kind::Postgres => Blow::Postgres {
            killed: draws.below(3) > 0,
            away: draws.between_ms(500, 6_000),
            server_too: draws.below(3) == 0,
        },
        Kind::Disk => Blow::Disk {
            full: draws.between_ms(1_000, 5_000),
            server_too: draws.below(3) == 0,
        },
        Kind::ClockForward => Blow::Clock {
            by_s: draws.one_of(&[1, 45, 600, 3_600]),
        },
        // Never before the opening of a session that began with the run.
        Kind::ClockBack => Blow::Clock {
            by_s: draws.one_of(&[-1, -45, -300]),
        },
    }
}

/// What the chair may promise; see `Scene::promise`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Promise {
    Lock,
    Mute,
    Remove,
}

impl Draws {
    pub(crate) fn promise(&mut self) -> Promise {
        self.one_of(&[Promise::Lock, Promise::Mute, Promise::Remove])
    }
}

#[test]
fn seed_is_always_the_same_plan_and_eight_blows_are_of_every_kind() {
    for seed in 0..50 {
        let acts = |seed| Plan::new(seed, 8).acts.into_iter().map(|act| act.blow);
        assert!(acts(seed).eq(acts(seed)), "seed {seed}");
        let has = |wanted: fn(&Blow) -> bool| acts(seed).any(|blow| wanted(&blow));
        assert!(has(|blow| matches!(blow, Blow::Recorder { .. })));
        assert!(has(|blow| matches!(
            blow,
            Blow::Server {
                behind_a_promise: true,
                ..
            }
        )));
        assert!(has(|blow| matches!(
            blow,
            Blow::Server {
                behind_a_promise: false,
                ..
            }
        )));
        assert!(has(|blow| matches!(blow, Blow::Composer { .. })));
        assert!(has(|blow| matches!(blow, Blow::Disk { .. })));
        assert!(has(
            |blow| matches!(blow, Blow::Clock { by_s } if *by_s > 0)
        ));
        assert!(has(
            |blow| matches!(blow, Blow::Clock { by_s } if *by_s < 0)
        ));
        let postgres = has(|blow| matches!(blow, Blow::Postgres { .. }));
        assert_eq!(postgres, seed % 2 == 1);
    }
}
