//! People with their accounts, as administrators see them.

use office_core::accounts::DatedGrant;
use protocol::api::{AccountRole, AccountState, LetterFailure, LetterState};
use protocol::{AccountId, Day, GrantId, PersonId, UnitId, UtcMicros};
use sqlx::FromRow;
use uuid::Uuid;

use crate::platform::database::{Conn, StoreResult, Tx, Word, new_id, sql};

/// What stands between the fields of a row in a row, and between those, in the statements below; neither is in any name.
pub(super) const BETWEEN_FIELDS: char = '\u{1f}';
pub(super) const BETWEEN_ROWS: char = '\u{1e}';

/// Somebody with an account, or without one.
#[derive(Debug, FromRow)]
pub(super) struct Row {
    pub(super) person_id: PersonId,
    pub(super) full_name: String,
    pub(super) sort_key: Vec<u8>,
    pub(super) account_id: Option<AccountId>,
    pub(super) login: Option<String>,
    pub(super) state: Word<AccountState>,
    pub(super) code_expires_at_us: Option<UtcMicros>,
    pub(super) last_seen_us: Option<UtcMicros>,
    pub(super) has_address: bool,
    pub(super) letter_state: Option<Word<LetterState>>,
    pub(super) letter_failure: Option<Word<LetterFailure>>,
    pub(super) letter_at_us: Option<UtcMicros>,
    /// Appointments: code of the unit, position, whether it lasts or is still to come.
    pub(super) places: Option<String>,
    /// Roles of today or later: role, code of the unit, first day, last day.
    pub(super) roles: Option<String>,
}

/// How an account `a` of somebody stands, if they have one: the words of [`AccountState`].
macro_rules! state {
    () => {
        "CASE WHEN a.id IS NULL THEN 'none' WHEN a.disabled_at_us IS NOT NULL THEN 'disabled'
              WHEN a.password_hash IS NULL THEN 'invited' ELSE 'active' END"
    };
}

/// Somebody `p` with the account `a` on the day $1.
macro_rules! select_row {
    () => {
        concat!(
            "SELECT p.id AS person_id, p.full_name, p.sort_key, a.id AS account_id, a.login, ",
            state!(),
            " AS state, a.code_expires_at_us, p.email IS NOT NULL AS has_address,
              l.state AS letter_state, l.failure AS letter_failure, COALESCE(l.ended_at_us, l.asked_at_us) AS letter_at_us,
              (SELECT MAX(COALESCE(s.last_seen_us, s.created_at_us)) FROM sign_in s WHERE s.account_id = a.id) AS last_seen_us,
              (SELECT string_agg(u.code || '\u{1f}' || ap.position || '\u{1f}'
                          || CASE WHEN ap.valid_to IS NULL OR ap.valid_to >= $1 THEN 'lasts' ELSE 'over' END,
                          '\u{1e}' ORDER BY ap.valid_from, ap.id)
               FROM appointment ap JOIN org_unit u ON u.id = ap.unit_id WHERE ap.person_id = p.id) AS places,
              (SELECT string_agg(g.role || '\u{1f}' || u.code || '\u{1f}' || g.valid_from || '\u{1f}' || COALESCE(g.valid_to, ''),
                          '\u{1e}' ORDER BY g.valid_from, g.id)
               FROM role_grant g JOIN org_unit u ON u.id = g.unit_id
               WHERE g.account_id = a.id AND (g.valid_to IS NULL OR g.valid_to >= $1)) AS roles
              FROM (SELECT * FROM person WHERE erased_at_us IS NULL) p LEFT JOIN account a ON a.person_id = p.id
              LEFT JOIN account_letter l ON l.person_id = p.id "
        )
    };
}

