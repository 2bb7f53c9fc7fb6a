-- Who did or read what: numbers and names only, no content. An entry is written with the change that it tells of; within a
-- second it is sealed: `sequence` counts without a gap, `hash` is SHA-256 of the hash before it and of the entry.
CREATE TABLE audit_entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    at TIMESTAMP NOT NULL,
    -- No references: the log stands by itself.
    actor_id BIGINT,
    administrator_id BIGINT,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    object_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    sequence BIGINT UNIQUE,
    hash TEXT
);
CREATE INDEX audit_entries_unsealed ON audit_entries (id) WHERE sequence IS NULL;
CREATE INDEX audit_entries_by_actor ON audit_entries (actor_id, id);
CREATE INDEX audit_entries_by_administrator ON audit_entries (administrator_id, id) WHERE administrator_id IS NOT NULL;
CREATE INDEX audit_entries_by_object ON audit_entries (object, object_id, id);
CREATE INDEX audit_entries_by_action ON audit_entries (action, id);
CREATE INDEX audit_entries_by_time ON audit_entries (at, id);

-- What is sealed stays as it is; nothing goes. Who may drop these triggers is caught by `datapass audit verify`.
CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries WHEN old.sequence IS NOT NULL BEGIN
    SELECT RAISE (ABORT, 'a sealed entry of the audit log does not change');
END;
CREATE TRIGGER audit_entries_remain BEFORE DELETE ON audit_entries BEGIN
    SELECT RAISE (ABORT, 'no entry of the audit log goes');
END;

-- What administrators did with accounts, and why: « ban », « unban », « impersonate ». Nothing here is ever changed.
CREATE TABLE account_changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id),
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    administrator_id BIGINT NOT NULL REFERENCES users (id),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX account_changes_by_user ON account_changes (user_id, id);
