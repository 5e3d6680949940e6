-- Keys by which other systems ask the interface, and requests that are done once however often they are sent.

CREATE TABLE api_key (
    id            BLOB   NOT NULL PRIMARY KEY,
    secret_hash   BLOB   NOT NULL UNIQUE, -- SHA-256 of what the other system shows.
    name          TEXT   NOT NULL, -- Which system uses it.
    search_key    TEXT   NOT NULL, -- The name without case and diacritics.
    unit_id       BLOB   NOT NULL REFERENCES org_unit (id), -- It reaches this unit and all below it.
    scopes        TEXT   NOT NULL, -- Words with a blank between them, such as people:read.
    created_by    BLOB   NOT NULL REFERENCES account (id), -- It may no more than what they still may.
    created_at_us BIGINT NOT NULL,
    expires_at_us BIGINT NOT NULL,
    last_used_us  BIGINT, -- Within some minutes.
    revoked_at_us BIGINT
);
CREATE INDEX api_key_unit ON api_key (unit_id);
CREATE INDEX api_key_maker ON api_key (created_by);

-- A request with an Idempotency-Key, for a day. `acted` is written in the transaction of what it does, the answer after it.
CREATE TABLE idempotent_request (
    caller       TEXT    NOT NULL, -- As the audit log names whoever asks.
    word         TEXT    NOT NULL, -- The Idempotency-Key.
    claim        BLOB    NOT NULL UNIQUE, -- Which of several that came at once is being answered.
    request_hash BLOB    NOT NULL, -- SHA-256 of method, address and body.
    begun_at_us  BIGINT  NOT NULL,
    acted        BOOLEAN NOT NULL,
    status       BIGINT, -- NULL as long as there is no answer.
    headers      TEXT, -- Those of the answer that are told again, as JSON.
    body         BLOB,
    PRIMARY KEY (caller, word)
);
CREATE INDEX idempotent_request_begun ON idempotent_request (begun_at_us);
