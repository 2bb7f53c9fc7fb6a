//! The rights as tables that people can read, printed by `datapass rights` and shown for a policy that is tried. The rules are [`shared::rights`].

use std::collections::BTreeSet;
use std::fmt::Write as _;

use shared::organization::{MembershipSource, Organization, Siret};
use shared::policy::Policy;
use shared::policy_file::{RightsRow, RightsTable};
use shared::rights::roles::{ManagedRoles, may_answer, may_change};
use shared::rights::{Subject, actions, allowed, require_developer, require_template_writer};
use shared::user::{Demarches, Managed, Role, User};
use shared::workflow::{Action, State, Status};

/// Who one can be to a request, one at a time; what several are is the sum.
const RELATIONS: &[(&str, Relation)] = &[
    ("Demandeur, pour son organisation", Relation::Applicant { membership: Some(MembershipSource::Issuer) }),
    (
        "Demandeur dont le rattachement est en cours de vérification",
        Relation::Applicant { membership: Some(MembershipSource::Pending) },
    ),
    ("Demandeur qui a quitté l’organisation", Relation::Applicant { membership: None }),
    ("Personne désignée dans la demande", Relation::Member),
    ("Collègue du demandeur, dont le rattachement est vérifié", Relation::Colleague),
    ("Instructeur de l’API", Relation::Instructor),
    ("Instructeur limité à la démarche de la demande", Relation::DemarcheInstructor),
    ("Instructeur limité à d’autres démarches", Relation::OtherDemarcheInstructor),
    ("Rapporteur de l’API", Relation::Reporter),
    ("Rapporteur d’un groupe de données demandé", Relation::GroupReporter),
    ("Abonné de l’API", Relation::Subscriber),
    ("Gestionnaire de l’API", Relation::Manager),
    ("Développeur de l’API", Relation::Developer),
    ("Administrateur", Relation::Administrator),
    ("Toute autre personne connectée", Relation::Stranger),
];

#[derive(Clone, Copy)]
enum Relation {
    Applicant { membership: Option<MembershipSource> },
    Member,
    Colleague,
    Instructor,
    DemarcheInstructor,
    OtherDemarcheInstructor,
    Reporter,
    GroupReporter,
    Subscriber,
    Manager,
    Developer,
    Administrator,
    Stranger,
}

const APPLICANT: i64 = 1;

/// What the request of the table counts as.
const DEMARCHE: &str = "demarche";

/// What stands before the tables.
const INTRODUCTION: &str = "# Droits\n\nCe que chacun peut faire d’une demande, selon son statut. Les droits de plusieurs rôles \
    s’ajoutent. Ce tableau est écrit par `datapass rights` à partir des règles que le programme applique.\n\n\
    Différences voulues avec DataPass v1\u{a0}: un rapporteur rend un avis, même sur une demande close, où \
    v1 ne connaissait que la lecture\u{a0}; demandeur et instructeurs s’écrivent aussi après la décision\u{a0}; \
    qui peut prendre une décision voit d’abord les courriels qu’elle enverra\u{a0}; une personne \
    désignée dans une demande la lit sans les messages ni les motifs des décisions\u{a0}; un collègue \
    du demandeur sait qu’elle existe et qui l’a déposée, ne la lit pas, et peut demander qu’elle lui soit \
    transférée\u{a0}; une demande archivée reste lue par ses instructeurs. Un instructeur ne corrige \
    lui-même une demande que si la fiche de l’API le prévoit (`correctable_by_instructor`)\u{a0}: ce qui \
    était accordé l’est alors à nouveau. \
    Le demandeur transmet sa demande à qui l’accepte, l’administrateur la transfère aussitôt\u{a0}; sur \
    ce qu’un collègue demande, le demandeur répond, puis, après dix jours ouvrés sans réponse, \
    l’instructeur ou l’administrateur.\n";

/// All tables, as Markdown.
///
/// # Errors
/// None that a run of the tests would not show.
pub fn markdown(policy: &Policy) -> anyhow::Result<String> {
    let mut text = INTRODUCTION.to_owned();
    for RightsTable { title, introduction, columns, rows } in tables(policy)? {
        write!(text, "\n## {title}\n\n")?;
        if !introduction.is_empty() {
            write!(text, "{introduction}\n\n")?;
        }
        writeln!(text, "| | {} |\n|---|{}", columns.join(" | "), "---|".repeat(columns.len()))?;
        for RightsRow { who, cells } in rows {
            let cells: Vec<String> =
                cells.iter().map(|cell| if cell.is_empty() { "–".to_owned() } else { cell.join("<br>") }).collect();
            writeln!(text, "| {who} | {} |", cells.join(" | "))?;
        }
    }
    Ok(text)
}

