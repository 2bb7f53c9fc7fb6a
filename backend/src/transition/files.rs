//! What a policy wants of a file, before somebody sends it.

use shared::document::DocumentType;
use shared::policy::{DocumentRequest, Policy};
use shared::user::User;
use shared::workflow::Action;

use super::{Context, Loaded, permitted};
use crate::db::AnyConnection;
use crate::error::{Error, Result};

/// The formats that a file may have which this user is about to join.
///
/// # Errors
/// No such enrollment (404); not allowed, or not asked for (403); changed meanwhile, or not from this status (409).
pub fn formats(
    connection: &mut AnyConnection,
    context: &Context,
    user: &User,
    id: i64,
    expected: Option<i64>,
    kind: DocumentType,
) -> Result<Vec<String>> {
    let loaded = Loaded::find(connection, context, id)?;
    permitted(&loaded, user, Action::Update, expected)?;
    Ok(asked(&loaded.policy, kind)?.formats.clone())
}

/// What the policy says of that file.
pub(super) fn asked(policy: &Policy, kind: DocumentType) -> Result<&DocumentRequest> {
    let missing = || Error::Forbidden(format!("{} ne demande pas ce document.", policy.label));
    policy.document(kind).ok_or_else(missing)
}
