-- The version before cannot read them.
DELETE FROM outbox WHERE kind = 'webhook';
ALTER TABLE authorisations DROP COLUMN token_id;
DROP INDEX outbox_due;
ALTER TABLE outbox DROP COLUMN held;
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE delivered_at IS NULL AND given_up_at IS NULL;
DROP INDEX outbox_webhook;
DROP TABLE webhook_attempts;
DROP TABLE webhooks;
