//! The form: its parts, and what they ask beside their usual fields: people, files, questions.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::document::DocumentType;
use crate::field::Field;
use crate::team_member::{Attribute, TeamMemberType};
use crate::wire_enum;

wire_enum! {
    /// One part of the form. The names are v1's.
    pub enum Section {
        /// The validated request that this one follows.
        PreviousEnrollment = "previous_enrollment",
        /// Who asks.
        Organisation = "organisation",
        /// What kind of structure asks (Aidants Connect).
        Structure = "structure",
        /// Who builds the service.
        TechnicalTeam = "technical_team",
        /// The use case.
        Demarche = "demarche",
        /// The project.
        Description = "description",
        /// The data.
        Donnees = "donnees",
        /// The online procedures that one subscribes to (`HubEE`).
        DemarchesEnLigne = "demarches_en_ligne",
        /// The networks through which the service is reached (`ProConnect`).
        ModeAcces = "mode_acces",
        /// FranceConnect: how strong the identification must be.
        NiveauGarantie = "niveau_garantie",
        /// The right to the data.
        CadreJuridique = "cadre_juridique",
        /// The people.
        Equipe = "equipe",
        /// The files that prove the applicant's situation.
        PiecesJustificatives = "pieces_justificatives",
        /// The helpers (Aidants Connect).
        Aidants = "aidants",
        /// The people of retired APIs.
        MiseEnOeuvre = "mise_en_oeuvre",
        /// The software that is used, in retired APIs.
        SolutionLogicielle = "solution_logicielle",
        /// The data protection of retired APIs.
        DonneesPersonnelles = "donnees_personnelles",
        /// The tests that were run before production.
        RecetteFonctionnelle = "recette_fonctionnelle",
        /// The decision that the system is secure enough.
        HomologationSecurite = "homologation_securite",
        /// How many calls.
        Volumetrie = "volumetrie",
        /// Terms of use.
        Cgu = "cgu",
    }
}

impl Section {
    /// The title a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::PreviousEnrollment => "Habilitation préalable",
            Self::Organisation => "Organisation",
            Self::Structure => "Structure",
            Self::TechnicalTeam => "Équipe technique",
            Self::Demarche => "Cas d’usage",
            Self::Description => "Projet",
            Self::Donnees => "Données",
            Self::DemarchesEnLigne => "Démarches en ligne",
            Self::ModeAcces => "Mode d’accès",
            Self::NiveauGarantie => "Niveau de garantie",
            Self::CadreJuridique => "Cadre juridique",
            Self::Equipe => "Personnes impliquées",
            Self::PiecesJustificatives => "Pièces justificatives",
            Self::Aidants => "Aidants",
            Self::MiseEnOeuvre => "Mise en œuvre",
            Self::SolutionLogicielle => "Solution logicielle",
            Self::DonneesPersonnelles => "Données personnelles",
            Self::RecetteFonctionnelle => "Recette fonctionnelle",
            Self::HomologationSecurite => "Homologation de sécurité",
            Self::Volumetrie => "Volumétrie",
            Self::Cgu => "Engagements",
        }
    }

    /// The fields that every policy with this section shows in it, beside its contacts, files and own questions.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::PreviousEnrollment => &[Field::PreviousEnrollmentId],
            Self::Organisation => &[Field::Siret],
            Self::TechnicalTeam => &[Field::TechnicalTeamType, Field::TechnicalTeamValue],
            Self::Demarche => &[Field::Demarche],
            Self::Description => {
                &[Field::Intitule, Field::Description, Field::DateMiseEnProduction, Field::VolumetrieApproximative]
            }
            Self::Donnees => {
                &[Field::Scopes, Field::DataRecipients, Field::DataRetentionPeriod, Field::DataRetentionComment]
            }
            Self::Structure => &[Field::Description, Field::VolumetrieApproximative],
            Self::DemarchesEnLigne => &[Field::Scopes],
            Self::DonneesPersonnelles => {
                &[Field::DataRecipients, Field::DataRetentionPeriod, Field::DataRetentionComment]
            }
            Self::CadreJuridique => &[Field::FondementJuridiqueTitle, Field::FondementJuridiqueUrl],
            Self::Cgu => &[Field::CguApproved, Field::DpoIsInformed],
            Self::NiveauGarantie
            | Self::ModeAcces
            | Self::PiecesJustificatives
            | Self::Aidants
            | Self::MiseEnOeuvre
            | Self::SolutionLogicielle
            | Self::Equipe
            | Self::RecetteFonctionnelle
            | Self::HomologationSecurite
            | Self::Volumetrie => &[],
        }
    }
}

