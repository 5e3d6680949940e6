//! Decisions, and the rows that they write. What a unit has lies in tables of several domains; here are the statements that
//! take it from one unit to another.

use protocol::api::{AccountRole, SuccessionKind, UnitChangeState};
use protocol::{AccountId, Day, UnitChangeId, UnitId, UtcMicros};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use uuid::Uuid;

use crate::platform::database::{Conn, StoreResult, Tx, Word, new_id, sql};
use crate::platform::text::fold;

/// Keeps others from changing the tree until this transaction ends. SQLite's one writer does so by itself.
///
/// # Errors
/// When the database fails.
pub(super) async fn lock(tx: &mut Tx) -> StoreResult<()> {
    if tx.is_postgres() {
        sql!(
            execute,
            tx,
            "LOCK TABLE org_unit_version IN SHARE ROW EXCLUSIVE MODE"
        )?;
    }
    Ok(())
}

/// A decision as it is stored.
#[derive(Debug, FromRow)]
pub(super) struct Row {
    pub(super) id: UnitChangeId,
    pub(super) document: String,
    pub(super) title: String,
    pub(super) on_day: Day,
    pub(super) state: Word<UnitChangeState>,
    pub(super) steps: String,
    pub(super) plan: String,
    pub(super) created_at_us: UtcMicros,
    pub(super) by_name: Option<String>,
    pub(super) row_count: i64,
}

macro_rules! select_change {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.document, c.title, c.on_day, c.state, c.steps, c.plan, c.created_at_us,
                    (SELECT p.full_name FROM account a JOIN person p ON p.id = a.person_id WHERE a.id = c.created_by)
                        AS by_name,
                    (SELECT COUNT(*) FROM org_change_row r WHERE r.change_id = c.id) AS row_count
             FROM org_change c ",
            $rest
        )
    };
}

/// Decisions by day, the latest first, after the one of that day and id.
///
/// # Errors
/// When the database fails.
pub(super) async fn page(
    conn: &mut Conn,
    after: Option<&(Day, UnitChangeId)>,
    limit: i64,
) -> StoreResult<Vec<Row>> {
    let (day, id) = match after {
        Some((day, id)) => (Some(day), *id),
        None => (None, UnitChangeId(Uuid::nil())),
    };
    sql!(
        all Row, conn,
        select_change!(
            "WHERE $1 IS NULL OR c.on_day < $1 OR (c.on_day = $1 AND c.id < $2)
             ORDER BY c.on_day DESC, c.id DESC LIMIT $3"
        ),
        day, id, limit
    )
}

/// A decision by its id.
///
/// # Errors
/// When the database fails.
pub(super) async fn by_id(conn: &mut Conn, id: UnitChangeId) -> StoreResult<Option<Row>> {
    sql!(optional Row, conn, select_change!("WHERE c.id = $1"), id)
}

/// The planned decisions whose day has come, the earliest first.
///
/// # Errors
/// When the database fails.
pub(super) async fn due(conn: &mut Conn, today: &Day) -> StoreResult<Vec<Row>> {
    sql!(
        all Row, conn,
        select_change!("WHERE c.state = 'planned' AND c.on_day <= $1 ORDER BY c.on_day, c.id"),
        today
    )
}

/// A decision to add.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewChange<'a> {
    pub(super) document: &'a str,
    pub(super) title: &'a str,
    pub(super) day: &'a Day,
    pub(super) state: UnitChangeState,
    pub(super) steps: &'a str,
    pub(super) plan: &'a str,
    pub(super) by: Option<AccountId>,
}

/// Adds a decision.
///
/// # Errors
/// When the database fails.
pub(super) async fn insert(
    tx: &mut Tx,
    change: NewChange<'_>,
    now: UtcMicros,
) -> StoreResult<UnitChangeId> {
    let id = UnitChangeId(new_id());
    let applied = (change.state == UnitChangeState::Applied).then_some(now);
    sql!(
        execute,
        tx,
        "INSERT INTO org_change (id, document, title, on_day, state, steps, plan, created_by, created_at_us,
             applied_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        id,
        change.document,
        change.title,
        change.day,
        Word(change.state),
        change.steps,
        change.plan,
        change.by,
        now,
        applied
    )?;
    Ok(id)
}

