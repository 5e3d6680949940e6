-- Accounts begin with a one-time code: until it is used there is no password, and nothing was hashed for one.
ALTER TABLE account ALTER COLUMN password_hash DROP NOT NULL;
ALTER TABLE account ADD COLUMN code_hash BYTEA; -- 16 bytes of salt and what PBKDF2 makes of a one-time code that was not used yet.
ALTER TABLE account ADD COLUMN code_expires_at_us BIGINT; -- Until when it can be used; kept when it is over, to say so.

-- What somebody is told of their own sign-ins.
ALTER TABLE sign_in ADD COLUMN browser TEXT; -- As it calls itself.
ALTER TABLE sign_in ADD COLUMN address TEXT; -- From where it signed in.
ALTER TABLE sign_in ADD COLUMN last_seen_us BIGINT; -- Within some minutes.

-- What accounts are listed and looked up by.
CREATE INDEX account_person ON account (person_id);
CREATE INDEX role_grant_unit ON role_grant (unit_id);
