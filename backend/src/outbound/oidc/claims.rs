//! What providers say of somebody, in one shape. Two are known: api-auth's (`organizations[]`; the embedded provider
//! speaks it too) and ProConnect's (one `siret`, `usual_name`).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use openidconnect::core::CoreGenderClaim;
use openidconnect::{AdditionalClaims, UserInfoClaims};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::organization::{MembershipSource, Organization};

use super::Failure;
use crate::config::EMBEDDED_ISSUER;

/// Who signed in, and what the provider says of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// Their number there.
    pub sub: String,
    /// E-mail address, lower case.
    pub email: String,
    /// Whether the provider says that it is theirs.
    pub email_verified: bool,
    pub given_name: String,
    pub family_name: String,
    pub phone_number: String,
    pub job: String,
    /// The organisations they may speak for.
    pub organizations: Vec<Organization>,
    /// The ID token, for the provider's logout.
    pub id_token: String,
    /// Whether the ID token says that they showed a second factor.
    pub second_factor: bool,
    /// When the ID token says that they showed who they are, if it does.
    pub authenticated_at: Option<DateTime<Utc>>,
}

/// Claims beyond the standard ones, as they come.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Extra {
    #[serde(flatten)]
    all: BTreeMap<String, Value>,
}

impl AdditionalClaims for Extra {}

/// Every claim, by our names.
struct Claims<'a> {
    all: Value,
    names: &'a BTreeMap<String, String>,
}

impl Claims<'_> {
    fn get(&self, name: &str) -> Option<&Value> {
        self.all.get(self.names.get(name).map_or(name, String::as_str)).filter(|value| !value.is_null())
    }

    /// What is no text is none.
    fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(Value::as_str).map(trimmed).filter(|text| !text.is_empty())
    }
}

/// What to ask for, beside `openid`: what we can use, among what the provider says that it knows.
pub fn scopes(supported: Option<Vec<&str>>) -> Vec<&'static str> {
    let Some(supported) = supported else { return vec!["email", "profile"] };
    let wanted: &[&str] = if supported.contains(&"organizations") {
        &["email", "profile", "phone", "organizations"]
    } else {
        &["email", "profile", "phone", "given_name", "usual_name", "siret"]
    };
    wanted.iter().copied().filter(|scope| supported.contains(scope)).collect()
}

/// Reads the claims.
pub fn identity(
    issuer: &str,
    id_token: String,
    claims: &UserInfoClaims<Extra, CoreGenderClaim>,
    names: &BTreeMap<String, String>,
) -> Result<Identity, Failure> {
    let sub = claims.subject().as_str().to_owned();
    let all = serde_json::to_value(claims).map_err(|_| Failure("the claims cannot be read".to_owned()))?;
    let claims = Claims { all, names };
    let email = claims.text("email").ok_or_else(|| Failure("the provider gives no e-mail address".to_owned()))?;
    let usual_name = claims.text("usual_name");
    Ok(Identity {
        issuer: issuer.to_owned(),
        sub,
        email: email.to_lowercase(),
        // ProConnect has no such claim: the administration that employs somebody vouches for their address.
        email_verified: claims.get("email_verified").map_or(usual_name.is_some(), |verified| *verified == true),
        given_name: claims.text("given_name").unwrap_or_default(),
        family_name: claims.text("family_name").or(usual_name).unwrap_or_default(),
        phone_number: claims.text("phone_number").unwrap_or_default(),
        job: claims.text("job").unwrap_or_default(),
        organizations: organizations(&claims, issuer == EMBEDDED_ISSUER),
        id_token,
        second_factor: false,
        authenticated_at: None,
    })
}

/// The organisations, once each; a number that is no SIRET is left out.
///
/// A single `siret` is what the employer's own identity provider says of its agent (ProConnect): that is as good as
/// verified. Of several, each says with `is_verified` whether somebody vouches for it (the embedded provider and its like);
/// without it, nobody is known to (MonComptePro). How a link came about is known of the embedded provider alone.
fn organizations(claims: &Claims<'_>, is_embedded: bool) -> Vec<Organization> {
    let text = |claim: &Value, name: &str| claim.get(name).and_then(Value::as_str).map(trimmed);
    let several = claims.get("organizations").and_then(Value::as_array).into_iter().flatten();
    let several = several.map(|claim| {
        let source = text(claim, "source").filter(|_| is_embedded).and_then(|source| source.parse().ok());
        let is_verified = claim.get("is_verified").is_some_and(|verified| *verified == true);
        (text(claim, "siret"), text(claim, "label"), source, is_verified)
    });
    let label = claims.text("label").or_else(|| claims.text("organization_label"));
    let single = [(claims.text("siret"), label, None, true)];
    let mut found: Vec<Organization> = Vec::new();
    for (siret, label, source, is_verified) in several.chain(single) {
        let Some(siret) = siret else { continue };
        match siret.parse() {
            Ok(siret) if found.iter().any(|known| known.siret == siret) => {}
            Ok(siret) => found.push(Organization {
                siret,
                label: label.unwrap_or_default(),
                source: source.unwrap_or(MembershipSource::Issuer),
                is_verified,
            }),
            Err(error) => tracing::warn!(%error, "the provider names an organisation by a number that is no SIRET"),
        }
    }
    found
}

