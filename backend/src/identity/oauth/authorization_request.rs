//! OAuth authorization requests: how they are read, and the addresses that answer them. Pure.

use chrono::NaiveDateTime;
use openidconnect::url::Url;

use super::client::Client;
use super::parameters::Parameters;
use crate::identity::destination::Destination;

/// A valid request to sign somebody in.
#[derive(Debug)]
pub struct AuthorizationRequest {
    /// The client that sends it.
    pub client: Client,
    /// Where to send the code.
    pub redirect_uri: String,
    /// The scopes that the client is granted, of those that it asks for.
    pub scope: String,
    /// The nonce for the ID token; empty where there is none.
    pub nonce: String,
    /// The PKCE challenge (S256).
    pub code_challenge: String,
    /// The e-mail address to propose.
    pub login_hint: Option<String>,
    /// When the sign-in page is shown.
    pub prompt: Prompt,
    /// The other pages that the client wants shown, in that order.
    pub interactions: Vec<Interaction>,
    parameters: Parameters,
    max_age: Option<u32>,
    state: Option<String>,
    issuer: String,
}

/// When the sign-in page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Where nobody is signed in.
    IfNeeded,
    /// In any case.
    Always,
    /// Never: who is not signed in is sent back.
    Never,
}

/// A page that a client may have shown besides, by a value of `prompt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interaction {
    /// Signing up, whether or not somebody is signed in (Initiating User Registration via OpenID Connect 1.0).
    SignUp,
    /// Choosing an organisation.
    SelectOrganization,
    /// Changing the personal information.
    UpdateUserinfo,
}

impl Interaction {
    const ALL: [Self; 3] = [Self::SignUp, Self::SelectOrganization, Self::UpdateUserinfo];

    /// The value of `prompt` that asks for it.
    pub const fn prompt(self) -> &'static str {
        match self {
            Self::SignUp => "create",
            Self::SelectOrganization => "select_organization",
            Self::UpdateUserinfo => "update_userinfo",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::SignUp => "/users/sign-up",
            Self::SelectOrganization => "/users/select-organization",
            Self::UpdateUserinfo => "/users/personal-information",
        }
    }
}

/// Why a request is invalid.
#[derive(Debug, PartialEq, Eq)]
pub enum RequestError {
    /// The client or the redirect URI is unknown: the error is shown here, and nobody is sent anywhere.
    Shown(&'static str),
    /// The client is told at this address.
    Redirect(String),
}

impl AuthorizationRequest {
    /// Reads a request that `client` sends to the provider at `issuer`.
    pub fn parse(parameters: &Parameters, client: Option<Client>, issuer: &str) -> Result<Self, RequestError> {
        let client = client.ok_or(RequestError::Shown("Le service qui demande la connexion n’est pas connu."))?;
        let redirect_uri = parameters
            .get("redirect_uri")
            .filter(|uri| client.redirect_uris.iter().any(|known| known == uri))
            .ok_or(RequestError::Shown("L’adresse de retour demandée n’est pas celle du service."))?
            .to_owned();
        let state = parameters.get("state").map(str::to_owned);
        match validate(parameters) {
            Ok(ValidParameters { scope, code_challenge, prompt, interactions, max_age }) => Ok(Self {
                scope: client.granted(&scope),
                client,
                redirect_uri,
                nonce: parameters.get("nonce").unwrap_or_default().to_owned(),
                code_challenge,
                login_hint: parameters.get("login_hint").map(str::to_owned),
                prompt,
                interactions,
                parameters: parameters.clone(),
                max_age,
                state,
                issuer: issuer.to_owned(),
            }),
            Err((error, description)) => Err(RequestError::Redirect(redirect_url(
                &redirect_uri,
                &[("error", error), ("error_description", description)],
                state.as_deref(),
                issuer,
            ))),
        }
    }

    /// Whether a sign-in at that time is recent enough, and need not be repeated.
    pub fn accepts(&self, authenticated_at: NaiveDateTime, now: NaiveDateTime) -> bool {
        let is_recent = match self.max_age {
            None => true,
            Some(seconds) => now - authenticated_at <= chrono::Duration::seconds(i64::from(seconds)),
        };
        is_recent && self.prompt != Prompt::Always
    }

    /// The address that brings the client its code.
    pub fn code_url(&self, code: &str) -> String {
        redirect_url(&self.redirect_uri, &[("code", code)], self.state.as_deref(), &self.issuer)
    }

    /// The address that tells the client of an error, such as `login_required`.
    pub fn error_url(&self, error: &str) -> String {
        redirect_url(&self.redirect_uri, &[("error", error)], self.state.as_deref(), &self.issuer)
    }

