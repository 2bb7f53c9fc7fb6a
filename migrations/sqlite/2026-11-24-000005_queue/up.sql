-- Every answer that the administration gave, and how many seconds it took. Nothing here is ever changed.
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    enrollment_id BIGINT NOT NULL REFERENCES enrollments (id) ON DELETE CASCADE,
    target_api TEXT NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    waited BIGINT NOT NULL
);
CREATE INDEX decisions_by_api ON decisions (target_api, decided_at, waited);

-- Views of the list of requests that somebody keeps; `query` is a part of its address.
CREATE TABLE saved_filters (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    is_default BOOLEAN NOT NULL,
    UNIQUE (user_id, name)
);
