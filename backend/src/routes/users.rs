//! People and their roles, for administrators.

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use shared::api::Page;
use shared::rights::Denial;
use shared::user::{AccountChange, NewBan, NewRoleChange, Person, RoleChange, User};
use utoipa::IntoParams;

use super::enrollments::search_of;
use super::input::Body;
use crate::administration;
use crate::app::State;
use crate::auth::Actor;
use crate::db::page::{self, Cursor};
use crate::error::Result;
use crate::models::{account_change, role};

/// What part of the people.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PeopleQuery {
    /// Part of an e-mail address or a name; without it, those who have a role.
    #[serde(default)]
    search: String,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 100.
    limit: Option<i64>,
}

/// Of whom.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChangesQuery {
    /// E-mail address; everybody, without it.
    email: Option<String>,
}

/// Only an administrator goes on.
///
/// # Errors
/// 403.
pub fn administrator(user: &User) -> Result<()> {
    if user.is_administrator() { Ok(()) } else { Err(Denial::NotAdministrator.into()) }
}

/// People, in the order of their e-mail addresses.
#[utoipa::path(
    summary = "Lister les personnes et leurs rôles (administrateur)",
    tag = "Personnes",
    params(PeopleQuery),
    responses((status = 200, body = Page<Person>))
)]
#[get("/users")]
pub async fn list(state: web::Data<State>, Actor(user): Actor, query: web::Query<PeopleQuery>) -> Result<HttpResponse> {
    administrator(&user)?;
    let search = search_of(&query.search)?.trim().to_lowercase();
    let after = query.cursor.as_deref().map(Cursor::decode).transpose()?.map(|cursor| cursor.key);
    let limit = page::limit(query.limit)?;
    let mut items = state.db.read(move |c| Ok(role::people(c, &search, after.as_deref(), limit + 1)?)).await?;
    let length = usize::try_from(limit).unwrap_or_default();
    let more = items.len() > length;
    items.truncate(length);
    let next = items.last().filter(|_| more).map(|person| Cursor { key: person.email.clone(), id: 0 }.encode());
    Ok(HttpResponse::Ok().json(Page { items, next }))
}

/// Gives or takes one role, with a reason that is kept. Somebody who has not signed in yet has it when they do.
#[utoipa::path(
    summary = "Donner ou retirer un rôle (administrateur)",
    tag = "Personnes",
    request_body = NewRoleChange,
    responses((status = 200, description = "La personne, avec ses rôles", body = Person))
)]
#[post("/users/roles")]
pub async fn change(
    state: web::Data<State>,
    Actor(user): Actor,
    Body(change): Body<NewRoleChange>,
) -> Result<HttpResponse> {
    administrator(&user)?;
    let change = administration::checked(change, &state.policies.current())?;
    let person = state.db.write(move |c| administration::apply(c, &change, Some(user.id))).await?;
    Ok(HttpResponse::Ok().json(person))
}

/// What was given and taken, newest first.
#[utoipa::path(
    summary = "Lire l’historique des rôles (administrateur)",
    tag = "Personnes",
    params(ChangesQuery),
    responses((status = 200, body = Vec<RoleChange>))
)]
#[get("/users/role_changes")]
pub async fn changes(
    state: web::Data<State>,
    Actor(user): Actor,
    query: web::Query<ChangesQuery>,
) -> Result<HttpResponse> {
    administrator(&user)?;
    let email = query.into_inner().email.map(|email| email.trim().to_lowercase());
    let changes = state.db.read(move |c| Ok(role::changes(c, email.as_deref(), page::MAX_LIMIT)?)).await?;
    Ok(HttpResponse::Ok().json(changes))
}

/// Keeps somebody out, or lets them back in, with a reason that is kept. Their sessions end at once.
#[utoipa::path(
    summary = "Suspendre ou rétablir un compte (administrateur)",
    tag = "Personnes",
    request_body = NewBan,
    responses((status = 200, description = "La personne", body = Person))
)]
#[post("/users/ban")]
pub async fn ban(state: web::Data<State>, Actor(user): Actor, Body(new): Body<NewBan>) -> Result<HttpResponse> {
    administrator(&user)?;
    let new = administration::ban::checked(new)?;
    let person = state.db.write(move |connection| administration::ban::apply(connection, &new, &user)).await?;
    Ok(HttpResponse::Ok().json(person))
}

/// Of whom.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountQuery {
    /// E-mail address.
    email: String,
}

/// What administrators did with an account, newest first.
#[utoipa::path(
    summary = "Lire ce qui a été fait d’un compte, et pourquoi (administrateur)",
    tag = "Personnes",
    params(AccountQuery),
    responses((status = 200, body = Vec<AccountChange>))
)]
#[get("/users/account_changes")]
pub async fn account_changes(
    state: web::Data<State>,
    Actor(user): Actor,
    query: web::Query<AccountQuery>,
) -> Result<HttpResponse> {
    administrator(&user)?;
    let email = search_of(&query.email)?.trim().to_lowercase();
    let done = state.db.read(move |c| Ok(account_change::of(c, &email, page::MAX_LIMIT)?)).await?;
    Ok(HttpResponse::Ok().json(done))
}
