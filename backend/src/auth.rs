//! Who is calling: from the request to an [`Actor`].
//!
//! A browser shows the cookie of a session, a third-party tool a token (`Authorization: Bearer`). Where both are there the
//! token counts, and the cookie is not looked at: no page of another site can make a browser send that header, so that
//! nobody acts for its user through it.

pub mod access;
pub mod address;
pub mod cookie;
pub mod device;
mod packed;
pub mod session;
pub mod sign_in;
pub mod token;

use std::future::{Future, Ready, ready};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use chrono::NaiveDateTime;
use shared::rights::Denial;
use shared::user::User;

use self::access::Access;
use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::models::session::{Current, Signed};
use crate::state::AppState;
use crate::transition::{Context, Tx};
use crate::{secret, trail};

/// The signed-in user. As an argument of a handler it answers 401 to visitors.
#[derive(Clone, Debug)]
pub struct Actor {
    /// As whom one acts.
    pub user: User,
    /// The administrator who acts for them, if one does.
    pub administrator_id: Option<UserId>,
}

impl Actor {
    /// Reads for this user, as of now, beside what is written for them; a handler that only reads takes a [`Caller`].
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

    fn of(signed: Signed) -> (Self, Option<Current>) {
        let administrator_id = signed.administrator_id();
        (Self { user: signed.user, administrator_id }, signed.session)
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

/// Whoever calls, not looked up yet. As an argument of a handler that only reads, it answers 401 to visitors; who they are and
/// what they read then comes in one visit to the database.
pub struct Caller {
    request: HttpRequest,
    state: web::Data<AppState>,
    credential: Credential,
}

impl Caller {
    /// Reads for this user, as of now.
    ///
    /// # Errors
    /// There is no such user any more (401); what `f` returns.
    pub async fn read<T: Send + 'static>(self, f: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        let (context, shared, credential) = (self.state.context(), self.state.clone(), self.credential.clone());
        let found = self.state.db.read(move |connection| {
            let signed = credential.owner(connection, &shared, context.now.naive_utc())?.ok_or(Error::Unauthorized)?;
            let caller_id = signed.caller_id();
            let (actor, session) = Actor::of(signed);
            // What is wrong with what was asked for does not make the session unused.
            Ok((caller_id, session, f(&mut actor.tx(connection, &context))))
        });
        let (caller_id, session, read) = found.await?;
        identify(&self.request, caller_id);
        if let Some(session) = session {
            self.credential.touch(&self.request, &self.state, &session).await?;
        }
        read
    }
}

/// Whose session or token the request at hand shows, once that was looked up: the administrator, where one acts for somebody.
#[derive(Clone, Copy, Debug)]
pub struct Identified(pub UserId);

/// The session or the token that a request shows, not looked up.
pub fn credential(request: &HttpRequest, state: &AppState) -> Option<String> {
    bearer(request).map(str::to_owned).or_else(|| session::id_of(request, state))
}

fn identify(request: &HttpRequest, id: UserId) {
    request.extensions_mut().insert(Identified(id));
}

/// What a request shows to say who calls.
#[derive(Clone)]
enum Credential {
    /// The id of a session.
    Session(String),
    /// The access token of a tool, and the callers that the endpoint accepts.
    Token(String, Access),
}

impl Credential {
    /// That of a request, if it has one. It is not looked up yet.
    fn of(request: &HttpRequest, state: &AppState) -> Result<Option<Self>> {
        if let Some(token) = bearer(request) {
            let pattern = request.match_pattern().unwrap_or_default();
            return Ok(Some(Self::Token(token.to_owned(), access::to(request.method().as_str(), &pattern))));
        }
        let Some(id) = session::id_of(request, state) else { return Ok(None) };
        refuse_foreign_pages(request, state)?;
        Ok(Some(Self::Session(id)))
    }

    /// Whose it is, if it is valid.
    fn owner(&self, connection: &mut AnyConnection, state: &AppState, now: NaiveDateTime) -> Result<Option<Signed>> {
        match self {
            Self::Session(id) => {
                let signed = session::signed(connection, state, &secret::hash(id), now)?;
                if let Some(signed) = &signed {
                    trail::by(UserId::of(&signed.user), signed.administrator_id());
                }
                Ok(signed)
            }
            Self::Token(token, access) => token::owner(connection, state, token, *access).map(Some),
        }
    }

    async fn touch(&self, request: &HttpRequest, state: &AppState, session: &Current) -> Result<()> {
        match self {
            Self::Session(id) => session::touch(request, state, id, session).await,
            Self::Token(..) => Ok(()),
        }
    }
}

/// An administrator. As an argument of a handler it answers 401 to visitors and 403 to everybody else.
#[derive(Debug)]
pub struct Administrator(pub User);

/// The signed-in user, if there is one.
#[derive(Debug)]
pub struct OptionalActor(pub Option<Signed>);

/// The number of the signed-in user in person, and their session: neither an impersonating administrator nor a tool may
/// touch somebody's sessions and tools.
#[derive(Debug)]
pub struct Oneself(pub UserId, pub Current);

/// The same, who showed lately who they are: what they do outlasts the session, and a stolen one must not (RFC 9470).
#[derive(Debug)]
pub struct RecentlyAuthenticated(pub UserId, pub Current);

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

impl FromRequest for Actor {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = OptionalActor::from_request(request, payload);
        Box::pin(async move { Ok(Self::of(caller.await?.0.ok_or(Error::Unauthorized)?).0) })
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
                Signed { user, impersonation: None, session: Some(session), .. } => Ok(Self(UserId::of(&user), session)),
                _ => Err(Error::Forbidden(
                    "Les sessions et les outils d’une personne ne sont qu’à elle\u{a0}: cessez d’abord d’agir en son nom."
                        .to_owned(),
                )),
            }
        })
    }
}

impl FromRequest for RecentlyAuthenticated {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, caller) = (request.clone(), Oneself::from_request(request, payload));
        Box::pin(async move {
            let Oneself(user_id, session) = caller.await?;
            let state = state_of(&request)?;
            session::require_recent(&state, user_id, &session).await?;
            Ok(Self(user_id, session))
        })
    }
}

impl FromRequest for OptionalActor {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let state = state_of(&request)?;
            let Some(credential) = Credential::of(&request, &state)? else { return Ok(Self(None)) };
            let (shared, shown) = (state.clone(), credential.clone());
            let now = now().naive_utc();
            let signed = state.db.read(move |connection| shown.owner(connection, &shared, now)).await?;
            if let Some(signed) = &signed {
                identify(&request, signed.caller_id());
            }
            if let Some(session) = signed.as_ref().and_then(|signed| signed.session.as_ref()) {
                credential.touch(&request, &state, session).await?;
            }
            Ok(Self(signed))
        })
    }
}

impl FromRequest for Caller {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = || {
            let state = state_of(request)?;
            let credential = Credential::of(request, &state)?.ok_or(Error::Unauthorized)?;
            Ok(Self { request: request.clone(), state, credential })
        };
        ready(caller())
    }
}

fn state_of(request: &HttpRequest) -> Result<web::Data<AppState>> {
    let state = request.app_data::<web::Data<AppState>>().cloned();
    state.ok_or_else(|| Error::Internal("the application state is missing".to_owned()))
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
    if matches!(*request.method(), Method::GET | Method::OPTIONS) {
        return Ok(());
    }
    if comes_from_our_page(request, &state.public_url) {
        Ok(())
    } else {
        Err(Error::Forbidden("Cette action doit être faite depuis les pages de DataPass.".to_owned()))
    }
}
