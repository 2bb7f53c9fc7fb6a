//! The head of the form: title, requested changes, introduction.

use leptos::prelude::*;
use shared::policy::Policy;
use shared::workflow::Status;

use super::rest::Rest;
use super::steps::Steps;
use crate::components::accordion::Accordion;
use crate::components::alert::{Alert, Tone};
use crate::components::badge::StatusBadge;
use crate::components::breadcrumb::Breadcrumb;
use crate::components::date::date_time;
use crate::components::placeholder::Spinner;
use crate::form::EnrollmentForm;
use crate::sections::chain;
use crate::shell::title::PageTitle;

/// The top of the form.
#[component]
pub fn Head(
    form: EnrollmentForm,
    steps: Steps,
    /// What draws what was asked for, once it is there.
    rest: Signal<Option<Rest>>,
) -> impl IntoView {
    let policy = form.policy();
    let id = form.id();
    let (status, reopening) = form.base().with_untracked(|base| (base.status, base.reopening));
    let title = format!("Demande n°\u{a0}{id}\u{a0}: {}", policy.label);
    let trail = vec![("/".to_owned(), "Mes demandes".to_owned())];
    let introduction: Vec<_> = policy.introduction.iter().map(|text| view! { <p>{text.clone()}</p> }).collect();
    view! {
        <Breadcrumb trail current=format!("Demande n°\u{a0}{id}") />
        <div class="dp-head dp-head--low">
            <PageTitle title=title.clone() tab=steps.tab(title) />
            <StatusBadge status reopening />
        </div>
        <div hidden=move || !steps.is_at_start()>
            {chain::steps(policy.target_api.clone())}
            {reopening
                .then(|| {
                    view! {
                        <Alert tone=Tone::Info title="Vous mettez à jour une habilitation">
                            <p>
                                "Elle reste en vigueur, telle qu’elle a été accordée, jusqu’à ce que la mise à jour soit validée. Modifiez ce qui doit l’être, puis soumettez."
                            </p>
                        </Alert>
                    }
                })}
        </div>
        <div hidden=move || !(steps.is_at_start() || steps.is_review())>
            {(status == Status::ChangesRequested)
                .then_some(move || rest.get().map_or_else(|| Spinner().into_any(), |rest| (rest.requested)(form)))}
        </div>
        <Restored form />
        <div class="fr-mb-2w" hidden=move || !steps.is_at_start()>
            <Accordion id="a-savoir" title="Ce qu’il faut savoir avant de commencer" level=2>
                {introduction}
                {links(&policy)}
            </Accordion>
        </div>
    }
}

/// The links of an API: documentation, terms of use, support.
fn links(policy: &Policy) -> AnyView {
    let leaving = |label: &'static str, url: &Option<String>| {
        url.clone().map(|url| {
            view! {
                <li>
                    <a href=url target="_blank" rel="noopener external" title=format!("{label} – nouvelle fenêtre")>
                        {label}
                    </a>
                </li>
            }
        })
    };
    let support = policy.support_email.clone();
    view! {
        <ul>
            {leaving("Documentation", &policy.documentation_url)}
            {leaving("Conditions générales d’utilisation", &policy.cgu_url)}
            <li>
                "Une question\u{a0}? Écrivez à " <a href=format!("mailto:{support}")>{support.clone()}</a>
            </li>
        </ul>
    }
    .into_any()
}

/// What this browser had kept is back.
#[component]
fn Restored(form: EnrollmentForm) -> impl IntoView {
    move || {
        form.restored_at().get().map(|at| {
            view! {
                <Alert tone=Tone::Info title="Vos dernières modifications ont été retrouvées" live=true>
                    <p>
                        {format!(
                            "Elles n’avaient pas pu être enregistrées le {}. Nous les avons remises dans la demande.",
                            date_time(at),
                        )}
                    </p>
                    <button
                        type="button"
                        class="fr-btn fr-btn--secondary fr-btn--sm fr-mt-1w"
                        on:click=move |_| form.drop_restored()
                    >
                        "Abandonner ces modifications"
                    </button>
                </Alert>
            }
        })
    }
}
