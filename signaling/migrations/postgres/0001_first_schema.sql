-- The first schema of Điểm Cầu. PostgreSQL; `migrations/sqlite` holds the same tables.
--
-- Ids are UUID v7, so they sort by the time they were made. Columns ending in `_us` are microseconds UTC.
-- `valid_from` and `valid_to` are days (2026-11-22), the first and the last on which the row holds; an open end is
-- NULL. Rows with days are never deleted: an old report must come out the same. `*_key` columns are derived from
-- the name beside them: `search_key` is folded for search without diacritics, `sort_key` is a Vietnamese collation key.

-- ── Units and places ────────────────────────────────────────────────────────────────────────────────────────────

-- A unit of the administration. Only what never changes; all else is dated below.
CREATE TABLE org_unit (
    id            UUID   NOT NULL PRIMARY KEY,
    code          TEXT   NOT NULL UNIQUE, -- The external code, for example of the sector database.
    created_at_us BIGINT NOT NULL
);

-- What a unit was called and where it stood in the tree, by day. The tree of any day is the rows valid on it.
CREATE TABLE org_unit_version (
    id         UUID NOT NULL PRIMARY KEY,
    unit_id    UUID NOT NULL REFERENCES org_unit (id),
    name       TEXT NOT NULL,
    search_key TEXT NOT NULL,
    kind       TEXT NOT NULL, -- department, district_office, commune_unit, school, attached_unit: a label, no level.
    parent_id  UUID REFERENCES org_unit (id), -- NULL at the root.
    valid_from TEXT NOT NULL,
    valid_to   TEXT,
    CHECK (valid_to IS NULL OR valid_to >= valid_from)
);
CREATE INDEX org_unit_version_unit ON org_unit_version (unit_id);
CREATE INDEX org_unit_version_parent ON org_unit_version (parent_id);

-- What became of a unit: keeps reports over the change of 1 July 2025, and any later one, reproducible.
CREATE TABLE org_unit_succession (
    id           UUID NOT NULL PRIMARY KEY,
    from_unit_id UUID NOT NULL REFERENCES org_unit (id),
    to_unit_id   UUID REFERENCES org_unit (id), -- NULL when the unit closed without a successor.
    kind         TEXT NOT NULL CHECK (kind IN ('merged', 'split', 'renamed', 'closed')),
    on_day       TEXT NOT NULL, -- The first day of the new state.
    note         TEXT
);

-- A place that takes part (điểm cầu). It has no unit column: who hosts it changes and is dated below.
CREATE TABLE bridge_point (
    id            UUID   NOT NULL PRIMARY KEY,
    code          TEXT   NOT NULL UNIQUE,
    name          TEXT   NOT NULL,
    search_key    TEXT   NOT NULL,
    kind          TEXT   NOT NULL CHECK (kind IN ('main', 'base')),
    seat_order    BIGINT NOT NULL, -- Its place on the wall when a session does not say otherwise.
    state         TEXT   NOT NULL CHECK (state IN ('active', 'closed')),
    last_seen_us  BIGINT, -- When it was last connected to any session.
    created_at_us BIGINT NOT NULL
);

-- Which unit hosts a point, and which others send their people there.
CREATE TABLE bridge_point_unit (
    id         UUID NOT NULL PRIMARY KEY,
    point_id   UUID NOT NULL REFERENCES bridge_point (id),
    unit_id    UUID NOT NULL REFERENCES org_unit (id),
    relation   TEXT NOT NULL CHECK (relation IN ('host', 'served')),
    valid_from TEXT NOT NULL,
    valid_to   TEXT,
    CHECK (valid_to IS NULL OR valid_to >= valid_from)
);
CREATE INDEX bridge_point_unit_point ON bridge_point_unit (point_id);
CREATE INDEX bridge_point_unit_unit ON bridge_point_unit (unit_id);

-- The physical room of a point.
CREATE TABLE meeting_room (
    id         UUID    NOT NULL PRIMARY KEY,
    point_id   UUID    NOT NULL REFERENCES bridge_point (id),
    code       TEXT    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    seats      BIGINT  NOT NULL,
    dual_use   BOOLEAN NOT NULL, -- Phòng lưỡng dụng: also used without video, so it is booked by itself too.
    asset_code TEXT
);

-- An enrolled computer of a point, which joins without a personal login.
CREATE TABLE room_device (
    id              UUID   NOT NULL PRIMARY KEY,
    point_id        UUID   NOT NULL REFERENCES bridge_point (id),
    name            TEXT   NOT NULL,
    credential_hash BYTEA  NOT NULL UNIQUE, -- SHA-256 of its 256-bit secret.
    version         TEXT,
    last_seen_us    BIGINT,
    created_at_us   BIGINT NOT NULL,
    revoked_at_us   BIGINT
);

