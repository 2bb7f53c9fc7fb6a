//! The access that an authorisation gives at each API manager: where it stands, and « Réessayer ».

use leptos::prelude::*;
use shared::provisioning::{Provisioning, ProvisioningState};

use crate::api::provisionings;
use crate::components::date::{date, date_time};
use crate::shell::submitting::{RefusalAlert, SubmitButton};
use crate::submission::Submission;

/// For those who may have what fails tried again.
#[derive(Clone, Copy)]
pub struct Retry {
    /// Number of the request.
    pub enrollment_id: i64,
    /// Called once it is tried again.
    pub on_done: Callback<()>,
}

/// The accesses; nothing where there are none.
pub fn accesses(found: &[Provisioning], retry: Option<Retry>) -> Option<AnyView> {
    let is_failing = found.iter().any(|access| access.failing_since.is_some());
    let retry = retry.filter(|_| is_failing).map(|retry| view! { <RetryButton retry /> });
    (!found.is_empty()).then(|| {
        view! {
            <div class="dp-access">
                <ul>{found.iter().map(line).collect_view()}</ul>
                {retry}
            </div>
        }
        .into_any()
    })
}

/// One access, without its list item: « PISTE : accès ouvert le 3 mars 2026 ».
pub fn line(access: &Provisioning) -> AnyView {
    let failing = access.failure(date_time).map(|why| view! { <p class="fr-error-text fr-mt-0 dp-text">{why}</p> });
    let unconfirmed = access.doubt().map(|doubt| view! { <p class="fr-mt-0 dp-text">{doubt}</p> });
    // A manager says where; nothing but a page of the web is followed.
    let is_page = access.link.starts_with("https://") || access.link.starts_with("http://");
    let shows_link = is_page && access.state == ProvisioningState::Open;
    let link = shows_link.then(|| {
        view! {
            <a class="fr-link fr-link--sm" rel="external noopener" href=access.link.clone()>
                {format!("Continuer – {}", access.manager.label())}
            </a>
        }
    });
    view! {
        <li>
            {format!("{}\u{a0}: {}", access.manager.label(), access.sentence(date))}
            " "
            {link}
            {unconfirmed}
            {failing}
        </li>
    }
    .into_any()
}

#[component]
fn RetryButton(retry: Retry) -> impl IntoView {
    let submission = Submission::of_button("acces");
    let on_click = Callback::new(move |()| {
        submission.send(provisionings::retry(retry.enrollment_id), move |_| retry.on_done.run(()));
    });
    view! {
        <div class="dp-no-print">
            <RefusalAlert submission title="Le gestionnaire n’a pas été rappelé" />
            <SubmitButton submission label="Réessayer" class="fr-btn fr-btn--secondary fr-btn--sm" on_click />
        </div>
    }
}
