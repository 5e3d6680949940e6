//! Sessions, and who is invited.

use office_core::session::Session;
use protocol::api::{OfficerPart, PointRef, Secrecy};
use protocol::client::{Preset, Seat, SessionKind};
use protocol::text;
use protocol::{
    AccountId, ClassId, Day, PersonId, PointId, SessionCode, SessionId, UnitId, UtcMicros,
};
use sqlx::FromRow;

use super::listing::{Beside, Filter, OfClass};
use crate::access::Reader;
use crate::org::points::{PointKind, PointState};
use crate::platform::database::{Conn, StoreError, StoreResult, Tx, Word, new_id, sql};
use crate::platform::text::fold;
use crate::schedule::{bookings, officers};

#[derive(FromRow)]
pub(super) struct Row {
    id: SessionId,
    code: SessionCode,
    title: String,
    kind: Word<SessionKind>,
    preset: Word<Preset>,
    secrecy: Word<Secrecy>,
    convening_unit_id: UnitId,
    class_id: Option<ClassId>,
    starts_at_us: UtcMicros,
    ends_at_us: UtcMicros,
    opened_at_us: Option<UtcMicros>,
    ended_at_us: Option<UtcMicros>,
    cancelled_at_us: Option<UtcMicros>,
    lapsed_at_us: Option<UtcMicros>,
    auto_record: bool,
    keep_days: Option<i64>,
    guests_may_replay: bool,
    max_interactive: i64,
    max_receive_only: i64,
    version: i64,
}

impl Row {
    pub(super) fn parse(self) -> StoreResult<Session> {
        let count = |what: &str, value: i64| {
            let corrupt = |_| StoreError::Corrupt(format!("{what} of {value}"));
            u32::try_from(value).map_err(corrupt)
        };
        let keep_days = self.keep_days.map(|days| count("a number of days", days));
        Ok(Session {
            id: self.id,
            code: self.code,
            title: self.title,
            kind: self.kind.0,
            preset: self.preset.0,
            secrecy: self.secrecy.0,
            convening_unit: self.convening_unit_id,
            class: self.class_id,
            starts_at: self.starts_at_us,
            ends_at: self.ends_at_us,
            opened_at: self.opened_at_us,
            ended_at: self.ended_at_us,
            cancelled_at: self.cancelled_at_us,
            lapsed_at: self.lapsed_at_us,
            auto_record: self.auto_record,
            keep_days: keep_days.transpose()?,
            guests_may_replay: self.guests_may_replay,
            max_interactive: count("a cap", self.max_interactive)?,
            max_receive_only: count("a cap", self.max_receive_only)?,
            version: self.version,
        })
    }
}

/// The columns of [`Row`] for a session `s`.
macro_rules! session_columns {
    () => {
        "s.id, s.code, s.title, s.kind, s.preset, s.secrecy, s.convening_unit_id, s.class_id, s.starts_at_us, s.ends_at_us, s.opened_at_us, s.ended_at_us,
             s.cancelled_at_us, s.lapsed_at_us, s.auto_record, s.keep_days, s.guests_may_replay, s.max_interactive,
             s.max_receive_only, s.version"
    };
}

/// Sessions `s` by their columns.
macro_rules! select_session {
    ($rest:literal) => {
        concat!("SELECT ", session_columns!(), " FROM session s ", $rest)
    };
}

/// A session by its code.
///
/// # Errors
/// When the database fails.
pub async fn by_code(conn: &mut Conn, code: &str) -> StoreResult<Option<Session>> {
    let Some(code) = text::key(code) else {
        return Ok(None);
    };
    sql!(optional Row, conn, select_session!("WHERE s.code = $1"), &code)?
        .map(Row::parse)
        .transpose()
}

/// A session by its id.
///
/// # Errors
/// When the database fails.
pub async fn by_id(conn: &mut Conn, id: SessionId) -> StoreResult<Option<Session>> {
    sql!(optional Row, conn, select_session!("WHERE s.id = $1"), id)?
        .map(Row::parse)
        .transpose()
}

