//! Opinions: asked, given, cancelled, and the reminders of them. They change nothing of the enrollment.

use std::collections::BTreeMap;

use chrono::Days;
use shared::opinion::{
    self, Candidate, ExpectedOpinion, NewAnswer, NewOpinion, Opinion, OpinionAnswer, Recipient, due_flaw,
    question_flaw, text_flaw,
};
use shared::problem::ItemCode;
use shared::rights::{self, has_scope_of};
use shared::user::{Demarches, Role, User};
use shared::workflow::Action;

use super::announcing::{Announcement, post, with_notice};
use super::{Context, Loaded, Tx, tidied};
use crate::connection::types::utc;
use crate::connection::{AnyConnection, lock};
use crate::error::{Error, Result};
use crate::ids::{EnrollmentId, OpinionId, UserId};
use crate::models::opinion::{self as opinions, OpinionRecord};
use crate::models::user;
use crate::notification::opinion::{OpinionEvent, Words, mails};
use crate::trail;

/// Taken with the number of a request while one looks what is asked about it and asks more. Any constant would do.
const ASK_LOCK: i64 = 0x6461_7461_6f70_696e;

/// Every opinion on a request, oldest first, for those of the administration.
///
/// # Errors
/// No such enrollment (404); not allowed (403).
pub fn list(tx: &mut Tx<'_>, id: EnrollmentId) -> Result<Vec<Opinion>> {
    let loaded = tx.load(id)?;
    rights::allowed(tx.user, Action::Annotate, &loaded.subject())?;
    all(tx, &loaded)
}

/// Whom an instructor may ask: those who report on the request, and all who report on a group of its data. Nobody is
/// asked about their own request, or by themselves.
///
/// # Errors
/// No such enrollment (404); not allowed (403).
pub fn candidates(tx: &mut Tx<'_>, id: EnrollmentId) -> Result<Vec<Candidate>> {
    let loaded = tx.load(id)?;
    rights::allowed(tx.user, Action::AskOpinion, &loaded.subject())?;
    possible(tx, &loaded)
}

/// Asks for an opinion; who is asked gets a mail. The same question, while it waits for its answer, is one.
///
/// # Errors
/// No such enrollment (404); not allowed (403); not being instructed (409); nobody to ask, no question, a day that is not
/// in the coming year (400).
pub fn ask(tx: &mut Tx<'_>, id: EnrollmentId, mut new: NewOpinion) -> Result<Vec<Opinion>> {
    let loaded = tx.load_for(Action::AskOpinion, id)?;
    new.question = tidied("/question", &new.question)?;
    refuse("/question", question_flaw(&new.question))?;
    refuse("/due_on", due_flaw(new.due_on, tx.context.now.date_naive()))?;
    if !possible(tx, &loaded)?.iter().any(|candidate| candidate.recipient == new.recipient) {
        let detail = "Cette personne ou ce groupe ne suit pas la demande.";
        return Err(Error::pointer("/recipient", ItemCode::NotEligible, detail));
    }
    lock(tx.connection, ASK_LOCK ^ id.0)?;
    if opinions::is_asked(tx.connection, id, &new)? {
        trail::nothing_changed();
        return all(tx, &loaded);
    }
    let opinion = opinions::insert(tx.connection, id, tx.user_id(), &new, tx.now())?;
    let record = opinions::find(tx.connection, id, opinion)?;
    tell_asked(tx.connection, tx.context, &loaded, &record, OpinionEvent::Asked)?;
    all(tx, &loaded)
}

/// Gives the opinion that one was asked for; who asked gets a mail.
///
/// # Errors
/// No such enrollment, no such opinion (404); not allowed, not asked (403); given already (409); no reasons (400).
pub fn answer(tx: &mut Tx<'_>, (id, opinion): (EnrollmentId, OpinionId), mut new: NewAnswer) -> Result<Vec<Opinion>> {
    let loaded = tx.load_for(Action::GiveOpinion, id)?;
    let record = opinions::find(tx.connection, id, opinion)?;
    if !is_asked(tx.user, &loaded, &record) {
        return Err(Error::Forbidden("Cet avis est demandé à d’autres que vous.".to_owned()));
    }
    new.text = tidied("/text", &new.text)?;
    refuse("/text", text_flaw(new.verdict, &new.text))?;
    if !opinions::answer(tx.connection, opinion, tx.user_id(), &new, tx.now())? {
        return Err(Error::WrongStatus("Cet avis est déjà rendu.".to_owned()));
    }
    let author = user::find(tx.connection, record.asked_by)?.email;
    let event = OpinionEvent::Answered(new.verdict);
    tell(tx.connection, tx.context, &loaded, &record, event, &tx.user.full_name(), &[author])?;
    all(tx, &loaded)
}

