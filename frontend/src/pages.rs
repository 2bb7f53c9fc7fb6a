//! One module per page of the application. `app` says which address leads to which.

pub mod authorisation;
pub mod catalogue;
pub mod compare;
pub mod form;
pub mod home;
pub mod instruction;
pub mod journal;
pub mod legal;
pub mod mailbox;
pub mod not_found;
pub mod people;
pub mod public;
pub mod request;
pub mod suspended;
