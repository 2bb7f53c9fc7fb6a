//! `/users/account/delete`: the page to delete one's account.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::context;

use crate::error::{Error, Result};
use crate::identity::account::reauthentication::{self, ReauthenticationForm};
use crate::identity::account::second_factor;
use crate::identity::context::Context;
use crate::identity::form::{self, Failure, Form, Rejection};
use crate::identity::session;
use crate::identity::signed_in::SignedIn;
use crate::models::account::Account;
use crate::page;
use crate::state::AppState;

#[get("/users/account/delete")]
pub async fn show_form(request: HttpRequest, signed_in: SignedIn, state: web::Data<AppState>) -> Result<HttpResponse> {
    show(&request, &state, &signed_in.account, None).await
}

#[post("/users/account/delete")]
pub async fn submit(
    request: HttpRequest,
    signed_in: SignedIn,
    form: Form<ReauthenticationForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    if let Err(failure) = delete(&request, &state, &signed_in.account, &form).await {
        return show(&request, &state, &signed_in.account, Some(&failure.rejection()?)).await;
    }
    let text =
        "Vos connexions sont fermées, et un message vous le confirme. Pour revenir, il faudra créer un autre compte.";
    let page = page::message(&state, StatusCode::OK, "Votre compte est supprimé", text)?;
    form::with_cookie(page, &session::expired_cookie(&state))
}

async fn delete(
    request: &HttpRequest,
    state: &AppState,
    account: &Account,
    form: &ReauthenticationForm,
) -> std::result::Result<(), Failure> {
    reauthentication::check(request, state, account, form).await?;
    let (context, account) = (Context::new(state), account.clone());
    match state.db.write(move |connection| super::delete(connection, &context, &account)).await {
        Err(Error::WrongStatus(reason)) => Err(Rejection::new(StatusCode::CONFLICT, "password", reason).into()),
        deleted => Ok(deleted?),
    }
}

async fn show(
    request: &HttpRequest,
    state: &AppState,
    account: &Account,
    rejection: Option<&Rejection>,
) -> Result<HttpResponse> {
    let has_factor = second_factor::is_on(state, account.id).await?;
    let values = context! { email => account.email.as_str(), has_factor };
    form::show(request, state, "delete_account.html", values, rejection)
}
