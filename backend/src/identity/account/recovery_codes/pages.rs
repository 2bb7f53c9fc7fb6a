//! `/users/account/second-factor/recovery-codes`: replacing the codes, and the page that shows them once.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::context;

use crate::error::Result;
use crate::identity::account::reauthentication::pages::Page;
use crate::identity::account::reauthentication::{self, ReauthenticationForm};
use crate::identity::account::{self, SECOND_FACTOR_PATH, second_factor, totp};
use crate::identity::context::Context;
use crate::identity::destination::{self, Destination};
use crate::identity::form::{self, Form};
use crate::identity::signed_in::SignedIn;
use crate::page;
use crate::state::AppState;

const RENEW: Page = Page {
    path: "/users/account/second-factor/recovery-codes",
    title: "Créer de nouveaux codes de secours",
    text: "Dix nouveaux codes seront affichés, une seule fois. Les précédents ne seront plus valables.",
    failed: "Aucun code n’a été créé",
    button: "Créer de nouveaux codes",
};

#[get("/users/account/second-factor/recovery-codes")]
pub async fn show_form(request: HttpRequest, signed_in: SignedIn, state: web::Data<AppState>) -> Result<HttpResponse> {
    if !second_factor::is_on(&state, signed_in.account.id).await? {
        return Ok(page::see_other(SECOND_FACTOR_PATH));
    }
    RENEW.show(&request, &state, None)
}

#[post("/users/account/second-factor/recovery-codes")]
pub async fn submit(
    request: HttpRequest,
    signed_in: SignedIn,
    form: Form<ReauthenticationForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    let account = signed_in.account;
    if !second_factor::is_on(&state, account.id).await? {
        return Ok(page::see_other(SECOND_FACTOR_PATH));
    }
    if let Err(failure) = reauthentication::check(&request, &state, &account, &form).await {
        return RENEW.show(&request, &state, Some(&failure.rejection()?));
    }
    let (codes, context) = (totp::recovery_codes()?, Context::new(&state));
    let stored = codes.clone();
    state.db.write(move |connection| super::renew(connection, &context, &account, &stored)).await?;
    show(&request, &state, &codes, &Destination::default(), false)
}

/// The page that shows the codes, this once.
pub fn show(
    request: &HttpRequest,
    state: &AppState,
    codes: &[String],
    destination: &Destination,
    is_new: bool,
) -> Result<HttpResponse> {
    let onward = match destination.as_str() {
        "" => destination::sign_in_url(&format!("{}#second-facteur", account::PATH)),
        _ => destination.url(),
    };
    let values = context! { codes => codes.to_vec(), onward, is_new };
    form::show(request, state, "recovery_codes.html", values, None)
}
