//! The password policy: long ones that are not easily guessed. Nothing is asked of their composition (OWASP
//! ASVS 5.0, 6.2.1 to 6.2.12).

use zxcvbn::{Score, zxcvbn};

use crate::identity::form::FormError;
use crate::models::account::Account;

const MIN_LENGTH: usize = 12;
const MAX_LENGTH: usize = 128;
/// How many characters must remain of it without one's own name and address.
const MIN_OWN_CHARACTERS: usize = 6;

/// What is guessed first here, beside the thirty thousand passwords and the English words that the estimator knows.
const KNOWN_WORDS: &[&str] = &[
    "datapass",
    "habilitation",
    "demande",
    "donnees",
    "particulier",
    "entreprise",
    "administration",
    "mairie",
    "commune",
    "prefecture",
    "ministere",
    "republique",
    "francaise",
    "france",
    "marianne",
    "motdepasse",
    "passe",
    "azerty",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "bonjour",
    "bienvenue",
    "soleil",
    "jetaime",
    "chouchou",
    "doudou",
    "janvier",
    "fevrier",
    "juillet",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
    "printemps",
    "automne",
];

/// What is wrong with a new password for that account.
pub fn check_for(account: &Account, password: &str) -> Option<FormError> {
    check(password, &[&account.email, &account.given_name, &account.family_name])
}

/// What is wrong with a password for somebody whose address and names these are.
pub fn check(password: &str, about: &[&str]) -> Option<FormError> {
    let length = password.chars().count();
    let text = if password.is_empty() {
        "Choisissez un mot de passe.".to_owned()
    } else if length < MIN_LENGTH {
        format!("Choisissez un mot de passe d’au moins {MIN_LENGTH} caractères\u{a0}; celui-ci en compte {length}.")
    } else if length > MAX_LENGTH {
        format!("Choisissez un mot de passe d’au plus {MAX_LENGTH} caractères\u{a0}; celui-ci en compte {length}.")
    } else if is_guessable(password, about) {
        "Ce mot de passe est trop facile à deviner. Choisissez par exemple quatre mots sans rapport entre eux."
            .to_owned()
    } else {
        return None;
    };
    Some(FormError::new("password", text))
}

fn is_guessable(password: &str, about: &[&str]) -> bool {
    // « camille@mairie.example » is tried as a whole and in pieces.
    let own = about.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()).chain([*text]));
    let own: Vec<&str> = own.filter(|word| word.chars().count() > 2).collect();
    let rest = own.iter().fold(password.to_lowercase(), |rest, word| rest.replace(&word.to_lowercase(), ""));
    let words: Vec<&str> = own.into_iter().chain(KNOWN_WORDS.iter().copied()).collect();
    rest.chars().filter(|c| c.is_alphanumeric()).count() < MIN_OWN_CHARACTERS
        || zxcvbn(password, &words).score() < Score::Three
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_good(password: &str) -> bool {
        check(password, &["camille@mairie.example", "Camille", "Exemple"]).is_none()
    }

    #[test]
    fn long_passwords_of_any_composition_are_accepted() {
        for password in
            ["cheval agrafe pile correct", "tournesol brouette quartz", "kX9#vQ2!mZ7p", "7391 0582 6647 1930"]
        {
            assert!(is_good(password), "{password}");
        }
        assert!(is_good(&"tournesol brouette quartz ".repeat(4)));
    }

    #[test]
    fn short_and_guessable_passwords_are_refused() {
        for password in [
            "",
            "kX9#vQ2!mZ7",
            "aaaaaaaaaaaaaa",
            "123456789012",
            "password1234",
            "azertyuiop123",
            "motdepasse2026",
            "DataPass2026!",
            "datapassdatapass",
            "camille@mairie.example",
            "Camille.Exemple",
            "qwertyuiop123",
        ] {
            assert!(!is_good(password), "{password}");
        }
        assert!(!is_good(&"tournesol brouette quartz ".repeat(6)));
    }
}
