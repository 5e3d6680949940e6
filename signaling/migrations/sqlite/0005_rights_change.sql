-- Every change that may take a right away leaves a line here, whoever makes it: the server, the command line, a keeper with
-- a database tool. The server looks at the newest lines every second and asks those who are in live rooms anew. Lines
-- instead of a counter, because transactions that count the same number wait for each other.
CREATE TABLE rights_change (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT
);

CREATE TRIGGER access_token_rights AFTER UPDATE OF revoked_at_us ON access_token
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER account_rights AFTER UPDATE OF disabled_at_us, password_hash ON account
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER sign_in_rights AFTER UPDATE OF ended_at_us ON sign_in
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER session_rights AFTER UPDATE OF chair_account_id ON session
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER role_grant_rights_update AFTER UPDATE ON role_grant
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER role_grant_rights_delete AFTER DELETE ON role_grant
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER appointment_rights_update AFTER UPDATE ON appointment
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER appointment_rights_delete AFTER DELETE ON appointment
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER enrolment_rights_update AFTER UPDATE ON enrolment
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER enrolment_rights_delete AFTER DELETE ON enrolment
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER invitation_rights_update AFTER UPDATE ON invitation
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER invitation_rights_delete AFTER DELETE ON invitation
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER bridge_point_unit_rights_update AFTER UPDATE ON bridge_point_unit
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;

CREATE TRIGGER bridge_point_unit_rights_delete AFTER DELETE ON bridge_point_unit
BEGIN
    INSERT INTO rights_change (id) VALUES (NULL);
END;
