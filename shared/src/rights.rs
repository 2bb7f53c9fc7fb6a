//! May this user do this action on this enrollment, and which enrollments may they see?
//!
//! [`allowed`] and [`ListScope`] say the same thing twice, once for a row and once for SQL; a test of the server holds
//! them together. Which step the workflow has is not decided here (see [`crate::workflow`]).

mod apis;
pub mod roles;

use std::collections::BTreeSet;
use std::fmt;

pub use self::apis::{require_developer, require_template_writer};
use crate::organization::Siret;
use crate::policy::Policy;
use crate::user::{Demarches, Role, User};
use crate::workflow::{Action, State, Status, next};

/// What must be known of an enrollment to decide.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The policy in force for its API, whatever revision it was written against: its flags bind every request.
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
    /// The démarche that it counted as when it was last submitted ([`Policy::counts_as`]); `""` before, and for none.
    pub demarche: &'a str,
}

/// Why an action is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The request is none of theirs.
    NotInvolved,
    /// Only who filed it may.
    NotApplicant,
    /// Messages and reasons of decisions are between the applicant and the administration.
    NotCorrespondent,
    /// The applicant no longer speaks for the organisation.
    NotInOrganization,
    /// Who has asked to join the organisation prepares requests, and submits none before that is confirmed.
    MembershipPending,
    /// Only an instructor of the API may.
    NotInstructor,
    /// Only an administrator may.
    NotAdministrator,
    /// It was put away.
    Archived,
    /// Its applicant deleted it.
    Deleted,
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
    /// Only a colleague of the applicant may.
    NotColleague,
    /// Only an administrator or a manager of the API may.
    NotManager,
    /// A manager changes none of their own roles.
    OwnRole,
    /// Instructors of this API do not write in requests.
    NotCorrectable,
    /// Only verified members of the organisation learn of its requests.
    NotVerifiedMember,
    /// Only verified people ask for a role.
    NotVerified,
    /// Nobody gives themselves what they have asked for.
    OwnRoleRequest,
    /// Only an administrator or a developer of the API may.
    NotDeveloper,
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotInvolved => "Vous n’avez pas accès à cette demande.",
            Self::NotApplicant => "Seule la personne qui a déposé cette demande peut faire cette action.",
            Self::NotCorrespondent => {
                "Seules la personne qui a déposé cette demande et l’administration lisent les messages et les motifs des décisions."
            }
            Self::MembershipPending => {
                "Votre rattachement à l’organisation est en cours de vérification\u{a0}: vous pourrez soumettre la demande dès qu’il sera confirmé."
            }
            Self::NotInOrganization => {
                "Vous n’êtes plus rattaché à l’organisation de cette demande. Rejoignez-la à nouveau depuis votre compte, puis reconnectez-vous."
            }
            Self::NotInstructor => "Seule une personne chargée de l’instruction de cette API peut faire cette action.",
            Self::NotAdministrator => "Seul l’administrateur de la plateforme peut faire cette action.",
            Self::Archived => "Cette demande est archivée.",
            Self::Deleted => "Ce brouillon est supprimé.",
            Self::NoMessages => "Cette API n’a pas de messagerie\u{a0}: écrivez à l’adresse de contact du service.",
            Self::NotAdministration => "Seules les personnes chargées de l’instruction de cette API lisent les notes.",
            Self::NotReporter => "Seules les personnes qui suivent cette demande comme rapporteurs donnent un avis.",
            Self::NotColleague => {
                "Seul un collègue du demandeur, dont l’adresse et le rattachement à l’organisation de la demande sont vérifiés, peut faire cette action."
            }
            Self::NotManager => "Seul un administrateur, ou un gestionnaire de l’API, peut faire cette action.",
            Self::OwnRole => {
                "Un gestionnaire ne change pas ses propres rôles\u{a0}: demandez-le à un autre gestionnaire ou à un administrateur."
            }
            Self::NotCorrectable => {
                "Pour cette API, seul le demandeur corrige sa demande\u{a0}: demandez-lui des modifications."
            }
            Self::NotVerifiedMember => {
                "Seules les personnes dont l’adresse et le rattachement à cette organisation sont vérifiés voient ses demandes."
            }
            Self::NotVerified => {
                "Pour demander un rôle, il faut une adresse électronique vérifiée et un rattachement vérifié à une organisation\u{a0}: faites-le vérifier depuis votre compte, puis reconnectez-vous."
            }
            Self::OwnRoleRequest => {
                "Personne ne répond à sa propre demande de rôle\u{a0}: un autre administrateur ou gestionnaire doit le faire."
            }
            Self::NotDeveloper => "Seul un administrateur, ou un développeur de l’API, peut faire cette action.",
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
/// Source: v1's permission matrix, with these differences. An instructor may also read what they may decide (v1 needed a
/// second role for it). Archiving one's own draft needs the organisation, as in v1. People whom a request names read it
/// without the messages and the reasons of decisions. An instructor still reads what was archived. Contact details are put right whatever the status and the API. A
/// colleague of the applicant may take the request over, and nothing else.
///
/// # Errors
/// Why not.
pub fn allowed(user: &User, action: Action, subject: &Subject<'_>) -> Result<(), Denial> {
    let is_applicant = user.id == subject.demandeur_id;
    let is_instructor = instructs(user, &subject.policy.target_api, subject.demarche);
    let is_administrator = user.is_administrator();
    let is_reporter = is_reporter(user, subject);
    let in_organization = subject.siret.is_none_or(|siret| user.belongs_to(siret));
    let may_prepare = subject.siret.is_none_or(|siret| user.may_prepare_for(siret));

    if action == Action::AskTransfer && may_take_over(user, subject) {
        return Ok(());
    }
    let takes_part = is_applicant || is_instructor || is_administrator || is_reporter;
    if !takes_part && !is_member(user, subject) {
        return Err(Denial::NotInvolved);
    }
    put_away(subject, action, (is_applicant, is_instructor, is_administrator))?;
    offered_by(subject.policy, action)?;
    match action {
        Action::Show => Ok(()),
        Action::ReadMessages => require(takes_part, Denial::NotCorrespondent),
        Action::Notify => require(is_applicant || is_instructor, Denial::NotApplicant),
        Action::Annotate => require(is_instructor || is_reporter, Denial::NotAdministration),
        Action::GiveOpinion => require(is_reporter, Denial::NotReporter),
        Action::CorrectContacts => require(is_administrator, Denial::NotAdministrator),
        // Whoever has left the organisation must not take the request along.
        Action::Transfer => require(is_applicant || is_administrator, Denial::NotApplicant),
        Action::DecideTransfer => require(is_applicant || is_instructor || is_administrator, Denial::NotApplicant),
        Action::AskTransfer => Err(Denial::NotColleague),
        Action::Correct if is_instructor => require(subject.policy.correctable_by_instructor, Denial::NotCorrectable),
        Action::Update | Action::Delete | Action::Restore => require_applicant(is_applicant, may_prepare),
        Action::Submit
        | Action::Withdraw
        | Action::Reopen
        | Action::CancelReopening
        | Action::AcceptOffer
        | Action::DeclineOffer
        | Action::Copy => {
            require_applicant(is_applicant, may_prepare)?;
            require(in_organization, Denial::MembershipPending)
        }
        Action::RequestChanges
        | Action::Validate
        | Action::OfferPartialGrant
        | Action::Refuse
        | Action::AskOpinion
        | Action::Correct
        | Action::Assign => require(is_instructor, Denial::NotInstructor),
        Action::Revoke => {
            let may_instructor = is_instructor && subject.policy.revocable_by_instructor;
            require(is_administrator || may_instructor, Denial::NotAdministrator)
        }
        Action::Archive if is_instructor || is_administrator => Ok(()),
        Action::Archive => {
            require(is_applicant, Denial::NotApplicant)?;
            require(subject.state.status.is_editable(), Denial::NotInstructor)?;
            require_applicant(is_applicant, may_prepare)
        }
    }
}

