//! Encoders and players over HTTP: each status once.

use std::sync::atomic::Ordering;

use protocol::client::{
    ByeReason, Command, Event, HandCommand, MediaMessage, RosterEvent, SessionRole, ViewersEvent,
};
use protocol::media::{DisconnectReason, Profile};
use protocol::sfu::{OfferRefusal, SfuCommand, SfuEvent};
use reqwest::{Method, Response};

use crate::server::{ANSWER, Answers, CODE, Caps, Province, Server, eventually, now, still_clock};

const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:client\r\na=ice-pwd:clientpassword\r\n\
    a=fingerprint:sha-256 AA:BB\r\n";
pub(crate) const SDP: &str = "application/sdp";
const FRAGMENT: &str = "application/trickle-ice-sdpfrag";
const TRICKLED: &str = "a=ice-ufrag:client\r\na=ice-pwd:clientpassword\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n\
    a=mid:0\r\na=candidate:1 1 udp 1 127.0.0.1 6000 typ host\r\n";
const RESTARTED: &str = "a=ice-ufrag:again\r\na=ice-pwd:anotherpassword\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n\
    a=mid:0\r\n";

/// What an encoder or player offers.
pub(crate) fn offer() -> &'static str {
    OFFER
}

/// One HTTP request.
struct Call<'a> {
    server: &'a Server,
    method: Method,
    path: String,
    token: Option<&'a str>,
    content_type: &'a str,
    if_match: Option<&'a str>,
    body: &'a str,
}

impl<'a> Call<'a> {
    fn post(server: &'a Server, path: &str, token: &'a str) -> Self {
        Self {
            server,
            method: Method::POST,
            path: path.to_owned(),
            token: Some(token),
            content_type: SDP,
            if_match: None,
            body: OFFER,
        }
    }

    fn patch(server: &'a Server, path: &str, token: &'a str, if_match: Option<&'a str>) -> Self {
        Self {
            method: Method::PATCH,
            content_type: FRAGMENT,
            if_match,
            body: TRICKLED,
            ..Self::post(server, path, token)
        }
    }

    async fn send(self) -> Response {
        let mut request = self
            .server
            .client
            .request(self.method, self.server.url(&self.path))
            .header("content-type", self.content_type)
            .body(self.body.to_owned());
        if let Some(token) = self.token {
            request = request.bearer_auth(token);
        }
        if let Some(etag) = self.if_match {
            request = request.header("if-match", etag);
        }
        request.send().await.unwrap()
    }

    async fn status(self) -> u16 {
        self.send().await.status().as_u16()
    }
}

fn header(response: &Response, name: &str) -> String {
    response.headers()[name].to_str().unwrap().to_owned()
}

fn whip() -> String {
    format!("/whip/{CODE}")
}

fn whep() -> String {
    format!("/whep/{CODE}")
}

async fn delete(server: &Server, path: &str, token: &str) -> u16 {
    let call = Call {
        method: Method::DELETE,
        body: "",
        ..Call::post(server, path, token)
    };
    call.status().await
}

