//! A person's page: a WebSocket that speaks the protocol.

use std::collections::VecDeque;

use futures_util::{SinkExt as _, StreamExt as _};
use protocol::PROTOCOL_VERSION;
use protocol::client::{
    ByeReason, ClientFrame, Command, EventFrame, MediaMessage, Refusal, RefusalCode, Resume,
    ServerFrame, Welcome,
};
use protocol::media::Profile;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::server::{CODE, SOON, Server};

/// A page with a connection.
pub(crate) struct Page {
    socket: WebSocketStream<TlsStream<TcpStream>>,
    pub(crate) welcome: Welcome,
    next_command: u64,
    last_seq: u64,
    /// What came while the page was only kept alive.
    held: VecDeque<ServerFrame>,
}

/// A connection before its hello.
pub(crate) struct Raw(pub(crate) WebSocketStream<TlsStream<TcpStream>>);

impl Server {
    /// Opens the WebSocket, or says with which status it was refused.
    pub(crate) async fn dial(
        &self,
        code: &str,
        headers: &[(&'static str, String)],
    ) -> Result<Raw, u16> {
        let url = format!(
            "wss://localhost:{}/ws/sessions/{code}",
            self.running.address.port()
        );
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let tcp = TcpStream::connect(self.running.address).await.unwrap();
        let tls = tokio_rustls::TlsConnector::from(self.tls.clone())
            .connect("localhost".try_into().unwrap(), tcp)
            .await
            .unwrap();
        match tokio_tungstenite::client_async(request, tls).await {
            Ok((socket, _)) => Ok(Raw(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) async fn dial_with(&self, token: &str) -> Raw {
        self.dial(CODE, &[bearer(token)]).await.unwrap()
    }

    /// Enters the room.
    pub(crate) async fn join(&self, token: &str) -> Page {
        self.enter(token, None).await.expect("a welcome")
    }

    /// Comes back to the room.
    pub(crate) async fn rejoin(&self, token: &str, resume: Resume) -> Page {
        self.enter(token, Some(resume)).await.expect("a welcome")
    }

    /// Says hello: a page, or the server's good-bye.
    pub(crate) async fn enter(
        &self,
        token: &str,
        resume: Option<Resume>,
    ) -> Result<Page, ByeReason> {
        Self::greet(self.dial_with(token).await, resume).await
    }

    /// Says hello over an open connection.
    pub(crate) async fn greet(mut raw: Raw, resume: Option<Resume>) -> Result<Page, ByeReason> {
        raw.say(&ClientFrame::Hello {
            protocol: PROTOCOL_VERSION,
            resume,
            profile: Profile::Desk,
            take_over: true,
        })
        .await;
        match raw.hear().await {
            Some(ServerFrame::Welcome(welcome)) => Ok(Page {
                next_command: welcome.last_command_id + 1,
                last_seq: welcome.seq,
                welcome: *welcome,
                socket: raw.0,
                held: VecDeque::new(),
            }),
            Some(ServerFrame::Bye { reason }) => Err(reason),
            other => panic!("neither welcome nor good-bye: {other:?}"),
        }
    }
}

pub(crate) fn bearer(token: &str) -> (&'static str, String) {
    ("authorization", format!("Bearer {token}"))
}

impl Raw {
    pub(crate) async fn say(&mut self, frame: &ClientFrame) {
        self.say_text(&serde_json::to_string(frame).unwrap()).await;
    }

    pub(crate) async fn say_text(&mut self, text: &str) {
        self.try_say_text(text).await.unwrap();
    }

    /// Sends a frame, or finds the connection closed.
    pub(crate) async fn try_say_text(&mut self, text: &str) -> Result<(), Error> {
        self.0.send(Message::text(text)).await
    }

    /// The next frame; none when the connection is closed.
    pub(crate) async fn hear(&mut self) -> Option<ServerFrame> {
        hear(&mut self.0).await
    }
}

async fn hear(socket: &mut WebSocketStream<TlsStream<TcpStream>>) -> Option<ServerFrame> {
    loop {
        let next = tokio::time::timeout(SOON, socket.next())
            .await
            .expect("the server says something");
        match next {
            Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).unwrap()),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
            Some(Ok(_)) => {}
        }
    }
}

impl Page {
    /// Asks for something and waits for the reply; what comes before it is passed over.
    pub(crate) async fn ask(&mut self, command: Command) -> Result<(), RefusalCode> {
        let id = self.next_command;
        self.next_command += 1;
        self.ask_as(id, command)
            .await
            .map_or(Ok(()), |refusal| Err(refusal.code))
    }

    pub(crate) async fn ask_as(&mut self, id: u64, command: Command) -> Option<Refusal> {
        self.send(id, command).await;
        self.wait(|frame| match frame {
            ServerFrame::Reply { id: of, refusal } if of == id => Some(refusal),
            _ => None,
        })
        .await
    }

    pub(crate) async fn send(&mut self, id: u64, command: Command) {
        let text = serde_json::to_string(&ClientFrame::Command { id, command }).unwrap();
        self.say_text(&text).await;
    }

    pub(crate) async fn say_text(&mut self, text: &str) {
        self.try_say_text(text).await.unwrap();
    }

    /// Sends a frame, or finds the connection closed.
    pub(crate) async fn try_say_text(&mut self, text: &str) -> Result<(), Error> {
        self.socket.send(Message::text(text)).await
    }

    /// Waits for a frame that `wanted` takes. Checks on the way that no event is missing.
    pub(crate) async fn wait<T>(&mut self, mut wanted: impl FnMut(ServerFrame) -> Option<T>) -> T {
        let deadline = tokio::time::Instant::now() + SOON;
        loop {
            let frame = match self.held.pop_front() {
                Some(frame) => Some(frame),
                None => hear(&mut self.socket).await,
            }
            .expect("the connection is open");
            assert!(
                tokio::time::Instant::now() < deadline,
                "it was not said within {SOON:?}"
            );
            if let ServerFrame::Event(event) = &frame {
                assert_eq!(event.seq, self.last_seq + 1, "events come without a gap");
                self.last_seq = event.seq;
            }
            if let Some(found) = wanted(frame) {
                return found;
            }
        }
    }

    pub(crate) async fn event(
        &mut self,
        wanted: impl Fn(&protocol::client::Event) -> bool,
    ) -> EventFrame {
        self.wait(|frame| match frame {
            ServerFrame::Event(event) if wanted(&event.event) => Some(event),
            _ => None,
        })
        .await
    }

    pub(crate) async fn media(&mut self, wanted: impl Fn(&MediaMessage) -> bool) -> MediaMessage {
        self.wait(|frame| match frame {
            ServerFrame::Media { message } if wanted(&message) => Some(message),
            _ => None,
        })
        .await
    }

    pub(crate) async fn bye(&mut self) -> ByeReason {
        self.wait(|frame| match frame {
            ServerFrame::Bye { reason } => Some(reason),
            _ => None,
        })
        .await
    }

    /// Answers the server's pings while something else goes on; what comes meanwhile is heard later.
    pub(crate) async fn stays_while<T>(&mut self, something: impl Future<Output = T>) -> T {
        tokio::pin!(something);
        loop {
            tokio::select! {
                done = &mut something => return done,
                frame = hear(&mut self.socket) => {
                    self.held.push_back(frame.expect("the connection is open"));
                }
            }
        }
    }

    /// The cable is pulled: what the page knows.
    pub(crate) fn pull_the_cable(self) -> Resume {
        Resume {
            token: self.welcome.resume_token.clone(),
            last_seq: self.last_seq,
        }
    }
}
