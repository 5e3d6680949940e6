-- How often code, name and form of address of somebody were changed: an edit of an older state is refused.
ALTER TABLE person ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

-- What the list of people is walked by.
CREATE INDEX person_sort ON person (sort_key, id);
CREATE INDEX person_search ON person (search_key);

-- A list of people that came as a file. It is looked through first, and written by a job.
CREATE TABLE people_import (
    id            BLOB    NOT NULL PRIMARY KEY,
    account_id    BLOB    NOT NULL REFERENCES account (id), -- Who made it; nobody else sees it.
    file_name     TEXT    NOT NULL,
    sheet         TEXT, -- Of a workbook.
    header_row    BIGINT  NOT NULL, -- From 1.
    columns       TEXT    NOT NULL, -- JSON: what each column of the file holds.
    lost_zeros    TEXT, -- JSON: codes that are shorter than the others.
    short_codes   TEXT    NOT NULL, -- ask, pad, keep.
    state         TEXT    NOT NULL, -- reading, ready, applying, done, cancelled, failed.
    stop_asked    BOOLEAN NOT NULL,
    holder        BIGINT  NOT NULL, -- The fencing number of the job that writes it.
    created_at_us BIGINT  NOT NULL
);
CREATE INDEX people_import_account ON people_import (account_id);

-- A row of such a list, and what came of it. A row without a result is still to be written.
CREATE TABLE people_import_row (
    import_id BLOB   NOT NULL REFERENCES people_import (id),
    number    BIGINT NOT NULL, -- In the file, from 1.
    cells     TEXT   NOT NULL, -- JSON: as they stand in the file.
    code      TEXT, -- By which somebody known is looked for.
    name_key  TEXT, -- The same, folded.
    verdict   TEXT   NOT NULL, -- new, changed, same, refused: before anything is written.
    result    TEXT, -- The same, when it is.
    told      TEXT   NOT NULL, -- JSON: what it changes, or why it is refused.
    PRIMARY KEY (import_id, number)
);
