//! `/users/sessions`: ends sessions; the account's page lists them.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::Deserialize;

use crate::error::Result;
use crate::identity::account;
use crate::identity::context::Context;
use crate::identity::form::{self, Form};
use crate::identity::signed_in::SignedIn;
use crate::page;
use crate::state::AppState;

/// The fields of the buttons.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SessionForm {
    /// One of the sessions; empty: all.
    id: String,
    token: String,
}

/// Ends one session at the provider; without one, everything that the account has open, here and at DataPass.
#[post("/users/sessions")]
pub async fn submit(
    request: HttpRequest,
    signed_in: SignedIn,
    form: Form<SessionForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    let SessionForm { id, token } = form.0;
    if !form::is_ours(&request, &state, &token) {
        return page::message(&state, StatusCode::FORBIDDEN, "Action impossible", form::EXPIRED);
    }
    let (context, account) = (Context::new(&state), signed_in.account);
    let end = move |connection: &mut _| match id.as_str() {
        "" => super::end_all(connection, &context, &account),
        id => super::end(connection, &context, &account, id),
    };
    state.db.write(end).await?;
    Ok(page::see_other(account::PATH))
}
