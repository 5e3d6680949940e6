-- What is kept about somebody can be deleted, and the audit log stays a chain all the same.

-- By which rule a line is hashed. 1: over its texts as they stand. 2: over a digest of each text of `before` and `after`, made with a
-- salt of its own, so that a text can go and its digest stay.
ALTER TABLE audit_log ADD COLUMN chain BIGINT NOT NULL DEFAULT 1;
ALTER TABLE audit_log ADD COLUMN salts TEXT; -- JSON: the salt of each text in order; null where the text is gone.
ALTER TABLE audit_log ADD COLUMN erased_by BIGINT; -- The line that says why texts of this one are gone.

-- How lines were left when texts were taken out of them. The line `erased_by` holds a digest over all of its rows here.
CREATE TABLE audit_erasure (
    erased_by BIGINT NOT NULL,
    seq       BIGINT NOT NULL,
    remains   BYTEA  NOT NULL, -- SHA-256 of what is left of the line.
    PRIMARY KEY (erased_by, seq)
);

CREATE FUNCTION audit_log_only_loses_texts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.erased_by IS NULL OR NEW.erased_by <= NEW.seq OR NEW.seq <> OLD.seq OR NEW.at_us <> OLD.at_us
        OR NEW.actor <> OLD.actor OR NEW.action <> OLD.action OR NEW.resource <> OLD.resource OR NEW.chain <> OLD.chain
        OR NEW.previous_hash <> OLD.previous_hash OR NEW.hash <> OLD.hash THEN
        RAISE EXCEPTION 'audit_log is append-only';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER audit_log_no_change ON audit_log;
CREATE TRIGGER audit_log_no_change BEFORE UPDATE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_only_loses_texts();
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_is_append_only();

-- When what made somebody known was deleted; what is left of them stands without a name.
ALTER TABLE person ADD COLUMN erased_at_us BIGINT;

-- That somebody's data were deleted, and the report of it, which names nobody.
CREATE TABLE erasure (
    id             UUID   NOT NULL PRIMARY KEY,
    person_id      UUID   NOT NULL UNIQUE REFERENCES person (id),
    account_id     UUID   REFERENCES account (id), -- Who did it.
    at_us          BIGINT NOT NULL,
    report         TEXT   NOT NULL, -- JSON: what was deleted and what stays, by table.
    finished_at_us BIGINT -- When files and free pages were done as well.
);

-- What of somebody is looked for.
CREATE INDEX participant_account ON participant (account_id);
CREATE INDEX participant_access_token ON participant (access_token_id);
