//! Organisations, their number (the SIRET), and what the Sirene register says of them. Looking one up is the server's
//! business.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::wire_enum;

/// SIREN of La Poste, whose establishments do not follow the Luhn rule.
const LA_POSTE: &str = "356000000";

/// The 14 digits that identify an establishment: 9 of the company (SIREN), 5 of the place.
///
/// Always valid: the checksum is the Luhn rule, on the SIREN and on the whole. La Poste had more establishments than
/// the rule can number: there, a sum of digits that is a multiple of 5 is enough (source: INSEE).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = r"^\d{14}$", example = "13002526500013")]
pub struct Siret(String);

impl Siret {
    /// The 14 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is no SIRET.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiretError {
    /// Not 14 digits.
    Length,
    /// 14 digits whose checksum is wrong: most likely a typing error.
    Checksum,
}

impl fmt::Display for SiretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "un numéro SIRET compte 14 chiffres",
            Self::Checksum => "ce numéro SIRET n’existe pas\u{a0}: vérifiez les chiffres saisis",
        })
    }
}

impl std::error::Error for SiretError {}

impl FromStr for Siret {
    type Err = SiretError;

    /// Spaces are ignored, as people copy « 130 025 265 00013 ».
    fn from_str(text: &str) -> Result<Self, SiretError> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if digits.len() != 14 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(SiretError::Length);
        }
        let (siren, _) = digits.split_at(9);
        let is_la_poste = siren == LA_POSTE && digit_sum(&digits).is_multiple_of(5);
        if luhn(siren) && (luhn(&digits) || is_la_poste) { Ok(Self(digits)) } else { Err(SiretError::Checksum) }
    }
}

impl TryFrom<String> for Siret {
    type Error = SiretError;

    fn try_from(text: String) -> Result<Self, SiretError> {
        text.parse()
    }
}

impl From<Siret> for String {
    fn from(siret: Siret) -> Self {
        siret.0
    }
}

impl fmt::Display for Siret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn digit_sum(digits: &str) -> u32 {
    digits.bytes().map(|b| u32::from(b - b'0')).sum()
}

fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .zip([1, 2].into_iter().cycle())
        .map(|(b, weight)| u32::from(b - b'0') * weight)
        .map(|product| if product > 9 { product - 9 } else { product })
        .sum();
    sum.is_multiple_of(10)
}

/// An organisation as a user's identity provider vouches for it (claim `organizations` of api-auth).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Organization {
    /// Its number.
    pub siret: Siret,
    /// « Raison sociale »; empty where the provider does not know it.
    #[serde(default)]
    pub label: String,
    /// How they came to speak for it.
    pub source: MembershipSource,
    /// Somebody or something vouches for it; else it is what they say themselves.
    #[serde(default)]
    pub is_verified: bool,
}

wire_enum! {
    /// How somebody came to speak for an organisation.
    pub enum MembershipSource {
        /// Their e-mail address is in a domain that is known to be the organisation's.
        Domain = "domain",
        /// An administrator accepted them.
        Moderation = "moderation",
        /// Whoever set the server up said so.
        Operator = "operator",
        /// Another identity provider says so.
        Issuer = "issuer",
        /// They have asked to, and an administrator has not decided yet: they may prepare requests, and nothing else.
        Pending = "pending",
    }
}

impl MembershipSource {
    /// What a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Domain => "d’après le domaine de l’adresse électronique",
            Self::Moderation => "par l’administration de DataPass",
            Self::Operator => "à l’installation de la plateforme",
            Self::Issuer => "par le fournisseur d’identité",
            Self::Pending => "en cours de vérification",
        }
    }
}

wire_enum! {
    /// Where what is known of an establishment comes from.
    pub enum DirectorySource {
        /// The few organisations that the program carries; for every other number, a sample.
        Embedded = "embedded",
        /// « Recherche d’entreprises », the State’s search engine.
        RechercheEntreprises = "recherche_entreprises",
        /// The Sirene API of INSEE.
        Insee = "insee",
    }
}

/// An establishment as the Sirene register describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Establishment {
    /// Its number.
    pub siret: Siret,
    /// Name of the organisation that it belongs to.
    pub name: String,
    /// Where it is, in one line; empty where that is not public.
    pub address: String,
    /// INSEE's code of its commune; empty where that is not known.
    #[serde(default)]
    pub commune_code: String,
    /// Its activity: a code of the NAF, such as « 84.11Z ». Empty where there is none.
    pub activity: String,
    /// What that code means; empty where it is not known.
    pub activity_label: String,
    /// The legal form: a code of four digits; empty where there is none.
    pub legal_category: String,
    /// What that code means; empty where it is not known.
    pub legal_category_label: String,
    /// It is in business.
    pub is_open: bool,
    /// Since when it no longer is, where that is known.
    pub closed_on: Option<NaiveDate>,
    /// Where this comes from.
    pub source: DirectorySource,
    /// It is invented: the directory that is in use knows nothing of this number.
    pub is_sample: bool,
    /// When it was looked up.
    pub fetched_at: DateTime<Utc>,
    /// The register did not answer today: this is what it said then.
    #[serde(default)]
    pub is_stale: bool,
    /// The register shows its name and address to anybody (INSEE: « diffusion » of type O).
    #[serde(default = "diffused")]
    pub is_public: bool,
}

/// What stands in the place of a name that the Sirene register does not show (« diffusion partielle »).
pub const NOT_DIFFUSED: &str = "Nom non diffusible";

const fn diffused() -> bool {
    true
}

