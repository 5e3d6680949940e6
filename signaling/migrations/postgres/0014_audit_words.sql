-- What the actors and resources of the audit log name, so that lines are found by a name. Written with the lines, and made again from
-- them when it is empty; in no chain.
CREATE TABLE audit_word (
    word           TEXT NOT NULL PRIMARY KEY, -- As the log has it: account:<id>, session:<code>/participant:<id>, system.
    kind           TEXT NOT NULL, -- What stands before the first colon.
    id             UUID, -- What stands behind it, where that is an id …
    code           TEXT, -- … or a code.
    participant_id UUID
);

CREATE INDEX audit_log_actor ON audit_log (actor, seq);
CREATE INDEX audit_log_action ON audit_log (action, seq);
CREATE INDEX audit_log_at ON audit_log (at_us, seq);
