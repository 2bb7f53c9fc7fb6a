-- When the request last changed, beside each person who is named in it: the list of somebody whom thousands of requests name
-- reads the newest ones, and does not look through all of them.
ALTER TABLE enrollment_readers ADD COLUMN updated_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
UPDATE enrollment_readers SET updated_at = (SELECT updated_at FROM enrollments WHERE id = enrollment_id);
DROP INDEX enrollment_readers_by_email;
CREATE INDEX enrollment_readers_by_email ON enrollment_readers (email, updated_at, enrollment_id);
