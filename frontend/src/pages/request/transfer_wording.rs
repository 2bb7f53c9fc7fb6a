//! What the pages say of a transfer and of each of its steps.

use shared::french::de;
use shared::transfer::{TransferKind, TransferStep, WaitingTransfer};

use crate::components::date::day;

/// What a dialog asks why for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nothing is asked.
    None,
    /// It may stay empty.
    Optional,
    /// One must say why.
    Required,
}

/// What is said of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wording {
    /// Id of the dialog.
    pub id: &'static str,
    pub button: &'static str,
    /// Title of the dialog.
    pub title: &'static str,
    /// What will happen.
    pub explanation: &'static str,
    /// Whether an address is asked for.
    pub asks_address: bool,
    pub reason: Reason,
    /// Where it was refused.
    pub refused: &'static str,
    /// Once it is done.
    pub done: &'static str,
}

/// The words for a step; `is_third_party` where it is decided in the place of the applicant.
pub const fn wording(step: TransferStep, is_third_party: bool) -> Wording {
    match step {
        TransferStep::Offer => Wording {
            id: "transfert-proposer",
            button: "Transmettre à un collègue",
            title: "Transmettre la demande à un collègue",
            explanation: "Votre collègue reçoit un courriel. Une fois qu’il a accepté, il est le demandeur à votre place\u{a0}: le numéro, l’historique, les documents, les messages et les habilitations restent, et vous ne lisez plus la demande, sauf si elle vous désigne à un autre titre. D’ici là, vous pouvez reprendre votre proposition.",
            asks_address: true,
            reason: Reason::Optional,
            refused: "La proposition n’est pas partie",
            done: "Votre proposition est partie. La demande reste à vous tant que votre collègue n’a pas accepté.",
        },
        TransferStep::Ask => Wording {
            id: "transfert-demander",
            button: "Demander le transfert",
            title: "Demander le transfert de la demande",
            explanation: "Le demandeur reçoit un courriel, et peut accepter ou refuser. S’il ne répond pas en dix jours ouvrés, les personnes chargées de l’instruction ou l’administration de la plateforme décident.",
            asks_address: false,
            reason: Reason::Required,
            refused: "Le transfert n’est pas demandé",
            done: "Le transfert est demandé. Vous recevrez la réponse par courriel.",
        },
        TransferStep::Move => Wording {
            id: "transfert-imposer",
            button: "Transférer la demande",
            title: "Transférer la demande à un autre demandeur",
            explanation: "La demande passe aussitôt à cette personne, dont l’adresse et le rattachement à l’organisation doivent être vérifiés. L’ancien demandeur et le nouveau en sont prévenus par courriel.",
            asks_address: true,
            reason: Reason::Required,
            refused: "La demande n’est pas transférée",
            done: "La demande est transférée. L’ancien demandeur et le nouveau en sont prévenus.",
        },
        TransferStep::Accept | TransferStep::Refuse | TransferStep::Withdraw => answer_wording(step, is_third_party),
    }
}

const fn answer_wording(step: TransferStep, is_third_party: bool) -> Wording {
    let of_answer = if is_third_party { Reason::Required } else { Reason::Optional };
    match step {
        TransferStep::Accept => Wording {
            id: "transfert-accepter",
            button: "Accepter",
            title: "Accepter le transfert",
            explanation: "La demande change aussitôt de demandeur. Le numéro, l’historique, les documents, les messages et les habilitations restent.",
            asks_address: false,
            reason: of_answer,
            refused: "Le transfert n’est pas accepté",
            done: "Le transfert est accepté\u{a0}: la demande a changé de demandeur.",
        },
        TransferStep::Refuse => Wording {
            id: "transfert-refuser",
            button: "Refuser",
            title: "Refuser le transfert",
            explanation: "La demande reste à son demandeur. Les deux personnes en sont prévenues par courriel.",
            asks_address: false,
            reason: of_answer,
            refused: "Le transfert n’est pas refusé",
            done: "Le transfert est refusé\u{a0}: la demande reste à son demandeur.",
        },
        _ => Wording {
            id: "transfert-retirer",
            button: "Retirer",
            title: "Retirer le transfert",
            explanation: "La demande reste à son demandeur. Les deux personnes en sont prévenues par courriel.",
            asks_address: false,
            reason: Reason::None,
            refused: "Le transfert n’est pas retiré",
            done: "Le transfert est retiré\u{a0}: la demande reste à son demandeur.",
        },
    }
}

/// What waits since that day, in a sentence.
pub fn sentence(waiting: &WaitingTransfer, on: &str) -> String {
    let WaitingTransfer { kind, from, to, due_on, .. } = waiting;
    match (kind, due_on) {
        (TransferKind::Ask, Some(due_on)) => {
            let (from, due_on) = (de(from), day(*due_on));
            format!(
                "{to} a demandé le {on} à reprendre la demande {from}, qui a jusqu’au {due_on} inclus pour répondre."
            )
        }
        _ => format!("{from} a proposé le {on} de transmettre la demande à {to}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_decides_for_others_says_why() {
        for step in [TransferStep::Accept, TransferStep::Refuse] {
            assert_eq!(wording(step, true).reason, Reason::Required);
            assert_eq!(wording(step, false).reason, Reason::Optional);
        }
    }

    #[test]
    fn every_dialog_has_an_id_of_its_own() {
        let mut ids: Vec<&str> = TransferStep::ALL.iter().map(|step| wording(*step, false).id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), TransferStep::ALL.len());
    }

    #[test]
    fn what_waits_says_who_and_until_when() {
        let mut waiting = WaitingTransfer {
            kind: TransferKind::Ask,
            from: "Camille Exemple".to_owned(),
            to: "Dominique Modèle".to_owned(),
            reason: String::new(),
            created_at: "2026-11-30T09:00:00Z".parse().unwrap(),
            due_on: "2026-12-14".parse().ok(),
        };
        let asked = sentence(&waiting, "30 novembre 2026");
        assert!(asked.starts_with("Dominique Modèle a demandé") && asked.contains("14"), "{asked}");
        waiting.kind = TransferKind::Offer;
        waiting.due_on = None;
        assert!(sentence(&waiting, "30 novembre 2026").starts_with("Camille Exemple a proposé"));
    }
}
