-- How long a job waits, and whether its holder lives, is told by each runner's own even clock from what it sees in the row;
-- the time of day, which people set, decides nothing.
DROP INDEX job_due;
ALTER TABLE job DROP COLUMN lease_until_us;
ALTER TABLE job DROP COLUMN run_after_us;

-- How long a queued job waits from when it is seen, in microseconds.
ALTER TABLE job ADD COLUMN wait_us BIGINT NOT NULL DEFAULT 0;

-- Raised by whatever changes the row: a running job whose revision stands still for the length of a lease has lost its
-- holder.
ALTER TABLE job ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;

CREATE INDEX job_state ON job (state, id);
