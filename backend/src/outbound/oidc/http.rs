//! HTTP towards the provider: with time-outs, without redirects (they would let it point us anywhere), with a cap on
//! what it may answer. Also how its errors are told to the log.

use std::error::Error as StdError;
use std::net::IpAddr;
use std::time::Duration;

use openidconnect::core::CoreErrorResponseType;
use openidconnect::http::Response;
use openidconnect::{
    DiscoveryError, HttpClientError, HttpRequest, HttpResponse, RequestTokenError, StandardErrorResponse, UserInfoError,
};

use super::Failure;
use crate::outbound::{self, Unread};

/// What calls return.
pub type CallError = HttpClientError<reqwest::Error>;

/// An HTTP client.
pub struct Http {
    client: reqwest::Client,
    rewrite: Option<Rewrite>,
}

/// Sends what goes to our public name to where we listen.
struct Rewrite {
    public: String,
    internal: String,
}

impl Http {
    /// Towards another machine.
    pub fn outwards() -> anyhow::Result<Self> {
        Ok(Self { client: builder().build()?, rewrite: None })
    }

    /// Towards our own endpoints: our public name may not resolve from here, or lead through a proxy that is not for us.
    pub fn to_ourselves(public_url: &str, host: &str, port: u16) -> anyhow::Result<Self> {
        let host = match host.parse::<IpAddr>() {
            Ok(address) if address.is_unspecified() => "127.0.0.1".to_owned(),
            Ok(IpAddr::V6(address)) => format!("[{address}]"),
            Ok(IpAddr::V4(address)) => address.to_string(),
            Err(_) => host.to_owned(),
        };
        let rewrite = Rewrite { public: public_url.to_owned(), internal: format!("http://{host}:{port}") };
        Ok(Self { client: builder().no_proxy().build()?, rewrite: Some(rewrite) })
    }

    /// One call.
    pub async fn call(&self, request: HttpRequest) -> Result<HttpResponse, CallError> {
        let (parts, body) = request.into_parts();
        let url = self.destination(parts.uri.to_string());
        let sent = self.client.request(parts.method, url).headers(parts.headers).body(body).send();
        let answer = sent.await.map_err(Box::new)?;
        let mut response = Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            headers.clone_from(answer.headers());
        }
        let body = outbound::body(answer).await.map_err(|unread| match unread {
            Unread::Interrupted(error) => HttpClientError::Reqwest(Box::new(error)),
            Unread::TooLong => HttpClientError::Other("the answer is too long".to_owned()),
        })?;
        Ok(response.body(body)?)
    }

    fn destination(&self, url: String) -> String {
        match &self.rewrite {
            Some(Rewrite { public, internal }) => match url.strip_prefix(public.as_str()) {
                Some(path) if path.starts_with('/') => format!("{internal}{path}"),
                _ => url,
            },
            None => url,
        }
    }
}

fn builder() -> reqwest::ClientBuilder {
    outbound::builder().timeout(Duration::from_secs(10))
}

/// An error and what caused it, in one line.
pub fn chain(what: &str, error: &dyn StdError) -> Failure {
    let mut text = format!("{what}: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    Failure(text)
}

/// Why the provider could not be discovered.
pub fn discovery_failure(error: &DiscoveryError<CallError>) -> Failure {
    chain("the OpenID provider cannot be discovered", error)
}

/// Why no token was had. What cannot be parsed is told by its place alone: it may hold a token.
pub fn token_failure(error: &RequestTokenError<CallError, StandardErrorResponse<CoreErrorResponseType>>) -> Failure {
    match error {
        RequestTokenError::Parse(error, _) => Failure(format!("the token answer is unreadable at {}", error.path())),
        RequestTokenError::ServerResponse(error) => {
            Failure(format!("the provider refuses the code: {}", error.error().as_ref()))
        }
        RequestTokenError::Request(_) | RequestTokenError::Other(_) => chain("no token could be had", error),
    }
}

/// Why the claims were not had. What cannot be parsed is told by its place alone: it is personal.
pub fn userinfo_failure(error: &UserInfoError<CallError>) -> Failure {
    match error {
        UserInfoError::Parse(error) => Failure(format!("the userinfo answer is unreadable at {}", error.path())),
        UserInfoError::Response(status, ..) => Failure(format!("the userinfo endpoint answers {status}")),
        _ => chain("the userinfo answer is not acceptable", error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_to_our_public_name_stays_in_the_machine() {
        for (host, expected) in [
            ("0.0.0.0", "http://127.0.0.1:8080/oauth/token"),
            ("::", "http://127.0.0.1:8080/oauth/token"),
            ("10.1.2.3", "http://10.1.2.3:8080/oauth/token"),
            ("::1", "http://[::1]:8080/oauth/token"),
            ("localhost", "http://localhost:8080/oauth/token"),
        ] {
            let http = Http::to_ourselves("https://datapass.example", host, 8080).unwrap();
            assert_eq!(http.destination("https://datapass.example/oauth/token".to_owned()), expected);
            let foreign = "https://datapass.example.org/oauth/token";
            assert_eq!(http.destination(foreign.to_owned()), foreign);
        }
    }
}
