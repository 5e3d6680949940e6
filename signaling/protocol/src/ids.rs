//! Identifiers, one newtype each, so that none is taken for another.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS,
        )]
        #[ts(export, type = "string")]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    };
}

uuid_id!(
    /// A scheduled meeting, training or observation.
    SessionId
);
uuid_id!(
    /// A place that takes part (điểm cầu).
    BridgePointId
);
uuid_id!(
    /// A room device, a person's device, a guest or an encoder in one session.
    ParticipantId
);
uuid_id!(
    /// One recording of one session.
    RecordingId
);

/// The live room of a session; a session has at most one, so they share the id.
pub type RoomId = SessionId;

/// Microseconds since the Unix epoch, UTC.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS,
)]
#[ts(export, type = "number")]
pub struct UtcMicros(pub i64);

impl UtcMicros {
    /// This time plus `us` microseconds (negative goes back).
    #[must_use]
    pub const fn plus_us(self, us: i64) -> Self {
        Self(self.0.saturating_add(us))
    }

    /// This time plus `span`; the end of time when that is later.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        self.plus_us(i64::try_from(span.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The short code people type and read aloud, for example `GB-1107`: letters, digits and hyphens, at most 32.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[ts(export, type = "string")]
pub struct SessionCode(pub String);

impl fmt::Display for SessionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
