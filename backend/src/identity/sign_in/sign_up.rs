//! Signing up: an account is created once its address is verified.

pub mod pages;

use crate::connection::AnyConnection;
use crate::error::Result;
use crate::identity::context::Context;
use crate::ids::AccountId;
use crate::models::account::{self, NewAccount};
use crate::models::challenge::Challenge;

/// Creates the account whose address was verified; returns its number.
pub fn create_account(connection: &mut AnyConnection, context: &Context, challenge: Challenge) -> Result<AccountId> {
    let new = NewAccount {
        email: challenge.email,
        email_verified: true,
        password_hash: challenge.password_hash,
        given_name: challenge.given_name,
        family_name: challenge.family_name,
        phone_number: String::new(),
        job: String::new(),
        organizations: Vec::new(),
    };
    Ok(account::create(connection, &new, context.now)?)
}
