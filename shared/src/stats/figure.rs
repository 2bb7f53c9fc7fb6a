//! The figures that are shown: how each is called, and what it means.

use crate::wire_enum;

wire_enum! {
    /// A figure that is shown.
    pub enum Figure {
        /// Requests.
        Requests = "requests",
        /// Requests by status.
        ByStatus = "by_status",
        /// Requests by API.
        ByApi = "by_api",
        /// Requests month by month.
        Months = "months",
        /// What was handed over.
        Submissions = "submissions",
        /// Time to the first answer.
        FirstAnswer = "first_answer",
        /// Time to the decision.
        Decision = "decision",
        /// Share of first answers that grant.
        FirstTimeRight = "first_time_right",
        /// Share of decisions after a request for changes.
        GoBack = "go_back",
        /// Fields that were to be changed.
        Fields = "fields",
        /// Authorisations.
        Grants = "grants",
        /// Authorisations for less than what was asked for.
        PartialGrants = "partial_grants",
        /// Refusals.
        Refusals = "refusals",
        /// Authorisations that were withdrawn.
        Revocations = "revocations",
        /// What waits.
        Backlog = "backlog",
    }
}

impl Figure {
    /// The name that a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Requests => "Demandes déposées",
            Self::ByStatus => "Demandes par statut",
            Self::ByApi => "Demandes par API",
            Self::Months => "Demandes par mois",
            Self::Submissions => "Soumissions",
            Self::FirstAnswer => "Délai de première réponse",
            Self::Decision => "Délai de décision",
            Self::FirstTimeRight => "Validées du premier coup",
            Self::GoBack => "Décisions après des modifications",
            Self::Fields => "Questions à reprendre",
            Self::Grants => "Habilitations accordées",
            Self::PartialGrants => "Accords partiels",
            Self::Refusals => "Refus",
            Self::Revocations => "Révocations",
            Self::Backlog => "Demandes en attente",
        }
    }

    /// What it means, in a sentence.
    pub const fn definition(self) -> &'static str {
        match self {
            Self::Requests => {
                "Demandes commencées pendant la période, brouillons et demandes archivées compris, brouillons supprimés exclus."
            }
            Self::ByStatus => {
                "Statut actuel des demandes commencées pendant la période\u{a0}; une demande en cours de mise à jour compte comme validée, puisque l’habilitation reste en vigueur."
            }
            Self::ByApi => "Demandes commencées pendant la période, par API, de la plus demandée à la moins demandée.",
            Self::Months => {
                "Demandes par mois de création, à l’heure de Paris, selon leur statut actuel, et ce qui s’est passé pendant ce mois."
            }
            Self::Submissions => {
                "Demandes, renouvellements et mises à jour soumis pour la première fois pendant la période\u{a0}; une nouvelle soumission après des modifications ne compte pas."
            }
            Self::FirstAnswer => {
                "Jours commencés, à la charge de l’administration, entre la première soumission et la première réponse\u{a0}: validation, accord partiel proposé, demande de modifications ou refus."
            }
            Self::Decision => {
                "Jours commencés, à la charge de l’administration, entre la première soumission et la validation, l’accord partiel accepté ou le refus\u{a0}; le temps pris par le demandeur n’est pas compté."
            }
            Self::FirstTimeRight => "Part des premières réponses qui valident la demande telle qu’elle a été soumise.",
            Self::GoBack => {
                "Part des décisions prises après au moins une demande de modifications depuis la première soumission."
            }
            Self::Fields => {
                "Premières réponses qui demandent de reprendre cette question, et leur part parmi toutes les premières réponses."
            }
            Self::Grants => {
                "Demandes, renouvellements et mises à jour validés pendant la période, accords partiels compris."
            }
            Self::PartialGrants => {
                "Habilitations accordées pour une partie des données demandées, avec l’accord du demandeur."
            }
            Self::Refusals => "Demandes, renouvellements et mises à jour refusés pendant la période.",
            Self::Revocations => "Habilitations retirées par l’administration pendant la période.",
            Self::Backlog => {
                "Demandes et mises à jour qui attendent aujourd’hui une réponse de l’administration, selon le nombre de jours qu’elle y a déjà passés."
            }
        }
    }
}
