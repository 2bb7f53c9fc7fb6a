//! Where the transfer of a request stands, and what the caller is to it.

use chrono::NaiveDate;
use shared::rights;
use shared::transfer::{AwaitedTransfer, Transfer, TransferKind, TransferStep, WaitingTransfer, due_on};
use shared::user::User;
use shared::workflow::{Action, next};

use super::super::{Loaded, Tx};
use crate::connection::types::utc;
use crate::error::Result;
use crate::ids::{EnrollmentId, UserId};
use crate::models::transfer::{self as transfers, TransferRecord};
use crate::models::user as users;

/// A request with the transfer of it that waits for an answer.
pub(super) struct Scene {
    pub loaded: Loaded,
    pub waiting: Option<TransferRecord>,
}

impl Scene {
    pub fn find(tx: &mut Tx<'_>, id: EnrollmentId) -> Result<Self> {
        let loaded = tx.load(id)?;
        // Once the request was put away, or is another's, there is nothing left to answer.
        let is_open = !loaded.in_force.frozen && next(loaded.state(), Action::AskTransfer).is_some();
        let waiting = if is_open { transfers::waiting(tx.connection, id)? } else { None };
        let waiting = waiting.filter(|transfer| transfer.from_id == loaded.record.demandeur_id);
        Ok(Self { loaded, waiting })
    }

    pub fn is_applicant(&self, user: &User) -> bool {
        UserId::of(user) == self.loaded.record.demandeur_id
    }

    /// Whoever shows that address, verified, is who it is offered to.
    pub fn is_offered_to(&self, user: &User) -> bool {
        let is_theirs = |transfer: &TransferRecord| transfer.to_email == user.email && user.email_verified;
        !self.is_applicant(user) && self.of_kind(TransferKind::Offer).is_some_and(is_theirs)
    }

    pub fn is_asked_by(&self, user: &User) -> bool {
        self.of_kind(TransferKind::Ask).is_some_and(|transfer| transfer.to_id == Some(UserId::of(user)))
    }

    pub fn is_begun_by(&self, user: &User) -> bool {
        self.is_asked_by(user) || self.is_applicant(user) && self.of_kind(TransferKind::Offer).is_some()
    }

    fn of_kind(&self, kind: TransferKind) -> Option<&TransferRecord> {
        self.waiting.as_ref().filter(|transfer| transfer.kind.0 == kind)
    }

    fn may(&self, user: &User, action: Action) -> bool {
        let subject = self.loaded.subject();
        rights::allowed(user, action, &subject).is_ok() && next(subject.state, action).is_some()
    }

    /// Those who take part in a transfer, and those who may begin one.
    ///
    /// # Errors
    /// Nobody else learns of the request (404), or of its transfer (403).
    pub fn require_concerned(&self, user: &User) -> Result<()> {
        if self.is_offered_to(user) || self.is_asked_by(user) || self.may(user, Action::AskTransfer) {
            return Ok(());
        }
        Ok(rights::allowed(user, Action::DecideTransfer, &self.loaded.subject())?)
    }

    fn steps(&self, user: &User, today: NaiveDate) -> Vec<TransferStep> {
        let mut steps = Vec::new();
        match &self.waiting {
            None => {
                let is_anybodys = self.loaded.record.content.0.siret.is_some();
                if self.is_applicant(user) && is_anybodys && self.may(user, Action::Transfer) {
                    steps.push(TransferStep::Offer);
                }
                if self.may(user, Action::AskTransfer) {
                    steps.push(TransferStep::Ask);
                }
            }
            Some(transfer) => {
                let answers_now = due_on(transfer.created_at.date()) < today || self.is_applicant(user);
                let is_asked = transfer.kind.0 == TransferKind::Ask
                    && !self.is_asked_by(user)
                    && self.may(user, Action::DecideTransfer)
                    && answers_now;
                if is_asked || self.is_offered_to(user) && self.may(user, Action::AskTransfer) {
                    steps.push(TransferStep::Accept);
                }
                if is_asked || self.is_offered_to(user) {
                    steps.push(TransferStep::Refuse);
                }
                if self.is_begun_by(user) {
                    steps.push(TransferStep::Withdraw);
                }
            }
        }
        if user.is_administrator() && self.may(user, Action::Transfer) {
            steps.push(TransferStep::Move);
        }
        steps
    }

    /// Name of who would have the request; the address of who it is offered to.
    pub fn name_of_taker(&self, tx: &mut Tx<'_>) -> Result<String> {
        let Some(transfer) = &self.waiting else { return Ok(String::new()) };
        let name = match transfer.to_id {
            Some(id) => users::names(tx.connection, vec![id])?.remove(&id),
            None => None,
        };
        Ok(name.unwrap_or_else(|| transfer.to_email.clone()))
    }

    /// As the caller may see it.
    pub fn shown(&self, tx: &mut Tx<'_>) -> Result<Transfer> {
        let user = tx.user;
        let subject = self.loaded.subject();
        let is_offered = self.is_offered_to(user);
        let takes_part = rights::allowed(user, Action::DecideTransfer, &subject).is_ok();
        let is_shown = takes_part || is_offered || self.is_asked_by(user);
        let waiting = if is_shown { self.shown_waiting(tx)? } else { None };
        let knows_content = is_offered || rights::allowed(user, Action::Show, &subject).is_ok();
        Ok(Transfer {
            enrollment_id: self.loaded.record.id.0,
            intitule: knows_content.then(|| self.loaded.record.content.0.intitule.clone()),
            waiting,
            steps: self.steps(user, tx.context.now.date_naive()),
            needs_membership: is_offered && !self.may(user, Action::AskTransfer),
        })
    }

    fn shown_waiting(&self, tx: &mut Tx<'_>) -> Result<Option<WaitingTransfer>> {
        let Some(transfer) = &self.waiting else { return Ok(None) };
        Ok(Some(WaitingTransfer {
            kind: transfer.kind.0,
            from: users::names(tx.connection, vec![transfer.from_id])?.remove(&transfer.from_id).unwrap_or_default(),
            to: self.name_of_taker(tx)?,
            reason: transfer.reason.clone(),
            created_at: utc(transfer.created_at),
            due_on: (transfer.kind.0 == TransferKind::Ask).then(|| due_on(transfer.created_at.date())),
        }))
    }

    /// What the caller is to answer, as applicant or as who it is offered to.
    pub fn awaited(&self, tx: &mut Tx<'_>) -> Result<Option<AwaitedTransfer>> {
        let may_answer = self.steps(tx.user, tx.context.now.date_naive()).contains(&TransferStep::Refuse);
        if !may_answer || !(self.is_applicant(tx.user) || self.is_offered_to(tx.user)) {
            return Ok(None);
        }
        let record = &self.loaded.record;
        let (enrollment_id, target_api) = (record.id.0, record.target_api.clone());
        let (intitule, nom_raison_sociale) = (record.content.0.intitule.clone(), record.nom_raison_sociale.clone());
        let waiting = self.shown_waiting(tx)?;
        Ok(waiting.map(|waiting| AwaitedTransfer { enrollment_id, target_api, intitule, nom_raison_sociale, waiting }))
    }
}
