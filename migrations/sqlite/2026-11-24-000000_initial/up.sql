-- Users, as their identity provider last described them.
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    issuer TEXT NOT NULL,
    sub TEXT NOT NULL,
    email TEXT NOT NULL,
    email_verified BOOLEAN NOT NULL,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    phone_number TEXT NOT NULL,
    job TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    -- Absent until the end of that day: takes care of no request meanwhile.
    absent_until DATE,
    -- Since when an administrator keeps them out, and why.
    banned_at TIMESTAMP,
    ban_reason TEXT,
    UNIQUE (issuer, sub)
);
CREATE INDEX users_by_email ON users (email);

CREATE TABLE user_organizations (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    siret TEXT NOT NULL,
    label TEXT NOT NULL,
    -- How the link came about, spelt as `shared::organization::MembershipSource`; whether somebody or something vouches
    -- for it.
    source TEXT NOT NULL,
    is_verified BOOLEAN NOT NULL,
    PRIMARY KEY (user_id, siret)
);

-- One row per role, spelt as `shared::user::Role`.
CREATE TABLE user_roles (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    PRIMARY KEY (user_id, role)
);
CREATE INDEX user_roles_by_role ON user_roles (role);

-- Browser sessions. Only a hash of the cookie is kept.
CREATE TABLE sessions (
    id_hash TEXT PRIMARY KEY NOT NULL,
    -- What its owner calls it by; it opens nothing, and stays when the id changes.
    public_id TEXT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    id_token TEXT NOT NULL,
    device TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    -- To within some minutes.
    last_seen_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    -- Its id changes at its next request; a row with the old id then remains for the requests that are under way.
    must_renew BOOLEAN NOT NULL DEFAULT FALSE,
    is_replaced BOOLEAN NOT NULL DEFAULT FALSE,
    -- Whom an administrator, whose session it is, acts for; until then.
    acting_for BIGINT REFERENCES users (id) ON DELETE SET NULL,
    acting_until TIMESTAMP
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expires_at ON sessions (expires_at);
CREATE INDEX sessions_by_acting_for ON sessions (acting_for);

-- Sign-ins that have left for the identity provider and not come back yet.
CREATE TABLE sign_ins (
    state_hash TEXT PRIMARY KEY NOT NULL,
    browser_hash TEXT NOT NULL,
    nonce TEXT NOT NULL,
    pkce_verifier TEXT NOT NULL,
    return_to TEXT NOT NULL,
    expires_at TIMESTAMP NOT NULL
);

-- Every policy under which an enrollment was ever written, for ever.
CREATE TABLE policy_revisions (
    revision TEXT PRIMARY KEY NOT NULL,
    target_api TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

-- `content` is the truth (JSON of `shared::enrollment::Draft`); the other columns and the two tables below repeat what
-- SQL filters, sorts or lists, and are written by the same statement or transaction.
CREATE TABLE enrollments (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    target_api TEXT NOT NULL,
    policy_revision TEXT NOT NULL REFERENCES policy_revisions (revision),
    status TEXT NOT NULL,
    version BIGINT NOT NULL,
    siret TEXT,
    nom_raison_sociale TEXT NOT NULL,
    intitule TEXT NOT NULL,
    responsable_traitement TEXT NOT NULL,
    demandeur_id BIGINT NOT NULL REFERENCES users (id),
    demandeur_email TEXT NOT NULL,
    previous_enrollment_id BIGINT REFERENCES enrollments (id),
    copied_from_id BIGINT REFERENCES enrollments (id),
    reopening BOOLEAN NOT NULL,
    resubmitted BOOLEAN NOT NULL,
    offered BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    submitted_at TIMESTAMP,
    validated_at TIMESTAMP,
    -- The beginning of the title, as a text search sees it: what the title is sorted by.
    intitule_sort TEXT NOT NULL,
    -- Seconds that the administration took in its turns before the present one.
    waited BIGINT NOT NULL,
    -- In its turn: when the wait would have begun, had it had no break.
    waiting_from TIMESTAMP,
    -- Which instructor takes care of it.
    assigned_to BIGINT REFERENCES users (id),
    -- The long texts come last: SQLite reads a row from its start, and only as far as it must.
    -- What a text search looks into.
    search TEXT NOT NULL,
    content TEXT NOT NULL
);
-- One index per order of a list and what narrows it.
CREATE INDEX enrollments_by_update ON enrollments (updated_at, id);
CREATE INDEX enrollments_by_status_update ON enrollments (status, updated_at, id);
CREATE INDEX enrollments_by_api_update ON enrollments (target_api, updated_at, id);
CREATE INDEX enrollments_by_api_status_update ON enrollments (target_api, status, updated_at, id);
CREATE INDEX enrollments_by_api_status_id ON enrollments (target_api, status, id);
CREATE INDEX enrollments_by_api_id ON enrollments (target_api, id);
CREATE INDEX enrollments_by_name ON enrollments (nom_raison_sociale, id);
CREATE INDEX enrollments_by_api_name ON enrollments (target_api, nom_raison_sociale, id);
CREATE INDEX enrollments_by_api_status_name ON enrollments (target_api, status, nom_raison_sociale, id);
CREATE INDEX enrollments_by_status_id ON enrollments (status, id);
CREATE INDEX enrollments_by_title ON enrollments (intitule_sort, id);
CREATE INDEX enrollments_by_api_title ON enrollments (target_api, intitule_sort, id);
CREATE INDEX enrollments_by_api_status_title ON enrollments (target_api, status, intitule_sort, id);
CREATE INDEX enrollments_by_submission ON enrollments (submitted_at, id);
CREATE INDEX enrollments_by_api_submission ON enrollments (target_api, submitted_at, id);
CREATE INDEX enrollments_by_api_status_submission ON enrollments (target_api, status, submitted_at, id);
CREATE INDEX enrollments_by_waiting ON enrollments (waiting_from, id) WHERE waiting_from IS NOT NULL;
CREATE INDEX enrollments_by_api_waiting ON enrollments (target_api, waiting_from, id, assigned_to, resubmitted)
    WHERE waiting_from IS NOT NULL;
CREATE INDEX enrollments_by_assignee ON enrollments (assigned_to, status, id) WHERE assigned_to IS NOT NULL;
CREATE INDEX enrollments_by_demandeur ON enrollments (demandeur_id, updated_at, id);
CREATE INDEX enrollments_by_siret ON enrollments (siret, id);
CREATE INDEX enrollments_by_previous ON enrollments (previous_enrollment_id);
-- A request has one live renewal at most.
CREATE UNIQUE INDEX enrollments_live_copy ON enrollments (copied_from_id) WHERE status <> 'archived';
CREATE INDEX enrollments_by_original ON enrollments (copied_from_id);

CREATE TABLE enrollment_scopes (
    enrollment_id BIGINT NOT NULL REFERENCES enrollments (id) ON DELETE CASCADE,
    scope TEXT NOT NULL,
    PRIMARY KEY (enrollment_id, scope)
);
CREATE INDEX enrollment_scopes_by_scope ON enrollment_scopes (scope, enrollment_id);

-- E-mail addresses of the people that a request names and who may read it.
CREATE TABLE enrollment_readers (
    enrollment_id BIGINT NOT NULL REFERENCES enrollments (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    PRIMARY KEY (enrollment_id, email)
);
CREATE INDEX enrollment_readers_by_email ON enrollment_readers (email, enrollment_id);

-- What was granted. Nothing here changes afterwards but `state` and `ended_at`; `version` is the whole content (JSON of
-- `shared::diff::Version`).
CREATE TABLE authorisations (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    enrollment_id BIGINT NOT NULL REFERENCES enrollments (id),
    target_api TEXT NOT NULL,
    policy_revision TEXT NOT NULL REFERENCES policy_revisions (revision),
    state TEXT NOT NULL,
    siret TEXT NOT NULL,
    nom_raison_sociale TEXT NOT NULL,
    intitule TEXT NOT NULL,
    responsable_traitement TEXT NOT NULL,
    created_by BIGINT NOT NULL REFERENCES users (id),
    created_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    -- What a text search of the public list looks into: nothing personal.
    public_search TEXT NOT NULL,
    version TEXT NOT NULL
);
-- One at most is in force for a request.
CREATE UNIQUE INDEX authorisations_active ON authorisations (enrollment_id) WHERE state = 'active';
CREATE INDEX authorisations_by_enrollment ON authorisations (enrollment_id, id);
CREATE INDEX authorisations_by_state ON authorisations (state, created_at, id);
CREATE INDEX authorisations_by_api_state ON authorisations (target_api, state, created_at, id);
CREATE INDEX authorisations_by_siret ON authorisations (siret, target_api);

-- One live file per type; a replaced one is kept for the versions that name it.
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    enrollment_id BIGINT NOT NULL REFERENCES enrollments (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    filename TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    replaced_at TIMESTAMP
);
CREATE UNIQUE INDEX documents_live ON documents (enrollment_id, kind) WHERE replaced_at IS NULL;

-- `snapshot` is the whole version that a submission handed over (JSON of `shared::diff::Version`).
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    enrollment_id BIGINT NOT NULL REFERENCES enrollments (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    comment TEXT NOT NULL,
    changes TEXT NOT NULL,
    snapshot TEXT,
    user_id BIGINT REFERENCES users (id),
    -- Who acted for them.
    administrator_id BIGINT REFERENCES users (id),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX events_by_enrollment ON events (enrollment_id, id);

-- What is still to be delivered, and what became of it.
CREATE TABLE outbox (
    id TEXT PRIMARY KEY NOT NULL,
    enrollment_id BIGINT REFERENCES enrollments (id) ON DELETE CASCADE,
    sequence BIGINT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at TIMESTAMP NOT NULL,
    last_error TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    delivered_at TIMESTAMP
);
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE delivered_at IS NULL;

-- Mails of the embedded mode: kept here, sent nowhere.
CREATE TABLE mailbox (
    id TEXT PRIMARY KEY NOT NULL,
    enrollment_id BIGINT,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    sent_at TIMESTAMP NOT NULL
);

-- Text search: any part of a word, through trigrams.
CREATE VIRTUAL TABLE enrollments_search USING fts5 (
    search, content = 'enrollments', content_rowid = 'id', tokenize = 'trigram', detail = 'column'
);
CREATE TRIGGER enrollments_search_insert AFTER INSERT ON enrollments BEGIN
    INSERT INTO enrollments_search (rowid, search) VALUES (new.id, new.search);
END;
CREATE TRIGGER enrollments_search_delete AFTER DELETE ON enrollments BEGIN
    INSERT INTO enrollments_search (enrollments_search, rowid, search) VALUES ('delete', old.id, old.search);
END;
CREATE TRIGGER enrollments_search_update AFTER UPDATE OF search ON enrollments WHEN old.search <> new.search BEGIN
    INSERT INTO enrollments_search (enrollments_search, rowid, search) VALUES ('delete', old.id, old.search);
    INSERT INTO enrollments_search (rowid, search) VALUES (new.id, new.search);
END;
CREATE VIRTUAL TABLE authorisations_search USING fts5 (
    public_search, content = 'authorisations', content_rowid = 'id', tokenize = 'trigram', detail = 'column'
);
CREATE TRIGGER authorisations_search_insert AFTER INSERT ON authorisations BEGIN
    INSERT INTO authorisations_search (rowid, public_search) VALUES (new.id, new.public_search);
END;
CREATE TRIGGER authorisations_search_delete AFTER DELETE ON authorisations BEGIN
    INSERT INTO authorisations_search (authorisations_search, rowid, public_search) VALUES ('delete', old.id, old.public_search);
END;

-- What the planner may expect of a large database. Nobody runs ANALYZE, which would describe whatever is there on that
-- day; without any of it SQLite takes every index for equally good and goes through all requests of an API to find three.
-- The numbers: rows, then rows for one value of the first column of the index, of the first two, …
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('enrollments', 'enrollments_by_update', '100000 1 1'),
    ('enrollments', 'enrollments_by_status_update', '100000 15000 1 1'),
    ('enrollments', 'enrollments_by_api_update', '100000 25000 1 1'),
    ('enrollments', 'enrollments_by_api_status_update', '100000 25000 4000 1 1'),
    ('enrollments', 'enrollments_by_api_id', '100000 25000 1'),
    ('enrollments', 'enrollments_by_api_status_id', '100000 25000 4000 1'),
    ('enrollments', 'enrollments_by_name', '100000 5 1'),
    ('enrollments', 'enrollments_by_api_name', '100000 25000 2 1'),
    ('enrollments', 'enrollments_by_api_status_name', '100000 25000 4000 2 1'),
    ('enrollments', 'enrollments_by_status_id', '100000 15000 1'),
    ('enrollments', 'enrollments_by_title', '100000 5 1'),
    ('enrollments', 'enrollments_by_api_title', '100000 25000 2 1'),
    ('enrollments', 'enrollments_by_api_status_title', '100000 25000 4000 2 1'),
    ('enrollments', 'enrollments_by_submission', '100000 1 1'),
    ('enrollments', 'enrollments_by_api_submission', '100000 25000 1 1'),
    ('enrollments', 'enrollments_by_api_status_submission', '100000 25000 4000 1 1'),
    ('enrollments', 'enrollments_by_waiting', '10000 1 1'),
    ('enrollments', 'enrollments_by_api_waiting', '10000 2500 1 1 1 1'),
    ('enrollments', 'enrollments_by_assignee', '20000 1000 200 1'),
    ('enrollments', 'enrollments_by_demandeur', '100000 5 1 1'),
    ('enrollments', 'enrollments_by_siret', '100000 5 1'),
    ('enrollments', 'enrollments_by_previous', '100000 2'),
    ('enrollments', 'enrollments_by_original', '100000 2'),
    ('authorisations', 'authorisations_by_enrollment', '20000 2 1'),
    ('authorisations', 'authorisations_by_state', '20000 6000 1 1'),
    ('authorisations', 'authorisations_by_api_state', '20000 5000 4000 1 1'),
    ('authorisations', 'authorisations_by_siret', '20000 2 1'),
    ('enrollment_scopes', 'sqlite_autoindex_enrollment_scopes_1', '400000 4 1'),
    ('enrollment_scopes', 'enrollment_scopes_by_scope', '400000 10000 1'),
    ('enrollment_readers', 'sqlite_autoindex_enrollment_readers_1', '400000 4 1'),
    ('enrollment_readers', 'enrollment_readers_by_email', '400000 5 1');
ANALYZE sqlite_schema;
