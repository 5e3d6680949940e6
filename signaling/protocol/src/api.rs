//! Bodies of the REST interface under `/api/v1`. Lists are `{ "items": [...], "next": cursor | null }`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::client::{LinkReport, SessionKind, SessionRole};
use crate::explain::Explanation;
use crate::{ParticipantId, UtcMicros};

pub use crate::problem::ProblemCode;

/// Why a request failed (RFC 9457, `application/problem+json`). `code` is stable; the client says it in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// A [`ProblemCode`]. A string here, because a newer server may know more of them.
    pub code: String,
    /// One English sentence for the technician.
    pub title: String,
    /// Parameters of the sentence, by name; times in microseconds UTC.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub params: std::collections::BTreeMap<String, String>,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Give this as `?cursor=` for the next page; none on the last.
    pub next: Option<String>,
}

/// What an account may do, granted at a unit for its whole subtree.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum AccountRole {
    /// Runs everything.
    DepartmentAdmin,
    /// Runs one unit's subtree.
    UnitAdmin,
    /// Watches points and lines.
    ItStaff,
    /// Gives training.
    Trainer,
    /// Takes part.
    Member,
}

/// `POST /sign-in`.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct SignInRequest {
    /// Login name, case-insensitive.
    pub login: String,
    /// Password.
    pub password: String,
}

/// `GET /me` (`null` when nobody is signed in), and the answer to a sign-in or to the exchange of a joining link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Me {
    /// The name to show.
    pub name: String,
    /// Login; none for somebody who came by a link.
    pub login: Option<String>,
    /// Roles and the unit each is granted at.
    pub roles: Vec<GrantedRole>,
    /// The one session a link leads to.
    pub link_session: Option<String>,
    /// The bridge point this person or link belongs to.
    pub bridge_point: Option<PointRef>,
    /// What of the whole office is open to them.
    pub may: Vec<OfficeAct>,
    /// The units in whose name they may make sessions, each with all below it.
    pub convenes_for: Vec<UnitRef>,
}

/// What somebody may do that is about no one thing. A page offers the caller these and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum OfficeAct {
    /// Make sessions.
    PlanSessions,
    /// Open the monitor board.
    OpenMonitor,
}

/// A role and where it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct GrantedRole {
    /// The role.
    pub role: AccountRole,
    /// The unit at the root of the subtree.
    pub unit: UnitRef,
}

/// Names a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct UnitRef {
    /// External code.
    pub code: String,
    /// Today's name.
    pub name: String,
}

/// Names a bridge point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct PointRef {
    /// Its number, the same on every wall, list and film; from 1.
    pub number: u32,
    /// Code, for example `DC-07`.
    pub code: String,
    /// Name.
    pub name: String,
}

impl PointRef {
    /// A point as everybody is told of it. Numbers are stored as `i64`; one that is none of ours is told as 0.
    #[must_use]
    pub fn new(code: String, name: String, number: i64) -> Self {
        Self {
            number: u32::try_from(number).unwrap_or_default(),
            code,
            name,
        }
    }

    /// The same of columns that are there when there is a point.
    #[must_use]
    pub fn if_any(code: Option<String>, name: Option<String>, number: Option<i64>) -> Option<Self> {
        Some(Self::new(code?, name?, number?))
    }
}

/// `POST /links/exchange`: the secret of a joining link for a cookie.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct LinkExchangeRequest {
    /// The secret of the link.
    pub secret: String,
    /// Under which name a guest comes; ignored when the link names a person or point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// `POST /links/preview`: where a joining link leads, before anything is said or spent.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct LinkPreviewRequest {
    /// The secret of the link.
    pub secret: String,
}

