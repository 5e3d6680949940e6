//! Sessions, and who is invited.

use std::time::Duration;

use protocol::api::{PointRef, Secrecy, SessionState};
use protocol::client::{Seat, SessionKind};
use protocol::text;
use protocol::{
    AccountId, BridgePointId, ClassId, Day, PersonId, SessionCode, SessionId, UnitId, UtcMicros,
};
use sqlx::FromRow;
use uuid::Uuid;

use super::{Conn, StoreError, StoreResult, Tx, Word, booking, new_id, sql};
use crate::text::fold;

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id, which its live room shares.
    pub id: SessionId,
    /// Its code.
    pub code: SessionCode,
    /// Its title.
    pub title: String,
    /// What it is.
    pub kind: SessionKind,
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
    /// When its room was first opened.
    pub opened_at: Option<UtcMicros>,
    /// When it ended.
    pub ended_at: Option<UtcMicros>,
    /// When it was called off.
    pub cancelled_at: Option<UtcMicros>,
    /// When it was noted that nobody came.
    pub lapsed_at: Option<UtcMicros>,
    /// Whether recording starts with it.
    pub auto_record: bool,
    /// For how many days its recordings are kept.
    pub keep_days: Option<i64>,
    /// Whether guests may see its recordings.
    pub guests_may_replay: bool,
    /// Participants who may speak.
    pub max_interactive: u32,
    /// Receive-only viewers.
    pub max_receive_only: u32,
}

impl Session {
    /// Where it stands at `now`: the one rule of every list, page and door. `present` are in its room, which may be
    /// entered `early` before the planned begin.
    #[must_use]
    pub fn state(&self, now: UtcMicros, present: u32, early: Duration) -> SessionState {
        if self.cancelled_at.is_some() {
            SessionState::Cancelled
        } else if self.ended_at.is_some() {
            SessionState::Ended
        } else if self.lapsed_at.is_some() {
            SessionState::Lapsed
        } else if present > 0 {
            SessionState::Live
        } else if self.is_lapsing(now) {
            SessionState::Lapsed
        } else if now >= self.opens_at(early) {
            SessionState::Open
        } else {
            SessionState::Planned
        }
    }

    /// Until when a recording that begins as planned is kept; none for ever.
    #[must_use]
    pub fn recording_kept_until(&self) -> Option<UtcMicros> {
        const DAY: Duration = Duration::from_secs(86_400);
        let days = u32::try_from(self.keep_days?).unwrap_or(0);
        Some(self.starts_at.plus(DAY * days))
    }

    /// From when its room may be entered.
    #[must_use]
    pub fn opens_at(&self, early: Duration) -> UtcMicros {
        self.starts_at.minus(early)
    }

    /// Whether its room may not be entered any more at `now`.
    #[must_use]
    pub fn is_over(&self, now: UtcMicros) -> bool {
        self.over_at().is_some() || self.is_lapsing(now)
    }

    /// When it ended, lapsed or was called off.
    #[must_use]
    pub fn over_at(&self) -> Option<UtcMicros> {
        self.ended_at.or(self.cancelled_at).or(self.lapsed_at)
    }

    /// Whether nobody came until it lapses, be that noted already or not.
    fn is_lapsing(&self, now: UtcMicros) -> bool {
        self.opened_at.is_none() && now >= self.ends_at.plus(LAPSES_AFTER)
    }
}

/// How long after its planned end a session lapses whose room nobody opened: as long as its links work.
pub const LAPSES_AFTER: Duration = Duration::from_secs(2 * 3_600);

#[derive(FromRow)]
struct Row {
    id: SessionId,
    code: SessionCode,
    title: String,
    kind: Word<SessionKind>,
    secrecy: Word<Secrecy>,
    convening_unit_id: UnitId,
    chair_account_id: Option<AccountId>,
    secretary_account_id: Option<AccountId>,
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
}

impl Row {
    fn parse(self) -> StoreResult<Session> {
        let cap = |value: i64| {
            u32::try_from(value).map_err(|_| StoreError::Corrupt(format!("a cap of {value}")))
        };
        Ok(Session {
            id: self.id,
            code: self.code,
            title: self.title,
            kind: self.kind.0,
            secrecy: self.secrecy.0,
            convening_unit: self.convening_unit_id,
            chair: self.chair_account_id,
            secretary: self.secretary_account_id,
            class: self.class_id,
            starts_at: self.starts_at_us,
            ends_at: self.ends_at_us,
            opened_at: self.opened_at_us,
            ended_at: self.ended_at_us,
            cancelled_at: self.cancelled_at_us,
            lapsed_at: self.lapsed_at_us,
            auto_record: self.auto_record,
            keep_days: self.keep_days,
            guests_may_replay: self.guests_may_replay,
            max_interactive: cap(self.max_interactive)?,
            max_receive_only: cap(self.max_receive_only)?,
        })
    }
}

