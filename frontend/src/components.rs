//! The bricks of the interface: thin wrappers over the markup of the DSFR, the State's design system.
//!
//! A component gets a label, a value, an error and a callback. It knows nothing of enrollments or policies.

pub mod alert;
pub mod badge;
pub mod breadcrumb;
pub mod choice;
pub mod composer;
pub mod copy;
pub mod date;
pub mod disclosure;
pub mod establishment;
pub mod field;
pub mod finder;
pub mod footer;
pub mod header;
pub mod impersonation;
pub mod layout;
pub mod modal;
pub mod organization;
pub mod page_links;
pub mod pager;
pub mod pause;
pub mod print;
pub mod remote;
pub mod results;
pub mod search;
pub mod sign_in;
pub mod siret;
pub mod stepper;
pub mod theme;
pub mod title;
pub mod upload;
