//! Moderation: administrators accept or refuse requests to join an organisation.

pub mod pages;

use shared::organization::MembershipSource;

use super::webmail::{domain_of, is_webmail};
use crate::connection::AnyConnection;
use crate::error::{Error, Result};
use crate::identity::context::Context;
use crate::ids::{JoinRequestId, UserId};
use crate::models::join_request::{self, PendingRequest};
use crate::models::membership::{self, Membership};
use crate::models::organization_domain;
use crate::notification::account::AccountMail;
use crate::trail;

/// What an administrator decides on a request.
#[derive(Debug)]
enum Decision {
    /// Its author becomes a member.
    Accept {
        /// So does, from now on, whoever has an address in the same domain.
        approve_domain: bool,
    },
    /// Its author does not, for that reason.
    Refuse(String),
}

/// Decides on a pending request, and notifies its author.
///
/// # Errors
/// It is not pending any more (404); the database's.
fn decide(
    connection: &mut AnyConnection,
    context: &Context,
    id: JoinRequestId,
    decision: &Decision,
    administrator_id: UserId,
) -> Result<()> {
    let request = join_request::find_pending(connection, id)?.ok_or(Error::NotFound)?;
    let (action, reason, mail) = match decision {
        Decision::Accept { .. } => ("membership.accept", None, AccountMail::JoinAccepted(&request.label)),
        Decision::Refuse(reason) => {
            ("membership.refuse", Some(reason.as_str()), AccountMail::JoinRefused(&request.label, reason))
        }
    };
    trail::name(action);
    if !join_request::decide(connection, request.id, reason, administrator_id, context.now)? {
        return Err(Error::NotFound);
    }
    if let Decision::Accept { approve_domain } = decision {
        accept(connection, &request, *approve_domain)?;
    }
    super::update_user(connection, request.account_id)?;
    context.send(connection, mail, &request.email)
}

fn accept(connection: &mut AnyConnection, request: &PendingRequest, approve_domain: bool) -> Result<()> {
    let membership = Membership::new(&request.siret, &request.label, request.is_external, MembershipSource::Moderation);
    membership::insert(connection, request.account_id, &membership)?;
    let domain = domain_of(&request.email);
    if approve_domain && !is_webmail(domain) {
        organization_domain::approve(connection, &request.siret, domain, request.is_external)?;
    }
    Ok(())
}
