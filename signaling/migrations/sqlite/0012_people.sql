-- How often code, name and form of address of somebody were changed: an edit of an older state is refused.
ALTER TABLE person ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

-- What the list of people is walked by.
CREATE INDEX person_sort ON person (sort_key, id);
