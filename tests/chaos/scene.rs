//! Plays a plan: who is there, what is done to them, and when things are well again.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use loadtest::media::Tone;
use protocol::client::{
    Command, MicrophoneCommand, RecordingCommand, RecordingState, RefusalCode, RosterCommand,
    SessionCommand,
};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::people::{Answer, Person, Place, Publisher};
use super::plan::{Act, Blow, Draws, Plan, Promise};
use super::postgres::OwnPostgres;
use super::program::{self, until};
use super::stage::Stage;
use super::timeline::Timeline;

/// One recording, from the answer to its beginning to its end as the chair saw it.
#[derive(Debug, Clone)]
pub(crate) struct Take {
    pub(crate) folder: PathBuf,
    pub(crate) began: Instant,
    /// The end was asked for, and was answered.
    pub(crate) stopped: (Instant, Instant),
}

/// A stretch in which a publisher's media may be missing, and what for.
#[derive(Debug, Clone)]
pub(crate) struct Excuse {
    pub(crate) from: Instant,
    pub(crate) to: Instant,
    pub(crate) blow: Blow,
}

/// A run that is over.
pub(crate) struct Played {
    pub(crate) scene: Scene,
}

pub(crate) struct Scene {
    pub(crate) runtime: Runtime,
    pub(crate) stage: Stage,
    pub(crate) chair: Person,
    pub(crate) guest: Person,
    pub(crate) publishers: [Publisher; 2],
    pub(crate) takes: Vec<Take>,
    pub(crate) excuses: Vec<Excuse>,
    pub(crate) pulse: Pulse,
    place: Place,
    draws: Draws,
    /// The recording that runs: its folder, and since when.
    running: Option<(PathBuf, Instant)>,
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.place.leave.cancel();
    }
}

impl Scene {
    /// Everybody comes and the recording begins; none where the stage cannot be built.
    pub(crate) fn begin(plan: &Plan) -> Option<Self> {
        let timeline = Timeline::new();
        let stage = Stage::build(plan, timeline.clone())?;
        let runtime = Runtime::new().expect("a runtime");
        let place = Place {
            server: program::client(&stage.data, &stage.url),
            session: stage.session.clone(),
            run: stage.run.clone(),
            timeline,
            leave: CancellationToken::new(),
        };
        let on = runtime.handle();
        let chair = Person::comes("chair", stage.token("chair", None), true, &place, on);
        until("the chair is there", || chair.view().here);
        let mut seats = chair.view().seats;
        seats.sort_by_key(|seat| seat.number);
        let [first, second, ..] = &seats[..] else {
            panic!("points are invited: {seats:?}");
        };
        // The first two tiles of the film are theirs.
        let publisher = |name, tone, code: &str| {
            let token = stage.token("point", Some(code));
            Publisher::begins(name, tone, token, &place, on)
        };
        let publishers = [
            publisher("first encoder", Tone::Low, &first.code),
            publisher("second encoder", Tone::High, &second.code),
        ];
        let guest = Person::comes("guest", stage.token("point", None), false, &place, on);
        let mut scene = Self {
            pulse: Pulse::start(),
            chair,
            guest,
            publishers,
            takes: Vec::new(),
            excuses: Vec::new(),
            place,
            draws: Draws::new(plan.seed.rotate_left(32)),
            running: None,
            stage,
            runtime,
        };
        until("everybody is there", || {
            scene.guest.view().here && scene.publishers.iter().all(|one| one.is_connected_to(None))
        });
        scene.record();
        std::thread::sleep(Duration::from_secs(3));
        Some(scene)
    }

    fn say(&self, what: impl std::fmt::Display) {
        self.stage.timeline.say(what);
    }

    fn folders(&self) -> BTreeSet<PathBuf> {
        let all = std::fs::read_dir(self.stage.data.join("recordings"));
        let folders = all.into_iter().flatten().flatten();
        folders.map(|folder| folder.path()).collect()
    }

