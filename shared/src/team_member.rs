//! The people a request names. They are contacts, not accounts: naming somebody creates no user.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::wire_enum;

wire_enum! {
    /// What a person is to the request. The names are v1's.
    pub enum TeamMemberType {
        /// Who files the request; filled in from their account.
        Demandeur = "demandeur",
        /// « Responsable de traitement », RGPD article 4.
        ResponsableTraitement = "responsable_traitement",
        /// « Délégué à la protection des données » (DPO), RGPD article 37.
        DelegueProtectionDonnees = "delegue_protection_donnees",
        /// Receives the credentials.
        ResponsableTechnique = "responsable_technique",
        /// Knows the use case.
        ContactMetier = "contact_metier",
        /// Answers for the use case.
        ResponsableMetier = "responsable_metier",
        /// Aidants Connect's helpers.
        Aidant = "aidant",
        /// Receives invoices.
        Comptable = "comptable",
    }
}

impl TeamMemberType {
    /// The label a person reads, where no policy gives a better one.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Demandeur => "Demandeur",
            Self::ResponsableTraitement => "Responsable de traitement",
            Self::DelegueProtectionDonnees => "Délégué à la protection des données",
            Self::ResponsableTechnique => "Responsable technique",
            Self::ContactMetier => "Contact métier",
            Self::ResponsableMetier => "Responsable métier",
            Self::Aidant => "Aidant",
            Self::Comptable => "Comptable",
        }
    }

    /// Whether somebody named so may read the request when they sign in with the same, verified, e-mail address.
    ///
    /// Source: v1 linked these types to accounts, and the applicant, who reads by their account here: an address may be
    /// somebody else's one day.
    pub const fn may_read(self) -> bool {
        matches!(
            self,
            Self::ResponsableTraitement
                | Self::DelegueProtectionDonnees
                | Self::ResponsableMetier
                | Self::ResponsableTechnique
        )
    }
}

/// One person named in a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamMember {
    /// What they are to the request.
    #[serde(rename = "type")]
    pub kind: TeamMemberType,
    /// First name.
    #[serde(default)]
    pub given_name: String,
    /// Last name.
    #[serde(default)]
    pub family_name: String,
    /// E-mail address, lower case.
    #[serde(default)]
    pub email: String,
    /// Telephone, as typed.
    #[serde(default)]
    pub phone_number: String,
    /// Position held.
    #[serde(default)]
    pub job: String,
}

impl TeamMember {
    /// Somebody of whom nothing is known yet.
    pub fn new(kind: TeamMemberType) -> Self {
        Self {
            kind,
            given_name: String::new(),
            family_name: String::new(),
            email: String::new(),
            phone_number: String::new(),
            job: String::new(),
        }
    }

    /// Whether nothing is known of them.
    pub fn is_empty(&self) -> bool {
        Attribute::ALL.iter().all(|attribute| self.get(*attribute).trim().is_empty())
    }

    /// One of the five texts.
    pub fn get(&self, attribute: Attribute) -> &str {
        match attribute {
            Attribute::GivenName => &self.given_name,
            Attribute::FamilyName => &self.family_name,
            Attribute::Email => &self.email,
            Attribute::PhoneNumber => &self.phone_number,
            Attribute::Job => &self.job,
        }
    }

    /// One of the five texts, to write.
    pub fn get_mut(&mut self, attribute: Attribute) -> &mut String {
        match attribute {
            Attribute::GivenName => &mut self.given_name,
            Attribute::FamilyName => &mut self.family_name,
            Attribute::Email => &mut self.email,
            Attribute::PhoneNumber => &mut self.phone_number,
            Attribute::Job => &mut self.job,
        }
    }
}

wire_enum! {
    /// What is asked of a person, in the order of the form.
    pub enum Attribute {
        /// First name.
        GivenName = "given_name",
        /// Last name.
        FamilyName = "family_name",
        /// E-mail address.
        Email = "email",
        /// Telephone.
        PhoneNumber = "phone_number",
        /// Position held.
        Job = "job",
    }
}

impl Attribute {
    /// The label a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::GivenName => "Prénom",
            Self::FamilyName => "Nom",
            Self::Email => "Adresse électronique",
            Self::PhoneNumber => "Numéro de téléphone",
            Self::Job => "Fonction",
        }
    }
}
