//! Where a request for an API is started.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_params_map};
use serde_json::{Map, Value};
use shared::draft::Draft;
use shared::organization::Organization;
use shared::policy::Policy;
use shared::user::User;

use crate::api::{self, with_return_to};
use crate::components::alert::{Alert, Tone};
use crate::components::breadcrumb::Breadcrumb;
use crate::components::choice::{Choice, RadioGroup};
use crate::components::siret::{grouped, name_of};
use crate::context::AppContext;
use crate::form::patch;
use crate::form::prefill::{self, SEPARATOR};
use crate::loader::Loader;
use crate::pages::colleagues::ExistingRequestsNotice;
use crate::query::Query;
use crate::sections::chain;
use crate::sections::establishment::EstablishmentDetails;
use crate::shell::sign_in::signed_in;
use crate::shell::submitting::{RefusalAlert, SubmitButton};
use crate::shell::title::PageTitle;
use crate::submission::Submission;

/// Id of the choice of an organisation.
const SIRET: &str = "siret";

/// The page where a request for an API is started, by who is signed in; `?demarche=…` names a use case, `&intitule=…` and the
/// like fill in texts (`form::prefill`). What the API is and asks for stands on its own page, which the server draws.
#[component]
pub fn StartRequest() -> impl IntoView {
    let params = use_params_map();
    let target_api = Memo::new(move |_| params.with(|params| params.get("target_api")).unwrap_or_default());
    signed_in(move |user| {
        let policy = Loader::new(move || api::policy(target_api.get()));
        policy.view(move |policy| view! { <Start policy user=user.clone() /> }.into_any())
    })
}

#[component]
fn Start(policy: Policy, user: User) -> impl IntoView {
    let context = AppContext::get();
    let page = address(&policy.target_api);
    let trail =
        vec![("/nouvelle-demande".to_owned(), "Choisir une API".to_owned()), (page.clone(), policy.label.clone())];
    let join_url = untrack(|| context.session.get()).and_then(|session| session.join_url);
    view! {
        <Breadcrumb trail current="Commencer ma demande" />
        <PageTitle title=policy.label.clone() tab=format!("Commencer ma demande – {}", policy.label) />
        <p class="fr-text--lead fr-mb-1w">{policy.description.clone()}</p>
        <p>
            <a rel="external" href=page.clone()>
                "Ce que contient la demande, à qui elle s’adresse et le temps qu’elle prend"
            </a>
        </p>
        {if policy.can_be_started() {
            view! { <StartForm policy user join_url /> }.into_any()
        } else {
            view! {
                <Alert tone=Tone::Warning title="Aucune demande ne peut être commencée ici">
                    <p>
                        <a rel="external" href=page>
                            {format!("La page «\u{a0}{}\u{a0}» dit pourquoi, et que faire", policy.label)}
                        </a> "."
                    </p>
                </Alert>
            }
                .into_any()
        }}
    }
}

/// The authorisation that must be there before.
fn needed_first(policy: &Policy) -> Option<AnyView> {
    let context = AppContext::get();
    let previous = policy.previous.clone()?;
    let href = address(&previous);
    let needed = view! {
        <p>
            "Il vous faut d’abord une habilitation " <a rel="external" href=href>{move || context.label_of(&previous)}</a>
            " validée, pour la même organisation."
        </p>
    };
    Some(needed.into_any())
}

/// The validated requests that this one may follow, once it is started.
fn followed(policy: &Policy) -> Option<AnyView> {
    let needed = StoredValue::new(policy.clone());
    let requests = chain::validated(policy.previous.as_deref()?).view(move |page| {
        if page.items.is_empty() {
            return view! {
                <Alert tone=Tone::Warning title="Vous n’avez pas encore l’habilitation préalable">
                    {needed.with_value(needed_first)}
                    <p>"Vous pouvez préparer cette demande\u{a0}: elle ne pourra être soumise qu’ensuite."</p>
                </Alert>
            }
            .into_any();
        }
        view! {
            <p>"Cette demande prolongera une de vos habilitations validées, que vous choisirez dans le formulaire\u{a0}:"</p>
            <ul>{page.items.iter().map(|row| view! { <li>{chain::request_line(row)}</li> }).collect_view()}</ul>
        }
        .into_any()
    });
    Some(requests)
}