/// A person who must, or may, be named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    /// What they are to the request.
    #[serde(rename = "type")]
    pub kind: TeamMemberType,
    /// What the form calls them.
    pub label: String,
    /// Who that is, and what they will receive.
    #[serde(default)]
    pub description: String,
    /// Whether the request needs them.
    #[serde(default = "yes")]
    pub required: bool,
    /// The part of the form that asks for them.
    #[serde(default = "default_contact_section")]
    pub section: Section,
    /// What is asked of them.
    #[serde(default = "every_attribute")]
    pub attributes: Vec<Attribute>,
    /// Several people may be named.
    #[serde(default)]
    pub multiple: bool,
    /// A mobile telephone is asked for; another number only gets a remark, unless a rule makes it mandatory.
    #[serde(default)]
    pub mobile_phone: bool,
    /// Whose mailbox is expected; another one only gets a remark.
    #[serde(default)]
    pub mailbox: Option<Mailbox>,
}

wire_enum! {
    /// Whose mailbox an e-mail address should be.
    pub enum Mailbox {
        /// One person's: the access is theirs alone.
        Individual = "individual",
        /// A team's: messages must be read while somebody is away.
        Team = "team",
    }
}

/// A file that must, or may, be joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentRequest {
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: DocumentType,
    /// The part of the form that asks for it.
    pub section: Section,
    /// What the form calls it; its usual name where there is none.
    #[serde(default)]
    pub label: Option<String>,
    /// File name endings, without the dot.
    pub formats: Vec<String>,
    /// Whether the request needs it.
    #[serde(default)]
    pub required: bool,
    /// How many files may be joined, 10 at most: where it is one, a new file takes the place of the one before.
    #[serde(default = "one")]
    pub max_files: u32,
    /// No longer asked for: files of the past stay readable.
    #[serde(default)]
    pub read_only: bool,
    /// What it should contain.
    #[serde(default)]
    pub hint: String,
}

impl DocumentRequest {
    /// Whether a further file may be joined to so many.
    pub fn has_room(&self, joined: usize) -> bool {
        u32::try_from(joined).is_ok_and(|joined| joined < self.max_files)
    }
}

/// A question that only some policies ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExtraField {
    /// Its key in `additional_content`.
    pub id: String,
    /// The part of the form that asks it.
    pub section: Section,
    /// Heading above the questions in a row that carry the same one.
    #[serde(default)]
    pub heading: Option<String>,
    /// How it is asked.
    #[serde(rename = "type")]
    pub kind: ExtraFieldType,
    /// The question.
    pub label: String,
    /// Help.
    #[serde(default)]
    pub hint: String,
    /// Whether the request needs an answer; a box must then be ticked.
    #[serde(default)]
    pub required: bool,
    /// The answers one may choose from, for a choice.
    #[serde(default)]
    pub options: Vec<ChoiceOption>,
}

impl ExtraField {
    /// Whether its answer is a consent to its words: a box that must be ticked.
    pub fn is_attestation(&self) -> bool {
        self.kind == ExtraFieldType::Boolean && self.required
    }
}

wire_enum! {
    /// How a question is asked.
    pub enum ExtraFieldType {
        /// One line.
        Text = "text",
        /// Several lines.
        LongText = "long_text",
        /// A box.
        Boolean = "boolean",
        /// A day, written `2026-03-31`.
        Date = "date",
        /// One of the options.
        Choice = "choice",
        /// A whole number.
        Number = "number",
        /// An address on the web.
        Url = "url",
        /// A French postal code.
        PostalCode = "postal_code",
    }
}

/// One answer of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChoiceOption {
    /// What is kept.
    pub id: String,
    /// What a person reads.
    pub label: String,
}

const fn one() -> u32 {
    1
}

const fn yes() -> bool {
    true
}

const fn default_contact_section() -> Section {
    Section::Equipe
}

fn every_attribute() -> Vec<Attribute> {
    Attribute::ALL.to_vec()
}
