//! The single door that every change of an enrollment goes through, and the view that comes back.
//!
//! In this order: rights (403), version and workflow (409), validation (422), one guarded update, the event with its
//! diff, the messages. All in the caller's one transaction; no network here.

mod announcing;
pub mod clock;
pub mod contacts;
pub mod conversation;
mod copy;
pub mod facts;
pub mod files;
mod offer;
pub mod opinions;
pub mod points;
pub mod queue;
mod reading;
pub mod standing;
pub mod versions;

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use serde_json::{Map, Value};
use shared::change_point::NewPoint;
use shared::diff::{self, Change, Version};
use shared::document::{Document, DocumentType};
use shared::enrollment::{AuthorisationState, Draft, Enrollment, MergeError};
use shared::event::EventName;
use shared::offer::remaining;
use shared::policy::{Policy, revision};
use shared::rights::{self, Subject};
use shared::text;
use shared::user::User;
use shared::validation::{Candidate, Stage, validate};
use shared::workflow::{Action, State, Status, next};

pub use self::announcing::preview;
use self::announcing::{Told, announce, with_notice};
pub use self::copy::copy;
pub use self::reading::{authorisation, history, show};
use crate::audit;
use crate::db::AnyConnection;
use crate::db::types::{Json, Name};
use crate::error::{Error, Result};
use crate::models::authorisation::{self, NewAuthorisation};
use crate::models::change_point;
use crate::models::document::{self, NewDocument};
use crate::models::enrollment::{self, EnrollmentChanges, EnrollmentRecord, NewEnrollment};
use crate::models::event::{self, NewEvent};
use crate::policies::Policies;

/// Updates of one person within this time are one line of the history: the form saves itself every second.
const UPDATE_WINDOW_MINUTES: i64 = 60;

/// What a change needs to know besides the caller.
#[derive(Clone, Debug)]
pub struct Context {
    /// The policies.
    pub policies: std::sync::Arc<Policies>,
    /// Where browsers reach us.
    pub public_url: String,
    /// Sender of the mails.
    pub mail_from: String,
    /// Now.
    pub now: DateTime<Utc>,
}

/// What to do.
#[derive(Clone, Debug)]
pub enum Command {
    /// Replace these members of the content.
    Update(Map<String, Value>),
    /// Join a file, in the place of the one of its type.
    Attach(NewDocument),
    /// Take a file away.
    Detach(DocumentType),
    /// Send the request back.
    RequestChanges {
        /// What to change as a whole; may be empty where there are points.
        comment: String,
        /// What to change, point by point.
        points: Vec<NewPoint>,
    },
    /// Offer a partial grant.
    Offer {
        /// The data that is taken out.
        struck: BTreeSet<String>,
        /// Why.
        reason: String,
    },
    /// Take another step of the workflow.
    Step {
        /// Which.
        action: Action,
        /// Why.
        comment: String,
    },
}

impl Command {
    const fn action(&self) -> Action {
        match self {
            Self::Update(_) | Self::Attach(_) | Self::Detach(_) => Action::Update,
            Self::RequestChanges { .. } => Action::RequestChanges,
            Self::Offer { .. } => Action::OfferPartialGrant,
            Self::Step { action, .. } => *action,
        }
    }
}

/// An enrollment with what decisions about it need.
struct Loaded {
    record: EnrollmentRecord,
    policy: std::sync::Arc<Policy>,
    readers: Vec<String>,
}

impl Loaded {
    fn find(connection: &mut AnyConnection, context: &Context, id: i64) -> Result<Self> {
        let record = enrollment::find(connection, id)?;
        let policy = context.policies.at(connection, &record.target_api, &record.policy_revision)?;
        let readers = enrollment::readers(&record.content.0);
        Ok(Self { record, policy, readers })
    }

    fn state(&self) -> State {
        let EnrollmentRecord { status, reopening, resubmitted, offered, .. } = self.record;
        State { status: status.0, reopening, resubmitted, offered }
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            policy: &self.policy,
            state: self.state(),
            demandeur_id: self.record.demandeur_id,
            siret: self.record.content.0.siret.as_ref(),
            readers: &self.readers,
            scopes: &self.record.content.0.scopes,
        }
    }
}

