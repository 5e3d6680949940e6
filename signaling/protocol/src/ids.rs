//! Identifiers, one newtype each, so that none is taken for another.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$attribute:meta])* $name:ident) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "stored", derive(sqlx::Type), sqlx(transparent))]
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
    #[derive(TS)]
    #[ts(export, type = "string")]
    SessionId
);
uuid_id!(
    /// A place that takes part (điểm cầu).
    #[derive(TS)]
    #[ts(export, type = "string")]
    PointId
);
uuid_id!(
    /// A room device, a person's device, a guest or an encoder in one session.
    #[derive(TS)]
    #[ts(export, type = "string")]
    ParticipantId
);
uuid_id!(
    /// One recording of one session.
    #[derive(TS)]
    #[ts(export, type = "string")]
    RecordingId
);

uuid_id!(
    /// A key by which another system asks the interface.
    ApiKeyId
);
uuid_id!(
    /// A unit of the administration or a school, whatever it is called at a time.
    UnitId
);
uuid_id!(
    /// A decision that changes the tree of units.
    UnitChangeId
);
uuid_id!(
    /// Somebody, with or without an account.
    PersonId
);
uuid_id!(
    /// That somebody sits somewhere as something for some time.
    AppointmentId
);
uuid_id!(
    /// A list of people that came as a file.
    ImportId
);
uuid_id!(
    /// What somebody signs in with.
    AccountId
);
uuid_id!(
    /// A role that was given to an account.
    GrantId
);
uuid_id!(
    /// What those invited to a session are told of it.
    NoticeId
);
uuid_id!(
    /// A training class.
    ClassId
);
uuid_id!(
    /// A joining link, or a bearer of WHIP, WHEP or the interface.
    TokenId
);
uuid_id!(
    /// A browser that signed in, or came by a link.
    SignInId
);
uuid_id!(
    /// Somebody as a provider of sign-ins knows them.
    IdentityId
);
uuid_id!(
    /// A physical room of a bridge point.
    MeetingRoomId
);
uuid_id!(
    /// A job in the queue.
    JobId
);
uuid_id!(
    /// A span in which a participant was proven to be there.
    PresenceId
);
uuid_id!(
    /// A stored object.
    MediaFileId
);

/// The live room of a session; a session has at most one, so they share the id.
pub type RoomId = SessionId;

/// Microseconds since the Unix epoch, UTC.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS,
)]
#[cfg_attr(feature = "stored", derive(sqlx::Type), sqlx(transparent))]
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

    /// This time less `span`; the beginning of time when that is earlier.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        self.plus_us(i64::try_from(span.as_micros()).map_or(i64::MIN, |us| -us))
    }

    /// How long after `earlier` this is; nothing when it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let us = self.0.saturating_sub(earlier.0);
        Duration::from_micros(u64::try_from(us).unwrap_or(0))
    }
}

/// A day in Viet Nam, for example `2026-11-22`; days compare as their texts do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "stored", derive(sqlx::Type), sqlx(transparent))]
pub struct Day(pub String);

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The short code people type and read aloud, for example `GB-1107`: letters, digits and hyphens, at most 32.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "stored", derive(sqlx::Type), sqlx(transparent))]
#[ts(export, type = "string")]
pub struct SessionCode(pub String);

impl fmt::Display for SessionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
