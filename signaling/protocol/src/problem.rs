//! The stable codes of failed requests.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why a request failed: the `code` of a [`crate::api::Problem`]. The web client has a sentence for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ProblemCode {
    /// Nobody is recognised: no cookie or token, or one that is unknown or over.
    NotSignedIn,
    /// The caller has no right to this.
    NotAllowed,
    /// No account has this login and password.
    WrongPassword,
    /// This is not the present password of whoever is signed in.
    WrongPresentPassword,
    /// The password may not be chosen; `reason` is a [`crate::api::PasswordFault`], `limit` how many characters.
    BadPassword,
    /// No such sign-in of one's own.
    UnknownSignIn,
    /// No account has this login and this one-time code, or the code was spent.
    WrongCode,
    /// The one-time code is over since `expires_at_us`.
    CodeExpired,
    /// There is no provider to sign in by.
    NoProvider,
    /// The provider does not answer.
    ProviderDown,
    /// What the provider says cannot be believed, or is not what the settings say.
    ProviderRefused,
    /// The provider let nobody in, or they turned back there.
    ProviderDeclined,
    /// Nobody left for the provider so, from this browser, in the last minutes; or they came back before.
    DepartureUnknown,
    /// No account is linked with this identity of the provider.
    IdentityUnknown,
    /// Another account is linked with this identity of the provider.
    IdentityTaken,
    /// The account is linked with another identity of the provider.
    AlreadyLinked,
    /// A role demands a second factor; it is set up before anything else.
    SecondFactorOwed,
    /// The second step took too long, or the password was changed meanwhile: the first one is repeated.
    SecondStepOver,
    /// This is neither the code of this moment nor a recovery code that is left.
    WrongSecondCode,
    /// This code was used, or a later one.
    SecondCodeUsed,
    /// The code is one of another time: the phone's clock is about `minutes` off; `reason` is `ahead` or `behind`.
    PhoneClockOff,
    /// No secret waits for its first code, or it waited too long.
    NoNewSecret,
    /// There is no second factor.
    SecondFactorOff,
    /// A role demands the second factor, so it stays on.
    SecondFactorDemanded,
    /// The server cannot read the secret of the second factor; a recovery code works.
    SecondFactorUnreadable,
    /// `name` has a password, which only a reset takes away.
    HasPassword,
    /// There is no mail here: codes are printed.
    MailOff,
    /// Nobody knows an address of `name`.
    NoAddress,
    /// This is not the code that the server printed last.
    WrongFirstCode,
    /// There is an account already.
    NotFirst,
    /// The unit's name cannot be taken; `reason` is a [`crate::text::TextFault`], `limit` how many characters it may have.
    BadUnitName,
    /// A press gives at most `limit` codes.
    TooManyPeople,
    /// The department would be left without an administrator.
    LastAdministrator,
    /// A role of whoever gives it does not hold role, unit and days of the one that is given.
    BeyondOwnRole,
    /// They hold this role there on some of these days.
    RoleHeld,
    /// A role begins today or later and ends after that.
    BadDays,
    /// No such role of the account.
    UnknownRole,
    /// The account is disabled.
    AccountDisabled,
    /// Too many attempts; `seconds` says how long to wait.
    RateLimited,
    /// The token was revoked.
    TokenRevoked,
    /// The token is over.
    TokenExpired,
    /// The key of the interface is unknown, over or taken back; its page tells its owner which.
    KeyNotValid,
    /// A key of the interface stands in an address, which servers and proxies write down.
    KeyInAddress,
    /// The key of the interface has no scope for this; `scope` is the one that it would need, if there is one.
    KeyScopeMissing,
    /// A key has at least one scope, and each once.
    BadScopes,
    /// Whoever makes a key may not use `scope` over this unit themselves.
    ScopeNotYours,
    /// The last day of a key is today or later, and at most `days` from today.
    BadExpiry,
    /// No such key.
    UnknownKey,
    /// An `Idempotency-Key` has 1 to `limit` printable characters.
    BadIdempotencyKey,
    /// The same `Idempotency-Key` came with another request.
    IdempotencyKeyReused,
    /// A request with the same `Idempotency-Key` is being answered.
    IdempotencyInProgress,
    /// What was asked under this `Idempotency-Key` was done, and its answer was lost: look it up.
    IdempotencyAnswerLost,
    /// The answer holds a secret that is told once and kept nowhere: ask without `Idempotency-Key`.
    IdempotencyNotHere,
    /// Nobody made this link.
    LinkInvalid,
    /// The link is over.
    LinkExpired,
    /// The link was taken back.
    LinkRevoked,
    /// The link is for a guest, who must say a name.
    NameRequired,
    /// The name cannot be taken; `reason` is a [`crate::text::TextFault`], `limit` how many characters it may have.
    BadName,
    /// The room opens at `opens_at_us`.
    TooEarly,
    /// The session has as many participants as it may, `limit`.
    SessionFull,
    /// The token or account has as many players as it may, `limit`.
    TooManyPlayers,
    /// The media engine has as many peers as it takes.
    NodeFull,
    /// The media engine's last places are kept for those who take part.
    NodeReserved,
    /// The session was ended before.
    SessionEnded,
    /// The session's room is closed for good.
    SessionOver,
    /// No such session, or not for the caller.
    UnknownSession,
    /// No such class.
    UnknownClass,
    /// No such recording.
    UnknownRecording,
    /// No such bridge point.
    UnknownPoint,
    /// Nobody of this id is in the room, or the point is in none.
    UnknownParticipant,
    /// No such unit.
    UnknownUnit,
    /// No such person, or not for the caller.
    UnknownPerson,
    /// What makes this person known was deleted, `at_us`.
    PersonErased,
    /// What was typed to confirm is not what was asked for.
    NotConfirmed,
    /// This person's data were not deleted.
    NotErased,
    /// The person has no such appointment.
    UnknownAppointment,
    /// The external code of a person cannot be taken; `reason` is a [`crate::text::TextFault`], `limit` how many characters
    /// it may have.
    BadPersonCode,
    /// Somebody has the external `code` already.
    PersonCodeTaken,
    /// Somebody of this `name` is at this `unit` already: `id`, `code`.
    Namesake,
    /// The form of address cannot be taken; `reason` and `limit` as above.
    BadFormOfAddress,
    /// Not an e-mail address, for example `hoai@so.example.vn`.
    BadEmail,
    /// The position cannot be taken; `reason` and `limit` as above.
    BadPosition,
    /// The subject cannot be taken; `reason` and `limit` as above.
    BadSubject,
    /// A day is none of the calendar, or lies too far away.
    BadDay,
    /// No such import, or not of the caller.
    UnknownImport,
    /// The file cannot be read; `reason` is `no_table`, `old_workbook`, `damaged` or `too_much`.
    UnreadableFile,
    /// No row of the file names the columns of people.
    NoHeader,
    /// Nobody stands below the header.
    NoRows,
    /// The columns that were said are not those of the file, or one is named twice.
    BadColumns,
    /// The import is not in a state in which this can be done.
    ImportNotReady,
    /// An appointment ends before it begins.
    EndsBeforeItBegins,
    /// The appointment has ended before.
    AppointmentEnded,
    /// No such decision on units.
    UnknownChange,
    /// The number of the document cannot be taken; `reason` is a [`crate::text::TextFault`], `limit` how many characters it
    /// may have.
    BadDocument,
    /// A decision has between one and `limit` steps.
    BadSteps,
    /// The `field` (code, name, kind) of `unit` cannot be taken; `reason` and `limit` say why.
    BadUnit,
    /// The decision changes nothing.
    NothingChanges,
    /// A merger or a split needs another unit besides `unit`, each named once.
    UnitAlone,
    /// The code `unit` is used, or was once.
    UnitCodeTaken,
    /// The tree has one root: `unit` would be another, or is it.
    UnitRoot,
    /// The unit `unit` would stand below itself.
    UnitCycle,
    /// `count` units, `child` among them, stand below `unit`, and the decision does not say where they go.
    UnitsLeft,
    /// Another decision concerns `unit` on `day`.
    LaterChange,
    /// The unit `unit` has something (`reason` is a [`crate::api::MovedKind`]), and the decision does not say who takes over.
    UnitInUse,
    /// A role of `name` would reach further than the caller may give it.
    RoleBeyond,
    /// Something later builds on what the decision wrote.
    ChangeBuiltUpon,
    /// A bridge point or room cannot be like this: `reason` is the field or a [`crate::text::TextFault`], `limit` the most.
    BadPoint,
    /// Another bridge point has the `code`.
    PointCodeTaken,
    /// Another bridge point has the `number`.
    PointNumberTaken,
    /// Another room has the code `room`.
    RoomCodeTaken,
    /// The bridge point `point` is the main one.
    MainPointTaken,
    /// The units of the bridge point change on `day` already.
    PointChangesLater,
    /// `count` sessions that run or are to come invite the bridge point, `title` first.
    PointInUse,
    /// No line of the file names the columns that are needed.
    FileWithoutHeader,
    /// The file has more than `limit` rows.
    FileTooLong,
    /// `count` rows of the file are refused, the first in line `line`; nothing of it was written.
    FileRefused,
    /// The login has characters that no login has.
    BadLogin,
    /// Another account has the `login`.
    LoginTaken,
    /// No account has this login.
    UnknownAccount,
    /// No such link.
    UnknownLink,
    /// No such WHIP or WHEP resource.
    UnknownResource,
    /// No such address under `/api`.
    NoSuchRoute,
    /// No such file.
    NoSuchFile,
    /// The address is there, and does not take this method.
    MethodNotAllowed,
    /// The server has certificates of somebody else's authority.
    NoOwnAuthority,
    /// The film of the recording is not made yet.
    NoFilmYet,
    /// The MP4 was made, and its file is gone or cut short.
    FilmGone,
    /// The recording still runs, or its film is being made, or is there.
    NotComposable,
    /// The film is shorter than the range that was asked for.
    BadRange,
    /// The title cannot be taken; `reason` is a [`crate::text::TextFault`], `limit` how many characters it may have.
    BadTitle,
    /// The reason cannot be taken; `reason` is a [`crate::text::TextFault`], `limit` how many characters it may have.
    BadReason,
    /// The session runs: of what was asked for, only a later end can be had.
    SessionRuns,
    /// Who is to be in charge cannot be so: `reason` is `two_chairs`, `twice` or `too_many`.
    BadOfficers,
    /// The person `name` works at none of the units that the caller may name people of.
    PersonNotYours,
    /// No such notice, or somebody else's.
    UnknownNotice,
    /// A text in the body has half a character (a surrogate without its pair).
    UnreadableText,
    /// A session ends after it begins, at most 24 hours later.
    BadTime,
    /// Sessions with secret content are refused by design.
    SecretRefused,
    /// A session invites at least one bridge point.
    NoPoints,
    /// A session invites at most `limit` bridge points.
    TooManyPoints,
    /// The bridge point `point` is named twice.
    DuplicatePoint,
    /// The bridge point `point` lies outside the caller's units.
    PointNotYours,
    /// The session does not invite the bridge point `point`.
    PointNotInvited,
    /// The bridge point or its room is taken by another session.
    BookingConflict,
    /// The settings name no folder for backups.
    NoBackupFolder,
    /// A backup is being made already.
    BackupUnderWay,
    /// The setting `key` does not take this value: `reason` is `number` (between `least` and `most`), `word` (one of `words`) or
    /// a [`crate::text::TextFault`] with its `limit`.
    BadSetting,
    /// A target is of a `year` between `first` and `last`, and no other setting has one.
    BadYear,
    /// The target `key` of `year` stands, and the year is over.
    YearOver,
    /// The picture cannot be the department's mark; `reason` is `no_png`, `damaged`, `too_small`, `too_large` or `too_narrow`.
    BadEmblem,
    /// Two of the same kind were made at the same moment.
    TryAgain,
    /// Role, point and person of a link do not go together.
    BadLink,
    /// An internal session takes no guests.
    GuestsNotAllowed,
    /// The SDP cannot be read; `detail` says what is wrong.
    BadSdp,
    /// A fingerprint of the certificate is none; `detail` says what is wrong.
    BadFingerprint,
    /// The certificate is named by a hash that proves nothing; `detail` says which.
    WeakFingerprint,
    /// The offered media cannot be accepted; `detail` says what.
    BadOffer,
    /// `If-Match` is missing.
    IfMatchRequired,
    /// The ICE session was restarted since.
    EtagChanged,
    /// What is to be changed was changed by somebody else; `etag` is the version that stands.
    ChangedMeanwhile,
    /// The body is not of the type that is taken here.
    WrongContentType,
    /// The body must be JSON.
    NotJson,
    /// The body is not what it should be; `detail` says where.
    MalformedBody,
    /// A parameter is not what it should be; `detail` says which.
    MalformedQuery,
    /// The address is not UTF-8.
    MalformedPath,
    /// The body is too long.
    TooLarge,
    /// The body did not come in time.
    BodyTooSlow,
    /// The request comes from somebody else's page.
    ForeignOrigin,
    /// The media engine does not answer.
    MediaUnavailable,
    /// The database cannot be used at the moment; `trouble` says why: `disk_full`, `read_only`, `database_away`, `other`.
    DatabaseUnavailable,
    /// The server did not answer in time.
    Unavailable,
    /// The server failed.
    Internal,
}

impl fmt::Display for ProblemCode {
    /// As on the wire.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_said_as_it_is_sent() {
        assert_eq!(ProblemCode::SessionFull.to_string(), "session_full");
        assert_eq!(
            serde_json::to_value(ProblemCode::SessionFull).expect("a word"),
            "session_full"
        );
    }
}