/// Starts a draft.
///
/// # Errors
/// No such API (404) or a retired one (403); members that cannot be read (400) or stored (422).
pub fn create(
    connection: &mut AnyConnection,
    context: &Context,
    user: &User,
    target_api: &str,
    members: &Map<String, Value>,
) -> Result<Enrollment> {
    let policy = offered(context, target_api)?;
    let draft = policy.new_draft().merged(members).map_err(unreadable)?;
    let facts = facts::impose(connection, context, user, &policy, draft, "")?;
    facts.refuse_closed(connection)?;
    check(connection, &policy, &facts, &[], Stage::Save)?;

    let now = context.now.naive_utc();
    let changes = facts.first_columns(&policy, now);
    let new = NewEnrollment {
        target_api: policy.target_api.clone(),
        demandeur_id: user.id,
        demandeur_email: user.email.clone(),
        copied_from_id: None,
        created_at: now,
    };
    let id = enrollment::insert(connection, &new, &changes)?;
    event::insert(
        connection,
        NewEvent {
            enrollment_id: id,
            name: EventName::Create,
            comment: String::new(),
            changes: Vec::new(),
            snapshot: None,
            user_id: Some(user.id),
            created_at: now,
        },
    )?;
    show(connection, context, user, id)
}

/// The policy in force for an API for which one may file a request here.
fn offered(context: &Context, target_api: &str) -> Result<std::sync::Arc<Policy>> {
    let policy = context.policies.require(target_api)?;
    if policy.retired || policy.frozen {
        return Err(Error::Forbidden(format!("{} n’accepte plus de nouvelles demandes.", policy.label)));
    }
    if let Some(url) = &policy.start_url {
        return Err(Error::Forbidden(format!("La demande pour {} se fait à l’adresse {url}.", policy.label)));
    }
    Ok(policy)
}

/// Changes an enrollment. `expected` is the version that the caller saw; without one, the present version is changed.
///
/// # Errors
/// No such enrollment (404); not allowed (403); changed meanwhile, or not from this status (409); unreadable (400);
/// not acceptable (422).
pub fn apply(
    connection: &mut AnyConnection,
    context: &Context,
    user: &User,
    id: i64,
    expected: Option<i64>,
    command: Command,
) -> Result<Enrollment> {
    let mut loaded = Loaded::find(connection, context, id)?;
    let action = command.action();
    let status = permitted(&loaded, user, action, expected)?;
    let documents = document::live(connection, id)?;
    let before = Version { content: loaded.record.content.0.clone(), documents };
    let now = context.now.naive_utc();

    let (mut asked, mut terms) = (Vec::new(), None);
    let (draft, comment) = match command {
        Command::Update(mut members) => {
            let content = match members.remove("policy_revision") {
                Some(revision) => renewed(context, &mut loaded, &revision)?,
                None => before.content.clone(),
            };
            (content.merged(&members).map_err(unreadable)?, String::new())
        }
        Command::Attach(new) => {
            files::asked(&loaded.policy, new.kind)?;
            document::replace(connection, id, &new, now)?;
            (before.content.clone(), String::new())
        }
        Command::Detach(kind) => {
            document::retire(connection, id, kind, now)?;
            (before.content.clone(), String::new())
        }
        Command::RequestChanges { comment, points } => {
            asked = points::checked(&loaded.policy, &before.content, points)?;
            (before.content.clone(), checked_comment(asked.is_empty(), &comment)?)
        }
        Command::Offer { struck, reason } => {
            offer::check(&loaded, &before, &struck)?;
            let reason = checked_comment(true, &reason)?;
            terms = Some(offer::Terms { struck, reason: reason.clone(), user_id: user.id });
            (before.content.clone(), reason)
        }
        Command::Step { action: Action::AcceptOffer, comment } => {
            let accepted = terms.insert(offer::terms(connection, id)?);
            (remaining(&before.content, &accepted.struck), checked_comment(false, &comment)?)
        }
        Command::Step { action: Action::OfferPartialGrant, .. } => {
            return Err(Error::BadRequest("struck\u{a0}: choisissez au moins une donnée à retirer.".to_owned()));
        }
        Command::Step { comment, .. } => {
            let ends_update =
                loaded.record.reopening && matches!(action, Action::CancelReopening | Action::Refuse | Action::Revoke);
            let content =
                if ends_update { restored(connection, context, &mut loaded, now)? } else { before.content.clone() };
            (content, checked_comment(action.needs_comment(), &comment)?)
        }
    };
    let documents = document::live(connection, id)?;
    let facts = if matches!(action, Action::Update | Action::Submit) {
        if action == Action::Submit {
            standing::check(user)?;
        }
        let known = &loaded.record.nom_raison_sociale;
        let mut facts = facts::impose(connection, context, user, &loaded.policy, draft, known)?;
        facts.granted = facts.granted.filter(|other| *other != id);
        let stage = if action == Action::Submit { Stage::Submit } else { Stage::Save };
        check(connection, &loaded.policy, &facts, &documents, stage)?;
        facts
    } else {
        facts::Facts { draft, ..facts::Facts::of(&loaded.record) }
    };
    let after = Version { content: facts.draft.clone(), documents };
    let changes = match &terms {
        // What is offered: nothing changes before it is accepted.
        Some(terms) if action == Action::OfferPartialGrant => {
            let content = remaining(&before.content, &terms.struck);
            diff::diff(&before, &Version { content, documents: before.documents.clone() })
        }
        _ => diff::diff(&before, &after),
    };
    let is_same_policy = loaded.policy.revision == loaded.record.policy_revision;
    if action == Action::Update && changes.is_empty() && is_same_policy {
        return show(connection, context, user, id);
    }

    let kept = facts.next_columns(&loaded.policy, &loaded.record, now);
    let mut columns = EnrollmentChanges {
        status: Name(status),
        previous_enrollment_id: match action {
            Action::Update | Action::Submit => facts.previous.as_ref().map(|previous| previous.id),
            _ => kept.previous_enrollment_id,
        },
        reopening: match action {
            Action::Reopen => true,
            Action::Validate | Action::AcceptOffer | Action::Refuse | Action::Revoke | Action::CancelReopening => false,
            _ => kept.reopening,
        },
        resubmitted: match action {
            Action::Submit => loaded.record.status.0 == Status::ChangesRequested,
            Action::RequestChanges | Action::Reopen => false,
            _ => kept.resubmitted,
        },
        // Whatever happens to the request ends an offer.
        offered: action == Action::OfferPartialGrant,
        submitted_at: if action == Action::Submit { Some(now) } else { kept.submitted_at },
        validated_at: if matches!(action, Action::Validate | Action::AcceptOffer) {
            Some(now)
        } else {
            kept.validated_at
        },
        ..kept
    };
    let answered = queue::turned(&loaded.record, &mut columns, now);
    if !enrollment::update(connection, &loaded.record, &columns)? {
        return Err(Error::StaleVersion);
    }
    queue::followed(connection, &loaded.record, &columns, answered, now)?;
    match action {
        Action::Validate | Action::AcceptOffer => {
            let by = terms.as_ref().map_or(user.id, |accepted| accepted.user_id);
            grant(connection, by, &loaded, &columns, &after)?;
        }
        Action::Revoke => authorisation::end(connection, id, AuthorisationState::Revoked, now)?,
        _ => {}
    }
    let recorded = Recorded { action, comment: &comment, changes, points: &asked, version: &after };
    record(connection, user, id, now, recorded)?;
    let told = Told { action, comment: &comment, points: &asked, terms: terms.as_ref() };
    announce(connection, context, &loaded, user, told, facts)?;
    // Whoever archives a request sees the outcome, though it is the last that most of them see of it.
    let outcome = Loaded::find(connection, context, id)?;
    reading::view(connection, user, outcome)
}

