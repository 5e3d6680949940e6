//! What rooms store, on every database.

use protocol::client::{Event, EventFrame, HandEvent, LinkReport, SessionEvent, SessionRole};
use protocol::media::MediaPath;
use protocol::{
    ParticipantId, PointId, PresenceId, RecordingId, SessionCode, SessionId, UtcMicros,
};
use signaling::Store;
use signaling::live::captures;
use signaling::live::participants::Entrant;
use signaling::live::presence::Proof;
use signaling::live::samples;
use signaling::live::{journal, participants, presence};
use signaling::monitor;
use signaling::org::{points, units};
use signaling::platform::config::Database;
use signaling::platform::database::{StoreError, new_id};
use signaling::schedule::sessions;
use signaling_core::{Cause, JournalEntry, Reason};
use tempfile::TempDir;

use crate::databases::databases;
use crate::server::now;

const SECOND: i64 = 1_000_000;

/// A database with a session and a point in it.
struct Place {
    store: Store,
    session: SessionId,
    point: PointId,
    _folder: TempDir,
}

async fn places() -> Vec<Place> {
    let mut places = Vec::new();
    for database in databases().await {
        places.push(Place::new(&database).await);
    }
    places
}

impl Place {
    async fn new(database: &Database) -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::open(database, folder.path()).await.unwrap();
        store.migrate().await.unwrap();
        let now = now();
        let mut tx = store.write().await.unwrap();
        let unit = units::insert(&mut tx, "SGD", now).await.unwrap();
        let new = points::NewPoint {
            code: "DC-01",
            name: "Sở Giáo dục và Đào tạo",
            main: true,
            number: 1,
        };
        let point = points::insert(&mut tx, new, now).await.unwrap();
        let session = sessions::insert(
            &mut tx,
            sessions::NewSession {
                code: "GB-1",
                title: "Giao ban",
                kind: protocol::client::SessionKind::Meeting,
                preset: protocol::client::Preset::Discussion,
                secrecy: protocol::api::Secrecy::Normal,
                convening_unit: unit,
                chair: None,
                secretary: None,
                class: None,
                starts_at: now,
                ends_at: now.plus_us(3_600 * SECOND),
                auto_record: false,
                keep_days: None,
                guests_may_replay: false,
                max_interactive: 60,
                max_receive_only: 1_000,
                created_by: None,
                points: &[point],
            },
            now,
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        Self {
            store,
            session,
            point,
            _folder: folder,
        }
    }

    async fn enter(&self, identity: &str, name: &str) -> ParticipantId {
        let entrant = Entrant {
            session: self.session,
            identity: identity.to_owned(),
            role: SessionRole::Point,
            name: name.to_owned(),
            bridge_point: Some(self.point),
            account: None,
            token: None,
            encoder: false,
        };
        let mut tx = self.store.write().await.unwrap();
        let id = participants::enter(&mut tx, &entrant, now()).await.unwrap();
        tx.commit().await.unwrap();
        id
    }
}

fn entry(seq: u64, actor: Option<ParticipantId>, event: Event) -> JournalEntry {
    JournalEntry {
        frame: EventFrame {
            seq,
            at_us: UtcMicros(1_000 + seq.cast_signed()),
            event,
        },
        cause: Cause {
            actor,
            command: actor.map(|_| seq),
            reason: Reason::Asked,
        },
    }
}

