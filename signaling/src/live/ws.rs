//! The room's WebSocket: transport only.
//!
//! ```text
//!  upgrade: who is it? ─► Hello within 10 s ─► room task ◄── commands ── reader
//!                                                  └─────── frames ────► writer ── heartbeats, and a ping every 5 s
//! ```
//!
//! A connection that is silent for 12 s is dead: pages answer pings by themselves. Whatever a client sends is counted
//! before it is looked at.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::any;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use protocol::PROTOCOL_VERSION;
use protocol::api::ProblemCode;
use protocol::client::{
    ByeReason, ClientFrame, LISTENER_HEARTBEAT, MAX_CLIENT_FRAME_BYTES, Refusal, RefusalCode,
    Resume, ServerFrame,
};
use protocol::media::Profile;
use protocol::{SessionId, text};
use serde::Deserialize;
use signaling_core::ResumeClaim;
use tokio::task::JoinHandle;
use tokio::time::Interval;
use tokio_tungstenite::tungstenite;

use crate::live::entry;
use crate::live::entry::{Door, Entry};
use crate::live::line::{Frames, Line, NoLine, Part};
use crate::live::presence::Proof;
use crate::live::room_task::ToClient;
use crate::platform::authority;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::Path;
use crate::{AppState, Clock};

/// How long a client may take for its `Hello`.
const HELLO_WITHIN: Duration = Duration::from_secs(10);

/// How long a connection may be silent.
const DEAD_AFTER: Duration = Duration::from_secs(12);

/// How long one frame may take onto the wire before the connection counts as dead.
const SENT_WITHIN: Duration = Duration::from_secs(12);

/// How long a client may take to close after our good-bye.
const CLOSES_WITHIN: Duration = Duration::from_secs(1);

/// How often a client is pinged.
const PING_EVERY: Duration = Duration::from_secs(5);

/// Frames a second, in the long run. A page that is clicked in fury sends five.
const FRAMES_PER_SECOND: NonZeroU32 = NonZeroU32::new(20).expect("20 is not 0");

/// Frames at once: a page that comes back sends again what it has no reply to.
const FRAMES_AT_ONCE: NonZeroU32 = NonZeroU32::new(60).expect("60 is not 0");

/// Frames beyond those that are answered with `TooManyCommands`; whoever goes on is sent away.
const EXCESS_AT_ONCE: NonZeroU32 = NonZeroU32::new(200).expect("200 is not 0");

/// The longest frame beyond the rate that is looked at for the number to answer.
const EXCESS_FRAME_BYTES: usize = 1_024;

/// The route of the WebSocket.
pub fn router() -> Router<AppState> {
    Router::new().route("/ws/sessions/{code}", any(upgrade))
}

async fn upgrade(
    State(state): State<AppState>,
    Path(code): Path<String>,
    headers: HeaderMap,
    ws: WebSocketUpgrade,
) -> ApiResult<Response> {
    if !authority::is_own_page(&headers) {
        // A page of another site must not use this site's cookie.
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            ProblemCode::ForeignOrigin,
            "a page of another site may not open this WebSocket",
        ));
    }
    let entry = entry::admit(&state, &headers, &code, Door::Room).await?;
    // A new connection would else bring a new budget of frames.
    state
        .media_places
        .comes(entry.session.id, &entry.entrant.identity)?;
    let tasks = state.rooms.tasks();
    Ok(ws
        .max_message_size(MAX_CLIENT_FRAME_BYTES)
        .max_frame_size(MAX_CLIENT_FRAME_BYTES)
        .on_upgrade(move |socket| tasks.track_future(serve(state, entry, headers, socket))))
}

