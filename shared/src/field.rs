//! The key of one thing that is asked: it ties a policy, an error, a line of a diff and a widget together.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::document::DocumentType;
use crate::team_member::{Attribute, TeamMemberType};
use crate::{UnknownName, string_schema};

/// One thing that is asked, written as the path to its value in an enrollment.
///
/// For instance `intitule`, `documents.LegalBasis`, `additional_content.date_homologation` or
/// `team_members.responsable_traitement.email` (`team_members.aidant.1.email` for a second person of that type).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Field {
    /// The organisation that asks.
    Siret,
    /// The validated request that this one follows.
    PreviousEnrollmentId,
    /// Who builds the service.
    TechnicalTeamType,
    /// Which editor, or which other.
    TechnicalTeamValue,
    /// The pre-filled use case.
    Demarche,
    /// Title.
    Intitule,
    /// What the service is for.
    Description,
    /// When it should open.
    DateMiseEnProduction,
    /// How much it will be used.
    VolumetrieApproximative,
    /// The data that is asked for.
    Scopes,
    /// Who will see the data.
    DataRecipients,
    /// For how many months the data is kept.
    DataRetentionPeriod,
    /// Why longer than 36 months.
    DataRetentionComment,
    /// The text that gives the right to the data.
    FondementJuridiqueTitle,
    /// Where that text can be read.
    FondementJuridiqueUrl,
    /// Terms of use.
    CguApproved,
    /// The data protection officer knows.
    DpoIsInformed,
    /// One detail of a person. The number is their place among the people of that type, from 0.
    TeamMember(TeamMemberType, usize, Attribute),
    /// A file.
    Document(DocumentType),
    /// A question that only some policies ask.
    Additional(String),
}

impl Field {
    /// The fields that every policy may use, in the order of the form, with their name on the wire.
    pub const OWN: &'static [(Self, &'static str)] = &[
        (Self::Siret, "siret"),
        (Self::PreviousEnrollmentId, "previous_enrollment_id"),
        (Self::TechnicalTeamType, "technical_team_type"),
        (Self::TechnicalTeamValue, "technical_team_value"),
        (Self::Demarche, "demarche"),
        (Self::Intitule, "intitule"),
        (Self::Description, "description"),
        (Self::DateMiseEnProduction, "date_mise_en_production"),
        (Self::VolumetrieApproximative, "volumetrie_approximative"),
        (Self::Scopes, "scopes"),
        (Self::DataRecipients, "data_recipients"),
        (Self::DataRetentionPeriod, "data_retention_period"),
        (Self::DataRetentionComment, "data_retention_comment"),
        (Self::FondementJuridiqueTitle, "fondement_juridique_title"),
        (Self::FondementJuridiqueUrl, "fondement_juridique_url"),
        (Self::CguApproved, "cgu_approved"),
        (Self::DpoIsInformed, "dpo_is_informed"),
    ];

    /// The label a person reads, where no policy gives a better one (see `Policy::label_of`).
    pub fn label(&self) -> String {
        match self {
            Self::Siret => "Organisation".to_owned(),
            Self::PreviousEnrollmentId => "Habilitation préalable".to_owned(),
            Self::TechnicalTeamType => "Équipe technique".to_owned(),
            Self::TechnicalTeamValue => "Nom de l’équipe technique".to_owned(),
            Self::Demarche => "Cas d’usage".to_owned(),
            Self::Intitule => "Nom du projet".to_owned(),
            Self::Description => "Description du projet".to_owned(),
            Self::DateMiseEnProduction => "Date de mise en production".to_owned(),
            Self::VolumetrieApproximative => "Volumétrie approximative".to_owned(),
            Self::Scopes => "Données demandées".to_owned(),
            Self::DataRecipients => "Destinataires des données".to_owned(),
            Self::DataRetentionPeriod => "Durée de conservation des données, en mois".to_owned(),
            Self::DataRetentionComment => "Justification de la durée de conservation".to_owned(),
            Self::FondementJuridiqueTitle => "Référence du texte juridique".to_owned(),
            Self::FondementJuridiqueUrl => "Adresse du texte juridique".to_owned(),
            Self::CguApproved => "Conditions générales d’utilisation".to_owned(),
            Self::DpoIsInformed => "Information du délégué à la protection des données".to_owned(),
            Self::TeamMember(.., attribute) => attribute.label().to_owned(),
            Self::Document(kind) => kind.label().to_owned(),
            Self::Additional(id) => id.clone(),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TeamMember(kind, 0, attribute) => write!(f, "team_members.{kind}.{attribute}"),
            Self::TeamMember(kind, place, attribute) => write!(f, "team_members.{kind}.{place}.{attribute}"),
            Self::Document(kind) => write!(f, "documents.{kind}"),
            Self::Additional(id) => write!(f, "additional_content.{id}"),
            own => f.write_str(Self::OWN.iter().find(|(field, _)| field == own).map_or("", |(_, name)| name)),
        }
    }
}

impl FromStr for Field {
    type Err = UnknownName;

    fn from_str(path: &str) -> Result<Self, UnknownName> {
        let parts: Vec<&str> = path.split('.').collect();
        match parts.as_slice() {
            ["team_members", kind, attribute] => Ok(Self::TeamMember(kind.parse()?, 0, attribute.parse()?)),
            ["team_members", kind, place, attribute] => match place.parse() {
                // One field has one name: no 0, no leading zero, no sign.
                Ok(number) if number > 0 && usize::to_string(&number) == *place => {
                    Ok(Self::TeamMember(kind.parse()?, number, attribute.parse()?))
                }
                Ok(_) | Err(_) => Err(UnknownName(path.to_owned())),
            },
            ["documents", kind] => Ok(Self::Document(kind.parse()?)),
            ["additional_content", id] if !id.is_empty() => Ok(Self::Additional((*id).to_owned())),
            _ => Self::OWN
                .iter()
                .find(|(_, name)| *name == path)
                .map(|(field, _)| field.clone())
                .ok_or_else(|| UnknownName(path.to_owned())),
        }
    }
}

string_schema!(Field, "One thing that is asked: the path to its value.", "team_members.responsable_traitement.email");

impl TryFrom<String> for Field {
    type Error = UnknownName;

    fn try_from(path: String) -> Result<Self, UnknownName> {
        path.parse()
    }
}

impl From<Field> for String {
    fn from(field: Field) -> Self {
        field.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_the_path_to_its_value() {
        let mut fields: Vec<Field> = Field::OWN.iter().map(|(field, _)| field.clone()).collect();
        fields.push(Field::TeamMember(TeamMemberType::Demandeur, 0, Attribute::Email));
        fields.push(Field::TeamMember(TeamMemberType::Aidant, 3, Attribute::Email));
        fields.push(Field::Document(DocumentType::LegalBasis));
        fields.push(Field::Additional("eidas_level".to_owned()));
        for field in fields {
            assert!(!field.to_string().is_empty());
            assert_eq!(field.to_string().parse::<Field>(), Ok(field));
        }
        for wrong in [
            "",
            "status",
            "team_members.demandeur",
            "team_members.aidant.0.email",
            "team_members.aidant.01.email",
            "documents.Passport",
            "additional_content.",
        ] {
            assert!(wrong.parse::<Field>().is_err(), "{wrong}");
        }
    }
}