#[tokio::test]
async fn journal_comes_back_as_it_was_written_and_no_number_is_given_twice() {
    for place in places().await {
        let minh = place.enter("point:1", "Minh").await;
        let entries = [
            entry(1, None, Event::Session(SessionEvent::RoomOpened)),
            entry(
                2,
                Some(minh),
                Event::Hand(HandEvent::HandRaised { participant: minh }),
            ),
        ];
        let mut tx = place.store.write().await.unwrap();
        for entry in &entries {
            journal::append(&mut tx, place.session, entry)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        let mut tx = place.store.write().await.unwrap();
        let again = journal::append(&mut tx, place.session, &entries[1]).await;
        assert!(!again.unwrap(), "the answer to its commit was lost");
        let other = entry(
            2,
            Some(minh),
            Event::Hand(HandEvent::HandLowered { participant: minh }),
        );
        let other = journal::append(&mut tx, place.session, &other).await;
        assert!(matches!(other, Err(StoreError::Corrupt(_))));
        drop(tx);
        let mut conn = place.store.read().await.unwrap();
        let loaded = journal::load(&mut conn, place.session).await.unwrap();
        assert_eq!(loaded, entries);
    }
}

#[tokio::test]
async fn same_identity_is_the_same_participant_and_keeps_its_token() {
    for place in places().await {
        let first = place.enter("point:1", "Minh").await;
        let again = place.enter("point:1", "Minh Khai").await;
        let other = place.enter("point:2", "Tú").await;
        assert_eq!(first, again);
        assert_ne!(first, other);
        let mut tx = place.store.write().await.unwrap();
        participants::remember_token(&mut tx, first, &[7; 32])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut conn = place.store.read().await.unwrap();
        let tokens = participants::resume_tokens(&mut conn, place.session)
            .await
            .unwrap();
        assert_eq!(tokens, [(first, [7; 32])]);
    }
}

#[tokio::test]
async fn interval_that_a_crash_left_open_ends_at_its_last_proof() {
    for place in places().await {
        let minh = place.enter("point:1", "Minh").await;
        let (closed, open, from) = (PresenceId(new_id()), PresenceId(new_id()), now());
        let mut tx = place.store.write().await.unwrap();
        for id in [closed, open] {
            presence::begin(&mut tx, id, minh, Proof::Signaling, from)
                .await
                .unwrap();
            presence::prove(&mut tx, id, from.plus_us(5 * SECOND))
                .await
                .unwrap();
        }
        presence::end(&mut tx, closed, from.plus_us(7 * SECOND))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut tx = place.store.write().await.unwrap();
        assert_eq!(presence::end_all(&mut tx).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let mut conn = place.store.read().await.unwrap();
        let mut intervals = presence::of(&mut conn, minh).await.unwrap();
        intervals.sort_by_key(|(_, to)| *to);
        let expected = [5, 7].map(|s| (from, Some(from.plus_us(s * SECOND))));
        assert_eq!(intervals, expected);
    }
}

#[tokio::test]
async fn samples_are_kept_until_their_days_are_over() {
    for place in places().await {
        let minh = place.enter("point:1", "Minh").await;
        let at = now();
        let report = LinkReport {
            rtt_ms: Some(20.5),
            ingress_loss_percent: 0.5,
            egress_bps: 1_200_000,
            path: Some(MediaPath::Tcp),
            ..LinkReport::default()
        };
        let mut tx = place.store.write().await.unwrap();
        for age in [0, 10] {
            let at = at.plus_us(-age * SECOND);
            samples::insert(&mut tx, minh, place.point, at, &report)
                .await
                .unwrap();
        }
        samples::insert(&mut tx, minh, place.point, at, &report)
            .await
            .unwrap();
        let deleted = monitor::delete_samples_before(&mut tx, at.plus_us(-SECOND), 10).await;
        assert_eq!(deleted.unwrap(), 1);
        tx.commit().await.unwrap();
        let mut conn = place.store.read().await.unwrap();
        let until = at.plus_us(1);
        let kept = monitor::samples_of_point(&mut conn, place.point, UtcMicros(0), until, 10)
            .await
            .unwrap();
        assert_eq!(kept.len(), 1, "and the same moment counts once");
        assert_eq!(kept[0].link, report);
    }
}

#[tokio::test]
async fn recording_moves_forward_only() {
    for place in places().await {
        let id = RecordingId(new_id());
        let at = now();
        let mut tx = place.store.write().await.unwrap();
        captures::request(&mut tx, id, place.session, at)
            .await
            .unwrap();
        let tx = &mut tx;
        assert_eq!(
            captures::running(tx, place.session).await.unwrap(),
            Some(id)
        );
        assert!(
            !captures::finalised(tx, id, 5, 5).await.unwrap(),
            "it was not stopped"
        );
        captures::started(tx, id, at).await.unwrap();
        captures::request(tx, id, place.session, at).await.unwrap();
        captures::stopping(tx, id, at.plus_us(SECOND))
            .await
            .unwrap();
        captures::started(tx, id, at).await.unwrap();
        assert_eq!(captures::running(tx, place.session).await.unwrap(), None);
        let unfinished = captures::unfinished(tx).await.unwrap();
        assert_eq!(
            unfinished,
            [(id, place.session, SessionCode("GB-1".to_owned()))]
        );
        captures::troubled(tx, id, "disk full").await.unwrap();
        assert!(captures::finalised(tx, id, 5, 5).await.unwrap());
        assert!(!captures::finalised(tx, id, 6, 6).await.unwrap());
        assert!(captures::unfinished(tx).await.unwrap().is_empty());
    }
}
