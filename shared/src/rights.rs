//! May this user do this action on this enrollment, and which enrollments may they see?
//!
//! [`allowed`] and [`ListScope`] say the same thing twice, once for a row and once for SQL; a test of the server holds
//! them together. Which step the workflow has is not decided here (see [`crate::workflow`]).

use std::collections::BTreeSet;
use std::fmt;

use crate::organization::Siret;
use crate::policy::Policy;
use crate::user::{Role, User};
use crate::workflow::{Action, State, Status, next};

/// What must be known of an enrollment to decide.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its policy.
    pub policy: &'a Policy,
    /// Where it stands.
    pub state: State,
    /// User number of the applicant.
    pub demandeur_id: i64,
    /// Its organisation.
    pub siret: Option<&'a Siret>,
    /// E-mail addresses of the people it names who may read it (`TeamMemberType::may_read`).
    pub readers: &'a [String],
    /// The data it asks for.
    pub scopes: &'a BTreeSet<String>,
}

/// Why an action is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The request is none of theirs.
    NotInvolved,
    /// Only who filed it may.
    NotApplicant,
    /// The applicant no longer speaks for the organisation.
    NotInOrganization,
    /// Only an instructor of the API may.
    NotInstructor,
    /// Only an administrator may.
    NotAdministrator,
    /// It was put away.
    Archived,
    /// Requests of this API can only be read.
    Frozen,
    /// What this API grants cannot be updated.
    NotReopenable,
    /// This API has no messages.
    NoMessages,
    /// Only the administration reads that.
    NotAdministration,
    /// Only those who report on the request may.
    NotReporter,
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotInvolved => "Vous n’avez pas accès à cette demande.",
            Self::NotApplicant => "Seule la personne qui a déposé cette demande peut faire cette action.",
            Self::NotInOrganization => {
                "Vous n’êtes plus rattaché à l’organisation de cette demande. Rejoignez-la à nouveau depuis votre compte, puis reconnectez-vous."
            }
            Self::NotInstructor => "Seule une personne chargée de l’instruction de cette API peut faire cette action.",
            Self::NotAdministrator => "Seul l’administrateur de la plateforme peut faire cette action.",
            Self::Archived => "Cette demande est archivée.",
            Self::NoMessages => "Cette API n’a pas de messagerie\u{a0}: écrivez à l’adresse de contact du service.",
            Self::NotAdministration => "Seules les personnes chargées de l’instruction de cette API lisent les notes.",
            Self::NotReporter => "Seules les personnes qui suivent cette demande comme rapporteurs donnent un avis.",
            Self::NotReopenable => {
                "Les habilitations de cette API ne se mettent pas à jour\u{a0}: déposez une nouvelle demande."
            }
            Self::Frozen => "Les demandes pour cette API ne peuvent plus qu’être consultées.",
        })
    }
}

impl std::error::Error for Denial {}

/// Whether `user` may do `action`.
///
/// Source: v1's permission matrix, with two differences. An instructor may also read what they may decide (v1 needed a
/// second role for it). Archiving one's own draft needs the organisation, as in v1.
///
/// # Errors
/// Why not.
pub fn allowed(user: &User, action: Action, subject: &Subject<'_>) -> Result<(), Denial> {
    let is_applicant = user.id == subject.demandeur_id;
    let is_instructor = user.is_instructor(&subject.policy.target_api);
    let is_administrator = user.is_administrator();
    let in_organization = subject.siret.is_none_or(|siret| user.belongs_to(siret));

    if !is_applicant && !is_instructor && !is_administrator && !is_member(user, subject) && !is_reporter(user, subject)
    {
        return Err(Denial::NotInvolved);
    }
    if subject.state.status == Status::Archived && !is_administrator {
        return Err(Denial::Archived);
    }
    if subject.policy.frozen && action != Action::Show {
        return Err(Denial::Frozen);
    }
    match action {
        Action::Show => Ok(()),
        Action::Notify if !subject.policy.messaging => Err(Denial::NoMessages),
        Action::Notify if is_applicant || is_instructor => Ok(()),
        Action::Notify => Err(Denial::NotApplicant),
        Action::Annotate if is_instructor || is_reporter(user, subject) => Ok(()),
        Action::Annotate => Err(Denial::NotAdministration),
        Action::GiveOpinion if is_reporter(user, subject) => Ok(()),
        Action::GiveOpinion => Err(Denial::NotReporter),
        Action::CorrectContacts if is_administrator => Ok(()),
        Action::CorrectContacts => Err(Denial::NotAdministrator),
        Action::Reopen if !subject.policy.reopenable => Err(Denial::NotReopenable),
        Action::Update
        | Action::Submit
        | Action::Withdraw
        | Action::Reopen
        | Action::CancelReopening
        | Action::AcceptOffer
        | Action::DeclineOffer
        | Action::Copy => match (is_applicant, in_organization) {
            (true, true) => Ok(()),
            (true, false) => Err(Denial::NotInOrganization),
            (false, _) => Err(Denial::NotApplicant),
        },
        Action::RequestChanges
        | Action::Validate
        | Action::OfferPartialGrant
        | Action::Refuse
        | Action::AskOpinion
        | Action::Assign => {
            if is_instructor {
                Ok(())
            } else {
                Err(Denial::NotInstructor)
            }
        }
        Action::Revoke => {
            if is_administrator || (is_instructor && subject.policy.revocable_by_instructor) {
                Ok(())
            } else {
                Err(Denial::NotAdministrator)
            }
        }
        Action::Archive => {
            if is_instructor || is_administrator {
                Ok(())
            } else if !is_applicant {
                Err(Denial::NotApplicant)
            } else if !subject.state.status.is_editable() {
                Err(Denial::NotInstructor)
            } else if !in_organization {
                Err(Denial::NotInOrganization)
            } else {
                Ok(())
            }
        }
    }
}

