//! The pages of the register: the list with its filters, and one authorisation.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, web};
use minijinja::{Value, context};
use shared::enrollment::{AuthorisationState, AuthorisationSummary};
use shared::organization::OrganizationKind;
use shared::policy::Policy;
use shared::register::PublicRow;

use super::addresses::moved;
use super::{About, Visit, api_options, catalogue, day, grouped, option, provider_options, query_string};
use crate::error::{Error, Result};
use crate::ids::AuthorisationId;
use crate::models::authorisation::public::{self, Entry, Related};
use crate::policies::Catalogue;
use crate::register::{self, RegisterQuery, files};

/// The address of the register.
pub const PATH: &str = "/public";

/// What is listed where no filter is set, for the summary of the page.
const SUMMARY: &str = "Les organisations habilitées à utiliser des données à accès restreint de l’administration, pour quel projet et \
                       depuis quand\u{a0}: recherche, filtres, données ouvertes.";

/// The list. A filter that means nothing is said beside the form, which keeps what was chosen.
#[get("/public")]
pub async fn list(visit: Visit) -> Result<HttpResponse> {
    let policies = visit.state.policies.current();
    let (query, unread) = match serde_urlencoded::from_str::<RegisterQuery>(visit.request.query_string()) {
        Ok(query) => (query, None),
        Err(_) => {
            (RegisterQuery::default(), Some("Cette adresse contient un filtre que cette liste n’a pas.".to_owned()))
        }
    };
    let refused = |error: Error| match &error {
        Error::BadRequest(_) | Error::Invalid(_) => Ok((Vec::new(), None, Some(error.to_string()))),
        _ => Err(error),
    };
    let (mut rows, next, problem) = match query.page(&visit.state.policies) {
        _ if unread.is_some() => (Vec::new(), None, unread),
        Ok(asked) => {
            let page = visit.state.db.read(move |connection| Ok(public::list(connection, &asked)?)).await?;
            (page.0, page.1, None)
        }
        Err(error) => refused(error)?,
    };
    rows.iter_mut().for_each(|row| register::name(row, &policies));
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let about = About { status, ..About::page("Habilitations délivrées", SUMMARY, PATH) };
    let values = context! {
        problem,
        filters => filters(&policies, &query),
        rows => rows.iter().map(row_values).collect::<Value>(),
        is_first => query.cursor.is_none(),
        first => address(&query, None),
        next => next.map(|cursor| address(&query, Some(cursor.encode()))),
        is_filtered => address(&query, None) != PATH,
        files => ["csv", "json"].map(|kind| (kind, format!("/api/enrollments/public.{kind}{}", pairs(&query, None)))),
        feed => super::FEED,
    };
    visit.page(about, "public/register.html", values)
}

/// One authorisation, by its number: `/public/H12`. What it grants, to whom, for what; its versions and renewals.
#[get("/public/{number}")]
pub async fn show(visit: Visit, number: web::Path<String>) -> Result<HttpResponse> {
    let Some(id) = number.trim_start_matches(['H', 'h']).parse::<i64>().ok().filter(|id| *id > 0) else {
        return visit.not_found();
    };
    let canonical = format!("{PATH}/{}", AuthorisationSummary::number_of(id));
    if visit.request.path() != canonical {
        return Ok(moved(&canonical));
    }
    let policies = visit.state.policies.clone();
    let found = visit.state.db.read(move |connection| {
        let entry = public::find(connection, AuthorisationId(id))?;
        let related = public::related(connection, entry.enrollment_id)?;
        let policy = policies.at(connection, &entry.row.target_api, &entry.policy_revision)?;
        Ok((entry, related, policy))
    });
    let (mut entry, related, policy) = match found.await {
        Err(Error::NotFound) => return visit.not_found(),
        found => found?,
    };
    register::name(&mut entry.row, &visit.state.policies.current());
    let number = AuthorisationSummary::number_of(id);
    let title = format!("Habilitation {number}");
    let summary = format!(
        "{} est habilitée pour «\u{a0}{}\u{a0}»\u{a0}: {}",
        entry.row.nom_raison_sociale, entry.row.label, entry.row.intitule
    );
    let values = context! {
        ..document(&visit, &entry, &policy),
        ..context! {
            versions => versions(&related.versions, id),
            renewed => related.renewed.first().map(link),
            renewals => renewals(&related),
            whole => format!("/habilitations/{id}"),
        }
    };
    visit.page(About::page(title, summary, canonical), "public/authorisation.html", values)
}

/// The query string that asks for the same filters, on the page of that cursor.
fn pairs(query: &RegisterQuery, cursor: Option<String>) -> String {
    query_string(&[
        ("search", query.search.trim()),
        ("target_api", &query.target_api),
        ("provider", &query.provider),
        ("organization_kind", &query.organization_kind),
        ("year", &query.year),
        ("state", &query.state),
        ("cursor", cursor.as_deref().unwrap_or_default()),
    ])
}