/// Writes down what is granted, for ever.
fn grant(
    connection: &mut AnyConnection,
    by: i64,
    loaded: &Loaded,
    columns: &EnrollmentChanges,
    version: &Version,
) -> Result<()> {
    let new = NewAuthorisation {
        enrollment_id: loaded.record.id,
        target_api: loaded.record.target_api.clone(),
        policy_revision: columns.policy_revision.clone(),
        siret: columns.siret.clone().unwrap_or_default(),
        nom_raison_sociale: columns.nom_raison_sociale.clone(),
        intitule: columns.intitule.clone(),
        responsable_traitement: columns.responsable_traitement.clone(),
        created_by: by,
        created_at: columns.updated_at,
        version: Json(version.clone()),
    };
    authorisation::grant(connection, &new)?;
    Ok(())
}

/// The end of an update that is not granted: policy, organisation, files are again those that are in force, and so is
/// the content, which is returned.
fn restored(
    connection: &mut AnyConnection,
    context: &Context,
    loaded: &mut Loaded,
    now: NaiveDateTime,
) -> Result<Draft> {
    let id = loaded.record.id;
    let Some(in_force) = authorisation::in_force(connection, id)? else {
        return Err(Error::Internal(format!("enrollment {id} updates nothing that is in force")));
    };
    let Version { content, documents } = in_force.version.0;
    loaded.policy = context.policies.at(connection, &loaded.record.target_api, &in_force.policy_revision)?;
    loaded.record.nom_raison_sociale = in_force.nom_raison_sociale;
    document::restore(connection, id, &documents, now)?;
    Ok(content)
}

