-- Sign-in by an OpenID Connect provider. Issuer and subject are what somebody is known by, and nothing else: neither an address
-- nor a name leads to an account.
CREATE TABLE external_identity (
    id           UUID   NOT NULL PRIMARY KEY,
    issuer       TEXT   NOT NULL,
    subject      TEXT   NOT NULL, -- As the issuer names them for ever; its letters and their case count.
    account_id   UUID   NOT NULL REFERENCES account (id),
    label        TEXT, -- What the issuer called them when they were linked, to be shown; nobody is found by it.
    linked_at_us BIGINT NOT NULL,
    last_used_us BIGINT,
    UNIQUE (issuer, subject),
    UNIQUE (account_id, issuer)
);

-- Somebody who left for the provider and has not come back. Who comes back takes the row away, so nobody comes back twice.
CREATE TABLE oidc_departure (
    state_hash    BYTEA  NOT NULL PRIMARY KEY, -- SHA-256 of what the provider gives back.
    browser_hash  BYTEA  NOT NULL, -- SHA-256 of the cookie of the browser that left.
    account_id    UUID   REFERENCES account (id), -- Who links; NULL when somebody signs in.
    next          TEXT   NOT NULL, -- Where to go afterwards: a path of ours.
    expires_at_us BIGINT NOT NULL
);
CREATE INDEX oidc_departure_expires ON oidc_departure (expires_at_us);

-- Roles that the provider's groups give are kept apart from those that people give: they come and go with each sign-in.
ALTER TABLE role_grant ADD COLUMN source TEXT; -- oidc: by the mapping of the settings; NULL: somebody gave it.

ALTER TABLE sign_in ADD COLUMN external_identity_id UUID; -- By which identity somebody signed in; NULL: by what is ours.
