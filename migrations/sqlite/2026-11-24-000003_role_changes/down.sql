DROP TABLE role_changes;
DROP TABLE invited_roles;
