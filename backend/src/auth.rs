//! Who is calling: from the request to an [`Actor`].
//!
//! A browser shows the cookie of a session, a third-party tool a token (`Authorization: Bearer`). Where both are there the
//! token counts, and the cookie is not looked at: no page of another site can make a browser send that header, so that
//! nobody acts for its user through it.

pub mod access;
pub mod cookie;
pub mod device;
pub mod session;
pub mod token;

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpRequest, web};
use shared::rights::Denial;
use shared::user::User;

use crate::connection::AnyConnection;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::models::session::Signed;
use crate::state::AppState;
use crate::trail;
use crate::transition::{Context, Tx};

/// The signed-in user. As an argument of a handler it answers 401 to visitors.
#[derive(Clone, Debug)]
pub struct Actor {
    /// As whom one acts.
    pub user: User,
    /// The administrator who acts for them, if one does.
    pub administrator_id: Option<UserId>,
}

impl Actor {
    /// Reads for this user, as of now.
    ///
    /// # Errors
    /// What `f` returns.
    pub async fn read<T: Send + 'static>(
        self,
        state: &AppState,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let context = state.context();
        state.db.read(move |connection| f(&mut self.tx(connection, &context))).await
    }

    /// Writes for this user, as of now: everything or nothing.
    ///
    /// # Errors
    /// What `f` returns, after a rollback.
    pub async fn write<T: Send + 'static>(
        self,
        state: &AppState,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let context = state.context();
        state.db.write(move |connection| f(&mut self.tx(connection, &context))).await
    }

    const fn tx<'a>(&'a self, connection: &'a mut AnyConnection, context: &'a Context) -> Tx<'a> {
        Tx { connection, context, user: &self.user, administrator_id: self.administrator_id }
    }
}

/// An administrator. As an argument of a handler it answers 401 to visitors and 403 to everybody else.
#[derive(Debug)]
pub struct Administrator(pub User);

/// The signed-in user, if there is one.
#[derive(Debug)]
pub struct OptionalActor(pub Option<Signed>);

/// The number of the signed-in user in person, and the public id of the session: neither an impersonating administrator nor
/// a tool may touch somebody's sessions and tools.
#[derive(Debug)]
pub struct Oneself(pub UserId, pub String);

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

impl FromRequest for Actor {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = OptionalActor::from_request(request, payload);
        Box::pin(async move {
            let Signed { user, impersonation, .. } = caller.await?.0.ok_or(Error::Unauthorized)?;
            Ok(Self { user, administrator_id: impersonation.map(|acting| UserId(acting.administrator_id)) })
        })
    }
}

impl FromRequest for Administrator {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = Actor::from_request(request, payload);
        Box::pin(async move {
            let Actor { user, .. } = caller.await?;
            if user.is_administrator() { Ok(Self(user)) } else { Err(Denial::NotAdministrator.into()) }
        })
    }
}

impl FromRequest for Oneself {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = OptionalActor::from_request(request, payload);
        Box::pin(async move {
            match caller.await?.0.ok_or(Error::Unauthorized)? {
                Signed { user, impersonation: None, session: Some(session) } => Ok(Self(UserId::of(&user), session.public_id)),
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
            let Some(state) = request.app_data::<web::Data<AppState>>() else {
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
                let administrator_id = signed.impersonation.as_ref().map(|acting| UserId(acting.administrator_id));
                trail::by(UserId::of(&signed.user), administrator_id);
                if let Some(current) = &signed.session {
                    session::touch(&request, state, &id, current).await?;
                }
            }
            Ok(Self(signed))
        })
    }
}

/// The bearer token of the request.
pub fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether the browser says that one of our pages sent the request. A caller that says nothing is no browser.
pub fn comes_from_our_page(request: &HttpRequest, public_url: &str) -> bool {
    let text = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    text("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"))
        && text(header::ORIGIN.as_str()).is_none_or(|origin| origin == public_url)
}

/// A page of another site must not write with our cookie. `SameSite=Lax` already keeps the cookie at home in current
/// browsers; this is the second lock (OWASP CSRF cheat sheet: Fetch Metadata, then Origin).
fn refuse_foreign_pages(request: &HttpRequest, state: &AppState) -> Result<()> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    if comes_from_our_page(request, &state.public_url) {
        Ok(())
    } else {
        Err(Error::Forbidden("Cette action doit être faite depuis les pages de DataPass.".to_owned()))
    }
}
