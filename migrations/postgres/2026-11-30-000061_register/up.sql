-- What the public register filters by, and when an authorisation last changed there. An empty provider is worked out when the
-- server starts, with the kind of the organisation and whether the Sirene register diffuses it.
ALTER TABLE authorisations ADD COLUMN provider TEXT NOT NULL DEFAULT '';
ALTER TABLE authorisations ADD COLUMN organization_kind TEXT NOT NULL DEFAULT '';
ALTER TABLE authorisations ADD COLUMN masked BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE authorisations ADD COLUMN changed_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
UPDATE authorisations SET changed_at = coalesce(ended_at, created_at);

CREATE INDEX authorisations_by_creation ON authorisations (created_at, id);
CREATE INDEX authorisations_by_api ON authorisations (target_api, created_at, id);
CREATE INDEX authorisations_by_provider ON authorisations (provider, state, created_at, id);
CREATE INDEX authorisations_by_kind ON authorisations (organization_kind, state, created_at, id);
CREATE INDEX authorisations_by_end ON authorisations (state, ended_at, id);
CREATE INDEX authorisations_by_change ON authorisations (changed_at);
CREATE INDEX authorisations_without_provider ON authorisations (id) WHERE provider = '';
