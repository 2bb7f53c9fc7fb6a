//! The texts of the policies are fit to print: French typography, no mailbox but the services'.

use shared::policy::Policy;

use super::policies;

/// The sentences of a policy that are ours, not names that somebody else gave.
fn written_texts(policy: &Policy) -> Vec<&str> {
    let mut texts = vec![policy.description.as_str()];
    texts.extend(policy.introduction.iter().map(String::as_str));
    texts.extend(policy.warnings.values().map(String::as_str));
    for contact in &policy.contacts {
        texts.extend([contact.label.as_str(), contact.description.as_str()]);
    }
    texts.extend(policy.documents.iter().map(|document| document.hint.as_str()));
    for question in &policy.extra_fields {
        texts.extend([question.label.as_str(), question.hint.as_str()]);
        texts.extend(question.options.iter().map(|option| option.label.as_str()));
    }
    texts.extend(policy.constraints.iter().map(|constraint| constraint.message.as_str()));
    for mail in policy.mails.values() {
        texts.extend(mail.subject.as_deref());
        texts.extend(mail.body.as_deref());
    }
    for notice in &policy.notices {
        texts.extend([notice.subject.as_str(), notice.body.as_str()]);
    }
    texts.extend(policy.naf.iter().map(|naf| naf.message.as_str()));
    texts.extend(policy.scopes.iter().map(|scope| scope.help.as_str()));
    for demarche in &policy.demarches {
        texts.push(&demarche.legal_basis_hint);
        let members = demarche.prefill.iter().filter(|(member, _)| *member != "intitule");
        texts.extend(members.filter_map(|(_, value)| value.as_str()));
    }
    texts
}

#[test]
fn texts_are_typeset() {
    let mut problems = Vec::new();
    for policy in policies().values() {
        for text in written_texts(policy) {
            for wrong in ["'", "\"", " :", " ;", " ?", " !", "« ", " »", "  ", "..."] {
                if text.contains(wrong) {
                    problems.push(format!("{}: {wrong:?} in {text}", policy.target_api));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn texts_name_no_other_mailbox() {
    for policy in policies().values() {
        for text in written_texts(policy) {
            let other_mailbox = text.replace(&policy.support_email, "").contains('@');
            assert!(!other_mailbox, "{}: {text}", policy.target_api);
        }
    }
}

#[test]
fn mails_lead_to_the_request() {
    for policy in policies().values() {
        for (event, mail) in &policy.mails {
            if let Some(body) = &mail.body {
                assert!(body.contains("{{ url }}"), "{}/{event}", policy.target_api);
            }
        }
    }
}
