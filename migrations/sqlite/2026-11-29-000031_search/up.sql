-- Where the organisation is, as the register says; empty where it does not. `?` is worked out when the server starts, with
-- what a text search looks into.
ALTER TABLE enrollments ADD COLUMN zip_code TEXT NOT NULL DEFAULT '?';
ALTER TABLE enrollments ADD COLUMN city TEXT NOT NULL DEFAULT '';
CREATE INDEX enrollments_by_zip_code ON enrollments (zip_code, updated_at, id);
CREATE INDEX enrollments_without_place ON enrollments (id) WHERE zip_code = '?';
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('enrollments', 'enrollments_by_zip_code', '100000 20 1 1'),
    ('enrollments', 'enrollments_without_place', '1 1');
ANALYZE sqlite_schema;

-- The words of organisations, titles and towns, without accents: what a mistyped word may stand for. An error in one half
-- of a word is found by the other half.
CREATE TABLE search_words (
    word TEXT PRIMARY KEY NOT NULL,
    reversed TEXT NOT NULL,
    length INTEGER NOT NULL
);
CREATE INDEX search_words_by_start ON search_words (length, word);
CREATE INDEX search_words_by_end ON search_words (length, reversed, word);
