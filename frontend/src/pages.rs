//! One module per page of the application. `app` says which address leads to which.

pub mod account;
pub mod administration;
pub mod colleagues;
pub mod compare;
pub mod correction;
pub mod decision_templates;
pub mod developers;
pub mod form;
pub mod home;
pub mod instruction;
pub mod journal;
pub mod mail_templates;
pub mod mailbox;
pub mod not_found;
pub mod outbox;
pub mod people;
pub mod policies;
pub mod request;
pub mod services;
pub mod signed_in;
pub mod start;
pub mod suspended;
pub mod transfer;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::user::User;

use crate::shell::sign_in::signed_in;

/// A page with an id in its path, for those who are signed in. « Page introuvable » where it is no number.
fn by_number(show: fn(i64, User) -> AnyView) -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse::<i64>().ok())));
    move || match id.get() {
        Some(id) => signed_in(move |user| show(id, user)),
        None => not_found::NotFound().into_any(),
    }
}