/// Where a joining link leads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct LinkPreview {
    /// Code of the session.
    pub session: String,
    /// Its title.
    pub title: String,
    /// What it is.
    #[schema(value_type = String)]
    pub kind: SessionKind,
    /// Where it stands.
    pub state: SessionState,
    /// Planned begin.
    #[schema(value_type = i64)]
    pub starts_at_us: UtcMicros,
    /// Planned end.
    #[schema(value_type = i64)]
    pub ends_at_us: UtcMicros,
    /// From when its room may be entered.
    #[schema(value_type = i64)]
    pub opens_at_us: UtcMicros,
    /// Who convenes it.
    pub convening_unit: UnitRef,
    /// Name of the chair, as planned.
    pub chair: Option<String>,
    /// Whether recording starts with it; if not, the chair may start it at any time.
    pub auto_record: bool,
    /// Until when a recording will be kept; for ever when absent.
    #[schema(value_type = Option<i64>)]
    pub kept_until_us: Option<UtcMicros>,
    /// Whether guests may see the recording.
    pub guests_may_replay: bool,
    /// What the bearer will be.
    #[schema(value_type = String)]
    pub role: SessionRole,
    /// The bridge point that the link is for.
    pub bridge_point: Option<PointRef>,
    /// The name that the link is for: a person's, or a guest's.
    pub name: Option<String>,
    /// Whether the bearer must say a name.
    pub needs_name: bool,
}

/// `POST /sessions/{code}/links`.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct LinkRequest {
    /// What the bearer may do.
    #[schema(value_type = String)]
    pub role: SessionRole,
    /// For a point: its code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bridge_point: Option<String>,
    /// For a person: the login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// For a guest: the name, or none to let the guest choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A joining link, as made; the secret is shown once.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Link {
    /// For revoking it.
    pub id: String,
    /// The address to give away.
    pub url: String,
    /// When it ceases to work.
    #[schema(value_type = i64)]
    pub expires_at_us: UtcMicros,
}

/// A joining link or token of a session, in the list of those who may revoke it; its secret is not known to anybody but
/// its bearer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct LinkSummary {
    /// For revoking it.
    pub id: String,
    /// What it is used for.
    pub purpose: LinkPurpose,
    /// What its bearer may do.
    #[schema(value_type = String)]
    pub role: SessionRole,
    /// For a point: which.
    pub bridge_point: Option<PointRef>,
    /// For a person or a named guest: the name.
    pub name: Option<String>,
    /// When it was made.
    #[schema(value_type = i64)]
    pub created_at_us: UtcMicros,
    /// By whom; none for the server's own terminal.
    pub created_by: Option<String>,
    /// When it was first used.
    #[schema(value_type = Option<i64>)]
    pub first_used_at_us: Option<UtcMicros>,
    /// When it ceases to work.
    #[schema(value_type = i64)]
    pub expires_at_us: UtcMicros,
    /// When it was taken back.
    #[schema(value_type = Option<i64>)]
    pub revoked_at_us: Option<UtcMicros>,
}

/// What a link or token is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum LinkPurpose {
    /// A joining link.
    Join,
    /// An encoder.
    Whip,
    /// A player.
    Whep,
    /// A token for everything that its role may.
    Api,
}

/// Somebody who was in a session's room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Attendee {
    /// The name on the plate.
    pub name: String,
    /// The last role.
    #[schema(value_type = String)]
    pub role: SessionRole,
    /// At which bridge point.
    pub bridge_point: Option<PointRef>,
    /// When first proven to be there.
    #[schema(value_type = i64)]
    pub first_us: UtcMicros,
    /// When last.
    #[schema(value_type = i64)]
    pub last_us: UtcMicros,
    /// For how long in all, in microseconds.
    pub present_us: i64,
}

/// Where a session stands. The server works it out, from one rule; pages show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SessionState {
    /// Not yet: the room opens at `opens_at_us`.
    Planned,
    /// The room may be entered, and nobody is in it.
    Open,
    /// Somebody is in the room.
    Live,
    /// Over.
    Ended,
    /// Nobody came until two hours after its planned end.
    Lapsed,
    /// Called off.
    Cancelled,
}

/// What somebody may do with a session. A page offers the caller these and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SessionAct {
    /// Enter its room, when that is open.
    EnterRoom,
    /// Open microphone and camera there without having been given the floor.
    PublishMedia,
    /// End it for everybody.
    EndSession,
    /// Make, see and revoke its joining links.
    ManageLinks,
    /// See how its recordings do.
    InspectRecordings,
    /// See what they show.
    ViewRecordings,
    /// See who was there, and how long.
    ViewAttendance,
}

