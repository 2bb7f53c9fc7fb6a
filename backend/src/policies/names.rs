//! What words name: APIs and démarches, by their labels. For searches.

use std::collections::BTreeSet;

use super::check::Catalogue;
use crate::connection::search::spelling::{is_near, is_word, parts};
use crate::connection::search::{normalise, words};
use crate::models::enrollment::list::search::{Named, Search, spelled_words};

/// The fewest letters that name something.
const MIN_LETTERS: usize = 3;

/// The labels, as a search sees them.
#[derive(Debug, Default)]
pub struct Names {
    /// Label and slug, with the slug.
    apis: Vec<(String, String)>,
    /// Label and id, with the id; those of the same id in several APIs, each.
    demarches: Vec<(String, String)>,
}

impl Names {
    /// Those of these policies.
    pub fn of(catalogue: &Catalogue) -> Self {
        let mut names = Self::default();
        for policy in catalogue.values() {
            let label = normalise(&format!("{} {}", policy.label, policy.target_api));
            names.apis.push((label, policy.target_api.clone()));
            for demarche in &policy.demarches {
                let label = normalise(&format!("{} {}", demarche.label, demarche.id));
                names.demarches.push((label, demarche.id.clone()));
            }
        }
        names
    }

    /// What is searched for, with what its words name.
    pub fn search(&self, text: String) -> Search {
        let holds = |word: &str, label: &str| word.chars().count() >= MIN_LETTERS && label.contains(word);
        let nearly = |word: &str, label: &str| {
            holds(word, label) || is_word(word) && parts(label).any(|part| is_near(word, part))
        };
        Search {
            named: words(&text).iter().map(|word| self.named(|label| holds(word, label))).collect(),
            nearly: spelled_words(&text).iter().map(|word| self.named(|label| nearly(word, label))).collect(),
            text,
        }
    }

    fn named(&self, is_meant: impl Fn(&str) -> bool) -> Named {
        let only = |names: &[(String, String)]| -> BTreeSet<String> {
            names.iter().filter(|(label, _)| is_meant(label)).map(|(_, name)| name.clone()).collect()
        };
        Named { apis: only(&self.apis), demarches: only(&self.demarches) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policies::Policies;

    #[test]
    fn words_name_apis_and_demarches_also_with_one_error() {
        let names = Names::of(&Policies::open(None).unwrap().current());
        let search = names.search("Particulier Abelium particuler pa".to_owned());
        let has = |set: &BTreeSet<String>, name: &str| set.contains(name);
        assert!(has(&search.named[0].apis, "api_particulier") && !has(&search.named[0].apis, "franceconnect"));
        assert!(has(&search.named[1].demarches, "abelium") && search.named[1].apis.is_empty());
        assert_eq!(search.named[2], Named::default(), "as it is typed it names nothing");
        assert!(has(&search.nearly[2].apis, "api_particulier"));
        assert_eq!(search.named[3], Named::default(), "two letters name nothing");
    }
}