/// A session of a list, and what ties somebody to it.
#[derive(FromRow)]
pub(super) struct ListedRow {
    #[sqlx(flatten)]
    pub(super) session: Row,
    #[sqlx(flatten)]
    pub(super) beside: BesideRow,
    pub(super) chairs: bool,
    pub(super) keeps_minutes: bool,
    pub(super) presents: bool,
    pub(super) supports: bool,
    pub(super) at_point: bool,
    pub(super) enrolled: bool,
    pub(super) teaches: bool,
    pub(super) named: bool,
    pub(super) of_unit: bool,
}

/// What stands beside a session.
#[derive(FromRow)]
pub(super) struct BesideRow {
    chair_name: Option<String>,
    secretary_name: Option<String>,
    class_code: Option<String>,
    has_recording: bool,
    cancel_reason: Option<String>,
    /// One point after another, each as code, number and name: see [`BETWEEN_FIELDS`].
    invited: Option<String>,
}

/// What stands between the fields of a point, and between the points, in [`BesideRow::invited`]: control characters, which
/// no name has.
const BETWEEN_FIELDS: &str = "\u{1f}";
const BETWEEN_POINTS: &str = "\u{1e}";

impl BesideRow {
    pub(super) fn parse(self) -> StoreResult<Beside> {
        let invited = self.invited.as_deref();
        let points = invited
            .into_iter()
            .flat_map(|all| all.split(BETWEEN_POINTS));
        Ok(Beside {
            invited: points.map(point_of).collect::<StoreResult<_>>()?,
            chair: self.chair_name,
            secretary: self.secretary_name,
            class_code: self.class_code,
            has_recording: self.has_recording,
            cancel_reason: self.cancel_reason,
        })
    }
}

/// A point by its fields.
fn point_of(fields: &str) -> StoreResult<PointRef> {
    let parts: Vec<&str> = fields.split(BETWEEN_FIELDS).collect();
    if let [code, number, name] = parts[..]
        && let Ok(number) = number.parse()
    {
        return Ok(PointRef::new(code.to_owned(), name.to_owned(), number));
    }
    Err(StoreError::Corrupt(format!("an invited point {fields:?}")))
}

/// The columns of [`BesideRow`] for a session `s`. `$1` and `$2` are [`BETWEEN_FIELDS`] and [`BETWEEN_POINTS`].
macro_rules! beside_columns {
    () => {
        "(SELECT p.full_name FROM session_officer o JOIN person p ON p.id = o.person_id
          WHERE o.session_id = s.id AND o.part = 'chair') AS chair_name,
         (SELECT string_agg(p.full_name, ', ' ORDER BY o.position, p.id)
          FROM session_officer o JOIN person p ON p.id = o.person_id
          WHERE o.session_id = s.id AND o.part = 'secretary') AS secretary_name,
         (SELECT c.code FROM training_class c WHERE c.id = s.class_id) AS class_code,
         EXISTS (SELECT 1 FROM recording r WHERE r.session_id = s.id AND r.state NOT IN ('expired', 'deleted'))
             AS has_recording,
         s.cancel_reason,
         (SELECT string_agg(p.code || $1 || CAST(i.seat_number AS TEXT) || $1 || p.name, $2 ORDER BY i.seat_number)
          FROM invitation i JOIN bridge_point p ON p.id = i.point_id
          WHERE i.session_id = s.id AND i.seat_number IS NOT NULL) AS invited"
    };
}

/// What stands beside a session.
///
/// # Errors
/// When the database fails.
pub(super) async fn beside(conn: &mut Conn, session: SessionId) -> StoreResult<Beside> {
    let row = sql!(
        one BesideRow, conn,
        concat!("SELECT ", beside_columns!(), " FROM session s WHERE s.id = $3"),
        BETWEEN_FIELDS, BETWEEN_POINTS, session
    )?;
    row.parse()
}