/// Who may do what with the requests, the roles and the webhooks of an API.
///
/// # Errors
/// None that a run of the tests would not show.
pub fn tables(policy: &Policy) -> anyhow::Result<Vec<RightsTable>> {
    let siret: Siret = "13002526500013".parse()?;
    let requests = [
        ("Première instruction", false, false),
        ("Mise à jour d’une habilitation en vigueur", true, false),
        ("Accord partiel proposé au demandeur", false, true),
    ];
    let mut tables: Vec<RightsTable> = requests
        .into_iter()
        .filter(|(_, reopening, _)| policy.reopenable || !reopening)
        .map(|(title, reopening, offered)| of_requests(policy, &siret, title, (reopening, offered)))
        .collect();
    tables.push(roles(policy, &siret)?);
    tables.push(role_requests(policy, &siret)?);
    tables.push(webhooks(policy, &siret));
    tables.push(decision_templates(policy, &siret));
    Ok(tables)
}

/// The table of what everybody may do with a request, by its status.
fn of_requests(policy: &Policy, siret: &Siret, title: &str, (reopening, offered): (bool, bool)) -> RightsTable {
    let group = policy.scope_groups.iter().find(|group| group.role_group).map(|group| group.id.clone());
    let scopes: BTreeSet<String> =
        policy.scopes.iter().filter(|scope| scope.group == group).map(|scope| scope.id.clone()).collect();
    let readers = ["designe@exemple.fr".to_owned()];
    let is_possible = |status: &Status| match status {
        Status::ChangesRequested => true,
        Status::Draft | Status::Submitted => !offered,
        Status::Validated | Status::Refused | Status::Revoked | Status::Archived | Status::Deleted => {
            !offered && !reopening
        }
    };
    let statuses: Vec<Status> = Status::ALL.iter().copied().filter(is_possible).collect();
    let cell = |user: &User, status: Status| {
        let subject = Subject {
            policy,
            state: State {
                status,
                reopening,
                resubmitted: false,
                offered,
                submitted_before: reopening || status != Status::Draft,
            },
            demandeur_id: APPLICANT,
            siret: Some(siret),
            readers: &readers,
            scopes: &scopes,
            demarche: DEMARCHE,
        };
        let show = allowed(user, Action::Show, &subject).is_ok().then_some(Action::Show);
        show.into_iter().chain(actions(user, &subject)).map(|action| action.label().to_owned()).collect()
    };
    let row = |(label, relation): &(&str, Relation)| {
        let user = user(*relation, &policy.target_api, group.as_ref(), siret);
        RightsRow { who: (*label).to_owned(), cells: statuses.iter().map(|status| cell(&user, *status)).collect() }
    };
    // No role is limited to what there is not.
    let exists = |relation: Relation| match relation {
        Relation::GroupReporter => group.is_some(),
        Relation::DemarcheInstructor | Relation::OtherDemarcheInstructor => policy.counted_demarches().next().is_some(),
        _ => true,
    };
    RightsTable {
        title: title.to_owned(),
        introduction: String::new(),
        columns: statuses.iter().map(|status| status.label().to_owned()).collect(),
        rows: RELATIONS.iter().filter(|(_, relation)| exists(*relation)).map(row).collect(),
    }
}

/// Who gives and takes roles, by the role that they hold.
const GIVERS: &[(&str, &str)] = &[
    ("Administrateur", "administrator"),
    ("Gestionnaire de l’API", "{api}:manager"),
    ("Gestionnaire du fournisseur de l’API", "provider:{provider}:manager"),
    ("Gestionnaire d’une autre API", "autre:manager"),
    ("Instructeur de l’API", "{api}:instructor"),
    ("Rapporteur de l’API", "{api}:reporter"),
    ("Abonné de l’API", "{api}:subscriber"),
    ("Développeur de l’API", "{api}:developer"),
    ("Toute autre personne connectée", ""),
];

/// The roles of an API that are given and taken.
const GIVEN: &[(&str, &str)] = &[
    ("Instructeur", "{api}:instructor"),
    ("Rapporteur", "{api}:reporter"),
    ("Abonné", "{api}:subscriber"),
    ("Développeur", "{api}:developer"),
    ("Gestionnaire", "{api}:manager"),
    ("Administrateur", "administrator"),
];

/// The table of who gives and takes which role of an API.
fn roles(policy: &Policy, siret: &Siret) -> anyhow::Result<RightsTable> {
    let introduction = "À qui chacun donne et retire les rôles d’une API.";
    role_table(policy, siret, ("Rôles", introduction, GIVEN), |giver, managed, given| {
        let to_others = may_change(giver, managed, given, "personne@exemple.fr").is_ok();
        let to_oneself = may_change(giver, managed, given, &giver.email).is_ok();
        (to_others, to_oneself)
    })
}

/// The table of who answers when somebody asks for a role. That of administrator is not asked for.
fn role_requests(policy: &Policy, siret: &Siret) -> anyhow::Result<RightsTable> {
    let introduction = "Toute personne dont l’adresse électronique et le rattachement à une organisation \
        sont vérifiés demande les rôles qu’elle n’a pas. À qui chacun les donne ou les refuse.";
    let asked: Vec<_> = GIVEN.iter().copied().filter(|(_, role)| *role != "administrator").collect();
    role_table(policy, siret, ("Demandes de rôle", introduction, &asked), |giver, managed, asked| {
        let to_others = may_answer(giver, managed, asked, "personne@exemple.fr").is_ok();
        let to_oneself = may_answer(giver, managed, asked, &giver.email).is_ok();
        (to_others, to_oneself)
    })
}

