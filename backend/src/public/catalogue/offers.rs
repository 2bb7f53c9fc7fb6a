//! Groups, filters and searches the catalogue. No view here.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use shared::policy::{Policy, Topic};

use crate::connection::search::normalise;

/// One thing to ask for: an API, or all the stages through which the right to it is given.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer<'a> {
    /// Its name.
    pub label: String,
    /// Its stages, first one first; a single one, where the right is given at once.
    pub stages: Vec<&'a Policy>,
}

/// The most offers that come first because many have them.
const MOST_GRANTED: usize = 6;

/// How many characters of a search are looked at.
const MAX_LENGTH: usize = 200;

/// What a visitor looks for; what is empty leaves nothing out.
#[derive(Clone, Debug, Default)]
pub struct Wanted<'a> {
    /// As they are compared.
    words: Vec<String>,
    /// The id of a provider.
    provider: &'a str,
    topic: Option<Topic>,
}

/// What may be asked for, the stages of one API together.
pub fn offers<'a>(policies: impl IntoIterator<Item = &'a Policy>) -> Vec<Offer<'a>> {
    let mut offers: Vec<Offer<'a>> = Vec::new();
    for policy in policies.into_iter().filter(|policy| !is_closed(policy)) {
        let of_family = |offer: &&mut Offer<'_>| offer.stages.iter().any(|own| stem(own) == stem(policy));
        match offers.iter_mut().find(of_family) {
            Some(offer) => {
                offer.stages.push(policy);
                offer.stages.sort_by_key(|stage| stage.stage);
                family_name(&policy.label).clone_into(&mut offer.label);
            }
            None => offers.push(Offer { label: policy.label.clone(), stages: vec![policy] }),
        }
    }
    offers
}

/// The offers of which one stage is what is looked for; where words are, the best match comes first.
pub fn matching<'a>(offers: Vec<Offer<'a>>, wanted: &Wanted<'_>) -> Vec<Offer<'a>> {
    let score = |offer: &Offer<'_>| offer.stages.iter().filter_map(|policy| wanted.score(policy)).max();
    let mut found: Vec<(u32, Offer<'a>)> =
        offers.into_iter().filter_map(|offer| Some((score(&offer)?, offer))).collect();
    found.sort_by_key(|(score, _)| Reverse(*score));
    found.into_iter().map(|(_, offer)| offer).collect()
}

/// The offers that were granted most, as often as is said of each API. Of several stages that counts which was granted most: who
/// has the last has had the others.
pub fn most_granted<'a>(offers: &[Offer<'a>], granted: &BTreeMap<String, i64>) -> Vec<Offer<'a>> {
    let count =
        |offer: &Offer<'_>| offer.stages.iter().filter_map(|stage| granted.get(&stage.target_api)).max().copied();
    let mut most: Vec<(i64, &Offer<'a>)> = offers.iter().filter_map(|offer| Some((count(offer)?, offer))).collect();
    most.sort_by_key(|(count, _)| Reverse(*count));
    most.into_iter().take(MOST_GRANTED).map(|(_, offer)| offer.clone()).collect()
}

/// Those that can no longer be asked for, and that are what is looked for.
pub fn closed<'a>(policies: impl IntoIterator<Item = &'a Policy>, wanted: &Wanted<'_>) -> Vec<&'a Policy> {
    policies.into_iter().filter(|policy| is_closed(policy) && wanted.score(policy).is_some()).collect()
}

