-- How often what an entry tells of was done: refused sign-ins are counted together. The hash of an entry of one stays as it was.
ALTER TABLE audit_entries ADD COLUMN times BIGINT NOT NULL DEFAULT 1;
