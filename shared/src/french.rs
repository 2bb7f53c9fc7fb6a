//! What French does to a name that stands in a sentence.

/// The letters that « de » drops its e before. An h is not among them: nothing in a name says whether it is mute.
const VOWELS: &str = "aàâæeéèêëiîïoôœuùûyAÀÂÆEÉÈÊËIÎÏOÔŒUÙÛY";

/// « de » and a name, or a thing with its article: « d’API Particulier », « de FranceConnect », « du webhook ».
pub fn de(name: &str) -> String {
    let (of, name) = parted(name);
    format!("{of}{name}")
}

/// What « de » becomes before a name, and what is left of the name: « du » and « webhook » of « le webhook ».
pub fn parted(name: &str) -> (&'static str, &str) {
    match name.split_once(' ') {
        Some(("le", rest)) => ("du ", rest),
        Some(("les", rest)) => ("des ", rest),
        _ if name.starts_with(|first: char| VOWELS.contains(first)) => ("d’", name),
        _ => ("de ", name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn de_drops_its_e_before_a_vowel_and_joins_an_article() {
        assert_eq!(de("API Particulier"), "d’API Particulier");
        assert_eq!(de("Émile Exemple"), "d’Émile Exemple");
        assert_eq!(de("Yves Exemple"), "d’Yves Exemple");
        assert_eq!(de("octobre 2026"), "d’octobre 2026");
        assert_eq!(de("HubEE"), "de HubEE");
        assert_eq!(de("le.Taxi - applicatifs clients"), "de le.Taxi - applicatifs clients");
        assert_eq!(de("FranceConnect"), "de FranceConnect");
        assert_eq!(de("le webhook"), "du webhook");
        assert_eq!(de("les pièces"), "des pièces");
        assert_eq!(de("la demande"), "de la demande");
        assert_eq!(de(""), "de ");
    }
}
