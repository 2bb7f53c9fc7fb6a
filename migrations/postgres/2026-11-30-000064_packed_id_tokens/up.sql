-- ID tokens are kept without their base64 (`backend/src/auth/packed.rs`); those of open sessions stay readable.
ALTER TABLE sessions ALTER COLUMN id_token TYPE BYTEA USING convert_to(id_token, 'UTF8');
