UPDATE sessions SET id_token = '';
ALTER TABLE sessions ALTER COLUMN id_token TYPE TEXT USING '';
