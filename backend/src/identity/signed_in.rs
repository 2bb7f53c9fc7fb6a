//! Who is signed in at the provider, as an argument of a handler: visitors are sent to sign in first, and come back to the
//! page that they wanted.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, HttpResponse, ResponseError, web};
use minijinja::{Value, context};
use serde::de::DeserializeOwned;
use shared::api::Session;
use shared::user::User;
use thiserror::Error as ThisError;

use super::destination::Destination;
use super::form::Form;
use super::{account, organization, session};
use crate::auth;
use crate::connection::types::now;
use crate::error::{Error, Result};
use crate::models::account::{self as accounts, Account};
use crate::models::provider_session::ProviderSession;
use crate::models::session::Signed;
use crate::page;
use crate::secret;
use crate::state::AppState;

/// Who is signed in at the provider.
#[derive(Debug)]
pub struct SignedIn {
    pub account: Account,
    /// The session of the browser.
    pub session: ProviderSession,
    /// Hash of its cookie.
    pub session_hash: String,
}

/// A form that carries the destination of who is signed in, so that those whose session has ended meanwhile get there too.
#[derive(Debug)]
pub struct SignedInForm<F> {
    /// Who sends it.
    pub signed_in: SignedIn,
    pub form: F,
}

/// A form with a field for the destination.
pub trait HasDestination {
    /// What the field holds.
    fn next(&self) -> &str;
}

/// Why there is nobody to go on with.
#[derive(Debug, ThisError)]
pub enum NotSignedIn {
    /// A visitor signs in first, at that address.
    #[error("nobody is signed in at the provider")]
    Visitor(String),
    /// Who it is could not be read.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl ResponseError for NotSignedIn {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Visitor(_) => StatusCode::SEE_OTHER,
            Self::Failed(error) => error.status_code(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Visitor(sign_in) => page::see_other(sign_in),
            Self::Failed(error) => error.error_response(),
        }
    }
}

type Extracted<T, E> = Pin<Box<dyn Future<Output = std::result::Result<T, E>>>>;

impl FromRequest for SignedIn {
    type Error = NotSignedIn;
    type Future = Extracted<Self, NotSignedIn>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { find(&request, &Destination::from_query(request.query_string())).await })
    }
}

impl<F: DeserializeOwned + HasDestination + 'static> FromRequest for SignedInForm<F> {
    type Error = actix_web::Error;
    type Future = Extracted<Self, actix_web::Error>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = Form::<F>::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let Form(form) = form.await?;
            let signed_in = find(&request, &Destination::new(form.next().to_owned())).await?;
            Ok(Self { signed_in, form })
        })
    }
}

async fn find(request: &HttpRequest, destination: &Destination) -> std::result::Result<SignedIn, NotSignedIn> {
    let Some(state) = request.app_data::<web::Data<AppState>>() else {
        return Err(Error::Internal("the application state is missing".to_owned()).into());
    };
    let found: Result<_> = session::signed_in(request, state).await;
    let signed_in = found?.ok_or_else(|| {
        let pattern = request.match_pattern().unwrap_or_default();
        NotSignedIn::Visitor(destination.sign_in_first(first_page(&pattern)))
    })?;
    if let Some(session) = at_datapass(request, state, &signed_in.account).await? {
        request.extensions_mut().insert(Reader(session));
    }
    Ok(signed_in)
}

/// Who reads the page at hand, where they are signed in at DataPass too: else they are on their way there, and a menu would lead
/// them off it.
struct Reader(Session);

/// What the base template needs to show who reads, and the menu; nothing where they are on their way.
pub fn reader(request: &HttpRequest) -> Value {
    match request.extensions().get::<Reader>() {
        Some(Reader(session)) => page::reader(session, request.path()),
        None => context! {},
    }
}

/// Has the page at hand show who reads, and the menu, for somebody who is known not to be on their way.
///
/// # Errors
/// The database's, for an administrator.
pub async fn introduce(request: &HttpRequest, state: &AppState, user: User) -> Result<()> {
    let signed = Signed { user, impersonation: None, session: None, lacks_second_factor: false };
    let session = super::describe_session(state, Some(signed)).await?;
    request.extensions_mut().insert(Reader(session));
    Ok(())
}

/// The session of the owner of an account at DataPass, in person.
async fn at_datapass(request: &HttpRequest, state: &web::Data<AppState>, account: &Account) -> Result<Option<Session>> {
    let Some(id) = auth::session::id_of(request, state) else { return Ok(None) };
    let (shared, account_id) = (state.clone(), account.id);
    let find = move |connection: &mut _| {
        let Some(user_id) = accounts::user_of(connection, account_id)? else { return Ok(None) };
        let signed = auth::session::signed(connection, &shared, &secret::hash(&id), now().naive_utc())?;
        Ok(signed.filter(|signed| signed.impersonation.is_none() && signed.caller_id() == user_id))
    };
    match state.db.read(find).await? {
        Some(signed) => Ok(Some(super::describe_session(state, Some(signed)).await?)),
        None => Ok(None),
    }
}

/// The page to come back to: the one where the request is a step of something begins.
fn first_page(pattern: &str) -> &str {
    match pattern {
        organization::LEAVE_PATH => organization::PATH,
        _ if pattern.starts_with(account::SECOND_FACTOR_PATH) => account::SECOND_FACTOR_PATH,
        _ => pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comes_back_to_where_a_step_belongs() {
        for (pattern, page) in [
            ("/users/password", "/users/password"),
            ("/users/leave-organization", "/users/organizations"),
            ("/users/account/second-factor/key", "/users/account/second-factor"),
            ("/users/account/delete", "/users/account/delete"),
        ] {
            assert_eq!(first_page(pattern), page);
        }
    }
}
