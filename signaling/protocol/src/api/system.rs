//! The installation itself: who did what in it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;
use utoipa::ToSchema;

use crate::UtcMicros;

/// A line of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct AuditLine {
    /// Its number: 1, 2, 3 and so on without a gap.
    #[ts(type = "number")]
    pub seq: i64,
    /// When.
    #[schema(value_type = i64)]
    pub at_us: UtcMicros,
    /// Who.
    pub actor: AuditParty,
    /// What, as the log calls it: an [`AuditAction`] has the words.
    pub action: String,
    /// To what.
    pub thing: AuditThing,
    /// How it was before.
    #[ts(type = "unknown")]
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    /// How it is after.
    #[ts(type = "unknown")]
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
    /// The hash of the line before, in hexadecimal digits.
    pub previous_hash: String,
    /// The hash over that and this line.
    pub hash: String,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct AuditParty {
    /// As the log has it, for example `account:<id>`.
    pub word: String,
    /// `account`, `token`, `point`, `system`; a newer server may know more.
    pub kind: String,
    /// The name of the person, or the one on the link.
    pub name: Option<String>,
    /// The login of an account.
    pub login: Option<String>,
}

/// What something was done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct AuditThing {
    /// As the log has it, for example `session:GB-1107`.
    pub word: String,
    /// `session`, `account`, `recording` and others.
    pub kind: String,
    /// Its code or login, or that of the session it belongs to.
    pub code: Option<String>,
    /// Its name or title today.
    pub name: Option<String>,
    /// Whom in the room of a session.
    pub participant: Option<String>,
}

/// What an action of the audit log is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct AuditAction {
    /// As the log has it.
    pub name: String,
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

/// How the chain of the audit log was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct AuditChain {
    /// When it was checked.
    #[schema(value_type = i64)]
    pub checked_at_us: UtcMicros,
    /// How many lines there are.
    #[ts(type = "number")]
    pub lines: u64,
    /// The line that was written down outside the database; none when that is lost, and then the newest lines have no witness.
    #[ts(type = "number | null")]
    pub head: Option<i64>,
    /// What is wrong; at most a hundred.
    pub faults: Vec<AuditFault>,
}

/// Something wrong with the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum AuditFault {
    /// These lines are not there.
    Missing {
        /// The first.
        #[ts(type = "number")]
        from: i64,
        /// The last.
        #[ts(type = "number")]
        to: i64,
    },
    /// This line is not as it was written.
    Changed {
        /// Its number.
        #[ts(type = "number")]
        seq: i64,
    },
    /// The lines up to this one are not those that were written, though each follows from the one before.
    Rewritten {
        /// Its number.
        #[ts(type = "number")]
        seq: i64,
    },
}

/// `GET /backups`: copies of everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Backups {
    /// Where they lie; none are made when the settings do not say.
    pub folder: Option<String>,
    /// When the next is made.
    #[schema(value_type = Option<i64>)]
    pub next_at_us: Option<UtcMicros>,
    /// How many good ones are kept.
    pub keep: u32,
    /// How far the one is that is being made, in percent.
    pub percent: Option<u8>,
    /// The newest that was found good.
    pub last_good: Option<BackupRun>,
    /// The last runs, the newest first.
    pub runs: Vec<BackupRun>,
}

/// How one run of the copying came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct BackupRun {
    /// When it began: what was done later is not in it.
    #[schema(value_type = i64)]
    pub begun_at_us: UtcMicros,
    /// When it ended.
    #[schema(value_type = i64)]
    pub ended_at_us: UtcMicros,
    /// The folder of the copy, or the one in which there was to be one.
    pub place: String,
    /// How large the copy is.
    #[ts(type = "number | null")]
    pub bytes: Option<u64>,
    /// How much of it was not in the copy before.
    #[ts(type = "number | null")]
    pub new_bytes: Option<u64>,
    /// How many files it has.
    #[ts(type = "number | null")]
    pub files: Option<u64>,
    /// Why there is none, for the technician; absent when it was opened again and found good.
    pub failure: Option<String>,
    /// The same in words; absent also where an earlier release noted the run.
    #[serde(default)]
    pub trouble: Option<BackupTrouble>,
}

/// Why a copy came to nothing, as far as people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum BackupTrouble {
    /// The disk of the copies is full.
    DiskFull,
    /// The place of the copies may not be written to.
    ReadOnly,
    /// There is no such place, or it is no folder.
    NoFolder,
    /// Something else: the server's log and `doctor` say what.
    Other,
}