/// The units below which the administrator with the account $2 sees people on the day $1, and below the unit $3 if one is
/// chosen, as `scope`; and those people as `shown`: who is appointed there today or later, or was there and is appointed nowhere,
/// and who holds a role there.
macro_rules! with_shown {
    () => {
        "WITH RECURSIVE
         mine (unit_id) AS (
             SELECT unit_id FROM role_grant
             WHERE account_id = $2 AND role IN ('department_admin', 'unit_admin')
               AND valid_from <= $1 AND (valid_to IS NULL OR valid_to >= $1)
             UNION
             SELECT v.unit_id FROM org_unit_version v JOIN mine ON v.parent_id = mine.unit_id
             WHERE v.valid_from <= $1 AND (v.valid_to IS NULL OR v.valid_to >= $1)
         ),
         chosen (unit_id) AS (
             SELECT id FROM org_unit WHERE id = $3
             UNION
             SELECT v.unit_id FROM org_unit_version v JOIN chosen ON v.parent_id = chosen.unit_id
             WHERE v.valid_from <= $1 AND (v.valid_to IS NULL OR v.valid_to >= $1)
         ),
         scope (unit_id) AS (
             SELECT unit_id FROM mine WHERE $3 IS NULL OR unit_id IN (SELECT unit_id FROM chosen)
         ),
         shown (person_id) AS (
             -- SQLite keeps the order of a CROSS JOIN: from the units, not from all appointments.
             SELECT ap.person_id FROM scope CROSS JOIN appointment ap
             WHERE ap.unit_id = scope.unit_id
               AND (ap.valid_to IS NULL OR ap.valid_to >= $1
                    OR NOT EXISTS (SELECT 1 FROM appointment o
                                   WHERE o.person_id = ap.person_id AND (o.valid_to IS NULL OR o.valid_to >= $1)))
             UNION
             SELECT a.person_id FROM scope JOIN role_grant g ON g.unit_id = scope.unit_id JOIN account a ON a.id = g.account_id
             WHERE g.valid_to IS NULL OR g.valid_to >= $1
         ) "
    };
}

/// Whether somebody `p` is shown. People are walked by name, so that a page costs no more than a page: below many units each is
/// looked at as they come, below few all that are shown are found first.
macro_rules! is_shown {
    () => {
        "CASE WHEN (SELECT COUNT(*) FROM scope) * 8 < (SELECT COUNT(*) FROM org_unit)
              THEN p.id IN (SELECT person_id FROM shown)
              ELSE EXISTS (SELECT 1 FROM appointment ap
                           WHERE ap.person_id = p.id AND ap.unit_id IN (SELECT unit_id FROM scope)
                             AND (ap.valid_to IS NULL OR ap.valid_to >= $1
                                  OR NOT EXISTS (SELECT 1 FROM appointment o
                                                 WHERE o.person_id = p.id AND (o.valid_to IS NULL OR o.valid_to >= $1))))
                   OR EXISTS (SELECT 1 FROM account h JOIN role_grant g ON g.account_id = h.id
                              WHERE h.person_id = p.id AND g.unit_id IN (SELECT unit_id FROM scope)
                                AND (g.valid_to IS NULL OR g.valid_to >= $1)) END "
    };
}

/// Which of those that an administrator sees.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    /// Below this unit.
    pub(super) unit: Option<UnitId>,
    /// With this in name or login: a pattern of `LIKE` with `!` as its escape.
    pub(super) pattern: Option<String>,
    /// Whose account stands so.
    pub(super) state: Option<AccountState>,
}

/// Where a page begins: after this row.
#[derive(Debug, Clone, Default)]
pub(super) struct After {
    pub(super) sort_key: Vec<u8>,
    pub(super) person: Uuid,
    pub(super) account: Uuid,
}

/// Those whom an administrator sees and that `filter` takes, by given name.
///
/// # Errors
/// When the database fails.
pub(super) async fn visible_to(
    conn: &mut Conn,
    administrator: AccountId,
    day: &Day,
    filter: &Filter,
    after: &After,
    limit: i64,
) -> StoreResult<Vec<Row>> {
    sql!(
        all Row, conn,
        concat!(
            with_shown!(), select_row!(), "WHERE ", is_shown!(), "
               AND ($4 IS NULL OR p.search_key LIKE $4 ESCAPE '!' OR a.login LIKE $4 ESCAPE '!')
               AND ($5 IS NULL OR $5 = ", state!(), ")
               AND (p.sort_key > $6 OR (p.sort_key = $6 AND (p.id > $7 OR (p.id = $7 AND a.id > $8))))
             ORDER BY p.sort_key, p.id, a.id LIMIT $9"
        ),
        day, administrator, filter.unit, filter.pattern.as_deref(), filter.state.map(Word),
        &after.sort_key, after.person, after.account, limit
    )
}

