//! The page that asks for password and code again, for actions that have no page of their own.

use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;

use crate::error::Result;
use crate::identity::form::{self, Rejection};
use crate::state::AppState;

/// What the page says of the action.
pub struct Page {
    /// Where its form goes.
    pub path: &'static str,
    pub title: &'static str,
    /// What the action does.
    pub text: &'static str,
    /// Said above the errors.
    pub failed: &'static str,
    /// The label of the button.
    pub button: &'static str,
}

impl Page {
    /// Shows it.
    pub fn show(&self, request: &HttpRequest, state: &AppState, rejection: Option<&Rejection>) -> Result<HttpResponse> {
        let Self { path, title, text, failed, button } = *self;
        let values = context! { path, title, text, failed, button };
        form::show(request, state, "reauthentication.html", values, rejection)
    }
}
