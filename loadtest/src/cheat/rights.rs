//! Every way in which a right ends, with everything that lived by it, and then every command and every route.

use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use protocol::client::{
    ByeReason, Command, Refusal, RefusalCode, Resume, RosterCommand, SessionCommand,
};
use protocol::media::SlotKind;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::line::{Line, Turned};
use super::{PATIENCE, Stage, answer, commands, exchange, sign_in};
use crate::end::{self, End, Gauge, LineSpec};
use crate::server::{Credential, Refused, Resource};
use crate::thin::ThinPeer;

/// Routes that anybody may ask; what they say to whom is looked at by itself.
const PUBLIC: [&str; 11] = [
    "/branding",
    "/branding/emblem/{hash}",
    "/sign-in",
    "/sign-in/code",
    "/sign-in/provider",
    "/sign-in/provider/finish",
    "/sign-in/second",
    "/first-day",
    "/links/exchange",
    "/links/preview",
    "/me",
];

/// How a right ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The chair takes a joining link back.
    LinkRevoked,
    /// The chair takes a token back.
    TokenRevoked,
    /// The keeper disables the account, at the command line.
    AccountDisabled,
    /// The keeper gives the account another password, at the command line.
    PasswordReset,
    /// The person signs out.
    SignedOut,
    /// The chair removes the participant.
    Removed,
    /// The chair ends the session.
    SessionEnded,
}

impl Way {
    /// All of them; the last ends the session that the others need.
    const ALL: [Self; 7] = [
        Self::LinkRevoked,
        Self::TokenRevoked,
        Self::AccountDisabled,
        Self::PasswordReset,
        Self::SignedOut,
        Self::Removed,
        Self::SessionEnded,
    ];

    /// Whether what was shown is worth nothing any more, or only in this room.
    const fn is_for_everything(self) -> bool {
        !matches!(self, Self::Removed | Self::SessionEnded)
    }

    fn bye(self) -> ByeReason {
        match self {
            Self::Removed => ByeReason::Removed,
            Self::SessionEnded => ByeReason::SessionEnded,
            _ => ByeReason::AccessEnded,
        }
    }
}

/// Through what somebody takes part by their right. One identity is one participant, so it is one of them at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A WebSocket.
    Page,
    /// WHIP.
    Encoder,
}

/// Walks all of them.
///
/// # Errors
/// When there is no session to walk them in.
pub(super) async fn walk(stage: &Stage) -> anyhow::Result<()> {
    for part in [Part::Page, Part::Encoder] {
        let (session, point) = stage.new_session().await?;
        for way in Way::ALL {
            let scene = Scene {
                stage,
                session: &session,
                point: &point,
                way,
                part,
            };
            if let Err(cause) = scene.play().await {
                scene.fault(format!("{cause:#}"));
            }
        }
    }
    Ok(())
}

struct Scene<'a> {
    stage: &'a Stage,
    session: &'a str,
    point: &'a str,
    way: Way,
    part: Part,
}

/// Somebody with a right.
struct Holder {
    shown: Credential,
    /// By what it is taken away: the id of a link, a login.
    handle: String,
    /// How to get it again: the secret of the link, the password.
    secret: String,
}

/// What lives by a right.
struct Held {
    /// None of an encoder.
    line: Option<Line>,
    media: Vec<Medium>,
}

/// A publisher or player.
struct Medium {
    protocol: &'static str,
    peer: ThinPeer,
    resource: Resource,
}

