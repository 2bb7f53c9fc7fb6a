//! The components of the interface: thin wrappers over the markup of the DSFR, the State's design system.
//!
//! A component gets a label, a value, an error and a callback. It knows nothing of enrollments or policies.

pub mod accordion;
pub mod alert;
pub mod badge;
pub mod breadcrumb;
pub mod choice;
pub mod copy_field;
pub mod date;
pub mod debounce;
pub mod dialog;
pub mod done;
pub mod field;
pub mod load_more;
pub mod pagination;
pub mod placeholder;
pub mod print;
pub mod search;
pub mod searchable_radio;
pub mod secret_panel;
pub mod siret;
pub mod stepper;
pub mod table;
pub mod upload;

use shared::navigation::is_drawn_by_server;

/// The `rel` of a link: the browser itself goes where the server draws the page.
pub fn leaving(href: &str) -> Option<&'static str> {
    is_drawn_by_server(href).then_some("external")
}
