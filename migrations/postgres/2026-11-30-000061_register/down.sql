DROP INDEX authorisations_by_end;
DROP INDEX authorisations_by_api;
DROP INDEX authorisations_by_creation;
ALTER TABLE authorisations DROP COLUMN changed_at;
ALTER TABLE authorisations DROP COLUMN masked;
ALTER TABLE authorisations DROP COLUMN organization_kind;
ALTER TABLE authorisations DROP COLUMN provider;
