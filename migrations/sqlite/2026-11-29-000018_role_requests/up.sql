-- Roles that people ask for, and what was answered.
CREATE TABLE role_requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- Who asks.
    user_id BIGINT NOT NULL REFERENCES users (id),
    role TEXT NOT NULL,
    -- The role without the démarches that it is limited to.
    role_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- Who can confirm it: their manager at work.
    manager_email TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    -- `shared::role_request::RoleRequestState`.
    state TEXT NOT NULL,
    -- Who answered; the operator of the server is nobody. When, unless it waits; what they wrote.
    answered_by BIGINT REFERENCES users (id),
    answered_at TIMESTAMP,
    answer TEXT NOT NULL
);
CREATE INDEX role_requests_by_user ON role_requests (user_id, id);
CREATE INDEX role_requests_to_answer ON role_requests (id) WHERE state = 'waiting';
-- One at most waits for each person and role.
CREATE UNIQUE INDEX role_requests_waiting ON role_requests (user_id, role_name) WHERE state = 'waiting';
