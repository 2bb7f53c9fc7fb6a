-- What is done once a night, whichever process does it.
CREATE TABLE nightly_tasks (
    name TEXT PRIMARY KEY NOT NULL,
    -- The day, in UTC, whose night it was last begun in: 2026-11-30.
    night TEXT NOT NULL
);
