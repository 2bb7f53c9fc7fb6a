//! What surrounds the pages and knows the session: header, footer, page titles, sign-in, loading and error states.

pub mod awaited_membership;
pub mod footer;
pub mod header;
pub mod impersonation;
pub mod layout;
pub mod loading;
pub mod organization_switch;
pub mod paged_list;
pub mod places;
pub mod second_factor;
pub mod seldom;
pub mod sign_in;
pub mod submitting;
pub mod theme;
pub mod title;