/// Notes that a planned decision took effect. False when it is not planned any more.
///
/// # Errors
/// When the database fails.
pub(super) async fn mark_applied(
    tx: &mut Tx,
    id: UnitChangeId,
    now: UtcMicros,
) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE org_change SET state = 'applied', applied_at_us = $2 WHERE id = $1 AND state = 'planned'",
        id,
        now
    )?;
    Ok(changed > 0)
}

/// Notes that a decision was undone. False when it was before.
///
/// # Errors
/// When the database fails.
pub(super) async fn mark_undone(
    tx: &mut Tx,
    id: UnitChangeId,
    now: UtcMicros,
) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE org_change SET state = 'undone', undone_at_us = $2 WHERE id = $1 AND state <> 'undone'",
        id,
        now
    )?;
    Ok(changed > 0)
}

/// What a row that a decision wrote is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RowKind {
    /// The unit itself: its code. It stays when the decision is undone, and may be made again.
    Unit,
    Version,
    Succession,
    Appointment,
    Point,
    Grant,
    Session,
    Invitation,
}

/// What a decision did to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RowAct {
    Made,
    Ended,
    Moved,
}

/// A row that a decision wrote.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Written {
    pub(super) kind: Word<RowKind>,
    pub(super) row_id: Uuid,
    pub(super) act: Word<RowAct>,
    pub(super) was_to: Option<Day>,
    pub(super) was_unit: Option<UnitId>,
    pub(super) now_unit: Option<UnitId>,
}

impl Written {
    pub(super) const fn made(kind: RowKind, row_id: Uuid, to: Option<Day>) -> Self {
        Self {
            kind: Word(kind),
            row_id,
            act: Word(RowAct::Made),
            was_to: to,
            was_unit: None,
            now_unit: None,
        }
    }

    pub(super) const fn ended(kind: RowKind, row_id: Uuid, was_to: Option<Day>) -> Self {
        Self {
            kind: Word(kind),
            row_id,
            act: Word(RowAct::Ended),
            was_to,
            was_unit: None,
            now_unit: None,
        }
    }

    pub(super) const fn moved(kind: RowKind, row_id: Uuid, from: UnitId, to: UnitId) -> Self {
        Self {
            kind: Word(kind),
            row_id,
            act: Word(RowAct::Moved),
            was_to: None,
            was_unit: Some(from),
            now_unit: Some(to),
        }
    }
}

/// Notes what a decision wrote, after what it wrote before.
///
/// # Errors
/// When the database fails.
pub(super) async fn note(tx: &mut Tx, change: UnitChangeId, rows: &[Written]) -> StoreResult<()> {
    let (last,) = sql!(
        one(i64,),
        tx,
        "SELECT COALESCE(MAX(position), 0) FROM org_change_row WHERE change_id = $1",
        change
    )?;
    for (position, row) in (last + 1..).zip(rows) {
        sql!(
            execute,
            tx,
            "INSERT INTO org_change_row (change_id, position, kind, row_id, act, was_to, was_unit, now_unit)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            change,
            position,
            row.kind,
            row.row_id,
            row.act,
            row.was_to.as_ref(),
            row.was_unit,
            row.now_unit
        )?;
    }
    Ok(())
}

/// What a decision wrote, the last first.
///
/// # Errors
/// When the database fails.
pub(super) async fn written(conn: &mut Conn, change: UnitChangeId) -> StoreResult<Vec<Written>> {
    sql!(
        all Written, conn,
        "SELECT kind, row_id, act, was_to, was_unit, now_unit FROM org_change_row WHERE change_id = $1
         ORDER BY position DESC",
        change
    )
}

