DROP TABLE account_changes;
DROP TABLE audit_entries;