/// A connection's whole life.
async fn serve(state: AppState, entry: Entry, headers: HeaderMap, socket: WebSocket) {
    let (sink, mut stream) = socket.split();
    let hello = match tokio::time::timeout(HELLO_WITHIN, read_hello(&mut stream)).await {
        Ok(Ok(hello)) => hello,
        Ok(Err(Some(reason))) => return turn_away(sink, reason).await,
        Ok(Err(None)) => return,
        Err(_) => return turn_away(sink, malformed("no hello within 10 s")).await,
    };
    let part = Part {
        profile: hello.profile,
        resume: hello.resume.map(|resume| ResumeClaim {
            hash: entry::token_hash(&resume.token),
            last_seq: resume.last_seq,
        }),
        take_over: hello.take_over,
        proof: Proof::Signaling,
    };
    let opened = match Line::participate(&state, &headers, &entry, part).await {
        Ok(opened) => opened,
        Err(no_line) => {
            let reason = farewell(entry.session.id, &no_line);
            return turn_away(sink, reason).await;
        }
    };
    let writer = tokio::spawn(write(sink, opened.frames, state.clock.clone()));
    let reader = Reader {
        line: opened.line,
        rate: limiter(FRAMES_AT_ONCE, &state.clock),
        excess: limiter(EXCESS_AT_ONCE, &state.clock),
    };
    reader.run(stream, writer).await;
}

/// How to say good-bye to somebody for whom there is no line.
fn farewell(session: SessionId, why: &NoLine) -> ByeReason {
    match why {
        NoLine::Stopping => ByeReason::ServerStopping,
        NoLine::Over | NoLine::Unknown => refused(RefusalCode::SessionOver),
        NoLine::NotSaved(trouble) => ByeReason::NotSaved { trouble: *trouble },
        NoLine::Store(cause) => {
            tracing::error!(%session, %cause, "nobody can be let in");
            let trouble = cause.trouble();
            ByeReason::NotSaved { trouble }
        }
    }
}

/// Counts frames by the clock that nobody sets.
type FrameLimiter = RateLimiter<NotKeyed, InMemoryState, Even, NoOpMiddleware<Duration>>;

/// So many frames at once, and [`FRAMES_PER_SECOND`].
fn limiter(at_once: NonZeroU32, clock: &Clock) -> FrameLimiter {
    let quota = Quota::per_second(FRAMES_PER_SECOND).allow_burst(at_once);
    RateLimiter::direct_with_clock(quota, Even(clock.clone()))
}

/// The clock as limits read it.
#[derive(Debug, Clone)]
struct Even(Clock);

impl governor::clock::Clock for Even {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_micros(self.0.mono().0.max(0).unsigned_abs())
    }
}

/// What a client said hello with.
struct Hello {
    profile: Profile,
    resume: Option<Resume>,
    take_over: bool,
}

/// The first frame; otherwise how to say good-bye, or nothing when the client is gone.
async fn read_hello(stream: &mut SplitStream<WebSocket>) -> Result<Hello, Option<ByeReason>> {
    loop {
        let message = match stream.next().await {
            Some(Ok(message)) => message,
            Some(Err(cause)) => return Err(too_large(&cause)),
            None => return Err(None),
        };
        let text = match message {
            Message::Text(text) => text,
            Message::Ping(_) | Message::Pong(_) => continue,
            Message::Close(_) => return Err(None),
            Message::Binary(_) => return Err(Some(malformed("frames are text"))),
        };
        return match serde_json::from_str(&text) {
            Ok(ClientFrame::Hello { protocol, .. }) if protocol != PROTOCOL_VERSION => {
                Err(Some(ByeReason::ProtocolMismatch {
                    protocol: PROTOCOL_VERSION,
                }))
            }
            Ok(ClientFrame::Hello {
                resume,
                profile,
                take_over,
                ..
            }) => Ok(Hello {
                profile,
                resume,
                take_over,
            }),
            Ok(ClientFrame::Command { .. }) => Err(Some(malformed("the first frame is Hello"))),
            Err(cause) => Err(Some(malformed(cause))),
        };
    }
}

