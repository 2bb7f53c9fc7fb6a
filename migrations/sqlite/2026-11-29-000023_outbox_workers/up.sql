-- To whom a message goes: those about one enrollment reach each receiver in order. Since when its delivery fails; when it
-- was given up, for an administrator to try again.
ALTER TABLE outbox ADD COLUMN receiver TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN failing_since TIMESTAMP;
ALTER TABLE outbox ADD COLUMN given_up_at TIMESTAMP;
UPDATE outbox SET receiver = json_extract(payload, '$.to') WHERE delivered_at IS NULL;
UPDATE outbox SET failing_since = created_at WHERE delivered_at IS NULL AND last_error <> '';
UPDATE outbox SET given_up_at = created_at WHERE delivered_at IS NULL AND attempts >= 60;
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE delivered_at IS NULL AND given_up_at IS NULL;
CREATE INDEX outbox_waiting ON outbox (enrollment_id, receiver, sequence, id)
    WHERE delivered_at IS NULL AND given_up_at IS NULL;
CREATE INDEX outbox_failing ON outbox (id) WHERE delivered_at IS NULL AND failing_since IS NOT NULL;
