//! `/users/account`: the account at a glance, and where it is signed in.

use actix_web::{HttpRequest, HttpResponse, get, web};
use minijinja::{Value, context};

use super::{second_factor, sessions};
use crate::connection::types::now;
use crate::error::Result;
use crate::identity::form;
use crate::identity::signed_in::SignedIn;
use crate::models::account::Account;
use crate::models::provider_session;
use crate::state::AppState;

#[get("/users/account")]
pub async fn show(request: HttpRequest, signed_in: SignedIn, state: web::Data<AppState>) -> Result<HttpResponse> {
    let SignedIn { account, session_hash, .. } = signed_in;
    let account_id = account.id;
    let read = move |connection: &mut _| Ok(provider_session::of(connection, account_id, now().naive_utc())?);
    let open = state.db.read(read).await?;
    let sessions: Value = open
        .iter()
        .map(|session| {
            context! {
                id => sessions::public_id(&session.id_hash),
                device => &session.device,
                since => session.authenticated_at.format("%d/%m/%Y à %H:%M").to_string(),
                is_here => session.id_hash == session_hash,
            }
        })
        .collect();
    let has_factor = second_factor::is_on(&state, account_id).await?;
    let Account { given_name, family_name, email, job, .. } = account;
    let values = context! { given_name, family_name, email => email.as_str(), job, sessions, has_factor };
    form::show(&request, &state, "account.html", values, None)
}
