ALTER TABLE api_clients DROP COLUMN previous_expires_at;
ALTER TABLE api_clients DROP COLUMN expires_at;
ALTER TABLE api_clients DROP COLUMN second_factor;
ALTER TABLE sessions DROP COLUMN second_factor;
