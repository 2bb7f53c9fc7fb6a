DELETE FROM sqlite_stat1 WHERE idx IN ('enrollments_by_demarche_update', 'enrollments_by_demarche_status', 'enrollments_by_demarche_waiting',
    'enrollments_without_demarche', 'authorisations_active');
DROP INDEX enrollments_without_demarche;
DROP INDEX enrollments_by_demarche_update;
DROP INDEX enrollments_by_demarche_status;
DROP INDEX enrollments_by_demarche_waiting;
ALTER TABLE enrollments DROP COLUMN demarche;
