//! `/users/join-organization`: whom one speaks for. The number is typed, the directory says what it is, one confirms.
//!
//! Who has an address in a domain that an administrator has approved for that organisation is in at once. Everybody else
//! waits for an administrator: being the first to come proves nothing.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::{Value, context};
use serde::Deserialize;
use shared::organization::{Establishment, MembershipSource, Siret};
use shared::user::Role;

use super::form::{self, Problem};
use super::next::Next;
use super::parameters::Parameters;
use super::personal::{sign_in_first, signed_in};
use super::webmail::{domain_of, is_webmail};
use crate::app::State;
use crate::db::types::now;
use crate::error::{Error, Result};
use crate::models::account::Account;
use crate::models::membership::{self, Membership};
use crate::models::{join_request, user};
use crate::notification::account::{Told, mail};
use crate::{outbox, page};

/// Where one joins an organisation.
pub const PATH: &str = "/users/join-organization";

/// What the page sends. A field that is missing is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct JoinForm {
    siret: String,
    /// « on »: they work for it without being of it.
    external: String,
    next: String,
    token: String,
}

/// The page where the number is typed; with one in the address, what the directory says of it.
#[get("/users/join-organization")]
pub async fn show_form(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let query = request.query_string();
    let next = Next::of(query);
    let Some((_, account)) = signed_in(&request, &state).await? else { return Ok(sign_in_first(&next, PATH)) };
    let parameters = Parameters::parse(query.as_bytes());
    let asked = parameters.get("siret").or_else(|| parameters.get("siret_hint"));
    let form =
        JoinForm { siret: asked.unwrap_or_default().to_owned(), next: next.as_str().to_owned(), ..JoinForm::default() };
    if !query.starts_with("siret=") && !query.contains("&siret=") && asked.is_none() {
        return show(&request, &state, StatusCode::OK, &form, None, &[]).await;
    }
    match joinable(&state, &account, &form.siret).await? {
        Ok(found) => show(&request, &state, StatusCode::OK, &form, Some(&found), &[]).await,
        Err(problem) => show(&request, &state, StatusCode::UNPROCESSABLE_ENTITY, &form, None, &[problem]).await,
    }
}

#[post("/users/join-organization")]
pub async fn submit(request: HttpRequest, form: web::Form<JoinForm>, state: web::Data<State>) -> Result<HttpResponse> {
    let form = form.into_inner();
    let next = Next::new(form.next.clone());
    let Some((session, account)) = signed_in(&request, &state).await? else { return Ok(sign_in_first(&next, PATH)) };
    if !form::is_ours(&request, &state, &form.token) {
        return show(&request, &state, StatusCode::FORBIDDEN, &form, None, &[form::foreign("siret")]).await;
    }
    let found = match joinable(&state, &account, &form.siret).await? {
        Ok(found) => found,
        Err(problem) => return show(&request, &state, StatusCode::UNPROCESSABLE_ENTITY, &form, None, &[problem]).await,
    };
    if join(&state, account, &found, !form.external.is_empty()).await? {
        return next.follow(&state, session).await;
    }
    let values = context! { label => found.name, goes_on => next.link() };
    page::html(&state, HttpResponse::Ok(), "join_waiting.html", values)
}

/// What the directory says of that number, if one may want to speak for it.
async fn joinable(
    state: &State,
    account: &Account,
    siret: &str,
) -> Result<std::result::Result<Establishment, Problem>> {
    let refused = |text: &str| Ok(Err(Problem::new("siret", text)));
    let siret: Siret = match siret.parse() {
        Ok(siret) => siret,
        Err(error) => return Ok(Err(Problem { field: "siret", text: capitalised(&error.to_string()) })),
    };
    let account_id = account.id;
    let (members, requests) = state
        .db
        .read(move |connection| {
            Ok((membership::of(connection, account_id)?, join_request::of(connection, account_id)?))
        })
        .await?;
    if members.iter().any(|member| member.siret == siret.as_str()) {
        return refused("Vous êtes déjà rattaché à cette organisation.");
    }
    if requests.iter().any(|request| request.siret == siret.as_str() && request.decided_at.is_none()) {
        return refused("Vous avez déjà demandé à rejoindre cette organisation\u{a0}: la vérification est en cours.");
    }
    match state.directory.find(&state.db, &siret).await {
        Ok(found) if found.is_open => Ok(Ok(found)),
        Ok(_) => refused("Cet établissement est fermé. Indiquez le numéro d’un établissement en activité."),
        Err(Error::NotFound) => refused("Ce numéro n’est pas dans le répertoire Sirene. Vérifiez les chiffres saisis."),
        Err(Error::BadGateway(why)) => {
            tracing::warn!(why, "nobody can join an organisation");
            refused("Le répertoire des organisations ne répond pas. Réessayez dans quelques minutes.")
        }
        Err(error) => Err(error),
    }
}