/// Says good-bye to somebody whom no room knows.
async fn turn_away(mut sink: SplitSink<WebSocket, Message>, reason: ByeReason) {
    // Whoever has gone needs no good-bye.
    let _ = send(&mut sink, &ServerFrame::Bye { reason }).await;
    let _ = sink.close().await;
}

fn malformed(detail: impl std::fmt::Display) -> ByeReason {
    ByeReason::Refused {
        refusal: Refusal {
            code: RefusalCode::Malformed,
            detail: Some(detail.to_string()),
        },
    }
}

/// How to say good-bye to somebody whose frame was too large; nothing when that is not what went wrong.
fn too_large(cause: &axum::Error) -> Option<ByeReason> {
    let cause = std::error::Error::source(cause)?.downcast_ref::<tungstenite::Error>()?;
    matches!(
        cause,
        tungstenite::Error::Capacity(tungstenite::error::CapacityError::MessageTooLong { .. })
    )
    .then(|| ByeReason::FrameTooLarge {
        limit: u32::try_from(MAX_CLIENT_FRAME_BYTES).unwrap_or(u32::MAX),
    })
}

fn refused(code: RefusalCode) -> ByeReason {
    ByeReason::Refused {
        refusal: code.into(),
    }
}

/// Takes what the client sends.
struct Reader {
    line: Line,
    rate: FrameLimiter,
    excess: FrameLimiter,
}

impl Reader {
    /// Reads until the client goes, is silent for too long, talks nonsense, or has been sent away.
    async fn run(self, mut stream: SplitStream<WebSocket>, mut writer: JoinHandle<()>) {
        let mut dismissed = false;
        loop {
            let message = tokio::select! {
                // The good-bye is on the wire: let the client close.
                _ = &mut writer => {
                    let drain = async { while let Some(Ok(_)) = stream.next().await {} };
                    let _ = tokio::time::timeout(CLOSES_WITHIN, drain).await;
                    return;
                }
                message = tokio::time::timeout(DEAD_AFTER, stream.next()) => message,
            };
            let message = match message {
                Ok(Some(Ok(message))) => message,
                Ok(Some(Err(cause))) => {
                    if let Some(reason) = too_large(&cause) {
                        self.reply(ServerFrame::Bye { reason }).await;
                    }
                    break;
                }
                Ok(None) | Err(_) => break,
            };
            if dismissed {
                // Read and dropped, so that the good-bye is not lost to a reset of the connection.
                continue;
            }
            self.line.is_alive();
            if self.rate.check().is_err() {
                dismissed = !self.hold_up(&message).await;
                continue;
            }
            let text = match message {
                Message::Text(text) => text,
                Message::Ping(_) | Message::Pong(_) => continue,
                Message::Close(_) => break,
                Message::Binary(_) => {
                    self.reply(ServerFrame::Bye {
                        reason: malformed("frames are text"),
                    })
                    .await;
                    continue;
                }
            };
            if !self.take(&text).await {
                break;
            }
        }
        // The room drops the mailbox, so that the writer ends.
        self.line.lost().await;
        if tokio::time::timeout(CLOSES_WITHIN, &mut writer)
            .await
            .is_err()
        {
            writer.abort();
        }
    }

    /// Answers a frame beyond the rate, if it has a number. False when the client goes on for too long.
    async fn hold_up(&self, message: &Message) -> bool {
        #[derive(Deserialize)]
        struct Numbered {
            id: u64,
        }
        if self.excess.check().is_err() {
            self.reply(ServerFrame::Bye {
                reason: ByeReason::TooManyFrames,
            })
            .await;
            return false;
        }
        if let Message::Text(text) = message
            && text.len() <= EXCESS_FRAME_BYTES
            && let Ok(Numbered { id }) = serde_json::from_str(text)
        {
            self.reply(ServerFrame::Reply {
                id,
                refusal: Some(RefusalCode::TooManyCommands.into()),
            })
            .await;
        }
        true
    }

