//! What is listed: the parameters of a list of enrollments, read.

use std::collections::BTreeSet;

use serde::Deserialize;
use shared::api::SortKey;
use shared::organization::Siret;
use shared::problem::ItemCode;
use shared::queue::AssignedTo;
use shared::rights::{ListScope, RoleScope};
use shared::user::OTHER_DEMARCHES;
use shared::user::User;
use shared::workflow::Status;
use utoipa::IntoParams;

use crate::connection::page::{self, Cursor};
use crate::connection::search;
use crate::error::{Error, Result};
use crate::models::enrollment::list::ListQuery;
use crate::policies::Policies;
use crate::routes::input;

/// The most APIs of one filter: more than there are.
const MAX_APIS: usize = 100;

/// The most démarches of one filter.
const MAX_DEMARCHES: usize = 20;

/// The most statuses of one filter, repeated ones too.
const MAX_STATUSES: usize = 20;

/// How much of a value that nobody knows is quoted.
const MAX_QUOTED: usize = 60;

/// Which enrollments, in which order.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EnrollmentsQuery {
    /// Words that must all be found in the organisation, the SIRET, the title, the town, the postal code or an e-mail
    /// address, or name the API, the status or the démarche, each with one typing error at most; or a number, such as 12,
    /// D12 or H5; or a postal code.
    #[serde(default)]
    search: String,
    /// Only these statuses, separated by commas.
    #[serde(default)]
    status: String,
    /// Only these APIs, separated by commas.
    #[serde(default)]
    target_api: String,
    /// Only those that count as these démarches, separated by commas: the ids of the policy, `other` for all that count as
    /// none of them.
    #[serde(default)]
    demarche: String,
    /// Only those of that organisation.
    #[serde(default)]
    siret: String,
    /// `updated_at`, `id`, `nom_raison_sociale`, `intitule`, `status`, `submitted_at` or `waiting_from` (longest wait
    /// first); with `-` in front, largest first. `-updated_at` by default.
    sort: Option<String>,
    /// Only what the caller filed.
    #[serde(default)]
    mine: bool,
    /// `me` or `nobody`: only what that instructor takes care of.
    #[serde(default)]
    assigned_to: String,
    /// Only what is back after changes were asked for.
    #[serde(default)]
    resubmitted: bool,
    /// Only what has messages that no instructor has read.
    #[serde(default)]
    unread: bool,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 100.
    #[param(minimum = 1)]
    limit: Option<i64>,
}

/// What that query lists for that user.
///
/// # Errors
/// 400: a parameter that cannot be read; 422: an API that does not exist, too many values.
pub fn list_query(policies: &Policies, user: &User, query: EnrollmentsQuery) -> Result<ListQuery> {
    let (sort, descending) = sort_of(query.sort.as_deref())?;
    let assigned_to = assigned_to_of(&query.assigned_to)?;
    Ok(ListQuery {
        scope: ListScope::of(user, policies.current().values().map(AsRef::as_ref)),
        mine: query.mine,
        statuses: statuses_of(&query.status)?,
        target_apis: apis_of(policies, &query.target_api)?,
        demarches: demarches_of(&query.demarche)?,
        siret: siret_of(&query.siret)?,
        assigned_to,
        resubmitted: query.resubmitted,
        unread: query.unread,
        within: (query.unread || assigned_to.is_some() && !user.is_administrator())
            .then(|| RoleScope::instructed(user)),
        search: policies.names().search(search::asked("search", &query.search)?),
        zip_code: None,
        sort,
        descending,
        after: query.cursor.as_deref().map(Cursor::decode).transpose()?,
        limit: page::limit(query.limit)?,
    })
}

/// The values of a parameter that names several, each once.
///
/// # Errors
/// 422: too many.
fn values<'a>(parameter: &str, text: &'a str, most: usize) -> Result<BTreeSet<&'a str>> {
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    if words.clone().nth(most).is_some() {
        let detail = format!("Choisissez {most} valeurs au plus.");
        return Err(Error::invalid_parameter(parameter, ItemCode::TooLong, detail));
    }
    Ok(words.collect())
}

fn statuses_of(text: &str) -> Result<Vec<Status>> {
    let statuses = values("status", text, MAX_STATUSES)?.into_iter();
    statuses.map(|word| word.parse().map_err(|error| input::unreadable("status", &error))).collect()
}

fn apis_of(policies: &Policies, text: &str) -> Result<Vec<String>> {
    let apis = values("target_api", text, MAX_APIS)?;
    if let Some(unknown) = apis.iter().find(|api| !policies.knows(api)) {
        let unknown: String = unknown.chars().take(MAX_QUOTED).collect();
        let detail = format!("L’API «\u{a0}{unknown}\u{a0}» n’existe pas\u{a0}: choisissez-en une du catalogue.");
        return Err(Error::invalid_parameter("target_api", ItemCode::Unknown, detail));
    }
    Ok(apis.into_iter().map(ToOwned::to_owned).collect())
}

fn demarches_of(text: &str) -> Result<Vec<String>> {
    let counted = |id: &str| if id == OTHER_DEMARCHES { String::new() } else { id.to_owned() };
    Ok(values("demarche", text, MAX_DEMARCHES)?.into_iter().map(counted).collect())
}

fn siret_of(text: &str) -> Result<Option<Siret>> {
    let named = (!text.is_empty()).then(|| text.parse()).transpose();
    named.map_err(|error| input::unreadable("siret", &error))
}

fn assigned_to_of(text: &str) -> Result<Option<AssignedTo>> {
    let named = (!text.is_empty()).then(|| text.parse()).transpose();
    named.map_err(|error| input::unreadable("assigned_to", &error))
}

fn sort_of(text: Option<&str>) -> Result<(SortKey, bool)> {
    let text = text.unwrap_or("-updated_at");
    let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
    let key = name.parse().map_err(|error| input::unreadable("sort", &error))?;
    Ok((key, descending))
}
