//! DataPass: the REST API, the sign-in, the workers and the single executable.
//!
//! The rooms, floor by floor. A room imports only rooms of lower floors: `tests/tidy.rs` reads the imports.

// Floor 14
pub mod server; // routes, middleware and workers, put together

// Floor 13
pub mod openapi; // the document of the API, collected from the routes

// Floor 12
pub mod routes; // every endpoint, one file per resource

// Floor 11
pub mod demo; // accounts and requests to try things with
pub mod public; // the pages that anybody may read
pub mod schedule; // what is done every hour

// Floor 10
pub mod identity; // the embedded OpenID provider and its pages

// Floor 9
pub mod auth; // from a request to its caller: sessions, tokens, who may come where
pub mod backup; // the database and the documents, copied and put back
pub mod register; // the public register: what part of it is asked for, and its files

// Floor 8
pub mod export; // lists as CSV and XLSX files
pub mod page; // how the server draws a page
pub mod signing; // JSON Web Tokens and the keys that sign them

// Floor 7
pub mod administration; // roles, bans, impersonation, OpenID clients; what waits, and what the audit log says
pub mod api_clients; // the tools that people connect to the API
pub mod problem; // how an error is told over HTTP
pub mod state; // what handlers share

// Floor 6
pub mod delivery; // the worker that delivers what the outbox holds
pub mod reconciliation; // what API managers hold, against what is granted
pub mod rights; // the table of rights, for the documentation
pub mod statistics; // the public figures: read, and counted anew
pub mod transition; // the single door that every change of an enrollment goes through

// Floor 5
pub mod audit; // the audit log: its queue, its sealing, its verification
pub mod directory; // what the Sirene register says of organisations
pub mod email; // how mails leave
pub mod policies; // the policies in force
pub mod rate_limits; // how often one may call
pub mod streaming; // files that are sent while they are written

// Floor 4
pub mod db; // which engine, reading, the only way to write
pub mod mail_preferences; // who does without which mails

// Floor 3
pub mod notification; // who is told what, in which words
pub mod outbox; // what is still to be delivered is put here
pub mod saved_filters; // the views of a list that one keeps
pub mod trail; // what the request at hand leaves in the audit log

// Floor 2
pub mod models; // rows and their queries
pub mod storage; // the bytes of documents

// Floor 1
pub mod connection; // a connection to either engine, its types, pages and searches
pub mod email_address; // an address that somebody typed, in its one form
pub mod ids; // the numbers of rows, each thing's of its own type
pub mod json; // how JSON is read: errors that name the member
pub mod logging; // what goes to the log
pub mod outbound; // every outgoing call
pub mod seal; // secrets that must be read again
pub mod secret; // random secrets and their hashes
pub mod templates; // the texts of pages and mails

// Floor 0
pub mod assets; // the built front end
pub mod concurrency; // limits on what is done at once
pub mod config; // the only reader of the environment
pub mod error; // the one error type
pub mod schema; // the tables
pub mod throttle; // slows down guessing
pub mod upload; // whether a file that is sent may be kept
