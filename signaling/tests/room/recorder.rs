//! The link to the recorder, with a scripted recorder on its socket.

use protocol::api::RecordingFailure;
use protocol::client::{
    Command, Event, HandCommand, HandEvent, RecordingCommand, RecordingEvent, RecordingState,
    SessionRole,
};
use protocol::recorder::{RECORDER_VERSION, RecordedEvent, RecorderMessage};
use protocol::sfu::SfuCommand;
use protocol::{ParticipantId, RecordingId, frame};
use signaling::jobs::queue;
use signaling::live::captures::{self, COMPOSE};
use signaling::recording::replays;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use crate::page::Page;
use crate::server::{Province, RELAY, SOON, Server};

/// A recorder that does what the test says.
pub(crate) struct Recorder {
    socket: UnixStream,
    bytes: Vec<u8>,
}

impl Recorder {
    pub(crate) async fn connect(province: &Province) -> Self {
        let mut recorder = Self::silent(province).await;
        recorder
            .say(RecorderMessage::Hello {
                protocol: RECORDER_VERSION,
            })
            .await;
        recorder
    }

    /// One that connects and has said nothing yet.
    async fn silent(province: &Province) -> Self {
        let socket = UnixStream::connect(province.folder.path().join("run/recorder.sock"))
            .await
            .unwrap();
        Self {
            socket,
            bytes: Vec::new(),
        }
    }

    pub(crate) async fn say(&mut self, message: RecorderMessage) {
        let mut bytes = Vec::new();
        frame::encode_message(&message, &mut bytes);
        self.socket.write_all(&bytes).await.unwrap();
    }

    pub(crate) async fn hear(&mut self) -> RecorderMessage {
        loop {
            if let Some((message, used)) = frame::decode_message(&self.bytes).unwrap() {
                self.bytes.drain(..used);
                return message;
            }
            assert_ne!(self.read().await, 0, "the server hung up");
        }
    }

    /// Reads what comes; 0 when the server hangs up.
    async fn read(&mut self) -> usize {
        tokio::time::timeout(SOON, self.socket.read_buf(&mut self.bytes))
            .await
            .expect("the server says something")
            .unwrap_or_default()
    }

    pub(crate) async fn wait<T>(&mut self, wanted: impl Fn(&RecorderMessage) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(&self.hear().await) {
                return found;
            }
        }
    }

    pub(crate) async fn started(&mut self) -> RecordingId {
        self.wait(|message| match message {
            RecorderMessage::Start { recording, .. } => Some(*recording),
            _ => None,
        })
        .await
    }
}

/// A meeting of Lan's alone, of which the recorder has been told that it is to record it.
struct Meeting {
    province: Province,
    server: Server,
    recorder: Recorder,
    lan: Page,
    id: RecordingId,
}

impl Meeting {
    async fn to_be_recorded() -> Self {
        let province = Province::new().await;
        let lan = province.token("Lan", SessionRole::Chair, None).await;
        let server = Server::of(&province).await;
        let mut recorder = Recorder::connect(&province).await;
        let mut lan = server.join(&lan).await;
        lan.ask(Command::Recording(RecordingCommand::SetRecording {
            on: true,
        }))
        .await
        .unwrap();
        let id = recorder.started().await;
        Self {
            province,
            server,
            recorder,
            lan,
            id,
        }
    }
}

async fn state(page: &mut Page, wanted: RecordingState) {
    page.event(|e| *e == Event::Recording(RecordingEvent::RecordingChanged { state: wanted }))
        .await;
}

