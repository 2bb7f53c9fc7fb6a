//! What follows the list: its export, the keys, the leave of who instructs. It comes in a part of its own.

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use shared::queue::Absence;
use shared::user::Role;

use super::absence::AbsenceForm;
use super::export::ExportPanel;
use super::keyboard::Shortcuts;
use super::state::ListState;
use crate::context::AppContext;
use crate::loader::Loader;

/// The end of the page, for who instructs or reads those APIs.
#[wasm_split(instruction_rest, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn rest(
    state: Memo<ListState>,
    own_apis: BTreeSet<String>,
    absence: Loader<Absence>,
    on_change: Callback<()>,
) -> Result<AnyView, SplitLoaderError> {
    let user = untrack(|| AppContext::get().user());
    let is_instructor = user.is_some_and(|user| user.roles.iter().any(|role| matches!(role, Role::Instructor { .. })));
    Ok(view! {
        <ExportPanel state query=move |state: ListState| state.list_query(&own_apis) />
        <Shortcuts />
        {is_instructor.then(|| view! { <AbsenceForm absence on_change /> })}
    }
    .into_any())
}
