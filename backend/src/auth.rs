//! Who is calling: from the request to an [`Actor`].

pub mod cookie;
pub mod device;
pub mod seal;
pub mod secret;
pub mod session;

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

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

impl FromRequest for Actor {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = OptionalActor::from_request(request, payload);
        Box::pin(async move { caller.await?.0.map(|signed| Self(signed.user)).ok_or(Error::Unauthorized) })
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
            let Some(id) = session::id_of(&request, state) else { return Ok(Self(None)) };
            refuse_foreign_pages(&request, state)?;
            let signed = session::find(state, &id).await?;
            if let Some(signed) = &signed {
                audit::by(signed.user.id, signed.impersonation.as_ref().map(|acting| acting.administrator_id));
            }
            Ok(Self(signed))
        })
    }
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
