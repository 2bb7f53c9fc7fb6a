//! What an organisation has been granted already.

use shared::organization::Siret;
use shared::validation::GrantedScope;

use super::{Answer, get};
use crate::query::query_string;

/// The scopes of an API that an organisation of the caller's has been granted; none where either is not known.
pub fn granted_scopes(siret: Option<Siret>, target_api: Option<String>) -> Answer<Vec<GrantedScope>> {
    let (Some(siret), Some(target_api)) = (siret, target_api) else { return Answer::known(Vec::new()) };
    let query = query_string(&[("target_api", &target_api)]);
    get(format!("/api/organizations/{siret}/granted_scopes{query}"))
}