    /// The address of that page, with the rest of the request as its destination: neither the page is shown twice, nor is the
    /// password asked for twice.
    pub fn interaction_url(&self, interaction: Interaction) -> String {
        let others = self.interactions.iter().filter(|other| **other != interaction).map(|other| other.prompt());
        let rest = self.parameters.with("prompt", &others.collect::<Vec<_>>().join(" "));
        Destination::new(rest).via(interaction.path())
    }

    /// Whether the client is told which organisation the account speaks for.
    pub fn names_organization(&self) -> bool {
        self.scope.split(' ').any(|scope| scope == "organization")
    }
}

struct ValidParameters {
    scope: String,
    code_challenge: String,
    prompt: Prompt,
    interactions: Vec<Interaction>,
    max_age: Option<u32>,
}

/// Checks everything but client and redirect URI; an error is its OAuth code and a text for the developer of the client.
fn validate(parameters: &Parameters) -> Result<ValidParameters, (&'static str, &'static str)> {
    if parameters.has_invalid() {
        return Err(("invalid_request", "a parameter is there twice or holds a control character"));
    }
    if parameters.get("request").is_some() {
        return Err(("request_not_supported", "request objects are not read"));
    }
    if parameters.get("request_uri").is_some() {
        return Err(("request_uri_not_supported", "request objects are not read"));
    }
    match parameters.get("response_type") {
        Some("code") => {}
        Some(_) => return Err(("unsupported_response_type", "response_type must be code")),
        None => return Err(("invalid_request", "response_type is missing")),
    }
    if !matches!(parameters.get("response_mode"), None | Some("query")) {
        return Err(("invalid_request", "response_mode must be query"));
    }
    let scope = parameters.get("scope").unwrap_or_default();
    if !scope.split(' ').any(|scope| scope == "openid") {
        return Err(("invalid_scope", "scope must contain openid"));
    }
    if parameters.get("code_challenge_method") != Some("S256") {
        return Err(("invalid_request", "code_challenge_method must be S256 (PKCE)"));
    }
    let code_challenge = parameters
        .get("code_challenge")
        .filter(|challenge| challenge.len() == 43 && challenge.bytes().all(is_base64url))
        .ok_or(("invalid_request", "code_challenge must be 43 characters of base64url (PKCE)"))?;
    let max_age = match parameters.get("max_age") {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| ("invalid_request", "max_age must be a number of seconds"))?),
    };
    let prompts: Vec<&str> =
        parameters.get("prompt").unwrap_or_default().split(' ').filter(|value| !value.is_empty()).collect();
    Ok(ValidParameters {
        scope: scope.to_owned(),
        code_challenge: code_challenge.to_owned(),
        prompt: prompt(&prompts)?,
        interactions: Interaction::ALL
            .into_iter()
            .filter(|interaction| prompts.contains(&interaction.prompt()))
            .collect(),
        max_age,
    })
}

fn prompt(values: &[&str]) -> Result<Prompt, (&'static str, &'static str)> {
    if values.contains(&"none") {
        return if values.len() == 1 { Ok(Prompt::Never) } else { Err(("invalid_request", "prompt=none goes alone")) };
    }
    let must_ask = values.iter().any(|value| matches!(*value, "login" | "select_account"));
    Ok(if must_ask { Prompt::Always } else { Prompt::IfNeeded })
}

fn redirect_url(redirect_uri: &str, pairs: &[(&str, &str)], state: Option<&str>, issuer: &str) -> String {
    let state = state.map(|state| ("state", state));
    let pairs = pairs.iter().copied().chain(state).chain([("iss", issuer)]);
    match Url::parse_with_params(redirect_uri, pairs) {
        Ok(url) => url.into(),
        // Registered addresses are sound.
        Err(_) => redirect_uri.to_owned(),
    }
}

