//! Lines of the log with the names of whom and what they are about.

use protocol::UtcMicros;
use sqlx::FromRow;

use crate::platform::database::{Conn, StoreResult, sql};

/// Which lines; patterns are those of `LIKE`, with `!` before what is meant as it stands.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// Lines before this one.
    pub(super) before: i64,
    /// Not before this time.
    pub(super) from: UtcMicros,
    /// Before this time.
    pub(super) to: UtcMicros,
    /// This action.
    pub(super) action: Option<String>,
    /// Whose name or login is like this.
    pub(super) who: Option<String>,
    /// What is called like this.
    pub(super) thing: Option<String>,
}

/// A line with names.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Listed {
    pub(super) seq: i64,
    pub(super) at_us: UtcMicros,
    pub(super) actor: String,
    pub(super) action: String,
    pub(super) resource: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) previous_hash: Vec<u8>,
    pub(super) hash: Vec<u8>,
    pub(super) actor_name: Option<String>,
    pub(super) actor_login: Option<String>,
    pub(super) thing_name: Option<String>,
    pub(super) thing_code: Option<String>,
    pub(super) thing_participant: Option<String>,
}

/// The newest lines that are wanted, newest first.
///
/// # Errors
/// When the database fails.
pub(super) async fn lines(
    conn: &mut Conn,
    wanted: &Wanted,
    limit: i64,
) -> StoreResult<Vec<Listed>> {
    // Numbers and times rise together but for a clock that is set, so a day is looked for among few numbers. The first two
    // bounds say which; with the `+`, the database looks for no others in the index.
    let (from, to) = (wanted.from.0, wanted.to.0);
    let has_days = from > i64::MIN || to < i64::MAX;
    sql!(
        all Listed, conn,
        "WITH whose AS (
               SELECT w.word FROM audit_word w
               LEFT JOIN account a ON w.kind = 'account' AND a.id = w.id
               LEFT JOIN person p ON p.id = a.person_id
               LEFT JOIN access_token k ON w.kind = 'token' AND k.id = w.id
               LEFT JOIN bridge_point b ON w.kind = 'point' AND b.id = w.id
               LEFT JOIN api_key y ON w.kind = 'api_key' AND y.id = w.id
               WHERE p.search_key LIKE $5 ESCAPE '!' OR a.login LIKE $5 ESCAPE '!' OR b.search_key LIKE $5 ESCAPE '!'
                  OR lower(k.display_name) LIKE $5 ESCAPE '!' OR y.search_key LIKE $5 ESCAPE '!'),
         -- Of each word only what its kind says is looked up; sessions, which are many, are looked through once.
         what AS (
               SELECT w.word FROM audit_word w
               WHERE lower(w.code) LIKE $6 ESCAPE '!'
                  OR EXISTS (SELECT 1 FROM participant g
                             WHERE g.id = w.participant_id AND lower(g.display_name) LIKE $6 ESCAPE '!')
                  OR CASE
                     WHEN w.kind = 'session' THEN
                         w.code IN (SELECT s.code FROM session s WHERE s.search_key LIKE $6 ESCAPE '!')
                     WHEN w.kind = 'account' THEN
                         EXISTS (SELECT 1 FROM account a LEFT JOIN person p ON p.id = a.person_id
                                 WHERE a.id = w.id AND (a.login LIKE $6 ESCAPE '!' OR p.search_key LIKE $6 ESCAPE '!'))
                     WHEN w.kind = 'person' THEN
                         EXISTS (SELECT 1 FROM person p WHERE p.id = w.id AND p.search_key LIKE $6 ESCAPE '!')
                     WHEN w.kind = 'recording' THEN
                         EXISTS (SELECT 1 FROM recording r JOIN session f ON f.id = r.session_id
                                 WHERE r.id = w.id AND (f.search_key LIKE $6 ESCAPE '!' OR lower(f.code) LIKE $6 ESCAPE '!'))
                     WHEN w.kind IN ('point', 'bridge_point') THEN
                         EXISTS (SELECT 1 FROM bridge_point b
                                 WHERE (b.id = w.id OR b.code = w.code)
                                   AND (b.search_key LIKE $6 ESCAPE '!' OR lower(b.code) LIKE $6 ESCAPE '!'))
                     WHEN w.kind IN ('unit', 'org_unit') THEN
                         EXISTS (SELECT 1 FROM org_unit u
                                 WHERE (u.id = w.id OR u.code = w.code)
                                   AND (lower(u.code) LIKE $6 ESCAPE '!'
                                        OR EXISTS (SELECT 1 FROM org_unit_version v
                                                   WHERE v.unit_id = u.id AND v.search_key LIKE $6 ESCAPE '!')))
                     WHEN w.kind = 'api_key' THEN
                         EXISTS (SELECT 1 FROM api_key y WHERE y.id = w.id AND y.search_key LIKE $6 ESCAPE '!')
                     ELSE FALSE END)
         SELECT l.seq, l.at_us, l.actor, l.action, l.resource, l.before, l.after, l.previous_hash, l.hash,
                COALESCE(ap.full_name, ak.display_name, ab.name, ay.name) AS actor_name,
                aa.login AS actor_login,
                COALESCE(ts.title, tp.full_name, fs.title, tb.name, ty.name,
                    (SELECT v.name FROM org_unit_version v WHERE v.unit_id = tu.id
                     ORDER BY v.valid_from DESC LIMIT 1)) AS thing_name,
                COALESCE(ts.code, ta.login, fs.code, tb.code, tu.code, tw.code) AS thing_code,
                tg.display_name AS thing_participant
         FROM audit_log l
         LEFT JOIN audit_word aw ON aw.word = l.actor
         LEFT JOIN account aa ON aw.kind = 'account' AND aa.id = aw.id
         LEFT JOIN person ap ON ap.id = aa.person_id
         LEFT JOIN access_token ak ON aw.kind = 'token' AND ak.id = aw.id
         LEFT JOIN bridge_point ab ON aw.kind = 'point' AND ab.id = aw.id
         LEFT JOIN api_key ay ON aw.kind = 'api_key' AND ay.id = aw.id
         LEFT JOIN audit_word tw ON tw.word = l.resource
         LEFT JOIN session ts ON tw.kind = 'session' AND ts.code = tw.code
         LEFT JOIN participant tg ON tg.id = tw.participant_id
         LEFT JOIN account ta ON tw.kind = 'account' AND ta.id = tw.id
         LEFT JOIN person tp ON tp.id = COALESCE(ta.person_id, CASE WHEN tw.kind = 'person' THEN tw.id END)
         LEFT JOIN recording tr ON tw.kind = 'recording' AND tr.id = tw.id
         LEFT JOIN session fs ON fs.id = tr.session_id
         LEFT JOIN bridge_point tb ON tw.kind IN ('point', 'bridge_point') AND (tb.id = tw.id OR tb.code = tw.code)
         LEFT JOIN org_unit tu ON tw.kind IN ('unit', 'org_unit') AND (tu.id = tw.id OR tu.code = tw.code)
         LEFT JOIN api_key ty ON tw.kind = 'api_key' AND ty.id = tw.id
         WHERE l.seq <= CASE
                   WHEN $5 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM whose) THEN 0
                   WHEN $6 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM what) THEN 0
                   WHEN $8 THEN (SELECT COALESCE(MAX(m.seq), 0) FROM audit_log m WHERE m.at_us >= $2 AND m.at_us < $3)
                   WHEN $4 IS NULL THEN $1
                   ELSE (SELECT COALESCE(MAX(m.seq), 0) FROM audit_log m WHERE m.action = $4 AND m.seq < $1) END
           AND l.seq >= CASE
                   WHEN $8 THEN (SELECT COALESCE(MIN(m.seq), 0) FROM audit_log m WHERE m.at_us >= $2 AND m.at_us < $3)
                   ELSE 0 END
           AND +l.seq < $1 AND l.at_us >= $2 AND l.at_us < $3
           AND ($4 IS NULL OR l.action = $4)
           AND ($5 IS NULL OR l.actor IN (SELECT word FROM whose))
           AND ($6 IS NULL OR l.resource IN (SELECT word FROM what))
         ORDER BY l.seq DESC LIMIT $7",
        wanted.before, from, to, &wanted.action, &wanted.who, &wanted.thing, limit, has_days
    )
}
