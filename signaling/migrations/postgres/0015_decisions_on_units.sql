-- A decision that changes the tree of units: one document, whose dated rows are written at once. What carries no days (who
-- convenes a session, which unit is invited) moves on its day.
CREATE TABLE org_change (
    id            UUID   NOT NULL PRIMARY KEY,
    document      TEXT   NOT NULL, -- Number and sign of the document, for example 1678/NQ-UBTVQH15.
    title         TEXT   NOT NULL,
    on_day        TEXT   NOT NULL, -- The first day of the new state.
    state         TEXT   NOT NULL, -- planned, applied, undone.
    steps         TEXT   NOT NULL, -- JSON: what it does, as it was asked for.
    plan          TEXT   NOT NULL, -- JSON: over which units it needs a right, and who takes over from whom.
    created_by    UUID   REFERENCES account (id),
    created_at_us BIGINT NOT NULL,
    applied_at_us BIGINT,
    undone_at_us  BIGINT
);
CREATE INDEX org_change_day ON org_change (on_day, id);

-- What a decision wrote, row by row, so that it can be undone as long as nothing later builds on it. Undoing takes back the
-- dated rows, which is the one case in which such rows go; these lines stay.
CREATE TABLE org_change_row (
    change_id UUID   NOT NULL REFERENCES org_change (id),
    position  BIGINT NOT NULL, -- From 1, in the order in which they were written.
    kind      TEXT   NOT NULL, -- unit, version, succession, appointment, point, grant, session, invitation.
    row_id    UUID   NOT NULL, -- In the table of its kind.
    act       TEXT   NOT NULL, -- made: the row is new; ended: its last day was set; moved: it went to another unit.
    was_to    TEXT, -- The last day of an ended row before, and of a row that was made.
    was_unit  UUID, -- Of a moved row: the unit that it was of.
    now_unit  UUID, -- And the one that it is of since.
    PRIMARY KEY (change_id, position)
);
CREATE INDEX org_change_row_row ON org_change_row (row_id);

-- What a decision asks of each table: the rows of a unit.
CREATE INDEX org_unit_succession_from ON org_unit_succession (from_unit_id);
CREATE INDEX session_convening_unit ON session (convening_unit_id, starts_at_us);
