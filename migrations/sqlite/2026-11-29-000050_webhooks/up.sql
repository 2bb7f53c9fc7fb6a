-- Webhooks: whom the service of an API has called. Secrets are sealed. `events` is a list in JSON; `failing_since` says since
-- when every call has failed.
CREATE TABLE webhooks (
    id TEXT PRIMARY KEY NOT NULL,
    target_api TEXT NOT NULL,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    granting_event TEXT NOT NULL,
    secret TEXT NOT NULL,
    previous_secret TEXT,
    state TEXT NOT NULL,
    disabled_reason TEXT NOT NULL DEFAULT '',
    failing_since TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX webhooks_by_api ON webhooks (target_api);

-- Each call that was made. Nothing personal: what was sent is in the outbox, and the answer is masked before it is kept.
CREATE TABLE webhook_attempts (
    id TEXT PRIMARY KEY NOT NULL,
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    delivery_id TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    milliseconds INTEGER NOT NULL,
    status INTEGER,
    error TEXT NOT NULL,
    answer TEXT NOT NULL
);
CREATE INDEX webhook_attempts_by_delivery ON webhook_attempts (delivery_id, id);
CREATE INDEX webhook_attempts_by_webhook ON webhook_attempts (webhook_id);

CREATE INDEX outbox_webhook ON outbox (receiver, id) WHERE kind = 'webhook';

-- What waits until its receiver is switched on again.
ALTER TABLE outbox ADD COLUMN held BOOLEAN NOT NULL DEFAULT FALSE;
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE delivered_at IS NULL AND given_up_at IS NULL AND NOT held;

-- What the service of the API calls the access that it has opened; empty where it said nothing.
ALTER TABLE authorisations ADD COLUMN token_id TEXT NOT NULL DEFAULT '';