/// `true`: they may speak for it from now on. Else administrators are told that somebody waits.
async fn join(state: &State, account: Account, found: &Establishment, is_external: bool) -> Result<bool> {
    let (siret, label) = (found.siret.to_string(), found.name.clone());
    let (public_url, from) = (state.public_url.clone(), state.config.mail_from.clone());
    let joined = state.db.write(move |connection| {
        let domain = domain_of(&account.email);
        let is_approved = account.email_verified
            && !is_webmail(domain)
            && membership::is_approved(connection, &siret, domain, is_external)?;
        if is_approved {
            let membership = Membership::new(&siret, &label, is_external, MembershipSource::Domain);
            membership::insert(connection, account.id, &membership)?;
            return Ok(true);
        }
        if join_request::insert(connection, account.id, (&siret, &label, is_external), now().naive_utc())? {
            for to in user::emails_with_roles(connection, &[Role::Administrator])? {
                outbox::post(connection, mail(Told::JoinAsked(&label), &to, &public_url, &from)?)?;
            }
        }
        Ok(false)
    });
    let joined = joined.await?;
    state.bell.notify_one();
    Ok(joined)
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), chars.as_str()))
}

async fn show(
    request: &HttpRequest,
    state: &State,
    status: StatusCode,
    form: &JoinForm,
    found: Option<&Establishment>,
    problems: &[Problem],
) -> Result<HttpResponse> {
    let next = Next::new(form.next.clone());
    let found = found.map(|found| {
        context! {
            siret => found.siret.as_str(), name => &found.name, address => &found.address,
            activity => &found.activity_label, category => &found.legal_category_label, is_sample => found.is_sample,
        }
    });
    let values = context! {
        siret => &form.siret, next => next.as_str(), found, again => next.after(PATH), goes_on => next.link(),
    };
    next.allow(state, form::show(request, state, "join_organization.html", status, values, problems)?).await
}

/// The organisations of who is signed in, and the way out of each.
#[get("/users/organizations")]
pub async fn list(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let next = Next::of(request.query_string());
    let Some((_, account)) = signed_in(&request, &state).await? else {
        return Ok(sign_in_first(&next, "/users/organizations"));
    };
    let (members, requests) = state
        .db
        .read(move |connection| {
            Ok((membership::of(connection, account.id)?, join_request::of(connection, account.id)?))
        })
        .await?;
    let members: Value = members
        .iter()
        .map(|member| {
            context! {
                siret => &member.siret, label => &member.label, is_external => member.is_external,
                source => member.source.0.label(),
            }
        })
        .collect();
    let requests: Value = requests
        .iter()
        .map(|request| {
            context! {
                siret => &request.siret, label => &request.label, is_refused => request.decided_at.is_some(),
                reason => &request.reason,
            }
        })
        .collect();
    let values =
        context! { members, requests, join => next.after(PATH), choose => next.after("/users/select-organization") };
    form::show(&request, &state, "organizations.html", StatusCode::OK, values, &[])
}

/// The form of each organisation: with « leave » it asks whether one is sure, with « confirm » it is done.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct LeaveForm {
    siret: String,
    confirmed: String,
    token: String,
}

#[post("/users/leave-organization")]
pub async fn leave(request: HttpRequest, form: web::Form<LeaveForm>, state: web::Data<State>) -> Result<HttpResponse> {
    let Some((session, account)) = signed_in(&request, &state).await? else {
        return Ok(sign_in_first(&Next::of(""), "/users/organizations"));
    };
    if !form::is_ours(&request, &state, &form.token) {
        return page::message(&state, StatusCode::FORBIDDEN, "Action impossible", &form::foreign("siret").text);
    }
    let LeaveForm { siret, confirmed, .. } = form.into_inner();
    let account_id = account.id;
    let members = state.db.read(move |connection| Ok(membership::of(connection, account_id)?)).await?;
    let Some(member) = members.into_iter().find(|member| member.siret == siret) else {
        return Ok(page::see_other("/users/organizations"));
    };
    if confirmed.is_empty() {
        let values = context! { siret, label => member.label };
        return form::show(&request, &state, "leave_organization.html", StatusCode::OK, values, &[]);
    }
    state.db.write(move |connection| Ok(membership::delete(connection, account_id, &siret)?)).await?;
    Next::new("/users/organizations".to_owned()).follow(&state, session).await
}
