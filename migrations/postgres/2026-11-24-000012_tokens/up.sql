-- Third-party tools, each of which acts for somebody within its scopes (in JSON). Two hashes, so that a tool can be given
-- its new secret while it still shows the old one. What is revoked stays, for who reads the audit log.
CREATE TABLE api_clients (
    id TEXT PRIMARY KEY NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    previous_secret_hash TEXT,
    scopes TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    -- When it last took a token.
    last_used_at TIMESTAMP,
    revoked_at TIMESTAMP
);
CREATE INDEX api_clients_by_user ON api_clients (user_id);
