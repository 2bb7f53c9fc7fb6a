//! `/users/account/delete`: deleting one's own account.
//!
//! What was asked for and granted belongs to the organisations and stays; so does the name of who did it. All that lets
//! them sign in, or speak for anybody, goes.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::context;

use super::form::{self, Problem};
use super::next::Next;
use super::personal::{sign_in_first, signed_in};
use super::proof::{self, Proof, Refused};
use super::session;
use crate::administration::departure;
use crate::app::State;
use crate::audit;
use crate::clients::oidc::EMBEDDED;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::models::{account, user};
use crate::notification::account::{Told, mail};
use crate::{outbox, page};

const PATH: &str = "/users/account/delete";

#[get("/users/account/delete")]
pub async fn show_form(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let Some((_, account)) = signed_in(&request, &state).await? else {
        return Ok(sign_in_first(&Next::of(""), PATH));
    };
    let has_factor = proof::has_factor(&state, &account).await?;
    show(&request, &state, &account.email, has_factor, StatusCode::OK, &[])
}

#[post("/users/account/delete")]
pub async fn submit(request: HttpRequest, form: web::Form<Proof>, state: web::Data<State>) -> Result<HttpResponse> {
    let Some((_, account)) = signed_in(&request, &state).await? else {
        return Ok(sign_in_first(&Next::of(""), PATH));
    };
    let has_factor = proof::has_factor(&state, &account).await?;
    let email = account.email.clone();
    let refuse = |refused: Refused| {
        refused.shown(|status, problems| show(&request, &state, &email, has_factor, status, problems))
    };
    if let Err(refused) = proof::check(&request, &state, &account, &form).await? {
        return refuse(refused);
    }
    let (public_url, from) = (state.public_url.clone(), state.config.mail_from.clone());
    let delete = move |connection: &mut AnyConnection| {
        if let Some(user_id) = user::find_by_sub(connection, EMBEDDED, &account.sub)? {
            audit::by(user_id, None);
            departure::apply_to(connection, user_id)?;
        }
        account::delete(connection, account.id)?;
        outbox::post(connection, mail(Told::Deleted, &account.email, &public_url, &from)?)
    };
    match state.db.write(delete).await {
        Ok(()) => {}
        Err(Error::WrongStatus(reason)) => return refuse(Refused::new(StatusCode::CONFLICT, "password", &reason)),
        Err(error) => return Err(error),
    }
    state.bell.notify_one();
    let text =
        "Vos connexions sont fermées, et un message vous le confirme. Pour revenir, il faudra créer un autre compte.";
    let done = page::message(&state, StatusCode::OK, "Votre compte est supprimé", text)?;
    form::with_cookie(done, &session::no_cookie(&state))
}

fn show(
    request: &HttpRequest,
    state: &State,
    email: &str,
    has_factor: bool,
    status: StatusCode,
    problems: &[Problem],
) -> Result<HttpResponse> {
    form::show(request, state, "delete_account.html", status, context! { email, has_factor }, problems)
}
