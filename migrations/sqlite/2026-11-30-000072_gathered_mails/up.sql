-- Mails of one topic about one request reach each reader once in ten minutes; what comes meanwhile waits and is one mail.
ALTER TABLE outbox ADD COLUMN topic TEXT;
CREATE INDEX outbox_gathered ON outbox (enrollment_id, topic, receiver) WHERE topic IS NOT NULL;
