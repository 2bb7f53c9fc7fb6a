//! Who is signed in at the provider, as an argument of a handler: visitors are sent to sign in first, and come back to the
//! page that they wanted.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError, web};
use serde::de::DeserializeOwned;
use thiserror::Error as ThisError;

use super::destination::Destination;
use super::form::Form;
use super::{account, organization, session};
use crate::error::{Error, Result};
use crate::models::account::Account;
use crate::models::provider_session::ProviderSession;
use crate::page;
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
    found?.ok_or_else(|| {
        let pattern = request.match_pattern().unwrap_or_default();
        NotSignedIn::Visitor(destination.sign_in_first(first_page(&pattern)))
    })
}

/// The page to come back to: the one where the request is a step of something begins.
fn first_page(pattern: &str) -> &str {
    match pattern {
        account::SESSIONS_PATH => account::PATH,
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
            ("/users/sessions", "/users/account"),
            ("/users/leave-organization", "/users/organizations"),
            ("/users/account/second-factor/key", "/users/account/second-factor"),
            ("/users/account/delete", "/users/account/delete"),
        ] {
            assert_eq!(first_page(pattern), page);
        }
    }
}
