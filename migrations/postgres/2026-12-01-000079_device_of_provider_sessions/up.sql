-- Nothing has ever read it: an account shows the devices of `sessions`.
ALTER TABLE provider_sessions DROP COLUMN device;
