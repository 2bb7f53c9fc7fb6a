DROP TABLE signing_keys;
DROP TABLE access_tokens;
DROP TABLE authorization_codes;
DROP TABLE provider_sessions;
DROP TABLE account_organizations;
DROP TABLE accounts;
