-- A policy may allow several live files of one type; the same content is one of them.
DROP INDEX documents_live;
CREATE UNIQUE INDEX documents_live ON documents (enrollment_id, kind, sha256) WHERE replaced_at IS NULL;
