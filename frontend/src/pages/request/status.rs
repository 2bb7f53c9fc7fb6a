//! The notice at the top of a request: its status and what happens next. No view here.

use shared::enrollment::{AuthorisationState, AuthorisationSummary, Enrollment};
use shared::event::Event;
use shared::rights::instructs;
use shared::user::User;
use shared::workflow::EventName;
use shared::workflow::{Action, Status};

/// What the reader is to the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// They filed it.
    Applicant,
    /// They decide, or see to those who do.
    Instructor,
    /// They only read.
    Other,
}

impl Reader {
    /// What that user is to that request.
    pub fn of(user: &User, enrollment: &Enrollment) -> Self {
        if user.id == enrollment.demandeur_id {
            Self::Applicant
        } else if instructs(user, &enrollment.target_api, &enrollment.counts_as) || user.is_administrator() {
            Self::Instructor
        } else {
            Self::Other
        }
    }
}

/// What the reader is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// In short.
    pub title: &'static str,
    /// What happens next.
    pub text: &'static str,
}

/// What that reader is told of that request.
pub fn notice(reader: Reader, enrollment: &Enrollment) -> Notice {
    let (title, text) = match reader {
        Reader::Applicant if enrollment.offer.is_some() => (
            "Un accord partiel vous est proposé",
            "Lisez ci-dessous ce qui serait accordé et ce qui est retiré, puis acceptez ou déclinez. D’ici là, la demande ne \
             peut pas être modifiée.",
        ),
        Reader::Instructor | Reader::Other if enrollment.offer.is_some() => {
            ("Un accord partiel est proposé", "Le demandeur doit l’accepter ou le décliner.")
        }
        Reader::Applicant if enrollment.reopening => update_for_applicant(enrollment.status),
        Reader::Instructor | Reader::Other if enrollment.reopening => update_for_others(enrollment),
        Reader::Applicant => for_applicant(enrollment),
        Reader::Instructor => for_instructor(enrollment),
        Reader::Other => for_others(enrollment.status),
    };
    Notice { title, text }
}

fn for_applicant(enrollment: &Enrollment) -> (&'static str, &'static str) {
    match enrollment.status {
        Status::Draft => (
            "Votre demande n’est pas encore envoyée",
            "Complétez-la, puis soumettez-la\u{a0}: elle sera alors transmise aux personnes chargées de l’instruction.",
        ),
        Status::Submitted => (
            "Votre demande est en cours d’instruction",
            "Vous serez prévenu par courriel dès qu’une décision sera prise. D’ici là, la demande ne peut plus être \
             modifiée.",
        ),
        Status::ChangesRequested => (
            "Des modifications vous sont demandées",
            "Modifiez votre demande en tenant compte du message ci-dessous, puis soumettez-la de nouveau.",
        ),
        Status::Validated => (
            "Votre demande est validée",
            "Votre organisation est habilitée à utiliser les données décrites ci-dessous.",
        ),
        Status::Refused => (
            "Votre demande est refusée",
            "La raison est donnée ci-dessous. Si votre projet évolue, vous pouvez déposer une nouvelle demande.",
        ),
        Status::Revoked => (
            "Votre habilitation est révoquée",
            "Votre organisation ne peut plus utiliser ces données. La raison est donnée ci-dessous.",
        ),
        Status::Archived => ("Cette demande est archivée", "Elle est conservée, mais ne peut plus être traitée."),
        Status::Deleted => DELETED,
    }
}

/// Only the applicant sees it.
const DELETED: (&str, &str) = (
    "Ce brouillon est supprimé",
    "Vous pouvez le rétablir pendant 30 jours. Il est ensuite effacé, avec ses fichiers.",
);

/// Of an update, as long as it is one.
const fn update_for_applicant(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Submitted => (
            "Votre mise à jour est en cours d’instruction",
            "Vous serez prévenu par courriel dès qu’une décision sera prise. D’ici là, elle ne peut plus être modifiée.",
        ),
        Status::ChangesRequested => (
            "Des modifications de votre mise à jour vous sont demandées",
            "Modifiez-la en tenant compte du message ci-dessous, puis soumettez-la de nouveau.",
        ),
        _ => (
            "Votre mise à jour n’est pas encore envoyée",
            "Modifiez ce qui doit l’être, puis soumettez-la\u{a0}: elle sera alors transmise aux personnes chargées de l’instruction.",
        ),
    }
}

fn update_for_others(enrollment: &Enrollment) -> (&'static str, &'static str) {
    match enrollment.status {
        Status::Submitted if enrollment.allows(Action::Validate) => {
            ("Cette mise à jour attend votre décision", "Vérifiez ce qui change, puis choisissez une décision.")
        }
        Status::Submitted => ("Cette mise à jour est en cours d’instruction", "Aucune décision n’a encore été prise."),
        Status::ChangesRequested => (
            "En attente du demandeur",
            "Des modifications de la mise à jour ont été demandées\u{a0}; son contenu peut encore changer.",
        ),
        _ => (
            "Mise à jour en brouillon",
            "La mise à jour n’a pas encore été soumise\u{a0}: son contenu peut encore changer.",
        ),
    }
}

