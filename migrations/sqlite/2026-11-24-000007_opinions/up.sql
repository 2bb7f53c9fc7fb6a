-- Opinions that instructors ask of those who report on a request: of one person, or of all who report on a group of data.
CREATE TABLE opinions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    enrollment_id BIGINT NOT NULL REFERENCES enrollments (id) ON DELETE CASCADE,
    -- Who is asked: `shared::opinion::Recipient`.
    recipient TEXT NOT NULL,
    due_on DATE NOT NULL,
    asked_by BIGINT NOT NULL REFERENCES users (id),
    created_at TIMESTAMP NOT NULL,
    -- When those who are asked were reminded.
    reminded_at TIMESTAMP,
    -- The answer: all three, or none.
    verdict TEXT,
    answered_by BIGINT REFERENCES users (id),
    answered_at TIMESTAMP,
    answer TEXT NOT NULL,
    question TEXT NOT NULL
);
CREATE INDEX opinions_by_enrollment ON opinions (enrollment_id, id);
-- What is still expected, of whom and until when.
CREATE INDEX opinions_expected ON opinions (recipient, due_on) WHERE answered_at IS NULL;
CREATE INDEX opinions_due ON opinions (due_on) WHERE answered_at IS NULL AND reminded_at IS NULL;
