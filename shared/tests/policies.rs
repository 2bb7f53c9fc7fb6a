//! The policy files hold together: what one part of a file names exists in another, and its texts are fit to print.
//!
//! Whether a file can be read at all is checked on the way. The files under `bases/` are no policies.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Map, Value};
use shared::enrollment::Draft;
use shared::field::Field;
use shared::organization::Siret;
use shared::policy::{ExtraFieldType, Policy, Section};
use shared::team_member::{Attribute, TeamMemberType};
use shared::validation::formats::is_web_address;
use shared::validation::{Candidate, Stage, validate};

/// Every policy, by name.
fn policies() -> Vec<Policy> {
    let mut policies: Vec<Policy> = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/policies"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| {
            let mut policy: Policy = toml::from_str(&fs::read_to_string(&path).unwrap())
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            path.file_stem().unwrap().to_str().unwrap().clone_into(&mut policy.target_api);
            policy
        })
        .collect();
    policies.sort_by(|a, b| a.target_api.cmp(&b.target_api));
    policies
}

/// What fills in a draft: the policy's own prefill and those of its use cases, with a name for the failure message.
fn prefills(policy: &Policy) -> Vec<(String, &Map<String, Value>)> {
    let of_demarches =
        policy.demarches.iter().map(|demarche| (format!("{}/{}", policy.target_api, demarche.id), &demarche.prefill));
    [(policy.target_api.clone(), &policy.prefill)].into_iter().chain(of_demarches).collect()
}

/// The ids that a box may be ticked for: scopes, and questions answered by yes.
fn boxes(policy: &Policy) -> Vec<&str> {
    let questions = policy.extra_fields.iter().filter(|question| question.kind == ExtraFieldType::Boolean);
    policy.scopes.iter().map(|scope| scope.id.as_str()).chain(questions.map(|question| question.id.as_str())).collect()
}

/// The sentences of a policy that are ours, not names that somebody else gave.
fn written_texts(policy: &Policy) -> Vec<&str> {
    let mut texts = vec![policy.description.as_str()];
    texts.extend(policy.introduction.iter().map(String::as_str));
    texts.extend(policy.scopes.iter().filter_map(|scope| scope.warning.as_deref()));
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
    for demarche in &policy.demarches {
        let members = demarche.prefill.iter().filter(|(member, _)| *member != "intitule");
        texts.extend(members.filter_map(|(_, value)| value.as_str()));
    }
    texts
}

fn first_duplicate<T: Ord>(items: impl IntoIterator<Item = T>) -> Option<T> {
    let mut seen = BTreeSet::new();
    items.into_iter().find_map(|item| seen.replace(item))
}

#[test]
fn the_policies_are_complete() {
    // Scopes, groups, use cases, editors, contacts, files, own questions.
    let counts: Vec<(String, [usize; 7])> = policies()
        .into_iter()
        .map(|policy| {
            let counts = [
                policy.scopes.len(),
                policy.scope_groups.len(),
                policy.demarches.len(),
                policy.editors.len(),
                policy.contacts.len(),
                policy.documents.len(),
                policy.extra_fields.len(),
            ];
            (policy.target_api, counts)
        })
        .collect();
    let counts: Vec<(&str, [usize; 7])> = counts.iter().map(|(name, counts)| (name.as_str(), *counts)).collect();
    assert_eq!(
        counts,
        [
            ("api_impot_particulier_production", [0, 0, 0, 0, 0, 2, 6]),
            ("api_impot_particulier_sandbox", [39, 10, 7, 0, 4, 3, 3]),
            ("api_particulier", [31, 11, 27, 30, 4, 2, 0]),
            ("franceconnect", [9, 3, 4, 0, 4, 2, 2]),
        ]
    );
}

