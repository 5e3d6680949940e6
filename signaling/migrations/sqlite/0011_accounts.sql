-- Accounts begin with a one-time code: until it is used there is no password, and nothing was hashed for one.
--
-- Removing NOT NULL changes nothing that is stored, so the text of the table is edited (sqlite.org/lang_altertable.html, 7).
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'password_hash          TEXT   NOT NULL, --', 'password_hash          TEXT, --')
WHERE type = 'table' AND name = 'account';
PRAGMA writable_schema = RESET;
-- Tells other connections that the schema is another one.
CREATE TABLE schema_changed (id BIGINT);
DROP TABLE schema_changed;

ALTER TABLE account ADD COLUMN code_hash BLOB; -- 16 bytes of salt and what PBKDF2 makes of a one-time code that was not used yet.
ALTER TABLE account ADD COLUMN code_expires_at_us BIGINT; -- Until when it can be used; kept when it is over, to say so.

-- What somebody is told of their own sign-ins.
ALTER TABLE sign_in ADD COLUMN browser TEXT; -- As it calls itself.
ALTER TABLE sign_in ADD COLUMN address TEXT; -- From where it signed in.
ALTER TABLE sign_in ADD COLUMN last_seen_us BIGINT; -- Within some minutes.

-- What accounts are listed and looked up by.
CREATE INDEX account_person ON account (person_id);
CREATE INDEX role_grant_unit ON role_grant (unit_id);