/// The sessions that somebody with an account, or a key, may see on `day` and that `filter` takes, by begin.
///
/// Visibility is the rule of [`office_core::rights::ViewSession`] in SQL; a test compares the two. The sets that it rests on
/// come first. They depend on no session, so each is made at most once, and only when the cheaper conditions leave a session
/// out.
///
/// # Errors
/// When the database fails.
pub(super) async fn visible_to(
    conn: &mut Conn,
    reader: &Reader,
    day: &Day,
    filter: &Filter,
) -> StoreResult<Vec<ListedRow>> {
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    let class = match filter.class {
        OfClass::This(class) => Some(class),
        OfClass::Any | OfClass::OrNot => None,
    };
    sql!(
        all ListedRow, conn,
        concat!(
            "WITH RECURSIVE
             -- The units over which they hold an office of some kind.
             staffed (unit_id) AS (
                 SELECT unit_id FROM role_grant
                 WHERE account_id = $3 AND role IN ('department_admin', 'unit_admin', 'it_staff', 'trainer')
                   AND valid_from <= $5 AND (valid_to IS NULL OR valid_to >= $5)
                 UNION SELECT id FROM org_unit WHERE id = $15 -- What a key reaches.
                 UNION
                 SELECT v.unit_id FROM org_unit_version v JOIN staffed ON v.parent_id = staffed.unit_id
                 WHERE v.valid_from <= $5 AND (v.valid_to IS NULL OR v.valid_to >= $5)
             ),
             -- The units whose points they watch.
             watched (unit_id) AS (
                 SELECT unit_id FROM role_grant
                 WHERE account_id = $3 AND role IN ('department_admin', 'unit_admin', 'it_staff')
                   AND valid_from <= $5 AND (valid_to IS NULL OR valid_to >= $5)
                 UNION SELECT id FROM org_unit WHERE id = $15
                 UNION
                 SELECT v.unit_id FROM org_unit_version v JOIN watched ON v.parent_id = watched.unit_id
                 WHERE v.valid_from <= $5 AND (v.valid_to IS NULL OR v.valid_to >= $5)
             ),
             works_at (unit_id) AS (
                 SELECT unit_id FROM appointment
                 WHERE person_id = $4 AND valid_from <= $5 AND (valid_to IS NULL OR valid_to >= $5)
             ),
             -- The points where they work, and the sessions to which one of those is invited.
             works_in (point_id) AS (
                 SELECT p.id FROM works_at w
                 JOIN bridge_point_unit u ON u.unit_id = w.unit_id
                      AND u.valid_from <= $5 AND (u.valid_to IS NULL OR u.valid_to >= $5)
                 JOIN bridge_point p ON p.id = u.point_id AND p.state = 'active'
             ),
             at_point (session_id) AS (
                 SELECT i.session_id FROM works_in w
                 JOIN invitation i ON i.point_id = w.point_id AND i.seat_number IS NOT NULL
             ),
             of_unit (session_id) AS (
                 SELECT i.session_id FROM works_at w JOIN invitation i ON i.unit_id = w.unit_id
             ),
             named (session_id) AS (
                 SELECT session_id FROM access_token
                 WHERE account_id = $3 AND revoked_at_us IS NULL AND session_id IS NOT NULL
                 UNION SELECT session_id FROM roster_entry WHERE person_id = $4
             ),
             enrolled (class_id) AS (
                 SELECT class_id FROM enrolment WHERE person_id = $4 AND withdrawn_at_us IS NULL
             ),
             in_charge (session_id) AS (
                 SELECT session_id FROM session_officer WHERE person_id = $4
             ),
             -- The sessions to which a point that they watch is invited.
             watches (session_id) AS (
                 -- SQLite keeps the order of a CROSS JOIN: from the few units, not from all points.
                 SELECT i.session_id FROM watched w CROSS JOIN bridge_point_unit u CROSS JOIN invitation i
                 WHERE u.unit_id = w.unit_id AND u.relation = 'host'
                   AND u.valid_from <= $5 AND (u.valid_to IS NULL OR u.valid_to >= $5)
                   AND i.point_id = u.point_id AND i.seat_number IS NOT NULL
             )
             -- What is told of each is looked up for the page alone: some are in charge of every session, or invited to it.
             SELECT ", session_columns!(), ", ", beside_columns!(), ",
                    EXISTS (SELECT 1 FROM session_officer o WHERE o.session_id = s.id AND o.person_id = $4 AND o.part = 'chair')
                        AS chairs,
                    EXISTS (SELECT 1 FROM session_officer o WHERE o.session_id = s.id AND o.person_id = $4 AND o.part = 'secretary')
                        AS keeps_minutes,
                    EXISTS (SELECT 1 FROM session_officer o WHERE o.session_id = s.id AND o.person_id = $4 AND o.part = 'presenter')
                        AS presents,
                    EXISTS (SELECT 1 FROM session_officer o WHERE o.session_id = s.id AND o.person_id = $4 AND o.part = 'technician')
                        AS supports,
                    EXISTS (SELECT 1 FROM invitation i WHERE i.session_id = s.id AND i.seat_number IS NOT NULL
                              AND i.point_id IN (SELECT point_id FROM works_in)) AS at_point,
                    COALESCE(s.class_id IN (SELECT class_id FROM enrolled), FALSE) AS enrolled,
                    EXISTS (SELECT 1 FROM session c JOIN session_officer o ON o.session_id = c.id AND o.part = 'chair'
                            WHERE c.class_id = s.class_id AND o.person_id = $4 AND c.cancelled_at_us IS NULL) AS teaches,
                    s.id IN (SELECT session_id FROM named) AS named,
                    s.id IN (SELECT session_id FROM of_unit) AS of_unit
             FROM session s
             WHERE s.ends_at_us > $6 AND s.starts_at_us < $7
               AND (s.starts_at_us > $8 OR (s.starts_at_us = $8 AND s.id > $9))
               AND ($10 IS NULL OR s.class_id = $10)
               AND (NOT $11 OR s.class_id IS NOT NULL)
               AND ($12 IS NULL OR s.kind = $12)
               AND ($13 IS NULL OR s.convening_unit_id = $13)
               -- Walked by begin, so that a page costs no more than a page: with the first of these as it stands, SQLite would
               -- find all that somebody sees, by the indices of these, and then sort that.
               AND ((s.convening_unit_id IN (SELECT unit_id FROM staffed)) IS TRUE
                    OR s.id IN (SELECT session_id FROM in_charge)
                    OR s.id IN (SELECT session_id FROM at_point)
                    OR s.id IN (SELECT session_id FROM of_unit)
                    OR s.id IN (SELECT session_id FROM named)
                    OR s.class_id IN (SELECT class_id FROM enrolled)
                    OR s.id IN (SELECT session_id FROM watches))
             ORDER BY s.starts_at_us, s.id LIMIT $14"
        ),
        BETWEEN_FIELDS, BETWEEN_POINTS, reader.account, reader.person, day, filter.from, filter.to,
        filter.after.at, filter.after.id, class, filter.class != OfClass::OrNot, filter.kind.map(Word),
        filter.unit, limit, reader.key_unit()
    )
}