-- ── People and rights ───────────────────────────────────────────────────────────────────────────────────────────

-- Somebody, with or without an account.
CREATE TABLE person (
    id              UUID   NOT NULL PRIMARY KEY,
    code            TEXT   UNIQUE, -- The external code, when another system knows this person.
    full_name       TEXT   NOT NULL,
    sort_key        BYTEA  NOT NULL, -- By given name (the last word) first.
    search_key      TEXT   NOT NULL,
    form_of_address TEXT, -- Ông, Bà, Đồng chí: as the record has it.
    created_at_us   BIGINT NOT NULL
);

-- Who sat where, as what, when.
CREATE TABLE appointment (
    id         UUID NOT NULL PRIMARY KEY,
    person_id  UUID NOT NULL REFERENCES person (id),
    unit_id    UUID NOT NULL REFERENCES org_unit (id),
    position   TEXT NOT NULL,
    subject    TEXT, -- What a teacher teaches.
    valid_from TEXT NOT NULL,
    valid_to   TEXT,
    CHECK (valid_to IS NULL OR valid_to >= valid_from)
);
CREATE INDEX appointment_person ON appointment (person_id);
CREATE INDEX appointment_unit ON appointment (unit_id);

-- A login.
CREATE TABLE account (
    id                     UUID   NOT NULL PRIMARY KEY,
    login                  TEXT   NOT NULL UNIQUE, -- In lower case.
    password_hash          TEXT   NOT NULL, -- argon2id, PHC string.
    person_id              UUID   NOT NULL REFERENCES person (id),
    second_factor          TEXT, -- Reserved for the second factor.
    created_at_us          BIGINT NOT NULL,
    password_changed_at_us BIGINT NOT NULL,
    disabled_at_us         BIGINT
);

-- The only source of rights: a role, held at a unit for its whole subtree.
CREATE TABLE role_grant (
    id         UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES account (id),
    role       TEXT NOT NULL CHECK (role IN ('department_admin', 'unit_admin', 'it_staff', 'trainer', 'member')),
    unit_id    UUID NOT NULL REFERENCES org_unit (id),
    valid_from TEXT NOT NULL,
    valid_to   TEXT,
    CHECK (valid_to IS NULL OR valid_to >= valid_from)
);
CREATE INDEX role_grant_account ON role_grant (account_id);

-- ── Classes ─────────────────────────────────────────────────────────────────────────────────────────────────────

-- A training class of a unit and year.
CREATE TABLE training_class (
    id            UUID   NOT NULL PRIMARY KEY,
    code          TEXT   NOT NULL UNIQUE,
    title         TEXT   NOT NULL,
    search_key    TEXT   NOT NULL,
    unit_id       UUID   NOT NULL REFERENCES org_unit (id),
    year          BIGINT NOT NULL,
    created_at_us BIGINT NOT NULL
);

-- A part of a class.
CREATE TABLE class_module (
    id       UUID             NOT NULL PRIMARY KEY,
    class_id UUID             NOT NULL REFERENCES training_class (id),
    position BIGINT           NOT NULL, -- From 1.
    title    TEXT             NOT NULL,
    hours    DOUBLE PRECISION NOT NULL, -- Planned; both blended indicators count them.
    mode     TEXT             NOT NULL CHECK (mode IN ('live', 'self_study')),
    UNIQUE (class_id, position)
);

-- A trainee of a class.
CREATE TABLE enrolment (
    id              UUID   NOT NULL PRIMARY KEY,
    class_id        UUID   NOT NULL REFERENCES training_class (id),
    person_id       UUID   NOT NULL REFERENCES person (id),
    enrolled_at_us  BIGINT NOT NULL,
    withdrawn_at_us BIGINT,
    UNIQUE (class_id, person_id)
);

-- ── Sessions ────────────────────────────────────────────────────────────────────────────────────────────────────

