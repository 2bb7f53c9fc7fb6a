DROP TRIGGER authorisations_search_update;
DROP INDEX authorisations_without_provider;
DROP INDEX authorisations_by_change;
DROP INDEX authorisations_by_end;
DROP INDEX authorisations_by_kind;
DROP INDEX authorisations_by_provider;
DROP INDEX authorisations_by_api;
DROP INDEX authorisations_by_creation;
DELETE FROM sqlite_stat1 WHERE idx IN (
    'authorisations_without_provider', 'authorisations_by_change', 'authorisations_by_end', 'authorisations_by_kind',
    'authorisations_by_provider', 'authorisations_by_api', 'authorisations_by_creation'
);
ALTER TABLE authorisations DROP COLUMN changed_at;
ALTER TABLE authorisations DROP COLUMN masked;
ALTER TABLE authorisations DROP COLUMN organization_kind;
ALTER TABLE authorisations DROP COLUMN provider;