/// A session in a list and on its page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Session {
    /// Code.
    pub code: String,
    /// Title.
    pub title: String,
    /// What it is.
    #[schema(value_type = String)]
    pub kind: SessionKind,
    /// Where it stands.
    pub state: SessionState,
    /// Planned begin.
    #[schema(value_type = i64)]
    pub starts_at_us: UtcMicros,
    /// Planned end.
    #[schema(value_type = i64)]
    pub ends_at_us: UtcMicros,
    /// From when its room may be entered.
    #[schema(value_type = i64)]
    pub opens_at_us: UtcMicros,
    /// When somebody first came.
    #[schema(value_type = Option<i64>)]
    pub opened_at_us: Option<UtcMicros>,
    /// When it ended, lapsed or was called off.
    #[schema(value_type = Option<i64>)]
    pub over_at_us: Option<UtcMicros>,
    /// Who convenes it.
    pub convening_unit: UnitRef,
    /// Name of the chair, as planned.
    pub chair: Option<String>,
    /// Name of the secretary, as planned.
    pub secretary: Option<String>,
    /// How its content is classified.
    pub secrecy: Secrecy,
    /// Whether recording starts with it.
    pub auto_record: bool,
    /// For how many days recordings are kept; for ever when absent.
    pub keep_days: Option<u32>,
    /// Whether guests may see its recordings.
    pub guests_may_replay: bool,
    /// The caller's role in it; none when the caller may look but not join.
    #[schema(value_type = Option<String>)]
    pub my_role: Option<SessionRole>,
    /// What the caller may do with it.
    pub may: Vec<SessionAct>,
    /// Points invited.
    pub invited: Vec<PointRef>,
    /// Who is in the room now.
    pub present: u32,
    /// Whether a recording exists; told to those who may see how it does.
    pub has_recording: bool,
    /// The class it belongs to.
    pub class_code: Option<String>,
}

/// `POST /sessions`.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct NewSession {
    /// 1 to 200 characters.
    pub title: String,
    /// What it is.
    #[schema(value_type = String)]
    pub kind: SessionKind,
    /// Begin.
    #[schema(value_type = i64)]
    pub starts_at_us: UtcMicros,
    /// End, after the begin, at most 24 h later.
    #[schema(value_type = i64)]
    pub ends_at_us: UtcMicros,
    /// Codes of the invited points, in seat order.
    pub bridge_points: Vec<String>,
    /// The convening unit's code; the caller's own unit when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub convening_unit: Option<String>,
    /// Login of the chair; the caller when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chair: Option<String>,
    /// Login of the secretary, if one is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secretary: Option<String>,
    /// `normal` or `internal`; `secret` is refused by design (OC12).
    pub secrecy: Secrecy,
    /// Whether recording starts with the session.
    #[serde(default)]
    pub auto_record: bool,
    /// Whether guests may see its recordings, for some days after its end; never those of an internal session.
    #[serde(default)]
    pub guests_may_replay: bool,
    /// The class this session belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_code: Option<String>,
}

/// How a session's content is classified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Secrecy {
    /// Thường.
    Normal,
    /// Nội bộ: sign-in needed, no guests.
    Internal,
    /// Mật: refused.
    Secret,
}

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

/// How media reach one participant of a live room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct MediaAccount {
    /// Who.
    #[schema(value_type = String)]
    pub participant: ParticipantId,
    /// The name on the plate.
    pub name: String,
    /// The seat number, if seated.
    pub seat: Option<u32>,
    /// The link as last measured, at most 10 s ago.
    #[schema(value_type = Option<Object>)]
    pub link: Option<LinkReport>,
    /// What the media engine gives and why; none when the participant has no media transport.
    pub explanation: Option<Explanation>,
}

/// A training class with its sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct TrainingClass {
    /// Code.
    pub code: String,
    /// Title.
    pub title: String,
    /// Who gives it.
    pub unit: UnitRef,
    /// School year or year.
    pub year: i32,
    /// Modules in order.
    pub modules: Vec<ClassModule>,
    /// Sessions, oldest first.
    pub sessions: Vec<Session>,
    /// How many are enrolled.
    pub enrolled: u32,
}

/// A part of a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct ClassModule {
    /// Title.
    pub title: String,
    /// Planned hours.
    pub hours: f32,
    /// `live` or `self_study`.
    pub mode: ModuleMode,
}

/// How a module is taught.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ModuleMode {
    /// Buổi học trực tuyến.
    Live,
    /// Tự học.
    SelfStudy,
}

