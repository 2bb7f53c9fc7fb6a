//! The authorization request: what it must hold, and what it is answered. Pure.

use chrono::NaiveDateTime;
use openidconnect::url::Url;

use super::client::Client;
use super::next::Next;
use super::parameters::Parameters;

/// A sound request to sign somebody in.
#[derive(Debug)]
pub struct Authorization {
    /// Who asks.
    pub client: Client,
    /// Where to send the code.
    pub redirect_uri: String,
    /// What the code shall give access to.
    pub scope: String,
    /// What the ID token must repeat; empty where nothing was asked.
    pub nonce: String,
    /// What the client's verifier must hash to.
    pub code_challenge: String,
    /// The address to propose.
    pub login_hint: Option<String>,
    /// Whether the page may be shown, must be, or as one likes.
    pub prompt: Prompt,
    /// The pages that the client wants shown on the way, in that order.
    pub detours: Vec<Detour>,
    parameters: Parameters,
    max_age: Option<u32>,
    state: Option<String>,
    issuer: String,
}

/// When the sign-in page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// When nobody is signed in.
    IfNeeded,
    /// In any case.
    Always,
    /// Never: who is not signed in is sent back.
    Never,
}

/// A page that a client may have shown on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detour {
    /// Opening an account, whether or not somebody is signed in (Initiating User Registration via OpenID Connect 1.0).
    SignUp,
    /// Choosing whom to speak for.
    Organization,
    /// Correcting what the account says of its owner.
    Personal,
}

impl Detour {
    const ALL: [Self; 3] = [Self::SignUp, Self::Organization, Self::Personal];

    /// What asks for it, in `prompt`.
    pub const fn prompt(self) -> &'static str {
        match self {
            Self::SignUp => "create",
            Self::Organization => "select_organization",
            Self::Personal => "update_userinfo",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::SignUp => "/users/sign-up",
            Self::Organization => "/users/select-organization",
            Self::Personal => "/users/personal-information",
        }
    }
}

/// Why a request is refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not known where it comes from: it is answered here, and nobody is sent anywhere.
    Here(&'static str),
    /// The client is told, at this address.
    Redirect(String),
}

impl Authorization {
    /// Reads a request that `client` sends to the provider at `issuer`.
    pub fn parse(parameters: &Parameters, client: Option<Client>, issuer: &str) -> Result<Self, Refusal> {
        let client = client.ok_or(Refusal::Here("Le service qui demande la connexion n’est pas connu."))?;
        let redirect_uri = parameters
            .get("redirect_uri")
            .filter(|uri| client.redirect_uris.iter().any(|known| known == uri))
            .ok_or(Refusal::Here("L’adresse de retour demandée n’est pas celle du service."))?
            .to_owned();
        let state = parameters.get("state").map(str::to_owned);
        match checked(parameters) {
            Ok(Checked { scope, code_challenge, prompt, detours, max_age }) => Ok(Self {
                scope: client.granted(&scope),
                client,
                redirect_uri,
                nonce: parameters.get("nonce").unwrap_or_default().to_owned(),
                code_challenge,
                login_hint: parameters.get("login_hint").map(str::to_owned),
                prompt,
                detours,
                parameters: parameters.clone(),
                max_age,
                state,
                issuer: issuer.to_owned(),
            }),
            Err((error, description)) => Err(Refusal::Redirect(answer(
                &redirect_uri,
                &[("error", error), ("error_description", description)],
                state.as_deref(),
                issuer,
            ))),
        }
    }

    /// Whether somebody who gave their password at that time need not give it again.
    pub fn accepts(&self, authenticated_at: NaiveDateTime, now: NaiveDateTime) -> bool {
        let is_recent = match self.max_age {
            None => true,
            Some(seconds) => now - authenticated_at <= chrono::Duration::seconds(i64::from(seconds)),
        };
        is_recent && self.prompt != Prompt::Always
    }

    /// Where to send the browser with a code.
    pub fn granted(&self, code: &str) -> String {
        answer(&self.redirect_uri, &[("code", code)], self.state.as_deref(), &self.issuer)
    }

    /// Where to send the browser when a page would have to be shown and none may be: `login_required`, say.
    pub fn needs(&self, error: &str) -> String {
        answer(&self.redirect_uri, &[("error", error)], self.state.as_deref(), &self.issuer)
    }

    /// Where that page is, with what is left of the request to go on with: it is not shown twice, nor is the password
    /// asked for twice.
    pub fn by_way_of(&self, detour: Detour) -> String {
        let others = self.detours.iter().filter(|other| **other != detour).map(|other| other.prompt());
        let rest = self.parameters.with("prompt", &others.collect::<Vec<_>>().join(" "));
        Next::new(rest).after(detour.path())
    }

    /// Whether the client is told which organisation somebody speaks for.
    pub fn names_organization(&self) -> bool {
        self.scope.split(' ').any(|scope| scope == "organization")
    }
}

struct Checked {
    scope: String,
    code_challenge: String,
    prompt: Prompt,
    detours: Vec<Detour>,
    max_age: Option<u32>,
}

