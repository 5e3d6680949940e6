-- Rights end in more tables than `0005_rights_change.sql` watches: a point is closed, a unit moves, a session is called off
-- or has another secretary, class or convener, a film is deleted, a row is taken out by hand.
DROP TRIGGER access_token_rights ON access_token;
CREATE TRIGGER access_token_rights
    AFTER UPDATE OF purpose, session_id, role, point_id, account_id, display_name, revoked_at_us OR DELETE ON access_token
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();

DROP TRIGGER account_rights ON account;
CREATE TRIGGER account_rights AFTER UPDATE OF disabled_at_us, password_hash, person_id OR DELETE ON account
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();

DROP TRIGGER sign_in_rights ON sign_in;
CREATE TRIGGER sign_in_rights AFTER UPDATE OF account_id, access_token_id, ended_at_us OR DELETE ON sign_in
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();

DROP TRIGGER session_rights ON session;
CREATE TRIGGER session_rights
    AFTER UPDATE OF chair_account_id, secretary_account_id, class_id, convening_unit_id, guests_may_replay, ended_at_us,
        cancelled_at_us ON session
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();

CREATE TRIGGER bridge_point_rights AFTER UPDATE OF state ON bridge_point
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();

CREATE TRIGGER org_unit_version_rights AFTER UPDATE OR DELETE ON org_unit_version
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();

CREATE TRIGGER roster_entry_rights AFTER UPDATE OR DELETE ON roster_entry
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();

CREATE TRIGGER media_file_rights AFTER UPDATE OF deleted_at_us OR DELETE ON media_file
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();