/// The applicant alone, while they are of the organisation.
fn require_applicant(is_applicant: bool, is_member: bool) -> Result<(), Denial> {
    require(is_applicant, Denial::NotApplicant)?;
    require(is_member, Denial::NotInOrganization)
}

/// What an API does not have, nobody does.
const fn offered_by(policy: &Policy, action: Action) -> Result<(), Denial> {
    match action {
        Action::Notify => require(policy.messaging, Denial::NoMessages),
        Action::Reopen => require(policy.reopenable, Denial::NotReopenable),
        _ => Ok(()),
    }
}

/// What holds of requests that were put away, and of those of a frozen API, whoever asks.
fn put_away(
    subject: &Subject<'_>,
    action: Action,
    (is_applicant, is_instructor, is_administrator): (bool, bool, bool),
) -> Result<(), Denial> {
    let status = subject.state.status;
    let is_reading = matches!(action, Action::Show | Action::ReadMessages);
    if status == Status::Archived && !(is_administrator || is_instructor && is_reading) {
        return Err(Denial::Archived);
    }
    if status == Status::Deleted && !is_applicant {
        return Err(Denial::NotInvolved);
    }
    if status == Status::Deleted && !matches!(action, Action::Show | Action::Restore) {
        return Err(Denial::Deleted);
    }
    require(is_reading || action == Action::CorrectContacts || !subject.policy.frozen, Denial::Frozen)
}

