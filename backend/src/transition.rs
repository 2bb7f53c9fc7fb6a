//! The single door that every change of an enrollment goes through, and the view that comes back.
//!
//! In this order: rights (403), version and workflow (409), validation (422), one guarded update, the event with its
//! diff, the messages. All in the caller's one transaction; no network here: what a submission asks of others is asked
//! before, by [`submission`].

mod announcing;
pub mod clock;
mod contacts;
mod content;
pub mod conversation;
mod copy;
mod counting;
mod creation;
pub mod demarches;
pub mod facts;
pub mod files;
mod membership_check;
mod offer;
pub mod offered_messages;
pub mod opinions;
pub mod organization;
pub mod points;
mod provisioning;
pub mod queue;
mod quotas;
mod reading;
pub mod registered;
pub mod searched;
mod steps;
pub mod submission;
mod subscribers;
pub mod transfer;
pub mod versions;
mod webhooks;
mod written;

use std::cell::OnceCell;
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::{Map, Value};
use shared::api::{ContactCorrection, ContentCorrection};
use shared::change_state::ChangeState;
use shared::diff::{Change, Version};
use shared::document::DocumentType;
use shared::enrollment::Enrollment;
use shared::policy::Policy;
use shared::problem::ItemCode;
use shared::rights::{self, Subject};
use shared::text;
use shared::user::User;
use shared::workflow::{Action, EventName, State, next};

pub use self::announcing::preview;
pub use self::copy::copy;
pub use self::creation::create;
pub use self::provisioning::retry as retry_provisioning;
pub use self::reading::{authorisation, history, show};
use crate::config::Quotas;
use crate::connection::AnyConnection;
use crate::error::{Error, Result};
use crate::ids::{EnrollmentId, UserId};
use crate::models::document::{self, NewDocument};
use crate::models::enrollment::shown::{self, Beside, ShownEnrollment};
use crate::models::enrollment::{self, EnrollmentRecord};
use crate::models::event::NewEvent;
use crate::models::webhook::{self, WebhookRow};
use crate::outbound::dns::Domains;
use crate::outbound::managers::Managers;
use crate::policies::Policies;
use crate::seal::Seal;
use webhooks::WebhookEvent;
use written::{Effect, Written};

/// What a change needs to know besides the caller.
#[derive(Clone)]
pub struct Context {
    pub policies: Arc<Policies>,
    /// Where browsers reach us.
    pub public_url: String,
    /// Sender of the mails.
    pub mail_from: String,
    /// The API managers that are connected.
    pub managers: Managers,
    /// What is known of the domains of addresses.
    pub domains: Arc<Domains>,
    /// The mailbox of those who run the platform; empty for none.
    pub team_email: String,
    /// Seals the links that end mails.
    pub seal: Arc<Seal>,
    /// How much one person may do.
    pub quotas: Quotas,
    pub now: DateTime<Utc>,
}

/// What somebody reads or changes within one transaction.
pub struct Tx<'a> {
    pub connection: &'a mut AnyConnection,
    /// What it needs to know.
    pub context: &'a Context,
    /// For whom.
    pub user: &'a User,
    /// The administrator who acts for the user, if one does.
    pub administrator_id: Option<UserId>,
}

impl<'a> Tx<'a> {
    /// For somebody who acts for themselves.
    pub const fn new(connection: &'a mut AnyConnection, context: &'a Context, user: &'a User) -> Self {
        Self { connection, context, user, administrator_id: None }
    }

    const fn user_id(&self) -> UserId {
        UserId::of(self.user)
    }

    fn now(&self) -> NaiveDateTime {
        self.context.now.naive_utc()
    }

    fn load(&mut self, id: EnrollmentId) -> Result<Loaded> {
        Loaded::find(self.connection, self.context, id)
    }

    /// An enrollment, with what is shown beside it.
    fn load_shown(&mut self, id: EnrollmentId) -> Result<(Loaded, Beside)> {
        let ShownEnrollment { record, beside } = shown::find(self.connection, id)?;
        Ok((Loaded::of(self.connection, self.context, record)?, beside))
    }

    /// An enrollment that the user may read.
    fn load_readable(&mut self, id: EnrollmentId) -> Result<Loaded> {
        let loaded = self.load(id)?;
        rights::allowed(self.user, Action::Show, &loaded.subject())?;
        Ok(loaded)
    }