fn address(query: &RegisterQuery, cursor: Option<String>) -> String {
    format!("{PATH}{}", pairs(query, cursor))
}

/// The form: what can be chosen, and what is.
fn filters(policies: &Catalogue, query: &RegisterQuery) -> Value {
    let states = AuthorisationState::ALL.iter().map(|state| {
        let chosen = if query.state.is_empty() { AuthorisationState::Active.as_str() } else { &query.state };
        option(state.as_str(), state.label(), chosen)
    });
    let kinds = OrganizationKind::ALL.iter().map(|kind| option(kind.as_str(), kind.label(), &query.organization_kind));
    context! {
        search => &query.search,
        apis => api_options(policies, &query.target_api),
        providers => provider_options(policies, &query.provider),
        kinds => kinds.collect::<Value>(),
        years => register::years().map(|year| option(&year.to_string(), &year.to_string(), &query.year)).collect::<Value>(),
        states => states.collect::<Value>(),
    }
}

fn row_values(row: &PublicRow) -> Value {
    let number = AuthorisationSummary::number_of(row.id);
    context! {
        href => format!("{PATH}/{number}"),
        number,
        day => day(row.validated_at),
        iso => row.validated_at.to_rfc3339(),
        organization => &row.nom_raison_sociale,
        siret => grouped(&row.siret),
        title => &row.intitule,
        controller => &row.responsable_traitement,
        api => &row.label,
        provider => &row.provider.label,
        ended => row.ended_at.map(day),
    }
}

/// What the document says of what was granted.
fn document(visit: &Visit, entry: &Entry, policy: &Policy) -> Value {
    let Entry { row, scopes, legal_basis, legal_basis_url, demarche, .. } = entry;
    let groups: Value =
        data_by_group(policy, scopes).into_iter().map(|(group, data)| context! { group, data }).collect();
    context! {
        state => row.state.as_str(),
        validity => validity(row),
        api => &row.label,
        api_href => catalogue::address(&row.target_api),
        provider => &row.provider.label,
        organization => &row.nom_raison_sociale,
        siret => grouped(&row.siret),
        kind => Some(row.organization_kind).filter(|kind| *kind != OrganizationKind::Unknown).map(OrganizationKind::label),
        project => &row.intitule,
        controller => &row.responsable_traitement,
        groups,
        legal_basis,
        legal_basis_url => Some(legal_basis_url).filter(|url| url.starts_with("https://") || url.starts_with("http://")),
        demarche => policy.demarche(demarche).map(|demarche| &demarche.label),
        day => day(row.validated_at),
        ended => row.ended_at.map(day),
        permalink => files::address(&visit.state.public_url, row.id),
    }
}

/// The official names of the data, group by group, in the order of the policy; ids that it does not know come last.
fn data_by_group(policy: &Policy, scopes: &[String]) -> Vec<(String, Vec<String>)> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    let known = policy.scopes.iter().filter(|scope| scopes.contains(&scope.id)).map(|scope| {
        let group = policy.scope_groups.iter().find(|group| Some(&group.id) == scope.group.as_ref());
        (group.map_or_else(String::new, |group| group.label.clone()), scope.label.clone())
    });
    let unknown = scopes.iter().filter(|id| policy.scope(id).is_none()).map(|id| (String::new(), id.clone()));
    for (group, label) in known.chain(unknown) {
        match groups.iter_mut().find(|(name, _)| *name == group) {
            Some((_, labels)) => labels.push(label),
            None => groups.push((group, vec![label])),
        }
    }
    groups
}

/// Whether it gives a right, in a sentence.
fn validity(row: &PublicRow) -> Value {
    let ended = row.ended_at.map(|at| format!(" le {}", day(at))).unwrap_or_default();
    let (tone, title, text) = match row.state {
        AuthorisationState::Active => (
            "success",
            "Cette habilitation est en vigueur".to_owned(),
            "L’organisation peut utiliser les données décrites ci-dessous.",
        ),
        AuthorisationState::Superseded => (
            "warning",
            format!("Cette habilitation a été remplacée{ended}"),
            "Elle ne donne plus aucun droit\u{a0}: une habilitation plus récente de la même demande a pris sa place.",
        ),
        AuthorisationState::Revoked => (
            "error",
            format!("Cette habilitation a été révoquée{ended}"),
            "L’organisation ne peut plus utiliser ces données.",
        ),
    };
    context! { tone, title, text }
}

fn link(summary: &AuthorisationSummary) -> Value {
    let number = summary.number();
    context! { href => format!("{PATH}/{number}"), number, day => day(summary.created_at), state => summary.state.label() }
}

/// The versions of what the request was granted, where there is more than this one.
fn versions(all: &[AuthorisationSummary], shown: i64) -> Value {
    let entry = |one: &AuthorisationSummary| context! { ..link(one), ..context! { shown => one.id == shown } };
    all.iter().filter(|_| all.len() > 1).map(entry).collect()
}

fn renewals(related: &Related) -> Value {
    related.renewals.iter().map(link).collect()
}
