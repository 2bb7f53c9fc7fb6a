DELETE FROM sqlite_stat1 WHERE idx IN ('enrollments_unread', 'enrollments_unassigned', 'enrollments_resubmitted');
DROP INDEX enrollments_resubmitted;
DROP INDEX enrollments_unassigned;
DROP INDEX enrollments_unread;
ALTER TABLE enrollments DROP COLUMN unread;