/// The columns of [`Row`], for the queries below.
macro_rules! select_session {
    ($rest:literal) => {
        concat!(
            "SELECT s.id, s.code, s.title, s.kind, s.secrecy, s.convening_unit_id, s.chair_account_id,
             s.secretary_account_id, s.class_id, s.starts_at_us, s.ends_at_us, s.opened_at_us, s.ended_at_us,
             s.cancelled_at_us, s.lapsed_at_us, s.auto_record, s.keep_days, s.guests_may_replay, s.max_interactive, s.max_receive_only FROM session s ",
            $rest
        )
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

/// The sessions of a class, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn of_class(conn: &mut Conn, class: ClassId) -> StoreResult<Vec<Session>> {
    sql!(all Row, conn, select_session!("WHERE s.class_id = $1 ORDER BY s.starts_at_us, s.id"), class)?
        .into_iter()
        .map(Row::parse)
        .collect()
}

/// Where a page of a list begins: after this begin and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    /// Begin of the last session of the page before.
    pub starts_at: UtcMicros,
    /// Its id.
    pub id: SessionId,
}

impl After {
    /// Before every session.
    pub const BEGINNING: Self = Self {
        starts_at: UtcMicros(i64::MIN),
        id: SessionId(Uuid::nil()),
    };
}

/// Sessions that touch the time between `from` and `to`, by begin.
///
/// # Errors
/// When the database fails.
pub async fn between(
    conn: &mut Conn,
    from: UtcMicros,
    to: UtcMicros,
    after: After,
    limit: i64,
) -> StoreResult<Vec<Session>> {
    sql!(
        all Row, conn,
        select_session!(
            "WHERE s.ends_at_us > $1 AND s.starts_at_us < $2
               AND (s.starts_at_us > $3 OR (s.starts_at_us = $3 AND s.id > $4))
             ORDER BY s.starts_at_us, s.id LIMIT $5"
        ),
        from, to, after.starts_at.0, after.id, limit
    )?
    .into_iter()
    .map(Row::parse)
    .collect()
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
    pub id: BridgePointId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// `main` or `base`.
    pub kind: String,
    /// Its number.
    pub seat_number: i64,
    /// `active` or `closed`.
    pub state: String,
    /// Who hosts it.
    pub host_unit_id: Option<UnitId>,
}