impl Scene<'_> {
    async fn play(&self) -> anyhow::Result<()> {
        let holder = self.holder().await?;
        let held = self.hold(&holder.shown).await?;
        let resume = held.line.as_ref().map(|line| Resume {
            token: line.welcome.resume_token.clone(),
            last_seq: line.welcome.seq,
        });
        let offer = offer(None).await?.1;
        let mut chair = Line::open(&self.stage.server, self.session, &self.stage.chair, None)
            .await?
            .map_err(|turned| anyhow!("the chair is not let in: {turned:?}"))?;
        let whom = chair.welcome.you;
        let state = chair
            .welcome
            .state
            .as_ref()
            .context("a newcomer sees all")?;
        let mut others = state.participants.iter().filter(|other| other.id != whom);
        let you = others.next().context("nobody lives by the right")?.id;
        let commands = commands::all(whom, &offer);

        let began = Instant::now();
        self.take_away(&holder, you, &mut chair).await?;
        let media = self.end_of_all(held, began, &commands).await?;
        let mut tried = 0;
        for resume in [None, resume] {
            let server = &self.stage.server;
            let shown = &holder.shown;
            let again = Line::burst_in(
                server,
                self.session,
                shown,
                resume.clone(),
                commands.clone(),
            );
            match again.await? {
                Ok(done) => self.nothing(done, "came back by WebSocket and"),
                Err(refused) => self.refusal("the WebSocket", &refused),
            }
            if !self.way.is_for_everything() {
                self.turned_away_in_words(shown, resume).await?;
            }
            tried += 1;
        }
        self.walk_media(&holder.shown, &media, &offer).await?;
        if self.way.is_for_everything() {
            tried += self.walk_routes(&holder).await?;
        }
        self.stage.note(format!(
            "{:?} of {:?}: {} commands on each connection, {tried} doors tried",
            self.way,
            self.part,
            commands.len()
        ));
        Ok(())
    }

    /// Gives somebody the right.
    async fn holder(&self) -> anyhow::Result<Holder> {
        let Stage { server, keeper, .. } = self.stage;
        let name = format!("{:?}.{:?}", self.way, self.part).to_lowercase();
        match self.way {
            Way::LinkRevoked => {
                let wanted = json!({ "role": "point", "bridge_point": self.point });
                let link = self.stage.new_link(self.session, &wanted).await?;
                let (shown, _) = exchange(server, &link.secret, &name)
                    .await?
                    .map_err(|refused| anyhow!("the link is refused: {refused}"))?;
                Ok(Holder {
                    shown,
                    handle: link.id,
                    secret: link.secret,
                })
            }
            Way::TokenRevoked | Way::Removed | Way::SessionEnded => {
                let token = keeper.token(self.session, "point", &name).await?;
                let path = format!("/api/v1/sessions/{}/links", self.session);
                let request = server.request(Method::GET, &path, &self.stage.chair)?;
                let links: Value = request.send().await?.error_for_status()?.json().await?;
                let mut links = links["items"].as_array().into_iter().flatten();
                let link = links
                    .find(|link| link["name"] == name.as_str())
                    .context("the token is not in the list")?;
                Ok(Holder {
                    shown: Credential::Token(token),
                    handle: link["id"].as_str().context("an id")?.to_owned(),
                    secret: String::new(),
                })
            }
            Way::AccountDisabled | Way::PasswordReset | Way::SignedOut => {
                let (shown, secret) = self.stage.new_secretary(&name, &name).await?;
                Ok(Holder {
                    shown,
                    handle: name,
                    secret,
                })
            }
        }
    }

    /// Lives by the right: a WebSocket or a publisher, and a player.
    async fn hold(&self, shown: &Credential) -> anyhow::Result<Held> {
        let server = &self.stage.server;
        let mut media = Vec::new();
        let protocols: &[&str] = match self.part {
            Part::Page => &["whep"],
            Part::Encoder => &["whep", "whip"],
        };
        for &protocol in protocols {
            let (mut peer, offer) = offer(Some(protocol)).await?;
            let resource = server
                .offer(protocol, self.session, shown, offer)
                .await?
                .map_err(|refused| anyhow!("/{protocol} is refused: {refused}"))?;
            peer.answer(&resource.answer).await?;
            tokio::time::timeout(PATIENCE, peer.connected())
                .await
                .context("media do not connect")??;
            media.push(Medium {
                protocol,
                peer,
                resource,
            });
        }
        let line = match self.part {
            Part::Encoder => None,
            Part::Page => Some(
                Line::open(server, self.session, shown, None)
                    .await?
                    .map_err(|turned| anyhow!("the WebSocket is refused: {turned:?}"))?,
            ),
        };
        Ok(Held { line, media })
    }

    /// Ends the right.
    async fn take_away(
        &self,
        holder: &Holder,
        you: protocol::ParticipantId,
        chair: &mut Line,
    ) -> anyhow::Result<()> {
        let Stage { server, keeper, .. } = self.stage;
        match self.way {
            Way::LinkRevoked | Way::TokenRevoked => {
                let path = format!("/api/v1/links/{}", holder.handle);
                let request = server.request(Method::DELETE, &path, &self.stage.chair)?;
                request.send().await?.error_for_status()?;
            }
            Way::AccountDisabled => {
                keeper
                    .run(&["user", "disable", "--login", &holder.handle])
                    .await?;
            }
            Way::PasswordReset => {
                keeper
                    .run(&["user", "reset", "--login", &holder.handle])
                    .await?;
            }
            Way::SignedOut => {
                let request = server.request(Method::POST, "/api/v1/sign-out", &holder.shown)?;
                request.send().await?.error_for_status()?;
            }
            Way::Removed => {
                let removed = chair
                    .ask(Command::Roster(RosterCommand::Remove { participant: you }))
                    .await?;
                ensure!(removed.is_none(), "the chair cannot remove: {removed:?}");
            }
            Way::SessionEnded => {
                let ended = chair
                    .ask(Command::Session(SessionCommand::EndSession))
                    .await?;
                ensure!(ended.is_none(), "the chair cannot end: {ended:?}");
            }
        }
        Ok(())
    }

    /// Waits until everything has ended that lived by the right, and insists on the WebSocket. The media's resources are
    /// left.
    async fn end_of_all(
        &self,
        held: Held,
        began: Instant,
        commands: &[Command],
    ) -> anyhow::Result<Vec<(&'static str, Resource)>> {
        if let Some(mut line) = held.line {
            match line.bye().await {
                Ok(reason) if reason == self.way.bye() => {}
                Ok(reason) => self.fault(format!("the good-bye says {reason:?}")),
                Err(cause) => self.fault(format!("the WebSocket lives on: {cause:#}")),
            }
            self.stage.ended_after(began.elapsed());
            let done = line.insist(commands.to_vec()).await;
            self.nothing(done, "after the good-bye");
        }
        let mut left = Vec::new();
        for medium in held.media {
            let mut lives = true;
            while lives && began.elapsed() < PATIENCE {
                sleep(Duration::from_millis(20)).await;
                lives = medium.peer.is_connected();
            }
            if lives {
                self.fault(format!("/{} lives on", medium.protocol));
            } else {
                self.stage.ended_after(began.elapsed());
            }
            left.push((medium.protocol, medium.resource));
            medium.peer.close().await?;
        }
        Ok(left)
    }

    /// Whoever is let through the door and not into the room is told why.
    async fn turned_away_in_words(
        &self,
        shown: &Credential,
        resume: Option<Resume>,
    ) -> anyhow::Result<()> {
        match Line::open(&self.stage.server, self.session, shown, resume).await? {
            Ok(_) => self.fault("gets in again".to_owned()),
            Err(Turned::AtTheDoor(refused)) => self.refusal("the WebSocket", &refused),
            Err(Turned::Away(reason)) => {
                let code = match self.way {
                    Way::Removed => RefusalCode::NotAllowed,
                    _ => RefusalCode::SessionOver,
                };
                let refusal = Refusal::from(code);
                if reason != (ByeReason::Refused { refusal }) {
                    self.fault(format!("is turned away with {reason:?}"));
                }
            }
        }
        Ok(())
    }

    /// New media, and everything that can be done with those that have ended.
    async fn walk_media(
        &self,
        shown: &Credential,
        left: &[(&'static str, Resource)],
        offer: &str,
    ) -> anyhow::Result<()> {
        let server = &self.stage.server;
        for (protocol, resource) in left {
            let began = server
                .offer(protocol, self.session, shown, offer.to_owned())
                .await?;
            match began {
                Ok(_) => self.fault(format!("gets in again by /{protocol}")),
                Err(refused) => self.refusal(protocol, &refused),
            }
            let at = resource.location.as_str();
            for method in [Method::PATCH, Method::DELETE] {
                let request = server
                    .request(method.clone(), at, shown)?
                    .header("content-type", "application/trickle-ice-sdpfrag")
                    .header("if-match", "*")
                    .body("a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n");
                match answer(request).await? {
                    Ok(_) => self.fault(format!("{method} of /{protocol} is done")),
                    Err(refused) => self.refusal(protocol, &refused),
                }
            }
        }
        Ok(())
    }

    /// Every route that the server describes: how many there were.
    async fn walk_routes(&self, holder: &Holder) -> anyhow::Result<usize> {
        let server = &self.stage.server;
        let request = server.request(Method::GET, "/openapi.json", &Credential::Nothing)?;
        let described: Value = request.send().await?.error_for_status()?.json().await?;
        let paths = described["paths"].as_object().context("no routes")?;
        let mut walked = 0;
        for (path, methods) in paths {
            for method in methods.as_object().context("no methods")?.keys() {
                walked += 1;
                if PUBLIC.iter().any(|public| path.ends_with(public)) {
                    continue;
                }
                let at = path
                    .replace("{code}", self.session)
                    .replace("{id}", "00000000-0000-0000-0000-000000000000")
                    .replace("{participant}", "00000000-0000-0000-0000-000000000000");
                let method: Method = method.to_uppercase().parse()?;
                let request = server.request(method.clone(), &at, &holder.shown)?;
                match answer(request.json(&json!({}))).await? {
                    Ok(status) => self.fault(format!("{method} {path} answers {status}")),
                    Err(refused) if refused.status == 401 => self.refusal(path, &refused),
                    Err(refused) => self.fault(format!("{method} {path} answers {refused}")),
                }
            }
        }
        ensure!(walked > PUBLIC.len(), "the server describes no routes");
        let me = server.request(Method::GET, "/api/v1/me", &holder.shown)?;
        let me: Value = me.send().await?.error_for_status()?.json().await?;
        if !me.is_null() {
            self.fault(format!("is still {me}"));
        }
        self.begin_again(holder).await?;
        Ok(walked)
    }

    /// What let them in the first time.
    async fn begin_again(&self, holder: &Holder) -> anyhow::Result<()> {
        let server = &self.stage.server;
        match self.way {
            Way::LinkRevoked => {
                for path in ["/api/v1/links/exchange", "/api/v1/links/preview"] {
                    let request = server.request(Method::POST, path, &Credential::Nothing)?;
                    let request = request.json(&json!({ "secret": holder.secret }));
                    match answer(request).await? {
                        Ok(_) => self.fault(format!("{path} takes the link")),
                        Err(refused) => self.refusal(path, &refused),
                    }
                }
            }
            Way::AccountDisabled | Way::PasswordReset => {
                match sign_in(server, &holder.handle, &holder.secret).await? {
                    Ok(_) => self.fault("signs in again".to_owned()),
                    Err(refused) => self.refusal("signing in", &refused),
                }
            }
            Way::TokenRevoked | Way::SignedOut | Way::Removed | Way::SessionEnded => {}
        }
        Ok(())
    }

    fn fault(&self, what: String) {
        self.stage
            .fault(format!("{:?} of {:?}: {what}", self.way, self.part));
    }

    fn nothing(&self, done: Vec<String>, when: &str) {
        for what in done {
            self.fault(format!("{when} {what}"));
        }
    }

    fn refusal(&self, what: &str, refused: &Refused) {
        if !refused.is_sound() {
            self.fault(format!("{what} answers {refused}"));
        }
    }
}

/// An end with its offer: a voice for WHIP, else receive lines.
pub(super) async fn offer(protocol: Option<&str>) -> anyhow::Result<(ThinPeer, String)> {
    let lines = match protocol {
        Some("whip") => vec![LineSpec::Voice],
        _ => [SlotKind::Audio, SlotKind::Stage]
            .map(LineSpec::Receive)
            .to_vec(),
    };
    let way = end::Way::Direct(std::net::Ipv4Addr::LOCALHOST.into());
    let (mut peer, _) = ThinPeer::open(way, lines, Gauge::default()).await?;
    let offer = peer.offer().await?;
    Ok((peer, offer))
}
