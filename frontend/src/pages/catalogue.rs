//! The APIs that one may ask for, by provider.

mod search;
pub mod start;

use leptos::prelude::*;
use shared::api::PolicySummary;

use self::search::{by_provider, matching};
use crate::app::AppContext;
use crate::components::badge::Badge;
use crate::components::remote::EmptyState;
use crate::components::search::SearchBox;
use crate::components::title::PageTitle;

/// The catalogue.
#[component]
pub fn Catalogue() -> impl IntoView {
    let context = AppContext::get();
    view! {
        <PageTitle title="Choisir une API" />
        <p class="fr-text--lead">
            "Chaque API donne accès à certaines données, pour certains usages. Choisissez celle dont vous avez besoin pour commencer votre demande."
        </p>
        {context.catalogue.view(|policies| view! { <Offer policies /> }.into_any())}
    }
}

#[component]
fn Offer(policies: Vec<PolicySummary>) -> impl IntoView {
    let policies = StoredValue::new(policies);
    let words = RwSignal::new(String::new());
    let found = Memo::new(move |_| policies.with_value(|policies| matching(policies, &words.get())));
    view! {
        <SearchBox
            id="recherche"
            label="Rechercher une API"
            hint="Nom de l’API, fournisseur ou sujet"
            value=words
            on_search=Callback::new(move |text| words.set(text))
        />
        <p role="status" class="fr-mt-2w">
            {move || match found.with(Vec::len) {
                0 => "Aucune API trouvée".to_owned(),
                1 => "1 API".to_owned(),
                count => format!("{count} API"),
            }}
        </p>
        {move || {
            let found = found.get();
            if found.is_empty() {
                return view! {
                    <EmptyState title="Aucune API ne correspond à votre recherche.">
                        <button type="button" class="fr-btn fr-btn--secondary" on:click=move |_| words.set(String::new())>
                            "Afficher toutes les API"
                        </button>
                    </EmptyState>
                }
                .into_any();
            }
            by_provider(found)
                .into_iter()
                .map(|(provider, policies)| {
                    view! {
                        <h2 class="fr-h4 fr-mt-4w">{provider}</h2>
                        <ul class="dp-cards">{policies.into_iter().map(card).collect_view()}</ul>
                    }
                })
                .collect_view()
                .into_any()
        }}
    }
}

fn card(policy: PolicySummary) -> AnyView {
    let context = AppContext::get();
    let previous = policy.previous.clone();
    view! {
        <li class="dp-card dp-card--link">
            <h3 class="dp-card__title">
                <a href=format!("/nouvelle-demande/{}", policy.target_api)>{policy.label}</a>
            </h3>
            {policy.stage.map(|stage| view! { <p class="dp-card__meta"><Badge label=stage.label() /></p> })}
            <p class="dp-card__detail fr-text--sm">{policy.description}</p>
            {previous
                .map(|previous| {
                    view! {
                        <p class="dp-card__detail fr-text--sm">
                            "Nécessite d’abord une habilitation «\u{a0}" {context.label_of(&previous)} "\u{a0}» validée."
                        </p>
                    }
                })}
        </li>
    }
    .into_any()
}
