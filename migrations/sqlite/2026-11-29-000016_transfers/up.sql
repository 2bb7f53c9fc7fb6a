-- Requests that pass to a colleague of their applicant: what waits for an answer, and what became of the others.
CREATE TABLE transfers (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    enrollment_id BIGINT NOT NULL REFERENCES enrollments (id) ON DELETE CASCADE,
    -- How it began: `shared::transfer::TransferKind`.
    kind TEXT NOT NULL,
    -- The applicant at that time.
    from_id BIGINT NOT NULL REFERENCES users (id),
    -- Who is to have it; their number once they are known.
    to_email TEXT NOT NULL,
    to_id BIGINT REFERENCES users (id),
    reason TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    -- How it ended, spelt as `shared::transfer::TransferOutcome`, by whom and when: all three, or none while it waits.
    outcome TEXT,
    decided_by BIGINT REFERENCES users (id),
    decided_at TIMESTAMP,
    answer TEXT NOT NULL
);
CREATE INDEX transfers_by_enrollment ON transfers (enrollment_id, id);
-- One at most waits for a request.
CREATE UNIQUE INDEX transfers_waiting ON transfers (enrollment_id) WHERE outcome IS NULL;