/// What is on the plate of somebody whose name is told.
async fn plate(recorder: &mut Recorder, name: &str) -> (RecordingId, ParticipantId, Option<u32>) {
    recorder
        .wait(|message| match message {
            RecorderMessage::Plate {
                recording,
                participant,
                name: told,
                seat,
            } if told == name => Some((*recording, *participant, *seat)),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn meeting_is_recorded_from_the_chairs_word_to_the_film() {
    let province = Province::new().await;
    let (lan, minh) = (
        province.token("Lan", SessionRole::Chair, None).await,
        province
            .token("Minh Khai", SessionRole::Point, Some(province.points[1]))
            .await,
    );
    let server = Server::of(&province).await;
    let mut recorder = Recorder::connect(&province).await;
    let mut lan = server.join(&lan).await;
    let minh = server.join(&minh).await;
    lan.ask(Command::Recording(RecordingCommand::SetRecording {
        on: true,
    }))
    .await
    .unwrap();
    let (id, relay) = recorder
        .wait(|message| match message {
            RecorderMessage::Start {
                recording, relay, ..
            } => Some((*recording, relay.clone())),
            _ => None,
        })
        .await;
    assert_eq!(relay, RELAY, "where the media come from");
    assert_eq!(
        plate(&mut recorder, "Minh Khai").await,
        (id, minh.welcome.you, Some(2))
    );
    server
        .sfu
        .told(|c| matches!(c, SfuCommand::StartRelay { recording, .. } if *recording == id))
        .await;
    recorder
        .say(RecorderMessage::Started { recording: id })
        .await;
    state(&mut lan, RecordingState::On).await;

    // Whoever comes later is introduced before anything of theirs can be published.
    let tan_lap = province
        .token("Tân Lập", SessionRole::Point, Some(province.points[2]))
        .await;
    let tan_lap = server.join(&tan_lap).await;
    assert_eq!(
        plate(&mut recorder, "Tân Lập").await,
        (id, tan_lap.welcome.you, Some(3))
    );
    lan.ask(Command::Hand(HandCommand::RaiseHand))
        .await
        .unwrap();
    recorder
        .wait(|message| match message {
            RecorderMessage::RoomEvent {
                event:
                    RecordedEvent::Room {
                        event: Event::Hand(HandEvent::HandRaised { .. }),
                    },
                ..
            } => Some(()),
            _ => None,
        })
        .await;

    lan.ask(Command::Recording(RecordingCommand::SetRecording {
        on: false,
    }))
    .await
    .unwrap();
    recorder
        .wait(|message| match message {
            RecorderMessage::Stop { recording, .. } if *recording == id => Some(()),
            _ => None,
        })
        .await;
    recorder
        .say(RecorderMessage::Finalised {
            recording: id,
            duration_us: 5_000_000,
            bytes: 1_000,
        })
        .await;
    let store = province.store().await;
    let deadline = tokio::time::Instant::now() + SOON;
    let job = loop {
        let mut tx = store.write().await.unwrap();
        let mut job = None;
        for seen in queue::pending(&mut tx).await.unwrap() {
            let claimed = queue::claim(&mut tx, "test", &seen).await.unwrap();
            job = job.or(claimed.filter(|job| job.kind == COMPOSE));
        }
        tx.commit().await.unwrap();
        if let Some(job) = job {
            break job;
        }
        assert!(tokio::time::Instant::now() < deadline, "no job came");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert!(job.payload.contains(&id.to_string()));
    let running = captures::running(&mut store.read().await.unwrap(), province.session)
        .await
        .unwrap();
    assert_eq!(running, None);
}

#[tokio::test]
async fn recorder_that_dies_is_told_everything_again() {
    let Meeting {
        province,
        server: _server,
        mut recorder,
        mut lan,
        id,
    } = Meeting::to_be_recorded().await;
    recorder
        .say(RecorderMessage::Started { recording: id })
        .await;
    state(&mut lan, RecordingState::On).await;
    plate(&mut recorder, "Lan").await;
    drop(recorder);
    state(&mut lan, RecordingState::Failed).await;

    let mut recorder = Recorder::connect(&province).await;
    assert_eq!(recorder.started().await, id, "the same recording goes on");
    assert_eq!(
        plate(&mut recorder, "Lan").await,
        (id, lan.welcome.you, None),
        "and everybody is introduced again"
    );
    recorder
        .say(RecorderMessage::Started { recording: id })
        .await;
    state(&mut lan, RecordingState::On).await;
}

#[tokio::test]
async fn recording_that_cannot_be_written_is_asked_for_again_until_it_can() {
    let Meeting {
        province,
        server: _server,
        mut recorder,
        mut lan,
        id,
    } = Meeting::to_be_recorded().await;
    let full = || RecorderMessage::Failed {
        recording: id,
        failure: RecordingFailure::DiskFull,
        reason: "No space left on device (os error 28)".to_owned(),
    };
    recorder.say(full()).await;
    state(&mut lan, RecordingState::Failed).await;
    assert_eq!(recorder.started().await, id, "it is asked for again");
    recorder
        .say(RecorderMessage::Started { recording: id })
        .await;
    state(&mut lan, RecordingState::On).await;

    // The same when it is to be closed.
    lan.ask(Command::Recording(RecordingCommand::SetRecording {
        on: false,
    }))
    .await
    .unwrap();
    let stopped = |message: &RecorderMessage| match message {
        RecorderMessage::Stop { at_mono_us, .. } => Some(*at_mono_us),
        _ => None,
    };
    let first = recorder.wait(stopped).await;
    recorder.say(full()).await;
    assert_eq!(
        recorder.wait(stopped).await,
        first,
        "as of when it was stopped"
    );
    let store = province.store().await;
    let told = replays::by_id(&mut store.read().await.unwrap(), id).await;
    assert_eq!(
        told.unwrap().unwrap().failure,
        Some(RecordingFailure::DiskFull)
    );
}

#[tokio::test]
async fn recording_that_is_only_to_be_closed_is_not_started_again() {
    let Meeting {
        province,
        server: _server,
        mut recorder,
        mut lan,
        id,
    } = Meeting::to_be_recorded().await;
    recorder
        .say(RecorderMessage::Started { recording: id })
        .await;
    lan.ask(Command::Recording(RecordingCommand::SetRecording {
        on: false,
    }))
    .await
    .unwrap();
    recorder
        .wait(|m| matches!(m, RecorderMessage::Stop { .. }).then_some(()))
        .await;
    drop(recorder);
    let mut recorder = Recorder::connect(&province).await;
    // A start would make it go on until now.
    let first = recorder.hear().await;
    let RecorderMessage::Stop {
        recording,
        at_mono_us: Some(_),
    } = first
    else {
        panic!("{first:?}");
    };
    assert_eq!(recording, id);
}

#[tokio::test]
async fn recorder_of_another_version_or_one_that_speaks_nonsense_is_refused() {
    let Meeting {
        province,
        server: _server,
        mut recorder,
        mut lan,
        id,
    } = Meeting::to_be_recorded().await;
    let mut other = Recorder::silent(&province).await;
    other
        .say(RecorderMessage::Hello {
            protocol: RECORDER_VERSION + 1,
        })
        .await;
    assert_eq!(other.read().await, 0, "the server hangs up");
    for nonsense in [
        &[0xff; 64][..],
        &[1, 0, 0, 0, 9],
        &[5, 0, 0, 0, 0, b'{', 0, 0, 0],
    ] {
        let mut other = Recorder::silent(&province).await;
        other.socket.write_all(nonsense).await.unwrap();
        assert_eq!(other.read().await, 0, "the server hangs up");
    }
    recorder
        .say(RecorderMessage::Started { recording: id })
        .await;
    state(&mut lan, RecordingState::On).await;
}
