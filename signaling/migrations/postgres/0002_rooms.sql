-- What a live room needs to survive a restart.

-- SHA-256 of the resume token last given to a participant.
ALTER TABLE participant ADD COLUMN resume_hash BYTEA;

-- The last moment at which the participant was proven to be there; an interval that a crash left open ends here.
ALTER TABLE presence_interval ADD COLUMN proven_us BIGINT NOT NULL DEFAULT 0;

-- The number of the actor's command that caused the event, so that it is applied once, also across a restart.
ALTER TABLE session_event ADD COLUMN command BIGINT;
