//! Rights, cell by cell: every status, every relation to a request alone, then every set of them, against a table that
//! was written by hand from v1's permission matrix.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;

use shared::organization::{MembershipSource, Organization, Siret};
use shared::policy::Policy;
use shared::rights::{Subject, actions, allowed};
use shared::user::User;
use shared::workflow::{Action, State, Status};

#[path = "rights/table.rs"]
mod rights_table;

use rights_table::TABLE;

const APPLICANT: i64 = 1;
const SOMEBODY: i64 = 2;

fn policy(revocable_by_instructor: bool) -> Policy {
    let mut policy: Policy = serde_json::from_value(serde_json::json!({
        "target_api": "api_particulier", "label": "API Particulier", "description": "d",
        "provider": {"id": "p", "label": "P"}, "support_email": "a@b.fr", "reopenable": true, "sections": ["donnees"], "rules": [],
        "messaging": true, "scope_groups": [
            {"id": "cnaf", "label": "CNAF", "role_group": true},
            {"id": "men", "label": "MEN", "role_group": true},
        ],
        "scopes": [
            {"id": "cnaf_adresse", "label": "Adresse", "group": "cnaf"},
            {"id": "men_statut", "label": "Statut", "group": "men"},
        ],
    }))
    .unwrap();
    policy.revocable_by_instructor = revocable_by_instructor;
    policy
}

/// Somebody who stands in all these relations at once.
fn user(relations: &[&str]) -> User {
    let is_applicant = relations.iter().any(|relation| relation.starts_with("applicant"));
    let is_verified = relations.contains(&"colleague") || is_applicant;
    let speaks_for_it =
        relations.contains(&"applicant") || relations.iter().any(|relation| relation.starts_with("colleague"));
    let organization =
        Organization { siret: siret(), label: "Commune".to_owned(), source: MembershipSource::Issuer, is_verified };
    User {
        id: if is_applicant { APPLICANT } else { SOMEBODY },
        email: if relations.iter().any(|relation| relation.starts_with("member")) {
            "dpo@exemple.fr"
        } else {
            "x@exemple.fr"
        }
        .to_owned(),
        email_verified: !relations.contains(&"member by an address that is not verified"),
        given_name: String::new(),
        family_name: String::new(),
        phone_number: String::new(),
        job: String::new(),
        organizations: if speaks_for_it { vec![organization] } else { Vec::new() },
        roles: relations.iter().filter_map(|relation| relation.parse().ok()).collect(),
    }
}

fn siret() -> Siret {
    "21920023500014".parse().unwrap()
}

/// What the code lets that user do.
const fn state(status: Status) -> State {
    State { status, reopening: false, resubmitted: false, offered: false, submitted_before: false }
}

fn decided(user: &User, policy: &Policy, status: Status) -> BTreeSet<Action> {
    let (siret, readers) = (siret(), ["dpo@exemple.fr".to_owned()]);
    let scopes = BTreeSet::from(["cnaf_adresse".to_owned()]);
    let subject = Subject {
        policy,
        state: state(status),
        demandeur_id: APPLICANT,
        siret: Some(&siret),
        readers: &readers,
        scopes: &scopes,
        demarche: "",
    };
    let mut decided: BTreeSet<Action> = actions(user, &subject).into_iter().collect();
    if allowed(user, Action::Show, &subject).is_ok() {
        decided.insert(Action::Show);
    }
    decided
}

fn expected(relations: &[&str], index: usize) -> BTreeSet<Action> {
    TABLE
        .iter()
        .filter(|(relation, _)| relations.contains(relation))
        .flat_map(|(_, cells)| cells[index].split_whitespace())
        .map(|action| action.parse().unwrap())
        .collect()
}

