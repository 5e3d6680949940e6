//! Every message on every wire of Điểm Cầu: serde types and nothing else.
//!
//! - [`client`]: browser ↔ signaling, JSON text frames over one WebSocket.
//! - [`api`]: bodies of the REST interface under `/api/v1`.
//! - [`explain`]: why a viewer's pictures are as they are; in the REST interface and in the room.
//! - [`sfu`]: signaling ↔ SFU, the control link.
//! - [`recorder`]: signaling ↔ recorder, what is to be recorded and what happened in the room.
//! - [`relay`]: media node → recorder, packets as published; [`gaps`]: those that did not come;
//!   [`clock`]: the monotonic clock that its times are read from.
//! - [`frame`]: how messages stand on the sockets between processes.
//! - [`main_picture`]: who is large, in the room and in the film.
//! - [`text`]: the door that every text from outside passes.
//!
//! Names are `snake_case` on the wire as in Rust, TypeScript and SQL. Receivers ignore fields they do not
//! know. Times are microseconds since the Unix epoch, UTC, in fields that end in `_us`.

pub mod api;
pub mod bounds;
pub mod client;
pub mod clock;
pub mod explain;
pub mod frame;
pub mod gaps;
mod ids;
pub mod main_picture;
pub mod media;
mod problem;
pub mod recorder;
pub mod relay;
mod room;
pub mod sfu;
pub mod text;
pub mod weak_line;

pub use ids::{
    AccountId, ApiKeyId, AppointmentId, ClassId, Day, GrantId, IdentityId, ImportId, JobId,
    MediaFileId, MeetingRoomId, NoticeId, ParticipantId, PersonId, PointId, PresenceId,
    RecordingId, RoomId, SessionCode, SessionId, SignInId, TokenId, UnitChangeId, UnitId,
    UtcMicros,
};

/// The version of the browser protocol that this server speaks, announced in `Hello` and `Welcome`.
/// A page that announces another version is told so with `Bye` and reloads itself.
pub const PROTOCOL_VERSION: u32 = 3;
