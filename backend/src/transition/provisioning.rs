//! What API managers are asked to do because of a change, in the change's own transaction: open an access when it is granted,
//! bring it up to date, withdraw it. Doing it is [`crate::delivery`]'s.

use std::collections::BTreeSet;

use shared::enrollment::{AuthorisationState, AuthorisationSummary};
use shared::policy::Delivery;
use shared::rights::{self, Denial};
use shared::workflow::EventName;

use super::written::{Effect, Written};
use super::{Loaded, Tx};
use crate::connection::types::utc;
use crate::error::Result;
use crate::ids::EnrollmentId;
use crate::models::outbox::queue::{self, Failures};
use crate::models::outbox::{self, NewMessage, Payload};
use crate::models::{authorisation, establishment, provisioning, user};
use crate::outbound::managers::{Action, Order};

/// Asks the managers of the API for what follows from the change, where anything does.
///
/// # Errors
/// The database's.
pub(super) fn ask(tx: &mut Tx<'_>, loaded: &Loaded, written: &Written) -> Result<()> {
    let action = match written.effect {
        Effect::Grant { .. } | Effect::CorrectedContacts => Action::Open,
        Effect::Revocation => Action::Withdraw,
        Effect::None | Effect::Submission(_) | Effect::Transfer { .. } => return Ok(()),
    };
    if loaded.in_force.deliveries.is_empty() {
        return Ok(());
    }
    let id = loaded.record.id;
    let Some((authorisation_id, state)) = authorisation::last(tx.connection, id)? else { return Ok(()) };
    // Contacts of what is not in force, or not granted yet, concern no manager.
    if action == Action::Open && state != AuthorisationState::Active {
        return Ok(());
    }
    for manager in loaded.in_force.deliveries.iter().copied() {
        if manager == Delivery::Webhook {
            mark_webhook(tx, loaded, written, action)?;
            continue;
        }
        if !tx.context.managers.has(manager) {
            continue;
        }
        match action {
            Action::Open => provisioning::ask(tx.connection, id, manager, authorisation_id)?,
            Action::Withdraw if !provisioning::withdraw(tx.connection, id, manager)? => continue,
            Action::Withdraw => {}
        }
        let order = Box::new(order(tx, loaded, written, AuthorisationSummary::number_of(authorisation_id.0))?);
        let message = NewMessage {
            enrollment_id: Some(id),
            sequence: loaded.record.version + 1,
            payload: Payload::Provisioning { manager, action, order },
            held: false,
        };
        outbox::insert(tx.connection, message, tx.now())?;
    }
    Ok(())
}

/// Whether a change grants what a connected manager opens.
///
/// # Errors
/// The database's.
pub(super) fn opens(tx: &mut Tx<'_>, loaded: &Loaded, written: &Written) -> Result<bool> {
    if !matches!(written.effect, Effect::Grant { .. }) {
        return Ok(false);
    }
    let deliveries = &loaded.in_force.deliveries;
    let is_connected = deliveries.iter().any(|manager| tx.context.managers.has(*manager));
    Ok(is_connected || (deliveries.contains(&Delivery::Webhook) && has_told_webhook(tx, loaded)?))
}

/// Whether a webhook of the API is told of grants.
fn has_told_webhook(tx: &mut Tx<'_>, loaded: &Loaded) -> Result<bool> {
    let webhooks = loaded.webhooks(tx.connection)?;
    Ok(webhooks.iter().any(|webhook| webhook.events.0.contains(&EventName::Validate)))
}

/// Where a webhook of the API is told of grants, its answer says that the access is open.
fn mark_webhook(tx: &mut Tx<'_>, loaded: &Loaded, written: &Written, action: Action) -> Result<()> {
    let id = loaded.record.id;
    match (action, written.effect) {
        (Action::Withdraw, _) => drop(provisioning::withdraw(tx.connection, id, Delivery::Webhook)?),
        (Action::Open, Effect::Grant { .. }) => {
            let is_told = has_told_webhook(tx, loaded)?;
            if let Some((authorisation, _)) = authorisation::last(tx.connection, id)?.filter(|_| is_told) {
                provisioning::ask(tx.connection, id, Delivery::Webhook, authorisation)?;
            }
        }
        (Action::Open, _) => {}
    }
    Ok(())
}

fn order(tx: &mut Tx<'_>, loaded: &Loaded, written: &Written, authorisation: String) -> Result<Order> {
    let draft = &written.facts.draft;
    let known = match &draft.siret {
        Some(siret) => establishment::find(tx.connection, siret)?.and_then(|kept| kept.content),
        None => None,
    };
    let place = known.as_ref().map(|known| known.place()).unwrap_or_default();
    let scopes: BTreeSet<&str> = draft.scopes.iter().map(|id| loaded.policy.token_name(id)).collect();
    Ok(Order {
        enrollment_id: loaded.record.id.0,
        authorisation,
        target_api: loaded.record.target_api.clone(),
        siret: draft.siret.as_ref().map(ToString::to_string).unwrap_or_default(),
        nom_raison_sociale: written.facts.nom_raison_sociale.clone(),
        intitule: draft.intitule.clone(),
        scopes: scopes.into_iter().map(ToOwned::to_owned).collect(),
        applicant_sub: user::sub(tx.connection, loaded.record.demandeur_id)?,
        team_members: draft.team_members.clone(),
        additional_content: draft.additional_content.clone(),
        zip_code: place.0.to_owned(),
        city: place.1.to_owned(),
        commune_code: known.as_ref().map(|known| known.commune_code.clone()).unwrap_or_default(),
        granted_at: loaded.record.validated_at.map_or(tx.context.now, utc),
    })
}

/// Has what fails about the access of a request tried again; how many messages.
///
/// # Errors
/// 404; 403: only those who instruct the request and administrators may; the database's.
pub fn retry(tx: &mut Tx<'_>, id: EnrollmentId) -> Result<usize> {
    let loaded = tx.load_readable(id)?;
    if !rights::sees_assignment(tx.user, &loaded.record.target_api, &loaded.record.demarche) {
        return Err(Denial::NotInstructor.into());
    }
    Ok(queue::retry(tx.connection, Failures::Accesses(id), tx.now())?)
}
