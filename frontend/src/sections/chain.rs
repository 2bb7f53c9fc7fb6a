//! APIs that require an authorisation of another one: the steps, and the validated requests that one may build on.

use leptos::prelude::*;
use shared::api::{EnrollmentRow, Page, chain};
use shared::workflow::Status;

use crate::api::{self, ListQuery};
use crate::components::badge::StatusBadge;
use crate::components::date::date;
use crate::components::stepper::{Step, Stepper};
use crate::context::AppContext;
use crate::loader::Loader;

/// The steps of which that API is one. Nothing where it is the only one.
pub fn steps(target_api: String) -> AnyView {
    let context = AppContext::get();
    (move || {
        let chain = context.catalogue().read(|policies| chain(policies, &target_api)).unwrap_or_default();
        let present = chain.iter().position(|policy| policy.target_api == target_api)?;
        (chain.len() > 1).then(|| {
            let steps = chain
                .into_iter()
                .map(|policy| Step {
                    href: (policy.target_api != target_api).then(|| format!("/{}", policy.target_api)),
                    label: policy.label,
                })
                .collect();
            view! { <Stepper steps present /> }
        })
    })
    .into_any()
}

/// The user's validated requests for an API: those that a request for the next step may follow.
pub fn validated(target_api: &str) -> Loader<Page<EnrollmentRow>> {
    let target_api = target_api.to_owned();
    Loader::new(move || {
        let target_api = vec![target_api.clone()];
        let status = vec![Status::Validated.to_string()];
        api::enrollments(ListQuery { target_api, status, mine: true, limit: Some(100), ..ListQuery::default() })
    })
}

/// One of these requests: a link to read it, its status, whose it is.
pub fn request_line(row: &EnrollmentRow) -> AnyView {
    view! {
        <a href=format!("/demandes/{}", row.id)>{format!("{} (n°\u{a0}{})", row.intitule, row.id)}</a>
        " "
        <StatusBadge status=row.status />
        <span class="fr-hint-text">{about(row)}</span>
    }
    .into_any()
}

/// Whose request it is, and of when.
pub fn about(row: &EnrollmentRow) -> String {
    format!("{}, dernière modification le {}", row.nom_raison_sociale, date(row.updated_at))
}