    /// An enrollment of which the user may read messages and reasons of decisions.
    fn load_correspondence(&mut self, id: EnrollmentId) -> Result<Loaded> {
        let loaded = self.load_readable(id)?;
        rights::allowed(self.user, Action::ReadMessages, &loaded.subject())?;
        Ok(loaded)
    }

    /// An enrollment of which rights and workflow let the user do that.
    fn load_for(&mut self, action: Action, id: EnrollmentId) -> Result<Loaded> {
        let loaded = self.load(id)?;
        permitted(&loaded, self.user, action, None)?;
        Ok(loaded)
    }

    /// An event that the user makes now, with nothing to say.
    fn event(&self, enrollment_id: EnrollmentId, name: EventName) -> NewEvent {
        NewEvent {
            enrollment_id,
            name,
            comment: String::new(),
            changes: Vec::new(),
            snapshot: None,
            without_changes: false,
            user_id: Some(self.user_id()),
            administrator_id: self.administrator_id,
            created_at: self.now(),
        }
    }
}

/// What to do.
#[derive(Clone, Debug)]
pub enum Command {
    /// Replace these members of the content.
    Update(Map<String, Value>),
    /// Join a file, in the place of the one of its type where there may be one.
    Attach(NewDocument),
    /// Take away the files of a type, or only the one of that number.
    Detach(DocumentType, Option<i64>),
    /// Put members of the content right, in the place of the applicant.
    Correct(ContentCorrection),
    /// Put the contact details of a person right.
    CorrectContacts(ContactCorrection),
    /// Take a step of the workflow.
    Step(ChangeState),
}

impl Command {
    const fn action(&self) -> Action {
        match self {
            Self::Update(_) | Self::Attach(_) | Self::Detach(..) => Action::Update,
            Self::Correct(_) => Action::Correct,
            Self::CorrectContacts(_) => Action::CorrectContacts,
            Self::Step(change) => change.action(),
        }
    }
}

/// An enrollment with what decisions about it need.
struct Loaded {
    record: EnrollmentRecord,
    /// The policy that it was written against: its questions and its rules.
    policy: Arc<Policy>,
    /// The policy in force: its flags bind every request of the API. The one above where the API is gone.
    in_force: Arc<Policy>,
    readers: Vec<String>,
    webhooks: OnceCell<Vec<WebhookRow>>,
}

impl Loaded {
    fn find(connection: &mut AnyConnection, context: &Context, id: EnrollmentId) -> Result<Self> {
        let record = enrollment::find(connection, id)?;
        Self::of(connection, context, record)
    }

    fn of(connection: &mut AnyConnection, context: &Context, record: EnrollmentRecord) -> Result<Self> {
        let policy = context.policies.at(connection, &record.target_api, &record.policy_revision)?;
        let in_force = context.policies.current().get(&record.target_api).unwrap_or(&policy).clone();
        let readers = enrollment::readers(&record.content.0);
        Ok(Self { record, policy, in_force, readers, webhooks: OnceCell::new() })
    }

    /// The webhooks of its API, read the first time that they are asked for.
    fn webhooks(&self, connection: &mut AnyConnection) -> Result<&[WebhookRow]> {
        if let Some(known) = self.webhooks.get() {
            return Ok(known);
        }
        let found = webhook::of_api(connection, &self.record.target_api)?;
        Ok(self.webhooks.get_or_init(|| found))
    }

    fn state(&self) -> State {
        let EnrollmentRecord { status, reopening, resubmitted, offered, .. } = self.record;
        let submitted_before = self.record.submitted_at.is_some();
        State { status: status.0, reopening, resubmitted, offered, submitted_before }
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            policy: &self.in_force,
            state: self.state(),
            demandeur_id: self.record.demandeur_id.0,
            siret: self.record.content.0.siret.as_ref(),
            readers: &self.readers,
            scopes: &self.record.content.0.scopes,
            demarche: &self.record.demarche,
        }
    }

    /// What stands in it now.
    fn version(&self, connection: &mut AnyConnection) -> Result<Version> {
        let documents = document::live(connection, self.record.id)?;
        Ok(Version { content: self.record.content.0.clone(), documents })
    }
}

