//! Opinions: asked, given, taken back, recalled. They change nothing of the enrollment.

use std::collections::BTreeMap;

use chrono::Days;
use shared::event::EventName;
use shared::opinion::{
    self, Answer, Candidate, ExpectedOpinion, NewAnswer, NewOpinion, Opinion, Recipient, due_problem, question_problem,
    text_problem,
};
use shared::rights::{self, concerns};
use shared::user::{Role, User};
use shared::workflow::Action;

use super::facts::Facts;
use super::{Context, Loaded, tidied};
use crate::db::AnyConnection;
use crate::db::types::utc;
use crate::error::{Error, Result};
use crate::models::opinion::{self as opinions, OpinionRecord};
use crate::models::user;
use crate::notification::opinion::{Told, Words, mails};
use crate::outbox;

/// Every opinion on a request, oldest first, for those of the administration.
///
/// # Errors
/// No such enrollment (404); not allowed (403).
pub fn list(connection: &mut AnyConnection, context: &Context, user: &User, id: i64) -> Result<Vec<Opinion>> {
    let loaded = Loaded::find(connection, context, id)?;
    rights::allowed(user, Action::Annotate, &loaded.subject())?;
    all(connection, user, &loaded)
}

/// Whom an instructor may ask: those who report on the request, and all who report on a group of its data. Nobody is
/// asked about their own request, or by themselves.
///
/// # Errors
/// No such enrollment (404); not allowed (403).
pub fn candidates(connection: &mut AnyConnection, context: &Context, user: &User, id: i64) -> Result<Vec<Candidate>> {
    let loaded = Loaded::find(connection, context, id)?;
    rights::allowed(user, Action::AskOpinion, &loaded.subject())?;
    possible(connection, user, &loaded)
}

/// Asks for an opinion; who is asked gets a mail.
///
/// # Errors
/// No such enrollment (404); not allowed (403); not being instructed (409); nobody to ask, no question, a day that is not
/// in the coming year (400).
pub fn ask(
    connection: &mut AnyConnection,
    context: &Context,
    user: &User,
    id: i64,
    mut new: NewOpinion,
) -> Result<Vec<Opinion>> {
    let loaded = Loaded::find(connection, context, id)?;
    super::permitted(&loaded, user, Action::AskOpinion, None)?;
    new.question = tidied("question", &new.question)?;
    refuse("question", question_problem(&new.question))?;
    refuse("due_on", due_problem(new.due_on, context.now.date_naive()))?;
    if !possible(connection, user, &loaded)?.iter().any(|candidate| candidate.recipient == new.recipient) {
        return Err(Error::BadRequest(
            "recipient\u{a0}: cette personne ou ce groupe ne suit pas la demande.".to_owned(),
        ));
    }
    let opinion = opinions::insert(connection, id, user.id, &new, context.now.naive_utc())?;
    let record = opinions::find(connection, id, opinion)?;
    tell_asked(connection, context, &loaded, &record, Told::Asked)?;
    all(connection, user, &loaded)
}

/// Gives the opinion that one was asked for; who asked gets a mail.
///
/// # Errors
/// No such enrollment, no such opinion (404); not allowed, not asked (403); given already (409); no reasons (400).
pub fn answer(
    connection: &mut AnyConnection,
    context: &Context,
    user: &User,
    (id, opinion): (i64, i64),
    mut new: NewAnswer,
) -> Result<Vec<Opinion>> {
    let loaded = Loaded::find(connection, context, id)?;
    super::permitted(&loaded, user, Action::GiveOpinion, None)?;
    let record = opinions::find(connection, id, opinion)?;
    if !is_asked(user, &loaded, &record) {
        return Err(Error::Forbidden("Cet avis est demandé à d’autres que vous.".to_owned()));
    }
    new.text = tidied("text", &new.text)?;
    refuse("text", text_problem(new.verdict, &new.text))?;
    if !opinions::answer(connection, opinion, user.id, &new, context.now.naive_utc())? {
        return Err(Error::WrongStatus("Cet avis est déjà rendu.".to_owned()));
    }
    let author = user::find(connection, record.asked_by)?.email;
    let told = Told::Answered(new.verdict);
    tell(connection, context, &loaded, &record, told, &user.full_name(), &[author])?;
    all(connection, user, &loaded)
}

/// Takes a question back that nobody has answered yet.
///
/// # Errors
/// No such enrollment, no such opinion (404); not allowed (403); answered already (409).
pub fn cancel(
    connection: &mut AnyConnection,
    context: &Context,
    user: &User,
    (id, opinion): (i64, i64),
) -> Result<Vec<Opinion>> {
    let loaded = Loaded::find(connection, context, id)?;
    rights::allowed(user, Action::AskOpinion, &loaded.subject())?;
    opinions::find(connection, id, opinion)?;
    if !opinions::cancel(connection, opinion)? {
        return Err(Error::WrongStatus("Cet avis est déjà rendu\u{a0}: il reste avec la demande.".to_owned()));
    }
    all(connection, user, &loaded)
}

