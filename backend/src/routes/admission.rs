//! Admission control: how many requests of each cost are answered at once.
//!
//! The others are told at once to come back, before their body is read or the database is asked: what is accepted is then
//! answered as fast as before.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::web;

use super::body_places::{self, BodyPlaces};
use super::body_rate;
use crate::auth::address;
use crate::db::within_request;
use crate::error::Error;
use crate::page;
use crate::state::AppState;

/// How many cheap reads are answered at once.
const READS: usize = 256;

/// How many lists, searches and counts.
const LISTS: usize = 64;

/// How many writes. There are fewer places for bodies, so that slow ones keep nobody from writing.
const WRITES: usize = 2 * body_places::ALL;

/// How many forms that whoever is not signed in sends: those of one address, or whose bodies come slowly, do not fill it.
const VISITORS_FORMS: usize = body_places::ALL + 64;

/// Where these are sent to: passwords are costly to check, and a flood of them keeps nobody from writing.
const VISITORS_PATHS: [&str; 4] = ["/connexion", "/users/sign-up", "/users/reset-password", "/users/change-password"];

/// When to come back.
pub(super) const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What is being answered.
pub struct Admission {
    reads: Lane,
    lists: Lane,
    writes: Lane,
    visitors_forms: Lane,
    bodies: Arc<BodyPlaces>,
}

impl Default for Admission {
    fn default() -> Self {
        Self {
            reads: Lane::of(READS),
            lists: Lane::of(LISTS),
            writes: Lane::of(WRITES),
            visitors_forms: Lane::of(VISITORS_FORMS),
            bodies: Arc::default(),
        }
    }
}

impl Admission {
    /// The lane of a request; none for what must always be answered, or costs next to nothing.
    fn lane(&self, request: &ServiceRequest) -> Option<&Lane> {
        let path = request.path();
        if path.starts_with("/assets/") || path.starts_with("/api/health/") || path == "/api/ping" {
            return None;
        }
        if *request.method() != Method::GET {
            return Some(if VISITORS_PATHS.contains(&path) { &self.visitors_forms } else { &self.writes });
        }
        let is_list = matches!(
            path,
            "/api/enrollments"
                | "/api/enrollments/counts"
                | "/api/enrollments/total"
                | "/api/enrollments/public"
                | "/public"
        );
        Some(if is_list || is_search(request) { &self.lists } else { &self.reads })
    }
}

/// Whether words are looked for.
pub(super) fn is_search(request: &ServiceRequest) -> bool {
    request.query_string().split('&').any(|member| member.starts_with("search="))
}

/// Requests of one cost.
struct Lane {
    answered: AtomicUsize,
    most: usize,
}

impl Lane {
    const fn of(most: usize) -> Self {
        Self { answered: AtomicUsize::new(0), most }
    }

    fn enter(&self) -> Option<InFlight<'_>> {
        let before = self.answered.fetch_add(1, Ordering::Relaxed);
        let in_flight = InFlight(self);
        (before < self.most).then_some(in_flight)
    }
}

/// A request that is being answered.
struct InFlight<'a>(&'a Lane);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.answered.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Answers a request, or says to come back.
///
/// # Errors
/// Those of the request.
pub async fn admit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let data =
        (request.app_data::<web::Data<AppState>>().cloned(), request.app_data::<web::Data<Admission>>().cloned());
    let (Some(state), Some(admission)) = data else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let in_flight = match admission.lane(&request) {
        None => None,
        Some(lane) => match lane.enter() {
            Some(in_flight) => Some(in_flight),
            None => return Ok(refused(request, &state).map_into_right_body()),
        },
    };
    let request = if has_body(&request) {
        let address = address::caller(request.request(), &state).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        match admission.bodies.take(address) {
            Some(place) => body_rate::require(request, body_rate::MINIMUM_RATE, place),
            None => return Ok(refused(request, &state).map_into_right_body()),
        }
    } else {
        request
    };
    let response = within_request(next.call(request)).await;
    drop(in_flight);
    Ok(response?.map_into_left_body())
}

fn has_body(request: &ServiceRequest) -> bool {
    let headers = request.headers();
    let length = headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0");
    length || headers.contains_key(header::TRANSFER_ENCODING)
}

fn refused(request: ServiceRequest, state: &AppState) -> ServiceResponse {
    let title = "DataPass est très sollicité";
    let text = "Revenez sur cette page dans quelques secondes.";
    retry_later(request, state, Error::Overloaded(RETRY_AFTER), title, text)
}

/// Says when to come back: as problem details, or as a page for a browser.
pub(super) fn retry_later(
    request: ServiceRequest,
    state: &AppState,
    error: Error,
    title: &str,
    text: &str,
) -> ServiceResponse {
    if request.path().starts_with("/api/") {
        return request.error_response(error);
    }
    let status = StatusCode::from_u16(error.code().status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    match page::message(state, status, title, text) {
        Ok(mut response) => {
            if let Some(wait) = error.retry_after() {
                response.headers_mut().insert(header::RETRY_AFTER, (wait.as_secs() + 1).into());
            }
            request.into_response(response)
        }
        Err(error) => request.error_response(error),
    }
}