/// The offers under the name of who exposes them.
pub fn by_provider(offers: Vec<Offer<'_>>) -> Vec<(String, Vec<Offer<'_>>)> {
    let mut providers: Vec<(String, Vec<Offer<'_>>)> = Vec::new();
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

impl<'a> Wanted<'a> {
    /// Offers with these words, of that provider, of that topic.
    pub fn new(words: &str, provider: &'a str, topic: Option<Topic>) -> Self {
        let words: String = words.chars().take(MAX_LENGTH).collect();
        Self { words: normalise(&words).split_whitespace().map(str::to_owned).collect(), provider, topic }
    }

    /// Whether words are looked for.
    pub const fn has_words(&self) -> bool {
        !self.words.is_empty()
    }

    /// Whether anything is looked for.
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty() && self.provider.is_empty() && self.topic.is_none()
    }

    /// How well a policy is what is looked for: every word must be in one of its texts, and counts more in its name than in
    /// its description, at the beginning of a word than within one. `None` where it is not.
    fn score(&self, policy: &Policy) -> Option<u32> {
        let of_provider = self.provider.is_empty() || policy.provider.id == self.provider;
        let of_topic = self.topic.is_none_or(|topic| policy.topics.contains(&topic));
        if !(of_provider && of_topic) {
            return None;
        }
        if !self.has_words() {
            return Some(0);
        }
        let texts = texts(policy);
        self.words.iter().map(|word| word_score(&texts, word)).sum()
    }
}

fn word_score(texts: &[(u32, String)], word: &str) -> Option<u32> {
    let begins = format!(" {word}");
    let score = |(weight, text): &(u32, String)| {
        let found = text.contains(word).then_some(*weight)?;
        Some(if text.contains(&begins) { 2 * found } else { found })
    };
    texts.iter().filter_map(score).max()
}

/// The texts of a policy, as they are searched, with what a word in them counts.
fn texts(policy: &Policy) -> Vec<(u32, String)> {
    let all = |words: &mut dyn Iterator<Item = &str>| words.collect::<Vec<_>>().join(" ");
    let scopes = policy.scopes.iter().map(|scope| scope.label.as_str());
    let groups = policy.scope_groups.iter().map(|group| group.label.as_str());
    [
        (32, policy.label.clone()),
        (16, policy.keywords.join(" ")),
        (8, all(&mut policy.demarches.iter().map(|demarche| demarche.label.as_str()))),
        (8, format!("{} {}", policy.provider.label, policy.provider.id)),
        (4, all(&mut scopes.chain(groups))),
        (4, policy.description.clone()),
        (1, policy.target_api.clone()),
    ]
    .into_iter()
    .map(|(weight, text)| (weight, format!(" {}", normalise(&text))))
    .collect()
}

/// The name of the site of an address.
pub fn site(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split_once('/').map_or(rest, |(site, _)| site)
}

/// Whether it can no longer be asked for.
pub const fn is_closed(policy: &Policy) -> bool {
    policy.retired || policy.frozen
}

/// What the slugs of all stages of one API begin with.
fn stem(policy: &Policy) -> &str {
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

    fn policy(slug: &str, label: &str, provider: &str, stage: Option<&str>, retired: bool) -> Policy {
        serde_json::from_value(json!({
            "target_api": slug, "label": label, "provider": {"id": provider.to_lowercase(), "label": provider},
            "description": "Données", "stage": stage, "retired": retired, "sections": [], "rules": [],
            "support_email": "aide@exemple.fr",
        }))
        .unwrap()
    }

    fn catalogue() -> Vec<Policy> {
        vec![
            policy("impot_production", "API Impôt (FC) (Production)", "DGFiP", Some("production"), false),
            policy("impot_sandbox", "API Impôt (FC) (Bac à sable)", "DGFiP", Some("sandbox"), false),
            policy("ancienne", "API Impôt ancienne", "DGFiP", None, true),
            policy("entreprise", "API Entreprise", "DINUM", None, false),
            policy("etude", "Étude", "Éducation nationale", None, false),
        ]
    }

    fn words(words: &str) -> Wanted<'static> {
        Wanted::new(words, "", None)
    }

    fn labels<'a>(offers: &'a [Offer<'_>]) -> Vec<&'a str> {
        offers.iter().map(|offer| offer.label.as_str()).collect()
    }

    #[test]
    fn the_stages_of_an_api_are_one_offer_that_begins_with_the_first() {
        let all = catalogue();
        let offers = offers(&all);
        assert_eq!(labels(&offers), ["API Impôt (FC)", "API Entreprise", "Étude"]);
        let stages: Vec<_> = offers[0].stages.iter().map(|stage| stage.target_api.as_str()).collect();
        assert_eq!(stages, ["impot_sandbox", "impot_production"]);
    }

    #[test]
    fn accents_and_capitals_do_not_matter_and_a_stage_is_found_with_the_others() {
        let all = catalogue();
        let found = |text| matching(offers(&all), &words(text));
        assert_eq!(labels(&found("IMPOT sable")), ["API Impôt (FC)"]);
        assert_eq!(found("sable")[0].stages.len(), 2);
        assert_eq!(found(" ").len(), 3);
        assert!(found("ancienne").is_empty() && found("impôt dinum").is_empty());
    }

    #[test]
    fn the_best_match_comes_first() {
        let mut all = catalogue();
        all[3].keywords = vec!["étude de marché".to_owned()];
        all[0].description = "Pour une étude".to_owned();
        assert_eq!(labels(&matching(offers(&all), &words("etude"))), ["Étude", "API Entreprise", "API Impôt (FC)"]);
    }

    #[test]
    fn what_was_granted_most_comes_first_and_what_never_was_is_left_out() {
        let all = catalogue();
        let granted = |counts: &[(&str, i64)]| counts.iter().map(|(api, count)| ((*api).to_owned(), *count)).collect();
        let counts = [("entreprise", 2), ("impot_sandbox", 3), ("impot_production", 1), ("ancienne", 9)];
        let most = most_granted(&offers(&all), &granted(&counts));
        assert_eq!(labels(&most), ["API Impôt (FC)", "API Entreprise"]);
        assert!(most_granted(&offers(&all), &BTreeMap::new()).is_empty());
    }

    #[test]
    fn a_provider_and_a_topic_leave_out_the_others() {
        let mut all = catalogue();
        all[3].topics = vec![Topic::Companies];
        let found = |provider, topic| matching(offers(&all), &Wanted::new("", provider, topic)).len();
        assert_eq!(found("dgfip", None), 1);
        assert_eq!(found("", Some(Topic::Companies)), 1);
        assert_eq!(found("dgfip", Some(Topic::Companies)), 0);
    }

    #[test]
    fn what_is_no_longer_offered_is_found_apart() {
        let all = catalogue();
        let slugs =
            |text| closed(&all, &words(text)).iter().map(|policy| policy.target_api.clone()).collect::<Vec<_>>();
        assert_eq!(slugs("impôt"), ["ancienne"]);
        assert!(slugs("entreprise").is_empty());
    }

    #[test]
    fn providers_are_in_the_order_of_the_alphabet() {
        let all = catalogue();
        let providers: Vec<_> = by_provider(offers(&all)).into_iter().map(|(provider, _)| provider).collect();
        assert_eq!(providers, ["DGFiP", "DINUM", "Éducation nationale"]);
    }

    #[test]
    fn an_address_is_told_by_its_site() {
        assert_eq!(site("https://www.demarches-simplifiees.fr/commencer/x"), "www.demarches-simplifiees.fr");
        assert_eq!(site("https://exemple.fr"), "exemple.fr");
    }
}
