-- Whether a request has messages that no instructor has read: written with the messages, so that neither lists nor counts have
-- to look through those of every API. The indexes are for the views of an instructor's home that hold few of many.
ALTER TABLE enrollments ADD COLUMN unread BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE enrollments SET unread = TRUE
    WHERE id IN (SELECT enrollment_id FROM messages WHERE audience = 'instructors' AND read_at IS NULL);
CREATE INDEX enrollments_unread ON enrollments (target_api, updated_at, id) WHERE unread;
CREATE INDEX enrollments_unassigned ON enrollments (target_api, waiting_from, id)
    WHERE waiting_from IS NOT NULL AND assigned_to IS NULL;
CREATE INDEX enrollments_resubmitted ON enrollments (target_api, waiting_from, id)
    WHERE waiting_from IS NOT NULL AND resubmitted;
