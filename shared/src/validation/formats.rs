//! What an e-mail address, a telephone number, a web address and a date look like.
//!
//! Written by hand rather than with `regex`: the browser loads this code, and the engine alone would weigh more than
//! the whole form.

use chrono::NaiveDate;

/// Whether a text looks like an e-mail address: the HTML standard's rule for `<input type="email">`, and a dot in the
/// domain (a bare host name is a typing error here).
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let is_local = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 254
        && !local.is_empty()
        && local.len() <= 64
        && local.chars().all(is_local)
        && domain.contains('.')
        && domain.split('.').all(is_label)
}

/// The domain of an e-mail address, in lower case; nothing where it is none.
pub fn mail_domain(email: &str) -> Option<String> {
    let email = email.trim();
    let (_, domain) = email.split_once('@').filter(|_| is_email(email))?;
    Some(domain.to_ascii_lowercase())
}

/// Words that name a team's mailbox rather than a person's, however they are joined to others (« contact-ccas »,
/// « servicetechnique »).
const SHARED_MAILBOX_WORDS: &[&str] = &[
    "accueil",
    "administration",
    "assistance",
    "contact",
    "direction",
    "equipe",
    "guichet",
    "informatique",
    "mairie",
    "mediatheque",
    "numerique",
    "prefecture",
    "secretariat",
    "service",
    "support",
    "technique",
];
/// The same, where a longer word may hold them by chance.
const SHARED_MAILBOX_SHORT_WORDS: &[&str] =
    &["admin", "ccas", "compta", "comptabilite", "dev", "dpd", "dpo", "dsi", "info", "it", "pole", "rgpd", "rh", "si"];

/// Whether an e-mail address looks like the mailbox of a team: a word of it says so.
pub fn is_shared_mailbox(email: &str) -> bool {
    let local = local_part(email);
    let mut words = local.split(|c: char| !c.is_ascii_alphabetic());
    SHARED_MAILBOX_WORDS.iter().any(|word| local.contains(word))
        || words.any(|word| SHARED_MAILBOX_SHORT_WORDS.contains(&word.strip_suffix('s').unwrap_or(word)))
}

/// Whether an e-mail address looks like one person's: « prenom.nom » or « p.nom », perhaps with a number.
pub fn is_personal_mailbox(email: &str) -> bool {
    let local = local_part(email);
    let name = local.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_name = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
    let is_two_names =
        name.split_once('.').is_some_and(|(first, last)| is_name(first) && is_name(last) && last.len() > 1);
    is_two_names && !is_shared_mailbox(email)
}

fn local_part(email: &str) -> String {
    email.trim().split_once('@').map_or("", |(local, _)| local).to_ascii_lowercase()
}

/// Whether a text looks like a telephone number.
///
/// 7 to 15 digits, single spaces, dots or dashes between them, perhaps a leading `+` (v1's rule, with dots) and a `(0)`
/// after the code of the country; or the four digits of a service, as 3646.
pub fn is_phone_number(text: &str) -> bool {
    let text = dialled_from_abroad(text);
    let is_short = is_short_number(&text);
    let text = text.strip_prefix('+').unwrap_or(&text);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let edges = [text.chars().next(), text.chars().next_back()];
    let mut previous_was_digit = true;
    let mut well_separated = true;
    for c in text.chars() {
        let is_digit = c.is_ascii_digit();
        let is_separator = matches!(c, ' ' | '-' | '.' | '\u{a0}' | '\u{202f}');
        well_separated &= is_digit || (is_separator && previous_was_digit);
        previous_was_digit = is_digit;
    }
    ((7..=15).contains(&digits) || is_short)
        && well_separated
        && edges.iter().all(|c| c.is_some_and(|c| c.is_ascii_digit()))
}

/// The codes of the countries and territories whose numbers follow the French plan: metropolitan France, Réunion and
/// Mayotte, Guadeloupe, Guyane, Martinique.
const FRENCH_CODES: [&str; 5] = ["33", "262", "590", "594", "596"];

/// Whether a telephone number may be a mobile one. French numbers tell; those of other countries are believed.
pub fn is_mobile_number(text: &str) -> bool {
    let text = dialled_from_abroad(text);
    let digits: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let is_mobile = |number: &str| number.len() == 9 && number.starts_with(['6', '7']);
    match digits.strip_prefix('+').or_else(|| digits.strip_prefix("00")) {
        Some(number) => match FRENCH_CODES.iter().find_map(|code| number.strip_prefix(code)) {
            Some(national) => is_mobile(national),
            None => is_phone_number(&digits),
        },
        None => digits.strip_prefix('0').is_some_and(is_mobile),
    }
}

/// The short numbers of services: 3646, 1014.
fn is_short_number(text: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.len() == 4 && (digits.starts_with('3') || digits.starts_with("10")) && !text.starts_with('+')
}

/// A number without the `(0)` that many write after the code of the country, and nobody dials with it.
fn dialled_from_abroad(text: &str) -> String {
    match text.split_once("(0)") {
        Some((code, rest)) if text.starts_with('+') || text.starts_with("00") => {
            format!("{} {}", code.trim_end(), rest.trim_start())
        }
        Some(_) | None => text.to_owned(),
    }
}

