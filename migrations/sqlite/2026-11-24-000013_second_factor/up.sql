-- Second factors: keys from which an application of their owner computes codes (RFC 6238). `secret` is sealed where
-- SECRET_KEY is set.
CREATE TABLE second_factors (
    account_id BIGINT PRIMARY KEY NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    secret TEXT NOT NULL,
    -- The latest step of time whose code has served: neither it nor an earlier one serves again.
    last_step BIGINT NOT NULL,
    -- Hash of the cookie of the session where it is being set up; NULL once a first code has shown that it works.
    set_up_in TEXT,
    created_at TIMESTAMP NOT NULL
);

-- What stands in for a code when the application is lost; hashed, one use each.
CREATE TABLE recovery_codes (
    code_hash TEXT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE INDEX recovery_codes_by_account ON recovery_codes (account_id);

-- Browsers that have given the right password and owe the code. `id_hash` is that of a cookie.
CREATE TABLE owed_codes (
    id_hash TEXT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX owed_codes_by_expiry ON owed_codes (expires_at);
