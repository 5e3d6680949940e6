//! The link to the recorder, with a scripted recorder on its socket.

use protocol::api::RecordingFailure;
use protocol::client::{
    Command, Event, HandCommand, HandEvent, RecordingCommand, RecordingEvent, RecordingState,
    SessionRole,
};
use protocol::media::{Source, TrackRef};
use protocol::relay::{RelayEvent, RelayFrame, RelayMessage, RelayPacket};
use protocol::sfu::SfuCommand;
use protocol::{PROTOCOL_VERSION, RecordingId};
use signaling::jobs::queue;
use signaling::live::captures::{self, COMPOSE};
use signaling::recording::replays;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use crate::page::Page;
use crate::server::{Province, SOON, Server, eventually};

/// A recorder that does what the test says.
pub(crate) struct Recorder {
    socket: UnixStream,
    bytes: Vec<u8>,
}

impl Recorder {
    pub(crate) async fn connect(province: &Province) -> Self {
        let socket = UnixStream::connect(province.folder.path().join("run/relay.sock"))
            .await
            .unwrap();
        let mut recorder = Self {
            socket,
            bytes: Vec::new(),
        };
        recorder
            .say(RelayMessage::Hello {
                protocol: PROTOCOL_VERSION,
            })
            .await;
        recorder
    }

    pub(crate) async fn say(&mut self, message: RelayMessage) {
        let mut bytes = Vec::new();
        RelayFrame::Message(message).encode(&mut bytes);
        self.socket.write_all(&bytes).await.unwrap();
    }

    async fn hear(&mut self) -> RelayFrame {
        loop {
            if let Some((frame, used)) = RelayFrame::decode(&self.bytes).unwrap() {
                self.bytes.drain(..used);
                return frame;
            }
            let read = tokio::time::timeout(SOON, self.socket.read_buf(&mut self.bytes))
                .await
                .expect("the server says something")
                .unwrap();
            assert_ne!(read, 0, "the server hung up");
        }
    }

    pub(crate) async fn wait<T>(&mut self, wanted: impl Fn(&RelayMessage) -> Option<T>) -> T {
        loop {
            if let RelayFrame::Message(message) = self.hear().await
                && let Some(found) = wanted(&message)
            {
                return found;
            }
        }
    }

