//! A server with an account, a browser that follows redirections, and an independent OpenID client.

use datapass::config::Config;
use datapass::connection::types::now;
use datapass::email_address::EmailAddress;
use datapass::identity::account::password_hash::hash_password;
use datapass::models::account::{self, NewAccount};
use datapass::models::membership::Membership;
use reqwest::header::{LOCATION, RETRY_AFTER, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use serde_json::Value;
use shared::organization::MembershipSource;

use crate::support::TestApp;

pub const EMAIL: &str = "camille@mairie.example";
pub const PASSWORD: &str = "une phrase de passe";
/// From RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A server with one account, its public address, and a browser.
pub struct Scene {
    pub app: TestApp,
    pub url: String,
    pub browser: Browser,
}

impl Scene {
    pub async fn set() -> Self {
        Self::set_with(|_| {}).await
    }

    pub async fn set_with(change: impl FnOnce(&mut Config)) -> Self {
        let app = TestApp::start_with(change);
        create_account(&app).await;
        let url = app.state.public_url.clone();
        Self { browser: Browser::new(&url), app, url }
    }

    /// Address to send people to, as a client other than DataPass's own code would write it.
    pub fn authorize(&self, more: &str) -> String {
        format!(
            "{}/oauth/authorize?client_id=datapass&redirect_uri={}&response_type=code&state=s&nonce=n\
             &scope=openid+email+organizations&code_challenge={CHALLENGE}&code_challenge_method=S256{more}",
            self.url,
            self.callback().replace(':', "%3A").replace('/', "%2F"),
        )
    }

    pub fn callback(&self) -> String {
        format!("{}/api/sign_in/callback", self.url)
    }

    /// Signs in for that client; returns the code that it gets.
    pub async fn code(&self) -> String {
        let page = self.browser.follow(&self.authorize("")).await;
        let location = self.browser.submit(page, EMAIL, PASSWORD).await.location();
        assert!(location.as_str().starts_with(&self.callback()), "{location}");
        parameter(&location, "code").unwrap()
    }

    pub async fn exchange(&self, changes: &[(&str, &str)], code: &str) -> Response {
        let callback = self.callback();
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", "datapass"),
            ("redirect_uri", &callback),
            ("code_verifier", VERIFIER),
            ("code", code),
        ];
        form.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        form.extend(changes);
        let request = self.browser.client.post(format!("{}/oauth/token", self.url)).form(&form);
        request.send().await.unwrap()
    }

    pub async fn userinfo(&self, access_token: &str) -> Response {
        let request = self.browser.client.get(format!("{}/oauth/userinfo", self.url)).bearer_auth(access_token);
        request.send().await.unwrap()
    }
}

pub fn address(email: &str) -> EmailAddress {
    EmailAddress::parse(email).unwrap()
}

pub async fn create_account(app: &TestApp) {
    let account = NewAccount {
        email: address("Camille@Mairie.example "),
        email_verified: true,
        password_hash: hash_password(PASSWORD.to_owned()).await.unwrap(),
        given_name: "Camille".to_owned(),
        family_name: "Exemple".to_owned(),
        phone_number: "01 23 45 67 89".to_owned(),
        job: "Secrétaire de mairie".to_owned(),
        organizations: vec![Membership::new("21920023500014", "Commune de Clamart", false, MembershipSource::Operator)],
    };
    let created = app.state.db.write(move |connection| Ok(account::create(connection, &account, now().naive_utc())?));
    created.await.unwrap();
}

/// Keeps cookies; follows redirections only when told to.
pub struct Browser {
    pub client: Client,
    pub url: String,
}

impl Browser {
    pub fn new(url: &str) -> Self {
        let builder = Client::builder().tls_certs_only([]).cookie_store(true).no_proxy();
        Self { client: builder.redirect(reqwest::redirect::Policy::none()).build().unwrap(), url: url.to_owned() }
    }

    pub async fn get(&self, url: &str) -> Response {
        let url = if url.starts_with('/') { format!("{}{url}", self.url) } else { url.to_owned() };
        self.client.get(url).send().await.unwrap()
    }

