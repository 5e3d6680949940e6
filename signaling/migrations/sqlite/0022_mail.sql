-- Where letters reach somebody. It says nothing about who signs in.
ALTER TABLE person ADD COLUMN email TEXT;

-- The last letter that invites somebody to their account, and what became of it. What it says is kept nowhere: its one-time code
-- is made when it is sent.
CREATE TABLE account_letter (
    person_id   BLOB   NOT NULL PRIMARY KEY REFERENCES person (id),
    id          BLOB   NOT NULL, -- Another with each letter: what became of an older one is noted nowhere.
    asked_by    BLOB   NOT NULL REFERENCES account (id),
    is_reset    BOOLEAN NOT NULL, -- Whether whoever has a password loses it when the letter goes out.
    state       TEXT   NOT NULL, -- queued, sent, failed.
    failure     TEXT, -- Why it failed, or did not go out yet.
    asked_at_us BIGINT NOT NULL,
    ended_at_us BIGINT
);
