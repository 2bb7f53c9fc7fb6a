-- What API managers have opened, or are asked to, for each request: the authorisation that it is for now, and what the manager
-- calls it (JSON). `drift` says how what the manager holds differed when it was last asked.
CREATE TABLE provisionings (
    enrollment_id BIGINT NOT NULL REFERENCES enrollments (id) ON DELETE CASCADE,
    manager TEXT NOT NULL,
    authorisation_id BIGINT NOT NULL REFERENCES authorisations (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    remote TEXT NOT NULL DEFAULT '{}',
    link TEXT NOT NULL DEFAULT '',
    opened_at TIMESTAMP,
    failing_since TIMESTAMP,
    error TEXT NOT NULL DEFAULT '',
    drift TEXT NOT NULL DEFAULT '',
    checked_at TIMESTAMP,
    PRIMARY KEY (enrollment_id, manager)
);
CREATE INDEX provisionings_by_authorisation ON provisionings (authorisation_id);