#[tokio::test]
async fn encoder_comes_trickles_restarts_and_leaves() {
    let province = Province::new().await;
    let (lan, encoder) = (
        province.token("Lan", SessionRole::Chair, None).await,
        province
            .token("Bộ mã hóa", SessionRole::Point, Some(province.points[0]))
            .await,
    );
    let server = Server::of(&province).await;
    let mut lan = server.join(&lan).await;

    let created = Call::post(&server, &whip(), &encoder).send().await;
    assert_eq!(created.status(), 201);
    assert_eq!(header(&created, "content-type"), SDP);
    let (location, etag) = (header(&created, "location"), header(&created, "etag"));
    let link = header(&created, "link");
    assert!(
        link.starts_with("<turns:") && link.contains("rel=\"ice-server\"; username=\""),
        "{link}"
    );
    assert_eq!(created.text().await.unwrap(), ANSWER);
    let joined = lan
        .event(|e| matches!(e, Event::Roster(RosterEvent::ParticipantJoined { .. })))
        .await;
    let Event::Roster(RosterEvent::ParticipantJoined { participant }) = joined.event else {
        unreachable!()
    };
    assert!(participant.encoder && participant.camera_on && participant.microphone.is_open());
    assert_eq!(participant.seat, Some(1));
    let join = server
        .sfu
        .told(|c| matches!(c, SfuCommand::Join { .. }))
        .await;
    assert!(matches!(
        join,
        SfuCommand::Join {
            profile: Profile::Whip,
            may_publish: true,
            microphone_open: true,
            ..
        }
    ));

    let patch = |if_match| Call::patch(&server, &location, &encoder, if_match);
    assert_eq!(patch(Some(&etag)).status().await, 204);
    assert_eq!(patch(None).status().await, 428);
    assert_eq!(patch(Some("\"other\"")).status().await, 412);
    let weak = format!("W/{etag}");
    assert_eq!(patch(Some(&weak)).status().await, 412, "RFC 9110, 13.1.1");
    let listed = format!("\"other\", {etag}");
    assert_eq!(patch(Some(&listed)).status().await, 204);
    let in_lines = server
        .client
        .patch(server.url(&location))
        .bearer_auth(&encoder)
        .header("content-type", FRAGMENT)
        .header("if-match", "\"other\"")
        .header("if-match", &etag)
        .body(TRICKLED);
    assert_eq!(in_lines.send().await.unwrap().status(), 204);
    let restart = Call {
        body: RESTARTED,
        ..patch(Some("*"))
    };
    let restarted = restart.send().await;
    assert_eq!(restarted.status(), 200);
    let new_etag = header(&restarted, "etag");
    assert_ne!(new_etag, etag);
    let fragment = restarted.text().await.unwrap();
    assert!(fragment.contains("a=ice-ufrag:server") && !fragment.contains("v=0"));
    let asked = server
        .sfu
        .told(|c| matches!(c, SfuCommand::IceRestart { .. }))
        .await;
    assert!(
        matches!(asked, SfuCommand::IceRestart { offer, .. } if offer.contains("a=ice-ufrag:again"))
    );
    assert_eq!(patch(Some(&etag)).status().await, 412, "the old generation");

    assert_eq!(delete(&server, &location, &encoder).await, 200);
    let gone = participant.id;
    lan.event(|e| matches!(e, Event::Roster(RosterEvent::ParticipantLeft { participant, .. }) if *participant == gone))
        .await;
    assert_eq!(delete(&server, &location, &encoder).await, 404);
}

