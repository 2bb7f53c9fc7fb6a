ALTER TABLE enrollments DROP COLUMN unanswered_points;
ALTER TABLE events DROP COLUMN without_changes;
