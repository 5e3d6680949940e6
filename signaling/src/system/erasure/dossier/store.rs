//! Everything that tables hold about somebody.

use protocol::{AccountId, Day, PersonId, SessionCode, SignInId, TokenId, UtcMicros};
use serde::Serialize;
use sqlx::FromRow;

use crate::platform::database::{Conn, StoreResult, sql};

/// What is asked of each table: a name in the document, what a row of it holds, and the rows of the person $1.
macro_rules! chapters {
    ($(
        $(#[$doc:meta])*
        $name:ident: $row:ident { $($field:ident: $kind:ty,)* } $sql:literal;
    )*) => {
        /// Everything, table by table.
        #[derive(Debug, Serialize)]
        pub(super) struct Chapters {
            $($(#[$doc])* pub(super) $name: Vec<$row>,)*
        }

        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Serialize, FromRow)]
            pub(super) struct $row {
                $(pub(super) $field: $kind,)*
            }
        )*

        pub(super) async fn chapters(conn: &mut Conn, person: PersonId) -> StoreResult<Chapters> {
            Ok(Chapters {
                $($name: sql!(all $row, conn, $sql, person)?,)*
            })
        }
    };
}

chapters! {
    /// What they are called.
    person: PersonRow {
        code: Option<String>, full_name: String, form_of_address: Option<String>, email: Option<String>, created_at_us: UtcMicros,
    }
    "SELECT code, full_name, form_of_address, email, created_at_us FROM person WHERE id = $1";

    /// Where they sit and sat.
    appointments: AppointmentRow {
        unit: String, position: String, subject: Option<String>, valid_from: Day, valid_to: Option<Day>,
    }
    "SELECT u.code AS unit, a.position, a.subject, a.valid_from, a.valid_to
     FROM appointment a JOIN org_unit u ON u.id = a.unit_id WHERE a.person_id = $1 ORDER BY a.valid_from, a.id";

    /// Accounts; passwords are not kept, only proofs of them.
    accounts: AccountRow {
        id: AccountId, login: String, created_at_us: UtcMicros, password_changed_at_us: UtcMicros,
        disabled_at_us: Option<UtcMicros>,
    }
    "SELECT id, login, created_at_us, password_changed_at_us, disabled_at_us FROM account WHERE person_id = $1 ORDER BY id";

    /// The last letter that was to invite them.
    letters: LetterRow {
        state: String, failure: Option<String>, asked_at_us: UtcMicros, ended_at_us: Option<UtcMicros>,
    }
    "SELECT state, failure, asked_at_us, ended_at_us FROM account_letter WHERE person_id = $1";

    /// Roles.
    roles: RoleRow {
        login: String, role: String, unit: String, valid_from: Day, valid_to: Option<Day>,
    }
    "SELECT a.login, g.role, u.code AS unit, g.valid_from, g.valid_to
     FROM role_grant g JOIN account a ON a.id = g.account_id JOIN org_unit u ON u.id = g.unit_id
     WHERE a.person_id = $1 ORDER BY g.valid_from, g.id";

    /// By which identities of a provider they sign in.
    identities: IdentityRow {
        issuer: String, subject: String, label: Option<String>, linked_at_us: UtcMicros, last_used_us: Option<UtcMicros>,
    }
    "SELECT i.issuer, i.subject, i.label, i.linked_at_us, i.last_used_us
     FROM external_identity i JOIN account a ON a.id = i.account_id WHERE a.person_id = $1 ORDER BY i.id";

    /// From where and by what they signed in.
    sign_ins: SignInRow {
        id: SignInId, browser: Option<String>, address: Option<String>, created_at_us: UtcMicros,
        last_seen_us: Option<UtcMicros>, expires_at_us: UtcMicros, ended_at_us: Option<UtcMicros>,
    }
    "SELECT s.id, s.browser, s.address, s.created_at_us, s.last_seen_us, s.expires_at_us, s.ended_at_us
     FROM sign_in s JOIN account a ON a.id = s.account_id WHERE a.person_id = $1 ORDER BY s.id";

    /// Links that were made for them.
    links: LinkRow {
        id: TokenId, session: Option<SessionCode>, role: String, display_name: Option<String>, created_at_us: UtcMicros,
        expires_at_us: UtcMicros, revoked_at_us: Option<UtcMicros>,
    }
    "SELECT k.id, s.code AS session, k.role, k.display_name, k.created_at_us, k.expires_at_us, k.revoked_at_us
     FROM access_token k JOIN account a ON a.id = k.account_id LEFT JOIN session s ON s.id = k.session_id
     WHERE a.person_id = $1 ORDER BY k.id";

    /// Sessions of which they are or were in charge.
    in_charge_of: OfficerRow { session: SessionCode, title: String, part: String, starts_at_us: UtcMicros, }
    "SELECT s.code AS session, s.title, o.part, s.starts_at_us
     FROM session_officer o JOIN session s ON s.id = o.session_id WHERE o.person_id = $1 ORDER BY s.starts_at_us, s.id";

    /// Rooms in which they were, and as whom.
    took_part_in: PresentRow {
        session: SessionCode, title: String, display_name: String, role: String, consent: String, created_at_us: UtcMicros,
    }
    "SELECT s.code AS session, s.title, p.display_name, p.role, p.consent, p.created_at_us
     FROM participant p JOIN session s ON s.id = p.session_id
     WHERE p.account_id IN (SELECT id FROM account WHERE person_id = $1)
        OR p.access_token_id IN
            (SELECT k.id FROM access_token k JOIN account a ON a.id = k.account_id WHERE a.person_id = $1)
     ORDER BY p.id";

    /// From when to when they were proven to be there.
    presence: PresenceRow { session: SessionCode, from_us: UtcMicros, to_us: Option<UtcMicros>, proof: String, }
    "SELECT s.code AS session, i.from_us, i.to_us, i.proof
     FROM presence_interval i JOIN participant p ON p.id = i.participant_id JOIN session s ON s.id = p.session_id
     WHERE p.account_id IN (SELECT id FROM account WHERE person_id = $1) ORDER BY i.from_us, i.id";

    /// What they said in chats, and how they came and went, as the journals of rooms have it.
    said_and_done: EventRow { session: SessionCode, at_us: UtcMicros, kind: String, payload: String, }
    "SELECT s.code AS session, e.at_us, e.kind, e.payload
     FROM participant p JOIN session s ON s.id = p.session_id
     JOIN session_event e ON e.session_id = p.session_id AND e.actor = p.id
     WHERE p.account_id IN (SELECT id FROM account WHERE person_id = $1) ORDER BY e.session_id, e.seq";

    /// Whether they came where they were expected.
    attendance: AttendanceRow {
        session: SessionCode, status: String, absence_reason: Option<String>, checked_at_us: Option<UtcMicros>,
    }
    "SELECT s.code AS session, t.status, t.absence_reason, t.checked_at_us
     FROM attendance t JOIN session s ON s.id = t.session_id WHERE t.person_id = $1 ORDER BY t.id";

    /// Lists of points on which they stood.
    rosters: RosterRow { session: SessionCode, point: String, reason: Option<String>, created_at_us: UtcMicros, }
    "SELECT s.code AS session, b.code AS point, r.reason, r.created_at_us
     FROM roster_entry r JOIN session s ON s.id = r.session_id JOIN bridge_point b ON b.id = r.point_id
     WHERE r.person_id = $1 OR r.substitute_for = $1 ORDER BY r.id";

    /// Classes in which they are or were trainees.
    classes: ClassRow {
        class: String, title: String, enrolled_at_us: UtcMicros, withdrawn_at_us: Option<UtcMicros>,
    }
    "SELECT c.code AS class, c.title, n.enrolled_at_us, n.withdrawn_at_us
     FROM enrolment n JOIN training_class c ON c.id = n.class_id WHERE n.person_id = $1 ORDER BY n.id";

    /// What they were told of sessions.
    notices: NoticeRow { session: SessionCode, kind: String, created_at_us: UtcMicros, seen_at_us: Option<UtcMicros>, }
    "SELECT s.code AS session, n.kind, n.created_at_us, r.seen_at_us
     FROM notice_reader r JOIN notice n ON n.id = r.notice_id JOIN session s ON s.id = n.session_id
     WHERE r.person_id = $1 ORDER BY n.id";

    /// Rows with their code in lists that came as files.
    in_lists: ListRow { file_name: String, number: i64, cells: String, created_at_us: UtcMicros, }
    "SELECT i.file_name, r.number, r.cells, i.created_at_us
     FROM person p JOIN people_import_row r ON r.code = p.code JOIN people_import i ON i.id = r.import_id
     WHERE p.id = $1 ORDER BY i.id, r.number";

    /// Recordings of sessions that they took part in.
    recordings: RecordingRow {
        session: SessionCode, state: String, started_at_us: Option<UtcMicros>, keep_until_us: Option<UtcMicros>,
    }
    "SELECT s.code AS session, r.state, r.started_at_us, r.keep_until_us
     FROM recording r JOIN session s ON s.id = r.session_id
     WHERE EXISTS (SELECT 1 FROM participant p JOIN account a ON a.id = p.account_id
                   WHERE p.session_id = r.session_id AND a.person_id = $1)
     ORDER BY r.id";

    /// What the audit log says that they did, and that was done to them.
    log: LogRow {
        seq: i64, at_us: UtcMicros, actor: String, action: String, resource: String, before: Option<String>,
        after: Option<String>,
    }
    "SELECT l.seq, l.at_us, l.actor, l.action, l.resource, l.before, l.after FROM audit_log l
     WHERE l.actor IN (SELECT w.word FROM audit_word w JOIN account a ON w.kind = 'account' AND a.id = w.id
                       WHERE a.person_id = $1)
        OR l.resource IN (SELECT w.word FROM audit_word w JOIN account a ON w.kind = 'account' AND a.id = w.id
                          WHERE a.person_id = $1)
        OR l.resource IN (SELECT w.word FROM audit_word w WHERE w.kind = 'person' AND w.id = $1)
     ORDER BY l.seq";
}
