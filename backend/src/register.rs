//! The public register: which part of it is asked for, the words that its rows need, and its files. Its pages are in
//! [`crate::public::register`], its queries in [`crate::models::authorisation::public`].

pub mod files;

use chrono::Datelike as _;
use serde::Deserialize;
use shared::enrollment::AuthorisationState;
use shared::organization::OrganizationKind;
use shared::problem::ItemCode;
use shared::register::PublicRow;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::connection::page::{self, Cursor};
use crate::connection::search;
use crate::connection::types::now;
use crate::error::{Error, Result};
use crate::models::authorisation::public::PublicQuery;
use crate::policies::{Catalogue, Policies};

/// The year of the first authorisation of DataPass.
const FIRST_YEAR: i32 = 2018;

/// A sort of organisation, or nothing: forms send what was left empty.
struct KindOrAny;

impl PartialSchema for KindOrAny {
    fn schema() -> RefOr<Schema> {
        OneOfBuilder::new()
            .item(Ref::from_schema_name(OrganizationKind::name()))
            .item(ObjectBuilder::new().schema_type(Type::String).enum_values(Some([""])))
            .into()
    }
}

impl ToSchema for KindOrAny {}

/// What part of the register. An empty value asks for nothing, as in a form that is sent.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct RegisterQuery {
    /// Only this API.
    pub target_api: String,
    /// Only the APIs of this provider, by its short id.
    #[param(example = "dgfip")]
    pub provider: String,
    /// Only organisations of this sort.
    #[param(value_type = Option<KindOrAny>, inline)]
    pub organization_kind: String,
    /// Only what was granted in this year (Paris time).
    #[param(example = "2026")]
    pub year: String,
    /// `active` (in force, the default), `superseded` or `revoked`; in a file also `all`.
    #[param(example = "active")]
    pub state: String,
    /// Words that must all be found in the organisation, the SIRET or the title; or a number, such as H5 or D12.
    pub search: String,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// Rows of a page, at most 100.
    #[param(minimum = 1)]
    pub limit: Option<i64>,
}

impl RegisterQuery {
    /// The page of a list that is asked for.
    ///
    /// # Errors
    /// 400: a limit or a cursor that is none. 422: an API, a provider, a sort, a year, a state that there is not.
    pub fn page(&self, policies: &Policies) -> Result<PublicQuery> {
        let mut query = self.filters(policies)?;
        let after = self.cursor.as_deref().filter(|cursor| !cursor.is_empty()).map(Cursor::decode).transpose()?;
        if after.as_ref().is_some_and(|cursor| cursor.time().is_none()) {
            let detail = "Cette valeur vient d’une page d’une autre liste.";
            return Err(Error::parameter("cursor", ItemCode::Format, detail));
        }
        query.after = after;
        match query.state {
            Some(_) => Ok(query),
            None => Err(unknown("state", "Une liste montre un seul état\u{a0}: active, superseded ou revoked.")),
        }
    }

    /// What a file holds: all pages.
    ///
    /// # Errors
    /// As above.
    pub fn filters(&self, policies: &Policies) -> Result<PublicQuery> {
        let asked = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let target_api = asked(&self.target_api);
        if target_api.as_ref().is_some_and(|api| !policies.knows(api)) {
            return Err(unknown("target_api", "Aucune API ne porte cet identifiant\u{a0}: /api/policies les liste."));
        }
        let provider = asked(&self.provider);
        let is_known = |id: &String| policies.current().values().any(|policy| policy.provider.id == *id);
        if provider.as_ref().is_some_and(|id| !is_known(id)) {
            return Err(unknown(
                "provider",
                "Aucun fournisseur ne porte cet identifiant\u{a0}: /api/policies les liste.",
            ));
        }
        let organization_kind = match asked(&self.organization_kind).map(|kind| kind.parse::<OrganizationKind>()) {
            None => None,
            Some(Ok(kind)) => Some(kind),
            Some(Err(_)) => {
                let kinds: Vec<&str> = OrganizationKind::ALL.iter().map(|kind| kind.as_str()).collect();
                let detail = format!("Indiquez un type d’organisation\u{a0}: {}.", kinds.join(", "));
                return Err(unknown("organization_kind", detail));
            }
        };
        Ok(PublicQuery {
            target_api,
            provider,
            organization_kind,
            year: self.year()?,
            state: self.state()?,
            search: search::asked("search", &self.search)?,
            after: None,
            limit: page::limit(self.limit)?,
        })
    }

    fn year(&self) -> Result<Option<i32>> {
        if self.year.is_empty() {
            return Ok(None);
        }
        let year = self.year.parse().ok().filter(|year| years().any(|known| known == *year));
        let last = years().next().unwrap_or(FIRST_YEAR);
        year.map(Some).ok_or_else(|| unknown("year", format!("Indiquez une année, de {FIRST_YEAR} à {last}.")))
    }

    fn state(&self) -> Result<Option<AuthorisationState>> {
        match self.state.as_str() {
            "" => Ok(Some(AuthorisationState::Active)),
            "all" => Ok(None),
            state => state.parse().map(Some).map_err(|_| {
                unknown(
                    "state",
                    "Indiquez active, superseded ou revoked\u{a0}; pour un fichier, all est possible aussi.",
                )
            }),
        }
    }
}

fn unknown(parameter: &str, detail: impl Into<String>) -> Error {
    Error::invalid_parameter(parameter, ItemCode::Unknown, detail)
}

/// The years of which there may be an authorisation, the present one first.
pub fn years() -> impl Iterator<Item = i32> {
    (FIRST_YEAR..=shared::calendar::paris(now()).year()).rev()
}

/// Puts the official names of the API and of its provider into a row.
pub fn name(row: &mut PublicRow, policies: &Catalogue) {
    let own = policies.get(&row.target_api);
    if let Some(policy) = own {
        row.label.clone_from(&policy.label);
    }
    // The provider that granted it: not always the one that exposes the API now.
    let provider = own.into_iter().chain(policies.values()).find(|policy| policy.provider.id == row.provider.id);
    if let Some(policy) = provider {
        row.provider.label.clone_from(&policy.provider.label);
    }
}
