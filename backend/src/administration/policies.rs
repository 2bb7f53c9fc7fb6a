//! Publishing the policy of an API, and withdrawing what was published.

use std::sync::Arc;

use shared::policy::Policy;
use shared::policy_file::{MAX_SIZE, NewPolicyChange, PolicySource};
use shared::problem::{ErrorItem, ItemCode, Place};

use super::checked_reason;
use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::models::policy_change::{self, NewChange};
use crate::models::policy_revision;
use crate::policies::source::Diagnostic;
use crate::policies::{InForce, Policies, aside, check};
use crate::trail;

/// The most problems that a refusal lists: the check lists them all.
const TOLD: usize = 50;

/// Publishes a policy, or withdraws the one that was published: in force here at once, and soon in every process.
///
/// # Errors
/// 400: no reason, a text that is too long; 404: there can be no such API; 409: it was changed meanwhile, or is so already;
/// 422: what is wrong with the text; the database’s.
pub async fn change(
    policies: &Policies,
    db: &Db,
    actor_id: UserId,
    target_api: String,
    new: NewPolicyChange,
) -> Result<()> {
    let reason = checked_reason(&new.reason)?;
    if !check::is_slug(&target_api) {
        return Err(Error::NotFound);
    }
    policies.follow(db).await?;
    let in_force = policies.in_force();
    let policy = match &new.text {
        Some(text) => Some(published(&in_force, &target_api, checked_text(text)?).await?),
        None => {
            check_withdrawal(&in_force, &target_api).await?;
            None
        }
    };
    let change = NewChange { target_api: Some(target_api), text: new.text, reason, actor_id, at: now().naive_utc() };
    let seen = Seen { all: in_force.latest, own: new.latest };
    db.write(move |connection| write(connection, &change, policy.as_ref(), seen)).await?;
    policies.follow(db).await
}

/// A text that is not too long.
///
/// # Errors
/// 400.
pub fn checked_text(text: &str) -> Result<String> {
    if text.len() > MAX_SIZE {
        let detail = format!("Un fichier de politique a au plus {}\u{a0}ko.", MAX_SIZE / 1024);
        return Err(Error::pointer("/text", ItemCode::TooLong, detail));
    }
    Ok(text.to_owned())
}

/// What a text says that can be published.
async fn published(in_force: &Arc<InForce>, target_api: &str, text: String) -> Result<Policy> {
    if in_force.text(target_api) == Some(&text) {
        return Err(Error::WrongStatus("Cette politique est déjà en vigueur.".to_owned()));
    }
    let (in_force, slug) = (in_force.clone(), target_api.to_owned());
    let tried = aside(move || in_force.tried(&slug, text)).await?;
    let item = |Diagnostic { file, line, column, message }: &Diagnostic| {
        let detail = format!("Dans {file}, ligne {line}, caractère {column}\u{a0}: {message}.");
        ErrorItem::new(Place::Pointer("/text".to_owned()), ItemCode::Format, detail)
    };
    tried.policy.ok_or_else(|| Error::Invalid(tried.problems.iter().take(TOLD).map(item).collect()))
}

/// Whether what was published for an API can be withdrawn: without it, every other policy can still be read.
async fn check_withdrawal(in_force: &Arc<InForce>, target_api: &str) -> Result<()> {
    let is_unread = in_force.unread().iter().any(|unread| unread.target_api == target_api);
    if !is_unread && in_force.source(target_api) != Some(PolicySource::Published) {
        return Err(Error::WrongStatus("Aucune politique publiée n’est à retirer pour cette API.".to_owned()));
    }
    let naming = in_force.naming(target_api);
    if in_force.beneath(target_api).is_none() && !naming.is_empty() {
        let detail = format!("D’autres politiques nomment cette API\u{a0}: modifiez d’abord {}.", naming.join(", "));
        return Err(Error::WrongStatus(detail));
    }
    let (before, slug) = (in_force.clone(), target_api.to_owned());
    let lost = aside(move || before.without(&slug).lost_since(&before)).await?;
    lost.map_or(Ok(()), |lost| {
        let detail = format!("Sans cette politique, d’autres ne pourraient plus être lues\u{a0}: {lost}.");
        Err(Error::WrongStatus(detail))
    })
}

/// The last changes that were known when it was decided.
#[derive(Clone, Copy)]
struct Seen {
    /// Of all policies: 0 for none.
    all: i64,
    /// Of that API.
    own: Option<i64>,
}

/// The change, with the revision that is in force by it.
fn write(connection: &mut AnyConnection, change: &NewChange, policy: Option<&Policy>, seen: Seen) -> Result<()> {
    policy_change::lock_changes(connection)?;
    let target_api = change.target_api.as_deref().unwrap_or_default();
    if policy_change::latest_of(connection, target_api)? != seen.own {
        let detail =
            "Cette politique a été changée entre-temps\u{a0}: rechargez la page pour voir ce qui est en vigueur.";
        return Err(Error::WrongStatus(detail.to_owned()));
    }
    if policy_change::latest(connection)? != seen.all {
        let detail = "Une autre politique vient d’être changée\u{a0}: réessayez.";
        return Err(Error::WrongStatus(detail.to_owned()));
    }
    if let Some(policy) = policy {
        policy_revision::insert(connection, policy, change.at)?;
    } else {
        trail::name("policy.withdraw");
    }
    trail::about(target_api);
    policy_change::insert(connection, change)?;
    Ok(())
}
