//! The single door that every change of an enrollment goes through, and the view that comes back.
//!
//! In this order: rights (403), version and workflow (409), validation (422), one guarded update, the event with its
//! diff, the messages. All in the caller's one transaction; no network here.

pub mod clock;
pub mod conversation;
mod copy;
pub mod facts;
pub mod files;
mod reading;

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use serde_json::{Map, Value};
use shared::api::{MAX_COMMENT_LENGTH, Mail};
use shared::diff::{self, Change, Version};
use shared::document::{Document, DocumentType};
use shared::enrollment::{AuthorisationState, Draft, Enrollment, MergeError};
use shared::event::EventName;
use shared::policy::{Policy, revision};
use shared::rights::{self, Subject};
use shared::user::User;
use shared::validation::{Candidate, Stage, validate};
use shared::workflow::{Action, State, Status, next};

pub use self::copy::copy;
pub use self::reading::{authorisation, history, show};
use crate::db::AnyConnection;
use crate::db::types::{Json, Name};
use crate::error::{Error, Result};
use crate::models::authorisation::{self, NewAuthorisation};
use crate::models::document::{self, NewDocument};
use crate::models::enrollment::{self, EnrollmentChanges, EnrollmentRecord, NewEnrollment};
use crate::models::event::{self, NewEvent};
use crate::models::user;
use crate::notification::{self, Notice};
use crate::outbox;
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
    /// Take a step of the workflow.
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
        State { status: self.record.status.0, reopening: self.record.reopening, resubmitted: self.record.resubmitted }
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
    facts.refuse_closed()?;
    check(&policy, &facts, &[], Stage::Save)?;

    let now = context.now.naive_utc();
    let changes = first_columns(&policy, &facts, now);
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

/// The columns of a draft that begins.
fn first_columns(policy: &Policy, facts: &facts::Facts, now: NaiveDateTime) -> EnrollmentChanges {
    EnrollmentChanges { status: Name(Status::Draft), version: 1, updated_at: now, ..facts.columns(policy) }
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
        Command::Step { comment, .. } => {
            let ends_update =
                loaded.record.reopening && matches!(action, Action::CancelReopening | Action::Refuse | Action::Revoke);
            let content =
                if ends_update { restored(connection, context, &mut loaded, now)? } else { before.content.clone() };
            (content, checked_comment(action, comment)?)
        }
    };
    let documents = document::live(connection, id)?;
    let facts = if matches!(action, Action::Update | Action::Submit) {
        let known = &loaded.record.nom_raison_sociale;
        let mut facts = facts::impose(connection, context, user, &loaded.policy, draft, known)?;
        facts.granted = facts.granted.filter(|other| *other != id);
        let stage = if action == Action::Submit { Stage::Submit } else { Stage::Save };
        check(&loaded.policy, &facts, &documents, stage)?;
        facts
    } else {
        facts::Facts { draft, ..facts::Facts::of(&loaded.record) }
    };
    let after = Version { content: facts.draft.clone(), documents };
    let changes = diff::diff(&before, &after);
    let is_same_policy = loaded.policy.revision == loaded.record.policy_revision;
    if action == Action::Update && changes.is_empty() && is_same_policy {
        return show(connection, context, user, id);
    }

    let own = facts.columns(&loaded.policy);
    let columns = EnrollmentChanges {
        status: Name(status),
        previous_enrollment_id: match action {
            Action::Update | Action::Submit => own.previous_enrollment_id,
            // A decision does not look the previous request up again.
            _ => loaded.record.previous_enrollment_id,
        },
        version: loaded.record.version + 1,
        reopening: match action {
            Action::Reopen => true,
            Action::Validate | Action::Refuse | Action::Revoke | Action::CancelReopening => false,
            _ => loaded.record.reopening,
        },
        resubmitted: match action {
            Action::Submit => loaded.record.status.0 == Status::ChangesRequested,
            Action::RequestChanges | Action::Reopen => false,
            _ => loaded.record.resubmitted,
        },
        updated_at: now,
        submitted_at: if action == Action::Submit { Some(now) } else { loaded.record.submitted_at },
        validated_at: if action == Action::Validate { Some(now) } else { loaded.record.validated_at },
        ..own
    };
    if !enrollment::update(connection, &loaded.record, &columns)? {
        return Err(Error::StaleVersion);
    }
    match action {
        Action::Validate => grant(connection, user, &loaded, &columns, &after)?,
        Action::Revoke => authorisation::end(connection, id, AuthorisationState::Revoked, now)?,
        _ => {}
    }
    let recorded = Recorded { action, comment: &comment, changes, version: &after };
    record(connection, user, id, now, recorded)?;
    announce(connection, context, &loaded, user, action, &comment, &facts)?;
    // Whoever archives a request sees the outcome, though it is the last that most of them see of it.
    let outcome = Loaded::find(connection, context, id)?;
    reading::view(connection, user, outcome)
}

