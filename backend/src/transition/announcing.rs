//! Who is told of a change: the messages are made from it and stored, or only shown.

use shared::api::{ChangeState, Mail};
use shared::change_point::NewPoint;
use shared::diff::Version;
use shared::event::EventName;
use shared::offer::remaining;
use shared::user::User;
use shared::workflow::{Action, Status};

use super::facts::Facts;
use super::offer::{self, Terms};
use super::{Context, Loaded, permitted, points};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::models::{document, user};
use crate::notification::{self, Notice};
use crate::outbox;

/// What is told of a change.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    /// What was done.
    pub action: Action,
    /// With which words.
    pub comment: &'a str,
    /// The points of a request for changes.
    pub points: &'a [NewPoint],
    /// What is offered, or was accepted.
    pub terms: Option<&'a Terms>,
}

impl Told<'_> {
    /// The event whose mails go out. What was accepted is granted, like anything else.
    fn event(self) -> Option<EventName> {
        match self.action {
            Action::AcceptOffer => Some(EventName::Validate),
            action => EventName::try_from(action).ok(),
        }
    }

    /// What the mails quote, and the content that they are about.
    fn words(self, loaded: &Loaded, facts: Facts) -> (String, Facts) {
        let policy = &loaded.policy;
        match self.terms {
            Some(terms) if self.action == Action::OfferPartialGrant => {
                let draft = remaining(&facts.draft, &terms.struck);
                (notification::with_struck(policy, self.comment, &terms.struck), Facts { draft, ..facts })
            }
            Some(terms) => (terms.reason.clone(), facts),
            None => (notification::with_points(policy, self.comment, self.points), facts),
        }
    }
}

/// Stores the messages of the change.
pub(super) fn announce(
    connection: &mut AnyConnection,
    context: &Context,
    loaded: &Loaded,
    actor: &User,
    told: Told<'_>,
    facts: Facts,
) -> Result<()> {
    let Some(event) = told.event() else { return Ok(()) };
    let (comment, facts) = told.words(loaded, facts);
    let messages = with_notice(connection, context, loaded, actor, event, &comment, &facts, notification::plan)?;
    outbox::enqueue(connection, loaded.record.id, loaded.record.version + 1, messages)
}

#[expect(clippy::too_many_arguments, reason = "they are what a notice is made of")]
pub(super) fn with_notice<T>(
    connection: &mut AnyConnection,
    context: &Context,
    loaded: &Loaded,
    actor: &User,
    event: EventName,
    comment: &str,
    facts: &Facts,
    f: impl FnOnce(&Notice<'_>) -> Result<T>,
) -> Result<T> {
    let applicant = if actor.id == loaded.record.demandeur_id {
        actor.email.clone()
    } else {
        user::find(connection, loaded.record.demandeur_id)?.email
    };
    let mut subscribers = if matches!(event, EventName::Submit | EventName::DeclineOffer) {
        user::emails_with_roles(connection, &notification::subscriber_roles(&loaded.policy, &facts.draft))?
    } else {
        Vec::new()
    };
    if event == EventName::DeclineOffer {
        let made_by = offer::terms(connection, loaded.record.id)?.user_id;
        let email = user::find(connection, made_by)?.email;
        if !subscribers.contains(&email) {
            subscribers.push(email);
        }
    }
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
/// No such enrollment (404); not allowed (403); not from this status (409); points (400) or data to take out (422) that
/// will not do.
pub fn preview(
    connection: &mut AnyConnection,
    context: &Context,
    user: &User,
    id: i64,
    change: ChangeState,
) -> Result<Vec<Mail>> {
    let ChangeState { event: action, comment, points, struck } = change;
    let loaded = Loaded::find(connection, context, id)?;
    permitted(&loaded, user, action, None)?;
    let points = points::checked(&loaded.policy, &loaded.record.content.0, points)?;
    let terms = match action {
        Action::OfferPartialGrant => {
            let documents = document::live(connection, id)?;
            let present = Version { content: loaded.record.content.0.clone(), documents };
            offer::check(&loaded, &present, &struck)?;
            Some(Terms { struck, reason: comment.clone(), user_id: user.id })
        }
        Action::AcceptOffer => Some(offer::terms(connection, id)?),
        _ => None,
    };
    let told = Told { action, comment: &comment, points: &points, terms: terms.as_ref() };
    let Some(event) = told.event() else { return Ok(Vec::new()) };
    let (comment, facts) = told.words(&loaded, Facts::of(&loaded.record));
    with_notice(connection, context, &loaded, user, event, &comment, &facts, notification::mails)
}
