-- The newest stays; the others are kept for the versions that name them.
UPDATE documents SET replaced_at = created_at
WHERE replaced_at IS NULL AND id NOT IN (
    SELECT MAX(id) FROM documents WHERE replaced_at IS NULL GROUP BY enrollment_id, kind
);
DROP INDEX documents_live;
CREATE UNIQUE INDEX documents_live ON documents (enrollment_id, kind) WHERE replaced_at IS NULL;