    /// Takes one text frame. False when the room is gone.
    async fn take(&self, text: &str) -> bool {
        let (id, command) = match serde_json::from_str(text) {
            Ok(ClientFrame::Command { id, command }) => (id, command),
            Ok(ClientFrame::Hello { .. }) => {
                self.reply(ServerFrame::Bye {
                    reason: malformed("Hello comes once"),
                })
                .await;
                return true;
            }
            Err(cause) => {
                self.reply(not_understood(text, &cause)).await;
                return true;
            }
        };
        self.line.command(id, command).await.is_ok()
    }

    async fn reply(&self, frame: ServerFrame) {
        self.line.answer(ToClient::Frame(Box::new(frame))).await;
    }
}

/// The answer to a frame that is no command: a reply when it has a number, else good-bye.
fn not_understood(frame: &str, cause: &serde_json::Error) -> ServerFrame {
    /// Looks at nothing else, so that half a character in a text does not hide the number.
    #[derive(serde::Deserialize)]
    struct Numbered {
        id: u64,
    }

    let id = serde_json::from_str(frame).ok().map(|Numbered { id }| id);
    match id {
        Some(id) if text::has_half_character(frame) => ServerFrame::Reply {
            id,
            refusal: Some(RefusalCode::UnreadableText.into()),
        },
        Some(id) => ServerFrame::Reply {
            id,
            refusal: Some(Refusal {
                code: RefusalCode::Malformed,
                detail: Some(cause.to_string()),
            }),
        },
        None => ServerFrame::Bye {
            reason: malformed(cause),
        },
    }
}

/// Writes what the room says, and signs of life, up to the good-bye. How often those come, the welcome says.
async fn write(mut sink: SplitSink<WebSocket, Message>, mut frames: Frames, clock: Clock) {
    let mut heartbeat = every(LISTENER_HEARTBEAT);
    let mut ping = every(PING_EVERY);
    loop {
        let sent = tokio::select! {
            frame = frames.recv() => match frame {
                Some(ToClient::Text(text)) => put(&mut sink, Message::Text(text)).await,
                Some(ToClient::Pace(pace)) => {
                    heartbeat = every(pace);
                    true
                }
                Some(ToClient::Frame(frame)) => {
                    let last = matches!(*frame, ServerFrame::Bye { .. });
                    let sent = send(&mut sink, &frame).await;
                    if last {
                        break;
                    }
                    sent
                }
                None => {
                    let bye = ServerFrame::Bye { reason: ByeReason::TooSlow };
                    // Whoever reads too slowly may not read this.
                    let _ = send(&mut sink, &bye).await;
                    break;
                }
            },
            _ = heartbeat.tick() => {
                let frame = ServerFrame::Heartbeat {
                    server_time_us: clock.now(),
                    next_ms: u32::try_from(heartbeat.period().as_millis()).unwrap_or(u32::MAX),
                };
                send(&mut sink, &frame).await
            }
            _ = ping.tick() => put(&mut sink, Message::Ping(bytes::Bytes::new())).await,
        };
        if !sent {
            return;
        }
    }
    // The client may have closed already.
    let _ = tokio::time::timeout(CLOSES_WITHIN, sink.close()).await;
}

/// Ticks at this pace from then on.
fn every(pace: Duration) -> Interval {
    let mut interval = tokio::time::interval(pace);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    interval.reset();
    interval
}

async fn send(sink: &mut SplitSink<WebSocket, Message>, frame: &ServerFrame) -> bool {
    match serde_json::to_string(frame) {
        Ok(text) => put(sink, Message::Text(text.into())).await,
        Err(cause) => {
            tracing::error!(%cause, "a frame is not JSON");
            false
        }
    }
}

async fn put(sink: &mut SplitSink<WebSocket, Message>, message: Message) -> bool {
    matches!(
        tokio::time::timeout(SENT_WITHIN, sink.send(message)).await,
        Ok(Ok(()))
    )
}
