-- A draft that was deleted stands in the way of no other renewal.
DROP INDEX enrollments_live_copy;
CREATE UNIQUE INDEX enrollments_live_copy ON enrollments (copied_from_id) WHERE status NOT IN ('archived', 'deleted');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('enrollments', 'enrollments_live_copy', '1000 1');
ANALYZE sqlite_schema;
