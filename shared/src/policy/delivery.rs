//! How what was granted reaches the manager of the API.

use crate::wire_enum;

wire_enum! {
    /// How what was granted reaches the API manager.
    pub enum Delivery {
        /// The signed calls of a webhook of the API, which answers with the token that it has made.
        Webhook = "webhook",
        /// An account and an application at a token manager that speaks our own contract.
        TokenManager = "token_manager",
        /// A subscription at `HubEE`.
        HubeeSubscription = "hubee_subscription",
        /// An organisation at Aidants Connect.
        AidantsConnectOrganisation = "aidants_connect_organisation",
        /// An application at PISTE, the State's API manager.
        PisteApplication = "piste_application",
    }
}

impl Delivery {
    /// The label a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Webhook => "Service de l’API",
            Self::TokenManager => "Gestionnaire de jetons",
            Self::HubeeSubscription => "HubEE",
            Self::AidantsConnectOrganisation => "Aidants Connect",
            Self::PisteApplication => "PISTE",
        }
    }
}
