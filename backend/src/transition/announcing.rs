//! Who is told of a change: the messages are made from it and stored, or only shown.

use shared::api::Mail;
use shared::change_state::ChangeState;
use shared::draft::Draft;
use shared::enrollment::{AuthorisationState, AuthorisationSummary};
use shared::workflow::{EventName, Status};

use super::written::{Effect, Written};
use super::{Context, Loaded, Tx, offer, steps};
use crate::connection::AnyConnection;
use crate::error::Result;
use crate::ids::EnrollmentId;
use crate::models::{authorisation, user};
use crate::notification::{self, Notice};
use crate::outbox;

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
        }
    }
}

/// Stores the messages of the change.
pub(super) fn announce(tx: &mut Tx<'_>, loaded: &Loaded, written: &Written) -> Result<()> {
    let number = authorisation_of(tx.connection, loaded, written)?;
    let messages = of_change(tx, loaded, written, &number, notification::plan)?;
    outbox::enqueue(tx.connection, loaded.record.id, loaded.record.version + 1, messages)
}

/// The mails that a step would send, for those who may take it. Nothing is sent.
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
    of_change(tx, &loaded, &written, &number, notification::mails)
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

fn of_change<T>(
    tx: &mut Tx<'_>,
    loaded: &Loaded,
    written: &Written,
    authorisation: &str,
    f: impl FnOnce(&Notice<'_>) -> Result<T>,
) -> Result<T> {
    let announcement = Announcement {
        event: written.mail_event,
        text: &written.mail_text,
        content: written.offered.as_ref().unwrap_or(&written.facts.draft),
        nom_raison_sociale: &written.facts.nom_raison_sociale,
        applicant_email: &applicant_email(tx, loaded)?,
        demarche: written.demarche(loaded),
        authorisation,
    };
    with_notice(tx.connection, tx.context, loaded, announcement, f)
}

/// The e-mail address of the applicant, read only where it is not the user's own.
pub(super) fn applicant_email(tx: &mut Tx<'_>, loaded: &Loaded) -> Result<String> {
    if tx.user_id() == loaded.record.demandeur_id {
        Ok(tx.user.email.clone())
    } else {
        Ok(user::find(tx.connection, loaded.record.demandeur_id)?.email)
    }
}

/// Makes the notice of an announcement, with those who are told of it.
pub(super) fn with_notice<T>(
    connection: &mut AnyConnection,
    context: &Context,
    loaded: &Loaded,
    announcement: Announcement<'_>,
    f: impl FnOnce(&Notice<'_>) -> Result<T>,
) -> Result<T> {
    let Announcement { event, text, content, nom_raison_sociale, applicant_email, demarche, authorisation } =
        announcement;
    let mut subscribers = if matches!(event, EventName::Submit | EventName::DeclineOffer) {
        let roles = notification::subscriber_roles(&loaded.in_force, content);
        user::emails_with_roles(connection, &roles, demarche)?
    } else {
        Vec::new()
    };
    if event == EventName::DeclineOffer {
        let made_by = offer::last(connection, loaded.record.id)?.user_id;
        let email = user::find(connection, made_by)?.email;
        if !subscribers.contains(&email) {
            subscribers.push(email);
        }
    }
    f(&Notice {
        event,
        update: loaded.record.reopening && !authorisation.is_empty(),
        authorisation,
        resubmitted: loaded.record.status.0 == Status::ChangesRequested,
        id: loaded.record.id,
        policy: &loaded.policy,
        content,
        before: &loaded.record.content.0,
        nom_raison_sociale,
        demandeur_email: applicant_email,
        comment: text,
        subscribers: &subscribers,
        public_url: &context.public_url,
        mail_from: &context.mail_from,
    })
}