fn for_instructor(enrollment: &Enrollment) -> (&'static str, &'static str) {
    let may_decide = enrollment.allows(Action::Validate);
    match enrollment.status {
        Status::Draft => ("Brouillon", "La demande n’a pas encore été soumise\u{a0}: son contenu peut encore changer."),
        Status::Submitted if may_decide => {
            ("Cette demande attend votre décision", "Vérifiez les réponses, puis choisissez une décision.")
        }
        Status::Submitted => {
            ("Cette demande est en cours d’instruction", "La décision revient aux personnes chargées de l’instruction.")
        }
        Status::ChangesRequested => (
            "En attente du demandeur",
            "Des modifications ont été demandées ; le contenu ci-dessous peut encore changer d’ici la nouvelle \
             soumission.",
        ),
        Status::Validated => ("Cette demande est validée", "L’habilitation est en vigueur et publiée."),
        Status::Refused => ("Cette demande est refusée", "Le demandeur en a été informé."),
        Status::Revoked => {
            ("Cette habilitation est révoquée", "Elle n’est plus publiée. Le demandeur en a été informé.")
        }
        Status::Archived => (
            "Cette demande est archivée",
            "Elle est conservée, mais ne peut plus être traitée. Le filtre «\u{a0}Archivée\u{a0}» de la liste la retrouve.",
        ),
        Status::Deleted => DELETED,
    }
}

fn for_others(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Draft => ("Brouillon", "La demande n’a pas encore été soumise\u{a0}: son contenu peut encore changer."),
        Status::Submitted => ("Cette demande est en cours d’instruction", "Aucune décision n’a encore été prise."),
        Status::ChangesRequested => (
            "En attente du demandeur",
            "Des modifications lui ont été demandées\u{a0}; le contenu peut encore changer.",
        ),
        Status::Validated => ("Cette demande est validée", "L’habilitation est en vigueur."),
        Status::Refused => ("Cette demande est refusée", "L’habilitation n’a pas été accordée."),
        Status::Revoked => ("Cette habilitation est révoquée", "Les données ne peuvent plus être utilisées."),
        Status::Archived => ("Cette demande est archivée", "Elle est conservée, mais ne peut plus être traitée."),
        Status::Deleted => DELETED,
    }
}

/// Whether what changed since the submission before still matters. Once decided, what counts is the text as it is; the
/// history keeps the changes.
pub const fn shows_changes(status: Status) -> bool {
    match status {
        Status::Draft | Status::Submitted | Status::ChangesRequested => true,
        Status::Validated | Status::Refused | Status::Revoked | Status::Archived | Status::Deleted => false,
    }
}

/// What is told of a request whose last update was refused.
pub const REFUSED_UPDATE: Notice = Notice {
    title: "La mise à jour est refusée\u{a0}; l’habilitation reste en vigueur",
    text: "La raison est donnée ci-dessous. Rien n’est changé à ce qui avait été accordé.",
};

/// Whether the last word about what was granted is that an update of it was refused.
pub fn is_update_refused(status: Status, events: &[Event]) -> bool {
    let ends = |event: &&Event| {
        matches!(
            event.name,
            EventName::Validate | EventName::AcceptOffer | EventName::Refuse | EventName::CancelReopening
        )
    };
    let last = events.iter().rev().find(ends);
    status == Status::Validated && last.is_some_and(|event| event.name == EventName::Refuse)
}

/// Whether an update was never sent back: what changed is then told against what is in force.
pub fn is_first_submission_of_update(events: &[Event]) -> bool {
    let mut since = events.iter().rev().take_while(|event| event.name != EventName::Reopen);
    since.all(|event| event.name != EventName::RequestChanges)
}

/// The authorisation that gives a right now.
pub fn in_force(enrollment: &Enrollment) -> Option<&AuthorisationSummary> {
    enrollment.authorisations.iter().find(|authorisation| authorisation.state == AuthorisationState::Active)
}

/// The decision that led to the present status, with what was written about it.
pub fn last_decision(status: Status, events: &[Event]) -> Option<&Event> {
    let name = match status {
        Status::ChangesRequested => EventName::RequestChanges,
        Status::Validated if is_update_refused(status, events) => EventName::Refuse,
        Status::Validated => return grant(events),
        Status::Submitted if is_offer_declined(status, events) => EventName::DeclineOffer,
        Status::Refused => EventName::Refuse,
        Status::Revoked => EventName::Revoke,
        Status::Draft | Status::Submitted | Status::Archived | Status::Deleted => return None,
    };
    events.iter().rev().find(|event| event.name == name && !event.comment.trim().is_empty())
}

/// The decision that granted it, with its words: of a partial grant, those of the offer that was accepted.
fn grant(events: &[Event]) -> Option<&Event> {
    let is_grant = |event: &Event| matches!(event.name, EventName::Validate | EventName::AcceptOffer);
    let last = events.iter().rposition(is_grant)?;
    let mut before = events.iter().take(last + 1).rev();
    let decision = before.find(|event| matches!(event.name, EventName::Validate | EventName::OfferPartialGrant))?;
    (!decision.comment.trim().is_empty()).then_some(decision)
}

