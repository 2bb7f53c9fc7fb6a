//! Which APIs of the catalogue to offer.

use shared::api::PolicySummary;

/// The APIs that are offered and that hold every word, whatever the accents and capitals.
pub fn matching(policies: &[PolicySummary], words: &str) -> Vec<PolicySummary> {
    let words = folded(words);
    policies
        .iter()
        .filter(|policy| !policy.retired)
        .filter(|policy| {
            let text = folded(&format!(
                "{} {} {} {}",
                policy.label, policy.provider.label, policy.description, policy.target_api
            ));
            words.split_whitespace().all(|word| text.contains(word))
        })
        .cloned()
        .collect()
}

/// The APIs under the name of who exposes them; the chains stay in the order of the catalogue.
pub fn by_provider(policies: Vec<PolicySummary>) -> Vec<(String, Vec<PolicySummary>)> {
    let mut providers: Vec<(String, Vec<PolicySummary>)> = Vec::new();
    for policy in policies {
        let name = &policy.provider.label;
        match providers.iter_mut().find(|(provider, _)| provider == name) {
            Some((_, own)) => own.push(policy),
            None => {
                let key = folded(name);
                let place = providers.iter().position(|(other, _)| folded(other) > key).unwrap_or(providers.len());
                providers.insert(place, (name.clone(), vec![policy]));
            }
        }
    }
    providers
}

/// The APIs to go through before that one, first one first.
pub fn before(policies: &[PolicySummary], target_api: &str) -> Vec<PolicySummary> {
    let find = |slug: &str| policies.iter().find(|policy| policy.target_api == slug);
    let mut chain: Vec<PolicySummary> = Vec::new();
    let mut step = find(target_api).and_then(|policy| policy.previous.as_deref()).and_then(find);
    // A chain in a circle would be a fault of the files; it must not hang the page.
    while let Some(policy) = step.filter(|policy| chain.iter().all(|seen| seen.target_api != policy.target_api)) {
        chain.insert(0, policy.clone());
        step = policy.previous.as_deref().and_then(find);
    }
    chain
}

/// Lower case, without the accents of French.
fn folded(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .map(|c| match c {
            'à' | 'â' | 'ä' => 'a',
            'ç' => 'c',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'î' | 'ï' => 'i',
            'ô' | 'ö' => 'o',
            'ù' | 'û' | 'ü' => 'u',
            '’' => '\'',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(slug: &str, label: &str, provider: &str, previous: Option<&str>, retired: bool) -> PolicySummary {
        serde_json::from_value(json!({
            "target_api": slug, "label": label, "provider": {"id": "p", "label": provider}, "description": "Données",
            "stage": null, "previous": previous, "retired": retired, "hidden_from_public_filters": false,
        }))
        .unwrap()
    }

    fn catalogue() -> Vec<PolicySummary> {
        vec![
            policy("impot_sandbox", "API Impôt (bac à sable)", "DGFiP", None, false),
            policy("impot_production", "API Impôt (production)", "DGFiP", Some("impot_sandbox"), false),
            policy("ancienne", "API Impôt ancienne", "DGFiP", None, true),
            policy("entreprise", "API Entreprise", "DINUM", None, false),
            policy("etude", "Étude", "Éducation nationale", None, false),
        ]
    }

    fn slugs(policies: &[PolicySummary]) -> Vec<&str> {
        policies.iter().map(|policy| policy.target_api.as_str()).collect()
    }

    #[test]
    fn accents_and_capitals_do_not_matter_and_retired_apis_are_not_offered() {
        assert_eq!(slugs(&matching(&catalogue(), "IMPOT sable")), ["impot_sandbox"]);
        assert_eq!(slugs(&matching(&catalogue(), "impôt")), ["impot_sandbox", "impot_production"]);
        assert_eq!(matching(&catalogue(), " ").len(), 4);
    }

    #[test]
    fn providers_are_in_the_order_of_the_alphabet() {
        let providers: Vec<_> = by_provider(catalogue()).into_iter().map(|(provider, _)| provider).collect();
        assert_eq!(providers, ["DGFiP", "DINUM", "Éducation nationale"]);
    }

    #[test]
    fn a_chain_is_told_from_its_first_step() {
        assert_eq!(slugs(&before(&catalogue(), "impot_production")), ["impot_sandbox"]);
        assert!(before(&catalogue(), "entreprise").is_empty());
        let circle = [policy("a", "A", "P", Some("b"), false), policy("b", "B", "P", Some("a"), false)];
        assert_eq!(slugs(&before(&circle, "a")), ["a", "b"]);
    }
}
