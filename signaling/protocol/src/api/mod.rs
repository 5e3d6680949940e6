//! Bodies of the REST interface under `/api/v1`, a file a domain. Lists are `{ "items": [...], "next": cursor | null }`.

mod access;
mod accounts;
mod erasure;
mod guide;
mod keys;
mod monitor;
mod oidc;
mod org;
mod people;
mod people_import;
mod points;
mod recording;
mod schedule;
mod second_factor;
mod settings;
mod system;
mod training;
mod unit_changes;
mod units;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

pub use access::{
    AccountRole, ChangePassword, CodeSignIn, GrantedRole, HeldRole, Me, MediaExplanation,
    OfficeAct, OwnAccount, OwnSignIn, PasswordFault, SignInRequest, Workplace,
};
pub use accounts::{
    AccountAct, AccountCounts, AccountDetail, AccountPage, AccountPlace, AccountState,
    AdministeredUnit, Administration, FirstAdministrator, FirstDay, GiveCodes, InvitationLetter,
    LetterFailure, LetterState, NewRole, PersonAccount, RoleSpan, SendInvitations, Slip,
};
pub use erasure::{
    ErasePerson, ErasedRows, Erasure, ErasurePreview, ErasureReport, KeptRecording, KeptRows,
    KeptWhat,
};
pub use guide::{Guide, GuideChange, GuideStanding, GuideStep};
pub use keys::{ApiKey, ApiKeyAct, ApiKeyState, ApiScope, MadeApiKey, NewApiKey};
pub use monitor::{
    LinkSample, PointHistory, PointSpan, PointState, PointStatus, PointStep, SpanState,
};
pub use oidc::{
    ExternalIdentities, ExternalIdentity, OwnPassword, ProviderAddress, ProviderArrival,
    ProviderDeparture, ProviderReturn, SignInProvider,
};
pub use org::{PointRef, UnitRef};
pub use people::{
    Appointment, AppointmentAct, AppointmentEnd, NewAppointment, NewPerson, Person, PersonAct,
    PersonNames, PersonSummary, PositionAt,
};
pub use people_import::{
    FileColumn, ImportAct, ImportColumn, ImportColumns, ImportRow, ImportState, LostZeros,
    PeopleImport, RowChange, RowFault, RowFaultCode, RowVerdict, ShortCodes,
};
pub use points::{
    Equipment, PointAct, PointClosing, PointRoom, PointSpec, PointUnit, RegisteredPoint,
};
pub use recording::{Recording, RecordingFailure, RecordingStage};
pub use schedule::{
    Attendee, Cancellation, Candidate, Changeable, FieldChange, Link, LinkExchangeRequest,
    LinkPreview, LinkPreviewRequest, LinkPurpose, LinkRequest, LinkSummary, NewOfficer, NewSession,
    Notice, NoticeKind, Officer, OfficerPart, Secrecy, Session, SessionAct, SessionChange,
    SessionDeed, SessionState,
};
pub use second_factor::{
    EndSecondFactor, NewSecondFactor, RecoveryCodes, SecondFactor, SecondFactorCode,
    SecondFactorSecret, SecondStep, SecondStepCode, SecondStepDone,
};
pub use settings::{
    AutoRecord, Branding, Emblem, FixedSetting, LastChange, SessionDefaults, Setting, SettingGroup,
    SettingKey, SettingShape, SettingUnit, SettingValue, SettingWrite, Settings, SettingsChange,
    Target, TargetYear,
};
pub use system::{
    AuditAction, AuditChain, AuditFault, AuditLine, AuditParty, AuditThing, BackupRun,
    BackupTrouble, Backups,
};
pub use training::{ClassModule, ModuleMode, TrainingClass};
pub use unit_changes::{
    MovedKind, MovedThings, NewUnitChange, UnitChange, UnitChangeAct, UnitChangeEffect,
    UnitChangeState, UnitFile, UnitFileFault, UnitFileOutcome, UnitFileReading, UnitFileRow,
    UnitShift, UnitSpec, UnitStanding, UnitStep,
};
pub use units::{
    SuccessionKind, TreeDay, UnitAct, UnitDetail, UnitPoint, UnitRow, UnitSuccession, UnitTree,
    UnitVersion,
};

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