#[test]
fn every_relation_and_every_set_of_relations_may_do_what_the_table_says() {
    let policy = policy(true);
    let names: Vec<&str> = TABLE.iter().map(|(relation, _)| *relation).collect();
    for set in 0..(1_u32 << names.len()) {
        let relations: Vec<&str> =
            names.iter().enumerate().filter(|(bit, _)| set & (1 << bit) != 0).map(|(_, name)| *name).collect();
        let contradicts = |a: &str, b: &str| relations.contains(&a) && relations.contains(&b);
        let is_applicant = relations.iter().any(|relation| relation.starts_with("applicant"));
        let is_colleague = relations.iter().any(|relation| relation.starts_with("colleague"));
        if contradicts("applicant", "applicant who left the organisation")
            || contradicts("member", "member by an address that is not verified")
            || contradicts("colleague", "colleague whose membership is not verified")
            || contradicts("colleague", "member by an address that is not verified")
            || is_applicant && is_colleague
        {
            continue;
        }
        let user = user(&relations);
        for (index, &status) in Status::ALL.iter().enumerate() {
            assert_eq!(decided(&user, &policy, status), expected(&relations, index), "{relations:?} on {status}");
        }
    }
}

#[test]
fn only_an_administrator_revokes_where_the_policy_says_so() {
    let policy = policy(false);
    let may_revoke = |relation| decided(&user(&[relation]), &policy, Status::Validated).contains(&Action::Revoke);
    assert!(!may_revoke("api_particulier:instructor"));
    assert!(may_revoke("administrator"));
}

#[test]
fn instructors_correct_what_was_handed_over_where_the_policy_says_so() {
    let policies = [false, true].map(|allows| Policy { correctable_by_instructor: allows, ..policy(true) });
    for (relation, cells) in TABLE {
        for (index, &status) in Status::ALL.iter().enumerate() {
            let may = policies
                .each_ref()
                .map(|policy| decided(&user(&[relation]), policy, status).contains(&Action::Correct));
            let decides = cells[index].contains("notify annotate") && relation.contains("instructor");
            let is_open = matches!(status, Status::Submitted | Status::Validated);
            assert_eq!(may, [false, decides && is_open], "{relation} on {status}");
        }
    }
}

#[test]
fn every_refusal_says_why() {
    let policy = policy(true);
    let (siret, readers, scopes) = (siret(), [], BTreeSet::new());
    for &status in Status::ALL {
        let subject = Subject {
            policy: &policy,
            state: state(status),
            demandeur_id: APPLICANT,
            siret: Some(&siret),
            readers: &readers,
            scopes: &scopes,
            demarche: "",
        };
        for (relation, _) in TABLE {
            for &action in Action::ALL {
                if let Err(denial) = allowed(&user(&[relation]), action, &subject) {
                    assert!(denial.to_string().ends_with('.'), "{denial:?}");
                }
            }
        }
    }
}

#[test]
fn requests_of_a_frozen_policy_are_only_read() {
    let frozen = Policy { frozen: true, ..policy(true) };
    let (siret, readers, scopes) = (siret(), [], BTreeSet::new());
    for relation in ["applicant", "api_particulier:instructor", "administrator"] {
        for &status in Status::ALL {
            let subject = Subject {
                policy: &frozen,
                state: state(status),
                demandeur_id: APPLICANT,
                siret: Some(&siret),
                readers: &readers,
                scopes: &scopes,
                demarche: "",
            };
            for action in actions(&user(&[relation]), &subject) {
                let is_open = matches!(action, Action::ReadMessages | Action::CorrectContacts);
                assert!(is_open, "{relation} {status}: {action}");
            }
        }
    }
}

#[test]
fn an_update_is_the_applicants_until_it_is_handed_over_and_never_puts_the_request_away() {
    let policy = policy(true);
    let (siret, readers, scopes) = (siret(), [], BTreeSet::new());
    let may = |relation: &str, status| {
        let state = State { status, reopening: true, resubmitted: false, offered: false, submitted_before: true };
        let subject = Subject {
            policy: &policy,
            state,
            demandeur_id: APPLICANT,
            siret: Some(&siret),
            readers: &readers,
            scopes: &scopes,
            demarche: "",
        };
        actions(&user(&[relation]), &subject).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        may("applicant", Status::Draft),
        "read_messages update submit cancel_reopening notify transfer decide_transfer"
    );
    assert_eq!(may("applicant", Status::Submitted), "read_messages withdraw notify transfer decide_transfer");
    assert_eq!(
        may("api_particulier:instructor", Status::Draft),
        "read_messages revoke notify annotate assign decide_transfer"
    );
    assert_eq!(
        may("api_particulier:instructor", Status::Submitted),
        "read_messages request_changes validate refuse revoke offer_partial_grant notify annotate ask_opinion assign decide_transfer"
    );
    assert_eq!(
        may("administrator", Status::ChangesRequested),
        "read_messages revoke correct_contacts transfer decide_transfer"
    );
}

