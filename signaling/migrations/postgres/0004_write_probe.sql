-- One row that the server writes from time to time, to see whether the database takes writes.
CREATE TABLE write_probe (
    id    BIGINT NOT NULL PRIMARY KEY, -- 1.
    at_us BIGINT NOT NULL -- When it was last written.
);