/// Moves a draft to the policy in force, and gives what it keeps of its content.
///
/// Only a draft: what was submitted once is instructed under the policy that it was written against.
fn renewed(context: &Context, loaded: &mut Loaded, revision: &Value) -> Result<Draft> {
    let present = context.policies.require(&loaded.record.target_api)?;
    if loaded.record.status.0 != Status::Draft {
        return Err(Error::WrongStatus("Seul un brouillon passe à une nouvelle version du formulaire.".to_owned()));
    }
    if revision.as_str() != Some(&present.revision) {
        return Err(Error::StaleVersion);
    }
    loaded.policy = present;
    Ok(revision::fitted(&loaded.policy, loaded.record.content.0.clone()))
}

/// The status that the action leads to, once rights, version and workflow agree.
fn permitted(loaded: &Loaded, user: &User, action: Action, expected: Option<i64>) -> Result<Status> {
    rights::allowed(user, action, &loaded.subject())?;
    let present = loaded.record.status.0;
    let Some(status) = next(loaded.state(), action).filter(|_| action != Action::Show) else {
        return Err(Error::WrongStatus(format!(
            "Cette demande a le statut «\u{a0}{}\u{a0}»\u{a0}: l’action «\u{a0}{}\u{a0}» n’est pas possible.",
            present.label(),
            action.label()
        )));
    };
    if expected.is_some_and(|version| version != loaded.record.version) {
        return Err(Error::StaleVersion);
    }
    Ok(status)
}

fn checked_comment(is_needed: bool, comment: &str) -> Result<String> {
    if is_needed && comment.trim().is_empty() {
        return Err(Error::BadRequest(
            "comment\u{a0}: expliquez votre décision\u{a0}; le demandeur recevra ce texte.".to_owned(),
        ));
    }
    tidied("comment", comment)
}

/// What somebody writes to others, as it is kept.
///
/// # Errors
/// 400, naming the member: it is too long, or has characters that nobody sees.
fn tidied(member: &str, text: &str) -> Result<String> {
    text::tidied(text).map_err(|flaw| Error::BadRequest(format!("{member}\u{a0}: {flaw}")))
}

fn unreadable(error: MergeError) -> Error {
    Error::BadRequest(match error {
        MergeError::UnknownMember(member) => format!("{member}\u{a0}: ce membre n’existe pas."),
        MergeError::WrongType { member, reason } => format!("{member} : valeur illisible ({reason})."),
    })
}

fn check(
    connection: &mut AnyConnection,
    policy: &Policy,
    facts: &facts::Facts,
    documents: &[Document],
    stage: Stage,
) -> Result<()> {
    // A form saves itself every second, and nothing that it saves depends on the register.
    let establishment = match stage {
        Stage::Submit => facts.establishment(connection)?,
        Stage::Save => None,
    };
    let candidate = Candidate {
        draft: &facts.draft,
        documents,
        nom_raison_sociale: &facts.nom_raison_sociale,
        establishment: establishment.as_ref(),
        granted: facts.granted,
        previous: facts.previous.as_ref(),
    };
    let errors = validate(policy, candidate, stage);
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

struct Recorded<'a> {
    action: Action,
    comment: &'a str,
    changes: Vec<Change>,
    points: &'a [NewPoint],
    version: &'a Version,
}

/// Writes the event. Updates that follow one another closely are one event.
fn record(
    connection: &mut AnyConnection,
    user: &User,
    id: i64,
    now: NaiveDateTime,
    recorded: Recorded<'_>,
) -> Result<()> {
    let Ok(name) = EventName::try_from(recorded.action) else { return Ok(()) };
    if name == EventName::Update
        && let Some(last) = event::last(connection, id)?
        && last.name.0 == EventName::Update
        && (last.user_id, last.administrator_id) == (Some(user.id), audit::administrator())
        && now - last.created_at < Duration::minutes(UPDATE_WINDOW_MINUTES)
    {
        event::rewrite(connection, last.id, diff::merge(&last.changes.0, &recorded.changes))?;
        return Ok(());
    }
    let event = event::insert(
        connection,
        NewEvent {
            enrollment_id: id,
            name,
            comment: recorded.comment.to_owned(),
            changes: recorded.changes,
            snapshot: (name == EventName::Submit).then(|| recorded.version.clone()),
            user_id: Some(user.id),
            created_at: now,
        },
    )?;
    Ok(change_point::insert(connection, id, event, recorded.points)?)
}