/// A unit that has no version: it was made by a decision that was undone.
///
/// # Errors
/// When the database fails.
pub(super) async fn unused(conn: &mut Conn, code: &str) -> StoreResult<Option<UnitId>> {
    let row = sql!(
        optional(UnitId,),
        conn,
        "SELECT id FROM org_unit u WHERE code = $1
           AND NOT EXISTS (SELECT 1 FROM org_unit_version v WHERE v.unit_id = u.id)",
        code
    )?;
    Ok(row.map(|(id,)| id))
}

/// Ends the version of a unit that holds on the day after `eve`.
///
/// # Errors
/// When the database fails.
pub(super) async fn end_version(tx: &mut Tx, unit: UnitId, eve: &Day) -> StoreResult<Vec<Written>> {
    let rows = sql!(
        all(Uuid,),
        tx,
        "UPDATE org_unit_version SET valid_to = $2 WHERE unit_id = $1 AND valid_from <= $2 AND valid_to IS NULL
         RETURNING id",
        unit,
        eve
    )?;
    let ended = |(id,)| Written::ended(RowKind::Version, id, None);
    Ok(rows.into_iter().map(ended).collect())
}

/// Lets a unit stand like this from a day on.
///
/// # Errors
/// When the database fails.
pub(super) async fn begin_version(
    tx: &mut Tx,
    unit: UnitId,
    (name, kind): (&str, &str),
    parent: Option<UnitId>,
    day: &Day,
) -> StoreResult<Written> {
    let id = new_id();
    sql!(
        execute,
        tx,
        "INSERT INTO org_unit_version (id, unit_id, name, search_key, kind, parent_id, valid_from)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        id,
        unit,
        name,
        fold(name),
        kind,
        parent,
        day
    )?;
    Ok(Written::made(RowKind::Version, id, None))
}

/// Records what became of a unit.
///
/// # Errors
/// When the database fails.
pub(super) async fn succeed(
    tx: &mut Tx,
    from: UnitId,
    to: Option<UnitId>,
    how: SuccessionKind,
    day: &Day,
) -> StoreResult<Written> {
    let id = new_id();
    sql!(
        execute,
        tx,
        "INSERT INTO org_unit_succession (id, from_unit_id, to_unit_id, kind, on_day) VALUES ($1, $2, $3, $4, $5)",
        id,
        from,
        to,
        Word(how),
        day
    )?;
    Ok(Written::made(RowKind::Succession, id, None))
}

/// A row with days that a unit has.
#[derive(Debug, FromRow)]
pub(super) struct Held {
    pub(super) id: Uuid,
    pub(super) valid_from: Day,
    pub(super) valid_to: Option<Day>,
    /// Whose it is, or what it is called.
    pub(super) name: String,
    /// Of a role of an account: the role.
    pub(super) role: Option<Word<AccountRole>>,
    /// Whether it is the host of a point.
    pub(super) hosts: bool,
}

/// What has days and belongs to a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dated {
    Appointment,
    Point,
    Grant,
}

impl Dated {
    pub(super) const ALL: [Self; 3] = [Self::Appointment, Self::Point, Self::Grant];

    pub(super) const fn kind(self) -> RowKind {
        match self {
            Self::Appointment => RowKind::Appointment,
            Self::Point => RowKind::Point,
            Self::Grant => RowKind::Grant,
        }
    }

