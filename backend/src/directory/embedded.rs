//! The directory of a server that is configured with no other: a few public bodies, some that do not exist, and for any
//! other number a sample that says so.

use chrono::{DateTime, NaiveDate, Utc};
use shared::organization::{DirectorySource, Establishment, Siret};

use crate::connection::search::normalise;
use crate::outbound::sirene::{activity, legal_category};

/// SIRET, name, address, commune, NAF, legal category, day of closure. The SIREN of those that do not exist begin with 000, which
/// INSEE gives to nobody.
const KNOWN: [(&str, &str, &str, &str, &str, &str, &str); 6] = [
    (
        "13002526500013",
        "Direction interministérielle du numérique",
        "20 avenue de Ségur 75007 Paris",
        "75107",
        "84.11Z",
        "7120",
        "",
    ),
    ("21920023500014", "Commune de Clamart", "1 place Maurice Gunsbourg 92140 Clamart", "92023", "84.11Z", "7210", ""),
    ("35600000000048", "La Poste", "9 rue du Colonel Pierre Avia 75015 Paris", "75115", "53.10Z", "5510", ""),
    ("00010001600013", "Éditeur Exemple (fictif)", "1 rue de l’Exemple 69000 Lyon", "69123", "62.01Z", "5710", ""),
    ("00020002200010", "Crèche Exemple (fictive)", "2 rue de l’Exemple 35000 Rennes", "35238", "88.91A", "9220", ""),
    (
        "00030003800015",
        "Régie Exemple (fictive)",
        "3 rue de l’Exemple 59000 Lille",
        "59350",
        "84.11Z",
        "7378",
        "2024-12-31",
    ),
];

/// Those that are open whose name and address hold all of these words. A town is found by what people call it, too.
pub fn search(words: &str, now: DateTime<Utc>) -> Vec<Establishment> {
    let words = normalise(words);
    let official = |word| if ["mairie", "ville"].contains(&word) { "commune" } else { word };
    let holds = |text: &str| words.split_whitespace().map(official).all(|word| text.contains(word));
    let known = KNOWN.iter().filter(|(_, name, address, ..)| holds(&normalise(&format!("{name} {address}"))));
    let found = known.filter_map(|(siret, ..)| siret.parse().ok()).map(|siret| find(&siret, now));
    found.filter(|found| found.is_open).collect()
}

/// What is said of that number.
pub fn find(siret: &Siret, now: DateTime<Utc>) -> Establishment {
    let known = KNOWN.iter().find(|known| known.0 == siret.as_str());
    let (_, name, address, commune, naf, category, closed) =
        known.copied().unwrap_or(("", "Organisation d’exemple", "", "", "", "", ""));
    let closed_on: Option<NaiveDate> = closed.parse().ok();
    Establishment {
        siret: siret.clone(),
        name: name.to_owned(),
        address: address.to_owned(),
        commune_code: commune.to_owned(),
        activity: naf.to_owned(),
        activity_label: activity(naf).to_owned(),
        legal_category: category.to_owned(),
        legal_category_label: legal_category(category).to_owned(),
        is_open: closed_on.is_none(),
        closed_on,
        source: DirectorySource::Embedded,
        is_sample: known.is_none_or(|known| known.0.starts_with("000")),
        fetched_at: now,
        is_stale: false,
        is_public: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_valid_and_its_codes_have_labels() {
        for (siret, name, ..) in KNOWN {
            let found = find(&siret.parse().unwrap(), DateTime::UNIX_EPOCH);
            assert_eq!(found.name, name);
            assert_ne!((found.activity_label.as_str(), found.legal_category_label.as_str()), ("", ""), "{name}");
        }
    }

    #[test]
    fn a_town_is_found_by_what_people_call_it() {
        for words in ["Commune de Clamart", "mairie de Clamart", "Ville de Clamart", "clamart"] {
            let found = search(words, DateTime::UNIX_EPOCH);
            assert_eq!(found.iter().map(|one| one.siret.as_str()).collect::<Vec<_>>(), ["21920023500014"], "{words}");
        }
        assert!(search("mairie de Nantes", DateTime::UNIX_EPOCH).is_empty());
    }

    #[test]
    fn another_number_gives_a_sample_that_says_so() {
        let found = find(&"11000201100044".parse().unwrap(), DateTime::UNIX_EPOCH);
        assert!(found.is_sample && found.is_open);
        assert_eq!(found.activity, "", "nothing is held against it");
    }
}
