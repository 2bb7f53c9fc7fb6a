//! The password policy: long ones that are not easily guessed. Nothing is asked of their composition (OWASP
//! ASVS 5.0, 6.2.1 to 6.2.12).

use actix_web::HttpRequest;
use zxcvbn::{Score, zxcvbn};

use super::password_hash::{Hashed, in_turn};
use crate::email_address::EmailAddress;
use crate::identity::form::{FormError, Rejection};
use crate::identity::sign_in::attempt::Attempt;
use crate::models::account::Account;
use crate::state::AppState;

const MIN_LENGTH: usize = 12;
const MAX_LENGTH: usize = 128;
/// How many characters are judged.
const MAX_JUDGED: usize = 72;
const GUESSABLE: &str =
    "Ce mot de passe est trop facile à deviner. Choisissez par exemple quatre mots sans rapport entre eux.";
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

/// A new password, and for whom.
pub struct Choice<'a> {
    pub password: &'a str,
    /// The account, or the address of one to come.
    pub email: &'a EmailAddress,
    /// Their first and last name.
    pub names: [&'a str; 2],
}

impl<'a> Choice<'a> {
    /// One for that account.
    pub fn of(account: &'a Account, password: &'a str) -> Self {
        Self { password, email: &account.email, names: [&account.given_name, &account.family_name] }
    }

    /// Requires that it is not easily guessed. To judge that takes time, hence after the throttle and in the queue of
    /// those whose password is hashed.
    ///
    /// # Errors
    /// It is easily guessed, one must wait, or too many wait.
    pub async fn require_strong(&self, request: &HttpRequest, state: &AppState) -> Hashed<()> {
        let attempt = Attempt::choice(request, state, self.email).await?;
        attempt.check("password")?;
        let (password, [given_name, family_name]) = (self.password.to_owned(), self.names.map(ToOwned::to_owned));
        let email = self.email.clone();
        let judged = in_turn(move || Ok(is_guessable(&password, &[email.as_str(), &given_name, &family_name])));
        if judged.await.inspect_err(|_| attempt.withdraw())? {
            return Err(Rejection::invalid("password", GUESSABLE).into());
        }
        attempt.succeeded();
        Ok(())
    }
}

/// What is wrong with the length of a password.
pub fn length_error(password: &str) -> Option<FormError> {
    let length = password.chars().count();
    let text = if password.is_empty() {
        "Choisissez un mot de passe.".to_owned()
    } else if length < MIN_LENGTH {
        format!("Choisissez un mot de passe d’au moins {MIN_LENGTH} caractères\u{a0}; celui-ci en compte {length}.")
    } else if length > MAX_LENGTH {
        format!("Choisissez un mot de passe d’au plus {MAX_LENGTH} caractères\u{a0}; celui-ci en compte {length}.")
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
        || zxcvbn(beginning(password), &words).score() < Score::Three
}

/// What is judged of it: the time that takes grows faster than its length.
fn beginning(password: &str) -> &str {
    password.char_indices().nth(MAX_JUDGED).and_then(|(end, _)| password.get(..end)).unwrap_or(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_good(password: &str) -> bool {
        let about = ["camille@mairie.example", "Camille", "Exemple"];
        length_error(password).is_none() && !is_guessable(password, &about)
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

    #[test]
    fn a_long_password_is_judged_by_its_beginning() {
        assert_eq!(beginning(&"é".repeat(128)), "é".repeat(72));
        assert_eq!(beginning("court"), "court");
        assert_eq!(beginning(""), "");
        assert!(is_good(&format!("{}{}", "cheval agrafe pile correct ", "a".repeat(100))));
        assert!(!is_good(&"a".repeat(128)));
    }
}