/// The table of who looks after the webhooks of an API.
fn webhooks(policy: &Policy, siret: &Siret) -> RightsTable {
    let introduction = "Qui crée, règle, essaie, rejoue et supprime les webhooks d’une API, et lit le journal de \
        leurs appels, où ce qui est personnel est masqué.";
    let titles = ("Webhooks", introduction, "Webhooks de l’API");
    api_table(policy, siret, titles, |user| require_developer(user, &policy.target_api).is_ok())
}

/// The table of who writes the templates of the messages that go with decisions.
fn decision_templates(policy: &Policy, siret: &Siret) -> RightsTable {
    let introduction = "Qui lit, écrit et supprime les modèles des messages qui accompagnent les décisions d’une API.";
    let titles = ("Modèles de décision", introduction, "Modèles de décision de l’API");
    api_table(policy, siret, titles, |user| require_template_writer(user, &policy.target_api).is_ok())
}

/// A table of one right on an API, by the role of who has it.
fn api_table(
    policy: &Policy,
    siret: &Siret,
    (title, introduction, column): (&str, &str, &str),
    may: impl Fn(&User) -> bool,
) -> RightsTable {
    let row = |(label, held): &(&str, &str)| {
        let cell = may(&holder(policy, siret, held)).then(|| "oui".to_owned());
        RightsRow { who: (*label).to_owned(), cells: vec![cell.into_iter().collect()] }
    };
    RightsTable {
        title: title.to_owned(),
        introduction: introduction.to_owned(),
        columns: vec![column.to_owned()],
        rows: GIVERS.iter().map(row).collect(),
    }
}

/// Somebody who holds that role for the API of that policy, where it is one.
fn holder(policy: &Policy, siret: &Siret, held: &str) -> User {
    let mut user = user(Relation::Stranger, &policy.target_api, None, siret);
    user.roles.extend(role(policy, held).ok());
    user
}

fn role(policy: &Policy, text: &str) -> Result<Role, shared::UnknownName> {
    text.replace("{api}", &policy.target_api).replace("{provider}", &policy.provider.id).parse()
}

/// A table of these roles, by the role of who decides on them: for others, and for themselves.
fn role_table(
    policy: &Policy,
    siret: &Siret,
    (title, introduction, given): (&str, &str, &[(&str, &str)]),
    may: impl Fn(&User, &ManagedRoles, &Role) -> (bool, bool),
) -> anyhow::Result<RightsTable> {
    let mut rows = Vec::new();
    for (label, held) in GIVERS {
        let giver = holder(policy, siret, held);
        let managed = ManagedRoles::of(&giver, [(&*policy.target_api, &*policy.provider.id)]);
        let mut cells = Vec::new();
        for (_, given) in given {
            cells.push(match may(&giver, &managed, &role(policy, given)?) {
                (true, true) => vec!["à tous".to_owned()],
                (true, false) => vec!["à tous, sauf à soi-même".to_owned()],
                (false, true) => vec!["à soi-même".to_owned()],
                (false, false) => Vec::new(),
            });
        }
        rows.push(RightsRow { who: (*label).to_owned(), cells });
    }
    Ok(RightsTable {
        title: title.to_owned(),
        introduction: introduction.to_owned(),
        columns: given.iter().map(|(label, _)| (*label).to_owned()).collect(),
        rows,
    })
}

fn user(relation: Relation, target_api: &str, group: Option<&String>, siret: &Siret) -> User {
    let target_api = target_api.to_owned();
    let only = BTreeSet::from([DEMARCHE.to_owned()]);
    let demarches = match relation {
        Relation::DemarcheInstructor => Demarches::Only(only),
        Relation::OtherDemarcheInstructor => Demarches::Except(only),
        _ => Demarches::All,
    };
    let role = match relation {
        Relation::Instructor | Relation::DemarcheInstructor | Relation::OtherDemarcheInstructor => {
            Some(Role::Instructor { target_api, demarches })
        }
        Relation::Reporter => Some(Role::Reporter { target_api, group: None, demarches }),
        Relation::GroupReporter => Some(Role::Reporter { target_api, group: group.cloned(), demarches }),
        Relation::Subscriber => Some(Role::Subscriber { target_api, group: None, demarches }),
        Relation::Manager => Some(Role::Manager(Managed::Api(target_api))),
        Relation::Developer => Some(Role::Developer { target_api }),
        Relation::Administrator => Some(Role::Administrator),
        Relation::Applicant { .. } | Relation::Member | Relation::Colleague | Relation::Stranger => None,
    };
    let organization = |source| Organization {
        siret: siret.clone(),
        label: String::new(),
        source,
        is_verified: source != MembershipSource::Pending,
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
            Relation::Applicant { membership: Some(source) } => vec![organization(source)],
            Relation::Colleague => vec![organization(MembershipSource::Issuer)],
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
    markdown(&Policy {
        reopenable: true,
        revocable_by_instructor: true,
        correctable_by_instructor: true,
        ..policy.as_ref().clone()
    })
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