-- A meeting, training or observation, planned or entered afterwards. Its live room shares its id.
CREATE TABLE session (
    id                UUID    NOT NULL PRIMARY KEY,
    code              TEXT    NOT NULL UNIQUE, -- Short, read aloud on the telephone.
    title             TEXT    NOT NULL,
    search_key        TEXT    NOT NULL,
    kind              TEXT    NOT NULL
        CHECK (kind IN ('meeting', 'conference', 'seminar', 'training', 'class_observation')),
    mode              TEXT    NOT NULL CHECK (mode IN ('online', 'hybrid', 'in_person')),
    preset            TEXT    NOT NULL CHECK (preset IN ('discussion', 'training', 'conference')),
    secrecy           TEXT    NOT NULL CHECK (secrecy IN ('normal', 'internal')), -- 'secret' is refused by design.
    convening_unit_id UUID    NOT NULL REFERENCES org_unit (id),
    chair_account_id  UUID    REFERENCES account (id),
    class_id          UUID    REFERENCES training_class (id),
    module_id         UUID    REFERENCES class_module (id),
    series_id         UUID, -- The same for every session of a series.
    starts_at_us      BIGINT  NOT NULL,
    ends_at_us        BIGINT  NOT NULL,
    opened_at_us      BIGINT, -- When the room was first opened.
    ended_at_us       BIGINT,
    cancelled_at_us   BIGINT,
    auto_record       BOOLEAN NOT NULL,
    consent_policy    TEXT    NOT NULL, -- notice: everybody is told; ask: each is asked.
    keep_days         BIGINT, -- How long its recordings are kept; NULL follows the setting of its kind.
    max_interactive   BIGINT  NOT NULL,
    max_receive_only  BIGINT  NOT NULL,
    version           BIGINT  NOT NULL, -- Raised by every change; an edit of an older version is refused.
    created_by        UUID    REFERENCES account (id),
    created_at_us     BIGINT  NOT NULL,
    CHECK (ends_at_us > starts_at_us)
);
CREATE INDEX session_starts ON session (starts_at_us);
CREATE INDEX session_class ON session (class_id);

-- Who is asked to take part, and their seats.
CREATE TABLE invitation (
    id                   UUID   NOT NULL PRIMARY KEY,
    session_id           UUID   NOT NULL REFERENCES session (id),
    point_id             UUID   REFERENCES bridge_point (id),
    unit_id              UUID   REFERENCES org_unit (id),
    seat_number          BIGINT, -- From 1; a point's fixed place on the wall.
    required_composition TEXT, -- Who must come, in words.
    reply                TEXT   NOT NULL CHECK (reply IN ('none', 'accepted', 'declined')),
    ready_at_start       BOOLEAN, -- Whether the point was there when the session began; NULL before.
    UNIQUE (session_id, point_id),
    UNIQUE (session_id, seat_number)
);

-- That a point or a room is taken. Conflicts and utilisation are read from here.
CREATE TABLE booking (
    id              UUID   NOT NULL PRIMARY KEY,
    session_id      UUID   NOT NULL REFERENCES session (id),
    point_id        UUID   REFERENCES bridge_point (id),
    room_id         UUID   REFERENCES meeting_room (id),
    from_us         BIGINT NOT NULL,
    to_us           BIGINT NOT NULL,
    released_at_us  BIGINT, -- When the session ended early or was called off.
    CHECK (to_us > from_us)
);
CREATE INDEX booking_point ON booking (point_id, from_us);
CREATE INDEX booking_room ON booking (room_id, from_us);

-- A key that opens one session, or the interface. The secret itself is shown once and never stored.
CREATE TABLE access_token (
    id               UUID   NOT NULL PRIMARY KEY,
    secret_hash      BYTEA  NOT NULL UNIQUE, -- SHA-256 of the 256-bit secret.
    purpose          TEXT   NOT NULL CHECK (purpose IN ('join', 'whip', 'whep', 'api')),
    session_id       UUID   REFERENCES session (id),
    role             TEXT   NOT NULL CHECK (role IN ('chair', 'secretary', 'point', 'presenter', 'viewer')),
    point_id         UUID   REFERENCES bridge_point (id),
    account_id       UUID   REFERENCES account (id), -- The person a link is for.
    display_name     TEXT, -- A guest's name; NULL lets the guest choose.
    created_by       UUID   REFERENCES account (id),
    created_at_us    BIGINT NOT NULL,
    expires_at_us    BIGINT NOT NULL,
    first_used_at_us BIGINT,
    revoked_at_us    BIGINT
);

-- A browser that signed in, or exchanged a joining link. The cookie holds the token, the row its SHA-256.
CREATE TABLE sign_in (
    id              UUID   NOT NULL PRIMARY KEY,
    token_hash      BYTEA  NOT NULL UNIQUE,
    account_id      UUID   REFERENCES account (id),
    device_id       UUID   REFERENCES room_device (id),
    access_token_id UUID   REFERENCES access_token (id),
    guest_name      TEXT, -- The name a guest chose.
    created_at_us   BIGINT NOT NULL,
    expires_at_us   BIGINT NOT NULL,
    ended_at_us     BIGINT
);
CREATE INDEX sign_in_account ON sign_in (account_id);
CREATE INDEX sign_in_access_token ON sign_in (access_token_id);

