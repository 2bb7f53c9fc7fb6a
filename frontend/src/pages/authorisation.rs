//! The page of an authorisation, to be read and printed.

mod contacts;

use leptos::prelude::*;
use shared::enrollment::{Authorisation, AuthorisationState, AuthorisationSummary};
use shared::policy::Policy;
use shared::rights;
use shared::user::User;

use self::contacts::{ask_for_correction, current_contacts};
use super::by_number;
use super::request::accesses::{Retry, accesses};
use super::request::outline::outline;
use super::request::reading::{Reading, Source};
use crate::api::{self, Answer, ApiError};
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::breadcrumb::Breadcrumb;
use crate::components::placeholder::Spinner;
use crate::components::print::PrintButton;
use crate::components::{date, siret};
use crate::loader::{Loader, Remote};
use crate::shell::loading::ErrorState;
use crate::shell::title::PageTitle;

/// The page `/habilitations/:id`, for those who may read the request.
#[component]
pub fn AuthorisationPage() -> impl IntoView {
    by_number(|id, user| view! { <Loaded id user /> }.into_any())
}

async fn load(id: i64) -> Result<(Authorisation, Policy), ApiError> {
    let authorisation = api::authorisation(id).await?;
    let policy = api::policy_revision(authorisation.target_api.clone(), authorisation.policy_revision.clone()).await?;
    Ok((authorisation, policy))
}

#[component]
fn Loaded(
    /// Its number.
    id: i64,
    /// Who reads.
    user: User,
) -> impl IntoView {
    let loader = Loader::new(move || Answer::of(load(id)));
    move || match loader.remote() {
        Remote::Ready((authorisation, policy)) => {
            let on_retried = Callback::new(move |()| loader.reload());
            view! { <AuthorisationContent authorisation policy user=user.clone() on_retried /> }.into_any()
        }
        // No title yet: the one that comes with the authorisation takes the focus, once.
        Remote::Loading => Spinner().into_any(),
        Remote::Failed(error) => view! {
            <PageTitle title=format!("Habilitation {}", AuthorisationSummary::number_of(id)) />
            <ErrorState error retry=move |()| loader.reload() />
        }
        .into_any(),
    }
}

/// The authorisation, once it is there.
#[component]
fn AuthorisationContent(
    /// The authorisation.
    authorisation: Authorisation,
    /// What its API asked for when it was granted.
    policy: Policy,
    /// Who reads.
    user: User,
    /// Called once the managers are asked again for its access.
    on_retried: Callback<()>,
) -> impl IntoView {
    let source = Source { enrollment: authorisation.enrollment_id, authorisation: Some(authorisation.summary.id) };
    let title = format!("Habilitation {}", authorisation.summary.number());
    let request = format!("/demandes/{}", authorisation.enrollment_id);
    let trail = vec![
        ("/".to_owned(), "Accueil".to_owned()),
        (request, format!("Demande n°\u{a0}{}", authorisation.enrollment_id)),
    ];
    let parts = outline(&policy, &authorisation);
    let demarche = policy.counts_as(&authorisation.content);
    let may_retry = rights::sees_assignment(&user, &authorisation.target_api, demarche);
    let retry = may_retry.then_some(Retry { enrollment_id: authorisation.enrollment_id, on_done: on_retried });
    view! {
        <Breadcrumb trail current=title.clone() />
        <PageTitle title />
        <p class="fr-text--lead">{format!("{} – {}", policy.label, authorisation.content.intitule)}</p>
        {validity(&authorisation.summary)}
        {accesses(&authorisation.summary.provisionings, retry)}
        {facts(&authorisation, &policy)}
        {current_contacts(&authorisation, &policy)}
        {ask_for_correction(&authorisation, &policy, &user)}
        <div class="fr-mb-4w">
            <PrintButton />
        </div>
        <Reading source parts />
    }
}

/// Whether it gives a right.
fn validity(summary: &AuthorisationSummary) -> AnyView {
    let ended = summary.ended_at.map(|at| format!(" le {}", date::date(at))).unwrap_or_default();
    let (tone, title, text) = match summary.state {
        AuthorisationState::Active => (
            Tone::Success,
            "Cette habilitation est en vigueur".to_owned(),
            "L’organisation peut utiliser les données décrites ci-dessous.",
        ),
        AuthorisationState::Superseded => (
            Tone::Warning,
            format!("Cette habilitation a été remplacée{ended}"),
            "Elle ne donne plus aucun droit\u{a0}: une habilitation plus récente de la même demande a pris sa place.",
        ),
        AuthorisationState::Revoked => (
            Tone::Error,
            format!("Cette habilitation a été révoquée{ended}"),
            "L’organisation ne peut plus utiliser ces données.",
        ),
    };
    view! {
        <div class="fr-mb-3w">
            <Alert tone title>
                <p>{text}</p>
            </Alert>
        </div>
    }
    .into_any()
}

fn facts(authorisation: &Authorisation, policy: &Policy) -> AnyView {
    let Authorisation { summary, enrollment_id, content, .. } = authorisation;
    let number = content.siret.as_ref().map(|siret| format!(" (SIRET {})", siret::grouped(siret.as_str())));
    let holder = format!("{}{}", authorisation.nom_raison_sociale, number.unwrap_or_default());
    let ended = summary.ended_at.map(|at| {
        view! {
            <div>
                <dt>{format!("{} le", summary.state.label())}</dt>
                <dd>{date::date(at)}</dd>
            </div>
        }
    });
    view! {
        <dl class="dp-facts">
            <div>
                <dt>"Organisation"</dt>
                <dd class="dp-break">{holder}</dd>
            </div>
            <div>
                <dt>"API"</dt>
                <dd>{policy.label.clone()}</dd>
            </div>
            <div>
                <dt>"Fournisseur des données"</dt>
                <dd>{policy.provider.label.clone()}</dd>
            </div>
            <div>
                <dt>"Délivrée le"</dt>
                <dd>{date::date(summary.created_at)}</dd>
            </div>
            {ended}
            <div>
                <dt>"Demande"</dt>
                <dd>
                    <a href=format!("/demandes/{enrollment_id}")>{format!("Demande n°\u{a0}{enrollment_id}")}</a>
                </dd>
            </div>
            <div>
                <dt>"Adresse permanente"</dt>
                <dd class="dp-break">
                    <a href=format!("/habilitations/{}", summary.id)>{browser::address_of(&format!("/habilitations/{}", summary.id))}</a>
                </dd>
            </div>
        </dl>
    }
    .into_any()
}
