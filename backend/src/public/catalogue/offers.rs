//! Groups and searches the catalogue. No view here.

use shared::api::PolicySummary;

use crate::connection::search::normalise;

/// One thing to ask for: an API, or all the stages through which the right to it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its name.
    pub label: String,
    /// Its stages, first one first; a single one, where the right is given at once.
    pub stages: Vec<PolicySummary>,
}

/// What may be asked for, the stages of one API together.
pub fn offers(policies: &[PolicySummary]) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    for policy in policies.iter().filter(|policy| !is_closed(policy)) {
        let of_family = |offer: &&mut Offer| offer.stages.iter().any(|own| stem(own) == stem(policy));
        match offers.iter_mut().find(of_family) {
            Some(offer) => {
                offer.stages.push(policy.clone());
                offer.stages.sort_by_key(|stage| stage.stage);
                family_name(&policy.label).clone_into(&mut offer.label);
            }
            None => offers.push(Offer { label: policy.label.clone(), stages: vec![policy.clone()] }),
        }
    }
    offers
}

/// The offers that hold every word in one of their stages, whatever the accents and capitals.
pub fn matching(offers: &[Offer], words: &str) -> Vec<Offer> {
    offers.iter().filter(|offer| offer.stages.iter().any(|policy| holds(&text(policy), words))).cloned().collect()
}

/// Those that can no longer be asked for, and that hold every word.
pub fn closed(policies: &[PolicySummary], words: &str) -> Vec<PolicySummary> {
    policies.iter().filter(|policy| is_closed(policy) && holds(&text(policy), words)).cloned().collect()
}

/// The offers under the name of who exposes them.
pub fn by_provider(offers: Vec<Offer>) -> Vec<(String, Vec<Offer>)> {
    let mut providers: Vec<(String, Vec<Offer>)> = Vec::new();
    for offer in offers {
        let Some(name) = offer.stages.first().map(|stage| stage.provider.label.clone()) else { continue };
        match providers.iter_mut().find(|(provider, _)| *provider == name) {
            Some((_, own)) => own.push(offer),
            None => {
                let key = normalise(&name);
                let place = providers.iter().position(|(other, _)| normalise(other) > key).unwrap_or(providers.len());
                providers.insert(place, (name, vec![offer]));
            }
        }
    }
    providers
}

/// The name of the site of an address.
pub fn site(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split_once('/').map_or(rest, |(site, _)| site)
}

/// Whether a text holds every word.
fn holds(text: &str, words: &str) -> bool {
    let text = normalise(text);
    normalise(words).split_whitespace().all(|word| text.contains(word))
}

const fn is_closed(policy: &PolicySummary) -> bool {
    policy.retired || policy.frozen
}

fn text(policy: &PolicySummary) -> String {
    format!("{} {} {} {}", policy.label, policy.provider.label, policy.description, policy.target_api)
}

/// What the slugs of all stages of one API begin with.
fn stem(policy: &PolicySummary) -> &str {
    let slug = policy.target_api.as_str();
    policy.stage.and_then(|stage| slug.strip_suffix(stage.as_str())).unwrap_or(slug)
}

/// The label without the stage, which is in brackets at its end.
fn family_name(label: &str) -> &str {
    label.rsplit_once(" (").map_or(label, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(slug: &str, label: &str, provider: &str, stage: Option<&str>, retired: bool) -> PolicySummary {
        serde_json::from_value(json!({
            "target_api": slug, "label": label, "kind": "api", "provider": {"id": "p", "label": provider},
            "description": "Données", "stage": stage, "previous": null, "retired": retired, "replaced_by": [],
            "frozen": false, "start_url": null, "hidden_from_public_filters": false,
        }))
        .unwrap()
    }

    fn catalogue() -> Vec<PolicySummary> {
        vec![
            policy("impot_production", "API Impôt (FC) (Production)", "DGFiP", Some("production"), false),
            policy("impot_sandbox", "API Impôt (FC) (Bac à sable)", "DGFiP", Some("sandbox"), false),
            policy("ancienne", "API Impôt ancienne", "DGFiP", None, true),
            policy("entreprise", "API Entreprise", "DINUM", None, false),
            policy("etude", "Étude", "Éducation nationale", None, false),
        ]
    }

    fn labels(offers: &[Offer]) -> Vec<&str> {
        offers.iter().map(|offer| offer.label.as_str()).collect()
    }

    #[test]
    fn the_stages_of_an_api_are_one_offer_that_begins_with_the_first() {
        let offers = offers(&catalogue());
        assert_eq!(labels(&offers), ["API Impôt (FC)", "API Entreprise", "Étude"]);
        let stages: Vec<_> = offers[0].stages.iter().map(|stage| stage.target_api.as_str()).collect();
        assert_eq!(stages, ["impot_sandbox", "impot_production"]);
    }

    #[test]
    fn accents_and_capitals_do_not_matter_and_a_stage_is_found_with_the_others() {
        let offers = offers(&catalogue());
        assert_eq!(labels(&matching(&offers, "IMPOT sable")), ["API Impôt (FC)"]);
        assert_eq!(matching(&offers, "sable")[0].stages.len(), 2);
        assert_eq!(matching(&offers, " ").len(), 3);
        assert!(matching(&offers, "ancienne").is_empty());
    }

    #[test]
    fn what_is_no_longer_offered_is_found_apart() {
        let slugs = |words| closed(&catalogue(), words).into_iter().map(|policy| policy.target_api).collect::<Vec<_>>();
        assert_eq!(slugs("impôt"), ["ancienne"]);
        assert!(slugs("entreprise").is_empty());
    }

    #[test]
    fn providers_are_in_the_order_of_the_alphabet() {
        let providers: Vec<_> = by_provider(offers(&catalogue())).into_iter().map(|(provider, _)| provider).collect();
        assert_eq!(providers, ["DGFiP", "DINUM", "Éducation nationale"]);
    }

    #[test]
    fn an_address_is_told_by_its_site() {
        assert_eq!(site("https://www.demarches-simplifiees.fr/commencer/x"), "www.demarches-simplifiees.fr");
        assert_eq!(site("https://exemple.fr"), "exemple.fr");
    }
}
