//! Rows and their queries, one file per table or family. No rights, no workflow, no HTTP here.

pub mod account;
pub mod account_change;
pub mod audit;
pub mod authorisation;
pub mod ban;
pub mod change_point;
pub mod client;
pub mod decision;
pub mod document;
pub mod enrollment;
pub mod establishment;
pub mod event;
pub mod message;
pub mod opinion;
pub mod outbox;
pub mod policy_revision;
pub mod provider;
pub mod refresh_token;
pub mod role;
pub mod saved_filter;
pub mod session;
pub mod sign_in;
pub mod user;
