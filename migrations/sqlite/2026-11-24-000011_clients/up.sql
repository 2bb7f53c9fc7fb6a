-- Other services that sign people in with the embedded provider. Lists are in JSON. Two hashes, so that a service can be
-- given its new secret while it still shows the old one.
CREATE TABLE clients (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    previous_secret_hash TEXT,
    redirect_uris TEXT NOT NULL,
    post_logout_redirect_uris TEXT NOT NULL,
    scopes TEXT NOT NULL,
    auth_method TEXT NOT NULL,
    userinfo TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

-- Refresh tokens, hashed; one use each. `code_hash` names the family: all that one sign-in gave, access tokens too. A used
-- one is kept until the family ends, so that using it again is noticed.
CREATE TABLE refresh_tokens (
    token_hash TEXT PRIMARY KEY NOT NULL,
    code_hash TEXT NOT NULL,
    client_id TEXT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    scope TEXT NOT NULL,
    siret TEXT,
    authenticated_at TIMESTAMP NOT NULL,
    second_factor BOOLEAN NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP,
    revoked_at TIMESTAMP
);
CREATE INDEX refresh_tokens_by_code ON refresh_tokens (code_hash);
CREATE INDEX refresh_tokens_by_account ON refresh_tokens (account_id);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);
