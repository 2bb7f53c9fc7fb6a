DROP INDEX enrollment_readers_by_email;
CREATE INDEX enrollment_readers_by_email ON enrollment_readers (email, enrollment_id);
ALTER TABLE enrollment_readers DROP COLUMN updated_at;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('enrollment_readers', 'enrollment_readers_by_email', '400000 5 1');
ANALYZE sqlite_schema;
