-- Every change that may take a right away leaves a line here, whoever makes it: the server, the command line, a keeper with
-- a database tool. The server looks at the newest lines every second and asks those who are in live rooms anew. Lines
-- instead of a counter, because transactions that count the same number wait for each other.
CREATE TABLE rights_change (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY
);

CREATE FUNCTION rights_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rights_change DEFAULT VALUES;
    RETURN NULL;
END
$$;

CREATE TRIGGER access_token_rights AFTER UPDATE OF revoked_at_us ON access_token
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();

CREATE TRIGGER account_rights AFTER UPDATE OF disabled_at_us, password_hash ON account
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();

CREATE TRIGGER sign_in_rights AFTER UPDATE OF ended_at_us ON sign_in
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();

CREATE TRIGGER session_rights AFTER UPDATE OF chair_account_id ON session
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();

CREATE TRIGGER role_grant_rights AFTER UPDATE OR DELETE ON role_grant
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();

CREATE TRIGGER appointment_rights AFTER UPDATE OR DELETE ON appointment
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();

CREATE TRIGGER enrolment_rights AFTER UPDATE OR DELETE ON enrolment
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();

CREATE TRIGGER invitation_rights AFTER UPDATE OR DELETE ON invitation
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();

CREATE TRIGGER bridge_point_unit_rights AFTER UPDATE OR DELETE ON bridge_point_unit
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();
