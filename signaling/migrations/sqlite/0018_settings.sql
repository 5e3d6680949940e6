-- Who changed a setting last. One that was put back to what it is by default has the value null.
ALTER TABLE setting ADD COLUMN changed_at_us BIGINT;
ALTER TABLE setting ADD COLUMN changed_by BLOB REFERENCES account (id);

-- How far the changes of settings have come: a server keeps them in memory and reads them again when this number is another
-- one, and whoever changes them names the one that they saw.
CREATE TABLE setting_version (
    id      BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    version BIGINT NOT NULL
);
INSERT INTO setting_version (id, version) VALUES (1, 1);

-- The department's own mark, drawn anew as PNG. Who put it there is in the row of `setting` with the key 'emblem', whose value is
-- its hash.
CREATE TABLE emblem (
    hash  TEXT   NOT NULL PRIMARY KEY, -- SHA-256 of the picture, in hexadecimal digits.
    bytes BLOB NOT NULL
);