-- A room device, a person's device, a guest or an encoder in one session. Unique by `identity`:
-- `point:<id>`, `account:<id>` or `token:<id>`.
CREATE TABLE participant (
    id              UUID    NOT NULL PRIMARY KEY,
    session_id      UUID    NOT NULL REFERENCES session (id),
    identity        TEXT    NOT NULL,
    role            TEXT    NOT NULL,
    display_name    TEXT    NOT NULL,
    point_id        UUID    REFERENCES bridge_point (id),
    account_id      UUID    REFERENCES account (id),
    access_token_id UUID    REFERENCES access_token (id),
    encoder         BOOLEAN NOT NULL, -- Came by WHIP.
    consent         TEXT    NOT NULL CHECK (consent IN ('not_asked', 'informed', 'given', 'declined', 'withdrawn')),
    created_at_us   BIGINT  NOT NULL,
    removed_at_us   BIGINT, -- Removed by the chair: may not come back.
    UNIQUE (session_id, identity)
);

-- When somebody was really there, as the media engine and the heartbeat prove it. Closed once, never edited.
CREATE TABLE presence_interval (
    id             UUID   NOT NULL PRIMARY KEY,
    participant_id UUID   NOT NULL REFERENCES participant (id),
    from_us        BIGINT NOT NULL,
    to_us          BIGINT, -- NULL while it lasts.
    proof          TEXT   NOT NULL, -- signaling: heartbeats; media: packets came.
    node           TEXT   NOT NULL -- Which SFU carried it.
);
CREATE INDEX presence_interval_participant ON presence_interval (participant_id, from_us);

-- Who sits behind a point. The unit of attendance is a person at a bridge point, not a connection.
CREATE TABLE roster_entry (
    id             UUID   NOT NULL PRIMARY KEY,
    session_id     UUID   NOT NULL REFERENCES session (id),
    point_id       UUID   NOT NULL REFERENCES bridge_point (id),
    person_id      UUID   NOT NULL REFERENCES person (id),
    substitute_for UUID   REFERENCES person (id), -- Đi thay.
    reason         TEXT,
    created_at_us  BIGINT NOT NULL,
    UNIQUE (session_id, person_id)
);

-- What became of each person expected. The history of changes is in the journal.
CREATE TABLE attendance (
    id             UUID   NOT NULL PRIMARY KEY,
    session_id     UUID   NOT NULL REFERENCES session (id),
    person_id      UUID   NOT NULL REFERENCES person (id),
    status         TEXT   NOT NULL CHECK (status IN
        ('present_in_person', 'present_online', 'absent', 'not_checked', 'late', 'left_early')),
    absence_reason TEXT,
    checked_by     UUID   REFERENCES participant (id),
    checked_at_us  BIGINT,
    UNIQUE (session_id, person_id)
);

-- The journal of a session. Resume, minutes, chapters, replay and recovery after a crash read it.
CREATE TABLE session_event (
    session_id      UUID   NOT NULL REFERENCES session (id),
    seq             BIGINT NOT NULL, -- Gapless, from 1.
    at_us           BIGINT NOT NULL,
    actor           UUID, -- The participant that caused it; NULL when the server did.
    kind            TEXT   NOT NULL,
    payload         TEXT   NOT NULL, -- The event as JSON.
    payload_version BIGINT NOT NULL,
    PRIMARY KEY (session_id, seq)
);

-- How a participant's link did over 10 s. Kept for 30 days.
CREATE TABLE link_sample (
    participant_id       UUID             NOT NULL REFERENCES participant (id),
    at_us                BIGINT           NOT NULL,
    point_id             UUID             REFERENCES bridge_point (id),
    rtt_ms               DOUBLE PRECISION,
    ingress_loss_percent DOUBLE PRECISION NOT NULL,
    egress_loss_percent  DOUBLE PRECISION NOT NULL,
    ingress_bps          BIGINT           NOT NULL,
    egress_bps           BIGINT           NOT NULL,
    estimate_bps         BIGINT,
    path                 TEXT, -- udp or tcp.
    PRIMARY KEY (participant_id, at_us)
);
CREATE INDEX link_sample_point ON link_sample (point_id, at_us);
CREATE INDEX link_sample_time ON link_sample (at_us);

-- ── Recordings and files ────────────────────────────────────────────────────────────────────────────────────────