/// Sessions whose room was opened and has not ended.
///
/// # Errors
/// When the database fails.
pub async fn open(conn: &mut Conn) -> StoreResult<Vec<Session>> {
    sql!(
        all Row, conn,
        select_session!(
            "WHERE s.opened_at_us IS NOT NULL AND s.ended_at_us IS NULL AND s.cancelled_at_us IS NULL
               AND s.lapsed_at_us IS NULL
             ORDER BY s.starts_at_us, s.id"
        )
    )?
    .into_iter()
    .map(Row::parse)
    .collect()
}

/// An invited point: its seat, and the units of its people on the day asked for.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct InvitedPoint {
    /// The point.
    pub id: PointId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its number.
    pub seat_number: i64,
    state: Word<PointState>,
    /// Who hosts it.
    pub host_unit_id: Option<UnitId>,
}

impl InvitedPoint {
    /// Whether it takes part in anything any more.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.state.0 == PointState::Active
    }

    /// Names it.
    #[must_use]
    pub fn name(&self) -> PointRef {
        PointRef::new(self.code.clone(), self.name.clone(), self.seat_number)
    }
}

/// The points invited to a session in seat order, with their hosts on `day`.
///
/// # Errors
/// When the database fails.
pub async fn invited(
    conn: &mut Conn,
    session: SessionId,
    day: &Day,
) -> StoreResult<Vec<InvitedPoint>> {
    sql!(
        all InvitedPoint, conn,
        "SELECT p.id, p.code, p.name, i.seat_number, p.state, h.unit_id AS host_unit_id
         FROM invitation i
         JOIN bridge_point p ON p.id = i.point_id
         LEFT JOIN bridge_point_unit h ON h.point_id = p.id AND h.relation = 'host'
              AND h.valid_from <= $2 AND (h.valid_to IS NULL OR h.valid_to >= $2)
         WHERE i.session_id = $1 AND i.seat_number IS NOT NULL
         ORDER BY i.seat_number",
        session, day
    )
}

