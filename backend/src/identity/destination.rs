//! Where somebody goes once they have finished with a page of the provider: back to the client that sent them, or to a
//! page of DataPass. It travels with the forms and is checked at the end, so nothing has to be stored.

use actix_web::HttpResponse;
use chrono::Duration;
use openidconnect::url::form_urlencoded::byte_serialize;

use super::account;
use super::oauth::authorize;
use super::oauth::parameters::Parameters;
use crate::connection::types::now;
use crate::error::Result;
use crate::models::provider_session::ProviderSession;
use crate::page;
use crate::state::AppState;

/// How long a sign-in counts as fresh: whoever was sent here to give their password, or to sign up, need not give it again
/// at the end.
const FRESH: Duration = Duration::minutes(15);

/// The query string of a client's authorization request, or a path of DataPass; empty: the page of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destination(String);

impl Destination {
    /// From the hidden field of a form, or a stored row.
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// From the query string of a page: `next`, `return_to`, or the authorization request itself.
    pub fn from_query(query: &str) -> Self {
        let parameters = Parameters::parse(query.as_bytes());
        let named = parameters.get("next").or_else(|| parameters.get("return_to").filter(|path| path.starts_with('/')));
        match named {
            Some(next) => Self(next.to_owned()),
            None if parameters.get("client_id").is_some() => Self(query.to_owned()),
            None => Self(String::new()),
        }
    }

    /// The page of the account, which says that this is done.
    pub fn done(what: &str) -> Self {
        Self(format!("{}?fait={what}", account::PATH))
    }

    /// The same, unless one goes on elsewhere.
    pub fn or_done(self, what: &str) -> Self {
        if self.0.is_empty() { Self::done(what) } else { self }
    }

    /// The value of the hidden field.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of another page of the provider that leads on to the same destination.
    pub fn via(&self, path: &str) -> String {
        if self.0.is_empty() { path.to_owned() } else { format!("{path}?next={}", encoded(&self.0)) }
    }

    /// Its address, for a link. A client that insists on the password being given again gets it again.
    pub fn url(&self) -> String {
        match self.authorization_request() {
            Some(query) => format!("/oauth/authorize?{query}"),
            None if self.0.is_empty() => sign_in_url("/"),
            None => sign_in_url(&self.0),
        }
    }

    /// Where one signs in to get there.
    pub fn sign_in(&self) -> String {
        match self.authorization_request() {
            Some(query) => format!("/connexion?{query}"),
            None => sign_in_url(&self.0),
        }
    }

    /// Where one signs in first, to come back to the page at `path` and go on from there.
    pub fn sign_in_first(&self, path: &str) -> String {
        match self.authorization_request() {
            Some(query) => format!("/connexion?{query}"),
            None => sign_in_url(&self.via(path)),
        }
    }

    /// Goes there. DataPass signs people in anew, without asking them anything, so that it learns what has changed.
    ///
    /// # Errors
    /// The database's.
    pub async fn redirect(&self, state: &AppState, session: ProviderSession) -> Result<HttpResponse> {
        let Some(query) = self.authorization_request() else {
            let path = if self.0.is_empty() { account::PATH } else { &self.0 };
            return Ok(page::see_other(&sign_in_url(path)));
        };
        let authorization = match authorize::read(state, query).await? {
            Ok(authorization) => authorization,
            Err(error) => return authorize::refuse(state, error),
        };
        let now = now().naive_utc();
        let then = session.authenticated_at;
        if authorization.accepts(then, now) || now - then < FRESH {
            authorize::grant(state, &authorization, query, session).await
        } else {
            Ok(page::see_other(&format!("/oauth/authorize?{query}")))
        }
    }

    /// Lets the forms of a page lead there: browsers hold its policy against the redirection after them, too.
    ///
    /// # Errors
    /// The database's.
    pub async fn allow_in(&self, state: &AppState, mut page: HttpResponse) -> Result<HttpResponse> {
        if let Some(query) = self.authorization_request()
            && let Ok(authorization) = authorize::read(state, query).await?
        {
            page::may_lead_to(page.headers_mut(), &authorization.redirect_uri);
        }
        Ok(page)
    }

    fn authorization_request(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|text| !text.is_empty() && !text.starts_with('/'))
    }
}

/// Where one signs in to come to the page at `path`.
pub fn sign_in_url(path: &str) -> String {
    format!("/api/sign_in?return_to={}", encoded(path))
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_read_from_the_address() {
        for (query, destination) in [
            ("", ""),
            ("next=%2Fdemandes", "/demandes"),
            ("return_to=%2Fdemandes%2F42", "/demandes/42"),
            ("return_to=https%3A%2F%2Fevil.example", ""),
            ("client_id=datapass&state=s", "client_id=datapass&state=s"),
            ("siret=1&next=client_id%3Dc", "client_id=c"),
        ] {
            assert_eq!(Destination::from_query(query).as_str(), destination, "{query}");
        }
    }

    #[test]
    fn a_destination_is_kept_from_page_to_page() {
        let destination = Destination::new("client_id=c&state=é".to_owned());
        let url = destination.via("/users/sign-up");
        assert_eq!(Destination::from_query(url.split_once('?').unwrap().1), destination);
        assert_eq!(Destination::from_query("").via("/users/sign-up"), "/users/sign-up");
    }
}
