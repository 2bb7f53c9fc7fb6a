//! Who is told of a change: the messages are made from it and stored, or only shown.

use std::collections::BTreeSet;

use shared::api::Mail;
use shared::change_state::ChangeState;
use shared::draft::Draft;
use shared::enrollment::{AuthorisationState, AuthorisationSummary};
use shared::queue::days_begun;
use shared::webhook::WebhookState;
use shared::workflow::{EventName, Status};

use super::written::{Effect, Written};
use super::{Context, Loaded, Tx, offer, provisioning, queue, steps, subscribers};
use crate::connection::AnyConnection;
use crate::error::Result;
use crate::ids::EnrollmentId;
use crate::models::webhook::WebhookRow;
use crate::models::{authorisation, user};
use crate::notification::subscriber::Subscriber;
use crate::notification::{self, Letter, Notice, TOLD_BY_MANAGER};
use crate::outbox::Topic;
use crate::{mail_preferences, outbox};

/// What stands for the number of an authorisation that is not granted yet, where its mails are only shown.
const NOT_YET_NUMBERED: &str = "H…";

/// What a notice says of an enrollment.
#[derive(Clone, Copy)]
pub(super) struct Announcement<'a> {
    pub event: EventName,
    /// What the mails quote.
    pub text: &'a str,
    /// The content that they are about.
    pub content: &'a Draft,
    /// Name of the organisation.
    pub nom_raison_sociale: &'a str,
    /// E-mail address of the applicant.
    pub applicant_email: &'a str,
    /// The démarche that the enrollment counts as.
    pub demarche: &'a str,
    /// The authorisation that the mails name; empty for none.
    pub authorisation: &'a str,
    /// Whether subscribers hear of it.
    pub tells_subscribers: bool,
    /// Whether an API manager opens what is granted.
    pub access_is_opening: bool,
    /// How many messages wait for their readers.
    pub unread: i64,
}

impl<'a> Announcement<'a> {
    /// Nothing happens to the enrollment: no event's own words are used.
    pub fn of_no_event(loaded: &'a Loaded, applicant_email: &'a str) -> Self {
        let record = &loaded.record;
        Self {
            event: EventName::Update,
            text: "",
            content: &record.content.0,
            nom_raison_sociale: &record.nom_raison_sociale,
            applicant_email,
            demarche: &record.demarche,
            authorisation: "",
            tells_subscribers: false,
            access_is_opening: false,
            unread: 0,
        }
    }
}

/// Stores the messages of the change.
pub(super) fn announce(tx: &mut Tx<'_>, loaded: &Loaded, written: &Written) -> Result<()> {
    let number = authorisation_of(tx.connection, loaded, written)?;
    let letters = of_change(tx, loaded, written, &number)?;
    let is_repeatable = matches!(written.mail_event, EventName::Submit | EventName::Withdraw);
    let topic = is_repeatable.then_some(Topic::Submission);
    if topic.is_none() && !letters.is_empty() {
        outbox::settle(tx.connection, loaded.record.id)?;
    }
    post(tx.connection, tx.context, loaded, (loaded.record.version + 1, topic), letters)
}

/// Stores what goes out of these letters, in the transaction of what they tell: with a number that grows with each change,
/// and the topic of those that may come in quick turn.
pub(super) fn post(
    connection: &mut AnyConnection,
    context: &Context,
    loaded: &Loaded,
    place: (i64, Option<Topic>),
    letters: Vec<Letter>,
) -> Result<()> {
    let links = (context.seal.as_ref(), context.public_url.as_str());
    let payloads = mail_preferences::with_unsubscribe_links(connection, links, &loaded.record.target_api, letters)?;
    outbox::enqueue(connection, loaded.record.id, place, payloads)
}

/// Tells the applicant of a new draft. A renewal tells nobody: they have just asked for it, and know what follows.
pub(super) fn announce_draft(tx: &mut Tx<'_>, loaded: &Loaded) -> Result<()> {
    let announcement = Announcement { event: EventName::Create, ..Announcement::of_no_event(loaded, &tx.user.email) };
    let letters = with_notice(tx.connection, tx.context, loaded, announcement, notification::plan)?;
    post(tx.connection, tx.context, loaded, (loaded.record.version, None), letters)
}

/// The mails that a step would send, for those who may take it; but for those that their readers may do without, which are
/// theirs alone to know of. Nothing is sent.
///
/// # Errors
/// What the step itself would answer.
pub fn preview(tx: &mut Tx<'_>, id: EnrollmentId, change: ChangeState) -> Result<Vec<Mail>> {
    let mut loaded = tx.load_for(change.action(), id)?;
    let before = loaded.version(tx.connection)?;
    let written = steps::take(tx, &mut loaded, &before, change)?;
    let number = match written.effect {
        Effect::Grant { .. } => NOT_YET_NUMBERED.to_owned(),
        _ => authorisation_of(tx.connection, &loaded, &written)?,
    };
    let letters = of_change(tx, &loaded, &written, &number)?.into_iter();
    Ok(letters.filter(|letter| letter.kind.is_none()).map(|letter| letter.mail).collect())
}

