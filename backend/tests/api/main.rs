//! The REST API over HTTP: the real server on a free port, with a database of its own for each test.
//!
//! The engine is SQLite, or PostgreSQL where `TEST_DATABASE_URL` names a server: the same tests run on both.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise and is documented by its name"
)]

mod access_revocation;
mod administration;
mod audit;
mod awaited;
mod backup;
mod bad_input;
mod caching;
mod cells;
mod chain;
mod clients;
mod clock;
mod colleagues;
mod concurrency;
mod control_characters;
mod correction;
mod database;
mod decision_messages;
mod decisions;
mod deleted_drafts;
mod delivery;
mod demarches;
mod documents;
mod every_policy;
mod export;
mod gathered_mails;
mod in_force;
mod journal;
mod kills;
mod life;
mod list_scope;
mod lists;
mod log;
mod mail_domains;
mod mail_events;
mod mail_preferences;
mod mailjet;
mod mails;
mod managers;
mod messages;
mod methods;
mod migrations;
mod model;
mod openapi;
mod opinions;
mod organizations;
mod outbox;
mod overload;
mod policies;
mod policy_changes;
mod policy_files;
mod prepared;
mod problems;
mod provider_roles;
mod provisioning;
mod public;
mod queue;
mod quotas;
mod rate_limits;
mod register;
mod resubmission;
#[path = "../../../shared/tests/rights/table.rs"]
mod rights_table;
mod role_requests;
mod roles;
mod rules;
mod search;
mod sessions;
mod sign_in;
mod statistics;
mod story;
mod subscribers;
mod support;
mod tokens;
mod transfer;
mod valid_draft;
mod validators;
mod versions;
mod webhooks;