/// Changes an enrollment. `expected` is the version that the caller saw; without one, the present version is changed.
///
/// # Errors
/// No such enrollment (404); not allowed (403); changed meanwhile, or not from this status (409); unreadable (400);
/// not acceptable (422).
pub fn apply(tx: &mut Tx<'_>, id: EnrollmentId, expected: Option<i64>, command: Command) -> Result<Enrollment> {
    let mut loaded = tx.load(id)?;
    let state = permitted(&loaded, tx.user, command.action(), expected)?;
    let before = loaded.version(tx.connection)?;
    let written = match command {
        Command::Update(members) => content::update(tx, &mut loaded, &before, members)?,
        Command::Attach(file) => content::attach(tx, &loaded, &before, &file)?,
        Command::Detach(kind, only) => content::detach(tx, &loaded, &before, (kind, only))?,
        Command::Correct(correction) => content::correct(tx, &loaded, &before, correction)?,
        Command::CorrectContacts(correction) => contacts::correct(&loaded, &before, correction)?,
        Command::Step(change) => steps::take(tx, &mut loaded, &before, change)?,
    };
    let changes = written.changes(&before);
    let is_same_policy = loaded.policy.revision == loaded.record.policy_revision;
    if written.event == EventName::Update && changes.is_empty() && is_same_policy {
        return show(tx, id);
    }
    write(tx, &loaded, &written, state, changes)?;
    // Whoever archives a request sees the outcome, though it is the last that most of them see of it.
    reading::outcome(tx, id)
}

/// Writes a change of an enrollment, with all that follows from it.
fn write(tx: &mut Tx<'_>, loaded: &Loaded, written: &Written, state: State, changes: Vec<Change>) -> Result<()> {
    let mut columns = written.columns(loaded, state, tx.now());
    let answered = queue::update_waiting(&loaded.record, &mut columns, tx.now());
    if !enrollment::update(tx.connection, &loaded.record, &columns)? {
        return Err(Error::StaleVersion);
    }
    queue::follow_up(tx.connection, &loaded.record, &columns, answered, tx.now())?;
    written.take_effect(tx, loaded, &columns)?;
    conversation::mark_decided(tx, loaded, written.event)?;
    written.record(tx, loaded.record.id, changes)?;
    provisioning::ask(tx, loaded, written)?;
    announcing::announce(tx, loaded, written)?;
    let event = WebhookEvent {
        comment: &written.comment,
        grants: matches!(written.effect, Effect::Grant { .. }),
        ..WebhookEvent::by(tx, loaded.record.id, written.event)
    };
    webhooks::enqueue(tx.connection, tx.context, loaded, event)?;
    counting::count(tx.connection, &loaded.record, &columns, written.event, &written.points, tx.now())
}

/// The state that the action leads to, once rights, version and workflow agree.
fn permitted(loaded: &Loaded, user: &User, action: Action, expected: Option<i64>) -> Result<State> {
    rights::allowed(user, action, &loaded.subject())?;
    let Some(state) = next(loaded.state(), action) else {
        return Err(Error::WrongStatus(format!(
            "Cette demande a le statut «\u{a0}{}\u{a0}»\u{a0}: l’action «\u{a0}{}\u{a0}» n’est pas possible.",
            loaded.record.status.0.label(),
            action.label()
        )));
    };
    if expected.is_some_and(|version| version != loaded.record.version) {
        return Err(Error::StaleVersion);
    }
    Ok(state)
}

/// What somebody writes with a decision, as it is kept.
fn checked_comment(is_needed: bool, comment: &str) -> Result<String> {
    if is_needed && comment.trim().is_empty() {
        let detail = "Expliquez votre décision\u{a0}; le demandeur recevra ce texte.";
        return Err(Error::pointer("/comment", ItemCode::Required, detail));
    }
    tidied("/comment", comment)
}

/// Why something is corrected, as it is kept.
fn checked_reason(reason: &str) -> Result<String> {
    if reason.trim().is_empty() {
        let detail = "Dites pourquoi vous corrigez\u{a0}; le demandeur recevra ce texte.";
        return Err(Error::pointer("/reason", ItemCode::Required, detail));
    }
    tidied("/reason", reason)
}

/// What somebody writes to others, as it is kept.
///
/// # Errors
/// 400, naming the member: it is too long, or has characters that nobody sees.
fn tidied(pointer: &str, text: &str) -> Result<String> {
    text::tidied(text).map_err(|flaw| Error::pointer(pointer, flaw.code(), flaw.to_string()))
}
