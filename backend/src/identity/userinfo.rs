//! `/oauth/userinfo`: what a client may know of who signed in, by what it was granted.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, route, web};
use serde_json::{Map, Value, json};

use super::{client, id_token};
use crate::app::State;
use crate::auth::secret;
use crate::db::types::now;
use crate::error::Result;
use crate::models::account::{self, Account};
use crate::models::membership::{self, Membership};
use crate::models::provider;

#[route("/oauth/userinfo", method = "GET", method = "POST")]
pub async fn userinfo(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let Some(token) = bearer(&request) else { return Ok(refused("Bearer")) };
    let token_hash = secret::hash(token);
    let claims = state
        .db
        .read(move |connection| {
            let Some(token) = provider::find_token(connection, &token_hash, now().naive_utc())? else {
                return Ok(None);
            };
            let account = account::find(connection, token.account_id)?;
            let organizations = membership::of(connection, token.account_id)?;
            Ok(Some((token.client_id, claims(&account, &organizations, &token.scope))))
        })
        .await?;
    let Some((client_id, mut claims)) = claims else { return Ok(refused("Bearer error=\"invalid_token\"")) };
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if !client::find(&state, &client_id).await?.is_some_and(|client| client.signs_userinfo) {
        return Ok(response.json(claims));
    }
    claims.insert("iss".to_owned(), Value::from(state.public_url.as_str()));
    claims.insert("aud".to_owned(), Value::from(client_id));
    Ok(response.content_type("application/jwt").body(id_token::signed(&state, claims).await?))
}

fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn refused(challenge: &'static str) -> HttpResponse {
    HttpResponse::Unauthorized()
        .insert_header((header::WWW_AUTHENTICATE, challenge))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

/// The claims of each scope, named as api-auth names them.
fn claims(account: &Account, organizations: &[Membership], scope: &str) -> Map<String, Value> {
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
            // The one that they speak for: theirs, where they have but one.
            "organization" => match organizations {
                [only] => json!({
                    "siret": only.siret, "label": only.label, "is_external": only.is_external,
                }),
                _ => continue,
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
    })
}

#[cfg(test)]
mod tests {
    use shared::organization::MembershipSource;

    use super::*;
    use crate::db::types::Name;

    #[test]
    fn each_scope_gives_its_claims_and_no_more() {
        let account = Account {
            id: 1,
            sub: "opaque".to_owned(),
            email: "jean@example.org".to_owned(),
            email_verified: true,
            given_name: "Jean".to_owned(),
            family_name: "Valjean".to_owned(),
            phone_number: "0102030405".to_owned(),
            job: "Maire".to_owned(),
            updated_at: chrono::DateTime::from_timestamp(1_637_000_000, 0).unwrap().naive_utc(),
        };
        let organizations = [Membership {
            siret: "13002526500013".to_owned(),
            label: "DINUM".to_owned(),
            is_external: true,
            source: Name(MembershipSource::Moderation),
            is_verified: true,
        }];
        let claims = |scope| Value::Object(claims(&account, &organizations, scope));
        assert_eq!(
            claims("openid organization"),
            json!({ "sub": "opaque", "siret": "13002526500013", "label": "DINUM", "is_external": true })
        );
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
                    { "id": 13_002_526_500_013_u64, "siret": "13002526500013", "label": "DINUM", "is_external": true },
                ],
            })
        );
    }
}
