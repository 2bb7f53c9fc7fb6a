//! People and their roles, for administrators; for managers, those of their APIs.

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use shared::api::Page;
use shared::rights::Denial;
use shared::rights::roles::{ManagedRoles, may_change};
use shared::user::{AccountChange, NewBan, NewProviderRoleChange, NewRoleChange, Person, RoleChange, User};
use utoipa::IntoParams;

use super::input::{Body, Query};
use crate::administration::{self, provider_roles};
use crate::auth::{Actor, Administrator};
use crate::connection::page::{self, Cursor};
use crate::connection::search;
use crate::error::Result;
use crate::ids::UserId;
use crate::models::{account_change, role};
use crate::state::AppState;

/// What part of the people.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PeopleQuery {
    /// Part of an e-mail address or a name; without it, those who have a role. A manager finds only those who have a role of
    /// their APIs; anybody else, by the whole address.
    #[serde(default)]
    search: String,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 100.
    #[param(minimum = 1)]
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

/// The roles that the caller manages.
///
/// # Errors
/// 403: there are none.
fn managed_roles(state: &AppState, user: &User) -> Result<ManagedRoles> {
    let managed = administration::managed_roles(user, &state.policies.current());
    if managed.is_empty() { Err(Denial::NotManager.into()) } else { Ok(managed) }
}

/// People, in the order of their e-mail addresses. A manager is told of those who have a role of their APIs, and of these
/// roles alone.
#[utoipa::path(
    summary = "Lister les personnes et leurs rôles (administrateur, gestionnaire)",
    tag = "Personnes",
    params(PeopleQuery),
    responses((status = 200, body = Page<Person>))
)]
#[get("/users")]
pub async fn list(
    state: web::Data<AppState>,
    Actor { user, .. }: Actor,
    Query(query): Query<PeopleQuery>,
) -> Result<HttpResponse> {
    let managed = managed_roles(&state, &user)?;
    let search = search::asked("search", &query.search)?.trim().to_lowercase();
    let after = query.cursor.as_deref().map(Cursor::decode).transpose()?.map(|cursor| cursor.key);
    let limit = page::limit(query.limit)?;
    let rows = state.db.read(move |c| Ok(role::people(c, &managed, &search, after.as_deref(), limit + 1)?)).await?;
    let (items, next) = page::cut(rows, limit, |person| Cursor { key: person.email.clone(), id: 0 }.encode());
    Ok(HttpResponse::Ok().json(Page { items, next }))
}

/// Gives or takes one role, with a reason that is kept; whoever gets or loses it is told by mail, without the reason.
/// Somebody who has not signed in yet has it when they do. A manager
/// gives and takes the roles of instructor, reporter and subscriber of their APIs, never their own.
#[utoipa::path(
    summary = "Donner ou retirer un rôle (administrateur, gestionnaire)",
    tag = "Personnes",
    request_body = NewRoleChange,
    responses((status = 200, description = "La personne, avec ses rôles", body = Person))
)]
#[post("/users/roles")]
pub async fn change(
    state: web::Data<AppState>,
    Actor { user, administrator_id }: Actor,
    Body(change): Body<NewRoleChange>,
) -> Result<HttpResponse> {
    let managed = managed_roles(&state, &user)?;
    let change = administration::checked(change, &state.policies.current())?;
    may_change(&user, &managed, &change.role, &change.email)?;
    let actor = administrator_id.unwrap_or_else(|| UserId::of(&user));
    let context = state.context();
    let person = state.db.write(move |c| administration::decide(c, &context, &change, Some(actor))).await?;
    Ok(HttpResponse::Ok().json(managed.told_of(person)))
}

/// Gives or takes a role for every API of a provider at once. All of it is done or nothing is; whoever gets or loses it is told
/// by one mail. Only for who manages each of these APIs.
#[utoipa::path(
    summary = "Donner ou retirer un rôle pour toutes les API d’un fournisseur (administrateur, gestionnaire)",
    tag = "Personnes",
    request_body = NewProviderRoleChange,
    responses((status = 200, description = "La personne, avec ses rôles", body = Person))
)]
#[post("/users/provider_roles")]
pub async fn change_provider_role(
    state: web::Data<AppState>,
    Actor { user, administrator_id }: Actor,
    Body(new): Body<NewProviderRoleChange>,
) -> Result<HttpResponse> {
    let managed = managed_roles(&state, &user)?;
    let new = provider_roles::checked(new, &user, &managed, &state.policies.current())?;
    let actor = administrator_id.unwrap_or_else(|| UserId::of(&user));
    let context = state.context();
    let person = state.db.write(move |c| provider_roles::decide(c, &context, &new, actor)).await?;
    Ok(HttpResponse::Ok().json(managed.told_of(person)))
}

/// What was given and taken, newest first; a manager reads of the roles of their APIs.
#[utoipa::path(
    summary = "Lire l’historique des rôles (administrateur, gestionnaire)",
    tag = "Personnes",
    params(ChangesQuery),
    responses((status = 200, body = Vec<RoleChange>))
)]
#[get("/users/role_changes")]
pub async fn changes(
    state: web::Data<AppState>,
    Actor { user, .. }: Actor,
    Query(query): Query<ChangesQuery>,
) -> Result<HttpResponse> {
    let managed = managed_roles(&state, &user)?;
    let email = query.email.map(|email| email.trim().to_lowercase());
    let changes = state.db.read(move |c| Ok(role::changes(c, &managed, email.as_deref(), page::MAX_LIMIT)?)).await?;
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
pub async fn ban(
    state: web::Data<AppState>,
    Administrator(user): Administrator,
    Body(new): Body<NewBan>,
) -> Result<HttpResponse> {
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
    state: web::Data<AppState>,
    _: Administrator,
    Query(query): Query<AccountQuery>,
) -> Result<HttpResponse> {
    let email = search::asked("email", &query.email)?.trim().to_lowercase();
    let done = state.db.read(move |c| Ok(account_change::of(c, &email, page::MAX_LIMIT)?)).await?;
    Ok(HttpResponse::Ok().json(done))
}
