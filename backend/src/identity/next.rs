//! Where somebody goes once a page of the provider is done with: back to the client that sent them, or to a page of
//! DataPass. It travels with the forms and is checked at the end, so nothing has to be remembered of it.

use actix_web::HttpResponse;
use chrono::Duration;
use openidconnect::url::form_urlencoded::byte_serialize;

use super::parameters::Parameters;
use super::{authorize, settings};
use crate::app::State;
use crate::db::types::now;
use crate::error::Result;
use crate::models::provider::Session;
use crate::page;

/// How long a password counts as just given: whoever was sent here to give it, or to open an account, need not give it
/// again at the end.
const JUST_NOW: Duration = Duration::minutes(15);

/// A client's request (its query string), or a path of DataPass; empty: the account page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next(String);

impl Next {
    /// What a form, or a stored row, says.
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// What the query string of a page says: `next`, `return_to`, or the client's request itself.
    pub fn of(query: &str) -> Self {
        let parameters = Parameters::parse(query.as_bytes());
        let named = parameters.get("next").or_else(|| parameters.get("return_to").filter(|path| path.starts_with('/')));
        match named {
            Some(next) => Self(next.to_owned()),
            None if parameters.get("client_id").is_some() => Self(query.to_owned()),
            None => Self(String::new()),
        }
    }

    /// As it goes with a form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Another page of the provider, from which one goes on to the same place.
    pub fn after(&self, path: &str) -> String {
        if self.0.is_empty() { path.to_owned() } else { format!("{path}?next={}", encoded(&self.0)) }
    }

    /// Its address, for a link. A client that insists on the password being given again gets it again.
    pub fn link(&self) -> String {
        match self.0.as_str() {
            "" => sign_in("/"),
            path if path.starts_with('/') => sign_in(path),
            query => format!("/oauth/authorize?{query}"),
        }
    }

    /// Goes there. DataPass signs people in anew, without asking them anything, so that it learns what has changed.
    ///
    /// # Errors
    /// The database's.
    pub async fn follow(&self, state: &State, session: Session) -> Result<HttpResponse> {
        if self.0.is_empty() || self.0.starts_with('/') {
            let path = if self.0.is_empty() { settings::PATH } else { &self.0 };
            return Ok(page::see_other(&sign_in(path)));
        }
        let authorization = match authorize::read(state, &self.0).await? {
            Ok(authorization) => authorization,
            Err(refusal) => return authorize::refused(state, refusal),
        };
        let now = now().naive_utc();
        let then = session.authenticated_at;
        if authorization.accepts(then, now) || now - then < JUST_NOW {
            authorize::grant(state, &authorization, &self.0, session).await
        } else {
            Ok(page::see_other(&format!("/oauth/authorize?{}", self.0)))
        }
    }

    /// Lets the forms of a page lead there: browsers hold its policy against the redirection after them, too.
    ///
    /// # Errors
    /// The database's.
    pub async fn allow(&self, state: &State, mut page: HttpResponse) -> Result<HttpResponse> {
        if !self.0.is_empty()
            && !self.0.starts_with('/')
            && let Ok(authorization) = authorize::read(state, &self.0).await?
        {
            page::may_lead_to(page.headers_mut(), &authorization.redirect_uri);
        }
        Ok(page)
    }
}

/// Where one signs in to come to that page.
pub fn sign_in(path: &str) -> String {
    format!("/api/sign_in?return_to={}", encoded(path))
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_next_is_read_from_the_address() {
        for (query, next) in [
            ("", ""),
            ("next=%2Fdemandes", "/demandes"),
            ("return_to=%2Fdemandes%2F42", "/demandes/42"),
            ("return_to=https%3A%2F%2Fevil.example", ""),
            ("client_id=datapass&state=s", "client_id=datapass&state=s"),
            ("siret=1&next=client_id%3Dc", "client_id=c"),
        ] {
            assert_eq!(Next::of(query).as_str(), next, "{query}");
        }
    }

    #[test]
    fn it_goes_with_one_from_page_to_page() {
        let next = Next::new("client_id=c&state=é".to_owned());
        let link = next.after("/users/sign-up");
        assert_eq!(Next::of(link.split_once('?').unwrap().1), next);
        assert_eq!(Next::of("").after("/users/sign-up"), "/users/sign-up");
    }
}