#[test]
fn no_id_is_used_twice() {
    for policy in policies() {
        let name = &policy.target_api;
        assert_eq!(first_duplicate(boxes(&policy)), None, "{name}");
        assert_eq!(first_duplicate(policy.scope_groups.iter().map(|group| &group.id)), None, "{name}");
        assert_eq!(first_duplicate(policy.demarches.iter().map(|demarche| &demarche.id)), None, "{name}");
        assert_eq!(first_duplicate(policy.editors.iter().map(|editor| &editor.siret)), None, "{name}");
        assert_eq!(first_duplicate(policy.contacts.iter().map(|contact| contact.kind)), None, "{name}");
        assert_eq!(first_duplicate(policy.documents.iter().map(|document| document.kind)), None, "{name}");
        assert_eq!(first_duplicate(policy.extra_fields.iter().map(|question| &question.id)), None, "{name}");
        assert_eq!(first_duplicate(&policy.sections), None, "{name}");
        assert_eq!(first_duplicate(&policy.rules), None, "{name}");
    }
}

#[test]
fn groups_are_declared_and_used() {
    for policy in policies() {
        let declared: BTreeSet<&String> = policy.scope_groups.iter().map(|group| &group.id).collect();
        let used: BTreeSet<&String> = policy.scopes.iter().filter_map(|scope| scope.group.as_ref()).collect();
        assert_eq!(declared, used, "{}", policy.target_api);
    }
}

#[test]
fn every_scope_is_in_a_role_group_where_there_are_any() {
    for policy in policies() {
        let role_groups: BTreeSet<&String> =
            policy.scope_groups.iter().filter(|group| group.role_group).map(|group| &group.id).collect();
        if role_groups.is_empty() {
            continue;
        }
        for scope in &policy.scopes {
            let is_covered = scope.group.as_ref().is_some_and(|group| role_groups.contains(group));
            assert!(is_covered, "{}: nobody limited to a group would see {}", policy.target_api, scope.id);
        }
    }
}

#[test]
fn every_prefill_makes_a_draft_that_may_be_saved() {
    for policy in policies() {
        for (name, prefill) in prefills(&policy) {
            assert!(!prefill.contains_key("team_members"), "{name}: a preset carries no people");
            for member in prefill.keys().filter(|member| *member != "additional_content") {
                let field: Field = member.parse().unwrap();
                assert!(policy.section_of(&field).is_some(), "{name}: no section shows {member}");
            }
            let draft = Draft::default().merged(prefill).unwrap();
            let candidate = Candidate { draft: &draft, documents: &[], nom_raison_sociale: "", previous: None };
            assert_eq!(validate(&policy, candidate, Stage::Save), [], "{name}");
            for question in policy.extra_fields.iter().filter(|question| question.kind == ExtraFieldType::Choice) {
                let answer = draft.text(&Field::Additional(question.id.clone())).unwrap();
                let is_offered = question.options.iter().any(|option| option.id == answer);
                assert!(answer.is_empty() || is_offered, "{name}: {answer} is no option of {}", question.id);
            }
        }
    }
}

#[test]
fn a_demarche_does_not_untick_a_locked_scope() {
    for policy in policies() {
        let start = policy.new_draft();
        for demarche in &policy.demarches {
            let draft = start.merged(&demarche.prefill).unwrap();
            assert!(draft.scopes.is_superset(&start.scopes), "{}/{}", policy.target_api, demarche.id);
        }
    }
}

#[test]
fn a_demarche_names_an_editor_of_the_list() {
    for policy in policies() {
        for editor in &policy.editors {
            assert!(editor.siret.parse::<Siret>().is_ok(), "{}: {}", policy.target_api, editor.name);
        }
        for (name, prefill) in prefills(&policy) {
            if let Some(siret) = prefill.get("technical_team_value") {
                assert!(policy.editors.iter().any(|editor| editor.siret == *siret), "{name}: {siret}");
            }
        }
    }
}