/// For whom, and go.
#[component]
fn StartForm(policy: Policy, user: User, join_url: Option<String>) -> impl IntoView {
    let navigate = use_navigate();
    let new = policy.new_draft();
    let filled = use_location().search.with_untracked(|search| filled_in(&policy, &Query::parse(search)));
    let words = prefill::words_of(&policy, &filled);
    let body = patch::patch(&new, &filled);
    let context = AppContext::get();
    let at_first = match user.organizations.as_slice() {
        [only] => only.siret.to_string(),
        // The one that was chosen in the header, as long as no other is chosen here.
        [] | [_, _, ..] => untrack(|| context.organization()).map(|own| own.siret.to_string()).unwrap_or_default(),
    };
    let siret = RwSignal::new(at_first);
    // A request that follows another takes the organisation of that one.
    let asks_organization = policy.previous.is_none();
    let submission = Submission::new("commencer", &[("/siret", SIRET)], move || {
        let is_missing = asks_organization && siret.with(String::is_empty);
        let text = "Choisissez l’organisation pour laquelle vous faites la demande.";
        is_missing.then(|| ("/siret", text.to_owned())).into_iter().collect()
    });
    let policy = StoredValue::new(policy);
    let start = Callback::new(move |()| {
        if submission.is_ready() {
            let siret = asks_organization.then(|| siret.get_untracked());
            let body = policy.with_value(|policy| new_request(policy, body.clone(), siret));
            let navigate = navigate.clone();
            submission.send(api::create_enrollment(body), move |created| {
                navigate(&format!("/demandes/{}/modifier", created.id), NavigateOptions::default());
            });
        }
    });
    if user.organizations.is_empty() {
        return no_organization(join_url);
    }
    let organizations = user.organizations;
    let target_api = policy.with_value(|policy| policy.target_api.clone());
    view! {
        <h2 class="fr-mt-4w">"Commencer ma demande"</h2>
        {policy.with_value(followed)}
        {asks_organization.then(|| organization_choice(organizations, siret, submission))}
        {asks_organization
            .then(|| {
                let loader = Loader::new(move || api::establishment(siret.get().parse().ok()));
                view! { <EstablishmentDetails loader /> }
            })}
        {asks_organization.then(|| view! { <ExistingRequestsNotice siret target_api /> })}
        {(!words.is_empty())
            .then(|| {
                let filled = format!(
                    "Le lien que vous avez suivi remplit\u{a0}: {}. Vérifiez ces réponses dans la demande\u{a0}: vous pourrez toutes les modifier.",
                    words.join(SEPARATOR),
                );
                view! {
                    <Alert tone=Tone::Info title="Une partie de la demande sera déjà remplie">
                        <p>{filled}</p>
                    </Alert>
                }
            })}
        <RefusalAlert submission title="La demande n’a pas pu être créée" />
        <SubmitButton submission label="Commencer ma demande" on_click=start />
    }
    .into_any()
}

fn no_organization(join_url: Option<String>) -> AnyView {
    view! {
        <h2 class="fr-mt-4w">"Commencer ma demande"</h2>
        <Alert tone=Tone::Warning title="Votre compte n’est rattaché à aucune organisation">
            <p>
                "Une demande d’habilitation est toujours déposée au nom d’une organisation. Rattachez d’abord votre compte à la vôtre, puis revenez ici."
            </p>
        </Alert>
        {join_url
            .map(|url| {
                view! {
                    <a class="fr-btn" rel="external" href=with_return_to(&url)>
                        "Rejoindre une organisation"
                    </a>
                }
            })}
    }
    .into_any()
}

fn organization_choice(organizations: Vec<Organization>, siret: RwSignal<String>, submission: Submission) -> AnyView {
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
    view! {
        <RadioGroup
            id=SIRET
            legend="Pour quelle organisation faites-vous cette demande\u{a0}?"
            required=true
            choices
            value=siret
            error=submission.error_at("/siret")
            on_change=Callback::new(move |chosen| siret.set(chosen))
        />
    }
    .into_any()
}

/// A new draft with what the address fills in: a use case, and texts over what that one says.
fn filled_in(policy: &Policy, query: &Query) -> Draft {
    let new = policy.new_draft();
    let demarche = query.get("demarche").and_then(|id| policy.demarche(id));
    let chosen = demarche.map(|demarche| prefill::applied(policy, &new, &demarche.id));
    prefill::from_address(policy, &chosen.unwrap_or(new), query)
}

/// The body of the call that makes a draft: the API, the organisation, and what is filled in.
fn new_request(policy: &Policy, mut body: Map<String, Value>, siret: Option<String>) -> Map<String, Value> {
    body.insert("target_api".to_owned(), policy.target_api.as_str().into());
    if let Some(siret) = siret {
        body.insert("siret".to_owned(), siret.into());
    }
    body
}

/// The page of an API, which the server draws.
fn address(target_api: &str) -> String {
    format!("/{target_api}")
}
