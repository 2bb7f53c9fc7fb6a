UPDATE authorisations SET public_search = trim(public_search);
UPDATE enrollments SET search = trim(search);