const fn require(holds: bool, denial: Denial) -> Result<(), Denial> {
    if holds { Ok(()) } else { Err(denial) }
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

/// Whether `user` instructs the requests of that API that count as that démarche.
pub fn instructs(user: &User, target_api: &str, demarche: &str) -> bool {
    user.roles.iter().any(|role| {
        matches!(role, Role::Instructor { target_api: api, demarches } if api == target_api && demarches.include(demarche))
    })
}

/// Whether `user` sees which instructor takes care of such a request: the instructors among themselves, and who looks
/// after them.
pub fn sees_assignment(user: &User, target_api: &str, demarche: &str) -> bool {
    user.is_administrator() || instructs(user, target_api, demarche)
}

/// Whether `user` is a colleague of the applicant: their address and their membership of the organisation are verified.
pub fn is_colleague(user: &User, subject: &Subject<'_>) -> bool {
    user.id != subject.demandeur_id && subject.siret.is_some_and(|siret| is_verified_member(user, siret))
}

fn is_verified_member(user: &User, siret: &Siret) -> bool {
    user.email_verified && user.organizations.iter().any(|one| one.siret == *siret && one.is_verified)
}

/// Whether `user` may learn which requests that organisation has.
///
/// # Errors
/// Why not.
pub fn require_member(user: &User, siret: &Siret) -> Result<(), Denial> {
    require(is_verified_member(user, siret), Denial::NotVerifiedMember)
}

/// Colleagues have no other right. Where there is nothing to take over they do not even learn that there is a request.
fn may_take_over(user: &User, subject: &Subject<'_>) -> bool {
    let is_open = !subject.policy.frozen && next(subject.state, Action::AskTransfer).is_some();
    is_open && is_colleague(user, subject)
}

fn is_member(user: &User, subject: &Subject<'_>) -> bool {
    user.email_verified && subject.readers.contains(&user.email)
}

fn is_reporter(user: &User, subject: &Subject<'_>) -> bool {
    user.roles.iter().any(|role| {
        matches!(role, Role::Reporter { target_api, .. } if *target_api == subject.policy.target_api)
            && concerns(subject.policy, role, subject.scopes, subject.demarche)
    })
}

/// Whether a role for the API of that policy holds for a request with those scopes that counts as that démarche.
pub fn concerns(policy: &Policy, role: &Role, scopes: &BTreeSet<String>, demarche: &str) -> bool {
    role.demarches().include(demarche) && role.group().is_none_or(|group| has_scope_of(policy, group, scopes))
}

/// Whether a role shows requests with those scopes that count as that démarche, of the API of that policy.
pub fn shows(policy: &Policy, role: &Role, scopes: &BTreeSet<String>, demarche: &str) -> bool {
    let is_of_api = role.target_api() == Some(policy.target_api.as_str());
    match role {
        Role::Administrator => true,
        Role::Instructor { .. } | Role::Reporter { .. } => is_of_api && concerns(policy, role, scopes, demarche),
        Role::Manager(_) | Role::Developer { .. } | Role::Subscriber { .. } => false,
    }
}

/// Whether one of those scopes is of that group.
pub fn has_scope_of(policy: &Policy, group: &str, scopes: &BTreeSet<String>) -> bool {
    scopes.iter().any(|id| policy.scope(id).is_some_and(|scope| scope.group.as_deref() == Some(group)))
}

/// Which enrollments a user may see, in terms that SQL can filter on. The parts add up (OR), but for `archived`, which
/// says what of it may be seen although it was archived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListScope {
    /// Every enrollment.
    pub everything: bool,
    /// Those that this user filed.
    pub demandeur_id: i64,
    /// Those that name this address.
    pub email: Option<String>,
    /// Those that a role shows them.
    pub roles: Vec<RoleScope>,
    /// Archived ones that these roles show, to who asks for archived ones; every one, where the scope is everything.
    pub archived: Vec<RoleScope>,
}

/// Those of an API that a role shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleScope {
    /// The API.
    pub target_api: String,
    /// Only those that ask for one of these scopes.
    pub scopes: Option<Vec<String>>,
    /// Only those that count as one of these démarches.
    pub demarches: Demarches,
}

impl RoleScope {
    /// Whether it shows every request of its API.
    pub fn is_whole(&self) -> bool {
        self.scopes.is_none() && self.demarches == Demarches::All
    }

    /// What `user` instructs.
    pub fn instructed(user: &User) -> Vec<Self> {
        let instructed = user.roles.iter().filter_map(|role| match role {
            Role::Instructor { target_api, demarches } => {
                Some(Self { target_api: target_api.clone(), scopes: None, demarches: demarches.clone() })
            }
            _ => None,
        });
        instructed.collect()
    }
}

impl ListScope {
    /// What `user` may see: the rows for which [`allowed`] lets them `Show`. The policies are those in force.
    pub fn of<'a>(user: &User, policies: impl IntoIterator<Item = &'a Policy> + Clone) -> Self {
        let shows = |role: &&Role| matches!(role, Role::Instructor { .. } | Role::Reporter { .. });
        let roles = user.roles.iter().filter(shows).filter_map(|role| {
            let target_api = role.target_api()?;
            let policy = policies.clone().into_iter().find(|policy| policy.target_api == target_api);
            let scopes_of = |group: &str| {
                let scopes = policy.into_iter().flat_map(|policy| &policy.scopes);
                scopes.filter(|scope| scope.group.as_deref() == Some(group)).map(|scope| scope.id.clone()).collect()
            };
            Some(RoleScope {
                target_api: target_api.to_owned(),
                scopes: role.group().map(scopes_of),
                demarches: role.demarches().clone(),
            })
        });
        Self {
            everything: user.is_administrator(),
            demandeur_id: user.id,
            email: user.email_verified.then(|| user.email.clone()),
            roles: roles.collect(),
            archived: RoleScope::instructed(user),
        }
    }
}