/// Writes down what is granted, for ever.
fn grant(
    connection: &mut AnyConnection,
    actor: &User,
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
        created_by: actor.id,
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

fn checked_comment(action: Action, comment: String) -> Result<String> {
    if action.needs_comment() && comment.trim().is_empty() {
        return Err(Error::BadRequest(
            "comment\u{a0}: expliquez votre décision\u{a0}; le demandeur recevra ce texte.".to_owned(),
        ));
    }
    if comment.chars().count() > MAX_COMMENT_LENGTH {
        return Err(Error::BadRequest(format!("comment\u{a0}: ce texte dépasse {MAX_COMMENT_LENGTH} caractères.")));
    }
    Ok(comment.replace("\r\n", "\n").trim().to_owned())
}

fn unreadable(error: MergeError) -> Error {
    Error::BadRequest(match error {
        MergeError::UnknownMember(member) => format!("{member}\u{a0}: ce membre n’existe pas."),
        MergeError::WrongType { member, reason } => format!("{member} : valeur illisible ({reason})."),
    })
}

fn check(policy: &Policy, facts: &facts::Facts, documents: &[Document], stage: Stage) -> Result<()> {
    let candidate = Candidate {
        draft: &facts.draft,
        documents,
        nom_raison_sociale: &facts.nom_raison_sociale,
        establishment: facts.establishment.as_ref(),
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
        && last.user_id == Some(user.id)
        && now - last.created_at < Duration::minutes(UPDATE_WINDOW_MINUTES)
    {
        event::rewrite(connection, last.id, diff::merge(&last.changes.0, &recorded.changes))?;
        return Ok(());
    }
    event::insert(
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
    Ok(())
}

/// Stores the messages of the change.
fn announce(
    connection: &mut AnyConnection,
    context: &Context,
    loaded: &Loaded,
    actor: &User,
    action: Action,
    comment: &str,
    facts: &facts::Facts,
) -> Result<()> {
    let Ok(event) = EventName::try_from(action) else { return Ok(()) };
    let messages = with_notice(connection, context, loaded, actor, event, comment, facts, notification::plan)?;
    outbox::enqueue(connection, loaded.record.id, loaded.record.version + 1, messages)
}

#[expect(clippy::too_many_arguments, reason = "they are what a notice is made of")]
fn with_notice<T>(
    connection: &mut AnyConnection,
    context: &Context,
    loaded: &Loaded,
    actor: &User,
    event: EventName,
    comment: &str,
    facts: &facts::Facts,
    f: impl FnOnce(&Notice<'_>) -> Result<T>,
) -> Result<T> {
    let applicant = if actor.id == loaded.record.demandeur_id {
        actor.email.clone()
    } else {
        user::find(connection, loaded.record.demandeur_id)?.email
    };
    let subscribers = if event == EventName::Submit {
        user::emails_with_roles(connection, &notification::subscriber_roles(&loaded.policy, &facts.draft))?
    } else {
        Vec::new()
    };
    f(&Notice {
        event,
        resubmitted: loaded.record.status.0 == Status::ChangesRequested,
        id: loaded.record.id,
        policy: &loaded.policy,
        content: &facts.draft,
        nom_raison_sociale: &facts.nom_raison_sociale,
        demandeur_email: &applicant,
        comment,
        subscribers: &subscribers,
        public_url: &context.public_url,
        mail_from: &context.mail_from,
    })
}

/// The mails that a step would send, for those who may take it. Nothing is sent.
///
/// # Errors
/// No such enrollment (404); not allowed (403); not from this status (409).
pub fn preview(
    connection: &mut AnyConnection,
    context: &Context,
    user: &User,
    id: i64,
    action: Action,
    comment: &str,
) -> Result<Vec<Mail>> {
    let loaded = Loaded::find(connection, context, id)?;
    permitted(&loaded, user, action, None)?;
    let Ok(event) = EventName::try_from(action) else { return Ok(Vec::new()) };
    let facts = facts::Facts::of(&loaded.record);
    with_notice(connection, context, &loaded, user, event, comment, &facts, notification::mails)
}
