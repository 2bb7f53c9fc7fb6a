-- ID tokens are kept without their base64 (`backend/src/auth/packed.rs`); those of open sessions stay readable. SQLite keeps
-- bytes in a column of any type.
SELECT 1;
