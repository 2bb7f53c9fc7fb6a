//! The REST API over HTTP: the real server on a free port, with a database of its own for each test.
//!
//! The engine is SQLite, or PostgreSQL where `TEST_DATABASE_URL` names a server: the same tests run on both.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise and is documented by its name"
)]

mod administration;
mod audit;
mod bad_input;
mod cells;
mod chain;
mod clients;
mod clock;
mod concurrency;
mod decisions;
mod delivery;
mod documents;
mod every_policy;
mod life;
mod list_scope;
mod lists;
mod messages;
mod migrations;
mod model;
mod openapi;
mod opinions;
mod organizations;
mod policies;
mod queue;
#[path = "../../../shared/tests/rights/table.rs"]
mod rights_table;
mod roles;
mod sessions;
mod sign_in;
mod story;
mod support;
mod tokens;
mod valid_draft;
mod versions;
