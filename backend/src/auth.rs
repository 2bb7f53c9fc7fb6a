//! Who is calling: from the request to an [`Actor`].
//!
//! A browser shows the cookie of a session, a third-party tool a token (`Authorization: Bearer`). Where both are there the
//! token counts, and the cookie is not looked at: no page of another site can make a browser send that header, so that
//! nobody acts for its user through it.

pub mod access;
pub mod cookie;
pub mod device;
pub mod seal;
pub mod secret;
pub mod session;
pub mod token;

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpRequest, web};
use shared::user::User;

use crate::app::State;
use crate::audit;
use crate::error::{Error, Result};
use crate::models::session::Signed;

/// The signed-in user. As an argument of a handler it answers 401 to visitors.
#[derive(Debug)]
pub struct Actor(pub User);

/// Who is signed in, if anybody is.
#[derive(Debug)]
pub struct OptionalActor(pub Option<Signed>);

/// Somebody who is signed in as themselves, and what their session is called: neither an administrator who acts for them
/// nor a tool touches their sessions and tools.
#[derive(Debug)]
pub struct Oneself(pub User, pub String);

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

impl FromRequest for Actor {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = OptionalActor::from_request(request, payload);
        Box::pin(async move { caller.await?.0.map(|signed| Self(signed.user)).ok_or(Error::Unauthorized) })
    }
}

impl FromRequest for Oneself {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = OptionalActor::from_request(request, payload);
        Box::pin(async move {
            match caller.await?.0.ok_or(Error::Unauthorized)? {
                Signed { user, impersonation: None, session: Some(session) } => Ok(Self(user, session.public_id)),
                _ => Err(Error::Forbidden(
                    "Les sessions et les outils d’une personne ne sont qu’à elle\u{a0}: cessez d’abord d’agir en son nom."
                        .to_owned(),
                )),
            }
        })
    }
}

impl FromRequest for OptionalActor {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let Some(state) = request.app_data::<web::Data<State>>() else {
                return Err(Error::Internal("the application state is missing".to_owned()));
            };
            if let Some(token) = bearer(&request) {
                let user = token::owner(&request, state, token).await?;
                return Ok(Self(Some(Signed { user, impersonation: None, session: None })));
            }
            let Some(id) = session::id_of(&request, state) else { return Ok(Self(None)) };
            refuse_foreign_pages(&request, state)?;
            let signed = session::find(state, &id).await?;
            if let Some(signed) = &signed {
                audit::by(signed.user.id, signed.impersonation.as_ref().map(|acting| acting.administrator_id));
                if let Some(current) = &signed.session {
                    session::used(&request, state, &id, current).await?;
                }
            }
            Ok(Self(signed))
        })
    }
}

/// The token of the request, if it shows one.
pub fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether the browser says that one of our pages sent this. A caller that says neither is no browser.
pub fn comes_from_our_page(request: &HttpRequest, public_url: &str) -> bool {
    let text = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    text("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"))
        && text(header::ORIGIN.as_str()).is_none_or(|origin| origin == public_url)
}

/// A page of another site must not write with our cookie. `SameSite=Lax` already keeps the cookie at home in current
/// browsers; this is the second lock (OWASP CSRF cheat sheet: Fetch Metadata, then Origin).
fn refuse_foreign_pages(request: &HttpRequest, state: &State) -> Result<()> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    if comes_from_our_page(request, &state.public_url) {
        Ok(())
    } else {
        Err(Error::Forbidden("Cette action doit être faite depuis les pages de DataPass.".to_owned()))
    }
}
