//! Roles that people ask for: asked, taken back, given or refused by those who give them.

use chrono::Duration;
use diesel::result::{DatabaseErrorKind, Error as DatabaseError};
use shared::problem::ItemCode;
use shared::rights::Denial;
use shared::rights::roles::{ManagedRoles, may_answer, may_ask};
use shared::role_request::{NewRoleRequest, RoleRequest, RoleRequestAnswer, RoleRequestState};
use shared::user::{Managed, NewRoleChange, Role};

use super::{LOCK, apply, checked_email, checked_reason, exists, label, managed_roles, unknown_role, words};
use crate::connection::page::MAX_LIMIT;
use crate::connection::types::now;
use crate::connection::{AnyConnection, lock};
use crate::error::{Error, Result};
use crate::ids::{RoleRequestId, UserId};
use crate::models::role_request::{self as requests, Ending, NewRequest};
use crate::models::user as users;
use crate::notification::role_request::{RoleRequestEvent, mail};
use crate::outbox;
use crate::policies::Catalogue;
use crate::trail;
use crate::transition::Tx;

/// How often somebody may ask in a day: each time, all those who answer get a mail.
const PER_DAY: i64 = 20;

/// Asks for a role, and tells those who give it.
///
/// # Errors
/// Not verified (403); what cannot be asked for, no reason, no manager (400); it waits already, too often (409).
pub fn ask(tx: &mut Tx<'_>, new: &NewRoleRequest) -> Result<RoleRequest> {
    may_ask(tx.user)?;
    let policies = tx.context.policies.current();
    check_role(tx, &new.role, &policies)?;
    let reason = checked_reason(&new.reason)?;
    let manager_email = checked_email("/manager_email", &new.manager_email)?;
    if manager_email == tx.user.email {
        let detail = "Cette adresse est la vôtre\u{a0}: indiquez celle de votre responsable.";
        return Err(Error::pointer("/manager_email", ItemCode::NotEligible, detail));
    }
    let (user_id, created_at) = (UserId::of(tx.user), tx.context.now.naive_utc());
    if requests::count_since(tx.connection, user_id, created_at - Duration::days(1))? >= PER_DAY {
        let message = format!("Vous avez demandé {PER_DAY} rôles en un jour\u{a0}: attendez demain.");
        return Err(Error::WrongStatus(message));
    }
    let row = NewRequest { user_id, role: &new.role, reason: &reason, manager_email: &manager_email, created_at };
    let id = requests::insert(tx.connection, &row).map_err(|error| match error {
        DatabaseError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => {
            let message = "Vous avez déjà demandé ce rôle\u{a0}: attendez la réponse, ou retirez cette demande.";
            Error::WrongStatus(message.to_owned())
        }
        other => other.into(),
    })?;
    trail::about(id);
    let (_, request) = requests::find(tx.connection, id)?;
    for to in users::emails_with_roles(tx.connection, &givers(&request.role, &policies), "")? {
        if to != request.email {
            tell(tx, RoleRequestEvent::Asked, &request, &to)?;
        }
    }
    Ok(request)
}

/// A role that exists, is not that of administrator, and that they do not have.
fn check_role(tx: &Tx<'_>, role: &Role, policies: &Catalogue) -> Result<()> {
    let refused = |code, detail: &str| Err(Error::pointer("/role", code, detail));
    if *role == Role::Administrator {
        return refused(ItemCode::NotEligible, "Le rôle d’administrateur ne se demande pas ici.");
    }
    if !exists(role, policies) {
        return Err(unknown_role(role));
    }
    if tx.user.roles.iter().any(|held| held.covers(role)) {
        return refused(ItemCode::Unchanged, "Vous avez déjà ce rôle.");
    }
    Ok(())
}

/// The roles of those who give that one: administrators and, but for the role of manager, the managers of its API.
fn givers(role: &Role, policies: &Catalogue) -> Vec<Role> {
    let mut givers = vec![Role::Administrator];
    if let Some(api) = role.target_api().filter(|_| !matches!(role, Role::Manager(_))) {
        givers.push(Role::Manager(Managed::Api(api.to_owned())));
        let provider = policies.get(api).map(|policy| policy.provider.id.clone());
        givers.extend(provider.map(|id| Role::Manager(Managed::Provider(id))));
    }
    givers
}

/// What the caller has asked for, newest first.
///
/// # Errors
/// The database's.
pub fn own(tx: &mut Tx<'_>) -> Result<Vec<RoleRequest>> {
    Ok(requests::of(tx.connection, UserId::of(tx.user), MAX_LIMIT)?)
}

/// Takes back what the caller has asked for.
///
/// # Errors
/// They have not (404); it was answered (409).
pub fn withdraw(tx: &mut Tx<'_>, id: RoleRequestId) -> Result<RoleRequest> {
    let (asker, request) = requests::find(tx.connection, id)?;
    if asker != UserId::of(tx.user) {
        return Err(Error::NotFound);
    }
    end(tx, id, &request, RoleRequestState::Withdrawn, "")?;
    Ok(requests::find(tx.connection, id)?.1)
}