    /// A recording begins.
    fn record(&mut self) {
        let before = self.folders();
        let answer = self
            .chair
            .ask(Command::Recording(RecordingCommand::SetRecording {
                on: true,
            }));
        let began = Instant::now();
        assert_eq!(answer, Answer::Done);
        self.say("a recording begins");
        until("it is recorded", || {
            self.chair.view().recording == RecordingState::On
        });
        let mut new = self
            .folders()
            .difference(&before)
            .cloned()
            .collect::<Vec<_>>();
        let folder = new.pop().expect("a folder of the recording");
        assert!(new.is_empty(), "one recording has one folder: {new:?}");
        self.running = Some((folder, began));
    }

    /// The recording ends.
    fn stop(&mut self) {
        let (folder, began) = self.running.take().expect("a recording runs");
        let asked = Instant::now();
        let answer = self
            .chair
            .ask(Command::Recording(RecordingCommand::SetRecording {
                on: false,
            }));
        assert_eq!(answer, Answer::Done);
        let stopped = (asked, Instant::now());
        until("it is not recorded", || {
            self.chair.view().recording == RecordingState::Off
        });
        self.say("a recording ends");
        self.takes.push(Take {
            folder,
            began,
            stopped,
        });
    }

    /// Does what an act says, waits until all is well again, and leaves everybody alone for a while.
    pub(crate) fn strike(&mut self, act: Act) {
        self.say(format!("=> {:?}", act.blow));
        let from = Instant::now();
        match act.blow {
            Blow::Recorder { times } => {
                for _ in 0..times {
                    self.stage.kill_child("recorder", Duration::ZERO);
                    self.recovered();
                }
            }
            Blow::Server {
                behind_a_promise,
                away,
            } => {
                if behind_a_promise {
                    self.promise();
                }
                self.stage.kill_server();
                std::thread::sleep(away);
                self.stage.start_again();
            }
            Blow::Composer { after } => {
                self.stop();
                self.record();
                self.stage.kill_child("compose", after);
            }
            Blow::Postgres {
                killed,
                away,
                server_too,
            } => {
                let postgres = self.stage.postgres.clone().expect("a run on PostgreSQL");
                let (how, act): (_, fn(&OwnPostgres)) = match killed {
                    true => ("killed", OwnPostgres::kill),
                    false => ("stopped", OwnPostgres::stop),
                };
                self.runtime.block_on(postgres.meanwhile(act));
                self.say(format!("PostgreSQL is {how}"));
                until("the chair is told", || self.chair.view().trouble.is_some());
                self.refuses_to_promise();
                if server_too {
                    self.stage.kill_server();
                }
                std::thread::sleep(away);
                if server_too {
                    assert!(self.stage.try_to_start().is_none(), "without its database");
                }
                let again = postgres.meanwhile(OwnPostgres::start_again);
                self.runtime.block_on(again);
                self.say("PostgreSQL is back");
                if server_too {
                    self.stage.start_again();
                }
            }
            Blow::Disk { full, server_too } => {
                self.stage.disk.fill();
                self.say("the disk is full");
                match self.stage.postgres {
                    Some(_) => until("the recorder cannot write", || {
                        self.chair.view().recording == RecordingState::Failed
                    }),
                    None => until("the chair is told", || self.chair.view().trouble.is_some()),
                };
                if server_too {
                    self.stage.kill_server();
                }
                std::thread::sleep(full);
                self.stage.disk.free();
                self.say("there is room on the disk");
                if server_too {
                    self.stage.start_again();
                }
            }
            Blow::Clock { by_s } => {
                let ahead_us = self.stage.set_clock(by_s) * 1_000_000;
                until("the server's clock is seen to be set", || {
                    self.chair.view().ahead_us.abs_diff(ahead_us) < 500_000
                });
            }
        }
        self.recovered();
        self.excuses.push(Excuse {
            from,
            to: Instant::now(),
            blow: act.blow,
        });
        std::thread::sleep(act.rest);
    }