/// How many of those whom an administrator sees have an account that stands so, whatever state is asked for.
///
/// # Errors
/// When the database fails.
pub(super) async fn counts(
    conn: &mut Conn,
    administrator: AccountId,
    day: &Day,
    filter: &Filter,
) -> StoreResult<Vec<(Word<AccountState>, i64)>> {
    sql!(
        all(Word<AccountState>, i64),
        conn,
        concat!(
            with_shown!(),
            "SELECT ",
            state!(),
            " AS state, COUNT(*) FROM (SELECT * FROM person WHERE erased_at_us IS NULL) p LEFT JOIN account a ON a.person_id = p.id
             WHERE ",
            is_shown!(),
            "  AND ($4 IS NULL OR p.search_key LIKE $4 ESCAPE '!' OR a.login LIKE $4 ESCAPE '!')
             GROUP BY 1"
        ),
        day,
        administrator,
        filter.unit,
        filter.pattern.as_deref()
    )
}

/// Somebody by their account.
///
/// # Errors
/// When the database fails.
pub(super) async fn by_account(
    conn: &mut Conn,
    account: AccountId,
    day: &Day,
) -> StoreResult<Option<Row>> {
    sql!(
        optional Row, conn,
        concat!(select_row!(), "WHERE a.id = $2"),
        day, account
    )
}

/// Somebody by their id, with an account that is open if there is one.
///
/// # Errors
/// When the database fails.
pub(super) async fn by_person(
    conn: &mut Conn,
    person: PersonId,
    day: &Day,
) -> StoreResult<Option<Row>> {
    sql!(
        optional Row, conn,
        concat!(select_row!(), "WHERE p.id = $2 ORDER BY a.disabled_at_us IS NOT NULL, a.id LIMIT 1"),
        day, person
    )
}

/// Keeps others from giving the same person an account, or changing one that they have, until this transaction ends.
///
/// # Errors
/// When the database fails.
pub(super) async fn hold_person(tx: &mut Tx, person: PersonId) -> StoreResult<()> {
    // Written as it is: that locks the row in every database.
    sql!(
        execute,
        tx,
        "UPDATE person SET full_name = full_name WHERE id = $1",
        person
    )?;
    sql!(
        execute,
        tx,
        "UPDATE account SET login = login WHERE person_id = $1",
        person
    )?;
    Ok(())
}

/// The logins that begin so.
///
/// # Errors
/// When the database fails.
pub(super) async fn logins_like(conn: &mut Conn, beginning: &str) -> StoreResult<Vec<String>> {
    let rows = sql!(
        all(String,),
        conn,
        "SELECT login FROM account WHERE login LIKE $1 ESCAPE '!'",
        format!("{beginning}%")
    )?;
    Ok(rows.into_iter().map(|(login,)| login).collect())
}

/// Enables an account. False when it was not disabled.
///
/// # Errors
/// When the database fails.
pub(super) async fn enable(tx: &mut Tx, account: AccountId) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE account SET disabled_at_us = NULL WHERE id = $1 AND disabled_at_us IS NOT NULL",
        account
    )?;
    Ok(changed > 0)
}

/// Gives an account a role.
///
/// # Errors
/// When the database fails.
pub(super) async fn grant(
    tx: &mut Tx,
    account: AccountId,
    grant: &DatedGrant,
) -> StoreResult<GrantId> {
    let id = GrantId(new_id());
    sql!(
        execute,
        tx,
        "INSERT INTO role_grant (id, account_id, role, unit_id, valid_from, valid_to) VALUES ($1, $2, $3, $4, $5, $6)",
        id,
        account,
        Word::<AccountRole>(grant.role),
        grant.unit,
        &grant.from,
        grant.to.as_ref()
    )?;
    Ok(id)
}
