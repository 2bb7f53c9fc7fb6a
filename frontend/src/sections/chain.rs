//! APIs that require an authorisation of another one: the steps, and the validated requests that one may build on.

use leptos::prelude::*;
use shared::api::{EnrollmentRow, Page, PolicySummary};
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
        let chain = context.catalogue.read(|policies| chain(policies, &target_api)).unwrap_or_default();
        let present = chain.iter().position(|policy| policy.target_api == target_api)?;
        (chain.len() > 1).then(|| {
            let steps = chain
                .into_iter()
                .map(|policy| Step {
                    href: (policy.target_api != target_api).then(|| format!("/nouvelle-demande/{}", policy.target_api)),
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

/// The APIs to go through before that one, itself, and those after it as long as there is only one way on.
fn chain(policies: &[PolicySummary], target_api: &str) -> Vec<PolicySummary> {
    let find = |slug: &str| policies.iter().find(|policy| policy.target_api == slug);
    // A chain in a circle would be a fault of the files; it must not hang the page.
    let is_new = |chain: &[PolicySummary], slug: &str| chain.iter().all(|seen| seen.target_api != slug);
    let Some(present) = find(target_api) else { return Vec::new() };
    let mut chain = vec![present.clone()];
    let mut step = present.previous.as_deref().and_then(find);
    while let Some(policy) = step.filter(|policy| is_new(&chain, &policy.target_api)) {
        chain.insert(0, policy.clone());
        step = policy.previous.as_deref().and_then(find);
    }
    let mut step = next(policies, target_api);
    while let Some(policy) = step.filter(|policy| is_new(&chain, &policy.target_api)) {
        chain.push(policy.clone());
        step = next(policies, &policy.target_api);
    }
    chain
}

/// The API that follows, where only one does.
fn next<'a>(policies: &'a [PolicySummary], target_api: &str) -> Option<&'a PolicySummary> {
    let mut following =
        policies.iter().filter(|policy| !policy.retired && policy.previous.as_deref() == Some(target_api));
    following.next().filter(|_| following.next().is_none())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(slug: &str, previous: Option<&str>, retired: bool) -> PolicySummary {
        serde_json::from_value(json!({
            "target_api": slug, "label": slug, "kind": "api", "provider": {"id": "p", "label": "P"},
            "description": "d", "stage": null, "previous": previous, "retired": retired, "replaced_by": [],
            "frozen": false, "start_url": null, "hidden_from_public_filters": false,
        }))
        .unwrap()
    }

    fn slugs(policies: &[PolicySummary], target_api: &str) -> Vec<String> {
        chain(policies, target_api).into_iter().map(|policy| policy.target_api).collect()
    }

    #[test]
    fn a_chain_is_told_from_its_first_step_to_its_last() {
        let policies = [
            policy("production", Some("sandbox"), false),
            policy("ancienne", Some("sandbox"), true),
            policy("sandbox", Some("franceconnect"), false),
            policy("unique", Some("franceconnect"), false),
            policy("franceconnect", None, false),
        ];
        for step in ["production", "sandbox"] {
            assert_eq!(slugs(&policies, step), ["franceconnect", "sandbox", "production"]);
        }
        assert_eq!(slugs(&policies, "unique"), ["franceconnect", "unique"]);
        assert_eq!(slugs(&policies, "franceconnect"), ["franceconnect"], "two ways lead on");
        assert!(slugs(&policies, "inconnue").is_empty());
    }

    #[test]
    fn a_circle_ends() {
        let circle = [policy("a", Some("b"), false), policy("b", Some("a"), false)];
        assert_eq!(slugs(&circle, "a"), ["b", "a"]);
    }
}
