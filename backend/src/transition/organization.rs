//! What the members of an organisation learn of the requests of their colleagues: that there are any, so that nobody files
//! twice and a transfer has somebody to go to.

use shared::api::{OrganizationEnrollment, Page};
use shared::organization::Siret;
use shared::rights;
use shared::workflow::Status;

use super::Tx;
use crate::connection::page::{Cursor, cut};
use crate::connection::types::utc;
use crate::error::Result;
use crate::ids::{EnrollmentId, UserId};
use crate::models::enrollment::organization::{self, MemberRow};

/// What is under way, or granted.
const STATUSES: [Status; 4] = [Status::Draft, Status::Submitted, Status::ChangesRequested, Status::Validated];

/// The requests of an organisation that are under way or granted, newest first, for its verified members; only those of
/// that API, unless it is empty.
///
/// # Errors
/// The caller is none (403); the database's.
pub fn enrollments(
    tx: &mut Tx<'_>,
    (siret, target_api): (&Siret, &str),
    after: Option<Cursor>,
    limit: i64,
) -> Result<Page<OrganizationEnrollment>> {
    rights::require_member(tx.user, siret)?;
    let before = after.map(|cursor| EnrollmentId(cursor.id));
    let rows = organization::requests(tx.connection, (siret, target_api), &STATUSES, before, limit + 1)?;
    let (rows, next) = cut(rows, limit, |row| Cursor { key: String::new(), id: row.id.0 }.encode());
    let items = rows.into_iter().map(|row| shown(row, tx.user_id(), &tx.context.public_url)).collect();
    Ok(Page { items, next })
}

fn shown(row: MemberRow, user_id: UserId, public_url: &str) -> OrganizationEnrollment {
    let is_own = row.demandeur_id == user_id;
    let since = match row.status.0 {
        Status::Draft if !row.reopening => None,
        Status::Submitted | Status::ChangesRequested if !row.reopening => row.submitted_at,
        _ => row.validated_at,
    };
    OrganizationEnrollment {
        id: row.id.0,
        target_api: row.target_api,
        status: row.status.0,
        reopening: row.reopening,
        since: utc(since.unwrap_or(row.created_at)),
        authorisation: row.authorisation.map(|id| id.0),
        demandeur: format!("{} {}", row.given_name, row.family_name).trim().to_owned(),
        is_own,
        // Colleagues do not read it: they may ask for it.
        url: format!("{public_url}/demandes/{}{}", row.id, if is_own { "" } else { "/transfert" }),
    }
}
