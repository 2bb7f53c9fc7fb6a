-- What an instructor wants to be changed, point by point, and what the applicant answers.
CREATE TABLE change_points (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    enrollment_id BIGINT NOT NULL REFERENCES enrollments (id) ON DELETE CASCADE,
    -- The request for changes that made it.
    event_id BIGINT NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    field TEXT NOT NULL,
    -- The one piece of data that it is about, where the field is « scopes » and it is not about all of them.
    scope TEXT,
    comment TEXT NOT NULL,
    -- Empty with a time: « it is done ».
    answer TEXT NOT NULL,
    answered_at TIMESTAMP
);
CREATE INDEX change_points_by_enrollment ON change_points (enrollment_id, event_id, id);
