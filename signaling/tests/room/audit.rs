//! What chair and secretary do is in the audit log; what people do for themselves is not.

use protocol::client::{
    ChatCommand, Command, HandCommand, MicrophoneCommand, RosterCommand, SessionCommand,
    SessionRole,
};
use serde_json::{Value, json};
use signaling::Store;
use signaling::access::tokens;
use signaling::platform::audit;
use signaling::platform::audit::Row;
use signaling::platform::secret::hash;

use crate::server::{CODE, Province, Server};

/// The lines of rooms, oldest first.
async fn lines(store: &Store) -> Vec<Row> {
    let mut conn = store.read().await.unwrap();
    let mut lines = audit::last(&mut conn, 1_000).await.unwrap();
    lines.reverse();
    lines
}

async fn named(store: &Store, secret: &str) -> String {
    let mut conn = store.read().await.unwrap();
    let known = tokens::by_hash(&mut conn, &hash(secret)).await.unwrap();
    format!("token:{}", known.unwrap().id)
}

fn read(json: Option<&String>) -> Value {
    json.map_or(Value::Null, |text| serde_json::from_str(text).unwrap())
}

#[tokio::test]
async fn acts_of_chair_and_secretary_are_audited_and_own_switches_are_not() {
    for province in Province::everywhere().await {
        let (lan_token, thu_token, minh_token) = (
            province.token("Lan", SessionRole::Chair, None).await,
            province.token("Thư", SessionRole::Secretary, None).await,
            province.token("Minh", SessionRole::Point, None).await,
        );
        let server = Server::of(&province).await;
        let mut lan = server.join(&lan_token).await;
        let mut thu = server.join(&thu_token).await;
        let mut minh = server.join(&minh_token).await;
        let participant = minh.welcome.you;
        for own in [
            Command::Microphone(MicrophoneCommand::SetMicrophone { on: true }),
            Command::Hand(HandCommand::RaiseHand),
            Command::Chat(ChatCommand::SendChat {
                text: "Xin chào".to_owned(),
            }),
        ] {
            minh.ask(own).await.unwrap();
        }
        lan.ask(Command::Microphone(MicrophoneCommand::SetMicrophone {
            on: true,
        }))
        .await
        .unwrap();
        let lock = Command::Microphone(MicrophoneCommand::SetLock {
            participant,
            locked: true,
        });
        lan.ask(lock.clone()).await.unwrap();
        minh.ask(lock.clone()).await.unwrap_err();
        lan.ask(lock).await.unwrap();
        thu.ask(Command::Hand(HandCommand::LowerHand {
            participant: Some(participant),
        }))
        .await
        .unwrap();
        thu.ask(Command::Roster(RosterCommand::Remove { participant }))
            .await
            .unwrap();
        lan.send(90, Command::Session(SessionCommand::EndSession))
            .await;
        lan.bye().await;
        server.running.state.rooms.flush().await;

        let store = province.store().await;
        let (lan, thu) = (
            named(&store, &lan_token).await,
            named(&store, &thu_token).await,
        );
        let minh = format!("session:{CODE}/participant:{participant}");
        let room = format!("session:{CODE}");
        let lines = lines(&store).await;
        let told: Vec<_> = lines
            .iter()
            .map(|l| (l.actor.as_str(), l.action.as_str(), l.resource.as_str()))
            .collect();
        let expected = [
            (lan.as_str(), "lock", minh.as_str()),
            (thu.as_str(), "lower_hand", minh.as_str()),
            (thu.as_str(), "remove", minh.as_str()),
            (lan.as_str(), "end_session", room.as_str()),
        ];
        assert_eq!(told, expected);
        assert_eq!(
            read(lines[0].before.as_ref()),
            json!({ "on": true, "muted": false, "locked": false })
        );
        assert_eq!(
            read(lines[0].after.as_ref()),
            json!({ "on": true, "muted": false, "locked": true })
        );
        assert_eq!(read(lines[2].before.as_ref())["name"], "Minh");
        assert_eq!(lines[2].after, None);
        let checked = audit::verify(&mut store.read().await.unwrap(), None).await;
        let verdict = checked.unwrap();
        assert!(verdict.is_intact() && verdict.lines == 4, "{verdict:?}");
        store.close().await;
        server.stop().await;
    }
}
