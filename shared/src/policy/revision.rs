//! From one revision of a policy to the next: what changed for the applicant, and what a draft keeps.

use super::{Contact, DocumentRequest, ExtraField, ExtraFieldType, Policy, Scope};
use crate::draft::{Answer, Draft};
use crate::field::Field;
use crate::team_member::TeamMemberType;

/// What an applicant should know of the change, one sentence each, in French. Empty where nothing concerns them.
pub fn changes(before: &Policy, after: &Policy) -> Vec<String> {
    let mut lines = Vec::new();
    listed(&mut lines, &before.scopes, &after.scopes, &SCOPES);
    listed(&mut lines, &before.extra_fields, &after.extra_fields, &QUESTIONS);
    listed(&mut lines, &before.contacts, &after.contacts, &CONTACTS);
    listed(&mut lines, &before.documents, &after.documents, &DOCUMENTS);
    if before.rules != after.rules || before.constraints != after.constraints {
        lines.push("Les règles qu’une demande doit respecter pour être soumise ont changé.".to_owned());
    }
    if before.cgu_url != after.cgu_url {
        lines.push("Les conditions générales d’utilisation ont changé\u{a0}: relisez-les.".to_owned());
    }
    if lines.is_empty() && before.introduction != after.introduction {
        lines.push("Les explications en tête du formulaire ont changé.".to_owned());
    }
    lines
}

/// How the changes of a list are told.
struct Wording<T> {
    id: fn(&T) -> String,
    label: fn(&T) -> String,
    /// What counts of it: help may be worded better without anything changing.
    conditions: fn(&T) -> T,
    added: &'static str,
    removed: &'static str,
    altered: &'static str,
}

const SCOPES: Wording<Scope> = Wording {
    id: |scope| scope.id.clone(),
    label: |scope| scope.label.clone(),
    conditions: |scope| Scope { help: String::new(), ..scope.clone() },
    added: "Nouvelle donnée proposée",
    removed: "Donnée qui n’est plus proposée",
    altered: "Donnée dont le libellé ou les conditions ont changé",
};

const QUESTIONS: Wording<ExtraField> = Wording {
    id: |question| question.id.clone(),
    label: |question| question.label.clone(),
    conditions: ExtraField::clone,
    added: "Nouvelle question",
    removed: "Question qui n’est plus posée",
    altered: "Question qui a changé",
};

const CONTACTS: Wording<Contact> = Wording {
    id: |contact| contact.kind.to_string(),
    label: |contact| contact.label.clone(),
    conditions: Contact::clone,
    added: "Nouvelle personne à désigner",
    removed: "Personne qui n’est plus à désigner",
    altered: "Personne pour laquelle les informations demandées ont changé",
};

const DOCUMENTS: Wording<DocumentRequest> = Wording {
    id: |document| document.kind.to_string(),
    label: |document| document.label.clone().unwrap_or_else(|| document.kind.label().to_owned()),
    conditions: DocumentRequest::clone,
    added: "Nouveau document",
    removed: "Document qui n’est plus demandé",
    altered: "Document dont les conditions ont changé",
};

fn listed<T: PartialEq>(lines: &mut Vec<String>, before: &[T], after: &[T], wording: &Wording<T>) {
    let mut say = |what: &str, item: &T| lines.push(format!("{what}\u{a0}: {}.", (wording.label)(item)));
    for item in after {
        match before.iter().find(|other| (wording.id)(other) == (wording.id)(item)) {
            None => say(wording.added, item),
            Some(other) if (wording.conditions)(other) != (wording.conditions)(item) => say(wording.altered, item),
            Some(_) => {}
        }
    }
    for item in before {
        if !after.iter().any(|other| (wording.id)(other) == (wording.id)(item)) {
            say(wording.removed, item);
        }
    }
}

/// A draft of one revision as the next one takes it: without what that one does not know, with what it always asks for, and
/// with the consents to be given again whose text is another.
pub fn renewed(before: &Policy, after: &Policy, draft: Draft) -> Draft {
    let mut draft = fitted(after, draft);
    for field in stale_consents(before, after, &draft) {
        withdraw(&mut draft, &field);
    }
    draft
}

/// The consents of a draft that were given to a text which is another now: terms of use at a new address, an attestation
/// in other words.
pub fn stale_consents(before: &Policy, after: &Policy, draft: &Draft) -> Vec<Field> {
    let label = |policy: &Policy, id: &str| policy.extra_field(id).map(|question| question.label.clone());
    let is_stale = |consent: &Field| match consent {
        Field::CguApproved => draft.cgu_approved && before.cgu_url != after.cgu_url,
        Field::Additional(id) => draft.is_ticked(id) && label(before, id) != label(after, id),
        _ => false,
    };
    consents(after).into_iter().filter(is_stale).collect()
}

/// The fields of a policy that are consents to a text which it gives.
pub fn consents(policy: &Policy) -> Vec<Field> {
    let attestations = policy.extra_fields.iter().filter(|question| question.is_attestation());
    let attestations = attestations.map(|question| Field::Additional(question.id.clone()));
    std::iter::once(Field::CguApproved).chain(attestations).collect()
}

