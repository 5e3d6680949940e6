//! Sessions, those who are invited, joining links.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::org::{PointRef, UnitRef};
use crate::UtcMicros;
use crate::client::{Preset, SessionKind, SessionRole};

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
    /// Change it while it is not over.
    EditSession,
    /// Call it off, as long as it has not begun.
    CancelSession,
    /// See who did what to it.
    ViewHistory,
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
    /// How its room shares out rights when it opens.
    #[schema(value_type = String)]
    pub preset: Preset,
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
    /// Names of the secretaries, as planned.
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
    /// Why it was called off.
    pub cancel_reason: Option<String>,
    /// How much of it can still be changed, by those who may.
    pub changeable: Changeable,
    /// Its version: what a change of it names in `If-Match`.
    pub etag: String,
}

/// Somebody who is in charge of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Officer {
    /// In which part.
    pub part: OfficerPart,
    /// Id of the person.
    pub person: String,
    /// The name.
    pub name: String,
    /// What they are at their unit today.
    pub position: Option<String>,
}

/// A part in a session that somebody is named for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum OfficerPart {
    /// Chủ trì: one at most.
    Chair,
    /// Thư ký.
    Secretary,
    /// Báo cáo viên.
    Presenter,
    /// Kỹ thuật.
    Technician,
}

/// Somebody to be in charge of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct NewOfficer {
    /// In which part.
    pub part: OfficerPart,
    /// Id of the person.
    pub person: String,
}

/// Somebody who may be named for a part in a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Candidate {
    /// Id of the person.
    pub person: String,
    /// The name.
    pub name: String,
    /// What they are.
    pub position: String,
    /// At which unit.
    pub unit: UnitRef,
}

/// How much of a session can still be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Changeable {
    /// Everything: it has not begun.
    Wholly,
    /// It runs: its end may come later.
    End,
    /// Nothing: it is over.
    Nothing,
}

/// `PATCH /sessions/{code}`: what is to be another. A field that is absent stays as it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct SessionChange {
    /// 1 to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub kind: Option<SessionKind>,
    /// Begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub starts_at_us: Option<UtcMicros>,
    /// End. Of a session that runs it may only come later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub ends_at_us: Option<UtcMicros>,
    /// Codes of all the points that are to be invited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bridge_points: Option<Vec<String>>,
    /// All who are to be in charge, in the order in which they are named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub officers: Option<Vec<NewOfficer>>,
    /// Why the time is another, for those who are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// `POST /sessions/{code}/cancel`.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Cancellation {
    /// Why, for those who are told: 1 to 300 characters.
    pub reason: String,
}

/// Something done to a session, as the audit log has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct SessionDeed {
    /// Its number in the log.
    pub seq: i64,
    /// When.
    #[schema(value_type = i64)]
    pub at_us: UtcMicros,
    /// By whom: a name; none for the server itself and for whoever came by a link.
    pub by: Option<String>,
    /// What was done, for example `move_session`.
    pub action: String,
    /// What is another since.
    pub fields: Vec<FieldChange>,
}

/// One thing before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct FieldChange {
    /// Which, for example `starts_at_us`.
    pub field: String,
    /// As it was.
    pub before: Option<String>,
    /// As it is.
    pub after: Option<String>,
}

/// What somebody is told of a session to which they are invited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Notice {
    /// For saying that it was seen.
    pub id: String,
    /// What happened to the session.
    pub kind: NoticeKind,
    /// Code of the session.
    pub session: String,
    /// Its title.
    pub title: String,
    /// Planned begin before.
    #[schema(value_type = i64)]
    pub starts_before_us: UtcMicros,
    /// Planned end before.
    #[schema(value_type = i64)]
    pub ends_before_us: UtcMicros,
    /// Planned begin since.
    #[schema(value_type = i64)]
    pub starts_after_us: UtcMicros,
    /// Planned end since.
    #[schema(value_type = i64)]
    pub ends_after_us: UtcMicros,
    /// Why, in the words of whoever did it.
    pub reason: Option<String>,
    /// Who did it.
    pub by: Option<String>,
    /// When.
    #[schema(value_type = i64)]
    pub at_us: UtcMicros,
}

/// What happened to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum NoticeKind {
    /// It is at another time.
    Moved,
    /// It runs, and ends later.
    Extended,
    /// It was called off.
    Cancelled,
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
    /// How its room shares out rights when it opens; as sessions of its kind do when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub preset: Option<Preset>,
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
    /// Others in charge, by person, in the order in which they are named. One of them may be the chair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub officers: Option<Vec<NewOfficer>>,
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
