-- A version that was handed over again just as it was before; points of the request for changes about which nothing was
-- done when it was last handed over.
ALTER TABLE events ADD COLUMN without_changes BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE enrollments ADD COLUMN unanswered_points BIGINT NOT NULL DEFAULT 0;