    /// What a unit has on `day` or will have later.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn held(
        self,
        conn: &mut Conn,
        unit: UnitId,
        day: &Day,
    ) -> StoreResult<Vec<Held>> {
        let statement = match self {
            Self::Appointment => {
                "SELECT t.id, t.valid_from, t.valid_to, p.full_name AS name, NULL AS role, FALSE AS hosts
                 FROM appointment t JOIN person p ON p.id = t.person_id
                 WHERE t.unit_id = $1 AND (t.valid_to IS NULL OR t.valid_to >= $2) ORDER BY p.sort_key, t.id"
            }
            Self::Point => {
                "SELECT t.id, t.valid_from, t.valid_to, p.name, NULL AS role,
                        (t.relation = 'host' AND p.state = 'active') AS hosts
                 FROM bridge_point_unit t JOIN bridge_point p ON p.id = t.point_id
                 WHERE t.unit_id = $1 AND (t.valid_to IS NULL OR t.valid_to >= $2) ORDER BY p.seat_order, t.id"
            }
            Self::Grant => {
                "SELECT t.id, t.valid_from, t.valid_to, p.full_name AS name, t.role, FALSE AS hosts
                 FROM role_grant t JOIN account a ON a.id = t.account_id JOIN person p ON p.id = a.person_id
                 WHERE t.unit_id = $1 AND (t.valid_to IS NULL OR t.valid_to >= $2) ORDER BY p.sort_key, t.id"
            }
        };
        sql!(all Held, conn, statement, unit, day)
    }

    /// Whether `unit` has the same as a row already, on `day` or later.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn is_there(
        self,
        conn: &mut Conn,
        row: Uuid,
        unit: UnitId,
        day: &Day,
    ) -> StoreResult<bool> {
        let statement = match self {
            Self::Appointment => {
                "SELECT COUNT(*) FROM appointment o JOIN appointment t
                    ON t.person_id = o.person_id AND t.position = o.position
                       AND COALESCE(t.subject, '') = COALESCE(o.subject, '')
                 WHERE o.id = $1 AND t.unit_id = $2 AND (t.valid_to IS NULL OR t.valid_to >= $3)"
            }
            Self::Point => {
                "SELECT COUNT(*) FROM bridge_point_unit o JOIN bridge_point_unit t
                    ON t.point_id = o.point_id AND (t.relation = o.relation OR t.relation = 'host')
                 WHERE o.id = $1 AND t.unit_id = $2 AND (t.valid_to IS NULL OR t.valid_to >= $3)"
            }
            Self::Grant => {
                "SELECT COUNT(*) FROM role_grant o JOIN role_grant t
                    ON t.account_id = o.account_id AND t.role = o.role
                 WHERE o.id = $1 AND t.unit_id = $2 AND (t.valid_to IS NULL OR t.valid_to >= $3)"
            }
        };
        let (count,) = sql!(one(i64,), conn, statement, row, unit, day)?;
        Ok(count > 0)
    }

    /// Gives `unit` the same as a row has, from `day` to the row's own last day.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn copy(
        self,
        tx: &mut Tx,
        row: Uuid,
        unit: UnitId,
        day: &Day,
    ) -> StoreResult<Uuid> {
        let id = new_id();
        let statement = match self {
            Self::Appointment => {
                "INSERT INTO appointment (id, person_id, unit_id, position, subject, valid_from, valid_to)
                 SELECT $1, person_id, $2, position, subject, $3, valid_to FROM appointment WHERE id = $4"
            }
            Self::Point => {
                "INSERT INTO bridge_point_unit (id, point_id, unit_id, relation, valid_from, valid_to)
                 SELECT $1, point_id, $2, relation, $3, valid_to FROM bridge_point_unit WHERE id = $4"
            }
            Self::Grant => {
                "INSERT INTO role_grant (id, account_id, role, unit_id, valid_from, valid_to, source)
                 SELECT $1, account_id, role, $2, $3, valid_to, source FROM role_grant WHERE id = $4"
            }
        };
        sql!(execute, tx, statement, id, unit, day, row)?;
        Ok(id)
    }

    /// Sets the last day of a row.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn end(self, tx: &mut Tx, row: Uuid, eve: &Day) -> StoreResult<()> {
        let statement = match self {
            Self::Appointment => "UPDATE appointment SET valid_to = $2 WHERE id = $1",
            Self::Point => "UPDATE bridge_point_unit SET valid_to = $2 WHERE id = $1",
            Self::Grant => "UPDATE role_grant SET valid_to = $2 WHERE id = $1",
        };
        sql!(execute, tx, statement, row, eve)?;
        Ok(())
    }

    /// Gives a row that begins later to another unit.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn give(self, tx: &mut Tx, row: Uuid, unit: UnitId) -> StoreResult<()> {
        let statement = match self {
            Self::Appointment => "UPDATE appointment SET unit_id = $2 WHERE id = $1",
            Self::Point => "UPDATE bridge_point_unit SET unit_id = $2 WHERE id = $1",
            Self::Grant => "UPDATE role_grant SET unit_id = $2 WHERE id = $1",
        };
        sql!(execute, tx, statement, row, unit)?;
        Ok(())
    }
}

