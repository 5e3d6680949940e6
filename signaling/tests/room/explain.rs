//! Why somebody's pictures are as they are: in the room for oneself, over HTTP for those who look after others.

use protocol::api::{MediaExplanation, Problem};
use protocol::client::{
    Command, Event, HandCommand, HandEvent, MediaCommand, MediaMessage, ServerFrame, SessionRole,
};
use protocol::explain::Explanation;
use protocol::media::ReceiveMode;
use uuid::Uuid;

use SessionRole::{Chair, Point};

use crate::server::{CODE, Province, Server};

fn explanation() -> Explanation {
    Explanation {
        connected: true,
        mode: ReceiveMode::Everything,
        estimate_bps: Some(640_000),
        voices_bps: 96_000,
        budget_bps: Some(512_000),
        pictures: Vec::new(),
    }
}

#[tokio::test]
async fn participant_asks_about_the_own_pictures_and_the_answer_is_for_that_participant_alone() {
    let province = Province::new().await;
    let (lan, minh) = (
        province.token("Lan", Chair, None).await,
        province.token("Minh", Point, None).await,
    );
    let server = Server::of(&province).await;
    let mut lan = server.join(&lan).await;
    let mut minh = server.join(&minh).await;
    server.sfu.explains(explanation());
    minh.ask(Command::Media(MediaCommand::ExplainMedia))
        .await
        .unwrap();
    let told = |frame| match frame {
        ServerFrame::Media {
            message: MediaMessage::Explanation(explanation),
        } => Some(explanation),
        _ => None,
    };
    assert_eq!(minh.wait(told).await, explanation());
    // Frames come in order: had Lan been told too, it would have been before this.
    minh.ask(Command::Hand(HandCommand::RaiseHand))
        .await
        .unwrap();
    lan.wait(|frame| match frame {
        ServerFrame::Media {
            message: MediaMessage::Explanation(_),
        } => panic!("Lan did not ask"),
        ServerFrame::Event(event) => {
            matches!(event.event, Event::Hand(HandEvent::HandRaised { .. })).then_some(())
        }
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn chair_asks_about_others_and_a_member_may_not() {
    let province = Province::new().await;
    let (chair, member) = (
        province.token("Lan", Chair, None).await,
        province
            .token("Minh Khai", Point, Some(province.points[1]))
            .await,
    );
    let server = Server::of(&province).await;
    let _lan = server.join(&chair).await;
    let minh = server.join(&member).await;
    server.sfu.explains(explanation());
    let get = |token: &str, participant: String| {
        let path = format!("/api/v1/sessions/{CODE}/participants/{participant}/media");
        server
            .client
            .get(server.url(&path))
            .bearer_auth(token)
            .send()
    };
    let you = minh.welcome.you.to_string();
    let answer = get(&chair, you.clone()).await.unwrap();
    assert_eq!(answer.status(), 200);
    let account: MediaExplanation = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(account.participant, minh.welcome.you);
    assert_eq!(
        (account.name.as_str(), account.seat),
        ("Minh Khai", Some(2))
    );
    assert_eq!(account.explanation, Some(explanation()));

    let refused = get(&member, you).await.unwrap();
    assert_eq!(refused.status(), 403);
    let nobody = get(&chair, Uuid::from_u128(7).to_string()).await.unwrap();
    assert_eq!(nobody.status(), 404);
    let problem: Problem = serde_json::from_str(&nobody.text().await.unwrap()).unwrap();
    assert_eq!(problem.code, "unknown_participant");
}
