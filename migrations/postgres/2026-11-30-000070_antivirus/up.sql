-- What the antivirus says of a file: 'pending', 'clean' or 'infected'; NULL where none was asked.
ALTER TABLE documents ADD COLUMN scan TEXT;
-- What is said of a content is said of every file that has it, and a stored file that none has is deleted.
CREATE INDEX documents_by_content ON documents (sha256);
