//! Before a request: what one API is for and what to prepare; then the draft is made.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map, use_query_map};
use serde_json::{Map, Value};
use shared::api::PolicySummary;
use shared::organization::Organization;
use shared::policy::Policy;
use shared::user::User;

use super::search::before;
use crate::api::{self, ApiError};
use crate::app::AppContext;
use crate::components::alert::{Alert, Tone};
use crate::components::badge::Badge;
use crate::components::breadcrumb::Breadcrumb;
use crate::components::choice::{Choice, RadioGroup};
use crate::components::sign_in::SignInButton;
use crate::components::siret::grouped;
use crate::components::title::PageTitle;
use crate::form::prefill;
use crate::loader::Loader;

/// The page of one API. Providers link to it, with `?demarche=…` for a use case.
#[component]
pub fn StartRequest() -> impl IntoView {
    let params = use_params_map();
    let target_api = Memo::new(move |_| params.with(|params| params.get("target_api")).unwrap_or_default());
    let policy = Loader::new(move || api::policy(target_api.get()));
    policy.view(|policy| view! { <Presentation policy /> }.into_any())
}

#[component]
fn Presentation(policy: Policy) -> impl IntoView {
    let context = AppContext::get();
    let label = policy.label.clone();
    let target_api = policy.target_api.clone();
    let trail = vec![("/nouvelle-demande".to_owned(), "Choisir une API".to_owned())];
    let introduction: Vec<_> = policy.introduction.iter().map(|text| view! { <p>{text.clone()}</p> }).collect();
    let documentation = policy.documentation_url.clone();
    let support = policy.support_email.clone();
    let stage = policy.stage;
    let is_retired = policy.retired;
    let description = policy.description.clone();
    let provider = policy.provider.label.clone();
    let policy = StoredValue::new(policy);
    view! {
        <Breadcrumb trail current=label.clone() />
        <PageTitle title=label />
        {stage.map(|stage| view! { <p><Badge label=stage.label() /></p> })}
        <p class="fr-text--lead">{description}</p>
        <p>"Données fournies par\u{a0}: " {provider} "."</p>
        {introduction}
        {move || {
            context
                .catalogue
                .get()
                .map(|policies| before(&policies, &target_api))
                .filter(|chain| !chain.is_empty())
                .map(|chain| view! { <Chain chain /> })
        }}
        <ul>
            {documentation
                .map(|url| {
                    view! {
                        <li>
                            <a href=url target="_blank" rel="noopener external" title="Documentation de l’API – nouvelle fenêtre">
                                "Documentation de l’API"
                            </a>
                        </li>
                    }
                })}
            <li>
                "Une question\u{a0}? Écrivez à " <a href=format!("mailto:{support}")>{support.clone()}</a>
            </li>
        </ul>
        {if is_retired {
            view! {
                <Alert tone=Tone::Warning title="Cette API n’est plus proposée">
                    <p>"Les demandes déjà déposées restent consultables, mais il n’est plus possible d’en créer."</p>
                </Alert>
            }
                .into_any()
        } else {
            context
                .session
                .view(move |session| match session.user {
                    Some(user) => {
                        let account_url = session.account_url;
                        view! { <Start policy=policy.get_value() user account_url /> }.into_any()
                    }
                    None => {
                        view! {
                            <h2 class="fr-mt-4w">"Commencer ma demande"</h2>
                            <p>"Connectez-vous pour commencer : vous reviendrez à cette page."</p>
                            <SignInButton />
                        }
                            .into_any()
                    }
                })
        }}
    }
}

/// The steps that come before this API.
#[component]
fn Chain(chain: Vec<PolicySummary>) -> impl IntoView {
    view! {
        <Alert tone=Tone::Info title="Cette demande prolonge une autre habilitation">
            <p>"Il vous faut d’abord une habilitation validée, pour la même organisation\u{a0}:"</p>
            <ol>
                {chain
                    .into_iter()
                    .map(|step| {
                        view! {
                            <li>
                                <a href=format!("/nouvelle-demande/{}", step.target_api)>{step.label}</a>
                            </li>
                        }
                    })
                    .collect_view()} <li>"puis cette demande."</li>
            </ol>
        </Alert>
    }
}

