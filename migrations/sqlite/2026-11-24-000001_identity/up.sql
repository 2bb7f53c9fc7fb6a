-- The embedded identity provider's accounts.
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    sub TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL UNIQUE,
    email_verified BOOLEAN NOT NULL,
    password_hash TEXT NOT NULL,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    phone_number TEXT NOT NULL,
    job TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

CREATE TABLE account_organizations (
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    siret TEXT NOT NULL,
    label TEXT NOT NULL,
    is_external BOOLEAN NOT NULL,
    -- How the link came about, spelt as `models::membership::Source`; whether somebody or something vouches for it.
    source TEXT NOT NULL,
    is_verified BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, siret)
);

-- Browsers that are signed in at the provider. Only a hash of the cookie is kept.
CREATE TABLE provider_sessions (
    id_hash TEXT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    authenticated_at TIMESTAMP NOT NULL,
    -- They gave a code too, or have just set one up.
    second_factor BOOLEAN NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    -- What the browser said of itself, in a few words.
    device TEXT NOT NULL,
    -- The organisation that they chose to speak for.
    siret TEXT
);
CREATE INDEX provider_sessions_by_account ON provider_sessions (account_id);
CREATE INDEX provider_sessions_by_expiry ON provider_sessions (expires_at);

-- Authorization codes, hashed; one use each. A used one is kept for a day, so that using it again is noticed.
CREATE TABLE authorization_codes (
    code_hash TEXT PRIMARY KEY NOT NULL,
    client_id TEXT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    redirect_uri TEXT NOT NULL,
    scope TEXT NOT NULL,
    siret TEXT,
    nonce TEXT NOT NULL,
    code_challenge TEXT NOT NULL,
    authenticated_at TIMESTAMP NOT NULL,
    second_factor BOOLEAN NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    consumed_at TIMESTAMP
);
CREATE INDEX authorization_codes_by_expiry ON authorization_codes (expires_at);

-- Access tokens, hashed. `code_hash` lets a replayed code revoke what it gave.
CREATE TABLE access_tokens (
    token_hash TEXT PRIMARY KEY NOT NULL,
    code_hash TEXT NOT NULL,
    client_id TEXT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    scope TEXT NOT NULL,
    siret TEXT,
    expires_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);
CREATE INDEX access_tokens_by_code ON access_tokens (code_hash);
CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at);

-- Keys that sign ID tokens. `private_pem` is sealed where SECRET_KEY is set.
CREATE TABLE signing_keys (
    kid TEXT PRIMARY KEY NOT NULL,
    private_pem TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    signs_from TIMESTAMP NOT NULL
);
