DROP INDEX enrollments_without_demarche;
DROP INDEX enrollments_by_demarche_update;
DROP INDEX enrollments_by_demarche_status;
DROP INDEX enrollments_by_demarche_waiting;
ALTER TABLE enrollments DROP COLUMN demarche;
