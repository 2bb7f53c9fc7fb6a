//! The rate limits of every request: who is counted, and what the answer says of it (`RateLimit` and `RateLimit-Policy`,
//! draft-ietf-httpapi-ratelimit-headers-10).

use std::fmt::Write as _;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, web};

use super::admission;
use crate::auth::{self, Identified, address};
use crate::config::Quotas;
use crate::error::Error;
use crate::rate_limits::{Limit, Standing, Subject};
use crate::state::AppState;

const MINUTE: i64 = 60;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

const CALLS: &str = "calls";
const SEARCHES: &str = "searches";
const SIGN_IN_PAGES: &str = "sign-in-pages";

/// Counts a request, and refuses one too many with 429.
///
/// Whose a session or a token is, the answer to its first request tells: no statement is spent on it.
///
/// # Errors
/// Those of the request.
pub async fn limit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let state = request.app_data::<web::Data<AppState>>().cloned();
    let Some(state) = state.filter(|_| is_counted(request.path())) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let credential = auth::credential(request.request(), &state);
    let owner = credential.as_deref().and_then(|credential| state.rate_limits.owner(credential));
    let subject = match (owner, address::visitor(request.request(), &state)) {
        (Some(id), _) => Some(Subject::Person(id)),
        (None, Some(address)) if credential.is_none() => Some(Subject::Visitors(address)),
        (None, address) => address.map(Subject::Unidentified),
    };
    let kind = RequestKind::of(&request);
    let is_identified = !matches!(subject, Some(Subject::Unidentified(_)));
    let mut standings = match subject {
        Some(subject) if is_identified => kind.count(&state, subject),
        Some(subject) => kind.standings(&state, subject),
        None => Vec::new(),
    };
    if let Some(exceeded) = standings.iter().find(|standing| standing.is_exceeded()) {
        let mut response = refused(request, &state, exceeded);
        set_headers(&mut response, &standings);
        return Ok(response.map_into_right_body());
    }
    let mut response = next.call(request).await?;
    if owner.is_none()
        && let Some(credential) = credential
    {
        let identified = response.request().extensions().get::<Identified>().copied();
        if let Some(Identified(id)) = identified {
            state.rate_limits.remember_owner(&credential, id);
            standings = kind.count(&state, Subject::Person(id));
        } else if let Some(subject) = subject {
            standings = kind.count(&state, subject);
        }
    }
    set_headers(&mut response, &standings);
    Ok(response.map_into_left_body())
}

/// What must always be answered, or costs next to nothing, is not counted; nor is what the mail service tells, which shows a
/// secret.
fn is_counted(path: &str) -> bool {
    !(path.starts_with("/assets/")
        || path.starts_with("/api/health/")
        || matches!(path, "/api/ping" | "/api/mailjet/events"))
}

/// What sort of request it is.
#[derive(Clone, Copy)]
struct RequestKind {
    is_search: bool,
    is_sign_in: bool,
}

impl RequestKind {
    fn of(request: &ServiceRequest) -> Self {
        Self { is_search: admission::is_search(request), is_sign_in: request.path() == "/api/sign_in" }
    }

    /// Counts it under each of its limits.
    fn count(self, state: &AppState, subject: Subject) -> Vec<Standing> {
        self.limits(state.config.quotas, subject).map(|limit| state.rate_limits.count(limit, subject)).collect()
    }

    /// How it would stand.
    fn standings(self, state: &AppState, subject: Subject) -> Vec<Standing> {
        let limits = self.limits(state.config.quotas, subject);
        limits.map(|limit| state.rate_limits.standing(limit, subject)).collect()
    }

    fn limits(self, quotas: Quotas, subject: Subject) -> impl Iterator<Item = Limit> {
        let calls = if matches!(subject, Subject::Person(_)) { quotas.calls } else { quotas.visitor_calls };
        let limits = [
            (true, CALLS, calls),
            (self.is_search, SEARCHES, quotas.searches),
            (self.is_sign_in, SIGN_IN_PAGES, quotas.sign_in_pages),
        ];
        let of_this = limits.into_iter().filter(|(applies, ..)| *applies);
        of_this.map(|(_, name, most)| Limit { name, most, seconds: MINUTE })
    }
}

fn refused(request: ServiceRequest, state: &AppState, exceeded: &Standing) -> ServiceResponse {
    let what = match exceeded.limit.name {
        SEARCHES => "recherches",
        SIGN_IN_PAGES => "connexions",
        _ => "appels",
    };
    let (most, wait) = (exceeded.limit.most, exceeded.resets_in);
    let detail = format!("Plus de {most} {what} en une minute\u{a0}: réessayez dans {wait} secondes.");
    let error = Error::TooManyCalls(detail.clone(), exceeded.wait());
    admission::retry_later(request, state, error, "Trop de pages demandées en une minute", &detail)
}

fn set_headers(response: &mut ServiceResponse<impl MessageBody>, standings: &[Standing]) {
    if standings.is_empty() || !response.request().path().starts_with("/api/") {
        return;
    }
    let (mut policy, mut left) = (String::with_capacity(64), String::with_capacity(64));
    for standing in standings {
        let Limit { name, most, seconds } = standing.limit;
        let comma = if policy.is_empty() { "" } else { ", " };
        // Writing to a text cannot fail.
        _ = write!(policy, "{comma}\"{name}\";q={most};w={seconds}");
        _ = write!(left, "{comma}\"{name}\";r={};t={}", standing.left(), standing.resets_in);
    }
    for (name, value) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, left)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
}
