DELETE FROM sqlite_stat1 WHERE idx IN ('enrollments_by_zip_code', 'enrollments_without_place');
DROP TABLE search_words;
DROP INDEX enrollments_by_zip_code;
DROP INDEX enrollments_without_place;
ALTER TABLE enrollments DROP COLUMN city;
ALTER TABLE enrollments DROP COLUMN zip_code;