    /// Opens an address and goes where it sends, until a page is shown.
    pub async fn follow(&self, url: &str) -> Page {
        let mut response = self.get(url).await;
        for _ in 0..10 {
            if !response.status().is_redirection() {
                return Page::read(response).await;
            }
            response = self.get(response.location().as_str()).await;
        }
        panic!("{url} leads nowhere");
    }

    /// Opens an address and goes where it sends, until it would be sent to `stop`.
    pub async fn follow_until(&self, url: &str, stop: &str) -> Url {
        let mut response = self.get(url).await;
        for _ in 0..10 {
            let location = response.location();
            if location.path() == stop {
                return location;
            }
            response = self.get(location.as_str()).await;
        }
        panic!("{url} does not lead to {stop}");
    }

    pub fn post_sign_in(&self, page: &Page, email: &str, password: &str) -> RequestBuilder {
        let (request, token) = (page.hidden("request"), page.hidden("token"));
        let form = [("request", request.as_str()), ("token", &token), ("email", email), ("password", password)];
        self.client.post(format!("{}/connexion", self.url)).form(&form)
    }

    pub async fn submit(&self, page: Page, email: &str, password: &str) -> Response {
        self.post_sign_in(&page, email, password).send().await.unwrap()
    }

    /// Signs in from the beginning; returns where the last redirection leads.
    pub async fn sign_in(&self, start: &str) -> Url {
        let page = self.follow(start).await;
        let callback = self.submit(page, EMAIL, PASSWORD).await.location();
        assert_eq!(callback.path(), "/api/sign_in/callback");
        self.get(callback.as_str()).await.location()
    }

    /// Fills in the form of a page: its hidden fields, and these.
    pub async fn fill(&self, page: &Page, path: &str, fields: &[(&str, &str)]) -> Response {
        let hidden = ["token", "next", "reset"].into_iter().filter(|name| page.has_hidden(name));
        let hidden: Vec<(&str, String)> = hidden.map(|name| (name, page.hidden(name))).collect();
        let hidden = hidden.iter().map(|(name, value)| (*name, value.as_str()));
        let form: Vec<(&str, &str)> = hidden.chain(fields.iter().copied()).collect();
        self.client.post(format!("{}{path}", self.url)).form(&form).send().await.unwrap()
    }

    pub async fn post(&self, path: &str) -> Response {
        self.client.post(format!("{}{path}", self.url)).send().await.unwrap()
    }

    pub async fn session(&self) -> Value {
        self.get("/api/session").await.json::<Value>().await.unwrap()
    }

    pub async fn is_signed_in(&self) -> bool {
        self.session().await["user"]["email"] == EMAIL
    }
}

pub trait Redirected {
    fn location(&self) -> Url;
}

impl Redirected for Response {
    fn location(&self) -> Url {
        let location = self.headers().get(LOCATION).unwrap_or_else(|| panic!("no redirection: {self:?}"));
        self.url().join(location.to_str().unwrap()).unwrap()
    }
}

pub struct Page {
    pub status: StatusCode,
    pub retry_after: Option<String>,
    pub html: String,
}

impl Page {
    pub async fn read(response: Response) -> Self {
        let retry_after = response.headers().get(RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned());
        Self { status: response.status(), retry_after, html: response.text().await.unwrap() }
    }

    pub fn has_hidden(&self, name: &str) -> bool {
        self.html.contains(&format!("type=\"hidden\" name=\"{name}\""))
    }

    pub fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let (_, rest) = self.html.split_once(&mark).unwrap_or_else(|| panic!("no field {name} in {}", self.html));
        let (value, _) = rest.split_once('"').unwrap();
        value.replace("&#x2f;", "/").replace("&amp;", "&")
    }
}

pub fn set_cookie(response: &Response, name: &str) -> Option<String> {
    let cookies = response.headers().get_all(SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
    cookies.filter(|cookie| cookie.starts_with(&format!("{name}="))).map(str::to_owned).next()
}

pub fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

pub fn with_parameter(url: &Url, name: &str, value: &str) -> Url {
    let others: Vec<_> = url.query_pairs().into_owned().filter(|(key, _)| key != name).collect();
    let mut changed = url.clone();
    changed.query_pairs_mut().clear().extend_pairs(others).append_pair(name, value);
    changed
}
