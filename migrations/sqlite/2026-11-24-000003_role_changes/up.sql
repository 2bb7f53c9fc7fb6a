-- Roles of people who have not signed in yet: theirs at their first sign-in with that address, if it is verified.
CREATE TABLE invited_roles (
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (email, role)
);

-- Who gave or took which role, when and why. Nothing here is ever changed.
CREATE TABLE role_changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    granted BOOLEAN NOT NULL,
    reason TEXT NOT NULL,
    -- Nobody: the command line.
    actor_id BIGINT REFERENCES users (id),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX role_changes_by_email ON role_changes (email, id);
