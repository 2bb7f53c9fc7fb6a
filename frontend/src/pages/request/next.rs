//! Once a decision is taken: that it is, and the way to the next request.

use leptos::prelude::*;
use shared::workflow::Status;

use crate::api::{self, ListQuery};
use crate::app::AppContext;
use crate::components::alert::{Alert, Tone};
use crate::loader::Loader;
use crate::pages::instruction::{last_list, own_apis};

/// Id of the message, which takes the focus.
pub const ID: &str = "fait";

/// What was done, and where to go on.
#[component]
pub fn Done(
    /// What was done.
    message: &'static str,
    /// Number of the request.
    id: i64,
) -> impl IntoView {
    let context = AppContext::get();
    let user = context.user();
    let has_role = user.as_ref().is_some_and(shared::user::User::has_role);
    let way_on = user.filter(|_| has_role).map(|user| {
        let target_api: Vec<String> = own_apis(&user).into_iter().collect();
        view! { <WayOn id target_api /> }
    });
    view! {
        <div id=ID tabindex="-1" role="status">
            <Alert tone=Tone::Success title=message>
                {way_on}
            </Alert>
        </div>
    }
}

/// The request that waits longest, and the list.
#[component]
fn WayOn(
    /// The request that was just decided.
    id: i64,
    /// The APIs to look in; none for all.
    target_api: Vec<String>,
) -> impl IntoView {
    // Two, in case the present one is still among them.
    let queue = Loader::new(move || {
        api::enrollments(ListQuery {
            status: vec![Status::Submitted.to_string()],
            target_api: target_api.clone(),
            sort: "updated_at".to_owned(),
            limit: Some(2),
            ..ListQuery::default()
        })
    });
    let next = move || {
        let next = queue.get()?.items.into_iter().find(|row| row.id != id)?;
        let title = if next.intitule.is_empty() { format!("n°\u{a0}{}", next.id) } else { next.intitule };
        Some(view! {
            <p class="fr-mt-1w">
                <a class="fr-link" href=format!("/demandes/{}", next.id)>
                    {format!("Demande suivante à instruire\u{a0}: {title}")}
                </a>
            </p>
        })
    };
    view! {
        {next}
        <p class="fr-mt-1w">
            <a class="fr-link" href=last_list()>
                "Retour à la liste"
            </a>
        </p>
    }
}