/// The authorisation that the mails of a change name, once it is written; empty for none.
fn authorisation_of(connection: &mut AnyConnection, loaded: &Loaded, written: &Written) -> Result<String> {
    let is_about_one = match written.effect {
        Effect::Grant { .. } | Effect::Revocation | Effect::CorrectedContacts => true,
        Effect::None | Effect::Submission(_) | Effect::Transfer { .. } => loaded.record.reopening,
    };
    let last = if is_about_one { authorisation::last(connection, loaded.record.id)? } else { None };
    let named = last.filter(|(_, state)| *state == AuthorisationState::Active || written.effect == Effect::Revocation);
    Ok(named.map(|(id, _)| AuthorisationSummary::number_of(id.0)).unwrap_or_default())
}

fn of_change(tx: &mut Tx<'_>, loaded: &Loaded, written: &Written, authorisation: &str) -> Result<Vec<Letter>> {
    let announcement = Announcement {
        event: written.mail_event,
        text: &written.mail_text,
        content: written.offered.as_ref().unwrap_or(&written.facts.draft),
        nom_raison_sociale: &written.facts.nom_raison_sociale,
        applicant_email: &applicant_email(tx, loaded)?,
        demarche: written.demarche(loaded),
        authorisation,
        tells_subscribers: matches!(
            written.mail_event,
            EventName::Submit | EventName::Withdraw | EventName::DeclineOffer
        ),
        access_is_opening: provisioning::opens(tx, loaded, written)?,
        unread: 0,
    };
    with_notice(tx.connection, tx.context, loaded, announcement, notification::plan)
}

/// The e-mail address of the applicant, read only where it is not the user's own.
pub(super) fn applicant_email(tx: &mut Tx<'_>, loaded: &Loaded) -> Result<String> {
    if tx.user_id() == loaded.record.demandeur_id {
        Ok(tx.user.email.clone())
    } else {
        Ok(user::find(tx.connection, loaded.record.demandeur_id)?.email)
    }
}

/// Whether the manager of the API writes to its applicants itself, as its policy says: only where a webhook that is on tells
/// it all that it writes about, since nobody would otherwise.
fn manager_writes(connection: &mut AnyConnection, loaded: &Loaded) -> Result<bool> {
    if !loaded.in_force.applicant_mails_by_manager {
        return Ok(false);
    }
    let tells_all = |one: &WebhookRow| {
        one.state.0 == WebhookState::On && TOLD_BY_MANAGER.iter().all(|event| one.events.0.contains(event))
    };
    Ok(loaded.webhooks(connection)?.iter().any(tells_all))
}

/// Makes the notice of an announcement, with those who are told of it.
pub(super) fn with_notice(
    connection: &mut AnyConnection,
    context: &Context,
    loaded: &Loaded,
    announcement: Announcement<'_>,
    f: impl FnOnce(&Notice<'_>) -> Result<Vec<Letter>>,
) -> Result<Vec<Letter>> {
    let Announcement { event, text, content, nom_raison_sociale, applicant_email, demarche, authorisation, .. } =
        announcement;
    let mut subscribers = if announcement.tells_subscribers {
        subscribers::of(connection, loaded, &content.scopes, demarche)?
    } else {
        Vec::new()
    };
    if event == EventName::DeclineOffer {
        let made_by = offer::last(connection, loaded.record.id)?.user_id;
        add_who_takes_part(&mut subscribers, user::find(connection, made_by)?.email);
    }
    let answer_days = if event == EventName::Submit {
        queue::times_of(connection, context, &loaded.record.target_api)?.p80_seconds.map(days_begun)
    } else {
        None
    };
    f(&Notice {
        event,
        update: loaded.record.reopening && !authorisation.is_empty(),
        authorisation,
        resubmitted: loaded.record.status.0 == Status::ChangesRequested,
        id: loaded.record.id,
        policy: &loaded.policy,
        in_force: &loaded.in_force,
        content,
        before: &loaded.record.content.0,
        nom_raison_sociale,
        demandeur_email: applicant_email,
        comment: text,
        answer_days,
        manager_writes: TOLD_BY_MANAGER.contains(&event) && manager_writes(connection, loaded)?,
        access_is_opening: announcement.access_is_opening,
        unread: announcement.unread,
        demarche: loaded.in_force.demarche(demarche).map_or("", |known| known.label.as_str()),
        subscribers: &subscribers,
        public_url: &context.public_url,
        mail_from: &context.mail_from,
        team_email: &context.team_email,
    })
}

/// Adds an instructor whose own act it is about, whether they have subscribed or not.
fn add_who_takes_part(subscribers: &mut Vec<Subscriber>, email: String) {
    match subscribers.iter_mut().find(|subscriber| subscriber.email == email) {
        Some(subscriber) => subscriber.takes_part = true,
        None => subscribers.push(Subscriber {
            email,
            may_open: true,
            has_account: true,
            takes_part: true,
            scopes: BTreeSet::new(),
        }),
    }
}