/// Whether a byte may stand in base64url without padding.
pub const fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::super::client::built_in;
    use super::*;

    const ISSUER: &str = "https://datapass.example";
    const VALID: &str = "response_type=code&client_id=datapass\
         &redirect_uri=https%3A%2F%2Fdatapass.example%2Fapi%2Fsign_in%2Fcallback&scope=openid+email&state=s&nonce=n\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

    fn parse(query: &str) -> Result<AuthorizationRequest, RequestError> {
        let parameters = Parameters::parse(query.as_bytes());
        let client = parameters.get("client_id").filter(|id| *id == "datapass").map(|_| built_in(ISSUER));
        AuthorizationRequest::parse(&parameters, client, ISSUER)
    }

    fn error(query: &str) -> String {
        match parse(query) {
            Err(RequestError::Redirect(url)) => {
                assert!(url.starts_with("https://datapass.example/api/sign_in/callback?error="), "{url}");
                assert!(url.ends_with("&state=s&iss=https%3A%2F%2Fdatapass.example"), "{url}");
                let (_, rest) = url.split_once("error=").unwrap();
                rest.split('&').next().unwrap().to_owned()
            }
            other => panic!("{query}: {other:?}"),
        }
    }

    #[test]
    fn a_valid_request_is_read() {
        let authorization = parse(VALID).unwrap();
        assert_eq!(authorization.scope, "openid email");
        // Not for this client, or not known.
        let more = parse(&VALID.replace("openid+email", "openid+offline_access+email+other")).unwrap();
        assert_eq!(more.scope, "openid email");
        assert_eq!(authorization.nonce, "n");
        assert_eq!(authorization.prompt, Prompt::IfNeeded);
        assert_eq!(
            authorization.code_url("c"),
            "https://datapass.example/api/sign_in/callback?code=c&state=s&iss=https%3A%2F%2Fdatapass.example"
        );
    }

    #[test]
    fn an_unknown_client_or_redirect_uri_leads_nowhere() {
        for query in [
            "",
            &VALID.replace("client_id=datapass", "client_id=other"),
            &VALID.replace("client_id=datapass", "client_id=datapass&client_id=datapass"),
            &VALID.replace("callback", "callback%2F"),
            &VALID.replace("callback", "callback%3Fa=b"),
            &VALID.replace("callback", "CALLBACK"),
            &VALID.replace("datapass.example", "datapass.example%40evil.example"),
            &VALID.replace("https%3A%2F%2Fdatapass.example", "https%3A%2F%2Fevil.example"),
            &VALID.replace("https%3A", "http%3A"),
            &format!("{VALID}&redirect_uri=https%3A%2F%2Fevil.example"),
        ] {
            assert!(matches!(parse(query), Err(RequestError::Shown(_))), "{query}");
        }
    }

    #[test]
    fn other_errors_are_sent_to_the_client() {
        assert_eq!(error(&VALID.replace("response_type=code", "response_type=token")), "unsupported_response_type");
        assert_eq!(error(&VALID.replace("response_type=code&", "")), "invalid_request");
        assert_eq!(error(&VALID.replace("openid+", "")), "invalid_scope");
        assert_eq!(error(&VALID.replace("S256", "plain")), "invalid_request");
        assert_eq!(error(&VALID.replace("&code_challenge_method=S256", "")), "invalid_request");
        assert_eq!(error(&VALID.replace("code_challenge=E9", "code_challenge=")), "invalid_request");
        assert_eq!(error(&VALID.replace("E9Mel", "E9+el")), "invalid_request");
        assert_eq!(error(&format!("{VALID}&nonce=n")), "invalid_request");
        assert_eq!(error(&VALID.replace("nonce=n", "nonce=%00")), "invalid_request");
        assert_eq!(error(&format!("{VALID}&prompt=none+login")), "invalid_request");
        assert_eq!(error(&format!("{VALID}&max_age=-1")), "invalid_request");
        assert_eq!(error(&format!("{VALID}&response_mode=fragment")), "invalid_request");
        assert_eq!(error(&format!("{VALID}&request=e30")), "request_not_supported");
    }

    #[test]
    fn prompt_and_max_age_ask_for_the_password_again() {
        let then = NaiveDateTime::default();
        let now = then + chrono::Duration::seconds(60);
        let accepts = |more: &str| {
            let authorization = parse(&format!("{VALID}{more}")).unwrap();
            authorization.accepts(then, now)
        };
        assert!(accepts(""));
        assert!(accepts("&prompt=none"));
        assert!(accepts("&prompt=consent"));
        assert!(accepts("&max_age=60"));
        assert!(!accepts("&max_age=59"));
        assert!(!accepts("&max_age=0"));
        assert!(!accepts("&prompt=login"));
        assert!(!accepts("&prompt=select_account"));
    }

    #[test]
    fn each_interaction_is_shown_once() {
        let authorization =
            parse(&format!("{VALID}&prompt=login+update_userinfo+select_organization+unknown")).unwrap();
        assert_eq!(authorization.interactions, [Interaction::SelectOrganization, Interaction::UpdateUserinfo]);
        let address = authorization.interaction_url(Interaction::SelectOrganization);
        let (path, query) = address.split_once('?').unwrap();
        assert_eq!(path, "/users/select-organization");
        let rest = parse(Destination::from_query(query).as_str()).unwrap();
        assert_eq!(
            (rest.prompt, rest.interactions.as_slice()),
            (Prompt::IfNeeded, [Interaction::UpdateUserinfo].as_slice())
        );
        let (_, query) = rest
            .interaction_url(Interaction::UpdateUserinfo)
            .split_once('?')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        let last = Destination::from_query(&query);
        assert!(!last.as_str().contains("prompt"), "{last:?}");
        assert_eq!(parse(last.as_str()).unwrap().code_url("c"), authorization.code_url("c"));
    }
}
