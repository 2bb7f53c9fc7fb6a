//! From one revision of a policy to the next: what changed for the applicant, and what a draft keeps.

use super::{Contact, DocumentRequest, ExtraField, ExtraFieldType, Policy, Scope};
use crate::enrollment::{Answer, Draft};
use crate::team_member::TeamMemberType;

/// What an applicant should know of the change, one sentence each, in French. Empty where nothing concerns them.
pub fn changes(before: &Policy, after: &Policy) -> Vec<String> {
    let mut lines = Vec::new();
    listed(
        &mut lines,
        &before.scopes,
        &after.scopes,
        &Part {
            id: |scope: &Scope| scope.id.clone(),
            label: |scope| scope.label.clone(),
            added: "Nouvelle donnée proposée",
            removed: "Donnée qui n’est plus proposée",
            altered: "Donnée dont le libellé ou les conditions ont changé",
        },
    );
    listed(
        &mut lines,
        &before.extra_fields,
        &after.extra_fields,
        &Part {
            id: |question: &ExtraField| question.id.clone(),
            label: |question| question.label.clone(),
            added: "Nouvelle question",
            removed: "Question qui n’est plus posée",
            altered: "Question qui a changé",
        },
    );
    listed(
        &mut lines,
        &before.contacts,
        &after.contacts,
        &Part {
            id: |contact: &Contact| contact.kind.to_string(),
            label: |contact| contact.label.clone(),
            added: "Nouvelle personne à désigner",
            removed: "Personne qui n’est plus à désigner",
            altered: "Personne pour laquelle les informations demandées ont changé",
        },
    );
    listed(
        &mut lines,
        &before.documents,
        &after.documents,
        &Part {
            id: |document: &DocumentRequest| document.kind.to_string(),
            label: |document| document.label.clone().unwrap_or_else(|| document.kind.label().to_owned()),
            added: "Nouveau document",
            removed: "Document qui n’est plus demandé",
            altered: "Document dont les conditions ont changé",
        },
    );
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

struct Part<T> {
    id: fn(&T) -> String,
    label: fn(&T) -> String,
    added: &'static str,
    removed: &'static str,
    altered: &'static str,
}

fn listed<T: PartialEq>(lines: &mut Vec<String>, before: &[T], after: &[T], part: &Part<T>) {
    let mut say = |what: &str, item: &T| lines.push(format!("{what}\u{a0}: {}.", (part.label)(item)));
    for item in after {
        match before.iter().find(|other| (part.id)(other) == (part.id)(item)) {
            None => say(part.added, item),
            Some(other) if other != item => say(part.altered, item),
            Some(_) => {}
        }
    }
    for item in before {
        if !after.iter().any(|other| (part.id)(other) == (part.id)(item)) {
            say(part.removed, item);
        }
    }
}

/// The draft without what a policy does not know, and with what it always asks for.
pub fn fitted(policy: &Policy, mut draft: Draft) -> Draft {
    draft.scopes.retain(|id| policy.scope(id).is_some());
    draft.scopes.extend(policy.scopes.iter().filter(|scope| scope.locked).map(|scope| scope.id.clone()));
    draft.additional_content.retain(|id, answer| {
        policy
            .extra_field(id)
            .is_some_and(|question| (question.kind == ExtraFieldType::Boolean) == matches!(answer, Answer::Bool(_)))
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
        let after = policy(json!([{"id": "b", "label": "Bé"}, {"id": "c", "label": "C"}]), question);
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