    /// The chair does what a crash must not undo.
    fn promise(&mut self) {
        let guest = self.guest.view().you.expect("a guest who was there");
        let view = self.chair.view();
        let microphone = view.microphones.get(&guest).copied().unwrap_or_default();
        let command = match self.draws.promise() {
            _ if view.removed.contains(&guest) => {
                Command::Roster(RosterCommand::Readmit { participant: guest })
            }
            Promise::Remove => Command::Roster(RosterCommand::Remove { participant: guest }),
            Promise::Mute if !microphone.locked => {
                let opened =
                    self.guest
                        .ask(Command::Microphone(MicrophoneCommand::SetMicrophone {
                            on: true,
                        }));
                assert_eq!(opened, Answer::Done);
                Command::Microphone(MicrophoneCommand::Mute { participant: guest })
            }
            _ => Command::Microphone(MicrophoneCommand::SetLock {
                participant: guest,
                locked: !microphone.locked,
            }),
        };
        self.say(format!("the chair says {command:?}"));
        assert_eq!(self.chair.ask(command), Answer::Done);
    }

    /// While nothing is saved, nothing is promised.
    fn refuses_to_promise(&mut self) {
        let guest = self.guest.view().you.expect("a guest who was there");
        if self.chair.view().removed.contains(&guest) {
            return;
        }
        let microphones = self.chair.view().microphones;
        let locked = microphones
            .get(&guest)
            .is_some_and(|microphone| microphone.locked);
        let answer = self
            .chair
            .ask(Command::Microphone(MicrophoneCommand::SetLock {
                participant: guest,
                locked: !locked,
            }));
        assert_eq!(answer, Answer::Refused(RefusalCode::NotSaved));
    }

    /// Waits until all is well: everybody is there, recorded and written down.
    fn recovered(&self) {
        let run = self.stage.deaths.last().copied();
        until("everybody publishes", || {
            self.publishers.iter().all(|one| one.is_connected_to(run))
        });
        until("the chair is back", || self.chair.view().here);
        until("it is saved", || self.chair.view().trouble.is_none());
        until("it is recorded", || {
            self.chair.view().recording == RecordingState::On
        });
        let removed = self.guest.view().you;
        let removed = removed.is_some_and(|you| self.chair.view().removed.contains(&you));
        if !removed {
            until("the guest is back", || self.guest.view().here);
        }
    }

    /// The last recording and the session end, each behind its answer by a kill; then every film is waited for.
    pub(crate) fn end(mut self) -> Played {
        self.stop();
        self.stage.kill_server();
        self.stage.start_again();
        until("the chair is back", || self.chair.view().here);
        until("it is not recorded", || {
            self.chair.view().recording == RecordingState::Off
        });
        assert_eq!(
            self.chair
                .ask(Command::Microphone(MicrophoneCommand::SetLockAll {
                    locked: true
                })),
            Answer::Done
        );
        assert_eq!(
            self.chair.ask(Command::Session(SessionCommand::EndSession)),
            Answer::Done
        );
        self.stage.kill_server();
        self.place.leave.cancel();
        self.stage.start_again();
        Played { scene: self }
    }
}

/// Tells how late this machine was in doing what was due, and when: what a machine does too late is not the program's
/// doing.
pub(crate) struct Pulse {
    late: std::sync::Arc<std::sync::Mutex<Vec<(Instant, Duration)>>>,
}

impl Pulse {
    fn start() -> Self {
        const TICK: Duration = Duration::from_millis(10);
        let late = std::sync::Arc::<std::sync::Mutex<Vec<_>>>::default();
        let mine = std::sync::Arc::downgrade(&late);
        std::thread::spawn(move || {
            while let Some(late) = mine.upgrade() {
                let due = Instant::now() + TICK;
                std::thread::sleep(TICK);
                let now = Instant::now();
                let by = now.saturating_duration_since(due);
                if by > TICK {
                    late.lock().expect("nobody panics with it").push((now, by));
                }
            }
        });
        Self { late }
    }

    /// The latest act within a time before a moment and a little after.
    pub(crate) fn worst_before(&self, moment: Instant, within: Duration) -> Duration {
        let late = self.late.lock().expect("nobody panics with it");
        let near = late
            .iter()
            .filter(|(at, _)| *at + within >= moment && *at <= moment + Duration::from_millis(500));
        near.map(|(_, by)| *by).max().unwrap_or_default()
    }
}
