//! `/oauth/userinfo`: the claims about an account, by the scopes that the client was granted.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, route, web};
use serde_json::{Map, Value, json};

use super::client;
use crate::connection::types::now;
use crate::error::Result;
use crate::identity::organization::select;
use crate::models::access_token;
use crate::models::account::{self, Account};
use crate::models::membership::{self, Membership};
use crate::signing;
use crate::state::AppState;
use crate::{auth, secret};

#[route("/oauth/userinfo", method = "GET", method = "POST")]
pub async fn userinfo(request: HttpRequest, state: web::Data<AppState>) -> Result<HttpResponse> {
    let Some(token) = auth::bearer(&request) else { return Ok(unauthorized("Bearer")) };
    let token_hash = secret::hash(token);
    let claims = state
        .db
        .read(move |connection| {
            let Some(token) = access_token::find(connection, &token_hash, now().naive_utc())? else {
                return Ok(None);
            };
            let account = account::find(connection, token.account_id)?;
            let organizations = membership::of(connection, token.account_id)?;
            let chosen = token.siret.as_deref();
            Ok(Some((token.client_id, claims(&account, organizations, chosen, &token.scope))))
        })
        .await?;
    let Some((client_id, mut claims)) = claims else { return Ok(unauthorized("Bearer error=\"invalid_token\"")) };
    let mut response = HttpResponse::Ok();
    if !client::find(&state, &client_id).await?.is_some_and(|client| client.signs_userinfo) {
        return Ok(response.json(claims));
    }
    claims.insert("iss".to_owned(), Value::from(state.public_url.as_str()));
    claims.insert("aud".to_owned(), Value::from(client_id));
    Ok(response.content_type("application/jwt").body(signing::signed(&state, signing::JWT, claims).await?))
}

fn unauthorized(challenge: &'static str) -> HttpResponse {
    HttpResponse::Unauthorized().insert_header((header::WWW_AUTHENTICATE, challenge)).finish()
}

/// The claims of each scope, named as api-auth names them. The organisation that the account speaks for comes first.
fn claims(
    account: &Account,
    mut organizations: Vec<Membership>,
    chosen: Option<&str>,
    scope: &str,
) -> Map<String, Value> {
    let current = select::current(&organizations, chosen).cloned();
    organizations.sort_by_key(|one| current.as_ref() != Some(one));
    let mut claims = Map::from_iter([("sub".to_owned(), json!(account.sub))]);
    for scope in scope.split(' ') {
        let more = match scope {
            "email" => json!({ "email": account.email, "email_verified": account.email_verified }),
            "profile" => json!({
                "given_name": account.given_name,
                "family_name": account.family_name,
                "phone_number": account.phone_number,
                "job": account.job,
                "updated_at": account.updated_at.and_utc().timestamp(),
            }),
            "phone" => json!({ "phone_number": account.phone_number, "phone_number_verified": false }),
            "organizations" => json!({
                "organizations": organizations.iter().map(organization).collect::<Vec<_>>(),
            }),
            "organization" => match &current {
                Some(current) => json!({
                    "siret": current.siret, "label": current.label, "is_external": current.is_external,
                    "source": current.source.0, "is_verified": current.is_verified,
                }),
                None => continue,
            },
            _ => continue,
        };
        if let Value::Object(more) = more {
            claims.extend(more);
        }
    }
    claims
}

/// `id` is a number because clients of api-auth expect one; the SIRET is one, and unique.
fn organization(membership: &Membership) -> Value {
    json!({
        "id": membership.siret.parse::<u64>().unwrap_or_default(),
        "siret": membership.siret,
        "label": membership.label,
        "is_external": membership.is_external,
        "source": membership.source.0,
        "is_verified": membership.is_verified,
    })
}

#[cfg(test)]
mod tests {
    use shared::organization::MembershipSource;

    use super::*;
    use crate::email_address::EmailAddress;
    use crate::ids::AccountId;

    #[test]
    fn each_scope_gives_its_claims_and_no_more() {
        let account = Account {
            id: AccountId(1),
            sub: "opaque".to_owned(),
            email: EmailAddress::parse("jean@example.org").unwrap(),
            email_verified: true,
            given_name: "Jean".to_owned(),
            family_name: "Valjean".to_owned(),
            phone_number: "0102030405".to_owned(),
            job: "Maire".to_owned(),
            updated_at: chrono::DateTime::from_timestamp(1_637_000_000, 0).unwrap().naive_utc(),
        };
        let dinum = Membership::new("13002526500013", "DINUM", true, MembershipSource::Moderation);
        let clamart = Membership::new("21920023500014", "Clamart", false, MembershipSource::Domain);
        let all = |chosen, scope| Value::Object(claims(&account, vec![clamart.clone(), dinum.clone()], chosen, scope));
        let claims = |scope| Value::Object(claims(&account, vec![dinum.clone()], None, scope));
        assert_eq!(
            claims("openid organization"),
            json!({
                "sub": "opaque", "siret": "13002526500013", "label": "DINUM", "is_external": true,
                "source": "moderation", "is_verified": true,
            })
        );
        // Of several, the one that was chosen, as long as it is theirs.
        assert_eq!(all(Some("13002526500013"), "organization")["label"], "DINUM");
        assert_eq!(all(Some("13002526500013"), "organizations")["organizations"][0]["label"], "DINUM");
        assert_eq!(all(None, "organizations")["organizations"][0]["label"], "Clamart");
        for chosen in [None, Some("35600000000048")] {
            assert_eq!(all(chosen, "organization"), json!({ "sub": "opaque" }));
        }
        assert_eq!(claims("openid"), json!({ "sub": "opaque" }));
        assert_eq!(
            claims("openid email unknown"),
            json!({ "sub": "opaque", "email": "jean@example.org", "email_verified": true })
        );
        assert_eq!(
            claims("openid profile"),
            json!({
                "sub": "opaque", "given_name": "Jean", "family_name": "Valjean", "phone_number": "0102030405",
                "job": "Maire", "updated_at": 1_637_000_000,
            })
        );
        assert_eq!(
            claims("openid organizations"),
            json!({
                "sub": "opaque",
                "organizations": [
                    {
                        "id": 13_002_526_500_013_u64, "siret": "13002526500013", "label": "DINUM", "is_external": true,
                        "source": "moderation", "is_verified": true,
                    },
                ],
            })
        );
    }
}