/// The sessions to come from `from` on that a unit convenes, by begin: their titles, and how many places they book.
///
/// # Errors
/// When the database fails.
pub(super) async fn sessions(
    conn: &mut Conn,
    unit: UnitId,
    from: UtcMicros,
) -> StoreResult<Vec<(String, i64)>> {
    sql!(
        all(String, i64),
        conn,
        "SELECT s.title, (SELECT COUNT(*) FROM booking b WHERE b.session_id = s.id AND b.released_at_us IS NULL)
         FROM session s
         WHERE s.convening_unit_id = $1 AND s.ends_at_us > $2 AND s.ended_at_us IS NULL AND s.cancelled_at_us IS NULL
           AND s.lapsed_at_us IS NULL
         ORDER BY s.starts_at_us, s.id",
        unit,
        from
    )
}

/// The sessions to come from `from` on to which a unit is invited, by begin.
///
/// # Errors
/// When the database fails.
pub(super) async fn invitations(
    conn: &mut Conn,
    unit: UnitId,
    from: UtcMicros,
) -> StoreResult<Vec<(String,)>> {
    sql!(
        all(String,),
        conn,
        "SELECT s.title FROM invitation i JOIN session s ON s.id = i.session_id
         WHERE i.unit_id = $1 AND s.ends_at_us > $2 AND s.ended_at_us IS NULL AND s.cancelled_at_us IS NULL
           AND s.lapsed_at_us IS NULL
         ORDER BY s.starts_at_us, i.id",
        unit,
        from
    )
}

/// Gives the sessions to come that a unit convenes, and its invitations, to another. An invitation that the other has
/// already stays where it is.
///
/// # Errors
/// When the database fails.
pub(super) async fn give_sessions(
    tx: &mut Tx,
    (from, to): (UnitId, UnitId),
    since: UtcMicros,
) -> StoreResult<Vec<Written>> {
    let sessions = sql!(
        all(Uuid,),
        tx,
        "UPDATE session SET convening_unit_id = $2, version = version + 1
         WHERE convening_unit_id = $1 AND ends_at_us > $3 AND ended_at_us IS NULL AND cancelled_at_us IS NULL
           AND lapsed_at_us IS NULL
         RETURNING id",
        from,
        to,
        since
    )?;
    let invitations = sql!(
        all(Uuid,),
        tx,
        "UPDATE invitation SET unit_id = $2
         WHERE unit_id = $1 AND session_id IN (
                 SELECT id FROM session WHERE ends_at_us > $3 AND ended_at_us IS NULL AND cancelled_at_us IS NULL
                   AND lapsed_at_us IS NULL)
           AND NOT EXISTS (SELECT 1 FROM invitation o WHERE o.session_id = invitation.session_id AND o.unit_id = $2)
         RETURNING id",
        from,
        to,
        since
    )?;
    let moved = |kind| move |(id,)| Written::moved(kind, id, from, to);
    let sessions = sessions.into_iter().map(moved(RowKind::Session));
    let invitations = invitations.into_iter().map(moved(RowKind::Invitation));
    Ok(sessions.chain(invitations).collect())
}

