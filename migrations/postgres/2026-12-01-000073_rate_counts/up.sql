-- How often something was done in a window of time, by a hash of who did it: processes that share the database add up what
-- they count. Times are in seconds since 1970; a window that is over is deleted.
CREATE TABLE rate_counts (
    key_hash TEXT NOT NULL,
    window_start BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (key_hash, window_start)
);
CREATE INDEX rate_counts_by_end ON rate_counts (ends_at);