/// How somebody with an account is named in a session's invitations, apart from the chair, the points and the class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// By a link that is theirs and holds or has run out, or on the list of a point.
    pub person: bool,
    /// As one of a unit that is invited.
    pub unit: bool,
}

/// Looks for somebody in a session's invitations, with their appointments on `day`.
///
/// # Errors
/// When the database fails.
pub async fn named(
    conn: &mut Conn,
    session: SessionId,
    account: AccountId,
    person: PersonId,
    day: &Day,
) -> StoreResult<Named> {
    let (by_name, by_unit) = sql!(
        one(i64, i64),
        conn,
        "SELECT (SELECT COUNT(*) FROM access_token
                 WHERE session_id = $1 AND account_id = $2 AND revoked_at_us IS NULL)
              + (SELECT COUNT(*) FROM roster_entry WHERE session_id = $1 AND person_id = $3),
                (SELECT COUNT(*) FROM invitation i JOIN appointment a ON a.unit_id = i.unit_id
                 WHERE i.session_id = $1 AND a.person_id = $3
                   AND a.valid_from <= $4 AND (a.valid_to IS NULL OR a.valid_to >= $4))",
        session,
        account,
        person,
        day
    )?;
    Ok(Named {
        person: by_name > 0,
        unit: by_unit > 0,
    })
}

/// The fixed seats of a session's wall, in seat order.
///
/// # Errors
/// When the database fails.
pub async fn seats(conn: &mut Conn, session: SessionId) -> StoreResult<Vec<Seat>> {
    let rows = sql!(
        all(i64, PointId, String, String, Word<PointKind>),
        conn,
        "SELECT i.seat_number, p.id, p.code, p.name, p.kind
         FROM invitation i JOIN bridge_point p ON p.id = i.point_id
         WHERE i.session_id = $1 AND i.seat_number IS NOT NULL
         ORDER BY i.seat_number",
        session
    )?;
    rows.into_iter()
        .map(|(number, point, code, name, Word(kind))| {
            Ok(Seat {
                number: u32::try_from(number)
                    .map_err(|_| StoreError::Corrupt(format!("seat number {number}")))?,
                bridge_point: point,
                code,
                name,
                main: kind == PointKind::Main,
            })
        })
        .collect()
}

/// A session to add.
#[derive(Debug, Clone, Copy)]
pub struct NewSession<'a> {
    /// Its code.
    pub code: &'a str,
    /// Its title.
    pub title: &'a str,
    /// What it is.
    pub kind: SessionKind,
    /// How its room shares out rights when it opens.
    pub preset: Preset,
    /// How its content is classified.
    pub secrecy: Secrecy,
    /// Who convenes it.
    pub convening_unit: UnitId,
    /// The account of its chair.
    pub chair: Option<AccountId>,
    /// The account of its secretary.
    pub secretary: Option<AccountId>,
    /// The class it belongs to.
    pub class: Option<ClassId>,
    /// Planned begin.
    pub starts_at: UtcMicros,
    /// Planned end.
    pub ends_at: UtcMicros,
    /// Whether recording starts with it.
    pub auto_record: bool,
    /// For how many days recordings are kept; for ever when absent.
    pub keep_days: Option<u32>,
    /// Whether guests may see its recordings.
    pub guests_may_replay: bool,
    /// Participants who may speak.
    pub max_interactive: u32,
    /// Receive-only viewers.
    pub max_receive_only: u32,
    /// Who makes it.
    pub created_by: Option<AccountId>,
    /// The invited points. Each, and its dual-use rooms, are booked.
    pub points: &'a [PointId],
}