impl InvitedPoint {
    /// Whether it takes part in anything any more.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.state == "active"
    }

    /// Names it.
    #[must_use]
    pub fn name(&self) -> PointRef {
        super::point::named(self.code.clone(), self.name.clone(), self.seat_number)
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
        "SELECT p.id, p.code, p.name, p.kind, i.seat_number, p.state, h.unit_id AS host_unit_id
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
        all(i64, BridgePointId, String, String, String),
        conn,
        "SELECT i.seat_number, p.id, p.code, p.name, p.kind
         FROM invitation i JOIN bridge_point p ON p.id = i.point_id
         WHERE i.session_id = $1 AND i.seat_number IS NOT NULL
         ORDER BY i.seat_number",
        session
    )?;
    rows.into_iter()
        .map(|(number, point, code, name, kind)| {
            Ok(Seat {
                number: u32::try_from(number)
                    .map_err(|_| StoreError::Corrupt(format!("seat number {number}")))?,
                bridge_point: point,
                code,
                name,
                main: kind == "main",
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
    pub points: &'a [BridgePointId],
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
    let preset = match session.kind {
        SessionKind::Training | SessionKind::ClassObservation => "training",
        SessionKind::Conference => "conference",
        SessionKind::Meeting | SessionKind::Seminar => "discussion",
    };
    sql!(
        execute, tx,
        "INSERT INTO session (id, code, title, search_key, kind, mode, preset, secrecy, convening_unit_id,
             chair_account_id, class_id, starts_at_us, ends_at_us, auto_record, consent_policy, max_interactive,
             max_receive_only, version, created_by, created_at_us, guests_may_replay, secretary_account_id, keep_days)
         VALUES ($1, $2, $3, $4, $5, 'online', $6, $7, $8, $9, $10, $11, $12, $13, 'notice', $14, $15, 1, $16, $17,
             $18, $19, $20)",
        id, session.code, session.title, fold(session.title), Word(session.kind), preset,
        Word(session.secrecy), session.convening_unit, session.chair, session.class, session.starts_at,
        session.ends_at, session.auto_record, i64::from(session.max_interactive),
        i64::from(session.max_receive_only), session.created_by, now, session.guests_may_replay,
        session.secretary, session.keep_days.map(i64::from)
    )?;
    for point in session.points {
        sql!(
            execute,
            tx,
            "INSERT INTO invitation (id, session_id, point_id, seat_number, reply)
             SELECT $1, $2, id, seat_order, 'none' FROM bridge_point WHERE id = $3",
            new_id(),
            id,
            *point
        )?;
        booking::book(
            tx,
            id,
            Some(*point),
            None,
            session.starts_at,
            session.ends_at,
        )
        .await?;
        for room in super::point::dual_use_rooms(tx, *point).await? {
            booking::book(tx, id, None, Some(room), session.starts_at, session.ends_at).await?;
        }
    }
    Ok(id)
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
    booking::release(tx, session, at).await?;
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
        booking::release(tx, session, at).await?;
    }
    Ok(changed > 0)
}

/// The sessions that nobody opened and that should have ended before `before`, with their codes.
///
/// # Errors
/// When the database fails.
pub async fn unopened(
    conn: &mut Conn,
    before: UtcMicros,
) -> StoreResult<Vec<(SessionId, SessionCode)>> {
    sql!(
        all(SessionId, SessionCode),
        conn,
        "SELECT id, code FROM session
         WHERE ends_at_us <= $1 AND opened_at_us IS NULL AND ended_at_us IS NULL AND cancelled_at_us IS NULL
           AND lapsed_at_us IS NULL
         ORDER BY ends_at_us, id",
        before
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_US: i64 = 3_600_000_000;
    const EARLY: Duration = Duration::from_secs(3_600);

    fn planned() -> Session {
        Session {
            id: SessionId(Uuid::nil()),
            code: SessionCode("GB-01".to_owned()),
            title: "Họp".to_owned(),
            kind: SessionKind::Meeting,
            secrecy: Secrecy::Normal,
            convening_unit: UnitId(Uuid::nil()),
            chair: None,
            secretary: None,
            class: None,
            starts_at: UtcMicros(10 * HOUR_US),
            ends_at: UtcMicros(12 * HOUR_US),
            opened_at: None,
            ended_at: None,
            cancelled_at: None,
            lapsed_at: None,
            auto_record: false,
            keep_days: None,
            guests_may_replay: false,
            max_interactive: 60,
            max_receive_only: 1_000,
        }
    }

    #[test]
    fn state_follows_the_clock_who_is_there_and_what_was_noted() {
        let session = planned();
        let at = |hour: i64| UtcMicros(hour * HOUR_US);
        let state = |session: &Session, hour, present| session.state(at(hour), present, EARLY);
        assert_eq!(state(&session, 8, 0), SessionState::Planned);
        assert_eq!(
            state(&session, 9, 0),
            SessionState::Open,
            "it may be entered"
        );
        assert_eq!(state(&session, 9, 1), SessionState::Live);
        assert_eq!(
            state(&session, 11, 0),
            SessionState::Open,
            "nobody came yet"
        );
        assert_eq!(state(&session, 13, 0), SessionState::Open);
        assert_eq!(state(&session, 14, 0), SessionState::Lapsed);
        assert!(session.is_over(at(14)) && !session.is_over(at(13)));
        let opened = Session {
            opened_at: Some(at(10)),
            ..planned()
        };
        assert_eq!(
            state(&opened, 14, 0),
            SessionState::Open,
            "the room ends it"
        );
        assert_eq!(state(&opened, 14, 3), SessionState::Live);
        for (noted, expected) in [
            (
                Session {
                    ended_at: Some(at(11)),
                    ..opened.clone()
                },
                SessionState::Ended,
            ),
            (
                Session {
                    cancelled_at: Some(at(7)),
                    ..planned()
                },
                SessionState::Cancelled,
            ),
            (
                Session {
                    lapsed_at: Some(at(14)),
                    ..planned()
                },
                SessionState::Lapsed,
            ),
        ] {
            assert_eq!(state(&noted, 11, 3), expected);
            assert!(noted.is_over(at(11)));
        }
        let far = Session {
            starts_at: UtcMicros(i64::MAX),
            ends_at: UtcMicros(i64::MAX),
            ..planned()
        };
        assert_eq!(
            far.state(UtcMicros(i64::MIN), 0, Duration::MAX),
            SessionState::Planned
        );
    }
}
