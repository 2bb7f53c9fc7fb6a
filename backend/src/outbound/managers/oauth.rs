//! The token that a manager asks for: OAuth 2.0, client credentials (RFC 6749 § 4.4).

use reqwest::Client;
use serde::Deserialize;

use super::{Failure, read, send};
use crate::config::ClientAccount;

#[derive(Deserialize)]
struct Answer {
    access_token: String,
}

/// A new token. They are not kept: deliveries are rare.
pub async fn token(http: &Client, account: &ClientAccount) -> Result<String, Failure> {
    let mut form = vec![("grant_type", "client_credentials")];
    if !account.scope.is_empty() {
        form.push(("scope", &account.scope));
    }
    let request =
        http.post(&account.token_url).basic_auth(&account.client_id, Some(&account.client_secret)).form(&form);
    let answer: Answer = read(send(request).await?).await?;
    Ok(answer.access_token)
}