-- One recording of one session.
CREATE TABLE recording (
    id               UUID    NOT NULL PRIMARY KEY,
    session_id       UUID    NOT NULL REFERENCES session (id),
    state            TEXT    NOT NULL CHECK (state IN ('starting', 'recording', 'finalising', 'archived',
        'composing', 'ready', 'failed', 'expired', 'deleted')),
    requested_at_us  BIGINT  NOT NULL,
    started_at_us    BIGINT,
    ended_at_us      BIGINT,
    duration_us      BIGINT,
    bytes            BIGINT, -- Of the raw tracks.
    lease_owner      TEXT,
    lease_until_us   BIGINT,
    fencing          BIGINT  NOT NULL, -- Raised by each new owner; an older owner's writes are refused.
    recovered        BOOLEAN NOT NULL, -- Put together after a crash.
    consent_summary  TEXT, -- JSON: how many were informed, agreed, declined.
    failure          TEXT,
    keep_until_us    BIGINT, -- NULL: for ever.
    on_hold          BOOLEAN NOT NULL -- Kept whatever keep_until_us says.
);
CREATE INDEX recording_session ON recording (session_id);

-- A raw track of a recording.
CREATE TABLE recording_track (
    id             UUID   NOT NULL PRIMARY KEY,
    recording_id   UUID   NOT NULL REFERENCES recording (id),
    participant_id UUID   NOT NULL REFERENCES participant (id),
    source         TEXT   NOT NULL CHECK (source IN ('microphone', 'camera', 'screen')),
    epochs         BIGINT NOT NULL, -- How many files: each crash or change of stream begins another.
    files          TEXT   NOT NULL, -- JSON: path and SHA-256 of each.
    start_mapping  TEXT, -- JSON: RTP time to session clock.
    UNIQUE (recording_id, participant_id, source)
);

-- Any stored object: MP4s, slides, attachments.
CREATE TABLE media_file (
    id               UUID   NOT NULL PRIMARY KEY,
    purpose          TEXT   NOT NULL, -- composite, slide, attachment.
    storage_key      TEXT   NOT NULL UNIQUE, -- Path below the data folder.
    bytes            BIGINT NOT NULL,
    sha256           BYTEA  NOT NULL,
    mime             TEXT   NOT NULL,
    recording_id     UUID   REFERENCES recording (id),
    session_id       UUID   REFERENCES session (id),
    owner_account_id UUID   REFERENCES account (id),
    created_at_us    BIGINT NOT NULL,
    deleted_at_us    BIGINT
);
CREATE INDEX media_file_recording ON media_file (recording_id);

-- ── Machinery ───────────────────────────────────────────────────────────────────────────────────────────────────

-- Work to do later, put here in the transaction that makes it necessary.
CREATE TABLE job (
    id               UUID   NOT NULL PRIMARY KEY,
    kind             TEXT   NOT NULL, -- compose.
    payload          TEXT   NOT NULL, -- JSON.
    state            TEXT   NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
    attempts         BIGINT NOT NULL,
    fencing          BIGINT NOT NULL, -- Raised by each new lease; an older holder's writes are refused.
    lease_owner      TEXT,
    lease_until_us   BIGINT,
    progress_percent BIGINT NOT NULL,
    run_after_us     BIGINT NOT NULL,
    failure          TEXT,
    created_at_us    BIGINT NOT NULL,
    finished_at_us   BIGINT
);
CREATE INDEX job_due ON job (state, run_after_us);

-- Who did what. Each line holds the hash of the one before; changing or deleting one is refused and would show.
CREATE TABLE audit_log (
    seq           BIGINT NOT NULL PRIMARY KEY, -- Gapless, from 1.
    at_us         BIGINT NOT NULL,
    actor         TEXT   NOT NULL, -- account:<id>, token:<id>, system.
    action        TEXT   NOT NULL,
    resource      TEXT   NOT NULL, -- kind:<id or code>.
    before        TEXT, -- JSON.
    after         TEXT, -- JSON.
    previous_hash BYTEA  NOT NULL, -- 32 zero bytes in the first line.
    hash          BYTEA  NOT NULL -- SHA-256 over previous_hash and the line.
);
CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_log is append-only';
END $$;
CREATE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_is_append_only();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only();

-- KPI targets, presets, retention: what the department decides, by year.
CREATE TABLE setting (
    key   TEXT   NOT NULL,
    year  BIGINT NOT NULL, -- 0: every year that has no row of its own.
    value TEXT   NOT NULL, -- JSON.
    PRIMARY KEY (key, year)
);
