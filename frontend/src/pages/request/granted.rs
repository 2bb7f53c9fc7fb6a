//! The authorisations of a request, and the requests that renew or follow it.

use leptos::prelude::*;
use shared::api::PolicySummary;
use shared::enrollment::{AuthorisationState, AuthorisationSummary, Enrollment};
use shared::version::VersionId;

use super::accesses::{Retry, accesses};
use super::status::{Reader, in_force};
use crate::components::date::date;
use crate::context::AppContext;
use crate::pages::compare::choice::href_from;

/// Id of the title.
pub const ID: &str = "habilitations";

pub const TITLE: &str = "Habilitations et demandes liées";

/// Whether there is anything to show.
pub const fn is_shown(enrollment: &Enrollment) -> bool {
    let Enrollment { authorisations, copied_from, copies, next_enrollments, .. } = enrollment;
    !authorisations.is_empty() || copied_from.is_some() || !copies.is_empty() || !next_enrollments.is_empty()
}

/// What came of it.
#[component]
pub fn Granted(
    enrollment: Enrollment,
    /// Who reads.
    reader: Reader,
    /// For those who may have an access tried again.
    retry: Option<Retry>,
) -> impl IntoView {
    if !is_shown(&enrollment) {
        return ().into_any();
    }
    let related = enrollment
        .copied_from
        .map(|id| ("Renouvelle la ", id))
        .into_iter()
        .chain(enrollment.copies.iter().map(|id| ("Renouvelée par la ", *id)))
        .chain(enrollment.next_enrollments.iter().map(|id| ("Suivie de la ", *id)))
        .map(|(relation, id)| {
            view! {
                <li>
                    {relation} <a href=format!("/demandes/{id}")>{format!("demande n°\u{a0}{id}")}</a>
                </li>
            }
        })
        .collect_view();
    let goes_on =
        reader == Reader::Applicant && enrollment.next_enrollments.is_empty() && in_force(&enrollment).is_some();
    let next = goes_on.then(|| view! { <NextSteps target_api=enrollment.target_api.clone() /> });
    let has_versions = enrollment.authorisations.len() > 1 || enrollment.reopening;
    let compared = has_versions.then_some(enrollment.id);
    let authorisations = enrollment.authorisations.iter().map(|one| line(one, compared, retry)).collect_view();
    view! {
        <section class="dp-section" aria-labelledby=ID>
            <h2 class="fr-h4" id=ID tabindex="-1">
                {TITLE}
            </h2>
            <ul>{authorisations} {related}</ul>
            {next}
        </section>
    }
    .into_any()
}

/// An authorisation; with a link to what differs from it, where its request has other versions.
fn line(authorisation: &AuthorisationSummary, compared: Option<i64>, retry: Option<Retry>) -> AnyView {
    let number = authorisation.number();
    let compare = compared.map(|request| {
        view! {
            <a
                class="fr-link fr-link--sm dp-no-print"
                href=href_from(request, VersionId::Authorisation(authorisation.id))
            >
                "Comparer " {authorisation.number()}
            </a>
        }
    });
    view! {
        <li>
            <a rel="external" href=AuthorisationSummary::path_of(authorisation.id)>
                {format!("Habilitation {number}")}
            </a>
            " "
            <AuthorisationBadge state=authorisation.state />
            <span class="fr-hint-text">{period(authorisation)}</span>
            {compare}
            {accesses(&authorisation.provisionings, retry)}
        </li>
    }
    .into_any()
}

/// « Délivrée le 3 mars 2026, révoquée le 4 avril 2026 ».
fn period(authorisation: &AuthorisationSummary) -> String {
    let given = format!("Délivrée le {}", date(authorisation.created_at));
    match (authorisation.state, authorisation.ended_at) {
        (AuthorisationState::Superseded, Some(at)) => format!("{given}, remplacée le {}", date(at)),
        (AuthorisationState::Revoked, Some(at)) => format!("{given}, révoquée le {}", date(at)),
        (AuthorisationState::Active, _) | (_, None) => given,
    }
}

/// The APIs that may be asked for, now that this one is granted.
#[component]
fn NextSteps(
    /// The API that was granted.
    target_api: String,
) -> impl IntoView {
    let context = AppContext::get();
    move || {
        let next = context.catalogue().read(|policies| following(policies, &target_api)).unwrap_or_default();
        (!next.is_empty()).then(|| {
            let links = next
                .into_iter()
                .map(|policy| {
                    view! {
                        <li>
                            <a href=format!("/nouvelle-demande/{}", policy.target_api)>{policy.label}</a>
                        </li>
                    }
                })
                .collect_view();
            view! {
                <div class="dp-no-print">
                    <h3 class="fr-text--lg fr-mb-1w">"Étape suivante"</h3>
                    <p class="fr-mb-1w">"Cette habilitation permet de demander\u{a0}:"</p>
                    <ul>{links}</ul>
                </div>
            }
        })
    }
}

fn following(policies: &[PolicySummary], target_api: &str) -> Vec<PolicySummary> {
    let follows = |policy: &&PolicySummary| policy.previous.as_deref() == Some(target_api);
    policies.iter().filter(follows).filter(|policy| !policy.retired && !policy.frozen).cloned().collect()
}

/// Whether an authorisation gives a right.
#[component]
fn AuthorisationBadge(
    /// Whether it does.
    state: AuthorisationState,
) -> impl IntoView {
    let class = match state {
        AuthorisationState::Active => "fr-badge fr-badge--sm fr-badge--success fr-badge--no-icon",
        AuthorisationState::Superseded => "fr-badge fr-badge--sm",
        AuthorisationState::Revoked => "fr-badge fr-badge--sm fr-badge--error fr-badge--no-icon",
    };
    view! { <span class=class>{state.label()}</span> }
}
