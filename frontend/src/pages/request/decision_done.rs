//! The confirmation of a decision, with a link to the next request.

use std::collections::BTreeSet;

use leptos::prelude::*;

use crate::api;
use crate::components::alert::{Alert, Tone};
use crate::context::AppContext;
use crate::loader::Loader;
use crate::pages::instruction::state::ListState;
use crate::pages::instruction::{last_list, own_apis};
use crate::query::Query;

/// Id of the message, which takes the focus.
pub const ID: &str = "fait";

/// What was done, and where to go on.
#[component]
pub fn DecisionDone(
    /// What was done.
    message: &'static str,
    /// Number of the request.
    id: i64,
) -> impl IntoView {
    let context = AppContext::get();
    let user = context.user();
    let has_role = user.as_ref().is_some_and(shared::user::User::has_role);
    let way_on = user.filter(|_| has_role).map(|user| view! { <NextRequestLink id own_apis=own_apis(&user) /> });
    view! {
        <div id=ID tabindex="-1" role="status">
            <Alert tone=Tone::Success title=message>
                {way_on}
            </Alert>
        </div>
    }
}

/// The request that waits longest among those of the list that the reader comes from, and that list.
#[component]
fn NextRequestLink(
    /// The request that was just decided.
    id: i64,
    /// The APIs of the user's roles; none for all.
    own_apis: BTreeSet<String>,
) -> impl IntoView {
    // Two, in case the present one is still among them.
    let list = last_list();
    let state = ListState::parse(&Query::parse(list.split_once('?').map_or("", |(_, query)| query)));
    let queue = Loader::new(move || api::enrollments(state.next_query(&own_apis)));
    let next = move || {
        let Some(next) = queue.get()?.items.into_iter().find(|row| row.id != id) else {
            return Some(view! { <p class="fr-mt-1w">"Plus rien à traiter dans cette liste."</p> }.into_any());
        };
        let title = if next.intitule.is_empty() { format!("n°\u{a0}{}", next.id) } else { next.intitule };
        let way = view! {
            <p class="fr-mt-1w">
                <a class="fr-link" href=format!("/demandes/{}", next.id)>
                    {format!("Demande suivante à instruire\u{a0}: {title}")}
                </a>
            </p>
        };
        Some(way.into_any())
    };
    view! {
        {next}
        <p class="fr-mt-1w">
            <a class="fr-link" href=list>
                "Retour à la liste"
            </a>
        </p>
    }
}