/// Takes back what a decision did to a row. False when the row is not as the decision left it.
///
/// # Errors
/// When the database fails.
pub(super) async fn take_back(tx: &mut Tx, row: &Written, eve: &Day) -> StoreResult<bool> {
    let Word(kind) = row.kind;
    if kind == RowKind::Unit {
        return Ok(true);
    }
    let changed = match row.act.0 {
        RowAct::Made => {
            let statement = match kind {
                RowKind::Version => {
                    "DELETE FROM org_unit_version WHERE id = $1 AND COALESCE(valid_to, '') = COALESCE($2, '')"
                }
                RowKind::Appointment => {
                    "DELETE FROM appointment WHERE id = $1 AND COALESCE(valid_to, '') = COALESCE($2, '')"
                }
                RowKind::Point => {
                    "DELETE FROM bridge_point_unit WHERE id = $1 AND COALESCE(valid_to, '') = COALESCE($2, '')"
                }
                RowKind::Grant => {
                    "DELETE FROM role_grant WHERE id = $1 AND COALESCE(valid_to, '') = COALESCE($2, '')"
                }
                RowKind::Unit | RowKind::Succession | RowKind::Session | RowKind::Invitation => {
                    "DELETE FROM org_unit_succession WHERE id = $1 AND $2 IS NULL"
                }
            };
            sql!(execute, tx, statement, row.row_id, row.was_to.as_ref())?
        }
        RowAct::Ended => {
            let statement = match kind {
                RowKind::Appointment => {
                    "UPDATE appointment SET valid_to = $3 WHERE id = $1 AND valid_to = $2"
                }
                RowKind::Point => {
                    "UPDATE bridge_point_unit SET valid_to = $3 WHERE id = $1 AND valid_to = $2"
                }
                RowKind::Grant => {
                    "UPDATE role_grant SET valid_to = $3 WHERE id = $1 AND valid_to = $2"
                }
                RowKind::Unit
                | RowKind::Version
                | RowKind::Succession
                | RowKind::Session
                | RowKind::Invitation => {
                    "UPDATE org_unit_version SET valid_to = $3 WHERE id = $1 AND valid_to = $2"
                }
            };
            sql!(execute, tx, statement, row.row_id, eve, row.was_to.as_ref())?
        }
        RowAct::Moved => {
            let statement = match kind {
                RowKind::Appointment => {
                    "UPDATE appointment SET unit_id = $3 WHERE id = $1 AND unit_id = $2"
                }
                RowKind::Point => {
                    "UPDATE bridge_point_unit SET unit_id = $3 WHERE id = $1 AND unit_id = $2"
                }
                RowKind::Grant => {
                    "UPDATE role_grant SET unit_id = $3 WHERE id = $1 AND unit_id = $2"
                }
                RowKind::Session => {
                    "UPDATE session SET convening_unit_id = $3, version = version + 1
                     WHERE id = $1 AND convening_unit_id = $2"
                }
                RowKind::Unit | RowKind::Version | RowKind::Succession | RowKind::Invitation => {
                    "UPDATE invitation SET unit_id = $3 WHERE id = $1 AND unit_id = $2"
                }
            };
            sql!(
                execute,
                tx,
                statement,
                row.row_id,
                row.now_unit,
                row.was_unit
            )?
        }
    };
    Ok(changed > 0)
}

/// Whether anything refers to a unit that has no version: what came after the decision that made it.
///
/// # Errors
/// When the database fails.
pub(super) async fn orphans(conn: &mut Conn) -> StoreResult<bool> {
    let (count,) = sql!(
        one(i64,),
        conn,
        "WITH gone AS (
             SELECT id FROM org_unit u
             WHERE NOT EXISTS (SELECT 1 FROM org_unit_version v WHERE v.unit_id = u.id)
               AND EXISTS (SELECT 1 FROM org_change_row r WHERE r.row_id = u.id)
         )
         SELECT COUNT(*) FROM gone
         WHERE id IN (SELECT unit_id FROM appointment) OR id IN (SELECT unit_id FROM bridge_point_unit)
            OR id IN (SELECT unit_id FROM role_grant) OR id IN (SELECT convening_unit_id FROM session)
            OR id IN (SELECT unit_id FROM invitation WHERE unit_id IS NOT NULL)
            OR id IN (SELECT unit_id FROM training_class) OR id IN (SELECT unit_id FROM api_key)
            OR id IN (SELECT parent_id FROM org_unit_version WHERE parent_id IS NOT NULL)
            OR id IN (SELECT from_unit_id FROM org_unit_succession)
            OR id IN (SELECT to_unit_id FROM org_unit_succession WHERE to_unit_id IS NOT NULL)"
    )?;
    Ok(count > 0)
}
