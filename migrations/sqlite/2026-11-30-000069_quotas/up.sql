-- What somebody has sent lately is counted, so that nobody fills the place or the mailboxes of others.
CREATE INDEX documents_by_enrollment ON documents (enrollment_id);
CREATE INDEX messages_by_user ON messages (user_id, created_at);
