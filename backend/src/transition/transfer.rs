//! Transfers: a request passes to a colleague of its applicant. Offered, asked for, moved, answered, taken back.
//!
//! Whoever is to have it must be a verified member of its organisation when it changes hands, whatever was known before.

mod view;

use diesel::result::{DatabaseErrorKind, Error as DatabaseError};
use shared::problem::ItemCode;
use shared::rights::{self, Denial};
use shared::transfer::{AwaitedTransfer, NewTransfer, Transfer, TransferAnswer, TransferKind, TransferOutcome, due_on};
use shared::user::User;
use shared::workflow::{Action, EventName};

use self::view::Scene;
use super::announcing::{Announcement, post, with_notice};
use super::facts::{self, Facts};
use super::written::{Effect, Written};
use super::{Loaded, Tx, membership_check, permitted, tidied, write};
use crate::connection::page::MAX_LIMIT;
use crate::connection::types::Name;
use crate::email_address::EmailAddress;
use crate::error::{Error, Result};
use crate::ids::{EnrollmentId, UserId};
use crate::models::transfer::{self as transfers, Ending, NewTransferRow, TransferRecord};
use crate::models::user as users;
use crate::notification::transfer::{Addressee, TransferEvent, Words, mails};

/// Where the transfer of a request stands.
///
/// # Errors
/// No such enrollment, or it does not concern the caller (404, 403).
pub fn show(tx: &mut Tx<'_>, id: EnrollmentId) -> Result<Transfer> {
    let scene = Scene::find(tx, id)?;
    scene.require_concerned(tx.user)?;
    scene.shown(tx)
}

/// What the caller is to answer, the oldest first: what is offered to them, what colleagues ask them for.
///
/// # Errors
/// The database's.
pub fn awaited(tx: &mut Tx<'_>) -> Result<Vec<AwaitedTransfer>> {
    let email = tx.user.email_verified.then_some(tx.user.email.as_str());
    let mut awaited = Vec::new();
    for id in transfers::waiting_for(tx.connection, tx.user_id(), email, MAX_LIMIT)? {
        awaited.extend(Scene::find(tx, id)?.awaited(tx)?);
    }
    Ok(awaited)
}

/// Offers, asks or moves.
///
/// # Errors
/// No such enrollment (404); not allowed (403); not from this status, another transfer waits (409); nobody, no reason (400).
pub fn begin(tx: &mut Tx<'_>, id: EnrollmentId, new: &NewTransfer) -> Result<Transfer> {
    let loaded = tx.load(id)?;
    let reason = tidied("/reason", &new.reason)?;
    match new.kind {
        TransferKind::Offer => offer(tx, &loaded, &new.email, reason)?,
        TransferKind::Ask => ask(tx, &loaded, reason)?,
        TransferKind::Move => give(tx, &loaded, &new.email, &reason)?,
    }
    Scene::find(tx, id)?.shown(tx)
}

fn offer(tx: &mut Tx<'_>, loaded: &Loaded, email: &str, reason: String) -> Result<()> {
    permitted(loaded, tx.user, Action::Transfer, None)?;
    if tx.user_id() != loaded.record.demandeur_id {
        return Err(Denial::NotApplicant.into());
    }
    if loaded.record.content.0.siret.is_none() {
        let message = "Choisissez d’abord l’organisation pour laquelle vous déposez cette demande.";
        return Err(Error::WrongStatus(message.to_owned()));
    }
    let email = address(email)?;
    if email == tx.user.email {
        return Err(Error::pointer("/email", ItemCode::NotEligible, "Cette adresse est la vôtre."));
    }
    let transfer = open(tx, loaded, TransferKind::Offer, (email, None), reason)?;
    let words = Told { author: tx.user.full_name(), to: transfer.to_email.clone(), reason: transfer.reason.clone() };
    tell(tx, loaded, TransferEvent::Offered, &transfer, &words)
}

