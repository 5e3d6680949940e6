-- Rights end in more tables than `0005_rights_change.sql` watches: a point is closed, a unit moves, a session is called off
-- or has another secretary, class or convener, a film is deleted, a row is taken out by hand.
DROP TRIGGER access_token_rights;
CREATE TRIGGER access_token_rights_update AFTER UPDATE OF purpose, session_id, role, point_id, account_id, display_name, revoked_at_us ON access_token
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER access_token_rights_delete AFTER DELETE ON access_token
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

DROP TRIGGER account_rights;
CREATE TRIGGER account_rights_update AFTER UPDATE OF disabled_at_us, password_hash, person_id ON account
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER account_rights_delete AFTER DELETE ON account
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

DROP TRIGGER sign_in_rights;
CREATE TRIGGER sign_in_rights_update AFTER UPDATE OF account_id, access_token_id, ended_at_us ON sign_in
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER sign_in_rights_delete AFTER DELETE ON sign_in
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

DROP TRIGGER session_rights;
CREATE TRIGGER session_rights
    AFTER UPDATE OF chair_account_id, secretary_account_id, class_id, convening_unit_id, guests_may_replay, ended_at_us,
        cancelled_at_us ON session
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER bridge_point_rights AFTER UPDATE OF state ON bridge_point
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER org_unit_version_rights_update AFTER UPDATE ON org_unit_version
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER org_unit_version_rights_delete AFTER DELETE ON org_unit_version
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER roster_entry_rights_update AFTER UPDATE ON roster_entry
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER roster_entry_rights_delete AFTER DELETE ON roster_entry
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER media_file_rights_update AFTER UPDATE OF deleted_at_us ON media_file
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER media_file_rights_delete AFTER DELETE ON media_file
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;
