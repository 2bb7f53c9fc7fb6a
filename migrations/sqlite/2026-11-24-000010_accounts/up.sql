-- E-mail addresses that somebody has yet to show to be theirs, with the code that was sent there. `id_hash` is that of a
-- cookie: the code is good in the browser that asked for it, and without the cookie its hash tells nothing.
CREATE TABLE challenges (
    id_hash TEXT PRIMARY KEY NOT NULL,
    email TEXT NOT NULL,
    -- Whose address it becomes; NULL: it is a sign-up, and what follows is what the account will hold.
    account_id BIGINT REFERENCES accounts (id) ON DELETE CASCADE,
    password_hash TEXT NOT NULL,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    -- Where to go afterwards.
    next TEXT NOT NULL,
    code_hash TEXT NOT NULL,
    tries INTEGER NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX challenges_by_expiry ON challenges (expires_at);

-- Links that let their bearer choose a new password; hashed, one use each. Without an account: somebody asked for one
-- with an address that has none, and both must take the same time.
CREATE TABLE password_resets (
    token_hash TEXT PRIMARY KEY NOT NULL,
    account_id BIGINT REFERENCES accounts (id) ON DELETE CASCADE,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX password_resets_by_expiry ON password_resets (expires_at);

-- Domains of e-mail addresses whose owners speak for an organisation without anybody being asked.
CREATE TABLE organization_domains (
    siret TEXT NOT NULL,
    domain TEXT NOT NULL,
    -- They work for it without being of it.
    is_external BOOLEAN NOT NULL,
    PRIMARY KEY (siret, domain, is_external)
);

-- Who wants to speak for an organisation, and what an administrator answered.
CREATE TABLE join_requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    siret TEXT NOT NULL,
    label TEXT NOT NULL,
    is_external BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    decided_at TIMESTAMP,
    is_accepted BOOLEAN NOT NULL,
    -- Why not.
    reason TEXT NOT NULL,
    decided_by BIGINT REFERENCES users (id)
);
CREATE UNIQUE INDEX join_requests_waiting ON join_requests (account_id, siret) WHERE decided_at IS NULL;
