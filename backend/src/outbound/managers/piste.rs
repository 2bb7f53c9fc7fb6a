//! PISTE, the State's API manager, for `CaptchEtat`.
//!
//! Source: v1's bridge. It takes an approval and answers with the address of the application; it knows no withdrawal.

use reqwest::Client;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::team_member::TeamMemberType;

use super::{Action, Failure, Order, Remote, oauth, read, send};
use crate::config::ClientAccount;

/// What PISTE calls the API.
const API_NAME: &str = "CaptchEtat v2";

#[derive(Deserialize)]
struct Approved {
    piste_app_prd_link: String,
}

pub async fn run(
    http: &Client,
    account: &ClientAccount,
    action: Action,
    order: &Order,
    remote: &mut Remote,
) -> Result<String, Failure> {
    if action == Action::Withdraw {
        return Err(Failure::last("PISTE ne retire pas d’accès à distance\u{a0}: demandez-le à son support"));
    }
    // What was approved stays so: PISTE takes no changes.
    if let Some(Value::String(link)) = remote.get("link") {
        return Ok(link.clone());
    }
    let Some(technical) = order.member(TeamMemberType::ResponsableTechnique) else {
        return Err(Failure::last("la demande ne nomme pas de responsable technique"));
    };
    let token = oauth::token(http, account).await?;
    let request = http.post(format!("{}/datapass/v1/approve", account.url)).bearer_auth(token).json(&json!({
        "requestor_email": technical.email,
        "api_name": API_NAME,
        "approval_id": order.enrollment_id,
    }));
    let approved: Approved = read(send(request).await?).await?;
    let id = approved.piste_app_prd_link.rsplit('/').next().unwrap_or_default();
    remote.insert("id".to_owned(), Value::from(id));
    remote.insert("link".to_owned(), Value::from(approved.piste_app_prd_link.as_str()));
    Ok(approved.piste_app_prd_link)
}
