DROP INDEX documents_by_content;
ALTER TABLE documents DROP COLUMN scan;
