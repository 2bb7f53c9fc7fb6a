-- The browser keeps a sign-in under way, sealed: whoever is not signed in writes nothing here.
DROP TABLE sign_ins;
-- What all processes of a server know and nobody else: the key that seals cookies.
CREATE TABLE server_secrets (
    name TEXT PRIMARY KEY NOT NULL,
    -- Sealed, where there is a SECRET_KEY.
    secret TEXT NOT NULL
);
-- When somebody last showed who they are. What does not say it is old.
ALTER TABLE sessions ADD COLUMN authenticated_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
UPDATE sessions SET authenticated_at = created_at;