/// PostgreSQL stores no null character.
fn trimmed(text: &str) -> String {
    text.replace('\0', "").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Identity, Failure> {
        read_as(json, &[])
    }

    fn read_as(json: &str, names: &[(&str, &str)]) -> Result<Identity, Failure> {
        let claims = UserInfoClaims::from_json::<std::io::Error>(json.as_bytes(), None).unwrap();
        let names = names.iter().map(|(ours, theirs)| ((*ours).to_owned(), (*theirs).to_owned())).collect();
        identity("https://issuer.example", "token".to_owned(), &claims, &names)
    }

    fn organization(siret: &str, label: &str, is_verified: bool) -> Organization {
        let source = MembershipSource::Issuer;
        Organization { siret: siret.parse().unwrap(), label: label.to_owned(), source, is_verified }
    }

    #[test]
    fn how_a_link_came_about_is_known_of_the_embedded_provider_alone() {
        let json = r#"{"sub": "1", "email": "a@b.fr", "organizations": [
            {"siret": "13002526500013", "source": "domain", "is_verified": true}, {"siret": "21920023500014"}]}"#;
        let claims = UserInfoClaims::from_json::<std::io::Error>(json.as_bytes(), None).unwrap();
        for (issuer, source) in
            [(EMBEDDED_ISSUER, MembershipSource::Domain), ("https://issuer.example", MembershipSource::Issuer)]
        {
            let known = identity(issuer, String::new(), &claims, &BTreeMap::new()).unwrap().organizations;
            assert_eq!(known.iter().map(|one| one.is_verified).collect::<Vec<_>>(), [true, false]);
            assert_eq!(known.iter().map(|one| one.source).collect::<Vec<_>>(), [source, MembershipSource::Issuer]);
        }
    }

    #[test]
    fn an_issuer_may_call_claims_otherwise() {
        let json = r#"{"sub": "1", "preferred_username": "Jean@Mairie.example", "nickname": "Jeannot", "given_name": "Jean",
            "tel": "0102030405", "is_known": true, "company": "13002526500013", "job": 3}"#;
        let names = [
            ("email", "preferred_username"),
            ("given_name", "nickname"),
            ("phone_number", "tel"),
            ("email_verified", "is_known"),
            ("siret", "company"),
        ];
        let identity = read_as(json, &names).unwrap();
        assert_eq!((identity.email.as_str(), identity.given_name.as_str()), ("jean@mairie.example", "Jeannot"));
        assert_eq!((identity.phone_number.as_str(), identity.job.as_str()), ("0102030405", ""));
        assert!(identity.email_verified);
        assert_eq!(identity.organizations.len(), 1);
    }

    #[test]
    fn the_claims_of_api_auth_are_read() {
        let identity = read(
            r#"{"sub": "154", "email": " Jean.Valjean@Mairie.example ", "email_verified": true,
                "given_name": "Jean", "family_name": "Valjean", "job": "Secrétaire", "phone_number": "0102030405",
                "organizations": [
                    {"id": 1, "siret": "13002526500013", "label": "DINUM", "is_external": false, "is_verified": true,
                        "source": "moderation"},
                    {"id": 2, "siret": "21920023500014", "label": null, "is_external": true},
                    {"id": 3, "siret": "13002526500013", "label": "Deux fois", "is_external": true},
                    {"id": 4, "siret": "12345678901234", "label": "Aucune", "is_external": true}
                ]}"#,
        )
        .unwrap();
        assert_eq!(
            identity,
            Identity {
                issuer: "https://issuer.example".to_owned(),
                sub: "154".to_owned(),
                email: "jean.valjean@mairie.example".to_owned(),
                email_verified: true,
                given_name: "Jean".to_owned(),
                family_name: "Valjean".to_owned(),
                phone_number: "0102030405".to_owned(),
                job: "Secrétaire".to_owned(),
                organizations: vec![
                    organization("13002526500013", "DINUM", true),
                    organization("21920023500014", "", false),
                ],
                id_token: "token".to_owned(),
                second_factor: false,
                authenticated_at: None,
            }
        );
    }

    #[test]
    fn the_claims_of_proconnect_are_read() {
        let identity = read(
            r#"{"sub": "b6048e95", "email": "jean@dinum.example", "given_name": "Jean", "usual_name": "Valjean",
                "siret": "13002526500013", "organization_label": "DINUM", "idp_id": "x"}"#,
        )
        .unwrap();
        assert_eq!(identity.family_name, "Valjean");
        assert!(identity.email_verified);
        assert_eq!(identity.organizations, [organization("13002526500013", "DINUM", true)]);
    }

    #[test]
    fn an_address_that_no_one_vouches_for_is_not_verified() {
        let identity = read(r#"{"sub": "1", "email": "jean@example.org", "siret": "13002526500013"}"#).unwrap();
        assert!(!identity.email_verified);
    }

    #[test]
    fn nobody_signs_in_without_an_address() {
        assert!(read(r#"{"sub": "1", "given_name": "Jean"}"#).is_err());
        assert!(read(r#"{"sub": "1", "email": " "}"#).is_err());
    }

    #[test]
    fn only_what_the_provider_knows_is_asked_for() {
        assert_eq!(scopes(None), ["email", "profile"]);
        assert_eq!(
            scopes(Some(vec!["openid", "email", "profile", "organizations", "siret"])),
            ["email", "profile", "organizations"]
        );
        let proconnect = vec!["openid", "given_name", "usual_name", "email", "uid", "siret", "phone"];
        assert_eq!(scopes(Some(proconnect)), ["email", "phone", "given_name", "usual_name", "siret"]);
    }
}
