//! The contract of our own for a token manager (`openapi/token-manager.md`): an access has the number of its enrollment, so
//! that a call made twice changes nothing.

use reqwest::{Client, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::team_member::TeamMemberType;

use super::{Action, Failure, Order, Remote, RemoteAccess, accepted, read, send};
use crate::config::KeyAccount;

#[derive(Deserialize)]
struct Opened {
    id: Value,
    #[serde(default)]
    link: String,
}

#[derive(Deserialize)]
struct Known {
    active: bool,
    scopes: Vec<String>,
}

fn address(account: &KeyAccount, enrollment_id: i64) -> String {
    format!("{}/accesses/{enrollment_id}", account.url)
}

pub async fn run(
    http: &Client,
    account: &KeyAccount,
    action: Action,
    order: &Order,
    remote: &mut Remote,
) -> Result<String, Failure> {
    let url = address(account, order.enrollment_id);
    match action {
        Action::Open => {
            let request = http.put(url).bearer_auth(&account.key).json(&body(order));
            let opened: Opened = read(send(request).await?).await?;
            remote.insert("id".to_owned(), opened.id);
            Ok(opened.link)
        }
        Action::Withdraw => {
            let response = send(http.delete(url).bearer_auth(&account.key)).await?;
            // What it does not know gives no access.
            if response.status() != StatusCode::NOT_FOUND {
                accepted(response)?;
            }
            Ok(String::new())
        }
    }
}

fn body(order: &Order) -> Value {
    let account = order.member(TeamMemberType::Demandeur);
    let contacts: Vec<_> = order.team_members.iter().filter(|one| one.kind != TeamMemberType::Demandeur).collect();
    json!({
        "authorisation": order.authorisation,
        "enrollment_id": order.enrollment_id,
        "target_api": order.target_api,
        "organisation": { "siret": order.siret, "name": order.nom_raison_sociale },
        "account": {
            "sub": order.applicant_sub,
            "email": account.map(|account| &account.email),
            "given_name": account.map(|account| &account.given_name),
            "family_name": account.map(|account| &account.family_name),
        },
        "application": { "name": order.intitule, "scopes": order.scopes },
        "contacts": contacts,
    })
}

/// What it holds: what it does not know is not open.
pub async fn remote_access(http: &Client, account: &KeyAccount, enrollment_id: i64) -> Result<RemoteAccess, Failure> {
    let response = send(http.get(address(account, enrollment_id)).bearer_auth(&account.key)).await?;
    if response.status() == StatusCode::NOT_FOUND {
        return Ok(RemoteAccess { is_open: false, scopes: None });
    }
    let known: Known = read(response).await?;
    Ok(RemoteAccess { is_open: known.active, scopes: Some(known.scopes) })
}
