//! The catalogue of APIs, by provider.

mod about;
mod offers;
pub mod start;
mod waiting;

use leptos::prelude::*;
use shared::api::PolicySummary;
use shared::policy::{PolicyKind, PolicyStage};

pub use self::about::links;
use self::offers::{Offer, by_provider, closed, matching, offers, site};
use crate::components::accordion::Accordion;
use crate::components::badge::Badge;
use crate::components::placeholder::EmptyState;
use crate::components::search::SearchBox;
use crate::context::AppContext;
use crate::shell::title::PageTitle;

/// The catalogue.
#[component]
pub fn Catalogue() -> impl IntoView {
    let context = AppContext::get();
    view! {
        <PageTitle title="Choisir une API" />
        <p class="fr-text--lead">
            "Chaque API ou service donne accès à certaines données, pour certains usages. Choisissez celui dont vous avez besoin pour commencer votre demande."
        </p>
        {context.catalogue.view(|policies| view! { <Offers policies /> }.into_any())}
    }
}

#[component]
fn Offers(policies: Vec<PolicySummary>) -> impl IntoView {
    let all = StoredValue::new(offers(&policies));
    let policies = StoredValue::new(policies);
    let words = RwSignal::new(String::new());
    let found = Memo::new(move |_| all.with_value(|offers| matching(offers, &words.read())));
    let found_closed = Memo::new(move |_| policies.with_value(|policies| closed(policies, &words.read())));
    view! {
        <SearchBox
            id="recherche"
            label="Rechercher une API"
            hint="Nom de l’API ou du service, fournisseur ou sujet"
            value=words
            on_search=Callback::new(move |text| words.set(text))
        />
        <p role="status" class="fr-mt-2w">
            {move || match found.with(Vec::len) {
                0 => "Aucune API trouvée".to_owned(),
                1 => "1 API ou service".to_owned(),
                count => format!("{count} API et services"),
            }}
        </p>
        {move || {
            let found = found.get();
            if found.is_empty() && found_closed.with(Vec::is_empty) {
                return view! {
                    <EmptyState title="Aucune API ne correspond à votre recherche.">
                        <button type="button" class="fr-btn fr-btn--secondary" on:click=move |_| words.set(String::new())>
                            "Afficher toutes les API"
                        </button>
                    </EmptyState>
                }
                .into_any();
            }
            by_provider(found).into_iter().map(|(provider, offers)| of_provider(&provider, offers)).collect_view().into_any()
        }}
        {move || {
            let found = found_closed.get();
            (!found.is_empty()).then(|| no_longer_offered(found, words.with_untracked(|words| !words.is_empty())))
        }}
    }
}

fn of_provider(provider: &str, offers: Vec<Offer>) -> AnyView {
    let title = format!("{provider} ({})", offers.len());
    view! {
        <h2 class="fr-h4 fr-mt-4w">{title}</h2>
        <ul class="dp-cards">{offers.into_iter().map(card).collect_view()}</ul>
    }
    .into_any()
}

fn card(offer: Offer) -> AnyView {
    let context = AppContext::get();
    let Some(first) = offer.stages.first().cloned() else { return ().into_any() };
    let is_single = offer.stages.len() == 1;
    let class = if is_single { "dp-card dp-card--link" } else { "dp-card" };
    let badge = if first.kind == PolicyKind::Service { Some("Service") } else { None };
    let badge = badge.or(if is_single { first.stage.map(PolicyStage::label) } else { None });
    view! {
        <li class=class>
            <h3 class="dp-card__title">
                <a href=address(&first.target_api)>{offer.label}</a>
            </h3>
            {badge.map(|label| view! { <p class="dp-card__meta"><Badge label /></p> })}
            <p class="dp-card__detail fr-text--sm">{first.description}</p>
            {first
                .previous
                .map(|previous| {
                    view! {
                        <p class="dp-card__detail fr-text--sm">
                            "Nécessite d’abord une habilitation «\u{a0}" {context.label_of(&previous)} "\u{a0}» validée."
                        </p>
                    }
                })}
            {first
                .start_url
                .map(|url| view! { <p class="dp-card__detail fr-text--sm">{format!("La demande se fait sur {}.", site(&url))}</p> })}
            {(!is_single).then(|| stages(&offer.stages))}
        </li>
    }
    .into_any()
}

/// Each stage with its own page, in the order in which one goes through them.
fn stages(stages: &[PolicySummary]) -> AnyView {
    let line = |policy: &PolicySummary| {
        let follows = stages.iter().any(|other| Some(&other.target_api) == policy.previous.as_ref());
        let note = match policy.stage {
            Some(PolicyStage::Unique) => " – en une seule demande",
            Some(_) if follows => " – ensuite",
            Some(_) | None => " – pour commencer",
        };
        let label = policy.stage.map_or_else(|| policy.label.clone(), |stage| stage.label().to_owned());
        view! {
            <li>
                <a href=address(&policy.target_api)>
                    {label} <span class="fr-sr-only">{format!("\u{a0}: {}", policy.label)}</span>
                </a>
                {note}
            </li>
        }
    };
    view! { <ul class="fr-text--sm fr-mb-0">{stages.iter().map(line).collect_view()}</ul> }.into_any()
}

/// What can no longer be asked for, with what took its place. Open while one searches.
fn no_longer_offered(policies: Vec<PolicySummary>, open: bool) -> AnyView {
    let context = AppContext::get();
    let line = move |policy: PolicySummary| {
        let why = match (policy.frozen, policy.replaced_by.is_empty()) {
            (true, _) => "\u{a0}: les demandes peuvent seulement être lues.",
            (false, true) => "\u{a0}: n’est plus proposée.",
            (false, false) => "\u{a0}: n’est plus proposée. À la place\u{a0}:",
        };
        let instead = policy
            .replaced_by
            .iter()
            .enumerate()
            .map(|(place, slug)| {
                let before = if place == 0 { " " } else { ", " };
                view! { {before} <a href=address(slug)>{context.label_of(slug)}</a> }
            })
            .collect_view();
        let end = if policy.replaced_by.is_empty() { "" } else { "." };
        view! {
            <li>
                <a href=address(&policy.target_api)>{policy.label}</a>
                {why}
                {instead}
                {end}
            </li>
        }
    };
    let title = format!("Demandes qui ne sont plus proposées ({})", policies.len());
    view! {
        <div class="fr-mt-6w">
            <Accordion id="closes" title open level=2>
                <ul>{policies.into_iter().map(line).collect_view()}</ul>
            </Accordion>
        </div>
    }
    .into_any()
}

/// The page of one API.
fn address(target_api: &str) -> String {
    format!("/nouvelle-demande/{target_api}")
}
