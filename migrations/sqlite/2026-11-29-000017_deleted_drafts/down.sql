DELETE FROM enrollments WHERE status = 'deleted';
DROP INDEX enrollments_live_copy;
CREATE UNIQUE INDEX enrollments_live_copy ON enrollments (copied_from_id) WHERE status <> 'archived';