/// What the caller may answer, oldest first.
///
/// # Errors
/// They give no role (403).
pub fn waiting(tx: &mut Tx<'_>) -> Result<Vec<RoleRequest>> {
    let managed = managed(tx)?;
    Ok(requests::waiting(tx.connection, &managed, MAX_LIMIT)?)
}

fn managed(tx: &Tx<'_>) -> Result<ManagedRoles> {
    let managed = managed_roles(tx.user, &tx.context.policies.current());
    if managed.is_empty() { Err(Denial::NotManager.into()) } else { Ok(managed) }
}

/// Gives the role that was asked for, as any role is given, or refuses it; who asked is told.
///
/// # Errors
/// They do not give it, it is their own (403, 404); no reason (400); it was answered, it can no longer be given (409).
pub fn answer(tx: &mut Tx<'_>, id: RoleRequestId, new: &RoleRequestAnswer) -> Result<RoleRequest> {
    let managed = managed(tx)?;
    // Before the row, in the order in which a role is given.
    lock(tx.connection, LOCK)?;
    let (asker, request) = requests::find(tx.connection, id)?;
    may_answer(tx.user, &managed, &request.role, &request.email)?;
    if tx.administrator_id == Some(asker) {
        return Err(Denial::OwnRoleRequest.into());
    }
    let is_silent = new.give && new.reason.trim().is_empty();
    let answer = if is_silent { String::new() } else { checked_reason(&new.reason)? };
    if new.give {
        end(tx, id, &request, RoleRequestState::Given, &answer)?;
        give(tx, asker, &request, &answer)?;
    } else {
        trail::name("role_request.refuse");
        end(tx, id, &request, RoleRequestState::Refused, &answer)?;
    }
    let (_, request) = requests::find(tx.connection, id)?;
    let event = if new.give { RoleRequestEvent::Given } else { RoleRequestEvent::Refused };
    tell(tx, event, &request, &request.email)?;
    Ok(request)
}

/// Gives it by the one way that there is, which writes it down as it does every role.
fn give(tx: &mut Tx<'_>, asker: UserId, request: &RoleRequest, answer: &str) -> Result<()> {
    let asker = users::find_welcome(tx.connection, asker)?;
    if asker.is_none_or(|asker| may_ask(&asker).is_err()) {
        let message = "Le compte de cette personne est suspendu, ou n’est plus vérifié\u{a0}: refusez cette demande.";
        return Err(Error::WrongStatus(message.to_owned()));
    }
    if !exists(&request.role, &tx.context.policies.current()) {
        return Err(Error::WrongStatus("Ce rôle n’existe plus\u{a0}: refusez cette demande.".to_owned()));
    }
    let asked = format!("Demandé par la personne\u{a0}: {}", request.reason);
    let reason = [asked.as_str(), answer].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n");
    let change = NewRoleChange { email: request.email.clone(), role: request.role.clone(), granted: true, reason };
    if apply(tx.connection, &change, Some(acting(tx)), tx.context.now.naive_utc())? {
        trail::on("role_change");
    }
    Ok(())
}

/// Who acts: the administrator, where one acts for the user.
fn acting(tx: &Tx<'_>) -> UserId {
    tx.administrator_id.unwrap_or_else(|| UserId::of(tx.user))
}

fn end(tx: &mut Tx<'_>, id: RoleRequestId, request: &RoleRequest, state: RoleRequestState, answer: &str) -> Result<()> {
    let ending = Ending { state, by: Some(acting(tx)), answer, at: tx.context.now.naive_utc() };
    if requests::end(tx.connection, id, &ending)? {
        return Ok(());
    }
    let message = match request.state {
        RoleRequestState::Withdrawn => "Cette demande de rôle a été retirée.",
        _ => "Cette demande de rôle a déjà reçu une réponse\u{a0}: rechargez la page pour la voir.",
    };
    Err(Error::WrongStatus(message.to_owned()))
}

/// Ends what waits for a role that is given without an answer; whether anything did.
///
/// # Errors
/// The database's.
pub(super) fn end_covered(
    connection: &mut AnyConnection,
    change: &NewRoleChange,
    actor: Option<UserId>,
) -> Result<bool> {
    let covered = requests::covered_by(connection, &change.email, &change.role)?;
    let is_any = !covered.is_empty();
    for id in covered {
        let ending =
            Ending { state: RoleRequestState::Given, by: actor, answer: &change.reason, at: now().naive_utc() };
        requests::end(connection, id, &ending)?;
    }
    Ok(is_any)
}

/// Takes back whatever waits for somebody who leaves.
///
/// # Errors
/// The database's.
pub(super) fn withdraw_all(connection: &mut AnyConnection, user_id: UserId) -> Result<()> {
    for id in requests::waiting_of(connection, user_id)? {
        let ending =
            Ending { state: RoleRequestState::Withdrawn, by: Some(user_id), answer: "", at: now().naive_utc() };
        requests::end(connection, id, &ending)?;
    }
    Ok(())
}

fn tell(tx: &mut Tx<'_>, event: RoleRequestEvent, request: &RoleRequest, to: &str) -> Result<()> {
    let role = label(&request.role, &tx.context.policies.current());
    outbox::post(tx.connection, mail(event, request, words(&role, tx.context), to)?)
}
