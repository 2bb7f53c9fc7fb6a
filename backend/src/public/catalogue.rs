//! The catalogue of APIs, by provider, with a search.

mod offers;

use actix_web::{HttpResponse, get};
use minijinja::{Value, context};
use serde::Deserialize;
use shared::api::PolicySummary;
use shared::policy::{PolicyKind, PolicyStage};

use self::offers::{Offer, by_provider, closed, matching, offers};
use super::{About, Visit};
use crate::error::Result;
use crate::policies::Catalogue;

pub use self::offers::site;

/// The address of the catalogue.
pub const PATH: &str = "/nouvelle-demande";

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    recherche: String,
}

/// What may be asked for; with `recherche`, what holds these words.
#[get("/nouvelle-demande")]
pub async fn show(visit: Visit) -> Result<HttpResponse> {
    let query = serde_urlencoded::from_str(visit.request.query_string());
    let Search { recherche } = query.unwrap_or(Search { recherche: String::new() });
    let policies = visit.state.policies.current();
    let mut all: Vec<PolicySummary> = policies.values().map(|policy| policy.as_ref().into()).collect();
    all.sort_by(|a, b| a.label.cmp(&b.label));
    let found = matching(&offers(&all), &recherche);
    let count = found.len();
    let providers: Value = by_provider(found)
        .into_iter()
        .map(|(name, offers)| {
            let cards: Value = offers.iter().map(|offer| card(&policies, offer)).collect();
            context! { name, count => offers.len(), cards }
        })
        .collect();
    let closed: Value = closed(&all, &recherche).iter().map(|policy| closed_line(&policies, policy)).collect();
    let summary = "Les API et services pour lesquels une habilitation peut être demandée, par fournisseur de données.";
    visit.page(
        About::page("Choisir une API", summary, PATH),
        "public/catalogue.html",
        context! { recherche, count, providers, closed },
    )
}

/// The page of one API.
pub fn address(target_api: &str) -> String {
    format!("/{target_api}")
}

/// The official name of an API; its slug where no policy names it.
pub fn label_of(policies: &Catalogue, target_api: &str) -> String {
    policies.get(target_api).map_or_else(|| target_api.to_owned(), |policy| policy.label.clone())
}

fn card(policies: &Catalogue, offer: &Offer) -> Value {
    let Some(first) = offer.stages.first() else { return context! {} };
    let is_single = offer.stages.len() == 1;
    let badge = if first.kind == PolicyKind::Service { Some("Service") } else { None };
    let stages: Value =
        offer.stages.iter().filter(|_| !is_single).map(|stage| stage_line(&offer.stages, stage)).collect();
    context! {
        href => address(&first.target_api),
        label => &offer.label,
        badge => badge.or(if is_single { first.stage.map(PolicyStage::label) } else { None }),
        description => &first.description,
        previous => first.previous.as_ref().map(|slug| label_of(policies, slug)),
        site => first.start_url.as_deref().map(site),
        stages,
    }
}

/// One stage of an offer, with its own page, in the order in which one goes through them.
fn stage_line(stages: &[PolicySummary], policy: &PolicySummary) -> Value {
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
fn closed_line(policies: &Catalogue, policy: &PolicySummary) -> Value {
    let instead: Value = policy
        .replaced_by
        .iter()
        .map(|slug| context! { href => address(slug), label => label_of(policies, slug) })
        .collect();
    context! { href => address(&policy.target_api), label => &policy.label, frozen => policy.frozen, instead }
}
