//! The list of the register, with its filters.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get};
use minijinja::{Value, context};
use shared::enrollment::{AuthorisationState, AuthorisationSummary};
use shared::organization::OrganizationKind;
use shared::register::PublicRow;

use super::{About, Visit, api_options, day, grouped, option, provider_options, query_string};
use crate::error::{Error, Result};
use crate::models::authorisation::public;
use crate::policies::Catalogue;
use crate::register::{self, RegisterQuery};

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
