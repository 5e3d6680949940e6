//! What a department changes while the server runs: how sessions are, how long things are kept, what it aims at, what it is
//! called.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::client::SessionKind;
use crate::{Day, UtcMicros};

/// A setting that may be changed while the server runs.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SettingKey {
    /// How long before its planned begin a room may be entered, in minutes.
    EarlyMinutes,
    /// Participants who may speak, per new session.
    MaxInteractive,
    /// Receive-only viewers, per new session.
    MaxReceiveOnly,
    /// How long after the planned end of its session a link still works, in hours.
    LinkHoursAfterEnd,
    /// How long after the planned end a guest's link still shows the recordings, in days.
    GuestReplayDays,
    /// The kind that the page of a new session begins with.
    SessionKind,
    /// How long a session is that the page of a new one begins with, in minutes.
    SessionMinutes,
    /// Which kinds the page of a new session proposes to record.
    AutoRecord,
    /// How long a browser stays signed in, in hours.
    SignInHours,
    /// Measurements of links, in days.
    LinkSampleDays,
    /// Sign-ins that ended or ran out, in days.
    SignInDays,
    /// Recordings of meetings planned from now on, in days.
    MeetingRecordingDays,
    /// The same of briefings.
    BriefingRecordingDays,
    /// The same of conferences.
    ConferenceRecordingDays,
    /// The same of seminars.
    SeminarRecordingDays,
    /// The same of trainings.
    TrainingRecordingDays,
    /// The same of observed classes.
    ClassObservationRecordingDays,
    /// What the department is called on pages and papers.
    DepartmentName,
    /// The same where there is little room.
    DepartmentShortName,
    /// The share of meetings that are to be held online, in percent, by year.
    OnlineMeetingRate,
    /// The share of classes that are to be blended, in percent, by year.
    BlendedClassRate,
    /// The share of content that is to be taught online or blended, in percent, by year.
    BlendedContentRate,
    /// The share of teachers who are to have a certificate, in percent, by year.
    TeacherCoverage,
}

/// Where a setting stands on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SettingGroup {
    /// How rooms and links are.
    Sessions,
    /// What the page of a new session proposes.
    NewSessions,
    /// Signing in.
    SignIn,
    /// How long things are kept.
    Retention,
    /// What the department is called.
    Branding,
    /// What it aims at, by year.
    Targets,
}

/// What is counted by a setting that is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
#[expect(missing_docs, reason = "the names say all")]
pub enum SettingUnit {
    Minutes,
    Hours,
    Days,
    Places,
    Percent,
}

/// What values a setting takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum SettingShape {
    /// A whole number.
    Number {
        /// The least.
        least: u32,
        /// The most.
        most: u32,
        /// Of what.
        unit: SettingUnit,
    },
    /// One of these words.
    Choice {
        /// In the order in which they are offered.
        words: Vec<String>,
    },
    /// A text of one line.
    Text {
        /// How many characters at most.
        limit: u32,
    },
}

/// A value of a setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(untagged)]
#[ts(export)]
pub enum SettingValue {
    /// Of one that is a number.
    Number(#[ts(type = "number")] i64),
    /// Of one that is a word or a text.
    Text(String),
}

/// Who changed something last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct LastChange {
    /// When.
    #[schema(value_type = i64)]
    pub at_us: UtcMicros,
    /// Their name; absent when the server did it by itself.
    pub by: Option<String>,
}

/// A setting that may be changed while the server runs, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Setting {
    /// Which.
    pub key: SettingKey,
    /// Where it stands on the page.
    pub group: SettingGroup,
    /// What values it takes.
    pub shape: SettingShape,
    /// What holds at present; none for a text that nobody has set.
    pub value: Option<SettingValue>,
    /// What holds when the department says nothing.
    pub default: Option<SettingValue>,
    /// Whether the department says something.
    pub is_own: bool,
    /// Who changed it last; nobody has when absent.
    pub changed: Option<LastChange>,
}

/// What a department aims at in a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct TargetYear {
    /// The year.
    pub year: u32,
    /// The first day of its reports.
    #[ts(type = "string")]
    #[schema(value_type = String)]
    pub from: Day,
    /// The last day of its reports.
    #[ts(type = "string")]
    #[schema(value_type = String)]
    pub to: Day,
    /// Whether that day has passed: then a target that stands is not changed any more.
    pub is_over: bool,
    /// Each target, in the order of the page.
    pub targets: Vec<Target>,
}

/// One thing that a department aims at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Target {
    /// Which.
    pub key: SettingKey,
    /// In percent; none when nobody has set it.
    pub percent: Option<u32>,
    /// Who changed it last.
    pub changed: Option<LastChange>,
}

/// A setting that stands in a file of the server and is read when it starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct FixedSetting {
    /// The file, for example `signaling.toml`.
    pub file: String,
    /// The key in it, for example `database.connections`.
    pub key: String,
    /// What stands there, as it is written in the file; none when nothing does, or when it is a secret.
    pub value: Option<String>,
    /// Whether it is shown to nobody.
    pub is_secret: bool,
    /// Whether anything stands there.
    pub is_set: bool,
}

/// `GET /settings`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Settings {
    /// The version that a change names in `If-Match`.
    pub etag: String,
    /// Whether the caller may change them.
    pub may_change: bool,
    /// Those that may be changed, in the order of the page.
    pub settings: Vec<Setting>,
    /// The department's mark, if it has one of its own.
    pub emblem: Option<Emblem>,
    /// Targets, the earliest year first.
    pub years: Vec<TargetYear>,
    /// Those that stand in files.
    pub fixed: Vec<FixedSetting>,
}

/// A mark of the department's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Emblem {
    /// Where the picture is had.
    pub url: String,
    /// Who put it there.
    pub changed: Option<LastChange>,
}

/// `PUT /settings`: what is to be changed, all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct SettingsChange {
    /// Each setting once, or once a year.
    pub changes: Vec<SettingWrite>,
}

/// What a setting is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct SettingWrite {
    /// Which.
    pub key: SettingKey,
    /// The year of a target; no other setting has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<u32>,
    /// None is what it is when the department says nothing.
    pub value: Option<SettingValue>,
}

/// `GET /branding`: what the department is called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Branding {
    /// Its name: as it was set, else that of the unit at the root.
    pub name: Option<String>,
    /// A name for places with little room.
    pub short_name: Option<String>,
    /// Where its mark is had, if it has one of its own.
    pub emblem: Option<String>,
}

/// Which kinds of session are proposed to be recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum AutoRecord {
    /// None.
    Never,
    /// Conferences.
    #[default]
    Conferences,
    /// Conferences and trainings.
    ConferencesAndTrainings,
    /// All.
    Always,
}

/// `GET /session-defaults`: what the page of a new session begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct SessionDefaults {
    /// The kind.
    #[schema(value_type = String)]
    pub kind: SessionKind,
    /// How long it is, in minutes.
    pub minutes: u32,
    /// Which kinds are recorded unless somebody says otherwise.
    pub auto_record: AutoRecord,
}
