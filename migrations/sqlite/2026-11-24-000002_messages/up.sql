-- What applicant and instructors write to each other, and the notes that the administration keeps for itself.
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    enrollment_id BIGINT NOT NULL REFERENCES enrollments (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users (id),
    -- Who reads it: « applicant », « instructors » or « administration » (a note).
    audience TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    -- When its audience first read it.
    read_at TIMESTAMP
);
CREATE INDEX messages_by_enrollment ON messages (enrollment_id, id);
CREATE INDEX messages_unread ON messages (enrollment_id, audience) WHERE read_at IS NULL;
