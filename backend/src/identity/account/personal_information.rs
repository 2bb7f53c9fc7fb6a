//! What an account says of its owner, besides the e-mail address.

pub mod pages;

use crate::connection::AnyConnection;
use crate::error::Result;
use crate::identity::context::Context;
use crate::ids::AccountId;
use crate::models::account::{self, PersonalInformation};

/// Changes it.
fn change(
    connection: &mut AnyConnection,
    context: &Context,
    account_id: AccountId,
    personal: &PersonalInformation,
) -> Result<()> {
    Ok(account::set_personal(connection, account_id, personal, context.now)?)
}