    pub(crate) async fn started(&mut self) -> RecordingId {
        self.wait(|message| match message {
            RelayMessage::Start { recording, .. } => Some(*recording),
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

fn stream_started(recording: RecordingId, track: TrackRef) -> RelayMessage {
    RelayMessage::StreamStarted {
        recording,
        stream: 1,
        track,
        name: String::new(),
        seat: None,
        codec: "opus".to_owned(),
        clock_rate: 48_000,
        ssrc: 7,
        rid: None,
    }
}

fn packet(sequence: u64) -> RelayFrame {
    RelayFrame::Packet(RelayPacket {
        stream: 1,
        sequence,
        time: sequence * 960,
        received_us: sequence,
        marker: false,
        payload: vec![0; 1_000],
    })
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
    let id = recorder.started().await;
    server
        .sfu
        .told(|c| matches!(c, SfuCommand::StartRelay { recording, .. } if *recording == id))
        .await;
    recorder.say(RelayMessage::Started { recording: id }).await;
    state(&mut lan, RecordingState::On).await;

    let track = TrackRef {
        participant: minh.welcome.you,
        source: Source::Microphone,
    };
    let relay = &server.sfu.relay;
    relay
        .send(RelayFrame::Message(stream_started(id, track)))
        .await
        .unwrap();
    relay.send(packet(1)).await.unwrap();
    let plate = recorder
        .wait(|message| match message {
            RelayMessage::StreamStarted { name, seat, .. } => Some((name.clone(), *seat)),
            _ => None,
        })
        .await;
    assert_eq!(plate, ("Minh Khai".to_owned(), Some(2)));
    assert_eq!(recorder.hear().await, packet(1));
    recorder
        .say(RelayMessage::KeyframeWanted { stream: 1 })
        .await;
    server
        .sfu
        .told(|c| matches!(c, SfuCommand::RequestKeyframe { track: of, .. } if *of == track))
        .await;
    lan.ask(Command::Hand(HandCommand::RaiseHand))
        .await
        .unwrap();
    recorder
        .wait(|message| match message {
            RelayMessage::RoomEvent {
                event:
                    RelayEvent::Room {
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
            RelayMessage::Stop { recording, .. } if *recording == id => Some(()),
            _ => None,
        })
        .await;
    recorder
        .say(RelayMessage::Finalised {
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
        server,
        mut recorder,
        mut lan,
        id,
    } = Meeting::to_be_recorded().await;
    recorder.say(RelayMessage::Started { recording: id }).await;
    state(&mut lan, RecordingState::On).await;
    let track = TrackRef {
        participant: lan.welcome.you,
        source: Source::Microphone,
    };
    server
        .sfu
        .relay
        .send(RelayFrame::Message(stream_started(id, track)))
        .await
        .unwrap();
    recorder
        .wait(|m| matches!(m, RelayMessage::StreamStarted { .. }).then_some(()))
        .await;
    drop(recorder);
    state(&mut lan, RecordingState::Failed).await;

    let mut recorder = Recorder::connect(&province).await;
    assert_eq!(recorder.started().await, id, "the same recording goes on");
    recorder
        .wait(|m| matches!(m, RelayMessage::StreamStarted { .. }).then_some(()))
        .await;
    recorder.say(RelayMessage::Started { recording: id }).await;
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
    let full = || RelayMessage::Failed {
        recording: id,
        failure: RecordingFailure::DiskFull,
        reason: "No space left on device (os error 28)".to_owned(),
    };
    recorder.say(full()).await;
    state(&mut lan, RecordingState::Failed).await;
    assert_eq!(recorder.started().await, id, "it is asked for again");
    recorder.say(RelayMessage::Started { recording: id }).await;
    state(&mut lan, RecordingState::On).await;

    // The same when it is to be closed.
    lan.ask(Command::Recording(RecordingCommand::SetRecording {
        on: false,
    }))
    .await
    .unwrap();
    let stopped = |message: &RelayMessage| match message {
        RelayMessage::Stop { at_mono_us, .. } => Some(*at_mono_us),
        _ => None,
    };
    let first = recorder.wait(stopped).await;
    recorder.say(full()).await;
    assert_eq!(recorder.started().await, id);
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
async fn stalled_recorder_stops_nobody_and_finds_the_hole_named() {
    const PACKETS: u64 = 30_000;

    let Meeting {
        province: _province,
        server,
        mut recorder,
        mut lan,
        id,
    } = Meeting::to_be_recorded().await;
    let track = TrackRef {
        participant: lan.welcome.you,
        source: Source::Microphone,
    };
    let relay = server.sfu.relay.clone();
    relay
        .send(RelayFrame::Message(stream_started(id, track)))
        .await
        .unwrap();
    // Nobody reads the socket, and still every packet is taken off the SFU's hands.
    for sequence in 1..=PACKETS {
        tokio::time::timeout(SOON, relay.send(packet(sequence)))
            .await
            .expect("the SFU never waits")
            .unwrap();
    }
    eventually(|| (relay.capacity() == relay.max_capacity()).then_some(())).await;
    lan.ask(Command::Hand(HandCommand::RaiseHand))
        .await
        .unwrap();

    let (mut received, mut dropped) = (0, 0);
    let mut next = PACKETS + 1;
    while dropped == 0 {
        match recorder.hear().await {
            RelayFrame::Packet(_) => received += 1,
            RelayFrame::Message(RelayMessage::Gap { dropped: hole, .. }) => dropped += hole,
            RelayFrame::Message(_) => {}
        }
        if received > 1_000 {
            relay.send(packet(next)).await.unwrap();
            next += 1;
        }
    }
    assert!(dropped > 0 && received > 0);
}
