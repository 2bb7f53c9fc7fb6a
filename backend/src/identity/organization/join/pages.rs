//! `/users/join-organization`: the number is typed, the directory says what it is, and it is confirmed.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::{Value, context};
use serde::Deserialize;
use shared::organization::Establishment;

use super::{find_joinable, searched, suggested};
use crate::error::Result;
use crate::identity::context::Context;
use crate::identity::destination::Destination;
use crate::identity::form::{self, Failure, Rejection};
use crate::identity::oauth::parameters::Parameters;
use crate::identity::organization::JOIN_PATH;
use crate::identity::signed_in::{HasDestination, SignedIn, SignedInForm};
use crate::models::account::Account;
use crate::page;
use crate::state::AppState;

/// The fields of the page. One that is missing is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct JoinForm {
    siret: String,
    /// « on »: the account works for it without being of it.
    external: String,
    next: String,
    token: String,
}

impl HasDestination for JoinForm {
    fn next(&self) -> &str {
        &self.next
    }
}

/// The page where the number is typed; with one in the address, what the directory says of it.
#[get("/users/join-organization")]
pub async fn show_form(request: HttpRequest, signed_in: SignedIn, state: web::Data<AppState>) -> Result<HttpResponse> {
    let query = request.query_string();
    let parameters = Parameters::parse(query.as_bytes());
    let siret = parameters.get("siret").or_else(|| parameters.get("siret_hint")).map(str::to_owned);
    let was_sent = siret.is_some() || query.starts_with("siret=") || query.contains("&siret=");
    let next = Destination::from_query(query).as_str().to_owned();
    let form = JoinForm { siret: siret.unwrap_or_default(), next, ..JoinForm::default() };
    if !was_sent {
        let listed = Listed {
            title: "D’après votre adresse électronique",
            found: suggested(&state, &signed_in.account).await?,
        };
        return show(&request, &state, &form, Shown::List(listed), None).await;
    }
    if is_name(&form.siret) && state.directory.can_search() {
        return match searched(&state, &form.siret).await {
            Ok(found) => {
                show(&request, &state, &form, Shown::List(Listed { title: "Organisations trouvées", found }), None)
                    .await
            }
            Err(failure) => show(&request, &state, &form, Shown::Form, Some(&failure.rejection()?)).await,
        };
    }
    match find_joinable(&state, signed_in.account.id, &form.siret).await {
        Ok(found) => show(&request, &state, &form, Shown::One(found), None).await,
        Err(failure) => show(&request, &state, &form, Shown::Form, Some(&failure.rejection()?)).await,
    }
}

#[post("/users/join-organization")]
pub async fn submit(
    request: HttpRequest,
    SignedInForm { signed_in, form }: SignedInForm<JoinForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    let (found, is_member) = match join(&request, &state, signed_in.account, &form).await {
        Ok(joined) => joined,
        Err(failure) => return show(&request, &state, &form, Shown::Form, Some(&failure.rejection()?)).await,
    };
    let destination = Destination::new(form.next);
    if is_member {
        return destination.redirect(&state, signed_in.session).await;
    }
    let values = context! { label => found.name, onward => destination.url() };
    page::html(&state, HttpResponse::Ok(), "identity/join_waiting.html", values)
}

/// The establishment, and whether the account is a member of it now.
async fn join(
    request: &HttpRequest,
    state: &AppState,
    account: Account,
    form: &JoinForm,
) -> std::result::Result<(Establishment, bool), Failure> {
    form::check_token(request, state, &form.token, "siret")?;
    let found = find_joinable(state, account.id, &form.siret).await?;
    let (context, is_external) = (Context::new(state), !form.external.is_empty());
    let join = move |connection: &mut _| {
        let is_member = super::join(connection, &context, &account, &found, is_external)?;
        Ok((found, is_member))
    };
    Ok(state.db.write(join).await?)
}

/// Whether what was typed is a name, and no number with a mistake in it.
fn is_name(typed: &str) -> bool {
    typed.chars().any(char::is_alphabetic)
}

/// Organisations to choose from, and why these.
struct Listed {
    title: &'static str,
    found: Vec<Establishment>,
}

/// What the page shows.
enum Shown {
    /// The form alone.
    Form,
    /// Organisations to choose from, below the form.
    List(Listed),
    /// One organisation, to be confirmed.
    One(Establishment),
}

async fn show(
    request: &HttpRequest,
    state: &AppState,
    form: &JoinForm,
    shown: Shown,
    rejection: Option<&Rejection>,
) -> Result<HttpResponse> {
    let destination = Destination::new(form.next.clone());
    let described = |found: &Establishment| {
        let query = [("siret", found.siret.as_str()), ("next", destination.as_str())];
        let query = serde_urlencoded::to_string(query).unwrap_or_default();
        context! {
            href => format!("{JOIN_PATH}?{query}"),
            siret => found.siret.as_str(), name => &found.name, address => &found.address,
            activity => &found.activity_label, category => &found.legal_category_label, is_sample => found.is_sample,
        }
    };
    let (found, listed) = match &shown {
        Shown::Form => (None, None),
        Shown::List(listed) => (None, Some(listed)),
        Shown::One(found) => (Some(described(found)), None),
    };
    let values = context! {
        siret => &form.siret, next => destination.as_str(), found, again => destination.via(JOIN_PATH),
        onward => destination.url(), can_search => state.directory.can_search(),
        list_title => listed.map(|listed| listed.title),
        list => listed.map(|listed| listed.found.iter().map(described).collect::<Value>()),
    };
    let page = form::show(request, state, "join_organization.html", values, rejection)?;
    destination.allow_in(state, page).await
}
