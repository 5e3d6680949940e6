-- Sessions that are changed after they were planned, and what those invited are told of it.

-- Why it was called off, in words.
ALTER TABLE session ADD COLUMN cancel_reason TEXT;

-- One change of a session that those invited are told of, with its time before and after.
CREATE TABLE notice (
    id               UUID   NOT NULL PRIMARY KEY,
    session_id       UUID   NOT NULL REFERENCES session (id),
    kind             TEXT   NOT NULL, -- moved, extended, cancelled.
    starts_before_us BIGINT NOT NULL,
    ends_before_us   BIGINT NOT NULL,
    starts_after_us  BIGINT NOT NULL,
    ends_after_us    BIGINT NOT NULL,
    reason           TEXT,
    made_by          UUID   REFERENCES account (id),
    created_at_us    BIGINT NOT NULL
);
CREATE INDEX notice_session ON notice (session_id);

-- Who is told, each once, and when they saw it.
CREATE TABLE notice_reader (
    notice_id  UUID   NOT NULL REFERENCES notice (id),
    person_id  UUID   NOT NULL REFERENCES person (id),
    seen_at_us BIGINT,
    PRIMARY KEY (notice_id, person_id)
);
CREATE INDEX notice_reader_person ON notice_reader (person_id, seen_at_us);

-- Who is in charge of a session, by person: the only source of these parts beside links.
CREATE TABLE session_officer (
    session_id UUID   NOT NULL REFERENCES session (id),
    person_id  UUID   NOT NULL REFERENCES person (id),
    part       TEXT   NOT NULL, -- chair, secretary, presenter, technician.
    position   BIGINT NOT NULL, -- The order in which they are named, from 1.
    PRIMARY KEY (session_id, part, person_id)
);
CREATE UNIQUE INDEX session_officer_chair ON session_officer (session_id) WHERE part = 'chair';
CREATE INDEX session_officer_person ON session_officer (person_id);

INSERT INTO session_officer (session_id, person_id, part, position)
SELECT s.id, a.person_id, 'chair', 1 FROM session s JOIN account a ON a.id = s.chair_account_id;
INSERT INTO session_officer (session_id, person_id, part, position)
SELECT s.id, a.person_id, 'secretary', 1 FROM session s JOIN account a ON a.id = s.secretary_account_id;

DROP TRIGGER session_rights ON session;
DROP INDEX session_chair;
ALTER TABLE session DROP COLUMN chair_account_id;
ALTER TABLE session DROP COLUMN secretary_account_id;

CREATE TRIGGER session_rights
    AFTER UPDATE OF class_id, convening_unit_id, guests_may_replay, ended_at_us, cancelled_at_us ON session
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();

-- Somebody who is newly named comes back in the new part as well.
CREATE TRIGGER session_officer_rights AFTER INSERT OR UPDATE OR DELETE ON session_officer
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();