#[test]
fn what_cannot_be_updated_says_so() {
    let closed = Policy { reopenable: false, ..policy(true) };
    let (siret, readers, scopes) = (siret(), [], BTreeSet::new());
    let subject = Subject {
        policy: &closed,
        state: state(Status::Validated),
        demandeur_id: APPLICANT,
        siret: Some(&siret),
        readers: &readers,
        scopes: &scopes,
        demarche: "",
    };
    assert_eq!(allowed(&user(&["applicant"]), Action::Reopen, &subject), Err(shared::rights::Denial::NotReopenable));
}

/// Relation, and what it lets one do while an offer stands: of a first request, of an update.
const OFFERED: &[(&str, [&str; 2])] = &[
    (
        "applicant",
        [
            "read_messages archive accept_offer decline_offer notify transfer decide_transfer",
            "read_messages cancel_reopening accept_offer decline_offer notify transfer decide_transfer",
        ],
    ),
    (
        "applicant who left the organisation",
        ["read_messages notify transfer decide_transfer", "read_messages notify transfer decide_transfer"],
    ),
    ("member", ["", ""]),
    ("colleague", ["ask_transfer", "ask_transfer"]),
    (
        "api_particulier:instructor",
        [
            "read_messages archive notify annotate assign decide_transfer",
            "read_messages revoke notify annotate assign decide_transfer",
        ],
    ),
    ("api_particulier:reporter", ["read_messages annotate give_opinion", "read_messages annotate give_opinion"]),
    ("api_particulier:subscriber", ["", ""]),
    ("franceconnect:instructor", ["", ""]),
    (
        "administrator",
        [
            "read_messages archive correct_contacts transfer decide_transfer",
            "read_messages revoke correct_contacts transfer decide_transfer",
        ],
    ),
];

#[test]
fn an_offer_is_the_applicants_to_accept_or_to_decline() {
    let policy = policy(true);
    let (siret, readers, scopes) = (siret(), ["dpo@exemple.fr".to_owned()], BTreeSet::new());
    for (relation, cells) in OFFERED {
        for (reopening, cell) in [false, true].into_iter().zip(cells) {
            let subject = Subject {
                policy: &policy,
                state: State {
                    status: Status::ChangesRequested,
                    reopening,
                    resubmitted: false,
                    offered: true,
                    submitted_before: false,
                },
                demandeur_id: APPLICANT,
                siret: Some(&siret),
                readers: &readers,
                scopes: &scopes,
                demarche: "",
            };
            let found: Vec<String> = actions(&user(&[relation]), &subject).iter().map(ToString::to_string).collect();
            assert_eq!(found.join(" "), *cell, "{relation}, {reopening}");
        }
    }
}

#[test]
fn nobody_takes_over_a_request_that_names_no_organisation_or_whose_api_is_frozen() {
    let (siret, readers, scopes) = (siret(), [], BTreeSet::new());
    let may = |policy: &Policy, siret| {
        let subject = Subject {
            policy,
            state: state(Status::Draft),
            demandeur_id: APPLICANT,
            siret,
            readers: &readers,
            scopes: &scopes,
            demarche: "",
        };
        allowed(&user(&["colleague"]), Action::AskTransfer, &subject)
    };
    assert_eq!(may(&policy(true), Some(&siret)), Ok(()));
    let denied = Err(shared::rights::Denial::NotInvolved);
    assert_eq!(may(&policy(true), None), denied);
    assert_eq!(may(&Policy { frozen: true, ..policy(true) }, Some(&siret)), denied);
}
