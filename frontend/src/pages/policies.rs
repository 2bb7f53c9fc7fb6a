//! The policies, for administrators: where each comes from; trying one, publishing it, returning to an earlier one.
//!
//! Here is only what the part of the administration needs; `rest` draws all of it, in a part of its own.

mod checked;
mod desk;
mod differences;
mod history;
mod kept;
mod list;
mod publishing;
mod rest;
mod rights;
mod trial_form;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::user::User;

use self::rest::Rest;
use crate::components::alert::{Alert, Tone};
use crate::components::placeholder::Spinner;
use crate::shell::seldom::brought;
use crate::shell::sign_in::signed_in;
use crate::shell::title::PageTitle;

/// The address of the list.
const PATH: &str = "/politiques";

/// The page `/politiques`.
#[component]
pub fn PoliciesPage() -> impl IntoView {
    for_administrators(|rest, _| (rest.list)())
}

/// The page `/politiques/:target_api`.
#[component]
pub fn PolicyPage() -> impl IntoView {
    let params = use_params_map();
    let target_api = Memo::new(move |_| params.with(|params| params.get("target_api")).unwrap_or_default());
    for_administrators(move |rest, user| (rest.one)(target_api.get(), user))
}

fn for_administrators(show: impl Fn(Rest, User) -> AnyView + Copy + Send + Sync + 'static) -> AnyView {
    signed_in(move |user| {
        if !user.is_administrator() {
            return view! {
                <PageTitle title="Politiques" />
                <Alert tone=Tone::Info title="Cette page est réservée aux administrateurs">
                    <p>
                        "Vous pouvez écrire la politique d’une API et la leur confier\u{a0}: "
                        <a rel="external" href="/raccordement">
                            "voyez comment"
                        </a> "."
                    </p>
                </Alert>
            }
            .into_any();
        }
        let rest = brought(|| Box::pin(rest::rest()));
        let draw = move || rest.get().map_or_else(|| Spinner().into_any(), |rest| show(rest, user.clone()));
        draw.into_any()
    })
}
