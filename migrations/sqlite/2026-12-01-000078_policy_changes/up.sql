-- What administrators do to the policies in force: the last change of an API says where its policy comes from, and the last
-- number of all is how processes that share the database notice.
CREATE TABLE policy_changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- NULL: the policy files were read again.
    target_api TEXT,
    -- The policy file that is in force from then on; NULL: the one of the server is, if there is one.
    text TEXT,
    reason TEXT NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES users (id),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX policy_changes_by_api ON policy_changes (target_api, id);
