//! All that the pages of policies show, the form of a policy that is tried included: in a part of its own, which comes while
//! the page is drawn.

use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use shared::user::User;

use super::desk::desk;
use super::list::list;

/// What draws it.
#[derive(Clone, Copy)]
pub struct Rest {
    /// The list of all policies.
    pub list: fn() -> AnyView,
    /// The policy of an API, for whoever tries it.
    pub one: fn(String, User) -> AnyView,
}

/// Brings it.
#[wasm_split(policies_rest, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn rest() -> Result<Rest, SplitLoaderError> {
    Ok(Rest { list, one: desk })
}
