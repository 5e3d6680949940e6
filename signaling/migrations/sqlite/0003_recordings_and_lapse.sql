-- Who may see recordings, sessions that nobody opened, and who stands beside the chair.

-- Whether guests, who have neither an account nor a point, may see the recordings while their link holds.
ALTER TABLE session ADD COLUMN guests_may_replay BOOLEAN NOT NULL DEFAULT FALSE;

-- When the session lapsed: nobody opened its room until two hours after its planned end (không diễn ra).
ALTER TABLE session ADD COLUMN lapsed_at_us BIGINT;

-- The secretary, as planned; administrators of the convening unit have that role without being named.
ALTER TABLE session ADD COLUMN secretary_account_id BLOB REFERENCES account (id);

-- What happened to one thing lately: whether a view of a recording is in the log already.
CREATE INDEX audit_log_resource ON audit_log (resource, at_us);

-- The joining links of a session, and those that name a person.
CREATE INDEX access_token_session ON access_token (session_id);

-- The sessions a bridge point was in, for its history.
CREATE INDEX participant_point ON participant (point_id);
