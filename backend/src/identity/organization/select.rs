//! Which of its organisations an account speaks for in a browser. Clients are told that one (scope `organization`), or all
//! with that one first.

pub mod pages;

use crate::models::membership::Membership;

/// The organisation that the account speaks for: the one that was chosen, as long as it is the account's, or the only one.
pub fn current<'a>(members: &'a [Membership], chosen: Option<&str>) -> Option<&'a Membership> {
    match members {
        [only] => Some(only),
        _ => members.iter().find(|member| Some(member.siret.as_str()) == chosen),
    }
}
