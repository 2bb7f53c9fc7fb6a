//! What providers say of somebody, in one shape. Two are known: api-auth's (`organizations[]`; the embedded provider
//! speaks it too) and ProConnect's (one `siret`, `usual_name`).

use openidconnect::core::CoreGenderClaim;
use openidconnect::{AdditionalClaims, UserInfoClaims};
use serde::{Deserialize, Serialize};
use shared::organization::Organization;

use super::Failure;

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
    /// First name.
    pub given_name: String,
    /// Last name.
    pub family_name: String,
    /// Telephone.
    pub phone_number: String,
    /// Position held.
    pub job: String,
    /// The organisations they may speak for.
    pub organizations: Vec<Organization>,
    /// The ID token, for the provider's logout.
    pub id_token: String,
}

/// Claims beyond the standard ones.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Extra {
    organizations: Option<Vec<OrganizationClaim>>,
    siret: Option<String>,
    label: Option<String>,
    organization_label: Option<String>,
    usual_name: Option<String>,
    job: Option<String>,
}

impl AdditionalClaims for Extra {}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct OrganizationClaim {
    siret: Option<String>,
    label: Option<String>,
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
) -> Result<Identity, Failure> {
    let extra = claims.additional_claims();
    let given_name = claims.given_name().and_then(|name| name.get(None)).map(|name| name.as_str());
    let family_name = claims.family_name().and_then(|name| name.get(None)).map(|name| name.as_str());
    let email = trimmed(claims.email().map(|email| email.as_str())).to_lowercase();
    if email.is_empty() {
        return Err(Failure("the provider gives no e-mail address".to_owned()));
    }
    Ok(Identity {
        issuer: issuer.to_owned(),
        sub: claims.subject().as_str().to_owned(),
        email,
        // ProConnect has no such claim: the administration that employs somebody vouches for their address.
        email_verified: claims.email_verified().unwrap_or(extra.usual_name.is_some()),
        given_name: trimmed(given_name),
        family_name: trimmed(family_name.or(extra.usual_name.as_deref())),
        phone_number: trimmed(claims.phone_number().map(|number| number.as_str())),
        job: trimmed(extra.job.as_deref()),
        organizations: organizations(extra),
        id_token,
    })
}

/// The organisations, once each; a number that is no SIRET is left out.
fn organizations(extra: &Extra) -> Vec<Organization> {
    let several = extra.organizations.iter().flatten().map(|claim| (&claim.siret, &claim.label));
    let single = [(&extra.siret, if extra.label.is_some() { &extra.label } else { &extra.organization_label })];
    let mut found: Vec<Organization> = Vec::new();
    for (siret, label) in several.chain(single) {
        let Some(siret) = siret else { continue };
        match siret.parse() {
            Ok(siret) if found.iter().any(|known| known.siret == siret) => {}
            Ok(siret) => {
                found.push(Organization { siret, label: trimmed(label.as_deref()) });
            }
            Err(error) => tracing::warn!(%error, "the provider names an organisation by a number that is no SIRET"),
        }
    }
    found
}

/// PostgreSQL stores no null character.
fn trimmed(text: Option<&str>) -> String {
    text.unwrap_or_default().replace('\0', "").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Identity, Failure> {
        let claims = UserInfoClaims::from_json::<std::io::Error>(json.as_bytes(), None).unwrap();
        identity("https://issuer.example", "token".to_owned(), &claims)
    }

    #[test]
    fn the_claims_of_api_auth_are_read() {
        let identity = read(
            r#"{"sub": "154", "email": " Jean.Valjean@Mairie.example ", "email_verified": true,
                "given_name": "Jean", "family_name": "Valjean", "job": "Secrétaire", "phone_number": "0102030405",
                "organizations": [
                    {"id": 1, "siret": "13002526500013", "label": "DINUM", "is_external": false},
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
                    Organization { siret: "13002526500013".parse().unwrap(), label: "DINUM".to_owned() },
                    Organization { siret: "21920023500014".parse().unwrap(), label: String::new() },
                ],
                id_token: "token".to_owned(),
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
        assert_eq!(
            identity.organizations,
            [Organization { siret: "13002526500013".parse().unwrap(), label: "DINUM".to_owned() }]
        );
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