/// Cancels a question that nobody has answered yet.
///
/// # Errors
/// No such enrollment, no such opinion (404); not allowed (403); answered already (409).
pub fn cancel(tx: &mut Tx<'_>, (id, opinion): (EnrollmentId, OpinionId)) -> Result<Vec<Opinion>> {
    let loaded = tx.load(id)?;
    rights::allowed(tx.user, Action::AskOpinion, &loaded.subject())?;
    opinions::find(tx.connection, id, opinion)?;
    if !opinions::cancel(tx.connection, opinion)? {
        return Err(Error::WrongStatus("Cet avis est déjà rendu\u{a0}: il reste avec la demande.".to_owned()));
    }
    all(tx, &loaded)
}

/// What is still expected of this user, most urgent first.
///
/// # Errors
/// The database's.
pub fn expected(tx: &mut Tx<'_>) -> Result<Vec<ExpectedOpinion>> {
    let user = tx.user;
    let groups = user.roles.iter().filter_map(|role| match role {
        Role::Reporter { group: Some(group), .. } => Some(Recipient::Group(group.clone())),
        _ => None,
    });
    let recipients: Vec<Recipient> = std::iter::once(Recipient::User(user.id)).chain(groups).collect();
    let mut expected = Vec::new();
    for record in opinions::expected_of(tx.connection, &recipients)? {
        let loaded = tx.load(record.enrollment_id)?;
        // The same group may be named in several APIs.
        if !is_asked(user, &loaded, &record) {
            continue;
        }
        let names = names(tx.connection, std::slice::from_ref(&record))?;
        expected.push(ExpectedOpinion {
            enrollment_id: record.enrollment_id.0,
            target_api: loaded.record.target_api.clone(),
            intitule: loaded.record.content.0.intitule.clone(),
            nom_raison_sociale: loaded.record.nom_raison_sociale.clone(),
            opinion: shown(user, &loaded, record, &names),
        });
    }
    Ok(expected)
}

/// The opinions whose reminder is due: numbers of the request and of the opinion, most urgent first. It changes nothing.
///
/// # Errors
/// The database's.
pub fn due_reminders(connection: &mut AnyConnection, context: &Context) -> Result<Vec<(EnrollmentId, OpinionId)>> {
    let today = context.now.date_naive();
    let due = opinions::due_between(connection, today, today + Days::new(1))?.into_iter();
    let due = due.filter(|one| opinion::is_reminder_due(one.created_at.date(), one.due_on, today));
    Ok(due.map(|one| (one.enrollment_id, one.id)).collect())
}

/// Reminds those who are asked of one opinion, if nobody has yet; whether it did. Twice makes once.
///
/// # Errors
/// The database's.
pub fn remind(
    connection: &mut AnyConnection,
    context: &Context,
    (id, opinion): (EnrollmentId, OpinionId),
) -> Result<bool> {
    if !opinions::remind(connection, opinion, context.now.naive_utc())? {
        return Ok(false);
    }
    let loaded = Loaded::find(connection, context, id)?;
    let record = opinions::find(connection, id, opinion)?;
    tell_asked(connection, context, &loaded, &record, OpinionEvent::Reminder)?;
    Ok(true)
}

fn refuse(pointer: &str, flaw: Option<opinion::Flaw>) -> Result<()> {
    flaw.map_or(Ok(()), |flaw| Err(Error::pointer(pointer, flaw.code(), flaw.to_string())))
}

/// Whether this user has to answer, and may.
fn is_asked(user: &User, loaded: &Loaded, record: &OpinionRecord) -> bool {
    UserId::of(user) != loaded.record.demandeur_id
        && record.recipient.0.includes(user, &loaded.record.target_api, &loaded.record.demarche)
        && rights::allowed(user, Action::GiveOpinion, &loaded.subject()).is_ok()
}

