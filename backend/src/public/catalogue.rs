//! The catalogue of APIs, by provider, with a search; what is granted most comes first.

mod offers;

use actix_web::{HttpResponse, get};
use minijinja::{Value, context};
use serde::Deserialize;
use shared::policy::{Policy, PolicyKind, PolicyStage, Topic};

use self::offers::{Offer, Wanted, by_provider, closed, is_closed, matching, most_granted, offers};
use super::{About, Visit, option, provider_options};
use crate::connection::types::now;
use crate::error::Result;
use crate::policies::Catalogue;
use crate::statistics;

pub use self::offers::site;

/// The address of the catalogue.
pub const PATH: &str = "/nouvelle-demande";

/// What is looked for. What says nothing, or nothing that is known, leaves nothing out.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Search {
    recherche: String,
    /// The id of a provider.
    fournisseur: String,
    /// A [`Topic`].
    theme: String,
}

/// What may be asked for: first what is granted most, then all of it by provider. Where words are looked for, the best match first.
#[get("/nouvelle-demande")]
pub async fn show(visit: Visit) -> Result<HttpResponse> {
    let search: Search = serde_urlencoded::from_str(visit.request.query_string()).unwrap_or_default();
    let wanted = Wanted::new(&search.recherche, &search.fournisseur, search.theme.parse().ok());
    let policies = visit.state.policies.current();
    let mut all: Vec<&Policy> = policies.values().map(AsRef::as_ref).collect();
    all.sort_by(|a, b| a.label.cmp(&b.label));
    let found = matching(offers(all.iter().copied()), &wanted);
    let count = found.len();
    let cards = |offers: &[Offer<'_>]| offers.iter().map(|offer| card(&policies, offer)).collect::<Value>();
    let most_granted = if wanted.is_empty() {
        // Without the figures the catalogue is as useful.
        let granted =
            visit.state.db.read(|connection| statistics::granted(connection, now())).await.unwrap_or_default();
        Some(cards(&most_granted(&found, &granted)))
    } else {
        None
    };
    let (best, providers) =
        if wanted.has_words() { (Some(cards(&found)), Vec::new()) } else { (None, by_provider(found)) };
    let providers: Value = providers
        .iter()
        .map(|(name, offers)| context! { name, count => offers.len(), cards => cards(offers) })
        .collect();
    let closed: Value =
        closed(all.iter().copied(), &wanted).into_iter().map(|policy| closed_line(&policies, policy)).collect();
    let summary = "Les API et services pour lesquels une habilitation peut être demandée, par fournisseur de données.";
    visit.page(
        About::page("Choisir une API", summary, PATH),
        "public/catalogue.html",
        context! {
            recherche => &search.recherche,
            provider_choices => provider_options(&policies, &search.fournisseur),
            themes => topic_options(&all, &search.theme),
            is_filtered => !wanted.is_empty(),
            count, most_granted, best, providers, closed,
        },
    )
}

/// The topics of what may be asked for.
fn topic_options(policies: &[&Policy], chosen: &str) -> Value {
    let has = |topic: &&Topic| policies.iter().any(|policy| !is_closed(policy) && policy.topics.contains(topic));
    let topics = Topic::ALL.iter().filter(has);
    topics.map(|topic| option(topic.as_str(), topic.label(), chosen)).collect()
}

/// The page of one API.
pub fn address(target_api: &str) -> String {
    format!("/{target_api}")
}

/// The official name of an API; its slug where no policy names it.
pub fn label_of(policies: &Catalogue, target_api: &str) -> String {
    policies.get(target_api).map_or_else(|| target_api.to_owned(), |policy| policy.label.clone())
}

fn card(policies: &Catalogue, offer: &Offer<'_>) -> Value {
    let Some(first) = offer.stages.first() else { return context! {} };
    let is_single = offer.stages.len() == 1;
    let badge = if first.kind == PolicyKind::Service { Some("Service") } else { None };
    let stages: Value =
        offer.stages.iter().filter(|_| !is_single).map(|stage| stage_line(&offer.stages, stage)).collect();
    context! {
        href => address(&first.target_api),
        label => &offer.label,
        provider => &first.provider.label,
        badge => badge.or(if is_single { first.stage.map(PolicyStage::label) } else { None }),
        description => &first.description,
        previous => first.previous.as_ref().map(|slug| label_of(policies, slug)),
        site => first.start_url.as_deref().map(site),
        stages,
    }
}

/// One stage of an offer, with its own page, in the order in which one goes through them.
fn stage_line(stages: &[&Policy], policy: &Policy) -> Value {
    let follows = stages.iter().any(|other| Some(&other.target_api) == policy.previous.as_ref());
    let note = match policy.stage {
        Some(PolicyStage::Unique) => " – en une seule demande",
        Some(_) if follows => " – ensuite",
        Some(_) | None => " – pour commencer",
    };
    context! {
        href => address(&policy.target_api),
        label => policy.stage.map_or_else(|| policy.label.clone(), |stage| stage.label().to_owned()),
        name => &policy.label,
        note,
    }
}

/// What can no longer be asked for, with what took its place.
fn closed_line(policies: &Catalogue, policy: &Policy) -> Value {
    let instead: Value = policy
        .replaced_by
        .iter()
        .map(|slug| context! { href => address(slug), label => label_of(policies, slug) })
        .collect();
    context! { href => address(&policy.target_api), label => &policy.label, frozen => policy.frozen, instead }
}