/// For whom, and go.
#[component]
fn Start(policy: Policy, user: User, account_url: Option<String>) -> impl IntoView {
    let navigate = use_navigate();
    let demarche = use_query_map().with_untracked(|query| query.get("demarche")).unwrap_or_default();
    let only_one = match user.organizations.as_slice() {
        [only] => only.siret.to_string(),
        [] | [_, _, ..] => String::new(),
    };
    let siret = RwSignal::new(only_one);
    let lacks_organization = RwSignal::new(false);
    let is_busy = RwSignal::new(false);
    let error = RwSignal::new(None::<ApiError>);
    // A request that follows another takes the organisation of that one.
    let asks_organization = policy.previous.is_none();
    let policy = StoredValue::new(policy);
    let start = move |_| {
        if is_busy.get_untracked() {
            return;
        }
        if asks_organization && siret.with_untracked(String::is_empty) {
            lacks_organization.set(true);
            crate::browser::focus("siret");
            return;
        }
        is_busy.set(true);
        error.set(None);
        let body =
            policy.with_value(|policy| new_request(policy, &siret.get_untracked(), &demarche, asks_organization));
        let navigate = navigate.clone();
        spawn_local(async move {
            match api::create_enrollment(body).await {
                Ok(created) => {
                    navigate(&format!("/demandes/{}/modifier", created.id), NavigateOptions::default());
                }
                Err(failure) => {
                    error.try_set(Some(failure));
                    is_busy.try_set(false);
                }
            }
        });
    };
    if user.organizations.is_empty() {
        return view! {
            <h2 class="fr-mt-4w">"Commencer ma demande"</h2>
            <Alert tone=Tone::Warning title="Votre compte n’est rattaché à aucune organisation">
                <p>
                    "Une demande d’habilitation est toujours déposée au nom d’une organisation. Rattachez d’abord votre compte à la vôtre, puis revenez ici."
                </p>
            </Alert>
            {account_url
                .map(|url| {
                    view! {
                        <a class="fr-btn" rel="external" href=url>
                            "Gérer mon compte"
                        </a>
                    }
                })}
        }
        .into_any();
    }
    let organizations = user.organizations;
    view! {
        <h2 class="fr-mt-4w">"Commencer ma demande"</h2>
        {asks_organization.then(|| organization_choice(organizations, siret, lacks_organization))}
        <div aria-live="assertive">
            {move || {
                error
                    .get()
                    .map(|error| {
                        view! {
                            <Alert tone=Tone::Error title="La demande n’a pas pu être créée">
                                <p>{error.message()}</p>
                            </Alert>
                        }
                    })
            }}
        </div>
        <button type="button" class="fr-btn" aria-disabled=move || is_busy.get().then_some("true") on:click=start>
            {move || if is_busy.get() { "Création de la demande…" } else { "Commencer ma demande" }}
        </button>
    }
    .into_any()
}

fn organization_choice(
    organizations: Vec<Organization>,
    siret: RwSignal<String>,
    lacks_organization: RwSignal<bool>,
) -> AnyView {
    if let [only] = organizations.as_slice() {
        return view! {
            <p>
                "Pour\u{a0}: " <strong>{name_of(only)}</strong> ", SIRET " {grouped(only.siret.as_str())}
            </p>
        }
        .into_any();
    }
    let choices = organizations
        .iter()
        .map(|organization| Choice {
            hint: format!("SIRET {}", grouped(organization.siret.as_str())),
            ..Choice::new(organization.siret.as_str(), name_of(organization))
        })
        .collect();
    let error = Signal::derive(move || {
        (lacks_organization.get() && siret.with(String::is_empty))
            .then(|| "Choisissez l’organisation pour laquelle vous faites la demande.".to_owned())
    });
    view! {
        <RadioGroup
            id="siret"
            legend="Pour quelle organisation faites-vous cette demande\u{a0}?"
            required=true
            choices
            value=siret
            error
            on_change=Callback::new(move |chosen| siret.set(chosen))
        />
    }
    .into_any()
}

/// The organisation's name, or its number where the name is not known.
pub fn name_of(organization: &Organization) -> String {
    if organization.label.is_empty() {
        format!("Organisation {}", grouped(organization.siret.as_str()))
    } else {
        organization.label.clone()
    }
}

/// The body of the call that makes a draft: the API, the organisation, and what a use case fills in.
fn new_request(policy: &Policy, siret: &str, demarche: &str, with_organization: bool) -> Map<String, Value> {
    let new = policy.new_draft();
    let filled =
        if policy.demarche(demarche).is_some() { prefill::applied(policy, &new, demarche) } else { new.clone() };
    let mut body = crate::form::patch::patch(&new, &filled);
    body.insert("target_api".to_owned(), policy.target_api.as_str().into());
    if with_organization {
        body.insert("siret".to_owned(), siret.into());
    }
    body
}
