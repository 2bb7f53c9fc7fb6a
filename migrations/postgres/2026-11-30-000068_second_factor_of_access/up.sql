-- Whether somebody showed their second factor when they opened a session or connected a tool: without it, neither opens what a
-- role does where one is required.
ALTER TABLE sessions ADD COLUMN second_factor BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE api_clients ADD COLUMN second_factor BOOLEAN NOT NULL DEFAULT FALSE;
-- The secrets of a tool end a year after they were made; who has an older one has a month to renew it.
ALTER TABLE api_clients ADD COLUMN expires_at TIMESTAMP NOT NULL DEFAULT '2026-11-30 00:00:00';
ALTER TABLE api_clients ADD COLUMN previous_expires_at TIMESTAMP;
UPDATE api_clients SET expires_at = GREATEST(created_at + INTERVAL '1 year', (now() AT TIME ZONE 'utc') + INTERVAL '30 days');
UPDATE api_clients SET previous_expires_at = expires_at WHERE previous_secret_hash IS NOT NULL;