/// Adds a session with its invitations and bookings. Whether there is a conflict is for the caller to ask first, in
/// the same transaction.
///
/// # Errors
/// `Duplicate` when the code is taken.
pub async fn insert(
    tx: &mut Tx,
    session: NewSession<'_>,
    now: UtcMicros,
) -> StoreResult<SessionId> {
    if session.secrecy == Secrecy::Secret {
        return Err(StoreError::Corrupt("a secret session".to_owned()));
    }
    let id = SessionId(new_id());
    sql!(
        execute, tx,
        "INSERT INTO session (id, code, title, search_key, kind, mode, preset, secrecy, convening_unit_id,
             class_id, starts_at_us, ends_at_us, auto_record, consent_policy, max_interactive, max_receive_only, version,
             created_by, created_at_us, guests_may_replay, keep_days)
         VALUES ($1, $2, $3, $4, $5, 'online', $6, $7, $8, $9, $10, $11, $12, 'notice', $13, $14, 1, $15, $16, $17, $18)",
        id, session.code, session.title, fold(session.title), Word(session.kind), Word(session.preset),
        Word(session.secrecy), session.convening_unit, session.class, session.starts_at,
        session.ends_at, session.auto_record, i64::from(session.max_interactive),
        i64::from(session.max_receive_only), session.created_by, now, session.guests_may_replay,
        session.keep_days.map(i64::from)
    )?;
    name_accounts(tx, id, session.chair, session.secretary).await?;
    for point in session.points {
        invite(tx, id, *point).await?;
        bookings::book_point(tx, id, *point, (session.starts_at, session.ends_at)).await?;
    }
    Ok(id)
}

/// Names the people of two accounts as chair and secretary of a session.
async fn name_accounts(
    tx: &mut Tx,
    session: SessionId,
    chair: Option<AccountId>,
    secretary: Option<AccountId>,
) -> StoreResult<()> {
    let mut named = Vec::new();
    for (part, account) in [
        (OfficerPart::Chair, chair),
        (OfficerPart::Secretary, secretary),
    ] {
        if let Some(account) = account
            && let Some(person) = officers::person_of(tx, account).await?
        {
            named.push((part, person));
        }
    }
    officers::set(tx, session, &[], &named).await
}

/// Invites a point, which has the seat of its number.
///
/// # Errors
/// When the database fails.
pub(crate) async fn invite(tx: &mut Tx, session: SessionId, point: PointId) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "INSERT INTO invitation (id, session_id, point_id, seat_number, reply)
         SELECT $1, $2, id, seat_order, 'none' FROM bridge_point WHERE id = $3",
        new_id(),
        session,
        point
    )?;
    Ok(())
}

/// Notes that a session's room was opened; later openings change nothing.
///
/// # Errors
/// When the database fails.
pub async fn mark_opened(tx: &mut Tx, session: SessionId, at: UtcMicros) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE session SET opened_at_us = $2, version = version + 1 WHERE id = $1 AND opened_at_us IS NULL",
        session,
        at
    )?;
    Ok(())
}

/// Notes that a session ended and releases what it booked; tells whether it had not ended before.
///
/// # Errors
/// When the database fails.
pub async fn mark_ended(tx: &mut Tx, session: SessionId, at: UtcMicros) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE session SET ended_at_us = $2, version = version + 1
         WHERE id = $1 AND ended_at_us IS NULL AND cancelled_at_us IS NULL AND lapsed_at_us IS NULL",
        session,
        at
    )?;
    bookings::release(tx, session, at).await?;
    Ok(changed > 0)
}

/// Notes that a session lapsed and releases what it booked; tells whether that was so: nobody opened its room, and it
/// neither ended nor was called off.
///
/// # Errors
/// When the database fails.
pub async fn mark_lapsed(tx: &mut Tx, session: SessionId, at: UtcMicros) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE session SET lapsed_at_us = $2, version = version + 1
         WHERE id = $1 AND opened_at_us IS NULL AND ended_at_us IS NULL AND cancelled_at_us IS NULL
           AND lapsed_at_us IS NULL",
        session,
        at
    )?;
    if changed > 0 {
        bookings::release(tx, session, at).await?;
    }
    Ok(changed > 0)
}

/// A session that nobody opened.
#[derive(Debug, Clone, FromRow)]
pub struct Unopened {
    /// Its id.
    pub id: SessionId,
    /// Its code.
    pub code: SessionCode,
}

/// The sessions that nobody opened and that should have ended before `before`.
///
/// # Errors
/// When the database fails.
pub async fn unopened(conn: &mut Conn, before: UtcMicros) -> StoreResult<Vec<Unopened>> {
    sql!(
        all Unopened, conn,
        "SELECT id, code FROM session
         WHERE ends_at_us <= $1 AND opened_at_us IS NULL AND ended_at_us IS NULL AND cancelled_at_us IS NULL
           AND lapsed_at_us IS NULL
         ORDER BY ends_at_us, id",
        before
    )
}