/// Empties the box of a consent.
pub fn withdraw(draft: &mut Draft, consent: &Field) {
    match consent {
        Field::CguApproved => draft.cgu_approved = false,
        Field::Additional(id) => {
            draft.additional_content.insert(id.clone(), Answer::Bool(false));
        }
        _ => {}
    }
}

/// The draft without what a policy does not know, and with what it always asks for.
pub fn fitted(policy: &Policy, mut draft: Draft) -> Draft {
    draft.scopes.retain(|id| policy.scope(id).is_some());
    draft = policy.with_locked_scopes(draft);
    draft.additional_content.retain(|id, answer| {
        let is_tick = matches!(answer, Answer::Bool(_));
        let fits = |question: &ExtraField| (question.kind == ExtraFieldType::Boolean) == is_tick;
        policy.extra_field(id).is_some_and(fits) || (!is_tick && policy.scope_of_purpose(id).is_some())
    });
    if policy.demarche(&draft.demarche).is_none() {
        draft.demarche.clear();
    }
    let mut seen = std::collections::BTreeSet::new();
    draft.team_members.retain(|member| {
        let is_first = seen.insert(member.kind);
        match policy.contact(member.kind) {
            Some(contact) => is_first || contact.multiple,
            None => member.kind == TeamMemberType::Demandeur && is_first,
        }
    });
    draft
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(scopes: serde_json::Value, questions: serde_json::Value) -> Policy {
        serde_json::from_value(json!({
            "label": "API Essai", "provider": {"id": "p", "label": "P"}, "description": "d", "sections": [], "rules": [],
            "support_email": "a@b.fr", "scopes": scopes, "extra_fields": questions,
        }))
        .unwrap()
    }

    #[test]
    fn what_changed_is_said_and_only_that() {
        let question = json!([{"id": "q", "section": "donnees", "type": "text", "label": "Pourquoi"}]);
        let before = policy(json!([{"id": "a", "label": "A"}, {"id": "b", "label": "B"}]), json!([]));
        let after =
            policy(json!([{"id": "b", "label": "Bé", "help": "Ce qu’il y a."}, {"id": "c", "label": "C"}]), question);
        assert_eq!(
            changes(&before, &after),
            [
                "Donnée dont le libellé ou les conditions ont changé\u{a0}: Bé.",
                "Nouvelle donnée proposée\u{a0}: C.",
                "Donnée qui n’est plus proposée\u{a0}: A.",
                "Nouvelle question\u{a0}: Pourquoi.",
            ]
        );
        assert!(changes(&after, &after).is_empty());
        let mut helped = after.clone();
        helped.scopes.iter_mut().for_each(|scope| scope.help = "Dit mieux.".to_owned());
        assert!(changes(&after, &helped).is_empty(), "nothing changes for the applicant");
    }

    #[test]
    fn a_consent_is_to_a_text() {
        let terms = |url: &str, label: &str, is_required: bool| Policy {
            cgu_url: Some(url.to_owned()),
            ..policy(
                json!([]),
                json!([{"id": "q", "section": "cgu", "type": "boolean", "label": label, "required": is_required}]),
            )
        };
        let draft: Draft = serde_json::from_value(json!({
            "cgu_approved": true, "dpo_is_informed": true, "additional_content": {"q": true},
        }))
        .unwrap();
        let before = terms("https://exemple.fr/1", "J’atteste", true);
        let kept = |after: &Policy| {
            let renewed = renewed(&before, after, draft.clone());
            assert!(renewed.dpo_is_informed, "these words are not a policy’s");
            (renewed.cgu_approved, renewed.is_ticked("q"))
        };
        assert_eq!(kept(&before), (true, true));
        assert_eq!(kept(&terms("https://exemple.fr/2", "J’atteste", true)), (false, true));
        assert_eq!(kept(&terms("https://exemple.fr/1", "Je jure", true)), (true, false));
        assert_eq!(kept(&terms("https://exemple.fr/1", "Je jure", false)), (true, true), "a choice is no consent");
        let empty = Draft::default();
        assert!(stale_consents(&before, &terms("https://exemple.fr/2", "Je jure", true), &empty).is_empty());
    }

    #[test]
    fn a_draft_keeps_what_the_new_revision_knows() {
        let question = json!([{"id": "q", "section": "donnees", "type": "text", "label": "Pourquoi"}]);
        let policy = policy(json!([{"id": "b", "label": "B"}, {"id": "c", "label": "C", "locked": true}]), question);
        let draft: Draft = serde_json::from_value(json!({
            "intitule": "Cantine", "demarche": "ancienne", "scopes": ["a", "b"],
            "additional_content": {"q": true, "r": "x"},
            "team_members": [{"type": "demandeur"}, {"type": "comptable", "email": "c@exemple.fr"}],
        }))
        .unwrap();
        let expected: Draft = serde_json::from_value(json!({
            "intitule": "Cantine", "scopes": ["b", "c"], "team_members": [{"type": "demandeur"}],
        }))
        .unwrap();
        assert_eq!(fitted(&policy, draft), expected);
    }
}
