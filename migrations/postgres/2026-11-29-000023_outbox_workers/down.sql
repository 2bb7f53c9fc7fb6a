DROP INDEX outbox_failing;
DROP INDEX outbox_waiting;
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE delivered_at IS NULL;
ALTER TABLE outbox DROP COLUMN given_up_at;
ALTER TABLE outbox DROP COLUMN failing_since;
ALTER TABLE outbox DROP COLUMN receiver;