/// Whether the last word about a request that waits is that the applicant declined a partial grant.
pub fn is_offer_declined(status: Status, events: &[Event]) -> bool {
    let last = events.iter().rev().find(|event| matches!(event.name, EventName::Submit | EventName::DeclineOffer));
    status == Status::Submitted && last.is_some_and(|event| event.name == EventName::DeclineOffer)
}

/// The decisions that the caller may take, in the order of their buttons.
pub fn decisions(enrollment: &Enrollment) -> Vec<Action> {
    [Action::RequestChanges, Action::Validate, Action::Refuse, Action::Revoke, Action::Archive]
        .into_iter()
        .filter(|&action| enrollment.allows(action))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::request::samples;

    fn user(id: i64, roles: &[&str]) -> User {
        serde_json::from_value(serde_json::json!({
            "id": id, "email": "a@exemple.fr", "email_verified": true, "given_name": "", "family_name": "",
            "phone_number": "", "job": "", "organizations": [], "roles": roles,
        }))
        .unwrap()
    }

    #[test]
    fn a_reader_is_told_what_concerns_them() {
        let enrollment = samples::enrollment();
        assert_eq!(Reader::of(&user(3, &["essai:instructor"]), &enrollment), Reader::Applicant);
        assert_eq!(Reader::of(&user(4, &["essai:instructor"]), &enrollment), Reader::Instructor);
        assert_eq!(Reader::of(&user(4, &["autre:instructor"]), &enrollment), Reader::Other);
        assert_eq!(Reader::of(&user(4, &["administrator"]), &enrollment), Reader::Instructor);
        let title = |reader| notice(reader, &enrollment).title;
        assert_eq!(title(Reader::Applicant), "Votre demande est en cours d’instruction");
        assert_eq!(title(Reader::Instructor), "Cette demande attend votre décision");
        assert_eq!(title(Reader::Other), "Cette demande est en cours d’instruction");
        let update = Enrollment { reopening: true, ..enrollment.clone() };
        assert_eq!(notice(Reader::Instructor, &update).title, "Cette mise à jour attend votre décision");
    }

    #[test]
    fn the_last_comment_is_that_of_the_present_status() {
        let event = |id: i64, name: &str, comment: &str| -> Event {
            serde_json::from_value(serde_json::json!({
                "id": id, "name": name, "comment": comment, "changes": [], "author": "A",
                "created_at": "2026-01-02T03:04:05Z",
            }))
            .unwrap()
        };
        let events = [event(1, "request_changes", "a"), event(2, "submit", ""), event(3, "request_changes", "b")];
        assert_eq!(last_decision(Status::ChangesRequested, &events).map(|event| event.id), Some(3));
        assert_eq!(last_decision(Status::Submitted, &events), None);
        assert_eq!(last_decision(Status::Refused, &events), None);

        let mut events = vec![event(1, "validate", "a"), event(2, "reopen", ""), event(3, "refuse", "b")];
        assert!(is_update_refused(Status::Validated, &events));
        assert!(is_first_submission_of_update(&events));
        assert_eq!(last_decision(Status::Validated, &events).map(|event| event.id), Some(3));
        events.extend([event(4, "reopen", ""), event(5, "cancel_reopening", "")]);
        assert!(!is_update_refused(Status::Validated, &events));
        assert_eq!(last_decision(Status::Validated, &events).map(|event| event.id), Some(1));
    }

    #[test]
    fn a_partial_grant_is_told_in_the_words_of_its_offer() {
        let event = |id: i64, name: &str, comment: &str| -> Event {
            serde_json::from_value(serde_json::json!({
                "id": id, "name": name, "comment": comment, "changes": [], "author": "A",
                "created_at": "2026-01-02T03:04:05Z",
            }))
            .unwrap()
        };
        let mut events =
            vec![event(1, "submit", ""), event(2, "offer_partial_grant", "a"), event(3, "decline_offer", "b")];
        assert!(is_offer_declined(Status::Submitted, &events));
        assert_eq!(last_decision(Status::Submitted, &events).map(|event| event.id), Some(3));
        events.extend([event(4, "offer_partial_grant", "c"), event(5, "accept_offer", "")]);
        assert_eq!(last_decision(Status::Validated, &events).map(|event| event.id), Some(4));
        events.extend([event(6, "reopen", ""), event(7, "submit", ""), event(8, "offer_partial_grant", "d")]);
        events.push(event(9, "cancel_reopening", ""));
        assert_eq!(last_decision(Status::Validated, &events).map(|event| event.id), Some(4), "that one was given up");
        assert!(!is_offer_declined(Status::Submitted, &events));
    }

    #[test]
    fn decisions_come_in_the_order_of_their_buttons() {
        let mut enrollment = samples::enrollment();
        enrollment.actions = vec![Action::Archive, Action::Update, Action::Validate, Action::RequestChanges];
        assert_eq!(decisions(&enrollment), [Action::RequestChanges, Action::Validate, Action::Archive]);
    }
}
