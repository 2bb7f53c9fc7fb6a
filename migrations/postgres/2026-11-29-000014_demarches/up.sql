-- The démarche that a request counted as when it was last submitted (`shared::policy::Policy::counts_as`); empty before,
-- and for none. `?` is worked out when the server starts.
ALTER TABLE enrollments ADD COLUMN demarche TEXT NOT NULL DEFAULT '?';
UPDATE enrollments SET demarche = '' WHERE submitted_at IS NULL;
CREATE INDEX enrollments_by_demarche_update ON enrollments (target_api, demarche, updated_at, id);
CREATE INDEX enrollments_by_demarche_status ON enrollments (target_api, demarche, status);
CREATE INDEX enrollments_by_demarche_waiting ON enrollments (target_api, demarche, waiting_from, id, assigned_to, resubmitted)
    WHERE waiting_from IS NOT NULL;
CREATE INDEX enrollments_without_demarche ON enrollments (id) WHERE demarche = '?';
