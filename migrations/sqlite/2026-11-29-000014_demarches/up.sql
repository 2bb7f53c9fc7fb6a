-- The démarche that a request counted as when it was last submitted (`shared::policy::Policy::counts_as`); empty before,
-- and for none. `?` is worked out when the server starts.
ALTER TABLE enrollments ADD COLUMN demarche TEXT NOT NULL DEFAULT '?';
UPDATE enrollments SET demarche = '' WHERE submitted_at IS NULL;
CREATE INDEX enrollments_by_demarche_update ON enrollments (target_api, demarche, updated_at, id);
CREATE INDEX enrollments_by_demarche_status ON enrollments (target_api, demarche, status);
CREATE INDEX enrollments_by_demarche_waiting ON enrollments (target_api, demarche, waiting_from, id, assigned_to, resubmitted)
    WHERE waiting_from IS NOT NULL;
CREATE INDEX enrollments_without_demarche ON enrollments (id) WHERE demarche = '?';
-- An index without statistics beside others that have some is taken for a very good one.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('enrollments', 'enrollments_by_demarche_update', '100000 25000 12000 1 1'),
    ('enrollments', 'enrollments_by_demarche_status', '100000 25000 12000 2000'),
    ('enrollments', 'enrollments_by_demarche_waiting', '10000 2500 1200 1 1 1 1'),
    ('enrollments', 'enrollments_without_demarche', '1 1'),
    ('authorisations', 'authorisations_active', '10000 1');
ANALYZE sqlite_schema;