#[tokio::test]
async fn bad_requests_are_told_apart() {
    let province = Province::new().await;
    let good = province.token("Minh", SessionRole::Point, None).await;
    let viewer = province.token("Hoa", SessionRole::Viewer, None).await;
    let expired = province
        .token_until("Minh", SessionRole::Point, None, now().plus_us(-1))
        .await;
    let foreign = province.foreign_token().await;
    let server = Server::of(&province).await;
    let post = |path: &str, token| Call::post(&server, path, token);

    let nobody = Call {
        token: None,
        ..post(&whip(), &good)
    };
    let nobody = nobody.send().await;
    assert_eq!(nobody.status(), 401);
    assert_eq!(header(&nobody, "www-authenticate"), "Bearer");
    assert_eq!(post(&whip(), &expired).status().await, 401);
    assert_eq!(post(&whip(), &foreign).status().await, 403);
    assert_eq!(
        post(&whip(), &viewer).status().await,
        403,
        "viewers do not publish"
    );
    assert_eq!(post("/whip/NO-SUCH", &good).status().await, 404);
    let json = Call {
        content_type: "application/json",
        ..post(&whip(), &good)
    };
    assert_eq!(json.status().await, 415);
    for body in ["", "hello", "v=0\r\n", "{\"sdp\":1}"] {
        let call = Call {
            body,
            ..post(&whip(), &good)
        };
        assert_eq!(call.status().await, 400, "{body:?}");
    }
    let huge = "v=0\r\n".repeat(100_000);
    let call = Call {
        body: &huge,
        ..post(&whip(), &good)
    };
    assert_eq!(call.status().await, 413);
    let unknown = format!("/whip/{CODE}/nothing");
    assert_eq!(
        Call::patch(&server, &unknown, &good, Some("*"))
            .status()
            .await,
        404
    );

    let refuse = |reason| *server.sfu.answers.lock().unwrap() = Answers::Refuse(reason);
    refuse(OfferRefusal::BadOffer {
        detail: "no opus".to_owned(),
    });
    assert_eq!(post(&whip(), &good).status().await, 406);
    let detail = "what is wrong".to_owned();
    for (reason, code) in [
        (
            OfferRefusal::BadSdp {
                detail: detail.clone(),
            },
            "bad_sdp",
        ),
        (
            OfferRefusal::BadFingerprint {
                detail: detail.clone(),
            },
            "bad_fingerprint",
        ),
        (
            OfferRefusal::WeakFingerprint {
                detail: detail.clone(),
            },
            "weak_fingerprint",
        ),
    ] {
        refuse(reason);
        let refused = post(&whip(), &good).send().await;
        assert_eq!(refused.status(), 400);
        let problem: serde_json::Value = refused.json().await.unwrap();
        assert_eq!(problem["code"], code);
        assert_eq!(problem["params"]["detail"], detail.as_str());
    }
    refuse(OfferRefusal::NodeFull);
    let full = post(&whip(), &good).send().await;
    assert_eq!(full.status(), 503);
    assert!(full.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn resource_belongs_to_whoever_made_it() {
    let province = Province::new().await;
    let (minh, tu) = (
        province.token("Minh", SessionRole::Point, None).await,
        province.token("Tú", SessionRole::Point, None).await,
    );
    let server = Server::of(&province).await;
    let created = Call::post(&server, &whip(), &minh).send().await;
    let location = header(&created, "location");
    assert_eq!(delete(&server, &location, &tu).await, 404);
    let as_whep = location.replace("/whip/", "/whep/");
    assert_eq!(delete(&server, &as_whep, &minh).await, 404);
    assert_eq!(delete(&server, &location, &minh).await, 200);
}

async fn code_of(response: Response) -> String {
    let problem: serde_json::Value = response.json().await.unwrap();
    problem["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn one_token_has_a_few_players_and_takes_no_more() {
    let province = Province::new().await;
    let (hoa, tu, minh) = (
        province.token("Hoa", SessionRole::Viewer, None).await,
        province.token("Tú", SessionRole::Viewer, None).await,
        province.token("Minh", SessionRole::Point, None).await,
    );
    let server = Server::of(&province).await;
    let mut locations = Vec::new();
    for _ in 0..4 {
        let created = Call::post(&server, &whep(), &hoa).send().await;
        assert_eq!(created.status(), 201);
        locations.push(header(&created, "location"));
    }
    let refused = Call::post(&server, &whep(), &hoa).send().await;
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(code_of(refused).await, "too_many_players");
    // Nobody else is concerned, and neither is what the same person publishes.
    assert_eq!(Call::post(&server, &whep(), &tu).status().await, 201);
    assert_eq!(Call::post(&server, &whip(), &minh).status().await, 201);
    for location in &locations {
        assert_eq!(delete(&server, location, &hoa).await, 200);
        let again = Call::post(&server, &whep(), &hoa).status().await;
        assert_eq!(again, 201, "the place of one that ended is free at once");
    }
}

#[tokio::test]
async fn one_token_offers_so_often_and_then_has_to_wait() {
    let province = Province::new().await;
    let (minh, tu) = (
        province.token("Minh", SessionRole::Point, None).await,
        province.token("Tú", SessionRole::Point, None).await,
    );
    let change = |config: &mut signaling::Config| config.media.offers_per_minute = 3;
    let database = province.database.clone();
    let (clock, passed) = still_clock();
    let server = Server::start_at(database, province.folder.path(), clock, change).await;
    for _ in 0..3 {
        assert_eq!(Call::post(&server, &whip(), &minh).status().await, 201);
    }
    let refused = Call::post(&server, &whip(), &minh).send().await;
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(code_of(refused).await, "rate_limited");
    assert_eq!(Call::post(&server, &whip(), &tu).status().await, 201);
    passed.fetch_add(20_000_000, Ordering::SeqCst);
    assert_eq!(Call::post(&server, &whip(), &minh).status().await, 201);
}

#[tokio::test]
async fn node_without_places_says_so_each_case_by_its_code() {
    let province = Province::new().await;
    let viewer = province.token("Hoa", SessionRole::Viewer, None).await;
    let server = Server::of(&province).await;
    for (reason, code) in [
        (OfferRefusal::NodeFull, "node_full"),
        (OfferRefusal::NodeReserved, "node_reserved"),
    ] {
        *server.sfu.answers.lock().unwrap() = Answers::Refuse(reason);
        let refused = Call::post(&server, &whep(), &viewer).send().await;
        assert_eq!(refused.status(), 503);
        assert!(refused.headers().contains_key("retry-after"));
        assert_eq!(code_of(refused).await, code);
    }
}

#[tokio::test]
async fn players_take_no_seat_and_count_against_their_own_cap() {
    let province = Province::with_caps(Caps {
        interactive: 1,
        receive_only: 2,
    })
    .await;
    let (lan, viewer) = (
        province.token("Lan", SessionRole::Chair, None).await,
        province.token("Hoa", SessionRole::Viewer, None).await,
    );
    let server = Server::of(&province).await;
    let mut lan = server.join(&lan).await;
    let first = Call::post(&server, &whep(), &viewer).send().await;
    let second = Call::post(&server, &whep(), &viewer).send().await;
    assert_eq!(
        (first.status().as_u16(), second.status().as_u16()),
        (201, 201)
    );
    let third = Call::post(&server, &whep(), &viewer).send().await;
    assert_eq!(third.status(), 503);
    assert!(third.headers().contains_key("retry-after"));
    let problem: serde_json::Value = serde_json::from_str(&third.text().await.unwrap()).unwrap();
    assert_eq!(problem["code"], "session_full");
    assert_eq!(problem["params"]["limit"], "2");
    lan.event(|e| matches!(e, Event::Viewers(ViewersEvent::ViewersChanged { .. })))
        .await;
    assert_eq!(server.running.state.rooms.present(province.session), 1);
    let SfuCommand::Join {
        participant: lost,
        may_publish,
        ..
    } = server
        .sfu
        .told(|c| matches!(c, SfuCommand::Join { .. }))
        .await
    else {
        unreachable!()
    };
    assert!(!may_publish);

    let event = SfuEvent::Disconnected {
        room: province.session,
        participant: lost,
        reason: DisconnectReason::Lost,
        detail: None,
    };
    server.sfu.events.send(event).await.unwrap();
    server
        .sfu
        .told(|c| matches!(c, SfuCommand::Leave { participant, .. } if *participant == lost))
        .await;
    let deadline = tokio::time::Instant::now() + crate::server::SOON;
    while Call::post(&server, &whep(), &viewer).status().await != 201 {
        assert!(
            tokio::time::Instant::now() < deadline,
            "the lost player's place is free"
        );
    }
    let location = header(&first, "location");
    assert_eq!(delete(&server, &location, &viewer).await, 200);
}

#[tokio::test]
async fn encoder_and_page_take_over_from_each_other() {
    let province = Province::new().await;
    let minh = province.token("Minh", SessionRole::Point, None).await;
    let server = Server::of(&province).await;
    let mut page = server.join(&minh).await;
    let created = Call::post(&server, &whip(), &minh).send().await;
    assert_eq!(created.status(), 201);
    let location = header(&created, "location");
    assert_eq!(page.bye().await, ByeReason::TakenOver);

    let mut page = server.join(&minh).await;
    let deadline = tokio::time::Instant::now() + crate::server::SOON;
    while Call::patch(&server, &location, &minh, Some("*"))
        .status()
        .await
        != 404
    {
        assert!(
            tokio::time::Instant::now() < deadline,
            "the encoder's resource is gone"
        );
    }
    page.ask(Command::Hand(HandCommand::RaiseHand))
        .await
        .unwrap();
}

#[tokio::test]
async fn lost_encoder_keeps_its_seat_for_a_while() {
    let province = Province::new().await;
    let (lan, minh) = (
        province.token("Lan", SessionRole::Chair, None).await,
        province.token("Minh", SessionRole::Point, None).await,
    );
    let server = Server::of(&province).await;
    let mut lan = server.join(&lan).await;
    let created = Call::post(&server, &whip(), &minh).send().await;
    assert_eq!(created.status(), 201);
    let Event::Roster(RosterEvent::ParticipantJoined { participant }) = lan
        .event(|e| matches!(e, Event::Roster(RosterEvent::ParticipantJoined { .. })))
        .await
        .event
    else {
        unreachable!()
    };
    let event = SfuEvent::Disconnected {
        room: province.session,
        participant: participant.id,
        reason: DisconnectReason::CertificateRefused,
        detail: Some("its RSA key has 1024 bits".into()),
    };
    server.sfu.events.send(event).await.unwrap();
    let told = lan
        .media(|m| matches!(m, MediaMessage::EncoderLost { .. }))
        .await;
    let MediaMessage::EncoderLost {
        participant: of,
        reason,
        detail,
    } = told
    else {
        unreachable!()
    };
    assert_eq!(of, participant.id, "the chair learns which encoder");
    assert_eq!(reason, DisconnectReason::CertificateRefused, "and why");
    assert_eq!(detail.as_deref(), Some("its RSA key has 1024 bits"));
    lan.event(|e| matches!(e, Event::Roster(RosterEvent::ConnectionChanged { .. })))
        .await;
    assert_eq!(
        Call::post(&server, &whip(), &minh).status().await,
        201,
        "and comes back to it"
    );
    lan.event(|e| matches!(e, Event::Roster(RosterEvent::ConnectionChanged { .. })))
        .await;
    eventually(|| (server.running.state.rooms.present(province.session) == 2).then_some(())).await;
}

#[tokio::test]
async fn options_say_what_can_be_done() {
    let province = Province::new().await;
    let server = Server::of(&province).await;
    for path in [whip(), whep()] {
        let call = Call {
            method: Method::OPTIONS,
            token: None,
            ..Call::post(&server, &path, "")
        };
        let response = call.send().await;
        assert_eq!(response.status(), 204);
        assert_eq!(header(&response, "accept-post"), SDP);
    }
}
