ALTER TABLE provider_sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';