fn possible(tx: &mut Tx<'_>, loaded: &Loaded) -> Result<Vec<Candidate>> {
    let target_api = &loaded.record.target_api;
    let scopes = &loaded.record.content.0.scopes;
    let groups = loaded.in_force.scope_groups.iter();
    let groups = groups.filter(|group| has_scope_of(&loaded.in_force, &group.id, scopes));
    let mut people: BTreeMap<UserId, String> = BTreeMap::new();
    let mut candidates = Vec::new();
    for group in groups {
        let role = Recipient::role(target_api, &group.id);
        let holders = user::holders(tx.connection, &role, &loaded.record.demarche)?;
        if !holders.is_empty() {
            let recipient = Recipient::Group(group.id.clone());
            candidates.push(Candidate { label: label(loaded, &recipient, &BTreeMap::new()), recipient });
        }
        people.extend(holders);
    }
    let reporter = Role::Reporter { target_api: target_api.clone(), group: None, demarches: Demarches::All };
    people.extend(user::holders(tx.connection, &reporter, &loaded.record.demarche)?);
    people.retain(|id, _| *id != tx.user_id() && *id != loaded.record.demandeur_id);
    candidates.extend(people.into_iter().map(|(id, label)| Candidate { recipient: Recipient::User(id.0), label }));
    Ok(candidates)
}

fn all(tx: &mut Tx<'_>, loaded: &Loaded) -> Result<Vec<Opinion>> {
    let records = opinions::of_enrollment(tx.connection, loaded.record.id)?;
    let names = names(tx.connection, &records)?;
    Ok(records.into_iter().map(|record| shown(tx.user, loaded, record, &names)).collect())
}

/// Names of everybody who asked, was asked or answered.
fn names(connection: &mut AnyConnection, records: &[OpinionRecord]) -> Result<BTreeMap<UserId, String>> {
    let ids = records.iter().flat_map(|record| {
        let asked = match record.recipient.0 {
            Recipient::User(id) => Some(UserId(id)),
            Recipient::Group(_) => None,
        };
        [Some(record.asked_by), asked, record.answered_by]
    });
    Ok(user::names(connection, ids.flatten())?)
}

fn shown(user: &User, loaded: &Loaded, record: OpinionRecord, names: &BTreeMap<UserId, String>) -> Opinion {
    let name = |id: UserId| names.get(&id).cloned().unwrap_or_default();
    let answer = match (record.verdict, record.answered_by, record.answered_at) {
        (Some(verdict), Some(by), Some(at)) => Some(OpinionAnswer {
            verdict: verdict.0,
            text: record.answer.clone(),
            author: name(by),
            created_at: utc(at),
        }),
        _ => None,
    };
    Opinion {
        id: record.id.0,
        recipient_label: label(loaded, &record.recipient.0, names),
        is_expected_of_me: answer.is_none() && is_asked(user, loaded, &record),
        due_on: record.due_on,
        author: name(record.asked_by),
        created_at: utc(record.created_at),
        recipient: record.recipient.0,
        question: record.question,
        answer,
    }
}

fn label(loaded: &Loaded, recipient: &Recipient, names: &BTreeMap<UserId, String>) -> String {
    match recipient {
        Recipient::User(id) => names.get(&UserId(*id)).cloned().unwrap_or_default(),
        Recipient::Group(id) => {
            let group = loaded.in_force.scope_groups.iter().find(|group| group.id == *id);
            format!("Rapporteurs «\u{a0}{}\u{a0}»", group.map_or(id.as_str(), |group| &group.label))
        }
    }
}

/// Tells those who are asked, in the name of who asked.
fn tell_asked(
    connection: &mut AnyConnection,
    context: &Context,
    loaded: &Loaded,
    record: &OpinionRecord,
    event: OpinionEvent,
) -> Result<()> {
    let recipients = match &record.recipient.0 {
        Recipient::User(id) => vec![user::find(connection, UserId(*id))?.email],
        Recipient::Group(group) => {
            let role = Recipient::role(&loaded.record.target_api, group);
            user::emails_with_roles(connection, &[role], &loaded.record.demarche)?
        }
    };
    let author = user::find(connection, record.asked_by)?.full_name();
    tell(connection, context, loaded, record, event, &author, &recipients)
}

fn tell(
    connection: &mut AnyConnection,
    context: &Context,
    loaded: &Loaded,
    record: &OpinionRecord,
    event: OpinionEvent,
    author: &str,
    recipients: &[String],
) -> Result<()> {
    let applicant = user::find(connection, loaded.record.demandeur_id)?;
    let words = Words { author, question: &record.question, due_on: record.due_on };
    let announcement = Announcement::of_no_event(loaded, &applicant.email);
    let letters =
        with_notice(connection, context, loaded, announcement, |notice| mails(notice, event, words, recipients))?;
    post(connection, context, loaded, (loaded.record.version, None), letters)
}