/// What is still expected of this user, most urgent first.
///
/// # Errors
/// The database's.
pub fn expected(connection: &mut AnyConnection, context: &Context, user: &User) -> Result<Vec<ExpectedOpinion>> {
    let groups = user.roles.iter().filter_map(|role| match role {
        Role::Reporter { group: Some(group), .. } => Some(Recipient::Group(group.clone())),
        _ => None,
    });
    let recipients: Vec<Recipient> = std::iter::once(Recipient::User(user.id)).chain(groups).collect();
    let mut expected = Vec::new();
    for record in opinions::expected_of(connection, &recipients)? {
        let loaded = Loaded::find(connection, context, record.enrollment_id)?;
        // The same group may be named in several APIs.
        if !is_asked(user, &loaded, &record) {
            continue;
        }
        let names = names(connection, std::slice::from_ref(&record))?;
        expected.push(ExpectedOpinion {
            enrollment_id: record.enrollment_id,
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
pub fn due(connection: &mut AnyConnection, context: &Context) -> Result<Vec<(i64, i64)>> {
    let today = context.now.date_naive();
    let due = opinions::due_between(connection, today, today + Days::new(1))?.into_iter();
    let recalled = due.filter(|one| opinion::is_recalled(one.created_at.date(), one.due_on, today));
    Ok(recalled.map(|one| (one.enrollment_id, one.id)).collect())
}

/// Reminds those who are asked of one opinion, if nobody has yet; whether it did. Twice makes once.
///
/// # Errors
/// The database's.
pub fn recall(connection: &mut AnyConnection, context: &Context, (id, opinion): (i64, i64)) -> Result<bool> {
    if !opinions::remind(connection, opinion, context.now.naive_utc())? {
        return Ok(false);
    }
    let loaded = Loaded::find(connection, context, id)?;
    let record = opinions::find(connection, id, opinion)?;
    tell_asked(connection, context, &loaded, &record, Told::Recalled)?;
    Ok(true)
}

fn refuse(member: &str, problem: Option<opinion::Problem>) -> Result<()> {
    problem.map_or(Ok(()), |problem| Err(Error::BadRequest(format!("{member}\u{a0}: {problem}"))))
}

/// Whether this user has to answer, and may.
fn is_asked(user: &User, loaded: &Loaded, record: &OpinionRecord) -> bool {
    user.id != loaded.record.demandeur_id
        && record.recipient.0.includes(user, &loaded.record.target_api)
        && rights::allowed(user, Action::GiveOpinion, &loaded.subject()).is_ok()
}

fn possible(connection: &mut AnyConnection, user: &User, loaded: &Loaded) -> Result<Vec<Candidate>> {
    let target_api = &loaded.record.target_api;
    let scopes = &loaded.record.content.0.scopes;
    let groups = loaded.policy.scope_groups.iter().filter(|group| concerns(&loaded.policy, &group.id, scopes));
    let mut people: BTreeMap<i64, String> = BTreeMap::new();
    let mut candidates = Vec::new();
    for group in groups {
        let holders = user::holders(connection, &Recipient::role(target_api, &group.id))?;
        if !holders.is_empty() {
            let recipient = Recipient::Group(group.id.clone());
            candidates.push(Candidate { label: label(loaded, &recipient, &BTreeMap::new()), recipient });
        }
        people.extend(holders);
    }
    let reporter = Role::Reporter { target_api: target_api.clone(), group: None };
    people.extend(user::holders(connection, &reporter)?);
    people.retain(|id, _| *id != user.id && *id != loaded.record.demandeur_id);
    candidates.extend(people.into_iter().map(|(id, label)| Candidate { recipient: Recipient::User(id), label }));
    Ok(candidates)
}

fn all(connection: &mut AnyConnection, user: &User, loaded: &Loaded) -> Result<Vec<Opinion>> {
    let records = opinions::of_enrollment(connection, loaded.record.id)?;
    let names = names(connection, &records)?;
    Ok(records.into_iter().map(|record| shown(user, loaded, record, &names)).collect())
}

/// Names of everybody who asked, was asked or answered.
fn names(connection: &mut AnyConnection, records: &[OpinionRecord]) -> Result<BTreeMap<i64, String>> {
    let ids = records.iter().flat_map(|record| {
        let asked = match record.recipient.0 {
            Recipient::User(id) => Some(id),
            Recipient::Group(_) => None,
        };
        [Some(record.asked_by), asked, record.answered_by]
    });
    Ok(user::names(connection, ids.flatten().collect())?)
}

fn shown(user: &User, loaded: &Loaded, record: OpinionRecord, names: &BTreeMap<i64, String>) -> Opinion {
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    let answer = match (record.verdict, record.answered_by, record.answered_at) {
        (Some(verdict), Some(by), Some(at)) => {
            Some(Answer { verdict: verdict.0, text: record.answer.clone(), author: name(by), created_at: utc(at) })
        }
        _ => None,
    };
    Opinion {
        id: record.id,
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

fn label(loaded: &Loaded, recipient: &Recipient, names: &BTreeMap<i64, String>) -> String {
    match recipient {
        Recipient::User(id) => names.get(id).cloned().unwrap_or_default(),
        Recipient::Group(id) => {
            let group = loaded.policy.scope_groups.iter().find(|group| group.id == *id);
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
    told: Told,
) -> Result<()> {
    let recipients = match &record.recipient.0 {
        Recipient::User(id) => vec![user::find(connection, *id)?.email],
        Recipient::Group(group) => {
            user::emails_with_roles(connection, &[Recipient::role(&loaded.record.target_api, group)])?
        }
    };
    let author = user::find(connection, record.asked_by)?.full_name();
    tell(connection, context, loaded, record, told, &author, &recipients)
}

fn tell(
    connection: &mut AnyConnection,
    context: &Context,
    loaded: &Loaded,
    record: &OpinionRecord,
    told: Told,
    author: &str,
    recipients: &[String],
) -> Result<()> {
    let applicant = user::find(connection, loaded.record.demandeur_id)?;
    let facts = Facts::of(&loaded.record);
    let words = Words { author, question: &record.question, due_on: record.due_on };
    // Nothing happens to the enrollment: no event's own words are used.
    let event = EventName::Update;
    let messages = super::with_notice(connection, context, loaded, &applicant, event, "", &facts, |notice| {
        mails(notice, told, words, recipients)
    })?;
    outbox::enqueue(connection, loaded.record.id, loaded.record.version, messages)
}