#[test]
fn everything_that_is_asked_has_its_place_in_the_form() {
    for policy in policies() {
        let name = &policy.target_api;
        let people = policy.contacts.iter().map(|contact| Field::TeamMember(contact.kind, Attribute::Email));
        let files = policy.documents.iter().map(|document| Field::Document(document.kind));
        let questions = policy.extra_fields.iter().map(|question| Field::Additional(question.id.clone()));
        let constrained = policy.constraints.iter().map(|constraint| constraint.field.clone());
        for field in people.chain(files).chain(questions).chain(constrained) {
            assert!(policy.section_of(&field).is_some(), "{name}: no section shows {field}");
        }
        for (is_there, section) in [
            (!policy.contacts.is_empty(), Section::Equipe),
            (!policy.scopes.is_empty(), Section::Donnees),
            (!policy.demarches.is_empty(), Section::Demarche),
            (!policy.editors.is_empty(), Section::TechnicalTeam),
            (policy.previous.is_some(), Section::PreviousEnrollment),
        ] {
            assert_eq!(is_there, policy.has_section(section), "{name}: {section}");
        }
        if let Some(demandeur) = policy.contact(TeamMemberType::Demandeur) {
            assert!(!demandeur.required, "{name}: the account fills in the applicant");
        }
    }
}

#[test]
fn constraints_are_about_boxes_of_the_form() {
    for policy in policies() {
        let boxes = boxes(&policy);
        for constraint in &policy.constraints {
            assert!(!constraint.message.is_empty(), "{}", policy.target_api);
            assert!(!constraint.any_of.is_empty() || !constraint.none_of.is_empty(), "{}", constraint.message);
            for id in constraint.when_any.iter().chain(&constraint.any_of).chain(&constraint.none_of) {
                assert!(boxes.contains(&id.as_str()), "{}: {id}", policy.target_api);
            }
            if let Some(kind) = constraint.unless_document {
                assert!(policy.document(kind).is_some(), "{}: {kind}", policy.target_api);
            }
        }
    }
}

#[test]
fn only_choices_have_options() {
    for policy in policies() {
        for question in &policy.extra_fields {
            let is_choice = question.kind == ExtraFieldType::Choice;
            assert_eq!(is_choice, !question.options.is_empty(), "{}: {}", policy.target_api, question.id);
            assert_eq!(first_duplicate(question.options.iter().map(|option| &option.id)), None, "{}", question.id);
        }
    }
}

#[test]
fn the_previous_stage_is_another_policy() {
    let policies = policies();
    for policy in &policies {
        if let Some(previous) = &policy.previous {
            assert_ne!(previous, &policy.target_api);
            assert!(policies.iter().any(|other| other.target_api == *previous), "{}: {previous}", policy.target_api);
        }
    }
}

#[test]
fn links_are_whole_addresses() {
    for policy in policies() {
        let own = [&policy.cgu_url, &policy.documentation_url, &policy.next_step_url];
        let of_demarches = policy.demarches.iter().map(|demarche| &demarche.about_url);
        let of_scopes = policy.scopes.iter().map(|scope| &scope.link);
        for url in own.into_iter().chain(of_demarches).chain(of_scopes).flatten() {
            assert!(is_web_address(url), "{}: {url}", policy.target_api);
        }
        for (name, prefill) in prefills(&policy) {
            if let Some(url) = prefill.get("fondement_juridique_url") {
                assert!(url.as_str().is_some_and(is_web_address), "{name}: {url}");
            }
        }
    }
}

#[test]
fn texts_are_typeset_and_name_no_other_mailbox() {
    for policy in policies() {
        let texts = written_texts(&policy);
        for text in &texts {
            for wrong in ["'", "\"", " :", " ;", " ?", " !", "« ", " »", "  "] {
                assert!(!text.contains(wrong), "{}: {wrong:?} in {text}", policy.target_api);
            }
            let other_mailbox = text.replace(&policy.support_email, "").contains('@');
            assert!(!other_mailbox, "{}: {text}", policy.target_api);
        }
    }
}

#[test]
fn mails_say_something_that_can_be_filled_in() {
    for policy in policies() {
        for (event, mail) in &policy.mails {
            let name = format!("{}/{event}", policy.target_api);
            assert!(mail.subject.is_some() || mail.body.is_some(), "{name}");
            for template in mail.subject.iter().chain(&mail.body) {
                assert!(!template.trim().is_empty(), "{name}");
                assert_eq!(template.matches("{{").count(), template.matches("}}").count(), "{name}");
                let needs_next_step = template.contains("next_step_url");
                assert!(!needs_next_step || policy.next_step_url.is_some(), "{name}: there is no next step");
            }
        }
    }
}
