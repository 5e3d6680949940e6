-- How far the changes of the organisation have come: a server keeps the tree of units in memory and reads it again when
-- this number is another one. Triggers, so that whoever changes a unit, by whatever way, cannot forget it.
CREATE TABLE org_version (
    id      BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    version BIGINT NOT NULL
);
INSERT INTO org_version (id, version) VALUES (1, 1);

CREATE FUNCTION org_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE org_version SET version = version + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER org_unit_version_change AFTER INSERT OR UPDATE OR DELETE ON org_unit_version
    FOR EACH STATEMENT EXECUTE FUNCTION org_changed();
CREATE TRIGGER org_unit_change AFTER UPDATE ON org_unit
    FOR EACH STATEMENT EXECUTE FUNCTION org_changed();

-- What lists of sessions are looked up by: see `visible_to`.
CREATE INDEX invitation_point ON invitation (point_id);
CREATE INDEX invitation_unit ON invitation (unit_id);
CREATE INDEX access_token_account ON access_token (account_id);
CREATE INDEX roster_entry_person ON roster_entry (person_id);
CREATE INDEX enrolment_person ON enrolment (person_id);
CREATE INDEX session_chair ON session (chair_account_id);
