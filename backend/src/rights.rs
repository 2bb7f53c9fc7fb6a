//! The rights as a table that people can read, printed by `datapass rights`. The rules are [`shared::rights`].

use std::collections::BTreeSet;
use std::fmt::Write as _;

use shared::organization::{MembershipSource, Organization, Siret};
use shared::policy::Policy;
use shared::rights::{Subject, actions, allowed};
use shared::user::{Role, User};
use shared::workflow::{Action, State, Status};

/// Who one can be to a request, one at a time; what several are is the sum.
const RELATIONS: &[(&str, Relation)] = &[
    ("Demandeur, pour son organisation", Relation::Applicant { in_organization: true }),
    ("Demandeur qui a quitté l’organisation", Relation::Applicant { in_organization: false }),
    ("Personne désignée dans la demande", Relation::Member),
    ("Instructeur de l’API", Relation::Instructor),
    ("Rapporteur de l’API", Relation::Reporter),
    ("Rapporteur d’un groupe de données demandé", Relation::GroupReporter),
    ("Abonné de l’API", Relation::Subscriber),
    ("Administrateur", Relation::Administrator),
    ("Toute autre personne connectée", Relation::Stranger),
];

#[derive(Clone, Copy)]
enum Relation {
    Applicant { in_organization: bool },
    Member,
    Instructor,
    Reporter,
    GroupReporter,
    Subscriber,
    Administrator,
    Stranger,
}

const APPLICANT: i64 = 1;

/// The whole table, as Markdown.
///
/// # Errors
/// None that a run of the tests would not show.
pub fn markdown(policy: &Policy) -> anyhow::Result<String> {
    let siret: Siret = "13002526500013".parse()?;
    let group = policy.scope_groups.iter().find(|group| group.role_group).map(|group| group.id.clone());
    let scopes: BTreeSet<String> =
        policy.scopes.iter().filter(|scope| scope.group == group).map(|scope| scope.id.clone()).collect();
    let readers = ["designe@exemple.fr".to_owned()];
    let mut text = "# Droits\n\nCe que chacun peut faire d’une demande, selon son statut. Les droits de plusieurs rôles \
                    s’ajoutent. Ce tableau est écrit par `datapass rights` à partir des règles que le programme applique.\n"
        .to_owned();
    for (title, reopening, offered) in [
        ("Première instruction", false, false),
        ("Mise à jour d’une habilitation en vigueur", true, false),
        ("Accord partiel proposé au demandeur", false, true),
    ] {
        write!(text, "\n## {title}\n\n| |")?;
        let statuses: Vec<Status> = Status::ALL
            .iter()
            .copied()
            .filter(|status| match status {
                Status::ChangesRequested => true,
                Status::Draft | Status::Submitted => !offered,
                Status::Validated | Status::Refused | Status::Revoked | Status::Archived => !offered && !reopening,
            })
            .collect();
        for status in &statuses {
            write!(text, " {} |", status.label())?;
        }
        writeln!(text, "\n|---|{}", "---|".repeat(statuses.len()))?;
        for (label, relation) in RELATIONS {
            write!(text, "| {label} |")?;
            let user = user(*relation, &policy.target_api, group.as_ref(), &siret);
            for &status in &statuses {
                let subject = Subject {
                    policy,
                    state: State { status, reopening, resubmitted: false, offered },
                    demandeur_id: APPLICANT,
                    siret: Some(&siret),
                    readers: &readers,
                    scopes: &scopes,
                };
                let show = allowed(&user, Action::Show, &subject).is_ok().then_some(Action::Show);
                let labels: Vec<&str> = show.into_iter().chain(actions(&user, &subject)).map(Action::label).collect();
                write!(text, " {} |", if labels.is_empty() { "–".to_owned() } else { labels.join("<br>") })?;
            }
            text.push('\n');
        }
    }
    Ok(text)
}

fn user(relation: Relation, target_api: &str, group: Option<&String>, siret: &Siret) -> User {
    let target_api = target_api.to_owned();
    let role = match relation {
        Relation::Instructor => Some(Role::Instructor { target_api }),
        Relation::Reporter => Some(Role::Reporter { target_api, group: None }),
        Relation::GroupReporter => Some(Role::Reporter { target_api, group: group.cloned() }),
        Relation::Subscriber => Some(Role::Subscriber { target_api, group: None }),
        Relation::Administrator => Some(Role::Administrator),
        Relation::Applicant { .. } | Relation::Member | Relation::Stranger => None,
    };
    let organization = Organization {
        siret: siret.clone(),
        label: String::new(),
        source: MembershipSource::Issuer,
        is_verified: true,
    };
    User {
        id: if matches!(relation, Relation::Applicant { .. }) { APPLICANT } else { APPLICANT + 1 },
        email: if matches!(relation, Relation::Member) { "designe@exemple.fr" } else { "autre@exemple.fr" }.to_owned(),
        email_verified: true,
        given_name: String::new(),
        family_name: String::new(),
        phone_number: String::new(),
        job: String::new(),
        organizations: match relation {
            Relation::Applicant { in_organization: true } => vec![organization],
            _ => Vec::new(),
        },
        roles: role.into_iter().collect(),
    }
}

/// The table for an API that has every possibility: groups that roles may be limited to, updates, withdrawal by its
/// instructors.
///
/// # Errors
/// No policy of the program has groups.
pub fn text() -> anyhow::Result<String> {
    let policies = crate::policies::Policies::open(None)?.current();
    let with_groups = policies.values().find(|policy| policy.scope_groups.iter().any(|group| group.role_group));
    let policy = with_groups.ok_or_else(|| anyhow::anyhow!("no policy has role groups"))?;
    markdown(&Policy { reopenable: true, revocable_by_instructor: true, ..policy.as_ref().clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_table_is_current() {
        let committed = include_str!("../../openapi/rights.md");
        assert!(committed == text().unwrap(), "openapi/rights.md is stale: run `just openapi`");
    }
}
