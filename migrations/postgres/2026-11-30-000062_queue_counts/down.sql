DROP INDEX enrollments_resubmitted;
DROP INDEX enrollments_unassigned;
DROP INDEX enrollments_unread;
ALTER TABLE enrollments DROP COLUMN unread;
