DROP INDEX enrollment_readers_by_email;
CREATE INDEX enrollment_readers_by_email ON enrollment_readers (email, enrollment_id);
ALTER TABLE enrollment_readers DROP COLUMN updated_at;
