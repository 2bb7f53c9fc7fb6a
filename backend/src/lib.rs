//! DataPass: the REST API, the sign-in, the worker and the single executable.
//!
//! The README has the code map and says who may import what.

pub mod administration;
pub mod api_clients;
pub mod app;
pub mod audit;
pub mod auth;
pub mod clients;
pub mod config;
pub mod db;
pub mod demo;
pub mod directory;
pub mod email;
pub mod error;
pub mod export;
pub mod identity;
pub mod models;
pub mod notification;
pub mod openapi;
pub mod outbox;
pub mod page;
pub mod policies;
pub mod rights;
pub mod routes;
pub mod saved_filters;
pub mod schedule;
pub mod schema;
pub mod storage;
pub mod transition;
pub mod upload;