/// Whether a text is the address of a page: `http` or `https`, a host with a dot, no space.
pub fn is_web_address(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    host.split_once('.').is_some_and(|(name, suffix)| !name.is_empty() && !suffix.is_empty())
        && !host.contains('@')
        && !text.chars().any(char::is_whitespace)
}

/// Whether a text is a French postal code: five digits.
pub fn is_postal_code(text: &str) -> bool {
    text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The day that a text names, written `2026-03-31`.
pub fn date(text: &str) -> Option<NaiveDate> {
    let (year, month, day) = (text.get(..4)?, text.get(4..7)?.strip_prefix('-')?, text.get(7..)?.strip_prefix('-')?);
    let is_written_so =
        day.len() == 2 && [year, month, day].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).filter(|_| is_written_so)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(is_valid: fn(&str) -> bool, valid: &[&str], invalid: &[&str]) {
        for text in valid {
            assert!(is_valid(text), "should pass: {text:?}");
        }
        for text in invalid {
            assert!(!is_valid(text), "should not pass: {text:?}");
        }
    }

    #[test]
    fn emails() {
        check(
            is_email,
            &["dpo@mairie.fr", "a.b+c@sous-domaine.exemple.gouv.fr", "x'y@exemple.fr"],
            &[
                "",
                "dpo",
                "dpo@",
                "@mairie.fr",
                "dpo@mairie",
                "dpo@@mairie.fr",
                "d po@mairie.fr",
                "dpo@-mairie.fr",
                "dpo@mairie..fr",
                "dpo@mairie.fr ",
            ],
        );
    }

    #[test]
    fn domains_of_emails() {
        assert_eq!(mail_domain(" a@Exemple.FR "), Some("exemple.fr".to_owned()));
        assert_eq!(mail_domain("a@exemple"), None);
        assert_eq!(mail_domain(""), None);
    }

    #[test]
    fn mailboxes_of_teams_and_of_people() {
        check(
            is_shared_mailbox,
            &[
                "contact@commune.fr",
                "Mairie.Clamart@exemple.fr",
                "servicetechnique@exemple.fr",
                "equipes-produit@exemple.fr",
                "dsi@exemple.fr",
                "infos@exemple.fr",
                "pole-social@exemple.fr",
            ],
            &["jeanne.dsilva@exemple.fr", "rita.simon@exemple.fr", "j.martin@mairie.fr", "info", ""],
        );
        check(
            is_personal_mailbox,
            &["jeanne.martin@exemple.fr", "J.Martin@exemple.fr", "anne-marie.le-goff2@exemple.fr"],
            &[
                "service.technique@exemple.fr",
                "support.api@exemple.fr",
                "jmartin@exemple.fr",
                "a.b.c@exemple.fr",
                "api-particulier@exemple.fr",
                "jeanne.martin",
            ],
        );
    }

    #[test]
    fn phone_numbers() {
        check(
            is_phone_number,
            &[
                "0123456789",
                "01 23 45 67 89",
                "+33 1 23 45 67 89",
                "01.23.45.67.89",
                "01-23-45-67-89",
                "3939000",
                "+33 (0)1 23 45 67 89",
                "+33(0)123456789",
                "0033 (0) 1 23 45 67 89",
                "+262 692 12 34 56",
                "+49 30 123456",
                "+1 202-555-0123",
                "3646",
                "36 46",
                "1014",
            ],
            &[
                "",
                "12",
                "01  23 45 67 89",
                "numéro",
                "01 23 45 67 89 ",
                "+",
                "012345678901234567",
                "(0)1 23 45 67 89",
                "+33 (1) 23 45 67 89",
                "+33 (0)",
                "+3646",
                "4646",
                "36  46",
            ],
        );
        check(
            is_mobile_number,
            &[
                "06 12 34 56 78",
                "+33 7 12 34 56 78",
                "0033612345678",
                "+33 (0)6 12 34 56 78",
                "0692 12 34 56",
                "+262 692 12 34 56",
                "+590 (0)690 12 34 56",
                "+32 470 12 34 56",
                "0041 79 123 45 67",
            ],
            &["01 23 45 67 89", "061234567", "+262 262 12 34 56", "+33 (0)1 23 45 67 89", "3646", "+32", ""],
        );
    }

    #[test]
    fn postal_codes() {
        check(is_postal_code, &["75007", "01000", "97400"], &["", "7500", "750077", "7500A", "75 007"]);
    }

    #[test]
    fn web_addresses_and_dates() {
        check(
            is_web_address,
            &["https://www.legifrance.gouv.fr/loda/id/X", "http://exemple.fr"],
            &["", "exemple.fr", "ftp://exemple.fr", "https://", "https://exemple", "https://a b.fr", "https://x@y.fr/"],
        );
        check(
            |text| date(text).is_some(),
            &["2026-03-31", "2024-02-29"],
            &["", "2026-02-29", "31/03/2026", "2026-3-31", "2026-13-01", "+026-01-01"],
        );
    }
}
