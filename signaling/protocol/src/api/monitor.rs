//! Points, and how their lines do.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::org::{PointRef, UnitRef};
use crate::UtcMicros;
use crate::client::LinkReport;

/// A bridge point on the monitor board.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct PointStatus {
    /// Which.
    pub point: PointRef,
    /// Whether it is the main bridge point.
    pub main: bool,
    /// Its host unit.
    pub unit: UnitRef,
    /// How it does.
    pub state: PointState,
    /// In which session it is.
    pub session: Option<String>,
    /// When it was last connected.
    #[schema(value_type = Option<i64>)]
    pub last_seen_us: Option<UtcMicros>,
    /// The last measurement, if it is in a session.
    #[schema(value_type = Option<Object>)]
    pub link: Option<LinkReport>,
}

/// How a bridge point does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum PointState {
    /// In a session, link good.
    Good,
    /// In a session; loss over 3 %, or round trip over 300 ms, or video over TCP.
    Weak,
    /// Was in a session, connection lost.
    Lost,
    /// In no session.
    Idle,
}

/// One measurement of a point's link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct LinkSample {
    /// When.
    #[schema(value_type = i64)]
    pub at_us: UtcMicros,
    /// What.
    #[schema(value_type = Object)]
    pub link: LinkReport,
}

/// How a bridge point did over some time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct PointHistory {
    /// From when.
    #[schema(value_type = i64)]
    pub from_us: UtcMicros,
    /// Until when.
    #[schema(value_type = i64)]
    pub to_us: UtcMicros,
    /// The time that one step stands for, in microseconds.
    pub step_us: i64,
    /// When it was in a session, by begin; between them it was in none.
    pub spans: Vec<PointSpan>,
    /// The worst of each step that has measurements, oldest first.
    pub steps: Vec<PointStep>,
}

/// A time in which a bridge point belonged to a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct PointSpan {
    /// From when.
    #[schema(value_type = i64)]
    pub from_us: UtcMicros,
    /// Until when.
    #[schema(value_type = i64)]
    pub to_us: UtcMicros,
    /// How it was.
    pub state: SpanState,
    /// Code of the session.
    pub session: String,
}

/// How a bridge point was in a session.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SpanState {
    /// Connected.
    InSession,
    /// The connection was lost, and the seat held.
    Lost,
}

/// The worst that was measured of a point's link in one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct PointStep {
    /// When the step begins.
    #[schema(value_type = i64)]
    pub at_us: UtcMicros,
    /// Lost packets, of the worse direction, in percent.
    pub loss_percent: f32,
    /// Round trip, in milliseconds, if known.
    pub rtt_ms: Option<f32>,
    /// Received from the point on average, bits per second.
    pub ingress_bps: u64,
    /// Sent to the point on average, bits per second.
    pub egress_bps: u64,
}