/// Everything but where it comes from; an error is its OAuth code and a word for the developer of the client.
fn checked(parameters: &Parameters) -> Result<Checked, (&'static str, &'static str)> {
    if parameters.has_bad() {
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
    Ok(Checked {
        scope: scope.to_owned(),
        code_challenge: code_challenge.to_owned(),
        prompt: prompt(&prompts)?,
        detours: Detour::ALL.into_iter().filter(|detour| prompts.contains(&detour.prompt())).collect(),
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

fn answer(redirect_uri: &str, pairs: &[(&str, &str)], state: Option<&str>, issuer: &str) -> String {
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
    const SOUND: &str = "response_type=code&client_id=datapass\
         &redirect_uri=https%3A%2F%2Fdatapass.example%2Fapi%2Fsign_in%2Fcallback&scope=openid+email&state=s&nonce=n\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

    fn parse(query: &str) -> Result<Authorization, Refusal> {
        let parameters = Parameters::parse(query.as_bytes());
        let client = parameters.get("client_id").filter(|id| *id == "datapass").map(|_| built_in(ISSUER));
        Authorization::parse(&parameters, client, ISSUER)
    }

    fn error(query: &str) -> String {
        match parse(query) {
            Err(Refusal::Redirect(url)) => {
                assert!(url.starts_with("https://datapass.example/api/sign_in/callback?error="), "{url}");
                assert!(url.ends_with("&state=s&iss=https%3A%2F%2Fdatapass.example"), "{url}");
                let (_, rest) = url.split_once("error=").unwrap();
                rest.split('&').next().unwrap().to_owned()
            }
            other => panic!("{query}: {other:?}"),
        }
    }

    #[test]
    fn a_sound_request_is_read() {
        let authorization = parse(SOUND).unwrap();
        assert_eq!(authorization.scope, "openid email");
        // Not for this client, or not known.
        let more = parse(&SOUND.replace("openid+email", "openid+offline_access+email+other")).unwrap();
        assert_eq!(more.scope, "openid email");
        assert_eq!(authorization.nonce, "n");
        assert_eq!(authorization.prompt, Prompt::IfNeeded);
        assert_eq!(
            authorization.granted("c"),
            "https://datapass.example/api/sign_in/callback?code=c&state=s&iss=https%3A%2F%2Fdatapass.example"
        );
    }

    #[test]
    fn who_is_not_known_is_sent_nowhere() {
        for query in [
            "",
            &SOUND.replace("client_id=datapass", "client_id=other"),
            &SOUND.replace("client_id=datapass", "client_id=datapass&client_id=datapass"),
            &SOUND.replace("callback", "callback%2F"),
            &SOUND.replace("callback", "callback%3Fa=b"),
            &SOUND.replace("callback", "CALLBACK"),
            &SOUND.replace("datapass.example", "datapass.example%40evil.example"),
            &SOUND.replace("https%3A%2F%2Fdatapass.example", "https%3A%2F%2Fevil.example"),
            &SOUND.replace("https%3A", "http%3A"),
            &format!("{SOUND}&redirect_uri=https%3A%2F%2Fevil.example"),
        ] {
            assert!(matches!(parse(query), Err(Refusal::Here(_))), "{query}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_to_the_client() {
        assert_eq!(error(&SOUND.replace("response_type=code", "response_type=token")), "unsupported_response_type");
        assert_eq!(error(&SOUND.replace("response_type=code&", "")), "invalid_request");
        assert_eq!(error(&SOUND.replace("openid+", "")), "invalid_scope");
        assert_eq!(error(&SOUND.replace("S256", "plain")), "invalid_request");
        assert_eq!(error(&SOUND.replace("&code_challenge_method=S256", "")), "invalid_request");
        assert_eq!(error(&SOUND.replace("code_challenge=E9", "code_challenge=")), "invalid_request");
        assert_eq!(error(&SOUND.replace("E9Mel", "E9+el")), "invalid_request");
        assert_eq!(error(&format!("{SOUND}&nonce=n")), "invalid_request");
        assert_eq!(error(&SOUND.replace("nonce=n", "nonce=%00")), "invalid_request");
        assert_eq!(error(&format!("{SOUND}&prompt=none+login")), "invalid_request");
        assert_eq!(error(&format!("{SOUND}&max_age=-1")), "invalid_request");
        assert_eq!(error(&format!("{SOUND}&response_mode=fragment")), "invalid_request");
        assert_eq!(error(&format!("{SOUND}&request=e30")), "request_not_supported");
    }

    #[test]
    fn the_password_is_asked_again_when_the_client_wants_it() {
        let then = NaiveDateTime::default();
        let now = then + chrono::Duration::seconds(60);
        let accepts = |more: &str| {
            let authorization = parse(&format!("{SOUND}{more}")).unwrap();
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
    fn a_page_on_the_way_is_shown_once() {
        let authorization =
            parse(&format!("{SOUND}&prompt=login+update_userinfo+select_organization+unknown")).unwrap();
        assert_eq!(authorization.detours, [Detour::Organization, Detour::Personal]);
        let address = authorization.by_way_of(Detour::Organization);
        let (path, query) = address.split_once('?').unwrap();
        assert_eq!(path, "/users/select-organization");
        let rest = parse(Next::of(query).as_str()).unwrap();
        assert_eq!((rest.prompt, rest.detours.as_slice()), (Prompt::IfNeeded, [Detour::Personal].as_slice()));
        let (_, query) =
            rest.by_way_of(Detour::Personal).split_once('?').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let last = Next::of(&query);
        assert!(!last.as_str().contains("prompt"), "{last:?}");
        assert_eq!(parse(last.as_str()).unwrap().granted("c"), authorization.granted("c"));
    }
}
