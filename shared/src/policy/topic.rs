//! The sorts of data and of use, under which the catalogue shows what may be asked for.

use crate::wire_enum;

wire_enum! {
    /// A sort of data, or of use.
    pub enum Topic {
        /// Who somebody is, and signing in.
        Identity = "identity",
        /// Taxes, income, public finance.
        Taxes = "taxes",
        /// Family and social benefits.
        Social = "social",
        /// Health and its insurance.
        Health = "health",
        /// Jobs, employers, unemployment.
        Employment = "employment",
        /// Schools and studies.
        Education = "education",
        /// Companies and associations.
        Companies = "companies",
        /// Vehicles and transport.
        Transport = "transport",
        /// Land and farming.
        Land = "land",
        /// Files that administrations exchange, and tools for their services.
        Administration = "administration",
    }
}

impl Topic {
    /// In French.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Identity => "Identité et connexion",
            Self::Taxes => "Impôts, revenus et finances publiques",
            Self::Social => "Famille et prestations sociales",
            Self::Health => "Santé et assurance maladie",
            Self::Employment => "Emploi et cotisations",
            Self::Education => "Scolarité et études",
            Self::Companies => "Entreprises et associations",
            Self::Transport => "Véhicules et transports",
            Self::Land => "Agriculture et territoire",
            Self::Administration => "Échanges et outils des administrations",
        }
    }
}

/// Whether a list of a policy is left out where the policy is written: always, of what only the catalogue reads.
pub(super) const fn is_for_the_catalogue<T>(_: &[T]) -> bool {
    true
}
