-- A second factor of an account: the secret of an application that makes one-time codes (RFC 6238).
CREATE TABLE second_factor (
    account_id      UUID   NOT NULL REFERENCES account (id),
    state           TEXT   NOT NULL, -- working: it is asked for at the door; new: none of its codes was accepted yet.
    secret          BYTEA  NOT NULL, -- Sealed by the key in the data folder.
    made_at_us      BIGINT NOT NULL,
    confirmed_at_us BIGINT, -- When its first code was accepted.
    last_step       BIGINT, -- The 30 seconds since 1970 of the last code that was accepted: none up to it is taken again.
    PRIMARY KEY (account_id, state)
);

-- What stands in for the application when it is lost. Each works once.
CREATE TABLE recovery_code (
    account_id UUID   NOT NULL REFERENCES account (id),
    code_hash  BYTEA  NOT NULL, -- 16 bytes of salt, the same for all of an account, and what PBKDF2 makes of the code.
    used_at_us BIGINT,
    PRIMARY KEY (account_id, code_hash)
);

-- When whoever signed in showed a second factor.
ALTER TABLE sign_in ADD COLUMN second_factor_at_us BIGINT;
