//! The texts of each decision. No view here.

use shared::workflow::Action;

/// What the page says of each decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wording {
    /// Title of the panel.
    pub title: &'static str,
    /// Label of the comment.
    pub label: &'static str,
    /// Help for the comment.
    pub hint: &'static str,
    /// The button that sends.
    pub confirm: &'static str,
    /// Once it is done.
    pub done: &'static str,
}

/// What the button of a decision says.
pub fn label(action: Action, reopening: bool) -> &'static str {
    match wording(action, reopening) {
        Some(wording) if reopening => wording.title,
        Some(_) | None => action.label(),
    }
}

/// The words for a decision, of a request or of the update of an authorisation; `None` for what is none.
pub const fn wording(action: Action, reopening: bool) -> Option<Wording> {
    if reopening && let Some(wording) = wording_of_update(action) {
        return Some(wording);
    }
    Some(match action {
        Action::OfferPartialGrant => Wording {
            title: "Proposer un accord partiel",
            label: "Raison du retrait",
            hint: "Dites pourquoi ces données ne sont pas accordées. Le demandeur reçoit ce message, puis accepte ou décline\u{a0}; il est conservé dans l’historique.",
            confirm: "Proposer un accord partiel",
            done: "L’accord partiel est proposé. Le demandeur en est informé par courriel\u{a0}: il l’accepte ou le décline.",
        },
        Action::RequestChanges => Wording {
            title: "Demander des modifications",
            label: "Message au demandeur",
            hint: "Facultatif si des points sont signalés. Ce message est envoyé au demandeur et conservé dans l’historique.",
            confirm: "Envoyer au demandeur",
            done: "Des modifications ont été demandées. Le demandeur en est informé par courriel.",
        },
        Action::Validate => Wording {
            title: "Valider la demande",
            label: "Message au demandeur (facultatif)",
            hint: "Ce message accompagne l’habilitation\u{a0}; il est conservé dans l’historique.",
            confirm: "Valider la demande",
            done: "La demande est validée. Le demandeur en est informé par courriel.",
        },
        Action::Refuse => Wording {
            title: "Refuser la demande",
            label: "Raison du refus",
            hint: "Cette raison est envoyée au demandeur et conservée dans l’historique.",
            confirm: "Refuser la demande",
            done: "La demande est refusée. Le demandeur en est informé par courriel.",
        },
        Action::Revoke => Wording {
            title: "Révoquer l’habilitation",
            label: "Raison de la révocation",
            hint: "L’habilitation cesse d’être en vigueur. Cette raison est envoyée au demandeur et conservée dans l’historique.",
            confirm: "Révoquer l’habilitation",
            done: "L’habilitation est révoquée. Le demandeur en est informé par courriel.",
        },
        Action::Archive => Wording {
            title: "Archiver la demande",
            label: "Commentaire (facultatif)",
            hint: "La demande sort des listes et ne peut plus être traitée. Ce commentaire est conservé dans l’historique.",
            confirm: "Archiver la demande",
            done: "La demande est archivée.",
        },
        _ => return None,
    })
}

/// The words for a decision on the update of an authorisation, where they differ from those for a request.
const fn wording_of_update(action: Action) -> Option<Wording> {
    Some(match action {
        Action::Validate => Wording {
            title: "Valider la mise à jour",
            label: "Message au demandeur (facultatif)",
            hint: "Une nouvelle habilitation remplace celle en vigueur. Ce message l’accompagne\u{a0}; il est conservé dans l’historique.",
            confirm: "Valider la mise à jour",
            done: "La mise à jour est validée\u{a0}: une nouvelle habilitation est en vigueur. Le demandeur en est informé par courriel.",
        },
        Action::Refuse => Wording {
            title: "Refuser la mise à jour",
            label: "Raison du refus",
            hint: "L’habilitation en vigueur reste valable. Cette raison est envoyée au demandeur et conservée dans l’historique.",
            confirm: "Refuser la mise à jour",
            done: "La mise à jour est refusée\u{a0}; l’habilitation reste en vigueur. Le demandeur en est informé par courriel.",
        },
        Action::Revoke => Wording {
            title: "Révoquer l’habilitation",
            label: "Raison de la révocation",
            hint: "L’habilitation cesse d’être en vigueur et la mise à jour est abandonnée. Cette raison est envoyée au demandeur et conservée dans l’historique.",
            confirm: "Révoquer l’habilitation",
            done: "L’habilitation est révoquée. Le demandeur en est informé par courriel.",
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_is_decided_in_its_own_words() {
        assert_eq!(label(Action::Validate, false), "Valider");
        assert_eq!(label(Action::Validate, true), "Valider la mise à jour");
        assert_eq!(label(Action::RequestChanges, true), "Demander des modifications");
        assert!(wording(Action::Refuse, true).unwrap().hint.contains("reste valable"));
    }
}
