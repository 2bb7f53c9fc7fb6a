//! What the codes of the register mean. The lists are INSEE's, in `backend/data`.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Code to label.
type Labels = HashMap<&'static str, &'static str>;

/// NAF rév. 2. INSEE replaces it from 2027 on (NAF 2025): a code that is not here has no label, and that is no error.
static ACTIVITIES: LazyLock<Labels> = LazyLock::new(|| read(include_str!("../../../data/naf.tsv")));
/// The legal forms that are met here; the rarest have no label.
static LEGAL_CATEGORIES: LazyLock<Labels> = LazyLock::new(|| read(include_str!("../../../data/legal_categories.tsv")));

/// What an activity code (« 84.11Z ») means; empty where it is not known.
pub fn activity(code: &str) -> &'static str {
    ACTIVITIES.get(code).copied().unwrap_or_default()
}

/// The activities whose codes have one of these beginnings, by code, with what they mean.
pub fn activities(prefixes: &[String]) -> Vec<(&'static str, &'static str)> {
    let has_one = |code: &str| prefixes.iter().any(|prefix| code.starts_with(prefix.as_str()));
    let mut found: Vec<_> =
        ACTIVITIES.iter().map(|(code, label)| (*code, *label)).filter(|(code, _)| has_one(code)).collect();
    found.sort_unstable();
    found
}

/// What a legal category (« 7210 ») means; empty where it is not known.
pub fn legal_category(code: &str) -> &'static str {
    LEGAL_CATEGORIES.get(code).copied().unwrap_or_default()
}

fn read(table: &'static str) -> Labels {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_labels() {
        assert_eq!(activity("84.11Z"), "Administration publique générale");
        assert_eq!(ACTIVITIES.len(), 732, "NAF rév. 2 has 732 sub-classes");
        assert_eq!(legal_category("7210"), "Commune et commune nouvelle");
        assert_eq!((activity("00.00Z"), legal_category("")), ("", ""));
        let found = activities(&["84.1".to_owned(), "01.11Z".to_owned()]);
        assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["01.11Z", "84.11Z", "84.12Z", "84.13Z"]);
    }
}
