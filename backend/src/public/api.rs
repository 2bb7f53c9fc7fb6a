//! The page of one API: what it is, what it asks for, who may ask, how long it takes.

use actix_web::HttpResponse;
use minijinja::context;
use shared::policy::Policy;

use super::{About, Visit, catalogue};
use crate::error::Result;

/// Presents an API.
///
/// # Errors
/// The template cannot be filled in.
pub fn page(visit: &Visit, policy: &Policy) -> Result<HttpResponse> {
    let about = About::page(policy.label.as_str(), policy.description.as_str(), catalogue::address(&policy.target_api));
    visit.page(about, "public/api.html", context! { description => &policy.description })
}
