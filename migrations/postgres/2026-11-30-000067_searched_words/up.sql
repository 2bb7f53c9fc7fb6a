-- Each word that is searched has a space on either side: a word of one or two letters is found by the trigrams with it, instead
-- of by going through all rows.
UPDATE enrollments SET search = ' ' || search || ' ';
UPDATE authorisations SET public_search = ' ' || public_search || ' ';