fn ask(tx: &mut Tx<'_>, loaded: &Loaded, reason: String) -> Result<()> {
    permitted(loaded, tx.user, Action::AskTransfer, None)?;
    require_colleague(tx, loaded, tx.user.clone())?;
    require_reason(&reason)?;
    let asker = (tx.user.email.clone(), Some(tx.user_id()));
    let transfer = open(tx, loaded, TransferKind::Ask, asker, reason)?;
    let words = Told { author: tx.user.full_name(), to: tx.user.full_name(), reason: transfer.reason.clone() };
    tell(tx, loaded, TransferEvent::Asked, &transfer, &words)
}

/// Gives it to somebody at once; whatever waited is over.
fn give(tx: &mut Tx<'_>, loaded: &Loaded, email: &str, reason: &str) -> Result<()> {
    permitted(loaded, tx.user, Action::Transfer, None)?;
    if !tx.user.is_administrator() {
        return Err(Denial::NotAdministrator.into());
    }
    let email = address(email)?;
    require_reason(reason)?;
    let refused = |code, detail: &str| Error::pointer("/email", code, detail);
    let to = match users::find_verified(tx.connection, &email) {
        Ok(user) => users::find_welcome(tx.connection, UserId::of(&user))?,
        Err(DatabaseError::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    let Some(to) = to else {
        let detail = "Personne ne s’est encore connecté avec cette adresse, vérifiée.";
        return Err(refused(ItemCode::Unknown, detail));
    };
    if UserId::of(&to) == loaded.record.demandeur_id {
        return Err(refused(ItemCode::Unchanged, "Cette personne est déjà le demandeur."));
    }
    let to = membership_check::refreshed(tx.connection, to)?;
    if !rights::is_colleague(&to, &loaded.subject()) {
        let detail = "Le rattachement de cette personne à l’organisation de la demande n’est pas vérifié.";
        return Err(refused(ItemCode::NotEligible, detail));
    }
    transfers::supersede(tx.connection, loaded.record.id, tx.user_id(), tx.now())?;
    let new = row(tx, loaded, TransferKind::Move, (to.email.clone(), Some(UserId::of(&to))), reason.to_owned());
    let transfer = insert(tx, new)?;
    end(tx, &transfer, TransferOutcome::Accepted, Some(&to), reason)?;
    hand_over(tx, loaded, &to, reason.to_owned())?;
    let words = Told { author: tx.user.full_name(), to: to.full_name(), reason: reason.to_owned() };
    tell(tx, loaded, TransferEvent::Done, &transfer, &words)
}

/// Answers what waits.
///
/// # Errors
/// No such enrollment (404); not asked, not yet, no member of the organisation (403); nothing waits, answered already, too
/// early (409); no reason (400).
pub fn answer(tx: &mut Tx<'_>, id: EnrollmentId, new: &TransferAnswer) -> Result<Transfer> {
    let scene = Scene::find(tx, id)?;
    let reason = tidied("/reason", &new.reason)?;
    let (transfer, must_explain) = to_answer(tx, &scene)?;
    if must_explain {
        require_reason(&reason)?;
    }
    let loaded = &scene.loaded;
    if new.accept {
        let to = taker(tx, loaded, &transfer)?;
        end(tx, &transfer, TransferOutcome::Accepted, Some(&to), &reason)?;
        let comment = [transfer.reason.as_str(), &reason].into_iter().filter(|text| !text.is_empty());
        let comment = comment.collect::<Vec<_>>().join("\n\n");
        hand_over(tx, loaded, &to, comment)?;
        let words = Told { author: tx.user.full_name(), to: to.full_name(), reason };
        tell(tx, loaded, TransferEvent::Done, &transfer, &words)?;
    } else {
        end(tx, &transfer, TransferOutcome::Refused, None, &reason)?;
        let words = Told { author: tx.user.full_name(), to: scene.name_of_taker(tx)?, reason };
        tell(tx, loaded, TransferEvent::Refused, &transfer, &words)?;
    }
    Scene::find(tx, id)?.shown(tx)
}

/// What the caller may answer now, and whether they must say why.
fn to_answer(tx: &Tx<'_>, scene: &Scene) -> Result<(TransferRecord, bool)> {
    let user = tx.user;
    if let Some(offer) = scene.waiting.as_ref().filter(|_| scene.is_offered_to(user)) {
        return Ok((offer.clone(), false));
    }
    permitted(&scene.loaded, user, Action::DecideTransfer, None)?;
    let Some(transfer) = &scene.waiting else { return Err(nothing_waits()) };
    if transfer.kind.0 == TransferKind::Offer {
        let message = "Seule la personne à qui cette demande est proposée peut répondre.";
        return Err(Error::Forbidden(message.to_owned()));
    }
    if scene.is_asked_by(user) {
        return Err(Error::Forbidden("Personne ne répond à sa propre demande de transfert.".to_owned()));
    }
    if scene.is_applicant(user) {
        return Ok((transfer.clone(), false));
    }
    let due = due_on(transfer.created_at.date());
    if tx.context.now.date_naive() <= due {
        let due = due.format("%d/%m/%Y");
        let message =
            format!("Le demandeur a jusqu’au {due} inclus pour répondre\u{a0}: vous pourrez décider ensuite.");
        return Err(Error::WrongStatus(message));
    }
    Ok((transfer.clone(), true))
}

/// Takes back what the caller has begun.
///
/// # Errors
/// No such enrollment (404); begun by somebody else (403); nothing waits, answered already (409).
pub fn withdraw(tx: &mut Tx<'_>, id: EnrollmentId) -> Result<Transfer> {
    let scene = Scene::find(tx, id)?;
    scene.require_concerned(tx.user)?;
    let Some(transfer) = &scene.waiting else { return Err(nothing_waits()) };
    if !scene.is_begun_by(tx.user) {
        return Err(Error::Forbidden("Seule la personne qui a commencé ce transfert peut le retirer.".to_owned()));
    }
    end(tx, transfer, TransferOutcome::Withdrawn, None, "")?;
    let words = Told { author: tx.user.full_name(), to: scene.name_of_taker(tx)?, reason: String::new() };
    tell(tx, &scene.loaded, TransferEvent::Withdrawn, transfer, &words)?;
    Scene::find(tx, id)?.shown(tx)
}

/// Who has the request once the transfer is accepted: they may sign in, and speak for its organisation.
fn taker(tx: &mut Tx<'_>, loaded: &Loaded, transfer: &TransferRecord) -> Result<User> {
    let Some(id) = transfer.to_id else { return require_colleague(tx, loaded, tx.user.clone()) };
    let gone = || Error::WrongStatus("Cette personne ne peut plus reprendre la demande\u{a0}: refusez.".to_owned());
    let user = users::find_welcome(tx.connection, id)?.ok_or_else(gone)?;
    let user = membership_check::refreshed(tx.connection, user)?;
    if rights::is_colleague(&user, &loaded.subject()) { Ok(user) } else { Err(gone()) }
}

/// The user as their provider knows them now, if they speak for the organisation of the request.
fn require_colleague(tx: &mut Tx<'_>, loaded: &Loaded, user: User) -> Result<User> {
    let user = membership_check::refreshed(tx.connection, user)?;
    if rights::is_colleague(&user, &loaded.subject()) { Ok(user) } else { Err(Denial::NotColleague.into()) }
}

/// The request is theirs from now on: their account describes the applicant; all else stays.
fn hand_over(tx: &mut Tx<'_>, loaded: &Loaded, to: &User, comment: String) -> Result<()> {
    let before = loaded.version(tx.connection)?;
    let mut facts = Facts::of(&loaded.record);
    facts::name_applicant(&mut facts.draft, to);
    let written = Written::new(EventName::Transfer, facts, before.documents.clone(), comment);
    let written = Written { effect: Effect::Transfer { to: UserId::of(to) }, ..written };
    let changes = written.changes(&before);
    write(tx, loaded, &written, loaded.state(), changes)
}

/// Begins a transfer that waits for an answer.
fn open(
    tx: &mut Tx<'_>,
    loaded: &Loaded,
    kind: TransferKind,
    to: (String, Option<UserId>),
    reason: String,
) -> Result<TransferRecord> {
    let id = loaded.record.id;
    if let Some(waiting) = transfers::waiting(tx.connection, id)? {
        if waiting.from_id == loaded.record.demandeur_id {
            return Err(already());
        }
        // It was begun while the request changed hands.
        transfers::supersede(tx.connection, id, tx.user_id(), tx.now())?;
    }
    let new = row(tx, loaded, kind, to, reason);
    insert(tx, new)
}

fn row(
    tx: &Tx<'_>,
    loaded: &Loaded,
    kind: TransferKind,
    (to_email, to_id): (String, Option<UserId>),
    reason: String,
) -> NewTransferRow {
    let (enrollment_id, from_id) = (loaded.record.id, loaded.record.demandeur_id);
    let (kind, created_at, answer) = (Name(kind), tx.now(), String::new());
    NewTransferRow { enrollment_id, kind, from_id, to_email, to_id, reason, created_at, answer }
}

fn insert(tx: &mut Tx<'_>, new: NewTransferRow) -> Result<TransferRecord> {
    let id = transfers::insert(tx.connection, &new).map_err(|error| match error {
        // Somebody else was faster.
        DatabaseError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => already(),
        other => other.into(),
    })?;
    let NewTransferRow { kind, from_id, to_email, to_id, reason, created_at, .. } = new;
    Ok(TransferRecord { id, kind, from_id, to_email, to_id, reason, created_at })
}

fn end(
    tx: &mut Tx<'_>,
    transfer: &TransferRecord,
    outcome: TransferOutcome,
    to: Option<&User>,
    answer: &str,
) -> Result<()> {
    let ending = Ending { outcome, by: tx.user_id(), to: to.map(UserId::of), answer, at: tx.now() };
    if transfers::end(tx.connection, transfer.id, &ending)? {
        Ok(())
    } else {
        Err(Error::WrongStatus("Ce transfert a déjà reçu une réponse, ou a été retiré.".to_owned()))
    }
}

fn already() -> Error {
    Error::WrongStatus("Un transfert de cette demande attend déjà une réponse.".to_owned())
}

fn nothing_waits() -> Error {
    Error::WrongStatus("Aucun transfert de cette demande n’attend de réponse.".to_owned())
}

fn address(text: &str) -> Result<String> {
    if text.trim().is_empty() {
        return Err(Error::pointer("/email", ItemCode::Required, "Indiquez l’adresse électronique de cette personne."));
    }
    let email = EmailAddress::parse(text).map(|email| email.to_string());
    let detail = "Indiquez une adresse électronique complète, par exemple prenom.nom@exemple.fr.";
    email.ok_or_else(|| Error::pointer("/email", ItemCode::Format, detail))
}

fn require_reason(reason: &str) -> Result<()> {
    if reason.is_empty() {
        let detail = "Expliquez pourquoi\u{a0}: le demandeur et son collègue recevront ce texte.";
        return Err(Error::pointer("/reason", ItemCode::Required, detail));
    }
    Ok(())
}

/// What both are told.
struct Told {
    author: String,
    to: String,
    reason: String,
}

/// Tells the applicant and the colleague.
fn tell(tx: &mut Tx<'_>, loaded: &Loaded, event: TransferEvent, transfer: &TransferRecord, told: &Told) -> Result<()> {
    let from = users::find(tx.connection, transfer.from_id)?;
    let from_name = from.full_name();
    let words = Words {
        from: &from_name,
        to: &told.to,
        author: &told.author,
        reason: &told.reason,
        due_on: (event == TransferEvent::Asked).then(|| due_on(transfer.created_at.date())),
    };
    // Who asks is told nothing of the content before the request is theirs.
    let knows = event == TransferEvent::Done || transfer.kind.0 == TransferKind::Offer;
    let addressees = [
        Addressee { email: &transfer.to_email, is_colleague: true, knows_content: knows },
        Addressee { email: &from.email, is_colleague: false, knows_content: true },
    ];
    let announcement = Announcement::of_no_event(loaded, &from.email);
    let letters = with_notice(tx.connection, tx.context, loaded, announcement, |notice| {
        mails(notice, event, words, &addressees)
    })?;
    let changed = i64::from(event == TransferEvent::Done);
    post(tx.connection, tx.context, loaded, (loaded.record.version + changed, None), letters)
}
