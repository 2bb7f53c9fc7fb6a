DROP TABLE join_requests;
DROP TABLE organization_domains;
DROP TABLE password_resets;
DROP TABLE challenges;