/// A recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Recording {
    /// Its id.
    pub id: String,
    /// Of which session.
    pub session: String,
    /// The session's title.
    pub title: String,
    /// Where it stands.
    pub state: RecordingStage,
    /// When it began.
    #[schema(value_type = i64)]
    pub started_at_us: UtcMicros,
    /// How long it is, once known.
    pub duration_us: Option<i64>,
    /// Of the MP4, once made.
    pub bytes: Option<i64>,
    /// 0 to 100 while the MP4 is made.
    pub progress_percent: u8,
    /// Why it failed; why it is not there yet, when it is tried again.
    pub failure: Option<RecordingFailure>,
    /// Until when it is kept.
    #[schema(value_type = Option<i64>)]
    pub keep_until_us: Option<UtcMicros>,
    /// Where the MP4 is (HTTP Range), once made and if the caller may see it.
    pub media_url: Option<String>,
    /// Whether the caller may see what it shows; others see how it does, and no more.
    pub may_view: bool,
    /// Whether the caller may have the MP4 made again after it failed.
    pub may_compose: bool,
}

/// Why there is no recording, or no MP4 of it. The web client's catalogue says it in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum RecordingFailure {
    /// Nobody sent sound or picture.
    NoMedia,
    /// The raw tracks are not on disk.
    FilesMissing,
    /// The MP4 was there, and is not any more.
    FilmMissing,
    /// Nothing in the raw tracks can be decoded.
    Undecodable,
    /// ffmpeg is not there, or does not run.
    FfmpegMissing,
    /// ffmpeg gave up.
    FfmpegFailed,
    /// The settings of the composer make no sense.
    BadSettings,
    /// The disk is full.
    DiskFull,
    /// The disk cannot be read or written.
    DiskFailed,
    /// Whoever was at it was ended from outside.
    Interrupted,
    /// Anything else.
    Unknown,
}

impl RecordingFailure {
    /// Every one there is.
    pub const ALL: [Self; 11] = [
        Self::NoMedia,
        Self::FilesMissing,
        Self::FilmMissing,
        Self::Undecodable,
        Self::FfmpegMissing,
        Self::FfmpegFailed,
        Self::BadSettings,
        Self::DiskFull,
        Self::DiskFailed,
        Self::Interrupted,
        Self::Unknown,
    ];

    /// Its stable code, as in JSON and in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoMedia => "no_media",
            Self::FilesMissing => "files_missing",
            Self::FilmMissing => "film_missing",
            Self::Undecodable => "undecodable",
            Self::FfmpegMissing => "ffmpeg_missing",
            Self::FfmpegFailed => "ffmpeg_failed",
            Self::BadSettings => "bad_settings",
            Self::DiskFull => "disk_full",
            Self::DiskFailed => "disk_failed",
            Self::Interrupted => "interrupted",
            Self::Unknown => "unknown",
        }
    }

    /// The one with this code; [`Self::Unknown`] for any other text.
    #[must_use]
    pub fn of_code(code: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|failure| failure.code() == code)
            .unwrap_or(Self::Unknown)
    }

    /// What a failure of the disk is.
    #[must_use]
    pub fn of_disk(error: &std::io::Error) -> Self {
        use std::io::ErrorKind;

        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull,
            ErrorKind::NotFound => Self::FilesMissing,
            _ => Self::DiskFailed,
        }
    }

    /// Whether it stays as it is until somebody does something about it: to try again would be in vain.
    #[must_use]
    pub const fn is_lasting(self) -> bool {
        matches!(
            self,
            Self::NoMedia
                | Self::FilesMissing
                | Self::Undecodable
                | Self::FfmpegMissing
                | Self::BadSettings
        )
    }
}

/// Where a recording stands (RECORDING.md, 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum RecordingStage {
    /// Asked for.
    Starting,
    /// Running.
    Recording,
    /// Being closed.
    Finalising,
    /// Raw tracks are safe; the MP4 waits.
    Archived,
    /// The MP4 is being made.
    Composing,
    /// The MP4 is there.
    Ready,
    /// No MP4 could be made; raw tracks are safe.
    Failed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_of_a_failure_is_its_json_and_comes_back() {
        for failure in RecordingFailure::ALL {
            let json = serde_json::to_string(&failure).expect("a word");
            assert_eq!(json, format!("{:?}", failure.code()));
            assert_eq!(RecordingFailure::of_code(failure.code()), failure);
        }
        let old = "the composer ended with exit status: 1: cannot compose /var/lib";
        assert_eq!(RecordingFailure::of_code(old), RecordingFailure::Unknown);
    }
}