wire_enum! {
    /// What sort of organisation asks, by its legal category (INSEE, « catégories juridiques »).
    #[derive(Default)]
    pub enum OrganizationKind {
        /// The State: its central and local services.
        State = "state",
        /// Municipalities, departments, regions, and what they make up together.
        LocalAuthority = "local_authority",
        /// Other public bodies, also those that trade.
        PublicBody = "public_body",
        /// Social security, mutual insurance and other private bodies with a public task.
        SocialProtection = "social_protection",
        /// Associations and foundations.
        Association = "association",
        /// Companies and the self-employed.
        Company = "company",
        /// The register does not say.
        #[default]
        Unknown = "unknown",
    }
}

impl OrganizationKind {
    /// That of a legal category of four digits.
    pub fn of_legal_category(category: &str) -> Self {
        let begins = |starts: &[&str]| starts.iter().any(|start| category.starts_with(start));
        if category.is_empty() {
            Self::Unknown
        } else if begins(&["71"]) {
            Self::State
        } else if begins(&["72", "734", "735"]) {
            Self::LocalAuthority
        } else if begins(&["7", "4"]) {
            Self::PublicBody
        } else if begins(&["8"]) {
            Self::SocialProtection
        } else if begins(&["9"]) {
            Self::Association
        } else {
            Self::Company
        }
    }

    /// What a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::State => "Service de l’État",
            Self::LocalAuthority => "Collectivité territoriale",
            Self::PublicBody => "Établissement public",
            Self::SocialProtection => "Protection sociale",
            Self::Association => "Association ou fondation",
            Self::Company => "Entreprise",
            Self::Unknown => "Type inconnu",
        }
    }
}

impl Establishment {
    /// What sort of organisation it belongs to.
    pub fn kind(&self) -> OrganizationKind {
        OrganizationKind::of_legal_category(&self.legal_category)
    }

    /// Postal code and town, from its address; empty where that does not say.
    pub fn place(&self) -> (&str, &str) {
        let is_code = |word: &str| word.len() == 5 && word.bytes().all(|byte| byte.is_ascii_digit());
        let Some(code) = self.address.split(' ').rev().find(|word| is_code(word)) else { return ("", "") };
        let town = self.address.rsplit_once(code).map_or("", |(_, town)| town);
        let is_end = |word: &str| word.eq_ignore_ascii_case("cedex");
        let end = town.split(' ').find(|word| is_end(word)).and_then(|cedex| town.find(cedex)).unwrap_or(town.len());
        (code, town.get(..end).unwrap_or(town).trim())
    }

    /// « fermé depuis le 31/12/2024 », where it is.
    pub fn closure(&self) -> Option<String> {
        let written = |day: NaiveDate| format!(" depuis le {:02}/{:02}/{}", day.day(), day.month(), day.year());
        let since = self.closed_on.map(written).unwrap_or_default();
        (!self.is_open).then(|| format!("fermé{since}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luhn_and_la_poste() {
        for valid in ["13002526500013", "219 200 235 00014", "35600000000048", "35600000049837", "35600000009075"] {
            assert!(valid.parse::<Siret>().is_ok(), "{valid}");
        }
        for (invalid, error) in [
            ("12345678901234", SiretError::Checksum),
            ("35600000000049", SiretError::Checksum),
            ("12345356000000", SiretError::Checksum),
            ("1300252650001", SiretError::Length),
            ("130025265000130", SiretError::Length),
            ("1300252650001A", SiretError::Length),
            ("١٣٠٠٢٥٢٦٥٠٠٠١٣", SiretError::Length),
            ("", SiretError::Length),
        ] {
            assert_eq!(invalid.parse::<Siret>(), Err(error), "{invalid}");
        }
    }

    #[test]
    fn an_address_says_where_it_is() {
        let place = |address: &str| {
            let known = serde_json::json!({
                "siret": "13002526500013", "name": "", "address": address, "activity": "", "activity_label": "",
                "legal_category": "", "legal_category_label": "", "is_open": true, "closed_on": null,
                "source": "embedded", "is_sample": false, "fetched_at": "2026-01-01T00:00:00Z",
            });
            let known: Establishment = serde_json::from_value(known).unwrap();
            let (code, town) = known.place();
            (code.to_owned(), town.to_owned())
        };
        for (address, code, town) in [
            ("20 AVENUE DE SEGUR 75007 PARIS 7", "75007", "PARIS 7"),
            ("1 place Maurice Gunsbourg 92140 Clamart", "92140", "Clamart"),
            ("12345 ROUTE DE LYON 35700 RENNES CEDEX 7", "35700", "RENNES"),
            ("97400 SAINT-DENIS", "97400", "SAINT-DENIS"),
            ("1 rue de l’Exemple", "", ""),
            ("", "", ""),
        ] {
            assert_eq!(place(address), (code.to_owned(), town.to_owned()), "{address}");
        }
    }

    #[test]
    fn the_legal_category_tells_what_sort_of_organisation_it_is() {
        for (category, kind) in [
            ("7120", OrganizationKind::State),
            ("7210", OrganizationKind::LocalAuthority),
            ("7346", OrganizationKind::LocalAuthority),
            ("7378", OrganizationKind::PublicBody),
            ("4110", OrganizationKind::PublicBody),
            ("8110", OrganizationKind::SocialProtection),
            ("9220", OrganizationKind::Association),
            ("5710", OrganizationKind::Company),
            ("1000", OrganizationKind::Company),
            ("", OrganizationKind::Unknown),
        ] {
            assert_eq!(OrganizationKind::of_legal_category(category), kind, "{category}");
        }
    }

    #[test]
    fn json_refuses_a_wrong_number() {
        assert!(serde_json::from_str::<Siret>("\"12345678901234\"").is_err());
        let siret: Siret = serde_json::from_str("\"13002526500013\"").unwrap();
        assert_eq!(serde_json::to_string(&siret).unwrap(), "\"13002526500013\"");
    }
}
