//! Joining an organisation, so as to speak for it.
//!
//! Who has an address in a domain that an administrator has approved for that organisation joins at once. Everybody else
//! waits for moderation: being the first to come proves nothing.

pub mod pages;

use shared::organization::{Establishment, MembershipSource, Siret};
use shared::user::Role;

use super::webmail::{domain_of, is_webmail};
use crate::connection::AnyConnection;
use crate::error::{Error, Result};
use crate::identity::context::Context;
use crate::identity::form::{Failure, Rejection};
use crate::ids::AccountId;
use crate::models::account::Account;
use crate::models::membership::{self, Membership};
use crate::models::{join_request, organization_domain, user};
use crate::notification::account::AccountMail;
use crate::state::AppState;

/// The establishment of that number, if the account may ask to join it.
async fn find_joinable(
    state: &AppState,
    account_id: AccountId,
    siret: &str,
) -> std::result::Result<Establishment, Failure> {
    let reject = |text: &str| Err(Rejection::invalid("siret", text).into());
    let siret: Siret = match siret.parse() {
        Ok(siret) => siret,
        Err(error) => return Err(Rejection::invalid("siret", sentence(&error.to_string())).into()),
    };
    let read = move |connection: &mut _| {
        Ok((membership::of(connection, account_id)?, join_request::of(connection, account_id)?))
    };
    let (members, requests) = state.db.read(read).await?;
    if members.iter().any(|member| member.siret == siret.as_str()) {
        return reject("Vous êtes déjà rattaché à cette organisation.");
    }
    if requests.iter().any(|request| request.siret == siret.as_str() && request.decided_at.is_none()) {
        return reject("Vous avez déjà demandé à rejoindre cette organisation\u{a0}: la vérification est en cours.");
    }
    match state.directory.find(&state.db, &siret).await {
        Ok(found) if found.is_open => Ok(found),
        Ok(_) => reject("Cet établissement est fermé. Indiquez le numéro d’un établissement en activité."),
        Err(Error::NotFound) => reject("Ce numéro n’est pas dans le répertoire Sirene. Vérifiez les chiffres saisis."),
        Err(Error::BadGateway(why)) => {
            tracing::warn!(why, "nobody can join an organisation");
            reject("Le répertoire des organisations ne répond pas. Réessayez dans quelques minutes.")
        }
        Err(error) => Err(error.into()),
    }
}

/// The organisations that the domain of an address speaks for, as the directory knows them: those that somebody most likely
/// wants to join.
async fn suggested(state: &AppState, account: &Account) -> Result<Vec<Establishment>> {
    let domain = domain_of(&account.email).to_owned();
    if is_webmail(&domain) {
        return Ok(Vec::new());
    }
    let account_id = account.id;
    let read = move |connection: &mut _| {
        Ok((organization_domain::sirets_of(connection, &domain)?, membership::of(connection, account_id)?))
    };
    let (sirets, members) = state.db.read(read).await?;
    let mut found = Vec::new();
    for siret in sirets.into_iter().filter(|siret| members.iter().all(|member| member.siret != *siret)) {
        let Ok(siret) = siret.parse() else { continue };
        match state.directory.find(&state.db, &siret).await {
            Ok(establishment) if establishment.is_open => found.push(establishment),
            Ok(_) | Err(Error::NotFound) => {}
            // Somebody waits for the page: the others are not asked for.
            Err(_) => break,
        }
    }
    Ok(found)
}

/// The open establishments whose name and town hold what was typed.
async fn searched(state: &AppState, words: &str) -> std::result::Result<Vec<Establishment>, Failure> {
    let reject = |text: &str| Err(Rejection::invalid("siret", text).into());
    match state.directory.search(words).await {
        Ok(found) if found.is_empty() => {
            reject("Aucune organisation de ce nom. Essayez avec sa ville, un autre mot, ou son numéro SIRET.")
        }
        Ok(found) => Ok(found),
        Err(Error::BadGateway(why)) => {
            tracing::warn!(why, "nobody can search an organisation");
            reject(
                "Le répertoire des organisations ne répond pas. Réessayez dans quelques minutes, ou saisissez le numéro SIRET.",
            )
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes the account a member (`true`) where its domain is approved; else asks the administrators (`false`).
fn join(
    connection: &mut AnyConnection,
    context: &Context,
    account: &Account,
    establishment: &Establishment,
    is_external: bool,
) -> Result<bool> {
    let (siret, label) = (establishment.siret.as_str(), establishment.name.as_str());
    let domain = domain_of(&account.email);
    let is_approved = account.email_verified
        && !is_webmail(domain)
        && organization_domain::is_approved(connection, siret, domain, is_external)?;
    if is_approved {
        let membership = Membership::new(siret, label, is_external, MembershipSource::Domain);
        membership::insert(connection, account.id, &membership)?;
        return Ok(true);
    }
    if join_request::insert(connection, account.id, (siret, label, is_external), context.now)? {
        for to in user::emails_with_roles(connection, &[Role::Administrator], "")? {
            context.send(connection, AccountMail::JoinRequested(label), &to)?;
        }
        super::update_user(connection, account.id)?;
    }
    Ok(false)
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), chars.as_str()))
}