/// Everything that `user` may do now and that changes something: what rights and workflow both allow.
pub fn actions(user: &User, subject: &Subject<'_>) -> Vec<Action> {
    Action::ALL
        .iter()
        .copied()
        .filter(|&action| action != Action::Show)
        .filter(|&action| next(subject.state, action).is_some() && allowed(user, action, subject).is_ok())
        .collect()
}

/// Whether `user` sees which instructor takes care of the requests of that API: the instructors among themselves, and who
/// looks after them.
pub fn sees_assignment(user: &User, target_api: &str) -> bool {
    user.is_administrator() || user.is_instructor(target_api)
}

fn is_member(user: &User, subject: &Subject<'_>) -> bool {
    user.email_verified && subject.readers.contains(&user.email)
}

fn is_reporter(user: &User, subject: &Subject<'_>) -> bool {
    user.roles.iter().any(|role| match role {
        Role::Reporter { target_api, group } if *target_api == subject.policy.target_api => match group {
            None => true,
            Some(group) => concerns(subject.policy, group, subject.scopes),
        },
        Role::Administrator | Role::Instructor { .. } | Role::Reporter { .. } | Role::Subscriber { .. } => false,
    })
}

/// Whether one of those scopes is of that group.
pub fn concerns(policy: &Policy, group: &str, scopes: &BTreeSet<String>) -> bool {
    scopes.iter().any(|id| policy.scope(id).is_some_and(|scope| scope.group.as_deref() == Some(group)))
}

/// Which enrollments a user may see, in terms that SQL can filter on. The parts add up (OR), but for `archived`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListScope {
    /// Every enrollment.
    pub everything: bool,
    /// Those that this user filed.
    pub demandeur_id: i64,
    /// Those that name this address.
    pub email: Option<String>,
    /// Those of these APIs.
    pub target_apis: BTreeSet<String>,
    /// Those of that API that ask for one of these scopes.
    pub scopes_of: Vec<(String, Vec<String>)>,
    /// Archived ones too.
    pub archived: bool,
}

impl ListScope {
    /// What `user` may see: the rows for which [`allowed`] lets them `Show`.
    pub fn of<'a>(user: &User, policies: impl IntoIterator<Item = &'a Policy> + Clone) -> Self {
        let mut target_apis = BTreeSet::new();
        let mut scopes_of = Vec::new();
        for role in &user.roles {
            match role {
                Role::Instructor { target_api } | Role::Reporter { target_api, group: None } => {
                    target_apis.insert(target_api.clone());
                }
                Role::Reporter { target_api, group: Some(group) } => {
                    let policy = policies.clone().into_iter().find(|policy| policy.target_api == *target_api);
                    let scopes = policy.map(|policy| {
                        let of_group = |scope: &&crate::policy::Scope| scope.group.as_ref() == Some(group);
                        policy.scopes.iter().filter(of_group).map(|scope| scope.id.clone()).collect()
                    });
                    scopes_of.push((target_api.clone(), scopes.unwrap_or_default()));
                }
                Role::Administrator | Role::Subscriber { .. } => {}
            }
        }
        Self {
            everything: user.is_administrator(),
            demandeur_id: user.id,
            email: user.email_verified.then(|| user.email.clone()),
            target_apis,
            scopes_of,
            archived: user.is_administrator(),
        }
    }
}
